import dataclasses
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets
from sklearn.model_selection import train_test_split

from course_utils import data

REPOSITORY = Path(data.__file__).parent.parent


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """A copy of the data folder that a test may damage."""
    folder = shutil.copytree(REPOSITORY / "data", tmp_path / "data")
    monkeypatch.setattr(data, "_data_folder", lambda: folder)
    return folder


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


def test_split_is_frozen(blobs):
    with pytest.raises(dataclasses.FrozenInstanceError):
        blobs.x_train = blobs.x_val


def test_split_refuses_unequal_lengths():
    x, y = np.zeros((4, 2)), np.zeros(4)
    with pytest.raises(ValueError, match="x_val and y_val must be equally long, got 4 and 3 rows"):
        data.Split(x, y, x, y[:3], x, y)


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


def test_every_data_file_has_its_digest():
    lines = (REPOSITORY / "data" / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in map(str.split, lines)}
    files = {path.name: path for path in (REPOSITORY / "data").glob("*.csv")}
    assert set(listed) == set(files)
    for name, path in files.items():
        assert listed[name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_damaged_file_is_refused(data_folder):
    path = data_folder / "blobs.csv"
    intact = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes().replace(b"0.7", b"0.8", 1))
    damaged = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(
        ValueError, match=f"blobs.csv is damaged: expected SHA-256 {intact}, found {damaged}"
    ) as error:
        data.load_blobs()
    assert "git checkout -- data/blobs.csv" in str(error.value)
    assert "reinstall" in str(error.value)


def test_missing_file_is_named(data_folder):
    (data_folder / "blobs.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"blobs\.csv is missing .*found no file.*git checkout"):
        data.load_blobs()


def test_missing_digests_are_named(data_folder):
    (data_folder / "SHA256SUMS").unlink()
    with pytest.raises(FileNotFoundError, match=r"SHA256SUMS is missing.*git checkout -- data/SHA256SUMS"):
        data.load_blobs()


def test_missing_digest_line_is_named(data_folder):
    (data_folder / "SHA256SUMS").write_text("")
    with pytest.raises(ValueError, match=r"SHA256SUMS has no line for blobs\.csv"):
        data.load_blobs()


def test_windows_line_ends_are_no_damage(data_folder, blobs):
    path = data_folder / "blobs.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    np.testing.assert_array_equal(data.load_blobs().x_train, blobs.x_train)


def test_installed_package_carries_its_data(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "__file__", str(tmp_path / "course_utils" / "data.py"))
    assert data._data_folder() == tmp_path / "data"
    (tmp_path / "course_utils" / "_data").mkdir(parents=True)
    assert data._data_folder() == tmp_path / "course_utils" / "_data"


def test_draws_are_named_in_one_line_and_move_together(monkeypatch):
    monkeypatch.delenv(data.DRAWS_SHIFT, raising=False)
    assert data.draws(301, 332) == range(301, 333)
    monkeypatch.setenv(data.DRAWS_SHIFT, "5000")
    assert data.draws(301, 332) == range(5301, 5333)


@pytest.mark.parametrize(
    ("first", "last", "shift", "error", "message"),
    [
        (-1, 3, "0", ValueError, "first must be at least 0"),
        (5, 3, "0", ValueError, "last must be at least 5, got 3"),
        (1.5, 3, "0", TypeError, "first must be an integer"),
        (1, 3, "many", ValueError, "COURSE_UTILS_DRAWS_SHIFT must be an integer of at least 0, got 'many'"),
    ],
)
def test_draws_name_bad_input(first, last, shift, error, message, monkeypatch):
    monkeypatch.setenv(data.DRAWS_SHIFT, shift)
    with pytest.raises(error, match=message):
        data.draws(first, last)
