"""Two classes of points: where a classifier sees which, and what nobody can tell apart."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike
from scipy.stats import norm as normal

from course_utils import bayes as bayes_optimum
from course_utils._arguments import checked
from course_utils.data import BLOB_CENTERS, BLOB_STD
from course_utils.plots._drawing import CLASS_COLORS, draw_classes, grid, new_or_given
from course_utils.plots.layout import legend_below


@checked
def decision_boundary(
    predict: Callable[[np.ndarray], Any],
    x: ArrayLike,
    y: ArrayLike,
    ax: Axes | None = None,
    bayes: bool = True,
) -> Axes:
    """Draw where in the plane a classifier sees which class, with the points and the best possible boundary.

    Parameters
    ----------
    predict : callable
        From points of shape (m, 2) to the probability of class 1, of shape (m,), (m, 1) or (n_seeds, m, 1);
        over seeds the mean is drawn.
    x : array_like, shape (n, 2)
        Points to draw.
    y : array_like, shape (n,)
        Their classes, 0 or 1.
    ax : Axes, optional
        Where to draw; a new figure if None.
    bayes : bool
        Whether to draw the boundary of the best classifier of blobs, `course_utils.bayes.posterior`.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `x`, `y` or what `predict` returns has another shape.

    Examples
    --------
    >>> ax = decision_boundary(bayes_optimum.posterior, [[0.0, 0.0], [0.5, 0.1]], [0, 1])
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('$x_1$', '$x_2$')
    """
    points, labels = np.asarray(x, dtype=float), np.asarray(y).ravel()
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(labels):
        raise ValueError(f"x must have shape (n, 2) and y shape (n,), got {points.shape} and {np.shape(y)}")
    grid_x, grid_y, plane = grid(points)
    probability = _probability(predict, plane).reshape(grid_x.shape)

    ax = new_or_given(ax)
    tint = LinearSegmentedColormap.from_list("classes", [CLASS_COLORS[0], "white", CLASS_COLORS[1]])
    ax.contourf(grid_x, grid_y, probability, levels=np.linspace(0, 1, 11), cmap=tint, alpha=0.5)
    ax.contour(grid_x, grid_y, probability, levels=[0.5], colors="black", linewidths=1.5)
    handles = [Line2D([], [], color="black", label="model: p = 0.5")]
    if bayes:
        optimum = bayes_optimum.posterior(plane).reshape(grid_x.shape)
        ax.contour(grid_x, grid_y, optimum, levels=[0.5], colors="black", linestyles="--", linewidths=1.5)
        handles.append(Line2D([], [], color="black", linestyle="--", label="best possible"))
    handles += draw_classes(ax, points, labels)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    legend_below(ax, handles)
    ax.alt_text = (
        f"Scatter chart of {len(points)} points of two classes over the model's probability of class 1; a "
        f"solid line marks the model's boundary{', a dashed line the best possible one' if bayes else ''}."
    )
    return ax


@checked
def blobs_floor(ax: Axes | None = None) -> Axes:
    """Draw the densities of the two blobs along the line through their centers, and the overlap they share.

    The overlap is the share of points that no classifier gets right, 1 − `course_utils.bayes.accuracy`.

    Parameters
    ----------
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> ax = blobs_floor()
    >>> ax.get_ylabel()
    'density'
    """
    distance = float(np.linalg.norm(np.subtract(*BLOB_CENTERS)))
    position = np.linspace(-3.2 * BLOB_STD, distance + 3.2 * BLOB_STD, 400)
    densities = [normal.pdf(position, center, BLOB_STD) / 2 for center in (0.0, distance)]
    accuracy = bayes_optimum.accuracy()
    ax = new_or_given(ax)
    middle, writing = distance / 2, {"textcoords": "offset points", "ha": "center", "va": "bottom"}
    for label, (density, color, style) in enumerate(zip(densities, CLASS_COLORS, ("-", "--"), strict=True)):
        ax.plot(position, density, style, color=color, label=f"class {label}")
        peak, outward = (position[density.argmax()], density.max()), ("right", "left")[label]
        ax.annotate(f"class {label}", peak, (0, 3), color=color, **writing | {"ha": outward})
    ax.fill_between(position, np.minimum(*densities), color="black", alpha=0.25, linewidth=0)
    arrow = {"arrowstyle": "-", "color": "black", "linewidth": 0.8}
    inside = (0.75 * middle, normal.pdf(middle, scale=BLOB_STD) / 4)
    share = f"{1 - accuracy:.1%} mistakes\nnobody avoids"
    ax.annotate(share, inside, (-110, 90), fontsize="small", arrowprops=arrow, **writing)
    ax.plot([middle, middle], [0, densities[0].max()], ":", color="black", linewidth=1.5)
    ax.annotate("best\nboundary", (middle, densities[0].max()), (0, 3), fontsize="small", **writing)
    ax.set(xlabel="position along the line through both centers", ylabel="density")
    ax.alt_text = (
        "Two bell curves of equal width, one per class, that overlap; the shaded overlap is the "
        f"{1 - accuracy:.1%} of points that even the best boundary, halfway between the peaks, gets wrong."
    )
    return ax


def _probability(predict: Callable[[np.ndarray], Any], plane: np.ndarray) -> np.ndarray:
    probability = np.asarray(predict(plane), dtype=float)
    if probability.ndim == 3:
        probability = probability.mean(axis=0)
    m = len(plane)
    if probability.shape not in ((m,), (m, 1)):
        raise ValueError(f"predict must return shape ({m},) or ({m}, 1) over seeds, got {probability.shape}")
    return probability.ravel()
