"""Which verdicts come back, on small chapters."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_ext"))

import colab  # noqa: E402
import redraw  # noqa: E402
from execution import Execution  # noqa: E402

from course_utils.compare import Difference, verdict  # noqa: E402

SUPPORTED = Difference(-0.3, -0.4, -0.2, 32)
NOT_SUPPORTED = Difference(0.3, 0.2, 0.4, 32)
NO_DIFFERENCE = Difference(0.0, -0.001, 0.001, 32)


def chapter(*measured, text=""):
    """A notebook with a verdict for each (claim, difference), and something printed."""
    notebook = nbformat.v4.new_notebook()
    for claim, difference in measured:
        data = verdict(claim, difference, margin=0.01)._repr_mimebundle_()
        output = nbformat.v4.new_output("display_data", data=data)
        notebook.cells.append(nbformat.v4.new_code_cell("display(...)", outputs=[output]))
    printed = nbformat.v4.new_output("stream", name="stdout", text=text)
    notebook.cells.append(nbformat.v4.new_code_cell("holds(...)", outputs=[printed]))
    return notebook


def report(tmp_path, capsys, committed, executed, error=""):
    path = tmp_path / "01_small.ipynb"
    nbformat.write(committed, path)
    good, _ = redraw.report(iter([Execution(path, executed, 1.0, 1.0, error)]))
    return good, capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("committed", "now", "change", "good"),
    [
        (SUPPORTED, SUPPORTED, "supported -> supported: came back", True),
        (SUPPORTED, NO_DIFFERENCE, "supported -> no difference: changed", True),
        (NO_DIFFERENCE, NOT_SUPPORTED, "no difference -> not supported: changed", True),
        (SUPPORTED, NOT_SUPPORTED, "supported -> not supported: REVERSED", False),
        (NOT_SUPPORTED, SUPPORTED, "not supported -> supported: REVERSED", False),
    ],
)
def test_each_verdict_stands_beside_the_committed_one(tmp_path, capsys, committed, now, change, good):
    found = report(tmp_path, capsys, chapter(("L2 helps", committed)), chapter(("L2 helps", now)))
    assert found[0] == good
    assert found[1][0].startswith("01  L2 helps  ")
    assert found[1][0].endswith(change)


def test_the_last_line_counts(tmp_path, capsys):
    committed = [("a", SUPPORTED), ("a", NOT_SUPPORTED), ("b", SUPPORTED), ("c", SUPPORTED)]
    executed = [("a", SUPPORTED), ("a", NOT_SUPPORTED), ("b", NO_DIFFERENCE), ("c", NOT_SUPPORTED)]
    good, lines = report(tmp_path, capsys, chapter(*committed), chapter(*executed))
    assert lines[-1] == "2 of 4 verdicts came back, 1 changed, 1 reversed"
    assert not good


def test_a_missing_verdict_and_an_exception_fail(tmp_path, capsys):
    both, one = [("a", SUPPORTED), ("b", SUPPORTED)], [("a", SUPPORTED)]
    good, lines = report(tmp_path, capsys, chapter(*both), chapter(*one))
    assert not good
    assert lines[1].endswith("supported -> missing: MISSING")
    assert not report(tmp_path, capsys, chapter(*one), chapter(*one), error="ZeroDivisionError")[0]


def test_what_came_out_differently_is_listed_in_one_line(tmp_path, capsys):
    text = "loss 0.4\nHere it came out differently: it does not\nhold that two is one.\nmore\n"
    good, lines = report(tmp_path, capsys, chapter(), chapter(text=text))
    assert lines[0] == "01  Here it came out differently: it does not hold that two is one."
    assert good


def test_outcomes_are_kept_and_replaced_chapter_by_chapter(tmp_path):
    path = tmp_path / "redraws.csv"

    def found(*measured):
        return list(redraw.returns_of(chapter(*measured), chapter(*measured)))

    redraw.write({"02_b": found(("b", SUPPORTED)), "01_a": found(("a", SUPPORTED))}, 5000, path)
    redraw.write({"01_a": found(("a", NO_DIFFERENCE))}, 7000, path)
    redraw.write({"01_a": found(("a", NOT_SUPPORTED), ("c", SUPPORTED))}, 5000, path)
    table = pd.read_csv(path)
    assert list(table.columns) == redraw.COLUMNS
    assert table[["shift", "chapter", "claim", "outcome"]].to_numpy().tolist() == [
        [5000, "01_a", "a", "not supported"],
        [5000, "01_a", "c", "supported"],
        [5000, "02_b", "b", "supported"],
        [7000, "01_a", "a", "no difference"],
    ]
    assert table["mean"].tolist() == [0.3, -0.3, -0.3, 0.0]


@pytest.mark.parametrize("wrong", ["0", "-5", "1.5", "many", ""])
def test_the_shift_is_a_whole_number_above_zero(monkeypatch, capsys, wrong):
    monkeypatch.setattr(sys, "argv", ["redraw.py", "--", wrong])
    with pytest.raises(SystemExit):
        redraw.main()
    assert "SHIFT must be a whole number above 0" in capsys.readouterr().err


def test_colab_gets_the_working_tree_from_the_address_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nurls = { Repository = "https://example.org/us" }\n')
    (tmp_path / ".gitignore").write_text("_build/\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    monkeypatch.setattr(colab, "ROOT", tmp_path)
    monkeypatch.setattr(colab, "COLAB", tmp_path / "_build")
    monkeypatch.setattr(colab, "SNAPSHOT", tmp_path / "_build" / "snapshot.git")
    for line in ("first", "second"):
        (tmp_path / "new.txt").write_text(line)  # never committed
        colab.take_snapshot()
        colab.run(
            "git", "clone", "--quiet", "https://example.org/us", tmp_path / line, **colab.surroundings()
        )
        assert (tmp_path / line / "new.txt").read_text() == line
        assert not (tmp_path / line / "_build").exists()


def test_a_python_that_is_not_there_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["colab.py", "python9.99"])
    with pytest.raises(SystemExit):
        colab.main()
    assert "python9.99 is not installed" in capsys.readouterr().err
