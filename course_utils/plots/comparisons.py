"""Variants side by side: paired differences, levels and maps."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.ticker import MaxNLocator

from course_utils._arguments import check_number, checked
from course_utils.plots._drawing import listed, mean_and_band, new_or_given
from course_utils.plots.style import PALETTE

_DARK = 0.5  # from this shade on, white writing reads better than black
_FAR = 1.5  # times the span of the close rows
_MAJORITY = 2 / 3  # of the rows must be close to each other
_LITTLE_MORE = 1.5
_SMALL = {"textcoords": "offset points", "va": "center", "fontsize": "small"}


@checked
def differences(
    comparison: pd.DataFrame,
    columns: tuple[str, str, str] = ("difference", "difference_low", "difference_high"),
    ax: Axes | None = None,
    margin: float | None = None,
    zoom: bool = True,
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
    margin : float, optional
        The smallest difference that matters, more than 0: a light band around zero.
    zoom : bool
        Whether to show a row that is far from zero and the others by an arrow at the edge, with its numbers,
        so that the others can be told apart.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column is missing, no row has a difference or `margin` is not a positive number.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"difference": [-0.02], "difference_low": [-0.03], "difference_high": [-0.01]}, index=["L2"]
    ... )
    >>> ax = differences(table)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['L2']
    """
    baseline = getattr(comparison, "baseline", None)
    metric = getattr(comparison, "metric", "paired")
    rows = _checked_differences(comparison, list(columns), baseline)
    if margin is not None and check_number(margin, "margin") == 0:
        raise ValueError(f"margin must be positive, got {margin!r}")
    ax = new_or_given(ax)
    means, intervals = rows.to_numpy(float)[:, 0], rows.to_numpy(float)[:, 1:]
    band = [-(margin or 0), margin or 0]
    near = _close_rows(np.vstack([intervals, band]))[:-1] if zoom else np.full(len(rows), True)
    window = _span(np.append(intervals[near], band))
    near |= _inside(means, window)
    for height, (mean, (low, high)) in enumerate(zip(means, intervals, strict=True)):
        if near[height]:
            face = PALETTE[0] if low > 0 or high < 0 else "white"
            ax.plot([low, high], [height, height], color=PALETTE[0])
            ax.plot(mean, height, "o", color=PALETTE[0], markerfacecolor=face)
        else:
            _point_beyond(ax, height, _numbers(mean, low, high), to_right=mean > 0)
    if not near.all():
        ax.set_xlim(*window)
    ax.axvline(0, color="black", linewidth=1)
    if margin is not None:
        ax.axvspan(-margin, margin, color="black", alpha=0.08, linewidth=0, zorder=0)
    _label_rows(ax, rows.index)
    title = f"{metric} difference to {'the baseline' if baseline is None else baseline}"
    ax.set(xlabel=f"{title}, 95 % interval", ylabel="variant")
    ax.alt_text = (
        f"Forest plot of the {title} for {listed(rows.index)}, with 95 % intervals and zero"
        f"{'' if margin is None else f' in a band of ± {margin:g}'}{_told_beyond(rows.index[~near])}."
    )
    return ax


