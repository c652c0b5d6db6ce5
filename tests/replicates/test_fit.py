"""Seeds, data and variants of `fit_replicates`, and what a training leaves behind."""

import itertools
import pickle
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers, regularizers
from scipy import stats
from tqdm import tqdm

from benchmarks import dropout_fits
from course_utils.data import draw_blobs, load_blobs
from course_utils.models import mlp
from course_utils.replicates import batch_order, fit_replicates, fit_variants
from course_utils.replicates.fit import _chunk_size
from course_utils.replicates.starts import Recipe, starts
from course_utils.replicates.training import Plan, Replicator

from .shared import BATCH, VALIDATION, X, Y, assert_same, assert_same_weights, fit_keras, fit_quickly, network

# Coverage costs half as much again; all that is trained here, the tests of `compare` and the examples cover.
pytestmark = pytest.mark.no_cover

# Seeds: initial weights, row orders, masks


def all_kinds_of_layers():
    inputs = keras.Input((4,))
    x = layers.Conv2D(2, 2)(layers.Reshape((2, 2, 1))(inputs))
    x = layers.LSTM(3, unroll=True)(layers.Reshape((1, 2))(x))
    x = layers.Dropout(0.5)(layers.Dense(3)(x))
    model = keras.Model(inputs, layers.Dense(1)(layers.BatchNormalization(trainable=False)(x)))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return model


def test_initial_weights_are_those_of_the_seed():
    seeds = [5, 0, 123]
    runs = fit_quickly(all_kinds_of_layers, np.ones((4, 4)), np.ones(4), seeds=seeds)
    for position, seed in enumerate(seeds):
        keras.utils.set_random_seed(seed)
        for ours, theirs in zip(runs.weights, all_kinds_of_layers().get_weights(), strict=True):
            np.testing.assert_array_equal(ours[position], theirs)


