"""Checks of chapter 13, cross-validation."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake

Array = np.ndarray


@exercise("the rows to score are measured with the ruler of the training rows.")
def check_standardized(standardize: Callable[[Array, Array], tuple[Array, Array]]) -> None:
    """Check z-scores that learn nothing from the rows to score.

    Parameters
    ----------
    standardize : callable
        The reader's function of two arrays, the training rows and the rows to score, each of shape
        (n, n_features); it returns both, standardized by mean and standard deviation of the first.

    Examples
    --------
    >>> own = lambda rows: (rows - rows.mean(axis=0)) / rows.std(axis=0)
    >>> check_standardized(lambda train, score: (own(train), own(score)))
    Not yet: the rows to score have been standardized by themselves; use mean and spread of the training rows.
    """
    rng = np.random.default_rng(0)
    train, score = rng.normal(3, 2, (50, 2)), rng.normal(5, 1, (20, 2))
    found = standardize(train.copy(), score.copy())
    require(found is not ..., "put your answer where the three dots are")
    require(isinstance(found, tuple) and len(found) == 2, f"return two arrays, got {type(found).__name__}")
    both = np.concatenate([train, score])

    def measured(rows: Array, by: Array) -> Array:
        return (rows - by.mean(axis=0)) / by.std(axis=0)

    one = (train - train.mean()) / train.std()
    require_no_mistake(found[0], [(measured(train, both), "all rows have been looked at: that is the leak")])
    require_no_mistake(found[0], [(one, "each column has a mean and a spread of its own: say axis=0")])
    require_no_mistake(
        found[1],
        [
            (
                measured(score, score),
                "the rows to score have been standardized by themselves; use mean and spread of the training "
                "rows",
            ),
            (score, "the rows to score have not been changed"),
        ],
    )
    require_close(found[0], measured(train, train), "the training rows", rtol=1e-2)
    require_close(found[1], measured(score, train), "the rows to score", rtol=5e-2)


@exercise("every prediction stands beside its own row.")
def check_row_order(row_order: Callable[[Array, Array], Array]) -> None:
    """Check a function that brings out-of-fold predictions into the order of the table.

    Parameters
    ----------
    row_order : callable
        The reader's function of the predictions and of the places of their rows in the table, both of shape
        (n_folds, n_rows).

    Examples
    --------
    >>> check_row_order(lambda predictions, rows: predictions.ravel())
    Not yet: they still stand in the order of the folds, beside the wrong rows.
    """
    rows = np.random.default_rng(1).permutation(20).reshape(5, 4)
    predictions = rows * 10
    found = row_order(predictions.copy(), rows.copy())
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (predictions.ravel(), "they still stand in the order of the folds, beside the wrong rows"),
        (predictions, "return one prediction for each row of the table, shape (20,)"),
        (
            predictions.ravel()[rows.ravel()],
            "that is the other direction: write at the rows",
        ),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, np.arange(20) * 10, "the predictions")
    again = row_order(predictions[:, ::-1] + 3, rows[:, ::-1])
    require_close(again, np.arange(20) * 10 + 3, "other predictions")


@exercise("the inner folds multiply, and one model more is trained when all is chosen.")
def check_models_trained(models_trained: int) -> None:
    """Check how many networks a nested cross-validation trains before the last one is ready.

    Five outer folds; inside each, four inner folds choose among eight strengths, and a network is trained on
    all training rows of the outer fold with the choice. For the network that will be used, four folds of all
    rows choose once more, and it is trained on all rows.

    Parameters
    ----------
    models_trained : int
        The reader's answer.

    Examples
    --------
    >>> check_models_trained(40)
    Not yet: that is one network for every strength and outer fold; the inner folds are missing.
    """
    mistakes = [
        (40, "that is one network for every strength and outer fold; the inner folds are missing"),
        (
            160,
            "that is the choosing in the outer folds; each choice is trained once more, and then ...",
        ),
        (165, "that gives the score; the network that will be used needs a choice and a training, too"),
        (166, "the network that will be used needs a choice, too: four folds times eight strengths"),
        (197, "that chooses once more, and the network that will be used is still to be trained"),
    ]
    require_no_mistake(models_trained, mistakes)
    require_close(models_trained, 198, "models_trained")


@exercise("no customer stands on both sides of a split, and every row is scored once.")
def check_grouped_splits(grouped_splits: Callable[[Array], Iterable[tuple[Any, Any]]]) -> None:
    """Check five splits that keep the rows of one customer together.

    Parameters
    ----------
    grouped_splits : callable
        The reader's function of the customer of every row, shape (n,); it returns five pairs of training
        rows and rows to score.

    Examples
    --------
    >>> from sklearn.model_selection import KFold
    >>> check_grouped_splits(lambda customers: KFold(5, shuffle=True, random_state=0).split(customers))
    Not yet: a customer stands on both sides of a split: its other rows tell the answer.
    """
    customers = np.random.default_rng(2).integers(40, size=200)
    found = grouped_splits(customers.copy())
    require(found is not ..., "put your answer where the three dots are")
    require(found is not None, "nothing is returned; return the splits")
    splits = [(np.asarray(train), np.asarray(score)) for train, score in found]
    require(len(splits) == 5, f"five splits are asked for, got {len(splits)}")
    for train, score in splits:
        require(
            not set(customers[train]) & set(customers[score]),
            "a customer stands on both sides of a split: its other rows tell the answer",
        )
        require(
            len(np.union1d(train, score)) == len(customers),
            "each row must train or be scored in every split, and some do neither",
        )
    scored = np.sort(np.concatenate([score for _, score in splits]))
    require(np.array_equal(scored, np.arange(len(customers))), "every row must be scored exactly once")
