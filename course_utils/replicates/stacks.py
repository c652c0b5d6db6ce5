"""What the copies of a model share one array for: their variables, their data, their numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

Array = np.ndarray

# One full batch is always taken: where there are no more, the loop over them has a fixed length.
FEW = 1


class State(NamedTuple):
    """Everything that changes in training; each tensor but the optimizer's has the replicates on axis 0."""

    trainable: list
    non_trainable: list
    optimizer: list
    metrics: list
    strengths: list


class Data(NamedTuple):
    """Inputs, labels and optional sample weights; `replicated` says which carry a leading replicate axis."""

    arrays: tuple
    replicated: tuple
    rows: int

    def take_replicates(self, indices: Array) -> Data:
        """Keep the data of some replicates; shared arrays stay as they are."""
        pairs = zip(self.arrays, self.replicated, strict=True)
        return self._replace(arrays=tuple(a[indices] if r else a for a, r in pairs))

    def as_tensors(self) -> Data:
        """Hand the arrays to TensorFlow once; as NumPy arrays they would be copied into every graph."""
        return self._replace(arrays=tuple(tf.constant(a) for a in self.arrays))

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.arrays[0].shape[1 + self.replicated[0] :]

    def first_row(self) -> tuple:
        """Return a batch of one row."""
        pairs = zip(self.arrays, self.replicated, strict=True)
        return tuple(tf.constant((a[0] if own else a)[:1]) for a, own in pairs)[:2]

    def split(self, at: int) -> tuple[Data, Data]:
        """Cut the rows in two: those before `at`, and the rest."""
        pairs = zip(self.arrays, self.replicated, strict=True)
        first, last = zip(*(np.split(a, [at], axis=int(axis)) for a, axis in pairs), strict=True)
        return self._replace(arrays=first, rows=at), self._replace(arrays=last, rows=self.rows - at)

    def slice(self, start: Any, size: int) -> tuple:
        """Rows `start` to `start + size` of every array, in the order they stand."""
        parts = []
        for array, axis in zip(self.arrays, self.replicated, strict=True):
            begin, extent = [0] * array.ndim, list(array.shape)
            begin[axis], extent[axis] = start, size
            parts.append(tf.slice(array, begin, extent))
        return tuple(parts)

    def gather(self, rows: Any) -> tuple:
        """Take the rows `rows[replicate, :]`; every result has a leading replicate axis."""
        pairs = zip(self.arrays, self.replicated, strict=True)
        return tuple(tf.gather(a, rows, axis=int(axis), batch_dims=int(axis)) for a, axis in pairs)


def first_batches(rows: int, size: int, most: int) -> list[slice]:
    """Return the rows of the batches that are taken when only the first `most` full ones are asked for."""
    full, rest = divmod(rows, size)
    taken = full if full <= FEW else min(full, most)
    batches = [slice(batch * size, (batch + 1) * size) for batch in range(taken)]
    return [*batches, slice(full * size, rows)] if rest else batches


def repeat(value: Array, times: int) -> Array:
    """Stack `times` copies on a new leading axis."""
    return np.repeat(np.asarray(value)[np.newaxis], times, axis=0)


def row_orders(generator: np.random.Generator, n_samples: int, epochs: int) -> Array:
    """Draw one permutation of the rows per epoch; drawing in parts gives the same as drawing at once."""
    rows = np.tile(np.arange(n_samples, dtype=np.int32), (epochs, 1))
    return generator.permuted(rows, axis=1)
