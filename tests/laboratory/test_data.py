"""Points, the best possible classifier, statistics and links of the page, against what Python knows."""

import numpy as np
import pytest

from course_utils import bayes
from course_utils.compare import Difference, paired_difference, verdict
from course_utils.laboratory import complete_setting
from course_utils.laboratory.training import draw_points, own_points

PROBLEMS = {"blobs": 0.25, "circles": 0.1, "moons": 0.2}
CLAIM = "The setting lowers the loss"


@pytest.mark.parametrize(("problem", "tolerance"), [("blobs", 0.003), ("circles", 0.001)])
def test_the_floor_is_the_bayes_loss(modules, problem, tolerance):
    setting = complete_setting({"data": problem, "noise": PROBLEMS[problem]})
    assert modules("(s) => m.data.problemOf(s).floor", setting) == pytest.approx(
        bayes.loss(problem), abs=tolerance
    )


@pytest.mark.parametrize("problem", PROBLEMS)
def test_points_of_page_and_python_come_from_one_distribution(modules, problem):
    setting = complete_setting({"data": problem, "noise": PROBLEMS[problem], "rows": 1000})
    part = modules(
        "(s) => { const {x, y} = m.data.drawData(s, 5).train; return {x: [...x], y: [...y]}; }", setting
    )
    x, y = np.reshape(part["x"], (-1, 2)), np.array(part["y"])
    x_python, y_python = draw_points(setting, 1000, seed=5)
    assert x.shape == x_python.shape
    for label in (0, 1):
        ours, theirs = x[y == label], x_python[y_python == label]
        assert len(ours) == len(theirs) == 500
        np.testing.assert_allclose(ours.mean(axis=0), theirs.mean(axis=0), atol=0.1)
        np.testing.assert_allclose(np.cov(ours.T), np.cov(theirs.T), atol=0.05)


def test_own_points_are_split_alike(modules):
    text = "\n".join(f"{i}, {i / 2};  {i % 2}" for i in range(20))
    (x, y), (x_kept, y_kept) = own_points(text)
    parts = modules(
        """(points) => { const {train, fresh} = m.data.drawData({data: "own", points}, 1);
        return [train, fresh].map(({x, y}) => [[...x], [...y]]); }""",
        text,
    )
    for (page_x, page_y), (our_x, our_y) in zip(parts, [(x, y), (x_kept, y_kept)], strict=True):
        assert page_x == our_x.ravel().tolist()
        assert page_y == our_y.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1, 2, 0\n\nabc, 1, 0", "Line 3, “abc, 1, 0”: “abc” is not a number."),
        ("1 2", "Line 1, “1 2”: expected three numbers (x1, x2, class), got 2 entries."),
        ("1,2,0\n1,2,2", "Line 2, “1,2,2”: the class must be 0 or 1, got 2."),
        ("1,2,0\n1,2e3,1", "numbers beyond ±100 train badly: scale the column first."),
        ("<b>,2,0", "“<b>” is not a number."),
        ("NaN,2,0", "“NaN” is not a number."),
        ("1,2,0\n" * 5, "Each class needs at least 3 points: class 0 has 5, class 1 has 0."),
        ("1,2,0\n2,1,1\n" * 1001, "At most 2000 points, got 2002."),
        ("  ", "No points yet: paste some, or click on the picture."),
        ("1,2,0\n-1.5e-1;.5\t1\n" * 3, ""),
    ],
)
def test_pasted_garbage_names_the_line(modules, text, message):
    error = modules("(text) => m.data.parsePoints(text).error", text)
    assert error == message if not message else message in error


@pytest.mark.parametrize("n", [2, 8, 32])
@pytest.mark.parametrize(("shift", "spread"), [(-0.03, 0.01), (0.03, 0.01), (0.0, 0.005), (-0.01, 0.2)])
def test_intervals_and_verdicts_follow_the_rule_of_the_book(modules, n, shift, spread):
    random = np.random.default_rng(n)
    a, b = random.normal(0.4 + shift, spread, n), np.full(n, 0.4)
    expected = paired_difference(a, b, unit="nats")
    script = (
        "([a, b]) => { const d = m.statistics.pairedDifference(a, b); return [d, m.statistics.judge(d)]; }"
    )
    found, word = modules(script, [a.tolist(), b.tolist()])
    for name in ("mean", "low", "high", "n"):
        assert found[name] == pytest.approx(getattr(expected, name), rel=1e-4)
    outcome = {"lower": "supported", "higher": "not supported"}.get(word, word)
    assert outcome == verdict(CLAIM, expected).outcome


def test_a_stopped_seed_is_left_out_of_the_pairs(modules):
    found = modules("() => m.statistics.pairedDifference([1, null, 3], [0, 0, 1])")
    assert (found["mean"], found["n"]) == (1.5, 2)


def test_difference_of_one_pair_has_no_interval(modules):
    assert modules("() => m.statistics.judge(m.statistics.interval([0.5]))") == "undecided"
    assert verdict(CLAIM, Difference(-0.5, -np.inf, np.inf, 1)).outcome == "undecided"


def test_a_link_restores_setting_and_rival(modules):
    setting = complete_setting({"data": "own", "points": "1, 2, 0\n3, 4, 1", "strength": 0.00001})
    rival = complete_setting({"penalty": "kl", "width": 8})
    script = "([s, r]) => m.settings.fromLink('#' + m.settings.toLink(s, r))"
    assert modules(script, [setting, rival]) == {"setting": setting, "rival": rival}
    assert modules("(s) => m.settings.toLink(s)", complete_setting({})) == ""


def test_garbage_in_a_link_becomes_what_is_on_offer(modules):
    link = "#width=30&penalty=magic&epochs=x&strength=Infinity&noise=-4&unknown=1&__proto__=2"
    found = modules("(link) => m.settings.fromLink(link).setting", link)
    assert found == complete_setting({"width": 32, "noise": 0.05})


def test_python_and_page_have_the_same_defaults(modules):
    assert modules("() => m.settings.DEFAULTS") == complete_setting({})


def test_presets_hold_only_what_is_on_offer_and_ask_a_question(modules):
    presets = modules("() => m.presets.PRESETS")
    assert [int(preset["page"][:2]) for preset in presets] == [2, 4, 7, 8, 10, 15]
    for preset in presets:
        assert preset["question"].endswith(("?", "."))
        assert complete_setting(preset["setting"]) != complete_setting(preset["rival"])
