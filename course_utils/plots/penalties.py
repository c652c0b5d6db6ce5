"""What penalties do to a weight, and the beliefs behind them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike
from scipy.stats import gennorm as generalized_normal

from course_utils._arguments import check_integer, check_number, checked
from course_utils.plots._drawing import (
    CURVE_STYLES,
    MARKERS,
    check_powers,
    grid,
    listed,
    looks,
    new_or_given,
    unit_edge,
)
from course_utils.plots.layout import legend_below, name_curves
from course_utils.plots.style import PALETTE

_STEEPEST = 5  # a shrinkage curve that rises faster than that jumps


@checked
def penalized_weight(optimum: float, strength: float = 0.5, ax: Axes | None = None) -> Axes:
    """Draw where L1 and L2 move the minimum of one weight that the data alone would put at `optimum`.

    The data loss is the bowl ½(w − a)² with a = `optimum`. With λ|w| the minimum lies at
    sign(a)·max(|a| − λ, 0), with λw² at a/(1 + 2λ) [1]_.

    Parameters
    ----------
    optimum : float
        a, the weight that the data ask for.
    strength : float
        λ, at least 0.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `optimum` is not finite or `strength` is negative or not finite.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, 2009, table 3.4.

    Examples
    --------
    >>> ax = penalized_weight(2.0, strength=0.5)
    >>> [float(line.get_xdata()[0]) for line in ax.lines[1::2]]
    [2.0, 1.5, 1.0]
    """
    check_number(strength, "strength")
    w = np.linspace(min(optimum, 0) - 0.5, max(optimum, 0) + 0.5, 201)
    minima = {
        "data loss L": (lambda w: 0 * w, optimum),
        "L + λ|w|": (lambda w: strength * np.abs(w), np.sign(optimum) * max(abs(optimum) - strength, 0)),
        "L + λw²": (lambda w: strength * w**2, optimum / (1 + 2 * strength)),
    }
    ax = new_or_given(ax)
    for (name, (penalty, lowest)), color, style, marker in zip(
        minima.items(), PALETTE[:3], CURVE_STYLES[:3], MARKERS[:3], strict=True
    ):
        ax.plot(w, (w - optimum) ** 2 / 2 + penalty(w), color=color, linestyle=style, label=name)
        height = (lowest - optimum) ** 2 / 2 + penalty(lowest)
        ax.plot([lowest], [height], marker, color=color, markersize=8)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel="weight w", ylabel="loss")
    name_curves(ax)
    ax.alt_text = (
        f"Line chart of three losses over one weight that the data would put at {optimum:g}: without a "
        f"penalty the lowest point is there, with L1 it is at {minima['L + λ|w|'][1]:.2g}, "
        f"with L2 at {minima['L + λw²'][1]:.2g}."
    )
    return ax


@checked
def loss_surface(
    loss: Callable[[np.ndarray], Any],
    paths: Mapping[str, Any],
    power: float = 2.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw a data loss over two weights, descents on it, and the penalty ball that holds the last descent.

    The ball is where the penalty Σ|w|^p is at most what it is at the end of the last path. If that path ends
    at the lowest point of loss plus penalty, no point of the ball has a lower data loss, so the contour
    through the end, drawn thick, only touches the ball [1]_.

    Parameters
    ----------
    loss : callable
        From weights of shape (m, 2) to the data loss of each, of shape (m,).
    paths : mapping of str to array_like, shape (n_steps, 2)
        Weights step by step; the last path is the one with the penalty.
    power : float
        p, more than 0: 1 for L1, 2 for L2.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no path, a path has another shape, or `power` is not positive.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, 2009, figure 3.11.

    Examples
    --------
    >>> ax = loss_surface(lambda w: ((w - [2, 1]) ** 2).sum(axis=1), {"L2": [[0, 2], [1.0, 0.5]]})
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('weight $w_1$', 'weight $w_2$')
    """
    steps = {name: np.asarray(path, dtype=float) for name, path in paths.items()}
    if not steps or any(path.ndim != 2 or path.shape[1] != 2 or not len(path) for path in steps.values()):
        raise ValueError(f"paths must hold arrays of shape (n_steps, 2), got {paths!r}")
    check_powers([power])
    end = list(steps.values())[-1][-1]
    ball = unit_edge(power) * (np.abs(end) ** power).sum() ** (1 / power)
    grid_x, grid_y, plane = grid(np.concatenate([ball, *steps.values()]))
    height = np.asarray(loss(plane), dtype=float).reshape(grid_x.shape)

    ax = new_or_given(ax)
    rings = height.min() + np.ptp(height) * np.linspace(0, 1, 13)[1:-1] ** 2  # closer together when low
    ax.contour(grid_x, grid_y, height, levels=rings, colors="gray", linewidths=0.7)
    touching = np.asarray(loss(end[np.newaxis]), dtype=float)
    ax.contour(grid_x, grid_y, height, levels=touching, colors="black", linewidths=1.8)
    ax.fill(*ball.T, facecolor=PALETTE[4], alpha=0.35, label=f"ball of {list(steps)[-1]}")
    for (name, path), color, marker in zip(steps.items(), PALETTE, MARKERS, strict=False):
        ax.plot(*path.T, "-", marker=".", markersize=3, color=color, linewidth=0.8)
        ax.plot(*path[-1:].T, marker, color=color, markersize=7, label=name)
    ax.axhline(0, color="black", linewidth=0.6)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set(xlabel="weight $w_1$", ylabel="weight $w_2$", aspect="equal")
    ax.grid(False)
    legend_below(ax)
    ends = listed(f"{name} at ({path[-1][0]:.1f}, {path[-1][1]:.1f})" for name, path in steps.items())
    ax.alt_text = (
        f"Contour chart of a loss over two weights with the path of each descent, which end for {ends}; the "
        "last end lies on the edge of a shaded ball around zero, where a thick contour touches it."
    )
    return ax


