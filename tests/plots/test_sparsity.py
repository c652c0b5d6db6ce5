import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plots


def test_divergence_parts_add_up_and_touch_zero_where_asked():
    ax = plots.divergence_parts(0.2)
    on, off, both = (line.get_ydata() for line in ax.lines[:3])
    np.testing.assert_allclose(on + off, both)
    assert both.min() == pytest.approx(0, abs=1e-4)
    assert ax.lines[0].get_xdata()[both.argmin()] == pytest.approx(0.2, abs=0.01)
    assert len({line.get_linestyle() for line in ax.lines[:3]}) == 3


def test_sparsity_costs_are_one_at_one_half():
    for line in plots.sparsity_costs(0.1).lines:
        assert np.interp(0.5, *line.get_data()) == pytest.approx(1, abs=0.01)


def test_clipped_divergence_is_level_above_one():
    cost, slope = (plots.clipped_divergence(0.05, slope=s).lines[0].get_ydata() for s in (False, True))
    assert cost[-1] == cost[-2] == cost.max()
    assert slope[-1] == slope[-2] == 0
    assert slope.max() > 9_000


@pytest.mark.parametrize("figure", [plots.divergence_parts, plots.sparsity_costs, plots.clipped_divergence])
@pytest.mark.parametrize("rho", [0.0, 1.0, -0.1])
def test_a_share_lies_between_0_and_1(figure, rho):
    with pytest.raises(ValueError, match="rho must be"):
        figure(rho)
    assert plt.get_fignums() == []


def test_sparsity_costs_cannot_be_scaled_at_their_lowest_point():
    with pytest.raises(ValueError, match=r"rho must not be 0\.5"):
        plots.sparsity_costs(0.5)


def test_mean_paths_begin_at_step_zero():
    ax = plots.mean_paths({"a": [0.5, 0.2, 0.1], "b": [1.2, 1.2]}, 0.05)
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [0, 1, 2])
    assert "a: 0.5 to 0.1, b: 1.2 to 1.2" in ax.alt_text


@pytest.mark.parametrize("paths", [{}, {"a": [0.5]}, {"a": [[0.5, 0.4]]}])
def test_mean_paths_refuse_bad_input(paths):
    with pytest.raises(ValueError, match="paths must hold rows of at least two numbers"):
        plots.mean_paths(paths, 0.05)
    assert plt.get_fignums() == []


def test_calibration_draws_means_over_seeds():
    ax = plots.calibration([0.05, 0.2], {"ReLU": [[0.06, 0.2], [0.08, 0.24]]})
    np.testing.assert_allclose(ax.containers[0].lines[0].get_xydata(), [[0.05, 0.07], [0.2, 0.22]])
    assert ax.get_xscale() == ax.get_yscale() == "log"


@pytest.mark.parametrize(
    ("asked", "reached", "message"),
    [
        ([0.1], {"a": [[0.1]]}, "asked must hold at least two positive numbers"),
        ([0.0, 0.1], {"a": [[0.1, 0.2]]}, "asked must hold at least two positive numbers"),
        ([0.1, 0.2], {}, r"reached_by_name must hold arrays of shape \(n_seeds, 2\)"),
        ([0.1, 0.2], {"a": [0.1, 0.2]}, r"reached_by_name must hold arrays of shape \(n_seeds, 2\)"),
    ],
)
def test_calibration_refuses_bad_input(asked, reached, message):
    with pytest.raises(ValueError, match=message):
        plots.calibration(asked, reached)
    assert plt.get_fignums() == []


def test_activation_histogram_counts_all_also_beyond_its_end():
    ax = plots.activation_histogram([0.0, 0.1, 0.2, 3.0], rho=0.05, limit=0.5)
    shares, edges, _ = ax.patches[0].get_data()
    assert shares.sum() == pytest.approx(1)
    assert edges[-1] == 0.5
    assert [line.get_label() for line in ax.lines] == ["mean 0.82", "asked: 0.05"]
    assert "25% are exactly zero" in ax.alt_text


@pytest.mark.parametrize(
    ("activations", "limit", "message"),
    [
        ([], None, "activations must be finite and not negative"),
        ([-0.1, 0.2], None, "activations must be finite and not negative"),
        ([np.nan], None, "activations must be finite and not negative"),
        ([0.1], 0, "limit must be positive"),
    ],
)
def test_activation_histogram_refuses_bad_input(activations, limit, message):
    with pytest.raises(ValueError, match=message):
        plots.activation_histogram(activations, limit=limit)
    assert plt.get_fignums() == []


def test_feature_grid_scales_each_picture_and_keeps_its_orientation():
    ax = plots.feature_grid(np.array([[1.0, 0.0], [2.0, 8.0]]), shape=(1, 2))
    sheet = np.ma.filled(ax.images[0].get_array(), np.nan)
    np.testing.assert_array_equal(sheet[1, 1:3], [0.5, 1])
    np.testing.assert_array_equal(sheet[1, 4:6], [0, 1])
    assert ax.images[0].get_clim() == (0, 1)
    assert plots.feature_grid(-np.eye(4), shape=(2, 2)).images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("features", [np.ones(64), np.ones((63, 2)), np.full((64, 1), np.nan)])
def test_feature_grid_refuses_bad_input(features):
    with pytest.raises(ValueError, match=r"features must be finite and of shape \(64, n_units\)"):
        plots.feature_grid(features)
    assert plt.get_fignums() == []
