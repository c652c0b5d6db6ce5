import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold

from course_utils import exercises


def scaled(rows, by, axis=0):
    return (rows - by.mean(axis)) / by.std(axis)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda train, score: (scaled(train, train), scaled(score, train)), "Correct: the rows to score"),
        (lambda train, score: ..., "Not yet: put your answer where the three dots are"),
        (lambda train, score: train, "Not yet: return two arrays, got ndarray"),
        (
            lambda train, score: (scaled(train, train), scaled(score, score)),
            "Not yet: the rows to score have",
        ),
        (
            lambda train, score: (scaled(train, train), score),
            "Not yet: the rows to score have not been changed",
        ),
        (
            lambda train, score: (scaled(train, both := np.r_[train, score]), scaled(score, both)),
            "Not yet: all rows have been looked at",
        ),
        (
            lambda train, score: (scaled(train, train, None), scaled(score, train, None)),
            "Not yet: each column has a mean and a spread of its own",
        ),
        (lambda train, score: (train * 0, score * 0), "Not yet: the training rows must be"),
    ],
)
def test_standardized(printed, answer, message):
    assert printed(exercises.check_standardized, answer).startswith(message)


def written_at(predictions, rows):
    found = np.empty(rows.size, predictions.dtype)
    found[rows.ravel()] = predictions.ravel()
    return found


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (written_at, "Correct: every prediction"),
        (
            lambda predictions, rows: predictions.ravel()[np.argsort(rows.ravel())],
            "Correct: every prediction",
        ),
        (lambda predictions, rows: ..., "Not yet: put your answer where the three dots are"),
        (lambda predictions, rows: predictions.ravel(), "Not yet: they still stand"),
        (lambda predictions, rows: predictions, "Not yet: return one prediction for each row"),
        (lambda predictions, rows: predictions.ravel()[rows.ravel()], "Not yet: that is the other direction"),
        (lambda predictions, rows: np.arange(20) * 10, "Not yet: other predictions must be"),
    ],
)
def test_row_order(printed, answer, message):
    assert printed(exercises.check_row_order, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (198, "Correct: the inner folds multiply"),
        (40, "Not yet: that is one network for every strength and outer fold"),
        (160, "Not yet: that is the choosing in the outer folds"),
        (165, "Not yet: that gives the score"),
        (166, "Not yet: the network that will be used needs a choice, too"),
        (197, "Not yet: that chooses once more"),
        (3, "Not yet: models_trained must be 198, got 3"),
    ],
)
def test_models_trained(printed, answer, message):
    assert printed(exercises.check_models_trained, answer).startswith(message)


def in_groups(customers):
    return GroupKFold(5).split(customers, groups=customers)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (in_groups, "Correct: no customer stands on both sides"),
        (lambda customers: ..., "Not yet: put your answer where the three dots are"),
        (lambda customers: None, "Not yet: nothing is returned"),
        (lambda customers: KFold(5).split(customers), "Not yet: a customer stands on both sides"),
        (lambda customers: list(in_groups(customers))[:4], "Not yet: five splits are asked for, got 4"),
        (
            lambda customers: GroupShuffleSplit(5).split(customers, groups=customers),
            "Not yet: every row must be scored exactly once",
        ),
        (
            lambda customers: [(train[:5], score) for train, score in in_groups(customers)],
            "Not yet: each row must train or be scored in every split",
        ),
    ],
)
def test_grouped_splits(printed, answer, message):
    assert printed(exercises.check_grouped_splits, answer).startswith(message)
