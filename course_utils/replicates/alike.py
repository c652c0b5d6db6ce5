"""May these models train together? The one place that decides it; when in doubt they stay apart.

The copies of one builder must be the same model. Variants may differ in the numbers inside their
regularizers, too, where the graph of one computes the penalties of the other once it is given its numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.replicates import strengths
from course_utils.replicates.keras_internals import all_layers


def architecture(model: keras.Model, numbers: bool = True) -> list[str]:
    """Describe what the copies of one builder must share, one line per part.

    Without `numbers`, regularizers are described by their class alone.
    """
    layers = [layer for layer in all_layers(model) if not isinstance(layer, keras.Model)]
    parts = [f"layer {_describe(layer, numbers)}" for layer in layers]
    parts += [f"weight of shape {tuple(w.shape)}, trainable={w.trainable}" for w in model.weights]
    return [*parts, f"optimizer {_describe(model.optimizer)}", f"loss {_describe(model.loss)}"]


def check_same_architecture(first: list[str], other: list[str], seed: int) -> None:
    """Refuse a builder that returns different models."""
    if first != other:
        here, there = next(
            ((a, b) for a, b in zip(first, other, strict=False) if a != b), (len(first), len(other))
        )
        raise ValueError(
            "build must return the same architecture, optimizer and loss at each call; "
            f"at the first call: {here}; at the call for seed {seed}: {there}"
        )


def groups(models: Sequence[keras.Model]) -> list[list[int]]:
    """Group models that were built with one seed and differ only in the strengths of their regularizers.

    Parameters
    ----------
    models : sequence of keras.Model

    Returns
    -------
    list of list of int
        Positions in `models`, in the order of their first member.
    """
    found: list[tuple[_Likeness, list[int]]] = []
    for place, model in enumerate(models):
        members = next((members for first, members in found if first.holds_for(model)), None)
        if members is None:
            found.append((_Likeness(model), [place]))
        else:
            members.append(place)
    return [members for _, members in found]


class _Likeness:
    """What another model must share with `model` to be trained in its graph; found out once."""

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.architecture = architecture(model, numbers=False)
        self.weights = model.get_weights()
        self.slots = strengths.slots(model)

    def holds_for(self, other: keras.Model) -> bool:
        """Whether `other`, built with the same seed, differs in nothing but strengths."""
        if self.architecture != architecture(other, numbers=False):
            return False
        pairs = zip(self.weights, other.get_weights(), strict=True)
        return all(np.array_equal(a, b) for a, b in pairs) and self._has_the_penalties_of(other)

    def _has_the_penalties_of(self, other: keras.Model) -> bool:
        """Whether our regularizers, given the other's numbers, compute the other's penalties.

        They are tried: one that keeps its number elsewhere too, or that cannot compute with a tensor in its
        place, says no.
        """
        theirs = strengths.slots(other)
        pairs = list(zip(strengths.regularizers(self.model), strengths.regularizers(other), strict=True))
        if len(self.slots) != len(theirs) or any(type(a) is not type(b) for a, b in pairs):
            return False
        distinct = {(id(a), id(b)): (a, b) for a, b in pairs}.values()
        weights = tf.constant(np.linspace(0.1, 0.9, 12, dtype=np.float32).reshape(4, 3))
        with strengths.replaced(self.slots, strengths.values(theirs)):
            same = all(np.allclose(a(weights), b(weights), rtol=1e-6) for a, b in distinct)
        return same and self._computes_with_tensors

    @cached_property
    def _computes_with_tensors(self) -> bool:
        """Whether the regularizers work in a graph that does not know their numbers yet."""
        distinct = {id(slot.regularizer): slot.regularizer for slot in self.slots}.values()

        @tf.function(autograph=False)
        def penalties(*numbers: Any) -> list:
            with strengths.replaced(self.slots, numbers):
                return [regularizer(tf.ones((4, 3))) for regularizer in distinct]

        try:
            penalties.get_concrete_function(*[tf.TensorSpec((), tf.float32) for _ in self.slots])
        except (TypeError, ValueError):
            return False
        return True


def _describe(thing: Any, numbers: bool = True) -> str:
    try:
        config = thing.get_config()
    except (AttributeError, NotImplementedError):
        config = {}
    text = json.dumps(_plain(config, numbers), sort_keys=True, default=lambda o: type(o).__name__)
    return f"{type(thing).__name__} {text}" if not isinstance(thing, str) else thing


def _plain(config: Any, numbers: bool = True) -> Any:
    """Drop what may differ between two calls of one builder: names and seeds; strengths if so asked."""
    if isinstance(config, Mapping):
        return {
            k: v["class_name"]
            if not numbers and k.endswith("_regularizer") and isinstance(v, Mapping)
            else _plain(v, numbers)
            for k, v in config.items()
            if k not in ("name", "seed", "shared_object_id")
        }
    if isinstance(config, (list, tuple)):
        return [_plain(v, numbers) for v in config]
    return config
