"""Dropout: the masks, what they come to on average, and how predictions spread over them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils._arguments import check_numbers, checked
from course_utils.plots._drawing import listed, looks, mean_and_band, new_or_given
from course_utils.plots.layout import legend_below, name_curves
from course_utils.plots.style import PALETTE

_KEPT, _DROPPED = PALETTE[0], "#767676"


@checked
def thinned_network(layers: Mapping[str, Sequence[int]], ax: Axes | None = None) -> Axes:
    """Draw the network that a mask leaves: what is dropped is hollow and crossed, and has no connections.

    Parameters
    ----------
    layers : mapping of str to sequence of 0 and 1
        For each layer, from the input on, its name and the mask of its units: 1 is kept, 0 is dropped.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are fewer than two layers, a layer has no unit, or a mask holds something else than 0 and 1.

    Examples
    --------
    >>> ax = thinned_network({"inputs": [1, 1], "hidden": [1, 1, 0, 1], "output": [1]})
    >>> ax.alt_text
    'Network of 2 inputs, 4 hidden and 1 output; dropped, with its connections: unit 3 of hidden.'
    """
    masks = {name: np.asarray(mask) for name, mask in layers.items()}
    if len(masks) < 2:
        raise ValueError(f"layers must hold at least two layers, got {list(masks)}")
    for name, mask in masks.items():
        if mask.ndim != 1 or mask.size == 0 or not np.isin(mask, (0, 1)).all():
            raise ValueError(f"layers[{name!r}] must be a sequence of 0 and 1, got {mask.tolist()}")
    ax = new_or_given(ax)
    heights = [(len(mask) - 1) / 2 - np.arange(len(mask)) for mask in masks.values()]
    kept = [mask == 1 for mask in masks.values()]
    for place in range(len(masks) - 1):
        for left in heights[place][kept[place]]:
            for right in heights[place + 1][kept[place + 1]]:
                ax.plot([place, place + 1], [left, right], color=_KEPT, linewidth=1, alpha=0.6, zorder=1)
    for place, (height, on) in enumerate(zip(heights, kept, strict=True)):
        ax.plot(np.full(on.sum(), place), height[on], "o", color=_KEPT, markersize=20)
        hollow = {"color": _DROPPED, "markeredgewidth": 1.5}
        ax.plot(np.full((~on).sum(), place), height[~on], "o", markersize=20, markerfacecolor="w", **hollow)
        ax.plot(np.full((~on).sum(), place), height[~on], "x", markersize=9, **hollow)
        for number, at in enumerate(height, start=1):
            if on[number - 1]:
                ax.text(place, at, str(number), color="white", ha="center", va="center", fontsize=11)
    largest = max(map(len, kept))
    ax.set_xticks(range(len(masks)), list(masks))
    ax.set(xlabel="layer", ylabel="unit", yticks=[], ylim=(-largest / 2 - 0.1, largest / 2 + 0.1))
    ax.set_xlim(-0.4, len(masks) - 0.6)
    ax.grid(False)
    ax.alt_text = (
        f"Network of {listed(f'{mask.size} {name}' for name, mask in masks.items())}; {_told(masks)}."
    )
    return ax


def _told(masks: Mapping[str, np.ndarray]) -> str:
    """Say which units are dropped."""
    gone = [
        f"unit {place + 1} of {name}" for name, mask in masks.items() for place in np.flatnonzero(mask == 0)
    ]
    return f"dropped, with its connections: {listed(gone)}" if gone else "nothing is dropped"


@checked
def mean_over_masks(inputs: ArrayLike, outputs: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the mean output of each unit over the masks so far, beside what went in.

    Parameters
    ----------
    inputs : array_like, shape (n_units,)
        What the units put out before dropout.
    outputs : array_like, shape (n_masks, n_units)
        What dropout made of it, a row per mask.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the shapes do not belong together.

    Examples
    --------
    >>> ax = mean_over_masks([1.0, 0.5], [[2.0, 0.0], [0.0, 1.0]])
    >>> [float(bar.get_height()) for bar in ax.patches]
    [1.0, 0.5]
    """
    inputs, outputs = np.asarray(inputs, dtype=float), np.asarray(outputs, dtype=float)
    if inputs.ndim != 1 or outputs.ndim != 2 or outputs.shape[1:] != inputs.shape or not len(outputs):
        raise ValueError(
            f"inputs and outputs must have shapes (n_units,) and (n_masks, n_units), got {inputs.shape} and "
            f"{outputs.shape}"
        )
    ax = new_or_given(ax)
    units, count = np.arange(1, len(inputs) + 1), len(outputs)
    ax.bar(units, outputs.mean(axis=0), color=PALETTE[5], label="mean after dropout")
    level = {"color": PALETTE[1], "linewidth": 3, "label": "before dropout"}
    ax.hlines(inputs, units - 0.4, units + 0.4, **level)
    ax.set_xticks(units)
    ax.set(xlabel="unit", ylabel="output", ylim=(0, None))
    legend_below(ax)
    farthest = np.abs(outputs.mean(axis=0) - inputs).max()
    ax.alt_text = (
        f"Bar chart of the mean output of {len(inputs)} units over {count} mask{'s' * (count > 1)}, with a "
        f"line at what went in; the farthest bar is {farthest:.2g} off."
    )
    return ax


