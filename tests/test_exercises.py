import inspect

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import exercises, models
from course_utils.exercises import NotYet, exercise, require, require_close
from course_utils.models import mlp


@exercise("the square of three is nine.")
def check_square(answer):
    """Check a function that squares."""
    require(callable(answer), "write a function")
    require_close(answer(3), 9, "answer(3)")


def printed(capsys, check, *answers, **keywords):
    assert check(*answers, **keywords) is None
    return capsys.readouterr().out


def test_right_answer(capsys):
    assert printed(capsys, check_square, lambda x: x**2) == "Correct: the square of three is nine.\n"


def test_wrong_answer_is_told_why(capsys):
    assert printed(capsys, check_square, 9) == "Not yet: write a function.\n"
    assert printed(capsys, check_square, lambda x: 2 * x) == "Not yet: answer(3) must be 9, got 6.\n"


def test_stub_is_told_apart(capsys):
    expected = "Not yet: put your answer where the three dots are.\n"
    assert printed(capsys, check_square, ...) == expected
    assert printed(capsys, check_square, answer=...) == expected
    assert printed(capsys, check_square, lambda x: ...).startswith("Not yet: answer(3) must be a number")


def test_error_in_the_answer_is_part_of_the_message(capsys):
    text = printed(capsys, check_square, lambda x: x.shape)
    assert text == "Not yet: your code raised AttributeError: 'int' object has no attribute 'shape'\n"


def test_check_keeps_its_name_and_documentation():
    assert check_square.__name__ == "check_square"
    assert inspect.getdoc(check_square) == "Check a function that squares."


@pytest.mark.parametrize("success", [print, "", "  ", None])
def test_decorator_without_text_is_refused(success):
    with pytest.raises(ValueError, match="success must be a text that is not empty, got"):
        exercise(success)


def test_require():
    require(True, "never seen")
    with pytest.raises(NotYet, match="a reason"):
        require(np.array(False), "a reason")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(-1e-7, 1e-7))
def test_close_goes_on(expected, rounding):
    require_close(np.array(expected) + rounding, expected, "it")


@pytest.mark.parametrize(
    ("found", "expected", "message"),
    [
        ("text", 1.0, "it must be a number or an array of numbers, got 'text'"),
        (None, 1.0, "it must be a number or an array, got None: is a return missing"),
        ([1.0, 2.0], 1.0, r"it must have shape \(\), got \(2,\)"),
        ([[1.0, 2.0]], [[1.0, 2.5]], r"it must be 2.5 at \(0, 1\), got 2"),
        (np.nan, 0.5, "it must be 0.5, got nan"),
        (1.001, 1.0, "it must be 1, got 1.001"),
    ],
)
def test_not_close_is_told_how_far(found, expected, message):
    with pytest.raises(NotYet, match=message):
        require_close(found, expected, "it")


# chapter 01

TEN_LABELS = [1, 0, 0, 1, 0, 1, 1, 0, 1, 0]
MODEL_A = [0.51, 0.49, 0.3, 0.7, 0.4, 0.6, 0.6, 0.4, 0.6, 0.3]
MODEL_B = [0.9, 0.6, 0.1, 0.9, 0.1, 0.8, 0.9, 0.2, 0.8, 0.1]


