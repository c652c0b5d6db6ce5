"""Handwritten digits of 8 by 8 pixels, which come with scikit-learn."""

import numpy as np
import pandas as pd
from sklearn import datasets

from course_utils._arguments import check_integer
from course_utils.data.parts import Split

DIGITS_BRIGHTEST: int = 16
N_DIGITS: int = 10


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
