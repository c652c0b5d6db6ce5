"""What checks are made of: they say what is wrong with an answer, not only that something is wrong.

A check is a function that takes the reader's answer, tries it with `require` and `require_close`, and carries
the decorator `exercise`:

>>> @exercise("the penalty is the strength times the sum of squares.")
... def check_l2(answer):
...     require_close(answer(np.array([1.0, 2.0]), 0.1), 0.5, "answer([1, 2], 0.1)")
>>> check_l2(lambda w, strength: strength * (w**2).sum())
Correct: the penalty is the strength times the sum of squares.
>>> check_l2(lambda w, strength: strength * (w**2).sum() / 2)
Not yet: answer([1, 2], 0.1) must be 0.5, got 0.25.
"""

import contextlib
import functools
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

WIDTH = 72  # characters of a line: what a page shows beside its sidebars


class NotYet(Exception):
    """Raised inside a check; its text tells the reader what is wrong with the answer."""


def exercise(success: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Turn a check into one that prints ``Correct: ...`` or ``Not yet: ...`` and raises nothing.

    Parameters
    ----------
    success : str
        What a right answer has shown; printed after ``Correct:``.

    Returns
    -------
    callable
        Decorator of a check. An answer that is still ``...`` is told apart before the check runs; an error in
        the reader's code becomes part of the message.

    Raises
    ------
    ValueError
        If `success` is not a text, for example if the parentheses of the decorator were forgotten.

    Examples
    --------
    >>> @exercise("two is two.")
    ... def check_two(answer):
    ...     require(answer == 2, "it is an even number")
    >>> check_two(...)
    Not yet: put your answer where the three dots are.
    >>> check_two(3)
    Not yet: it is an even number.
    >>> check_two(2)
    Correct: two is two.
    """
    if not isinstance(success, str) or not success.strip():
        raise ValueError(f"success must be a text that is not empty, got {success!r}")

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def checked(*answers: Any, **keywords: Any) -> None:
            print(textwrap.fill(_outcome(check, answers, keywords, success), WIDTH))

        return checked

    return decorate


def require(condition: Any, reason: str) -> None:
    """Go on if `condition` holds, otherwise end the check with `reason`.

    Raises
    ------
    NotYet
        If `condition` does not hold.

    Examples
    --------
    >>> require(1 < 2, "one is less than two")
    """
    if not condition:
        raise NotYet(reason)


def require_close(
    found: ArrayLike, expected: ArrayLike, name: str, rtol: float = 1e-5, atol: float = 1e-6
) -> None:
    """Go on if `found` equals `expected` up to rounding, otherwise end the check and say how they differ.

    Parameters
    ----------
    found, expected : array_like
        Numbers to compare; they must have the same shape.
    name : str
        What `found` is, in the reader's words.
    rtol, atol : float
        Relative and absolute tolerance, as in `numpy.allclose`.

    Raises
    ------
    NotYet
        If `found` is not numeric, has another shape or other values.

    Examples
    --------
    >>> require_close(0.1 + 0.2, 0.3, "the sum")
    """
    if found is None:
        raise NotYet(f"{name} must be a number or an array, got None: is a return missing?")
    if isinstance(found, bool):
        raise NotYet(f"{name} must be a number or an array of numbers, got {found}")
    try:
        found = np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{name} must be a number or an array of numbers, got {found!r}") from None
    expected = np.asarray(expected, dtype=float)
    if found.shape != expected.shape:
        raise NotYet(f"{name} must have shape {expected.shape}, got {found.shape}")
    wrong = ~np.isclose(found, expected, rtol=rtol, atol=atol)
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        at = f" at {place}" if place else ""
        raise NotYet(f"{name} must be {expected[place]:.6g}{at}, got {found[place]:.6g}")


def require_model(found: Any, name: str) -> None:
    """Go on if `found` is a Keras model, otherwise end the check and say what came.

    Parameters
    ----------
    found : object
        What the reader's function returned.
    name : str
        The reader's function.

    Raises
    ------
    NotYet
        If `found` is no `keras.Model`.
    """
    import keras  # takes seconds, and most checks do not need it

    require(isinstance(found, keras.Model), f"{name} must return a Keras model, got {type(found).__name__}")


def require_no_mistake(found: Any, mistakes: list[tuple[ArrayLike, str]], rtol: float = 1e-5) -> None:
    """Go on if `found` is not what a well-known mistake gives, otherwise end the check with its name.

    Parameters
    ----------
    found : object
        The reader's result.
    mistakes : list of (array_like, str)
        What each mistake gives, and what to tell the reader then.
    rtol : float
        Relative tolerance, as in `numpy.allclose`.

    Raises
    ------
    NotYet
        If `found` equals what one of the mistakes gives.

    Examples
    --------
    >>> require_no_mistake(6.0, [(3.0, "a factor of 2 is missing")])
    """
    for value, name in mistakes:
        if np.shape(found) == np.shape(value):
            with contextlib.suppress(TypeError):  # what is not a number at all is told later
                require(not np.allclose(found, value, rtol=rtol), name)


def _outcome(check: Callable[..., None], answers: tuple, keywords: dict[str, Any], success: str) -> str:
    if any(answer is Ellipsis for answer in (*answers, *keywords.values())):
        return "Not yet: put your answer where the three dots are."
    try:
        check(*answers, **keywords)
    except NotYet as reason:
        return f"Not yet: {str(reason).rstrip('.')}."
    except Exception as error:  # the reader's code may raise anything
        return f"Not yet: your code raised {type(error).__name__}: {error}"
    return f"Correct: {success}"
