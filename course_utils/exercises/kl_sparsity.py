"""Checks of chapter 10, KL sparsity."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake

_ON_AND_OFF = np.array([[1.0, -0.9], [-1.0, -1.0], [-0.5, -1.0], [-1.0, -0.8]], dtype=np.float32)


@exercise("half a sum became a mean over the outputs: twice β, divided by their number.")
def check_keras_strength(strength: Callable[[float, int], float]) -> None:
    """Check which strength in Keras, with mse, is a β next to half the sum of squares, 2·β/n.

    Parameters
    ----------
    strength : callable
        The reader's function of β and of the number n of outputs.

    Examples
    --------
    >>> check_keras_strength(lambda beta, n_outputs: beta / n_outputs)
    Not yet: the sum of squares stands there with a factor 1/2, the mse without it.
    """
    found = strength(3.0, 64)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (
            3.0,
            "the mse is the sum of squares divided by the number of outputs: the strength must shrink, too",
        ),
        (3.0 / 64, "the sum of squares stands there with a factor 1/2, the mse without it"),
        (3.0 / 128, "the factor of 2 belongs above the line: half a sum is multiplied by 2"),
        (96.0, "that is the way back: divide by the number of outputs"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 6.0 / 64, "strength(3, 64)")
    require_close(strength(0.5, 10), 0.1, "strength(0.5, 10)")


def _divergence(rho: float, mean: np.ndarray) -> np.ndarray:
    return rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))


@exercise("the mean of (1 + a)/2 is a share, and at -1 everywhere the penalty is a number.")
def check_tanh_sparsity(penalty: Callable[[np.ndarray, float], Any]) -> None:
    """Check KL sparsity for tanh: the sum over units of KL(ρ‖mean of (1 + a)/2), clipped.

    Parameters
    ----------
    penalty : callable
        The reader's function of activations of shape (rows, units) and of ρ; it returns one number.

    Examples
    --------
    >>> check_tanh_sparsity(lambda a, rho: np.sum(a))
    Not yet: the penalty of two units must be 0.217567, got -5.2.
    """
    answer = penalty(_ON_AND_OFF, 0.05)
    require(answer is not ..., "put your answer where the three dots are")
    found = np.asarray(answer, dtype=float)
    share = (1 + _ON_AND_OFF.astype(float)) / 2
    expected = _divergence(0.05, share.mean(axis=0))
    each = _divergence(0.05, np.clip(share, 1e-6, 0.99999))
    require(not np.isnan(found).any(), "a mean below 0 has no logarithm: turn tanh into a share first")
    mistakes = [
        (expected, "one number is wanted, not one per unit: sum it"),
        (expected.mean(), "that is the mean over the units; the penalty is their sum"),
        (each.sum(), "take the mean over the rows first, and the KL of that mean"),
        (each.mean(), "take the mean over the rows first, and the KL of that mean"),
    ]
    require_no_mistake(found, mistakes, rtol=1e-3)
    require_close(found, expected.sum(), "the penalty of two units", rtol=1e-3)
    never_on = float(np.asarray(penalty(-np.ones((4, 1), dtype=np.float32), 0.05)))
    require(np.isfinite(never_on), f"a unit that is -1 in every row costs {never_on}: clip the share")


@exercise("its slope is there for every mean, also above 1.")
def check_slope_everywhere(penalty: Callable[[np.ndarray, float], Any]) -> None:
    """Check the squared error of the mean activation, Σ (ρ̂ − ρ)², which needs no clip.

    Parameters
    ----------
    penalty : callable
        The reader's function of activations of shape (rows, units) and of ρ; it returns one number.

    Examples
    --------
    >>> check_slope_everywhere(lambda a, rho: np.sum((a.mean(axis=0) - rho) ** 2))
    Correct: its slope is there for every mean, also above 1.
    """
    activations = np.array([[0.0, 3.0], [0.2, 1.0]], dtype=np.float32)
    answer = penalty(activations, 0.05)
    require(answer is not ..., "put your answer where the three dots are")
    found = np.asarray(answer, dtype=float)
    mean = activations.mean(axis=0, dtype=float)
    squares = (mean - 0.05) ** 2
    mistakes = [
        (squares, "one number is wanted, not one per unit: sum it"),
        (squares.mean(), "that is the mean over the units; the penalty is their sum"),
        (((activations - 0.05) ** 2).sum(), "take the mean over the rows first"),
        (((activations - 0.05) ** 2).mean(axis=0).sum(), "take the mean over the rows first"),
        (np.abs(mean - 0.05).sum(), "the deviation from rho must be squared"),
        (
            (np.clip(mean, 1e-6, 0.99999) - 0.05) ** 2 @ np.ones(2),
            "without the clip: it takes the slope away",
        ),
    ]
    require_no_mistake(found, mistakes, rtol=1e-4)
    require_close(found, squares.sum(), "the penalty of two units", rtol=1e-4)
