import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import integrate

from course_utils import bayes, data, plots

BLOBS_X, BLOBS_Y = data.draw_blobs(60, seed=3)


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


def test_decision_boundary_shows_every_point_by_class(examples):
    ax = examples["decision_boundary"]()
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


def test_floor_is_the_area_below_both_densities():
    ax = plots.blobs_floor()
    x, low = ax.lines[0].get_xydata().T
    overlap = integrate.trapezoid(np.minimum(low, ax.lines[1].get_ydata()), x)
    assert overlap == pytest.approx(1 - bayes.accuracy(), abs=1e-3)
    assert f"{1 - bayes.accuracy():.1%}" in ax.alt_text
