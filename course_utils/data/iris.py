"""Fisher's iris flowers, which come with scikit-learn."""

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split

from course_utils._arguments import check_integer
from course_utils.data.parts import Split

IRIS_VALIDATION_SIZE: int = 38


def load_iris() -> Split:
    """Return the split of `draw_iris` with seed 0: 112 flowers to train on, 38 to validate.

    Returns
    -------
    Split
        Inputs of shape (n, 4) in centimeters, labels 0 (setosa), 1 (versicolor) and 2 (virginica). The test
        part is empty.

    Examples
    --------
    >>> split = load_iris()
    >>> split.x_train.shape, split.x_val.shape, split.x_test.shape
    ((112, 4), (38, 4), (0, 4))
    """
    return draw_iris(seed=0)


def draw_iris(seed: int) -> Split:
    """Split the 150 flowers at random, each species in the same proportion.

    Nobody can draw fresh flowers, so the test part is empty: to know how sure a result is, look at many
    splits. Inputs are centimeters as they were measured; a scaler is to be fitted on the training part only.

    Parameters
    ----------
    seed : int
        Seed of the split, at least 0.

    Returns
    -------
    Split
        112 flowers to train on, 38 to validate, none to test.

    Raises
    ------
    TypeError, ValueError
        If `seed` is not an integer of at least 0.

    Examples
    --------
    >>> np.bincount(draw_iris(seed=3).y_val)
    array([13, 12, 13])
    """
    x, y = datasets.load_iris(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(
        x.astype(np.float32),
        y.astype(np.int32),
        test_size=IRIS_VALIDATION_SIZE,
        stratify=y,
        random_state=check_integer(seed, "seed"),
    )
    return Split(x_train, y_train, x_val, y_val, x_val[:0], y_val[:0])
