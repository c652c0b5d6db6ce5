"""A data set in three parts."""

from dataclasses import dataclass, fields

import numpy as np

from course_utils._arguments import check_numbers


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
    TypeError
        If a part does not hold numbers.
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
        for field in fields(self):
            check_numbers(getattr(self, field.name), field.name)
        for part in ("train", "val", "test"):
            rows, labels = len(getattr(self, f"x_{part}")), len(getattr(self, f"y_{part}"))
            if rows != labels:
                raise ValueError(f"x_{part} and y_{part} must be equally long, got {rows} and {labels} rows")
