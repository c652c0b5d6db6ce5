"""The book's figures: each function draws one on an Axes, returns it and describes it in ``ax.alt_text``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.stats import gennorm as generalized_normal
from scipy.stats import laplace
from scipy.stats import norm as normal
from scipy.stats import t as student

from course_utils import bayes as bayes_optimum
from course_utils._arguments import check_integer, check_number
from course_utils.data import BLOB_CENTERS, BLOB_STD

# Okabe and Ito's colours, told apart by colour-blind readers; those with most contrast on white come first.
PALETTE: tuple[str, ...] = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#F0E442",
)
_CLASS_COLORS = PALETTE[:2]
_CLASS_MARKERS = ("o", "^")
_LINE_STYLES = ("--", "-", ":", "-.")
_CONFIDENCE = 0.95
_CURVE_STYLES = ("-", "-.", ":", (0, (5, 1)))
_PART_MARKERS = ("o", "^", "s", "D")
_MOST_DRAWS = 10  # more thin lines than that fill the picture
_STEEPEST = 5  # a shrinkage curve that rises faster than that jumps
_DARK = 0.5  # from this shade on, white writing reads better than black

_STYLE: dict[str, Any] = {
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 96,
    "figure.facecolor": "white",  # opaque: black labels stay readable on a dark page
    "figure.figsize": (6.0, 3.75),
    "font.size": 11,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "savefig.dpi": 96,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "course_utils",  # the same ids at each run
}


def set_style() -> None:
    """Set the house style for every figure drawn from now on.

    It changes ``matplotlib.rcParams``: opaque white figures, the colours of `PALETTE`, constrained layout and
    files that are the same at each run.

    Examples
    --------
    >>> with plt.rc_context():
    ...     set_style()
    ...     plt.rcParams["figure.facecolor"]
    'white'
    """
    plt.rcParams.update(_STYLE)


def learning_curves(
    history_by_name: Mapping[str, Any],
    keys: Sequence[str] = ("data_loss", "val_data_loss"),
    floor: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean over seeds, epoch by epoch, with a 95 % confidence band of that mean.

    The band is mean ± t·s/√n, with t the 97.5 % quantile of Student's distribution with n − 1 degrees of
    freedom. An epoch is drawn as long as at least half of the seeds train: after early stopping the
    others are NaN there and are left out.

    Parameters
    ----------
    history_by_name : mapping of str to history
        For each variant a mapping of key to array of shape (n_seeds, n_epochs), or an object that has such a
        mapping as ``history``, for example what `course_utils.replicates.fit_replicates` returns.
    keys : sequence of str
        What to draw; a variant has one colour, a key one line style.
    floor : float, optional
        Level that nothing can go below, drawn as a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is nothing to draw, a key is missing or an array is not of shape (n_seeds, n_epochs).

    Examples
    --------
    >>> losses = np.array([[0.7, 0.5, 0.4], [0.6, 0.5, 0.3]])
    >>> ax = learning_curves({"no penalty": {"data_loss": losses}}, keys=["data_loss"])
    >>> ax.get_xlabel()
    'epoch'
    >>> plt.close(ax.figure)
    """
    curves = _curves(history_by_name, keys)
    ax = _axes(ax)
    for (name, key), values in curves.items():
        color = PALETTE[list(history_by_name).index(name) % len(PALETTE)]
        style = _LINE_STYLES[list(keys).index(key) % len(_LINE_STYLES)] if len(keys) > 1 else "-"
        epochs, mean, half_width = _mean_and_band(values)
        ax.plot(epochs, mean, color=color, linestyle=style, label=f"{name}: {key}")
        ax.fill_between(epochs, mean - half_width, mean + half_width, color=color, alpha=0.2, linewidth=0)
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", linewidth=1, label="best possible")
    ax.set(xlabel="epoch", ylabel=", ".join(keys))
    ax.legend()
    seeds = max(len(values) for values in curves.values())
    below = "" if floor is None else f", and a dotted floor at {floor:.4f}"
    ax.alt_text = (
        f"Line chart over the epochs of {_listed(keys)} for {_listed(history_by_name)}, means over seeds "
        f"({seeds}) with 95 % bands{below}."
    )
    return ax


def differences(
    comparison: pd.DataFrame,
    columns: tuple[str, str, str] = ("difference", "difference_low", "difference_high"),
    ax: Axes | None = None,
) -> Axes:
    """Draw paired differences to a baseline, one row per variant, with their intervals.

    The dot is filled if the interval excludes zero, hollow if not. The baseline's own row and rows without a
    difference are left out.

    Parameters
    ----------
    comparison : DataFrame
        One row per variant, for example what `course_utils.compare.compare` returns; its attributes
        ``baseline`` and ``metric`` are used if it has them.
    columns : tuple of three str
        Columns that hold the mean difference and the lower and upper end of its interval.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a column is missing or no row has a difference.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"difference": [-0.02], "difference_low": [-0.03], "difference_high": [-0.01]}, index=["L2"]
    ... )
    >>> ax = differences(table)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['L2']
    >>> plt.close(ax.figure)
    """
    missing = [column for column in columns if column not in comparison]
    if missing:
        raise ValueError(f"comparison must have the columns {list(columns)}, {missing} are missing")
    baseline = getattr(comparison, "baseline", None)
    metric = getattr(comparison, "metric", "paired")
    rows = comparison.loc[comparison.index != baseline, list(columns)].dropna()
    if rows.empty:
        raise ValueError("comparison must hold at least one row with a difference, got none")
    ax = _axes(ax)
    for height, (mean, low, high) in enumerate(rows.to_numpy(float)):
        sure = low > 0 or high < 0
        ax.plot([low, high], [height, height], color=PALETTE[0], linewidth=2)
        ax.plot(mean, height, "o", color=PALETTE[0], markerfacecolor=PALETTE[0] if sure else "white")
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(range(len(rows)), [str(name) for name in rows.index])
    ax.invert_yaxis()
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.margins(y=0.3 / len(rows) + 0.1)
    title = f"{metric} difference to {'the baseline' if baseline is None else baseline}"
    ax.set(xlabel=f"{title}, 95 % interval", ylabel="variant")
    ax.alt_text = f"Forest plot of the {title} for {_listed(rows.index)}, with 95 % intervals and zero."
    return ax


