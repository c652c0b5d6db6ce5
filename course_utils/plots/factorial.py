"""Factorial experiments: the levels on the corners of a cube, and lines that are parallel or not."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from numpy.typing import ArrayLike

from course_utils._arguments import checked
from course_utils.plots._drawing import CURVE_STYLES, MARKERS, mean_and_band, new_or_given
from course_utils.plots.layout import legend_below
from course_utils.plots.style import PALETTE

_DARK = 0.5  # from this shade on, white writing reads better than black
# Where a step along each edge leads on the page: to the right, up, and back.
_EDGES = np.array([[1.0, 0.0], [0.0, 1.0], [0.55, 0.38]])


@checked
def factorial_cube(
    levels: ArrayLike, factors: Sequence[str], label: str, digits: int = 2, ax: Axes | None = None
) -> Axes:
    """Draw the eight levels of three factors, off or on, as the corners of a cube; larger ones are darker.

    Parameters
    ----------
    levels : array_like, shape (2, 2, 2)
        One index per factor: 0 for off, 1 for on.
    factors : sequence of three str
        Their names. Switching on the first leads to the right, the second up, the third back.
    label : str
        What the levels are, with their unit; it stands over the cube.
    digits : int
        Decimal places of the numbers written into the corners.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `levels` is not of shape (2, 2, 2) and finite, or there are not three names.

    Examples
    --------
    >>> levels = [[[0.5, 0.5], [0.4, 0.4]], [[0.3, 0.3], [0.3, 0.3]]]
    >>> ax = factorial_cube(levels, ["kernel", "bias", "activity"], "loss")
    >>> [text.get_text() for text in ax.texts[:4]]
    ['0.50', '0.50', '0.40', '0.40']
    """
    levels = np.asarray(levels, float)
    if levels.shape != (2, 2, 2) or not np.isfinite(levels).all() or len(factors) != 3:
        raise ValueError(
            "levels must be finite and of shape (2, 2, 2) with three factors, "
            f"got shape {levels.shape} and {list(factors)}"
        )
    ax = new_or_given(ax)
    corners = np.array(list(np.ndindex(2, 2, 2)))
    places = corners @ _EDGES
    shade = Normalize(levels.min(), levels.max())
    ax.scatter(*places.T, s=1500, c=levels.ravel(), cmap="cividis_r", norm=shade, zorder=2)
    for corner, place in zip(corners, places, strict=True):
        level = levels[tuple(corner)]
        color = "white" if shade(level) > _DARK else "black"
        ax.text(*place, f"{level:.{digits}f}", ha="center", va="center", color=color)
        for axis in np.flatnonzero(corner == 0):
            ax.plot(*np.transpose([place, place + _EDGES[axis]]), color="0.6", linewidth=1.5, zorder=1)
    ax.text(1.33, 0.14, f"{factors[2]} →", va="top")
    ax.set(xlim=(-0.3, 1.85), ylim=(-0.22, 1.6), xticks=[], yticks=[], title=label)
    ax.set(xlabel=f"{factors[0]} →", ylabel=f"{factors[1]} →")
    ax.spines[:].set_visible(False)
    first, last = (f"{level:.{digits}f}" for level in (levels[0, 0, 0], levels[1, 1, 1]))
    ax.alt_text = (
        f"Cube with a number at each of its eight corners, the {label}: {first} with all of "
        f"{', '.join(factors)} off, {last} with all on."
    )
    return ax


@checked
def interaction_lines(values: ArrayLike, factors: Sequence[str], label: str, ax: Axes | None = None) -> Axes:
    """Draw how the effect of one factor depends on another: parallel lines if it does not.

    Parameters
    ----------
    values : array_like, shape (2, 2) or (n_seeds, 2, 2)
        The last two indices: the first factor off or on, the second factor off or on. With seeds, the mean
        is drawn with its 95 % interval.
    factors : sequence of two str
        Their names; the first is off on the left and on on the right, the second has a line for each.
    label : str
        What the values are, with their unit; it goes beside the axis.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `values` has another shape, or there are not two names.

    Examples
    --------
    >>> ax = interaction_lines([[0.5, 0.4], [0.3, 0.2]], ["kernel", "activity"], "loss")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['activity off', 'activity on']
    """
    values = np.asarray(values, float)
    if values.ndim not in (2, 3) or values.shape[-2:] != (2, 2) or len(factors) != 2:
        raise ValueError(
            "values must be of shape (2, 2) or (n_seeds, 2, 2) with two factors, "
            f"got shape {values.shape} and {list(factors)}"
        )
    seeds = values if values.ndim == 3 else values[np.newaxis]
    ax = new_or_given(ax)
    for on in (0, 1):
        _, mean, half_width = mean_and_band(seeds[:, :, on])
        looks = {"color": PALETTE[on], "marker": MARKERS[on], "linestyle": CURVE_STYLES[on]}
        name = f"{factors[1]} {'on' if on else 'off'}"
        ax.errorbar([0, 1], mean, yerr=half_width if len(seeds) > 1 else None, label=name, capsize=3, **looks)
    ax.set_xticks([0, 1], ["off", "on"])
    ax.set(xlim=(-0.2, 1.2), xlabel=factors[0], ylabel=label)
    legend_below(ax)
    off, on = np.diff(seeds.mean(axis=0), axis=0)[0]
    ax.alt_text = (
        f"Two lines of the {label} from {factors[0]} off to {factors[0]} on: with {factors[1]} off it "
        f"changes by {off:+.2g}, with {factors[1]} on by {on:+.2g}."
    )
    return ax
