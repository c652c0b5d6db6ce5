import io
import re
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import integrate, stats

from course_utils import bayes, data, plots
from course_utils.compare import Comparison

COLUMNS = ["difference", "difference_low", "difference_high"]
BLOBS_X, BLOBS_Y = data.draw_blobs(60, seed=3)


@pytest.fixture(autouse=True)
def clean_matplotlib():
    """Each test leaves the settings as they were; figures are closed."""
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before
    plt.close("all")


@pytest.fixture
def history():
    losses = np.random.default_rng(0).normal(0.4, 0.05, size=(8, 5))
    return {"data_loss": losses, "val_data_loss": losses + 0.1}


def comparison_table(rows, names):
    return pd.DataFrame(rows, columns=COLUMNS, index=names)


def draw_learning_curves(ax=None):
    return plots.learning_curves({"a": {"loss": np.ones((4, 3))}}, keys=["loss"], ax=ax)


def draw_differences(ax=None):
    return plots.differences(comparison_table([[-0.02, -0.03, -0.01]], ["L2"]), ax=ax)


def draw_decision_boundary(ax=None):
    return plots.decision_boundary(bayes.posterior, BLOBS_X, BLOBS_Y, ax=ax)


# chapter 01
def draw_cross_entropy_costs(ax=None):
    return plots.cross_entropy_costs({"A": [0.6, 0.6, 0.7], "B": [0.9, 0.4]}, ax=ax)


def draw_expected_scores(ax=None):
    return plots.expected_scores(ax=ax)


def draw_accuracy_under_noise(ax=None):
    return plots.accuracy_under_noise([0.1, 1.0], {"A": [1.0, 0.7], "B": [0.9, 0.9]}, crossing=0.2, ax=ax)


def draw_accuracy_spread(ax=None):
    scores = np.random.default_rng(0).binomial(75, 0.85, size=500) / 75
    return plots.accuracy_spread(scores, n_points=75, expected=0.85, marks=[0.85, 0.87], ax=ax)


def draw_loss_against_accuracy(ax=None):
    return plots.loss_against_accuracy([0.5, 0.4, 0.6], [0.8, 0.8, 0.9], ax=ax)


PARTS = {
    "data_loss": np.array([[0.5, 0.2], [0.7, 0.4]]),
    "val_data_loss": np.array([[0.6, 0.4], [0.7, 0.5]]),
    "val_loss": np.array([[0.9, 0.5], [0.8, 0.6]]),
}


def draw_penalized_weight(ax=None):
    return plots.penalized_weight(2.0, ax=ax)


def draw_loss_parts(ax=None):
    return plots.loss_parts(PARTS, ax=ax)


def draw_levels(ax=None):
    return plots.levels({"none": [0.5, 0.6], "L2": [0.4, 0.5]}, "data loss", ax=ax)


def draw_sizes_by_layer(ax=None):
    return plots.sizes_by_layer({"none": [[0.3, 0.2], [0.4, 0.3]]}, "kernel", ax=ax)


def draw_fitted_curves(ax=None):
    fits = np.linspace(0, 0.2, 20)[:, None] + np.arange(5)
    return plots.fitted_curves(np.arange(5), {"cubic": fits}, np.zeros(5), points=([1, 2], [0, 1]), ax=ax)


def draw_error_parts(ax=None):
    table = pd.DataFrame({"bias²": [0.2, 0.0], "variance": [0.01, 0.02]}, index=[1, 3])
    return plots.error_parts(table.rename_axis("degree"), ax=ax)


def draw_heat_map(ax=None):
    table = pd.DataFrame([[0.1, 0.01], [0.3, 0.2]], index=[1, 5], columns=[2, 8])
    return plots.heat_map(table.rename_axis(index="depth", columns="width"), "excess loss", ax=ax)


def quadratic(w):
    return ((w - [2.0, 1.0]) ** 2).sum(axis=1)


def draw_loss_surface(ax=None):
    return plots.loss_surface(quadratic, {"no penalty": [[0, 2], [2, 1]], "L1": [[0, 2], [1, 0]]}, 1, ax)


