"""Sparse activations: what a penalty asks of a unit's mean, what it reaches, and what the unit then sees."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils._arguments import check_integer, check_number, checked
from course_utils.plots._drawing import CURVE_STYLES, MARKERS, listed, looks, mean_and_band, new_or_given
from course_utils.plots.layout import legend_below, name_curves
from course_utils.plots.style import PALETTE

_LEAST, _MOST = 1e-6, 0.99999  # where `KLSparsity` clips a mean
_MEAN = "mean activation of the unit"


@checked
def divergence_parts(rho: float = 0.05, ax: Axes | None = None) -> Axes:
    r"""Draw the KL divergence of a unit's mean activation from `rho`, and the two terms that it consists of.

    .. math:: \rho \ln\frac{\rho}{\hat\rho} + (1 - \rho) \ln\frac{1 - \rho}{1 - \hat\rho}

    Parameters
    ----------
    rho : float
        ρ, the share asked for, 0 < ρ < 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If `rho` is not a number between 0 and 1.

    Examples
    --------
    >>> ax = divergence_parts(0.2)
    >>> [line.get_label() for line in ax.lines[:3]]
    ['on: ρ ln(ρ/ρ̂)', 'off: (1−ρ) ln((1−ρ)/(1−ρ̂))', 'both: KL']
    """
    rho = _checked_share(rho)
    mean = np.linspace(0.002, 0.98, 490)
    on = rho * np.log(rho / mean)
    off = (1 - rho) * np.log((1 - rho) / (1 - mean))
    ax = new_or_given(ax)
    names = ("on: ρ ln(ρ/ρ̂)", "off: (1−ρ) ln((1−ρ)/(1−ρ̂))", "both: KL")
    for number, (name, cost) in enumerate(zip(names, (on, off, on + off), strict=True)):
        ax.plot(mean, cost, label=name, **looks(number))
    ax.plot([rho], [0], "o", color=PALETTE[2], markersize=8)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xlabel=f"{_MEAN}, ρ̂", ylabel="cost, nats", xlim=(0, 1), ylim=(-0.25, 1.5))
    legend_below(ax)
    ax.alt_text = (
        f"Line chart over the mean activation from 0 to 1. One term falls through zero at {rho:g}, the other "
        f"rises through zero there; their sum touches zero at {rho:g} and is positive everywhere else."
    )
    return ax


@checked
def sparsity_costs(rho: float = 0.05, ax: Axes | None = None) -> Axes:
    """Draw KL sparsity, L1 and the squared error of a unit's mean activation, all scaled to 1 at one half.

    L1 of activations that are not negative is their mean times the number of rows, so it has a place here.

    Parameters
    ----------
    rho : float
        ρ, the mean asked for, 0 < ρ < 1, and not 0.5, where nothing could be scaled.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If `rho` is not a number between 0 and 1, or 0.5.

    Examples
    --------
    >>> ax = sparsity_costs(0.05)
    >>> [line.get_label() for line in ax.lines]
    ['KL', 'L1', 'squared error']
    """
    rho = _checked_share(rho)
    if rho == 0.5:
        raise ValueError("rho must not be 0.5, where all curves are scaled to 1")
    mean = np.linspace(0.0005, 0.985, 1970)
    costs = {
        "KL": lambda m: rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m)),
        "L1": lambda m: m,
        "squared error": lambda m: (m - rho) ** 2,
    }
    ax = new_or_given(ax)
    for number, (name, cost) in enumerate(costs.items()):
        ax.plot(mean, cost(mean) / cost(0.5), label=name, **looks(number))
    ax.set(xlabel=f"{_MEAN}, ρ̂", ylabel="cost, as a multiple\nof that at 0.5", xlim=(0, 1), ylim=(0, 4))
    legend_below(ax)
    ax.alt_text = (
        f"Line chart of three costs over the mean activation, all 1 at one half. KL is zero at {rho:g}, "
        "rises steeply toward 0 and without bound toward 1; L1 is a straight line; the squared "
        f"error is a bowl with its bottom at {rho:g}."
    )
    return ax


@checked
def clipped_divergence(rho: float = 0.05, slope: bool = False, ax: Axes | None = None) -> Axes:
    """Draw what KL sparsity costs with the mean clipped below 1, or its slope, for means up to 1.5.

    Parameters
    ----------
    rho : float
        ρ, the mean asked for, 0 < ρ < 1.
    slope : bool
        Draw the slope instead of the cost.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If `rho` is not a number between 0 and 1.

    Examples
    --------
    >>> ax = clipped_divergence(slope=True)
    >>> float(ax.lines[0].get_ydata()[-1])
    0.0
    """
    rho = _checked_share(rho)
    mean = np.r_[np.linspace(0.002, 0.99, 495), np.linspace(0.99, _MOST, 200), 1, 1.5]
    inside = np.clip(mean, _LEAST, _MOST)
    if slope:
        values = np.where(mean <= _MOST, (inside - rho) / (inside * (1 - inside)), 0.0)
        label, limits = "slope of the cost", (-10, 50)
    else:
        values = rho * np.log(rho / inside) + (1 - rho) * np.log((1 - rho) / (1 - inside))
        label, limits = "cost, nats", (0, 14)
    ax = new_or_given(ax)
    ax.plot(mean, values, **looks(0))
    ax.axvspan(1, 1.5, color=PALETTE[1], alpha=0.15, linewidth=0)
    ax.annotate("no slope", (1.25, limits[1]), (0, -14), textcoords="offset points", ha="center")
    ax.set(xlabel=f"{_MEAN}, ρ̂", ylabel=label, xlim=(0, 1.5), ylim=limits)
    ax.alt_text = f"Line chart of the {label} over the mean activation: " + (
        "it rises without bound toward a mean of 1 and is exactly zero from there on."
        if slope
        else "it rises steeply toward a mean of 1 and is a level line from there on."
    )
    return ax


@checked
def mean_paths(paths: Mapping[str, Any], rho: float, ax: Axes | None = None) -> Axes:
    """Draw the mean activations of units step by step, and the mean that is asked of them.

    Parameters
    ----------
    paths : mapping of str to array_like, shape (n_steps,)
        For each unit its mean activation before each step.
    rho : float
        ρ, the mean asked for.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no path, or one is not a row of at least two numbers.

    Examples
    --------
    >>> ax = mean_paths({"from 0.5": [0.5, 0.3, 0.2]}, 0.05)
    >>> ax.lines[0].get_ydata().tolist()
    [0.5, 0.3, 0.2]
    """
    drawn = {name: np.asarray(values, dtype=float) for name, values in paths.items()}
    if not drawn or any(values.ndim != 1 or len(values) < 2 for values in drawn.values()):
        raise ValueError(f"paths must hold rows of at least two numbers, got {paths!r}")
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(drawn.items()):
        ax.plot(values, label=name, **looks(number))
    ax.axhline(rho, color="black", linestyle=":")
    ax.annotate(f"asked: {rho:g}", (0.4, rho), (0, 4), xycoords=("axes fraction", "data"),
                textcoords="offset points", fontsize="small")  # fmt: skip
    ax.set(xlabel="step", ylabel="mean activation", ylim=(0, None))
    name_curves(ax)
    ends = ", ".join(f"{name}: {values[0]:.2g} to {values[-1]:.2g}" for name, values in drawn.items())
    ax.alt_text = f"Line chart of the mean activation of {len(drawn)} units step by step; {ends}."
    return ax


@checked
def calibration(asked: Sequence[float], reached_by_name: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the mean activation that was reached against the one asked for, on logarithmic axes.

    Parameters
    ----------
    asked : sequence of float, length n
        ρ, each more than 0.
    reached_by_name : mapping of str to array_like, shape (n_seeds, n)
        Mean activations of each network, one curve each.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `asked` holds fewer than two positive numbers, or there is no curve or one of another shape.

    Examples
    --------
    >>> ax = calibration([0.1, 0.5], {"ReLU": [[0.12, 0.5], [0.14, 0.5]]})
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['0.1', '0.5']
    """
    places = np.asarray(asked, dtype=float)
    if places.ndim != 1 or len(places) < 2 or not (places > 0).all():
        raise ValueError(f"asked must hold at least two positive numbers, got {asked!r}")
    curves = {name: np.asarray(values, dtype=float) for name, values in reached_by_name.items()}
    if not curves or any(values.ndim != 2 or values.shape[1] != len(places) for values in curves.values()):
        raise ValueError(f"reached_by_name must hold arrays of shape (n_seeds, {len(places)})")
    ax = new_or_given(ax)
    ax.plot(places, places, color="black", linestyle="--", linewidth=1, label="asked = reached")
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        style = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": MARKERS[number % len(MARKERS)],
            "linestyle": CURVE_STYLES[number % len(CURVE_STYLES)],
        }
        ax.errorbar(places, mean, half_width, label=name, capsize=2, **style)
    ax.set(xscale="log", yscale="log", xlabel="asked: ρ", ylabel="reached: mean activation")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(places, [f"{place:g}" for place in places])
        axis.set_ticks([], minor=True)
    legend_below(ax)
    ax.alt_text = (
        f"Line chart of the mean activation reached against the one asked for, from {places[0]:g} to "
        f"{places[-1]:g}, for {listed(curves)}, beside the diagonal where both are equal."
    )
    return ax


