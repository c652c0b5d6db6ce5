"""Curves over epochs, an input, the flexibility of a model and the strength of a penalty."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils._arguments import checked
from course_utils.plots._drawing import (
    CURVE_STYLES,
    MARKERS,
    checked_curves,
    listed,
    mean_and_band,
    new_or_given,
    on_logarithmic_axis,
    strength_ticks,
)
from course_utils.plots.layout import legend_below, name_curves
from course_utils.plots.style import PALETTE

_LINE_STYLES = ("--", "-", ":", "-.")
_MOST_DRAWS = 10  # more thin lines than that fill the picture


@checked
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
    """
    curves = checked_curves(history_by_name, keys)
    ax = new_or_given(ax)
    for (name, key), values in curves.items():
        color = PALETTE[list(history_by_name).index(name) % len(PALETTE)]
        style = _LINE_STYLES[list(keys).index(key) % len(_LINE_STYLES)] if len(keys) > 1 else "-"
        epochs, mean, half_width = mean_and_band(values)
        label = f"{name}: {key}" if len(keys) > 1 else name
        ax.plot(epochs, mean, color=color, linestyle=style, label=label)
        ax.fill_between(epochs, mean - half_width, mean + half_width, color=color, alpha=0.2, linewidth=0)
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", linewidth=1, label="best possible")
    ax.set(xlabel="epoch", ylabel=", ".join(keys))
    name_curves(ax)
    seeds = max(len(values) for values in curves.values())
    below = "" if floor is None else f", and a dotted floor at {floor:.4f}"
    ax.alt_text = (
        f"Line chart over the epochs of {listed(keys)} for {listed(history_by_name)}, means over seeds "
        f"({seeds}) with 95 % bands{below}."
    )
    return ax


@checked
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
    ['val_loss', 'penalty', 'val_data_loss', 'data_loss']
    """
    curves = checked_curves({"history": history}, ["val_loss", "val_data_loss", "data_loss"])
    epochs, total, _ = mean_and_band(curves["history", "val_loss"])
    data_term = mean_and_band(curves["history", "val_data_loss"])[1]
    training = mean_and_band(curves["history", "data_loss"])[1]
    ax = new_or_given(ax)
    ax.plot(epochs, total, color=PALETTE[6], linewidth=1, label="val_loss")
    ax.fill_between(
        epochs, data_term, total, facecolor=PALETTE[4], alpha=0.35, hatch="//", linewidth=0, label="penalty"
    )
    ax.plot(epochs, data_term, color=PALETTE[0], label="val_data_loss")
    ax.plot(epochs, training, color=PALETTE[1], linestyle="--", label="data_loss")
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xlabel="epoch", ylabel="loss in nats")
    legend_below(ax)
    ax.alt_text = (
        f"Line chart over {len(epochs)} epochs: the validation data loss ends at {data_term[-1]:.2f}, a "
        f"hatched band above it, the penalty, lifts the validation loss to {total[-1]:.2f}; the training "
        f"data loss ends at {training[-1]:.2f}."
    )
    return ax


@checked
def fitted_curves(
    x: ArrayLike,
    curves: Mapping[str, Any],
    truth: ArrayLike,
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
    """
    x = np.asarray(x, dtype=float)
    arrays = {name: np.asarray(values, dtype=float) for name, values in curves.items()}
    if not arrays:
        raise ValueError("curves must hold at least one curve, got none")
    for name, values in {**arrays, "truth": np.asarray(truth, dtype=float)}.items():
        if values.shape[-1:] != x.shape or values.ndim > 2:
            raise ValueError(f"{name!r} must have shape {x.shape} or (n_draws, {len(x)}), got {values.shape}")
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(arrays.items()):
        color, style = PALETTE[number % len(PALETTE)], CURVE_STYLES[number % len(CURVE_STYLES)]
        draws = np.atleast_2d(values)
        if len(draws) > 1:
            ax.plot(x, draws[:_MOST_DRAWS].T, color=color, linewidth=0.8, alpha=0.35)
        ax.plot(x, draws.mean(axis=0), color=color, linestyle=style, linewidth=2, label=name)
    ax.plot(x, truth, color="black", linestyle="--", linewidth=1.5, label="truth")
    if points is not None:
        ax.plot(*points, "o", color="black", markersize=4, alpha=0.7, label="points")
    ax.set(xlabel="$x$", ylabel="$y$")
    legend_below(ax)
    ax.alt_text = f"Line chart of {listed(arrays)} fitted to noisy points, with the true curve dashed."
    return ax


@checked
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
    """
    if table.empty or (table.to_numpy(float) < 0).any():
        raise ValueError(f"table must hold parts of an error, none negative, got\n{table}")
    ax = new_or_given(ax)
    for number, name in enumerate(table.columns):
        style = CURVE_STYLES[number % len(CURVE_STYLES)]
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(table.index, table[name], linestyle=style, marker=marker, markersize=4, label=name)
    ax.set(xlabel=table.index.name or "flexibility", ylabel="error", yscale="log")
    name_curves(ax)
    ax.alt_text = (
        f"Line chart of {listed(table.columns)} against {ax.get_xlabel()}, with a logarithmic error axis."
    )
    return ax


@checked
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
    """
    rising, curves = _checked_strengths(strengths, values_by_name)
    positive, places = rising > 0, on_logarithmic_axis(rising)
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(curves.items()):
        _, mean, half_width = mean_and_band(values)
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": MARKERS[number % len(MARKERS)],
            "markersize": 4,
        }
        style = CURVE_STYLES[number % len(CURVE_STYLES)]
        for part, line, legend in ((positive, style, name), (~positive, "none", None)):
            ax.errorbar(
                places[part], mean[part], half_width[part], label=legend, linestyle=line, capsize=2, **looks
            )
    if floor is not None:
        ax.axhline(floor, color="black", linestyle=":", label="best possible")
    ax.set(xscale="log", xlabel="strength λ", ylabel=label)
    strength_ticks(ax, rising)
    name_curves(ax)
    ax.alt_text = (
        f"Line chart of {label} against the strength on a logarithmic axis, from {strengths[0]:g} to "
        f"{strengths[-1]:g}, for {listed(curves)}; means over {len(values)} seeds with 95 % intervals."
    )
    return ax


def _checked_strengths(
    strengths: Sequence[float], values_by_name: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
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
    return places, curves