def draw_strength_path(ax=None):
    losses = np.array([[0.5, 0.4, 0.6], [0.7, 0.3, 0.7]])
    return plots.strength_path([0, 0.01, 0.1], {"training": losses / 2, "fresh": losses}, "data loss", ax=ax)


def draw_power_penalties(ax=None):
    return plots.power_penalties(ax=ax)


def draw_shrinkage(ax=None):
    return plots.shrinkage([-1.0, 0.0, 1.0], {"L2": [-0.5, 0.0, 0.5]}, ("before", "after"), ax=ax)


def draw_unit_ball(ax=None):
    return plots.unit_ball(3, ax=ax)


def draw_prior_densities(ax=None):
    return plots.prior_densities(ax=ax)


def draw_decaying_weight(ax=None):
    return plots.decaying_weight([0.1, 0.5, 1.0], ax=ax)


def draw_weight_histogram(ax=None):
    return plots.weight_histogram(np.random.default_rng(0).normal(size=300), ax=ax)


EVERY_FIGURE = pytest.mark.parametrize(
    "draw",
    [
        draw_learning_curves,
        draw_differences,
        draw_decision_boundary,
        draw_cross_entropy_costs,
        plots.blobs_floor,
        draw_expected_scores,
        draw_accuracy_under_noise,
        draw_accuracy_spread,
        draw_loss_against_accuracy,
        draw_penalized_weight,
        draw_loss_parts,
        draw_levels,
        draw_sizes_by_layer,
        draw_fitted_curves,
        draw_error_parts,
        draw_heat_map,
        draw_loss_surface,
        draw_strength_path,
        draw_power_penalties,
        draw_shrinkage,
        draw_unit_ball,
        draw_prior_densities,
        draw_decaying_weight,
        draw_weight_histogram,
    ],
)


@EVERY_FIGURE
def test_a_figure_is_described_and_labelled(draw):
    ax = draw()
    assert ax.alt_text.endswith(".")
    assert len(ax.alt_text.split()) > 8
    assert ax.get_xlabel()
    assert ax.get_ylabel()


@EVERY_FIGURE
def test_a_figure_is_drawn_where_it_is_asked(draw):
    _, (left, right) = plt.subplots(1, 2)
    assert draw(ax=right) is right
    assert not left.has_data()
    assert len(plt.get_fignums()) == 1


@EVERY_FIGURE
def test_a_figure_in_house_style_is_small_opaque_and_repeatable(draw):
    files = []
    with plt.rc_context():
        plots.set_style()
        for _ in range(2):
            file = io.BytesIO()
            draw().figure.savefig(file, format="png")
            files.append(file.getvalue())
    assert files[0] == files[1]
    assert len(files[0]) < 60_000
    assert Image.open(io.BytesIO(files[0])).convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_style_is_set_and_palette_used():
    with plt.rc_context():
        plots.set_style()
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"] == list(plots.PALETTE)
        assert plt.rcParams["figure.constrained_layout.use"]
        assert plt.rcParams["figure.facecolor"] == "white"
    assert len(set(plots.PALETTE)) == 8


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


def boundary_points(ax, place):
    return np.concatenate([path.vertices for path in ax.collections[place].get_paths()])


def test_decision_boundary_is_where_the_probability_is_half():
    ax = plots.decision_boundary(lambda x: (x[:, 0] > 0.2) * 1.0, BLOBS_X, BLOBS_Y)
    np.testing.assert_allclose(boundary_points(ax, 1)[:, 0], 0.2, atol=0.02)
    np.testing.assert_allclose(bayes.posterior(boundary_points(ax, 2)), 0.5, atol=1e-3)


def test_decision_boundary_without_bayes_line():
    ax = plots.decision_boundary(bayes.posterior, BLOBS_X, BLOBS_Y, bayes=False)
    assert len(ax.collections) == 2
    assert "best possible" not in ax.alt_text