@checked
def loss_by_masks(
    masks: Sequence[int], losses: Mapping[str, Any], off: Mapping[str, float], ax: Axes | None = None
) -> Axes:
    """Draw the loss of the mean prediction against the number of masks, and the loss without dropout.

    Parameters
    ----------
    masks : sequence of int, length n_counts
        Numbers of masks, rising, at least 1.
    losses : mapping of str to array_like of shape (n_seeds, n_counts)
        For each variant, the data loss of the prediction averaged over so many masks.
    off : mapping of str to float
        For each variant, the mean data loss with dropout switched off: a dashed line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the names or the shapes do not belong together.

    Examples
    --------
    >>> ax = loss_by_masks([1, 10], {"Dropout(0.5)": [[0.5, 0.4], [0.6, 0.4]]}, {"Dropout(0.5)": 0.4})
    >>> ax.get_xscale()
    'log'
    """
    if not losses or set(losses) != set(off):
        raise ValueError(f"losses and off must name the same variants, got {list(losses)} and {list(off)}")
    curves = {n: _checked(v, len(masks), f"losses[{n!r}]") for n, v in losses.items()}
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        look = looks(number)
        ax.fill_between(masks, mean - half_width, mean + half_width, color=look["color"], alpha=0.2, lw=0)
        ax.plot(masks, mean, marker="o", markersize=4, label=f"{name}, masks", **look)
        ax.axhline(off[name], color=look["color"], linestyle="--", linewidth=1, label=f"{name}, off")
    ax.set(xscale="log", xlabel="masks averaged", ylabel="data loss, nats")
    ax.set_xticks(masks, [str(count) for count in masks])
    ax.minorticks_off()
    legend_below(ax)
    ax.alt_text = (
        f"Line chart of the data loss against the number of masks averaged, from {masks[0]} to {masks[-1]}, "
        f"for {listed(losses)}, means over seeds with 95 % intervals; dashed the loss with dropout off."
    )
    return ax


@checked
def spread_by_distance(
    distances: Sequence[float], spreads: Mapping[str, Any], label: str, ax: Axes | None = None
) -> Axes:
    """Draw how predictions spread over the masks, against the distance from the middle of the data.

    Parameters
    ----------
    distances : sequence of float, length n_distances
        Distances, rising.
    spreads : mapping of str to array_like of shape (n_seeds, n_distances)
        For each variant, the standard deviation over masks at each distance.
    label : str
        What spreads; it goes beside the axis.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no variant or a shape does not fit.

    Examples
    --------
    >>> ax = spread_by_distance([0, 1], {"Dropout(0.5)": [[0.1, 0.2], [0.1, 0.3]]}, "probability")
    >>> ax.get_ylabel()
    'spread of the probability'
    """
    if not spreads:
        raise ValueError("spreads must hold at least one variant, got none")
    curves = {n: _checked(v, len(distances), f"spreads[{n!r}]") for n, v in spreads.items()}
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        look = looks(number)
        ax.fill_between(distances, mean - half_width, mean + half_width, color=look["color"], alpha=0.2, lw=0)
        ax.plot(distances, mean, label=name, **look)
    ax.set(xlabel="distance from the middle", ylabel=f"spread of the {label}")
    ax.set_ylim(bottom=0)
    if len(spreads) > 1:
        name_curves(ax)
    ax.alt_text = (
        f"Line chart of the spread of the {label} over masks against the distance, from {distances[0]:g} to "
        f"{distances[-1]:g}, for {listed(spreads)}, means over seeds with 95 % intervals."
    )
    return ax


