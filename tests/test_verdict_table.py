"""What the page of all verdicts says about reliability, on numbers that are known."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_ext"))

import nbformat  # noqa: E402
import redraw  # noqa: E402
from verdict_table import holm, on_one_scale, p_value, redrawn, redraws, row_of  # noqa: E402
from verdicts import read_verdicts  # noqa: E402

from course_utils.compare import Difference, paired_difference, verdict  # noqa: E402


def data(difference, claim="L2 helps", **keywords):
    return verdict(claim, difference, **keywords).data | {"anchor": "verdict-l2-helps", "cell": "c"}


@pytest.mark.parametrize("n", [2, 5, 32, 128])
def test_the_p_value_is_that_of_the_paired_test(n):
    rng = np.random.default_rng(n)
    a, b = rng.normal(0.1, 1, n), rng.normal(0, 1, n)
    measured = paired_difference(a, b)
    exact = Difference(*stats.ttest_rel(a, b).confidence_interval(), 0, n)
    assert exact.mean == pytest.approx(measured.low)
    assert p_value(data(measured)) == pytest.approx(stats.ttest_rel(a, b).pvalue, rel=1e-4)


def test_an_interval_without_width_is_certain():
    assert p_value(data(Difference(-0.1, -0.1, -0.1, 32))) == 0
    assert p_value(data(Difference(0.0, 0.0, 0.0, 32))) == 1


def test_holm_stops_at_the_first_that_fails():
    # 0.01 <= 0.05 / 4, 0.015 <= 0.05 / 3, 0.03 > 0.05 / 2; 0.04 would pass by itself.
    assert holm([0.04, 0.01, 0.03, 0.015]) == [False, True, False, True]
    assert holm([0.2, 0.01]) == [False, True]
    assert holm([]) == []


def test_a_redraw_from_the_same_numbers_says_nothing():
    committed = data(Difference(-0.3, -0.4, -0.2, 32))
    rows = [
        (5000, "01_a", "L2 helps", "supported", -0.3, -0.4, -0.2),
        (7000, "01_a", "L2 helps", "undecided", -0.1, -0.3, 0.1),
        (9000, "01_a", "L2 helps", "not supported", 0.3, 0.2, 0.4),
        (9000, "01_a", "L1 helps", "supported", -0.3, -0.4, -0.25),
        (9000, "02_b", "L2 helps", "supported", -0.3, -0.4, -0.25),
    ]
    record = pd.DataFrame(rows, columns=redraw.COLUMNS)
    found = redrawn("01_a", committed, record)
    assert found.changes == ("changed", "REVERSED")
    assert str(found) == "0 of 2, reversed"
    assert str(redrawn("02_b", committed, record)) == "1 of 1"
    assert str(redrawn("03_c", committed, record)) == "–"


@pytest.mark.parametrize(("expected", "side"), [("lower", -1), ("higher", 1)])
def test_what_the_claim_says_is_drawn_to_the_right(expected, side):
    picture = on_one_scale(data(Difference(0.3 * side, 0.2, 0.4, 32), expected=expected))
    assert float(picture.partition('cx="')[2].partition('"')[0]) > 90
    assert "nan" not in picture


def test_a_row_can_be_filtered_and_leads_to_the_card():
    found = data(Difference(-0.3, -0.4, -0.2, 32), claim='"L2" < L1', source="A & B")
    row = row_of("03_c", "../chapters/03_c.html", found, redrawn("03_c", found, redraws()), stands=True)
    assert row.startswith('<tr data-source="A &amp; B" data-outcome="supported"><td><a ')
    assert "<br>Chapter 3 · A &amp; B</td>" in row
    assert 'href="../chapters/03_c.html#verdict-l2-helps">&quot;L2&quot; &lt; L1</a>' in row
    assert "<td>stands</td>" in row


def test_every_claim_of_the_book_was_measured_on_other_draws():
    record = redraws()
    kept = {
        shift: set(zip(rows["chapter"], rows["claim"], strict=True))
        for shift, rows in record.groupby("shift")
    }
    claims = {
        (path.stem, found["claim"])
        for path in (ROOT / "chapters").glob("*.ipynb")
        for found in read_verdicts(nbformat.read(path, as_version=4))
    }
    assert len(kept) >= 2
    assert all(found == claims for found in kept.values()), "run `make redraw SHIFT=... WRITE=1` for both"
