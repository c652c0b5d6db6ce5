import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from course_utils import plots


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
