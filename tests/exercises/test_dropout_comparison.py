import numpy as np
import pytest

from course_utils import exercises


def chosen_losses(val, fresh):
    return fresh[np.arange(len(val)), val.argmin(axis=1)]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (chosen_losses, "Correct: every draw chooses by its own"),
        (lambda val, fresh: ..., "Not yet: put your answer where the three dots are"),
        (lambda val, fresh: fresh.min(axis=1), "Not yet: that chooses by the fresh points"),
        (lambda val, fresh: val.min(axis=1), "Not yet: these are validation losses"),
        (lambda val, fresh: fresh[:, val.mean(axis=0).argmin()], "Not yet: that is one strength for all"),
        (lambda val, fresh: val.argmin(axis=1), "Not yet: these are the places of the strengths"),
        (lambda val, fresh: chosen_losses(val, fresh).mean(), "Not yet: one loss per draw is wanted"),
        (lambda val, fresh: fresh.max(axis=1), "Not yet: the fresh losses of what was chosen must be"),
    ],
)
def test_chosen_inside(printed, answer, message):
    assert printed(exercises.check_chosen_inside, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda told, on, off: (on - off, told - on), "Correct: the two parts add up to the gap"),
        (lambda told, on, off: ..., "Not yet: put your answer where the three dots are"),
        (lambda told, on, off: told - off, "Not yet: return two numbers"),
        (lambda told, on, off: (told - on, on - off), "Not yet: the two parts are swapped"),
        (lambda told, on, off: (told - off, told - on), "Not yet: the first is the whole gap"),
        (lambda told, on, off: (on - off, told - off), "Not yet: the second is the whole gap"),
        (lambda told, on, off: (off - on, on - told), "Not yet: the signs are turned round"),
        (lambda told, on, off: (on, off), "Not yet: masks and running weights must be"),
        (lambda told, on, off: (abs(on - off), told - on), "Not yet: the parts of another gap must be"),
    ],
)
def test_gap_parts(printed, answer, message):
    assert printed(exercises.check_gap_parts, answer).startswith(message)


def cut_off(units, rate, layers):
    return 1 - (1 - rate**units) ** layers


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (cut_off, "Correct: one empty layer is enough"),
        (lambda n, p, k: ..., "Not yet: put your answer where the three dots are"),
        (lambda n, p, k: p**n, "Not yet: that is one layer"),
        (lambda n, p, k: k * p**n, "Not yet: rows that lose two layers are counted twice"),
        (lambda n, p, k: p ** (n * k), "Not yet: that is the share of rows that lose every layer"),
        (lambda n, p, k: (1 - p**n) ** k, "Not yet: these are the rows that come through"),
        (lambda n, p, k: cut_off(n, 1 - p, k), "Not yet: the rate is the share that is dropped"),
        (lambda n, p, k: cut_off(1, p, n * k), "Not yet: that is the share of rows that lose at least one"),
        (lambda n, p, k: 0.5, "Not yet: the share for 3 units, rate 0.4 and 2 layers must be"),
        (lambda n, p, k: cut_off(3, 0.4, 2), "Not yet: the share for 4 units, rate 0.5 and 4 layers"),
    ],
)
def test_cut_off(printed, answer, message):
    assert printed(exercises.check_cut_off, answer).startswith(message)
