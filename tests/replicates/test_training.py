"""The engine against `model.fit`, seed by seed: a table of cases, and what does not fit into it."""

import functools
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, regularizers

from course_utils.losses import RegularizedLoss
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import fit_replicates

from .shared import (
    BATCH,
    EPOCHS,
    VALIDATION,
    X,
    Y,
    assert_same,
    assert_same_weights,
    fit_keras,
    fit_quickly,
    network,
)

# Coverage costs half as much again; all that these cases run, other tests cover.
pytestmark = pytest.mark.no_cover

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
        codes = list(itertools.islice(itertools.cycle([1, 2, 12, 0]), len(model.trainable_variables)))
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


@pytest.mark.parametrize(
    ("layer", "xla"),
    [
        (functools.partial(layers.Conv2D, 4, 3, groups=2), True),
        (functools.partial(layers.Conv2D, 4, 3, strides=2), False),
        (functools.partial(layers.SeparableConv2D, 4, 3), False),
        (functools.partial(layers.DepthwiseConv2D, 3), False),
        (functools.partial(layers.Conv2DTranspose, 4, 3, strides=2), False),
    ],
    ids=["grouped", "with strides", "separable", "depthwise", "transposed"],
)
def test_every_kind_of_convolution_passes_the_check(layer, xla):
    def build():
        x = inputs = keras.Input((5, 5, 2))
        model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(layer()(x))))
        model.compile("sgd", "mse")
        return model

    x = np.random.default_rng(0).normal(size=(6, 5, 5, 2))
    assert fit_replicates(build, x, x[:, 0, 0, 0], batch_size=3, seeds=2).jit_compile is xla


def test_data_loss_leaves_the_penalty_out():
    plain, penalized = network(), network(kernel_regularizer="l2", bias_regularizer="l2")
    runs = [fit_quickly(build, X, Y, batch_size=30, seeds=2) for build in (plain, penalized)]
    np.testing.assert_allclose(runs[0].history["data_loss"], runs[1].history["data_loss"], rtol=1e-6)
    assert (runs[0].history["penalty"] == 0).all()
    keras.utils.set_random_seed(1)
    assert runs[1].history["penalty"][1, 0] == pytest.approx(float(sum(penalized().losses)), rel=1e-6)
