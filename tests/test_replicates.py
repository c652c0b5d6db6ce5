"""The engine against `model.fit`, seed by seed, and everything that must stop before training starts."""

import functools
import pickle

import keras
import numpy as np
import pytest
from keras import layers, regularizers

from course_utils.data import draw_blobs
from course_utils.losses import RegularizedLoss
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import batch_order, fit_replicates

# Both ways give the same numbers, as test_equals_model_fit shows; XLA takes longer to compile than tests run.
fit_quickly = functools.partial(fit_replicates, jit_compile=False)

X, Y = draw_blobs(45, seed=0)
VALIDATION = draw_blobs(20, seed=1)
EPOCHS = 20


def adam():
    return keras.optimizers.Adam(1e-2)


def sgd():
    return keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)


def adamw():
    optimizer = keras.optimizers.AdamW(1e-2, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def scheduled():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.9)
    return keras.optimizers.RMSprop(schedule, global_clipnorm=0.1)


OPTIMIZERS = {"adam": adam, "sgd": sgd, "adamw": adamw, "rmsprop_schedule_clipping": scheduled}
PENALTIES = {
    "none": {},
    "kernel_l1": {"kernel_regularizer": regularizers.L1(0.01)},
    "kernel_l2_bias_l2": {
        "kernel_regularizer": regularizers.L2(0.01),
        "bias_regularizer": regularizers.L2(0.01),
    },
    "kernel_l3": {"kernel_regularizer": L3(0.01)},
    "activity_l1": {"activity_regularizer": regularizers.L1(0.01)},
    "activity_l2_before": {"activity_regularizer": regularizers.L2(0.01), "activity_on": "preactivation"},
    "kl": {"activity_regularizer": KLSparsity(0.05, 0.1), "activation": "sigmoid"},
    "max_norm": {"kernel_constraint": keras.constraints.MaxNorm(0.5)},
    "dropout": {"dropout": 0.4},
}


def network(penalty, optimizer):
    return lambda: mlp((6, 4), optimizer=OPTIMIZERS[optimizer](), **PENALTIES[penalty])


def regularized_loss():
    model = mlp((6, 4))
    model.compile(
        adam(), RegularizedLoss(model.trainable_variables, [1, -1, 2, 12, 0, 2], 0.01), metrics=["accuracy"]
    )
    return model


class SquareRoots(layers.Layer):
    """Adds a loss of its own in `call`."""

    def call(self, inputs):
        self.add_loss(0.01 * keras.ops.mean(keras.ops.sqrt(1 + inputs**2)))
        return inputs


def compiled(hidden, outputs=1, activation="sigmoid", loss="binary_crossentropy", **compile_keywords):
    x = inputs = keras.Input((2,))
    for layer in hidden:
        x = layer(x)
    model = keras.Model(inputs, layers.Dense(outputs, activation)(x))
    model.compile(adam(), loss, **compile_keywords)
    return model


OTHERS = {
    "regularized_loss": regularized_loss,
    "add_loss": lambda: compiled([layers.Dense(4, "relu"), SquareRoots()]),
    # A bias before the normalization has no gradient but rounding, which Adam would blow up.
    "batch_normalization": lambda: compiled(
        [layers.Dense(4, use_bias=False), layers.BatchNormalization(), layers.ReLU()]
    ),
    "convolution": lambda: compiled(
        [
            layers.Reshape((2, 1, 1)),
            layers.Conv2D(3, 2, padding="same", kernel_regularizer="l2"),
            layers.Flatten(),
        ],
        metrics=["accuracy", "AUC"],
    ),
    "lstm": lambda: compiled([layers.Reshape((2, 1)), layers.LSTM(3, activity_regularizer="l1")], loss="mse"),
    "sparse_categorical": lambda: compiled(
        [layers.Dense(4, "tanh")], 2, "softmax", "sparse_categorical_crossentropy", metrics=["accuracy"]
    ),
    "frozen": lambda: compiled([layers.Dense(4, "tanh", trainable=False, kernel_regularizer="l2")]),
}


