"""The book's figures: each function draws one on an Axes, returns it and describes it in ``ax.alt_text``.

The description is the picture's alternative text wherever a notebook's cell has no other. `panels`,
`name_curves`, `legend_below` and `share_legend` are for figures that a chapter puts together itself.
"""

from course_utils.plots.activations import activation_map, what_each_sees
from course_utils.plots.boundaries import blobs_floor, decision_boundary
from course_utils.plots.choices import choice_shares, looks_often, searched_pairs, validation_curve
from course_utils.plots.circles import circles_boundary, circles_floor, published_among
from course_utils.plots.comparisons import differences, heat_map, levels
from course_utils.plots.curves import error_parts, fitted_curves, learning_curves, loss_parts, strength_path
from course_utils.plots.dropout import (
    loss_by_masks,
    losses_by_epoch,
    mean_over_masks,
    rate_sweep,
    spread_by_distance,
    thinned_network,
)
from course_utils.plots.factorial import factorial_cube, interaction_lines
from course_utils.plots.folds import fold_map, fold_scores, score_intervals
from course_utils.plots.layout import legend_below, name_curves, panels, share_legend
from course_utils.plots.penalties import (
    decaying_weight,
    loss_surface,
    penalized_weight,
    power_penalties,
    prior_densities,
    shrinkage,
    unit_ball,
)
from course_utils.plots.preactivations import penalty_places, sums_histogram, sums_over_steps
from course_utils.plots.ranks import critical_difference, difference_map
from course_utils.plots.scores import (
    accuracy_spread,
    accuracy_under_noise,
    cross_entropy_costs,
    expected_scores,
    loss_against_accuracy,
)
from course_utils.plots.sparsity import (
    activation_histogram,
    calibration,
    clipped_divergence,
    divergence_parts,
    feature_grid,
    mean_paths,
    sparsity_costs,
)
from course_utils.plots.style import PALETTE, set_style
from course_utils.plots.weights import sizes_by_layer, weight_histogram

__all__ = [
    "PALETTE",
    "accuracy_spread",
    "accuracy_under_noise",
    "activation_histogram",
    "activation_map",
    "blobs_floor",
    "calibration",
    "choice_shares",
    "circles_boundary",
    "circles_floor",
    "clipped_divergence",
    "critical_difference",
    "cross_entropy_costs",
    "decaying_weight",
    "decision_boundary",
    "difference_map",
    "differences",
    "divergence_parts",
    "error_parts",
    "expected_scores",
    "factorial_cube",
    "feature_grid",
    "fitted_curves",
    "fold_map",
    "fold_scores",
    "heat_map",
    "interaction_lines",
    "learning_curves",
    "legend_below",
    "levels",
    "looks_often",
    "loss_against_accuracy",
    "loss_by_masks",
    "loss_parts",
    "loss_surface",
    "losses_by_epoch",
    "mean_over_masks",
    "mean_paths",
    "name_curves",
    "panels",
    "penalized_weight",
    "penalty_places",
    "power_penalties",
    "prior_densities",
    "published_among",
    "rate_sweep",
    "score_intervals",
    "searched_pairs",
    "set_style",
    "share_legend",
    "shrinkage",
    "sizes_by_layer",
    "sparsity_costs",
    "spread_by_distance",
    "strength_path",
    "sums_histogram",
    "sums_over_steps",
    "thinned_network",
    "unit_ball",
    "validation_curve",
    "weight_histogram",
    "what_each_sees",
]
