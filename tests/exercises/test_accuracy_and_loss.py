import numpy as np
import pytest

from course_utils import exercises

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
def test_loss_from_logits(printed, answer, message):
    assert printed(exercises.check_loss_from_logits, answer).startswith(message)


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
def test_best_guess(printed, answer, message):
    assert printed(exercises.check_best_guess, answer).startswith(message)


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
def test_confidence(printed, factor, message):
    text = printed(exercises.check_confidence, factor, TEN_LABELS, MODEL_A, MODEL_B)
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
def test_points_needed(printed, points, message):
    assert printed(exercises.check_points_needed, points).startswith(message)
