"""Two noisy circles: what nobody can tell apart, and where published results lie among repetitions."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike
from scipy.stats import rice

from course_utils import bayes
from course_utils._arguments import check_integer, checked
from course_utils.data.circles import CIRCLE_NOISE, CIRCLE_RADII
from course_utils.plots._drawing import CLASS_COLORS, listed, new_or_given
from course_utils.plots.boundaries import decision_boundary
from course_utils.plots.layout import legend_below
from course_utils.plots.style import PALETTE

_CORNER = 1.15  # beyond the outer circle, with its noise


@checked
def circles_floor(ax: Axes | None = None) -> Axes:
    """Draw how far from the center the points of the two noisy circles lie, and the overlap they share.

    The distance of a point of a noisy circle has a Rice distribution. The overlap is the share of points that
    no classifier gets right, 1 − ``bayes.accuracy("circles")``.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> circles_floor().get_ylabel()
    'density'
    """
    distance = np.linspace(0.4, 1.45, 400)
    densities = [rice.pdf(distance, r / CIRCLE_NOISE, scale=CIRCLE_NOISE) / 2 for r in CIRCLE_RADII]
    mistakes = f"{1 - bayes.accuracy('circles'):.1%}"
    ax = new_or_given(ax)
    names = ("outer circle, class 0", "inner circle, class 1")
    for density, color, style, name in zip(densities, CLASS_COLORS, ("-", "--"), names, strict=True):
        ax.plot(distance, density, style, color=color, linewidth=2, label=name)
    overlap = np.minimum(*densities)
    ax.fill_between(
        distance, overlap, color="black", alpha=0.25, linewidth=0, label=f"{mistakes} mistakes nobody avoids"
    )
    best = _best_radius()
    ax.axvline(best, color="black", linestyle=":", label=f"best boundary: radius {best:.2f}")
    ax.set(xlabel="distance from the center", ylabel="density", ylim=(0, None))
    legend_below(ax)
    ax.alt_text = (
        f"Two bell curves of the distance from the center, one per circle, with peaks near {CIRCLE_RADII[1]} "
        f"and {CIRCLE_RADII[0]:g}; the shaded overlap is the {mistakes} of points that even the best "
        f"boundary, a circle of radius {best:.2f}, gets wrong."
    )
    return ax


@checked
def circles_boundary(
    predict: Callable[[np.ndarray], Any], x: ArrayLike, y: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw where a classifier of the noisy circles sees which class, and the best possible boundary, dashed.

    Parameters
    ----------
    predict : callable
        From points of shape (m, 2) to the probability of class 1, as for `decision_boundary`.
    x : array_like, shape (n, 2)
        Points to draw.
    y : array_like, shape (n,)
        Their classes, 0 or 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `x`, `y` or what `predict` returns has another shape.

    Examples
    --------
    >>> ax = circles_boundary(lambda x: bayes.posterior(x, "circles"), [[1.0, -1.0], [-0.8, 1.0]], [0, 1])
    >>> [text.get_text() for text in ax.get_legend().get_texts()][:2]
    ['model: p = 0.5', 'best possible']
    """
    points, labels = np.asarray(x, dtype=float), np.asarray(y).ravel()
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(labels):
        raise ValueError(f"x must have shape (n, 2) and y shape (n,), got {points.shape} and {np.shape(y)}")
    # Corners of no class are not drawn, and keep both circles in the picture.
    corners, no_class = [[-_CORNER, -_CORNER], [_CORNER, _CORNER]], [-1, -1]
    ax = decision_boundary(predict, [*points, *corners], [*labels, *no_class], ax, bayes=False)
    handles = list(ax.get_legend().legend_handles)
    angle = np.linspace(0, 2 * np.pi, 361)
    dashed = {"color": "black", "linestyle": "--", "linewidth": 1.5, "label": "best possible"}
    (circle,) = ax.plot(_best_radius() * np.cos(angle), _best_radius() * np.sin(angle), **dashed)
    legend_below(ax, [Line2D([], [], color="black", label="model: p = 0.5"), circle, *handles[1:]])
    ax.set_aspect("equal")
    ax.alt_text = (
        f"Scatter chart of {len(points)} points of two classes over the model's probability of class 1; a "
        "solid line marks the model's boundary, a dashed circle the best possible one."
    )
    return ax


