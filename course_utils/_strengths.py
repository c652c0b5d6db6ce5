"""The numbers inside regularizers, taken out: models that differ in nothing else train side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

Array = np.ndarray


class Slot(NamedTuple):
    """One number of one regularizer."""

    regularizer: Any
    name: str


def regularizers(model: keras.Model) -> list:
    """Return the regularizer of every weight, then of every layer's activity, in a fixed order."""
    weights = [v.regularizer for v in model.weights]
    activities = [layer.activity_regularizer for layer in model._flatten_layers()]
    return [r for r in (*weights, *activities) if r is not None]


def slots(model: keras.Model) -> list[Slot]:
    """Return the numbers that the regularizers of a model compute with, each once."""
    distinct = {id(r): r for r in regularizers(model)}.values()
    return [Slot(r, name) for r in distinct for name in _names(r)]


def values(found: Sequence[Slot]) -> list[float]:
    """Return the numbers as they are now."""
    return [float(getattr(slot.regularizer, slot.name)) for slot in found]


@contextlib.contextmanager
def replaced(found: Sequence[Slot], numbers: Sequence[Any]) -> Iterator[None]:
    """Let the regularizers compute with other numbers for a while; no numbers mean no change."""
    before = [getattr(slot.regularizer, slot.name) for slot in found] if numbers else []
    try:
        for slot, number in zip(found, numbers, strict=bool(numbers)):
            setattr(slot.regularizer, slot.name, number)
        yield
    finally:
        for slot, number in zip(found, before, strict=bool(before)):
            setattr(slot.regularizer, slot.name, number)


def interchangeable(template: keras.Model, other: keras.Model) -> bool:
    """Whether `template` has the penalties of `other` when its regularizers are given the other's numbers.

    The regularizers are tried: one that keeps its number elsewhere too, or that cannot compute with a tensor
    in its place, as `L1L2`, says no. Both models must have been found alike otherwise.
    """
    ours, theirs = slots(template), slots(other)
    pairs = list(zip(regularizers(template), regularizers(other), strict=True))
    if len(ours) != len(theirs) or any(type(a) is not type(b) for a, b in pairs):
        return False
    weights = tf.constant(np.linspace(0.1, 0.9, 12, dtype=np.float32).reshape(4, 3))
    with replaced(ours, values(theirs)):
        same = all(np.allclose(a(weights), b(weights), rtol=1e-6) for a, b in pairs)
    return same and _compute_with_tensors(ours)


def _compute_with_tensors(found: Sequence[Slot]) -> bool:
    """Whether regularizers work in a graph that does not know their numbers yet."""
    distinct = {id(slot.regularizer): slot.regularizer for slot in found}.values()

    @tf.function(autograph=False)
    def penalties(*numbers: Any) -> list:
        with replaced(found, numbers):
            return [regularizer(tf.ones((4, 3))) for regularizer in distinct]

    try:
        penalties.get_concrete_function(*[tf.TensorSpec((), tf.float32) for _ in found])
    except (TypeError, ValueError):
        return False
    return True


def _names(regularizer: Any) -> list[str]:
    try:
        config = regularizer.get_config()
    except (AttributeError, NotImplementedError):
        return []
    return [name for name, value in config.items() if _is_number(value, getattr(regularizer, name, None))]


def _is_number(value: Any, attribute: Any) -> bool:
    # Keras keeps some of them as tensors.
    return (
        isinstance(value, float) and isinstance(attribute, (float, tf.Tensor)) and value == float(attribute)
    )