def decision_boundary(
    predict: Callable[[np.ndarray], Any],
    x: Any,
    y: Any,
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
    >>> plt.close(ax.figure)
    """
    points, labels = np.asarray(x, dtype=float), np.asarray(y).ravel()
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(labels):
        raise ValueError(f"x must have shape (n, 2) and y shape (n,), got {points.shape} and {np.shape(y)}")
    grid_x, grid_y, plane = _grid(points)
    probability = _probability(predict, plane).reshape(grid_x.shape)

    ax = _axes(ax)
    tint = LinearSegmentedColormap.from_list("classes", [_CLASS_COLORS[0], "white", _CLASS_COLORS[1]])
    ax.contourf(grid_x, grid_y, probability, levels=np.linspace(0, 1, 11), cmap=tint, alpha=0.5)
    ax.contour(grid_x, grid_y, probability, levels=[0.5], colors="black", linewidths=1.5)
    handles = [Line2D([], [], color="black", label="model: p = 0.5")]
    if bayes:
        optimum = bayes_optimum.posterior(plane).reshape(grid_x.shape)
        ax.contour(grid_x, grid_y, optimum, levels=[0.5], colors="black", linestyles="--", linewidths=1.5)
        handles.append(Line2D([], [], color="black", linestyle="--", label="best possible"))
    handles += _draw_classes(ax, points, labels)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, fontsize="small")
    ax.alt_text = (
        f"Scatter chart of {len(points)} points of two classes over the model's probability of class 1; a "
        f"solid line marks the model's boundary{', a dashed line the best possible one' if bayes else ''}."
    )
    return ax


def cross_entropy_costs(probabilities: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """Draw what cross-entropy charges, −ln p, and where the predictions of some models lie on that curve.

    Equal predictions of a model share one marker, with their number beside it.

    Parameters
    ----------
    probabilities : mapping of str to array_like, shape (n,)
        For each model the probabilities that it gave to the true classes, 0 < p <= 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no model or a probability is not in (0, 1].

    Examples
    --------
    >>> ax = cross_entropy_costs({"A": [0.6, 0.6, 0.7]})
    >>> [text.get_text() for text in ax.texts]
    ['2×']
    >>> plt.close(ax.figure)
    """
    if not probabilities:
        raise ValueError("probabilities must hold at least one model, got none")
    for name, values in probabilities.items():
        values = np.asarray(values, dtype=float)
        if values.size == 0 or not ((values > 0) & (values <= 1)).all():
            raise ValueError(f"probabilities of {name!r} must be in (0, 1], got {values}")
    ax = _axes(ax)
    curve = np.linspace(0.2, 1, 200)
    ax.plot(curve, -np.log(curve), color="black", linewidth=1.5, label="cost, −ln p", zorder=1)
    ax.axvline(0.5, color="black", linestyle=":", linewidth=1, label="p = 0.5: decision")
    for (name, values), color, marker in zip(probabilities.items(), PALETTE, "o^sDv", strict=False):
        places, counts = np.unique(np.round(values, 6), return_counts=True)
        ax.plot(places, -np.log(places), marker, color=color, markersize=9, label=f"model {name}")
        for place, count in zip(places[counts > 1], counts[counts > 1], strict=True):
            ax.annotate(f"{count}×", (place, -np.log(place)), (4, 8), textcoords="offset points", color=color)
    ax.set(xlabel="probability p given to the true class", ylabel="cost in nats")
    ax.legend()
    ax.alt_text = (
        "Falling curve of the cost, minus the logarithm of the probability given to the true class, with the "
        f"predictions of {_listed(f'model {name}' for name in probabilities)} marked on it and a dotted line "
        "at one half."
    )
    return ax


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
    >>> plt.close(ax.figure)
    """
    distance = float(np.linalg.norm(np.subtract(*BLOB_CENTERS)))
    position = np.linspace(-3.2 * BLOB_STD, distance + 3.2 * BLOB_STD, 400)
    densities = [normal.pdf(position, center, BLOB_STD) / 2 for center in (0.0, distance)]
    accuracy = bayes_optimum.accuracy()
    ax = _axes(ax)
    for label, (density, color, style) in enumerate(zip(densities, _CLASS_COLORS, ("-", "--"), strict=True)):
        ax.plot(position, density, style, color=color, linewidth=2, label=f"class {label}")
    ax.fill_between(
        position,
        np.minimum(*densities),
        color="black",
        alpha=0.25,
        linewidth=0,
        label=f"mistakes nobody avoids: {1 - accuracy:.1%}",
    )
    ax.axvline(distance / 2, color="black", linestyle=":", label="best boundary")
    ax.set(xlabel="position along the line through both centers", ylabel="density")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize="small")
    ax.alt_text = (
        "Two bell curves of equal width, one per class, that overlap; the shaded overlap is the "
        f"{1 - accuracy:.1%} of points that even the best boundary, halfway between the peaks, gets wrong."
    )
    return ax