def test_initial_weights_withstand_other_threads_that_use_random():
    # As in a Dask worker: the work runs in one thread while another draws from Python's generator.
    done = threading.Event()

    def draw():
        while not done.is_set():
            random.random()

    def draw_starts():
        return starts(Recipe(all_kinds_of_layers), (0, 1, 2))

    here = draw_starts()
    with ThreadPoolExecutor(2) as threads:
        threads.submit(draw)
        try:
            there = threads.submit(draw_starts).result()
        finally:
            done.set()
    for ours, theirs in zip(itertools.chain(*there), itertools.chain(*here), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_shuffled_batches_come_in_the_documented_order():
    build = network(kernel_regularizer="l1")
    runs = fit_quickly(build, X, Y, epochs=3, batch_size=20, seeds=[5])
    keras.utils.set_random_seed(5)
    model = build()
    for rows in batch_order(5, len(X), 3):
        for start in range(0, len(X), 20):
            model.train_on_batch(X[rows[start : start + 20]], Y[rows[start : start + 20]])
    assert_same_weights(runs, 0, model)


def test_more_seeds_and_epochs_and_chunks_change_nothing():
    build = network((4,), dropout=0.4)
    keywords = {"validation_data": VALIDATION, "batch_size": 15}
    full = fit_quickly(build, X, Y, seeds=7, epochs=4, **keywords)
    fewer = fit_quickly(build, X, Y, seeds=3, epochs=2, **keywords)
    chunks = fit_quickly(build, X, Y, seeds=7, epochs=4, chunk_size=3, **keywords)
    for name, values in full.history.items():
        np.testing.assert_allclose(values[:3, :2], fewer.history[name], atol=1e-6)
        np.testing.assert_allclose(values, chunks.history[name], atol=1e-6)
    assert len(np.unique(full.history["loss"][:, -1])) == 7


@pytest.mark.parametrize(("hidden", "most"), [((32,) * 5, 200), ((500,), 2000), ((2000, 2000), 10)])
@pytest.mark.parametrize("replicates", [1, 32, 33, 480, 1024])
def test_chunks_are_small_enough_and_nearly_full(hidden, most, replicates):
    plan = Plan(
        epochs=1, batch_size=20, validation_batch_size=75, asked_validation_batch_size=75, shuffle=True
    )
    size = _chunk_size(None, mlp(hidden), plan, replicates)
    chunks = -(-replicates // size)
    assert 1 <= size <= most
    assert chunks * size - replicates < chunks


class Scale(layers.Layer):
    """Multiplies every input by a weight of its own."""

    def build(self, input_shape):
        self.scale = self.add_weight(shape=input_shape[1:], initializer="ones")

    def call(self, inputs):
        return inputs * self.scale


def test_dropout_masks_differ_between_seeds_steps_and_layers():
    rate, units, seeds = 0.25, 400, 4

    def build():
        inputs = keras.Input((units,))
        dropped = [layers.Dropout(rate)(inputs) for _ in range(2)]
        model = keras.Model(inputs, Scale()(layers.Concatenate()(dropped)))
        model.compile(keras.optimizers.SGD(0.1 * units), "mse")
        return model

    x, y = np.ones((1, units)), np.zeros((1, 2 * units))
    first, second = (
        fit_quickly(build, x, y, epochs=epochs, batch_size=1, seeds=seeds).weights[0] for epochs in (1, 2)
    )
    # The gradient of a weight is zero where its input was dropped, elsewhere it has the scale squared.
    np.testing.assert_allclose(np.unique(first), [1 - 0.1 / (1 - rate) ** 2, 1.0], rtol=1e-6)
    masks = np.stack([first < 1, second < first], axis=1).reshape(seeds, 2, 2, units)
    assert np.abs(masks.mean(axis=-1) - (1 - rate)).max() < 0.1
    agreement = [np.mean(one == other) for one, other in itertools.combinations(masks.reshape(-1, units), 2)]
    assert len(agreement) == 120
    assert np.abs(np.array(agreement) - (1 - rate) ** 2 - rate**2).max() < 0.12, (
        "two masks are not independent"
    )


def test_with_dropout_the_end_is_that_of_model_fit():
    """`benchmarks/dropout_fits.py` stored 32 of Keras' own fits: they shuffle and drop in another order."""
    blobs, stored = load_blobs(), pd.read_csv(dropout_fits.TABLE, comment="#")["val_loss"]
    validation = (blobs.x_val, blobs.y_val)
    keywords = {"validation_data": validation, "seeds": dropout_fits.SEEDS, **dropout_fits.FIT}
    runs = fit_replicates(dropout_fits.build, blobs.x_train, blobs.y_train, **keywords)
    low, high = stats.t.interval(0.95, len(stored) - 1, stored.mean(), stats.sem(stored))
    assert low < runs.history["val_data_loss"][:, -1].mean() < high


# Data: a replicate axis, weights, a split


def test_replicates_with_their_own_data():
    build = network(kernel_regularizer="l1")
    x, y = (np.stack(parts) for parts in zip(*(draw_blobs(30, seed=s) for s in (10, 11)), strict=True))
    x_val, y_val = (
        np.stack(parts) for parts in zip(*(draw_blobs(15, seed=s) for s in (20, 21)), strict=True)
    )
    runs = fit_quickly(build, x, y, validation_data=(x_val, y_val), shuffle=False, seeds=2, **BATCH)
    for seed in (0, 1):
        validation = (x_val[seed], y_val[seed])
        model, history = fit_keras(build, seed, x[seed], y[seed], validation_data=validation, **BATCH)
        assert_same(runs, seed, model, history)
        np.testing.assert_allclose(runs.predict(x)[seed], model.predict(x[seed], verbose=0), atol=1e-5)


def test_labels_alone_may_be_per_replicate():
    noisy = np.stack([Y, 1 - Y])
    runs = fit_quickly(network(), X, noisy, seeds=2, **BATCH)
    expected = fit_quickly(network(), np.stack([X, X]), noisy, seeds=2, **BATCH)
    np.testing.assert_allclose(runs.history["loss"], expected.history["loss"], atol=1e-6)


def test_equal_seeds_are_fine_on_different_data_and_refused_on_equal_data():
    fit_quickly(network(), np.stack([X, X[::-1]]), np.stack([Y, Y[::-1]]), seeds=[4, 4])
    with pytest.raises(ValueError, match="seeds must differ"):
        fit_quickly(network(), X, Y, seeds=[4, 4])


CLASS_WEIGHT = {"class_weight": {0: 0.2, 1: 3.0}}
SAMPLE_WEIGHT = {"sample_weight": np.linspace(0, 2, len(X))}


@pytest.mark.parametrize(
    "keywords",
    [
        {**CLASS_WEIGHT, "validation_data": VALIDATION, "validation_batch_size": 5},
        {**SAMPLE_WEIGHT, "validation_data": (*VALIDATION, np.linspace(0, 1, 15))},
        {**CLASS_WEIGHT, "validation_split": 0.3},
        {**SAMPLE_WEIGHT, "validation_split": 0.5},
    ],
    ids=["class", "sample", "class_and_split", "sample_and_split"],
)
def test_weights_and_split_equal_model_fit(keywords):
    def build():
        model = mlp((), kernel_regularizer="l1")
        model.compile("sgd", "binary_crossentropy", weighted_metrics=["accuracy"])
        return model

    runs = fit_quickly(build, X, Y, shuffle=False, seeds=2, **keywords, **BATCH)
    assert_same(runs, 1, *fit_keras(build, 1, **keywords, **BATCH))


@pytest.mark.parametrize("share", [0.999, 1e-20])
def test_validation_split_must_leave_rows_on_both_sides(share):
    with pytest.raises(ValueError, match="validation_split must leave rows on both sides"):
        fit_replicates(network(), X, Y, validation_split=share, seeds=2)


def test_boolean_labels_are_zeros_and_ones():
    runs = [fit_quickly(network(), X, y, seeds=2) for y in (Y, Y.astype(bool))]
    np.testing.assert_array_equal(runs[0].history["loss"], runs[1].history["loss"])


# What a training leaves behind


def test_runs_predict_in_parts_travel_and_give_ordinary_models():
    runs = fit_quickly(network(), X, Y, seeds=[7, 9])
    predicted = runs.predict(X)
    np.testing.assert_allclose(runs.predict(X, batch_size=7), predicted, atol=1e-6)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(runs)).predict(X), predicted)
    model = runs.model(9)
    np.testing.assert_allclose(model.predict(X, verbose=0), predicted[1], atol=1e-6)
    model.fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match=r"seed must be one of the trained seeds \(7, 9\), got 0"):
        runs.model(0)


