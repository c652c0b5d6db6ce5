import inspect

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import exercises
from course_utils.exercises import NotYet, exercise, require, require_close


@exercise("the square of three is nine.")
def check_square(answer):
    """Check a function that squares."""
    require(callable(answer), "write a function")
    require_close(answer(3), 9, "answer(3)")


def printed(capsys, check, *answers, **keywords):
    assert check(*answers, **keywords) is None
    return capsys.readouterr().out


def test_right_answer(capsys):
    assert printed(capsys, check_square, lambda x: x**2) == "Correct: the square of three is nine.\n"


def test_wrong_answer_is_told_why(capsys):
    assert printed(capsys, check_square, 9) == "Not yet: write a function.\n"
    assert printed(capsys, check_square, lambda x: 2 * x) == "Not yet: answer(3) must be 9, got 6.\n"


def test_stub_is_told_apart(capsys):
    expected = "Not yet: put your answer where the three dots are.\n"
    assert printed(capsys, check_square, ...) == expected
    assert printed(capsys, check_square, answer=...) == expected
    assert printed(capsys, check_square, lambda x: ...).startswith("Not yet: answer(3) must be a number")


def test_error_in_the_answer_is_part_of_the_message(capsys):
    text = printed(capsys, check_square, lambda x: x.shape)
    assert text == "Not yet: your code raised AttributeError: 'int' object has no attribute 'shape'\n"


def test_check_keeps_its_name_and_documentation():
    assert check_square.__name__ == "check_square"
    assert inspect.getdoc(check_square) == "Check a function that squares."


@pytest.mark.parametrize("success", [print, "", "  ", None])
def test_decorator_without_text_is_refused(success):
    with pytest.raises(ValueError, match="success must be a text that is not empty, got"):
        exercise(success)


def test_require():
    require(True, "never seen")
    with pytest.raises(NotYet, match="a reason"):
        require(np.array(False), "a reason")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e-7, 1e-7))
def test_close_goes_on(expected, rounding):
    require_close(np.array(expected) + rounding, expected, "it")


@pytest.mark.parametrize(
    ("found", "expected", "message"),
    [
        ("text", 1.0, "it must be a number or an array of numbers, got 'text'"),
        (None, 1.0, "it must be a number or an array, got None: is a return missing"),
        ([1.0, 2.0], 1.0, r"it must have shape \(\), got \(2,\)"),
        ([[1.0, 2.0]], [[1.0, 2.5]], r"it must be 2.5 at \(0, 1\), got 2"),
        (np.nan, 0.5, "it must be 0.5, got nan"),
        (1.001, 1.0, "it must be 1, got 1.001"),
    ],
)
def test_not_close_is_told_how_far(found, expected, message):
    with pytest.raises(NotYet, match=message):
        require_close(found, expected, "it")


# chapter 01

TEN_LABELS = [1, 0, 0, 1, 0, 1, 1, 0, 1, 0]
MODEL_A = [0.51, 0.49, 0.3, 0.7, 0.4, 0.6, 0.6, 0.4, 0.6, 0.3]
MODEL_B = [0.9, 0.6, 0.1, 0.9, 0.1, 0.8, 0.9, 0.2, 0.8, 0.1]


def naive_loss(y, z):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def clipped_loss(y, z):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            lambda y, z: np.mean(np.logaddexp(0, (1 - 2 * y) * z)),
            "Correct: the loss is taken from the logits",
        ),
        (lambda y, z: ..., "Not yet: put your answer where the three dots are"),
        (lambda y, z: None, "Not yet: the loss must be a number or an array, got None"),
        (lambda y, z: np.logaddexp(0, -z).mean(), "Not yet: for a label 0"),
        (lambda y, z: np.logaddexp(0, (2 * y - 1) * z).mean(), "Not yet: the sign is turned"),
        (lambda y, z: np.logaddexp(0, (1 - 2 * y) * z).sum(), "Not yet: that is the sum over the cases"),
        (lambda y, z: np.logaddexp(0, (1 - 2 * y) * z).mean() / np.log(2), "Not yet: that is in bits"),
        (lambda y, z: np.logaddexp(0, (1 - 2 * y) * z), "Not yet: that is one cost per case"),
        (lambda y, z: 0.1, "Not yet: the loss must be"),
        (naive_loss, "Not yet: logits of -1000 and 1000 must cost 1000, got"),
        (clipped_loss, "Not yet: the cost of logits of -1000 and 1000 (a clipped probability cannot"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_loss_from_logits(capsys, answer, message):
    assert printed(capsys, exercises.check_loss_from_logits, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (1.0, "Correct: absolute error"),
        (1, "Correct"),
        (0.7, "Not yet: p = 0.7 is best for a proper score"),
        (0.5, "Not yet: p = 0.5 costs 0.5"),
        (0.0, "Not yet: p = 0 is the worst"),
        (0.3, "Not yet: that is the smallest expected cost"),
        (0.9, "Not yet: best_guess must be 1, got 0.9"),
        ("one", "Not yet: best_guess must be a number"),
        (..., "Not yet: put your answer"),
    ],
)
def test_best_guess(capsys, answer, message):
    assert printed(capsys, exercises.check_best_guess, answer).startswith(message)


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (4.03466, "Correct: model A with other logits"),
        (4.03, "Correct"),
        (0.25, "Not yet: a factor below 1"),
        (-4.03, "Not yet: the factor must be positive"),
        (2.24, "Not yet: that is the ratio of the two losses"),
        (3.0, "Not yet: the loss of model A with its logits times 3 must be 0.2217"),
        ([4.0], "Not yet: the shape of factor must"),
        (..., "Not yet: put your answer"),
    ],
)
def test_confidence(capsys, factor, message):
    text = printed(capsys, exercises.check_confidence, factor, TEN_LABELS, MODEL_A, MODEL_B)
    assert text.startswith(message)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (4898, "Correct: it takes thousands"),
        (4899, "Correct"),
        (1225, "Not yet: that gives ± 0.02"),
        (1275, "Not yet: that makes one standard error 0.01"),
        (25, "Not yet: the width shrinks with the square root"),
        (9604, "Not yet: a variance of 0.25 is that of a coin"),
        (3450, "Not yet: that is a 90 % interval"),
        (1000, "Not yet: points must be 4898"),
        (..., "Not yet: put your answer"),
    ],
)
def test_points_needed(capsys, points, message):
    assert printed(capsys, exercises.check_points_needed, points).startswith(message)


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
def test_penalty_gradient(capsys, answer, message):
    assert printed(capsys, exercises.check_penalty_gradient, answer).startswith(message)


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
def test_codes(capsys, codes, message):
    variables = [np.ones((2, 3)), np.zeros(3), np.ones((3, 1)), np.zeros(1)]
    assert printed(capsys, exercises.check_codes, codes, variables).startswith(message)


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
def test_data_term(capsys, penalty, message):
    text = printed(capsys, exercises.check_data_term, lambda loss, w, s: loss - penalty(w, s))
    assert text.startswith(message)


