"""Pictures on the page: their alternative texts, written or their own, and the names of their files."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from sphinx.application import Sphinx

EXTENSIONS = Path(__file__).parents[1] / "_ext"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="


def cell(written, told):
    """A code cell with a picture."""
    output = v4.new_output(
        "display_data", {"image/png": PIXEL}, metadata={"image/png": {"width": 576, **told}}
    )
    return v4.new_code_cell("1", outputs=[output], metadata={"mystnb": {"image": written}})


@pytest.fixture
def restored_renderer(monkeypatch):
    """The extension changes a class; the next test gets it as it was."""
    from myst_nb.core.render import NbElementRenderer

    monkeypatch.setattr(NbElementRenderer, "render_image", NbElementRenderer.render_image)


def test_a_written_text_comes_first_and_the_picture_speaks_for_itself_without(tmp_path, restored_renderer):
    cells = [cell({"alt": "written"}, {"alt": "told"}), cell({}, {"alt": "told"}), cell({}, {})]
    cells[0].metadata["mystnb"]["figure"] = {"caption": "One pixel.", "name": "fig-one-pixel"}
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "index.ipynb")
    sys.path.append(str(EXTENSIONS))
    settings = {"extensions": ["myst_nb", "pictures"], "nb_execution_mode": "off"}
    app = Sphinx(tmp_path, None, tmp_path / "out", tmp_path / "doctrees", "html", settings, status=None)
    app.build()
    pictures = re.findall(
        r'<img alt="([^"]*)"[^>]*style="([^"]*)"', (tmp_path / "out/index.html").read_text()
    )
    assert [alt for alt, _ in pictures[:2]] == ["written", "told"]
    assert {style for _, style in pictures} == {"width: 576px;"}
    assert (tmp_path / "out/_images/fig-one-pixel.png").is_file(), "a file is named like its figure"
