"""Checks of chapter 16, dropout and L2 in networks of convolutions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake

_EMPTY = "put your answer where the three dots are"


@exercise("a convolution pays for what it sees in one place, not for the size of the picture.")
def check_convolution_weights(weights: Callable[[int, int, int], Any]) -> None:
    """Check the number of weights of a convolution with biases, k² c f + f.

    Parameters
    ----------
    weights : callable
        The reader's function of the width k of the square kernel, the channels c that come in and the filters
        f; it returns the number of weights.

    Examples
    --------
    >>> check_convolution_weights(lambda width, channels, filters: width**2 * channels * filters)
    Not yet: the biases are missing: every filter has one.
    """
    found = weights(3, 32, 64)
    require(found is not ..., _EMPTY)
    mistakes = [
        (9 * 32 * 64, "the biases are missing: every filter has one"),
        (9 * 64 + 64, "every filter looks at all channels that come in"),
        (9 * 32 + 64, "every filter has a kernel of its own"),
        (3 * 32 * 64 + 64, "the kernel is a square: its width counts twice"),
        ((9 * 32 + 32) * 64, "a filter has one bias, not one for each channel that comes in"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 18_496, "the weights of 64 filters of 3 by 3 on 32 channels")
    require_close(weights(5, 3, 8), 608, "the weights of 8 filters of 5 by 5 on 3 channels")


@exercise("one zero or one for each map, the same over all its places, and the survivors scaled up.")
def check_dropped_maps(drop_maps: Callable[[np.ndarray, np.ndarray, float], Any]) -> None:
    """Check spatial dropout with a given mask, x · m / (1 − rate), m the same over height and width.

    Parameters
    ----------
    drop_maps : callable
        The reader's function of maps, shape (rows, height, width, channels), of the mask, shape (rows,
        channels), and of the rate; it returns the maps after spatial dropout.

    Examples
    --------
    >>> check_dropped_maps(lambda x, kept, rate: x * kept[:, None, None, :])
    Not yet: the survivors must make up for what is dropped: divide by the share that is kept.
    """
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 3))
    kept = np.array([[1, 0, 1], [0, 1, 1]])
    try:
        found = drop_maps(x, kept, 0.2)
    except ValueError as error:
        found = error
    require(found is not ..., _EMPTY)
    require(
        not isinstance(found, ValueError),
        f"the mask must get two axes of length 1, for height and width; NumPy says: {found}",
    )
    maps = x * kept[:, np.newaxis, np.newaxis, :]
    mistakes = [
        (maps, "the survivors must make up for what is dropped: divide by the share that is kept"),
        (maps / 0.2, "divide by the share that is kept, not by the rate"),
        (maps * 0.8, "multiplying makes the survivors smaller; divide by the share that is kept"),
        ((x - maps) / 0.8, "the mask says what is kept: 1 stays"),
    ]
    require_no_mistake(np.asarray(found), mistakes)
    require_close(found, maps / 0.8, "drop_maps(x, kept, 0.2)")
    require_close(drop_maps(x, kept, 0.5), maps / 0.5, "drop_maps(x, kept, 0.5)")


@exercise("that share of the penalty is all that the convolutions feel.")
def check_penalty_share(share: Callable[[Any], Any]) -> None:
    """Check which share of the penalty of a network with L2 on every layer falls on its convolutions.

    Parameters
    ----------
    share : callable
        The reader's function of a Keras model with the same L2 on every kernel; it returns the sum of squares
        of the kernels of the convolutions over that of all kernels.

    Examples
    --------
    >>> check_penalty_share(lambda model: 1.0)
    Not yet: the dense layers pay, too.
    """
    import keras  # takes seconds, and no other check needs it

    layers = [
        keras.Input((4, 4, 1)),
        keras.layers.Conv2D(2, 3, padding="same"),
        keras.layers.Flatten(),
        keras.layers.Dense(3),
    ]
    model = keras.Sequential(layers)
    kernels = np.full((3, 3, 1, 2), 1.0), np.full((32, 3), 0.5)
    model.set_weights([kernels[0], np.full(2, 3.0), kernels[1], np.full(3, 2.0)])
    found = share(model)
    require(found is not ..., _EMPTY)
    mistakes = [
        (1.0, "the dense layers pay, too"),
        (4 / 7, "that is the share of the dense layers"),
        (18 / 114, "that is the share of the weights; the penalty squares each of them"),
        (3 / 4, "that is the ratio of the two penalties; divide by their sum"),
        (36 / 96, "L2 on kernels does not look at the biases"),
        (18 / 66, "the penalty takes squares, not absolute values"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 3 / 7, "the share of the convolutions in the penalty")
