import keras
import numpy as np
import pytest

from course_utils import exercises
from course_utils.models import mlp


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda strength, n: (strength / n / 2, strength / n), "Correct: one λ, two Keras numbers"),
        (lambda strength, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda strength, n: strength / n, "Not yet: return two numbers, l2 and weight_decay, got 0.015"),
        (lambda strength, n: (strength / n, strength / n), "Not yet: l2: Keras' L2 has the slope"),
        (lambda strength, n: (2 * strength / n, strength / n), "Not yet: l2: the factor is 1/2, not 2"),
        (lambda strength, n: (strength / 2, strength / n), "Not yet: l2: the lecture divides λ by"),
        (lambda strength, n: (strength, strength), "Not yet: l2: the lecture divides λ by"),
        (lambda strength, n: (strength / n / 2, strength / n / 2), "Not yet: weight_decay: the step takes"),
        (lambda strength, n: (strength / n / 2, 2 * strength / n), "Not yet: weight_decay is twice l2, and"),
        (lambda strength, n: (strength / n / 2, strength), "Not yet: weight_decay: the lecture divides"),
        (lambda strength, n: (0.1, 0.2), "Not yet: keras_numbers(3.0, 200) must be 0.0075 at (0,), got 0.1"),
    ],
)
def test_keras_numbers(printed, answer, message):
    assert printed(exercises.check_keras_numbers, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((1 - 1e-4) ** 2400, "Correct: 2400 steps"),
        (np.exp(-0.24), "Correct: 2400 steps"),
        (0.9, "Not yet: that is one step of a decay without learning rate"),
        (0.9**2400, "Not yet: that is a decay without learning rate, 0.9 to the power of the steps"),
        (0.0, "Not yet: that is a decay without learning rate, 0.9 to the power of the steps"),
        ((1 - 1e-4) ** 200, "Not yet: that is one step per epoch"),
        ((1 - 1e-4) ** 2200, "Not yet: that is 11 steps per epoch"),
        (0.76, "Not yet: each step takes a share of what is left"),
        ((1 - 2e-4) ** 2400, "Not yet: the factor 2 belongs to L2"),
        (1 - (1 - 1e-4) ** 2400, "Not yet: that is the share that is gone"),
        (0.9999, "Not yet: that is one step; there are 12"),
        (0.5, "Not yet: share_left must be 0.78661"),
        ([0.79], "Not yet: the shape of share_left"),
    ],
)
def test_share_left(printed, answer, message):
    assert printed(exercises.check_share_left, answer).startswith(message)


def small_model(optimizer, **penalties):
    return mlp((3,), optimizer=optimizer, **penalties)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: small_model(keras.optimizers.SGD(0.1, weight_decay=0.01)), "Correct: the decay has its"),
        (lambda: small_model(keras.optimizers.SGD(0.1, 0.01)), "Not yet: after a step in which the data ask"),
        (lambda: None, "Not yet: decaying_model must return a Keras model, got NoneType"),
        (
            lambda: small_model(keras.optimizers.AdamW(0.1, 0.01)),
            "Not yet: the exercise asks for SGD, and the model has AdamW",
        ),
        (
            lambda: small_model(keras.optimizers.SGD(0.1), kernel_regularizer=keras.regularizers.L2(0.005)),
            "Not yet: that is a penalty in the layers",
        ),
        (
            lambda: small_model(keras.optimizers.SGD(0.1, 0.01, weight_decay=0.01)),
            "Not yet: it decays now, but it has a momentum of 0.01 as well",
        ),
        (
            lambda: small_model(keras.optimizers.SGD(0.1, weight_decay=0.02)),
            "Not yet: the share of each weight that a step leaves must be 0.999",
        ),
    ],
)
def test_decaying_model(printed, build, message):
    assert printed(exercises.check_decaying_model, build).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda l2, momentum: 2 * l2 / (1 - momentum), "Correct: in the long run"),
        (lambda l2, momentum: ..., "Not yet: put your answer where the three dots are"),
        (lambda l2, momentum: 2 * l2, "Not yet: that is right without momentum"),
        (lambda l2, momentum: 2 * l2 * (1 - momentum), "Not yet: momentum makes the pull of L2 stronger"),
        (lambda l2, momentum: l2 / (1 - momentum), "Not yet: the factor 2 of the slope is missing"),
        (lambda l2, momentum: 2 * l2 / momentum, "Not yet: the sum 1 + m + m² + ... is 1/(1 - m), not 1/m"),
        (lambda l2, momentum: 2 * l2 * (1 + momentum), "Not yet: not only the last step is repeated"),
        (lambda l2, momentum: 0.03, "Not yet: matching_decay(0.01, 0.0) must be 0.02, got 0.03"),
        (lambda l2, momentum: 0.5, "Not yet: matching_decay(0.003, 0.8) must be 0.03, got 0.5"),
    ],
)
def test_matching_decay(printed, answer, message):
    assert printed(exercises.check_matching_decay, answer).startswith(message)


def test_matching_decay_is_what_keras_does_in_the_long_run():
    left = []
    for l2, weight_decay in ((0.001, None), (0.0, 2 * 0.001 / (1 - 0.8))):
        weight = keras.Variable([1.0])
        optimizer = keras.optimizers.SGD(0.2, momentum=0.8, weight_decay=weight_decay)
        for _ in range(200):
            optimizer.apply([2 * l2 * weight], [weight])
        left.append(weight.numpy()[0])
    assert left[0] == pytest.approx(left[1], rel=0.02)
    assert left[0] < 0.7
