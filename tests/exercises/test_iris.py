import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.preprocessing import StandardScaler

from course_utils import exercises


def wilson_high(right, n):
    return binomtest(right, n).proportion_ci(method="wilson").high


def wilson_low(right, n, z=1.96):
    p = right / n
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (p + z**2 / (2 * n) - half) / (1 + z**2 / n)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (wilson_low, "Correct: that is the smallest share"),
        (lambda right, n: ..., "Not yet: put your answer"),
        (lambda right, n: binomtest(right, n).proportion_ci().low, "Not yet: that is the exact interval"),
        (wilson_high, "Not yet: that is the upper"),
        (lambda right, n: wilson_low(right, n) * (1 + 1.96**2 / n), "Not yet: divide by 1"),
        (lambda right, n: 100 * wilson_low(right, n), "Not yet: a share is asked for"),
        (lambda right, n: 0.5, "Not yet: lower_end(36, 38) must be 0.8"),
        (lambda right, n: wilson_low(36, 38), "Not yet: lower_end(35, 38) must be 0.7"),
    ],
)
def test_lower_end(capsys, answer, message):
    exercises.check_lower_end(answer)
    assert " ".join(capsys.readouterr().out.split()).startswith(message)


def by_training(x_train, x_val):
    scaler = StandardScaler().fit(x_train)
    return scaler.transform(x_train), scaler.transform(x_val)


def each_by_itself(x_train, x_val):
    return StandardScaler().fit_transform(x_train), StandardScaler().fit_transform(x_val)


def by_both(x_train, x_val):
    scaler = StandardScaler().fit(np.concatenate([x_train, x_val]))
    return scaler.transform(x_train), scaler.transform(x_val)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (by_training, "Correct: the held-out rows"),
        (by_both, "Not yet: the scaler has seen"),
        (each_by_itself, "Not yet: the held-out part is scaled by its own"),
        (lambda a, b: (StandardScaler().fit_transform(a), b), "Not yet: the held-out part is not scaled"),
        (lambda a, b: (a, b), "Not yet: the training part must have mean 0"),
        (lambda a, b: (a + 1, b + 1), "Not yet: the training part must be"),
        (lambda a, b: ..., "Not yet: return both parts"),
    ],
)
def test_leak_free_scaling(capsys, answer, message):
    exercises.check_leak_free_scaling(answer)
    assert " ".join(capsys.readouterr().out.split()).startswith(message)


@pytest.mark.parametrize(
    ("strength", "message"),
    [
        (0.03 / 50, "Correct: a sum that is not divided"),
        (1.5, "Not yet: divide by the rows"),
        (0.03 / 112, "Not yet: what counts is the batch"),
        (0.03, "Not yet: the same strength"),
        (0.5, "Not yet: the strength must be 0.0006, got 0.5"),
        (..., "Not yet: put your answer"),
    ],
)
def test_undivided_strength(capsys, strength, message):
    exercises.check_undivided_strength(strength)
    assert " ".join(capsys.readouterr().out.split()).startswith(message)
