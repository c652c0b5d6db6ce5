"""What is knowable exactly: the best possible classifier of a problem whose generator is known."""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.polynomial.hermite_e import hermegauss
from scipy.integrate import quad
from scipy.special import expit, i0e, xlogy
from scipy.stats import norm, rice

from course_utils._arguments import check_numbers
from course_utils.data import BLOB_CENTERS, BLOB_STD, CIRCLE_NOISE, CIRCLE_RADII, draw_customers
from course_utils.data.customers import (
    CUSTOMER_LABEL_NOISE,
    CUSTOMER_LOG_INCOME_STD,
    PRODUCTS,
    mean_log_income,
    product_probabilities,
)

_CENTERS = np.array(BLOB_CENTERS)
_STEP = _CENTERS[1] - _CENTERS[0]
_SEPARATION = float(np.linalg.norm(_STEP)) / BLOB_STD  # |Δ|/σ, distance of the centers in standard deviations
# So many customers stand for all: the standard error of their mean is below 0.001.
_CUSTOMERS, _CUSTOMERS_SEED = 200_000, 1_000_000


def posterior(x: Any, problem: str = "blobs") -> np.ndarray:
    """Exact probability of the classes at each point.

    For blobs, two Gaussian clouds of equal size with centers μ₀, μ₁ and standard deviation σ, Bayes' rule
    gives the logistic function of (μ₁ − μ₀)·(x − (μ₀ + μ₁)/2) / σ²: a straight boundary [1]_.

    For circles with radii R₀, R₁ and noise σ on both coordinates, a point at distance r from the center has
    the density exp(−(r² + R²) / 2σ²) I₀(rR / σ²) / 2πσ² under a ring of radius R, with I₀ the modified Bessel
    function: the Gaussians along the ring, integrated over the angle [2]_.

    For customers the probabilities are those that the products were drawn with; where the income is missing,
    their mean over the incomes of such customers, and wrong entries spread over all products.

    Parameters
    ----------
    x : array_like, shape (n, 2), or DataFrame
        Points of the plane, finite; for customers a table with the columns of `draw_customers`.
    problem : {"blobs", "circles", "customers"}
        Which generator.

    Returns
    -------
    ndarray of float64, shape (n,) or (n, 7)
        Probabilities of class 1; for customers those of the seven products.

    Raises
    ------
    ValueError
        If `x` has another shape or is not finite, a column is missing or `problem` is unknown.

    References
    ----------
    .. [1] C. M. Bishop, Pattern Recognition and Machine Learning, Springer, 2006, section 4.2.1.
    .. [2] S. O. Rice, Mathematical analysis of random noise, Bell System Technical Journal, 1945.

    Examples
    --------
    >>> posterior([[0.25, 0.05], [0.5, 0.1]]).round(3)
    array([0.5  , 0.889])
    >>> posterior([[0.8, 0.0], [0.0, 1.0]], "circles").round(3)
    array([0.892, 0.131])
    """
    return _optimum(problem).posterior(x)


