import keras
import numpy as np
import pytest

from course_utils import exercises, models


@pytest.mark.parametrize(
    ("count", "total", "message"),
    [
        (4, 1.0, "Correct: what counts is one penalty per trainable variable"),
        (7, 1.0, "Not yet: 7 counts the layer that is used twice, twice, and the frozen layer"),
        (6, 1.0, "Not yet: 6 counts the penalties of the layer that is used twice, twice"),
        (5, 1.0, "Not yet: 5 is one too many"),
        (3, 1.0, "Not yet: 3 is one too few"),
        (2, 1.0, "Not yet: 2 are above zero"),
        (9, 1.0, "Not yet: count must be 4, got 9"),
        (4, 1.4, "Not yet: 1.4 counts the layer that is used twice, twice"),
        (4, 1.6, "Not yet: 1.6 takes L1L2(0.1) for both penalties"),
        (4, 1.12, "Not yet: 1.12 includes the frozen layer"),
        (4, 1.08, 'Not yet: the string "l1l2" means a strength of 0'),
        (4, 0.7, "Not yet: 0.7 halves the sum of squares"),
        (4, 2.0, "Not yet: total must be 1, got 2"),
        (4, ..., "Not yet: put your answer where the three dots are"),
    ],
)
def test_penalty_list(printed, count, total, message):
    assert printed(exercises.check_penalty_list, count, total).startswith(message)


def penalized_builder(*positional, last=None, after=None, **keywords):
    """A builder of the exercise's network whose layers get these arguments behind the activation."""

    def build():
        inputs = x = keras.Input((2,))
        for _ in range(2):
            x = keras.layers.Dense(4, "relu", *positional, **keywords)(x)
        x = keras.layers.Dense(1, "sigmoid", *positional, **(keywords if last is None else last))(x)
        model = keras.Model(inputs, x)
        for layer in model.layers[1:]:
            setattr(layer, *(after or ("name", layer.name)))
        return model

    return build


L2_ON_KERNELS = {"kernel_regularizer": keras.regularizers.L2(0.01)}
TANH = ("activation", keras.activations.tanh)
TOO_LATE = ("kernel_regularizer", keras.regularizers.L2(0.01))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (penalized_builder(**L2_ON_KERNELS), "Correct: the third positional argument of Dense is use_bias"),
        (penalized_builder(kernel_regularizer="l2"), "Correct: the third positional argument"),
        (lambda: None, "Not yet: build must return a Keras model, got NoneType"),
        (penalized_builder(keras.regularizers.L2(0.01)), "Not yet: no penalty reaches the kernel of dense"),
        (penalized_builder(), "Not yet: no penalty reaches the kernel of dense"),
        (penalized_builder(**L2_ON_KERNELS, last={}), "Not yet: no penalty reaches the kernel of dense"),
        (penalized_builder(False, **L2_ON_KERNELS), "has lost its bias"),
        (penalized_builder(activity_regularizer="l2"), "penalizes its outputs"),
        (penalized_builder(**L2_ON_KERNELS, bias_regularizer="l2"), "penalizes its bias"),
        (penalized_builder(after=TOO_LATE), "was told of its regularizer after it was built"),
        (penalized_builder(after=TANH, **L2_ON_KERNELS), "must be relu, it is tanh"),
        (penalized_builder(kernel_regularizer="l1"), "Not yet: the sum of model.losses must be"),
        (penalized_builder(**L2_ON_KERNELS, trainable=False), "3 kernels need as many penalties, got 0"),
    ],
)
def test_penalized_builder(printed, build, message):
    assert message in printed(exercises.check_penalized_builder, build)


def copy_with(model, penalty, weights=True, **settings):
    """A clone whose Dense layers are made with other settings."""

    def clone(layer):
        config = layer.get_config()
        if isinstance(layer, keras.layers.Dense):
            config |= {"kernel_regularizer": penalty, **settings}
        return type(layer).from_config(config)

    copy = keras.models.clone_model(model, clone_function=clone)
    if weights:
        copy.set_weights(model.get_weights())
    return copy


def set_on_built_layers(model, penalty, owner=lambda layer: layer, name="kernel_regularizer", only=0):
    copy = copy_with(model, None)
    for layer in copy.layers[1 + only :]:
        setattr(owner(layer), name, penalty)
    return copy


def kernel_of(layer):
    return layer.kernel


@pytest.mark.parametrize(
    ("with_penalty", "message"),
    [
        (copy_with, "Correct: a new model with the old weights"),
        (lambda model, penalty: ..., "Not yet: put your answer where the three dots are"),
        (lambda model, penalty: model, "Not yet: that is the model itself"),
        (lambda model, penalty: None, "Not yet: with_penalty must return a Keras model, got NoneType"),
        (set_on_built_layers, "Not yet: the copy has no penalty; a built layer does not look at"),
        (
            lambda model, penalty: set_on_built_layers(model, penalty, kernel_of, "regularizer"),
            "Not yet: the kernel of hidden_1 has a penalty, but its layer does not know",
        ),
        (
            lambda model, penalty: set_on_built_layers(model, penalty, kernel_of, "regularizer", only=1),
            "Not yet: the kernel of hidden_1 has no penalty",
        ),
        (lambda model, penalty: copy_with(model, penalty, weights=False), "Not yet: the copy starts"),
        (
            lambda model, penalty: copy_with(model, penalty, bias_regularizer=penalty),
            "Not yet: the bias of hidden_1 must go free",
        ),
        (
            lambda model, penalty: copy_with(model, keras.regularizers.L2(0.5)),
            "Not yet: the sum of the copy's losses must be",
        ),
    ],
)
def test_with_penalty(printed, with_penalty, message):
    model = models.mlp((4,))
    text = printed(exercises.check_with_penalty, with_penalty, model, keras.regularizers.L2(0.01))
    assert text.startswith(message)


def test_with_penalty_leaves_the_original_alone(printed):
    def also_the_original(model, penalty):
        model.layers[1].kernel.regularizer = penalty
        return copy_with(model, penalty)

    model, penalty = models.mlp((4,)), keras.regularizers.L2(0.01)
    text = printed(exercises.check_with_penalty, also_the_original, model, penalty)
    assert text.startswith("Not yet: the original has a penalty now")


def pulls(x, y):
    return 2 * x.T @ (y - y.mean()) / len(y)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x, y: np.abs(pulls(x, y)).max(), "Correct: L1 holds a weight at zero"),
        (lambda x, y: ..., "Not yet: put your answer where the three dots are"),
        (lambda x, y: np.abs(pulls(x, y)).max() / 2, "Not yet: the slope of a square has a factor 2"),
        (lambda x, y: np.abs(pulls(x, y)).max() * len(y), "Not yet: the mean squared error is a mean"),
        (lambda x, y: pulls(x, y).max(), "Not yet: a pull to the left counts as much"),
        (lambda x, y: np.abs(pulls(x, y)).min(), "Not yet: the weight that is pulled least goes first"),
        (lambda x, y: np.abs(pulls(x, y)).mean(), "Not yet: the weight that is pulled hardest goes last"),
        (lambda x, y: np.abs(pulls(x, y)).sum(), "Not yet: each weight has its own contest"),
        (lambda x, y: np.abs(pulls(x, y)), "Not yet: that is one strength per weight"),
        (lambda x, y: np.abs(2 * x.T @ y / len(y)).max(), "Not yet: the bias is free and takes the mean"),
        (lambda x, y: 7.0, "Not yet: emptying_strength(x, y) must be"),
    ],
)
def test_emptying_strength(printed, answer, message):
    assert printed(exercises.check_emptying_strength, answer).startswith(message)
