"""Checks of chapter 01, accuracy and loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake

_LOSS_LABELS = np.array([1, 0, 1, 0, 1])
_LOSS_LOGITS = np.array([2.0, -1.0, -0.5, 3.0, 0.25])


@exercise("the loss is taken from the logits, stays finite and needs no clipping.")
def check_loss_from_logits(loss_from_logits: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    """Check a function of labels and logits, both of shape (n,), that returns the mean cross-entropy in nats.

    Parameters
    ----------
    loss_from_logits : callable
        The reader's function.

    Examples
    --------
    >>> check_loss_from_logits(lambda y, z: np.logaddexp(0, -z).mean())
    Not yet: for a label 0 the cost is ln(1 + exp(+z)), not ln(1 + exp(-z)).
    """
    with np.errstate(all="ignore"):  # an overflow is told below
        found = loss_from_logits(_LOSS_LABELS, _LOSS_LOGITS)
        far = loss_from_logits(np.array([1, 0]), np.array([-1000.0, 1000.0]))
    require(found is not ..., "put your answer where the three dots are")
    signs = 2 * _LOSS_LABELS - 1
    costs = np.logaddexp(0, -signs * _LOSS_LOGITS)
    mistakes = [
        (
            np.logaddexp(0, -_LOSS_LOGITS).mean(),
            "for a label 0 the cost is ln(1 + exp(+z)), not ln(1 + exp(-z))",
        ),
        (
            np.logaddexp(0, signs * _LOSS_LOGITS).mean(),
            "the sign is turned: a large z is cheap for a label 1",
        ),
        (costs.sum(), "that is the sum over the cases; take the mean"),
        (costs.mean() / np.log(2), "that is in bits; use the natural logarithm"),
        (costs, "that is one cost per case; return their mean"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, costs.mean(), "the loss")
    require(
        np.isfinite(far), f"logits of -1000 and 1000 must cost 1000, got {far}; never form the probability"
    )
    require_close(far, 1000.0, "the cost of logits of -1000 and 1000 (a clipped probability cannot reach it)")


@exercise("absolute error is smallest for a certainty that is not there, so it is not a proper score.")
def check_best_guess(best_guess: float) -> None:
    """Check which prediction has the smallest expected absolute error if the event has probability 0.7.

    Parameters
    ----------
    best_guess : float
        The reader's answer.

    Examples
    --------
    >>> check_best_guess(0.7)
    Not yet: p = 0.7 is best for a proper score; here it costs 0.42 on average, and another p costs less.
    """
    mistakes = [
        (0.7, "p = 0.7 is best for a proper score; here it costs 0.42 on average, and another p costs less"),
        (0.5, "p = 0.5 costs 0.5; the slope of the expected cost is 0.3 - 0.7, so go on"),
        (0.0, "p = 0 is the worst: it costs 1 in 70 % of the cases"),
        (0.3, "that is the smallest expected cost; the question asks for the p that has it"),
    ]
    require_no_mistake(best_guess, mistakes)
    require_close(best_guess, 1.0, "best_guess")


@exercise("model A with other logits has the loss of model B, and not one decision has changed.")
def check_confidence(factor: float, y: ArrayLike, model_a: ArrayLike, model_b: ArrayLike) -> None:
    """Check by which factor the logits of model A must be multiplied to give it the loss of model B.

    Parameters
    ----------
    factor : float
        The reader's answer.
    y, model_a, model_b : array_like, shape (n,)
        Labels and the probabilities of the two models.

    Examples
    --------
    >>> check_confidence(0.25, [1, 0], [0.6, 0.4], [0.9, 0.1])
    Not yet: a factor below 1 makes model A less sure; its loss would be 0.644, not 0.105.
    """
    sign = 2 * np.asarray(y) - 1
    logits_a, logits_b = (sign * np.log(p / (1 - p)) for p in map(np.asarray, (model_a, model_b)))
    loss_b = np.logaddexp(0, -logits_b).mean()
    require_close(np.shape(factor), (), "the shape of factor")
    loss = np.logaddexp(0, -factor * logits_a).mean()
    require(factor > 0, f"the factor must be positive, or the decisions turn round, got {factor:g}")
    require(
        factor >= 1,
        f"a factor below 1 makes model A less sure; its loss would be {loss:.3f}, not {loss_b:.3f}",
    )
    ratio = np.logaddexp(0, -logits_a).mean() / loss_b
    require(
        not np.isclose(factor, ratio, rtol=1e-2),
        "that is the ratio of the two losses, but a loss is not proportional to the logits",
    )
    require_close(loss, loss_b, f"the loss of model A with its logits times {factor:.4g}", rtol=1e-3)


@exercise("it takes thousands of points to know an accuracy to one percentage point.")
def check_points_needed(points: float) -> None:
    """Check how many points give an accuracy near 0.85 a 95 % interval of ± 0.01.

    Parameters
    ----------
    points : float
        The reader's answer; a few more or less are taken as rounding.

    Examples
    --------
    >>> check_points_needed(1225)
    Not yet: that gives ± 0.02; half the width takes four times the points.
    """
    variance, half_width = 0.85 * 0.15, 0.01
    needed = 1.96**2 * variance / half_width**2
    mistakes = [
        (needed / 4, "that gives ± 0.02; half the width takes four times the points"),
        (variance / half_width**2, "that makes one standard error 0.01; 95 % are within 1.96 of them"),
        (
            1.96 * variance / half_width,
            "the width shrinks with the square root of the points: square 1.96 and 0.01",
        ),
        (1.96**2 * 0.25 / half_width**2, "a variance of 0.25 is that of a coin; here it is 0.85 times 0.15"),
        (
            1.645**2 * variance / half_width**2,
            "that is a 90 % interval; 95 % are within 1.96 standard errors",
        ),
    ]
    require_no_mistake(points, mistakes, rtol=2e-3)
    require_close(points, needed, "points", rtol=2e-3)
