import numpy as np
import pytest
from scipy import stats

from course_utils.compare import mean_ranks, paired_difference, simultaneous_differences


def drawn(seed, comparisons=13, shared=0.0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(comparisons, 32)) * np.sqrt(1 - shared) + rng.normal(size=32) * np.sqrt(shared)
    return dict(enumerate(rows))


def test_one_comparison_gets_about_the_interval_of_student():
    after, before = drawn(0, 1)[0], drawn(1, 1)[0]
    found = simultaneous_differences({"L2": after}, before, unit="nats")["L2"]
    student = paired_difference(after, before, unit="nats")
    assert (found.mean, found.before, found.after, found.n) == pytest.approx(
        (student.mean, student.before, student.after, 32)
    )
    assert found.high - found.mean == pytest.approx(student.high - student.mean, rel=0.05)
    assert found.unit == "nats"


@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_all_intervals_hold_together_as_often_as_asked(shared):
    missed = 0
    for seed in range(200):
        found = simultaneous_differences(drawn(seed, 20, shared), np.zeros(32), resamples=500)
        missed += any(one.low > 0 or one.high < 0 for one in found.values())
    assert 1 <= missed <= 22  # of 10 expected


def test_what_goes_up_and_down_together_needs_less_room():
    def width(shared):
        one = simultaneous_differences(drawn(3, 40, shared), np.zeros(32))[0]
        return (one.high - one.low) / np.std(drawn(3, 40, shared)[0])

    alone = 2 * stats.t.ppf(0.975, 31) / np.sqrt(31)
    assert alone < width(0.95) < width(0.0)


def test_each_comparison_may_have_its_own_before():
    after = drawn(0, 2)
    found = simultaneous_differences(after, {1: after[1] + np.arange(32), 0: after[0] - 1 - np.eye(32)[0]})
    assert found[0].mean == pytest.approx(1 + 1 / 32)
    assert found[1].mean == pytest.approx(-15.5)


@pytest.mark.parametrize(
    ("after", "before", "settings", "error", "message"),
    [
        ({}, np.zeros(4), {}, TypeError, "after must map names to arrays"),
        ([1, 2], np.zeros(4), {}, TypeError, "after must map names to arrays"),
        ({"a": ["x", "y"]}, np.zeros(2), {}, TypeError, "after must hold arrays of numbers"),
        ({"a": [1.0, np.nan, 2.0]}, np.zeros(3), {}, ValueError, "after must hold finite numbers"),
        ({"a": np.arange(4), "b": np.arange(3)}, np.zeros(4), {}, ValueError, "rows of one equal length"),
        ({"a": np.arange(4)}, np.zeros(3), {}, ValueError, "the same draws, at least 3, got 4 and 3"),
        ({"a": np.arange(2)}, np.zeros(2), {}, ValueError, "the same draws, at least 3, got 2 and 2"),
        ({"a": np.arange(4)}, {"b": np.zeros(4)}, {}, ValueError, "before must hold every comparison"),
        ({"a": np.ones(4)}, np.zeros(4), {}, ValueError, "not differ by the same in every draw, as in 'a'"),
        ({"a": np.arange(4)}, np.zeros(4), {"confidence": 0}, ValueError, "confidence must be more than 0"),
        ({"a": np.arange(4)}, np.zeros(4), {"confidence": 1}, ValueError, "confidence must be"),
        ({"a": np.arange(4)}, np.zeros(4), {"resamples": 0}, ValueError, "resamples must be"),
    ],
)
def test_simultaneous_differences_refuse_bad_input(after, before, settings, error, message):
    with pytest.raises(error, match=message):
        simultaneous_differences(after, before, **settings)


def test_critical_differences_are_those_of_the_published_table():
    # Demšar 2006, table 5(a): q at 0.05 for 2 to 10 classifiers.
    for k, published in ((3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)):
        expected = published * np.sqrt(k * (k + 1) / (6 * 32))
        assert mean_ranks(drawn(0, k)).critical_difference == pytest.approx(expected, rel=1e-3)


def test_mean_ranks_share_ties_and_come_from_the_best():
    found = mean_ranks({"none": [3.0, 3.0], "L2": [1.0, 2.0], "L1": [1.0, 1.0]})
    assert found.ranks == {"L1": 1.25, "L2": 1.75, "none": 3.0}
    assert list(found.ranks) == ["L1", "L2", "none"]
    assert found.n == 2
    assert found.p_value == pytest.approx(stats.friedmanchisquare([3.0, 3.0], [1.0, 2.0], [1.0, 1.0]).pvalue)


@pytest.mark.parametrize(
    ("values", "alpha", "message"),
    [
        ({"a": [1, 2], "b": [2, 1]}, 0.05, "at least three names and two blocks, got 2 and 2"),
        ({"a": [1], "b": [2], "c": [2]}, 0.05, "at least three names and two blocks, got 3 and 1"),
        ({"a": [1, 2], "b": [2, 1], "c": [1, 1]}, 0, "alpha must be more than 0"),
        ({"a": [1, 2], "b": [2, 1], "c": [1, np.inf]}, 0.05, "values must hold finite numbers"),
    ],
)
def test_mean_ranks_refuse_bad_input(values, alpha, message):
    with pytest.raises(ValueError, match=message):
        mean_ranks(values, alpha)
