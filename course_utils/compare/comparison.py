"""Compare variants on equal terms: same data, initial weights, batch order and budget; paired differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs

from course_utils.compare import cards
from course_utils.compare.differences import (
    Difference,
    mean_interval,
    paired_difference,
    shared_digits,
    written,
)
from course_utils.replicates import Runs, evaluate_variants, fit_variants
from course_utils.replicates.checks import check_builder, loss_name

Array = np.ndarray
# Rows per step on test data: what is fast, because no figure that is compared depends on it.
_TEST_BATCH = 250
COMPARISON_MIME = "application/vnd.course-utils.comparison+json"


class Comparison(pd.DataFrame):
    """One row per variant: mean with interval, and the paired difference to the baseline with interval.

    Columns are `mean`, `low`, `high`, `difference`, `difference_low`, `difference_high`, `n`. In a notebook
    it shows itself as ``mean [low, high]`` and ``difference [low, high]``, in units.

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

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        caption, rows = self._texts()
        columns = ("mean [95 % interval]", f"difference to {self.baseline}")
        return {
            "text/plain": _plain_table(caption, columns, rows),
            "text/html": cards.table(columns, rows, caption),
            COMPARISON_MIME: {"metric": self.metric, "rows": _rounded(self)},
        }

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
        metric = self.metric if metric is None else self.by(metric).metric
        a, b = (self.measured[name][metric] for name in (variant, to))
        return paired_difference(a, b, unit=self.unit(metric))

    def unit(self, metric: str | None = None) -> str:
        """Return what a metric counts: nats for a cross-entropy, accuracy, or an empty string.

        Parameters
        ----------
        metric : str, optional
            Default: the table's metric.
        """
        name = self.metric if metric is None else metric
        if name.endswith("accuracy"):
            return "accuracy"
        in_nats = "crossentropy" in loss_name(self.runs[self.baseline]._trained.model.loss)
        return "nats" if in_nats and name.endswith(("loss", "penalty")) else ""

    def _texts(self) -> tuple[str, dict[str, tuple[str, str]]]:
        """Return the caption, and by variant mean and difference, each with its interval."""
        unit = self.unit()
        words = self.metric.replace("_", " ")
        caption = f"{words}{f' in {unit}' if unit not in ('', 'accuracy') else ''}, {self['n'].iloc[0]} pairs"
        levels, changes = (
            shared_digits([(row[high] - row[low]) / 2 for _, row in self.iterrows()])
            for low, high in (("low", "high"), ("difference_low", "difference_high"))
        )
        rows = {}
        for name, row in self.iterrows():
            mean, low, high = (written(row[part], levels) for part in ("mean", "low", "high"))
            change = [written(row[f"difference{end}"], changes, "+") for end in ("", "_low", "_high")]
            difference = "baseline" if name == self.baseline else f"{change[0]} [{change[1]}, {change[2]}]"
            rows[name] = (f"{mean} [{low}, {high}]", difference)
        return caption, rows


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


def _plain_table(caption: str, columns: tuple[str, str], rows: Mapping[str, tuple[str, str]]) -> str:
    names = max(map(len, rows))
    means = max(len(mean) for mean, _ in [columns, *rows.values()])
    lines = [("", *columns), *((name, *cells) for name, cells in rows.items())]
    return "\n".join([caption, *(f"{a:{names}}  {b:{means}}  {c}".rstrip() for a, b, c in lines)])


def _rounded(table: Comparison) -> dict[str, dict[str, float]]:
    """Return the rows as plain numbers of six digits."""
    return {
        name: {column: float(f"{value:.6g}") for column, value in row.items()}
        for name, row in table.iterrows()
    }


def _row(values: Array, baseline: Array) -> dict[str, float]:
    mean, low, high = mean_interval(values)
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
