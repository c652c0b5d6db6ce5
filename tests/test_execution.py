"""How chapters are executed for the book, on small ones."""

import os
import re
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


def test_only_the_chapter_that_imports_what_changed_is_executed_again(book, tmp_path, capsys):
    package = tmp_path / "course_utils"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (tmp_path / "requirements.txt").write_text("one==1\n")
    for name in ("first", "second"):
        (package / f"{name}.py").write_text("number = 1\n")
        imports = f"import sys; sys.path.insert(0, '..')\nfrom course_utils.{name} import number"
        write(book, f"{name}.ipynb", imports, "print(number)")

    def run():
        assert execution.fill_cache()
        return re.findall(r"executed (\w+)", capsys.readouterr().out)

    assert run() == ["first", "second"]
    assert run() == []
    (package / "second.py").write_text("number = 1  # one\n")
    assert run() == []
    (package / "second.py").write_text("number = 2\n")
    assert run() == ["second"]
    assert cached_text(book / "second.ipynb") == ["2\n"]
    (tmp_path / "requirements.txt").write_text("one==2\n")
    assert run() == ["first", "second"]


def test_processor_seconds_are_measured_and_limited(book, capsys, monkeypatch):
    path = write(book, "01_good.ipynb", "print(1 + 1)")
    assert not execution.print_cost()
    assert "not measured" in capsys.readouterr().out
    assert execution.fill_cache()
    assert execution.cached_execution(execution.open_cache(), path).processor_seconds > 0
    assert execution.print_cost()
    monkeypatch.setattr(execution, "PROCESSOR_SECONDS", 0.01)
    assert not execution.print_cost()
    assert "too much" in capsys.readouterr().out


def test_what_nbval_verified_is_not_executed_again(book, tmp_path):
    names = ("01_passed.ipynb", "02_failed.ipynb", "03_skipped.ipynb", "04_half.ipynb", "05_unseen.ipynb")
    paths = [write(book, name, "print(1)", "2", printed=f"{name}\n") for name in names]
    cases = [(names[0], ""), (names[0], ""), (names[1], ""), (names[1], "<failure/>")]
    cases += [(names[2], ""), (names[2], "<skipped/>"), (names[3], "")]
    cost = '<properties><property name="processor_seconds" value="4.5"/></properties>'
    cases[1] = (names[0], cost)
    execution.adopt_verified(report(tmp_path, *cases))
    # Equal code has one place in the cache: look at the only one that may be there.
    record = execution.open_cache().list_cache_records()
    assert [Path(r.uri).name for r in record] == [names[0]]
    assert record[0].data["execution_seconds"] == 3.0
    assert record[0].data["processor_seconds"] == 4.5
    assert cached_text(paths[0]) == [f"{names[0]}\n"]


def test_in_place_execution_writes_clean_outputs(book):
    path = write(book, "01_good.ipynb", "import sys; print(3); print(4, file=sys.stderr)")
    assert execution.refresh_in_place([path])
    cell = nbformat.read(path, 4).cells[0]
    assert [output.text for output in cell.outputs] == ["3\n"]
    assert cell.execution_count == 1


def test_chapters_beside_each_other_keep_to_cores_of_their_own(book):
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not let a process choose its cores")
    source = "import os\nprint(sorted(os.sched_getaffinity(0)))"
    before = os.sched_getaffinity(0)
    paths = [write(book, f"0{number}_a.ipynb", source) for number in (1, 2)]
    found = [run.notebook.cells[0].outputs[0].text for run in execution.execute_all(paths)]
    assert all(text.count(",") == 0 for text in found), "each kernel has one core"
    assert os.sched_getaffinity(0) == before, "the caller keeps its own"
