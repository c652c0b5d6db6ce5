import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets

from course_utils import data


@pytest.fixture(scope="module")
def digits():
    return data.load_digits()


@pytest.mark.parametrize(("part", "rows"), [("train", 1000), ("val", 297), ("test", 500)])
def test_digits_shapes_types_and_range(digits, part, rows):
    x, y = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
    assert (x.shape, x.dtype) == ((rows, 64), np.float32)
    assert (y.shape, y.dtype) == ((rows,), np.int32)
    assert (x.min(), x.max()) == (0.0, 1.0)


def test_digits_are_those_of_scikit_learn_each_once(digits):
    pictures, labels = datasets.load_digits(return_X_y=True)
    parts = ("train", "val", "test")
    found = np.concatenate([np.c_[getattr(digits, f"x_{p}"), getattr(digits, f"y_{p}")] for p in parts])
    expected = np.c_[pictures / 16, labels]
    np.testing.assert_array_equal(found[np.lexsort(found.T)], expected[np.lexsort(expected.T)])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), n_train=st.integers(10, 1287))
def test_parts_of_the_digits_are_stratified_and_disjoint(seed, n_train):
    split = data.draw_digits(seed, n_train=n_train, n_val=10, n_test=500)
    labels = datasets.load_digits(return_X_y=True)[1]
    for part in ("train", "val", "test"):
        y = getattr(split, f"y_{part}")
        expected = np.bincount(labels) * len(y) / len(labels)
        assert np.abs(np.bincount(y, minlength=10) - expected).max() <= 2
    rows = [row.tobytes() for part in ("train", "val", "test") for row in getattr(split, f"x_{part}")]
    assert len(set(rows)) == len(rows)


def test_fewer_training_digits_are_the_first_of_more():
    few, many = data.draw_digits(3, n_train=100), data.draw_digits(3)
    np.testing.assert_array_equal(few.x_train, many.x_train[:100])
    assert not np.array_equal(few.x_train, data.draw_digits(4, n_train=100).x_train)


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ({"n_train": 9}, ValueError, "n_train must be at least 10, got 9"),
        ({"n_val": 20.5}, TypeError, "n_val must be an integer, got 20.5"),
        ({"n_test": 501}, ValueError, r"n_train \+ n_val \+ n_test must be at most 1797, got 1798"),
    ],
)
def test_digits_refuse_bad_sizes(sizes, error, message):
    with pytest.raises(error, match=message):
        data.draw_digits(0, **sizes)
