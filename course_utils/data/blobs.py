"""Two Gaussian clouds in the plane."""

import numpy as np
from sklearn.datasets import make_blobs

from course_utils._arguments import check_integer
from course_utils.data.files import read_table
from course_utils.data.parts import Split

BLOB_CENTERS: tuple[tuple[float, float], ...] = ((0.0, 0.0), (0.5, 0.1))
BLOB_STD: float = 0.25
BLOB_TEST_SIZE: int = 20_000
# Far from the small seeds of training draws, because equal seeds share points; and a seed at which the best
# possible classifier scores what it scores in expectation, so that a floor drawn into a figure is the floor.
BLOB_TEST_SEED: int = 1_000_020


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
    table = read_table("blobs.csv")
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
    x, y = make_blobs(
        n_samples=n_samples,
        centers=np.array(BLOB_CENTERS),
        cluster_std=BLOB_STD,
        random_state=check_integer(seed, "seed"),
    )
    return x.astype(np.float32), y.astype(np.int32)
