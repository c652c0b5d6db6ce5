"""What layers put out, and which penalties look at it."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.text import Text
from numpy.typing import ArrayLike

from course_utils._arguments import check_number, checked
from course_utils.plots._drawing import new_or_given
from course_utils.plots.style import PALETTE

# What a layer computes with, and where it stands: left to right the way of the inputs, W and b above it.
_NODES = {
    "x": ((1.0, 1.0), "inputs\n$x$"),
    "z": ((4.6, 1.0), "weighted sum\n$z = Wx + b$"),
    "q": ((8.7, 1.0), "output\n$q = f(z)$"),
    "W": ((3.3, 3.0), "kernel $W$"),
    "b": ((5.9, 3.0), "bias $b$"),
}
_REGULARIZERS = {"kernel": (1.9, 5.2), "bias": (5.2, 5.2), "activity": (8.5, 5.2)}
_READ = {"kernel": "W", "bias": "b"}
_PENALIZED = {"output": "q", "preactivation": "z"}
_DECADES = 1e-3  # the palest colour is this share of the darkest


@checked
def what_each_sees(activity_on: str = "output", ax: Axes | None = None) -> Axes:
    """Draw one dense layer and which of its quantities each of its three regularizers reads.

    Parameters
    ----------
    activity_on : {"output", "preactivation"}
        Whether the activity regularizer stands on the layer with the activation, or on one before it.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If `activity_on` is neither.

    Examples
    --------
    >>> ax = what_each_sees()
    >>> ax.get_xlabel()
    'a layer computes from left to right'
    """
    if activity_on not in _PENALIZED:
        raise ValueError(f"activity_on must be 'output' or 'preactivation', got {activity_on!r}")
    reads = _READ | {"activity": _PENALIZED[activity_on]}
    ax = new_or_given(ax)
    colors = dict(zip(reads.values(), PALETTE, strict=False))
    boxes = {name: _box(ax, *node, colors.get(name)) for name, node in _NODES.items()}
    for start, end in (("x", "z"), ("W", "z"), ("b", "z"), ("z", "q")):
        _arrow(boxes[start], boxes[end], color="black")
    for name, place in _REGULARIZERS.items():
        color = colors[reads[name]]
        reader = _box(ax, place, f"{name}_\nregularizer", color)
        _arrow(reader, boxes[reads[name]], color=color, linestyle="--", linewidth=2)
    ax.text(6.85, 1.2, "activation", ha="center", fontsize="small")
    ax.set(xlim=(0, 10), ylim=(0.2, 6), xticks=[], yticks=[])
    ax.set(xlabel="a layer computes from left to right", ylabel="penalties look down")
    ax.spines[:].set_visible(False)
    seen = {"q": "the output q", "z": "the weighted sum z"}[reads["activity"]]
    ax.alt_text = (
        "Diagram of one layer: inputs x and, from above, kernel W and bias b go into the weighted sum z, and "
        "the activation makes the output q of it. Dashed arrows show what each penalty reads: "
        f"kernel_regularizer the kernel W, bias_regularizer the bias b, activity_regularizer {seen}."
    )
    return ax


@checked
def activation_map(activations: ArrayLike, largest: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw what the units of a layer put out at some points: white for exactly zero, dark for large.

    The scale is logarithmic and covers a factor of 1000. Units are sorted by how many points they answer to.

    Parameters
    ----------
    activations : array_like, shape (n_points, n_units)
        Outputs of ReLU units, none negative; points in the order in which they shall stand.
    largest : float, optional
        The darkest colour. Default: the largest output. Name it to compare pictures.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If the array has another shape, holds anything but finite numbers of at least 0,
        or `largest` is not positive.

    Examples
    --------
    >>> ax = activation_map([[0.0, 1.0], [0.0, 0.1]])
    >>> ax.get_title()
    '50 % of the outputs are exactly 0, 1 of 2 units is dead'
    """
    values = np.asarray(activations, dtype=float)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(
            f"activations must be finite, not negative and of shape (n_points, n_units), got {values!r}"
        )
    if largest is not None and check_number(largest, "largest") == 0:
        raise ValueError(f"largest must be positive, got {largest!r}")
    top = largest or values.max() or 1.0
    answered = (values > 0).sum(axis=0)
    order = np.argsort(-answered, kind="stable")
    dead, units = int((answered == 0).sum()), values.shape[1]
    colors = ListedColormap(plt.get_cmap("Blues")(np.linspace(0.3, 1, 32)), "blues").with_extremes(
        bad="white"
    )
    ax = new_or_given(ax)
    shown = np.ma.masked_equal(values[:, order], 0)
    image = ax.imshow(shown, colors, LogNorm(_DECADES * top, top), aspect="auto", interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label="output, 0 is white")
    verb = "is" if dead == 1 else "are"
    found = f"{np.mean(values == 0):.0%} of the outputs are exactly 0, {dead} of {units} units {verb} dead"
    found = found.replace("%", " %")
    ax.set(xlabel="unit", ylabel="point", title=found, xticks=[], yticks=[])
    ax.grid(False)
    ax.alt_text = f"Map of {len(values)} points by {units} units, white where the output is zero: {found}."
    return ax


def _box(ax: Axes, place: tuple[float, float], text: str, color: str | None = None) -> Text:
    frame = {"boxstyle": "round,pad=0.35", "facecolor": "white"}
    frame |= {"edgecolor": color or "black", "linewidth": 2 if color else 1}
    return ax.text(*place, text, ha="center", va="center", bbox=frame)


def _arrow(start: Text, end: Text, **line: Any) -> None:
    """Draw an arrow from the edge of one box to the edge of another."""
    edges = {"patchA": start.get_bbox_patch(), "patchB": end.get_bbox_patch(), "shrinkA": 0, "shrinkB": 0}
    start.axes.annotate(
        "", end.get_position(), start.get_position(), arrowprops={"arrowstyle": "-|>", **edges, **line}
    )
