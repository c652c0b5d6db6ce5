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
    assert [text.get_text() for text in ax.texts] == ["best possible"]
    assert not examples["levels"]().texts


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


CLOSE = {"L1": [0.36, 0.37] * 8, "L2": [0.37, 0.38] * 8, "both": [0.35, 0.37] * 8}


@pytest.mark.parametrize(("far", "text"), [(0.9, "0.901 [0.900, 0.902] ▸"), (0.1, "◂ 0.101 [0.100, 0.102]")])
def test_levels_zoom_on_close_rows_and_tell_the_numbers_of_a_far_one(far, text):
    ax = plots.levels({"none": [far, far + 0.001, far + 0.002] * 2, **CLOSE}, "loss")
    assert 0.3 < ax.get_xlim()[0] < 0.35 < 0.38 < ax.get_xlim()[1] < 0.4
    assert [written.get_text() for written in ax.texts] == [text]
    assert "far from the others, beyond the edge: none." in ax.alt_text


def test_levels_show_all_rows_without_zoom_or_when_none_is_far():
    far = {"none": [0.9, 0.91], **CLOSE}
    assert plots.levels(far, "loss", zoom=False).get_xlim()[1] > 0.9
    spread = {name: [0.1 * place, 0.1 * place + 0.02] for place, name in enumerate("abcd")}
    ax = plots.levels(spread, "loss")
    assert not ax.texts
    assert "beyond" not in ax.alt_text


def test_levels_count_the_ticks_beyond_an_edge():
    ax = plots.levels({"L2": [*np.linspace(0.36, 0.38, 60), 0.1, 0.9]}, "loss")
    assert [text.get_text() for text in ax.texts] == ["◂ +1", "+1 ▸"]


def test_levels_of_equal_values_have_a_window():
    low, high = plots.levels({"L1": [0.5, 0.5]}, "loss").get_xlim()
    assert low < 0.5 < high
    low, high = plots.levels({"L1": [0.0, 0.0]}, "loss").get_xlim()
    assert low < 0 < high


def test_differences_zoom_on_rows_near_zero():
    rows = [[0.34, 0.3, 0.38], [0.002, -0.004, 0.006], [0.01, 0.001, 0.02], [-0.01, -0.015, -0.008]]
    ax = plots.differences(comparison_table(rows, ["L3", "a", "b", "c"]))
    assert [text.get_text() for text in ax.texts] == ["0.340 [0.300, 0.380] ▸"]
    assert ax.get_xlim()[1] < 0.05
    assert ax.alt_text.endswith("beyond the edge: L3.")
    assert plots.differences(comparison_table(rows, list("abcd")), zoom=False).get_xlim()[1] > 0.38


def test_differences_show_the_margin_as_a_band():
    ax = plots.differences(comparison_table([[-0.02, -0.03, -0.01]], ["L2"]), margin=0.01)
    np.testing.assert_allclose([ax.patches[0].get_x(), ax.patches[0].get_width()], [-0.01, 0.02])
    assert "zero in a band of ± 0.01." in ax.alt_text
    assert not plots.differences(comparison_table([[-0.02, -0.03, -0.01]], ["L2"])).patches


@pytest.mark.parametrize("margin", [0, -0.01, np.nan])
def test_differences_refuse_a_margin_that_is_none(margin):
    with pytest.raises(ValueError, match="margin must be"):
        plots.differences(comparison_table([[-0.02, -0.03, -0.01]], ["L2"]), margin=margin)
    assert plt.get_fignums() == []


def test_a_far_row_that_the_floor_brings_into_view_is_drawn():
    ax = plots.levels({"none": [0.1, 0.101] * 8, **CLOSE}, "loss", floor=0.05)
    assert [written.get_text() for written in ax.texts] == ["best possible"]
    assert len(ax.containers) == 4


def test_a_far_row_may_be_zero():
    ax = plots.levels({"constant": [0.0, 0.0], **CLOSE}, "accuracy")
    assert [written.get_text() for written in ax.texts] == ["◂ 0.00 [0.00, 0.00]"]
