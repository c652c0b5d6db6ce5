import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plots


def boxes_by_edge(ax):
    """The texts in boxes that share a colour other than black."""
    found = {}
    for text in ax.texts:
        if text.get_bbox_patch() is not None and text.get_text():
            edge = text.get_bbox_patch().get_edgecolor()
            if edge[:3] != (0, 0, 0):
                found.setdefault(edge, set()).add(text.get_text())
    return list(found.values())


@pytest.mark.parametrize(("activity_on", "read"), [("output", "output"), ("preactivation", "weighted sum")])
def test_each_penalty_has_the_colour_of_what_it_reads(activity_on, read):
    pairs = boxes_by_edge(plots.what_each_sees(activity_on))
    words = [" ".join(sorted(pair)).replace("_\n", "_") for pair in pairs]
    assert len(words) == 3
    for penalty, quantity in (("kernel", "kernel $W$"), ("bias", "bias $b$"), ("activity", read)):
        assert any(f"{penalty}_regularizer" in pair and quantity in pair for pair in words)


def test_what_each_sees_draws_solid_ways_and_dashed_looks():
    arrows = [text.arrow_patch for text in plots.what_each_sees().texts if not text.get_text()]
    dashed = [arrow.get_linestyle() in ("--", "dashed") for arrow in arrows]
    assert (len(dashed), sum(dashed)) == (7, 3)


def test_what_each_sees_refuses_other_places():
    with pytest.raises(ValueError, match="activity_on must be 'output' or 'preactivation', got 'z'"):
        plots.what_each_sees("z")
    assert plt.get_fignums() == []


def test_activation_map_sorts_units_and_leaves_zeros_white():
    ax = plots.activation_map([[0.0, 2.0, 0.0], [0.0, 1.0, 0.5]], largest=4.0)
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array().filled(-1), [[2.0, -1, -1], [1.0, 0.5, -1]])
    assert image.norm.vmax == 4.0
    assert image.cmap.get_bad().tolist() == [1, 1, 1, 1]
    assert ax.get_title() == "50 % of the outputs are exactly 0, 1 of 3 units is dead"


def test_activation_map_draws_a_layer_that_is_dead():
    ax = plots.activation_map(np.zeros((2, 2)))
    assert ax.get_title() == "100 % of the outputs are exactly 0, 2 of 2 units are dead"


@pytest.mark.parametrize(
    ("activations", "largest", "message"),
    [
        ([1.0], None, "activations must be finite, not negative and of shape"),
        ([[]], None, "activations must be finite, not negative and of shape"),
        ([[-1.0]], None, "activations must be finite, not negative and of shape"),
        ([[np.inf]], None, "activations must be finite, not negative and of shape"),
        ([[1.0]], 0.0, "largest must be positive, got 0.0"),
    ],
)
def test_activation_map_refuses_bad_input(activations, largest, message):
    with pytest.raises(ValueError, match=message):
        plots.activation_map(activations, largest)
    assert plt.get_fignums() == []
