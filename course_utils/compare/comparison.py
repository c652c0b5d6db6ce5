"""Compare variants on equal terms: same data, initial weights, batch order and budget; paired differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from joblib import Parallel, delayed, effective_n_jobs

from course_utils._arguments import check_integer
from course_utils.compare import cards
from course_utils.compare.differences import (
    Difference,
    mean_interval,
    paired_difference,
    shared_digits,
    written,
)
from course_utils.replicates import Runs, evaluate_variants
from course_utils.replicates.checks import as_data, as_seeds, check_builder, loss_name
from course_utils.replicates.fit import as_fit_keywords, fit_checked
from course_utils.replicates.stopping import as_list

Array = np.ndarray
Callbacks = keras.callbacks.Callback | Sequence[keras.callbacks.Callback] | None
# Rows per step on test data: what is fast. Only losses that look at a whole batch depend on it.
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
        _one_of(variant, self.runs, "variant")
        _one_of(to, self.runs, "to")
        metric = self.metric if metric is None else self.by(metric).metric
        a, b = (self.measured[name][metric] for name in (variant, to))
        for name, values in ((variant, a), (to, b)):
            if not np.isfinite(values).all():
                raise ValueError(f"variant must be one that did not diverge, got {name!r}")
        return paired_difference(a, b, unit=self.unit(metric))

    def unit(self, metric: str | None = None) -> str:
        """Return what a metric counts: nats for a cross-entropy, accuracy, or an empty string.

        Parameters
        ----------
        metric : str, optional
            Default: the table's metric.
        """
        name = self.metric if metric is None else self.by(metric).metric
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
            level = _interval(row, ("mean", "low", "high"), levels) or "diverged"
            change = _interval(row, ("difference", "difference_low", "difference_high"), changes, "+")
            rows[name] = level, "baseline" if name == self.baseline else change or "–"
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
    callbacks: Callbacks | Mapping[str, Callbacks] = None,
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
        Fresh data on which the trained replicates are measured once, 250 rows at a time; a loss that looks
        at a whole batch depends on that.
    metric : str, optional
        What to compare: `test_data_loss` (default with `test_data`), `test_accuracy`, or a key of
        `Runs.history` such as `val_data_loss` (default with `validation_data`), taken at the last epoch.
    baseline : str, optional
        The variant that the others are compared with. Default: the first.
    n_jobs : int, optional
        For `joblib.Parallel` over variants; `joblib.parallel_config` chooses the back end.
    callbacks : EarlyStopping, sequence or dict of str to either, optional
        For all variants, or by variant; those that the dict does not name have none.
    **fit_keywords
        For `fit_replicates`: `epochs`, `batch_size`, `seeds`, `validation_data`, ...

    Returns
    -------
    Comparison
        A `pandas.DataFrame` with one row per variant.

    Raises
    ------
    TypeError, ValueError
        When an argument is of the wrong kind, there is no variant or only one seed, or `baseline`, `metric`
        or a name in `callbacks` does not exist. Nothing has been trained then.

    Warns
    -----
    RuntimeWarning
        When a variant diverges, with its seeds. Its row holds NaN; the other rows are what they are without
        it.

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
    fit_keywords = as_fit_keywords(fit_keywords)
    _check_settings(test_data, metric, n_jobs, fit_keywords["seeds"])
    metric = metric or _default_metric(test_data, fit_keywords)
    if test_data is None and metric.startswith("test_"):
        raise ValueError(f"metric {metric!r} needs test_data=(x_test, y_test), got none")
    by_variant = _callbacks_by_variant(callbacks, variants)
    # One worker trains all variants, so that what is alike compiles once; many share them out.
    together = effective_n_jobs(n_jobs) == 1
    parts = [list(variants)] if together else [[name] for name in variants]
    results = Parallel(n_jobs=n_jobs)(
        delayed(_train)(
            {name: variants[name] for name in part},
            (x, y),
            test_data,
            metric,
            fit_keywords | {"callbacks": [by_variant[name] for name in part]},
        )
        for part in parts
    )
    found = {name: result for of_part in results for name, result in of_part.items()}
    runs = {name: found[name][0] for name in variants}
    measured = {name: found[name][1] for name in variants}
    _warn_diverged(runs, measured, metric)
    return _table(runs, measured, baseline, metric)


def _interval(row: pd.Series, columns: Sequence[str], digits: int, sign: str = "-") -> str:
    """Write a number with its interval; nothing where there is none."""
    if not np.isfinite(row[columns[0]]):
        return ""
    mean, low, high = (written(row[column], digits, sign) for column in columns)
    return f"{mean} [{low}, {high}]"


def _plain_table(caption: str, columns: tuple[str, str], rows: Mapping[str, tuple[str, str]]) -> str:
    names = max(map(len, rows))
    means = max(len(mean) for mean, _ in [columns, *rows.values()])
    lines = [("", *columns), *((name, *cells) for name, cells in rows.items())]
    return "\n".join([caption, *(f"{a:{names}}  {b:{means}}  {c}".rstrip() for a, b, c in lines)])


def _rounded(table: Comparison) -> dict[str, dict[str, float]]:
    """Return the rows as plain numbers of six digits."""
    return {
        name: {column: float(f"{v:.6g}") if np.isfinite(v) else None for column, v in row.items()}
        for name, row in table.iterrows()
    }


def _row(values: Array, baseline: Array) -> dict[str, float]:
    # The mean of the seeds that did not diverge would flatter.
    level = mean_interval(values) if np.isfinite(values).all() else (np.nan,) * 3
    change = mean_interval(values - baseline) if np.isfinite([values, baseline]).all() else (np.nan,) * 3
    columns = ("mean", "low", "high", "difference", "difference_low", "difference_high")
    return dict(zip(columns, (*level, *change), strict=True)) | {"n": len(values)}


def _check_variants(variants: Any, baseline: Any) -> str:
    if not isinstance(variants, Mapping) or not variants:
        raise ValueError(f"variants must be a dict of at least one name and builder, got {variants!r}")
    for name, build in variants.items():
        if not isinstance(name, str):
            raise TypeError(f"variants must have names that are strings, got {name!r}")
        check_builder(build, f"variants[{name!r}]")
    return next(iter(variants)) if baseline is None else _one_of(baseline, variants, "baseline")


def _check_settings(test_data: Any, metric: Any, n_jobs: Any, seeds: Any) -> None:
    if test_data is not None and (not isinstance(test_data, (tuple, list)) or len(test_data) != 2):
        raise ValueError(f"test_data must be (x_test, y_test), got {type(test_data).__name__}")
    if metric is not None and (not isinstance(metric, str) or not metric):
        raise TypeError(f"metric must be a name such as 'test_data_loss', got {metric!r}")
    if n_jobs is not None and check_integer(n_jobs, "n_jobs", minimum=-(2**31)) == 0:
        raise ValueError("n_jobs must not be 0: 1 for one worker, -1 for one per processor")
    if len(as_seeds(seeds)) < 2:
        raise ValueError("seeds must be at least two, for one pair has no interval; got 1")


def _callbacks_by_variant(callbacks: Any, variants: Mapping) -> dict[str, list]:
    """Return the callbacks of every variant as a list."""
    if not isinstance(callbacks, Mapping):
        return dict.fromkeys(variants, as_list(callbacks))
    for name in callbacks:
        _one_of(name, variants, "callbacks: a name")
    return {name: as_list(callbacks.get(name)) for name in variants}


def _one_of(value: Any, known: Iterable[str], name: str) -> str:
    """Return a name, or say which there are."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {list(known)}, got {value!r}")
    return value