def test_decision_boundary_shows_every_point_by_class():
    ax = draw_decision_boundary()
    for label, line in enumerate(ax.lines):
        np.testing.assert_allclose(line.get_xydata(), BLOBS_X[label == BLOBS_Y])
    assert len({line.get_marker() for line in ax.lines}) == 2


def test_decision_boundary_averages_over_seeds():
    def predict(x):
        p = bayes.posterior(x)[:, None]
        return np.stack([p + 0.1, p - 0.1])

    ax = plots.decision_boundary(predict, BLOBS_X, BLOBS_Y)
    np.testing.assert_allclose(boundary_points(ax, 1), boundary_points(ax, 2), atol=1e-3)


@pytest.mark.parametrize(
    ("predict", "x", "y", "message"),
    [
        (
            bayes.posterior,
            BLOBS_X[:, :1],
            BLOBS_Y,
            r"x must have shape \(n, 2\) and .* got \(60, 1\)",
        ),
        (bayes.posterior, BLOBS_X, BLOBS_Y[:9], r"got \(60, 2\) and \(9,\)"),
        (
            lambda x: np.ones((len(x), 2)),
            BLOBS_X,
            BLOBS_Y,
            r"predict must return .*got \(14400, 2\)",
        ),
    ],
)
def test_decision_boundary_refuses_bad_input(predict, x, y, message):
    with pytest.raises(ValueError, match=message):
        plots.decision_boundary(predict, x, y)
    assert plt.get_fignums() == []


# chapter 01


