import numpy as np
import pytest
from sklearn.datasets import make_circles

from course_utils import data


def test_circles_are_the_points_of_the_tutorial():
    x, y = make_circles(n_samples=100, noise=0.1, random_state=1)
    circles = data.load_circles()
    np.testing.assert_allclose(np.concatenate([circles.x_train, circles.x_val]), x, atol=1e-7)
    np.testing.assert_array_equal(np.concatenate([circles.y_train, circles.y_val]), y)
    assert len(circles.x_train) == 30


def test_fresh_circles_have_the_radii_and_the_noise():
    circles = data.load_circles()
    assert (circles.x_test.dtype, circles.y_test.dtype) == (np.float32, np.int32)
    distances = np.linalg.norm(circles.x_test, axis=1)
    for label, radius in enumerate(data.CIRCLE_RADII):
        # Noise across the ring makes a distance longer by half its variance over the radius.
        mean = radius + data.CIRCLE_NOISE**2 / radius / 2
        assert distances[circles.y_test == label].mean() == pytest.approx(mean, abs=0.003)
        assert distances[circles.y_test == label].std() == pytest.approx(data.CIRCLE_NOISE, abs=0.003)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1, 1), ValueError, "n_samples must be at least 2, got 1"),
        (("5", 1), TypeError, "n_samples must be an integer, got '5'"),
        ((5, -1), ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_circles_refuse_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        data.draw_circles(*arguments)
