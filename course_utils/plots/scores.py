"""What loss and accuracy measure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils._arguments import check_integer, checked
from course_utils.plots._drawing import listed, new_or_given
from course_utils.plots.layout import legend_below, name_curves
from course_utils.plots.style import PALETTE


@checked
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
    """
    if not probabilities:
        raise ValueError("probabilities must hold at least one model, got none")
    for name, values in probabilities.items():
        values = np.asarray(values, dtype=float)
        if values.size == 0 or not ((values > 0) & (values <= 1)).all():
            raise ValueError(f"probabilities of {name!r} must be in (0, 1], got {values}")
    ax = new_or_given(ax)
    curve = np.linspace(0.2, 1, 200)
    ax.plot(curve, -np.log(curve), color="black", linewidth=1.5, label="cost, −ln p", zorder=1)
    ax.axvline(0.5, color="black", linestyle=":", linewidth=1, label="p = 0.5: decision")
    for (name, values), color, marker in zip(probabilities.items(), PALETTE, "o^sDv", strict=False):
        places, counts = np.unique(np.round(values, 6), return_counts=True)
        ax.plot(places, -np.log(places), marker, color=color, markersize=9, label=f"model {name}")
        for place, count in zip(places[counts > 1], counts[counts > 1], strict=True):
            ax.annotate(f"{count}×", (place, -np.log(place)), (4, 8), textcoords="offset points", color=color)
    ax.set(xlabel="probability p given to the true class", ylabel="cost in nats")
    ax.legend(loc="upper right")  # the curve falls, so there is room
    ax.alt_text = (
        "Falling curve of the cost, minus the logarithm of the probability given to the true class, with the "
        f"predictions of {listed(f'model {name}' for name in probabilities)} marked on it and a dotted line "
        "at one half."
    )
    return ax


@checked
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
    """
    q = true_probability
    if not 0 < q < 1:
        raise ValueError(f"true_probability must be inside (0, 1), got {q!r}")
    p = np.linspace(0.001, 0.999, 999)
    scores = {
        "cross-entropy": (-q * np.log(p) - (1 - q) * np.log(1 - p), "-", "o"),
        "Brier score": (q * (1 - p) ** 2 + (1 - q) * p**2, "--", "s"),
    }
    ax = new_or_given(ax)
    for (name, (score, style, marker)), color in zip(scores.items(), PALETTE, strict=False):
        best = score.argmin()
        ax.plot(p, score, style, color=color, linewidth=2, label=name)
        ax.plot(p[best], score[best], marker, color=color, markersize=9)
        above = {"cross-entropy": 9, "Brier score": -19}[name]  # where no other curve runs
        place = {"textcoords": "offset points", "ha": "center", "fontsize": "small"}
        ax.annotate(f"lowest at {p[best]:.2f}", (p[best], score[best]), (0, above), **place)
    errors = np.where(p > 0.5, 1 - q, q)
    ax.plot(p, errors, "-.", color=PALETTE[2], linewidth=2, label="error rate, 1 − accuracy")
    ax.axvline(q, color="black", linestyle=":", linewidth=1, label=f"true probability, {q:.2f}")
    ax.set(xlabel="predicted probability p", ylabel="expected cost", ylim=(0, 1.6))
    legend_below(ax)
    ax.alt_text = (
        "Three curves of the expected cost against the predicted probability: cross-entropy and Brier score "
        f"are bowls with their lowest point at {q:.2f}, the true probability; the error rate is a step, "
        "flat on both sides of one half."
    )
    return ax


@checked
def accuracy_under_noise(
    scales: ArrayLike, accuracies: Mapping[str, Any], crossing: float | None = None, ax: Axes | None = None
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
    """
    if not accuracies:
        raise ValueError("accuracies must hold at least one model, got none")
    for name, values in accuracies.items():
        if np.shape(values) != np.shape(scales):
            raise ValueError(
                f"{name!r} must have one accuracy per scale, got {np.shape(values)} for {np.shape(scales)}"
            )
    ax = new_or_given(ax)
    styles = zip(PALETTE, ("-", "--", "-.", ":"), strict=False)
    for (name, values), (color, style) in zip(accuracies.items(), styles, strict=False):
        ax.plot(scales, values, style, color=color, linewidth=2, label=f"model {name}")
    if crossing is not None:
        ax.axvline(crossing, color="black", linestyle=":", linewidth=1)
        ax.annotate(
            f"they cross at s = {crossing:.2f}",
            (crossing, 1),
            (5, -5),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            va="top",
            fontsize="small",
        )
    ax.axhline(0.5, color="gray", linewidth=1, label="a coin")
    ax.set(xscale="log", xlabel="standard deviation s of the noise on the logits", ylabel="expected accuracy")
    name_curves(ax)
    where = "" if crossing is None else f"; the curves cross at a noise of {crossing:.2f}"
    ax.alt_text = (
        f"Line chart of the expected accuracy of {listed(f'model {name}' for name in accuracies)} against "
        f"the noise on the logits, on a logarithmic axis, falling towards one half for large noise{where}."
    )
    return ax


@checked
def accuracy_spread(
    accuracies: ArrayLike, n_points: int, expected: float, marks: Sequence[float] = (), ax: Axes | None = None
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
    """
    accuracies = np.asarray(accuracies, dtype=float)
    if accuracies.ndim != 1 or accuracies.size == 0:
        raise ValueError(f"accuracies must have shape (n_test_sets,), got {accuracies.shape}")
    n_points = check_integer(n_points, "n_points", minimum=1)
    right, counts = np.unique(np.rint(accuracies * n_points), return_counts=True)
    ax = new_or_given(ax)
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
    legend_below(ax)
    marked = f", with the bars at {listed(f'{mark:g}' for mark in marks)} marked" if len(marks) else ""
    ax.alt_text = (
        f"Bar chart of the accuracies that one classifier gets on {len(accuracies)} test sets of {n_points} "
        f"points: a hill from {accuracies.min():.2f} to {accuracies.max():.2f} around {expected:.2f}{marked}."
    )
    return ax


@checked
def loss_against_accuracy(loss: ArrayLike, accuracy: ArrayLike, ax: Axes | None = None) -> Axes:
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
    """
    loss, accuracy = np.asarray(loss, dtype=float), np.asarray(accuracy, dtype=float)
    if loss.ndim != 1 or loss.size == 0 or loss.shape != accuracy.shape:
        shapes = f"{loss.shape} and {accuracy.shape}"
        raise ValueError(f"loss and accuracy must have one shape (n_models,), got {shapes}")
    ax = new_or_given(ax)
    best_accuracy, best_loss = accuracy == accuracy.max(), loss == loss.min()
    ax.plot(accuracy, loss, "o", color=PALETTE[5], label="a trained model")
    rings = {"markerfacecolor": "none", "markersize": 12, "markeredgewidth": 2}
    ax.plot(accuracy[best_loss], loss[best_loss], "o", color=PALETTE[0], label="lowest loss", **rings)
    ax.plot(
        accuracy[best_accuracy], loss[best_accuracy], "s", color=PALETTE[1], label="highest accuracy", **rings
    )
    ax.set(xlabel="accuracy", ylabel="loss")
    ax.margins(0.05)
    legend_below(ax)
    agree = "the same model" if (best_accuracy & best_loss).any() else "different models"
    ax.alt_text = (
        f"Scatter chart of the loss against the accuracy of {len(loss)} models; the lowest loss, in a "
        f"circle, and the highest accuracy, in a square, belong to {agree}."
    )
    return ax
