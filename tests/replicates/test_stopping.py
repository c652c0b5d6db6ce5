"""Early stopping against Keras' own callback, copy by copy."""

import keras
import numpy as np
import pandas as pd
import pytest

from course_utils.models import mlp
from course_utils.replicates import fit_replicates, fit_variants
from course_utils.replicates.training import Replicator

from .shared import EPOCHS, VALIDATION, X, Y, fit_keras, fit_quickly, network


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


def test_variants_stop_each_by_their_own_rule_in_one_training():
    keywords = {"validation_data": VALIDATION, "epochs": EPOCHS, "batch_size": 15, "seeds": 2}
    rules = [None, *([keras.callbacks.EarlyStopping(**rule)] for rule in RULES.values())]
    together = fit_variants([overfitting] * len(rules), X, Y, callbacks=rules, jit_compile=False, **keywords)
    assert len({id(runs._copies) for runs in together}) == 1
    for rule, runs in zip(rules, together, strict=True):
        alone = fit_quickly(overfitting, X, Y, callbacks=rule, **keywords)
        np.testing.assert_array_equal(runs.epochs_run, alone.epochs_run)
        np.testing.assert_array_equal(runs.final_epoch, alone.final_epoch)
        for name, values in runs.history.items():
            np.testing.assert_allclose(values, alone.history[name], atol=1e-5)
        for ours, theirs in zip(runs.weights, alone.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


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
