"""Checks of chapter 08, activity penalties before the activation."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_model, require_no_mistake


@exercise("before the ReLU all sums count, after it only the positive ones; both are divided by the samples.")
def check_two_places(after: float, before: float) -> None:
    """Check L1(0.1) after and before a ReLU on the sums [[2, −1, 0.5], [−4, 0.5, 1]], per sample.

    Parameters
    ----------
    after, before : float
        The reader's answers.

    Examples
    --------
    >>> check_two_places(0.4, 0.9)
    Not yet: after: Keras divides the sum over the batch by its 2 samples.
    """
    for name, found, expected in (("after", after, 0.2), ("before", before, 0.45)):
        require_close(np.shape(found), (), f"the shape of {name}")
        mistakes = [
            (2 * expected, f"{name}: Keras divides the sum over the batch by its 2 samples"),
            (expected / 3, f"{name}: the units are summed, only the samples are averaged"),
            (10 * expected, f"{name}: the strength 0.1 is missing"),
            (0.65 - expected, f"{name}: that is the other place"),
            (-0.05, f"{name}: L1 takes absolute values, nothing cancels"),
        ]
        require_no_mistake(found, mistakes)
        require_close(found, expected, name)


@exercise("the penalty sits on the sums now: on the linear layer, with the ReLU in a layer of its own.")
def check_penalty_before(build: Callable[[], Any]) -> None:
    """Check a builder of a network whose hidden ReLU layers have L1(0.01) on their weighted sums.

    Parameters
    ----------
    build : callable
        The reader's builder; it returns a Keras model with 2 inputs and two hidden layers of 8.

    Examples
    --------
    >>> import keras
    >>> from course_utils.models import mlp
    >>> l1 = keras.regularizers.L1(0.01)
    >>> check_penalty_before(lambda: mlp((8, 8), activity_regularizer=l1))
    Not yet: the penalty is that of what comes out of the ReLUs; it must see the sums before them.
    """
    model = build()
    require_model(model, "build")
    weights = [np.asarray(w) for w in model.get_weights()]
    shapes = [w.shape for w in weights]
    expected_shapes = [(2, 8), (8,), (8, 8), (8,), (8, 1), (1,)]
    require(shapes == expected_shapes, f"the weights must stay of shapes {expected_shapes}, got {shapes}")
    random = np.random.default_rng(8)
    weights = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    model.set_weights(weights)
    x = random.normal(size=(6, 2)).astype(np.float32)
    first, second, answer = _by_hand(weights, x)
    found = np.asarray(model(x))
    all_linear = _by_hand(weights, x, relu=False)[2]
    require(not np.allclose(found, all_linear, atol=1e-4), "there is no ReLU in the network any more")
    require_close(found, answer, "the network's output", rtol=1e-3, atol=1e-4)
    require(len(model.losses), "the model has no penalty: model.losses is empty")
    penalty = float(sum(model.losses))
    per_sample = 0.01 / len(x)
    after = per_sample * sum(np.maximum(z, 0).sum() for z in (first, second))
    before = per_sample * sum(np.abs(z).sum() for z in (first, second))
    mistakes = [
        (after, "the penalty is that of what comes out of the ReLUs; it must see the sums before them"),
        (after + before, "the sums are penalized, and what comes out of the ReLUs as well"),
        (per_sample * np.abs(first).sum(), "only the first hidden layer has the penalty"),
        (per_sample * np.abs(second).sum(), "only the second hidden layer has the penalty"),
    ]
    require_no_mistake(penalty, mistakes, rtol=1e-3)
    require_close(penalty, before, "the penalty", rtol=1e-3)


@exercise("a leaky ReLU lets a penalty behind it pull on negative sums, too, with the share of its leak.")
def check_leaky_slope(leaky_slope: Callable[[np.ndarray, float, float], np.ndarray]) -> None:
    """Check the slope, by the weighted sum z, of L1 after a leaky ReLU.

    Parameters
    ----------
    leaky_slope : callable
        The reader's function of z, the strength λ and the leak α. The answer is λ if z > 0, −λα if z < 0.

    Examples
    --------
    >>> check_leaky_slope(lambda z, strength, leak: strength * (z > 0))
    Not yet: for z < 0 the output is the leak times z, not zero, and L1 pulls on it.
    """
    z, strength, leak = np.array([-3.0, -0.5, 0.5, 2.0]), 0.2, 0.1
    found = leaky_slope(z, strength, leak)
    require(found is not ..., "put your answer where the three dots are")
    positive = strength * (z > 0)
    expected = positive - strength * leak * (z < 0)
    mistakes = [
        (positive, "for z < 0 the output is the leak times z, not zero, and L1 pulls on it"),
        (strength * np.sign(z), "that is the penalty before the activation; here the leak scales its slope"),
        (positive + strength * leak * (z < 0), "for z < 0 the penalty falls when z rises: look at the sign"),
        (expected / strength, "the strength is missing"),
        (strength * np.where(z > 0, z, -leak * z), "that is the penalty; its slope is asked for"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, expected, "leaky_slope([-3, -0.5, 0.5, 2], 0.2, 0.1)")


def _by_hand(weights: list, x: np.ndarray, relu: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sums of both hidden layers and the output, a sigmoid."""
    k1, b1, k2, b2, k3, b3 = weights
    bend = (lambda z: np.maximum(z, 0)) if relu else (lambda z: z)
    first = x @ k1 + b1
    second = bend(first) @ k2 + b2
    return first, second, 1 / (1 + np.exp(-(bend(second) @ k3 + b3)))
