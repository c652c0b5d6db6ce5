"""Variants side by side: paired differences, levels, strengths and maps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.ticker import MaxNLocator

from course_utils.plots._drawing import CURVE_STYLES, MARKERS, listed, mean_and_band, new_or_given
from course_utils.plots.style import PALETTE

_DARK = 0.5  # from this shade on, white writing reads better than black


def differences(
    comparison: pd.DataFrame,
    columns: tuple[str, str, str] = ("difference", "difference_low", "difference_high"),
    ax: Axes | None = None,
) -> Axes:
    """Draw paired differences to a baseline, one row per variant, with their intervals.

    The dot is filled if the interval excludes zero, hollow if not. The baseline's own row and rows without a
    difference are left out.

    Parameters
    ----------
    comparison : DataFrame
        One row per variant, for example what `course_utils.compare.compare` returns; its attributes
        ``baseline`` and ``metric`` are used if it has them.
    columns : tuple of three str
        Columns that hold the mean difference and the lower and upper end of its interval.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column is missing or no row has a difference.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"difference": [-0.02], "difference_low": [-0.03], "difference_high": [-0.01]}, index=["L2"]
    ... )
    >>> ax = differences(table)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['L2']
    """
    missing = [column for column in columns if column not in comparison]
    if missing:
        raise ValueError(f"comparison must have the columns {list(columns)}, {missing} are missing")
    baseline = getattr(comparison, "baseline", None)
    metric = getattr(comparison, "metric", "paired")
    rows = comparison.loc[comparison.index != baseline, list(columns)].dropna()
    if rows.empty:
        raise ValueError("comparison must hold at least one row with a difference, got none")
    ax = new_or_given(ax)
    for height, (mean, low, high) in enumerate(rows.to_numpy(float)):
        sure = low > 0 or high < 0
        ax.plot([low, high], [height, height], color=PALETTE[0], linewidth=2)
        ax.plot(mean, height, "o", color=PALETTE[0], markerfacecolor=PALETTE[0] if sure else "white")
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(range(len(rows)), [str(name) for name in rows.index])
    ax.invert_yaxis()
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.margins(y=0.3 / len(rows) + 0.1)
    title = f"{metric} difference to {'the baseline' if baseline is None else baseline}"
    ax.set(xlabel=f"{title}, 95 % interval", ylabel="variant")
    ax.alt_text = f"Forest plot of the {title} for {listed(rows.index)}, with 95 % intervals and zero."
    return ax


def levels(
    values_by_name: Mapping[str, Any], label: str, floor: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one row per variant: a tick per seed, the mean and its 95 % interval.

    Parameters
    ----------
    values_by_name : mapping of str to array_like of shape (n_seeds,)
        What was measured, for example ``comparison.per_seed``.
    label : str
        What the numbers are, with their unit; it goes under the axis.
    floor : float, optional
        Value of the best possible classifier, drawn as a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no variant, or one has not a row of at least two finite values.

    Examples
    --------
    >>> ax = levels({"none": [0.5, 0.4], "L2": [0.4, 0.4]}, "data loss")
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['none', 'L2']
    """
    rows = {name: np.asarray(values, dtype=float) for name, values in values_by_name.items()}
    if not rows:
        raise ValueError("values_by_name must hold at least one variant, got none")
    for name, values in rows.items():
        if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
            raise ValueError(
                f"values_by_name[{name!r}] must be a row of at least two finite values, got {values!r}"
            )
    ax = new_or_given(ax)
    for height, values in enumerate(rows.values()):
        _, mean, half_width = mean_and_band(values[:, np.newaxis])
        ax.plot(values, np.full(len(values), height), "|", color=PALETTE[5], markersize=9)
        ax.errorbar(mean, height, xerr=half_width, fmt="o", color=PALETTE[0], linewidth=2, capsize=3)
    if floor is not None:
        ax.axvline(floor, color="black", linestyle=":", label="best possible")
        ax.legend(fontsize="small")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.invert_yaxis()
    ax.set(xlabel=label, ylabel="variant")
    best = min(rows, key=lambda name: rows[name].mean())
    ax.alt_text = (
        f"Dot chart of {label} for {listed(rows)}: a tick for each of {len(rows[best])} seeds, the mean and "
        f"its 95 % interval; {best} has the lowest mean, {rows[best].mean():.3f}."
    )
    return ax


