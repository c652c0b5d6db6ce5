"""The course's data sets, each from a file with a checked SHA-256 or a generator with a fixed seed."""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

from course_utils._arguments import check_integer

BLOB_CENTERS: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.5, 0.1))
BLOB_STD: float = 0.25
BLOB_TEST_SIZE: int = 20_000
# Far from the small seeds of training draws, because equal seeds share points; and a seed at which the best
# possible classifier scores what it scores in expectation, so that a floor drawn into a figure is the floor.
BLOB_TEST_SEED: int = 1_000_020
DIGITS_BRIGHTEST: int = 16
N_DIGITS: int = 10
# Moves all draws of the book at once, to see which results come back.
DRAWS_SHIFT = "COURSE_UTILS_DRAWS_SHIFT"


@dataclass(frozen=True, eq=False)
class Split:
    """A data set in three parts; ``d`` is the number of features.

    Attributes
    ----------
    x_train, x_val, x_test : ndarray of float32, shape (n, d)
        Inputs to train on, to choose with, and to look at once.
    y_train, y_val, y_test : ndarray of int32, shape (n,)
        Class labels, 0, 1, ...

    Raises
    ------
    ValueError
        If inputs and labels of a part differ in length.

    Examples
    --------
    >>> split = Split(*[np.zeros((4, 2)), np.zeros(4)] * 3)
    >>> split.x_val.shape
    (4, 2)
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    def __post_init__(self) -> None:
        for part in ("train", "val", "test"):
            rows, labels = len(getattr(self, f"x_{part}")), len(getattr(self, f"y_{part}"))
            if rows != labels:
                raise ValueError(f"x_{part} and y_{part} must be equally long, got {rows} and {labels} rows")


def load_blobs() -> Split:
    """Two Gaussian clouds in the plane: 225 points to train on, 75 to validate, 20 000 fresh ones to test.

    The 300 points of training and validation are one fixed draw, read from ``blobs.csv``. The test points
    come from `draw_blobs`, because the generator is known and 75 points cannot tell 0.85 from 0.87.

    Returns
    -------
    Split
        Inputs of shape (n, 2), labels 0 and 1.

    Raises
    ------
    FileNotFoundError
        If ``blobs.csv`` is missing.
    ValueError
        If ``blobs.csv`` is damaged, that is, if its SHA-256 is not the one in ``SHA256SUMS``.

    Examples
    --------
    >>> split = load_blobs()
    >>> split.x_train.shape, split.x_val.shape, split.x_test.shape
    ((225, 2), (75, 2), (20000, 2))
    """
    table = _read_table("blobs.csv")
    arrays = []
    for part in ("train", "validation"):
        rows = table[table["part"] == part]
        arrays += [rows[["x1", "x2"]].to_numpy(np.float32), rows["label"].to_numpy(np.int32)]
    return Split(*arrays, *draw_blobs(BLOB_TEST_SIZE, seed=BLOB_TEST_SEED))


def draw_blobs(n_samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Fresh points from the generator behind `load_blobs`.

    Half of the points come from N((0, 0), 0.25² I), class 0, half from N((0.5, 0.1), 0.25² I), class 1.
    ``draw_blobs(300, seed=0)`` are the 300 points of ``blobs.csv``. Draws with the same seed share points,
    whatever their sizes: give training and test data different seeds.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 1; of an odd number, class 0 has one more.
    seed : int
        Seed of the draw, at least 0.

    Returns
    -------
    x : ndarray of float32, shape (n_samples, 2)
    y : ndarray of int32, shape (n_samples,)

    Raises
    ------
    TypeError, ValueError
        If `n_samples` or `seed` is not an integer or too small.

    Examples
    --------
    >>> x, y = draw_blobs(6, seed=1)
    >>> x.shape, y.shape
    ((6, 2), (6,))
    """
    n_samples = check_integer(n_samples, "n_samples", minimum=1)
    x, y = datasets.make_blobs(
        n_samples=n_samples,
        centers=np.array(BLOB_CENTERS),
        cluster_std=BLOB_STD,
        random_state=check_integer(seed, "seed"),
    )
    return x.astype(np.float32), y.astype(np.int32)


def load_digits() -> Split:
    """Handwritten digits of 8 by 8 pixels, one fixed split: 1 000 to train on, 297 to validate, 500 to test.

    It is ``draw_digits(seed=0)``. scikit-learn ships the pictures; nothing is downloaded.

    Returns
    -------
    Split
        Inputs of shape (n, 64), pixels between 0 (paper) and 1 (ink), row by row; labels 0 to 9.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_val.shape, digits.x_test.shape
    ((1000, 64), (297, 64), (500, 64))
    >>> float(digits.x_train.min()), float(digits.x_train.max())
    (0.0, 1.0)
    """
    return draw_digits(seed=0)


