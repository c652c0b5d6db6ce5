"""What is knowable exactly: the best possible classifier of a problem whose generator is known."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from course_utils.data import BLOB_CENTERS, BLOB_STD

_CENTERS = np.array(BLOB_CENTERS)
_STEP = _CENTERS[1] - _CENTERS[0]
_SEPARATION = float(np.linalg.norm(_STEP)) / BLOB_STD  # |Δ|/σ, distance of the centers in standard deviations


def posterior(x: Any, problem: str = "blobs") -> np.ndarray:
    """Exact probability of class 1 at each point, P(y = 1 | x).

    For blobs, two Gaussian clouds of equal size with centers μ₀, μ₁ and standard deviation σ, Bayes' rule
    gives the logistic function of (μ₁ − μ₀)·(x − (μ₀ + μ₁)/2) / σ²: a straight boundary [1]_.

    Parameters
    ----------
    x : array_like, shape (n, 2)
        Points of the plane, finite.
    problem : {"blobs"}
        Which generator.

    Returns
    -------
    ndarray of float64, shape (n,)
        Probabilities.

    Raises
    ------
    ValueError
        If `x` has another shape or is not finite, or if `problem` is unknown.

    References
    ----------
    .. [1] C. M. Bishop, Pattern Recognition and Machine Learning, Springer, 2006, section 4.2.1.

    Examples
    --------
    >>> posterior([[0.25, 0.05], [0.5, 0.1]]).round(3)
    array([0.5  , 0.889])
    """
    optimum = _optimum(problem)
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"x must have shape (n, 2), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError(f"x must be finite, got {int((~np.isfinite(points)).sum())} values that are not")
    return optimum.posterior(points)


def accuracy(problem: str = "blobs") -> float:
    """Share of fresh points that the best possible classifier gets right.

    For blobs Φ(|μ₁ − μ₀| / 2σ), with Φ the distribution function of the standard normal.

    Parameters
    ----------
    problem : {"blobs"}
        Which generator.

    Returns
    -------
    float
        Between 0.5 and 1.

    Raises
    ------
    ValueError
        If `problem` is unknown.

    Examples
    --------
    >>> round(accuracy(), 4)
    0.8461
    """
    return _optimum(problem).accuracy()


def loss(problem: str = "blobs") -> float:
    """Cross-entropy on fresh points that no classifier can go below, in nats.

    For blobs the logit t of the right class is distributed as N(m²/2, m²) with m = |μ₁ − μ₀| / σ; the loss
    is the expectation of log(1 + exp(−t)), integrated numerically.

    Parameters
    ----------
    problem : {"blobs"}
        Which generator.

    Returns
    -------
    float
        Nats per point.

    Raises
    ------
    ValueError
        If `problem` is unknown.

    Examples
    --------
    >>> round(loss(), 5)
    0.34745
    """
    return _optimum(problem).loss()


class _Optimum(NamedTuple):
    """The three things known about one problem."""

    posterior: Callable[[np.ndarray], np.ndarray]
    accuracy: Callable[[], float]
    loss: Callable[[], float]


def _optimum(problem: str) -> _Optimum:
    if problem not in _OPTIMA:
        raise ValueError(f"problem must be one of {sorted(_OPTIMA)}, got {problem!r}")
    return _OPTIMA[problem]


def _blobs_posterior(points: np.ndarray) -> np.ndarray:
    return expit((points - _CENTERS.mean(axis=0)) @ _STEP / BLOB_STD**2)


def _blobs_accuracy() -> float:
    return float(norm.cdf(_SEPARATION / 2))


def _blobs_loss() -> float:
    right_class_logit = norm(loc=_SEPARATION**2 / 2, scale=_SEPARATION)
    integral, _ = quad(lambda t: right_class_logit.pdf(t) * np.logaddexp(0.0, -t), -math.inf, math.inf)
    return float(integral)


_OPTIMA = {"blobs": _Optimum(_blobs_posterior, _blobs_accuracy, _blobs_loss)}
