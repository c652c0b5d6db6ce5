"""Many techniques side by side: their mean ranks, and on which data sets they lower or raise the loss."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from course_utils._arguments import check_number, checked
from course_utils.plots._drawing import listed, new_or_given
from course_utils.plots.style import PALETTE

_SHADES = ("#bcd8ee", "#f0f0f0", "#f6cfae")  # of a difference below zero, of none, and above


@checked
def critical_difference(ranks: Mapping[str, float], distance: float, ax: Axes | None = None) -> Axes:
    """Draw mean ranks, each with half of the critical difference on either side [1]_.

    Two techniques differ if their bars do not overlap. Dots of techniques that do not differ from the best
    one are filled, and the reach of the best is a band.

    Parameters
    ----------
    ranks : mapping of str to float
        Mean rank of each technique, at least 1; 1 is the best.
    distance : float
        The critical difference, more than 0: `course_utils.compare.mean_ranks` finds both.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two ranks, one is not a number of at least 1, or `distance` is not positive.

    References
    ----------
    .. [1] J. Demšar, Statistical comparisons of classifiers over multiple data sets, JMLR 7, 2006.

    Examples
    --------
    >>> ax = critical_difference({"none": 2.8, "L2": 1.2, "L1": 2.0}, 0.9)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['L2', 'L1', 'none']
    """
    if check_number(distance, "distance") == 0:
        raise ValueError("distance must be positive, got 0")
    if len(ranks) < 2:
        raise ValueError(f"ranks must hold two techniques at least, got {list(ranks)}")
    places = {name: check_number(rank, f"ranks[{name!r}]") for name, rank in ranks.items()}
    if too_low := [name for name, rank in places.items() if rank < 1]:
        raise ValueError(f"ranks must be at least 1, got {places[too_low[0]]:g} for {too_low[0]!r}")
    rising = sorted(places, key=places.get)
    best = places[rising[0]]
    with_best = [name for name in rising if places[name] - best <= distance]
    ax = new_or_given(ax)
    ax.axvspan(best - distance / 2, best + distance / 2, color="black", alpha=0.08, linewidth=0, zorder=0)
    for height, name in enumerate(rising):
        face = PALETTE[0] if name in with_best else "white"
        ax.errorbar(
            places[name], height, xerr=distance / 2, fmt="o", color=PALETTE[0], markerfacecolor=face, lw=1.5
        )
    ax.set_yticks(range(len(rising)), rising)
    ax.set_ylim(len(rising) - 0.5, -0.5)
    ax.set(xlabel="mean rank, 1 is best", ylabel="technique")
    ax.alt_text = (
        f"Dot chart of the mean ranks of {len(rising)} techniques, from the best: {listed(rising)}. Bars of "
        f"the critical difference, {distance:.1f}, overlap with that of the best for {listed(with_best)}."
    )
    return ax


@checked
def difference_map(differences: Mapping[tuple[str, str], Any], label: str, ax: Axes | None = None) -> Axes:
    """Draw a table of differences: coloured, with a triangle, where the interval is clear of zero.

    Parameters
    ----------
    differences : mapping of (str, str) to object with `mean`, `low` and `high`
        By row and column, such as technique and data set; each row with each column. For example what
        `course_utils.compare.simultaneous_differences` returns.
    label : str
        What the differences are, with their unit; it stands over the map.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no difference, or a row misses a column.

    Examples
    --------
    >>> from course_utils.compare import Difference
    >>> clear, unclear = Difference(-0.05, -0.06, -0.04, 32), Difference(0.0, -0.1, 0.1, 32)
    >>> found = {("L2", "blobs"): clear, ("L2", "iris"): unclear}
    >>> [cell.get_text() for cell in difference_map(found, "difference, nats").texts]
    ['▼ −0.05', '0.00']
    """
    rows, columns = (list(dict.fromkeys(key[side] for key in differences)) for side in (0, 1))
    missing = [(row, column) for row in rows for column in columns if (row, column) not in differences]
    if missing or not rows:
        raise ValueError(f"differences must hold each row with each column, {missing or 'all'} are missing")
    signs = np.array([[_sign(differences[row, column]) for column in columns] for row in rows])
    ax = new_or_given(ax)
    ax.imshow(signs, cmap=ListedColormap(_SHADES), vmin=-1, vmax=1, aspect="auto")
    for (height, place), sign in np.ndenumerate(signs):
        mark = {-1: "▼ ", 0: "", 1: "▲ "}[int(sign)]
        mean = f"{differences[rows[height], columns[place]].mean:+.2f}".replace("-", "−")
        text = mark + (mean if mean.strip("+−0.") else "0.00")
        ax.text(place, height, text, ha="center", va="center", color="black", fontsize="small")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="data set", ylabel="technique", title=label)
    ax.grid(False)
    counts = [int((signs == sign).sum()) for sign in (-1, 1, 0)]
    ax.alt_text = (
        f"Table of the {label}, for {len(rows)} techniques on {listed(columns)}: {counts[0]} are clearly "
        f"below zero, {counts[1]} clearly above, {counts[2]} neither."
    )
    return ax


def _sign(difference: Any) -> int:
    return int(difference.low > 0) - int(difference.high < 0)
