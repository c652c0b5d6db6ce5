import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plots


def names(ax):
    return [text.get_text() for text in ax.texts]


def draw(*curves):
    """Draw a line from 0 for each pair of a name and a height at the right end."""
    _, ax = plt.subplots()
    for name, end in curves:
        ax.plot([0, 1], [0, end], label=name)
    return ax


def test_panels_stand_below_each_other():
    axes = plots.panels(3, height=2, sharex=True)
    assert axes.shape == (3,)
    assert axes[0].figure.get_size_inches().tolist() == [6, 6]
    tops = [ax.get_position().y1 for ax in axes]
    assert tops == sorted(tops, reverse=True)
    assert len({ax.get_position().x0 for ax in axes}) == 1


def test_panels_in_columns_leave_no_empty_one():
    axes = plots.panels(3, columns=2)
    assert len(axes) == len(axes[0].figure.axes) == 3
    assert axes[0].get_position().y0 == axes[1].get_position().y0 > axes[2].get_position().y0


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n": 0}, ValueError, "n must be at least 1, got 0"),
        ({"n": 2.0}, TypeError, "n must be"),
        ({"n": 2, "columns": 0}, ValueError, "columns must be at least 1, got 0"),
        ({"n": 2, "height": 0}, ValueError, "height must be positive, got 0"),
        ({"n": 2, "height": -1}, ValueError, "height must be"),
    ],
)
def test_panels_refuse_bad_input(settings, error, message):
    with pytest.raises(error, match=message):
        plots.panels(**settings)
    assert plt.get_fignums() == []


def test_names_stand_at_the_ends_and_do_not_cover_each_other():
    ax = draw(("high", 1), ("middle", 0.95), ("low", 0))
    plots.name_curves(ax)
    assert names(ax) == ["high", "middle", "low"]
    assert [text.xy for text in ax.texts] == [(1, 1), (1, 0.95), (1, 0)]
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert boxes[0].y0 > boxes[1].y0 + boxes[1].height * 0.9
    assert (
        len(
            {
                text.get_color() if isinstance(text.get_color(), str) else tuple(text.get_color())
                for text in ax.texts
            }
        )
        == 3
    )


def test_ends_that_cannot_be_told_apart_get_a_legend_below_the_axes():
    ax = draw(("one", 1), ("other", 1.001))
    plots.name_curves(ax)
    assert names(ax) == []
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "other"]
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0


def test_a_curve_that_ends_elsewhere_gets_a_legend():
    ax = draw(("whole", 1), ("out of view", 9))
    ax.set_ylim(0, 2)
    plots.name_curves(ax)
    assert ax.get_legend() is not None
    ax.set_ylim(0, 10)
    plots.name_curves(ax)
    assert ax.get_legend() is None
    assert names(ax) == ["whole", "out of view"]
    ax.set_ylim(0, 2)
    plots.name_curves(ax)
    assert names(ax) == []


def test_bands_and_dots_get_a_legend_and_nothing_gets_none():
    ax = draw(("line", 1))
    ax.fill_between([0, 1], [0, 0], [0, 0.5], label="band")
    plots.name_curves(ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["line", "band"]
    _, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], "o", label="dots")
    plots.name_curves(ax)
    assert ax.get_legend() is not None
    _, empty = plt.subplots()
    plots.name_curves(empty)
    assert empty.get_legend() is None


def test_levels_across_the_axes_are_named_too_and_long_names_take_two_lines():
    ax = draw(("shared network: val_data_loss", 1), ("averyveryveryverylongname", 0.5))
    ax.axhline(0.2, label="best possible")
    plots.name_curves(ax)
    assert names(ax) == ["shared network:\nval_data_loss", "averyveryveryverylongname", "best possible"]


def test_a_legend_has_as_many_columns_as_fit():
    short = plots.legend_below(draw(*((letter, 1) for letter in "abc")))
    long = plots.legend_below(draw(*((letter * 40, 1) for letter in "abc")))
    assert (short._ncols, long._ncols) == (3, 1)


def test_a_legend_may_name_a_part():
    ax = draw(("one", 1), ("other", 2))
    legend = plots.legend_below(ax, ax.lines[:1])
    assert [text.get_text() for text in legend.get_texts()] == ["one"]


def test_panels_may_share_a_legend():
    axes = plots.panels(2)
    for ax, end in zip(axes, (1, 2), strict=True):
        ax.plot([0, end], label="both")
        plots.legend_below(ax)
    axes[1].plot([0, 0], label="second only")
    legend = plots.share_legend(axes)
    assert axes[0].figure.legends == [legend]
    assert [text.get_text() for text in legend.get_texts()] == ["both", "second only"]
    assert all(ax.get_legend() is None for ax in axes)
    np.testing.assert_array_equal(legend.legend_handles[0].get_color(), axes[0].lines[0].get_color())
