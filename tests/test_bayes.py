import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import multivariate_normal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import accuracy_score, log_loss

from course_utils import bayes, data
from course_utils.data.customers import PRODUCTS


@pytest.fixture(scope="module")
def sample():
    """Fresh points, so many that the standard errors are 0.0005 (accuracy) and 0.0008 (loss)."""
    return data.draw_blobs(500_000, seed=9)


@given(arrays(np.float64, (7, 2), elements=st.floats(-1.5, 2.0)))
def test_posterior_is_bayes_rule(x):
    densities = [multivariate_normal(center, data.BLOB_STD**2).pdf(x) for center in data.BLOB_CENTERS]
    np.testing.assert_allclose(bayes.posterior(x), densities[1] / (densities[0] + densities[1]), rtol=1e-9)


def test_posterior_is_half_between_the_centers():
    assert bayes.posterior(np.mean(data.BLOB_CENTERS, axis=0, keepdims=True)) == pytest.approx([0.5])


def test_posterior_far_away_does_not_overflow():
    np.testing.assert_array_equal(bayes.posterior([[1e9, 0.0], [-1e9, 0.0]]), [1.0, 0.0])


def test_posterior_is_calibrated(sample):
    x, y = sample
    p = bayes.posterior(x)
    for low in np.arange(0, 1, 0.1):
        inside = (p >= low) & (p < low + 0.1)
        assert y[inside].mean() == pytest.approx(p[inside].mean(), abs=0.01)


def test_accuracy_is_the_known_one(sample):
    x, y = sample
    assert bayes.accuracy() == pytest.approx(0.8461, abs=5e-5)
    assert accuracy_score(y, bayes.posterior(x) > 0.5) == pytest.approx(bayes.accuracy(), abs=0.002)


def test_loss_is_the_integral_over_the_plane(sample):
    axis = np.linspace(-2.0, 2.5, 451)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    density = np.mean([multivariate_normal(c, data.BLOB_STD**2).pdf(grid) for c in data.BLOB_CENTERS], axis=0)
    p = np.clip(bayes.posterior(grid), 1e-300, 1 - 1e-16)
    entropy = -p * np.log(p) - (1 - p) * np.log1p(-p)
    assert bayes.loss() == pytest.approx((density * entropy).sum() * (axis[1] - axis[0]) ** 2, abs=1e-7)
    x, y = sample
    assert bayes.loss() == pytest.approx(log_loss(y, bayes.posterior(x)), abs=0.003)


def test_no_fitted_linear_classifier_is_better(sample):
    x, y = sample
    fitted = LinearDiscriminantAnalysis().fit(x[:200], y[:200])
    p = bayes.posterior(x)
    assert log_loss(y, fitted.predict_proba(x)) > log_loss(y, p)
    assert accuracy_score(y, fitted.predict(x)) <= accuracy_score(y, p > 0.5) + 0.0005


def test_the_test_points_of_the_course_show_the_floor():
    blobs = data.load_blobs()
    p = bayes.posterior(blobs.x_test)
    assert accuracy_score(blobs.y_test, p > 0.5) == pytest.approx(bayes.accuracy(), abs=5e-4)
    assert log_loss(blobs.y_test, p) == pytest.approx(bayes.loss(), abs=5e-4)


def test_the_75_validation_points_cannot_tell_a_point_of_accuracy():
    blobs = data.load_blobs()
    assert accuracy_score(blobs.y_val, bayes.posterior(blobs.x_val) > 0.5) == pytest.approx(64 / 75)


@pytest.fixture(scope="module")
def circles():
    return data.draw_circles(500_000, seed=9)


def test_ring_density_is_the_gaussians_along_the_ring():
    points = np.random.default_rng(0).uniform(-1.3, 1.3, (40, 2))
    angles = np.linspace(0, 2 * np.pi, 721)[:-1]
    densities = []
    for radius in data.CIRCLE_RADII:
        ring = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        gaps = points[:, np.newaxis] - ring
        densities.append(np.exp(-(gaps**2).sum(axis=-1) / 2 / data.CIRCLE_NOISE**2).mean(axis=1))
    expected = densities[1] / (densities[0] + densities[1])
    np.testing.assert_allclose(bayes.posterior(points, "circles"), expected, atol=1e-9)


def test_circles_floor_is_what_a_simulation_finds(circles):
    x, y = circles
    p = bayes.posterior(x, "circles")
    assert accuracy_score(y, p > 0.5) == pytest.approx(bayes.accuracy("circles"), abs=0.002)
    assert log_loss(y, p) == pytest.approx(bayes.loss("circles"), abs=0.003)


def test_customers_floor_is_what_fresh_customers_show():
    table = data.draw_customers(100_000, seed=5)
    p = bayes.posterior(table, "customers")
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    bought = table["product"].map(PRODUCTS.index).to_numpy()
    assert accuracy_score(bought, p.argmax(axis=1)) == pytest.approx(bayes.accuracy("customers"), abs=0.004)
    assert log_loss(bought, p) == pytest.approx(bayes.loss("customers"), abs=0.008)
    by_place = np.eye(len(PRODUCTS))[bought]
    unknown = table["income"].isna().to_numpy()
    for some in (unknown, ~unknown):
        np.testing.assert_allclose(by_place[some].mean(axis=0), p[some].mean(axis=0), atol=0.015)


def test_customers_posterior_names_a_missing_column():
    with pytest.raises(ValueError, match=r"none named \['age', 'crime'\]"):
        bayes.posterior(data.draw_customers(3, seed=0).drop(columns=["age", "crime"]), "customers")


@pytest.mark.parametrize("shape", [(2,), (3, 3), (2, 2, 2), (0,)])
def test_posterior_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match=r"x must have shape \(n, 2\), got \("):
        bayes.posterior(np.zeros(shape))


def test_posterior_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="x must be finite, got 2 values that are not"):
        bayes.posterior([[np.nan, 0.0], [np.inf, 0.0]])


@pytest.mark.parametrize(
    "function", [bayes.accuracy, bayes.loss, lambda problem: bayes.posterior([[0, 0]], problem)]
)
def test_unknown_problem_is_refused(function):
    with pytest.raises(ValueError, match=r"problem must be one of .*'blobs'.*, got 'moons'"):
        function("moons")
