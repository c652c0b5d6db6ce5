import numpy as np
import pytest

from course_utils import plots


def lines_by_label(ax):
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def test_costs_lie_on_the_curve_and_equal_predictions_share_a_marker(examples):
    ax = examples["cross_entropy_costs"]()
    lines = lines_by_label(ax)
    np.testing.assert_allclose(lines["model A"], [[0.6, -np.log(0.6)], [0.7, -np.log(0.7)]])
    np.testing.assert_allclose(lines["model B"][:, 0], [0.4, 0.9])
    assert [text.get_text() for text in ax.texts] == ["2×"]


@pytest.mark.parametrize("probabilities", [{}, {"A": []}, {"A": [0.0, 0.5]}, {"A": [1.1]}, {"A": [np.nan]}])
def test_costs_refuse_what_is_no_probability(probabilities):
    with pytest.raises(ValueError, match="probabilities"):
        plots.cross_entropy_costs(probabilities)


@pytest.mark.parametrize("q", [0.2, 0.7])
def test_expected_scores_have_their_minimum_at_the_truth(q):
    lines = lines_by_label(plots.expected_scores(q))
    for name in ("cross-entropy", "Brier score"):
        p, score = lines[name].T
        assert p[score.argmin()] == pytest.approx(q, abs=1e-6)
    errors = lines["error rate, 1 − accuracy"]
    assert set(np.round(errors[:, 1], 6)) == {q, round(1 - q, 6)}


@pytest.mark.parametrize("q", [0.0, 1.0, -1.0])
def test_expected_scores_refuse_a_certainty(q):
    with pytest.raises(ValueError, match=r"true_probability must be inside \(0, 1\), got"):
        plots.expected_scores(q)


def test_accuracy_under_noise_draws_each_model(examples):
    ax = examples["accuracy_under_noise"]()
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


def test_loss_against_accuracy_marks_the_best(examples):
    ax = examples["loss_against_accuracy"]()
    lines = lines_by_label(ax)
    np.testing.assert_allclose(lines["lowest loss"], [[0.8, 0.4]])
    np.testing.assert_allclose(lines["highest accuracy"], [[0.9, 0.6]])
    assert ax.alt_text.endswith("belong to different models.")
    assert plots.loss_against_accuracy([0.4, 0.5], [0.9, 0.8]).alt_text.endswith("the same model.")


@pytest.mark.parametrize(("loss", "accuracy"), [([], []), ([1.0], [0.5, 0.6]), ([[1.0]], [[0.5]])])
def test_loss_against_accuracy_refuses_bad_input(loss, accuracy):
    with pytest.raises(ValueError, match="loss and accuracy must have one shape"):
        plots.loss_against_accuracy(loss, accuracy)