def test_divergence_is_reported_and_the_others_go_on():
    def build():
        return mlp((), output_activation=None, loss="mse", metrics=())

    x = np.stack([X, 1e20 * X])
    with pytest.warns(RuntimeWarning, match="loss of seed 1 is not finite from epoch 0"):
        runs = fit_quickly(build, x, np.stack([Y, Y]), seeds=2, epochs=3)
    assert np.isfinite(runs.history["loss"][0]).all()


def test_after_an_interrupt_the_same_call_gives_the_same_numbers(monkeypatch):
    penalties = [regularizers.L2(0.1), regularizers.L2(0.3)]
    builds = [network(kernel_regularizer=penalty) for penalty in penalties]

    def train():
        variants = fit_variants(builds, X, Y, seeds=2, jit_compile=False, **BATCH)
        return np.stack([runs.history["loss"] for runs in variants])

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before, strengths = train(), [penalty.l2 for penalty in penalties]
    # While the loss is traced, the regularizers hold other numbers than their own.
    tracing, training = (type(builds[0]()._compile_loss), "__call__"), (tqdm, "update")
    for moment in (tracing, training):
        with monkeypatch.context() as patch:
            patch.setattr(*moment, interrupted)
            with pytest.raises(KeyboardInterrupt):
                train()
        assert [penalty.l2 for penalty in penalties] == strengths
        np.testing.assert_array_equal(train(), before)


def test_a_replicator_trains_once(monkeypatch):
    used = []
    fit = Replicator.fit

    def noted(replicator, *arguments):
        used.append((replicator, arguments))
        return fit(replicator, *arguments)

    monkeypatch.setattr(Replicator, "fit", noted)
    fit_quickly(network(), X, Y, seeds=2)
    ((replicator, arguments),) = used
    with pytest.raises(RuntimeError, match="trains once"):
        fit(replicator, *arguments)


def test_unknown_keywords_of_variants_are_named():
    with pytest.raises(TypeError, match=r"keywords of fit_replicates, got \['epoch'\]"):
        fit_variants([network()], X, Y, epoch=3)


def test_progress_bar_only_when_work_is_long(capsys):
    fit_quickly(network(), X, Y, seeds=2, verbose=0)
    assert capsys.readouterr() == ("", "")
