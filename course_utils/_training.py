"""The graph behind `fit_replicates`: a step, an epoch and an evaluation of all copies of one model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from course_utils import _philox, _strengths
from course_utils._optimizers import StackedOptimizer, repeat

Array = np.ndarray

# The shuffled row orders of one block of epochs are held in memory at once; this bounds them.
_ORDER_BYTES = 2**26
# A block is at most this share of the training, so that a progress bar moves.
_BLOCKS = 20


class State(NamedTuple):
    """Everything that changes in training; each tensor but the optimizer's has the replicates on axis 0."""

    trainable: list
    non_trainable: list
    optimizer: list
    metrics: list
    strengths: list


class Stopping(NamedTuple):
    """Early stopping per replicate: who still trains, and the best weights so far."""

    active: Any
    best: Any
    wait: Any
    best_epoch: Any
    epochs_run: Any
    best_trainable: list
    best_non_trainable: list


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

    def first_row(self) -> Any:
        """Return a batch of one input."""
        x = self.arrays[0]
        return tf.constant((x[0] if self.replicated[0] else x)[:1])

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


@dataclass(frozen=True)
class StopRule:
    """Keras' `EarlyStopping`, resolved against the logs of one model: smaller is better after `sign`."""

    log: int
    sign: float
    min_delta: float
    patience: int
    baseline: float | None
    start_from_epoch: int
    restore_best_weights: bool


@dataclass(frozen=True)
class Plan:
    """What `fit_replicates` was asked to do, checked."""

    epochs: int
    batch_size: int
    validation_batch_size: int
    shuffle: bool
    stop_rule: StopRule | None = None


class Fitted(NamedTuple):
    """One trained chunk; `logs` has the shape (n_epochs, n_logs, n_replicates)."""

    weights: list
    logs: Array
    epochs_run: Array
    final_epoch: Array

    def first(self, replicates: int) -> Fitted:
        """Keep the first replicates."""
        weights = [w[:replicates] for w in self.weights]
        return Fitted(
            weights, self.logs[..., :replicates], self.epochs_run[:replicates], self.final_epoch[:replicates]
        )


def row_orders(generator: np.random.Generator, n_samples: int, epochs: int) -> Array:
    """Draw one permutation of the rows per epoch; drawing in parts gives the same as drawing at once."""
    rows = np.tile(np.arange(n_samples, dtype=np.int32), (epochs, 1))
    return generator.permuted(rows, axis=1)


