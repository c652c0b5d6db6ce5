"""How panels are arranged and how curves are named."""

from collections.abc import Iterable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.container import ErrorbarContainer
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation
from sklearn.isotonic import isotonic_regression

from course_utils._arguments import check_integer, check_number, checked

_NAME = "name of a curve"
_LONGEST_NAME = 18  # characters on one line
_INK = 0.7  # a colour times this has enough contrast for writing
_NEAREST_ENDS = 0.6  # in lines of text; names of ends that are closer say not which is which


@checked
def panels(n: int, columns: int = 1, height: float = 2.8, **settings: Any) -> np.ndarray:
    """Make a figure of panels that stand below each other, each as wide as the page: readable on a phone.

    Parameters
    ----------
    n : int
        Number of panels, at least 1.
    columns : int
        Panels beside each other. More than one suits only what needs no room: a phone shows two at 8 points.
    height : float
        Height of each panel in inches, more than 0; the figure is 6 inches wide.
    **settings
        Passed on to `matplotlib.pyplot.subplots`, for example ``sharex=True``.

    Returns
    -------
    array of Axes, shape (n,)
        Row by row.

    Raises
    ------
    TypeError, ValueError
        If `n` or `columns` is not a positive integer, or `height` is not a positive number.

    Examples
    --------
    >>> above, below = panels(2, sharex=True)
    >>> above.figure.get_size_inches().tolist()
    [6.0, 5.6]
    """
    n, columns = check_integer(n, "n", minimum=1), check_integer(columns, "columns", minimum=1)
    if check_number(height, "height") == 0:
        raise ValueError(f"height must be positive, got {height!r}")
    rows = -(-n // columns)
    _, axes = plt.subplots(rows, columns, squeeze=False, figsize=(6.0, rows * height), **settings)
    for left_over in axes.flat[n:]:
        left_over.remove()
    return axes.flatten()[:n]


@checked
def name_curves(ax: Axes) -> None:
    """Write each curve's name at its right end, or a legend below the axes if ends are too close for that.

    Call it again after you have changed the limits of an axis: it takes its own names back first.

    Parameters
    ----------
    ax : Axes
        Where the curves are; those without a label stay without a name.

    Examples
    --------
    >>> _, ax = plt.subplots()
    >>> lines = ax.plot([0, 1], [0, 1], label="up") + ax.plot([0, 1], [1, 0], label="down")
    >>> name_curves(ax)
    >>> [text.get_text() for text in ax.texts], ax.get_legend()
    (['up', 'down'], None)
    """
    _take_names_back(ax)
    handles, labels = ax.get_legend_handles_labels()
    if not labels:
        return
    names = [_wrapped(label) for label in labels]
    lines = [handle.lines[0] if isinstance(handle, ErrorbarContainer) else handle for handle in handles]
    ends = np.array([_end(ax, line) for line in lines])
    line_height = 1.25 * plt.rcParams["font.size"] * 5 / 6  # of small writing, in points
    heights = line_height * np.array([1 + name.count("\n") for name in names])
    if not np.isfinite(ends).all() or (np.diff(np.sort(ends)) < _NEAREST_ENDS * line_height).any():
        legend_below(ax)
        return
    shifts = _pushed_apart(ends, heights) - ends
    for name, line, shift in zip(names, lines, shifts, strict=True):
        ax.annotate(
            name,
            (1, line.get_ydata()[-1]),
            (4, shift),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            annotation_clip=True,
            va="center",
            fontsize="small",
            color=np.multiply(to_rgb(line.get_color()), _INK),
            gid=_NAME,
        )


@checked
def legend_below(ax: Axes, handles: list | None = None) -> Legend:
    """Put the legend below the label of the horizontal axis, where it covers no data, in columns that fit.

    Parameters
    ----------
    ax : Axes
        Whose curves are named.
    handles : list of Artist, optional
        What to name; all that has a label if None.

    Returns
    -------
    Legend

    Examples
    --------
    >>> _, ax = plt.subplots()
    >>> lines = ax.plot([0, 1], [0, 1], label="up")
    >>> [text.get_text() for text in legend_below(ax).get_texts()]
    ['up']
    """
    entries = ax.get_legend_handles_labels()[0] if handles is None else handles
    below = ScaledTranslation(0, -(3.2 * plt.rcParams["font.size"] + 3) / 72, ax.figure.dpi_scale_trans)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "bbox_transform": ax.transAxes + below}
    width = 1.15 * ax.bbox.width  # the labels beside the axes leave room below them
    return ax.legend(handles=entries, **place, **_in_columns(entries, width * 72 / ax.figure.dpi))


@checked
def share_legend(axes: Iterable[Axes]) -> Legend:
    """Replace the legends of panels that show the same curves by one below the figure.

    Parameters
    ----------
    axes : iterable of Axes
        The panels, all of one figure; of curves with the same name the first is shown.

    Returns
    -------
    Legend

    Examples
    --------
    >>> above, below = panels(2)
    >>> lines = above.plot([0, 1], label="up") + below.plot([0, 2], label="up")
    >>> [text.get_text() for text in share_legend([above, below]).get_texts()]
    ['up']
    """
    axes = list(axes)
    entries = {}
    for ax in axes:
        _take_names_back(ax)
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    figure = axes[0].figure
    handles = list(entries.values())
    columns = _in_columns(handles, 72 * figure.get_figwidth())
    return figure.legend(handles=handles, loc="outside lower center", **columns)


def _in_columns(entries: list, width: float) -> dict[str, Any]:
    """Return settings of a small legend in as many columns as fit into a width in points."""
    longest = max(len(str(entry.get_label())) for entry in entries)
    columns = int(width / (plt.rcParams["font.size"] * (0.46 * longest + 3)))
    return {
        "ncols": min(max(columns, 1), len(entries)),
        "fontsize": "small",
        "borderaxespad": 0,
        "columnspacing": 1.2,
        "handlelength": 1.8,
    }


def _take_names_back(ax: Axes) -> None:
    for text in [text for text in ax.texts if text.get_gid() == _NAME]:
        text.remove()
    if ax.get_legend() is not None:
        ax.get_legend().remove()


def _wrapped(label: str) -> str:
    """Break a long name into two lines of about the same length."""
    breaks = [place for place, letter in enumerate(label) if letter == " "]
    if len(label) <= _LONGEST_NAME or not breaks:
        return label
    middle = min(breaks, key=lambda place: abs(place - len(label) / 2))
    return f"{label[:middle]}\n{label[middle + 1 :]}"


def _end(ax: Axes, line: Any) -> float:
    """Return how high a curve ends, in points above the axes' lower edge; NaN if it ends elsewhere."""
    if not isinstance(line, Line2D) or line.get_linestyle() == "None":
        return np.nan
    ax.get_xlim(), ax.get_ylim()  # matplotlib finds the limits when they are asked for
    x, y = line.get_transform().transform(line.get_xydata()[-1])
    reaches = ax.bbox.x0 + 0.9 * ax.bbox.width < x and ax.bbox.y0 <= y <= ax.bbox.y1
    return (y - ax.bbox.y0) * 72 / ax.figure.dpi if reaches else np.nan


def _pushed_apart(places: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Move names of these heights as little as possible so that none covers another; their order stays."""
    order = np.argsort(places)
    stacked = np.concatenate([[0], np.cumsum((heights[order][1:] + heights[order][:-1]) / 2)])
    moved = np.empty_like(places)
    moved[order] = isotonic_regression(places[order] - stacked) + stacked  # least squares, gaps at least 0
    return moved
