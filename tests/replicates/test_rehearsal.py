"""Before every training Keras takes the first batches: its numbers, or an error that says what differs."""

import functools
import itertools
import re
import warnings

import keras
import numpy as np
import pytest
from keras import layers, losses, metrics, ops

from course_utils.models import mlp
from course_utils.replicates import fit_replicates, fit_variants, rehearsal

from .shared import assert_same, fit_keras

# Coverage costs half as much again; all that these trainings run, the tests of `fit` cover.
pytestmark = pytest.mark.no_cover

fit = functools.partial(fit_replicates, jit_compile=False)

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(14, 4)).astype(np.float32)
Y = GENERATOR.normal(size=(14, 1)).astype(np.float32)
CLASSES = GENERATOR.integers(3, size=14)
ONE_HOT = np.eye(3, dtype=np.float32)[CLASSES]
SEQUENCES = GENERATOR.normal(size=(14, 5, 2)).astype(np.float32)
WORDS = GENERATOR.integers(0, 4, (14, 5))
BATCHES = {"epochs": 2, "batch_size": 6}
# More rows than a batch: the engine would like to evaluate them at once.
VALIDATION = slice(0, 11)


def network(
    *hidden,
    shape=(4,),
    output=layers.Dense,
    outputs=1,
    activation=None,
    loss="mse",
    optimizer="sgd",
    **compiling,
):
    """Return a builder; what is a function here is called by every model, so that each has its own."""

    def build():
        x = inputs = keras.Input(shape)
        for layer in hidden:
            x = layer()(x)
        model = keras.Model(inputs, output(outputs, activation)(x))
        made = {name: value() if callable(value) else value for name, value in compiling.items()}
        model.compile(
            optimizer() if callable(optimizer) else optimizer, loss() if callable(loss) else loss, **made
        )
        return model

    return build


softmax = functools.partial(network, outputs=3, activation="softmax", loss="categorical_crossentropy")


def assert_keras_agrees(build, x, y, jit_compile=False, **keywords):
    keywords = BATCHES | keywords
    runs = fit_replicates(build, x, y, shuffle=False, seeds=2, jit_compile=jit_compile, **keywords)
    assert_same(runs, 1, *fit_keras(build, 1, x, y, **keywords))
    return runs


# What Keras trains, the engine trains


class LastError(metrics.Metric):
    """Its result is its variable, not a number computed from it."""

    def __init__(self):
        super().__init__(name="last_error")
        self.error = self.add_weight(name="error", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.error.assign(ops.mean(ops.abs(y_true - y_pred)))

    def result(self):
        return self.error


class Counting(layers.Layer):
    """Counts the batches that it has seen, of training or of any kind."""

    def __init__(self, evaluation):
        super().__init__()
        self.evaluation = evaluation

    def build(self, shape):
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs, training=False):
        if training or self.evaluation:
            self.count.assign_add(1.0)
        return inputs * (1 + 0.01 * self.count)


def greatest(y_true, y_pred):
    return ops.max(ops.abs(y_true - y_pred))


def cell_states():
    inputs = keras.Input((5, 2))
    output, *states = layers.LSTM(2, return_state=True, unroll=True)(inputs)
    model = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([output, *states])))
    model.compile("sgd", "mse")
    return model


class Own(keras.Model):
    """A model of a class of one's own, with one input."""

    def __init__(self):
        super().__init__()
        self.hidden, self.top = layers.Dense(3, "tanh"), layers.Dense(1)

    def call(self, inputs):
        return self.top(self.hidden(inputs))


def own():
    model = Own()
    model(np.zeros((1, 4), np.float32))
    model.compile("sgd", "mse")
    return model


def whole_numbers():
    inputs = keras.Input((1,), dtype="int32")
    last_digits = layers.Lambda(lambda x: ops.cast(x % 8, "float32") / 8)(inputs)
    model = keras.Model(inputs, layers.Dense(1)(last_digits))
    model.compile("sgd", "mse")
    return model


def leaky(slope):
    return functools.partial(keras.activations.relu, negative_slope=slope)


def masked(y):
    return {"validation_data": (WORDS[VALIDATION], y[VALIDATION])}


def evaluated(y, x=X):
    return {"validation_data": (x[VALIDATION], y[VALIDATION])}