def expected_scores(true_probability: float = 0.7, ax: Axes | None = None) -> Axes:
    """Draw what a prediction p costs on average if the event happens with a known probability q.

    Cross-entropy −q ln p − (1 − q) ln(1 − p), Brier score q (1 − p)² + (1 − q) p², and the error rate of the
    decision p > 0.5. The first two are strictly proper: their only minimum is at p = q [1]_.

    Parameters
    ----------
    true_probability : float
        q, 0 < q < 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `true_probability` is not inside (0, 1).

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery, Strictly Proper Scoring Rules, Prediction, and Estimation, JASA
       102 (477), 359-378, 2007.

    Examples
    --------
    >>> ax = expected_scores(0.7)
    >>> ax.get_ylabel()
    'expected cost'
    >>> plt.close(ax.figure)
    """
    q = true_probability
    if not 0 < q < 1:
        raise ValueError(f"true_probability must be inside (0, 1), got {q!r}")
    p = np.linspace(0.001, 0.999, 999)
    scores = {
        "cross-entropy": (-q * np.log(p) - (1 - q) * np.log(1 - p), "-", "o"),
        "Brier score": (q * (1 - p) ** 2 + (1 - q) * p**2, "--", "s"),
    }
    ax = _axes(ax)
    for (name, (score, style, marker)), color in zip(scores.items(), PALETTE, strict=False):
        best = score.argmin()
        ax.plot(p, score, style, color=color, linewidth=2, label=name)
        ax.plot(
            p[best], score[best], marker, color=color, markersize=9, label=f"its minimum, p = {p[best]:.2f}"
        )
    errors = np.where(p > 0.5, 1 - q, q)
    ax.plot(p, errors, "-.", color=PALETTE[2], linewidth=2, label="error rate, 1 − accuracy")
    ax.axvline(q, color="black", linestyle=":", linewidth=1, label=f"true probability, {q:.2f}")
    ax.set(xlabel="predicted probability p", ylabel="expected cost", ylim=(0, 1.6))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize="small")
    ax.alt_text = (
        "Three curves of the expected cost against the predicted probability: cross-entropy and Brier score "
        f"are bowls with their lowest point at {q:.2f}, the true probability; the error rate is a step, "
        "flat on both sides of one half."
    )
    return ax


