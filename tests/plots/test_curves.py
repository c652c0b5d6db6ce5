import re
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from course_utils import plots

PARTS = {
    "data_loss": np.array([[0.5, 0.2], [0.7, 0.4]]),
    "val_data_loss": np.array([[0.6, 0.4], [0.7, 0.5]]),
    "val_loss": np.array([[0.9, 0.5], [0.8, 0.6]]),
}


@pytest.fixture
def history():
    losses = np.random.default_rng(0).normal(0.4, 0.05, size=(8, 5))
    return {"data_loss": losses, "val_data_loss": losses + 0.1}


def test_learning_curves_show_mean_and_student_band(history):
    ax = plots.learning_curves({"none": history}, keys=["data_loss"])
    values = history["data_loss"]
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.column_stack([range(1, 6), values.mean(axis=0)]))
    expected = stats.t.interval(0.95, 7, loc=values.mean(axis=0), scale=stats.sem(values, axis=0))
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((min(expected[0]), max(expected[1])))


def test_learning_curves_tell_variants_by_colour_and_keys_by_line(history):
    ax = plots.learning_curves({"none": history, "L2": SimpleNamespace(history=history)}, floor=0.3474)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == [
        "none: data_loss",
        "none: val_data_loss",
        "L2: data_loss",
        "L2: val_data_loss",
        "best possible",
    ]
    colors, styles = [line.get_color() for line in ax.lines], [line.get_linestyle() for line in ax.lines]
    assert colors[0] == colors[1] != colors[2] == colors[3]
    assert styles[0] == styles[2] != styles[1] == styles[3]
    assert list(ax.lines[4].get_ydata()) == [0.3474, 0.3474]
    assert "0.3474" in ax.alt_text
    assert "none and L2" in ax.alt_text


def test_learning_curves_of_one_seed_have_no_width():
    ax = plots.learning_curves({"a": {"loss": np.array([[3.0, 2.0]])}}, keys=["loss"])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [3.0, 2.0])
    assert set(ax.collections[0].get_paths()[0].vertices[:, 1]) == {2.0, 3.0}


def test_learning_curves_end_when_most_seeds_have_stopped():
    nan = np.nan
    losses = np.array(
        [[4.0, 3.0, 2.0, 1.0], [4.0, 3.0, 2.0, nan], [4.0, 5.0, nan, nan], [4.0, 5.0, nan, nan]]
    )
    ax = plots.learning_curves({"stopped": {"loss": losses}}, keys=["loss"])
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 4.0], [2, 4.0], [3, 2.0]])


@pytest.mark.parametrize(
    ("histories", "keys", "message"),
    [
        ({}, ["loss"], "history_by_name and keys must not be empty"),
        ({"a": {"loss": np.ones((2, 3))}}, [], "history_by_name and keys must not be empty"),
        ({"a": {"loss": np.ones((2, 3))}}, ["val_loss"], "'a' has loss but not 'val_loss'"),
        ({"a": {"loss": np.ones(3)}}, ["loss"], r"must have shape \(n_seeds, n_epochs\), got \(3,\)"),
    ],
)
def test_learning_curves_refuse_bad_input(histories, keys, message):
    with pytest.raises(ValueError, match=message):
        plots.learning_curves(histories, keys=keys)
    assert plt.get_fignums() == []


def test_loss_parts_put_the_penalty_between_data_loss_and_loss(examples):
    ax = plots.loss_parts(SimpleNamespace(history=PARTS), floor=0.35)
    band = ax.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(sorted(set(band[band[:, 0] == 2, 1].round(9))), [0.45, 0.55])
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_allclose(lines["val_data_loss"], [0.65, 0.45])
    np.testing.assert_allclose(lines["data_loss"], [0.6, 0.3])
    assert list(lines["best possible"]) == [0.35, 0.35]
    assert "0.45" in ax.alt_text
    assert "best possible" not in [line.get_label() for line in examples["loss_parts"]().lines]


def test_loss_parts_refuse_a_history_without_validation():
    with pytest.raises(ValueError, match="but not 'val_loss'"):
        plots.loss_parts({"data_loss": np.ones((2, 3))})
    assert plt.get_fignums() == []


def test_fitted_curves_show_single_draws_thin_and_their_mean_thick():
    fits = np.random.default_rng(0).normal(size=(20, 5))
    ax = plots.fitted_curves(np.arange(5), {"cubic": fits, "line": np.ones(5)}, np.zeros(5))
    thick = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
    thin = [line for line in ax.lines if line.get_label().startswith("_")]
    assert list(thick) == ["cubic", "line", "truth"]
    np.testing.assert_allclose(thick["cubic"].get_ydata(), fits.mean(axis=0))
    assert len(thin) == 10
    assert thick["cubic"].get_linestyle() != thick["line"].get_linestyle()
    assert "cubic and line" in ax.alt_text


def test_fitted_curves_show_the_points():
    ax = plots.fitted_curves([0, 1], {"line": [0, 1]}, [0, 1], points=([0.2, 0.4], [0.1, 0.6]))
    np.testing.assert_allclose(ax.lines[-1].get_xydata(), [[0.2, 0.1], [0.4, 0.6]])


@pytest.mark.parametrize(
    ("curves", "truth", "message"),
    [
        ({}, [0, 0], "curves must hold at least one curve"),
        ({"line": [1, 2, 3]}, [0, 0], "'line' must have shape (2,) or (n_draws, 2), got (3,)"),
        ({"line": [[[1, 2]]]}, [0, 0], "'line' must have shape"),
        ({"line": [1, 2]}, [0], "'truth' must have shape"),
    ],
)
def test_fitted_curves_refuse_bad_input(curves, truth, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plots.fitted_curves([0, 1], curves, truth)
    assert plt.get_fignums() == []


def test_error_parts_are_told_apart_without_colour(examples):
    ax = examples["error_parts"]()
    looks = {(line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(looks) == len(ax.lines) == 2
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "degree"
    assert plots.error_parts(pd.DataFrame({"bias²": [0.1]})).get_xlabel() == "flexibility"


@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame({"variance": [0.1, -0.1]})])
def test_error_parts_refuse_bad_input(table):
    with pytest.raises(ValueError, match="table must hold parts of an error, none negative"):
        plots.error_parts(table)


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
    assert [text.get_text() for text in ax.texts] == ["best possible", "fresh"]


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
