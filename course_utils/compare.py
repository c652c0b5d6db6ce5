"""Compare variants on equal terms: same data, initial weights, batch order and budget; paired differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs
from scipy import stats

from course_utils._arguments import check_number
from course_utils.replicates import Runs, evaluate_variants, fit_variants
from course_utils.replicates.checks import check_builder

Array = np.ndarray
# Rows per step on test data: what is fast, because no figure that is compared depends on it.
_TEST_BATCH = 250

Outcome = Literal["supported", "not supported", "no difference"]


@dataclass(frozen=True)
class Difference:
    """The mean of paired differences with its 95 % confidence interval.

    Attributes
    ----------
    mean, low, high : float
        Mean and ends of the interval, in the unit of what was compared.
    n : int
        Number of pairs.
    """

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        digits = _digits((self.high - self.low) / 2 or abs(self.mean))
        mean, low, high = (f"{value:+.{digits}f}" for value in (self.mean, self.low, self.high))
        return f"{mean}, 95 % interval {low} to {high}, {self.n} seeds"


@dataclass(frozen=True)
class Verdict:
    """What the measurement says about a claim; prints itself as three lines.

    Attributes
    ----------
    claim : str
        The sentence that was tested.
    difference : Difference
        The measured paired difference.
    outcome : {"supported", "not supported", "no difference"}
    source : str
        Who makes the claim.
    """

    claim: str
    difference: Difference
    outcome: Outcome
    source: str = ""

    def __str__(self) -> str:
        n = self.difference.n
        text = f"no difference that {n} seeds can see" if self.outcome == "no difference" else self.outcome
        source = f" ({self.source})" if self.source else ""
        return f"Claim: {self.claim}{source}\nMeasured: {self.difference}\nVerdict: {text}"


class Comparison(pd.DataFrame):
    """One row per variant: mean with interval, and the paired difference to the baseline with interval.

    Columns are `mean`, `low`, `high`, `difference`, `difference_low`, `difference_high`, `n`.

    Attributes
    ----------
    runs : dict of str to Runs
        The trained replicates of every variant.
    measured : dict of str to dict of str to ndarray, shape (n_seeds,)
        By variant and metric: every history at the epoch whose weights are held, and `test_...` on the test
        data.
    baseline, metric : str
        What the differences refer to, and what the rows show.
    """

    _metadata = ["runs", "measured", "baseline", "metric"]  # noqa: RUF012 (pandas wants a list)

    @property
    def per_seed(self) -> dict[str, Array]:
        """By variant, the values of shape (n_seeds,) that the rows summarize."""
        return {name: values[self.metric] for name, values in self.measured.items()}

    def by(self, metric: str) -> Comparison:
        """Return the same comparison for another metric; nothing is trained.

        Raises
        ------
        ValueError
            When the metric was not measured.
        """
        return _table(self.runs, self.measured, self.baseline, metric)

    def difference(self, variant: str, to: str | None = None, metric: str | None = None) -> Difference:
        """Return the paired difference `variant - to`.

        Parameters
        ----------
        variant : str
            Name of the variant.
        to : str, optional
            Name of the other one. Default: the baseline.
        metric : str, optional
            Default: the table's metric.

        Raises
        ------
        ValueError
            When a variant or the metric does not exist.
        """
        to = self.baseline if to is None else to
        for name in (variant, to):
            if name not in self.runs:
                raise ValueError(f"variant must be one of {list(self.runs)}, got {name!r}")
        values = self.per_seed if metric is None else self.by(metric).per_seed
        return paired_difference(values[variant], values[to])


def compare(
    variants: Mapping[str, Callable[[], keras.Model]],
    x: Array,
    y: Array,
    *,
    test_data: tuple[Array, Array] | None = None,
    metric: str | None = None,
    baseline: str | None = None,
    n_jobs: int | None = None,
    callbacks: Mapping[str, Sequence[keras.callbacks.Callback]]
    | Sequence[keras.callbacks.Callback]
    | None = None,
    **fit_keywords: Any,
) -> Comparison:
    """Train every variant on equal terms and return paired differences with 95 % intervals.

    Seed `i` gives every variant the same initial weights (as far as the layers are the same), the same order
    of the rows and the same number of epochs, so the difference between two variants is a difference of
    pairs.

    Parameters
    ----------
    variants : dict of str to callable
        Builders as `fit_replicates` takes them.
    x, y : array
        Training data, with or without a leading replicate axis.
    test_data : (x_test, y_test), optional
        Fresh data on which the trained replicates are measured once.
    metric : str, optional
        What to compare: `test_data_loss` (default with `test_data`), `test_accuracy`, or a key of
        `Runs.history` such as `val_data_loss` (default with `validation_data`), taken at the last epoch.
    baseline : str, optional
        The variant that the others are compared with. Default: the first.
    n_jobs : int, optional
        For `joblib.Parallel` over variants; `joblib.parallel_config` chooses the back end.
    callbacks : sequence or dict of str to sequence, optional
        For all variants, or by variant.
    **fit_keywords
        For `fit_replicates`: `epochs`, `batch_size`, `seeds`, `validation_data`, ...

    Returns
    -------
    Comparison
        A `pandas.DataFrame` with one row per variant.

    Raises
    ------
    ValueError
        When there is no variant, or `baseline` or `metric` does not exist. Nothing has been trained when the
        first two are wrong.

    Examples
    --------
    >>> import keras
    >>> from course_utils.data import load_blobs
    >>> from course_utils.models import mlp
    >>> blobs = load_blobs()
    >>> l2 = keras.regularizers.L2(0.1)
    >>> table = compare(
    ...     {"none": lambda: mlp((4,)), "L2": lambda: mlp((4,), kernel_regularizer=l2)},
    ...     blobs.x_train,
    ...     blobs.y_train,
    ...     test_data=(blobs.x_test, blobs.y_test),
    ...     epochs=2,
    ...     seeds=4,
    ... )
    >>> list(table.columns[:4]), float(table.loc["none", "difference"])
    (['mean', 'low', 'high', 'difference'], 0.0)
    """
    baseline = _check_variants(variants, baseline)
    metric = metric or _default_metric(test_data, fit_keywords)
    if test_data is None and metric.startswith("test_"):
        raise ValueError(f"metric {metric!r} needs test_data=(x_test, y_test), got none")
    by_variant = callbacks if isinstance(callbacks, Mapping) else dict.fromkeys(variants, callbacks)
    # One worker trains all variants, so that what is alike compiles once; many share them out.
    together = effective_n_jobs(n_jobs) == 1
    parts = [list(variants)] if together else [[name] for name in variants]
    results = Parallel(n_jobs=n_jobs)(
        delayed(_train)(
            [variants[name] for name in part],
            x,
            y,
            test_data,
            callbacks=[by_variant.get(name) for name in part],
            **fit_keywords,
        )
        for part in parts
    )
    found = dict(zip(variants, (result for of_part in results for result in of_part), strict=True))
    runs = {name: found[name][0] for name in variants}
    measured = {name: found[name][1] for name in variants}
    return _table(runs, measured, baseline, metric)


def paired_difference(a: Array, b: Array, confidence: float = 0.95) -> Difference:
    r"""Return the mean of `a - b` with its Student-t interval.

    .. math:: \bar d \pm t_{n-1} \, s_d / \sqrt n, \qquad d_i = a_i - b_i

    Parameters
    ----------
    a, b : array, shape (n,)
        Measurements of the same seeds, in the same order; n is at least 2.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Raises
    ------
    ValueError
        When the shapes differ, fewer than two pairs came, or a value is not finite.

    Examples
    --------
    >>> print(paired_difference([2.0, 3.0, 4.0], [1.0, 1.5, 3.5]))
    +1.0, 95 % interval -0.2 to +2.2, 3 seeds
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(
            f"a and b must be two arrays of one equal length of at least 2, got {a.shape} and {b.shape}"
        )
    if not np.isfinite([a, b]).all():
        raise ValueError(
            f"a and b must be finite, got {int((~np.isfinite([a, b])).sum())} NaN or infinite values"
        )
    mean, low, high = _interval(a - b, check_number(confidence, "confidence", below=1.0))
    return Difference(mean, low, high, len(a))