@checked
def published_among(
    scores_by_name: Mapping[str, Any],
    published: Mapping[str, float],
    n_points: int,
    expected: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw accuracies of repetitions as stacked dots, a row per variant, and where a published one lies.

    Below the name of each row stands the percentile of the published score: the share of repetitions below
    it plus half of those equal to it.

    Parameters
    ----------
    scores_by_name : mapping of str to array_like of shape (n_runs,)
        Accuracy of each repetition.
    published : mapping of str to float
        The published accuracy of each variant.
    n_points : int
        Points that each accuracy counts; accuracies of as many right answers share a column of dots.
    expected : float, optional
        Accuracy of the best possible classifier on infinitely many points, a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If there is no variant, the two mappings name different ones, a row is not one of finite numbers, or
        `n_points` is not a positive integer.

    Examples
    --------
    >>> ax = published_among({"none": [0.7, 0.8, 0.8, 0.9]}, {"none": 0.8}, n_points=10)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['none\n50th percentile']
    """
    rows = _checked_scores(scores_by_name, published)
    n_points = check_integer(n_points, "n_points", minimum=1)
    ax = new_or_given(ax)
    told = []
    for height, (name, scores) in enumerate(rows.items()):
        right, counts = np.unique(np.rint(scores * n_points), return_counts=True)
        for place, count in zip(right / n_points, counts, strict=True):
            stacked = height - 0.7 * np.arange(count) / max(counts.max(), 8)
            ax.plot(np.full(count, place), stacked, "o", color=PALETTE[5], markersize=4)
        mark = published[name]
        ax.plot([mark, mark], [height + 0.1, height - 0.75], color=PALETTE[1], linewidth=2)
        ax.plot(mark, height + 0.12, "D", color=PALETTE[1], markersize=7)
        told.append(f"{_ordinal(_percentile(scores, mark, n_points))} percentile")
    labels = [f"{name}\n{text}" for name, text in zip(rows, told, strict=True)]
    ax.set_yticks(range(len(rows)), labels, fontsize="small")
    ax.set_ylim(len(rows) - 0.6, -0.95)
    handles = [
        Line2D([], [], color=PALETTE[5], marker="o", linestyle="none", label="one repetition"),
        Line2D([], [], color=PALETTE[1], marker="D", label="published"),
    ]
    if expected is not None:
        label = "best possible on average"
        handles.append(ax.axvline(expected, color="black", linestyle=":", label=label))
    ax.set(xlabel=f"accuracy on {n_points} points", ylabel="variant")
    ax.grid(False, axis="y")
    legend_below(ax, handles)
    where = "; ".join(f"{name} at the {text}" for name, text in zip(rows, told, strict=True))
    ax.alt_text = (
        f"Dot chart of the accuracies of {listed(rows)}, a dot per repetition, with a diamond at the "
        f"published ones: {where}."
    )
    return ax


def _checked_scores(
    scores_by_name: Mapping[str, Any], published: Mapping[str, float]
) -> dict[str, np.ndarray]:
    rows = {name: np.asarray(scores, dtype=float) for name, scores in scores_by_name.items()}
    if not rows or set(rows) != set(published):
        raise ValueError(
            f"published must name the variants of scores_by_name, {list(rows)}, got {list(published)}"
        )
    for name, scores in rows.items():
        if scores.ndim != 1 or not scores.size or not np.isfinite(scores).all():
            raise ValueError(f"scores_by_name[{name!r}] must be a row of finite numbers, got {scores!r}")
        if not isinstance(published[name], (int, float)) or not math.isfinite(published[name]):
            raise ValueError(f"published[{name!r}] must be a finite number, got {published[name]!r}")
    return rows


def _percentile(scores: np.ndarray, mark: float, n_points: int) -> int:
    """Return the share below a score plus half of what equals it, in percent; scores are whole points."""
    right, of_mark = np.rint(scores * n_points), np.rint(mark * n_points)
    return round(100 * float(np.mean(right < of_mark) + np.mean(right == of_mark) / 2))


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _best_radius() -> float:
    """Return the distance from the center at which both circles are equally likely."""
    distance = np.linspace(*sorted(CIRCLE_RADII), 2001)
    inner = bayes.posterior(np.column_stack([distance, 0 * distance]), "circles")
    return float(distance[np.abs(inner - 0.5).argmin()])
