"""Early stopping against Keras' own callback, copy by copy."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.models import mlp
from course_utils.replicates import fit_replicates, fit_variants
from course_utils.replicates.stacks import State
from course_utils.replicates.stopping import (
    as_stop_rule,
    end_epoch,
    first_stopping,
    kept_weights,
    stack_rules,
)
from course_utils.replicates.training import Replicator

from .shared import EPOCHS, VALIDATION, X, Y, fit_keras, fit_quickly, network

# Coverage costs half as much again; all that these trainings run, the tests of `fit` cover.
pytestmark = pytest.mark.no_cover


def overfitting():
    return mlp((8,), activation="tanh", optimizer=keras.optimizers.Adam(0.3))


class Weights(keras.callbacks.Callback):
    """The weights at the end of every epoch."""

    def on_train_begin(self, logs=None):
        self.by_epoch = []

    def on_epoch_end(self, epoch, logs=None):
        self.by_epoch.append(self.model.get_weights())


@pytest.fixture(scope="module")
def trained():
    """By seed: a model, the logs and the weights of every epoch of one `model.fit` that nothing stops."""
    found = []
    for seed in range(2):
        weights = Weights()
        model, history = fit_keras(
            overfitting, seed, validation_data=VALIDATION, epochs=EPOCHS, batch_size=15, callbacks=[weights]
        )
        found.append((model, pd.DataFrame(history).to_dict("records"), weights.by_epoch))
    return found


def stopped_by_keras(rule, model, logs, weights):
    """Let Keras' callback watch a training that was recorded; return the epochs and the weights it leaves."""
    callback = keras.callbacks.EarlyStopping(**rule)
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, (log, after) in enumerate(zip(logs, weights, strict=True)):
        model.set_weights(after)
        callback.on_epoch_end(epoch, log)
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch + 1, model.get_weights()