def accuracy_under_noise(
    scales: Any, accuracies: Mapping[str, Any], crossing: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the expected accuracy of some models against the size of the noise on their logits.

    Parameters
    ----------
    scales : array_like, shape (n,)
        Standard deviations of the noise, positive; drawn on a logarithmic axis.
    accuracies : mapping of str to array_like, shape (n,)
        For each model its accuracy at each scale.
    crossing : float, optional
        Scale at which two curves cross, marked by a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no model or a curve has another length than `scales`.

    Examples
    --------
    >>> ax = accuracy_under_noise([0.1, 1.0], {"A": [1.0, 0.7], "B": [0.9, 0.9]}, crossing=0.2)
    >>> ax.get_xscale()
    'log'
    >>> plt.close(ax.figure)
    """
    if not accuracies:
        raise ValueError("accuracies must hold at least one model, got none")
    for name, values in accuracies.items():
        if np.shape(values) != np.shape(scales):
            raise ValueError(
                f"{name!r} must have one accuracy per scale, got {np.shape(values)} for {np.shape(scales)}"
            )
    ax = _axes(ax)
    styles = zip(PALETTE, ("-", "--", "-.", ":"), strict=False)
    for (name, values), (color, style) in zip(accuracies.items(), styles, strict=False):
        ax.plot(scales, values, style, color=color, linewidth=2, label=f"model {name}")
    if crossing is not None:
        ax.axvline(
            crossing, color="black", linestyle=":", linewidth=1, label=f"they cross at s = {crossing:.2f}"
        )
    ax.axhline(0.5, color="gray", linewidth=1, label="tossing a coin")
    ax.set(xscale="log", xlabel="standard deviation s of the noise on the logits", ylabel="expected accuracy")
    ax.legend()
    where = "" if crossing is None else f"; the curves cross at a noise of {crossing:.2f}"
    ax.alt_text = (
        f"Line chart of the expected accuracy of {_listed(f'model {name}' for name in accuracies)} against "
        f"the noise on the logits, on a logarithmic axis, falling towards one half for large noise{where}."
    )
    return ax


def accuracy_spread(
    accuracies: Any, n_points: int, expected: float, marks: Sequence[float] = (), ax: Axes | None = None
) -> Axes:
    """Draw how often one classifier gets which accuracy, over many test sets of the same size.

    Parameters
    ----------
    accuracies : array_like, shape (n_test_sets,)
        Accuracy on each test set.
    n_points : int
        Points in each test set.
    expected : float
        The classifier's accuracy on infinitely many points.
    marks : sequence of float
        Accuracies whose bars are coloured and hatched, for comparison.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `accuracies` is not one-dimensional or empty.
    TypeError, ValueError
        If `n_points` is not a positive integer.

    Examples
    --------
    >>> ax = accuracy_spread([0.8, 0.9, 0.9], n_points=10, expected=0.85, marks=[0.87])
    >>> len(ax.patches)
    2
    >>> plt.close(ax.figure)
    """
    accuracies = np.asarray(accuracies, dtype=float)
    if accuracies.ndim != 1 or accuracies.size == 0:
        raise ValueError(f"accuracies must have shape (n_test_sets,), got {accuracies.shape}")
    n_points = check_integer(n_points, "n_points", minimum=1)
    right, counts = np.unique(np.rint(accuracies * n_points), return_counts=True)
    ax = _axes(ax)
    bars = ax.bar(right / n_points, counts / counts.sum(), width=0.8 / n_points, color=PALETTE[5])
    for mark, color, hatch in zip(marks, PALETTE, ("//", "\\\\", "xx"), strict=False):
        for bar in np.array(bars)[right == np.rint(mark * n_points)]:
            bar.set(
                facecolor=color,
                hatch=hatch,
                edgecolor="white",
                label=f"{mark:g}: {mark * n_points:.0f} right",
            )
    ax.axvline(expected, color="black", linestyle=":", linewidth=2, label=f"expected: {expected:.4f}")
    ax.set(xlabel=f"accuracy on {n_points} points", ylabel="share of test sets")
    ax.legend()
    marked = f", with the bars at {_listed(f'{mark:g}' for mark in marks)} marked" if len(marks) else ""
    ax.alt_text = (
        f"Bar chart of the accuracies that one classifier gets on {len(accuracies)} test sets of {n_points} "
        f"points: a hill from {accuracies.min():.2f} to {accuracies.max():.2f} around {expected:.2f}{marked}."
    )
    return ax


def loss_against_accuracy(loss: Any, accuracy: Any, ax: Axes | None = None) -> Axes:
    """Draw trained models as points, their loss against their accuracy, and mark the best by either.

    Parameters
    ----------
    loss, accuracy : array_like, shape (n_models,)
        Measured on the same data.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the arrays are empty, not one-dimensional or of different lengths.

    Examples
    --------
    >>> ax = loss_against_accuracy([0.5, 0.4, 0.6], [0.8, 0.8, 0.9])
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('accuracy', 'loss')
    >>> plt.close(ax.figure)
    """
    loss, accuracy = np.asarray(loss, dtype=float), np.asarray(accuracy, dtype=float)
    if loss.ndim != 1 or loss.size == 0 or loss.shape != accuracy.shape:
        shapes = f"{loss.shape} and {accuracy.shape}"
        raise ValueError(f"loss and accuracy must have one shape (n_models,), got {shapes}")
    ax = _axes(ax)
    best_accuracy, best_loss = accuracy == accuracy.max(), loss == loss.min()
    ax.plot(accuracy, loss, "o", color=PALETTE[5], label="a trained model")
    rings = {"markerfacecolor": "none", "markersize": 12, "markeredgewidth": 2}
    ax.plot(accuracy[best_loss], loss[best_loss], "o", color=PALETTE[0], label="lowest loss", **rings)
    ax.plot(
        accuracy[best_accuracy], loss[best_accuracy], "s", color=PALETTE[1], label="highest accuracy", **rings
    )
    ax.set(xlabel="accuracy", ylabel="loss")
    ax.legend()
    agree = "the same model" if (best_accuracy & best_loss).any() else "different models"
    ax.alt_text = (
        f"Scatter chart of the loss against the accuracy of {len(loss)} models; the lowest loss, in a "
        f"circle, and the highest accuracy, in a square, belong to {agree}."
    )
    return ax


def fitted_curves(
    x: Any,
    curves: Mapping[str, Any],
    truth: Any,
    points: tuple[Any, Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw curves fitted to noisy points of one input, with the true curve dashed.

    A curve that was fitted to several draws of the points is drawn as thin lines, at most 10 of them, with
    the mean over all draws as a thick one.

    Parameters
    ----------
    x : array_like, shape (n,)
        Where the curves are known.
    curves : mapping of str to array_like, shape (n,) or (n_draws, n)
        What was fitted, by name.
    truth : array_like, shape (n,)
        The curve behind the points.
    points : (array_like, array_like), optional
        Inputs and targets of the points, each of shape (m,).
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve, or a curve or `truth` is not as long as `x`.

    Examples
    --------
    >>> ax = fitted_curves([0.0, 1.0], {"line": [0.1, 0.9]}, truth=[0.0, 1.0])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['line', 'truth']
    >>> plt.close(ax.figure)
    """
    x = np.asarray(x, dtype=float)
    arrays = {name: np.asarray(values, dtype=float) for name, values in curves.items()}
    if not arrays:
        raise ValueError("curves must hold at least one curve, got none")
    for name, values in {**arrays, "truth": np.asarray(truth, dtype=float)}.items():
        if values.shape[-1:] != x.shape or values.ndim > 2:
            raise ValueError(f"{name!r} must have shape {x.shape} or (n_draws, {len(x)}), got {values.shape}")
    ax = _axes(ax)
    for number, (name, values) in enumerate(arrays.items()):
        color, style = PALETTE[number % len(PALETTE)], _CURVE_STYLES[number % len(_CURVE_STYLES)]
        draws = np.atleast_2d(values)
        if len(draws) > 1:
            ax.plot(x, draws[:_MOST_DRAWS].T, color=color, linewidth=0.8, alpha=0.35)
        ax.plot(x, draws.mean(axis=0), color=color, linestyle=style, linewidth=2, label=name)
    ax.plot(x, truth, color="black", linestyle="--", linewidth=1.5, label="truth")
    if points is not None:
        ax.plot(*points, "o", color="black", markersize=4, alpha=0.7, label="points")
    ax.set(xlabel="$x$", ylabel="$y$")
    ax.legend()
    ax.alt_text = f"Line chart of {_listed(arrays)} fitted to noisy points, with the true curve dashed."
    return ax


def error_parts(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw what an error is made of against how flexible the model is, on a logarithmic error axis.

    Parameters
    ----------
    table : DataFrame
        One row per model, indexed by a number such as the degree of a polynomial, and one column per part
        of the error; no part negative.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the table is empty or holds a negative number.

    Examples
    --------
    >>> table = pd.DataFrame({"bias²": [0.2, 0.01], "variance": [0.01, 0.02]}, index=[1, 3])
    >>> ax = error_parts(table.rename_axis("degree"))
    >>> ax.get_xlabel(), ax.get_yscale()
    ('degree', 'log')
    >>> plt.close(ax.figure)
    """
    if table.empty or (table.to_numpy(float) < 0).any():
        raise ValueError(f"table must hold parts of an error, none negative, got\n{table}")
    ax = _axes(ax)
    for number, name in enumerate(table.columns):
        style = _CURVE_STYLES[number % len(_CURVE_STYLES)]
        marker = _PART_MARKERS[number % len(_PART_MARKERS)]
        ax.plot(table.index, table[name], linestyle=style, marker=marker, markersize=4, label=name)
    ax.set(xlabel=table.index.name or "flexibility", ylabel="error", yscale="log")
    ax.legend()
    ax.alt_text = (
        f"Line chart of {_listed(table.columns)} against {ax.get_xlabel()}, with a logarithmic error axis."
    )
    return ax


def heat_map(table: pd.DataFrame, label: str, digits: int = 3, ax: Axes | None = None) -> Axes:
    """Draw a table of positive numbers as a map: the larger, the darker, on a logarithmic scale.

    Parameters
    ----------
    table : DataFrame
        What to draw; the names of its index and columns become the axes' labels.
    label : str
        What the numbers are; stands over the map.
    digits : int
        Decimal places of the numbers written into the cells.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a number is missing, zero or negative.

    Examples
    --------
    >>> table = pd.DataFrame([[0.05, 0.01]], index=[1], columns=[2, 8])
    >>> ax = heat_map(table.rename_axis(index="depth", columns="width"), "excess loss")
    >>> ax.get_xlabel(), ax.get_ylabel(), [cell.get_text() for cell in ax.texts]
    ('width', 'depth', ['0.050', '0.010'])
    >>> plt.close(ax.figure)
    """
    values = table.to_numpy(float)
    if not (values > 0).all():
        raise ValueError(f"table must hold positive numbers only, got\n{table}")
    norm = LogNorm(values.min(), values.max())
    ax = _axes(ax)
    ax.imshow(values, cmap="cividis_r", norm=norm, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        color = "white" if norm(value) > _DARK else "black"
        ax.text(column, row, f"{value:.{digits}f}", ha="center", va="center", color=color)
    ax.set_xticks(range(table.shape[1]), map(str, table.columns))
    ax.set_yticks(range(table.shape[0]), map(str, table.index))
    ax.set(xlabel=table.columns.name or "", ylabel=table.index.name or "", title=label)
    ax.grid(False)
    ax.alt_text = f"Map of {label} by {table.index.name} and {table.columns.name}; larger numbers are darker."
    return ax


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
    >>> plt.close(ax.figure)
    """
    if not np.isfinite(optimum):
        raise ValueError(f"optimum must be finite, got {optimum!r}")
    if not 0 <= strength < np.inf:
        raise ValueError(f"strength must be finite and at least 0, got {strength!r}")
    w = np.linspace(min(optimum, 0) - 0.5, max(optimum, 0) + 0.5, 201)
    minima = {
        "data loss L": (lambda w: 0 * w, optimum),
        "L + λ|w|": (lambda w: strength * np.abs(w), np.sign(optimum) * max(abs(optimum) - strength, 0)),
        "L + λw²": (lambda w: strength * w**2, optimum / (1 + 2 * strength)),
    }
    ax = _axes(ax)
    for (name, (penalty, lowest)), color, style, marker in zip(
        minima.items(), PALETTE[:3], _CURVE_STYLES[:3], _PART_MARKERS[:3], strict=True
    ):
        ax.plot(w, (w - optimum) ** 2 / 2 + penalty(w), color=color, linestyle=style)
        height = (lowest - optimum) ** 2 / 2 + penalty(lowest)
        ax.plot([lowest], [height], marker, color=color, markersize=8, label=name)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set(xlabel="weight w", ylabel="loss")
    ax.legend(title="lowest point of", fontsize="small", title_fontsize="small")
    ax.alt_text = (
        f"Line chart of three losses over one weight that the data would put at {optimum:g}: without a "
        f"penalty the lowest point is there, with L1 it is at {minima['L + λ|w|'][1]:.2g}, "
        f"with L2 at {minima['L + λw²'][1]:.2g}."
    )
    return ax


def loss_parts(history: Any, floor: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the validation loss in its two parts, data loss and penalty, and the training data loss.

    Parameters
    ----------
    history : mapping of str to array of shape (n_seeds, n_epochs)
        With the keys `data_loss`, `val_data_loss` and `val_loss`, or an object that has such a mapping as
        ``history``. Means over seeds are drawn.
    floor : float, optional
        Data loss that no classifier can go below, drawn as a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a key is missing or an array has another shape.

    Examples
    --------
    >>> history = {"data_loss": [[0.6, 0.3]], "val_data_loss": [[0.6, 0.4]], "val_loss": [[0.7, 0.6]]}
    >>> ax = loss_parts(history)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['val_loss', 'penalty', 'val_data_loss', 'data_loss (training)']
    >>> plt.close(ax.figure)
    """
    curves = _curves({"history": history}, ["val_loss", "val_data_loss", "data_loss"])
    epochs, total, _ = _mean_and_band(curves["history", "val_loss"])
    data_term = _mean_and_band(curves["history", "val_data_loss"])[1]
    training = _mean_and_band(curves["history", "data_loss"])[1]
    ax = _axes(ax)
    ax.plot(epochs, total, color=PALETTE[6], linewidth=1, label="val_loss")
    ax.fill_between(
        epochs, data_term, total, facecolor=PALETTE[4], alpha=0.35, hatch="//", linewidth=0, label="penalty"
    )
    ax.plot(epochs, data_term, color=PALETTE[0], label="val_data_loss")
    ax.plot(epochs, training, color=PALETTE[1], linestyle="--", label="data_loss (training)")
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xlabel="epoch", ylabel="loss in nats")
    ax.legend(fontsize="small")
    ax.alt_text = (
        f"Line chart over {len(epochs)} epochs: the validation data loss ends at {data_term[-1]:.2f}, a "
        f"hatched band above it, the penalty, lifts the validation loss to {total[-1]:.2f}; the training "
        f"data loss ends at {training[-1]:.2f}."
    )
    return ax


def levels(
    values_by_name: Mapping[str, Any], label: str, floor: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one row per variant: a tick per seed, the mean and its 95 % interval.

    Parameters
    ----------
    values_by_name : mapping of str to array_like of shape (n_seeds,)
        What was measured, for example ``comparison.per_seed``.
    label : str
        What the numbers are, with their unit; it goes under the axis.
    floor : float, optional
        Value of the best possible classifier, drawn as a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no variant, or one has not a row of at least two finite values.

    Examples
    --------
    >>> ax = levels({"none": [0.5, 0.4], "L2": [0.4, 0.4]}, "data loss")
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['none', 'L2']
    >>> plt.close(ax.figure)
    """
    rows = {name: np.asarray(values, dtype=float) for name, values in values_by_name.items()}
    if not rows:
        raise ValueError("values_by_name must hold at least one variant, got none")
    for name, values in rows.items():
        if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
            raise ValueError(
                f"values_by_name[{name!r}] must be a row of at least two finite values, got {values!r}"
            )
    ax = _axes(ax)
    for height, values in enumerate(rows.values()):
        _, mean, half_width = _mean_and_band(values[:, np.newaxis])
        ax.plot(values, np.full(len(values), height), "|", color=PALETTE[5], markersize=9)
        ax.errorbar(mean, height, xerr=half_width, fmt="o", color=PALETTE[0], linewidth=2, capsize=3)
    if floor is not None:
        ax.axvline(floor, color="black", linestyle=":", label="best possible")
        ax.legend(fontsize="small")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.invert_yaxis()
    ax.set(xlabel=label, ylabel="variant")
    best = min(rows, key=lambda name: rows[name].mean())
    ax.alt_text = (
        f"Dot chart of {label} for {_listed(rows)}: a tick for each of {len(rows[best])} seeds, the mean and "
        f"its 95 % interval; {best} has the lowest mean, {rows[best].mean():.3f}."
    )
    return ax


def sizes_by_layer(sizes_by_name: Mapping[str, Any], label: str, ax: Axes | None = None) -> Axes:
    """Draw how large the weights of each layer are, mean over seeds with a 95 % interval of that mean.

    Parameters
    ----------
    sizes_by_name : mapping of str to array_like of shape (n_seeds, n_layers)
        For each variant one size per seed and layer, for example the root mean square of the kernel.
    label : str
        What the sizes are; it goes beside the axis.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no variant, or an array is not of shape (n_seeds, n_layers).

    Examples
    --------
    >>> ax = sizes_by_layer({"none": [[0.3, 0.2], [0.4, 0.2]]}, "kernel")
    >>> ax.lines[0].get_xdata().tolist()
    [1, 2]
    >>> plt.close(ax.figure)
    """
    if not sizes_by_name:
        raise ValueError("sizes_by_name must hold at least one variant, got none")
    sizes = {name: np.asarray(values, dtype=float) for name, values in sizes_by_name.items()}
    for name, values in sizes.items():
        if values.ndim != 2:
            raise ValueError(
                f"sizes_by_name[{name!r}] must have shape (n_seeds, n_layers), got {values.shape}"
            )
    ax = _axes(ax)
    for number, (name, values) in enumerate(sizes.items()):
        layers, mean, half_width = _mean_and_band(values)
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": _PART_MARKERS[number % len(_PART_MARKERS)],
            "linestyle": _CURVE_STYLES[number % len(_CURVE_STYLES)],
        }
        ax.errorbar(layers, mean, yerr=half_width, label=name, capsize=2, **looks)
    ax.set_xticks(layers)
    ax.set_ylim(bottom=0)
    ax.set(xlabel="layer", ylabel=label)
    ax.legend(fontsize="small")
    ax.alt_text = (
        f"Line chart of {label} over the {len(layers)} layers for {_listed(sizes)}, means over seeds with "
        "95 % intervals."
    )
    return ax


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
    >>> plt.close(ax.figure)
    """
    steps = {name: np.asarray(path, dtype=float) for name, path in paths.items()}
    if not steps or any(path.ndim != 2 or path.shape[1] != 2 or not len(path) for path in steps.values()):
        raise ValueError(f"paths must hold arrays of shape (n_steps, 2), got {paths!r}")
    _check_powers([power])
    end = list(steps.values())[-1][-1]
    ball = _unit_edge(power) * (np.abs(end) ** power).sum() ** (1 / power)
    grid_x, grid_y, plane = _grid(np.concatenate([ball, *steps.values()]))
    height = np.asarray(loss(plane), dtype=float).reshape(grid_x.shape)

    ax = _axes(ax)
    rings = height.min() + np.ptp(height) * np.linspace(0, 1, 13)[1:-1] ** 2  # closer together when low
    ax.contour(grid_x, grid_y, height, levels=rings, colors="gray", linewidths=0.7)
    touching = np.asarray(loss(end[np.newaxis]), dtype=float)
    ax.contour(grid_x, grid_y, height, levels=touching, colors="black", linewidths=1.8)
    ax.fill(*ball.T, facecolor=PALETTE[4], alpha=0.35, label=f"ball of {list(steps)[-1]}")
    for (name, path), color, marker in zip(steps.items(), PALETTE, _PART_MARKERS, strict=False):
        ax.plot(*path.T, "-", marker=".", markersize=3, color=color, linewidth=0.8)
        ax.plot(*path[-1:].T, marker, color=color, markersize=7, label=name)
    ax.axhline(0, color="black", linewidth=0.6)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set(xlabel="weight $w_1$", ylabel="weight $w_2$", aspect="equal")
    ax.grid(False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize="small")
    ends = _listed(f"{name} at ({path[-1][0]:.1f}, {path[-1][1]:.1f})" for name, path in steps.items())
    ax.alt_text = (
        f"Contour chart of a loss over two weights with the path of each descent, which end for {ends}; the "
        "last end lies on the edge of a shaded ball around zero, where a thick contour touches it."
    )
    return ax


def strength_path(
    strengths: Sequence[float],
    values_by_name: Mapping[str, Any],
    label: str,
    floor: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what was measured at each strength λ of a penalty: means over seeds with 95 % intervals.

    The axis of λ is logarithmic. λ = 0 has no logarithm: it stands at the left end, apart from the line.

    Parameters
    ----------
    strengths : sequence of float, length n_strengths
        λ, increasing; only the first may be 0.
    values_by_name : mapping of str to array_like, shape (n_seeds, n_strengths)
        What was measured, one curve each.
    label : str
        What the numbers are; it goes beside the axis.
    floor : float, optional
        Value of the best possible classifier, drawn as a dotted line.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `strengths` do not increase from 0 or more, hold fewer than two positive ones, or there is no curve
        or one of another shape.

    Examples
    --------
    >>> ax = strength_path([0, 0.01, 0.1], {"fresh": [[0.5, 0.4, 0.6], [0.5, 0.3, 0.7]]}, "data loss")
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['0', '$10^{-2}$', '$10^{-1}$']
    >>> plt.close(ax.figure)
    """
    places = np.asarray(strengths, dtype=float)
    if places.ndim != 1 or not (np.diff(places) > 0).all() or (places > 0).sum() < 2 or places[0] < 0:
        raise ValueError(
            f"strengths must increase, at least two of them positive and none negative, got {strengths!r}"
        )
    curves = {name: np.asarray(values, dtype=float) for name, values in values_by_name.items()}
    if not curves:
        raise ValueError("values_by_name must hold at least one curve, got none")
    for name, values in curves.items():
        if values.ndim != 2 or values.shape[1] != len(places):
            raise ValueError(
                f"values_by_name[{name!r}] must have shape (n_seeds, {len(places)}), got {values.shape}"
            )
    positive = places > 0
    places[~positive] = places[positive][0] / 5  # its own place, clearly left of the line
    ax = _axes(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = _mean_and_band(values)
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": _PART_MARKERS[number % len(_PART_MARKERS)],
            "markersize": 4,
        }
        style = _CURVE_STYLES[number % len(_CURVE_STYLES)]
        for part, line, legend in ((positive, style, name), (~positive, "none", None)):
            ax.errorbar(
                places[part], mean[part], half_width[part], label=legend, linestyle=line, capsize=2, **looks
            )
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xscale="log", xlabel="strength λ", ylabel=label)
    _strength_ticks(ax, places, positive)
    ax.legend(fontsize="small")
    ax.alt_text = (
        f"Line chart of {label} against the strength on a logarithmic axis, from {strengths[0]:g} to "
        f"{strengths[-1]:g}, for {_listed(curves)}; means over {len(values)} seeds with 95 % intervals."
    )
    return ax


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
    >>> plt.close(ax.figure)
    """
    _check_powers(powers)
    w = np.linspace(0.01 if pull else -1.25, 1.25, 251)
    ax = _axes(ax)
    for number, power in enumerate(powers):
        height = power * np.abs(w) ** (power - 1) if pull else np.abs(w) ** power
        ax.plot(w, height, label=f"p = {power:g}", **_looks(number))
    ax.set(xlabel="weight w", ylabel="pull toward zero" if pull else "penalty $|w|^p$")
    ax.legend()
    shown = _listed(f"{power:g}" for power in powers)
    ax.alt_text = f"Line chart of {ax.get_ylabel()} against one weight for the powers {shown}."
    return ax


def shrinkage(
    before: Any, after_by_name: Mapping[str, Any], labels: tuple[str, str], ax: Axes | None = None
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
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['untouched', 'L2']
    >>> plt.close(ax.figure)
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
    ax = _axes(ax)
    ax.plot(before, before, color="black", linestyle="--", linewidth=1, label="untouched")
    for number, (name, after) in enumerate(curves.items()):
        jumps = np.abs(np.diff(after)) > _STEEPEST * np.diff(before)
        after[1:][jumps] = np.nan
        ax.plot(before, after, label=name, **_looks(number))
    ax.set(xlabel=labels[0], ylabel=labels[1])
    ax.legend(fontsize="small")
    ax.alt_text = (
        f"Line chart of {labels[1]} against {labels[0]} for {_listed(curves)}, with a dashed diagonal where "
        "nothing happens."
    )
    return ax


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
    >>> plt.close(ax.figure)
    """
    _check_powers([power])
    edge = _unit_edge(power)
    ax = _axes(ax)
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
    >>> plt.close(ax.figure)
    """
    _check_powers(powers)
    w = np.linspace(-4, 4, 401)
    names = {1: "Laplace, p = 1", 2: "Gaussian, p = 2"}
    ax = _axes(ax)
    for number, power in enumerate(powers):
        density = generalized_normal(power, scale=1 / generalized_normal(power).std()).pdf(w)
        ax.plot(w, density, label=names.get(power, f"p = {power:g}"), **_looks(number))
    ax.set(xlabel="weight, in standard deviations", ylabel="density")
    if log:
        ax.set(yscale="log", ylim=(1e-5, 2))
    else:
        ax.set_ylim(0, 1.5 * ax.dataLim.ymax)  # the legend stands above the peaks
    ax.legend(fontsize="small")
    axis = " on a logarithmic axis" if log else ""
    ax.alt_text = (
        f"Bell-shaped densities{axis} for {_listed(f'p = {power:g}' for power in powers)}, all of standard "
        "deviation 1."
    )
    return ax


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
    >>> plt.close(ax.figure)
    """
    steps = check_integer(steps, "steps", minimum=1)
    rates = np.asarray(rates, dtype=float)
    if rates.ndim != 1 or rates.size == 0 or not (np.isfinite(rates) & (rates >= 0)).all():
        raise ValueError(f"rates must be one or more finite numbers of at least 0, got {rates}")
    ax = _axes(ax)
    ax.axhline(0, color="black", linewidth=0.8)
    time = np.arange(steps + 1)
    left = (1 - rates[:, np.newaxis]) ** time
    for number, (rate, weights) in enumerate(zip(rates, left, strict=True)):
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": _PART_MARKERS[number % len(_PART_MARKERS)],
            "linestyle": _CURVE_STYLES[number % len(_CURVE_STYLES)],
        }
        ax.plot(time, weights, markersize=4, label=f"ηλ/n = {rate:g}", **looks)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="step", ylabel="share of the weight that is left")
    ax.legend(fontsize="small")
    ends = _listed(f"{last:.2g} at {rate:g}" for rate, last in zip(rates, left[:, -1], strict=True))
    ax.alt_text = f"Line chart of what is left of a weight over {steps} steps of decay; it ends at {ends}."
    return ax


