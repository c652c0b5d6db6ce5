import numpy as np
import pytest

from course_utils import exercises


@pytest.mark.parametrize(
    ("count", "total", "message"),
    [
        (4, 1.5, "Correct: weights are counted once"),
        (2, 1.5, "Not yet: 2 counts layers"),
        (3, 1.5, "Not yet: 3 is one too few"),
        (5, 1.5, "Not yet: 5 is one too many"),
        (6, 1.5, "Not yet: 6 is too many"),
        (9, 1.5, "Not yet: count must be 4, got 9"),
        (4, 3.3, "Not yet: 3.3 is not divided by the rows"),
        (4, 1.1, "Not yet: 1.1 takes the mean over the units"),
        (4, 0.9, "Not yet: 0.9 has no activity"),
        (4, 15.0, "Not yet: 15 has no strength"),
        (4, 1.2, "Not yet: 1.2 leaves out the kernel of the output"),
        (4, 2.7, "Not yet: 2.7 squares the activities"),
        (4, 2.0, "Not yet: total must be 1.5, got 2"),
        (4, ..., "Not yet: put your answer where the three dots are"),
    ],
)
def test_three_kinds(printed, count, total, message):
    assert printed(exercises.check_three_kinds, count, total).startswith(message)


def effect(levels, corner=slice(None)):
    return levels[:, corner, 1] - levels[:, corner, 0]


@pytest.mark.parametrize(
    ("interaction", "message"),
    [
        (lambda v: np.diff(effect(v).mean(axis=1))[0] / 2, "Correct: half the change"),
        (lambda v: np.diff(effect(v).mean(axis=1))[0], "Not yet: that is the whole change"),
        (lambda v: -np.diff(effect(v).mean(axis=1))[0] / 2, "Not yet: the sign is turned round: take"),
        (lambda v: -np.diff(effect(v).mean(axis=1))[0], "Not yet: the sign is turned round, and"),
        (lambda v: np.diff(effect(v, 0))[0] / 2, "Not yet: that is only the front of the cube"),
        (lambda v: effect(v).mean(), "Not yet: that is the main effect"),
        (lambda v: np.diff(effect(v).sum(axis=1))[0], "Not yet: sum is not mean"),
        (lambda v: v[0, 0, 0], "Not yet: the interaction of a single 1 at (0, 0, 0) must be 0.25, got 1"),
        (lambda v: ..., "Not yet: put your answer where the three dots are"),
        (lambda v: None, "Not yet: the interaction of a single 1"),
    ],
)
def test_interaction(printed, interaction, message):
    assert printed(exercises.check_interaction, interaction).startswith(message)


@pytest.mark.parametrize(
    ("guess", "message"),
    [
        (lambda n, k, b, a: n + (k - n) + (b - n) + (a - n), "Correct: the level without interactions"),
        (lambda n, k, b, a: k + b + a - 3 * n, "Not yet: that is the change"),
        (lambda n, k, b, a: k + b + a, "Not yet: the level of none is in that sum three times"),
        (lambda n, k, b, a: k + b + a - n, "Not yet: the level of none is in that sum twice"),
        (lambda n, k, b, a: (k + b + a) / 3, "Not yet: a mean of the three"),
        (lambda n, k, b, a: min(k, b, a), "Not yet: the best one alone"),
        (lambda n, k, b, a: 0.1, "Not yet: the guess must be 0.37, got 0.1"),
        (lambda n, k, b, a: ..., "Not yet: put your answer where the three dots are"),
    ],
)
def test_additive_guess(printed, guess, message):
    assert printed(exercises.check_additive_guess, guess).startswith(message)