def verdict(
    claim: str, difference: Difference, expected: Literal["lower", "higher"] = "lower", source: str = ""
) -> Verdict:
    """Judge a claim by the interval of a paired difference.

    The claim is supported when the whole interval lies on the expected side of zero, not supported when it
    lies on the other side, and undecided when it holds zero.

    Parameters
    ----------
    claim : str
        The claim in one sentence.
    difference : Difference
        From `paired_difference` or `Comparison.difference`.
    expected : {"lower", "higher"}
        The sign of the difference if the claim is true.
    source : str
        Who makes the claim.

    Raises
    ------
    ValueError
        When `expected` is neither "lower" nor "higher".

    Examples
    --------
    >>> print(verdict("L2 lowers the loss", Difference(-0.02, -0.03, -0.01, 32)))
    Claim: L2 lowers the loss
    Measured: -0.020, 95 % interval -0.030 to -0.010, 32 seeds
    Verdict: supported
    """
    if expected not in ("lower", "higher"):
        raise ValueError(f"expected must be 'lower' or 'higher', got {expected!r}")
    if difference.low <= 0 <= difference.high:
        return Verdict(claim, difference, "no difference", source)
    right_side = (difference.high < 0) == (expected == "lower")
    return Verdict(claim, difference, "supported" if right_side else "not supported", source)


