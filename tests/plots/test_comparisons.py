import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from course_utils import plots
from course_utils.compare import Comparison

COLUMNS = ["difference", "difference_low", "difference_high"]


def comparison_table(rows, names):
    return pd.DataFrame(rows, columns=COLUMNS, index=names)


def test_differences_show_each_interval_and_which_exclude_zero():
    table = comparison_table([[np.nan] * 3, [-0.02, -0.03, -0.01], [0.0, -0.1, 0.1]], ["none", "L2", "L1"])
    ax = plots.differences(table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["L2", "L1"]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [-0.03, -0.01])
    assert ax.lines[1].get_xdata() == [-0.02]
    assert ax.lines[1].get_markerfacecolor() == plots.PALETTE[0]
    assert ax.lines[3].get_markerfacecolor() == "white"
    assert ax.yaxis_inverted()


def test_differences_of_what_compare_returns_leave_the_baseline_out():
    table = Comparison(comparison_table([[0.0, 0.0, 0.0], [0.2, 0.1, 0.3]], ["none", "L2"]))
    table.baseline, table.metric = "none", "test_data_loss"
    ax = plots.differences(table)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["L2"]
    assert ax.get_xlabel() == "test_data_loss difference to none, 95 % interval"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"difference": [1.0]}), r"\['difference_low', 'difference_high'\] are missing"),
        (comparison_table([[np.nan] * 3], ["none"]), "at least one row with a difference, got none"),
    ],
)
def test_differences_refuse_bad_input(table, message):
    with pytest.raises(ValueError, match=message):
        plots.differences(table)
    assert plt.get_fignums() == []


def test_levels_show_every_seed_the_mean_and_its_student_interval(examples):
    values = np.random.default_rng(1).normal(0.4, 0.02, 8)
    ax = plots.levels({"none": values + 0.1, "L2": values}, "loss", floor=0.34)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), values + 0.1)
    expected = stats.t.interval(0.95, 7, loc=values.mean(), scale=stats.sem(values))
    bars = [path.vertices for group in ax.collections for path in group.get_paths()]
    np.testing.assert_allclose(bars[1], [[expected[0], 1], [expected[1], 1]])
    assert ax.yaxis_inverted()
    assert "L2 has the lowest mean" in ax.alt_text
    assert ax.get_legend() is not None
    assert examples["levels"]().get_legend() is None


@pytest.mark.parametrize("values", [{}, {"a": [0.5]}, {"a": [[0.5, 0.4]]}, {"a": [0.5, np.nan]}])
def test_levels_refuse_bad_input(values):
    with pytest.raises(ValueError, match=r"values_by_name.* must"):
        plots.levels(values, "loss")
    assert plt.get_fignums() == []


def test_heat_map_writes_every_number_where_it_can_be_read(examples):
    ax = examples["heat_map"]()
    written = {text.get_position(): (text.get_text(), text.get_color()) for text in ax.texts}
    assert written[1, 0] == ("0.010", "black")
    assert written[0, 1] == ("0.300", "white")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "8"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("width", "depth", "excess loss")


@pytest.mark.parametrize("value", [0.0, -0.1, np.nan])
def test_heat_map_refuses_what_has_no_logarithm(value):
    with pytest.raises(ValueError, match="table must hold positive numbers only"):
        plots.heat_map(pd.DataFrame([[0.1, value]]), "excess loss")


def test_strength_path_shows_means_and_student_intervals_with_zero_apart():
    values = np.random.default_rng(2).normal(0.4, 0.05, size=(8, 4))
    ax = plots.strength_path([0, 1e-3, 1e-2, 3e-2], {"fresh": values}, "loss", floor=0.3)
    line, zero = (container.lines[0] for container in ax.containers)
    np.testing.assert_allclose(line.get_xdata(), [1e-3, 1e-2, 3e-2])
    np.testing.assert_allclose(line.get_ydata(), values.mean(axis=0)[1:])
    np.testing.assert_allclose(zero.get_ydata(), values.mean(axis=0)[:1])
    assert 0 < zero.get_xdata()[0] < 5e-4
    assert zero.get_linestyle() == "None"
    expected = stats.t.interval(0.95, 7, loc=values.mean(axis=0), scale=stats.sem(values, axis=0))
    bars = [path.vertices[:, 1] for group in ax.collections for path in group.get_paths()]
    np.testing.assert_allclose(bars, np.roll(np.transpose(expected), -1, axis=0))
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "$10^{-3}$", "$10^{-2}$"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["best possible", "fresh"]


def test_strength_path_without_zero_tells_curves_apart_without_colour():
    values = np.ones((2, 2))
    ax = plots.strength_path([0.1, 1], {"L1": values, "L2": 2 * values}, "size")
    lines = [container.lines[0] for container in ax.containers if container.get_label() in ("L1", "L2")]
    assert len({line.get_marker() for line in lines}) == len({line.get_linestyle() for line in lines}) == 2
    assert [label.get_text() for label in ax.get_xticklabels()] == ["$10^{-1}$", "$10^{0}$"]
    assert "from 0.1 to 1, for L1 and L2; means over 2 seeds" in ax.alt_text


@pytest.mark.parametrize(
    ("strengths", "curves", "message"),
    [
        ([0, 0.1], {"a": np.ones((2, 2))}, "strengths must increase, at least two of them positive"),
        ([0.1, 0.01], {"a": np.ones((2, 2))}, "strengths must increase"),
        ([-0.1, 0.1, 1], {"a": np.ones((2, 3))}, "strengths must increase"),
        ([0.1, np.nan], {"a": np.ones((2, 2))}, "strengths must increase"),
        ([0.1, 1], {}, "values_by_name must hold at least one curve"),
        ([0.1, 1], {"a": np.ones((2, 3))}, r"'a'\] must have shape \(n_seeds, 2\), got \(2, 3\)"),
        ([0.1, 1], {"a": np.ones(2)}, r"'a'\] must have shape \(n_seeds, 2\), got \(2,\)"),
    ],
)
def test_strength_path_refuses_bad_input(strengths, curves, message):
    with pytest.raises(ValueError, match=message):
        plots.strength_path(strengths, curves, "loss")
    assert plt.get_fignums() == []
