from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from course_utils import exercises


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda m, n: stats.t.ppf(1 - 0.025 / m, n - 1), "Correct: a half of the error for each end"),
        (lambda m, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda m, n: None, "Not yet: the quantile for 65 comparisons and 32 draws must be a number"),
        (lambda m, n: stats.t.ppf(0.975, n - 1), "Not yet: that is the quantile for one comparison"),
        (lambda m, n: stats.t.ppf(1 - 0.05 / m, n - 1), "Not yet: an interval has two ends"),
        (lambda m, n: stats.norm.ppf(1 - 0.025 / m), "Not yet: that is of the normal distribution"),
        (lambda m, n: stats.t.ppf(1 - 0.025 / m, n), "Not yet: 32 draws leave 31 degrees of freedom"),
        (lambda m, n: stats.t.ppf(0.025 / m, n - 1), "Not yet: that is the lower end"),
        (lambda m, n: stats.t.ppf(1 - 0.025 / 65, 31), "Not yet: the quantile for 1 comparison and 10 draws"),
    ],
)
def test_joint_quantile(printed, answer, message):
    assert printed(exercises.check_joint_quantile, answer).startswith(message)


def swapped(published, measured):
    return [
        (a, b)
        for a, b in combinations(published, 2)
        if (published[a] - published[b]) * (measured[a] - measured[b]) < 0
    ]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (swapped, "Correct: two orders agree as far as their pairs do"),
        (lambda p, m: ..., "Not yet: put your answer where the three dots are"),
        (lambda p, m: 3, "Not yet: return a list of pairs of names, got 3"),
        (lambda p, m: [("L2",)], "Not yet: each pair must hold two different names"),
        (lambda p, m: 2 * swapped(p, m), "Not yet: a pair is there twice"),
        (lambda p, m: swapped(p, m)[:2], "Not yet: 3 of the 6 pairs are swapped, got 2"),
        (lambda p, m: [*combinations(p, 2)][:3], "Not yet: other pairs are swapped"),
        (
            lambda p, m: swapped(p, m) or [("L2", "L1")],
            "Not yet: between equal tables nothing is swapped",
        ),
        (
            lambda p, m: swapped(p, m) if len(swapped(p, m)) < 6 else [],
            "Not yet: a table upside down swaps all 6 pairs",
        ),
    ],
)
def test_swapped_pairs(printed, answer, message):
    assert printed(exercises.check_swapped_pairs, answer).startswith(message)


def chosen(val, test, k):
    return test[np.arange(len(val)), val[:, :k].argmin(axis=1)]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda val, test, k: chosen(val, test, k).mean(), "Correct: with few candidates"),
        (lambda val, test, k: ..., "Not yet: put your answer where the three dots are"),
        (lambda val, test, k: test[:, :k].min(axis=1).mean(), "Not yet: the test rows chose"),
        (lambda val, test, k: val[:, :k].min(axis=1).mean(), "Not yet: those are validation losses"),
        (lambda val, test, k: chosen(val, test, 4).mean(), "Not yet: all candidates were looked at"),
        (
            lambda val, test, k: test[:, val[:, :k].mean(axis=0).argmin()].mean(),
            "Not yet: choose inside each draw",
        ),
        (chosen, "Not yet: take the mean over the draws"),
        (lambda val, test, k: 0.5, "Not yet: the mean test loss with three candidates must be"),
        (lambda val, test, k: chosen(val, test, 3).mean(), "Not yet: the mean test loss with one candidate"),
    ],
)
def test_best_of_some(printed, answer, message):
    assert printed(exercises.check_best_of_some, answer).startswith(message)