def lines_by_label(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def test_costs_lie_on_the_curve_and_equal_predictions_share_a_marker():
    ax = draw_cross_entropy_costs()
    lines = lines_by_label(ax)
    np.testing.assert_allclose(lines["model A"], [[0.6, -np.log(0.6)], [0.7, -np.log(0.7)]])
    np.testing.assert_allclose(lines["model B"][:, 0], [0.4, 0.9])
    assert [text.get_text() for text in ax.texts] == ["2×"]


@pytest.mark.parametrize("probabilities", [{}, {"A": []}, {"A": [0.0, 0.5]}, {"A": [1.1]}, {"A": [np.nan]}])
def test_costs_refuse_what_is_no_probability(probabilities):
    with pytest.raises(ValueError, match="probabilities"):
        plots.cross_entropy_costs(probabilities)


def test_floor_is_the_area_below_both_densities():
    ax = plots.blobs_floor()
    x, low = ax.lines[0].get_xydata().T
    overlap = integrate.trapezoid(np.minimum(low, ax.lines[1].get_ydata()), x)
    assert overlap == pytest.approx(1 - bayes.accuracy(), abs=1e-3)
    assert f"{1 - bayes.accuracy():.1%}" in ax.alt_text


@pytest.mark.parametrize("q", [0.2, 0.7])
def test_expected_scores_have_their_minimum_at_the_truth(q):
    lines = lines_by_label(plots.expected_scores(q))
    for name in ("cross-entropy", "Brier score"):
        p, score = lines[name].T
        assert p[score.argmin()] == pytest.approx(q, abs=1e-6)
    errors = lines["error rate, 1 − accuracy"]
    assert set(np.round(errors[:, 1], 6)) == {q, round(1 - q, 6)}


@pytest.mark.parametrize("q", [0.0, 1.0, -1.0, np.nan])
def test_expected_scores_refuse_a_certainty(q):
    with pytest.raises(ValueError, match=r"true_probability must be inside \(0, 1\), got"):
        plots.expected_scores(q)


def test_accuracy_under_noise_draws_each_model():
    ax = draw_accuracy_under_noise()
    np.testing.assert_allclose(lines_by_label(ax)["model A"], [[0.1, 1.0], [1.0, 0.7]])
    assert "cross at a noise of 0.20" in ax.alt_text
    assert "cross" not in plots.accuracy_under_noise([1, 2], {"A": [1, 1]}).alt_text


def test_accuracy_under_noise_refuses_bad_input():
    with pytest.raises(ValueError, match="at least one model, got none"):
        plots.accuracy_under_noise([1.0], {})
    with pytest.raises(ValueError, match=r"'A' must have one accuracy per scale, got \(3,\) for \(2,\)"):
        plots.accuracy_under_noise([1.0, 2.0], {"A": [1, 1, 1]})


def test_accuracy_spread_counts_and_marks():
    ax = plots.accuracy_spread([0.8, 0.9, 0.9, 1.0], n_points=10, expected=0.85, marks=[0.9])
    assert {round(bar.get_x() + bar.get_width() / 2, 6): bar.get_height() for bar in ax.patches} == {
        0.8: 0.25,
        0.9: 0.5,
        1.0: 0.25,
    }
    assert [bar.get_hatch() for bar in ax.patches] == [None, "//", None]
    assert "marked" in ax.alt_text
    assert "marked" not in plots.accuracy_spread([0.8], n_points=10, expected=0.85).alt_text


@pytest.mark.parametrize("accuracies", [[], [[0.8, 0.9]], 0.8])
def test_accuracy_spread_refuses_bad_input(accuracies):
    with pytest.raises(ValueError, match="accuracies must have shape"):
        plots.accuracy_spread(accuracies, n_points=10, expected=0.85)
    with pytest.raises(TypeError, match="n_points must be an integer"):
        plots.accuracy_spread([0.8], n_points=7.5, expected=0.85)


def test_loss_against_accuracy_marks_the_best():
    ax = draw_loss_against_accuracy()
    lines = lines_by_label(ax)
    np.testing.assert_allclose(lines["lowest loss"], [[0.8, 0.4]])
    np.testing.assert_allclose(lines["highest accuracy"], [[0.9, 0.6]])
    assert ax.alt_text.endswith("belong to different models.")
    assert plots.loss_against_accuracy([0.4, 0.5], [0.9, 0.8]).alt_text.endswith("the same model.")


@pytest.mark.parametrize(("loss", "accuracy"), [([], []), ([1.0], [0.5, 0.6]), ([[1.0]], [[0.5]])])
def test_loss_against_accuracy_refuses_bad_input(loss, accuracy):
    with pytest.raises(ValueError, match="loss and accuracy must have one shape"):
        plots.loss_against_accuracy(loss, accuracy)


def test_penalized_weight_marks_the_lowest_point_of_each_loss():
    for optimum, strength in ((2.0, 0.5), (0.4, 0.5), (-1.5, 0.25), (1.0, 0.0)):
        ax = plots.penalized_weight(optimum, strength)
        for curve, lowest in zip(ax.lines[:-1:2], ax.lines[1:-1:2], strict=True):
            w, loss = curve.get_data()
            place, value = lowest.get_xydata()[0]
            assert place == pytest.approx(w[np.argmin(loss)], abs=w[1] - w[0])
            assert loss.min() - 0.005 < value <= loss.min() + 1e-9
    assert [line.get_xdata()[0] for line in plots.penalized_weight(0.4).lines[1:-1:2]] == [0.4, 0.0, 0.2]


@pytest.mark.parametrize(
    ("optimum", "strength", "message"),
    [
        (np.nan, 0.5, "optimum must be finite, got nan"),
        (1.0, -0.1, "strength must be finite and at least 0, got -0.1"),
        (1.0, np.inf, "strength must be finite"),
        (1.0, np.nan, "strength must be finite"),
    ],
)
def test_penalized_weight_refuses_bad_input(optimum, strength, message):
    with pytest.raises(ValueError, match=message):
        plots.penalized_weight(optimum, strength)
    assert plt.get_fignums() == []


def test_loss_parts_put_the_penalty_between_data_loss_and_loss():
    ax = plots.loss_parts(SimpleNamespace(history=PARTS), floor=0.35)
    band = ax.collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(sorted(set(band[band[:, 0] == 2, 1].round(9))), [0.45, 0.55])
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_allclose(lines["val_data_loss"], [0.65, 0.45])
    np.testing.assert_allclose(lines["data_loss (training)"], [0.6, 0.3])
    assert list(lines["best possible"]) == [0.35, 0.35]
    assert "0.45" in ax.alt_text
    assert "best possible" not in [line.get_label() for line in draw_loss_parts().lines]


def test_loss_parts_refuse_a_history_without_validation():
    with pytest.raises(ValueError, match="but not 'val_loss'"):
        plots.loss_parts({"data_loss": np.ones((2, 3))})
    assert plt.get_fignums() == []


def test_levels_show_every_seed_the_mean_and_its_student_interval():
    values = np.random.default_rng(1).normal(0.4, 0.02, 8)
    ax = plots.levels({"none": values + 0.1, "L2": values}, "loss", floor=0.34)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), values + 0.1)
    expected = stats.t.interval(0.95, 7, loc=values.mean(), scale=stats.sem(values))
    bars = [path.vertices for group in ax.collections for path in group.get_paths()]
    np.testing.assert_allclose(bars[1], [[expected[0], 1], [expected[1], 1]])
    assert ax.yaxis_inverted()
    assert "L2 has the lowest mean" in ax.alt_text
    assert ax.get_legend() is not None
    assert draw_levels().get_legend() is None