def fit_keras(build, seed, x=X, y=Y, validation=VALIDATION, **keywords):
    keras.utils.set_random_seed(seed)
    model = build()
    keywords = {"epochs": EPOCHS, "batch_size": 20, "shuffle": False, "verbose": 0} | keywords
    return model, model.fit(x, y, validation_data=validation, **keywords).history


def assert_same(runs, position, model, history, atol=1e-5):
    for ours, theirs in zip(runs.weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours[position], theirs, atol=atol)
    for name, values in history.items():
        np.testing.assert_allclose(
            runs.history[name][position, : len(values)], values, atol=atol, err_msg=name
        )


CASES = [
    *[(penalty, "adam") for penalty in PENALTIES],
    *[(penalty, "sgd") for penalty in PENALTIES],
    ("kernel_l2_bias_l2", "adamw"),
    ("activity_l1", "rmsprop_schedule_clipping"),
]


@pytest.mark.parametrize(("penalty", "optimizer"), CASES)
def test_equals_model_fit(penalty, optimizer):
    build = network(penalty, optimizer)
    jit_compile = (
        False if optimizer == "sgd" else "auto"
    )  # both ways give the same numbers; XLA compiles longer
    runs = fit_replicates(
        build,
        X,
        Y,
        validation_data=VALIDATION,
        epochs=EPOCHS,
        batch_size=20,
        shuffle=False,
        seeds=[3, 8],
        jit_compile=jit_compile,
    )
    assert runs.jit_compile is (optimizer != "sgd")
    assert_same(runs, 1, *fit_keras(build, seed=8))
    if penalty not in ("none", "max_norm", "dropout"):
        assert (runs.history["penalty"] > 0).all()
    for part in ("", "val_"):
        total = runs.history[f"{part}data_loss"] + runs.history[f"{part}penalty"]
        np.testing.assert_allclose(runs.history[f"{part}loss"], total, rtol=1e-6)


@pytest.mark.parametrize("name", OTHERS)
def test_equals_model_fit_for_other_layers_and_losses(name):
    runs = fit_quickly(
        OTHERS[name], X, Y, validation_data=VALIDATION, epochs=EPOCHS, batch_size=20, shuffle=False, seeds=2
    )
    model, history = fit_keras(OTHERS[name], seed=1)
    assert_same(runs, 1, model, history)
    measured, expected = runs.evaluate(*VALIDATION), model.evaluate(*VALIDATION, verbose=0, return_dict=True)
    for key, value in expected.items():
        assert measured[key][1] == pytest.approx(value, abs=1e-5)
    np.testing.assert_allclose(
        runs.predict(VALIDATION[0])[1], model.predict(VALIDATION[0], verbose=0), atol=1e-5
    )


def test_data_loss_leaves_the_penalty_out():
    plain, penalized = network("none", "sgd"), network("kernel_l2_bias_l2", "sgd")
    runs = [fit_quickly(b, X, Y, batch_size=45, epochs=1, seeds=2) for b in (plain, penalized)]
    np.testing.assert_allclose(runs[0].history["data_loss"], runs[1].history["data_loss"], rtol=1e-6)
    assert (runs[0].history["penalty"] == 0).all()
    keras.utils.set_random_seed(1)
    assert runs[1].history["penalty"][1, 0] == pytest.approx(float(sum(penalized().losses)), rel=1e-6)


def test_regularized_loss_is_split_like_a_regularizer():
    runs = fit_quickly(regularized_loss, X, Y, epochs=2, seeds=2)
    keras.utils.set_random_seed(0)
    model = regularized_loss()
    first = fit_quickly(regularized_loss, X, Y, epochs=1, batch_size=45, seeds=1)
    assert first.history["penalty"][0, 0] == pytest.approx(float(model.loss.penalty()), rel=1e-5)
    assert (runs.history["penalty"] > 0).all()


def test_shuffled_batches_come_in_the_documented_order():
    build = network("kernel_l1", "adam")
    runs = fit_quickly(build, X, Y, epochs=3, batch_size=20, seeds=[5])
    keras.utils.set_random_seed(5)
    model = build()
    for rows in batch_order(5, len(X), 3):
        for start in range(0, len(X), 20):
            model.train_on_batch(X[rows[start : start + 20]], Y[rows[start : start + 20]])
    assert_same(runs, 0, model, {})