WEIGHTS = np.linspace(0.0, 2.0, 14)
TRAINED = {
    "scaled loss": (network(optimizer=lambda: keras.optimizers.SGD(0.1, loss_scale_factor=8.0)), X, Y, {}),
    "a result that is a variable": (network(metrics=lambda: [LastError()]), X, Y, {}),
    "a metric of a whole batch": (network(metrics=lambda: [greatest]), X, Y, evaluated(Y)),
    "a loss of a whole batch": (network(loss=lambda: greatest), X, Y, evaluated(Y)),
    "Dice": (softmax(loss=losses.Dice), X, ONE_HOT, evaluated(ONE_HOT)),
    "ignored class": (
        softmax(loss=lambda: losses.SparseCategoricalCrossentropy(ignore_class=-1)),
        X,
        np.where(CLASSES == 1, -1, CLASSES),
        evaluated(np.where(CLASSES == 1, -1, CLASSES)),
    ),
    "mask": (
        network(functools.partial(layers.Embedding, 4, 2, mask_zero=True), shape=(5,)),
        WORDS,
        SEQUENCES[..., :1],
        masked(SEQUENCES[..., :1]),
    ),
    "a state of training": (network(functools.partial(Counting, False)), X, Y, evaluated(Y)),
    "vector metric": (
        softmax(metrics=lambda: [metrics.F1Score(), "accuracy"]),
        X,
        ONE_HOT,
        evaluated(ONE_HOT),
    ),
    "losses by row": (network(loss=lambda: losses.MeanSquaredError(reduction="none")), X, Y, evaluated(Y)),
    "free axis": (network(layers.GlobalMaxPooling1D, shape=(None, 2)), SEQUENCES, Y, evaluated(Y, SEQUENCES)),
    "free axis in the output": (network(shape=(None, 2)), SEQUENCES, SEQUENCES[..., :1], {}),
    "states of an LSTM": (cell_states, SEQUENCES, Y, {}),
    "a class of one's own": (own, X, Y, evaluated(Y)),
    "partial activation": (network(functools.partial(layers.Dense, 3, leaky(0.1))), X, Y, {}),
    "soft labels": (
        network(activation="sigmoid", loss="binary_crossentropy"),
        X,
        GENERATOR.uniform(size=14),
        {},
    ),
    "a column of weights": (
        network(weighted_metrics=["mae"]),
        X,
        Y,
        {"sample_weight": WEIGHTS[:, np.newaxis]},
    ),
    "whole numbers above 2**24": (whole_numbers, 2**24 + np.arange(14).reshape(-1, 1), Y, {}),
}


@pytest.mark.parametrize("name", TRAINED)
def test_what_keras_trains(name):
    build, x, y, keywords = TRAINED[name]
    assert_keras_agrees(build, x, y, **keywords)


@pytest.mark.parametrize(
    "noise",
    [
        functools.partial(layers.GaussianNoise, 0.5),
        functools.partial(layers.GaussianDropout, 0.5),
    ],
)
def test_where_xla_draws_other_numbers_it_is_not_used(noise):
    runs = assert_keras_agrees(network(noise), X, Y, jit_compile="auto")
    assert runs.jit_compile is False


def test_xla_is_refused_where_it_draws_other_numbers():
    build = network(functools.partial(layers.GaussianNoise, 0.5))
    with pytest.raises(ValueError, match=r"after the first batches .* try jit_compile=False"):
        fit_replicates(build, X, Y, seeds=2, jit_compile=True)


# What the engine cannot do as Keras does is refused


class Shrinking(layers.Layer):
    """Assigns to its weight in `call`."""

    def build(self, shape):
        self.scale = self.add_weight(shape=shape[1:], initializer="ones")

    def call(self, inputs, training=False):
        if training:
            self.scale.assign(0.9 * self.scale)
        return inputs * self.scale


class Noise(layers.Layer):
    """Adds numbers that `draw(shape)` returns."""

    def __init__(self, draw):
        super().__init__()
        self.draw = draw

    def call(self, inputs):
        return inputs + self.draw(ops.shape(inputs))


def trained_before():
    model = network()()
    model.fit(X, Y, verbose=0)
    return model


