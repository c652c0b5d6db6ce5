"""Paired differences: against SciPy's coverage, and how they are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.compare import Difference, paired_difference
from course_utils.compare.differences import shared_digits


@given(st.lists(st.tuples(*[st.floats(-100, 100)] * 2), min_size=2, max_size=50))
def test_paired_difference_is_antisymmetric_and_ordered(pairs):
    a, b = np.array(pairs).T
    there, back = paired_difference(a, b), paired_difference(b, a)
    assert there.low <= there.mean <= there.high
    assert there.mean == pytest.approx(-back.mean)
    assert there.low == pytest.approx(-back.high, abs=1e-9)
    assert (there.before, there.after) == (back.after, back.before)


def test_paired_difference_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for values in rng.normal(0.3, 1.0, (2000, 32)):
        interval = paired_difference(values, np.zeros(32))
        hits += interval.low <= 0.3 <= interval.high
    assert abs(hits / 2000 - 0.95) < 0.02


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([1.0, 2.0], [1.0], r"one equal length of at least 2, got \(2,\) and \(1,\)"),
        ([1.0], [1.0], "at least 2"),
        ([1.0, np.nan], [1.0, 2.0], "finite, got 1 NaN"),
    ],
)
def test_paired_difference_names_bad_input(a, b, message):
    with pytest.raises(ValueError, match=message):
        paired_difference(a, b)


@pytest.mark.parametrize(
    ("mean", "low", "high", "text"),
    [
        (-0.1407, -0.2067, -0.0747, "−0.14 [−0.21, −0.07], 2 pairs"),
        (0.0111, 0.0099, 0.0123, "+0.0111 [+0.0099, +0.0123], 2 pairs"),
        (1234.5, 1200.0, 1269.0, "+1234 [+1200, +1269], 2 pairs"),
        (0.01234, 0.01234, 0.01234, "+0.012 [+0.012, +0.012], 2 pairs"),
        (-0.0004, -0.04, 0.04, "0.00 [−0.04, +0.04], 2 pairs"),
        (0.0, 0.0, 0.0, "0 [0, 0], 2 pairs"),
    ],
)
def test_a_difference_prints_a_sign_and_the_digits_that_its_interval_supports(mean, low, high, text):
    assert str(Difference(mean, low, high, 2)) == text


def test_a_difference_prints_levels_and_unit_where_it_knows_them():
    values = np.array([0.35, 0.36, 0.37])
    assert str(paired_difference(values, values + np.array([0.1, 0.12, 0.14]), unit="nats")) == (
        "0.48 → 0.36 nats, −0.12 [−0.17, −0.07], 3 pairs"
    )
    assert str(Difference(1.0, 0.5, 1.5, 4, unit="neurons")) == "+1.0 neurons [+0.5, +1.5], 4 pairs"


@pytest.mark.parametrize(
    ("widths", "digits"), [([0.04], 2), ([0.003, 0.002, 0.04], 3), ([0.0, 0.2], 1), ([0.0], 2), ([12.0], 0)]
)
def test_a_column_has_the_digits_of_its_middle_interval(widths, digits):
    assert shared_digits(widths) == digits