def naive_loss(y, z):
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def clipped_loss(y, z):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            lambda y, z: np.mean(np.logaddexp(0, (1 - 2 * y) * z)),
            "Correct: the loss is taken from the logits",
        ),
        (lambda y, z: ..., "Not yet: put your answer where the three dots are"),
        (lambda y, z: None, "Not yet: the loss must be a number or an array, got None"),
        (lambda y, z: np.logaddexp(0, -z).mean(), "Not yet: for a label 0"),
        (lambda y, z: np.logaddexp(0, (2 * y - 1) * z).mean(), "Not yet: the sign is turned"),
        (lambda y, z: np.logaddexp(0, (1 - 2 * y) * z).sum(), "Not yet: that is the sum over the cases"),
        (lambda y, z: np.logaddexp(0, (1 - 2 * y) * z).mean() / np.log(2), "Not yet: that is in bits"),
        (lambda y, z: np.logaddexp(0, (1 - 2 * y) * z), "Not yet: that is one cost per case"),
        (lambda y, z: 0.1, "Not yet: the loss must be"),
        (naive_loss, "Not yet: logits of -1000 and 1000 must cost 1000, got"),
        (clipped_loss, "Not yet: the cost of logits of -1000 and 1000 (a clipped probability cannot"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_loss_from_logits(capsys, answer, message):
    assert printed(capsys, exercises.check_loss_from_logits, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (1.0, "Correct: absolute error"),
        (1, "Correct"),
        (0.7, "Not yet: p = 0.7 is best for a proper score"),
        (0.5, "Not yet: p = 0.5 costs 0.5"),
        (0.0, "Not yet: p = 0 is the worst"),
        (0.3, "Not yet: that is the smallest expected cost"),
        (0.9, "Not yet: best_guess must be 1, got 0.9"),
        ("one", "Not yet: best_guess must be a number"),
        (..., "Not yet: put your answer"),
    ],
)
def test_best_guess(capsys, answer, message):
    assert printed(capsys, exercises.check_best_guess, answer).startswith(message)


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (4.03466, "Correct: model A with other logits"),
        (4.03, "Correct"),
        (0.25, "Not yet: a factor below 1"),
        (-4.03, "Not yet: the factor must be positive"),
        (2.24, "Not yet: that is the ratio of the two losses"),
        (3.0, "Not yet: the loss of model A with its logits times 3 must be 0.2217"),
        ([4.0], "Not yet: the shape of factor must"),
        (..., "Not yet: put your answer"),
    ],
)
def test_confidence(capsys, factor, message):
    text = printed(capsys, exercises.check_confidence, factor, TEN_LABELS, MODEL_A, MODEL_B)
    assert text.startswith(message)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (4898, "Correct: it takes thousands"),
        (4899, "Correct"),
        (1225, "Not yet: that gives ± 0.02"),
        (1275, "Not yet: that makes one standard error 0.01"),
        (25, "Not yet: the width shrinks with the square root"),
        (9604, "Not yet: a variance of 0.25 is that of a coin"),
        (3450, "Not yet: that is a 90 % interval"),
        (1000, "Not yet: points must be 4898"),
        (..., "Not yet: put your answer"),
    ],
)
def test_points_needed(capsys, points, message):
    assert printed(capsys, exercises.check_points_needed, points).startswith(message)


def gradient_of(l1, l2):
    """An answer with the pull `l1` for codes 1 and 12 and `l2` for codes 2 and 12."""

    def penalty_gradient(w, code, strength):
        total = 0 * w
        if code in (1, 12):
            total = total + l1(w, strength)
        if code in (2, 12):
            total = total + l2(w, strength)
        return total

    return penalty_gradient


def pull_l1(w, strength):
    return strength * np.sign(w)


