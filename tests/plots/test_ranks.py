import numpy as np
import pytest

from course_utils import plots
from course_utils.compare import Difference


def test_critical_difference_sorts_and_fills_those_that_do_not_differ_from_the_best():
    ax = plots.critical_difference({"none": 3.0, "L2": 1.2, "L1": 1.8}, 0.7)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["L2", "L1", "none"]
    dots = [bar.lines[0] for bar in ax.containers]
    np.testing.assert_allclose([dot.get_xdata()[0] for dot in dots], [1.2, 1.8, 3.0])
    assert [dot.get_markerfacecolor() != "white" for dot in dots] == [True, True, False]
    (reach,) = ax.containers[2].lines[2]
    np.testing.assert_allclose(reach.get_segments()[0][:, 0], [2.65, 3.35])
    assert "0.7, overlap with that of the best for L2 and L1." in ax.alt_text


@pytest.mark.parametrize(
    ("ranks", "distance", "error", "message"),
    [
        ({"a": 1.0}, 1.0, ValueError, "ranks must hold two techniques"),
        ({"a": 1.0, "b": 0.5}, 1.0, ValueError, "ranks must be at least 1, got 0.5 for 'b'"),
        ({"a": 1.0, "b": "2"}, 1.0, TypeError, r"ranks\['b'\] must be a number"),
        ({"a": 1.0, "b": 2.0}, 0.0, ValueError, "distance must be positive"),
    ],
)
def test_critical_difference_refuses_bad_input(ranks, distance, error, message):
    with pytest.raises(error, match=message):
        plots.critical_difference(ranks, distance)


def test_difference_map_marks_what_is_clear_of_zero():
    found = {
        ("L1", "blobs"): Difference(-0.2, -0.3, -0.1, 32),
        ("L1", "iris"): Difference(0.001, -0.1, 0.1, 32),
        ("L2", "blobs"): Difference(0.2, 0.1, 0.3, 32),
        ("L2", "iris"): Difference(-0.1, -0.2, 0.0, 32),
    }
    ax = plots.difference_map(found, "difference to none, nats")
    assert [text.get_text() for text in ax.texts] == ["▼ −0.20", "0.00", "▲ +0.20", "−0.10"]
    assert ax.images[0].get_array().tolist() == [[-1, 0], [1, 0]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["L1", "L2"]
    assert "1 are clearly below zero, 1 clearly above, 2 neither" in ax.alt_text


@pytest.mark.parametrize("names", [[], [("L1", "blobs"), ("L2", "iris")]])
def test_difference_map_wants_each_row_with_each_column(names):
    with pytest.raises(ValueError, match="differences must hold each row with each column"):
        plots.difference_map(dict.fromkeys(names, Difference(0.0, -1.0, 1.0, 32)), "nats")
