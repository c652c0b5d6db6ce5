import numpy as np
import pytest

from course_utils import exercises


def paired(losses):
    means = losses.mean(axis=1)
    differences = losses - losses[means.argmin()]
    errors = differences.std(axis=1, ddof=1) / np.sqrt(losses.shape[1])
    return np.flatnonzero(means - means.min() <= errors).max()


def plain(losses):
    means, best = losses.mean(axis=1), losses.mean(axis=1).argmin()
    return np.flatnonzero(means <= means[best] + losses[best].std(ddof=1) / np.sqrt(losses.shape[1])).max()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (paired, "Correct: row by row"),
        (lambda losses: ..., "Not yet: put your answer where the three dots are"),
        (lambda losses: None, "Not yet: nothing is returned"),
        (lambda losses: losses.mean(axis=1).argmin(), "Not yet: that is the lowest mean"),
        (lambda losses: 1, "Not yet: within a standard error there is a stronger one yet"),
        (lambda losses: 3, "Not yet: that strength is worse on every row"),
        (lambda losses: 7, "Not yet: the choice for four strengths must be 2"),
        (
            lambda losses: plain(losses) if len(losses) == 3 else 2,
            "Not yet: that is the choice by the spread of",
        ),
        (lambda losses: 0 if len(losses) == 3 else 2, "Not yet: a weaker strength"),
        (lambda losses: 5 if len(losses) == 3 else 2, "Not yet: the choice for three strengths must be 1"),
    ],
)
def test_paired_rule(printed, answer, message):
    assert printed(exercises.check_paired_rule, answer).startswith(message)


def log_uniform(rng, low, high, size):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (log_uniform, "Correct: on a logarithmic scale"),
        (lambda rng, low, high, size: ..., "Not yet: put your answer where the three dots are"),
        (lambda rng, low, high, size: None, "Not yet: nothing is returned"),
        (lambda rng, low, high, size: 0.1, "Not yet: 3000 strengths are wanted, got an array of shape ()"),
        (lambda rng, low, high, size: rng.uniform(-4, -1, size), "Not yet: a strength is not positive"),
        (lambda rng, low, high, size: np.exp(rng.uniform(-4, -1, size)), "Not yet: a strength lies outside"),
        (lambda rng, low, high, size: rng.uniform(low, high, size), "Not yet: nearly all of them"),
        (
            lambda rng, low, high, size: np.sqrt(low * high) * log_uniform(rng, 0.1, 10, size),
            "Not yet: the three powers of ten get",
        ),
    ],
)
def test_log_uniform(printed, answer, message):
    assert printed(exercises.check_log_uniform, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda c, n: 1 / (2 * c * n), "Correct: a large C is a weak penalty"),
        (lambda c, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda c, n: 1 / c, "Not yet: scikit-learn sums the losses"),
        (lambda c, n: 1 / (2 * c), "Not yet: scikit-learn sums the losses"),
        (lambda c, n: 1 / (c * n), "Not yet: the half is missing"),
        (lambda c, n: c / n, "Not yet: a large C is a weak penalty; divide by it"),
        (lambda c, n: 2 / (c * n), "Not yet: the half stands before the penalty"),
        (lambda c, n: 0.3, "Not yet: the strength for C = 0.5 and 200 rows must be 0.005"),
        (lambda c, n: 0.005, "Not yet: the strength for C = 4 and 50 rows must be 0.0025"),
    ],
)
def test_l2_of_c(printed, answer, message):
    assert printed(exercises.check_l2_of_c, answer).startswith(message)