def pull_l2(w, strength):
    return 2 * strength * w


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (gradient_of(pull_l1, pull_l2), "Correct: L2 pulls in proportion"),
        (lambda w, code, strength: ..., "Not yet: put your answer where the three dots are"),
        (lambda w, code, strength: None, "Not yet: for code 2, nothing is returned"),
        (gradient_of(pull_l1, lambda w, s: s * w), "Not yet: for code 2, the derivative of w² is 2w"),
        (gradient_of(pull_l1, lambda w, s: s * w**2), "Not yet: for code 2, that is the penalty"),
        (gradient_of(pull_l1, lambda w, s: 2 * w), "Not yet: for code 2, the strength is missing"),
        (gradient_of(pull_l1, lambda w, s: abs(2 * s * w)), "Not yet: for code 2, the pull of a negative"),
        (gradient_of(lambda w, s: s * abs(w), pull_l2), "Not yet: for code 1, that is the penalty"),
        (gradient_of(lambda w, s: s + 0 * w, pull_l2), "Not yet: for code 1, a negative weight is pulled"),
        (gradient_of(lambda w, s: np.sign(w), pull_l2), "Not yet: for code 1, the strength is missing"),
        (gradient_of(pull_l2, pull_l2), "Not yet: for code 1, that is L2"),
        (
            lambda w, code, s: {1: pull_l1(w, s), 2: pull_l2(w, s)}.get(code, 0 * w),
            "Not yet: for code 12, 12 means both penalties",
        ),
        (
            lambda w, code, s: pull_l1(w, s) if code in (1, 12) else pull_l2(w, s) * (code == 2),
            "Not yet: for code 12, the pull of L2 is missing",
        ),
        (
            lambda w, code, s: pull_l2(w, s) if code in (2, 12) else pull_l1(w, s) * (code == 1),
            "Not yet: for code 12, the pull of L1 is missing",
        ),
        (
            lambda w, code, s: gradient_of(pull_l1, pull_l2)(w, code or 2, s),
            "Not yet: for code 0, 0 means no penalty",
        ),
        (
            lambda w, code, s: gradient_of(pull_l1, pull_l2)(w, abs(code), s),
            "Not yet: for code -1, -1 means no penalty",
        ),
        (lambda w, code, s: w + 7, "Not yet: the gradient for code 2 must be"),
    ],
)
def test_penalty_gradient(capsys, answer, message):
    assert printed(capsys, exercises.check_penalty_gradient, answer).startswith(message)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([2, 0, 2, -1], "Correct: every kernel has L2"),
        ([2, 2], "Not yet: 4 variables need as many codes, got 2: biases have a place"),
        ([2, 0, 2], "Not yet: 4 variables need as many codes, got 3"),
        ([2, 2, 2, 2], "Not yet: variable 1 is a bias and must go free, its code is 2"),
        ([0, 2, 0, 2], "Not yet: variable 0 is a kernel and goes free"),
        ([2, 0, 0, 0], "Not yet: variable 2 is a kernel and goes free"),
        ([1, 0, 1, 0], "Not yet: variable 0 is a kernel and has L1; L2 is code 2"),
        ([12, 0, 12, 0], "Not yet: variable 0 is a kernel and has L1 as well"),
        ([2, 3, 2, 0], "Not yet: codes[1] is 3; the codes are"),
        (2, "Not yet: your code raised TypeError"),
        (..., "Not yet: put your answer"),
    ],
)
def test_codes(capsys, codes, message):
    variables = [np.ones((2, 3)), np.zeros(3), np.ones((3, 1)), np.zeros(1)]
    assert printed(capsys, exercises.check_codes, codes, variables).startswith(message)


@pytest.mark.parametrize(
    ("penalty", "message"),
    [
        (lambda w, s: s * sum((a**2).sum() for a in w), "Correct: what is left is the data loss"),
        (lambda w, s: 0.0, "Not yet: the penalty is still inside"),
        (lambda w, s: s, "Not yet: the strength alone is not the penalty"),
        (lambda w, s: -s * sum((a**2).sum() for a in w), "Not yet: the printed loss contains"),
        (lambda w, s: sum((a**2).sum() for a in w), "Not yet: the sum of the squares must be multiplied"),
        (lambda w, s: s * sum(abs(a).sum() for a in w), "Not yet: that takes out an L1 penalty"),
        (lambda w, s: s / 2 * sum((a**2).sum() for a in w), "Not yet: Keras' L2 has no factor 1/2"),
        (lambda w, s: s * np.mean([v**2 for a in w for v in a.ravel()]), "Not yet: the penalty is a sum"),
        (lambda w, s: s * (w[0] ** 2).sum(), "Not yet: the last array is missing"),
        (lambda w, s: 0.5, "Not yet: the data loss must be 0.71, got 0.4"),
    ],
)
def test_data_term(capsys, penalty, message):
    text = printed(capsys, exercises.check_data_term, lambda loss, w, s: loss - penalty(w, s))
    assert text.startswith(message)


def test_data_term_stub(capsys):
    assert "three dots" in printed(capsys, exercises.check_data_term, lambda loss, w, s: ...)


