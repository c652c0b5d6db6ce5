import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plots


@pytest.mark.parametrize(
    ("slope", "before", "after"), [(False, [1.0, 1.0], [0.0, 1.0]), (True, [-1.0, 1.0], [0.0, 1.0])]
)
def test_penalty_places_differ_left_of_zero_only(slope, before, after):
    ax = plots.penalty_places(slope)
    for line, expected in zip(ax.lines, (before, after), strict=False):
        z, height = line.get_data()
        at = [np.nanargmin(np.abs(z - place)) for place in (-1, 1)]
        np.testing.assert_allclose(height[at], expected, atol=1e-12)
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_sums_over_steps_draw_one_line_for_each_point_and_shade_where_a_relu_is_zero():
    ax = plots.sums_over_steps({"alive": [[0.5, -1.0], [0.4, -1.0]], "dead": [[-2.0], [-1.0]]})
    assert [line.get_ydata().tolist() for line in ax.lines[:3]] == [[0.5, 0.4], [-1.0, -1.0], [-2.0, -1.0]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["alive", "dead"]
    assert ax.patches[0].get_extents().y1 == pytest.approx(ax.transData.transform((0, 0))[1])
    assert "-1 to 0.4 for alive" in ax.alt_text


@pytest.mark.parametrize("sums", [{}, {"a": [0.3, 0.2]}, {"a": [[]]}])
def test_sums_over_steps_refuse_bad_input(sums):
    with pytest.raises(ValueError, match="sums_by_unit must hold arrays"):
        plots.sums_over_steps(sums)
    assert plt.get_fignums() == []


def test_sums_histogram_shows_shares_and_says_how_many_put_out_zero():
    ax = plots.sums_histogram([[-0.3, -0.1, 0.0], [0.2, 0.2, 9.0]], limit=0.5, bins=1)
    left, right = (patch.get_data()[0] for patch in ax.patches)
    np.testing.assert_allclose([*left, *right], [3 / 6, 2 / 6])
    assert ax.texts[0].get_text() == "50% put out zero"
    assert ax.get_xlim() == (-0.5, 0.5)
    assert "half are within 0.2 of it" in ax.alt_text


@pytest.mark.parametrize(
    ("sums", "settings", "message"),
    [
        ([], {"limit": 1}, "sums must be finite and hold at least one number"),
        ([np.nan], {"limit": 1}, "sums must be finite and hold at least one number"),
        ([1.0], {"limit": 0}, "limit must be positive, got 0"),
        ([1.0], {"limit": 1, "bins": 0}, "bins must be at least 1, got 0"),
    ],
)
def test_sums_histogram_refuses_bad_input(sums, settings, message):
    with pytest.raises(ValueError, match=message):
        plots.sums_histogram(sums, **settings)
    assert plt.get_fignums() == []
