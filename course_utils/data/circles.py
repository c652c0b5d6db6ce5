"""Two noisy circles around one center."""

import numpy as np
from sklearn.datasets import make_circles

from course_utils._arguments import check_integer
from course_utils.data.parts import Split

# By class: the outer circle is class 0.
CIRCLE_RADII: tuple[float, float] = (1.0, 0.8)
CIRCLE_NOISE: float = 0.1
CIRCLE_TEST_SIZE: int = 20_000
# Far from the small seeds of training draws, because equal seeds share points.
CIRCLE_TEST_SEED: int = 1_000_000


def load_circles() -> Split:
    """Two noisy circles: 30 points to train on, 70 to validate, 20 000 fresh ones to test.

    The 100 points of training and validation are those of a well-known tutorial [1]_, which calls the 70
    its test set; the test points here come from `draw_circles`.

    Returns
    -------
    Split
        Inputs of shape (n, 2), labels 0 (outer circle) and 1.

    References
    ----------
    .. [1] J. Brownlee, How to reduce generalization error with activity regularization in Keras, 2018.

    Examples
    --------
    >>> split = load_circles()
    >>> split.x_train.shape, split.x_val.shape, split.x_test.shape
    ((30, 2), (70, 2), (20000, 2))
    """
    x, y = draw_circles(100, seed=1)
    return Split(x[:30], y[:30], x[30:], y[30:], *draw_circles(CIRCLE_TEST_SIZE, seed=CIRCLE_TEST_SEED))


def draw_circles(n_samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Fresh points from the generator behind `load_circles`, scikit-learn's `make_circles`.

    Half of the points stand at equal distances on a circle of radius 1, class 0, half on one of radius 0.8,
    class 1. Then N(0, 0.1²) is added to both coordinates, and the rows are shuffled.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 2; of an odd number, class 1 has one more.
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
    >>> x, y = draw_circles(6, seed=1)
    >>> x.shape, int(y.sum())
    ((6, 2), 3)
    """
    x, y = make_circles(
        n_samples=check_integer(n_samples, "n_samples", minimum=2),
        noise=CIRCLE_NOISE,
        factor=CIRCLE_RADII[1] / CIRCLE_RADII[0],
        random_state=check_integer(seed, "seed"),
    )
    return x.astype(np.float32), y.astype(np.int32)