def soft(a, strength):
    return np.sign(a) * max(abs(a) - strength, 0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda a, s: (soft(a, s), a / (1 + 2 * s)), "Correct: L1 takes the same amount"),
        (lambda a, s: ..., "Not yet: put your answer where the three dots are"),
        (lambda a, s: soft(a, s), "Not yet: return two numbers"),
        (lambda a, s: (a - s, a / (1 + 2 * s)), "Not yet: L1 with a = 0.2 and λ = 0.5: the penalty cannot"),
        (lambda a, s: (max(a - s, 0), a / (1 + 2 * s)), "Not yet: L1 with a = -2 and λ = 0.5: a large"),
        (
            lambda a, s: (a - s if abs(a) > s else 0, a / (1 + 2 * s)),
            "Not yet: L1 with a = -2 and λ = 0.5: a negative weight must move up",
        ),
        (lambda a, s: (soft(a, 2 * s), a), "Not yet: L1 with a = 2 and λ = 0.5: the lowest point must be"),
        (lambda a, s: (soft(a, s), a / (1 + s)), "Not yet: L2 with a = 2 and λ = 0.5: the slope of λw²"),
        (lambda a, s: (soft(a, s), a - 2 * s * a), "Not yet: L2 with a = 2 and λ = 0.5: that is one step"),
        (lambda a, s: (soft(a, s), a), "Not yet: L2 with a = 2 and λ = 0.5: the lowest point must be 1"),
    ],
)
def test_lowest_points(capsys, answer, message):
    assert printed(capsys, exercises.check_lowest_points, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda s, p, n: 2 * s**2 * p / n, "Correct: the training error flatters"),
        (lambda s, p, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda s, p, n: s**2 * p / n, "Not yet: σ²p/n is the variance"),
        (lambda s, p, n: 2 * s * p / n, "Not yet: noise is a standard deviation"),
        (lambda s, p, n: 2 * s**2 * p, "Not yet: divide by the number of points"),
        (lambda s, p, n: 2 * s**2, "Not yet: optimism(0.3, 4, 20) must be 0.036, got 0.18"),
        (lambda s, p, n: 0.036, "Not yet: optimism(0.5, 10, 40) must be 0.125, got 0.036"),
    ],
)
def test_optimism(capsys, answer, message):
    assert printed(capsys, exercises.check_optimism, answer).startswith(message)


