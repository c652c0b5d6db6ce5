"""Checks of the exercises' answers: they say what is wrong, not only that something is wrong.

What checks are made of is in `course_utils.exercises.grading`. Each chapter's checks have a module with the
name of the chapter without its number: those of ``01_accuracy_and_loss`` are in
`course_utils.exercises.accuracy_and_loss`. Chapters import all of them from here.
"""

from course_utils.exercises.accuracy_and_loss import (
    check_best_guess,
    check_confidence,
    check_loss_from_logits,
    check_points_needed,
)
from course_utils.exercises.activity_after_activation import (
    check_cheaper,
    check_felt,
    check_translated_strength,
)
from course_utils.exercises.activity_before_activation import (
    check_leaky_slope,
    check_penalty_before,
    check_two_places,
)
from course_utils.exercises.benchmark import (
    check_best_of_some,
    check_joint_quantile,
    check_swapped_pairs,
)
from course_utils.exercises.choosing_lambda import (
    check_l2_of_c,
    check_log_uniform,
    check_paired_rule,
)
from course_utils.exercises.circles import (
    check_equal_penalties,
    check_percentile,
    check_points_behind,
)
from course_utils.exercises.convolutional_networks import (
    check_convolution_weights,
    check_dropped_maps,
    check_penalty_share,
)
from course_utils.exercises.cross_validation import (
    check_grouped_splits,
    check_models_trained,
    check_row_order,
    check_standardized,
)
from course_utils.exercises.custom_regularizer import (
    check_belief,
    check_equal_pull,
    check_mixed_penalty,
    check_smooth_count,
)
from course_utils.exercises.dropout_comparison import (
    check_chosen_inside,
    check_cut_off,
    check_gap_parts,
)
from course_utils.exercises.dropout_mechanics import (
    check_input_strengths,
    check_kept_share,
    check_mean_over_masks,
)
from course_utils.exercises.grading import (
    NotYet,
    exercise,
    require,
    require_close,
    require_model,
    require_no_mistake,
)
from course_utils.exercises.iris import (
    check_leak_free_scaling,
    check_lower_end,
    check_undivided_strength,
)
from course_utils.exercises.keras_regularizers import (
    check_emptying_strength,
    check_penalized_builder,
    check_penalty_list,
    check_with_penalty,
)
from course_utils.exercises.kl_sparsity import (
    check_keras_strength,
    check_slope_everywhere,
    check_tanh_sparsity,
)
from course_utils.exercises.overfitting import (
    check_early_stopping,
    check_optimism,
    check_running_loss,
)
from course_utils.exercises.regularized_loss import (
    check_codes,
    check_data_term,
    check_lowest_points,
    check_penalty_gradient,
)
from course_utils.exercises.weight_bias_activity import (
    check_additive_guess,
    check_interaction,
    check_three_kinds,
)
from course_utils.exercises.weight_decay import (
    check_decaying_model,
    check_keras_numbers,
    check_matching_decay,
    check_share_left,
)

__all__ = [
    "NotYet",
    "check_additive_guess",
    "check_belief",
    "check_best_guess",
    "check_best_of_some",
    "check_cheaper",
    "check_chosen_inside",
    "check_codes",
    "check_confidence",
    "check_convolution_weights",
    "check_cut_off",
    "check_data_term",
    "check_decaying_model",
    "check_dropped_maps",
    "check_early_stopping",
    "check_emptying_strength",
    "check_equal_penalties",
    "check_equal_pull",
    "check_felt",
    "check_gap_parts",
    "check_grouped_splits",
    "check_input_strengths",
    "check_interaction",
    "check_joint_quantile",
    "check_kept_share",
    "check_keras_numbers",
    "check_keras_strength",
    "check_l2_of_c",
    "check_leak_free_scaling",
    "check_leaky_slope",
    "check_log_uniform",
    "check_loss_from_logits",
    "check_lower_end",
    "check_lowest_points",
    "check_matching_decay",
    "check_mean_over_masks",
    "check_mixed_penalty",
    "check_models_trained",
    "check_optimism",
    "check_paired_rule",
    "check_penalized_builder",
    "check_penalty_before",
    "check_penalty_gradient",
    "check_penalty_list",
    "check_penalty_share",
    "check_percentile",
    "check_points_behind",
    "check_points_needed",
    "check_row_order",
    "check_running_loss",
    "check_share_left",
    "check_slope_everywhere",
    "check_smooth_count",
    "check_standardized",
    "check_swapped_pairs",
    "check_tanh_sparsity",
    "check_three_kinds",
    "check_translated_strength",
    "check_two_places",
    "check_undivided_strength",
    "check_with_penalty",
    "exercise",
    "require",
    "require_close",
    "require_model",
    "require_no_mistake",
]
