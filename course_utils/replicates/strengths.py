"""The numbers inside regularizers, taken out: models that differ in nothing else train side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from course_utils.replicates.keras_internals import all_layers


class Slot(NamedTuple):
    """One number of one regularizer."""

    regularizer: Any
    name: str


def regularizers(model: keras.Model) -> list:
    """Return the regularizer of every weight, then of every layer's activity, in a fixed order."""
    weights = [v.regularizer for v in model.weights]
    activities = [layer.activity_regularizer for layer in all_layers(model)]
    return [r for r in (*weights, *activities) if r is not None]


def slots(model: keras.Model) -> list[Slot]:
    """Return the numbers that the regularizers of a model compute with, each once."""
    distinct = {id(r): r for r in regularizers(model)}.values()
    return [Slot(r, name) for r in distinct for name in _names(r)]


def values(found: Sequence[Slot]) -> list[float]:
    """Return the numbers as they are now."""
    return [float(getattr(slot.regularizer, slot.name)) for slot in found]


def by_owner(found: Sequence[Slot]) -> dict[int, set[str]]:
    """Return the names of the numbers by the `id` of their regularizer."""
    owners: dict[int, set[str]] = {}
    for slot in found:
        owners.setdefault(id(slot.regularizer), set()).add(slot.name)
    return owners


@contextlib.contextmanager
def replaced(found: Sequence[Slot], numbers: Sequence[Any]) -> Iterator[None]:
    """Let the regularizers compute with other numbers for a while; no numbers mean no change."""
    before = [getattr(slot.regularizer, slot.name) for slot in found] if numbers else []
    try:
        for slot, number in zip(found, numbers, strict=bool(numbers)):
            setattr(slot.regularizer, slot.name, _askable(slot.regularizer, number))
        yield
    finally:
        for slot, number in zip(found, before, strict=bool(before)):
            setattr(slot.regularizer, slot.name, number)


class _NotZero:
    """A number that the graph does not know yet, for `L1L2`, which asks whether it is zero."""

    def __init__(self, number: tf.Tensor) -> None:
        self.number = number

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = None

    def __tf_tensor__(self, dtype: tf.DType | None = None, name: str | None = None) -> tf.Tensor:
        return tf.convert_to_tensor(self.number, dtype, name=name)


def _askable(regularizer: Any, number: Any) -> Any:
    # Keras' `L1L2` leaves the term of a zero out; in a graph the term is there, times zero.
    asks = type(regularizer) is keras.regularizers.L1L2 and tf.is_tensor(number)
    return _NotZero(number) if asks else number


def _names(regularizer: Any) -> list[str]:
    try:
        config, attributes = regularizer.get_config(), vars(regularizer)
    except (AttributeError, NotImplementedError, TypeError):
        return []
    return [name for name, value in config.items() if _is_number(value, attributes.get(name))]


def _is_number(value: Any, attribute: Any) -> bool:
    # Keras keeps some of them as tensors.
    return (
        isinstance(value, float) and isinstance(attribute, (float, tf.Tensor)) and value == float(attribute)
    )
