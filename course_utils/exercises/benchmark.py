"""Checks of chapter 18, the benchmark."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import stats

from course_utils.exercises.grading import NotYet, exercise, require, require_close, require_no_mistake

_PUBLISHED = {"L2": 1.6, "L1": 1.7, "max-norm": 1.4, "dropout": 1.3}
_MEASURED = {"dropout": 0.5, "L2": 0.3, "L1": 0.4, "max-norm": 0.2}
_SWAPPED = {frozenset(pair) for pair in (("L2", "dropout"), ("L1", "dropout"), ("max-norm", "dropout"))}


@exercise("a half of the error for each end, shared by all comparisons: that is Bonferroni's correction.")
def check_joint_quantile(joint_quantile: Callable[[int, int], Any]) -> None:
    """Check how many standard errors wide Bonferroni makes each of several 95 % intervals.

    Parameters
    ----------
    joint_quantile : callable
        The reader's function of the number of comparisons and of draws; it returns a quantile of Student's
        t.

    Examples
    --------
    >>> check_joint_quantile(lambda comparisons, draws: stats.t.ppf(0.975, draws - 1))
    Not yet: that is the quantile for one comparison; share the 5 % among all of them.
    """
    found = joint_quantile(65, 32)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (stats.t.ppf(0.975, 31), "that is the quantile for one comparison; share the 5 % among all of them"),
        (stats.t.ppf(1 - 0.05 / 65, 31), "an interval has two ends; half of the share belongs to each"),
        (
            stats.norm.ppf(1 - 0.025 / 65),
            "that is of the normal distribution; 32 draws estimate their spread",
        ),
        (stats.t.ppf(1 - 0.025 / 65, 32), "32 draws leave 31 degrees of freedom"),
        (stats.t.ppf(0.025 / 65, 31), "that is the lower end; take the upper one"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, stats.t.ppf(1 - 0.025 / 65, 31), "the quantile for 65 comparisons and 32 draws")
    require_close(joint_quantile(1, 10), stats.t.ppf(0.975, 9), "the quantile for 1 comparison and 10 draws")


@exercise("two orders agree as far as their pairs do, and a pair is swapped if its two signs differ.")
def check_swapped_pairs(
    swapped_pairs: Callable[[Mapping[str, float], Mapping[str, float]], Any],
) -> None:
    """Check which pairs stand in the other order in a second table.

    Parameters
    ----------
    swapped_pairs : callable
        The reader's function of two dicts of numbers with the same names; it returns the pairs of names, in
        any order.

    Examples
    --------
    >>> check_swapped_pairs(lambda published, measured: [("L2", "dropout")])
    Not yet: 3 of the 6 pairs are swapped, got 1.
    """
    found = _pairs(swapped_pairs(_PUBLISHED, _MEASURED))
    require(len(found) == len(set(found)), "a pair is there twice; go through i < j only")
    if len(found) != len(_SWAPPED):
        raise NotYet(f"{len(_SWAPPED)} of the 6 pairs are swapped, got {len(found)}")
    require(set(found) == _SWAPPED, "other pairs are swapped: compare the signs of the two differences")
    require(_pairs(swapped_pairs(_PUBLISHED, _PUBLISHED)) == [], "between equal tables nothing is swapped")
    backwards = {name: -value for name, value in _PUBLISHED.items()}
    require(len(_pairs(swapped_pairs(_PUBLISHED, backwards))) == 6, "a table upside down swaps all 6 pairs")


@exercise("with few candidates a technique is as good as your luck with them; with many, as your rows.")
def check_best_of_some(best_of_some: Callable[[np.ndarray, np.ndarray, int], Any]) -> None:
    """Check the test loss after a choice among the first k candidates, mean over the draws.

    Parameters
    ----------
    best_of_some : callable
        The reader's function of validation and test losses, both of shape (n_draws, n_candidates), and k.

    Examples
    --------
    >>> check_best_of_some(lambda val, test, k: test[:, :k].min(axis=1).mean())
    Not yet: the test rows chose; let the validation losses choose, and report the test loss.
    """
    val = np.array([[0.5, 0.3, 0.4, 0.1], [0.2, 0.6, 0.1, 0.7], [0.9, 0.8, 0.3, 0.2]])
    test = np.array([[0.41, 0.52, 0.33, 0.84], [0.25, 0.76, 0.37, 0.58], [0.19, 0.11, 0.42, 0.63]])
    found = best_of_some(val, test, 3)
    require(found is not ..., "put your answer where the three dots are")
    rows = np.arange(3)
    right = test[rows, val[:, :3].argmin(axis=1)]
    mistakes = [
        (test[:, :3].min(axis=1).mean(), "the test rows chose; let the validation losses choose, and report "
         "the test loss"),
        (val[:, :3].min(axis=1).mean(), "those are validation losses of the choice: they flatter; report the "
         "test loss"),
        (test[rows, val.argmin(axis=1)].mean(), "all candidates were looked at; k says how many there are"),
        (test[:, val[:, :3].mean(axis=0).argmin()].mean(), "choose inside each draw, not once for all draws"),
        (right, "take the mean over the draws"),
    ]  # fmt: skip
    require_no_mistake(found, mistakes)
    require_close(found, right.mean(), "the mean test loss with three candidates")
    require_close(best_of_some(val, test, 1), test[:, 0].mean(), "the mean test loss with one candidate")


def _pairs(found: Any) -> list[frozenset]:
    """Return pairs of names without their order, or say that they are none."""
    require(found is not ..., "put your answer where the three dots are")
    try:
        pairs = [frozenset(pair) for pair in found]
    except TypeError:
        raise NotYet(f"return a list of pairs of names, got {found!r}") from None
    require(all(len(pair) == 2 for pair in pairs), "each pair must hold two different names")
    return pairs