def strength_path(
    strengths: Sequence[float],
    values_by_name: Mapping[str, Any],
    label: str,
    floor: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what was measured at each strength λ of a penalty: means over seeds with 95 % intervals.

    The axis of λ is logarithmic. λ = 0 has no logarithm: it stands at the left end, apart from the line.

    Parameters
    ----------
    strengths : sequence of float, length n_strengths
        λ, increasing; only the first may be 0.
    values_by_name : mapping of str to array_like, shape (n_seeds, n_strengths)
        What was measured, one curve each.
    label : str
        What the numbers are; it goes beside the axis.
    floor : float, optional
        Value of the best possible classifier, drawn as a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `strengths` do not increase from 0 or more, hold fewer than two positive ones, or there is no curve
        or one of another shape.

    Examples
    --------
    >>> ax = strength_path([0, 0.01, 0.1], {"fresh": [[0.5, 0.4, 0.6], [0.5, 0.3, 0.7]]}, "data loss")
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['0', '$10^{-2}$', '$10^{-1}$']
    """
    places = np.asarray(strengths, dtype=float)
    if places.ndim != 1 or not (np.diff(places) > 0).all() or (places > 0).sum() < 2 or places[0] < 0:
        raise ValueError(
            f"strengths must increase, at least two of them positive and none negative, got {strengths!r}"
        )
    curves = {name: np.asarray(values, dtype=float) for name, values in values_by_name.items()}
    if not curves:
        raise ValueError("values_by_name must hold at least one curve, got none")
    for name, values in curves.items():
        if values.ndim != 2 or values.shape[1] != len(places):
            raise ValueError(
                f"values_by_name[{name!r}] must have shape (n_seeds, {len(places)}), got {values.shape}"
            )
    positive = places > 0
    places[~positive] = places[positive][0] / 5  # its own place, clearly left of the line
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": MARKERS[number % len(MARKERS)],
            "markersize": 4,
        }
        style = CURVE_STYLES[number % len(CURVE_STYLES)]
        for part, line, legend in ((positive, style, name), (~positive, "none", None)):
            ax.errorbar(
                places[part], mean[part], half_width[part], label=legend, linestyle=line, capsize=2, **looks
            )
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xscale="log", xlabel="strength λ", ylabel=label)
    _strength_ticks(ax, places, positive)
    ax.legend(fontsize="small")
    ax.alt_text = (
        f"Line chart of {label} against the strength on a logarithmic axis, from {strengths[0]:g} to "
        f"{strengths[-1]:g}, for {listed(curves)}; means over {len(values)} seeds with 95 % intervals."
    )
    return ax


def _strength_ticks(ax: Axes, places: np.ndarray, positive: np.ndarray) -> None:
    """Mark whole powers of ten, and the place that stands for a strength of 0."""
    lowest, highest = np.log10(places[positive][[0, -1]])
    powers = range(int(np.ceil(lowest - 1e-9)), int(np.floor(highest + 1e-9)) + 1)
    zero = places[~positive]
    labels = [*("0" for _ in zero), *(f"$10^{{{power}}}$" for power in powers)]
    ax.set_xticks([*zero, *(10.0**power for power in powers)], labels)
    ax.minorticks_off()


def heat_map(table: pd.DataFrame, label: str, digits: int = 3, ax: Axes | None = None) -> Axes:
    """Draw a table of positive numbers as a map: the larger, the darker, on a logarithmic scale.

    Parameters
    ----------
    table : DataFrame
        What to draw; the names of its index and columns become the axes' labels.
    label : str
        What the numbers are; stands over the map.
    digits : int
        Decimal places of the numbers written into the cells.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a number is missing, zero or negative.

    Examples
    --------
    >>> table = pd.DataFrame([[0.05, 0.01]], index=[1], columns=[2, 8])
    >>> ax = heat_map(table.rename_axis(index="depth", columns="width"), "excess loss")
    >>> ax.get_xlabel(), ax.get_ylabel(), [cell.get_text() for cell in ax.texts]
    ('width', 'depth', ['0.050', '0.010'])
    """
    values = table.to_numpy(float)
    if not (values > 0).all():
        raise ValueError(f"table must hold positive numbers only, got\n{table}")
    norm = LogNorm(values.min(), values.max())
    ax = new_or_given(ax)
    ax.imshow(values, cmap="cividis_r", norm=norm, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        color = "white" if norm(value) > _DARK else "black"
        ax.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color=color)
    ax.set_xticks(range(table.shape[1]), map(str, table.columns))
    ax.set_yticks(range(table.shape[0]), map(str, table.index))
    ax.set(xlabel=table.columns.name or "", ylabel=table.index.name or "", title=label)
    ax.grid(False)
    ax.alt_text = f"Map of {label} by {table.index.name} and {table.columns.name}; larger numbers are darker."
    return ax