class Replicator:
    """Runs all copies of one compiled model; the copies exist only as stacked tensors."""

    def __init__(self, model: keras.Model, jit_compile: bool) -> None:
        self.model = model
        self.jit_compile = jit_compile
        self.slots = _strengths.slots(model)
        self.optimizer: StackedOptimizer | None = None
        self._run_block: Callable | None = None
        self.metric_names: list[str] = []
        self.initial_metrics: list[Array] = []

    def create_metrics(self, data: Data) -> None:
        """Show the model one label: Keras creates the compiled metrics when it sees the labels' shape."""
        labels, own = data.arrays[1], data.replicated[1]
        y = tf.zeros((1, *labels.shape[1 + own :]), labels.dtype)
        self.model.compute_metrics(None, y, tf.zeros((1, *self.model.output_shape[1:])))
        self.metric_names = [name for name in self.model.get_metrics_result() if name != "loss"]
        self.model.reset_metrics()
        self.initial_metrics = [v.numpy() for v in self.model.metrics_variables]

    def sums_over_rows(self, data: Data) -> bool:
        """Whether the loss of all rows is the mean over any batches of them: one batch may hold all."""
        with keras.StatelessScope(collect_losses=True) as scope:
            self.model(data.first_row(), training=False)
        losses = [self.model.loss, getattr(self.model.loss, "loss", None)]
        return not scope.losses and all(loss is None or is_mean_over_rows(loss) for loss in losses)

    def is_dense(self, data: Data) -> bool:
        """Whether no gradient is sparse, as that of an embedding."""
        with tf.GradientTape() as tape:
            output = self.model(data.first_row(), training=False)
        gradients = tape.gradient(output, [v.value for v in self.model.trainable_variables])
        return not any(isinstance(gradient, tf.IndexedSlices) for gradient in gradients)

    def log_names(self, validation: bool) -> list[str]:
        """Names of the rows of `logs`, in order."""
        names = ["loss", "data_loss", "penalty", *self.metric_names]
        return names + [f"val_{name}" for name in names] if validation else names

    def metrics_at_start(self, replicates: int) -> list:
        """Return the metrics' variables before the first batch."""
        return [tf.constant(repeat(v, replicates)) for v in self.initial_metrics]

    def state_of(self, weights: list[Array], strengths: list[Array]) -> State:
        """Put stacked weights, in the order of `get_weights`, into a state that can predict and evaluate."""
        given = {id(v): w for v, w in zip(self.model.weights, weights, strict=True)}

        def stacked(variables: list) -> list:
            # Seeds of random layers are not weights; nothing draws from them after training.
            return [
                tf.constant(given[id(v)] if id(v) in given else repeat(v.numpy(), len(weights[0])))
                for v in variables
            ]

        model = self.model
        numbers = [tf.constant(s, tf.float32) for s in strengths]
        return State(
            stacked(model.trainable_variables), stacked(model.non_trainable_variables), [], [], numbers
        )

    def weights_of(self, trainable: list, non_trainable: list) -> list[Array]:
        """Undo `state_of`."""
        variables = self.model.trainable_variables + self.model.non_trainable_variables
        values = {id(v): t for v, t in zip(variables, [*trainable, *non_trainable], strict=True)}
        return [np.asarray(values[id(v)]) for v in self.model.weights]

    # One copy

    def forward(self, state: State, batch: tuple, training: bool) -> tuple:
        """Call one copy on one batch; returns data loss, penalty and the state that the call changed."""
        model = self.model
        x, y, weight = (*batch, None)[:3]
        variables = model.trainable_variables + model.non_trainable_variables + model.metrics_variables
        values = [*state.trainable, *state.non_trainable, *state.metrics]
        mapping = list(zip(variables, values, strict=True))
        with (
            _strengths.replaced(self.slots, state.strengths),
            keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope,
        ):
            y_pred = model(x, training=training)
            data_loss = model._compile_loss(y, y_pred, weight)
            penalty = sum((tf.reduce_sum(loss) for loss in model.losses), start=tf.zeros(()))
            if callable(penalty_inside := getattr(model.loss, "penalty", None)):
                inside = penalty_inside()
                data_loss, penalty = data_loss - inside, penalty + inside
            model.compute_metrics(x, y, y_pred, weight)
        return (
            data_loss,
            penalty,
            state._replace(
                non_trainable=[scope.get_current_value(v) for v in model.non_trainable_variables],
                metrics=[scope.get_current_value(v) for v in model.metrics_variables],
            ),
        )

    def gradient_step(self, state: State, batch: tuple) -> tuple:
        """Forward and backward pass of one copy; the gradients come by the position of their weight."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(state.trainable)
            data_loss, penalty, after = self.forward(state, batch, training=True)
            loss = data_loss + penalty
        found = enumerate(tape.gradient(loss, state.trainable))
        gradients = {place: gradient for place, gradient in found if gradient is not None}
        return after, gradients, tf.stack([data_loss, penalty])

    def train_step(self, state: State, batch: tuple) -> tuple:
        """One optimizer step of one copy."""
        after, gradients, losses = self.gradient_step(state, batch)
        found = [gradients.get(place) for place in range(len(state.trainable))]
        trainable, optimizer = self.optimizer.update_one(state.optimizer, found, state.trainable)
        return after._replace(trainable=trainable, optimizer=optimizer), losses

    def test_step(self, state: State, batch: tuple) -> tuple:
        """Forward pass of one copy, for evaluation."""
        data_loss, penalty, after = self.forward(state, batch, training=False)
        return after, tf.stack([data_loss, penalty])

    # All copies

    def train_batch(self, state: State, batch: tuple, stacked: tuple[bool, ...]) -> tuple:
        """One optimizer step of all copies; returns the new state and `[data_loss, penalty]` of each."""
        if not self.optimizer.elementwise:
            return vectorized(self.train_step, state, batch, stacked)
        plain = state._replace(optimizer=[])
        after, gradients, losses = vectorized(self.gradient_step, plain, batch, stacked)
        trainable, optimizer = self.optimizer.update_all(state.optimizer, gradients, state.trainable)
        return after._replace(trainable=trainable, optimizer=optimizer), losses

    def test_batch(self, state: State, batch: tuple, stacked: tuple[bool, ...]) -> tuple:
        """One evaluation step of all copies; only the metrics change."""
        after, losses = vectorized(self.test_step, state._replace(optimizer=[]), batch, stacked)
        return state._replace(metrics=after.metrics), losses

    def over_batches(
        self, on_batch: Callable, state: State, data: Data, size: int, order: Any = None
    ) -> tuple:
        """Run `on_batch` on every batch, the last one as short as it is; returns the state and the logs."""
        replicates = state.trainable[0].shape[0]

        def one_batch(state: State, sums: Any, start: Any, rows: int) -> tuple:
            if order is None:
                batch, stacked = data.slice(start, rows), data.replicated
            else:
                # A slice of fixed size: XLA runs `order[:, start : start + rows]` ten times slower.
                batch = data.gather(tf.slice(order, [0, start], [replicates, rows]))
                stacked = (True,) * len(batch)
            state, losses = on_batch(state, batch, stacked)
            return state, sums + losses * rows

        state = state._replace(metrics=self.metrics_at_start(replicates))
        sums = tf.zeros((replicates, 2))
        full, rest = divmod(data.rows, size)
        if full:
            _, state, sums = tf.while_loop(
                lambda batch, *_: batch < full,
                lambda batch, state, sums: (batch + 1, *one_batch(state, sums, batch * size, size)),
                (tf.constant(0), state, sums),
            )
        if rest:
            state, sums = one_batch(state, sums, full * size, rest)
        return state, self.logs(state, sums / data.rows)

    def logs(self, state: State, losses: Any) -> Any:
        """Loss, data loss, penalty and metrics; shape (n_logs, n_replicates)."""
        data_loss, penalty = losses[:, 0], losses[:, 1]

        def results(metrics: list) -> list:
            mapping = list(zip(self.model.metrics_variables, metrics, strict=True))
            with keras.StatelessScope(state_mapping=mapping):
                found = self.model.get_metrics_result()
            return [tf.cast(found[name], tf.float32) for name in self.metric_names]

        metrics = tf.vectorized_map(results, state.metrics, warn=False) if self.metric_names else []
        return tf.stack([data_loss + penalty, data_loss, penalty, *metrics])

    def fit(
        self, plan: Plan, seeds: Sequence[int], state: State, data: tuple, clock: dict, bar: tqdm
    ) -> Fitted:
        """Train one chunk of replicates on `data`, a pair of training and validation data."""
        start, rows = time.perf_counter(), data[0].rows
        block = max(1, min(-(-plan.epochs // _BLOCKS), _ORDER_BYTES // (4 * rows * len(seeds))))
        generators = [np.random.default_rng(seed) for seed in seeds]
        self.optimizer = self.optimizer or StackedOptimizer(self.model, len(seeds), self.is_dense(data[0]))
        state = state._replace(optimizer=self.optimizer.start)
        state = tf.nest.map_structure(tf.constant, state)._replace(metrics=self.metrics_at_start(len(seeds)))
        stopping = first_stopping(state, plan.stop_rule)
        data = tuple(part and part.as_tensors() for part in data)
        arrays = tuple(part and part.arrays for part in data)
        # The chunks of one training have the same shapes and share one compiled function.
        self._run_block = run_block = self._run_block or self._block_function(plan, block, data)

        def call(first: int, count: int) -> tuple:
            orders = np.zeros((block, len(seeds), rows) if plan.shuffle else 0, np.int32)
            if plan.shuffle:
                for replicate, generator in enumerate(generators):
                    orders[:count, replicate] = row_orders(generator, rows, count)
            numbers = (tf.constant(value) for value in (first, count, orders))
            return traced(run_block, state, stopping, *numbers, arrays)

        call(0, 0)  # trains nothing: traces and compiles
        clock["compile"] += time.perf_counter() - start
        start = time.perf_counter()
        logs = np.full(
            (plan.epochs, len(self.log_names(data[1] is not None)), len(seeds)), np.nan, np.float32
        )
        for first in range(0, plan.epochs, block):
            count = min(block, plan.epochs - first)
            state, stopping, block_logs = call(first, count)
            logs[first : first + count] = block_logs.numpy()[:count]
            bar.update(count)
            if not np.any(stopping.active):
                break
        fitted = self._fitted(state, stopping, logs)
        clock["run"] += time.perf_counter() - start
        return fitted

    def _block_function(self, plan: Plan, block: int, data: tuple) -> Callable:
        """Compile the loops over a block of epochs into one function."""
        n_logs = len(self.log_names(data[1] is not None))

        def one_epoch(state: State, order: Any, train: Data, validation: Data | None) -> tuple:
            state, logs = self.over_batches(self.train_batch, state, train, plan.batch_size, order)
            if validation is not None:
                size = plan.validation_batch_size
                _, validation_logs = self.over_batches(self.test_batch, state, validation, size)
                logs = tf.concat([logs, validation_logs], axis=0)
            return state, logs

        @tf.function(jit_compile=self.jit_compile, autograph=False)
        def run_block(
            state: State, stopping: Stopping, first: Any, count: Any, orders: Any, arrays: tuple
        ) -> tuple:
            parts = [part and part._replace(arrays=a) for part, a in zip(data, arrays, strict=True)]

            # The counter starts at a constant: with `first` as an index XLA would compile every block anew.
            def body(i: Any, state: State, stopping: Stopping, logs: Any) -> tuple:
                after, log = one_epoch(state, orders[i] if plan.shuffle else None, *parts)
                after, stopping, log = end_epoch(plan.stop_rule, first + i, state, after, stopping, log)
                return i + 1, after, stopping, tf.tensor_scatter_nd_update(logs, [[i]], [log])

            logs = tf.fill((block, n_logs, state.trainable[0].shape[0]), np.float32(np.nan))
            return tf.while_loop(
                lambda i, _, stopping, __: (i < count) & tf.reduce_any(stopping.active),
                body,
                (tf.constant(0), state, stopping, logs),
            )[1:]

        return run_block

    def _fitted(self, state: State, stopping: Stopping, logs: Array) -> Fitted:
        epochs_run = stopping.epochs_run.numpy()
        if not stopping.best_trainable:
            return Fitted(
                self.weights_of(state.trainable, state.non_trainable), logs, epochs_run, epochs_run - 1
            )
        # As in Keras, the best weights are restored also when the last epoch was reached.
        best = self.weights_of(stopping.best_trainable, stopping.best_non_trainable)
        return Fitted(best, logs, epochs_run, stopping.best_epoch.numpy())

    # After training

    def evaluate(
        self, weights: list[Array], strengths: list[Array], data: Data, batch_size: int
    ) -> dict[str, Array]:
        """Loss, data loss, penalty and metrics of all copies, each of shape (n_replicates,)."""
        data = data.as_tensors()

        # Without XLA: one pass over the data ends before XLA has compiled it.
        @tf.function(autograph=False)
        def run(state: State) -> Any:
            return self.over_batches(self.test_batch, state, data, batch_size)[1]

        logs = traced(run, self.state_of(weights, strengths)).numpy()
        return dict(zip(self.log_names(validation=False), logs, strict=True))

    @cached_property
    def _predict(self) -> Callable:
        variables = self.model.trainable_variables + self.model.non_trainable_variables

        def one(values: list, batch: tuple) -> Any:
            with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
                return self.model(batch[0], training=False)

        @tf.function(autograph=False, reduce_retracing=True)
        def run(values: list, x: Any, replicated: bool) -> Any:
            return vectorized(one, values, (x,), (replicated,))

        return run

    def predict(self, weights: list[Array], data: Data, batch_size: int) -> Array:
        """Predictions of all copies, shape (n_replicates, n_samples, ...)."""
        state = self.state_of(weights, [])
        values = state.trainable + state.non_trainable
        (x,), (replicated,) = data.arrays, data.replicated
        parts = np.array_split(x, range(batch_size, data.rows, batch_size), axis=int(replicated))
        return np.concatenate(
            [traced(self._predict, values, tf.constant(p), replicated).numpy() for p in parts], axis=1
        )


def traced(function: Callable, *arguments: Any) -> Any:
    """Call a `tf.function`, tracing it first if need be.

    A plain call of a new function makes TensorFlow warn of retracing, in a notebook even on stdout.
    """
    return function.get_concrete_function(*arguments)(*arguments)


def vectorized(step: Callable, state: Any, batch: tuple, stacked: tuple[bool, ...]) -> Any:
    """Call `step(state, batch)` for all replicates; batch entries that are not `stacked` are shared."""

    def one(elements: tuple) -> Any:
        state, own = elements
        own = iter(own)
        return step(state, tuple(next(own) if s else b for b, s in zip(batch, stacked, strict=True)))

    own = tuple(b for b, s in zip(batch, stacked, strict=True) if s)
    _philox.register()
    return tf.vectorized_map(one, (state, own), warn=False)


def is_mean_over_rows(loss: Any) -> bool:
    """Whether a compiled loss is known to be a mean of one loss per row: Keras' own, by default."""
    if isinstance(loss, keras.losses.Loss) and loss.reduction != "sum_over_batch_size":
        return False
    owner = type(loss) if isinstance(loss, keras.losses.Loss) else loss
    return isinstance(loss, str) or owner.__module__.partition(".")[0] in ("keras", __package__)


