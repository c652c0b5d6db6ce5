import base64
import io

import IPython
import matplotlib.pyplot as plt
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from course_utils import plots


@pytest.fixture
def shell(monkeypatch):
    """A notebook's kernel, as far as pictures go."""

    class Shell:
        display_formatter = DisplayFormatter()

    monkeypatch.setattr(IPython, "get_ipython", Shell)
    with plt.rc_context():
        plots.set_style()
        yield Shell


def test_a_notebook_shows_a_small_picture_twice_as_sharp_with_its_description(shell):
    figure = plots.unit_ball(2).figure
    data, metadata = shell.display_formatter.format(figure, include={"image/png"})
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.size == (1152, 720)
    assert picture.mode == "P"
    assert len(picture.getcolors()) <= 64
    assert metadata["image/png"] == {"width": 576, "alt": figure.axes[0].alt_text}


def test_panels_are_described_one_by_one_and_other_axes_not_at_all(shell):
    above, below = plots.panels(2)
    plots.unit_ball(1, ax=above)
    plots.unit_ball(2, ax=below)
    _, metadata = shell.display_formatter.format(above.figure, include={"image/png"})
    assert metadata["image/png"]["alt"] == f"{above.alt_text} {below.alt_text}"
    _, metadata = shell.display_formatter.format(plt.subplots()[0], include={"image/png"})
    assert metadata["image/png"] == {"width": 576}


def test_an_empty_figure_is_not_shown(shell):
    assert shell.display_formatter.format(plt.figure(), include={"image/png"}) == ({}, {})


def test_style_is_set_and_palette_used():
    with plt.rc_context():
        plots.set_style()
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"] == list(plots.PALETTE)
        assert plt.rcParams["figure.constrained_layout.use"]
        assert plt.rcParams["figure.facecolor"] == "white"
    assert len(set(plots.PALETTE)) == 8
