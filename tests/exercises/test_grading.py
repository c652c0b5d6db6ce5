import inspect
import math

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import exercises
from course_utils.exercises import NotYet, exercise, require, require_close, require_model


@exercise("the square of three is nine.")
def check_square(answer):
    """Check a function that squares."""
    require(callable(answer), "write a function")
    require_close(answer(3), 9, "answer(3)")


def test_right_answer(printed):
    assert printed(check_square, lambda x: x**2) == "Correct: the square of three is nine.\n"


def test_wrong_answer_is_told_why(printed):
    assert printed(check_square, 9) == "Not yet: write a function.\n"
    assert printed(check_square, lambda x: 2 * x) == "Not yet: answer(3) must be 9, got 6.\n"


def test_stub_is_told_apart(printed):
    expected = "Not yet: put your answer where the three dots are.\n"
    assert printed(check_square, ...) == expected
    assert printed(check_square, answer=...) == expected
    assert printed(check_square, lambda x: ...).startswith("Not yet: answer(3) must be a number")


def test_error_in_the_answer_is_part_of_the_message(printed):
    text = printed(check_square, lambda x: x.shape)
    assert text == "Not yet: your code raised AttributeError: 'int' object has no attribute 'shape'\n"


def test_check_keeps_its_name_and_documentation():
    assert check_square.__name__ == "check_square"
    assert inspect.getdoc(check_square) == "Check a function that squares."


@pytest.mark.parametrize("success", [print, "", "  ", None])
def test_decorator_without_text_is_refused(success):
    with pytest.raises(ValueError, match="success must be a text that is not empty, got"):
        exercise(success)


def test_require():
    require(True, "never seen")
    with pytest.raises(NotYet, match="a reason"):
        require(np.array(False), "a reason")


def test_true_is_no_number():
    with pytest.raises(NotYet, match="it must be a number or an array of numbers, got True"):
        require_close(True, 1, "it")


class _Obliging:
    """Has every attribute and answers every call, as no model does."""

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **keywords):
        return self

    def __iter__(self):
        return iter([])

    def __float__(self):
        return 1.0


def test_only_a_model_is_a_model():
    require_model(keras.Sequential(), "build")
    with pytest.raises(NotYet, match="build must return a Keras model, got _Obliging"):
        require_model(_Obliging(), "build")


CHECKS = [name for name in exercises.__all__ if name.startswith("check_")]
GARBAGE = [
    object(),
    "word",
    None,
    3,
    math.nan,
    [],
    {},
    lambda *args, **keywords: "word",
    type("Empty", (), {}),
]


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("answer", [*GARBAGE, _Obliging()], ids=lambda answer: type(answer).__name__)
def test_garbage_is_never_correct(name, answer, printed):
    check = getattr(exercises, name)
    assert printed(check, *[answer] * len(inspect.signature(check).parameters)).startswith("Not yet: ")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e-7, 1e-7))
def test_close_goes_on(expected, rounding):
    require_close(np.array(expected) + rounding, expected, "it")


@pytest.mark.parametrize(
    ("found", "expected", "message"),
    [
        ("text", 1.0, "it must be a number or an array of numbers, got 'text'"),
        (None, 1.0, "it must be a number or an array, got None: is a return missing"),
        ([1.0, 2.0], 1.0, r"it must have shape \(\), got \(2,\)"),
        ([[1.0, 2.0]], [[1.0, 2.5]], r"it must be 2.5 at \(0, 1\), got 2"),
        (np.nan, 0.5, "it must be 0.5, got nan"),
        (1.001, 1.0, "it must be 1, got 1.001"),
    ],
)
def test_not_close_is_told_how_far(found, expected, message):
    with pytest.raises(NotYet, match=message):
        require_close(found, expected, "it")
