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


# --- Chapter 04: Keras' regularizers ---


@exercise("what counts is one penalty per trainable variable that has a regularizer, whatever its value.")
def check_penalty_list(count: int, total: float) -> None:
    """Check how many penalties `model.losses` of the exercise's model holds, and their sum.

    The model: a layer used twice with L2(0.1) on a 2 by 2 kernel and L1(0.1) on its bias, a layer with
    L1L2(0.1) on a 2 by 3 kernel, a frozen layer with "l2" on a 3 by 4 kernel, an output layer with "l1l2" on
    a 4 by 1 kernel. Kernels are ones, biases are zeros.

    Parameters
    ----------
    count : int
        The reader's number of penalties.
    total : float
        The reader's sum of them.

    Examples
    --------
    >>> check_penalty_list(6, 1.0)
    Not yet: 6 counts the penalties of the layer that is used twice, twice; its weights are there once.
    """
    _require_no_mistake(
        count,
        [
            (7, "7 counts the layer that is used twice, twice, and the frozen layer"),
            (6, "6 counts the penalties of the layer that is used twice, twice; its weights are there once"),
            (5, "5 is one too many; only trainable variables are penalized, each of them once"),
            (3, "3 is one too few; a penalty of zero is on the list, too"),
            (2, "2 are above zero; a bias of zero and a strength of zero are on the list, too"),
        ],
    )
    require_close(count, 4, "count")
    _require_no_mistake(
        total,
        [
            (1.4, "1.4 counts the layer that is used twice, twice; its weights are there once"),
            (1.6, "1.6 takes L1L2(0.1) for both penalties; the second strength is 0 unless you name it"),
            (1.12, "1.12 includes the frozen layer; only trainable variables are penalized"),
            (1.08, 'the string "l1l2" means a strength of 0, not 0.01'),
            (1.04, 'the string "l1l2" means a strength of 0, not 0.01'),
            (0.7, "0.7 halves the sum of squares; Keras' L2 has no factor 1/2"),
        ],
    )
    require_close(total, 1.0, "total")


@exercise("the third positional argument of Dense is use_bias, and a regularizer there only means yes.")
def check_penalized_builder(build: Callable[[], Any]) -> None:
    """Check a builder that must put L2(0.01) on every kernel of a network with ReLU layers and free biases.

    Parameters
    ----------
    build : callable
        Takes nothing and returns a `keras.Model` of Dense layers.

    Examples
    --------
    >>> check_penalized_builder(lambda: None)
    Not yet: build must return a Keras model, got NoneType.
    """
    model = build()
    require(hasattr(model, "losses"), f"build must return a Keras model, got {type(model).__name__}")
    layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
    for layer in layers:
        _require_l2_kernel(layer)
    penalties, n = [float(loss) for loss in model.losses], len(layers)
    require(len(penalties) == n, f"{n} kernels need as many penalties, got {len(penalties)}")
    squares = sum(np.square(layer.kernel.numpy()).sum() for layer in layers)
    require_close(sum(penalties), 0.01 * squares, "the sum of model.losses", rtol=1e-4)


def _require_l2_kernel(layer: Any) -> None:
    """End the check if a layer of the repaired network is not what it was meant to be."""
    name, output = layer.name, layer.units == 1
    wanted = "sigmoid" if output else "relu"
    activation = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    require(activation == wanted, f"the activation of {name} must be {wanted}, it is {activation}")
    require(layer.use_bias, f"{name} has lost its bias")
    require(
        layer.activity_regularizer is None, f"{name} penalizes its outputs; the exercise asks for its kernel"
    )
    require(layer.bias_regularizer is None, f"{name} penalizes its bias; the biases go free here")
    require(
        layer.kernel_regularizer is None or layer.kernel.regularizer is not None,
        f"{name} was told of its regularizer after it was built, which does nothing",
    )
    require(
        layer.kernel.regularizer is not None,
        f"no penalty reaches the kernel of {name}; see which argument of Dense the regularizer lands in",
    )


