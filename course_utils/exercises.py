"""Checks of the exercises' answers: they say what is wrong, not only that something is wrong.

A check is a function that takes the reader's answer, tries it with `require` and `require_close`, and carries
the decorator `exercise`:

>>> @exercise("the penalty is the strength times the sum of squares.")
... def check_l2(answer):
...     require_close(answer(np.array([1.0, 2.0]), 0.1), 0.5, "answer([1, 2], 0.1)")
>>> check_l2(lambda w, strength: strength * (w**2).sum())
Correct: the penalty is the strength times the sum of squares.
>>> check_l2(lambda w, strength: strength * (w**2).sum() / 2)
Not yet: answer([1, 2], 0.1) must be 0.5, got 0.25.
"""

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


class NotYet(Exception):
    """Raised inside a check; its text tells the reader what is wrong with the answer."""


def exercise(success: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Turn a check into one that prints ``Correct: ...`` or ``Not yet: ...`` and raises nothing.

    Parameters
    ----------
    success : str
        What a right answer has shown; printed after ``Correct:``.

    Returns
    -------
    callable
        Decorator of a check. An answer that is still ``...`` is told apart before the check runs; an error in
        the reader's code becomes part of the message.

    Raises
    ------
    ValueError
        If `success` is not a text, for example if the parentheses of the decorator were forgotten.

    Examples
    --------
    >>> @exercise("two is two.")
    ... def check_two(answer):
    ...     require(answer == 2, "it is an even number")
    >>> check_two(...)
    Not yet: put your answer where the three dots are.
    >>> check_two(3)
    Not yet: it is an even number.
    >>> check_two(2)
    Correct: two is two.
    """
    if not isinstance(success, str) or not success.strip():
        raise ValueError(f"success must be a text that is not empty, got {success!r}")

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def checked(*answers: Any, **keywords: Any) -> None:
            print(_outcome(check, answers, keywords, success))

        return checked

    return decorate


def require(condition: Any, reason: str) -> None:
    """Go on if `condition` holds, otherwise end the check with `reason`.

    Raises
    ------
    NotYet
        If `condition` does not hold.

    Examples
    --------
    >>> require(1 < 2, "one is less than two")
    """
    if not condition:
        raise NotYet(reason)


def require_close(
    found: ArrayLike, expected: ArrayLike, name: str, rtol: float = 1e-5, atol: float = 1e-6
) -> None:
    """Go on if `found` equals `expected` up to rounding, otherwise end the check and say how they differ.

    Parameters
    ----------
    found, expected : array_like
        Numbers to compare; they must have the same shape.
    name : str
        What `found` is, in the reader's words.
    rtol, atol : float
        Relative and absolute tolerance, as in `numpy.allclose`.

    Raises
    ------
    NotYet
        If `found` is not numeric, has another shape or other values.

    Examples
    --------
    >>> require_close(0.1 + 0.2, 0.3, "the sum")
    """
    if found is None:
        raise NotYet(f"{name} must be a number or an array, got None: is a return missing?")
    try:
        found = np.asarray(found, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{name} must be a number or an array of numbers, got {found!r}") from None
    expected = np.asarray(expected, dtype=float)
    if found.shape != expected.shape:
        raise NotYet(f"{name} must have shape {expected.shape}, got {found.shape}")
    wrong = ~np.isclose(found, expected, rtol=rtol, atol=atol)
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        at = f" at {place}" if place else ""
        raise NotYet(f"{name} must be {expected[place]:.6g}{at}, got {found[place]:.6g}")


def _outcome(check: Callable[..., None], answers: tuple, keywords: dict[str, Any], success: str) -> str:
    if any(answer is Ellipsis for answer in (*answers, *keywords.values())):
        return "Not yet: put your answer where the three dots are."
    try:
        check(*answers, **keywords)
    except NotYet as reason:
        return f"Not yet: {str(reason).rstrip('.')}."
    except Exception as error:  # the reader's code may raise anything
        return f"Not yet: your code raised {type(error).__name__}: {error}"
    return f"Correct: {success}"


# --- Chapter 01: accuracy and loss ---

_LOSS_LABELS = np.array([1, 0, 1, 0, 1])
_LOSS_LOGITS = np.array([2.0, -1.0, -0.5, 3.0, 0.25])


@exercise("the loss is taken from the logits, stays finite and needs no clipping.")
def check_loss_from_logits(loss_from_logits: Callable[[np.ndarray, np.ndarray], Any]) -> None:
    """Check a function of labels and logits, both of shape (n,), that returns the mean cross-entropy in nats.

    Parameters
    ----------
    loss_from_logits : callable
        The reader's function.

    Examples
    --------
    >>> check_loss_from_logits(lambda y, z: np.logaddexp(0, -z).mean())
    Not yet: for a label 0 the cost is ln(1 + exp(+z)), not ln(1 + exp(-z)).
    """
    with np.errstate(all="ignore"):  # an overflow is told below
        found = loss_from_logits(_LOSS_LABELS, _LOSS_LOGITS)
        far = loss_from_logits(np.array([1, 0]), np.array([-1000.0, 1000.0]))
    require(found is not ..., "put your answer where the three dots are")
    signs = 2 * _LOSS_LABELS - 1
    costs = np.logaddexp(0, -signs * _LOSS_LOGITS)
    mistakes = [
        (
            np.logaddexp(0, -_LOSS_LOGITS).mean(),
            "for a label 0 the cost is ln(1 + exp(+z)), not ln(1 + exp(-z))",
        ),
        (
            np.logaddexp(0, signs * _LOSS_LOGITS).mean(),
            "the sign is turned: a large z is cheap for a label 1",
        ),
        (costs.sum(), "that is the sum over the cases; take the mean"),
        (costs.mean() / np.log(2), "that is in bits; use the natural logarithm"),
        (costs, "that is one cost per case; return their mean"),
    ]
    _require_no_mistake(found, mistakes)
    require_close(found, costs.mean(), "the loss")
    require(
        np.isfinite(far), f"logits of -1000 and 1000 must cost 1000, got {far}; never form the probability"
    )
    require_close(far, 1000.0, "the cost of logits of -1000 and 1000 (a clipped probability cannot reach it)")


@exercise("absolute error is smallest for a certainty that is not there, so it is not a proper score.")
def check_best_guess(best_guess: float) -> None:
    """Check which prediction has the smallest expected absolute error if the event has probability 0.7.

    Parameters
    ----------
    best_guess : float
        The reader's answer.

    Examples
    --------
    >>> check_best_guess(0.7)
    Not yet: p = 0.7 is best for a proper score; here it costs 0.42 on average, and another p costs less.
    """
    mistakes = [
        (0.7, "p = 0.7 is best for a proper score; here it costs 0.42 on average, and another p costs less"),
        (0.5, "p = 0.5 costs 0.5; the slope of the expected cost is 0.3 - 0.7, so go on"),
        (0.0, "p = 0 is the worst: it costs 1 in 70 % of the cases"),
        (0.3, "that is the smallest expected cost; the question asks for the p that has it"),
    ]
    _require_no_mistake(best_guess, mistakes)
    require_close(best_guess, 1.0, "best_guess")


@exercise("model A with other logits has the loss of model B, and not one decision has changed.")
def check_confidence(factor: float, y: ArrayLike, model_a: ArrayLike, model_b: ArrayLike) -> None:
    """Check by which factor the logits of model A must be multiplied to give it the loss of model B.

    Parameters
    ----------
    factor : float
        The reader's answer.
    y, model_a, model_b : array_like, shape (n,)
        Labels and the probabilities of the two models.

    Examples
    --------
    >>> check_confidence(0.25, [1, 0], [0.6, 0.4], [0.9, 0.1])
    Not yet: a factor below 1 makes model A less sure; its loss would be 0.644, not 0.105.
    """
    sign = 2 * np.asarray(y) - 1
    logits_a, logits_b = (sign * np.log(p / (1 - p)) for p in map(np.asarray, (model_a, model_b)))
    loss_b = np.logaddexp(0, -logits_b).mean()
    require_close(np.shape(factor), (), "the shape of factor")
    loss = np.logaddexp(0, -factor * logits_a).mean()
    require(factor > 0, f"the factor must be positive, or the decisions turn round, got {factor:g}")
    require(
        factor >= 1,
        f"a factor below 1 makes model A less sure; its loss would be {loss:.3f}, not {loss_b:.3f}",
    )
    ratio = np.logaddexp(0, -logits_a).mean() / loss_b
    require(
        not np.isclose(factor, ratio, rtol=1e-2),
        "that is the ratio of the two losses, but a loss is not proportional to the logits",
    )
    require_close(loss, loss_b, f"the loss of model A with its logits times {factor:.4g}", rtol=1e-3)


@exercise("it takes thousands of points to know an accuracy to one percentage point.")
def check_points_needed(points: float) -> None:
    """Check how many points give an accuracy near 0.85 a 95 % interval of ± 0.01.

    Parameters
    ----------
    points : float
        The reader's answer; a few more or less are taken as rounding.

    Examples
    --------
    >>> check_points_needed(1225)
    Not yet: that gives ± 0.02; half the width takes four times the points.
    """
    variance, half_width = 0.85 * 0.15, 0.01
    needed = 1.96**2 * variance / half_width**2
    mistakes = [
        (needed / 4, "that gives ± 0.02; half the width takes four times the points"),
        (variance / half_width**2, "that makes one standard error 0.01; 95 % are within 1.96 of them"),
        (
            1.96 * variance / half_width,
            "the width shrinks with the square root of the points: square 1.96 and 0.01",
        ),
        (1.96**2 * 0.25 / half_width**2, "a variance of 0.25 is that of a coin; here it is 0.85 times 0.15"),
        (
            1.645**2 * variance / half_width**2,
            "that is a 90 % interval; 95 % are within 1.96 standard errors",
        ),
    ]
    _require_no_mistake(points, mistakes, rtol=2e-3)
    require_close(points, needed, "points", rtol=2e-3)


# --- Chapter 02: overfitting ---


@exercise(
    "the training error flatters by twice the variance, 2σ²p/n: the fit follows each point's own noise."
)
def check_optimism(optimism: Callable[[float, int, int], float]) -> None:
    """Check how far the training error of a least-squares fit lies below the error on fresh targets.

    Parameters
    ----------
    optimism : callable
        From the noise's standard deviation, the number of fitted parameters and the number of points to the
        expected error on fresh targets at the same inputs, minus the expected training error; both are mean
        squared errors. The answer is 2σ²p/n [1]_.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd edition,
       Springer, 2009, section 7.4.

    Examples
    --------
    >>> check_optimism(lambda noise, parameters, points: noise**2 * parameters / points)
    Not yet: σ²p/n is the variance, what fresh targets lose; the training error gains as much again.
    """
    found, expected = optimism(0.3, 4, 20), 2 * 0.3**2 * 4 / 20
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (
            expected / 2,
            "σ²p/n is the variance, what fresh targets lose; the training error gains as much again",
        ),
        (expected / 0.3, "noise is a standard deviation, a squared error needs its square"),
        (expected * 20, "divide by the number of points: an error is a mean over them"),
    ]
    _require_no_mistake(found, mistakes)
    require_close(found, expected, "optimism(0.3, 4, 20)")
    require_close(optimism(0.5, 10, 40), 2 * 0.5**2 * 10 / 40, "optimism(0.5, 10, 40)")


@exercise("this is what EarlyStopping does with restore_best_weights=True.")
def check_early_stopping(stop: Callable[[list[float], int], tuple[int, int]]) -> None:
    """Check a hand-written rule of early stopping.

    Parameters
    ----------
    stop : callable
        From the validation losses of all epochs and the patience to the number of epochs run and the epoch,
        counted from 1, whose weights are restored. Training stops after the epoch that is the
        `patience`-th in a row without a new lowest loss, as in ``keras.callbacks.EarlyStopping``.

    Examples
    --------
    >>> check_early_stopping(lambda losses, patience: (len(losses), 1 + losses.index(min(losses))))
    Not yet: after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2, epoch 4 is the second bad one in a row: stop.
    """
    losses = [0.5, 0.4, 0.45, 0.42, 0.3]
    shown = "after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2"
    found = stop(losses, 2)
    require(found is not ..., "put your answer where the three dots are")
    require(np.shape(found) == (2,), f"return two numbers, epochs run and best epoch, got {found!r}")
    run, best = found
    require(run != 5, f"{shown}, epoch 4 is the second bad one in a row: stop")
    require(run != 3, f"{shown}, one bad epoch is not enough to stop")
    require(best != 1, f"{shown}, epochs count from 1, so the lowest loss so far is that of epoch 2")
    require(best != run, f"{shown}, restore the best epoch, not the last one")
    require_close([run, best], [4, 2], f"{shown}, (epochs run, best epoch)")
    require_close(stop([0.5, 0.4, 0.3], 2), [3, 3], "without a rise, (epochs run, best epoch)")
    require_close(
        stop([0.5, 0.6, 0.4, 0.6, 0.6, 0.3], 2), [5, 3], "a new lowest loss must restart the count; it"
    )
    require_close(
        stop([0.5, 0.5, 0.5], 2), [3, 1], "an equal loss is no new lowest one; (epochs run, best epoch)"
    )


@exercise("a short last batch counts for less, so the number on the bar is a mean over rows.")
def check_running_loss(running_loss: Callable[[list[float], list[int]], float]) -> None:
    """Check how `fit` arrives at the loss that it reports for an epoch.

    Parameters
    ----------
    running_loss : callable
        From the mean loss of each batch, measured right before its step, and the number of rows of each batch
        to the loss of the epoch: the mean over rows.

    Examples
    --------
    >>> check_running_loss(lambda losses, sizes: losses[-1])
    Not yet: this is the loss of the last batch alone; fit averages over the whole epoch.
    """
    losses, sizes = [0.7, 0.5, 0.2], [20, 20, 5]
    found = running_loss(losses, sizes)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (np.mean(losses), "this counts each batch the same, but the last one has only 5 of the 45 rows"),
        (losses[-1], "this is the loss of the last batch alone; fit averages over the whole epoch"),
        (np.dot(losses, sizes), "this is the sum over rows; divide by the number of rows"),
    ]
    _require_no_mistake(found, mistakes)
    require_close(found, 25 / 45, "running_loss([0.7, 0.5, 0.2], [20, 20, 5])")
    require_close(running_loss([0.4], [8]), 0.4, "running_loss([0.4], [8])")


# --- Chapter 03: a loss with the penalty inside ---


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
        _require_no_mistake(found, [(value, f"for code {code}, {name}") for value, name in mistakes[code]])
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
    _require_no_mistake(found, mistakes)
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


def _require_no_mistake(found: Any, mistakes: list[tuple[ArrayLike, str]], rtol: float = 1e-5) -> None:
    """End the check with the name of the mistake if `found` is what that mistake gives."""
    for value, name in mistakes:
        if np.shape(found) == np.shape(value):
            with contextlib.suppress(TypeError):  # what is not a number at all is told later
                require(not np.allclose(found, value, rtol=rtol), name)