@checked
def activation_histogram(
    activations: ArrayLike, rho: float | None = None, limit: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw which share of the activations is how large, with their mean and the mean asked for.

    The height is logarithmic, because activations that are exactly zero often outnumber all others.

    Parameters
    ----------
    activations : array_like
        Activations, not negative, of any shape.
    rho : float, optional
        The mean asked for, drawn as a dotted line.
    limit : float, optional
        Where the axis ends; larger activations are counted in the last bar. Default: the largest one.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no activation, one is negative or not finite, or `limit` is not positive.

    Examples
    --------
    >>> ax = activation_histogram([0.0, 0.0, 0.1, 0.4], rho=0.05)
    >>> "50% are exactly zero" in ax.alt_text
    True
    """
    values = np.asarray(activations, dtype=float).ravel()
    if values.size == 0 or not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("activations must be finite and not negative, and there must be one at least")
    limit = max(values.max(), 1e-6) if limit is None else check_number(limit, "limit")
    if limit == 0:
        raise ValueError(f"limit must be positive, got {limit!r}")
    counts, edges = np.histogram(np.minimum(values, limit), np.linspace(0, limit, 41))
    ax = new_or_given(ax)
    ax.stairs(counts / values.size, edges, fill=True, color=PALETTE[5], baseline=1e-9)
    ax.axvline(values.mean(), color=PALETTE[0], label=f"mean {values.mean():.2f}")
    if rho is not None:
        ax.axvline(rho, color="black", linestyle=":", label=f"asked: {rho:g}")
    ax.set(xlabel="activation", ylabel="share of all", yscale="log", ylim=(1e-4, 1.2), xlim=(0, limit))
    ax.legend(loc="upper right")
    zeros = np.mean(values == 0)
    asked = "" if rho is None else f", {rho:g} was asked for"
    ax.alt_text = (
        f"Histogram of activations with a logarithmic height: {zeros:.0%} are exactly zero, the mean is "
        f"{values.mean():.2g}{asked}."
    )
    return ax


@checked
def feature_grid(
    features: ArrayLike, shape: tuple[int, int] = (8, 8), title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw one small picture per unit, each on its own scale.

    Features with both signs are drawn from blue (negative) over white to red, others from white to black.

    Parameters
    ----------
    features : array_like, shape (n_pixels, n_units)
        One column per unit, for example the kernel of an encoder.
    shape : tuple of two int
        Rows and columns of a picture; their product is ``n_pixels``.
    title : str
        What the pictures show.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the features are not finite or do not have ``shape[0] * shape[1]`` rows.

    Examples
    --------
    >>> ax = feature_grid(np.eye(4), shape=(2, 2))
    >>> ax.images[0].get_array().shape
    (7, 7)
    """
    features = np.asarray(features, dtype=float)
    height, width = (check_integer(size, "shape", minimum=1) for size in shape)
    if features.ndim != 2 or len(features) != height * width or not np.isfinite(features).all():
        raise ValueError(
            f"features must be finite and of shape ({height * width}, n_units), got {features.shape}"
        )
    n_units = features.shape[1]
    columns = int(np.ceil(np.sqrt(n_units)))
    rows = -(-n_units // columns)
    sheet = np.full((rows * (height + 1) + 1, columns * (width + 1) + 1), np.nan)
    for unit, column in enumerate(features.T / np.maximum(np.abs(features).max(axis=0), 1e-12)[:, None]):
        top, left = (1 + place * (size + 1) for place, size in zip(divmod(unit, columns), (height, width),
                                                                   strict=True))  # fmt: skip
        sheet[top : top + height, left : left + width] = column.reshape(height, width)
    signed = bool((features < 0).any())
    ax = new_or_given(ax)
    ax.imshow(sheet, cmap="RdBu_r" if signed else "gray_r", vmin=-1 if signed else 0, vmax=1)
    ax.set(xticks=[], yticks=[], xlabel=f"{n_units} units", ylabel=f"{height} × {width} pixels", title=title)
    ax.grid(False)
    colours = "blue to red" if signed else "white to black"
    ax.alt_text = f"A grid of {n_units} pictures of {height} by {width} pixels, from {colours}, one per unit."
    return ax


def _checked_share(rho: float) -> float:
    rho = check_number(rho, "rho", below=1.0)
    if rho == 0:
        raise ValueError("rho must be more than 0 and less than 1, got 0")
    return rho
