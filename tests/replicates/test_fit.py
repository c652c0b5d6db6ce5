"""The engine against `model.fit`, seed by seed, and everything that must stop before training starts."""

import functools
import itertools
import pickle
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers, regularizers
from scipy import stats
from tqdm import tqdm

from benchmarks import dropout_fits
from course_utils.data import draw_blobs, load_blobs
from course_utils.losses import RegularizedLoss
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import batch_order, fit_replicates, fit_variants
from course_utils.replicates.fit import _chunk_size
from course_utils.replicates.training import Plan, Replicator

# XLA gives the same numbers, as the cases show, but takes longer to compile than tests run.
fit_quickly = functools.partial(fit_replicates, jit_compile=False)

X, Y = draw_blobs(30, seed=0)
VALIDATION = draw_blobs(15, seed=1)
BATCH = {"epochs": 3, "batch_size": 15}
EPOCHS = 20


def network(hidden=(), **keywords):
    """Return a builder; few layers, because tracing them is what takes the time."""
    return functools.partial(mlp, hidden, **keywords)


def fit_keras(build, seed, x=X, y=Y, **keywords):
    keras.utils.set_random_seed(seed)
    model = build()
    return model, model.fit(x, y, shuffle=False, verbose=0, **keywords).history


def assert_same_weights(runs, position, model, atol=1e-5):
    for ours, theirs in zip(runs.weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours[position], theirs, atol=atol)


def assert_same(runs, position, model, history, atol=1e-5):
    assert_same_weights(runs, position, model, atol)
    for name, values in history.items():
        ours = runs.history[name][position]
        np.testing.assert_allclose(ours[: len(values)], values, atol=atol, err_msg=name)


# The case table: a case takes one level of every factor


class SquareRoots(layers.Layer):
    """Adds a loss of its own in `call`."""

    def call(self, inputs):
        self.add_loss(0.01 * keras.ops.mean(keras.ops.sqrt(1 + inputs**2)))
        return inputs


def adamw():
    # The large epsilon keeps a gradient that is rounding alone from becoming a step.
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1, epsilon=1e-3)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def scheduled():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.2, decay_steps=10, decay_rate=0.8)
    return keras.optimizers.SGD(schedule, global_clipnorm=0.1)


FACTORS = {
    # Keywords of the layer.
    "kernel": {
        "none": {},
        "L1": {"kernel_regularizer": regularizers.L1(0.01)},
        "L2": {"kernel_regularizer": regularizers.L2(0.01)},
        "L1L2": {"kernel_regularizer": regularizers.L1L2(0.01, 0.02)},
        "L3": {"kernel_regularizer": L3(0.1)},
    },
    "bias": {"none": {}, "L2": {"bias_regularizer": regularizers.L2(0.5)}},
    "constraint": {"none": {}, "max-norm": {"kernel_constraint": keras.constraints.MaxNorm(0.5)}},
    # Keywords of the layer, and what follows it.
    "activity": {
        "none": ({"activation": "tanh"}, "linear"),
        "L1 after": ({"activation": "tanh", "activity_regularizer": regularizers.L1(0.01)}, "linear"),
        "L1 before": ({"activation": None, "activity_regularizer": regularizers.L1(0.01)}, "tanh"),
        "L2 after": ({"activation": "tanh", "activity_regularizer": regularizers.L2(0.01)}, "linear"),
        "L2 before": ({"activation": None, "activity_regularizer": regularizers.L2(0.01)}, "tanh"),
        "KL": ({"activation": "sigmoid", "activity_regularizer": KLSparsity(0.05, 0.1)}, "linear"),
    },
    "extra layer": {
        "none": functools.partial(layers.Activation, "linear"),
        "add_loss": SquareRoots,
        "batch normalization": layers.BatchNormalization,
        "dropout 0": functools.partial(layers.Dropout, 0.0),
        "dropout": functools.partial(layers.Dropout, 0.4),
    },
    "optimizer": {
        "Adam": functools.partial(keras.optimizers.Adam, 0.01, epsilon=1e-3),
        "AdamW": adamw,
        "SGD Nesterov": functools.partial(keras.optimizers.SGD, 0.05, momentum=0.9, nesterov=True),
        "RMSprop": functools.partial(keras.optimizers.RMSprop, 0.01, epsilon=1e-3),
        "schedule and clipping": scheduled,
    },
    # The shape that the four inputs are given, and the layer.
    "kind": {
        "Dense": ((4,), functools.partial(layers.Dense, 3)),
        "Conv2D": ((2, 2, 1), functools.partial(layers.Conv2D, 3, 2, padding="same")),
        "LSTM": ((2, 2), functools.partial(layers.LSTM, 3, unroll=True)),
    },
    # Outputs, their activation and a metric.
    "loss": {
        "binary_crossentropy": (1, "sigmoid", "accuracy"),
        "categorical_crossentropy": (3, "softmax", "accuracy"),
        "sparse_categorical_crossentropy": (3, "softmax", "accuracy"),
        "mse": (2, "linear", "mae"),
    },
    "loss penalty": {"none": False, "RegularizedLoss": True},
    # Batch sizes for 12 rows, of training and of validation.
    "last batch": {"full": 6, "partial": 8},
    "jit_compile": {"no": False, "XLA": True},
}