def first_stopping(state: State, rule: StopRule | None) -> Stopping:
    """Nobody has stopped, nothing is best yet."""
    replicates = state.trainable[0].shape[0]
    keep = rule is not None and rule.restore_best_weights
    return Stopping(
        active=tf.ones(replicates, bool),
        best=tf.fill([replicates], np.float32(np.inf)),
        wait=tf.zeros(replicates, tf.int32),
        best_epoch=tf.zeros(replicates, tf.int32),
        epochs_run=tf.zeros(replicates, tf.int32),
        best_trainable=state.trainable if keep else [],
        best_non_trainable=state.non_trainable if keep else [],
    )


def end_epoch(
    rule: StopRule | None, epoch: Any, before: State, after: State, stopping: Stopping, log: Any
) -> tuple:
    """Do what Keras' `EarlyStopping` does at the end of an epoch, for every copy by itself."""
    active = stopping.active
    stopping = stopping._replace(epochs_run=stopping.epochs_run + tf.cast(active, tf.int32))
    if rule is None:
        return after, stopping, log
    value = rule.sign * log[rule.log]
    counted = active & (epoch >= rule.start_from_epoch)
    better = counted & (value + rule.min_delta < stopping.best)
    restart = better
    if rule.baseline is not None:
        restart = better & (value + rule.min_delta < rule.sign * rule.baseline)
    wait = tf.where(restart, 0, stopping.wait + tf.cast(counted, tf.int32))
    stops = counted & ~better & (wait >= rule.patience) & (epoch > 0)
    stopped = stopping._replace(
        active=active & ~stops,
        best=tf.where(better, value, stopping.best),
        wait=wait,
        best_epoch=tf.where(better, epoch, stopping.best_epoch),
    )
    # A stopped copy keeps its weights; what its optimizer goes on to do does not matter.
    after = after._replace(
        trainable=choose(active, after.trainable, before.trainable),
        non_trainable=choose(active, after.non_trainable, before.non_trainable),
    )
    if rule.restore_best_weights:
        stopped = stopped._replace(
            best_trainable=choose(better, after.trainable, stopping.best_trainable),
            best_non_trainable=choose(better, after.non_trainable, stopping.best_non_trainable),
        )
    return after, stopped, tf.where(active, log, np.float32(np.nan))


def choose(replicates: Any, new: list, old: list) -> list:
    """Return tensors of `new` values for the replicates that are true, of `old` ones for the others."""

    def chosen(one: Any, other: Any) -> Any:
        return tf.where(tf.reshape(replicates, [-1] + [1] * (len(one.shape) - 1)), one, other)

    return [chosen(*pair) for pair in zip(new, old, strict=True)]
