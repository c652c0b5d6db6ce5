import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from course_utils import plots

NAMES = ["kernel", "bias", "activity"]


def test_factorial_cube_writes_each_level_where_its_factors_lead():
    levels = np.arange(8.0).reshape(2, 2, 2)
    ax = plots.factorial_cube(levels, NAMES, "loss", digits=0)
    places = {text.get_text(): np.array(text.get_position()) for text in ax.texts[:8]}
    for step, there in (("4", [1, 0]), ("2", [0, 1])):
        np.testing.assert_allclose(places[step] - places["0"], there)
    np.testing.assert_allclose(places["7"] - places["6"], places["1"] - places["0"])
    assert len(ax.lines) == 12
    assert "0 with all of kernel, bias, activity off, 7 with all on" in ax.alt_text


def test_interaction_lines_show_means_with_intervals():
    values = np.random.default_rng(0).normal(size=(6, 2, 2))
    ax = plots.interaction_lines(values, NAMES[:2], "loss")
    for on, container in enumerate(ax.containers):
        np.testing.assert_allclose(container.lines[0].get_ydata(), values.mean(axis=0)[:, on])
        (bar,) = container.lines[2]
        low, high = bar.get_segments()[0][:, 1]
        assert (low, high) == pytest.approx(
            stats.ttest_1samp(values[:, 0, on], 0).confidence_interval(), rel=1e-6
        )


def test_interaction_lines_of_plain_levels_have_no_interval():
    ax = plots.interaction_lines([[0.5, 0.4], [0.3, 0.3]], NAMES[:2], "loss")
    assert not any(container.has_yerr for container in ax.containers)
    assert "with bias off it changes by -0.2, with bias on by -0.1" in ax.alt_text


@pytest.mark.parametrize(
    ("draw", "values", "names"),
    [
        (plots.factorial_cube, np.ones((2, 2)), NAMES),
        (plots.factorial_cube, np.full((2, 2, 2), np.nan), NAMES),
        (plots.factorial_cube, np.ones((2, 2, 2)), NAMES[:2]),
        (plots.interaction_lines, np.ones(2), NAMES[:2]),
        (plots.interaction_lines, np.ones((2, 3)), NAMES[:2]),
        (plots.interaction_lines, np.ones((2, 2)), NAMES),
    ],
)
def test_pictures_of_factorials_refuse_bad_input(draw, values, names):
    with pytest.raises(ValueError, match="must be"):
        draw(values, names, "loss")
    assert plt.get_fignums() == []