def sensible(case):
    """An LSTM has no place before its activation, and XLA is not used but for dense networks."""
    before_activation = case.get("activity", "").endswith("before")
    uses_xla = case.get("jit_compile") == "XLA"
    return not (
        (case.get("kind") == "LSTM" and before_activation)
        or (case.get("kind", "Dense") != "Dense" and uses_xla)
    )


def pairs_of(case):
    return set(itertools.combinations([(factor, case[factor]) for factor in FACTORS if factor in case], 2))


def sensible_pairs():
    for one, other in itertools.combinations(FACTORS, 2):
        for level, other_level in itertools.product(FACTORS[one], FACTORS[other]):
            if sensible({one: level, other: other_level}):
                yield (one, level), (other, other_level)


def covering_cases():
    """Choose cases greedily, always the same ones, until every sensible pair of levels has occurred."""
    missing = dict.fromkeys(sensible_pairs())  # a dict keeps its order, a set does not
    while missing:
        case = dict(next(iter(missing)))
        for factor in sorted(FACTORS.keys() - case.keys(), key=lambda f: (-len(FACTORS[f]), f)):
            choices = [choice for level in FACTORS[factor] if sensible(choice := case | {factor: level})]
            case = max(choices, key=lambda choice: len(pairs_of(choice) & missing.keys()))
        for pair in pairs_of(case):
            missing.pop(pair, None)
        yield case


CASES = list(covering_cases())


def compiled(case):
    """Build the network of a case."""
    level = {factor: levels[case[factor]] for factor, levels in FACTORS.items()}
    activity, following = level["activity"]
    shape, layer = level["kind"]
    outputs, activation, metric = level["loss"]
    inputs = keras.Input((4,))
    x = layers.Reshape(shape)(inputs)
    x = layer(**level["kernel"], **level["bias"], **level["constraint"], **activity)(x)
    x = layers.Activation(following)(x)
    x = layers.Flatten()(level["extra layer"]()(x))
    model = keras.Model(inputs, layers.Dense(outputs, activation, **level["bias"])(x))
    loss = case["loss"]
    if level["loss penalty"]:
        codes = itertools.islice(itertools.cycle([1, 2, 12, 0]), len(model.trainable_variables))
        loss = RegularizedLoss(model.trainable_variables, codes, 0.01, loss)
    model.compile(level["optimizer"](), loss, metrics=[metric])
    return model