def weight_histogram(
    weights: Any, limit: float | None = None, bins: int = 81, ax: Axes | None = None
) -> Axes:
    """Draw a histogram of weights with the Gaussian and the Laplace density that fit them best.

    Both are fitted by maximum likelihood [1]_: the Gaussian by mean and standard deviation, the Laplace
    density by median and mean absolute deviation from it. The height is logarithmic, so that a Gaussian is a
    parabola and a Laplace density a tent with straight sides.

    Parameters
    ----------
    weights : array_like
        The weights, of any shape; at least two different values.
    limit : float, optional
        The axis runs from ``-limit`` to ``limit``; weights outside are fitted but not drawn. Default: the
        largest absolute weight.
    bins : int
        Number of bars, at least 1; with an odd number one bar is centred on zero.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the weights are all equal or not finite, `limit` is not positive or `bins` is less than 1.

    References
    ----------
    .. [1] R. M. Norton, The Double Exponential Distribution: Using Calculus to Find a Maximum Likelihood
       Estimator, The American Statistician 38 (2), 135-136, 1984.

    Examples
    --------
    >>> ax = weight_histogram([-0.2, -0.1, 0.0, 0.1, 0.7], limit=1.0, bins=5)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['weights', 'Gaussian fit', 'Laplace fit']
    >>> plt.close(ax.figure)
    """
    weights = np.asarray(weights, dtype=float).ravel()
    if not np.isfinite(weights).all() or weights.size < 2 or np.ptp(weights) == 0:
        raise ValueError(f"weights must be finite and hold two different values, got {weights}")
    bins = check_integer(bins, "bins", minimum=1)
    limit = np.abs(weights).max() if limit is None else check_number(limit, "limit")
    if limit == 0:
        raise ValueError(f"limit must be positive, got {limit!r}")
    edges = np.linspace(-limit, limit, bins + 1)
    counts = np.histogram(weights, edges)[0] / (weights.size * np.diff(edges))
    place = np.linspace(-limit, limit, 10 * bins + 1)
    fits = {
        "Gaussian fit": normal.pdf(place, *normal.fit(weights)),
        "Laplace fit": laplace.pdf(place, *laplace.fit(weights)),
    }
    ax = _axes(ax)
    ax.stairs(counts, edges, fill=True, color=PALETTE[5], label="weights")
    for (name, density), color, style in zip(fits.items(), PALETTE, ("--", "-"), strict=False):
        ax.plot(place, density, style, color=color, label=name)
    lowest = 0.5 / (weights.size * np.diff(edges)[0])  # half of what one weight makes
    ax.set(xlabel="weight", ylabel="density", yscale="log", xlim=(-limit, limit), ylim=(lowest, None))
    ax.legend(fontsize="small")
    ax.alt_text = (
        f"Histogram of {weights.size} weights with a logarithmic height and the fitted Gaussian and Laplace "
        f"densities; {np.mean(np.abs(weights) < limit / bins):.0%} of them lie within {limit / bins:.2g} of "
        f"zero, the largest is {np.abs(weights).max():.2g} from it."
    )
    return ax


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def _draw_classes(ax: Axes, points: np.ndarray, labels: np.ndarray) -> list[Line2D]:
    """Draw the points of each class in its colour and with its marker."""
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.4}
    drawn = []
    for label, (color, marker) in enumerate(zip(_CLASS_COLORS, _CLASS_MARKERS, strict=True)):
        inside = points[labels == label].T
        drawn += ax.plot(*inside, marker, color=color, markersize=4, label=f"class {label}", **edge)
    return drawn


