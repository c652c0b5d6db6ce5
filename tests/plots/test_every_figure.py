import io

import matplotlib.pyplot as plt
from PIL import Image

from course_utils import plots


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


def test_every_figure_has_an_example(examples):
    assert set(examples) == set(plots.__all__) - {"PALETTE", "set_style"}
