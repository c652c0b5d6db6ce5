import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plots

LOSSES = [[0.9, 0.5], [0.4, 0.6], [0.5, 0.6], [2.0, 2.0]]


def test_validation_curve_marks_both_choices():
    ax = plots.validation_curve([0, 0.01, 0.1, 1], LOSSES, fresh=[0.6, 0.5, 0.5, 2.0])
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["choice: lowest"].get_xydata().tolist() == [[0.01, 0.5]]
    np.testing.assert_allclose(lines["choice: one standard error"].get_xydata(), [[0.1, 0.55]])
    np.testing.assert_allclose(lines["lowest + one standard error"].get_ydata(), 0.6)
    assert list(lines["fresh points"].get_ydata()) == [0.6, 0.5, 0.5, 2.0]
    assert ax.get_xticklabels()[0].get_text() == "0"
    assert "lowest chooses 0.01 and one standard error chooses 0.1" in ax.alt_text


@pytest.mark.parametrize(
    ("strengths", "losses", "fresh", "message"),
    [
        ([0.1, 0.01, 0, 1], LOSSES, None, "strengths must increase"),
        ([-1, 0.01, 0.1, 1], LOSSES, None, "strengths must increase"),
        ([0, 1], LOSSES, None, "strengths must increase"),
        ([0, 0.01, 0.1], LOSSES, None, "row_losses must have shape"),
        ([0, 0.01, 0.1, 1], np.ones((4, 1)), None, "row_losses must have shape"),
        ([0, 0.01, 0.1, 1], LOSSES, [1.0], "fresh must hold 4 numbers"),
    ],
)
def test_validation_curve_refuses_bad_input(strengths, losses, fresh, message):
    with pytest.raises(ValueError, match=message):
        plots.validation_curve(strengths, losses, fresh)


def test_choice_shares_draws_a_bar_for_each_strength_and_name():
    ax = plots.choice_shares([0, 0.1], {"one split": [[0, 1], [1, 1]], "folds": [1]})
    assert [bar.get_height() for bar in ax.patches] == [0.25, 0.75, 0.0, 1.0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "0.1"]
    assert "one split most often 0.1" in ax.alt_text


@pytest.mark.parametrize("chosen", [{}, {"a": []}, {"a": [2]}, {"a": [0.5]}])
def test_choice_shares_refuses_bad_input(chosen):
    with pytest.raises(ValueError, match="chosen_by_name"):
        plots.choice_shares([0, 0.1], chosen)
    assert plt.get_fignums() == []


def test_looks_often_draws_means():
    ax = plots.looks_often([1, 10], {"a": [[0.5, 0.3], [0.7, 0.3]], "b": [[0.5, 0.4], [0.5, 0.4]]}, "loss")
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 0.6], [10, 0.3]])
    assert "a from 0.60 to 0.30 and b from 0.50 to 0.40" in ax.alt_text


@pytest.mark.parametrize("losses", [{}, {"a": [0.5, 0.3]}, {"a": [[0.5]]}])
def test_looks_often_refuses_bad_input(losses):
    with pytest.raises(ValueError, match="losses_by_name must hold arrays of shape"):
        plots.looks_often([1, 10], losses, "loss")
    assert plt.get_fignums() == []


def test_searched_pairs_draws_the_values_of_the_first_below():
    ax = plots.searched_pairs({"grid": [[1, 1], [1, 2], [2, 1]], "random": [[3, 3]]}, ("a", "b"))
    pairs, below, *_ = ax.lines
    assert len(pairs.get_xdata()) == 3
    assert list(below.get_xdata()) == [1, 2]
    assert below.get_ydata().max() < 1
    assert "grid tries 2 and random tries 1" in ax.alt_text


@pytest.mark.parametrize(
    ("pairs", "names", "message"),
    [
        ({}, ("a", "b"), "pairs_by_name must"),
        ({"a": [1, 2]}, ("a", "b"), "pairs_by_name must"),
        ({"a": [[0, 2]]}, ("a", "b"), "pairs_by_name must"),
        ({"a": [[1, 2]]}, ("a",), "names must be two"),
    ],
)
def test_searched_pairs_refuses_bad_input(pairs, names, message):
    with pytest.raises(ValueError, match=message):
        plots.searched_pairs(pairs, names)
    assert plt.get_fignums() == []