@exercise("a new model with the old weights is the way to add a penalty that is also saved.")
def check_with_penalty(with_penalty: Callable[[Any, Any], Any], model: Any, penalty: Any) -> None:
    """Check a function that returns a copy of a trained model with a penalty on every kernel.

    Parameters
    ----------
    with_penalty : callable
        The reader's function of a model and a regularizer.
    model : keras.Model
        A model of Dense layers without any penalty.
    penalty : keras.regularizers.Regularizer
        What every kernel is to get; biases go free.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(losses=[], layers=[])
    >>> check_with_penalty(lambda model, penalty: model, model, None)
    Not yet: that is the model itself; return a copy and leave the original as it is.
    """
    copy = with_penalty(model, penalty)
    require(copy is not ..., "put your answer where the three dots are")
    require(copy is not model, "that is the model itself; return a copy and leave the original as it is")
    require(hasattr(copy, "losses"), f"with_penalty must return a Keras model, got {type(copy).__name__}")
    require(not model.losses, "the original has a penalty now; only the copy must have it")
    require(copy.losses, "the copy has no penalty; a built layer does not look at kernel_regularizer again")
    layers = [layer for layer in copy.layers if hasattr(layer, "kernel")]
    for layer in layers:
        require(layer.bias.regularizer is None, f"the bias of {layer.name} must go free")
        require(layer.kernel.regularizer is not None, f"the kernel of {layer.name} has no penalty")
        require(
            layer.kernel_regularizer is not None,
            f"the kernel of {layer.name} has a penalty, but its layer does not know: saving would lose it",
        )
    for old, new in zip(model.get_weights(), copy.get_weights(), strict=True):
        require(np.array_equal(old, new), "the copy starts from other weights; give it those of the model")
    found, expected = sum(copy.losses), sum(penalty(layer.kernel) for layer in layers)
    require_close(found, expected, "the sum of the copy's losses", rtol=1e-4)


@exercise("L1 holds a weight at zero as long as the data pull on it with less than λ.")
def check_emptying_strength(emptying_strength: Callable[[np.ndarray, np.ndarray], float]) -> None:
    """Check from which strength on L1 holds every weight of a linear model at zero.

    For the mean squared error and a free bias that is max_j |2/n Σ_i x_ij (y_i − ȳ)| [1]_.

    Parameters
    ----------
    emptying_strength : callable
        The reader's function of inputs of shape (n, d) and targets of shape (n,).

    References
    ----------
    .. [1] J. Friedman, T. Hastie, R. Tibshirani, Regularization Paths for Generalized Linear Models via
       Coordinate Descent, Journal of Statistical Software 33 (1), 2010, section 2.5.

    Examples
    --------
    >>> check_emptying_strength(lambda x, y: np.abs(x.T @ (y - y.mean())).max() / len(y))
    Not yet: the slope of a square has a factor 2, and Keras' squared error keeps it.
    """
    x = np.array([[1.0, -2.0, 0.5], [2.0, -1.0, 1.0], [-1.0, 4.0, 0.0], [0.0, 1.0, 3.0]])
    y = np.array([3.0, 2.0, -1.0, 4.0])
    found = emptying_strength(x, y)
    require(found is not ..., "put your answer where the three dots are")
    slopes = 2 * x.T @ (y - y.mean()) / len(y)
    uncentred = 2 * x.T @ y / len(y)
    mistakes = [
        (np.abs(slopes).max() / 2, "the slope of a square has a factor 2, and Keras' squared error keeps it"),
        (np.abs(slopes).max() * len(y), "the mean squared error is a mean; divide by the number of rows"),
        (slopes.max(), "a pull to the left counts as much as one to the right: take absolute values"),
        (np.abs(slopes).min(), "the weight that is pulled least goes first; wait for the last one"),
        (np.abs(slopes).mean(), "the weight that is pulled hardest goes last; take its slope, not the mean"),
        (np.abs(slopes).sum(), "each weight has its own contest with λ; take the largest slope, not the sum"),
        (np.abs(slopes), "that is one strength per weight; the question asks when the last one is gone"),
        (np.abs(uncentred).max(), "the bias is free and takes the mean of y; what pulls is y minus its mean"),
    ]
    _require_no_mistake(found, mistakes)
    require_close(found, np.abs(slopes).max(), "emptying_strength(x, y)")


# --- Chapter 05: your own regularizer ---


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
    _require_no_mistake(found, mistakes)
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
        _require_no_mistake(found, mistakes)
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
    _require_no_mistake(found, mistakes)
    require_close(found, expected, "strength(0.5, 200)")
    require_close(strength(0.2, 50), 0.25, "strength(0.2, 50)")


# --- Chapter 06: weight decay ---


