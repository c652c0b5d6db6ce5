import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import integrate, stats

from course_utils import plots


def quadratic(w):
    return ((w - [2.0, 1.0]) ** 2).sum(axis=1)


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
        (np.nan, 0.5, "optimum must be a finite number, got nan"),
        (1.0, -0.1, "strength must be a finite number of at least 0, got -0.1"),
        (1.0, np.inf, "strength must be a finite number"),
        (1.0, np.nan, "strength must be a finite number"),
    ],
)
def test_penalized_weight_refuses_bad_input(optimum, strength, message):
    with pytest.raises(ValueError, match=message):
        plots.penalized_weight(optimum, strength)
    assert plt.get_fignums() == []


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


@pytest.mark.parametrize("power", [0, -1])
def test_unit_ball_refuses_a_power_that_has_none(power):
    with pytest.raises(ValueError, match="powers must hold finite numbers of more than 0, got"):
        plots.unit_ball(power)


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


@pytest.mark.parametrize("rates", [[], [-0.1], [np.nan], [[0.1]]])
def test_decaying_weight_refuses_bad_rates(rates):
    with pytest.raises(ValueError, match="rates must be one or more finite numbers of at least 0, got"):
        plots.decaying_weight(rates)


def test_decaying_weight_needs_a_step():
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        plots.decaying_weight([0.1], steps=0)
