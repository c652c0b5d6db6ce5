"""Checks of chapter 04, Keras' regularizers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_model, require_no_mistake


@exercise("what counts is one penalty per trainable variable that has a regularizer, whatever its value.")
def check_penalty_list(count: int, total: float) -> None:
    """Check how many penalties `model.losses` of the exercise's model holds, and their sum.

    The model: a layer used twice with L2(0.1) on a 2 by 2 kernel and L1(0.1) on its bias, a layer with
    L1L2(0.1) on a 2 by 3 kernel, a frozen layer with "l2" on a 3 by 4 kernel, an output layer with "l1l2" on
    a 4 by 1 kernel. Kernels are ones, biases are zeros.

    Parameters
    ----------
    count : int
        The reader's number of penalties.
    total : float
        The reader's sum of them.

    Examples
    --------
    >>> check_penalty_list(6, 1.0)
    Not yet: 6 counts the penalties of the layer that is used twice, twice; its weights are there once.
    """
    require_no_mistake(
        count,
        [
            (7, "7 counts the layer that is used twice, twice, and the frozen layer"),
            (6, "6 counts the penalties of the layer that is used twice, twice; its weights are there once"),
            (5, "5 is one too many; only trainable variables are penalized, each of them once"),
            (3, "3 is one too few; a penalty of zero is on the list, too"),
            (2, "2 are above zero; a bias of zero and a strength of zero are on the list, too"),
        ],
    )
    require_close(count, 4, "count")
    require_no_mistake(
        total,
        [
            (1.4, "1.4 counts the layer that is used twice, twice; its weights are there once"),
            (1.6, "1.6 takes L1L2(0.1) for both penalties; the second strength is 0 unless you name it"),
            (1.12, "1.12 includes the frozen layer; only trainable variables are penalized"),
            (1.08, 'the string "l1l2" means a strength of 0, not 0.01'),
            (1.04, 'the string "l1l2" means a strength of 0, not 0.01'),
            (0.7, "0.7 halves the sum of squares; Keras' L2 has no factor 1/2"),
        ],
    )
    require_close(total, 1.0, "total")


@exercise("the third positional argument of Dense is use_bias, and a regularizer there only means yes.")
def check_penalized_builder(build: Callable[[], Any]) -> None:
    """Check a builder that must put L2(0.01) on every kernel of a network with ReLU layers and free biases.

    Parameters
    ----------
    build : callable
        Takes nothing and returns a `keras.Model` of Dense layers.

    Examples
    --------
    >>> check_penalized_builder(lambda: None)
    Not yet: build must return a Keras model, got NoneType.
    """
    model = build()
    require_model(model, "build")
    layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
    for layer in layers:
        _require_l2_kernel(layer)
    penalties, n = [float(loss) for loss in model.losses], len(layers)
    require(len(penalties) == n, f"{n} kernels need as many penalties, got {len(penalties)}")
    squares = sum(np.square(layer.kernel.numpy()).sum() for layer in layers)
    require_close(sum(penalties), 0.01 * squares, "the sum of model.losses", rtol=1e-4)


def _require_l2_kernel(layer: Any) -> None:
    """End the check if a layer of the repaired network is not what it was meant to be."""
    name, output = layer.name, layer.units == 1
    wanted = "sigmoid" if output else "relu"
    activation = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    require(activation == wanted, f"the activation of {name} must be {wanted}, it is {activation}")
    require(layer.use_bias, f"{name} has lost its bias")
    require(
        layer.activity_regularizer is None, f"{name} penalizes its outputs; the exercise asks for its kernel"
    )
    require(layer.bias_regularizer is None, f"{name} penalizes its bias; the biases go free here")
    require(
        layer.kernel_regularizer is None or layer.kernel.regularizer is not None,
        f"{name} was told of its regularizer after it was built, which does nothing",
    )
    require(
        layer.kernel.regularizer is not None,
        f"no penalty reaches the kernel of {name}; see which argument of Dense the regularizer lands in",
    )


@exercise("a new model with the old weights is the way to add a penalty that is also saved.")
def check_with_penalty(with_penalty: Callable[[Any, Any], Any], model: Any, penalty: Any) -> None:
    """Check a function that returns a copy of a trained model with a penalty on every kernel.

    Parameters
    ----------
    with_penalty : callable
        The reader's function of a model and a regularizer.
    model : keras.Model
        A model of Dense layers without any penalty.
    penalty : keras.regularizers.Regularizer
        What every kernel is to get; biases go free.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(losses=[], layers=[])
    >>> check_with_penalty(lambda model, penalty: model, model, None)
    Not yet: that is the model itself; return a copy and leave the original as it is.
    """
    copy = with_penalty(model, penalty)
    require(copy is not ..., "put your answer where the three dots are")
    require(copy is not model, "that is the model itself; return a copy and leave the original as it is")
    require_model(copy, "with_penalty")
    require(not model.losses, "the original has a penalty now; only the copy must have it")
    require(copy.losses, "the copy has no penalty; a built layer does not look at kernel_regularizer again")
    layers = [layer for layer in copy.layers if hasattr(layer, "kernel")]
    for layer in layers:
        require(layer.bias.regularizer is None, f"the bias of {layer.name} must go free")
        require(layer.kernel.regularizer is not None, f"the kernel of {layer.name} has no penalty")
        require(
            layer.kernel_regularizer is not None,
            f"the kernel of {layer.name} has a penalty, but its layer does not know: saving would lose it",
        )
    for old, new in zip(model.get_weights(), copy.get_weights(), strict=True):
        require(np.array_equal(old, new), "the copy starts from other weights; give it those of the model")
    found, expected = sum(copy.losses), sum(penalty(layer.kernel) for layer in layers)
    require_close(found, expected, "the sum of the copy's losses", rtol=1e-4)


@exercise("L1 holds a weight at zero as long as the data pull on it with less than λ.")
def check_emptying_strength(emptying_strength: Callable[[np.ndarray, np.ndarray], float]) -> None:
    """Check from which strength on L1 holds every weight of a linear model at zero.

    For the mean squared error and a free bias that is max_j |2/n Σ_i x_ij (y_i − ȳ)| [1]_.

    Parameters
    ----------
    emptying_strength : callable
        The reader's function of inputs of shape (n, d) and targets of shape (n,).

    References
    ----------
    .. [1] J. Friedman, T. Hastie, R. Tibshirani, Regularization Paths for Generalized Linear Models via
       Coordinate Descent, Journal of Statistical Software 33 (1), 2010, section 2.5.

    Examples
    --------
    >>> check_emptying_strength(lambda x, y: np.abs(x.T @ (y - y.mean())).max() / len(y))
    Not yet: the slope of a square has a factor 2, and Keras' squared error keeps it.
    """
    x = np.array([[1.0, -2.0, 0.5], [2.0, -1.0, 1.0], [-1.0, 4.0, 0.0], [0.0, 1.0, 3.0]])
    y = np.array([3.0, 2.0, -1.0, 4.0])
    found = emptying_strength(x, y)
    require(found is not ..., "put your answer where the three dots are")
    slopes = 2 * x.T @ (y - y.mean()) / len(y)
    uncentred = 2 * x.T @ y / len(y)
    mistakes = [
        (np.abs(slopes).max() / 2, "the slope of a square has a factor 2, and Keras' squared error keeps it"),
        (np.abs(slopes).max() * len(y), "the mean squared error is a mean; divide by the number of rows"),
        (slopes.max(), "a pull to the left counts as much as one to the right: take absolute values"),
        (np.abs(slopes).min(), "the weight that is pulled least goes first; wait for the last one"),
        (np.abs(slopes).mean(), "the weight that is pulled hardest goes last; take its slope, not the mean"),
        (np.abs(slopes).sum(), "each weight has its own contest with λ; take the largest slope, not the sum"),
        (np.abs(slopes), "that is one strength per weight; the question asks when the last one is gone"),
        (np.abs(uncentred).max(), "the bias is free and takes the mean of y; what pulls is y minus its mean"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, np.abs(slopes).max(), "emptying_strength(x, y)")