@pytest.mark.parametrize("values", [{}, {"a": [0.5]}, {"a": [[0.5, 0.4]]}, {"a": [0.5, np.nan]}])
def test_levels_refuse_bad_input(values):
    with pytest.raises(ValueError, match=r"values_by_name.* must"):
        plots.levels(values, "loss")
    assert plt.get_fignums() == []


def test_sizes_by_layer_show_means_and_tell_variants_without_colour():
    sizes = np.array([[0.3, 0.2, 0.1], [0.5, 0.2, 0.3]])
    ax = plots.sizes_by_layer({"none": sizes, "L2": sizes / 2}, "kernel")
    curves = [container.lines[0] for container in ax.containers]
    np.testing.assert_allclose(curves[1].get_xydata(), [[1, 0.2], [2, 0.1], [3, 0.1]])
    assert len({line.get_marker() for line in curves}) == len({line.get_linestyle() for line in curves}) == 2
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize("sizes", [{}, {"a": [0.3, 0.2]}])
def test_sizes_by_layer_refuse_bad_input(sizes):
    with pytest.raises(ValueError, match=r"sizes_by_name.* must"):
        plots.sizes_by_layer(sizes, "kernel")
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


def test_error_parts_are_told_apart_without_colour():
    ax = draw_error_parts()
    looks = {(line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(looks) == len(ax.lines) == 2
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "degree"
    assert plots.error_parts(pd.DataFrame({"bias²": [0.1]})).get_xlabel() == "flexibility"


@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame({"variance": [0.1, -0.1]})])
def test_error_parts_refuse_bad_input(table):
    with pytest.raises(ValueError, match="table must hold parts of an error, none negative"):
        plots.error_parts(table)


def test_heat_map_writes_every_number_where_it_can_be_read():
    ax = draw_heat_map()
    written = {text.get_position(): (text.get_text(), text.get_color()) for text in ax.texts}
    assert written[1, 0] == ("0.010", "black")
    assert written[0, 1] == ("0.300", "white")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "8"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("width", "depth", "excess loss")


@pytest.mark.parametrize("value", [0.0, -0.1, np.nan])
def test_heat_map_refuses_what_has_no_logarithm(value):
    with pytest.raises(ValueError, match="table must hold positive numbers only"):
        plots.heat_map(pd.DataFrame([[0.1, value]]), "excess loss")


# chapter 04
@pytest.mark.parametrize(("power", "end"), [(1, [1.5, 0.0]), (2, [0.8, -0.6]), (0.5, [0.25, 0.25])])
def test_loss_surface_puts_the_end_of_the_last_path_on_the_edge_of_the_ball(power, end):
    ax = plots.loss_surface(quadratic, {"none": [[0, 2], [2, 1]], "with": [[0, 2], end]}, power)
    edge = ax.patches[0].get_xy()
    np.testing.assert_allclose((np.abs(edge) ** power).sum(axis=1), (np.abs(end) ** power).sum())
    ends = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert ends["with"] == [end]
    assert ends["none"] == [[2, 1]]
    through_end = np.concatenate([path.vertices for path in ax.collections[1].get_paths()])
    np.testing.assert_allclose(quadratic(through_end), quadratic(np.array([end])).item(), rtol=0.02)
    assert f"with at ({end[0]:.1f}, {end[1]:.1f})" in ax.alt_text


