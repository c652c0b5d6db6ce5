import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from course_utils._arguments import check_integer, check_number

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