@exercise("one λ, two Keras numbers: the regularizer takes the half, and neither needs the learning rate.")
def check_keras_numbers(keras_numbers: Callable[[float, int], tuple[float, float]]) -> None:
    """Check the translation of the λ in E = E₀ + λ/(2n) Σw² into Keras' `l2` and `weight_decay`.

    Parameters
    ----------
    keras_numbers : callable
        The reader's function of λ and the number of training rows n; it returns l2 and weight_decay.

    Examples
    --------
    >>> check_keras_numbers(lambda strength, n: (strength / n, strength / n))
    Not yet: l2: Keras' L2 has the slope 2·l2·w, so a factor 1/2 is missing.
    """
    strength, n = 3.0, 200
    found = keras_numbers(strength, n)
    require(found is not ..., "put your answer where the three dots are")
    require(np.shape(found) == (2,), f"return two numbers, l2 and weight_decay, got {found!r}")
    l2, decay = found
    no_n = "the lecture divides λ by the number of rows n, Keras does not; do it here"
    l2_mistakes = [
        (strength / n, "l2: Keras' L2 has the slope 2·l2·w, so a factor 1/2 is missing"),
        (2 * strength / n, "l2: the factor is 1/2, not 2"),
        (strength / 2, f"l2: {no_n}"),
        (strength, f"l2: {no_n}"),
    ]
    decay_mistakes = [
        (strength / (2 * n), "weight_decay: the step takes off λ/n times the weight, without a factor 1/2"),
        (2 * strength / n, "weight_decay is twice l2, and l2 has a factor 1/2"),
        (strength, f"weight_decay: {no_n}"),
    ]
    _require_no_mistake(l2, l2_mistakes)
    _require_no_mistake(decay, decay_mistakes)
    require_close(found, [strength / (2 * n), strength / n], "keras_numbers(3.0, 200)")


@exercise("2400 steps, each takes a ten-thousandth off: a decay that looks large is a small one.")
def check_share_left(share_left: float) -> None:
    """Check what 200 epochs of AdamW leave of a weight that has no slope from the data.

    225 rows in batches of 20 are 12 steps an epoch; the learning rate is 0.001 and the weight decay 0.1.

    Parameters
    ----------
    share_left : float
        The reader's answer.

    Examples
    --------
    >>> check_share_left(0.9)
    Not yet: that is one step of a decay without learning rate; Keras multiplies the two.
    """
    steps, rate = 2400, 0.001 * 0.1
    mistakes = [
        (0.9, "that is one step of a decay without learning rate; Keras multiplies the two"),
        ((1 - rate) ** 200, "that is one step per epoch; 225 rows in batches of 20 are 12 steps"),
        ((1 - rate) ** 2200, "that is 11 steps per epoch; the last batch is short but it is a step"),
        (1 - rate * steps, "each step takes a share of what is left, not of the weight at the start"),
        ((1 - 2 * rate) ** steps, "the factor 2 belongs to L2; weight_decay has none"),
        (1 - (1 - rate) ** steps, "that is the share that is gone"),
        (1 - rate, "that is one step; there are 12 in each of 200 epochs"),
    ]
    require_close(np.shape(share_left), (), "the shape of share_left")
    _require_no_mistake(share_left, mistakes, rtol=1e-3)
    require(
        share_left > 1e-9,
        "that is a decay without learning rate, 0.9 to the power of the steps; Keras multiplies the two",
    )
    require_close(share_left, (1 - rate) ** steps, "share_left", rtol=5e-3)


@exercise("the decay has its name now, and the weights shrink.")
def check_decaying_model(decaying_model: Callable[[], Any]) -> None:
    """Check a builder of a model that is to train by SGD at 0.1 with a weight decay of 0.01.

    Parameters
    ----------
    decaying_model : callable
        The reader's builder; it returns a compiled Keras model.

    Examples
    --------
    >>> import keras
    >>> from course_utils.models import mlp
    >>> check_decaying_model(lambda: mlp((4,), optimizer=keras.optimizers.SGD(0.1)))
    Not yet: after a step in which the data ask for nothing, every weight is as before: nothing decays.
    """
    model = decaying_model()
    require(model is not None, "nothing is returned; return the model")
    optimizer = model.optimizer
    kind = type(optimizer).__name__
    require(kind == "SGD", f"the exercise asks for SGD, and the model has {kind}")
    require(
        not model.losses,
        "that is a penalty in the layers; it would do, at half the number, but repair the optimizer",
    )
    left = _left_after_one_step(optimizer, model.trainable_variables)
    require(
        max(left) < 1,
        "after a step in which the data ask for nothing, every weight is as before: nothing decays",
    )
    require(not optimizer.momentum, f"it decays now, but it has a momentum of {optimizer.momentum:g} as well")
    require_close(left, np.full(len(left), 1 - 0.1 * 0.01), "the share of each weight that a step leaves")