def test_loss_surface_draws_every_step():
    path = np.random.default_rng(0).normal(size=(30, 2))
    ax = plots.loss_surface(quadratic, {"descent": path})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), path)


@pytest.mark.parametrize(
    ("paths", "power", "message"),
    [
        ({}, 2, r"paths must hold arrays of shape \(n_steps, 2\)"),
        ({"a": [1.0, 2.0]}, 2, r"paths must hold arrays of shape \(n_steps, 2\)"),
        ({"a": np.zeros((0, 2))}, 2, r"paths must hold arrays of shape \(n_steps, 2\)"),
        ({"a": [[1.0, 2.0]]}, 0, "powers must hold finite numbers of more than 0"),
    ],
)
def test_loss_surface_refuses_bad_input(paths, power, message):
    with pytest.raises(ValueError, match=message):
        plots.loss_surface(quadratic, paths, power)
    assert plt.get_fignums() == []


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


# chapter 05
def test_power_penalties_and_their_pull_follow_the_formula():
    penalty, pull = plots.power_penalties([1, 3]), plots.power_penalties([1, 3], pull=True)
    for ax, heights in (
        (penalty, [lambda w: abs(w), lambda w: abs(w) ** 3]),
        (pull, [lambda w: w**0, lambda w: 3 * w**2]),
    ):
        for line, height in zip(ax.lines, heights, strict=True):
            np.testing.assert_allclose(line.get_ydata(), height(line.get_xdata()))
        assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert penalty.get_ylabel() != pull.get_ylabel()
    assert "powers 1 and 3" in pull.alt_text


def test_shrinkage_shows_a_jump_as_a_gap():
    before = np.linspace(-1, 1, 21)
    step, half = before - 0.3 * np.where(before < 0, -1, 1), before / 2
    ax = plots.shrinkage(before, {"L1": step, "L2": half}, ("before", "after"))
    untouched, with_gap, whole = (line.get_ydata() for line in ax.lines)
    np.testing.assert_allclose(untouched, before)
    assert np.flatnonzero(np.isnan(with_gap)).tolist() == [10]
    np.testing.assert_allclose(whole, half)
    assert np.isfinite(step).all(), "the caller's array must stay as it was"
    assert "L1 and L2" in ax.alt_text


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ({}, "after_by_name must hold at least one curve"),
        ({"L1": [0.0]}, "'L1' must have one value per weight before, got (1,) for (2,)"),
    ],
)
def test_shrinkage_refuses_bad_input(after, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plots.shrinkage([0.0, 1.0], after, ("before", "after"))
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("power", "shape"),
    [(0.5, "star"), (1, "stands on its corner"), (1.5, "rounded sides"), (2, "circle"), (3, "rounded corn")],
)
def test_unit_ball_has_the_penalty_one_on_its_edge(power, shape):
    ax = plots.unit_ball(power)
    edge = ax.patches[0].get_xy()
    np.testing.assert_allclose((np.abs(edge) ** power).sum(axis=1), 1)
    assert shape in ax.alt_text
    assert ax.get_aspect() == 1


@pytest.mark.parametrize("log", [False, True])
def test_prior_densities_have_one_standard_deviation(log):
    ax = plots.prior_densities([1, 2, 3], log=log)
    laplace, gaussian, cubic = (line.get_ydata() for line in ax.lines)
    w = ax.lines[0].get_xdata()
    np.testing.assert_allclose(laplace, stats.laplace.pdf(w, scale=np.sqrt(0.5)))
    np.testing.assert_allclose(gaussian, stats.norm.pdf(w))
    assert integrate.trapezoid(cubic, w) == pytest.approx(1, abs=1e-3)
    assert integrate.trapezoid(cubic * w**2, w) == pytest.approx(1, abs=1e-3)
    assert ax.get_yscale() == ("log" if log else "linear")
    assert ("logarithmic" in ax.alt_text) is log


