"""All copies of one compiled model, which exist only as stacked tensors: their call, loss and evaluation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.losses import RegularizedLoss
from course_utils.replicates import random_numbers, strengths
from course_utils.replicates.keras_internals import (
    compiled_loss,
    compiled_metrics,
    function_of,
    mask_of,
    same_metrics,
)
from course_utils.replicates.stacks import FEW, Data, State, repeat

Array = np.ndarray

# Keras' functions for losses and metrics that return one number per row.
_ROW_BY_ROW = {
    *("mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "huber", "log_cosh"),
    *("mean_squared_logarithmic_error", "poisson", "kl_divergence", "cosine_similarity"),
    *("hinge", "squared_hinge", "categorical_hinge", "binary_crossentropy", "binary_focal_crossentropy"),
    *("categorical_crossentropy", "categorical_focal_crossentropy", "sparse_categorical_crossentropy"),
    *("accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"),
    *("top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy"),
}


class Copies:
    """Calls, measures and evaluates all copies of one compiled model."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.slots = strengths.slots(model)
        # Kept: whoever owns a regularizer may change its number later.
        self.numbers = strengths.values(self.slots)
        self.metric_shapes: dict[str, tuple[int, ...]] = {}
        self.initial_metrics: list[Array] = []

    def create_metrics(self, data: Data) -> None:
        """Show the model one label: Keras creates the compiled metrics when it sees the labels' shape."""
        x, y = data.first_row()
        try:
            with same_metrics(self.model, x, y):
                self.model.compute_metrics(x, y, self.model(x, training=False))
                results = self.model.get_metrics_result()
                self.model.reset_metrics()
                self.initial_metrics = [v.numpy() for v in self.model.metrics_variables]
        except Exception as error:
            raise ValueError(f"x and y must fit the model and its metrics: {in_one_line(error)}") from error
        results.pop("loss", None)
        self.metric_shapes = {name: tuple(keras.ops.shape(value)) for name, value in results.items()}

    def sums_over_rows(self, data: Data) -> bool:
        """Whether loss and metrics of all rows do not depend on how they are cut: one batch may hold all."""
        with keras.StatelessScope(collect_losses=True) as scope:
            y_pred = self.model(data.first_row()[0], training=False)
        return (
            not scope.losses
            and mask_of(y_pred) is None
            and is_mean_over_rows(self.model.loss)
            and all(map(is_row_by_row, compiled_metrics(self.model)))
        )

    def log_names(self, validation: bool) -> list[str]:
        """Names of the rows of `logs`, in order; a metric that is an array has one row for each number."""
        names = ["loss", "data_loss", "penalty"]
        for name, shape in self.metric_shapes.items():
            names += [f"{name}{list(place)}" if shape else name for place in np.ndindex(shape)]
        return names + [f"val_{name}" for name in names] if validation else names

    def by_name(self, logs: Array, validation: bool) -> dict[str, Array]:
        """Take the rows of `logs` apart: by name, of their other axes and those of the metric."""
        shapes = {"loss": (), "data_loss": (), "penalty": (), **self.metric_shapes}
        found, row = {}, 0
        for prefix in ("", "val_")[: 1 + validation]:
            for name, shape in shapes.items():
                part = np.moveaxis(logs[row : row + int(np.prod(shape))], 0, -1)
                found[prefix + name] = part.reshape(*part.shape[:-1], *shape)
                row += int(np.prod(shape))
        return found

    def metrics_at_start(self, replicates: int) -> list:
        """Return the metrics' variables before the first batch."""
        return [tf.constant(repeat(v, replicates)) for v in self.initial_metrics]

    def state_of(self, weights: list[Array], numbers: list[Array]) -> State:
        """Put stacked weights, in the order of `get_weights`, into a state that can predict and evaluate."""
        given = {id(v): w for v, w in zip(self.model.weights, weights, strict=True)}

        def stacked(variables: list) -> list:
            # Seeds of random layers are not weights; nothing draws from them after training.
            return [
                tf.constant(given[id(v)] if id(v) in given else repeat(v.numpy(), len(weights[0])))
                for v in variables
            ]

        model = self.model
        tensors = [tf.constant(n, tf.float32) for n in numbers]
        return State(
            stacked(model.trainable_variables), stacked(model.non_trainable_variables), [], [], tensors
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
            strengths.replaced(self.slots, state.strengths or self.numbers),
            keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope,
        ):
            y_pred = model(x, training=training)
            data_loss = compiled_loss(model, y, y_pred, weight)
            penalty = sum((tf.reduce_sum(loss) for loss in model.losses), start=tf.zeros(()))
            if callable(penalty_inside := getattr(model.loss, "penalty", None)):
                inside = penalty_inside()
                data_loss, penalty = data_loss - inside, penalty + inside
            model.compute_metrics(x, y, y_pred, weight)
        for variable, value in zip(model.trainable_variables, state.trainable, strict=True):
            if scope.get_current_value(variable) is not value:
                raise ValueError(f"a layer assigns to the weight {variable.path}, which the optimizer trains")
        return (
            data_loss,
            penalty,
            state._replace(
                non_trainable=[scope.get_current_value(v) for v in model.non_trainable_variables],
                metrics=[scope.get_current_value(v) for v in model.metrics_variables],
            ),
        )

    def test_step(self, state: State, batch: tuple) -> tuple:
        """Forward pass of one copy, for evaluation."""
        data_loss, penalty, after = self.forward(state, batch, training=False)
        return after, losses_of(data_loss, penalty)

    # All copies

    def test_batch(self, state: State, batch: tuple, stacked: tuple[bool, ...]) -> tuple:
        """One evaluation step of all copies; only the metrics change."""
        after, losses = vectorized(self.test_step, state._replace(optimizer=[]), batch, stacked)
        return state._replace(metrics=after.metrics), losses

    def over_batches(
        self, on_batch: Callable, state: State, data: Data, size: int, order: Any = None, most: Any = None
    ) -> tuple:
        """Run `on_batch` on every batch, the last one as short as it is; returns the state and the logs.

        Of many full batches only the first `most` are taken, if it is given (`stacks.first_batches`); the
        losses then are sums over their rows, divided by the number of all.
        """
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
            # XLA removes a loop of one round, if it knows that.
            taken = full if most is None or full <= FEW else tf.minimum(full, most)
            _, state, sums = tf.while_loop(
                lambda batch, *_: batch < taken,
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
                # A result may be a variable, which is read here or never.
                return [tf.cast(keras.ops.ravel(found[name]), tf.float32) for name in self.metric_shapes]

        metrics = tf.vectorized_map(results, state.metrics, warn=False) if self.metric_shapes else []
        losses = tf.stack([data_loss + penalty, data_loss, penalty])
        return tf.concat([losses, *(tf.transpose(metric) for metric in metrics)], axis=0)

    # After training

    def evaluate(
        self, weights: list[Array], numbers: list[Array], data: Data, batch_size: int
    ) -> dict[str, Array]:
        """Loss, data loss, penalty and metrics of all copies, each of shape (n_replicates,)."""
        state, data = self.state_of(weights, numbers), data.as_tensors()
        logs = traced(self._evaluate, state, data.arrays, data.replicated, data.rows, batch_size).numpy()
        return self.by_name(logs, validation=False)

    @cached_property
    def _evaluate(self) -> Callable:
        # Without XLA: one pass over the data ends before XLA has compiled it.
        @tf.function(autograph=False)
        def run(state: State, arrays: tuple, replicated: tuple, rows: int, batch_size: int) -> Any:
            return self.over_batches(self.test_batch, state, Data(arrays, replicated, rows), batch_size)[1]

        return run

    @cached_property
    def _predict(self) -> Callable:
        return self._calling(self.model)

    @cached_property
    def _activations(self) -> Callable:
        layers = [layer for layer in self.model.layers if not isinstance(layer, keras.layers.InputLayer)]
        try:
            network = keras.Model(self.model.inputs[0], {layer.name: layer.output for layer in layers})
        except (AttributeError, TypeError, ValueError) as reason:
            raise ValueError(
                "activations need a model that is a graph of layers, from keras.Model(inputs, outputs) or "
                f"keras.Sequential, got {type(self.model).__name__}"
            ) from reason
        return self._calling(network)

    def _calling(self, network: keras.Model) -> Callable:
        """Call a network of the model's variables for all copies."""
        variables = self.model.trainable_variables + self.model.non_trainable_variables

        def one(values: list, batch: tuple) -> Any:
            with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
                return network(batch[0], training=False)

        @tf.function(autograph=False, reduce_retracing=True)
        def run(values: list, x: Any, replicated: bool) -> Any:
            return vectorized(one, values, (x,), (replicated,))

        return run

    def predict(self, weights: list[Array], data: Data, batch_size: int) -> Array:
        """Predictions of all copies, shape (n_replicates, n_samples, ...)."""
        return self._called(self._predict, weights, data, batch_size)

    def activations(self, weights: list[Array], data: Data, batch_size: int) -> dict[str, Array]:
        """Return what every layer of all copies puts out, of shape (n_replicates, n_samples, ...)."""
        return self._called(self._activations, weights, data, batch_size)

    def _called(self, function: Callable, weights: list[Array], data: Data, batch_size: int) -> Any:
        """Call batch by batch and put the rows together again."""
        state = self.state_of(weights, [])
        values = state.trainable + state.non_trainable
        (x,), (replicated,) = data.arrays, data.replicated
        parts = np.array_split(x, range(batch_size, data.rows, batch_size), axis=int(replicated))
        found = [traced(function, values, tf.constant(part), replicated) for part in parts]
        return tf.nest.map_structure(lambda *rows: np.concatenate(rows, axis=1), *found)


def losses_of(data_loss: Any, penalty: Any) -> Any:
    """Return both as they are reported; a loss without reduction is a vector, whose sum is minimized."""
    return tf.stack([tf.reduce_mean(data_loss), penalty])


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
    with random_numbers.known_to_vectorized_map():
        return tf.vectorized_map(one, (state, own), warn=False)


def is_mean_over_rows(loss: Any) -> bool:
    """Whether a compiled loss is known to be a mean of one loss per row."""
    loss = keras.losses.get(loss) if isinstance(loss, str) else loss
    if type(loss) is RegularizedLoss:
        return is_mean_over_rows(loss.loss)
    if isinstance(loss, keras.losses.Loss) and loss.reduction != "sum_over_batch_size":
        return False
    return getattr(loss, "ignore_class", None) is None and _is_known(loss, getattr(loss, "fn", loss))


def is_row_by_row(metric: keras.metrics.Metric) -> bool:
    """Whether a metric is known to add up over rows: one of Keras, of no other function than Keras'."""
    function = function_of(metric)
    if function is None:
        return _is_known(metric)
    return _is_known(metric, function) and getattr(metric, "ignore_class", None) is None


def _is_known(owner: Any, function: Any = None) -> bool:
    """Whether it is of Keras, and its function one that looks at each row by itself."""
    kind = owner if inspect.isroutine(owner) else type(owner)
    of_keras = kind.__module__.partition(".")[0] == "keras"
    return of_keras and (function is None or getattr(function, "__name__", None) in _ROW_BY_ROW)


def in_one_line(error: Exception) -> str:
    """Return what an error says, without TensorFlow's traceback."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[-1 if lines[0].startswith('in user code') else 0].strip()}"
