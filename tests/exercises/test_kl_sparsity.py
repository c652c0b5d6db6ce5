import numpy as np
import pytest
from keras import ops

from course_utils import exercises


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda beta, n: 2 * beta / n, "Correct: half a sum became a mean"),
        (lambda beta, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda beta, n: beta, "Not yet: the mse is the sum of squares divided by"),
        (lambda beta, n: beta / n, "Not yet: the sum of squares stands there with a factor 1/2"),
        (lambda beta, n: beta / (2 * n), "Not yet: the factor of 2 belongs above the line"),
        (lambda beta, n: beta * n / 2, "Not yet: that is the way back"),
        (lambda beta, n: 0.09375, "Not yet: strength(0.5, 10) must be 0.1, got 0.09375"),
    ],
)
def test_keras_strength(printed, answer, message):
    assert printed(exercises.check_keras_strength, answer).startswith(message)


def divergence(rho, mean):
    return rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))


def share(a):
    return np.clip(((1 + a) / 2).mean(axis=0), 1e-6, 0.99999)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda a, rho: divergence(rho, share(a)).sum(), "Correct: the mean of (1 + a)/2 is a share"),
        (lambda a, rho: ..., "Not yet: put your answer where the three dots are"),
        (lambda a, rho: divergence(rho, share(a)), "Not yet: one number is wanted, not one per unit"),
        (lambda a, rho: divergence(rho, share(a)).mean(), "Not yet: that is the mean over the units"),
        (
            lambda a, rho: divergence(rho, np.clip((1 + a) / 2, 1e-6, 0.99999)).sum(),
            "Not yet: take the mean over the rows first",
        ),
        (
            lambda a, rho: divergence(rho, np.clip((1 + a) / 2, 1e-6, 0.99999)).mean(),
            "Not yet: take the mean over the rows first",
        ),
        (lambda a, rho: np.nan, "Not yet: a mean below 0 has no logarithm"),
        (lambda a, rho: 1.0, "Not yet: the penalty of two units must be"),
        (
            lambda a, rho: divergence(rho, share(a)).sum() + (np.inf if a.min() == a.max() else 0),
            "Not yet: a unit that is -1 in every row costs inf: clip the share",
        ),
    ],
)
def test_tanh_sparsity(printed, answer, message):
    assert printed(exercises.check_tanh_sparsity, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda a, rho: ops.sum((ops.mean(a, axis=0) - rho) ** 2), "Correct: its slope is there"),
        (lambda a, rho: ..., "Not yet: put your answer where the three dots are"),
        (lambda a, rho: (a.mean(axis=0) - rho) ** 2, "Not yet: one number is wanted"),
        (lambda a, rho: ((a.mean(axis=0) - rho) ** 2).mean(), "Not yet: that is the mean over the units"),
        (lambda a, rho: ((a - rho) ** 2).sum(), "Not yet: take the mean over the rows first"),
        (lambda a, rho: ((a - rho) ** 2).mean(axis=0).sum(), "Not yet: take the mean over the rows first"),
        (lambda a, rho: abs(a.mean(axis=0) - rho).sum(), "Not yet: the deviation from rho must be squared"),
        (
            lambda a, rho: ((np.clip(a.mean(axis=0), 1e-6, 0.99999) - rho) ** 2).sum(),
            "Not yet: without the clip",
        ),
        (lambda a, rho: 0.0, "Not yet: the penalty of two units must be"),
    ],
)
def test_slope_everywhere(printed, answer, message):
    assert printed(exercises.check_slope_everywhere, answer).startswith(message)
