"""May these models train together? The one place that decides it; when in doubt they stay apart.

The copies of one builder must be the same model. Variants may differ in the numbers inside their
regularizers, too: everything else is proved to be equal, and the graph of one computes the penalties of the
other once it is given its numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.replicates import strengths
from course_utils.replicates.copies import traced
from course_utils.replicates.fingerprints import Unprovable, likeness, proof
from course_utils.replicates.keras_internals import all_layers

_SOME_WEIGHTS = np.linspace(0.1, 0.9, 12, dtype=np.float32).reshape(4, 3)


def architecture(model: keras.Model) -> tuple[str, ...]:
    """Describe what the copies of one builder must share: a line per part, and one for all of it."""
    layers = [layer for layer in all_layers(model) if not isinstance(layer, keras.Model)]
    parts = [f"layer {_describe(layer)}" for layer in layers]
    parts += [f"weight of shape {tuple(w.shape)}, trainable={w.trainable}" for w in model.weights]
    parts += [f"optimizer {_describe(model.optimizer)}", f"loss {_describe(model.loss)}"]
    return *parts, f"constants, connections and settings {likeness(model)[:16]}"


def check_same_architecture(first: tuple[str, ...], other: tuple[str, ...], seed: int) -> None:
    """Refuse a builder that returns different models."""
    if first != other:
        here, there = next(
            ((a, b) for a, b in zip(first, other, strict=False) if a != b), (len(first), len(other))
        )
        raise ValueError(
            "build must return the same architecture, optimizer and loss at each call; "
            f"at the first call: {here}; at the call for seed {seed}: {there}"
        )


def check_nothing_shared(models: Sequence[keras.Model]) -> None:
    """Refuse builders that hand out a model, an optimizer or a layer twice: one would train the other."""
    seen: set[int] = set()
    for model in models:
        parts = {
            id(model): "returns the same model twice",
            id(model.optimizer): "shares an optimizer between models",
            **{id(weight): "shares a layer between models" for weight in model.trainable_variables},
        }
        for part, what in parts.items():
            if part in seen:
                raise ValueError(f"build must make everything that trains anew at each call, but it {what}")
        seen |= parts.keys()


def groups(models: Sequence[keras.Model]) -> list[list[int]]:
    """Group models that were built with one seed and are proved to differ in regularizers' numbers alone.

    Parameters
    ----------
    models : sequence of keras.Model
        As their builders returned them.

    Returns
    -------
    list of list of int
        Positions in `models`, in the order of their first member.
    """
    found: dict[Any, list[int]] = {}
    firsts: dict[str, _Penalties] = {}
    for place, model in enumerate(models):
        try:
            graph = proof(model, without=strengths.by_owner(strengths.slots(model)))
        except Unprovable:
            found[place] = [place]
            continue
        first = firsts.setdefault(graph, _Penalties(model))
        found.setdefault(graph if first.become_those_of(model) else place, []).append(place)
    return list(found.values())


class _Penalties:
    """The regularizers of a model in a graph that does not know their numbers yet."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.slots = strengths.slots(model)

    def become_those_of(self, other: keras.Model) -> bool:
        """Whether, given the numbers of the other's regularizers, they compute the other's penalties.

        They are tried: one that keeps a number elsewhere, too, or cannot compute with a tensor in its place,
        says no.
        """
        if other is self.model:
            return True
        numbers = strengths.values(strengths.slots(other))
        try:
            theirs = [regularizer(_SOME_WEIGHTS) for regularizer in strengths.regularizers(other)]
            ours = traced(self._graph, *map(tf.constant, numbers))
        except (TypeError, ValueError):
            return False
        return all(np.allclose(a, b, rtol=1e-6) for a, b in zip(ours, theirs, strict=True))

    @cached_property
    def _graph(self) -> Callable:
        @tf.function(autograph=False)
        def penalties(*numbers: Any) -> list:
            with strengths.replaced(self.slots, numbers):
                return [regularizer(_SOME_WEIGHTS) for regularizer in strengths.regularizers(self.model)]

        return penalties


def _describe(thing: Any) -> str:
    try:
        config = thing.get_config()
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        config = {}
    text = json.dumps(_plain(config), sort_keys=True, default=lambda o: type(o).__name__)
    return f"{type(thing).__name__} {text}" if not isinstance(thing, str) else thing


def _plain(config: Any) -> Any:
    """Drop what may differ between two calls of one builder: names and seeds."""
    if isinstance(config, Mapping):
        return {k: _plain(v) for k, v in config.items() if k not in ("name", "seed", "shared_object_id")}
    if isinstance(config, (list, tuple)):
        return [_plain(v) for v in config]
    return config
