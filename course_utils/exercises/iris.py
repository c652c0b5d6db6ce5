"""Checks of chapter 12, the published result on iris."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import binomtest

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("that is the smallest share of flowers that is compatible with the count.")
def check_lower_end(lower_end: Callable[[int, int], float]) -> None:
    """Check a function that returns the lower end of Wilson's 95 % interval.

    Parameters
    ----------
    lower_end : callable
        The reader's function of the number right and the number of flowers.

    Examples
    --------
    >>> check_lower_end(lambda right, n: right / n - 1.96 * (right / n * (1 - right / n) / n) ** 0.5)
    Not yet: that is the interval of the normal distribution; the terms with z² are missing.
    """
    right, n, z = 36, 38, 1.96
    found = lower_end(right, n)
    require(found is not ..., "put your answer where the three dots are")
    p = right / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    middle, below = p + z**2 / (2 * n), 1 + z**2 / n
    exact = binomtest(right, n).proportion_ci()
    simple = p - z * np.sqrt(p * (1 - p) / n)
    mistakes = [
        (simple, "that is the interval of the normal distribution; the terms with z² are missing"),
        ((middle + half) / below, "that is the upper end"),
        (middle - half, "divide by 1 + z²/n at the end"),
        (exact.low, "that is the exact interval; Wilson's is asked for"),
        (100 * (middle - half) / below, "a share is asked for, not percent"),
    ]
    require_no_mistake(found, mistakes, rtol=1e-4)
    for count, size in ((right, n), (35, 38), (38, 38), (1, 10)):
        expected = binomtest(count, size).proportion_ci(method="wilson").low
        require_close(lower_end(count, size), expected, f"lower_end({count}, {size})", rtol=1e-3)


@exercise("the held-out rows are measured with the training part's mean and deviation.")
def check_leak_free_scaling(scale: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    """Check a function that standardizes two parts by what the first one alone says.

    Parameters
    ----------
    scale : callable
        The reader's function of `x_train` and `x_val`; it returns both, standardized.

    Examples
    --------
    >>> check_leak_free_scaling(lambda x_train, x_val: (x_train, x_val))
    Not yet: the training part must have mean 0 and deviation 1 in each column.
    """
    x_train = np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0], [6.0, 20.0]])
    x_val = np.array([[10.0, 0.0], [20.0, 10.0]])
    found = scale(x_train.copy(), x_val.copy())
    require(isinstance(found, (tuple, list)) and len(found) == 2, "return both parts: x_train and x_val")
    train, val = (np.asarray(part, dtype=float) for part in found)
    mean, std = x_train.mean(axis=0), x_train.std(axis=0)
    both = np.concatenate([x_train, x_val])
    mistakes = [
        ((x_train - both.mean(axis=0)) / both.std(axis=0), "the scaler has seen the held-out rows, too"),
        (x_train, "the training part must have mean 0 and deviation 1 in each column"),
    ]
    require_no_mistake(train, mistakes)
    own = (x_val - x_val.mean(axis=0)) / x_val.std(axis=0)
    require_no_mistake(
        val,
        [
            (own, "the held-out part is scaled by its own mean and deviation: fit once, transform twice"),
            (x_val, "the held-out part is not scaled"),
        ],
    )
    require_close(train, (x_train - mean) / std, "the training part")
    require_close(val, (x_val - mean) / std, "the held-out part")


@exercise("a sum that is not divided by the rows needs a strength that is.")
def check_undivided_strength(strength: float) -> None:
    """Check the strength that equals L1(0.03) where Keras does not divide by the 50 rows of a batch.

    Parameters
    ----------
    strength : float
        The reader's answer.

    Examples
    --------
    >>> check_undivided_strength(1.5)
    Not yet: divide by the rows; that network would feel a penalty 2 500 times too strong.
    """
    mistakes = [
        (0.03 * 50, "divide by the rows; that network would feel a penalty 2 500 times too strong"),
        (0.03 / 112, "what counts is the batch, not all training data"),
        (0.03, "the same strength is 50 times as strong there"),
    ]
    require_no_mistake(strength, mistakes)
    require_close(strength, 0.0006, "the strength")