def draw_digits(seed: int, n_train: int = 1000, n_val: int = 297, n_test: int = 500) -> Split:
    """Split scikit-learn's 1 797 handwritten digits at random into three parts that share no picture.

    Every part, and every run of rows within one, has each digit about as often as the whole. Splits of
    different seeds share pictures, so a mean over them tells about these 1 797 digits, not about all
    handwriting. A smaller `n_train` gives the first rows of the larger one.

    Parameters
    ----------
    seed : int
        Seed of the split, at least 0.
    n_train, n_val, n_test : int
        Rows of each part, at least 10; together at most 1 797. Pictures that are left over are in no part.

    Returns
    -------
    Split
        Inputs of shape (n, 64), pixels between 0 (paper) and 1 (ink), row by row; labels 0 to 9.

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer or too small, or the parts need more pictures than there are.

    Examples
    --------
    >>> digits = draw_digits(seed=1, n_train=200)
    >>> digits.x_train.shape, digits.y_test[:5].shape
    ((200, 64), (5,))
    """
    seed = check_integer(seed, "seed")
    wanted = {"n_train": n_train, "n_val": n_val, "n_test": n_test}
    sizes = [check_integer(size, name, minimum=N_DIGITS) for name, size in wanted.items()]
    pictures, labels = datasets.load_digits(return_X_y=True)
    if sum(sizes) > len(labels):
        raise ValueError(f"n_train + n_val + n_test must be at most {len(labels)}, got {sum(sizes)}")
    x, y = (pictures / DIGITS_BRIGHTEST).astype(np.float32), labels.astype(np.int32)
    order = _stratified_order(y, np.random.default_rng(seed))
    parts = np.split(order, np.cumsum(sizes))[:-1]
    return Split(*(array[rows] for rows in parts for array in (x, y)))


def _stratified_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shuffle rows so that any run of them has each class about as often as the whole."""
    rows = rng.permutation(len(labels))
    label = pd.Series(labels[rows])
    earlier = label.groupby(label).cumcount() + label.map(dict(enumerate(rng.random(label.max() + 1))))
    return rows[np.argsort(earlier / label.map(label.value_counts()), kind="stable")]


def draws(first: int, last: int) -> range:
    """Name the draws that a chapter measures on: the seeds `first` to `last`, both included.

    Every chapter takes its draws from here, in one line, so that the whole book can be run on other ones: the
    environment variable `COURSE_UTILS_DRAWS_SHIFT` is added to both.

    Parameters
    ----------
    first, last : int
        Seeds for `draw_blobs` and the like, at least 0.

    Returns
    -------
    range

    Raises
    ------
    TypeError, ValueError
        If one of them, or the shift, is not an integer or too small.

    Examples
    --------
    >>> len(draws(301, 332))
    32
    """
    first = check_integer(first, "first")
    last = check_integer(last, "last", minimum=first)
    shift = os.environ.get(DRAWS_SHIFT, "0")
    if not shift.isdecimal():
        raise ValueError(f"{DRAWS_SHIFT} must be an integer of at least 0, got {shift!r}")
    return range(first + int(shift), last + int(shift) + 1)


def _data_folder() -> Path:
    """Return the folder of the data files: inside an installed package, beside the package in a clone."""
    package = Path(__file__).parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


def _read_table(name: str) -> pd.DataFrame:
    """Read a CSV file of the data folder after comparing its SHA-256 with the one in ``SHA256SUMS``."""
    path = _data_folder() / name
    restore = f"Restore it: git checkout -- data/{name} in a clone, otherwise reinstall the package."
    expected = _expected_sha256(path, restore)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing (expected SHA-256 {expected}, found no file). {restore}")
    # Git on Windows may have turned line ends into CRLF; the data are the same.
    content = path.read_bytes().replace(b"\r\n", b"\n")
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ValueError(f"{path} is damaged: expected SHA-256 {expected}, found {found}. {restore}")
    return pd.read_csv(io.BytesIO(content))


def _expected_sha256(path: Path, restore: str) -> str:
    """Look up the SHA-256 of a data file in the ``SHA256SUMS`` beside it."""
    sums = path.with_name("SHA256SUMS")
    if not sums.is_file():
        raise FileNotFoundError(f"{sums} is missing. {restore.replace(path.name, sums.name)}")
    by_name = {name: digest for digest, name in map(str.split, sums.read_text().splitlines())}
    if path.name not in by_name:
        raise ValueError(f"{sums} has no line for {path.name}. {restore.replace(path.name, sums.name)}")
    return by_name[path.name]
