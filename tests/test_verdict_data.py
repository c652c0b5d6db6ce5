"""Verdicts as tables, tests and other draws read them: from the data in a notebook's outputs."""

import copy
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from verdicts import read_verdicts, same_measurement

from course_utils.compare import Difference, paired_difference, verdict
from course_utils.compare.verdicts import VERDICT_MIME

ROOT = Path(__file__).resolve().parent.parent
GOOD = verdict("it helps", Difference(-0.12, -0.16, -0.08, 32, 0.48, 0.36, "nats"))
COMPARISON = {"metric": "test_data_loss", "rows": {"none": {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 32.0}}}


def output_of(shown):
    return nbformat.v4.new_output("display_data", data=shown._repr_mimebundle_())


def test_verdicts_are_read_in_order_with_their_places():
    other = verdict("it harms", paired_difference(np.arange(4.0), np.zeros(4)))
    cell = nbformat.v4.new_code_cell("judged", outputs=[output_of(GOOD), output_of(other)])
    text = nbformat.v4.new_code_cell("print()", outputs=[nbformat.v4.new_output("stream", text="Claim: x")])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Claim: y"), text, cell])
    found = read_verdicts(notebook)
    assert [judged["claim"] for judged in found] == ["it helps", "it harms"]
    assert {judged["cell"] for judged in found} == {cell.id}
    assert found[0]["anchor"] == "verdict-it-helps"
    assert found[0]["n"] == 32


def changed(data, **values):
    other = copy.deepcopy(data)
    other.update(values)
    return other


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"mean": -0.1201, "low": -0.1603, "after": 0.3602}, True),
        ({"low": -0.15}, False),
        ({"outcome": "undecided"}, False),
        ({"claim": "it helps much"}, False),
        ({"n": 31}, False),
        ({"more": 1}, False),
    ],
)
def test_verdicts_agree_in_words_and_up_to_a_part_of_the_interval(change, same):
    assert same_measurement(GOOD.data, changed(GOOD.data, **change)) is same


@pytest.mark.parametrize(("mean", "same"), [(0.51, True), (0.53, False)])
def test_comparisons_agree_row_by_row(mean, same):
    other = copy.deepcopy(COMPARISON)
    other["rows"]["none"]["mean"] = mean
    assert same_measurement(COMPARISON, other) is same
    assert not same_measurement(COMPARISON, {**COMPARISON, "metric": "test_accuracy"})


def test_each_number_is_held_to_its_own_interval():
    wide = {"difference": -0.12, "difference_low": -0.16, "difference_high": -0.08}
    row = {"mean": 0.366, "low": 0.362, "high": 0.37, **wide, "n": 32.0}
    assert same_measurement(row, changed(row, difference=-0.123))
    assert not same_measurement(row, changed(row, mean=0.369))


def test_a_difference_is_compared_by_its_own_interval():
    """Every run of a network that learns nothing has the same loss; those of its baseline differ."""
    dead = {"mean": 0.693, "low": 0.693, "high": 0.693, "difference": 0.24}
    dead |= {"difference_low": 0.22, "difference_high": 0.26}
    assert same_measurement(dead, changed(dead, difference=0.2402))
    assert not same_measurement(dead, changed(dead, mean=0.6935))


def chapter_with(tmp_path, printed, numbers):
    """A chapter whose committed outputs came from other code: a text, and one verdict or none."""
    source = (
        "from course_utils.compare import Difference, verdict\n"
        f"print({printed!r})\nverdict('it helps', Difference(-0.12, -0.16, -0.08, 32))"
    )
    outputs = [nbformat.v4.new_output("stream", text="as committed\n")]
    shown = verdict("it helps", Difference(*numbers))._repr_mimebundle_()
    outputs.append(nbformat.v4.new_output("execute_result", data=shown, execution_count=1))
    cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=outputs)
    path = tmp_path / "chapter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.mark.parametrize(
    ("printed", "numbers", "passes"),
    [
        ("as committed", (-0.1201, -0.1602, -0.0801, 32), True),
        ("as committed", (-0.10, -0.14, -0.06, 32), False),
        ("otherwise", (-0.12, -0.16, -0.08, 32), False),
    ],
)
def test_nbval_takes_a_verdict_by_its_data_and_text_to_the_letter(pytester, printed, numbers, passes):
    pytester.makeconftest((ROOT / "conftest.py").read_text())
    shutil.copytree(ROOT / "_ext", pytester.path / "_ext")
    path = chapter_with(pytester.path, printed, numbers)
    plain = ("-p", "no:xdist", "-p", "no:cov")
    result = pytester.runpytest_inprocess("--nbval", "--nbval-current-env", *plain, path)
    result.assert_outcomes(**{"passed" if passes else "failed": 1})


def test_the_mime_type_is_ours():
    assert VERDICT_MIME.startswith("application/vnd.course-utils.")