def handed_on():
    model = keras.Sequential(
        [keras.Input(batch_shape=(7, 5, 2)), layers.SimpleRNN(2, stateful=True), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


REFUSED = {
    "a state of evaluation": (
        network(functools.partial(Counting, True)),
        X,
        evaluated(Y),
        r"after the first batches state \S*counting\S* becomes \d instead of \d \(off by \d\)",
    ),
    "a weight assigned in call": (network(Shrinking), X, {}, "a layer assigns to the weight shrinking"),
    "spectral normalization": (
        network(lambda: layers.SpectralNormalization(layers.Dense(2))),
        X,
        {},
        "a layer assigns to the weight spectral_normalization",
    ),
    "Keras' numbers without a seed": (
        network(functools.partial(Noise, keras.random.normal)),
        X,
        {},
        "more than rounding explains; train it with model.fit",
    ),
    "NumPy's numbers": (
        network(functools.partial(Noise, lambda shape: np.random.normal())),  # noqa: NPY002
        X,
        {},
        "more than rounding explains; train it with model.fit",
    ),
    "numbers from nowhere": (
        network(functools.partial(Noise, lambda shape: np.random.default_rng().normal())),
        X,
        {},
        "more than rounding explains; train it with model.fit",
    ),
    "a used optimizer": (trained_before, X, {}, "a new optimizer, got one that has taken 1 steps"),
    "a state handed on": (
        handed_on,
        SEQUENCES,
        {},
        r"without stateful layers.*got SimpleRNN\(stateful=True\)",
    ),
    "masks of a shape that is not known": (
        network(functools.partial(layers.Dropout, 0.5, noise_shape=(None, 1))),
        X,
        {},
        "it cannot train it at once for all seeds .* of a fixed shape .* train it with model.fit",
    ),
    "a metric for other labels": (
        network(loss="sparse_categorical_crossentropy", outputs=3, activation="softmax", metrics=["AUC"]),
        X,
        {"y": CLASSES},
        "x and y must fit the model and its metrics",
    ),
    "a loss that Keras does not compute": (
        network(
            functools.partial(layers.Dense, 2, kernel_regularizer="l2"),
            loss=lambda: losses.MeanSquaredError(reduction="none"),
        ),
        X,
        {},
        "build, x and y must fit each other, and Keras cannot train with them: ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_differs_is_refused_before_training(name, monkeypatch):
    monkeypatch.setattr(rehearsal.Replicator, "fit", lambda *_: pytest.fail("training started"))
    build, x, keywords, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        fit(build, x, seeds=2, **{"y": Y} | BATCHES | keywords)


def test_the_check_can_be_left_out():
    build = network(functools.partial(Counting, True))
    runs = fit(build, X, Y, seeds=2, check=False, **BATCHES, **evaluated(Y))
    assert runs.seconds["check"] < 0.01


# What is compared, and with whom


NAMES = [
    *("loss", "data_loss", "penalty", "mae", "val_loss", "val_data_loss", "val_penalty", "val_mae"),
    *("weight .*gamma", "weight .*beta", "weight .*kernel", "weight .*bias"),
    *("state .*moving_mean", "state .*moving_variance"),
    *(
        "optimizer's iterations",
        "optimizer's learning_rate",
        "optimizer's momentums",
        "optimizer's velocities",
    ),
]


def test_everything_is_compared(monkeypatch):
    """Each number of the engine's is spoiled in turn; only then training begins."""
    by_engine, differences = rehearsal.Rehearsal.by_engine, rehearsal.Rehearsal.differences

    def spoiling(self, expected, replicator):
        (honest,) = by_engine(self, replicator, [one.part for one in expected])
        monkeypatch.setattr(type(self), "by_keras", lambda *_, **__: expected[0])
        for name, position in zip(NAMES, itertools.count(-8)):
            outcome = rehearsal.Outcome(dict(honest.logs), list(honest.variables))
            if position < 0:
                outcome.logs[name] = outcome.logs[name] + np.float32(1e-3)
            else:
                outcome.variables[position] = 1 + outcome.variables[position]
            monkeypatch.setattr(type(self), "by_engine", lambda *_, spoiled=outcome: [spoiled])
            (found,) = differences(self, expected, replicator)
            assert re.match(rf"{name} becomes \S+ instead of \S+ \(off by (0.001|1)\)", found), found
        assert position + 1 == len(honest.variables)
        assert set(honest.logs) == set(NAMES[:8])
        return []

    monkeypatch.setattr(rehearsal.Rehearsal, "differences", spoiling)
    build = network(layers.BatchNormalization, optimizer="adam", metrics=["mae"])
    fit(build, X, Y, seeds=2, **BATCHES, **evaluated(Y))


def test_every_builder_that_trains_along_is_compared(monkeypatch):
    builds = [
        functools.partial(mlp, (), kernel_regularizer=keras.regularizers.L2(s)) for s in (0.0, 0.1, 0.2)
    ]
    labels = CLASSES % 2
    by_engine, seen = rehearsal.Rehearsal.by_engine, []

    def noting(self, replicator, parts):
        seen.append([(part.seed, part.replicate, part.place) for part in parts])
        return by_engine(self, replicator, parts)

    monkeypatch.setattr(rehearsal.Rehearsal, "by_engine", noting)
    fit_variants(builds, X[:, :2], labels, seeds=[4, 5], jit_compile=False, chunk_size=1, **BATCHES)
    assert seen == [[(5, 1, 1)], [(4, 0, 2)], [(4, 0, 4)]]


@pytest.mark.parametrize("size", [5, 7, 14, 20])
def test_first_batches_end_with_the_short_one(size):
    taken = rehearsal.first_batches(14, size, 1)
    assert [rows.stop - rows.start for rows in taken] == {5: [5, 4], 7: [7], 14: [14], 20: [14]}[size]


def test_rounding_is_no_difference():
    """Adam turns a gradient that is rounding alone, as that before a normalization, into whole steps."""
    build = network(functools.partial(layers.Dense, 8), layers.BatchNormalization, optimizer="adam")
    fit(build, X, Y, seeds=[0, 1], batch_size=3)


def test_what_is_not_finite_is_compared_too():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(network(optimizer=lambda: keras.optimizers.SGD(1e30)), X, Y, seeds=2, **BATCHES)
