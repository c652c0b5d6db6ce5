"""Checks of chapter 15, dropout against its rivals."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("every draw chooses by its own validation rows, and is paid in fresh points.")
def check_chosen_inside(chosen_losses: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    """Check the fresh losses of the strengths that every draw chooses by its validation loss.

    Parameters
    ----------
    chosen_losses : callable
        The reader's function of validation and fresh losses, both of shape (n_draws, n_strengths); it returns
        one fresh loss per draw.

    Examples
    --------
    >>> check_chosen_inside(lambda val, fresh: fresh.min(axis=1))
    Not yet: that chooses by the fresh points, which nobody has when choosing.
    """
    val = np.array([[0.40, 0.38, 0.50], [0.45, 0.52, 0.30], [0.37, 0.36, 0.41], [0.31, 0.44, 0.60]])
    fresh = np.array([[0.36, 0.39, 0.61], [0.43, 0.40, 0.45], [0.42, 0.35, 0.44], [0.48, 0.37, 0.52]])
    found = chosen_losses(val.copy(), fresh.copy())
    require(found is not ..., "put your answer where the three dots are")
    each = val.argmin(axis=1)
    expected = fresh[np.arange(4), each]
    mistakes = [
        (fresh.min(axis=1), "that chooses by the fresh points, which nobody has when choosing"),
        (val.min(axis=1), "these are validation losses; they chose, so they flatter"),
        (fresh[:, val.mean(axis=0).argmin()], "that is one strength for all; every draw chooses its own"),
        (each, "these are the places of the strengths; return the fresh losses there"),
        (expected.mean(), "one loss per draw is wanted, not their mean: the pairs are needed"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, expected, "the fresh losses of what was chosen")


@exercise("the two parts add up to the gap, and each compares losses that differ in one thing.")
def check_gap_parts(gap_parts: Callable[[float, float, float], Any]) -> None:
    """Check the two parts of the gap between the loss that `fit` reports and that of `evaluate`.

    Parameters
    ----------
    gap_parts : callable
        The reader's function of the reported loss, the loss of the final weights with masks, and the loss of
        the final weights without; it returns the part of the masks and the part of the running weights.

    Examples
    --------
    >>> check_gap_parts(lambda reported, on, off: (reported - on, on - off))
    Not yet: the two parts are swapped: on and off differ in the masks alone.
    """
    reported, on, off = 0.60, 0.52, 0.45
    found = gap_parts(reported, on, off)
    require(found is not ..., "put your answer where the three dots are")
    require(np.size(found) == 2, f"return two numbers, masks and running weights, got {found!r}")
    mistakes = [
        ((0.08, 0.07), "the two parts are swapped: on and off differ in the masks alone"),
        ((0.15, 0.08), "the first is the whole gap; the masks' part compares the same weights"),
        ((0.07, 0.15), "the second is the whole gap; the running weights' part compares losses with masks"),
        ((-0.07, -0.08), "the signs are turned round: a positive part lifts the reported loss"),
    ]
    require_no_mistake(np.asarray(found, float), mistakes)
    require_close(found, (0.07, 0.08), "masks and running weights")
    require_close(gap_parts(0.70, 0.40, 0.50), (-0.10, 0.30), "the parts of another gap")


@exercise("one empty layer is enough to cut a row off from its input.")
def check_cut_off(cut_off: Callable[[int, float, int], float]) -> None:
    """Check the share of rows for which at least one layer loses all its units, 1 − (1 − pⁿ)ᵏ.

    Parameters
    ----------
    cut_off : callable
        The reader's function of the units of a layer n, the rate p and the number of layers k.

    Examples
    --------
    >>> check_cut_off(lambda units, rate, layers: rate**units)
    Not yet: that is one layer; any of them can lose all its units.
    """
    found = cut_off(3, 0.4, 2)
    require(found is not ..., "put your answer where the three dots are")
    lost = 0.4**3
    mistakes = [
        (lost, "that is one layer; any of them can lose all its units"),
        (2 * lost, "rows that lose two layers are counted twice; start with the rows that lose none"),
        (lost**2, "that is the share of rows that lose every layer; one is enough"),
        ((1 - lost) ** 2, "these are the rows that come through"),
        (1 - (1 - 0.6**3) ** 2, "the rate is the share that is dropped, not the share that is kept"),
        (1 - (1 - 0.4) ** 6, "that is the share of rows that lose at least one unit somewhere"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 1 - (1 - lost) ** 2, "the share for 3 units, rate 0.4 and 2 layers")
    require_close(cut_off(4, 0.5, 4), 1 - (15 / 16) ** 4, "the share for 4 units, rate 0.5 and 4 layers")
