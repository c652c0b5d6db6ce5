import keras
import numpy as np
import pytest

from course_utils import exercises


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
def test_optimism(printed, answer, message):
    assert printed(exercises.check_optimism, answer).startswith(message)


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
def test_early_stopping(printed, stop, message):
    assert printed(exercises.check_early_stopping, stop).startswith(message)


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
def test_running_loss(printed, answer, message):
    assert printed(exercises.check_running_loss, answer).startswith(message)
