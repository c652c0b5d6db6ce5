"""What a training leaves behind: `Runs`, one trained model per seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from course_utils._arguments import check_integer
from course_utils.replicates import strengths
from course_utils.replicates.checks import as_data, as_inputs
from course_utils.replicates.copies import Copies
from course_utils.replicates.stacks import Data
from course_utils.replicates.starts import Builder, Recipe
from course_utils.replicates.surroundings import left_as_found

Array = np.ndarray

# Rows per step of an evaluation whose result does not depend on it: what the processor's caches hold.
_EVALUATION_ROWS = 250


@dataclass(frozen=True)
class Runs:
    """The result of `fit_replicates`: one trained model per seed.

    Attributes
    ----------
    seeds : tuple of int
        One per replicate, in the order of every leading axis below.
    history : dict of str to ndarray, shape (n_seeds, n_epochs)
        `loss` is what Keras reports; `data_loss` is the same without any penalty and `penalty` is the rest,
        so `loss = data_loss + penalty`. Then each metric, and the same names with `val_` in front. After
        early stopping the epochs that a replicate did not train are NaN.
    weights : list of ndarray, shape (n_seeds, ...)
        The trained weights in the order of `keras.Model.get_weights`.
    epochs_run : ndarray of int, shape (n_seeds,)
        Epochs that each replicate trained.
    final_epoch : ndarray of int, shape (n_seeds,)
        The epoch (from 0) whose weights each replicate holds: the best one after early stopping with
        `restore_best_weights`, else the last one trained.
    seconds : dict of str to float
        Where the time went: `build`, `compile`, `check` against Keras, and `run`.
    builder : callable
        What was passed as `build`.
    batch_size : int
        The batch size of training.
    jit_compile : bool
        Whether XLA compiled the training.
    strengths : tuple of float
        The numbers in the model's regularizers, each once.
    architecture : tuple of str
        Description of the model that was trained.
    """

    seeds: tuple[int, ...]
    history: dict[str, Array] = field(repr=False)
    weights: list[Array] = field(repr=False)
    epochs_run: Array = field(repr=False)
    final_epoch: Array = field(repr=False)
    seconds: dict[str, float]
    builder: Builder = field(repr=False)
    batch_size: int
    jit_compile: bool
    strengths: tuple[float, ...] = field(repr=False)
    architecture: tuple[str, ...] = field(repr=False)
    # The model that was trained; variants that trained together share it.
    _copies: Copies | None = field(repr=False, compare=False)

    @left_as_found()
    def model(self, seed: int) -> keras.Model:
        """Return an ordinary compiled Keras model that holds the trained weights of `seed`.

        It has the architecture that was trained, also when the builder reads a variable that has changed.

        Raises
        ------
        ValueError
            When no replicate was trained with `seed`, or the builder, which another process has sent, returns
            another model there.
        """
        if check_integer(seed, "seed") not in self.seeds:
            raise ValueError(f"seed must be one of the trained seeds {self.seeds}, got {seed!r}")
        model = self._new_model()
        model.set_weights([w[self.seeds.index(seed)] for w in self.weights])
        return model

    @left_as_found()
    def predict(self, x: Array, batch_size: int = 1024) -> Array:
        """Predict with every replicate.

        Parameters
        ----------
        x : array, shape (n_samples, ...) or (n_seeds, n_samples, ...)
            The same inputs for all replicates, or each its own.
        batch_size : int
            Rows per step; it bounds memory and does not change the result.

        Returns
        -------
        ndarray, shape (n_seeds, n_samples, n_outputs)
        """
        return self._trained.predict(self.weights, *self._inputs(x, batch_size))

    def activations(self, x: Array, batch_size: int = 1024) -> dict[str, Array]:
        """Return what every layer of every replicate puts out, as in `predict` without dropout.

        Parameters
        ----------
        x, batch_size
            As for `predict`.

        Returns
        -------
        dict of str to ndarray, shape (n_seeds, n_samples, ...)
            By the layer's name, in the model's order. Of a layer that is used twice, the first use.

        Raises
        ------
        ValueError
            When the model has no graph of layers, as one written as a subclass.

        Examples
        --------
        >>> from course_utils.data import draw_blobs
        >>> from course_utils.models import mlp
        >>> from course_utils.replicates import fit_replicates
        >>> x, y = draw_blobs(40, seed=0)
        >>> runs = fit_replicates(lambda: mlp((4,)), x, y, seeds=2)
        >>> {name: found.shape for name, found in runs.activations(x).items()}
        {'hidden_1': (2, 40, 4), 'output': (2, 40, 1)}
        """
        return self._trained.activations(self.weights, *self._inputs(x, batch_size))

    def _inputs(self, x: Array, batch_size: int) -> tuple[Data, int]:
        """Check what the replicates are to be called on."""
        x, replicated = as_inputs(x, self._trained.model, len(self.seeds), "x")
        data = Data((x,), (replicated,), x.shape[int(replicated)])
        return data, check_integer(batch_size, "batch_size", minimum=1)

    def evaluate(self, x: Array, y: Array, batch_size: int | None = None) -> dict[str, Array]:
        """Evaluate every replicate as `keras.Model.evaluate` does.

        Parameters
        ----------
        x, y : array, shape (n_samples, ...) or (n_seeds, n_samples, ...)
            The same data for all replicates, or each its own.
        batch_size : int, optional
            Default: the batch size of training where the loss depends on it, as with penalties that look at
            a whole batch, else what is fast.

        Returns
        -------
        dict of str to ndarray, shape (n_seeds,)
            `loss`, `data_loss`, `penalty` and each metric.
        """
        return evaluate_variants([self], x, y, batch_size)[0]

    def _new_model(self) -> keras.Model:
        recipe = Recipe(self.builder)
        if recipe.architecture == self.architecture:
            return recipe.model
        if self._copies is None:
            raise ValueError("builder must return the model that was trained, got another one")
        template = self._copies.model
        with strengths.replaced(self._copies.slots, self.strengths):
            model = keras.models.clone_model(template)
            model.compile_from_config(template.get_compile_config())
        return model

    @property
    def _trained(self) -> Copies:
        if self._copies is None:
            object.__setattr__(self, "_copies", Copies(self._new_model()))
        return self._copies

    def __getstate__(self) -> dict[str, Any]:
        # Compiled functions stay behind when runs travel between processes.
        return {**self.__dict__, "_copies": None}


@left_as_found()
def evaluate_variants(
    variants: Sequence[Runs], x: Array, y: Array, batch_size: int | None = None
) -> list[dict[str, Array]]:
    """Evaluate what `fit_variants` returned: what trained together, at once.

    Parameters
    ----------
    variants : sequence of Runs
        From one call of `fit_variants`, or several.
    x, y, batch_size
        As for `Runs.evaluate`.

    Returns
    -------
    list of dict of str to ndarray, shape (n_seeds,)
        One per variant: `loss`, `data_loss`, `penalty` and each metric.
    """
    if not isinstance(variants, Sequence) or not all(isinstance(runs, Runs) for runs in variants):
        raise TypeError(f"variants must be a sequence of Runs, got {type(variants).__name__}")
    if batch_size is not None:
        check_integer(batch_size, "batch_size", minimum=1)
    together: dict[int, list[int]] = {}
    for place, runs in enumerate(variants):
        together.setdefault(id(runs._trained), []).append(place)
    found: list[dict[str, Array]] = [{}] * len(variants)
    for places in together.values():
        for place, result in zip(
            places, _evaluate([variants[place] for place in places], x, y, batch_size), strict=True
        ):
            found[place] = result
    return found


def _evaluate(variants: Sequence[Runs], x: Array, y: Array, batch_size: int | None) -> list[dict[str, Array]]:
    """Evaluate variants that share one trained model."""
    first, count = variants[0], len(variants)
    copies, n_seeds = first._trained, len(first.seeds)
    data = as_data(copies.model, (x, y), n_seeds, ("x", "y"))
    copies.create_metrics(data)
    if batch_size is None:
        batch_size = evaluation_batch(copies, data, first.batch_size)
    own = all(runs.strengths == tuple(copies.numbers) for runs in variants)
    found = copies.evaluate(
        [np.concatenate(weights) for weights in zip(*(runs.weights for runs in variants), strict=True)],
        [] if own else by_replicate([runs.strengths for runs in variants], n_seeds),
        data.take_replicates(np.tile(np.arange(n_seeds), count)),
        int(batch_size),
    )
    return [
        {name: np.split(values, count)[place] for name, values in found.items()} for place in range(count)
    ]


def by_replicate(numbers: Sequence[tuple[float, ...]], n_seeds: int) -> list[Array]:
    """Spread the numbers of the variants over their replicates."""
    return [np.repeat(np.float32(of_one), n_seeds) for of_one in zip(*numbers, strict=True)]


def evaluation_batch(copies: Copies, data: Data, batch_size: int) -> int:
    """Return the batch size for an evaluation: of training where the loss depends on it, else a fast one."""
    return min(_EVALUATION_ROWS, data.rows) if copies.sums_over_rows(data) else batch_size
