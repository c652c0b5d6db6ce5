"""Many techniques side by side: their mean ranks, and how far apart they must be."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from course_utils._arguments import check_number, checked
from course_utils.plots._drawing import listed, new_or_given
from course_utils.plots.style import PALETTE


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
