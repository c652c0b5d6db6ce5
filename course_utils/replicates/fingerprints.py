"""What an object computes, in one line of text: equal fingerprints are a proof of equality, or none is given.

An object is read as it is, not as its config describes it: its class, every attribute, the contents of every
container, the values of arrays and variables, the graph of a functional model node by node. Whatever is met
twice is numbered at the first meeting, so that one regularizer in two layers differs from two.
"""

from __future__ import annotations

import collections
import hashlib
import re
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from course_utils.replicates.keras_internals import BOOKKEEPING, BY_CALL, TENSORFLOWS_CONTAINERS

# Of what they define, an equal class or code and an equal state prove an equal behaviour.
_OWNERS = ("keras", "course_utils")
_ATOMS = (type(None), type(...), bool, int, float, complex, str, bytes)
_CONTAINERS = (
    *(list, collections.deque, set, frozenset),
    *(dict, collections.OrderedDict, collections.defaultdict, types.MappingProxyType),
)
_KERAS_OBJECTS = (
    keras.Operation,
    keras.Variable,
    keras.Loss,
    keras.Metric,
    keras.Initializer,
    keras.Regularizer,
    keras.constraints.Constraint,
    keras.optimizers.Optimizer,
    keras.optimizers.schedules.LearningRateSchedule,
)


class Unprovable(Exception):
    """An object holds what only its owner knows: a function, a class, anything of unknown inside."""


def proof(thing: Any, without: Mapping[int, set[str]]) -> str:
    """Return a text that is equal for objects that compute the same, down to every number and name.

    Parameters
    ----------
    thing : object
    without : dict of int to set of str
        By `id`, attributes that may differ.

    Raises
    ------
    Unprovable
        When something is met that neither Keras nor this package defines.
    """
    return _Reader(without, strict=True).read(thing)


def likeness(thing: Any) -> str:
    """Return a text that is equal for what one builder returns at different calls.

    Seeds, what follows from them and names are left out; a class of the reader is taken by its name, an
    unknown object by its type.
    """
    return _Reader({}, strict=False).read(thing)


class _Reader:
    def __init__(self, without: Mapping[int, set[str]], strict: bool) -> None:
        self.without = without
        self.strict = strict
        self.numbers: dict[int, int] = {}
        self.met: list[Any] = []

    def read(self, thing: Any) -> str:
        digest = hashlib.sha256(repr(self._mention(thing)).encode())
        place = 0
        # One after the other, not one inside the other: deep models would exceed Python's recursion.
        while place < len(self.met):
            digest.update(repr(list(self._parts(self.met[place]))).encode())
            place += 1
        return digest.hexdigest()

    def _mention(self, thing: Any) -> Any:
        """Return a value as it stands in its owner: itself, or the number of what is read in its turn."""
        kind = type(thing)
        if kind in _ATOMS:
            return kind.__name__, repr(thing)
        if kind is tuple:
            return [self._mention(part) for part in thing]
        if kind is slice:
            return "slice", self._mention((thing.start, thing.stop, thing.step))
        if id(thing) not in self.numbers:
            self.numbers[id(thing)] = len(self.met)
            self.met.append(thing)
        return self.numbers[id(thing)]

    def _parts(self, thing: Any) -> Iterator[Any]:
        kind = type(thing)
        yield kind.__module__, kind.__qualname__
        value = _value(thing)
        if value is not None:
            yield value
        elif kind in _CONTAINERS or kind.__module__ == TENSORFLOWS_CONTAINERS:
            yield from self._contents(thing)
        elif kind is types.FunctionType:
            yield from self._function(thing)
        elif kind is types.MethodType:
            yield self._mention(thing.__func__)
            yield self._mention(thing.__self__)
        elif _is_owned(kind) or (not self.strict and isinstance(thing, _KERAS_OBJECTS)):
            yield from self._contents(thing)
            yield from self._attributes(thing)
        elif self.strict:
            raise Unprovable(f"{kind.__module__}.{kind.__qualname__}")

    def _contents(self, thing: Any) -> Iterator[Any]:
        if isinstance(thing, (dict, types.MappingProxyType)):
            yield [(self._mention(key), self._mention(value)) for key, value in thing.items()]
        elif isinstance(thing, (set, frozenset)):
            found = [(type(part).__name__, repr(part)) for part in thing if type(part) in _ATOMS]
            if self.strict and len(found) < len(thing):
                raise Unprovable("a set of objects has no order to compare by")
            yield sorted(found)
        elif isinstance(thing, (list, tuple, collections.deque)):
            yield [self._mention(part) for part in thing]
        elif isinstance(thing, _ATOMS):
            yield repr(thing)

    def _attributes(self, thing: Any) -> Iterator[Any]:
        left_out = BOOKKEEPING | self.without.get(id(thing), set()) | (set() if self.strict else BY_CALL)
        found = dict(getattr(thing, "__dict__", {}))
        for base in type(thing).__mro__:
            names = base.__dict__.get("__slots__", ())
            for name in (names,) if isinstance(names, str) else names:
                if hasattr(thing, name):
                    found[name] = getattr(thing, name)
        if isinstance(thing, keras.Metric) and not self.strict:
            yield re.sub(r"_\d+$", "", str(thing.name))  # under this name it stands in the history
        for name in sorted(found):
            if name not in left_out and not name.startswith(("_self_", "__")):
                yield name, self._mention(found[name])

    def _function(self, function: types.FunctionType) -> Iterator[Any]:
        if self.strict and not _is_owned_code(function):
            raise Unprovable(f"{function.__module__}.{function.__qualname__}")
        yield _code(function.__code__)
        yield self._mention(function.__defaults__)
        yield self._mention(function.__kwdefaults__)
        for cell in function.__closure__ or ():
            yield self._mention(cell.cell_contents) if cell != types.CellType() else "empty"


def _value(thing: Any) -> Any:
    """Return what is compared by value, or None."""
    if isinstance(thing, (tf.Variable, tf.Tensor)):
        if not hasattr(thing, "numpy"):
            return None
        array = thing.numpy()
    elif isinstance(thing, (np.ndarray, np.generic)):
        array = np.asarray(thing)
    elif isinstance(thing, (tf.DType, tf.TensorShape, np.dtype)):
        return repr(thing)
    elif isinstance(thing, re.Pattern):
        return thing.pattern, thing.flags
    elif isinstance(thing, types.ModuleType):
        return thing.__name__
    elif isinstance(thing, type):
        known = _is_owned(thing) or thing.__module__ == "builtins"
        return (thing.__module__, thing.__qualname__) if known else None
    else:
        return None
    if array.dtype == object:
        return None
    return array.dtype.str, array.shape, hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _is_owned(kind: type) -> bool:
    """Whether a class is what its module and name say, and of a package that is known."""
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind and kind.__module__.partition(".")[0] in _OWNERS


def _is_owned_code(function: types.FunctionType) -> bool:
    name = function.__globals__.get("__name__", "")
    module = sys.modules.get(name)
    return name.partition(".")[0] in _OWNERS and getattr(module, "__dict__", None) is function.__globals__


def _code(code: types.CodeType) -> tuple:
    """Return what a function does, without where it stands."""
    constants = [_code(c) if isinstance(c, types.CodeType) else (type(c), c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, code.co_freevars, repr(constants)