@checked
def power_penalties(powers: Sequence[float] = (1, 2, 3), pull: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the penalty |w|ᵖ on one weight for some powers p, or how hard it pulls the weight toward zero.

    The pull is the size of the slope, p·|w|ᵖ⁻¹; it is drawn for positive weights.

    Parameters
    ----------
    powers : sequence of float
        p, each more than 0.
    pull : bool
        Whether to draw the pull in place of the penalty.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no power, or one is not finite and more than 0.

    Examples
    --------
    >>> ax = power_penalties([1, 3], pull=True)
    >>> [float(line.get_ydata()[-1].round(2)) for line in ax.lines]
    [1.0, 4.69]
    """
    check_powers(powers)
    w = np.linspace(0.01 if pull else -1.25, 1.25, 251)
    ax = new_or_given(ax)
    for number, power in enumerate(powers):
        height = power * np.abs(w) ** (power - 1) if pull else np.abs(w) ** power
        ax.plot(w, height, label=f"p = {power:g}", **looks(number))
    ax.set(xlabel="weight w", ylabel="pull toward zero" if pull else "penalty $|w|^p$")
    name_curves(ax)
    shown = listed(f"{power:g}" for power in powers)
    ax.alt_text = f"Line chart of {ax.get_ylabel()} against one weight for the powers {shown}."
    return ax


@checked
def shrinkage(
    before: ArrayLike, after_by_name: Mapping[str, Any], labels: tuple[str, str], ax: Axes | None = None
) -> Axes:
    """Draw what becomes of a weight, against what it was; on the dashed diagonal nothing happens to it.

    A jump of a curve is drawn as a gap.

    Parameters
    ----------
    before : array_like, shape (n,)
        The weights before, increasing.
    after_by_name : mapping of str to array_like, shape (n,)
        What each penalty makes of them.
    labels : tuple of two str
        Names of the two axes.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, or one is not as long as `before`.

    Examples
    --------
    >>> ax = shrinkage([-1.0, 0.0, 1.0], {"L2": [-0.5, 0.0, 0.5]}, ("before", "after"))
    >>> [text.get_text() for text in ax.texts]
    ['untouched', 'L2']
    """
    before = np.asarray(before, dtype=float)
    curves = {name: np.array(after, dtype=float) for name, after in after_by_name.items()}
    if not curves:
        raise ValueError("after_by_name must hold at least one curve, got none")
    for name, after in curves.items():
        if before.ndim != 1 or after.shape != before.shape:
            raise ValueError(
                f"{name!r} must have one value per weight before, got {after.shape} for {before.shape}"
            )
    ax = new_or_given(ax)
    ax.plot(before, before, color="black", linestyle="--", linewidth=1, label="untouched")
    for number, (name, after) in enumerate(curves.items()):
        jumps = np.abs(np.diff(after)) > _STEEPEST * np.diff(before)
        after[1:][jumps] = np.nan
        ax.plot(before, after, label=name, **looks(number))
    ax.set(xlabel=labels[0], ylabel=labels[1])
    name_curves(ax)
    ax.alt_text = (
        f"Line chart of {labels[1]} against {labels[0]} for {listed(curves)}, with a dashed diagonal where "
        "nothing happens."
    )
    return ax


@checked
def unit_ball(power: float, ax: Axes | None = None) -> Axes:
    """Draw all pairs of weights whose penalty |w₁|ᵖ + |w₂|ᵖ is at most 1.

    Parameters
    ----------
    power : float
        p, more than 0.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `power` is not finite and more than 0.

    Examples
    --------
    >>> ax = unit_ball(2)
    >>> edge = ax.patches[0].get_xy()
    >>> bool(np.allclose((edge**2).sum(axis=1), 1))
    True
    """
    check_powers([power])
    edge = unit_edge(power)
    ax = new_or_given(ax)
    ax.fill(*edge.T, facecolor=PALETTE[5], edgecolor=PALETTE[0], alpha=0.6, linewidth=2)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
    shapes = (
        (power < 1, "a star with four thin points on the axes"),
        (power == 1, "a square that stands on its corner"),
        (power < 2, "a square on its corner with rounded sides"),
        (power == 2, "a circle"),
        (True, "a square with rounded corners, its sides along the axes"),
    )
    shape = next(shape for holds, shape in shapes if holds)
    ax.alt_text = f"The pairs of weights with a penalty of at most 1 for the power {power:g}: {shape}."
    return ax


@checked
def prior_densities(powers: Sequence[float] = (1, 2, 3), log: bool = False, ax: Axes | None = None) -> Axes:
    r"""Draw the densities exp(−c·|w|ᵖ) that belong to penalties, scaled to the same standard deviation 1.

    Parameters
    ----------
    powers : sequence of float
        p, each more than 0: 1 is the Laplace density, 2 the Gaussian [1]_.
    log : bool
        Whether the density axis is logarithmic, which shows the tails.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no power, or one is not finite and more than 0.

    References
    ----------
    .. [1] S. Nadarajah, A generalized normal distribution, Journal of Applied Statistics 32 (7), 2005.

    Examples
    --------
    >>> ax = prior_densities([2])
    >>> float(ax.lines[0].get_ydata().max().round(3))  # 1/√(2π)
    0.399
    """
    check_powers(powers)
    w = np.linspace(-4, 4, 401)
    names = {1: "Laplace, p = 1", 2: "Gaussian, p = 2"}
    ax = new_or_given(ax)
    for number, power in enumerate(powers):
        density = generalized_normal(power, scale=1 / generalized_normal(power).std()).pdf(w)
        ax.plot(w, density, label=names.get(power, f"p = {power:g}"), **looks(number))
    ax.set(xlabel="weight, in standard deviations", ylabel="density")
    if log:
        ax.set(yscale="log", ylim=(1e-5, 2))
    legend_below(ax)
    axis = " on a logarithmic axis" if log else ""
    ax.alt_text = (
        f"Bell-shaped densities{axis} for {listed(f'p = {power:g}' for power in powers)}, all of standard "
        "deviation 1."
    )
    return ax


@checked
def decaying_weight(rates: Sequence[float], steps: int = 12, ax: Axes | None = None) -> Axes:
    """Draw how a weight that the data leave alone changes, step by step, under weight decay.

    Every step multiplies it by 1 − r, where r = ηλ/n, so after t steps (1 − r)ᵗ is left of it [1]_.

    Parameters
    ----------
    rates : sequence of float
        The values of r to draw, each finite and at least 0; one curve for each.
    steps : int
        Number of steps, at least 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no rate, a rate is negative or not finite, or `steps` is less than 1.

    References
    ----------
    .. [1] A. Krogh and J. Hertz, A Simple Weight Decay Can Improve Generalization, NIPS 4, 1991.

    Examples
    --------
    >>> ax = decaying_weight([0.5, 1.0], steps=2)
    >>> [line.get_ydata().tolist() for line in ax.lines[1:]]
    [[1.0, 0.5, 0.25], [1.0, 0.0, 0.0]]
    """
    steps = check_integer(steps, "steps", minimum=1)
    rates = np.asarray(rates, dtype=float)
    if rates.ndim != 1 or rates.size == 0 or not (np.isfinite(rates) & (rates >= 0)).all():
        raise ValueError(f"rates must be one or more finite numbers of at least 0, got {rates}")
    ax = new_or_given(ax)
    ax.axhline(0, color="black", linewidth=0.8)
    time = np.arange(steps + 1)
    left = (1 - rates[:, np.newaxis]) ** time
    for number, (rate, weights) in enumerate(zip(rates, left, strict=True)):
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": MARKERS[number % len(MARKERS)],
            "linestyle": CURVE_STYLES[number % len(CURVE_STYLES)],
        }
        ax.plot(time, weights, markersize=4, label=f"ηλ/n = {rate:g}", **looks)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel="share that is left")
    name_curves(ax)
    ends = listed(f"{last:.2g} at {rate:g}" for rate, last in zip(rates, left[:, -1], strict=True))
    ax.alt_text = f"Line chart of what is left of a weight over {steps} steps of decay; it ends at {ends}."
    return ax