def _unit_edge(power: float) -> np.ndarray:
    """Return the closed edge |w₁|ᵖ + |w₂|ᵖ = 1, shape (721, 2)."""
    angle = np.linspace(0, 2 * np.pi, 721)
    direction = np.column_stack([np.cos(angle), np.sin(angle)])
    return direction / (np.abs(direction) ** power).sum(axis=1, keepdims=True) ** (1 / power)


def _strength_ticks(ax: Axes, places: np.ndarray, positive: np.ndarray) -> None:
    """Mark whole powers of ten, and the place that stands for a strength of 0."""
    lowest, highest = np.log10(places[positive][[0, -1]])
    powers = range(int(np.ceil(lowest - 1e-9)), int(np.floor(highest + 1e-9)) + 1)
    zero = places[~positive]
    labels = [*("0" for _ in zero), *(f"$10^{{{power}}}$" for power in powers)]
    ax.set_xticks([*zero, *(10.0**power for power in powers)], labels)
    ax.minorticks_off()


def _looks(number: int) -> dict[str, Any]:
    """Return colour and line style of one curve among several."""
    style = _CURVE_STYLES[number % len(_CURVE_STYLES)]
    return {"color": PALETTE[number % len(PALETTE)], "linestyle": style, "linewidth": 2}


def _check_powers(powers: Sequence[float]) -> None:
    if len(powers) == 0 or not all(0 < power < np.inf for power in powers):
        raise ValueError(f"powers must hold finite numbers of more than 0, got {powers!r}")


