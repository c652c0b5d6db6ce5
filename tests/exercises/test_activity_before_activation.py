import keras
import numpy as np
import pytest
from keras.layers import Activation, Dense

from course_utils import exercises
from course_utils.models import mlp


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((0.2, 0.45), "Correct: before the ReLU all sums count"),
        ((..., 0.45), "Not yet: put your answer where the three dots are"),
        ((0.4, 0.9), "Not yet: after: Keras divides the sum over the batch"),
        ((0.2, 0.9), "Not yet: before: Keras divides the sum over the batch"),
        ((0.2 / 3, 0.15), "Not yet: after: the units are summed"),
        ((2.0, 4.5), "Not yet: after: the strength 0.1 is missing"),
        ((0.45, 0.2), "Not yet: after: that is the other place"),
        ((0.2, -0.05), "Not yet: before: L1 takes absolute values"),
        ((0.3, 0.45), "Not yet: after must be 0.2, got 0.3"),
        (([0.2], 0.45), "Not yet: the shape of after"),
    ],
)
def test_two_places(printed, answers, message):
    assert printed(exercises.check_two_places, *answers).startswith(message)


def test_two_places_are_what_keras_adds():
    sums = keras.Input((3,))
    l1 = keras.regularizers.L1(0.1)
    z = np.array([[2, -1, 0.5], [-4, 0.5, 1]], np.float32)
    for activation, expected in (("relu", 0.2), ("linear", 0.45)):
        model = keras.Model(sums, Activation(activation, activity_regularizer=l1)(sums))
        model(z)
        assert float(sum(model.losses)) == pytest.approx(expected)


L1 = keras.regularizers.L1(0.01)


def network(penalties, on=None, activation="relu", units=8):
    """Two hidden layers with these penalties on the sums; `on` is a penalty on what comes out."""
    inputs = x = keras.Input((2,))
    for penalty in penalties:
        x = Dense(units, activity_regularizer=penalty)(x)
        x = Activation(activation, activity_regularizer=on)(x)
    return keras.Model(inputs, Dense(1, "sigmoid")(x))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: network([L1, L1]), "Correct: the penalty sits on the sums now"),
        (
            lambda: mlp((8, 8), activity_regularizer=L1, activity_on="preactivation"),
            "Correct: the penalty sits on the sums now",
        ),
        (lambda: None, "Not yet: build must return a Keras model, got NoneType"),
        (lambda: mlp((8, 8), activity_regularizer=L1), "Not yet: the penalty is that of what comes out"),
        (lambda: network([L1, L1], on=L1), "Not yet: the sums are penalized, and what comes out"),
        (lambda: network([L1, None]), "Not yet: only the first hidden layer"),
        (lambda: network([None, L1]), "Not yet: only the second hidden layer"),
        (lambda: network([L1, L1], activation="linear"), "Not yet: there is no ReLU in the network"),
        (lambda: network([L1, L1], activation="tanh"), "Not yet: the network's output must be"),
        (lambda: network([None, None]), "Not yet: the model has no penalty"),
        (lambda: network([L1, L1], units=4), "Not yet: the weights must stay of shapes"),
        (lambda: network([keras.regularizers.L2(0.01)] * 2), "Not yet: the penalty must be"),
    ],
)
def test_penalty_before(printed, build, message):
    assert printed(exercises.check_penalty_before, build).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda z, s, a: np.where(z > 0, s, -s * a), "Correct: a leaky ReLU lets a penalty behind it"),
        (lambda z, s, a: ..., "Not yet: put your answer where the three dots are"),
        (lambda z, s, a: s * (z > 0), "Not yet: for z < 0 the output is the leak times z"),
        (lambda z, s, a: s * np.sign(z), "Not yet: that is the penalty before the activation"),
        (lambda z, s, a: np.where(z > 0, s, s * a), "Not yet: for z < 0 the penalty falls"),
        (lambda z, s, a: np.where(z > 0, 1, -a), "Not yet: the strength is missing"),
        (lambda z, s, a: s * np.where(z > 0, z, -a * z), "Not yet: that is the penalty; its slope"),
        (lambda z, s, a: 0 * z, "Not yet: leaky_slope([-3, -0.5, 0.5, 2], 0.2, 0.1) must be -0.02"),
    ],
)
def test_leaky_slope(printed, answer, message):
    assert printed(exercises.check_leaky_slope, answer).startswith(message)
