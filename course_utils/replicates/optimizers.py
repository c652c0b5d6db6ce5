"""A Keras optimizer that updates all copies of a model: plain tensors, replicates on axis 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.replicates.keras_internals import excludes_from_weight_decay, make_stateless
from course_utils.replicates.stacks import repeat

Array = np.ndarray

# Their updates look at one number of one weight at a time, unless they clip by a norm.
_ELEMENTWISE = tuple(
    getattr(keras.optimizers, name)
    for name in ("SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Ftrl", "Lion")
)


class StackedOptimizer:
    """The optimizer of `model`, for the weights of all copies at once.

    An optimizer that treats every number by itself sees one array of all weights: one update in the graph,
    however many there are (`elementwise`). One that looks at whole weights, as clipping by their norm does,
    updates copy by copy. So do sparse gradients, as those of an embedding: Keras leaves the rows that a batch
    does not use alone, momentum and all.
    """

    def __init__(self, model: keras.Model, replicates: int, dense_gradients: bool = True) -> None:
        self.optimizer = model.optimizer
        self.elementwise = dense_gradients and _is_elementwise(model)
        self.weights = model.trainable_variables
        if self.elementwise:
            size = sum(int(np.prod(w.shape)) for w in self.weights)
            self.weights = [keras.Variable(np.zeros((replicates, size), np.float32))]
        make_stateless(self.optimizer)
        self.optimizer.build(self.weights)
        self.variables = _variables(self.optimizer)
        start = [v.numpy() for v in self.variables]
        self.start = start if self.elementwise else [repeat(value, replicates) for value in start]

    def update_all(self, variables: list, gradients: dict[int, Any], weights: list) -> tuple[list, list]:
        """Update the weights of all copies at once; one without gradient stays, as in Keras.

        Parameters
        ----------
        variables : list of tensor
            The optimizer's own, as `start`.
        gradients : dict of int to tensor, shape (n_replicates, ...)
            By the position of the weight.
        weights : list of tensor, shape (n_replicates, ...)

        Returns
        -------
        list of tensor, list of tensor
            The new weights and the optimizer's new variables.
        """
        found = [gradients.get(place, tf.zeros_like(weight)) for place, weight in enumerate(weights)]
        (joined,), variables = self.update_one(variables, [_join(found)], [_join(weights)])
        parts = tf.split(joined, [int(np.prod(w.shape[1:])) for w in weights], axis=1)
        updated = [tf.reshape(part, w.shape) for part, w in zip(parts, weights, strict=True)]
        return [new if place in gradients else weights[place] for place, new in enumerate(updated)], variables

    def update_one(self, variables: list, gradients: list, weights: list) -> tuple[list, list]:
        """Let Keras update the weights of one copy; meant for the step of a copy, if not `elementwise`."""
        known = [*self.weights, *self.variables]
        with keras.StatelessScope(
            state_mapping=list(zip(known, [*weights, *variables], strict=True))
        ) as scope:
            self.optimizer.apply(gradients)
        after = [scope.get_current_value(v) for v in known]
        return after[: len(weights)], after[len(weights) :]

    def of_copy(self, variables: list, place: int) -> list[Array]:
        """Return the variables of one copy in the order of `named_values`."""
        stacked = [not self.elementwise or v.ndim > 0 for v in self.variables]
        own = [np.asarray(t)[place] if s else np.asarray(t) for t, s in zip(variables, stacked, strict=True)]
        of_variable = {id(v): value for v, value in zip(self.variables, own, strict=True)}
        return [value for _, value in named_values(self.optimizer, of_variable)]


def named_values(
    optimizer: keras.optimizers.Optimizer, values: dict[int, Array] | None = None
) -> list[tuple[str, Array]]:
    """Return what an optimizer keeps: numbers, and slots in which those of all weights are joined.

    Joined, they are the same whether it updates every weight by itself or all as one array. `values` stand in
    for those of its variables, by `id`.
    """
    variables = {id(v): v for v in _variables(optimizer)}
    values = {place: v.numpy() for place, v in variables.items()} if values is None else values
    slots = {
        name: [v for v in (kept if isinstance(kept, list) else [kept]) if id(v) in variables]
        for name, kept in vars(optimizer).items()
        if name != "_variables"  # all of them once more, in an order that depends on the weights
    }
    known = {id(v) for slot in slots.values() for v in slot}
    slots |= {v.path: [v] for place, v in variables.items() if place not in known}
    return [
        (f"optimizer's {name.strip('_')}", np.concatenate([np.ravel(values[id(v)]) for v in slot]))
        for name, slot in slots.items()
        if slot
    ]


def _join(tensors: Sequence[Any]) -> Any:
    return tf.concat([tf.reshape(t, [t.shape[0], -1]) for t in tensors], axis=1)


def _is_elementwise(model: keras.Model) -> bool:
    optimizer = model.optimizer
    one_by_one = (
        optimizer.built
        or optimizer.clipnorm
        or optimizer.global_clipnorm
        or excludes_from_weight_decay(optimizer)
        or any(w.constraint is not None or w.dtype != "float32" for w in model.trainable_variables)
    )
    return type(optimizer) in _ELEMENTWISE and not one_by_one


def _variables(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """Return the optimizer's variables; Keras' own list leaves out those of Nadam that no weight owns."""
    others = [v for v in vars(optimizer).values() if isinstance(v, keras.Variable)]
    return list({id(v): v for v in [*optimizer.variables, *others]}.values())