RULES = {
    "restore": {"monitor": "val_loss", "patience": 3, "restore_best_weights": True},
    "min_delta": {"monitor": "val_loss", "patience": 2, "min_delta": 0.01},
    "start": {"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True, "start_from_epoch": 3},
    "max and baseline": {"monitor": "accuracy", "mode": "max", "patience": 4, "baseline": 0.99},
    "last epoch": {"monitor": "val_loss", "patience": 50, "restore_best_weights": True},
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_early_stopping_equals_the_callback(rule, trained):
    stop = [keras.callbacks.EarlyStopping(**rule)]
    keywords = {"validation_data": VALIDATION, "epochs": EPOCHS, "batch_size": 15, "shuffle": False}
    runs = fit_quickly(overfitting, X, Y, seeds=2, callbacks=stop, **keywords)
    for seed, (model, logs, weights) in enumerate(trained):
        epochs, left = stopped_by_keras(rule, model, logs, weights)
        assert runs.epochs_run[seed] == epochs
        assert (epochs < EPOCHS) is (rule is not RULES["last epoch"])
        for ours, theirs in zip(runs.weights, left, strict=True):
            np.testing.assert_allclose(ours[seed], theirs, atol=1e-5)
        for name, values in runs.history.items():
            assert np.isnan(values[seed, epochs:]).all()
            if name in logs[0]:
                expected = [log[name] for log in logs[:epochs]]
                np.testing.assert_allclose(values[seed, :epochs], expected, atol=1e-5)
    if rule is RULES["restore"]:
        np.testing.assert_array_equal(runs.final_epoch, np.nanargmin(runs.history["val_loss"], axis=1))
        best = np.nanmin(runs.history["val_loss"], axis=1)
        np.testing.assert_allclose(runs.evaluate(*VALIDATION)["loss"], best, atol=1e-5)


VALUES = st.one_of(st.sampled_from([0.5, 0.6, np.nan, np.inf, -np.inf]), st.floats(0, 1, width=32))


@st.composite
def rules(draw):
    monitor = draw(st.sampled_from(["loss", "val_loss", "accuracy"]))
    return {
        "monitor": monitor,
        "mode": draw(st.sampled_from(["auto", "min", "max"])),
        "min_delta": draw(st.sampled_from([0, 0.0, 0.01, -0.1, 0.1])),
        "patience": draw(st.integers(-1, 3)),
        "baseline": draw(st.sampled_from([None, 0, 0.3, 0.5, 1.0])),
        "restore_best_weights": draw(st.booleans()),
        "start_from_epoch": draw(st.integers(0, 12)),
    }


class Recorded:
    """A model whose weights are the number of the epoch."""

    def __init__(self):
        self.weights, self.stop_training = -1, False
        self.metrics = MODEL.metrics

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


MODEL = mlp(())
MODEL.train_on_batch(X, Y)
NAMES = ["loss", "accuracy", "val_loss"]


def by_keras(rule, logs):
    model, epochs = Recorded(), 0
    callback = keras.callbacks.EarlyStopping(**rule)
    callback.set_model(model)
    callback.on_train_begin()
    while epochs < len(logs) and not model.stop_training:
        model.weights = epochs
        callback.on_epoch_end(epochs, dict(zip(NAMES, map(float, logs[epochs]), strict=True)))
        epochs += 1
    callback.on_train_end()
    return epochs, model.weights


def by_engine(given, logs):
    """Let every rule watch its own logs, of shape (n_rules, n_epochs, n_names)."""
    found = [as_stop_rule(keras.callbacks.EarlyStopping(**rule), MODEL, NAMES) for rule in given]
    stack = stack_rules(found, 1)

    def state(epoch):
        return State([tf.fill([len(given)], epoch)], [], [], [], [])

    now = state(-1)
    stopping = first_stopping(now, keeps_best=True)
    for epoch in range(logs.shape[1]):
        now, stopping, _ = end_epoch(stack, epoch, now, state(epoch), stopping, tf.constant(logs[:, epoch].T))
    left, _ = kept_weights(now, stopping, stack)
    return [(int(e), int(w)) for e, w in zip(stopping.epochs_run, left.trainable[0], strict=True)]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(rules(), st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=9, max_size=9)),
        min_size=10,
        max_size=10,
    )
)
def test_any_rule_on_any_logs_does_what_keras_does(cases):
    given_rules, logs = zip(*cases, strict=True)
    logs = np.array(logs, np.float32)
    expected = [by_keras(rule, log) for rule, log in zip(given_rules, logs, strict=True)]
    assert by_engine(given_rules, logs) == expected


FALLING, RISING = np.linspace(0.9, 0.1, 9), np.linspace(0.1, 0.9, 9)
NAN = np.full(9, np.nan)
CASES = {
    "start beyond the end": ({"start_from_epoch": 30, "restore_best_weights": True}, FALLING),
    "start at the last epoch": ({"start_from_epoch": 8, "restore_best_weights": True}, FALLING),
    "start in the middle": ({"start_from_epoch": 4, "patience": 2}, RISING),
    "NaN from the first epoch": ({"patience": 3, "restore_best_weights": True}, NAN),
    "NaN, patience 0": ({}, NAN),
    "NaN, then numbers": ({"patience": 5}, np.where(np.arange(9) < 1, np.nan, FALLING)),
    "numbers, then NaN": (
        {"patience": 1, "restore_best_weights": True},
        np.where(np.arange(9) > 3, np.nan, FALLING),
    ),
    "NaN in the warm-up": (
        {"patience": 1, "start_from_epoch": 2},
        np.where(np.arange(9) < 2, np.nan, FALLING),
    ),
    "NaN and a baseline": ({"patience": 3, "baseline": 0.5}, NAN),
    "infinity from the first epoch": ({"patience": 2}, np.full(9, np.inf)),
    "max on a falling loss": ({"mode": "max", "patience": 1, "restore_best_weights": True}, FALLING),
    "max on a rising loss": ({"mode": "max", "restore_best_weights": True}, RISING),
    "patience 0, falling": ({}, FALLING),
    "patience 0, rising": ({}, RISING),
    "patience below 0": ({"patience": -2}, RISING),
    "baseline never reached": ({"baseline": 0.05, "patience": 3}, FALLING),
    "baseline reached at once": ({"baseline": 0.95, "patience": 3}, FALLING),
    "baseline reached in time": ({"baseline": 0.65, "patience": 3}, FALLING),
    "baseline 0": ({"baseline": 0, "patience": 2}, FALLING),
    "baseline and max": ({"baseline": 0.85, "mode": "max", "patience": 2}, RISING),
    "min_delta as large as the step": ({"min_delta": 0.1, "patience": 1}, FALLING),
    "min_delta below 0": ({"min_delta": -0.2, "patience": 1}, FALLING),
    "constant": ({"patience": 2, "restore_best_weights": True}, np.full(9, 0.5)),
}


