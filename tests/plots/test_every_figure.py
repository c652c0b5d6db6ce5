import io

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from course_utils import plots
from tests.garbage import arguments_of, assert_garbage_is_refused


def test_a_figure_is_described_and_labelled(draw_example):
    ax = draw_example()
    assert ax.alt_text.endswith(".")
    assert len(ax.alt_text.split()) > 8
    assert ax.get_xlabel()
    assert ax.get_ylabel()


def test_a_figure_is_drawn_where_it_is_asked(draw_example):
    _, (left, right) = plt.subplots(1, 2)
    assert draw_example(ax=right) is right
    assert not left.has_data()
    assert len(plt.get_fignums()) == 1


@pytest.mark.no_cover  # drawn three times and more; the other tests cover it
def test_a_figure_in_house_style_is_small_opaque_and_repeatable(draw_example):
    files = []
    with plt.rc_context():
        plots.set_style()
        for _ in range(2):
            file = io.BytesIO()
            draw_example().figure.savefig(file, format="png")
            files.append(file.getvalue())
    assert files[0] == files[1]
    assert len(files[0]) < 60_000
    assert Image.open(io.BytesIO(files[0])).convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_garbage_is_refused_before_anything_is_drawn(figure_name, examples, monkeypatch):
    figure, draw = getattr(plots, figure_name), examples[figure_name]

    def call(spy):
        monkeypatch.setattr(plots, figure_name, spy)
        spy() if draw is figure else draw()

    arguments = arguments_of(figure, call)
    plt.close("all")
    assert_garbage_is_refused(figure, arguments)
    assert plt.get_fignums() == []


def test_every_figure_has_an_example(examples):
    tools = {"PALETTE", "set_style", "panels", "name_curves", "legend_below", "share_legend"}
    assert set(examples) == set(plots.__all__) - tools
