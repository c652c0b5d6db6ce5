import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plots

NETWORK = {"inputs": [1, 1], "hidden": [1, 1, 0, 1], "output": [1]}


def drawn(ax, marker):
    return sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == marker)


def test_thinned_network_connects_only_what_is_kept():
    ax = plots.thinned_network(NETWORK)
    connections = [line for line in ax.lines if line.get_marker() == "None"]
    assert len(connections) == 2 * 3 + 3 * 1
    assert (drawn(ax, "o"), drawn(ax, "x")) == (7, 1)
    assert [text.get_text() for text in ax.texts] == ["1", "2", "1", "2", "4", "1"]
    assert [label.get_text() for label in ax.get_xticklabels()] == list(NETWORK)


def test_thinned_network_says_when_nothing_is_dropped():
    assert plots.thinned_network({"a": [1], "b": [1]}).alt_text.endswith("nothing is dropped.")


@pytest.mark.parametrize(
    "layers", [{}, {"a": [1]}, {"a": [1], "b": []}, {"a": [1], "b": [0.5]}, {"a": [1], "b": 1}]
)
def test_thinned_network_refuses_bad_input(layers):
    with pytest.raises(ValueError, match=r"layers.* must"):
        plots.thinned_network(layers)
    assert plt.get_fignums() == []


def test_mean_over_masks_draws_means_and_what_went_in():
    ax = plots.mean_over_masks([1.0, 0.5, 2.0], [[2.0, 0.0, 4.0], [0.0, 1.0, 4.0]])
    assert [bar.get_height() for bar in ax.patches] == [1.0, 0.5, 4.0]
    assert [line[0, 1] for line in ax.collections[0].get_segments()] == [1.0, 0.5, 2.0]
    assert "2 masks" in ax.alt_text
    assert "the farthest bar is 2 off" in ax.alt_text


@pytest.mark.parametrize(
    ("inputs", "outputs"), [([1.0], [1.0]), ([1.0], [[1.0, 2.0]]), ([1.0], np.ones((0, 1)))]
)
def test_mean_over_masks_refuses_bad_input(inputs, outputs):
    with pytest.raises(ValueError, match="inputs and outputs must have shapes"):
        plots.mean_over_masks(inputs, outputs)
    assert plt.get_fignums() == []


def test_loss_by_masks_draws_means_and_the_level_without_dropout():
    ax = plots.loss_by_masks([1, 10], {"a": [[0.5, 0.4], [0.7, 0.4]]}, {"a": 0.3})
    mean, off = ax.lines
    np.testing.assert_allclose(mean.get_xydata(), [[1, 0.6], [10, 0.4]])
    assert list(off.get_ydata()) == [0.3, 0.3]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a, masks", "a, off"]


@pytest.mark.parametrize(
    ("losses", "off", "message"),
    [
        ({}, {}, "losses and off must name the same variants"),
        ({"a": [[1.0, 2.0]]}, {"b": 1.0}, "losses and off must name the same variants"),
        ({"a": [1.0, 2.0]}, {"a": 1.0}, "must have shape"),
    ],
)
def test_loss_by_masks_refuses_bad_input(losses, off, message):
    with pytest.raises(ValueError, match=message):
        plots.loss_by_masks([1, 10], losses, off)


def test_spread_by_distance_draws_means_and_names_several_curves():
    ax = plots.spread_by_distance([0, 2], {"a": [[1.0, 2.0], [3.0, 2.0]]}, "logit")
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0, 2], [2, 2]])
    assert len(ax.texts) == 0
    ax = plots.spread_by_distance(
        [0, 2], {"a": [[1.0, 2.0], [1.2, 2.2]], "b": [[1.0, 9.0], [1.2, 9.2]]}, "logit"
    )
    assert [text.get_text() for text in ax.texts] == ["a", "b"]


@pytest.mark.parametrize("spreads", [{}, {"a": [1.0, 2.0]}])
def test_spread_by_distance_refuses_bad_input(spreads):
    with pytest.raises(ValueError, match=r"spreads.* must"):
        plots.spread_by_distance([0, 1], spreads, "logit")


def test_rate_sweep_draws_means_a_floor_and_what_is_advised():
    curves = {"4 units": [[0.5, 0.4], [0.7, 0.4]], "64 units": [[0.9, 0.5], [0.9, 0.5]]}
    ax = plots.rate_sweep([0, 0.5], curves, "data loss", floor=0.3, advised=(0.3, 0.5))
    np.testing.assert_allclose(ax.containers[0].lines[0].get_xydata(), [[0, 0.6], [0.5, 0.4]])
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {*curves, "best possible"}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "0.5"]
    (band,) = ax.patches
    assert (band.get_x(), band.get_width()) == pytest.approx((0.3, 0.2))


@pytest.mark.parametrize("curves", [{}, {"a": [[0.5, 0.4, 0.3]]}, {"a": [0.5, 0.4]}])
def test_rate_sweep_refuses_bad_input(curves):
    with pytest.raises(ValueError, match="values_by_name"):
        plots.rate_sweep([0, 0.5], curves, "data loss")
    assert plt.get_fignums() == []


def test_losses_by_epoch_draws_means():
    ax = plots.losses_by_epoch([1, 10], {"on": [[0.7, 0.5], [0.9, 0.5]], "off": [[0.6, 0.4]] * 2})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 0.8], [10, 0.5]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["on", "off"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "10"]


@pytest.mark.parametrize("losses", [{}, {"on": [[0.7, 0.5, 0.4]]}])
def test_losses_by_epoch_refuses_bad_input(losses):
    with pytest.raises(ValueError, match="losses"):
        plots.losses_by_epoch([1, 10], losses)
    assert plt.get_fignums() == []
