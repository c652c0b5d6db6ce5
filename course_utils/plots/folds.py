"""Folds: which rows train and which are scored, and how far the scores lie apart."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import ArrayLike
from scipy.stats import binom
from scipy.stats import t as student

from course_utils._arguments import check_integer, check_number, checked
from course_utils.plots._drawing import MARKERS, new_or_given
from course_utils.plots.layout import legend_below
from course_utils.plots.style import PALETTE

_CONFIDENCE = 0.95


@checked
def fold_map(n_folds: int = 5, chosen: float = 0.0, ax: Axes | None = None) -> Axes:
    """Draw which rows of a table each model trains on, and which it is scored on.

    Parameters
    ----------
    n_folds : int
        Number of folds, at least 2.
    chosen : float
        Share of the training rows of every fold that are kept to choose by, at least 0 and below 1.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        If `n_folds` is not an integer of at least 2, or `chosen` no share.

    Examples
    --------
    >>> ax = fold_map(5)
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['model 1', 'model 2', 'model 3', 'model 4', 'model 5']
    """
    n_folds = check_integer(n_folds, "n_folds", minimum=2)
    chosen = check_number(chosen, "chosen", below=1.0)
    ax = new_or_given(ax)
    looks = {
        "train": {"facecolor": PALETTE[5], "hatch": ""},
        "choose": {"facecolor": PALETTE[4], "hatch": ".."},
        "score": {"facecolor": PALETTE[1], "hatch": "//"},
    }
    for model in range(n_folds):
        parts = ["score" if fold == model else "train" for fold in range(n_folds)]
        ax.barh([model] * n_folds, 0.96, 0.7, np.arange(n_folds) + 0.02, edgecolor="white")
        for bar, part in zip(ax.patches[-n_folds:], parts, strict=True):
            bar.set(**looks[part])
        if chosen:
            last = max(fold for fold in range(n_folds) if fold != model)
            width = chosen * (n_folds - 1)
            for start in np.arange(width)[::-1] if width > 1 else [0]:
                share = min(1.0, width - start)
                ax.barh(model, 0.96 * share, 0.7, last + 0.98 - 0.96 * share - start, edgecolor="white")
                ax.patches[-1].set(**looks["choose"])
    shown = [part for part in looks if part != "choose" or chosen]
    legend_below(ax, [Patch(edgecolor="white", label=part, **looks[part]) for part in shown])
    ax.set_yticks(range(n_folds), [f"model {model + 1}" for model in range(n_folds)])
    ax.set_xticks(np.arange(n_folds) + 0.5, [f"fold {fold + 1}" for fold in range(n_folds)])
    ax.tick_params(length=0)
    ax.grid(False)
    ax.invert_yaxis()
    ax.set(xlabel="rows of the table, shuffled", ylabel="one new model each", xlim=(0, n_folds))
    kept = f", and keeps {chosen:.0%} of its training rows to choose by" if chosen else ""
    ax.alt_text = (
        f"Chart of {n_folds} rows of {n_folds} blocks, one row for each model: model 1 is scored on the "
        "first fold and trains on the others, model 2 is scored on the second, and so on to model "
        f"{n_folds}{kept}."
    )
    return ax


@checked
def fold_scores(scores: ArrayLike, n_rows: int, marks: Sequence[float] = (), ax: Axes | None = None) -> Axes:
    """Draw the accuracy of every fold, one dot for each seed, over the band of what chance alone would do.

    The band holds the middle 95 % of the accuracies that a classifier as good as the mean of all scores would
    get on `n_rows` rows at a time: binomial counts.

    Parameters
    ----------
    scores : array_like, shape (n_folds, n_seeds)
        Accuracies.
    n_rows : int
        Rows in every fold.
    marks : sequence of float, shape (n_folds,), optional
        Accuracies of somebody else's folds, drawn as crosses.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `scores` has not two dimensions, or `marks` not one number for each fold.

    Examples
    --------
    >>> ax = fold_scores([[0.6, 0.62], [0.7, 0.66]], n_rows=400)
    >>> ax.get_xticks().tolist()
    [1, 2]
    """
    scores, n_rows = np.asarray(scores, dtype=float), check_integer(n_rows, "n_rows", minimum=1)
    if scores.ndim != 2 or scores.size == 0:
        raise ValueError(f"scores must have shape (n_folds, n_seeds), got {scores.shape}")
    places = np.arange(1, len(scores) + 1)
    if len(marks) not in (0, len(scores)):
        raise ValueError(f"marks must hold one number for each of {len(scores)} folds, got {len(marks)}")
    mean = scores.mean()
    low, high = (binom.ppf(tail, n_rows, mean) / n_rows for tail in (0.025, 0.975))
    ax = new_or_given(ax)
    ax.axhspan(low, high, color=PALETTE[5], alpha=0.3, label="chance alone")
    ax.axhline(mean, color="black", linestyle=":", label="mean of all")
    at = np.repeat(places, scores.shape[1])
    ax.plot(at, scores.ravel(), "o", color=PALETTE[0], markersize=5, alpha=0.7, label="one seed")
    if len(marks):
        ax.plot(places + 0.2, marks, "x", color=PALETTE[1], markersize=7, label="published")
    ax.set_xticks(places)
    ax.set(xlabel="fold", ylabel="accuracy on the fold", xlim=(0.5, len(scores) + 0.5))
    legend_below(ax)
    ax.alt_text = (
        f"Dot chart of the accuracies in {len(scores)} folds, {scores.shape[1]} seeds each, from "
        f"{scores.min():.2f} to {scores.max():.2f} around {mean:.2f}, over a band from {low:.2f} to "
        f"{high:.2f} that chance alone explains."
    )
    return ax


@checked
def score_intervals(
    scores: ArrayLike,
    truths: ArrayLike,
    label: str = "accuracy",
    floor: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw for every table the Student-t interval of its folds' scores, and what it should have held.

    Parameters
    ----------
    scores : array_like, shape (n_tables, n_folds)
        At least two folds.
    truths : array_like, shape (n_tables,)
        What the same networks score on fresh data.
    label : str
        What the scores are.
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
        If the shapes do not fit.

    Examples
    --------
    >>> ax = score_intervals([[0.6, 0.62, 0.64], [0.7, 0.71, 0.72]], [0.61, 0.65])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['truth', 'holds the truth', 'misses it']
    """
    scores, truths = np.asarray(scores, dtype=float), np.asarray(truths, dtype=float)
    if scores.ndim != 2 or scores.shape[1] < 2 or truths.shape != scores.shape[:1]:
        raise ValueError(
            "scores must have shape (n_tables, n_folds) with two folds or more and truths (n_tables,), got "
            f"{scores.shape} and {truths.shape}"
        )
    count = scores.shape[1]
    means = scores.mean(axis=1)
    half_widths = student.ppf((1 + _CONFIDENCE) / 2, count - 1) * scores.std(axis=1, ddof=1) / np.sqrt(count)
    order = np.argsort(means)
    means, half_widths, truths = means[order], half_widths[order], truths[order]
    held = np.abs(truths - means) <= half_widths
    ax = new_or_given(ax)
    places = np.arange(1, len(means) + 1)
    for number, (name, drawn) in enumerate({"holds the truth": held, "misses it": ~held}.items()):
        if drawn.any():
            style = {"color": PALETTE[number], "fmt": MARKERS[number], "markersize": 4, "capsize": 2}
            ax.errorbar(places[drawn], means[drawn], yerr=half_widths[drawn], label=name, **style)
    ax.plot(places, truths, "_", color="black", markersize=9, markeredgewidth=2, label="truth")
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xlabel="table, sorted by its score", ylabel=label)
    legend_below(ax)
    ax.alt_text = (
        f"Chart of {len(means)} intervals of {label}, one for each table, sorted; a bar marks the truth of "
        f"each table; {int(held.sum())} intervals hold it."
    )
    return ax