def _default_metric(test_data: tuple | None, fit_keywords: Mapping) -> str:
    if test_data is not None:
        return "test_data_loss"
    return "val_data_loss" if fit_keywords.get("validation_data") is not None else "data_loss"


def _train(
    builds: Mapping[str, Callable], xy: tuple, test_data: tuple | None, metric: str, keywords: Mapping
) -> dict[str, tuple[Runs, dict[str, Array]]]:
    """Train some variants; by name, what is left and what was measured."""
    seeds = len(as_seeds(keywords["seeds"]))

    def check(model: keras.Model, names: list[str]) -> None:
        if test_data is not None:
            as_data(model, tuple(test_data), seeds, ("test_data[0]", "test_data[1]"))
            names = [*names, *(f"test_{name}" for name in names if not name.startswith("val_"))]
        _one_of(metric, names, "metric")

    found = fit_checked(list(builds.values()), *xy, keywords, check)
    tests = evaluate_variants(found, *test_data, _TEST_BATCH) if test_data else [{}] * len(found)
    results = {}
    for name, runs, test in zip(builds, found, tests, strict=True):
        last = np.arange(seeds), runs.final_epoch
        measured = {log: values[last] for log, values in runs.history.items()}
        measured |= {f"test_{log}": values for log, values in test.items()}
        # What a model predicts from weights that are no numbers is no measurement, even if it is a number.
        diverged = ~np.all([np.isfinite(w).reshape(seeds, -1).all(axis=1) for w in runs.weights], axis=0)
        for log, values in measured.items():
            measured[log] = np.array(values, float)
            measured[log][diverged] = np.nan
        results[name] = runs, measured
    return results


def _warn_diverged(runs: Mapping[str, Runs], measured: Mapping[str, Mapping], metric: str) -> None:
    for name, of_variant in runs.items():
        bad = ~np.isfinite(measured[name][metric]) | ~np.isfinite(measured[name]["loss"])
        if bad.any():
            seeds = ", ".join(str(seed) for seed, is_bad in zip(of_variant.seeds, bad, strict=True) if is_bad)
            message = f"variant {name!r} diverged for the seeds {seeds}: its row is NaN"
            warnings.warn(message, RuntimeWarning, stacklevel=3)


def _table(
    runs: dict[str, Runs], measured: dict[str, dict[str, Array]], baseline: str, metric: str
) -> Comparison:
    for values in measured.values():
        _one_of(metric, [name for name, numbers in values.items() if numbers.ndim == 1], "metric")
    rows = [_row(values[metric], measured[baseline][metric]) for values in measured.values()]
    table = Comparison(rows, index=list(measured))
    table.runs, table.measured, table.baseline, table.metric = runs, measured, baseline, metric
    return table