def data_of(case):
    """Draw 12 rows, and 12 for validation."""
    rng = np.random.default_rng(0)
    x, classes = rng.normal(size=(24, 4)).astype(np.float32), rng.integers(3, size=24)
    y = {
        "binary_crossentropy": classes % 2,
        "categorical_crossentropy": np.eye(3)[classes],
        "sparse_categorical_crossentropy": classes,
        "mse": rng.normal(size=(24, 2)).astype(np.float32),
    }[case["loss"]]
    return (x[:12], y[:12]), (x[12:], y[12:])


class LastPenalties(keras.callbacks.Callback):
    """The last epoch's penalties by the ordinary model's own losses: Keras' history has none."""

    def __init__(self, x, x_val, batch_size):
        super().__init__()
        self.batches, self.val_batches = (
            np.split(rows, range(batch_size, len(rows), batch_size)) for rows in (x, x_val)
        )
        self.is_last, self.penalty, self.val_penalty = False, 0.0, 0.0

    def mean_over(self, batch, of):
        """Return the penalty on one batch, as its rows count in the mean over all rows."""
        self.model(batch)
        inside = self.model.loss.penalty() if isinstance(self.model.loss, RegularizedLoss) else 0.0
        return float(sum(self.model.losses, start=inside)) * len(batch) / sum(map(len, of))

    def on_epoch_begin(self, epoch, logs=None):
        self.is_last = epoch == self.params["epochs"] - 1

    def on_train_batch_begin(self, batch, logs=None):
        if self.is_last:
            self.penalty += self.mean_over(self.batches[batch], self.batches)

    def on_train_end(self, logs=None):
        self.val_penalty = sum(self.mean_over(batch, self.val_batches) for batch in self.val_batches)


def test_cases_cover_every_pair_of_levels():
    covered = set().union(*map(pairs_of, CASES))
    assert all(map(sensible, CASES))
    for one, other in itertools.combinations(FACTORS, 2):
        for pair in itertools.product(FACTORS[one], FACTORS[other]):
            left_out = pair in [
                ("L1 before", "LSTM"),
                ("L2 before", "LSTM"),
                ("Conv2D", "XLA"),
                ("LSTM", "XLA"),
            ]
            assert (tuple(zip((one, other), pair, strict=True)) in covered) is not left_out, pair


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case[f] for f in FACTORS).replace(" ", "_"))
def test_equals_model_fit(case):
    (x, y), validation = data_of(case)
    build, batch_size = functools.partial(compiled, case), FACTORS["last batch"][case["last batch"]]
    runs = fit_replicates(
        build,
        x,
        y,
        validation_data=validation,
        epochs=EPOCHS,
        batch_size=batch_size,
        shuffle=False,
        seeds=[3, 8],
        jit_compile=FACTORS["jit_compile"][case["jit_compile"]],
    )
    penalties = LastPenalties(x, validation[0], batch_size)
    # Keras makes a new iterator for every epoch over arrays, which takes longer than the epoch.
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)
    keywords = {"epochs": EPOCHS, "steps_per_epoch": len(batches), "callbacks": [penalties]}
    validation = {
        "validation_data": validation,
        "validation_freq": EPOCHS,
        "validation_batch_size": batch_size,
    }
    model, history = fit_keras(build, 8, batches.repeat(), None, **keywords, **validation)
    assert_same_weights(runs, 1, model)
    ours = {name: values[1] for name, values in runs.history.items()}
    for name, values in history.items():
        np.testing.assert_allclose(ours[name][-len(values) :], values, atol=1e-5, err_msg=name)
    for part in ("", "val_"):
        loss, penalty = history[f"{part}loss"][-1], getattr(penalties, f"{part}penalty")
        assert ours[f"{part}penalty"][-1] == pytest.approx(penalty, abs=1e-5)
        assert ours[f"{part}data_loss"][-1] == pytest.approx(loss - penalty, abs=1e-5)


def frozen():
    """A frozen layer adds no penalty, and its weights stay; a summed loss depends on the batch size."""
    inputs = keras.Input((2,))
    hidden = layers.Dense(4, "tanh", trainable=False, kernel_regularizer="l2")(inputs)
    model = keras.Model(inputs, layers.Dense(1, "sigmoid")(hidden))
    loss = keras.losses.BinaryCrossentropy(reduction="sum")
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy", "AUC"])
    return model


