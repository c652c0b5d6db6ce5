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
    np.testing.assert_allclose(lines["data_loss (training)"], [0.6, 0.3])
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
