"""The skeleton of a new chapter passes the rules of all chapters."""

import inspect
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "_ext"), str(ROOT / "tests")]

import execution  # noqa: E402
import skeleton  # noqa: E402
import test_chapters  # noqa: E402

NAME = "97_nothing_yet"
RULES = [
    rule
    for name, rule in vars(test_chapters).items()
    if name.startswith("test_") and "notebook" in inspect.signature(rule).parameters
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The skeleton as `make notebooks` leaves it."""
    path = tmp_path_factory.mktemp("chapters") / f"{NAME}.ipynb"
    nbformat.write(skeleton.skeleton(NAME, "Nothing yet"), path)
    assert execution.refresh_in_place([path])
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_skeleton_passes(executed, rule):
    values = {"notebook": executed, "name": NAME}
    rule(**{name: values[name] for name in inspect.signature(rule).parameters})


@pytest.mark.parametrize("wrong", ["7_topic", "07", "07_Topic", "07 topic", "01_again"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(monkeypatch, capsys, wrong):
    before = (ROOT / "_toc.yml").read_text()
    monkeypatch.setattr(sys, "argv", ["skeleton.py", wrong])
    with pytest.raises(SystemExit):
        skeleton.main()
    assert "07_topic" in capsys.readouterr().err or wrong == "01_again"
    assert (ROOT / "_toc.yml").read_text() == before


def test_table_of_contents_and_home_page_know_the_chapter(tmp_path, monkeypatch, capsys):
    (tmp_path / "chapters").mkdir()
    first = execution.chapters()[0]
    (tmp_path / "chapters" / first.name).write_text(first.read_text())
    toc = [
        "parts:",
        "  - chapters:",
        f"      - file: chapters/{first.stem}",
        "      - file: chapters/99_last",
    ]
    (tmp_path / "_toc.yml").write_text("\n".join(toc) + "\n")
    (tmp_path / "index.md").write_text("1. [First](x)\n\n97. A planned title\n")
    for module in (skeleton, execution):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["skeleton.py", NAME])
    assert skeleton.main() == 0
    toc.insert(3, f"      - file: chapters/{NAME}")
    assert (tmp_path / "_toc.yml").read_text().splitlines() == toc
    assert f"97. [A planned title](chapters/{NAME}.ipynb): TODO" in (tmp_path / "index.md").read_text()
    written = nbformat.read(tmp_path / "chapters" / f"{NAME}.ipynb", as_version=4)
    assert written.cells[0].source.startswith("# A planned title\n")
    assert "course_utils/exercises/nothing_yet.py" in capsys.readouterr().out
