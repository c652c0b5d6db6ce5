"""The graph behind `fit_replicates`: all batches and epochs of all copies in one compiled function."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from course_utils.replicates.copies import Copies, losses_of, traced, vectorized
from course_utils.replicates.optimizers import StackedOptimizer
from course_utils.replicates.stacks import Data, State, row_orders
from course_utils.replicates.stopping import (
    Stopping,
    StopRules,
    end_epoch,
    first_stopping,
    kept_weights,
)

Array = np.ndarray

# The shuffled row orders of one block of epochs are held in memory at once; this bounds them.
_ORDER_BYTES = 2**26
# A block is at most this share of the training, so that a progress bar moves.
_BLOCKS = 20
# More batches than any epoch has.
_ALL = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Plan:
    """What `fit_replicates` was asked to do, checked.

    An evaluation that does not depend on it takes more rows at once (`validation_batch_size`) than was asked.
    """

    epochs: int
    batch_size: int
    validation_batch_size: int
    asked_validation_batch_size: int
    shuffle: bool


class Start(NamedTuple):
    """What the replicates start from, variant by variant.

    `seeds` and `state` have one entry per seed and serve every variant; `strengths` and `rules` have one per
    replicate.
    """

    seeds: tuple[int, ...]
    state: State
    strengths: list[Array]
    rules: StopRules | None
    replicates: int

    def take(self, chosen: Array) -> Start:
        """Keep some replicates, each with a seed and a state of its own."""
        places = chosen % len(self.seeds)
        state = State(*([array[places] for array in arrays] for arrays in self.state))
        return Start(
            tuple(self.seeds[place] for place in places),
            state._replace(strengths=[numbers[chosen] for numbers in self.strengths]),
            [],
            self.rules and self.rules.take_replicates(chosen),
            len(chosen),
        )


class _Chunk(NamedTuple):
    """Replicates on their way: what they are, their rules and data, and what draws their row orders."""

    state: State
    stopping: Stopping
    rules: StopRules | None
    data: tuple
    generators: list[np.random.Generator]


class Fitted(NamedTuple):
    """Trained replicates; `logs` has the shape (n_replicates, n_logs, n_epochs)."""

    weights: list
    logs: Array
    epochs_run: Array
    final_epoch: Array


class Replicator:
    """Trains all copies of one model by one plan on one pair of training and validation data, once."""

    def __init__(
        self,
        copies: Copies,
        plan: Plan,
        data: tuple[Data, Data | None],
        jit_compile: bool,
        start: Start,
        chunk_size: int,
    ) -> None:
        self.copies = copies
        self.plan = plan
        self.data = data
        self.jit_compile = jit_compile
        self.start = start
        self.chunk_size = chunk_size
        self.optimizer: StackedOptimizer | None = None
        self._trained = False
        self._run_block: Callable | None = None

    def without_xla(self, copies: Copies) -> Replicator:
        """Return one that does the same with new copies, for what XLA cannot do as Keras does."""
        return Replicator(copies, self.plan, self.data, False, self.start, self.chunk_size)

    def compile(self) -> None:
        """Trace and compile the function that trains a chunk, which trains nothing."""
        self.optimizer = StackedOptimizer(self.copies.model, self.chunk_size, self._is_dense())
        chunk = self._chunk(range(self.chunk_size))
        self._run_block = self._block_function(chunk.data)
        self._call(chunk, 0, 0)

    def first_batches(self, places: Sequence[int], most: int) -> tuple[State, Array]:
        """Train the replicates at `places` on their first batches, as `stacks.first_batches` has them.

        Returns
        -------
        State, ndarray of shape (n_logs, chunk_size)
            What the replicates are then, in the order of `places`; the first of them again fill the chunk up.
        """
        state, _, logs = self._call(self._chunk(places), 0, 1, most)
        return state, logs.numpy()[0]

    def fit(self, clock: dict[str, float], bar: tqdm) -> Fitted:
        """Train chunk by chunk; add the seconds to `clock`.

        Raises
        ------
        RuntimeError
            At the second call: the compiled function belongs to one training.
        """
        if self._trained:
            raise RuntimeError("a Replicator trains once, and this one has trained: make another one")
        self._trained = True
        began, replicates = time.perf_counter(), self.start.replicates
        # The last chunk is filled up with replicates that are dropped again: nothing compiles twice.
        parts = [
            self._fit_chunk(self._chunk(range(first, min(first + self.chunk_size, replicates))), bar)
            for first in range(0, replicates, self.chunk_size)
        ]

        def joined(chunks: Sequence[Array]) -> Array:
            return np.concatenate(chunks)[:replicates]

        weights, *others = zip(*parts, strict=True)
        fitted = Fitted([joined(copies) for copies in zip(*weights, strict=True)], *map(joined, others))
        clock["run"] += time.perf_counter() - began
        return fitted

    def _is_dense(self) -> bool:
        """Whether no gradient is sparse, as that of an embedding."""
        with tf.GradientTape() as tape:
            output = self.copies.model(self.data[0].first_row()[0], training=False)
        gradients = tape.gradient(output, [v.value for v in self.copies.model.trainable_variables])
        return not any(isinstance(gradient, tf.IndexedSlices) for gradient in gradients)

    # One step

    def gradient_step(self, state: State, batch: tuple) -> tuple:
        """Forward and backward pass of one copy; the gradients come by the position of their weight."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(state.trainable)
            data_loss, penalty, after = self.copies.forward(state, batch, training=True)
            loss = self.copies.model.optimizer.scale_loss(data_loss + penalty)
        found = enumerate(tape.gradient(loss, state.trainable))
        gradients = {place: gradient for place, gradient in found if gradient is not None}
        return after, gradients, losses_of(data_loss, penalty)

    def train_step(self, state: State, batch: tuple) -> tuple:
        """One optimizer step of one copy."""
        after, gradients, losses = self.gradient_step(state, batch)
        found = [gradients.get(place) for place in range(len(state.trainable))]
        trainable, optimizer = self.optimizer.update_one(state.optimizer, found, state.trainable)
        return after._replace(trainable=trainable, optimizer=optimizer), losses

    def train_batch(self, state: State, batch: tuple, stacked: tuple[bool, ...]) -> tuple:
        """One optimizer step of all copies; returns the new state and `[data_loss, penalty]` of each."""
        if not self.optimizer.elementwise:
            return vectorized(self.train_step, state, batch, stacked)
        plain = state._replace(optimizer=[])
        after, gradients, losses = vectorized(self.gradient_step, plain, batch, stacked)
        trainable, optimizer = self.optimizer.update_all(state.optimizer, gradients, state.trainable)
        return after._replace(trainable=trainable, optimizer=optimizer), losses

    # All epochs

    def _chunk(self, places: Sequence[int]) -> _Chunk:
        """Bring the replicates at `places` to where training starts, the first ones again in free places."""
        chosen = np.resize(places, self.chunk_size)
        start = self.start.take(chosen)
        state = start.state._replace(optimizer=self.optimizer.start)
        state = tf.nest.map_structure(tf.constant, state)
        state = state._replace(metrics=self.copies.metrics_at_start(self.chunk_size))
        # Asked of all copies: a chunk that keeps no best weights would be another function to compile.
        rules = self.start.rules
        keeps_best = rules is not None and bool(np.any(rules.restore_best_weights))
        own = (part and part.take_replicates(chosen % len(self.start.seeds)) for part in self.data)
        return _Chunk(
            state,
            first_stopping(state, keeps_best),
            start.rules,
            tuple(part and part.as_tensors() for part in own),
            [np.random.default_rng(seed) for seed in start.seeds],
        )

    def _call(self, chunk: _Chunk, first: int, count: int, most: int = _ALL) -> tuple:
        """Train `count` epochs from `first` on; the chunks share one compiled function."""
        arrays = tuple(part and part.arrays for part in chunk.data)
        rules = chunk.rules and StopRules(*map(tf.constant, chunk.rules))
        orders = self._orders(chunk.generators, count)
        numbers = (tf.constant(value) for value in (first, count, most, orders))
        return traced(self._run_block, chunk.state, chunk.stopping, rules, *numbers, arrays)

    def _fit_chunk(self, chunk: _Chunk, bar: tqdm) -> Fitted:
        plan, logs = self.plan, []
        for first in range(0, plan.epochs, self._block):
            count = min(self._block, plan.epochs - first)
            state, stopping, block_logs = self._call(chunk, first, count)
            chunk = chunk._replace(state=state, stopping=stopping)
            logs.append(block_logs.numpy()[:count])
            bar.update(count)
            if not np.any(stopping.active):
                break
        return self._fitted(chunk, np.concatenate(logs))

    @cached_property
    def _block(self) -> int:
        """Epochs that run in one call."""
        most = _ORDER_BYTES // (4 * self.data[0].rows * self.chunk_size)
        return max(1, min(-(-self.plan.epochs // _BLOCKS), most))

    def _orders(self, generators: Sequence[np.random.Generator], count: int) -> Array:
        """Row orders of the next `count` epochs, in an array for a whole block."""
        rows = self.data[0].rows
        orders = np.zeros((self._block, len(generators), rows) if self.plan.shuffle else 0, np.int32)
        if self.plan.shuffle:
            for replicate, generator in enumerate(generators):
                orders[:count, replicate] = row_orders(generator, rows, count)
        return orders

    def _block_function(self, data: tuple) -> Callable:
        """Compile the loops over a block of epochs into one function."""
        plan, copies, block = self.plan, self.copies, self._block
        n_logs = len(copies.log_names(data[1] is not None))

        def one_epoch(state: State, order: Any, most: Any, train: Data, validation: Data | None) -> tuple:
            state, logs = copies.over_batches(self.train_batch, state, train, plan.batch_size, order, most)
            if validation is not None:
                size = plan.validation_batch_size
                _, validation_logs = copies.over_batches(
                    copies.test_batch, state, validation, size, most=most
                )
                logs = tf.concat([logs, validation_logs], axis=0)
            return state, logs

        @tf.function(jit_compile=self.jit_compile, autograph=False)
        def run_block(
            state: State,
            stopping: Stopping,
            rules: StopRules | None,
            first: Any,
            count: Any,
            most: Any,
            orders: Any,
            arrays: tuple,
        ) -> tuple:
            parts = [part and part._replace(arrays=a) for part, a in zip(data, arrays, strict=True)]

            # The counter starts at a constant: with `first` as an index XLA would compile every block anew.
            def body(i: Any, state: State, stopping: Stopping, logs: Any) -> tuple:
                after, log = one_epoch(state, orders[i] if plan.shuffle else None, most, *parts)
                after, stopping, log = end_epoch(rules, first + i, state, after, stopping, log)
                return i + 1, after, stopping, tf.tensor_scatter_nd_update(logs, [[i]], [log])

            logs = tf.fill((block, n_logs, state.trainable[0].shape[0]), np.float32(np.nan))
            return tf.while_loop(
                lambda i, _, stopping, __: (i < count) & tf.reduce_any(stopping.active),
                body,
                (tf.constant(0), state, stopping, logs),
            )[1:]

        return run_block

    def _fitted(self, chunk: _Chunk, logs: Array) -> Fitted:
        """Take the results from TensorFlow; epochs that nobody trained are NaN."""
        missing = [(0, self.plan.epochs - len(logs)), (0, 0), (0, 0)]
        state, final_epoch = kept_weights(chunk.state, chunk.stopping, chunk.rules)
        return Fitted(
            self.copies.weights_of(state.trainable, state.non_trainable),
            np.pad(logs, missing, constant_values=np.nan).T,
            chunk.stopping.epochs_run.numpy(),
            final_epoch,
        )
