"""What the tests of all figures share: an example of each, and settings that stay as they were."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from course_utils import bayes, data, plots
from course_utils.compare import Difference

EXAMPLES = {"blobs_floor": plots.blobs_floor, "circles_floor": plots.circles_floor}


def example(draw):
    """Register a function that draws one example of the figure it is named like, on the Axes it is given."""
    EXAMPLES[draw.__name__] = draw
    return draw


@pytest.fixture(autouse=True)
def clean_matplotlib():
    """Each test leaves the settings as they were."""
    before = dict(mpl.rcParams)
    yield
    assert dict(mpl.rcParams) == before


@pytest.fixture
def examples():
    """All examples, by the name of the figure."""
    return EXAMPLES


def pytest_generate_tests(metafunc):
    """Run a test that asks for `draw_example` with every example."""
    if "draw_example" in metafunc.fixturenames:
        metafunc.parametrize("draw_example", EXAMPLES.values(), ids=EXAMPLES)
    if "figure_name" in metafunc.fixturenames:
        metafunc.parametrize("figure_name", EXAMPLES)


@example
def learning_curves(ax=None):
    return plots.learning_curves({"a": {"loss": np.ones((4, 3))}}, keys=["loss"], ax=ax)


@example
def validation_curve(ax=None):
    return plots.validation_curve(
        [0, 0.01, 0.1], [[0.9, 0.5], [0.4, 0.6], [0.5, 0.6]], [0.7, 0.5, 0.6], ax=ax
    )


@example
def choice_shares(ax=None):
    return plots.choice_shares([0, 0.01, 0.1], {"one split": [0, 1, 1, 2], "four folds": [1, 1]}, ax=ax)


@example
def looks_often(ax=None):
    losses = {"promised": [[0.5, 0.3], [0.6, 0.3]], "kept": [[0.5, 0.4], [0.6, 0.4]]}
    return plots.looks_often([1, 10], losses, "loss, nats", ax=ax)


@example
def searched_pairs(ax=None):
    pairs = {"grid": [[1, 1], [1, 10]], "random": [[2, 5], [8, 3]]}
    return plots.searched_pairs(pairs, ("first", "second"), ax=ax)


@example
def critical_difference(ax=None):
    return plots.critical_difference({"none": 2.8, "L2": 1.2, "L1": 2.0}, 0.9, ax=ax)


@example
def difference_map(ax=None):
    found = {(row, "blobs"): Difference(-0.05, -0.06, -0.04, 32) for row in ("L1", "L2")}
    return plots.difference_map(found, "difference to none, nats", ax=ax)


@example
def differences(ax=None):
    columns = ["difference", "difference_low", "difference_high"]
    return plots.differences(pd.DataFrame([[-0.02, -0.03, -0.01]], index=["L2"], columns=columns), ax=ax)


@example
def decision_boundary(ax=None):
    return plots.decision_boundary(bayes.posterior, *data.draw_blobs(60, seed=3), ax=ax)


@example
def cross_entropy_costs(ax=None):
    return plots.cross_entropy_costs({"A": [0.6, 0.6, 0.7], "B": [0.9, 0.4]}, ax=ax)


@example
def expected_scores(ax=None):
    return plots.expected_scores(ax=ax)


@example
def accuracy_under_noise(ax=None):
    return plots.accuracy_under_noise([0.1, 1.0], {"A": [1.0, 0.7], "B": [0.9, 0.9]}, crossing=0.2, ax=ax)


@example
def accuracy_spread(ax=None):
    scores = np.random.default_rng(0).binomial(75, 0.85, size=500) / 75
    return plots.accuracy_spread(scores, n_points=75, expected=0.85, marks=[0.85, 0.87], ax=ax)


@example
def loss_against_accuracy(ax=None):
    return plots.loss_against_accuracy([0.5, 0.4, 0.6], [0.8, 0.8, 0.9], ax=ax)


@example
def penalized_weight(ax=None):
    return plots.penalized_weight(2.0, ax=ax)


@example
def loss_parts(ax=None):
    parts = {"data_loss": [[0.5, 0.2], [0.7, 0.4]], "val_data_loss": [[0.6, 0.4], [0.7, 0.5]]}
    return plots.loss_parts(parts | {"val_loss": [[0.9, 0.5], [0.8, 0.6]]}, ax=ax)


@example
def levels(ax=None):
    return plots.levels({"none": [0.5, 0.6], "L2": [0.4, 0.5]}, "data loss", ax=ax)


@example
def sizes_by_layer(ax=None):
    return plots.sizes_by_layer({"none": [[0.3, 0.2], [0.4, 0.3]]}, "kernel", ax=ax)


@example
def fitted_curves(ax=None):
    fits = np.linspace(0, 0.2, 20)[:, None] + np.arange(5)
    return plots.fitted_curves(np.arange(5), {"cubic": fits}, np.zeros(5), points=([1, 2], [0, 1]), ax=ax)


@example
def error_parts(ax=None):
    table = pd.DataFrame({"bias²": [0.2, 0.0], "variance": [0.01, 0.02]}, index=[1, 3])
    return plots.error_parts(table.rename_axis("degree"), ax=ax)


@example
def heat_map(ax=None):
    table = pd.DataFrame([[0.1, 0.01], [0.3, 0.2]], index=[1, 5], columns=[2, 8])
    return plots.heat_map(table.rename_axis(index="depth", columns="width"), "excess loss", ax=ax)


@example
def loss_surface(ax=None):
    paths = {"no penalty": [[0, 2], [2, 1]], "L1": [[0, 2], [1, 0]]}
    return plots.loss_surface(lambda w: ((w - [2.0, 1.0]) ** 2).sum(axis=1), paths, 1, ax)


@example
def strength_path(ax=None):
    losses = np.array([[0.5, 0.4, 0.6], [0.7, 0.3, 0.7]])
    return plots.strength_path([0, 0.01, 0.1], {"training": losses / 2, "fresh": losses}, "data loss", ax=ax)


@example
def power_penalties(ax=None):
    return plots.power_penalties(ax=ax)


@example
def shrinkage(ax=None):
    return plots.shrinkage([-1.0, 0.0, 1.0], {"L2": [-0.5, 0.0, 0.5]}, ("before", "after"), ax=ax)


@example
def unit_ball(ax=None):
    return plots.unit_ball(3, ax=ax)


@example
def prior_densities(ax=None):
    return plots.prior_densities(ax=ax)


@example
def decaying_weight(ax=None):
    return plots.decaying_weight([0.1, 0.5, 1.0], ax=ax)


@example
def weight_histogram(ax=None):
    return plots.weight_histogram(np.random.default_rng(0).normal(size=300), ax=ax)


@example
def thinned_network(ax=None):
    return plots.thinned_network({"inputs": [1, 1], "hidden": [1, 1, 0, 1], "output": [1]}, ax=ax)


@example
def mean_over_masks(ax=None):
    return plots.mean_over_masks([1.0, 0.5], [[2.0, 0.0], [0.0, 1.0]], ax=ax)


@example
def loss_by_masks(ax=None):
    losses = {"Dropout(0.5)": [[0.5, 0.4], [0.6, 0.4]]}
    return plots.loss_by_masks([1, 10], losses, {"Dropout(0.5)": 0.4}, ax=ax)


@example
def losses_by_epoch(ax=None):
    return plots.losses_by_epoch([1, 10], {"on": [[0.7, 0.5], [0.6, 0.5]]}, ax=ax)


@example
def rate_sweep(ax=None):
    return plots.rate_sweep([0, 0.5], {"a": [[0.5, 0.4], [0.6, 0.4]]}, "data loss", ax=ax)


@example
def spread_by_distance(ax=None):
    spreads = {"Dropout(0.2)": [[0.1, 0.2], [0.1, 0.2]], "Dropout(0.5)": [[0.2, 0.4], [0.2, 0.5]]}
    return plots.spread_by_distance([0, 1], spreads, "probability", ax=ax)


@example
def fold_map(ax=None):
    return plots.fold_map(5, chosen=0.2, ax=ax)


@example
def fold_scores(ax=None):
    return plots.fold_scores([[0.6, 0.62], [0.64, 0.66]], n_rows=400, marks=[0.61, 0.65], ax=ax)


@example
def score_intervals(ax=None):
    return plots.score_intervals([[0.6, 0.62, 0.64], [0.7, 0.71, 0.72]], [0.61, 0.65], floor=0.72, ax=ax)


@example
def penalty_places(ax=None):
    return plots.penalty_places(ax=ax)


@example
def sums_over_steps(ax=None):
    return plots.sums_over_steps({"alive": [[0.5, -1.0], [0.4, -1.0]], "dead": [[-1.0], [-1.0]]}, ax=ax)


@example
def sums_histogram(ax=None):
    return plots.sums_histogram(np.random.default_rng(0).normal(size=300), limit=3, ax=ax)


@example
def what_each_sees(ax=None):
    return plots.what_each_sees(ax=ax)


@example
def activation_map(ax=None):
    return plots.activation_map(np.random.default_rng(0).normal(size=(50, 8)).clip(min=0), ax=ax)


@example
def factorial_cube(ax=None):
    levels = np.linspace(0.3, 0.5, 8).reshape(2, 2, 2)
    return plots.factorial_cube(levels, ["kernel", "bias", "activity"], "loss", ax=ax)


@example
def interaction_lines(ax=None):
    return plots.interaction_lines([[0.5, 0.4], [0.3, 0.3]], ["kernel", "activity"], "loss", ax=ax)


@example
def divergence_parts(ax=None):
    return plots.divergence_parts(ax=ax)


@example
def sparsity_costs(ax=None):
    return plots.sparsity_costs(ax=ax)


@example
def clipped_divergence(ax=None):
    return plots.clipped_divergence(ax=ax)


@example
def mean_paths(ax=None):
    return plots.mean_paths({"from 0.5": [0.5, 0.2, 0.1], "from 1.2": [1.2, 1.2, 1.2]}, 0.05, ax=ax)


@example
def calibration(ax=None):
    reached = np.array([[0.06, 0.2], [0.08, 0.22]])
    return plots.calibration([0.05, 0.2], {"ReLU": reached, "sigmoid": reached / 2}, ax=ax)


@example
def activation_histogram(ax=None):
    return plots.activation_histogram([0.0, 0.0, 0.1, 0.3], rho=0.05, ax=ax)


@example
def feature_grid(ax=None):
    return plots.feature_grid(np.random.default_rng(0).normal(size=(64, 5)), ax=ax)


@example
def circles_boundary(ax=None):
    return plots.circles_boundary(
        lambda x: bayes.posterior(x, "circles"), *data.draw_circles(60, seed=3), ax=ax
    )


@example
def published_among(ax=None):
    scores = np.random.default_rng(0).binomial(70, 0.8, size=(2, 32)) / 70
    return plots.published_among(
        dict(zip("ab", scores, strict=True)), {"a": 0.786, "b": 0.829}, n_points=70, expected=0.84, ax=ax
    )
