"""How chapters are executed for the book, on small ones."""

import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_ext"))

import execution  # noqa: E402


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Return a folder of chapters, empty, with a cache of its own."""
    folder = tmp_path / "chapters"
    folder.mkdir()
    monkeypatch.setattr(execution, "ROOT", tmp_path)
    monkeypatch.setattr(execution, "BUILD", tmp_path / "_build")
    return folder


def write(book, name, *sources, printed=None):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    if printed is not None:
        cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=execution.NOTEBOOK_METADATA), book / name)
    return book / name


def cached_text(path):
    found = execution.cached_execution(execution.open_cache(), path)
    return found and [output.text for cell in found.notebook.cells for output in cell.outputs]


def report(tmp_path, *cases):
    lines = [
        f'<testcase classname="chapters.{name}" time="1.5">{inside}</testcase>' for name, inside in cases
    ]
    path = tmp_path / "nbval.xml"
    path.write_text(f"<testsuites><testsuite>{''.join(lines)}</testsuite></testsuites>")
    return path


def test_what_changed_is_executed_and_a_raising_chapter_fails(book, capsys):
    good = write(book, "01_good.ipynb", "print(1 + 1)")
    assert execution.fill_cache()
    assert cached_text(good) == ["2\n"]
    bad = write(book, "02_bad.ipynb", "1 / 0")
    assert not execution.fill_cache()
    assert cached_text(bad) is None
    output = capsys.readouterr()
    assert output.out.count("01_good.ipynb") == 1
    assert "ZeroDivisionError" in output.err


def test_the_cache_forgets_when_the_package_changes(book, tmp_path):
    path = write(book, "01_good.ipynb", "print(1 + 1)")
    execution.cache_execution(
        execution.current_cache(), execution.Execution(path, nbformat.read(path, 4), 1.0)
    )
    assert cached_text(path) == []
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils" / "new.py").write_text("")
    execution.current_cache()
    assert cached_text(path) is None


def test_what_nbval_verified_is_not_executed_again(book, tmp_path):
    names = ("01_passed.ipynb", "02_failed.ipynb", "03_skipped.ipynb", "04_half.ipynb", "05_unseen.ipynb")
    paths = [write(book, name, "print(1)", "2", printed=f"{name}\n") for name in names]
    cases = [(names[0], ""), (names[0], ""), (names[1], ""), (names[1], "<failure/>")]
    cases += [(names[2], ""), (names[2], "<skipped/>"), (names[3], "")]
    execution.adopt_verified(report(tmp_path, *cases))
    # Equal code has one place in the cache: look at the only one that may be there.
    record = execution.open_cache().list_cache_records()
    assert [Path(r.uri).name for r in record] == [names[0]]
    assert record[0].data["execution_seconds"] == 3.0
    assert cached_text(paths[0]) == [f"{names[0]}\n"]


def test_in_place_execution_writes_clean_outputs(book):
    path = write(book, "01_good.ipynb", "import sys; print(3); print(4, file=sys.stderr)")
    assert execution.refresh_in_place([path])
    cell = nbformat.read(path, 4).cells[0]
    assert [output.text for output in cell.outputs] == ["3\n"]
    assert cell.execution_count == 1