def test_early_stopping_on_known_courses_does_what_keras_does():
    given_rules = [{"monitor": "val_loss", **rule} for rule, _ in CASES.values()]
    logs = np.stack([np.stack([course] * 3, axis=1) for _, course in CASES.values()]).astype(np.float32)
    expected = [by_keras(rule, log) for rule, log in zip(given_rules, logs, strict=True)]
    found = by_engine(given_rules, logs)
    assert dict(zip(CASES, found, strict=True)) == dict(zip(CASES, expected, strict=True))
    assert expected[list(CASES).index("NaN from the first epoch")] == (4, 0)


@pytest.mark.filterwarnings("ignore:the loss of seed")
def test_a_training_that_is_nan_from_the_first_epoch_ends_as_in_keras():
    def build():
        return mlp((), output_activation=None, loss="mse", metrics=())

    stop = keras.callbacks.EarlyStopping("loss", patience=2)
    keywords = {"epochs": 9, "batch_size": 15, "callbacks": stop}
    _, history = fit_keras(build, 0, 1e20 * X, **keywords)
    runs = fit_quickly(build, 1e20 * X, Y, seeds=1, shuffle=False, **keywords)
    assert runs.epochs_run.tolist() == [len(history["loss"])] == [3]


class Patient(keras.callbacks.EarlyStopping):
    """A rule of its own."""

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch > 3


class Eager(keras.callbacks.EarlyStopping):
    """Keras' rule with other defaults."""

    def __init__(self):
        super().__init__("loss", patience=0, min_delta=1.0)


def shadowed():
    stop = keras.callbacks.EarlyStopping("loss")
    stop.on_epoch_end = lambda epoch, logs=None: None
    return stop


@pytest.mark.parametrize(
    ("callbacks", "error", "message"),
    [
        (Patient("loss"), TypeError, "Keras' own rule, got Patient with on_epoch_end of its own"),
        ([shadowed()], TypeError, "got EarlyStopping with on_epoch_end of its own"),
        (keras.callbacks.EarlyStopping("loss", patience=2.5), TypeError, "patience of EarlyStopping must be"),
        (keras.callbacks.EarlyStopping("loss", patience="2"), TypeError, "patience of EarlyStopping must be"),
        (
            keras.callbacks.EarlyStopping("loss", start_from_epoch=None),
            TypeError,
            "start_from_epoch of Early",
        ),
        (keras.callbacks.EarlyStopping("loss", baseline="low"), TypeError, "baseline of EarlyStopping must"),
        (
            keras.callbacks.EarlyStopping("loss", baseline=np.nan),
            ValueError,
            "baseline of EarlyStopping must",
        ),
        (keras.callbacks.EarlyStopping(["loss"]), ValueError, "EarlyStopping monitors"),
        ("loss", TypeError, "callbacks must be a keras.callbacks.EarlyStopping or a list .* got str"),
        (3, TypeError, "callbacks must be .* got int"),
        ({"a": None}, TypeError, "callbacks must be .* got dict"),
        (keras.callbacks.EarlyStopping, TypeError, "callbacks must be .* got type"),
        ([keras.callbacks.EarlyStopping], TypeError, "callbacks may hold one .*got type"),
    ],
)
def test_rules_that_keras_does_not_have_are_refused(callbacks, error, message, monkeypatch):
    monkeypatch.setattr(Replicator, "fit", lambda *_: pytest.fail("training started"))
    with pytest.raises(error, match=message):
        fit_quickly(network(), X, Y, seeds=2, callbacks=callbacks)