@checked
def levels(
    values_by_name: Mapping[str, Any],
    label: str,
    floor: float | None = None,
    ax: Axes | None = None,
    zoom: bool = True,
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
    zoom : bool
        Whether to show a row that is far from the others by an arrow at the edge, with its numbers, and to
        count the ticks beyond an edge, so that the others can be told apart.

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
    rows = _checked_rows(values_by_name)
    ax = new_or_given(ax)
    means, half_widths = np.transpose([_mean_and_half_width(values) for values in rows.values()])
    intervals = np.column_stack([means - half_widths, means + half_widths])
    near = _close_rows(intervals) if zoom else np.full(len(rows), True)
    known = intervals[near] if floor is None else np.append(intervals[near], floor)
    window = _window(known, [values for values, close in zip(rows.values(), near, strict=True) if close])
    near |= _inside(means, window)
    for height, (values, mean, (low, high)) in enumerate(zip(rows.values(), means, intervals, strict=True)):
        if near[height]:
            ax.plot(values, np.full(len(values), height), "|", color=PALETTE[5], markersize=9)
            ax.errorbar(mean, height, xerr=(high - low) / 2, fmt="o", color=PALETTE[0], capsize=3)
            if zoom:
                _count_beyond(ax, height, values, window)
        else:
            _point_beyond(ax, height, _numbers(mean, low, high), to_right=mean > window[1])
    if zoom:
        ax.set_xlim(*window)
    _label_rows(ax, rows)
    if floor is not None:
        ax.axvline(floor, color="black", linestyle=":")
        ax.annotate("best possible", (floor, len(rows) - 0.45), (4, 0), **_SMALL)
        ax.set_ylim(len(rows) - 0.1, -0.6)
    ax.set(xlabel=label, ylabel="variant")
    best = min(rows, key=lambda name: rows[name].mean())
    far = [name for name, close in zip(rows, near, strict=True) if not close]
    ax.alt_text = (
        f"Dot chart of {label} for {listed(rows)}: a tick for each of {len(rows[best])} seeds, the mean and "
        f"its 95 % interval; {best} has the lowest mean, {rows[best].mean():.3f}{_told_beyond(far)}."
    )
    return ax


@checked
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


def _checked_differences(comparison: pd.DataFrame, columns: list[str], baseline: str | None) -> pd.DataFrame:
    missing = [column for column in columns if column not in comparison]
    if missing:
        raise ValueError(f"comparison must have the columns {columns}, {missing} are missing")
    rows = comparison.loc[comparison.index != baseline, columns].dropna()
    if rows.empty:
        raise ValueError("comparison must hold at least one row with a difference, got none")
    return rows


def _checked_rows(values_by_name: Mapping[str, Any]) -> dict[str, np.ndarray]:
    rows = {name: np.asarray(values, dtype=float) for name, values in values_by_name.items()}
    if not rows:
        raise ValueError("values_by_name must hold at least one variant, got none")
    for name, values in rows.items():
        if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
            raise ValueError(
                f"values_by_name[{name!r}] must be a row of at least two finite values, got {values!r}"
            )
    return rows


def _mean_and_half_width(values: np.ndarray) -> tuple[float, float]:
    _, mean, half_width = mean_and_band(values[:, np.newaxis])
    return mean.item(), half_width.item()


def _close_rows(intervals: np.ndarray) -> np.ndarray:
    """Tell which of some intervals, shape (n, 2), lie close together: all but those far from the majority."""
    middles, n = intervals.mean(axis=1), len(intervals)
    order = np.argsort(middles)
    for size in range(max(2, math.ceil(_MAJORITY * n)), n):
        for start in range(n - size + 1):
            near, far = order[start : start + size], np.delete(order, np.arange(start, start + size))
            gap = np.abs(middles[far][:, np.newaxis] - middles[near]).min()
            if 0 < _FAR * np.ptp(intervals[near]) < gap:
                return np.isin(np.arange(n), near)
    return np.full(n, True)


def _window(known: np.ndarray, ticks: list[np.ndarray]) -> tuple[float, float]:
    """Return limits that hold what is known and nearly all ticks, or all if that takes little more."""
    most = [*np.ravel(known), *(np.quantile(values, share) for values in ticks for share in (0.05, 0.95))]
    every = [*most, *np.concatenate(ticks)]
    return _span(every if np.ptp(every) < _LITTLE_MORE * np.ptp(most) else most)


def _inside(numbers: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    return (window[0] <= numbers) & (numbers <= window[1])


def _span(numbers: Any) -> tuple[float, float]:
    """Return limits with room beside the numbers; equal numbers get the room that matplotlib would give."""
    low, high = np.min(numbers), np.max(numbers)
    room = 0.06 * (high - low) or 0.05 * abs(high) or 0.05
    return float(low - room), float(high + room)


def _label_rows(ax: Axes, names: Iterable[Any]) -> None:
    """Write the names beside their rows, the first one at the top."""
    names = [str(name) for name in names]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(6))


def _numbers(mean: float, low: float, high: float) -> str:
    """Write a mean and its interval with the same decimal places, three digits of the largest."""
    places = max(0, 2 - math.floor(math.log10(max(abs(low), abs(high)) or 1)))
    return f"{mean:.{places}f} [{low:.{places}f}, {high:.{places}f}]"


def _point_beyond(ax: Axes, height: float, numbers: str, to_right: bool) -> None:
    """Write numbers that lie beyond an edge beside it, with an arrow."""
    text, side = (f"{numbers} ▸", "right") if to_right else (f"◂ {numbers}", "left")
    ax.annotate(
        text,
        (float(to_right), height),
        (-2 if to_right else 2, 0),
        xycoords=ax.get_yaxis_transform(),
        ha=side,
        color=PALETTE[0],
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        **_SMALL,
    )


def _count_beyond(ax: Axes, height: float, values: np.ndarray, window: tuple[float, float]) -> None:
    """Say at each edge how many ticks of a row lie beyond it."""
    for count, to_right in (((values < window[0]).sum(), False), ((values > window[1]).sum(), True)):
        if count:
            _point_beyond(ax, height, f"+{count}", to_right)


def _told_beyond(names: Sequence[str]) -> str:
    return f"; far from the others, beyond the edge: {listed(names)}" if len(names) else ""