def _checked(values: Any, count: int, name: str) -> np.ndarray:
    check_numbers(values, name)
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[1] != count:
        raise ValueError(f"{name} must have shape (n_seeds, {count}), got {values.shape}")
    return values


@checked
def rate_sweep(
    rates: Sequence[float],
    values_by_name: Mapping[str, Any],
    label: str,
    floor: float | None = None,
    advised: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what was measured at each rate of dropout: means over seeds with 95 % intervals.

    Parameters
    ----------
    rates : sequence of float, length n_rates
        Rates, rising.
    values_by_name : mapping of str to array_like of shape (n_seeds, n_rates)
        What was measured, one curve each.
    label : str
        What the numbers are; it goes beside the axis.
    floor : float, optional
        Value of the best possible classifier, drawn as a dotted line.
    advised : tuple of two float, optional
        The first and last rate that somebody advises, drawn as a grey band.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, or one of another shape.

    Examples
    --------
    >>> ax = rate_sweep([0, 0.5], {"64 units": [[0.5, 0.4], [0.6, 0.4]]}, "data loss", floor=0.35)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('rate of dropout', 'data loss')
    """
    if not values_by_name:
        raise ValueError("values_by_name must hold at least one curve, got none")
    curves = {n: _checked(v, len(rates), f"values_by_name[{n!r}]") for n, v in values_by_name.items()}
    ax = new_or_given(ax)
    if advised is not None:
        ax.axvspan(*advised, color="black", alpha=0.08, linewidth=0)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        look = looks(number)
        ax.errorbar(rates, mean, half_width, label=name, capsize=2, marker="o", markersize=4, **look)
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xlabel="rate of dropout", ylabel=label)
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    legend_below(ax)
    ax.alt_text = (
        f"Line chart of the {label} against the rate of dropout, from {rates[0]:g} to {rates[-1]:g}, for "
        f"{listed(curves)}; means over {len(values)} seeds with 95 % intervals."
    )
    return ax


@checked
def losses_by_epoch(epochs: Sequence[int], losses: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw losses after some epochs of training, on a logarithmic axis of epochs.

    Parameters
    ----------
    epochs : sequence of int, length n_epochs
        Epochs, rising, at least 1.
    losses : mapping of str to array_like of shape (n_seeds, n_epochs)
        What was measured, one curve each: means over seeds with 95 % bands.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, or one of another shape.

    Examples
    --------
    >>> ax = losses_by_epoch([1, 10], {"reported": [[0.7, 0.5], [0.6, 0.5]]})
    >>> ax.get_xscale()
    'log'
    """
    if not losses:
        raise ValueError("losses must hold at least one curve, got none")
    curves = {n: _checked(v, len(epochs), f"losses[{n!r}]") for n, v in losses.items()}
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        look = looks(number)
        ax.fill_between(epochs, mean - half_width, mean + half_width, color=look["color"], alpha=0.2, lw=0)
        ax.plot(epochs, mean, marker="o", markersize=4, label=name, **look)
    ax.set(xscale="log", xlabel="epoch", ylabel="data loss, nats")
    ax.set_xticks(epochs, [str(epoch) for epoch in epochs])
    ax.minorticks_off()
    legend_below(ax)
    ax.alt_text = (
        f"Line chart of the data loss after {epochs[0]} to {epochs[-1]} epochs for {listed(curves)}, means "
        f"over {len(values)} seeds with 95 % bands."
    )
    return ax
