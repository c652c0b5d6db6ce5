"""Which models may be trained as one batch, and that their own regularizers are left as they were."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import layers, regularizers

from course_utils.data import draw_blobs
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import evaluate_variants, fit_replicates, fit_variants, strengths
from course_utils.replicates.alike import groups
from course_utils.replicates.starts import recipes_of

# Coverage costs half as much again; all that these trainings run, the tests of `fit` cover.
pytestmark = pytest.mark.no_cover

X, Y = draw_blobs(30, seed=0)


class Stubborn(regularizers.Regularizer):
    """Computes its penalty with a number that its config does not show."""

    def __init__(self, strength):
        self.strength = strength
        self.doubled = 2 * strength

    def __call__(self, x):
        return self.doubled * keras.ops.sum(x)

    def get_config(self):
        return {"strength": self.strength}


def variants_alike(builds):
    return groups([recipe.model for recipe in recipes_of(builds)])


def penalized(regularizer, **keywords):
    return partial(mlp, (3,), kernel_regularizer=regularizer, **keywords)


@pytest.mark.parametrize("kind", [regularizers.L1, regularizers.L2, L3, regularizers.OrthogonalRegularizer])
def test_penalties_of_one_kind_go_together(kind):
    assert variants_alike([penalized(kind(s)) for s in (0.0, 0.1, 2.0)]) == [[0, 1, 2]]


def test_none_l1_l2_and_both_train_in_the_graph_of_l1l2_as_alone():
    builds = [penalized(regularizers.L1L2(*pair)) for pair in ((0, 0), (0.1, 0), (0, 0.2), (0.3, 0.4))]
    assert variants_alike(builds) == [[0, 1, 2, 3]]
    keywords = {"epochs": 2, "batch_size": 15, "seeds": 2, "jit_compile": False}
    together = fit_variants(builds, X, Y, validation_data=(X, Y), **keywords)
    assert len({id(runs._copies) for runs in together}) == 1
    for build, runs in zip(builds, together, strict=True):
        alone = fit_replicates(build, X, Y, validation_data=(X, Y), **keywords)
        for name, values in runs.history.items():
            np.testing.assert_allclose(values, alone.history[name], rtol=1e-5, err_msg=name)
        for ours, theirs in zip(runs.weights, alone.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)
        expected = alone.evaluate(X, Y)["penalty"]
        np.testing.assert_allclose(
            evaluate_variants(together, X, Y)[builds.index(build)]["penalty"], expected, rtol=1e-5
        )
    first = builds[1]().layers[1].kernel_regularizer
    assert (first.l1, first.l2) == (0.1, 0.0)


def network(body=lambda h: h, dropout=None, trainable=True, **compiled):
    """Return a builder of a network with `body` between its two layers, penalized like all its likes."""

    def build():
        inputs = keras.Input((2,))
        hidden = layers.Dense(2, kernel_regularizer=regularizers.L2(0.1), trainable=trainable)(inputs)
        hidden = body(hidden) if dropout is None else layers.Dropout(*dropout)(hidden)
        model = keras.Model(inputs, layers.Dense(1)(hidden))
        settings = {"optimizer": "sgd", "loss": "mse"} | {
            # What is made here is new at each call, as optimizers must be.
            name: value() if isinstance(value, Made) else value
            for name, value in compiled.items()
        }
        model.compile(**settings)
        return model

    return build


class Made(partial):
    """What a builder makes at each call."""


def excluding(*names):
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=names)
    return optimizer


def own(slope):
    def loss(y, y_pred):
        return slope * keras.ops.abs(y - y_pred)

    return loss


class OnNegatives(regularizers.L2):
    """Differs from its parent on negative weights alone."""

    def __call__(self, x):
        return super().__call__(keras.ops.where(x < 0, self.slope * x, x))


def on_negatives(slope):
    regularizer = OnNegatives(0.1)
    regularizer.slope = slope
    return penalized(regularizer)


def changed(change):
    """Return a builder that changes its model at last."""

    def build():
        model = network()()
        change(model)
        return model

    return build


def first_dense(model):
    return model.layers[1]


def skip(first):
    def body(hidden):
        one, other = layers.Dense(2)(hidden), layers.Dense(2)(hidden)
        return layers.Add()([one if first else other, layers.Concatenate()([one, other])[:, :2]])

    return body


class Hidden(keras.Model):
    """A class of the reader."""


def subclassed():
    inputs = keras.Input((2,))
    model = Hidden(inputs, layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    return model


losses, ops, optimizers, schedules = keras.losses, keras.ops, keras.optimizers, keras.optimizers.schedules
ADAMW = Made(optimizers.AdamW)
APART = {
    "regularizers": (penalized(regularizers.L1(0.1)), penalized(regularizers.L2(0.1))),
    "with and without": (penalized(regularizers.L1(0.1)), penalized(None)),
    "a number that the config hides": (penalized(Stubborn(0.1)), penalized(Stubborn(0.2))),
    "negative weights": (on_negatives(1), on_negatives(2)),
    "a subclass": (penalized(OnNegatives(0.1)), penalized(OnNegatives(0.1))),
    "mode": (
        penalized(regularizers.OrthogonalRegularizer(0.1, "rows")),
        penalized(regularizers.OrthogonalRegularizer(0.1, "columns")),
    ),
    "units": (penalized(None), partial(mlp, (4,))),
    "dropout or none": (penalized(None), penalized(None, dropout=0.5)),
    "dropout": (network(dropout=(0.2,)), network(dropout=(0.6,))),
    "dropout, NumPy": (network(dropout=(np.float32(0.2),)), network(dropout=(np.float32(0.6),))),
    "seeds of dropout": (network(dropout=(0.2, None, 1)), network(dropout=(0.2, None, 2))),
    "operations": (network(ops.tanh), network(ops.relu)),
    "factors": (network(lambda h: h * 2), network(lambda h: h * 3)),
    "NumPy's factors": (network(lambda h: h * np.float32(2)), network(lambda h: h * np.float32(3))),
    "tensors": (network(lambda h: h * ops.array([1, 2])), network(lambda h: h * ops.array([1, 3]))),
    "arguments": (network(lambda h: ops.sum(h, 1)[:, None]), network(lambda h: ops.sum(h, 0)[:1, None])),
    "types of arguments": (network(lambda h: ops.clip(h, 0, 1)), network(lambda h: ops.clip(h, 0, True))),
    "skip connections": (network(skip(True)), network(skip(False))),
    "order of inputs": (
        network(lambda h: layers.Subtract()([h, ops.tanh(h)])),
        network(lambda h: layers.Subtract()([ops.tanh(h), h])),
    ),
    "one layer twice": (
        network(lambda h: (dense := layers.Dense(2))(dense(h))),
        network(lambda h: layers.Dense(2)(layers.Dense(2)(h))),
    ),
    "lambdas": (network(layers.Lambda(lambda h: h + 1)), network(layers.Lambda(lambda h: h + 2))),
    "closures": (network(loss=own(1)), network(loss=own(2))),
    "one function of the reader": (network(metrics=[own]), network(metrics=[own])),
    "partial": (
        network(partial(ops.leaky_relu, negative_slope=0.1)),
        network(lambda h: layers.Activation(partial(ops.leaky_relu, negative_slope=0.1))(h)),
    ),
    "partials": (
        network(layers.Activation(partial(ops.leaky_relu, negative_slope=0.1))),
        network(layers.Activation(partial(ops.leaky_relu, negative_slope=0.1))),
    ),
    "a class of the reader": (subclassed, subclassed),
    "losses": (network(loss="mean_squared_error"), network(loss="mean_absolute_error")),
    "loss functions": (network(loss=losses.mean_squared_error), network(loss=losses.mean_absolute_error)),
    "loss objects": (network(loss=losses.Huber(0.1)), network(loss=losses.Huber(2))),
    "reductions": (network(loss=losses.Huber()), network(loss=losses.Huber(reduction="sum"))),
    "loss weights": (network(loss_weights=[1.0]), network(loss_weights=[2.0])),
    "metrics": (network(metrics=["mse"]), network(metrics=["mae"])),
    "metrics' numbers": (
        network(metrics=[Made(keras.metrics.BinaryAccuracy, threshold=0.1)()]),
        network(metrics=[Made(keras.metrics.BinaryAccuracy, threshold=0.6)()]),
    ),
    "weighted metrics": (network(metrics=["mse"]), network(weighted_metrics=["mse"])),
    "optimizers": (network(optimizer="sgd"), network(optimizer="adam")),
    "learning rates": (
        network(optimizer=Made(optimizers.SGD, 0.1)),
        network(optimizer=Made(optimizers.SGD, 0.2)),
    ),
    "schedules": (
        network(optimizer=Made(optimizers.SGD, schedules.ExponentialDecay(0.1, 10, 0.5))),
        network(optimizer=Made(optimizers.SGD, schedules.ExponentialDecay(0.1, 10, 0.6))),
    ),
    "exclusions or none": (network(optimizer=ADAMW), network(optimizer=Made(excluding, "bias"))),
    "exclusions": (
        network(optimizer=Made(excluding, "bias")),
        network(optimizer=Made(excluding, "kernel")),
    ),
    "clipping": (
        network(optimizer=Made(optimizers.SGD, clipnorm=1.0)),
        network(optimizer=Made(optimizers.SGD, clipnorm=2.0)),
    ),
    "frozen or not": (network(), network(trainable=False)),
    "frozen after compiling": (network(), changed(lambda m: setattr(first_dense(m), "trainable", False))),
    "an activation that was set": (
        network(),
        changed(lambda m: setattr(first_dense(m), "activation", ops.tanh)),
    ),
    "a method that was set": (network(), changed(lambda m: setattr(first_dense(m), "call", ops.tanh))),
    "a regularizer that was set": (
        network(),
        changed(lambda m: setattr(first_dense(m).bias, "regularizer", regularizers.L2(0.1))),
    ),
    "a constraint that was set": (
        network(),
        changed(lambda m: setattr(first_dense(m).kernel, "constraint", keras.constraints.NonNeg())),
    ),
    "initial weights": (network(), changed(lambda m: first_dense(m).bias.assign([1.0, 1.0]))),
    "a model that was trained": (
        network(),
        changed(lambda m: (m.train_on_batch(X, Y), m.compile("sgd", "mse"))),
    ),
    "compile settings": (network(), network(steps_per_execution=2)),
}


@pytest.mark.parametrize("name", APART)
def test_what_differs_or_is_not_known_stays_apart(name):
    assert variants_alike(APART[name]) == [[0], [1]]


TOGETHER = {
    "plain": lambda: network(),
    "operations": lambda: network(lambda h: ops.tanh(h) * 2 + np.float32(1)),
    "skip connections": lambda: network(skip(True)),
    "activations": lambda: penalized(None, activation=keras.activations.gelu),
    "dropout": lambda: network(dropout=(0.2,)),
    "dropout with a seed": lambda: network(dropout=(0.2, None, 1)),
    "loss functions": lambda: network(loss=losses.mean_squared_error),
    "loss objects": lambda: network(loss=losses.Huber(0.1)),
    "metrics": lambda: network(metrics=["accuracy", keras.metrics.AUC(name="auc")]),
    "metrics with automatic names": lambda: network(metrics=Made(lambda: [keras.metrics.AUC()])),
    "schedules": lambda: network(optimizer=Made(optimizers.SGD, schedules.CosineDecay(0.1, 10))),
    "exclusions": lambda: network(optimizer=Made(excluding, "bias")),
    "normalization": lambda: network(lambda h: layers.BatchNormalization()(h)),
    "a model inside": lambda: network(lambda h: keras.Sequential([layers.Dense(2)])(h)),
    "convolution": lambda: network(lambda h: layers.Flatten()(layers.Conv1D(2, 2)(h[:, :, None]))),
    "recurrent layer": lambda: network(lambda h: layers.LSTM(2)(h[:, None])),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_what_is_made_twice_goes_together(name):
    assert variants_alike([TOGETHER[name](), TOGETHER[name]()]) == [[0, 1]]


def test_the_same_strengths_in_other_places_stay_apart():
    def one(place):
        return changed(lambda m: setattr(m.layers[place].kernel, "regularizer", regularizers.L1(0.1)))

    assert variants_alike([one(1), one(2), one(1)]) == [[0, 2], [1]]


def test_weights_that_do_not_come_from_the_seed_stand_out():
    keras.utils.set_random_seed(0)
    fixed = network()().get_weights()
    builds = [network(), changed(lambda model: model.set_weights(fixed))]
    runs = fit_variants(builds, X, Y, seeds=2, epochs=1, jit_compile=False)
    assert runs[0]._copies is not runs[1]._copies
    np.testing.assert_allclose(runs[0].history["loss"][0], runs[1].history["loss"][0], rtol=1e-6)
    assert not np.allclose(runs[0].weights[0][1], runs[1].weights[0][1])


def test_other_initial_weights_stay_apart():
    def shifted():
        model = penalized(regularizers.L2(0.1))()
        model.set_weights([w + 1 for w in model.get_weights()])
        return model

    assert variants_alike([penalized(regularizers.L2(0.1)), shifted]) == [[0], [1]]


def test_one_object_in_many_layers_is_not_taken_for_several():
    shared = regularizers.L2(0.1)

    def own(first, second):
        inputs = keras.Input((2,))
        hidden = keras.layers.Dense(3, kernel_regularizer=first)(inputs)
        model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid", kernel_regularizer=second)(hidden))
        model.compile("sgd", "binary_crossentropy")
        return model

    builds = [partial(own, shared, shared), lambda: own(regularizers.L2(0.1), regularizers.L2(0.5))]
    assert variants_alike(builds) == [[0], [1]]


def test_activity_penalties_go_together_and_regularizers_keep_their_numbers():
    kinds = [KLSparsity(0.05, 0.1), KLSparsity(0.3, 0.2)]
    builds = [partial(mlp, (3,), activation="sigmoid", activity_regularizer=kind) for kind in kinds]
    runs = fit_variants(builds, X, Y, epochs=1, batch_size=30, shuffle=False, seeds=2, jit_compile=False)
    for build, found in zip(builds, runs, strict=True):
        keras.utils.set_random_seed(1)
        model = build()
        model(X)
        assert found.history["penalty"][1, 0] == pytest.approx(float(sum(model.losses)), rel=1e-5)
    assert [(kind.rho, kind.strength) for kind in kinds] == [(0.05, 0.1), (0.3, 0.2)]


class Fixed(regularizers.Regularizer):
    """Shows its number, but does not let it be changed."""

    strength = property(lambda self: 0.5)

    def __call__(self, x):
        return self.strength * keras.ops.sum(x)

    def get_config(self):
        return {"strength": self.strength}


def test_a_number_that_cannot_be_changed_is_left_alone():
    assert not strengths.slots(penalized(Fixed())())
    runs = fit_replicates(penalized(Fixed()), X, Y, epochs=1, seeds=2, jit_compile=False)
    assert np.isfinite(runs.evaluate(X, Y)["penalty"]).all()


def test_numbers_are_put_back_after_an_error():
    model = mlp((3,), kernel_regularizer=L3(0.25))
    slots = strengths.slots(model)

    def interrupted():
        with strengths.replaced(slots, [7.0]):
            assert strengths.values(slots) == [7.0]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert strengths.values(slots) == [0.25]


def test_variants_that_differ_in_more_get_the_numbers_of_their_own_training():
    builds = [penalized(L3(0.1)), penalized(None), penalized(L3(0.5))]
    keywords = {"epochs": 2, "batch_size": 15, "seeds": 2, "jit_compile": False}
    for build, runs in zip(builds, fit_variants(builds, X, Y, **keywords), strict=True):
        alone = fit_replicates(build, X, Y, **keywords)
        np.testing.assert_allclose(runs.history["loss"], alone.history["loss"], atol=1e-6)


def test_chunks_of_variants_change_nothing():
    builds = [penalized(regularizers.L2(s)) for s in (0.0, 0.3, 1.0)]
    x, y = np.stack([X, X[::-1]]), np.stack([Y, Y[::-1]])
    keywords = {"epochs": 3, "batch_size": 10, "seeds": 2, "jit_compile": False}
    whole, chunks = (
        fit_variants(builds, x, y, **keywords),
        fit_variants(builds, x, y, chunk_size=4, **keywords),
    )
    for a, b in zip(whole, chunks, strict=True):
        np.testing.assert_allclose(a.history["loss"], b.history["loss"], atol=1e-6)
        assert len(a.seeds) == 2
        assert a.history["loss"].shape == (2, 3)
