import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from course_utils import plots


def blocks(ax):
    """By model, the fold of the block that is hatched for scoring."""
    return {round(p.get_y() + 0.35): int(p.get_x()) for p in ax.patches if p.get_hatch() == "//"}


def test_fold_map_scores_every_fold_once():
    ax = plots.fold_map(4)
    assert blocks(ax) == {0: 0, 1: 1, 2: 2, 3: 3}
    assert len(ax.patches) == 16
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train", "score"]


@pytest.mark.parametrize("chosen", [0.1, 0.2, 0.5])
def test_fold_map_keeps_a_share_of_the_training_rows_to_choose_by(chosen):
    ax = plots.fold_map(5, chosen=chosen)
    kept = sum(p.get_width() for p in ax.patches if p.get_hatch() == "..")
    assert kept == pytest.approx(5 * 4 * chosen * 0.96)
    assert f"keeps {chosen:.0%}" in ax.alt_text


@pytest.mark.parametrize(("folds", "chosen"), [(1, 0), (5, 1.0), (5, -0.1)])
def test_fold_map_refuses_bad_input(folds, chosen):
    with pytest.raises(ValueError, match=r"(n_folds|chosen) must be"):
        plots.fold_map(folds, chosen)
    assert plt.get_fignums() == []


def test_fold_scores_show_every_seed_over_the_binomial_band():
    scores = np.array([[0.6, 0.62], [0.64, 0.66]])
    ax = plots.fold_scores(scores, n_rows=400, marks=[0.61, 0.65])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), scores.ravel())
    band = ax.patches[0]
    right = stats.binom(400, 0.63)
    assert band.get_y() == pytest.approx(right.ppf(0.025) / 400)
    assert band.get_y() + band.get_height() == pytest.approx(right.ppf(0.975) / 400)


@pytest.mark.parametrize(
    ("scores", "marks"), [([0.6, 0.7], []), (np.ones((0, 2)), []), ([[0.6], [0.7]], [0.6])]
)
def test_fold_scores_refuse_bad_input(scores, marks):
    with pytest.raises(ValueError, match=r"(scores|marks) must"):
        plots.fold_scores(scores, 400, marks)


def test_score_intervals_are_students_and_tell_hits_from_misses():
    scores = np.array([[0.70, 0.71, 0.72], [0.60, 0.62, 0.64]])
    ax = plots.score_intervals(scores, [0.65, 0.61])
    hit, miss = ax.containers
    assert hit.lines[0].get_xdata().tolist() == [1]
    assert miss.lines[0].get_xdata().tolist() == [2]
    low, high = hit.lines[2][0].get_segments()[0][:, 1]
    expected = stats.ttest_1samp(scores[1], 0).confidence_interval()
    np.testing.assert_allclose([low, high], expected)
    assert "1 intervals hold it" in ax.alt_text


def test_score_intervals_name_only_what_is_there():
    ax = plots.score_intervals([[0.6, 0.7], [0.6, 0.7]], [0.65, 0.65])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["truth", "holds the truth"]


@pytest.mark.parametrize(("scores", "truths"), [([0.6], [0.6]), ([[0.6]], [0.6]), ([[0.6, 0.7]], [0.6, 0.6])])
def test_score_intervals_refuse_bad_input(scores, truths):
    with pytest.raises(ValueError, match="scores must have shape"):
        plots.score_intervals(scores, truths)
