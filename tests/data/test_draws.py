import pytest

from course_utils import data
from course_utils.data.draws import DRAWS_SHIFT


def test_draws_are_named_in_one_line_and_move_together(monkeypatch):
    monkeypatch.delenv(DRAWS_SHIFT, raising=False)
    assert data.draws(301, 332) == range(301, 333)
    monkeypatch.setenv(DRAWS_SHIFT, "5000")
    assert data.draws(301, 332) == range(5301, 5333)


@pytest.mark.parametrize(
    ("first", "last", "shift", "error", "message"),
    [
        (-1, 3, "0", ValueError, "first must be at least 0"),
        (5, 3, "0", ValueError, "last must be at least 5, got 3"),
        (1.5, 3, "0", TypeError, "first must be an integer"),
        (1, 3, "many", ValueError, "COURSE_UTILS_DRAWS_SHIFT must be an integer of at least 0, got 'many'"),
    ],
)
def test_draws_name_bad_input(first, last, shift, error, message, monkeypatch):
    monkeypatch.setenv(DRAWS_SHIFT, shift)
    with pytest.raises(error, match=message):
        data.draws(first, last)
