"""Checks of chapter 03, a loss with the penalty inside."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("L2 pulls in proportion to the weight, L1 pulls all weights alike, and code 12 adds both pulls.")
def check_penalty_gradient(penalty_gradient: Callable[[np.ndarray, int, float], Any]) -> None:
    """Check a function of weights, code and strength that returns the gradient of the penalty.

    Parameters
    ----------
    penalty_gradient : callable
        The reader's function; codes are 0 and -1 for no penalty, 1 for L1, 2 for L2 and 12 for both.

    Examples
    --------
    >>> check_penalty_gradient(lambda w, code, strength: strength * w)
    Not yet: for code 2, the derivative of w² is 2w; a factor of 2 is missing.
    """
    w, strength = np.array([[-2.0, 0.5], [0.0, 3.0]]), 0.1
    sign, twice = strength * np.sign(w), 2 * strength * w
    mistakes = {
        2: [
            (twice / 2, "the derivative of w² is 2w; a factor of 2 is missing"),
            (strength * w**2, "that is the penalty of each weight; the question is its derivative"),
            (2 * w, "the strength is missing"),
            (np.abs(twice), "the pull of a negative weight must be negative"),
        ],
        1: [
            (strength * np.abs(w), "that is the penalty of each weight; the question is its derivative"),
            (np.full_like(w, strength), "a negative weight is pulled the other way, and a zero not at all"),
            (np.sign(w), "the strength is missing"),
            (twice, "that is L2; L1 pulls all weights equally hard"),
        ],
        12: [
            (sign, "the pull of L2 is missing; 12 means both"),
            (twice, "the pull of L1 is missing; 12 means both"),
            (np.zeros_like(w), "12 means both penalties, it is not the number twelve"),
        ],
        0: [(twice, "0 means no penalty, so no pull")],
        -1: [(sign, "-1 means no penalty, so no pull")],
    }
    expected = {2: twice, 1: sign, 12: sign + twice, 0: np.zeros_like(w), -1: np.zeros_like(w)}
    for code, gradient in expected.items():
        found = penalty_gradient(w, code, strength)
        require(found is not ..., "put your answer where the three dots are")
        require(found is not None, f"for code {code}, nothing is returned")
        require_no_mistake(found, [(value, f"for code {code}, {name}") for value, name in mistakes[code]])
        require_close(found, gradient, f"the gradient for code {code}")


@exercise("every kernel has L2, every bias is free, and there is one code for each variable.")
def check_codes(codes: Sequence[int], variables: Sequence[Any]) -> None:
    """Check a list of codes that penalizes every kernel with L2 and leaves every bias free.

    Parameters
    ----------
    codes : sequence of int
        The reader's answer.
    variables : sequence of keras.Variable
        The model's trainable variables; kernels have at least two dimensions.

    Examples
    --------
    >>> check_codes([2], [np.ones((2, 1)), np.zeros(1)])
    Not yet: 2 variables need as many codes, got 1: biases have a place in the list too, with code 0.
    """
    codes = list(codes)
    is_kernel = [len(variable.shape) > 1 for variable in variables]
    require(
        len(codes) != sum(is_kernel),
        f"{len(is_kernel)} variables need as many codes, got {len(codes)}: biases have a place in the list "
        "too, with code 0",
    )
    require(len(codes) == len(is_kernel), f"{len(is_kernel)} variables need as many codes, got {len(codes)}")
    for position, (code, kernel) in enumerate(zip(codes, is_kernel, strict=True)):
        require(code in (0, -1, 1, 2, 12), f"codes[{position}] is {code!r}; the codes are 0, -1, 1, 2 and 12")
        if kernel:
            where = f"variable {position} is a kernel"
            require(code != 12, f"{where} and has L1 as well; the question asks for L2 alone")
            require(code != 1, f"{where} and has L1; L2 is code 2")
            require(code == 2, f"{where} and goes free; its code must be 2")
        else:
            require(code in (0, -1), f"variable {position} is a bias and must go free, its code is {code}")


@exercise("what is left is the data loss, the number that may be compared between strengths.")
def check_data_term(data_term: Callable[[float, list[np.ndarray], float], float]) -> None:
    """Check a function that takes the L2 penalty out of a validation loss.

    Parameters
    ----------
    data_term : callable
        The reader's function of the printed loss, the list of penalized arrays and the strength.

    Examples
    --------
    >>> check_data_term(lambda val_loss, weights, strength: val_loss - strength)
    Not yet: the strength alone is not the penalty; it multiplies the sum of the squares.
    """
    weights, strength, val_loss = [np.array([[3.0, -1.0], [0.0, 2.0]]), np.array([2.0, -1.0])], 0.01, 0.9
    squares, absolute = 19.0, 9.0
    found = data_term(val_loss, weights, strength)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (val_loss, "the penalty is still inside"),
        (val_loss - strength, "the strength alone is not the penalty; it multiplies the sum of the squares"),
        (val_loss + strength * squares, "the printed loss contains the penalty already; take it out"),
        (val_loss - squares, "the sum of the squares must be multiplied by the strength"),
        (val_loss - strength * absolute, "that takes out an L1 penalty; the model was trained with L2"),
        (val_loss - strength * squares / 2, "Keras' L2 has no factor 1/2"),
        (val_loss - strength * squares / 6, "the penalty is a sum over the weights, not a mean"),
        (val_loss - strength * 14, "the last array is missing; sum over all of them"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, val_loss - strength * squares, "the data loss")


@exercise("L1 takes the same amount off every weight and stops at zero; L2 takes a share off each.")
def check_lowest_points(lowest_points: Callable[[float, float], tuple[float, float]]) -> None:
    """Check where the bowl ½(w − a)² has its lowest point with an L1 and with an L2 penalty.

    Parameters
    ----------
    lowest_points : callable
        The reader's function of a and the strength λ; it returns the lowest point of ½(w − a)² + λ|w| and
        that of ½(w − a)² + λw².

    Examples
    --------
    >>> check_lowest_points(lambda a, strength: (a - strength, a / (1 + 2 * strength)))
    Not yet: L1 with a = 0.2 and λ = 0.5: the penalty cannot push a weight through zero to -0.3.
    """
    for a, strength in ((2.0, 0.5), (0.2, 0.5), (-2.0, 0.5), (1.0, 0.0)):
        found = lowest_points(a, strength)
        require(found is not ..., "put your answer where the three dots are")
        require(np.shape(found) == (2,), f"return two numbers, for L1 and for L2, got {found!r}")
        with_l1, with_l2 = found
        where = f"with a = {a:g} and λ = {strength:g}"
        if abs(a) < strength:
            require(
                not np.isclose(with_l1, a - strength),
                f"L1 {where}: the penalty cannot push a weight through zero to {with_l1:g}",
            )
        if a < 0:
            require(
                not with_l1 < a, f"L1 {where}: a negative weight must move up toward zero, not to {with_l1:g}"
            )
            require(with_l1 != 0, f"L1 {where}: a large negative weight does not go to zero")
        require_close(with_l1, np.sign(a) * max(abs(a) - strength, 0), f"L1 {where}: the lowest point")
        if strength:
            require(
                not np.isclose(with_l2, a / (1 + strength)),
                f"L2 {where}: the slope of λw² is 2λw, so the factor is 1 + 2λ",
            )
            require(
                not np.isclose(with_l2, a - 2 * strength * a),
                f"L2 {where}: that is one step down the slope, not the lowest point",
            )
        require_close(with_l2, a / (1 + 2 * strength), f"L2 {where}: the lowest point")
