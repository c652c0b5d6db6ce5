"""Weighted sums before the activation, and what a penalty on either side of a ReLU does to them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils._arguments import check_integer, check_number, checked
from course_utils.plots._drawing import CURVE_STYLES, listed, new_or_given
from course_utils.plots.layout import legend_below
from course_utils.plots.style import PALETTE

_LOWEST_SHARE = 1e-4  # of a bar that can still be seen


@checked
def penalty_places(slope: bool = False, ax: Axes | None = None) -> Axes:
    """Draw an L1 penalty before and after a ReLU against the weighted sum z, or the slope of each.

    Before: |z|, with the slope sign(z). After: |max(0, z)|, with the slope 1 for z > 0 and 0 for z < 0.

    Parameters
    ----------
    slope : bool
        Whether to draw the slopes in place of the penalties.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = penalty_places(slope=True)
    >>> [float(line.get_ydata()[0]) for line in ax.lines[:2]]
    [-1.0, 0.0]
    """
    z = np.linspace(-2, 2, 201)
    z[100] = np.nan  # a slope jumps there, a penalty is zero
    curves = (
        {"before the ReLU": np.sign(z), "after the ReLU": np.heaviside(z, 0.5)}
        if slope
        else {"before the ReLU": np.abs(z), "after the ReLU": np.maximum(z, 0)}
    )
    ax = new_or_given(ax)
    looks = ({"linewidth": 4, "color": PALETTE[5]}, {"linestyle": "--", "color": PALETTE[1]})
    for (name, height), look in zip(curves.items(), looks, strict=True):
        ax.plot(z, height, label=name, **look)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel="weighted sum z", ylabel="slope of the penalty" if slope else "penalty")
    legend_below(ax)
    what = "slopes, −1 and 0 left of zero" if slope else "penalties, |z| and 0 left of zero"
    ax.alt_text = f"Line chart of an L1 penalty before and after a ReLU: {what}, and equal right of zero."
    return ax


@checked
def sums_over_steps(sums_by_unit: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw how a unit's weighted sum at each of some points changes, step by step.

    The area below zero is shaded: there a ReLU puts out zero.

    Parameters
    ----------
    sums_by_unit : mapping of str to array_like, shape (n_steps, n_points)
        For each unit its weighted sums at the points.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no unit, or an array is not of shape (n_steps, n_points).

    Examples
    --------
    >>> ax = sums_over_steps({"a unit": [[0.5, -1.0], [0.4, -1.0]]})
    >>> ax.get_ylabel()
    'weighted sum z'
    """
    units = {name: np.asarray(values, dtype=float) for name, values in sums_by_unit.items()}
    if not units or any(values.ndim != 2 or not values.size for values in units.values()):
        raise ValueError(f"sums_by_unit must hold arrays of shape (n_steps, n_points), got {sums_by_unit!r}")
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(units.items()):
        look = {"color": PALETTE[number], "linestyle": CURVE_STYLES[number % len(CURVE_STYLES)]}
        lines = ax.plot(values, linewidth=1.5, **look)
        lines[0].set_label(name)
    ax.set_ylim(ax.get_ylim())
    ax.axhspan(min(ax.get_ylim()[0], 0), 0, color="black", alpha=0.07, linewidth=0)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xlabel="step", ylabel="weighted sum z")
    legend_below(ax)
    ends = listed(
        f"{values[-1].min():.2g} to {values[-1].max():.2g} for {name}" for name, values in units.items()
    )
    ax.alt_text = f"Line chart of weighted sums over {len(values) - 1} steps; they end at {ends}."
    return ax


@checked
def sums_histogram(sums: ArrayLike, limit: float, bins: int = 40, ax: Axes | None = None) -> Axes:
    """Draw a histogram of weighted sums, in two colours: those that a ReLU turns into zero, and the others.

    The height is the share of all sums in a bar, on a logarithmic axis from 0.0001 to 1. Sums beyond an edge
    are counted in the share that is written, and not drawn.

    Parameters
    ----------
    sums : array_like
        The weighted sums, of any shape, finite.
    limit : float
        The axis runs from ``-limit`` to ``limit``, more than 0.
    bins : int
        Number of bars on each side of zero, at least 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no sum or one is not finite, `limit` is not positive or `bins` is less than 1.

    Examples
    --------
    >>> ax = sums_histogram([-0.2, -0.1, 0.3, -0.4], limit=1.0, bins=2)
    >>> ax.texts[0].get_text()
    '75% put out zero'
    """
    sums = np.asarray(sums, dtype=float).ravel()
    if not sums.size or not np.isfinite(sums).all():
        raise ValueError(f"sums must be finite and hold at least one number, got {sums}")
    bins = check_integer(bins, "bins", minimum=1)
    if check_number(limit, "limit") == 0:
        raise ValueError(f"limit must be positive, got {limit!r}")
    ax = new_or_given(ax)
    share = np.mean(sums <= 0)
    sides = ((-limit, 0.0, sums <= 0, PALETTE[1]), (0.0, limit, sums > 0, PALETTE[5]))
    for low, high, inside, color in sides:
        edges = np.linspace(low, high, bins + 1)
        heights = np.histogram(sums[inside], edges)[0] / sums.size
        ax.stairs(np.maximum(heights, _LOWEST_SHARE / 10), edges, fill=True, color=color)
    ax.axvline(0, color="black", linewidth=1.2)
    ax.text(0.03, 0.88, f"{share:.0%} put out zero", transform=ax.transAxes, fontsize="small")
    ax.set(xlabel="weighted sum z", ylabel="share of sums", yscale="log")
    ax.set(xlim=(-limit, limit), ylim=(_LOWEST_SHARE, 1))
    ax.alt_text = (
        f"Histogram of {sums.size} weighted sums with a line at zero; {share:.0%} of them are at most zero, "
        f"and half are within {np.median(np.abs(sums)):.2g} of it."
    )
    return ax
