"""How a strength is chosen: the scores that decide, what they choose, and what looking often does."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils._arguments import checked
from course_utils.plots._drawing import (
    MARKERS,
    listed,
    looks,
    mean_and_band,
    new_or_given,
    on_logarithmic_axis,
    strength_ticks,
)
from course_utils.plots.layout import legend_below
from course_utils.plots.style import PALETTE


@checked
def validation_curve(
    strengths: Sequence[float],
    row_losses: ArrayLike,
    fresh: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the validation losses of one split, each with its standard error, and what two rules choose.

    The standard error is s/√n, with s the standard deviation of the loss over the n validation rows. The
    first rule takes the lowest mean; the other the largest strength whose mean is at most one standard error
    above it, the standard error of the lowest [1]_.

    Parameters
    ----------
    strengths : sequence of float, length n_strengths
        λ, increasing; only the first may be 0.
    row_losses : array_like, shape (n_strengths, n_rows)
        Data loss of every validation row.
    fresh : array_like, shape (n_strengths,), optional
        Data loss on fresh points.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the shapes do not belong together or the strengths do not increase.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, 2009, section 7.10.

    Examples
    --------
    >>> ax = validation_curve([0, 0.01, 0.1], [[0.9, 0.5], [0.4, 0.6], [0.5, 0.6]])
    >>> ax.get_xscale(), len(ax.containers)
    ('log', 1)
    """
    rising, losses = _checked_rows(strengths, row_losses)
    fresh = None if fresh is None else _numbers(fresh, len(rising), "fresh")
    places, mean = on_logarithmic_axis(rising), losses.mean(axis=1)
    errors = losses.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])
    best = int(mean.argmin())
    limit = mean[best] + errors[best]
    chosen = {"lowest": best, "one standard error": int(np.flatnonzero(mean <= limit).max())}
    ax = new_or_given(ax)
    ax.errorbar(
        places, mean, errors, color=PALETTE[0], capsize=3, lw=1.5, label="validation ± standard error"
    )
    ax.axhline(limit, color="black", linestyle=":", lw=1, label="lowest + one standard error")
    for number, (name, place) in enumerate(chosen.items()):
        label = f"choice: {name}"
        ax.plot(places[place], mean[place], MARKERS[number], color=PALETTE[number + 1], ms=10, label=label)
    if fresh is not None:
        ax.plot(places, fresh, "--", color=PALETTE[3], label="fresh points")
    ax.set(xscale="log", xlabel="strength λ", ylabel="data loss, nats")
    strength_ticks(ax, rising)
    legend_below(ax)
    told = listed(f"{name} chooses {strengths[place]:g}" for name, place in chosen.items())
    ax.alt_text = (
        f"Line chart of the validation loss with its standard error at {len(rising)} strengths; {told}."
    )
    return ax


@checked
def choice_shares(
    strengths: Sequence[float], chosen_by_name: Mapping[str, Any], ax: Axes | None = None
) -> Axes:
    """Draw how often each strength was chosen, as bars side by side for each way of choosing.

    Parameters
    ----------
    strengths : sequence of float, length n_strengths
        The grid.
    chosen_by_name : mapping of str to array_like of int
        For each way of choosing, the places in the grid that were chosen, in any shape.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If nothing was chosen, or something that is no place in the grid.

    Examples
    --------
    >>> ax = choice_shares([0, 0.01, 0.1], {"one split": [0, 1, 1, 2]})
    >>> [float(bar.get_height()) for bar in ax.patches]
    [0.25, 0.5, 0.25]
    """
    count = len(strengths)
    chosen = {name: np.ravel(np.asarray(places)) for name, places in chosen_by_name.items()}
    for name, places in chosen.items():
        if not places.size or not np.isin(places, np.arange(count)).all():
            raise ValueError(f"chosen_by_name[{name!r}] must hold places from 0 to {count - 1}")
    if not chosen:
        raise ValueError("chosen_by_name must hold at least one way of choosing, got none")
    ax = new_or_given(ax)
    width = 0.8 / len(chosen)
    for number, (name, places) in enumerate(chosen.items()):
        shares = np.bincount(places.astype(int), minlength=count) / places.size
        left = np.arange(count) - 0.4 + width * (number + 0.5)
        ax.bar(
            left, shares, 0.92 * width, color=PALETTE[number], hatch=("", "//", "..")[number % 3], label=name
        )
    ax.set_xticks(range(count), [f"{strength:g}" for strength in strengths])
    ax.set(xlabel="strength λ", ylabel="share of the choices")
    legend_below(ax)
    told = listed(
        f"{n} most often {strengths[np.bincount(p.astype(int)).argmax()]:g}" for n, p in chosen.items()
    )
    ax.alt_text = f"Bar chart of how often each of {count} strengths was chosen: {told}."
    return ax


