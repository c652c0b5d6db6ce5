"""Many comparisons at once: intervals that hold together, and ranks with their critical difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from course_utils._arguments import check_integer, check_number
from course_utils.compare.differences import Difference

Array = np.ndarray


def simultaneous_differences(
    after: Mapping[Any, ArrayLike],
    before: Mapping[Any, ArrayLike] | ArrayLike,
    confidence: float = 0.95,
    unit: str = "",
    resamples: int = 20_000,
) -> dict[Any, Difference]:
    r"""Return the means of many paired differences, with intervals that all hold at once.

    .. math:: \bar d_j \pm c \, s_j / \sqrt n, \qquad
        P\Bigl(\max_j \frac{|\bar d_j - \delta_j|}{s_j / \sqrt n} \le c\Bigr) = 0.95

    With a plain interval for each, one of 20 misses. Here c is larger: the quantile of the *largest* of the
    ratios, when the deviations of every draw from the means get a random sign, one for all comparisons [1]_.
    So c knows that the comparisons share their draws and go up and down together, which the correction of
    Bonferroni does not; Dunnett's test (`scipy.stats.dunnett`) is for groups that are not paired.

    Parameters
    ----------
    after : mapping of str to array_like, shape (n_draws,)
        By comparison, one number for each draw; the draws are the same for all, in the same order.
    before : mapping or array_like, shape (n_draws,)
        What is subtracted: by comparison, or one row for all.
    confidence : float
        Probability that all intervals hold, between 0 and 1.
    unit : str
        What the numbers count, such as "nats" or "accuracy".
    resamples : int
        How many times signs are drawn.

    Returns
    -------
    dict of str to Difference
        By comparison.

    Raises
    ------
    TypeError, ValueError
        If there is no comparison, one has other draws than the first, fewer than three draws came, a number
        is not finite, or all differences of one comparison are equal.

    Notes
    -----
    As every interval of a mean, these are too short where differences are few and very skewed.

    References
    ----------
    .. [1] P. H. Westfall, S. S. Young, Resampling-Based Multiple Testing, Wiley, 1993.

    Examples
    --------
    >>> none, noise = np.linspace(0.4, 0.6, 32), np.resize([0.02, -0.02, 0.01, -0.01], 32)
    >>> after = {"L2": none - 0.02 + noise, "L1": none + noise**2}
    >>> for name, difference in simultaneous_differences(after, none, unit="nats").items():
    ...     print(name, difference)
    L2 0.500 → 0.480 nats, −0.020 [−0.026, −0.014], 32 pairs
    L1 0.50000 → 0.50025 nats, +0.00025 [+0.00019, +0.00031], 32 pairs
    """
    if check_number(confidence, "confidence", below=1.0) == 0:
        raise ValueError("confidence must be more than 0 and less than 1, got 0")
    check_integer(resamples, "resamples", minimum=1)
    rows_after, rows_before = _paired_rows(after, before)
    differences = rows_after - rows_before
    constant = [name for name, row in zip(after, differences, strict=True) if np.ptp(row) == 0]
    if constant:
        raise ValueError(f"after and before must not differ by the same in every draw, as in {constant[0]!r}")
    means, n = differences.mean(axis=1), differences.shape[1]
    errors = differences.std(axis=1, ddof=1) / np.sqrt(n)
    widths = _largest_ratio(differences - means[:, np.newaxis], confidence, resamples) * errors
    ends = zip(after, means, widths, rows_before.mean(axis=1), rows_after.mean(axis=1), strict=True)
    return {
        name: Difference(
            float(mean), float(mean - width), float(mean + width), n, float(low), float(top), unit
        )
        for name, mean, width, low, top in ends
    }


@dataclass(frozen=True)
class MeanRanks:
    """Mean ranks over blocks, and how far apart two must be to differ.

    Attributes
    ----------
    ranks : dict of str to float
        By name, from the best: 1 is the lowest number of every block.
    critical_difference : float
        Two mean ranks that are further apart differ, at 5 % for all pairs together.
    p_value : float
        Of Friedman's test that all ranks come from luck.
    n : int
        Number of blocks.
    """

    ranks: dict[str, float]
    critical_difference: float
    p_value: float
    n: int


def mean_ranks(values: Mapping[str, ArrayLike], alpha: float = 0.05) -> MeanRanks:
    r"""Rank the lowest first in every block, and say which mean ranks differ: Friedman and Nemenyi.

    .. math:: \mathrm{CD} = \frac{q_\alpha}{\sqrt 2} \sqrt{\frac{k (k + 1)}{6 n}}

    with k names, n blocks and q the quantile of the studentized range for k groups [1]_. A block is whatever
    the numbers are paired by: draws of one data set, or data sets. The blocks must be independent: draws of a
    few data sets, thrown together, are not, and say nothing about another data set.

    Parameters
    ----------
    values : mapping of str to array_like, shape (n_blocks,)
        By name, one number for each block; equal numbers share their ranks.
    alpha : float
        Probability of one wrong difference or more if there is none, between 0 and 1.

    Returns
    -------
    MeanRanks

    Raises
    ------
    TypeError, ValueError
        If there are fewer than three names, fewer than two blocks, or a number is not finite.

    References
    ----------
    .. [1] J. Demšar, Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006.

    Examples
    --------
    >>> found = mean_ranks({"a": [1, 2, 1, 1], "b": [2, 1, 2, 2], "c": [3, 3, 3, 3]})
    >>> found.ranks, round(found.critical_difference, 2), round(found.p_value, 3)
    ({'a': 1.25, 'b': 1.75, 'c': 3.0}, 1.66, 0.039)
    """
    if check_number(alpha, "alpha", below=1.0) == 0:
        raise ValueError("alpha must be more than 0 and less than 1, got 0")
    rows = _rows(values, "values")
    names, (k, n) = list(values), rows.shape
    if k < 3 or n < 2:
        raise ValueError(f"values must hold at least three names and two blocks, got {k} and {n}")
    ranks = stats.rankdata(rows, axis=0).mean(axis=1)
    quantile = stats.studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2)
    return MeanRanks(
        ranks={names[place]: float(ranks[place]) for place in np.argsort(ranks, kind="stable")},
        critical_difference=float(quantile * np.sqrt(k * (k + 1) / (6 * n))),
        p_value=float(stats.friedmanchisquare(*rows).pvalue),
        n=n,
    )


def _largest_ratio(deviations: Array, confidence: float, resamples: int) -> float:
    """Return the quantile of the largest |mean| in standard errors, under random signs of the draws."""
    n = deviations.shape[1]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (resamples, n))
    means = signs @ deviations.T / n
    variances = ((deviations**2).mean(axis=1) - means**2) * n / (n - 1)  # signs leave the squares alone
    ratios = np.abs(means) / np.sqrt(np.maximum(variances, np.finfo(float).tiny) / n)
    return float(np.quantile(ratios.max(axis=1), confidence))


def _paired_rows(
    after: Mapping[Any, ArrayLike], before: Mapping[Any, ArrayLike] | ArrayLike
) -> tuple[Array, Array]:
    """Return both as arrays of shape (n_comparisons, n_draws)."""
    rows = _rows(after, "after")
    if not isinstance(before, Mapping):
        before = dict.fromkeys(after, before)
    if missing := [name for name in after if name not in before]:
        raise ValueError(f"before must hold every comparison of after, {missing} are missing")
    others = _rows({name: before[name] for name in after}, "before")
    draws = rows.shape[1], others.shape[1]
    if draws[0] != draws[1] or draws[0] < 3:
        raise ValueError(
            f"after and before must hold the same draws, at least 3, got {draws[0]} and {draws[1]}"
        )
    return rows, others


def _rows(values: Mapping[Any, ArrayLike], name: str) -> Array:
    """Check numbers by name and stack them."""
    if not isinstance(values, Mapping) or not values:
        raise TypeError(f"{name} must map names to arrays of numbers, got {values!r}")
    try:
        rows = [np.asarray(row, float) for row in values.values()]
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must hold arrays of numbers: {error}") from None
    shapes = {row.shape for row in rows}
    if len(shapes) > 1 or rows[0].ndim != 1:
        raise ValueError(f"{name} must hold rows of one equal length, got the shapes {sorted(shapes)}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinite ones")
    return np.stack(rows)