def keras_stop(losses, patience):
    """What Keras' own callback does."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    return epoch + 1, callback.best_epoch + 1


def hand_written_stop(losses, patience, start=1, ties=False, restart=True):
    best, wait = 0, 0
    for epoch, loss in enumerate(losses):
        if epoch == 0 or loss < losses[best] or (ties and loss == losses[best]):
            best, wait = epoch, 0 if restart else wait
        else:
            wait += 1
        if wait == patience:
            break
    return epoch + 1, best + start


@pytest.mark.parametrize(
    ("stop", "message"),
    [
        (keras_stop, "Correct: this is what EarlyStopping does"),
        (hand_written_stop, "Correct: this is what EarlyStopping does"),
        (lambda losses, patience: ..., "Not yet: put your answer where the three dots are"),
        (lambda losses, patience: 4, "Not yet: return two numbers, epochs run and best epoch, got 4"),
        (
            lambda losses, patience: (5, 5),
            "Not yet: after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2, epoch",
        ),
        (lambda losses, patience: hand_written_stop(losses, patience - 1), "Not yet: after 0.5, 0.4, 0.45"),
        (lambda losses, patience: hand_written_stop(losses, patience, start=0), "Not yet: after 0.5, 0.4"),
        (lambda losses, patience: (hand_written_stop(losses, patience)[0],) * 2, "Not yet: after 0.5, 0.4"),
        (
            lambda losses, patience: (4, 3),
            "Not yet: after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2, (",
        ),
        (lambda losses, patience: (4, 2), "Not yet: without a rise, (epochs run, best epoch)"),
        (
            lambda losses, patience: hand_written_stop(losses, patience, restart=False),
            "Not yet: a new lowest loss must restart the count",
        ),
        (
            lambda losses, patience: hand_written_stop(losses, patience, ties=True),
            "Not yet: an equal loss is no new lowest one",
        ),
    ],
)
def test_early_stopping(capsys, stop, message):
    assert printed(capsys, exercises.check_early_stopping, stop).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            lambda losses, sizes: np.average(losses, weights=sizes),
            "Correct: a short last batch counts",
        ),
        (lambda losses, sizes: ..., "Not yet: put your answer where the three dots are"),
        (lambda losses, sizes: np.mean(losses), "Not yet: this counts each batch the same"),
        (lambda losses, sizes: losses[-1], "Not yet: this is the loss of the last batch alone"),
        (lambda losses, sizes: np.dot(losses, sizes), "Not yet: this is the sum over rows"),
        (
            lambda losses, sizes: losses[0],
            "Not yet: running_loss([0.7, 0.5, 0.2], [20, 20, 5]) must be 0.5555",
        ),
        (lambda losses, sizes: 25 / 45, "Not yet: running_loss([0.4], [8]) must be 0.4, got 0.555556"),
    ],
)
def test_running_loss(capsys, answer, message):
    assert printed(capsys, exercises.check_running_loss, answer).startswith(message)


# chapter 04
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
def test_penalty_list(capsys, count, total, message):
    assert printed(capsys, exercises.check_penalty_list, count, total).startswith(message)


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
def test_penalized_builder(capsys, build, message):
    assert message in printed(capsys, exercises.check_penalized_builder, build)


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
def test_with_penalty(capsys, with_penalty, message):
    model = models.mlp((4,))
    text = printed(capsys, exercises.check_with_penalty, with_penalty, model, keras.regularizers.L2(0.01))
    assert text.startswith(message)


def test_with_penalty_leaves_the_original_alone(capsys):
    def also_the_original(model, penalty):
        model.layers[1].kernel.regularizer = penalty
        return copy_with(model, penalty)

    model, penalty = models.mlp((4,)), keras.regularizers.L2(0.01)
    text = printed(capsys, exercises.check_with_penalty, also_the_original, model, penalty)
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
def test_emptying_strength(capsys, answer, message):
    assert printed(capsys, exercises.check_emptying_strength, answer).startswith(message)


# chapter 05
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda l2, l3: 2 * l2 / (3 * l3), "Correct: below that weight L2 pulls harder"),
        (lambda l2, l3: ..., "Not yet: put your answer where the three dots are"),
        (lambda l2, l3: l2 / l3, "Not yet: there the penalties are equal"),
        (lambda l2, l3: 3 * l3 / (2 * l2), "Not yet: the fraction is upside down"),
        (lambda l2, l3: l2 / (3 * l3), "Not yet: the derivative of w² is 2w"),
        (lambda l2, l3: 2 * l2 / l3, "Not yet: the derivative of |w|³"),
        (lambda l2, l3: 2 / 3, "Not yet: that is the place for two equal strengths"),
        (lambda l2, l3: 2.0, "Not yet: equal_pull(0.01, 0.01) must be 0.666667, got 2"),
        (lambda l2, l3: None, "Not yet: equal_pull(0.03, 0.01) must be a number or an array, got None"),
    ],
)
def test_equal_pull(capsys, answer, message):
    assert printed(capsys, exercises.check_equal_pull, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda w: 0.01 * np.sum(w**2 / (w**2 + 0.01)), "Correct: it costs about as much as the count"),
        (lambda w: 0.01 * keras.ops.sum(1 - keras.ops.exp(-10 * keras.ops.abs(w))), "Correct"),
        (lambda w: ..., "Not yet: put your answer where the three dots are"),
        (lambda w: 0.01 * (w != 0), "Not yet: one number is wanted, got an array of shape (2,)"),
        (lambda w: 0.01 * np.sum(w != 0), "Not yet: a weight of 0.1 may move a little"),
        (lambda w: 0.01 * np.sum(1 / (w**2 + 1)), "Not yet: the penalty of two zeros must be 0, got 0.02"),
        (lambda w: -np.sum(np.abs(w)), "Not yet: a larger weight must cost more"),
        (lambda w: 0.01 * np.sum(w / (abs(w) + 0.1)), "Not yet: the penalty of -0.1 (it must be that of 0.1"),
        (lambda w: 0.01 * np.sum(np.abs(w)), "Not yet: a weight of 10 costs 0.1; the count charges 0.01"),
        (lambda w: 0.001 * np.sum(np.abs(w)), "Not yet: a weight of 100 costs 0.1; the count charges 0.01"),
        (lambda w: 0.001 * np.sum(w**2 / (w**2 + 0.01)), "Not yet: the penalty of a weight of 10 must be"),
        (lambda w: 0.01 * np.max(w**2 / (w**2 + 0.01)), "Not yet: the penalty of two large weights must be"),
    ],
)
def test_smooth_count(capsys, answer, message):
    assert printed(capsys, exercises.check_smooth_count, answer).startswith(message)


def mixed_penalty(penalty, registered=True, **changes):
    """A class with that penalty, a function of weights, strength and share; `changes` replace its methods."""

    class Mixed(keras.regularizers.Regularizer):
        def __init__(self, strength=0.01, share=0.5):
            self.strength, self.share = strength, share

        def __call__(self, w):
            return penalty(w, self.strength, self.share)

        def get_config(self):
            return {"strength": self.strength, "share": self.share}

    for name, method in changes.items():
        setattr(Mixed, name, method)
    if not registered:
        return Mixed
    return keras.saving.register_keras_serializable(package="tests")(Mixed)


def mixed(w, strength, share):
    return strength * np.sum(share * np.abs(w) + (1 - share) * np.abs(w) ** 3)


@pytest.mark.parametrize(
    ("penalty", "message"),
    [
        (mixed, "Correct: it mixes both penalties"),
        (lambda w, c, s: 0.0, "Not yet: with strength 0.1 and share 0.25, the penalty is 0: Keras calls"),
        (
            lambda w, c, s: c * (s * abs(w) + (1 - s) * abs(w) ** 3),
            "Not yet: with strength 0.1 and share 0.25, the sum is missing",
        ),
        (lambda w, c, s: mixed(w, c, s) / 4, "Not yet: with strength 0.1 and share 0.25, that is the mean"),
        (lambda w, c, s: mixed(w, 1, s), "Not yet: with strength 0.1 and share 0.25, the strength is miss"),
        (
            lambda w, c, s: c * np.sum(s * w + (1 - s) * w**3),
            "Not yet: with strength 0.1 and share 0.25, the bars are missing",
        ),
        (
            lambda w, c, s: c * np.sum(s * abs(w) + (1 - s) * w**3),
            "Not yet: with strength 0.1 and share 0.25, the bars of the cube are missing",
        ),
        (
            lambda w, c, s: c * np.sum(abs(w) + abs(w) ** 3),
            "Not yet: with strength 0.1 and share 0.25, both penalties count in full",
        ),
        (lambda w, c, s: mixed(w, c, 1 - s), "Not yet: with strength 0.1 and share 0.25, the shares are ex"),
        (lambda w, c, s: mixed(w, c, 0.25), "Not yet: with strength 0.1 and share 0.8, the penalty must be"),
        (lambda w, c, s: w.shape, "Not yet: with strength 0.1 and share 0.25, the penalty must have shape"),
    ],
)
def test_mixed_penalty(capsys, penalty, message):
    assert printed(capsys, exercises.check_mixed_penalty, mixed_penalty(penalty)).startswith(message)


@pytest.mark.parametrize(
    ("get_config", "message"),
    [
        (keras.regularizers.Regularizer.get_config, "Not yet: get_config is missing"),
        (lambda self: {"strength": self.strength}, "Not yet: get_config must return a dict with the names"),
        (lambda self: None, "Not yet: get_config must return a dict with the names"),
        (
            lambda self: {"strength": keras.ops.array(self.strength), "share": self.share},
            "Not yet: the strength in the configuration must be a plain number, got a EagerTensor",
        ),
        (
            lambda self: {"strength": self.strength, "share": 0.5},
            "Not yet: the share in the configuration must be 0.75, got 0.5",
        ),
    ],
)
def test_mixed_penalty_names_what_cannot_be_saved(capsys, get_config, message):
    answer = mixed_penalty(mixed, get_config=get_config)
    assert printed(capsys, exercises.check_mixed_penalty, answer).startswith(message)


def test_mixed_penalty_must_be_a_registered_class(capsys):
    unregistered = mixed_penalty(mixed, registered=False)
    for answer, message in (
        (mixed, "Not yet: write a class"),
        (unregistered, "Not yet: the class is not re"),
    ):
        assert printed(capsys, exercises.check_mixed_penalty, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda spread, n: 1 / (2 * n * spread**2), "Correct: a wider belief and more points"),
        (lambda spread, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda spread, n: 1 / (2 * spread**2), "Not yet: the data loss is a mean over the points"),
        (lambda spread, n: n / (2 * spread**2), "Not yet: divide by n_points instead"),
        (lambda spread, n: 1 / (n * spread**2), "Not yet: the Gaussian is exp(-w²/(2s²))"),
        (lambda spread, n: 1 / (2 * n * spread), "Not yet: the spread must be squared"),
        (lambda spread, n: spread**2 / (2 * n), "Not yet: that is upside down"),
        (lambda spread, n: 0.01, "Not yet: strength(0.2, 50) must be 0.25, got 0.01"),
    ],
)
def test_belief(capsys, answer, message):
    assert printed(capsys, exercises.check_belief, answer).startswith(message)


# chapter 06
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
def test_keras_numbers(capsys, answer, message):
    assert printed(capsys, exercises.check_keras_numbers, answer).startswith(message)


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
def test_share_left(capsys, answer, message):
    assert printed(capsys, exercises.check_share_left, answer).startswith(message)


def small_model(optimizer, **penalties):
    return mlp((3,), optimizer=optimizer, **penalties)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: small_model(keras.optimizers.SGD(0.1, weight_decay=0.01)), "Correct: the decay has its"),
        (lambda: small_model(keras.optimizers.SGD(0.1, 0.01)), "Not yet: after a step in which the data ask"),
        (lambda: None, "Not yet: nothing is returned; return the model"),
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
def test_decaying_model(capsys, build, message):
    assert printed(capsys, exercises.check_decaying_model, build).startswith(message)


def kernel_decay(weight_decay, names=("bias", "gamma", "beta")):
    optimizer = keras.optimizers.AdamW(0.001, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=list(names))
    return optimizer


def built_optimizer(weight_decay):
    optimizer = keras.optimizers.AdamW(0.001, weight_decay=weight_decay)
    optimizer.build(mlp((2,)).trainable_variables)
    return optimizer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (kernel_decay, "Correct: kernels decay, and biases"),
        (lambda decay: ..., "Not yet: put your answer where the three dots are"),
        (lambda decay: None, "Not yet: nothing is returned: exclude_from_weight_decay changes"),
        (built_optimizer, "Not yet: the optimizer is built already"),
        (lambda decay: kernel_decay(decay, ["bias"]), "Not yet: norm/gamma decays too"),
        (lambda decay: kernel_decay(decay, ["bias", "gamma"]), "Not yet: norm/beta decays too"),
        (lambda decay: kernel_decay(decay, ["kernel"]), "Not yet: hidden/kernel does not decay"),
        (
            lambda decay: kernel_decay(decay / 2),
            "Not yet: what is left of hidden/kernel must be 0.9995, got 0.99975",
        ),
    ],
)
def test_kernel_decay(capsys, answer, message):
    inputs = keras.Input((2,))
    hidden = keras.layers.BatchNormalization(name="norm")(keras.layers.Dense(2, name="hidden")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(1, name="output")(hidden))
    assert printed(capsys, exercises.check_kernel_decay, answer, model).startswith(message)


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
def test_matching_decay(capsys, answer, message):
    assert printed(capsys, exercises.check_matching_decay, answer).startswith(message)


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
