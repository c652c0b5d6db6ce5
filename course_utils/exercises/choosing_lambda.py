"""Checks of chapter 17, choosing the strength."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake

# Validation losses of three strengths on four rows: the rows differ a lot, the strengths hardly.
_LOSSES = np.array([[0.1, 1.0, 0.2, 0.9], [0.0, 0.9, 0.3, 0.8], [0.2, 1.1, 0.4, 1.1]])


@exercise("row by row, what makes a row hard drops out, and the rule goes less far.")
def check_paired_rule(choose: Callable[[np.ndarray], Any]) -> None:
    """Check the one-standard-error rule with the standard error of the paired differences to the lowest.

    Parameters
    ----------
    choose : callable
        The reader's function of losses of shape (n_strengths, n_rows), in the order of rising strengths; it
        returns the place of the chosen strength.

    Examples
    --------
    >>> check_paired_rule(lambda losses: losses.mean(axis=1).argmin())
    Not yet: that is the lowest mean; a stronger one may lie within a standard error of it.
    """
    flat = np.array([[1.0, 0.0, 1.0, 0.0], [1.0, 0.1, 1.1, 0.0], [1.1, 0.0, 0.9, 0.1], [2.0, 1.0, 2.0, 1.0]])
    found = choose(flat)
    require(found is not ..., "put your answer where the three dots are")
    require(found is not None, "nothing is returned; return the place of a strength")
    require_no_mistake(
        found,
        [
            (0, "that is the lowest mean; a stronger one may lie within a standard error of it"),
            (1, "within a standard error there is a stronger one yet; take the last, not the next"),
            (3, "that strength is worse on every row, by the same amount: the differences have no spread"),
        ],
    )
    require_close(found, 2, "the choice for four strengths")
    found = choose(_LOSSES)
    require_no_mistake(
        found,
        [
            (2, "that is the choice by the spread of the losses; take the spread of the differences"),
            (0, "a weaker strength than the one with the lowest mean; the rule goes to stronger ones"),
        ],
    )
    require_close(found, 1, "the choice for three strengths")


@exercise("on a logarithmic scale every power of ten gets the same number of tries.")
def check_log_uniform(draw: Callable[[np.random.Generator, float, float, int], Any]) -> None:
    """Check strengths drawn evenly on a logarithmic scale.

    Parameters
    ----------
    draw : callable
        The reader's function of a NumPy generator, the lowest and the highest strength, and how many; it
        returns so many strengths.

    Examples
    --------
    >>> check_log_uniform(lambda rng, low, high, size: rng.uniform(low, high, size))
    Not yet: nearly all of them are of the size of the highest; draw the exponent evenly.
    """
    found = draw(np.random.default_rng(17), 1e-4, 1e-1, 3000)
    require(found is not ..., "put your answer where the three dots are")
    require(found is not None, "nothing is returned; return the strengths")
    found = np.asarray(found, dtype=float)
    require(found.shape == (3000,), f"3000 strengths are wanted, got an array of shape {found.shape}")
    require(
        (found > 0).all(),
        "a strength is not positive; return 10 to the power of the exponent, not the exponent",
    )
    require(
        (found >= 0.99e-4).all() and (found <= 1.01e-1).all(),
        "a strength lies outside of the lowest and the highest; is it one base for logarithm and power?",
    )
    shares = np.histogram(np.log10(found), [-4.01, -3, -2, -0.99])[0] / 3000
    require(shares[2] < 0.8, "nearly all of them are of the size of the highest; draw the exponent evenly")
    require(
        np.abs(shares - 1 / 3).max() < 0.05,
        f"the three powers of ten get {shares.round(2).tolist()} of the strengths, not a third each",
    )


@exercise("a large C is a weak penalty, and twice the rows make the same C weaker still.")
def check_l2_of_c(l2_of_c: Callable[[float, int], Any]) -> None:
    """Check Keras' L2 strength for scikit-learn's C of a logistic regression, 1/(2·C·n).

    Parameters
    ----------
    l2_of_c : callable
        The reader's function of C and the number of rows n; it returns the strength.

    Examples
    --------
    >>> check_l2_of_c(lambda c, n_rows: 1 / c)
    Not yet: scikit-learn sums the losses over the rows; Keras takes their mean.
    """
    found = l2_of_c(0.5, 200)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (2.0, "scikit-learn sums the losses over the rows; Keras takes their mean"),
        (0.01, "the half is missing: scikit-learn's penalty is half of the sum of squares"),
        (0.0025, "a large C is a weak penalty; divide by it"),
        (1.0, "scikit-learn sums the losses over the rows; Keras takes their mean"),
        (0.02, "the half stands before the penalty, so it makes the strength smaller, not larger"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 0.005, "the strength for C = 0.5 and 200 rows")
    require_close(l2_of_c(4.0, 50), 0.0025, "the strength for C = 4 and 50 rows")