def recurrent():
    """The loop over time is a loop in the graph: slow to trace, so it is tried once."""
    inputs = keras.Input((2,))
    hidden = layers.LSTM(3, activity_regularizer="l1")(layers.Reshape((2, 1))(inputs))
    model = keras.Model(inputs, layers.Dense(1)(hidden))
    model.compile("sgd", "mse")
    return model


def test_a_loop_over_time_equals_model_fit():
    runs = fit_replicates(recurrent, X, Y, shuffle=False, seeds=2, **BATCH)
    assert runs.jit_compile is False
    assert_same(runs, 1, *fit_keras(recurrent, 1, **BATCH))


@pytest.mark.parametrize("optimizer", [keras.optimizers.Adam, keras.optimizers.SGD])
def test_the_sparse_gradient_of_an_embedding_equals_model_fit(optimizer):
    words = np.random.default_rng(0).integers(0, 6, (20, 4)).astype(np.float32)

    def build():
        model = keras.Sequential(
            [keras.Input((4,)), layers.Embedding(9, 3), layers.Flatten(), layers.Dense(1)]
        )
        model.compile(optimizer(0.1), "mse")
        return model

    keywords = {"x": words, "y": words.mean(axis=1), "epochs": 5, "batch_size": 8}
    runs = fit_replicates(build, **keywords, seeds=2, shuffle=False)
    assert_same(runs, 1, *fit_keras(build, 1, **keywords))


def test_frozen_layers_and_summed_losses_equal_model_fit_evaluate_and_predict():
    runs = fit_replicates(frozen, X, Y, shuffle=False, seeds=2, **BATCH)
    assert runs.jit_compile is True
    model, history = fit_keras(frozen, 1, **BATCH)
    assert_same(runs, 1, model, history)
    measured, expected = (
        runs.evaluate(*VALIDATION),
        model.evaluate(*VALIDATION, batch_size=15, verbose=0, return_dict=True),
    )
    for name, value in expected.items():
        assert measured[name][1] == pytest.approx(value, abs=1e-5)
    predicted = model.predict(VALIDATION[0], verbose=0)
    np.testing.assert_allclose(runs.predict(VALIDATION[0])[1], predicted, atol=1e-5)


def test_convolutions_are_not_given_to_xla():
    case = next(case for case in CASES if case["kind"] == "Conv2D")
    runs = fit_replicates(functools.partial(compiled, case), *data_of(case)[0], seeds=1)
    assert runs.jit_compile is False


def test_data_loss_leaves_the_penalty_out():
    plain, penalized = network(), network(kernel_regularizer="l2", bias_regularizer="l2")
    runs = [fit_quickly(build, X, Y, batch_size=30, seeds=2) for build in (plain, penalized)]
    np.testing.assert_allclose(runs[0].history["data_loss"], runs[1].history["data_loss"], rtol=1e-6)
    assert (runs[0].history["penalty"] == 0).all()
    keras.utils.set_random_seed(1)
    assert runs[1].history["penalty"][1, 0] == pytest.approx(float(sum(penalized().losses)), rel=1e-6)


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

    here = fit_quickly(all_kinds_of_layers, np.ones((4, 4)), np.ones(4), seeds=3)
    with ThreadPoolExecutor(2) as threads:
        threads.submit(draw)
        try:
            there = threads.submit(
                fit_quickly, all_kinds_of_layers, np.ones((4, 4)), np.ones(4), seeds=3
            ).result()
        finally:
            done.set()
    for ours, theirs in zip(there.weights, here.weights, strict=True):
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
    plan = Plan(epochs=1, batch_size=20, validation_batch_size=75, shuffle=True)
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


# Early stopping


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


