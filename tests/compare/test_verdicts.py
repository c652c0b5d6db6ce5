"""Verdicts: four outcomes by one rule, shown as text, card and data; and what guards the text."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.compare import Difference, Verdict, holds, verdict
from course_utils.compare.cards import LOOKS, verdict_id
from course_utils.compare.verdicts import STRICT, VERDICT_MIME

GOOD = verdict("it helps", Difference(-0.12, -0.16, -0.08, 32, 0.48, 0.36, "nats"), source="a lecture")


@pytest.fixture
def reader(monkeypatch):
    """Surroundings as a reader has them."""
    monkeypatch.delenv(STRICT, raising=False)


@pytest.mark.parametrize(
    ("low", "high", "expected", "outcome"),
    [
        (-0.2, -0.1, "lower", "supported"),
        (-0.2, -0.1, "higher", "not supported"),
        (0.1, 0.2, "lower", "not supported"),
        (0.1, 0.2, "higher", "supported"),
        (-0.02, -0.001, "lower", "supported"),
        (-0.008, -0.002, "lower", "no difference"),
        (-0.01, 0.01, "lower", "no difference"),
        (0.0, 0.0, "higher", "no difference"),
        (-0.1, 0.2, "lower", "undecided"),
        (-0.02, 0.0, "lower", "undecided"),
        (-0.005, 0.011, "higher", "undecided"),
    ],
)
def test_verdict_follows_the_interval_and_the_margin(low, high, expected, outcome):
    difference = Difference((low + high) / 2, low, high, 32, unit="nats")
    assert verdict("it helps", difference, expected).outcome == outcome


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_the_two_directions_of_a_claim_contradict_each_other(low, width, margin):
    difference = Difference(low + width / 2, low, low + width, 32)
    outcomes = [verdict("so", difference, side, margin=margin).outcome for side in ("lower", "higher")]
    opposite = {"supported": "not supported", "not supported": "supported"}
    assert outcomes[1] == opposite.get(outcomes[0], outcomes[0])


@pytest.mark.parametrize(
    ("unit", "margin"), [("nats", 0.01), ("accuracy", 0.01), ("neurons", 0.0), ("", 0.0)]
)
def test_the_margin_belongs_to_the_unit_unless_named(unit, margin):
    difference = Difference(0.005, 0.004, 0.006, 32, unit=unit)
    assert verdict("so", difference).margin == margin
    assert verdict("so", difference, margin=0.5).margin == 0.5


def test_a_verdict_shows_itself_as_text_card_and_data():
    shown = GOOD._repr_mimebundle_()
    assert shown["text/plain"].splitlines() == [
        "Claim:    it helps",
        "Source:   a lecture",
        "Measured: 0.48 → 0.36 nats, −0.12 [−0.16, −0.08], 32 pairs",
        "Verdict:  supported",
    ]
    assert shown[VERDICT_MIME] == {
        "claim": "it helps", "source": "a lecture", "outcome": "supported", "expected": "lower",
        "unit": "nats", "before": 0.48, "after": 0.36, "mean": -0.12, "low": -0.16, "high": -0.08,
        "n": 32, "margin": 0.01,
    }  # fmt: skip
    card = shown["text/html"]
    assert "it helps" in card
    assert "✓" in card
    assert "Source: a lecture" in card
    assert card.count("<rect") == 1


def test_a_card_without_margin_has_no_band_and_text_is_escaped():
    card = verdict("a < b", Difference(1, 0.5, 1.5, 40))._repr_mimebundle_()["text/html"]
    assert "<rect" not in card
    assert "a &lt; b" in card
    assert "Source" not in card


def test_every_outcome_has_its_own_shape_and_colour():
    shapes, colours = zip(*LOOKS.values(), strict=True)
    assert len(set(shapes)) == len(set(colours)) == 4


def test_long_claims_wrap():
    judged = verdict("word " * 40, Difference(1, 0.5, 1.5, 40))
    assert max(map(len, str(judged).splitlines())) <= 72


def test_ids_are_fit_for_links():
    assert re.fullmatch(r"verdict-[a-z0-9-]+", verdict_id("L2 “helps”, with λ = 0.001: ρ̂ > ρ?"))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"expected": "less"}, ValueError, "expected must be 'lower' or 'higher', got 'less'"),
        ({"claim": " "}, ValueError, "claim must be a sentence"),
        ({"claim": 3}, ValueError, "claim must be a sentence, got 3"),
        ({"difference": 0.1}, TypeError, "difference must be a Difference, got float"),
        ({"margin": -1.0}, ValueError, "margin must be a finite number of at least 0"),
        ({"margin": "small"}, TypeError, "margin must be a number"),
    ],
)
def test_verdict_names_bad_input(change, error, message):
    with pytest.raises(error, match=message):
        verdict(**({"claim": "it helps", "difference": Difference(0, 0, 0, 2)} | change))


def test_what_holds_is_silent(reader, capsys):
    holds(GOOD, "supported")
    holds(True, "two is more than one")
    holds(np.bool_(True), "two is more than one")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("found", "expected", "line"),
    [
        (GOOD, "undecided", "“it helps” is supported, not undecided."),
        (np.bool_(False), "loss rises", "it does not hold that loss rises."),
    ],
)
def test_readers_are_told_and_tests_are_stopped(reader, capsys, monkeypatch, found, expected, line):
    holds(found, expected)
    assert capsys.readouterr().out == f"Here it came out differently: {line}\n"
    monkeypatch.setenv(STRICT, "1")
    with pytest.raises(AssertionError, match=re.escape(line[:-1])):
        holds(found, expected)


@pytest.mark.parametrize(
    ("found", "expected", "error", "message"),
    [
        (1, "one", TypeError, "found must be True, False or a Verdict, got int"),
        (np.array([True, True]), "both", TypeError, "got ndarray"),
        (GOOD, "true", ValueError, "expected must be one of .*'undecided'.* for a verdict, got 'true'"),
        (True, "", ValueError, "expected must be an outcome or a sentence, got ''"),
    ],
)
def test_holds_names_bad_input(found, expected, error, message):
    with pytest.raises(error, match=message):
        holds(found, expected)


def test_a_verdict_is_what_verdict_returns():
    assert isinstance(GOOD, Verdict)
    assert GOOD.difference.n == 32
