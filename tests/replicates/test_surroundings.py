"""What a call leaves behind: global random numbers, names, and the objects that a builder closes over."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.python.ops.parallel_for import pfor

from course_utils.compare import compare
from course_utils.models import mlp
from course_utils.replicates import evaluate_variants, fit_replicates, fit_variants
from course_utils.replicates.starts import recipes_of
from course_utils.replicates.training import Replicator

from .shared import X, Y, network

# Coverage costs half as much again; all that these trainings run, the tests of `fit` cover.
pytestmark = pytest.mark.no_cover

QUICK = {"epochs": 1, "batch_size": 15, "seeds": 2, "jit_compile": False}


def drawn():
    """Draw from everything that `set_random_seed` sets, and a name that Keras counts."""
    return [
        random.random(),
        np.random.rand(),  # noqa: NPY002 - what Keras seeds
        float(keras.random.uniform(())),
        float(tf.random.uniform(())),
        keras.initializers.GlorotUniform().seed,
        layers.Dense(1).name,
    ]


def draw_after(call):
    keras.utils.clear_session()
    keras.utils.set_random_seed(5)
    drawn()
    call()
    return drawn()


def refused(build):
    with pytest.raises(ValueError, match="one label per sample"):
        fit_replicates(build, X, Y[:3], **QUICK)


def test_every_public_function_leaves_the_random_numbers_as_they_were():
    build = network(dropout=0.5, hidden=(3,))
    runs = fit_replicates(build, X, Y, **QUICK)
    undisturbed = draw_after(lambda: None)
    calls = {
        "fit_replicates": lambda: fit_replicates(build, X, Y, **QUICK),
        "compare": lambda: compare({"a": build, "b": build}, X, Y, test_data=(X, Y), **QUICK),
        "evaluate": lambda: runs.evaluate(X, Y),
        "predict": lambda: runs.predict(X),
        "model": lambda: runs.model(1),
        "an error": lambda: refused(build),
    }
    for name, call in calls.items():
        assert draw_after(call) == undisturbed, name


def test_without_a_seed_there_is_none_afterwards():
    keras.utils.clear_session()
    tf.random.set_seed(None)
    recipes_of([network()])
    assert tf.compat.v1.get_seed(None) == (None, None)


def test_nothing_stays_registered(monkeypatch):
    before = dict(pfor._pfor_converter_registry)
    build = network(dropout=0.5, hidden=(3,))
    fit_replicates(build, X, Y, **QUICK).evaluate(X, Y)
    assert pfor._pfor_converter_registry == before

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Replicator, "gradient_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit_replicates(build, X, Y, **QUICK)
    assert pfor._pfor_converter_registry == before


def test_what_a_builder_closes_over_stays_usable():
    metric, loss = keras.metrics.BinaryAccuracy(name="own"), keras.losses.BinaryCrossentropy()
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    penalty = keras.regularizers.L1L2(0.1, 0.2)
    metric.update_state([1, 1], [1.0, 0.0])

    def build():
        optimizer = keras.optimizers.Adam(schedule)
        return mlp((), loss=loss, optimizer=optimizer, metrics=[metric], kernel_regularizer=penalty)

    runs = fit_variants([build, build], X, Y, **QUICK)
    evaluate_variants(runs, X, Y)
    assert float(metric.result()) == 0.5
    assert (penalty.l1, penalty.l2) == (0.1, 0.2)
    history = build().fit(X, Y, verbose=0).history
    assert np.isfinite([history["own"], history["loss"]]).all()
    assert type(keras.optimizers.Adam()).__mro__ == keras.optimizers.Adam.__mro__


MODEL, OPTIMIZER, LAYER = mlp(()), keras.optimizers.SGD(), layers.Dense(1, "sigmoid")


def with_layer():
    model = keras.Sequential([keras.Input((2,)), LAYER])
    model.compile("sgd", "binary_crossentropy")
    return model


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: MODEL, "it returns the same model twice"),
        (lambda: mlp((), optimizer=OPTIMIZER), "it shares an optimizer between models"),
        (with_layer, "it shares a layer between models"),
    ],
    ids=["model", "optimizer", "layer"],
)
@pytest.mark.parametrize("together", [True, False], ids=["variants", "seeds"])
def test_parts_that_two_models_share_are_refused(build, sentence, together, monkeypatch):
    monkeypatch.setattr(Replicator, "fit", lambda *_: pytest.fail("training started"))
    builds = [build, build] if together else [build]
    with pytest.raises(ValueError, match=f"^build must make .* anew at each call, but {sentence}$"):
        fit_variants(builds, X, Y, **QUICK | {"seeds": 1})
    assert type(OPTIMIZER) is keras.optimizers.SGD
    assert not OPTIMIZER.built


def test_a_frozen_layer_may_be_shared():
    frozen = layers.Dense(3, "tanh", trainable=False)
    frozen.build((None, 2))

    def build():
        model = keras.Sequential([keras.Input((2,)), frozen, layers.Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        return model

    runs = fit_replicates(build, X, Y, **QUICK)
    np.testing.assert_array_equal(runs.weights[0][1], frozen.kernel.numpy())
    model = runs.model(1)
    np.testing.assert_allclose(model.predict(X, verbose=0), runs.predict(X)[1], atol=1e-6)


def test_a_builder_that_changes_what_another_uses_is_refused():
    penalty = keras.regularizers.L2(0.1)

    def build(strength):
        penalty.l2 = strength
        return mlp((), kernel_regularizer=penalty)

    with pytest.raises(ValueError, match="build must not change what other models use"):
        fit_variants([lambda: build(0.1), lambda: build(0.5)], X, Y, **QUICK)


def test_constants_that_differ_between_seeds_are_refused():
    def build():
        inputs = keras.Input((2,))
        outputs = layers.Dense(1, "sigmoid")(inputs * np.random.rand())  # noqa: NPY002 - what Keras seeds
        model = keras.Model(inputs, outputs)
        model.compile("sgd", "binary_crossentropy")
        return model

    with pytest.raises(ValueError, match=r"same architecture.*constants, connections and settings"):
        fit_replicates(build, X, Y, **QUICK)
