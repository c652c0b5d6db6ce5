"""Checks of chapter 05, your own regularizer."""

from collections.abc import Callable
from typing import Any

import numpy as np

from course_utils.exercises.grading import NotYet, exercise, require, require_close, require_no_mistake


@exercise("below that weight L2 pulls harder, above it L3.")
def check_equal_pull(equal_pull: Callable[[float, float], float]) -> None:
    """Check at which weight L2 and L3 pull equally hard, 2·λ₂/(3·λ₃).

    Parameters
    ----------
    equal_pull : callable
        The reader's function of the strengths of L2 and of L3; it returns a positive weight.

    Examples
    --------
    >>> check_equal_pull(lambda l2, l3: l2 / l3)
    Not yet: there the penalties are equal; the question is where their slopes are.
    """
    found = equal_pull(0.03, 0.01)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (3.0, "there the penalties are equal; the question is where their slopes are"),
        (0.5, "the fraction is upside down: a stronger L2 must move the place to a larger weight"),
        (1.0, "the derivative of w² is 2w; a factor of 2 is missing"),
        (6.0, "the derivative of |w|³ is 3w|w|; a factor of 3 is missing"),
        (2 / 3, "that is the place for two equal strengths; it must depend on them"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 2.0, "equal_pull(0.03, 0.01)")
    require_close(equal_pull(0.01, 0.01), 2 / 3, "equal_pull(0.01, 0.01)")


@exercise("it costs about as much as the count, and it has a slope to go down.")
def check_smooth_count(smooth_count: Callable[[np.ndarray], Any]) -> None:
    """Check a penalty that costs 0 for a weight of zero, 0.01 for a large one, and has a slope between.

    Parameters
    ----------
    smooth_count : callable
        The reader's penalty: from an array of weights to one number.

    Examples
    --------
    >>> check_smooth_count(lambda w: 0.01 * np.sum(w != 0))
    Not yet: a weight of 0.1 may move a little and the penalty stays the same: there is still no slope.
    >>> check_smooth_count(lambda w: 0.01 * np.sum(w**2 / (w**2 + 0.01)))
    Correct: it costs about as much as the count, and it has a slope to go down.
    """

    def cost(*weights: float) -> np.ndarray:
        return np.asarray(smooth_count(np.array(weights, dtype=np.float32)), dtype=float)

    found = smooth_count(np.array([10.0, -10.0], dtype=np.float32))
    require(found is not ..., "put your answer where the three dots are")
    require(np.shape(found) == (), f"one number is wanted, got an array of shape {np.shape(found)}: sum it")
    require_close(cost(0.0, 0.0), 0.0, "the penalty of two zeros", atol=1e-4)
    require(
        cost(0.12) != cost(0.1),
        "a weight of 0.1 may move a little and the penalty stays the same: there is still no slope",
    )
    require(cost(0.12) > cost(0.1) > cost(0.0), "a larger weight must cost more, or the pull goes outward")
    require_close(cost(-0.1), cost(0.1), "the penalty of -0.1 (it must be that of 0.1)", atol=1e-5)
    for large in (10.0, 100.0):
        require(
            cost(large) < 0.015,
            f"a weight of {large:g} costs {cost(large):.3g}; the count charges 0.01, however large it is",
        )
        require_close(cost(large), 0.01, f"the penalty of a weight of {large:g}", atol=1e-3)
    require_close(cost(10.0, -10.0), 0.02, "the penalty of two large weights", atol=2e-3)


@exercise("it mixes both penalties, and a model with it can be saved and loaded.")
def check_mixed_penalty(mixed_penalty: type) -> None:
    """Check a registered class with the penalty strength·(share·Σ|w| + (1 − share)·Σ|w|³).

    Parameters
    ----------
    mixed_penalty : type
        The reader's class; its arguments are `strength` and `share`.

    Examples
    --------
    >>> check_mixed_penalty(lambda w: (w**2).sum())
    Not yet: write a class, got a function.
    """
    require(isinstance(mixed_penalty, type), f"write a class, got a {type(mixed_penalty).__name__}")
    _check_mixed_values(mixed_penalty)
    _check_mixed_config(mixed_penalty)
    import keras  # takes seconds, and no other check needs it

    require(
        ">" in keras.saving.get_registered_name(mixed_penalty),
        "the class is not registered, so no other program can load it: put "
        "@keras.saving.register_keras_serializable(package=...) above it",
    )