def test_more_seeds_and_epochs_and_chunks_change_nothing():
    build = network("dropout", "adam")
    keywords = {"validation_data": VALIDATION, "batch_size": 20, "epochs": 6}
    # With XLA: thirty-two streams of masks are slow without.
    full = fit_replicates(build, X, Y, seeds=32, **keywords)
    few = fit_replicates(build, X, Y, seeds=8, **keywords)
    chunks = fit_replicates(build, X, Y, seeds=32, chunk_size=5, **keywords)
    short = fit_replicates(build, X, Y, seeds=8, **(keywords | {"epochs": 4}))
    for name, values in full.history.items():
        np.testing.assert_allclose(values[:8], few.history[name], atol=1e-6)
        np.testing.assert_allclose(values, chunks.history[name], atol=1e-6)
        np.testing.assert_allclose(values[:8, :4], short.history[name], atol=1e-6)
    assert len(np.unique(full.history["loss"][:, -1])) == 32


def test_dropout_draws_other_masks_per_seed_and_step():
    def build():
        inputs = keras.Input((400,))
        model = keras.Model(inputs, layers.Dropout(0.25)(inputs))
        model = keras.Model(inputs, layers.Dense(400, kernel_initializer="identity")(model.output))
        model.compile(keras.optimizers.SGD(1.0), "mse")
        return model

    # The gradient of the kernel's row i is zero exactly where input i was dropped.
    x, y = np.ones((1, 400)), np.zeros((1, 400))
    kept = [
        np.abs(fit_quickly(build, x, y, epochs=epochs, batch_size=1, seeds=4).weights[0] - np.eye(400)).sum(2)
        > 0
        for epochs in (1, 2)
    ]
    share = kept[0].mean(axis=1)
    assert (np.abs(share - 0.75) < 0.1).all()
    assert len({mask.tobytes() for mask in kept[0]}) == 4
    assert (kept[1].mean(axis=1) > share).all(), "the second step drops the same units as the first"


def test_replicates_with_their_own_data():
    build = network("kernel_l1", "adam")
    x, y = (np.stack(parts) for parts in zip(*(draw_blobs(45, seed=s) for s in (10, 11)), strict=True))
    x_val, y_val = (
        np.stack(parts) for parts in zip(*(draw_blobs(30, seed=s) for s in (20, 21)), strict=True)
    )
    keywords = {"epochs": 5, "batch_size": 20, "shuffle": False}
    runs = fit_quickly(build, x, y, validation_data=(x_val, y_val), seeds=2, **keywords)
    for seed in (0, 1):
        model, history = fit_keras(build, seed, x[seed], y[seed], (x_val[seed], y_val[seed]), epochs=5)
        assert_same(runs, seed, model, history)
        np.testing.assert_allclose(runs.predict(x)[seed], model.predict(x[seed], verbose=0), atol=1e-5)


def test_labels_alone_may_be_per_replicate():
    build = network("none", "adam")
    noisy = np.stack([Y, 1 - Y])
    runs = fit_quickly(build, X, noisy, epochs=3, batch_size=20, seeds=2)
    expected = fit_quickly(build, np.stack([X, X]), noisy, epochs=3, batch_size=20, seeds=2)
    np.testing.assert_allclose(runs.history["loss"], expected.history["loss"], atol=1e-6)


def test_equal_seeds_are_fine_on_different_data_and_refused_on_equal_data():
    build = network("none", "sgd")
    fit_quickly(build, np.stack([X, X[::-1]]), np.stack([Y, Y[::-1]]), seeds=[4, 4])
    with pytest.raises(ValueError, match="seeds must differ"):
        fit_quickly(build, X, Y, seeds=[4, 4])