@checked
def looks_often(
    counts: Sequence[int], losses_by_name: Mapping[str, Any], label: str, ax: Axes | None = None
) -> Axes:
    """Draw what the best of k networks promises and keeps, against k: means with 95 % bands.

    Parameters
    ----------
    counts : sequence of int, length n_counts
        k, rising, at least 1.
    losses_by_name : mapping of str to array_like, shape (n_seeds, n_counts)
        One curve each.
    label : str
        What the numbers are, with their unit.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, or one has another shape.

    Examples
    --------
    >>> ax = looks_often([1, 10], {"promised": [[0.5, 0.3], [0.6, 0.3]]}, "loss, nats")
    >>> ax.get_xscale()
    'log'
    """
    curves = {name: np.asarray(values, dtype=float) for name, values in losses_by_name.items()}
    if not curves or any(v.ndim != 2 or v.shape[1] != len(counts) for v in curves.values()):
        raise ValueError(f"losses_by_name must hold arrays of shape (n_seeds, {len(counts)}), one at least")
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        look = looks(number)
        ax.fill_between(counts, mean - half_width, mean + half_width, color=look["color"], alpha=0.2, lw=0)
        ax.plot(counts, mean, marker=MARKERS[number % len(MARKERS)], markersize=5, label=name, **look)
    ax.set(xscale="log", xlabel="networks looked at", ylabel=label)
    ax.set_xticks(counts, [str(count) for count in counts])
    ax.minorticks_off()
    legend_below(ax)
    told = listed(f"{name} from {v[:, 0].mean():.2f} to {v[:, -1].mean():.2f}" for name, v in curves.items())
    ax.alt_text = (
        f"Line chart of {label} against the number of networks looked at, {counts[0]} to {counts[-1]}, with "
        f"95 % bands: {told}."
    )
    return ax


@checked
def searched_pairs(pairs_by_name: Mapping[str, Any], names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw the pairs of two settings that searches try, and under them the values of the first alone.

    Parameters
    ----------
    pairs_by_name : mapping of str to array_like, shape (n_pairs, 2)
        For each search, the pairs; all numbers are positive, and the axes logarithmic.
    names : sequence of two str
        What the two settings are.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no search, one has another shape, or a number is not positive.

    Examples
    --------
    >>> ax = searched_pairs({"grid": [[1, 1], [1, 2], [2, 1], [2, 2]]}, ("a", "b"))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('a', 'b')
    """
    pairs = {name: np.asarray(values, dtype=float) for name, values in pairs_by_name.items()}
    if not pairs or any(v.ndim != 2 or v.shape[1] != 2 or not (v > 0).all() for v in pairs.values()):
        raise ValueError(f"pairs_by_name must hold arrays of positive numbers, shape (n, 2), got {pairs!r}")
    if len(names) != 2:
        raise ValueError(f"names must be two, got {names!r}")
    ax = new_or_given(ax)
    lowest = min(values[:, 1].min() for values in pairs.values())
    for number, (name, values) in enumerate(pairs.items()):
        look = {"color": PALETTE[number % len(PALETTE)], "marker": MARKERS[number % len(MARKERS)]}
        ax.plot(*values.T, linestyle="none", markersize=8, label=name, **look)
        below = np.unique(values[:, 0])
        ax.plot(below, np.full(len(below), lowest / 4 / 2**number), linestyle="none", markersize=4, **look)
    ax.axhline(lowest / 2.5, color="black", linewidth=0.8)
    ax.set(xscale="log", yscale="log", xlabel=names[0], ylabel=names[1])
    ax.margins(0.08)
    ax.minorticks_off()
    legend_below(ax)
    told = listed(f"{name} tries {len(np.unique(v[:, 0]))}" for name, v in pairs.items())
    ax.alt_text = (
        f"Scatter chart of pairs of {names[0]} and {names[1]}; different values of the first: {told}."
    )
    return ax


def _checked_rows(strengths: Sequence[float], row_losses: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    rising, losses = np.asarray(strengths, dtype=float), np.asarray(row_losses, dtype=float)
    if rising.ndim != 1 or not (np.diff(rising) > 0).all() or (rising > 0).sum() < 2 or rising[0] < 0:
        raise ValueError(f"strengths must increase from 0 or more, two of them positive, got {strengths!r}")
    if losses.ndim != 2 or len(losses) != len(rising) or losses.shape[1] < 2:
        raise ValueError(f"row_losses must have shape ({len(rising)}, n_rows), got {losses.shape}")
    return rising, losses


def _numbers(values: ArrayLike, length: int, name: str) -> np.ndarray:
    numbers = np.asarray(values)
    if numbers.shape != (length,) or numbers.dtype.kind not in "fiu":
        raise ValueError(f"{name} must hold {length} numbers, got {values!r}")
    return numbers
