"""The folds of a table as arrays with a leading fold axis, each prepared by its own training rows alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

Array = np.ndarray


@dataclass(frozen=True)
class Folds:
    """The folds of a table, stacked: what `fit_replicates` takes as one replicate per fold.

    Attributes
    ----------
    x_train, x_val : ndarray of float32, shape (n_folds, n_rows, n_features)
        Prepared features of the rows to train on and of the rows to score.
    y_train, y_val : ndarray, shape (n_folds, n_rows)
        Their labels.
    rows : ndarray of int, shape (n_folds, n_rows)
        Where the rows of `x_val` stand in the table.
    preparations : tuple
        The fitted preparation of every fold.
    """

    x_train: Array = field(repr=False)
    y_train: Array = field(repr=False)
    x_val: Array = field(repr=False)
    y_val: Array = field(repr=False)
    rows: Array = field(repr=False)
    preparations: tuple = field(repr=False)

    def prepare(self, table: pd.DataFrame) -> Array:
        """Prepare another table as every fold does, shape (n_folds, n_rows, n_features)."""
        return np.stack([_features(preparation, table) for preparation in self.preparations])

    def in_table_order(self, by_fold: Array) -> Array:
        """Put what was found for `x_val`, shape (n_folds, n_rows, ...), into the order of the table.

        Raises
        ------
        ValueError
            If `by_fold` does not begin with the shape of `rows`.
        """
        by_fold = np.asarray(by_fold)
        if by_fold.shape[:2] != self.rows.shape:
            raise ValueError(f"by_fold must begin with the shape {self.rows.shape}, got {by_fold.shape}")
        in_order = np.empty((self.rows.size, *by_fold.shape[2:]), by_fold.dtype)
        in_order[self.rows.ravel()] = by_fold.reshape(in_order.shape)
        return in_order


def stack_folds(
    preparation: Any, table: pd.DataFrame, labels: Array, splits: Iterable[tuple[Sequence, Sequence]]
) -> Folds:
    """Split a table into folds of equal size and prepare each by its own training rows.

    Parameters
    ----------
    preparation : transformer of scikit-learn
        It turns rows of the table into numbers. Every fold gets a copy of its own, fitted on the rows that
        the fold trains on and on nothing else.
    table : DataFrame
    labels : array, shape (n,)
        One per row of the table.
    splits : iterable of (training rows, rows to score)
        From the `split` of a splitter of scikit-learn, such as `KFold`.

    Returns
    -------
    Folds

    Raises
    ------
    ValueError
        If there is not one label per row, no split, or the folds differ in size or in their features.

    Examples
    --------
    >>> from sklearn.model_selection import KFold
    >>> from sklearn.preprocessing import StandardScaler
    >>> table = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0]})
    >>> folds = stack_folds(StandardScaler(), table, np.array([0, 1, 0, 1]), KFold(2).split(table))
    >>> folds.x_val[..., 0].tolist()
    [[-5.0, -3.0], [3.0, 5.0]]
    >>> folds.in_table_order(folds.y_val).tolist()
    [0, 1, 0, 1]
    """
    labels = np.asarray(labels)
    if len(labels) != len(table):
        raise ValueError(f"labels must be one per row, got {len(labels)} for {len(table)} rows")
    splits = [(np.asarray(train), np.asarray(val)) for train, val in splits]
    sizes = {(len(train), len(val)) for train, val in splits}
    if len(sizes) != 1:
        raise ValueError(
            f"splits must hold folds of one size, got {sorted(sizes) or 'none'}: leave some rows out, "
            "so that their number can be divided"
        )
    preparations = tuple(clone(preparation).fit(table.iloc[train], labels[train]) for train, _ in splits)
    pairs = [
        tuple(_features(fitted, table.iloc[part]) for part in split)
        for fitted, split in zip(preparations, splits, strict=True)
    ]
    widths = sorted({x.shape[1] for x, _ in pairs})
    if len(widths) > 1:
        raise ValueError(
            f"preparation must make the same features in every fold, got {widths} of them: name the "
            "categories of every column"
        )
    x_train, x_val = (np.stack(part) for part in zip(*pairs, strict=True))
    train, val = (np.stack(part) for part in zip(*splits, strict=True))
    return Folds(x_train, labels[train], x_val, labels[val], val, preparations)


def _features(preparation: Any, table: pd.DataFrame) -> Array:
    return np.asarray(preparation.transform(table), np.float32)