@pytest.mark.parametrize("weights", ["class", "sample", "validation"])
def test_weights_equal_model_fit(weights):
    build = network("none", "adam")
    sample_weight = np.linspace(0, 2, len(X))
    given = {"class": {"class_weight": {0: 0.2, 1: 3.0}}, "sample": {"sample_weight": sample_weight}}
    keywords = given.get(weights, {})
    validation = (*VALIDATION, np.linspace(0, 1, 20)) if weights == "validation" else VALIDATION
    runs = fit_quickly(
        build, X, Y, validation_data=validation, epochs=5, batch_size=20, shuffle=False, seeds=2, **keywords
    )
    assert_same(runs, 1, *fit_keras(build, 1, validation=validation, epochs=5, **keywords))


@pytest.mark.parametrize(
    "rule",
    [
        {"monitor": "val_loss", "patience": 3, "restore_best_weights": True},
        {"monitor": "val_loss", "patience": 2, "min_delta": 0.01},
        {"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True, "start_from_epoch": 3},
        {"monitor": "accuracy", "mode": "max", "patience": 4, "baseline": 0.99},
        {"monitor": "val_loss", "patience": 50, "restore_best_weights": True},
    ],
)
def test_early_stopping_equals_the_callback(rule):
    def build():
        return mlp((32, 32), optimizer=keras.optimizers.Adam(0.05))

    runs = fit_quickly(
        build,
        X,
        Y,
        validation_data=VALIDATION,
        epochs=EPOCHS,
        batch_size=20,
        shuffle=False,
        seeds=2,
        callbacks=[keras.callbacks.EarlyStopping(**rule)],
    )
    for seed in range(2):
        model, history = fit_keras(build, seed, callbacks=[keras.callbacks.EarlyStopping(**rule)])
        assert runs.epochs_run[seed] == len(history["loss"])
        assert np.isnan(runs.history["loss"][seed, len(history["loss"]) :]).all()
        assert_same(runs, seed, model, history, atol=1e-4)
    if rule.get("restore_best_weights") and rule["monitor"] == "val_loss":
        best = np.nanargmin(runs.history["val_loss"], axis=1)
        np.testing.assert_array_equal(runs.final_epoch, best)
        np.testing.assert_allclose(
            runs.evaluate(*VALIDATION)["loss"], np.nanmin(runs.history["val_loss"], axis=1), 1e-4
        )


def test_model_is_an_ordinary_model_with_the_weights_of_its_seed():
    runs = fit_quickly(network("none", "adam"), X, Y, epochs=2, seeds=[7, 9])
    model = runs.model(9)
    np.testing.assert_allclose(model.predict(X, verbose=0), runs.predict(X)[1], atol=1e-6)
    model.fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match=r"seed must be one of the trained seeds \(7, 9\), got 0"):
        runs.model(0)


def test_predict_in_parts_is_the_same():
    runs = fit_quickly(network("none", "adam"), X, Y, seeds=2)
    np.testing.assert_allclose(runs.predict(X, batch_size=7), runs.predict(X), atol=1e-6)


def test_runs_survive_pickling_after_use():
    runs = fit_quickly(mlp, X, Y, seeds=2)
    before = runs.predict(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(runs)).predict(X), before)


def test_divergence_is_reported_and_the_others_go_on():
    def build():
        return compiled([], activation=None, loss="mse")

    x = np.stack([X, 1e20 * X])
    with pytest.warns(RuntimeWarning, match="loss of seed 1 is not finite from epoch 0"):
        runs = fit_quickly(build, x, np.stack([Y, Y]), seeds=2, epochs=3)
    assert np.isfinite(runs.history["loss"][0]).all()


def test_progress_bar_only_when_work_is_long(capsys):
    fit_quickly(network("none", "sgd"), X, Y, seeds=2, verbose=0)
    assert capsys.readouterr() == ("", "")


def counting(models):
    """A builder that returns another of `models` at each call."""
    calls = iter(models)
    return lambda: next(calls)()