def test_early_stopping_on_a_metric_of_unknown_direction_needs_a_mode():
    def spread(y_true, y_pred):
        return keras.ops.abs(y_pred - keras.ops.mean(y_pred))

    build = network(metrics=[spread])
    with pytest.raises(ValueError, match="needs mode='min' or mode='max' to monitor 'spread'"):
        fit_replicates(build, X, Y, seeds=2, callbacks=[keras.callbacks.EarlyStopping("spread")])
    stop = [keras.callbacks.EarlyStopping("spread", mode="min", min_delta=1.0)]
    assert fit_quickly(build, X, Y, seeds=2, epochs=9, callbacks=stop).epochs_run.tolist() == [2, 2]


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


def test_progress_bar_only_when_work_is_long(capsys):
    fit_quickly(network(), X, Y, seeds=2, verbose=0)
    assert capsys.readouterr() == ("", "")


# Bad input


def counting(models):
    """A builder that returns another of `models` at each call."""
    calls = iter(models)
    return lambda: next(calls)()


BAD = [
    ({"x": X[:, :1]}, ValueError, r"x must have the shape \(n_samples, 2\).*got \(30, 1\)"),
    ({"x": X[0, 0]}, ValueError, "x must have the shape"),
    ({"x": X[:0], "y": Y[:0]}, ValueError, "x must hold at least one sample"),
    ({"x": np.where(X > 0.4, np.nan, X)}, ValueError, "x must be finite, got .* NaN"),
    ({"x": X.astype(str)}, TypeError, "x must hold real numbers"),
    (
        {"x": np.stack([X, X, X])},
        ValueError,
        "x has a replicate axis of length 3, expected one entry per seed: 2",
    ),
    ({"y": Y[:20]}, ValueError, r"y must have one label per sample \(30\), got shape \(20,\)"),
    ({"y": Y + 1}, ValueError, r"y must hold labels in \{0, 1\}.*got values such as 1, 2"),
    ({"y": np.where(Y == 1, np.nan, Y)}, ValueError, "y must be finite"),
    ({"y": np.stack([Y, Y], axis=1)}, ValueError, "y must have labels of the shape"),
    ({"y": np.stack([Y, Y, Y])}, ValueError, "y has a replicate axis of length 3"),
    ({"seeds": 0}, ValueError, "seeds must be at least 1, got 0"),
    ({"seeds": []}, ValueError, "seeds must hold at least one seed"),
    ({"seeds": [1, -1]}, ValueError, "seeds must be integers from 0"),
    ({"seeds": 2.5}, TypeError, "seeds must be an integer"),
    ({"validation_split": 1.0}, ValueError, "validation_split must be a finite number .* less than 1"),
    ({"epochs": 0}, ValueError, "epochs must be at least 1"),
    ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
    ({"chunk_size": 0}, ValueError, "chunk_size must be at least 1"),
    ({"validation_data": X}, ValueError, "validation_data must be"),
    ({"validation_data": (X[:, :1], Y)}, ValueError, r"validation_data\[0\] must have the shape"),
    ({"validation_data": (X, Y[:9])}, ValueError, r"validation_data\[1\] must have one label per sample"),
    ({"validation_data": (X, Y + 5)}, ValueError, r"validation_data\[1\] must hold labels"),
    ({"sample_weight": np.ones(3)}, ValueError, r"sample_weight must have shape \(30,\)"),
    ({"sample_weight": np.ones(30), "class_weight": {0: 1.0}}, ValueError, "cannot both be given"),
    ({"class_weight": [1, 2]}, TypeError, "class_weight must map"),
    ({"callbacks": [keras.callbacks.TerminateOnNaN()]}, TypeError, "callbacks may hold one .*TerminateOnNaN"),
    (
        {"callbacks": [keras.callbacks.EarlyStopping()] * 2},
        ValueError,
        "callbacks may hold one EarlyStopping, got 2",
    ),
    (
        {"callbacks": [keras.callbacks.EarlyStopping("val_loss")]},
        ValueError,
        "monitors 'val_loss', expected one of",
    ),
    ({"build": mlp()}, TypeError, "build must be a function that takes nothing .* got Functional"),
    ({"build": lambda: None}, TypeError, "build must return a compiled keras.Model, got NoneType"),
    (
        {"build": lambda: keras.Sequential([keras.Input((2,)), layers.Dense(1)])},
        TypeError,
        "a compiled model",
    ),
    ({"build": lambda: mlp((4,), loss="beauty")}, ValueError, "Could not interpret loss identifier: beauty"),
    ({"build": counting([mlp, lambda: mlp((8,))])}, ValueError, "same architecture"),
    (
        {"build": counting([mlp, lambda: mlp(kernel_regularizer="l2")])},
        ValueError,
        "same architecture.*seed 1",
    ),
    ({"build": counting([mlp, lambda: mlp(optimizer="sgd")])}, ValueError, "same architecture.*optimizer"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_bad_input_is_named_before_training(change, error, message, monkeypatch):
    monkeypatch.setattr(Replicator, "fit", lambda *_: pytest.fail("training started"))
    keywords = {"build": lambda: mlp((4,)), "x": X, "y": Y, "seeds": 2} | change
    with pytest.raises(error, match=message):
        fit_replicates(**keywords)


def subclassed():
    class Own(keras.Model):
        def train_step(self, data):
            return super().train_step(data)

    inputs = keras.Input((2,))
    model = Own(inputs, layers.Dense(1, "sigmoid")(inputs))
    model.compile(loss="binary_crossentropy")
    return model


def unbuilt():
    model = keras.Sequential([layers.Dense(1, "sigmoid")])
    model.compile(loss="binary_crossentropy")
    return model


def two_outputs():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    model.compile(loss="mse")
    return model


def without_weights():
    model = keras.Sequential([keras.Input((1,)), layers.Activation("sigmoid")])
    model.compile(loss="binary_crossentropy")
    return model


def half_precision():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1, "sigmoid")])
    model.dtype_policy = keras.DTypePolicy("mixed_float16")
    model.compile(loss="binary_crossentropy")
    return model


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (subclassed, TypeError, "overrides it"),
        (unbuilt, ValueError, "a built model"),
        (two_outputs, ValueError, "one input and one output, got 1 inputs and 2 outputs"),
        (without_weights, ValueError, "weights to train, got none"),
        (half_precision, ValueError, "float32 model, got mixed_float16"),
        (lambda: mlp(optimizer=keras.optimizers.Adam(use_ema=True)), ValueError, "without use_ema"),
        (
            lambda: mlp(optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())),
            ValueError,
            "got LossScaleOptimizer",
        ),
    ],
)
def test_models_that_cannot_be_replicated_are_refused(build, error, message):
    with pytest.raises(error, match=message):
        fit_replicates(build, X, Y, seeds=2)


def test_labels_must_fit_the_loss():
    def build(loss):
        return functools.partial(mlp, (), outputs=2, output_activation="softmax", loss=loss)

    sparse, one_hot = build("sparse_categorical_crossentropy"), build(keras.losses.CategoricalCrossentropy())
    with pytest.raises(ValueError, match=r"y must hold class numbers 0 \.\.\. 1, got values such as 0, 1, 7"):
        fit_replicates(sparse, X, np.where(X[:, 0] > 0.5, 7, Y), seeds=2)
    with pytest.raises(ValueError, match="one-hot rows"):
        fit_replicates(one_hot, X, 3 * np.eye(2)[Y], seeds=2)
    assert fit_quickly(one_hot, X, np.eye(2)[Y], seeds=2).predict(X).shape == (2, 30, 2)


def test_a_penalty_inside_the_loss_refuses_sample_weights():
    def build():
        model = mlp(())
        model.compile(loss=RegularizedLoss(model.trainable_variables, [2, 0]))
        return model

    with pytest.raises(ValueError, match="would scale the penalty"):
        fit_replicates(build, X, Y, sample_weight=np.ones(30), seeds=2)