def _digits(half_width: float) -> int:
    """Decimal places that an interval supports: one digit of its half width, two if it starts with 1 or 2."""
    if half_width == 0 or not np.isfinite(half_width):
        return 0
    magnitude = int(np.floor(np.log10(half_width)))
    return max(0, (half_width < 3 * 10.0**magnitude) - magnitude)


def _interval(values: Array, confidence: float = 0.95) -> tuple[float, float, float]:
    mean = float(values.mean())
    if np.ptp(values) == 0:
        return mean, mean, mean
    interval = stats.ttest_1samp(values, 0.0).confidence_interval(confidence)
    return mean, float(interval.low), float(interval.high)


def _row(values: Array, baseline: Array) -> dict[str, float]:
    mean, low, high = _interval(values)
    pair = paired_difference(values, baseline)
    return {
        "mean": mean,
        "low": low,
        "high": high,
        "difference": pair.mean,
        "difference_low": pair.low,
        "difference_high": pair.high,
        "n": pair.n,
    }


def _check_variants(variants: Mapping, baseline: str | None) -> str:
    if not isinstance(variants, Mapping) or not variants:
        raise ValueError(f"variants must be a dict of at least one name and builder, got {variants!r}")
    for name, build in variants.items():
        check_builder(build, f"variants[{name!r}]")
    baseline = next(iter(variants)) if baseline is None else baseline
    if baseline not in variants:
        raise ValueError(f"baseline must be one of {list(variants)}, got {baseline!r}")
    return baseline


def _default_metric(test_data: tuple | None, fit_keywords: Mapping) -> str:
    if test_data is not None:
        return "test_data_loss"
    return "val_data_loss" if fit_keywords.get("validation_data") is not None else "data_loss"


def _train(
    builds: Sequence[Callable], x: Array, y: Array, test_data: tuple | None, **keywords: Any
) -> list[tuple[Runs, dict]]:
    found = fit_variants(builds, x, y, **keywords)
    tests = evaluate_variants(found, *test_data, _TEST_BATCH) if test_data else [{}] * len(found)
    results = []
    for runs, test in zip(found, tests, strict=True):
        seeds = np.arange(len(runs.seeds))
        measured = {name: values[seeds, runs.final_epoch] for name, values in runs.history.items()}
        results.append((runs, measured | {f"test_{name}": values for name, values in test.items()}))
    return results


def _table(
    runs: dict[str, Runs], measured: dict[str, dict[str, Array]], baseline: str, metric: str
) -> Comparison:
    for name, values in measured.items():
        if metric not in values:
            raise ValueError(f"metric must be one of {list(values)} for the variant {name!r}, got {metric!r}")
    rows = [_row(values[metric], measured[baseline][metric]) for values in measured.values()]
    table = Comparison(rows, index=list(measured))
    table.runs, table.measured, table.baseline, table.metric = runs, measured, baseline, metric
    return table
