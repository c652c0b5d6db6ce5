"""Checks of chapter 14, how dropout works."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("Keras is told the share to drop, and the survivors are divided by the share that is kept.")
def check_kept_share(rate_and_factor: Callable[[float], tuple[float, float]]) -> None:
    """Check Keras' rate and the factor of the survivors for a share that is kept, 1 − k and 1/k.

    Parameters
    ----------
    rate_and_factor : callable
        The reader's function of the share k that is kept; it returns the rate and the factor.

    Examples
    --------
    >>> check_kept_share(lambda kept: (kept, 1 / kept))
    Not yet: that rate drops what should be kept: Keras' rate is the share that is dropped.
    """
    found = rate_and_factor(0.8)
    require(found is not ..., "put your answer where the three dots are")
    require(
        isinstance(found, (tuple, list)) and len(found) == 2,
        f"return two numbers, the rate and the factor, got {found!r}",
    )
    rate, factor = found
    require_no_mistake(
        rate, [(0.8, "that rate drops what should be kept: Keras' rate is the share that is dropped")]
    )
    require_close(rate, 0.2, "the rate for a kept share of 0.8")
    mistakes = [
        (0.8, "multiplying by that makes the survivors smaller; the mean would fall twice"),
        (5.0, "the survivors are divided by the share that is kept, not by the rate"),
        (1.0, "the survivors must make up for what is dropped"),
    ]
    require_no_mistake(factor, mistakes)
    require_close(factor, 1.25, "the factor for a kept share of 0.8")
    require_close(rate_and_factor(0.5), (0.5, 2.0), "rate and factor for a kept share of 0.5")


@exercise("dropout charges each input by its mean square, so its units do not matter.")
def check_input_strengths(input_strengths: Callable[[np.ndarray, float], Any]) -> None:
    """Check the strength of L2 that dropout gives each input of a linear regression, p/(1−p)·mean(x²).

    Parameters
    ----------
    input_strengths : callable
        The reader's function of the inputs, shape (n_rows, n_inputs), and the rate p; the loss is the mean
        squared error. It returns one strength per input.

    Examples
    --------
    >>> check_input_strengths(lambda x, rate: rate / (1 - rate) * (x**2).sum(axis=0))
    Not yet: that belongs to the sum of the squared errors; Keras' loss is their mean over the rows.
    """
    x = np.array([[1.0, -2.0], [3.0, 0.5], [-1.0, 1.0], [2.0, 4.0], [2.0, -1.0]])
    rate, squares = 0.2, x**2
    found, expected = input_strengths(x, rate), 0.25 * squares.mean(axis=0)
    require(found is not ..., "put your answer where the three dots are")
    found = np.asarray(found)
    mistakes = [
        (
            0.25 * squares.sum(axis=0),
            "that belongs to the sum of the squared errors; Keras' loss is their mean over the rows",
        ),
        (squares.mean(axis=0), "the rate is missing"),
        (rate * squares.mean(axis=0), "divide by the share that is kept, 1 - rate"),
        (4.0 * squares.mean(axis=0), "the fraction is upside down: a rate of 0 must charge nothing"),
        (0.25 * squares.mean(), "that is one number for all inputs; every input has a strength of its own"),
        (0.25 * squares.mean(axis=1), "that is one strength per row; average over the rows instead"),
        (0.25 * x.mean(axis=0) ** 2, "square first, then take the mean"),
        (0.25 * x.var(axis=0), "not the variance: dropout pulls toward zero, not toward the mean"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, expected, "input_strengths(x, 0.2)")
    require_close(input_strengths(x, 0.5), squares.mean(axis=0), "input_strengths(x, 0.5)")


@exercise("many masks for each point, and then one mean per point.")
def check_mean_over_masks(predict: Callable[[Any, np.ndarray, int], Any]) -> None:
    """Check a prediction averaged over many masks, on a model whose average is known.

    Parameters
    ----------
    predict : callable
        The reader's function of a Keras model, inputs and the number of masks; it returns the mean over the
        masks for each row.

    Examples
    --------
    >>> check_mean_over_masks(lambda model, x, masks: model.predict(x, verbose=0))
    Not yet: that is the prediction with dropout off; call the model with training=True.
    """
    import keras  # takes seconds, and no other check needs it

    layers = [keras.Input((1,)), keras.layers.Dropout(0.5, seed=3), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.set_weights([np.array([[2.0]]), np.array([0.0])])
    x = np.array([[-1.0], [0.5], [1.0]], dtype=np.float32)
    found = predict(model, x, 4000)
    require(found is not ..., "put your answer where the three dots are")
    require(found is not None, "nothing is returned; return the mean")
    found = np.asarray(found)
    require(
        found.size == 3,
        f"one number for each of the 3 rows is wanted, got an array of shape {found.shape}: which axis are "
        "the masks?",
    )
    found = found.astype(float).ravel()
    kept, off = (1 / (1 + np.exp(-factor * x[:, 0])) for factor in (4, 2))
    close = np.abs(found[:, np.newaxis] - np.stack([kept, np.full(3, 0.5)], axis=1)).min(axis=1)
    require(
        not np.allclose(found, off, atol=1e-4),
        "that is the prediction with dropout off; call the model with training=True",
    )
    require(close.max() > 1e-4, "every number comes from a single mask; call the model with many")
    require_close(found, (kept + 0.5) / 2, "the mean over 4000 masks", atol=0.03)
