"""Paired differences with their confidence intervals, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from course_utils._arguments import check_number

Array = np.ndarray


@dataclass(frozen=True)
class Difference:
    """The mean of paired differences with its 95 % confidence interval.

    Attributes
    ----------
    mean, low, high : float
        Mean and ends of the interval, in the unit of what was compared.
    n : int
        Number of pairs.
    before, after : float, optional
        The two levels: the means of what was subtracted and of what it was subtracted from.
    unit : str
        What the numbers count, such as "nats" or "accuracy".

    Examples
    --------
    >>> print(Difference(-0.12, -0.16, -0.08, 32, before=0.48, after=0.36, unit="nats"))
    0.48 → 0.36 nats, −0.12 [−0.16, −0.08], 32 pairs
    """

    mean: float
    low: float
    high: float
    n: int
    before: float | None = None
    after: float | None = None
    unit: str = ""

    def __str__(self) -> str:
        digits = digits_of((self.high - self.low) / 2 or abs(self.mean))
        mean, low, high = (written(value, digits, "+") for value in (self.mean, self.low, self.high))
        change = f"{mean} [{low}, {high}], {self.n} pairs"
        unit = f" {self.unit}" if self.unit else ""
        if self.before is None or self.after is None:
            return f"{mean}{unit} [{low}, {high}], {self.n} pairs"
        return f"{written(self.before, digits)} → {written(self.after, digits)}{unit}, {change}"


def paired_difference(a: Array, b: Array, confidence: float = 0.95, unit: str = "") -> Difference:
    r"""Return the mean of `a - b` with its Student-t interval.

    .. math:: \bar d \pm t_{n-1} \, s_d / \sqrt n, \qquad d_i = a_i - b_i

    Parameters
    ----------
    a, b : array, shape (n,)
        Measurements of the same draws and seeds, in the same order; n is at least 2.
    confidence : float
        Coverage of the interval, between 0 and 1.
    unit : str
        What the numbers count, such as "nats" or "accuracy".

    Raises
    ------
    TypeError, ValueError
        When the shapes differ, fewer than two pairs came, a value is not a finite number, or `confidence` is
        not between 0 and 1.

    Examples
    --------
    >>> print(paired_difference([2.0, 3.0, 4.0], [1.0, 1.5, 3.5]))
    2.0 → 3.0, +1.0 [−0.2, +2.2], 3 pairs
    """
    try:
        a, b = np.asarray(a, float), np.asarray(b, float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"a and b must be arrays of numbers: {error}") from None
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a string, got {unit!r}")
    if check_number(confidence, "confidence", below=1.0) == 0:
        raise ValueError("confidence must be more than 0 and less than 1, got 0")
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            f"a and b must be two arrays of one equal length of at least 2, got {a.shape} and {b.shape}"
        )
    if not np.isfinite([a, b]).all():
        raise ValueError(
            f"a and b must be finite, got {int((~np.isfinite([a, b])).sum())} NaN or infinite values"
        )
    mean, low, high = mean_interval(a - b, confidence)
    return Difference(mean, low, high, len(a), float(b.mean()), float(a.mean()), unit)


def mean_interval(values: Array, confidence: float = 0.95) -> tuple[float, float, float]:
    """Return the mean and the ends of its Student-t interval."""
    mean = float(values.mean())
    if np.ptp(values) == 0:
        return mean, mean, mean
    interval = stats.ttest_1samp(values, 0.0).confidence_interval(confidence)
    return mean, float(interval.low), float(interval.high)


def digits_of(half_width: float) -> int:
    """Decimal places that an interval supports: one digit of its half width, two if it starts with 1 or 2."""
    if half_width == 0 or not np.isfinite(half_width):
        return 0
    magnitude = int(np.floor(np.log10(half_width)))
    return max(0, (half_width < 3 * 10.0**magnitude) - magnitude)


def written(value: float, digits: int, sign: str = "-") -> str:
    """Write a number with so many decimal places, a true minus sign, and no sign before zero.

    Examples
    --------
    >>> written(-0.128, 2), written(0.128, 2, "+"), written(-0.001, 2, "+")
    ('−0.13', '+0.13', '0.00')
    """
    text = f"{value:{sign}.{digits}f}"
    return text.replace("-", "−") if text.strip("+-0.") else text.lstrip("+-")


def shared_digits(half_widths: Sequence[float]) -> int:
    """Decimal places for a column of intervals: those that its middle interval supports."""
    wide = [width for width in half_widths if width > 0 and np.isfinite(width)]
    return max(0, -int(np.floor(np.log10(np.median(wide))))) if wide else 2
