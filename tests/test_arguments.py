import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from course_utils._arguments import check_integer, check_number, checked

NOT_NUMBERS = [None, "3", True, [3], 1j]


@given(st.integers(min_value=0))
def test_integer_comes_back(value):
    assert check_integer(value, "epochs") == value


def test_numpy_numbers_are_numbers():
    assert type(check_integer(np.int64(3), "epochs")) is int
    assert type(check_number(np.float32(0.5), "rate")) is float


@pytest.mark.parametrize("value", [*NOT_NUMBERS, 2.0])
def test_integer_refuses_other_types(value):
    with pytest.raises(TypeError, match="epochs must be an integer, got"):
        check_integer(value, "epochs")


@given(st.integers(max_value=4))
def test_integer_refuses_too_small(value):
    with pytest.raises(ValueError, match=f"epochs must be at least 5, got {value}"):
        check_integer(value, "epochs", minimum=5)


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_number_refuses_other_types(value):
    with pytest.raises(TypeError, match="rate must be a number, got"):
        check_number(value, "rate")


@given(st.floats(max_value=0, exclude_max=True) | st.floats(min_value=1) | st.just(math.nan))
@example(1.0)
def test_number_refuses_outside_range(value):
    with pytest.raises(ValueError, match="rate must be a finite number of at least 0 and less than 1, got"):
        check_number(value, "rate", below=1.0)


@pytest.mark.parametrize("value", [math.inf, math.nan, -1])
def test_number_without_upper_end_must_still_be_finite(value):
    with pytest.raises(ValueError, match="strength must be a finite number of at least 0, got"):
        check_number(value, "strength")


@given(st.floats(0, 1, exclude_max=True))
def test_number_comes_back(value):
    assert check_number(value, "rate", below=1.0) == value


@checked
def everything(
    flag: bool = True,
    count: int = 1,
    rate: float | None = None,
    words: Sequence[str] = (),
    numbers: Sequence[float] = (),
    points: ArrayLike = 0.0,
    table: Mapping[str, Any] | None = None,
    anything: Any = None,
    *more: int,
    **others: int,
) -> str:
    """Do nothing."""
    return "ran"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"flag": False, "count": np.int64(3), "rate": 2, "words": ["a"], "numbers": (1, 2.5)},
        {"points": [[1, 2], [3, 4]], "table": {}, "anything": object()},
        {"points": np.ones(2), "numbers": np.ones(3), "more_of_it": "unchecked"},
    ],
)
def test_what_annotations_allow_is_accepted(arguments):
    assert everything(**arguments) == "ran"
    assert everything.__doc__ == "Do nothing."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flag": "no"}, "flag must be True or False, got 'no' of type str"),
        ({"flag": 1}, "flag must be True or False, got 1 of type int"),
        ({"count": 1.5}, "count must be an integer, got 1.5"),
        ({"rate": "fast"}, "rate must be a number, got 'fast'"),
        ({"words": "letters"}, "words must be a sequence of names, got 'letters'"),
        ({"words": [1]}, "words must be a sequence of names"),
        ({"numbers": ["a"]}, "numbers must be a sequence of numbers"),
        ({"points": [[1], [2, 3]]}, "points must be an array of numbers"),
        ({"table": [1]}, "table must be a mapping, got"),
    ],
)
def test_what_annotations_do_not_allow_is_refused(arguments, message):
    with pytest.raises(TypeError, match=message):
        everything(**arguments)


def test_a_number_must_be_finite():
    with pytest.raises(ValueError, match="rate must be a finite number, got nan"):
        everything(rate=math.nan)