def accuracy(problem: str = "blobs") -> float:
    """Share of fresh points that the best possible classifier gets right.

    For blobs Φ(|μ₁ − μ₀| / 2σ), with Φ the distribution function of the standard normal. For circles the
    integral of the larger of both rings' densities over the radius; for customers the mean over 200 000 fresh
    ones, with a standard error below 0.001.

    Parameters
    ----------
    problem : {"blobs", "circles", "customers"}
        Which generator.

    Returns
    -------
    float
        Between 0 and 1.

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
    is the expectation of log(1 + exp(−t)), integrated numerically. For circles the entropy of the posterior
    is integrated over the radius; for customers it is averaged over 200 000 fresh ones.

    Parameters
    ----------
    problem : {"blobs", "circles", "customers"}
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

    posterior: Callable[[Any], np.ndarray]
    accuracy: Callable[[], float]
    loss: Callable[[], float]


def _optimum(problem: str) -> _Optimum:
    if problem not in _OPTIMA:
        raise ValueError(f"problem must be one of {sorted(_OPTIMA)}, got {problem!r}")
    return _OPTIMA[problem]


def _plane(x: Any) -> np.ndarray:
    check_numbers(x, "x")
    points = np.asarray(x, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"x must have shape (n, 2), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError(f"x must be finite, got {int((~np.isfinite(points)).sum())} values that are not")
    return points


def _blobs_posterior(x: Any) -> np.ndarray:
    return expit((_plane(x) - _CENTERS.mean(axis=0)) @ _STEP / BLOB_STD**2)


def _blobs_accuracy() -> float:
    return float(norm.cdf(_SEPARATION / 2))


def _blobs_loss() -> float:
    right_class_logit = norm(loc=_SEPARATION**2 / 2, scale=_SEPARATION)
    integral, _ = quad(lambda t: right_class_logit.pdf(t) * np.logaddexp(0.0, -t), -math.inf, math.inf)
    return float(integral)


def _circles_posterior(x: Any) -> np.ndarray:
    return _inner_circle(np.linalg.norm(_plane(x), axis=1))


def _inner_circle(distance: Any) -> Any:
    """Return the probability of class 1 at a distance from the center."""

    def log_density(radius: float) -> Any:
        # I₀ grows like an exponential; `i0e` has it taken out, which completes the square.
        gap = (distance - radius) / CIRCLE_NOISE
        return np.log(i0e(distance * radius / CIRCLE_NOISE**2)) - gap**2 / 2

    outer, inner = map(log_density, CIRCLE_RADII)
    return expit(inner - outer)


def _circles_mean(of_posterior: Callable[[Any], Any]) -> float:
    """Return the mean of a function of the posterior over all points: an integral over the distance."""

    def integrand(distance: float) -> float:
        rings = [rice.pdf(distance, r / CIRCLE_NOISE, scale=CIRCLE_NOISE) for r in CIRCLE_RADII]
        return np.mean(rings) * of_posterior(_inner_circle(distance))

    integral, _ = quad(integrand, 0.0, max(CIRCLE_RADII) + 10 * CIRCLE_NOISE, limit=200)
    return float(integral)


def _customers_posterior(table: pd.DataFrame) -> np.ndarray:
    needed = set(draw_customers(1, seed=0).columns) - {"id", "product"}
    missing = needed - set(getattr(table, "columns", ()))
    if missing:
        raise ValueError(
            f"x must be a table with the columns of draw_customers, got none named {sorted(missing)}"
        )
    income = table["income"].to_numpy(float)
    bought = np.zeros((len(table), len(PRODUCTS)))
    known = ~np.isnan(income)
    bought[known] = product_probabilities(table[known], income[known])
    unknown = table[~known]
    nodes, weights = hermegauss(24)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        at = np.exp(mean_log_income(unknown) + CUSTOMER_LOG_INCOME_STD * node)
        bought[~known] += weight * product_probabilities(unknown, at)
    return (1 - CUSTOMER_LABEL_NOISE) * bought + CUSTOMER_LABEL_NOISE / len(PRODUCTS)


@functools.cache
def _fresh_customers() -> np.ndarray:
    """Return the posterior of many fresh customers."""
    return _customers_posterior(draw_customers(_CUSTOMERS, _CUSTOMERS_SEED))


def _entropy(p: Any) -> Any:
    return -xlogy(p, p) - xlogy(1 - p, 1 - p)


_OPTIMA = {
    "blobs": _Optimum(_blobs_posterior, _blobs_accuracy, _blobs_loss),
    "circles": _Optimum(
        _circles_posterior,
        lambda: _circles_mean(lambda p: max(p, 1 - p)),
        lambda: _circles_mean(_entropy),
    ),
    "customers": _Optimum(
        _customers_posterior,
        lambda: float(_fresh_customers().max(axis=1).mean()),
        lambda: float(-xlogy(_fresh_customers(), _fresh_customers()).sum(axis=1).mean()),
    ),
}