def test_data_term_stub(capsys):
    assert "three dots" in printed(capsys, exercises.check_data_term, lambda loss, w, s: ...)


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
def test_lowest_points(capsys, answer, message):
    assert printed(capsys, exercises.check_lowest_points, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda s, p, n: 2 * s**2 * p / n, "Correct: the training error flatters"),
        (lambda s, p, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda s, p, n: s**2 * p / n, "Not yet: σ²p/n is the variance"),
        (lambda s, p, n: 2 * s * p / n, "Not yet: noise is a standard deviation"),
        (lambda s, p, n: 2 * s**2 * p, "Not yet: divide by the number of points"),
        (lambda s, p, n: 2 * s**2, "Not yet: optimism(0.3, 4, 20) must be 0.036, got 0.18"),
        (lambda s, p, n: 0.036, "Not yet: optimism(0.5, 10, 40) must be 0.125, got 0.036"),
    ],
)
def test_optimism(capsys, answer, message):
    assert printed(capsys, exercises.check_optimism, answer).startswith(message)


def keras_stop(losses, patience):
    """What Keras' own callback does."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    return epoch + 1, callback.best_epoch + 1


def hand_written_stop(losses, patience, start=1, ties=False, restart=True):
    best, wait = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < losses[best] or (ties and loss == losses[best]):
            best, wait = epoch, 0 if restart else wait
        else:
            wait += 1
        if wait == patience:
            break
    return epoch + 1, best + start


@pytest.mark.parametrize(
    ("stop", "message"),
    [
        (keras_stop, "Correct: this is what EarlyStopping does"),
        (hand_written_stop, "Correct: this is what EarlyStopping does"),
        (lambda losses, patience: ..., "Not yet: put your answer where the three dots are"),
        (lambda losses, patience: 4, "Not yet: return two numbers, epochs run and best epoch, got 4"),
        (
            lambda losses, patience: (5, 5),
            "Not yet: after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2, epoch",
        ),
        (lambda losses, patience: hand_written_stop(losses, patience - 1), "Not yet: after 0.5, 0.4, 0.45"),
        (lambda losses, patience: hand_written_stop(losses, patience, start=0), "Not yet: after 0.5, 0.4"),
        (lambda losses, patience: (hand_written_stop(losses, patience)[0],) * 2, "Not yet: after 0.5, 0.4"),
        (
            lambda losses, patience: (4, 3),
            "Not yet: after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2, (",
        ),
        (lambda losses, patience: (4, 2), "Not yet: without a rise, (epochs run, best epoch)"),
        (
            lambda losses, patience: hand_written_stop(losses, patience, restart=False),
            "Not yet: a new lowest loss must restart the count",
        ),
        (
            lambda losses, patience: hand_written_stop(losses, patience, ties=True),
            "Not yet: an equal loss is no new lowest one",
        ),
    ],
)
def test_early_stopping(capsys, stop, message):
    assert printed(capsys, exercises.check_early_stopping, stop).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            lambda losses, sizes: np.average(losses, weights=sizes),
            "Correct: a short last batch counts",
        ),
        (lambda losses, sizes: ..., "Not yet: put your answer where the three dots are"),
        (lambda losses, sizes: np.mean(losses), "Not yet: this counts each batch the same"),
        (lambda losses, sizes: losses[-1], "Not yet: this is the loss of the last batch alone"),
        (lambda losses, sizes: np.dot(losses, sizes), "Not yet: this is the sum over rows"),
        (
            lambda losses, sizes: losses[0],
            "Not yet: running_loss([0.7, 0.5, 0.2], [20, 20, 5]) must be 0.5555",
        ),
        (lambda losses, sizes: 25 / 45, "Not yet: running_loss([0.4], [8]) must be 0.4, got 0.555556"),
    ],
)
def test_running_loss(capsys, answer, message):
    assert printed(capsys, exercises.check_running_loss, answer).startswith(message)
