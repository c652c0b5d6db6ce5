import numpy as np
import pytest

from course_utils import bayes, plots


def test_the_overlap_of_the_circles_is_what_nobody_gets_right(examples):
    ax = examples["circles_floor"]()
    (x, outer), (_, inner) = (line.get_data() for line in ax.lines[:2])
    assert np.trapezoid(outer, x) == pytest.approx(0.5, abs=1e-3)
    overlap = np.trapezoid(np.minimum(outer, inner), x)
    assert overlap == pytest.approx(1 - bayes.accuracy("circles"), abs=1e-3)


def test_the_best_boundary_is_where_the_classes_are_equally_likely(examples):
    ax = examples["circles_boundary"]()
    (circle,) = (line for line in ax.lines if line.get_label() == "best possible")
    np.testing.assert_allclose(bayes.posterior(circle.get_xydata(), "circles"), 0.5, atol=2e-3)
    assert ax.alt_text.startswith("Scatter chart of 60 points")
    assert ax.alt_text.endswith("the best possible one.")


def test_the_whole_circles_are_seen_even_if_points_are_few():
    ax = plots.circles_boundary(lambda x: bayes.posterior(x, "circles"), [[0.5, 0.5]], [1])
    assert np.all(np.abs([ax.get_xlim(), ax.get_ylim()]) > 1.1)
    drawn = [line for line in ax.lines if str(line.get_label()).startswith("class")]
    assert sum(len(line.get_xdata()) for line in drawn) == 1


@pytest.mark.parametrize(("x", "y"), [([[1.0, 2.0, 3.0]], [0]), ([1.0, 2.0], [0, 1]), ([[1.0, 2.0]], [0, 1])])
def test_boundaries_refuse_other_shapes(x, y):
    with pytest.raises(ValueError, match=r"x must have shape \(n, 2\)"):
        plots.circles_boundary(lambda x: bayes.posterior(x, "circles"), x, y)


def test_every_repetition_is_a_dot_and_ties_count_half():
    ax = plots.published_among(
        {"a": [0.5, 0.5, 0.7, 0.9], "b": [0.1, 0.2]}, {"a": 0.7, "b": 0.9}, n_points=10, expected=0.8
    )
    dots = [xy for line in ax.lines if line.get_marker() == "o" for xy in line.get_xydata()]
    assert len(dots) == 6
    assert len(np.unique(dots, axis=0)) == 6
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "a\n62nd percentile",
        "b\n100th percentile",
    ]


@pytest.mark.parametrize(("below", "name"), [(1, "1st"), (3, "3rd"), (12, "12th"), (52, "52nd")])
def test_percentiles_are_read_as_one_says_them(below, name):
    scores = np.repeat([0.2, 0.8], [below, 100 - below])
    ax = plots.published_among({"a": scores}, {"a": 0.5}, n_points=10)
    assert ax.get_yticklabels()[0].get_text() == f"a\n{name} percentile"


@pytest.mark.parametrize(
    ("scores", "published"),
    [({}, {}), ({"a": [0.5]}, {"b": 0.5}), ({"a": []}, {"a": 0.5}), ({"a": [0.5]}, {"a": np.nan})],
)
def test_rows_without_numbers_are_refused(scores, published):
    with pytest.raises(ValueError, match=r"published|scores_by_name"):
        plots.published_among(scores, published, n_points=10)
