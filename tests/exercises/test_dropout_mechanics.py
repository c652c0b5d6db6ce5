import numpy as np
import pytest

from course_utils import exercises


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda kept: (1 - kept, 1 / kept), "Correct: Keras is told the share to drop"),
        (lambda kept: ..., "Not yet: put your answer where the three dots are"),
        (lambda kept: 1 - kept, "Not yet: return two numbers, the rate and the factor"),
        (lambda kept: (kept, 1 / kept), "Not yet: that rate drops what should be kept"),
        (lambda kept: (0.3, 1 / kept), "Not yet: the rate for a kept share of 0.8 must be 0.2"),
        (lambda kept: (1 - kept, kept), "Not yet: multiplying by that makes the survivors smaller"),
        (lambda kept: (1 - kept, 1 / (1 - kept)), "Not yet: the survivors are divided by the share that"),
        (lambda kept: (1 - kept, 1.0), "Not yet: the survivors must make up for what is dropped"),
        (lambda kept: (1 - kept, 3.0), "Not yet: the factor for a kept share of 0.8 must be 1.25"),
        (lambda kept: (0.2, 1.25), "Not yet: rate and factor for a kept share of 0.5 must be 0.5"),
    ],
)
def test_kept_share(printed, answer, message):
    assert printed(exercises.check_kept_share, answer).startswith(message)


def strengths(x, rate):
    return rate / (1 - rate) * (x**2).mean(axis=0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (strengths, "Correct: dropout charges each input by its mean square"),
        (lambda x, p: ..., "Not yet: put your answer where the three dots are"),
        (lambda x, p: p / (1 - p) * (x**2).sum(axis=0), "Not yet: that belongs to the sum of the squared"),
        (lambda x, p: (x**2).mean(axis=0), "Not yet: the rate is missing"),
        (lambda x, p: p * (x**2).mean(axis=0), "Not yet: divide by the share that is kept"),
        (lambda x, p: (1 - p) / p * (x**2).mean(axis=0), "Not yet: the fraction is upside down"),
        (lambda x, p: p / (1 - p) * (x**2).mean(), "Not yet: that is one number for all inputs"),
        (lambda x, p: p / (1 - p) * (x**2).mean(axis=1), "Not yet: that is one strength per row"),
        (lambda x, p: p / (1 - p) * x.mean(axis=0) ** 2, "Not yet: square first, then take the mean"),
        (lambda x, p: p / (1 - p) * x.var(axis=0), "Not yet: not the variance"),
        (lambda x, p: strengths(x, 0.2), "Not yet: input_strengths(x, 0.5) must be 3.8"),
        (lambda x, p: np.zeros(3), "Not yet: input_strengths(x, 0.2) must have shape (2,), got (3,)"),
    ],
)
def test_input_strengths(printed, answer, message):
    assert printed(exercises.check_input_strengths, answer).startswith(message)


def many_masks(model, x, masks):
    found = model(np.tile(x, (masks, 1)), training=True)
    return np.reshape(found, (masks, len(x))).mean(axis=0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (many_masks, "Correct: many masks for each point"),
        (lambda model, x, masks: many_masks(model, x, masks)[:, np.newaxis], "Correct"),
        (lambda model, x, masks: ..., "Not yet: put your answer where the three dots are"),
        (lambda model, x, masks: None, "Not yet: nothing is returned"),
        (lambda model, x, masks: model(x), "Not yet: that is the prediction with dropout off"),
        (lambda model, x, masks: model(x, training=True), "Not yet: every number comes from a single mask"),
        (
            lambda model, x, masks: model(np.tile(x, (masks, 1)), training=True),
            "Not yet: one number for each of the 3 rows is wanted, got an array of shape (12000, 1)",
        ),
        (lambda model, x, masks: x, "Not yet: the mean over 4000 masks must be"),
    ],
)
def test_mean_over_masks(printed, answer, message):
    assert printed(exercises.check_mean_over_masks, answer).startswith(message)