@pytest.mark.parametrize("powers", [[], [0], [1, -1], [np.inf], [np.nan]])
@pytest.mark.parametrize("draw", [plots.power_penalties, plots.prior_densities])
def test_powers_must_be_positive(draw, powers):
    with pytest.raises(ValueError, match="powers must hold finite numbers of more than 0, got"):
        draw(powers)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("power", [0, -1, np.nan])
def test_unit_ball_refuses_a_power_that_has_none(power):
    with pytest.raises(ValueError, match="powers must hold finite numbers of more than 0, got"):
        plots.unit_ball(power)


# chapter 06
def test_decaying_weight_follows_the_formula_and_tells_rates_apart_without_colour():
    ax = plots.decaying_weight([0.0, 0.25, 1.0, 2.1], steps=6)
    for line, rate in zip(ax.lines[1:], [0.0, 0.25, 1.0, 2.1], strict=True):
        weight, left = 1.0, []
        for _ in range(7):
            left.append(weight)
            weight -= rate * weight
        np.testing.assert_allclose(line.get_ydata(), left)
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.lines[1:]}) == 4
    assert "over 6 steps" in ax.alt_text
    assert "0.18 at 0.25" in ax.alt_text


@pytest.mark.parametrize("rates", [[], [-0.1], [np.nan], [[0.1]], 0.1])
def test_decaying_weight_refuses_bad_rates(rates):
    with pytest.raises(ValueError, match="rates must be one or more finite numbers of at least 0, got"):
        plots.decaying_weight(rates)


def test_decaying_weight_needs_a_step():
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        plots.decaying_weight([0.1], steps=0)


def test_weight_histogram_draws_densities_and_both_most_likely_fits():
    weights = np.random.default_rng(0).laplace(0.1, 0.2, size=(4, 500))
    ax = plots.weight_histogram(weights, bins=41)
    heights, edges, _ = ax.patches[0].get_data()
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1)
    assert edges[-1] == -edges[0] == np.abs(weights).max()
    middle, spread = np.median(weights), np.abs(weights - np.median(weights)).mean()
    fits = [stats.norm(weights.mean(), weights.std()), stats.laplace(middle, spread)]
    for line, fit in zip(ax.lines, fits, strict=True):
        np.testing.assert_allclose(line.get_ydata(), fit.pdf(line.get_xdata()), rtol=1e-6)
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert ax.get_yscale() == "log"


def test_weight_histogram_fits_weights_that_it_does_not_draw():
    ax = plots.weight_histogram([-0.05, 0.0, 0.0, 0.05, 5.0], limit=0.3, bins=3)
    heights, edges, _ = ax.patches[0].get_data()
    np.testing.assert_allclose(heights * np.diff(edges), [0, 0.8, 0], atol=1e-12)
    assert ax.lines[0].get_ydata().max() == pytest.approx(stats.norm(1.0, 2.0).pdf(0.3), rel=0.01)
    assert "80% of them lie within 0.1 of zero, the largest is 5 from it" in ax.alt_text


@pytest.mark.parametrize(
    ("weights", "settings", "message"),
    [
        ([0.1], {}, "weights must be finite and hold two different values"),
        ([0.1, 0.1], {}, "weights must be finite and hold two different values"),
        ([0.1, np.inf], {}, "weights must be finite and hold two different values"),
        ([0.1, 0.2], {"limit": 0}, "limit must be positive, got 0.0"),
        ([0.1, 0.2], {"limit": -1.0}, "limit must be a finite number of at least 0"),
        ([0.1, 0.2], {"bins": 0}, "bins must be at least 1, got 0"),
    ],
)
def test_weight_histogram_refuses_bad_input(weights, settings, message):
    with pytest.raises(ValueError, match=message):
        plots.weight_histogram(weights, **settings)
    assert plt.get_fignums() == []
