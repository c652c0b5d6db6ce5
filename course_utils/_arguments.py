"""Checks of single arguments; each message names the argument, what came and what was expected."""

import functools
import inspect
import math
import numbers
import reprlib
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def check_integer(value: Any, name: str, minimum: int = 0) -> int:
    """Return `value` as an int, or say why it is not an integer of at least `minimum`.

    Raises
    ------
    TypeError
        If `value` is not an integer (a bool is none).
    ValueError
        If `value` is less than `minimum`.

    Examples
    --------
    >>> check_integer(3, "n_samples", minimum=1)
    3
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer, got {value!r} of type {type(value).__name__}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value!r}")
    return int(value)


def check_number(value: Any, name: str, minimum: float = 0.0, below: float = math.inf) -> float:
    """Return `value` as a float, or say why it is not a number with ``minimum <= value < below``.

    Raises
    ------
    TypeError
        If `value` is not a real number (a bool is none).
    ValueError
        If `value` is not finite or outside the range.

    Examples
    --------
    >>> check_number(0.01, "strength")
    0.01
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r} of type {type(value).__name__}")
    if not (math.isfinite(value) and minimum <= value < below):
        lower = "" if minimum == -math.inf else f" of at least {minimum:g}"
        upper = "" if below == math.inf else f" and less than {below:g}"
        raise ValueError(f"{name} must be a finite number{lower}{upper}, got {value!r}")
    return float(value)


def check_numbers(value: Any, name: str) -> None:
    """Say it when `value` is no array of numbers, of whatever shape.

    Raises
    ------
    TypeError
        If it holds anything else.

    Examples
    --------
    >>> check_numbers([[0.5, 1], [2, 3]], "x")
    """
    _check_annotated(value, name, ArrayLike)


def checked(function: Callable) -> Callable:
    """Let a function check its arguments against their annotations before it runs.

    An annotation says what is accepted: `bool` no word and no number, `int` and `float` no NaN and no word,
    `Sequence` no single word, `Sequence[float]` numbers, `ArrayLike` numbers of any shape; classes such as
    Mapping or DataFrame mean themselves. `Any` accepts everything.

    Raises
    ------
    TypeError
        By the function, at a call: an argument is not what its annotation says.
    ValueError
        By the function, at a call: a number is NaN or infinite.

    Examples
    --------
    >>> @checked
    ... def doubled(rate: float) -> float:
    ...     return 2 * rate
    >>> doubled("much")
    Traceback (most recent call last):
    TypeError: rate must be a number, got 'much' of type str
    """
    signature = inspect.signature(function)
    hints = functools.cache(lambda: typing.get_type_hints(function))

    @functools.wraps(function)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        given = signature.bind(*args, **keywords).arguments
        for name, value in given.items():
            if signature.parameters[name].kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                continue
            _check_annotated(value, name, hints().get(name, Any))
        return function(*args, **keywords)

    return wrapper


def _check_annotated(value: Any, name: str, hint: Any) -> None:
    is_union = hint is not ArrayLike and typing.get_origin(hint) in (typing.Union, types.UnionType)
    options = typing.get_args(hint) if is_union else (hint,)
    if value is None and type(None) in options:
        return
    options = tuple(option for option in options if option is not type(None))
    if Any in options:
        return
    if options == (float,):
        check_number(value, name, minimum=-math.inf)
    elif options == (int,):
        check_integer(value, name, minimum=-sys.maxsize)
    elif not any(_is_a(value, option) for option in options):
        expected = " or ".join(_words(option) for option in options)
        raise TypeError(
            f"{name} must be {expected}, got {reprlib.repr(value)} of type {type(value).__name__}"
        )


def _is_a(value: Any, option: Any) -> bool:
    if option is ArrayLike:
        return _holds_numbers(value)
    if _class_of(option) is Sequence:
        return _is_a_sequence(value, *typing.get_args(option))
    if option in (int, float):
        return isinstance(value, numbers.Real) and not isinstance(value, bool)
    return isinstance(value, _class_of(option))


def _words(option: Any) -> str:
    kind = _class_of(option)
    return _WORDS.get(option, _WORDS.get(kind, getattr(kind, "__name__", str(kind))))


def _is_a_sequence(value: Any, of: Any = Any) -> bool:
    # Arrays serve as sequences; a single word would be read letter by letter.
    if isinstance(value, str) or not isinstance(value, (Sequence, np.ndarray)):
        return False
    if of is float:
        return _holds_numbers(value)
    return of is not str or all(isinstance(entry, str) for entry in value)


def _class_of(option: Any) -> type:
    return typing.get_origin(option) or option


def _holds_numbers(value: Any) -> bool:
    try:
        return np.issubdtype(np.asarray(value).dtype, np.number) or np.asarray(value).dtype == bool
    except (TypeError, ValueError):
        return False


_WORDS = {
    ArrayLike: "an array of numbers",
    Sequence: "a sequence",
    Sequence[int]: "a sequence of integers",
    Sequence[float]: "a sequence of numbers",
    Sequence[str]: "a sequence of names",
    Mapping: "a mapping",
    Callable: "a function",
    bool: "True or False",
    str: "a text",
}
