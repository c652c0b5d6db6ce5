import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from course_utils.data import stack_folds

TABLE = pd.DataFrame({"x": np.random.default_rng(0).normal(5, 2, 40)})
LABELS = np.arange(40) % 3
SPLITS = list(KFold(4, shuffle=True, random_state=1).split(TABLE))


@pytest.fixture
def folds():
    return stack_folds(StandardScaler(), TABLE, LABELS, SPLITS)


def test_each_fold_is_prepared_by_its_own_training_rows(folds):
    assert folds.x_train.dtype == np.float32
    np.testing.assert_allclose(folds.x_train.mean(axis=1), 0, atol=1e-6)
    for fold, (train, val) in enumerate(SPLITS):
        expected = (TABLE.iloc[val] - TABLE.iloc[train].mean()) / TABLE.iloc[train].std(ddof=0)
        np.testing.assert_allclose(folds.x_val[fold], expected, rtol=1e-5)
        np.testing.assert_array_equal(folds.y_train[fold], LABELS[train])
        np.testing.assert_array_equal(folds.y_val[fold], LABELS[val])


def test_what_was_found_by_fold_goes_back_to_its_row(folds):
    np.testing.assert_array_equal(folds.in_table_order(folds.y_val), LABELS)
    pairs = np.stack([folds.y_val, folds.rows], axis=-1)
    np.testing.assert_array_equal(folds.in_table_order(pairs), np.stack([LABELS, np.arange(40)], axis=1))
    with pytest.raises(ValueError, match=r"by_fold must begin with the shape \(4, 10\), got \(4, 9\)"):
        folds.in_table_order(np.ones((4, 9)))


def test_another_table_is_prepared_as_every_fold_does(folds):
    prepared = folds.prepare(TABLE)
    assert prepared.shape == (4, 40, 1)
    np.testing.assert_array_equal(prepared[2, SPLITS[2][1]], folds.x_val[2])


def test_a_preparation_may_look_at_the_labels_of_its_training_rows():
    seen = []

    class Looks(FunctionTransformer):
        def fit(self, x, y=None):
            seen.append(len(y))
            return super().fit(x)

    stack_folds(make_pipeline(Looks()), TABLE, LABELS, SPLITS)
    assert seen == [30] * 4


@pytest.mark.parametrize(
    ("preparation", "labels", "splits", "message"),
    [
        (StandardScaler(), LABELS[:5], SPLITS, "labels must be one per row, got 5 for 40 rows"),
        (StandardScaler(), LABELS, [], "splits must hold folds of one size, got none"),
        (StandardScaler(), LABELS, KFold(3).split(TABLE), "splits must hold folds of one size, got .*26, 14"),
        (
            OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
            LABELS,
            [(np.arange(10), [0]), ([0] * 10, [1])],
            r"preparation must make the same features in every fold, got \[1, 10\]",
        ),
    ],
)
def test_folds_that_do_not_stack_are_refused(preparation, labels, splits, message):
    with pytest.raises(ValueError, match=message):
        stack_folds(preparation, TABLE, labels, splits)