def test_one_callback_needs_no_list():
    runs = fit_quickly(network(), X, Y, seeds=2, epochs=9, callbacks=Eager())
    assert runs.epochs_run.tolist() == [2, 2]


def test_variants_stop_each_by_their_own_rule_in_one_training(trained):
    keywords = {"validation_data": VALIDATION, "epochs": EPOCHS, "batch_size": 15, "shuffle": False}
    rules = [[keras.callbacks.EarlyStopping(**rule)] for rule in RULES.values()]
    never, *stopped = fit_variants(
        [overfitting] * (1 + len(rules)),
        X,
        Y,
        callbacks=[None, *rules],
        jit_compile=False,
        seeds=2,
        **keywords,
    )
    assert len({id(runs._copies) for runs in (never, *stopped)}) == 1
    assert (never.epochs_run == EPOCHS).all()
    for rule, runs in zip(RULES.values(), stopped, strict=True):
        for seed, (model, logs, weights) in enumerate(trained):
            epochs, left = stopped_by_keras(rule, model, logs, weights)
            assert runs.epochs_run[seed] == epochs
            for name, values in runs.history.items():
                expected = never.history[name][seed, :epochs]
                np.testing.assert_allclose(values[seed, :epochs], expected, atol=1e-6)
            for ours, theirs in zip(runs.weights, left, strict=True):
                np.testing.assert_allclose(ours[seed], theirs, atol=1e-5)


@pytest.mark.parametrize("start", [EPOCHS - 1, EPOCHS + 5])
def test_best_weights_are_those_of_an_epoch_that_counts(start, trained):
    rule = {"monitor": "val_loss", "patience": 1, "restore_best_weights": True, "start_from_epoch": start}
    keywords = {"validation_data": VALIDATION, "epochs": EPOCHS, "batch_size": 15, "shuffle": False}
    stop = [keras.callbacks.EarlyStopping(**rule)]
    runs = fit_quickly(overfitting, X, Y, seeds=2, callbacks=stop, **keywords)
    for seed, (model, logs, weights) in enumerate(trained):
        _, left = stopped_by_keras(rule, model, logs, weights)
        for ours, theirs in zip(runs.weights, left, strict=True):
            np.testing.assert_allclose(ours[seed], theirs, atol=1e-5)
    assert (runs.final_epoch == EPOCHS - 1).all()


def test_early_stopping_on_a_metric_of_unknown_direction_needs_a_mode():
    def spread(y_true, y_pred):
        return keras.ops.abs(y_pred - keras.ops.mean(y_pred))

    build = network(metrics=[spread])
    with pytest.raises(ValueError, match="needs mode='min' or mode='max' to monitor 'spread'"):
        fit_replicates(build, X, Y, seeds=2, callbacks=[keras.callbacks.EarlyStopping("spread")])
    stop = [keras.callbacks.EarlyStopping("spread", mode="min", min_delta=1.0)]
    assert fit_quickly(build, X, Y, seeds=2, epochs=9, callbacks=stop).epochs_run.tolist() == [2, 2]


def test_chunks_with_and_without_early_stopping_compile_once(monkeypatch):
    functions, make = [], Replicator._block_function

    def noted(*given):
        functions.append(make(*given))
        return functions[-1]

    monkeypatch.setattr(Replicator, "_block_function", noted)
    stop = keras.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)
    keywords = {"epochs": 2, "batch_size": 15, "seeds": 2, "chunk_size": 2}
    fit_variants([overfitting] * 2, X, Y, callbacks=[None, [stop]], **keywords)
    assert [function.experimental_get_tracing_count() for function in functions] == [1]