@exercise("kernels decay, and biases and the scale and shift of BatchNormalization are left alone.")
def check_kernel_decay(kernel_decay: Callable[[float], Any], model: Any) -> None:
    """Check a function that makes an optimizer which decays kernels and nothing else.

    Parameters
    ----------
    kernel_decay : callable
        The reader's function of the weight decay; it returns an optimizer that has not been built.
    model : keras.Model
        A model with kernels, biases and a BatchNormalization; its weights are changed.

    Examples
    --------
    >>> import keras
    >>> from course_utils.models import mlp
    >>> check_kernel_decay(lambda decay: keras.optimizers.AdamW(0.1, weight_decay=decay), mlp((4,)))
    Not yet: hidden_1/bias decays too; exclude it before the optimizer is built.
    """
    optimizer = kernel_decay(0.5)
    require(optimizer is not ..., "put your answer where the three dots are")
    require(
        optimizer is not None,
        "nothing is returned: exclude_from_weight_decay changes the optimizer and returns None",
    )
    require(not optimizer.built, "the optimizer is built already; return it before it has seen a model")
    variables = model.trainable_variables
    left = _left_after_one_step(optimizer, variables)
    for variable, share in zip(variables, left, strict=True):
        if variable.name == "kernel":
            require(share < 1, f"{variable.path} does not decay; every kernel should")
            require_close(share, 1 - 0.5 * float(optimizer.learning_rate), f"what is left of {variable.path}")
        else:
            require(share == 1, f"{variable.path} decays too; exclude it before the optimizer is built")


@exercise("in the long run each step of momentum repeats the pull 1/(1 - momentum) times.")
def check_matching_decay(matching_decay: Callable[[float, float], float]) -> None:
    """Check which `weight_decay` shrinks an idle weight as fast as L2 does under SGD with momentum.

    Parameters
    ----------
    matching_decay : callable
        The reader's function of l2 and the momentum m. The answer is 2·l2/(1 - m).

    Examples
    --------
    >>> check_matching_decay(lambda l2, momentum: 2 * l2)
    Not yet: that is right without momentum; momentum repeats a pull that is inside the slope.
    """
    l2, momentum = 0.003, 0.8
    found = matching_decay(l2, momentum)
    require(found is not ..., "put your answer where the three dots are")
    expected = 2 * l2 / (1 - momentum)
    mistakes = [
        (2 * l2, "that is right without momentum; momentum repeats a pull that is inside the slope"),
        (2 * l2 * (1 - momentum), "momentum makes the pull of L2 stronger, not weaker"),
        (expected / 2, "the factor 2 of the slope is missing"),
        (2 * l2 / momentum, "the sum 1 + m + m² + ... is 1/(1 - m), not 1/m"),
        (2 * l2 * (1 + momentum), "not only the last step is repeated; add up 1 + m + m² + ..."),
    ]
    _require_no_mistake(found, mistakes)
    require_close(found, expected, "matching_decay(0.003, 0.8)")
    require_close(matching_decay(0.01, 0.0), 0.02, "matching_decay(0.01, 0.0)")


def _left_after_one_step(optimizer: Any, variables: Sequence[Any]) -> list[float]:
    """Return what one step without any slope leaves of each variable, which is set to ones before."""
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    optimizer.apply([np.zeros(variable.shape, np.float32) for variable in variables], variables)
    return [float(np.mean(variable)) for variable in variables]


def _require_no_mistake(found: Any, mistakes: list[tuple[ArrayLike, str]], rtol: float = 1e-5) -> None:
    """End the check with the name of the mistake if `found` is what that mistake gives."""
    for value, name in mistakes:
        if np.shape(found) == np.shape(value):
            with contextlib.suppress(TypeError):  # what is not a number at all is told later
                require(not np.allclose(found, value, rtol=rtol), name)
