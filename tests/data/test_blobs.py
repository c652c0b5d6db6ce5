import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from course_utils import data


@pytest.fixture(scope="module")
def blobs():
    return data.load_blobs()


@pytest.mark.parametrize(("part", "rows"), [("train", 225), ("val", 75), ("test", 20_000)])
def test_blobs_shapes_and_types(blobs, part, rows):
    x, y = getattr(blobs, f"x_{part}"), getattr(blobs, f"y_{part}")
    assert (x.shape, x.dtype) == ((rows, 2), np.float32)
    assert (y.shape, y.dtype) == ((rows,), np.int32)
    assert set(y) == {0, 1}


def test_blobs_file_is_the_documented_draw(blobs):
    x, y = data.draw_blobs(300, seed=0)
    train, validation = train_test_split(np.arange(300), test_size=75, random_state=0)
    np.testing.assert_allclose(blobs.x_train, x[train], atol=1e-7)
    np.testing.assert_allclose(blobs.x_val, x[validation], atol=1e-7)
    np.testing.assert_array_equal(blobs.y_train, y[train])
    np.testing.assert_array_equal(blobs.y_val, y[validation])


def test_blobs_test_points_are_fresh(blobs):
    seen = {tuple(point) for point in np.concatenate([blobs.x_train, blobs.x_val])}
    assert seen.isdisjoint(map(tuple, blobs.x_test))


def test_blobs_is_the_same_each_time(blobs):
    again = data.load_blobs()
    for field in dataclasses.fields(data.Split):
        np.testing.assert_array_equal(getattr(blobs, field.name), getattr(again, field.name))


def test_draw_has_the_centers_and_the_spread():
    x, y = data.draw_blobs(100_000, seed=5)
    for label, center in enumerate(data.BLOB_CENTERS):
        np.testing.assert_allclose(x[y == label].mean(axis=0), center, atol=0.005)
        np.testing.assert_allclose(np.cov(x[y == label].T), data.BLOB_STD**2 * np.eye(2), atol=0.002)


@settings(max_examples=25)
@given(n_samples=st.integers(1, 200), seed=st.integers(0, 2**31))
def test_draw_is_balanced_and_repeatable(n_samples, seed):
    x, y = data.draw_blobs(n_samples, seed)
    again, _ = data.draw_blobs(n_samples, seed)
    np.testing.assert_array_equal(x, again)
    assert x.shape == (n_samples, 2)
    assert y.sum() == n_samples // 2


def test_draws_differ_between_seeds():
    assert not np.array_equal(data.draw_blobs(10, seed=1)[0], data.draw_blobs(10, seed=2)[0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1), ValueError, "n_samples must be at least 1, got 0"),
        ((2.5, 1), TypeError, "n_samples must be an integer, got 2.5"),
        ((5, -1), ValueError, "seed must be at least 0, got -1"),
        ((5, None), TypeError, "seed must be an integer, got None"),
    ],
)
def test_draw_refuses_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        data.draw_blobs(*arguments)