def _check_mixed_values(mixed_penalty: type) -> None:
    """End the check unless the penalty has the right value for two shares."""
    w = np.array([[1.0, -2.0], [0.0, 4.0]], dtype=np.float32)
    linear, cubic = np.abs(w), np.abs(w) ** 3
    for share in (0.25, 0.8):
        found = np.asarray(mixed_penalty(strength=0.1, share=share)(w))
        name = f"with strength 0.1 and share {share:g}"
        terms = share * linear + (1 - share) * cubic
        mistakes = [
            (0.0, f"{name}, the penalty is 0: Keras calls the object, so write `__call__`"),
            (0.1 * terms, f"{name}, the sum is missing: one number is wanted, not one per weight"),
            (0.1 * terms.mean(), f"{name}, that is the mean over the weights; a penalty is their sum"),
            (terms.sum(), f"{name}, the strength is missing"),
            (0.1 * (share * w + (1 - share) * w**3).sum(), f"{name}, the bars are missing"),
            (0.1 * (share * linear + (1 - share) * w**3).sum(), f"{name}, the bars of the cube are missing"),
            (0.1 * (linear + cubic).sum(), f"{name}, both penalties count in full; the share is missing"),
            (
                0.1 * ((1 - share) * linear + share * cubic).sum(),
                f"{name}, the shares are exchanged: `share` is that of L1",
            ),
        ]
        require_no_mistake(found, mistakes)
        require_close(found, 0.1 * terms.sum(), f"{name}, the penalty")


def _check_mixed_config(mixed_penalty: type) -> None:
    """End the check unless the configuration holds both arguments as plain numbers."""
    try:
        config = mixed_penalty(strength=0.2, share=0.75).get_config()
    except NotImplementedError:
        raise NotYet("get_config is missing, so a model with this penalty cannot be saved") from None
    wanted = {"strength", "share"}
    require(
        isinstance(config, dict) and set(config) == wanted,
        f"get_config must return a dict with the names of the arguments, {sorted(wanted)}, got {config!r}",
    )
    for name, expected in (("strength", 0.2), ("share", 0.75)):
        value = config[name]
        require(
            isinstance(value, (int, float)),
            f"the {name} in the configuration must be a plain number, got a {type(value).__name__}",
        )
        require_close(value, expected, f"the {name} in the configuration")


@exercise("a wider belief and more points both ask for a smaller strength.")
def check_belief(strength: Callable[[float, int], float]) -> None:
    """Check the strength of L2 that belongs to a Gaussian belief about the weights, 1/(2·n·s²).

    Parameters
    ----------
    strength : callable
        The reader's function of the belief's standard deviation s and the number n of training points; the
        data loss is the mean over the points.

    Examples
    --------
    >>> check_belief(lambda spread, n_points: 1 / (2 * spread**2))
    Not yet: the data loss is a mean over the points, so the penalty must be divided by n_points too.
    """
    found, expected = strength(0.5, 200), 1 / (2 * 200 * 0.5**2)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (
            expected * 200,
            "the data loss is a mean over the points, so the penalty must be divided by n_points too",
        ),
        (
            expected * 200**2,
            "divide by n_points instead of multiplying: more points need less help from a belief",
        ),
        (expected * 2, "the Gaussian is exp(-w²/(2s²)); the factor 1/2 is missing"),
        (1 / (2 * 200 * 0.5), "the spread must be squared"),
        (0.5**2 / (2 * 200), "that is upside down: a wide belief must give a small strength"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, expected, "strength(0.5, 200)")
    require_close(strength(0.2, 50), 0.25, "strength(0.2, 50)")
