"""What the modules of this package draw with."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from scipy.stats import t as student

from course_utils.plots.style import PALETTE

CLASS_COLORS = PALETTE[:2]
_CLASS_MARKERS = ("o", "^")
CURVE_STYLES = ("-", "-.", ":", (0, (5, 1)))
MARKERS = ("o", "^", "s", "D")
_CONFIDENCE = 0.95


def new_or_given(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def looks(number: int) -> dict[str, Any]:
    """Return colour and line style of one curve among several."""
    style = CURVE_STYLES[number % len(CURVE_STYLES)]
    return {"color": PALETTE[number % len(PALETTE)], "linestyle": style, "linewidth": 2}


def listed(names: Any) -> str:
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last


def mean_and_band(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return epochs, mean and half width of the band; of one seed the band has no width."""
    training = np.isfinite(values).sum(axis=0)
    drawn = training >= max(1, len(values) / 2)
    n, values = training[drawn], values[:, drawn]
    spread = np.nanstd(values, axis=0) * np.sqrt(n / np.maximum(n - 1, 1))
    half_width = student.ppf((1 + _CONFIDENCE) / 2, np.maximum(n - 1, 1)) * spread / np.sqrt(n)
    return np.flatnonzero(drawn) + 1, np.nanmean(values, axis=0), half_width


def checked_curves(
    history_by_name: Mapping[str, Any], keys: Sequence[str]
) -> dict[tuple[str, str], np.ndarray]:
    """Collect the arrays to draw and check each of them before anything is drawn."""
    if not history_by_name or not keys:
        raise ValueError(f"history_by_name and keys must not be empty, got {history_by_name!r} and {keys!r}")
    curves = {}
    for name, runs in history_by_name.items():
        history = getattr(runs, "history", runs)
        if not isinstance(history, Mapping):
            raise TypeError(f"history of {name!r} must map names to arrays, got {type(history).__name__}")
        for key in keys:
            if key not in history:
                known = ", ".join(sorted(history))
                raise ValueError(f"keys must be in every history, {name!r} has {known} but not {key!r}")
            values = np.asarray(history[key], dtype=float)
            if values.ndim != 2:
                raise ValueError(f"{name!r}: {key!r} must have shape (n_seeds, n_epochs), got {values.shape}")
            curves[name, key] = values
    return curves


def grid(points: np.ndarray, steps: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cover the points and a margin by a grid; the plane's points come as an array of shape (steps², 2)."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * np.maximum(high - low, 0.1)
    axes = [np.linspace(a, b, steps) for a, b in zip(low - margin, high + margin, strict=True)]
    grid_x, grid_y = np.meshgrid(*axes)
    return grid_x, grid_y, np.column_stack([grid_x.ravel(), grid_y.ravel()]).astype(np.float32)


def draw_classes(ax: Axes, points: np.ndarray, labels: np.ndarray) -> list[Line2D]:
    """Draw the points of each class in its colour and with its marker."""
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.4}
    drawn = []
    for label, (color, marker) in enumerate(zip(CLASS_COLORS, _CLASS_MARKERS, strict=True)):
        inside = points[labels == label].T
        drawn += ax.plot(*inside, marker, color=color, markersize=4, label=f"class {label}", **edge)
    return drawn


def unit_edge(power: float) -> np.ndarray:
    """Return the closed edge |w₁|ᵖ + |w₂|ᵖ = 1, shape (721, 2)."""
    angle = np.linspace(0, 2 * np.pi, 721)
    direction = np.column_stack([np.cos(angle), np.sin(angle)])
    return direction / (np.abs(direction) ** power).sum(axis=1, keepdims=True) ** (1 / power)


def check_powers(powers: Sequence[float]) -> None:
    if len(powers) == 0 or not all(0 < power < np.inf for power in powers):
        raise ValueError(f"powers must hold finite numbers of more than 0, got {powers!r}")


def on_logarithmic_axis(strengths: np.ndarray) -> np.ndarray:
    """Return where rising strengths stand: 0, which has no logarithm, clearly left of the others."""
    return np.where(strengths > 0, strengths, strengths[strengths > 0][0] / 5)


def strength_ticks(ax: Axes, strengths: np.ndarray) -> None:
    """Mark whole powers of ten, and the place that stands for a strength of 0."""
    lowest, highest = np.log10(strengths[strengths > 0][[0, -1]])
    powers = range(int(np.ceil(lowest - 1e-9)), int(np.floor(highest + 1e-9)) + 1)
    zero = on_logarithmic_axis(strengths)[strengths == 0]
    labels = [*("0" for _ in zero), *(f"$10^{{{power}}}$" for power in powers)]
    ax.set_xticks([*zero, *(10.0**power for power in powers)], labels)
    ax.minorticks_off()