def _listed(names: Any) -> str:
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last


def _curves(history_by_name: Mapping[str, Any], keys: Sequence[str]) -> dict[tuple[str, str], np.ndarray]:
    """Collect the arrays to draw and check each of them before anything is drawn."""
    if not history_by_name or not keys:
        raise ValueError(f"history_by_name and keys must not be empty, got {history_by_name!r} and {keys!r}")
    curves = {}
    for name, runs in history_by_name.items():
        history = getattr(runs, "history", runs)
        for key in keys:
            if key not in history:
                known = ", ".join(sorted(history))
                raise ValueError(f"keys must be in every history, {name!r} has {known} but not {key!r}")
            values = np.asarray(history[key], dtype=float)
            if values.ndim != 2:
                raise ValueError(f"{name!r}: {key!r} must have shape (n_seeds, n_epochs), got {values.shape}")
            curves[name, key] = values
    return curves


def _mean_and_band(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return epochs, mean and half width of the band; of one seed the band has no width."""
    training = np.isfinite(values).sum(axis=0)
    drawn = training >= max(1, len(values) / 2)
    n, values = training[drawn], values[:, drawn]
    spread = np.nanstd(values, axis=0) * np.sqrt(n / np.maximum(n - 1, 1))
    half_width = student.ppf((1 + _CONFIDENCE) / 2, np.maximum(n - 1, 1)) * spread / np.sqrt(n)
    return np.flatnonzero(drawn) + 1, np.nanmean(values, axis=0), half_width


def _grid(points: np.ndarray, steps: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cover the points and a margin by a grid; the plane's points come as an array of shape (steps², 2)."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * np.maximum(high - low, 0.1)
    axes = [np.linspace(a, b, steps) for a, b in zip(low - margin, high + margin, strict=True)]
    grid_x, grid_y = np.meshgrid(*axes)
    return grid_x, grid_y, np.column_stack([grid_x.ravel(), grid_y.ravel()]).astype(np.float32)


def _probability(predict: Callable[[np.ndarray], Any], plane: np.ndarray) -> np.ndarray:
    probability = np.asarray(predict(plane), dtype=float)
    if probability.ndim == 3:
        probability = probability.mean(axis=0)
    m = len(plane)
    if probability.shape not in ((m,), (m, 1)):
        raise ValueError(f"predict must return shape ({m},) or ({m}, 1) over seeds, got {probability.shape}")
    return probability.ravel()