BAD = [
    ({"x": X[:, :1]}, ValueError, r"x must have the shape \(n_samples, 2\).*got \(45, 1\)"),
    ({"x": X[0, 0]}, ValueError, "x must have the shape"),
    ({"x": X[:0], "y": Y[:0]}, ValueError, "x must hold at least one sample"),
    ({"x": np.where(X > 0.4, np.nan, X)}, ValueError, "x must be finite, got .* NaN"),
    ({"x": X.astype(str)}, TypeError, "x must hold real numbers"),
    (
        {"x": np.stack([X, X, X])},
        ValueError,
        "x has a replicate axis of length 3, expected one entry per seed: 2",
    ),
    ({"y": Y[:40]}, ValueError, r"y must have one label per sample \(45\), got shape \(40,\)"),
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
    ({"validation_data": (X, Y + 5)}, ValueError, r"validation_data\[1\] must hold labels"),
    ({"sample_weight": np.ones(3)}, ValueError, r"sample_weight must have shape \(45,\)"),
    ({"sample_weight": np.ones(45), "class_weight": {0: 1.0}}, ValueError, "cannot both be given"),
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
    monkeypatch.setattr("course_utils.replicates._fit_chunks", lambda *_: pytest.fail("training started"))
    if "chunk_size" in change:
        monkeypatch.undo()
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
        (half_precision, ValueError, "float32 model, got mixed_float16"),
        (lambda: mlp(optimizer=keras.optimizers.Adam(use_ema=True)), ValueError, "without use_ema"),
    ],
)
def test_models_that_cannot_be_replicated_are_refused(build, error, message):
    with pytest.raises(error, match=message):
        fit_replicates(build, X, Y, seeds=2)


@pytest.mark.parametrize(
    "weights", [{}, {"class_weight": {1: 3.0}}, {"sample_weight": np.linspace(0, 2, 45)}]
)
def test_validation_split_equals_model_fit(weights):
    build = network("kernel_l1", "adam")
    keywords = {"validation_split": 0.3, "epochs": 3, **weights}
    runs = fit_quickly(build, X, Y, batch_size=20, shuffle=False, seeds=2, **keywords)
    assert_same(runs, 1, *fit_keras(build, 1, validation=None, **keywords))


@pytest.mark.parametrize("share", [0.999, 1e-20])
def test_validation_split_must_leave_rows_on_both_sides(share):
    with pytest.raises(ValueError, match="validation_split must leave rows on both sides"):
        fit_replicates(mlp, X, Y, validation_split=share, seeds=2)


def test_early_stopping_on_a_metric_of_unknown_direction_needs_a_mode():
    def spread(y_true, y_pred):
        return keras.ops.abs(y_pred - keras.ops.mean(y_pred))

    def build():
        return mlp((4,), metrics=[spread])

    with pytest.raises(ValueError, match="needs mode='min' or mode='max' to monitor 'spread'"):
        fit_replicates(build, X, Y, seeds=2, callbacks=[keras.callbacks.EarlyStopping("spread")])
    runs = fit_quickly(
        build, X, Y, seeds=2, epochs=9, callbacks=[keras.callbacks.EarlyStopping("spread", mode="min")]
    )
    assert (runs.epochs_run < 9).all()


def test_boolean_labels_are_zeros_and_ones():
    runs = [fit_quickly(lambda: mlp((4,)), X, y, seeds=2) for y in (Y, Y.astype(bool))]
    np.testing.assert_array_equal(runs[0].history["loss"], runs[1].history["loss"])


def test_labels_must_fit_the_loss():
    sparse = OTHERS["sparse_categorical"]
    with pytest.raises(ValueError, match=r"y must hold class numbers 0 \.\.\. 1, got values such as 0, 1, 7"):
        fit_replicates(sparse, X, np.where(X[:, 0] > 0.5, 7, Y), seeds=2)

    def categorical():
        return compiled([], 2, "softmax", keras.losses.CategoricalCrossentropy())

    with pytest.raises(ValueError, match="one-hot rows"):
        fit_replicates(categorical, X, 3 * np.eye(2)[Y], seeds=2)
    assert fit_quickly(categorical, X, np.eye(2)[Y], seeds=2).predict(X).shape == (2, 45, 2)


def test_a_penalty_inside_the_loss_refuses_sample_weights():
    with pytest.raises(ValueError, match="would scale the penalty"):
        fit_replicates(regularized_loss, X, Y, sample_weight=np.ones(45), seeds=2)
