"""Checks of single arguments; each message names the argument, what came and what was expected."""

import math
import numbers
from typing import Any


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
        upper = "" if below == math.inf else f" and less than {below:g}"
        raise ValueError(f"{name} must be a finite number of at least {minimum:g}{upper}, got {value!r}")
    return float(value)
