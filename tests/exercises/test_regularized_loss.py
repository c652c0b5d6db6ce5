import numpy as np
import pytest

from course_utils import exercises


def gradient_of(l1, l2):
    """An answer with the pull `l1` for codes 1 and 12 and `l2` for codes 2 and 12."""

    def penalty_gradient(w, code, strength):
        total = 0 * w
        if code in (1, 12):
            total = total + l1(w, strength)
        if code in (2, 12):
            total = total + l2(w, strength)
        return total

    return penalty_gradient


def pull_l1(w, strength):
    return strength * np.sign(w)


def pull_l2(w, strength):
    return 2 * strength * w


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (gradient_of(pull_l1, pull_l2), "Correct: L2 pulls in proportion"),
        (lambda w, code, strength: ..., "Not yet: put your answer where the three dots are"),
        (lambda w, code, strength: None, "Not yet: for code 2, nothing is returned"),
        (gradient_of(pull_l1, lambda w, s: s * w), "Not yet: for code 2, the derivative of w² is 2w"),
        (gradient_of(pull_l1, lambda w, s: s * w**2), "Not yet: for code 2, that is the penalty"),
        (gradient_of(pull_l1, lambda w, s: 2 * w), "Not yet: for code 2, the strength is missing"),
        (gradient_of(pull_l1, lambda w, s: abs(2 * s * w)), "Not yet: for code 2, the pull of a negative"),
        (gradient_of(lambda w, s: s * abs(w), pull_l2), "Not yet: for code 1, that is the penalty"),
        (gradient_of(lambda w, s: s + 0 * w, pull_l2), "Not yet: for code 1, a negative weight is pulled"),
        (gradient_of(lambda w, s: np.sign(w), pull_l2), "Not yet: for code 1, the strength is missing"),
        (gradient_of(pull_l2, pull_l2), "Not yet: for code 1, that is L2"),
        (
            lambda w, code, s: {1: pull_l1(w, s), 2: pull_l2(w, s)}.get(code, 0 * w),
            "Not yet: for code 12, 12 means both penalties",
        ),
        (
            lambda w, code, s: pull_l1(w, s) if code in (1, 12) else pull_l2(w, s) * (code == 2),
            "Not yet: for code 12, the pull of L2 is missing",
        ),
        (
            lambda w, code, s: pull_l2(w, s) if code in (2, 12) else pull_l1(w, s) * (code == 1),
            "Not yet: for code 12, the pull of L1 is missing",
        ),
        (
            lambda w, code, s: gradient_of(pull_l1, pull_l2)(w, code or 2, s),
            "Not yet: for code 0, 0 means no penalty",
        ),
        (
            lambda w, code, s: gradient_of(pull_l1, pull_l2)(w, abs(code), s),
            "Not yet: for code -1, -1 means no penalty",
        ),
        (lambda w, code, s: w + 7, "Not yet: the gradient for code 2 must be"),
    ],
)
def test_penalty_gradient(printed, answer, message):
    assert printed(exercises.check_penalty_gradient, answer).startswith(message)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([2, 0, 2, -1], "Correct: every kernel has L2"),
        ([2, 2], "Not yet: 4 variables need as many codes, got 2: biases have a place"),
        ([2, 0, 2], "Not yet: 4 variables need as many codes, got 3"),
        ([2, 2, 2, 2], "Not yet: variable 1 is a bias and must go free, its code is 2"),
        ([0, 2, 0, 2], "Not yet: variable 0 is a kernel and goes free"),
        ([2, 0, 0, 0], "Not yet: variable 2 is a kernel and goes free"),
        ([1, 0, 1, 0], "Not yet: variable 0 is a kernel and has L1; L2 is code 2"),
        ([12, 0, 12, 0], "Not yet: variable 0 is a kernel and has L1 as well"),
        ([2, 3, 2, 0], "Not yet: codes[1] is 3; the codes are"),
        (2, "Not yet: your code raised TypeError"),
        (..., "Not yet: put your answer"),
    ],
)
def test_codes(printed, codes, message):
    variables = [np.ones((2, 3)), np.zeros(3), np.ones((3, 1)), np.zeros(1)]
    assert printed(exercises.check_codes, codes, variables).startswith(message)


@pytest.mark.parametrize(
    ("penalty", "message"),
    [
        (lambda w, s: s * sum((a**2).sum() for a in w), "Correct: what is left is the data loss"),
        (lambda w, s: 0.0, "Not yet: the penalty is still inside"),
        (lambda w, s: s, "Not yet: the strength alone is not the penalty"),
        (lambda w, s: -s * sum((a**2).sum() for a in w), "Not yet: the printed loss contains"),
        (lambda w, s: sum((a**2).sum() for a in w), "Not yet: the sum of the squares must be multiplied"),
        (lambda w, s: s * sum(abs(a).sum() for a in w), "Not yet: that takes out an L1 penalty"),
        (lambda w, s: s / 2 * sum((a**2).sum() for a in w), "Not yet: Keras' L2 has no factor 1/2"),
        (lambda w, s: s * np.mean([v**2 for a in w for v in a.ravel()]), "Not yet: the penalty is a sum"),
        (lambda w, s: s * (w[0] ** 2).sum(), "Not yet: the last array is missing"),
        (lambda w, s: 0.5, "Not yet: the data loss must be 0.71, got 0.4"),
    ],
)
def test_data_term(printed, penalty, message):
    text = printed(exercises.check_data_term, lambda loss, w, s: loss - penalty(w, s))
    assert text.startswith(message)


def test_data_term_stub(printed):
    assert "three dots" in printed(exercises.check_data_term, lambda loss, w, s: ...)


def soft(a, strength):
    return np.sign(a) * max(abs(a) - strength, 0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda a, s: (soft(a, s), a / (1 + 2 * s)), "Correct: L1 takes the same amount"),
        (lambda a, s: ..., "Not yet: put your answer where the three dots are"),
        (lambda a, s: soft(a, s), "Not yet: return two numbers"),
        (lambda a, s: (a - s, a / (1 + 2 * s)), "Not yet: L1 with a = 0.2 and λ = 0.5: the penalty cannot"),
        (lambda a, s: (max(a - s, 0), a / (1 + 2 * s)), "Not yet: L1 with a = -2 and λ = 0.5: a large"),
        (
            lambda a, s: (a - s if abs(a) > s else 0, a / (1 + 2 * s)),
            "Not yet: L1 with a = -2 and λ = 0.5: a negative weight must move up",
        ),
        (lambda a, s: (soft(a, 2 * s), a), "Not yet: L1 with a = 2 and λ = 0.5: the lowest point must be"),
        (lambda a, s: (soft(a, s), a / (1 + s)), "Not yet: L2 with a = 2 and λ = 0.5: the slope of λw²"),
        (lambda a, s: (soft(a, s), a - 2 * s * a), "Not yet: L2 with a = 2 and λ = 0.5: that is one step"),
        (lambda a, s: (soft(a, s), a), "Not yet: L2 with a = 2 and λ = 0.5: the lowest point must be 1"),
    ],
)
def test_lowest_points(printed, answer, message):
    assert printed(exercises.check_lowest_points, answer).startswith(message)
