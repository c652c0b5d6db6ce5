"""Checks of chapter 06, weight decay."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_model, require_no_mistake


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
    require_no_mistake(l2, l2_mistakes)
    require_no_mistake(decay, decay_mistakes)
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
    require_no_mistake(share_left, mistakes, rtol=1e-3)
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
    require_model(model, "decaying_model")
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
    require_no_mistake(found, mistakes)
    require_close(found, expected, "matching_decay(0.003, 0.8)")
    require_close(matching_decay(0.01, 0.0), 0.02, "matching_decay(0.01, 0.0)")


def _left_after_one_step(optimizer: Any, variables: Sequence[Any]) -> list[float]:
    """Return what one step without any slope leaves of each variable, which is set to ones before."""
    for variable in variables:
        variable.assign(np.ones(variable.shape))
    optimizer.apply([np.zeros(variable.shape, np.float32) for variable in variables], variables)
    return [float(np.mean(variable)) for variable in variables]
