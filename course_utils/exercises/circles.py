"""Checks of chapter 11, two circles."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("three points of 70 lie between the two scores, and luck alone moves a score by about as much.")
def check_points_behind(right: Sequence[int], standard_error: float) -> None:
    """Check how many of 70 points 0.786, 0.829 and 0.743 are, and the standard error of an accuracy of 0.8.

    Parameters
    ----------
    right : sequence of three int
        The reader's counts of right answers.
    standard_error : float
        The reader's standard error of an accuracy of 0.8, measured on 70 points.

    Examples
    --------
    >>> check_points_behind([55, 58, 52], 0.16 / 70)
    Not yet: the standard error is the square root of p (1 - p) / n.
    """
    for found in (right, standard_error):
        require(found is not ..., "put your answer where the three dots are")
    require_no_mistake(right, [([55, 52, 58], "the order is none, before, after")])
    require_close(right, [55, 58, 52], "right")
    expected = np.sqrt(0.8 * 0.2 / 70)
    mistakes = [
        (0.8 * 0.2 / 70, "the standard error is the square root of p (1 - p) / n"),
        (np.sqrt(0.8 * 0.2), "that is the spread of one answer; divide p (1 - p) by the 70 points"),
        (70 * expected, "that is the spread of the count; divide it by the 70 points"),
        (1.96 * expected, "that is half of a 95 % interval; one standard error is asked for"),
    ]
    require_no_mistake(standard_error, mistakes)
    require_close(standard_error, expected, "standard_error", rtol=1e-2)


@exercise("a percentile says where one run lies among many; equal scores count half.")
def check_percentile(percentile: Callable[[np.ndarray, float], float]) -> None:
    """Check a function that says where a score lies among others, in percent, with equal ones counted half.

    Parameters
    ----------
    percentile : callable
        The reader's function of an array of scores and one score.

    Examples
    --------
    >>> check_percentile(lambda scores, published: 100 * np.mean(scores < published))
    Not yet: scores equal to the published one count half.
    """
    scores, published = np.array([0.7, 0.8, 0.8, 0.9, 0.6]), 0.8
    found = percentile(scores, published)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (40.0, "scores equal to the published one count half"),
        (80.0, "scores equal to the published one count half"),
        (40.0 - 20.0, "count the scores below the published one, not those above"),
        (0.6, "in percent, please: times 100"),
        (3.0, "that is a count; divide it by the number of scores"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 60.0, "percentile([0.7, 0.8, 0.8, 0.9, 0.6], 0.8)")
    require_close(percentile(np.array([0.1, 0.2]), 0.05), 0.0, "percentile([0.1, 0.2], 0.05)")


@exercise("an activity penalty adds up all outputs of one sample: more outputs, more penalty.")
def check_equal_penalties(conv: float, lstm: float) -> None:
    """Check the strengths that give Conv2D and LSTM the penalty that Dense(32) has at L1(0.01).

    All outputs are of equal size; Conv2D(32, (3, 3)) sees images of 8 by 8, LSTM(32) returns all 10 steps.

    Parameters
    ----------
    conv, lstm : float
        The reader's strengths.

    Examples
    --------
    >>> check_equal_penalties(0.01 / 64, 0.001)
    Not yet: conv: without padding a 3 by 3 window fits into 8 by 8 at 6 by 6 places, not 8 by 8.
    """
    for name, found, expected, mistakes in (
        (
            "conv",
            conv,
            0.01 / 36,
            [
                (0.01 / 64, "without padding a 3 by 3 window fits into 8 by 8 at 6 by 6 places, not 8 by 8"),
                (0.36, "more outputs need a smaller strength, not a larger one"),
                (0.01 / 9, "the outputs count, not the weights of the window"),
                (0.01, "each of the 32 filters puts out one number per place, and all are added up"),
            ],
        ),
        (
            "lstm",
            lstm,
            0.001,
            [
                (0.01, "with return_sequences=True the outputs of all 10 steps are added up"),
                (0.1, "more outputs need a smaller strength, not a larger one"),
            ],
        ),
    ):
        require(found is not ..., "put your answer where the three dots are")
        told: list[tuple[Any, str]] = [(value, f"{name}: {text}") for value, text in mistakes]
        require_no_mistake(found, told)
        require_close(found, expected, name, rtol=1e-3)
