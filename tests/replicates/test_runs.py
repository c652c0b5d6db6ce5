"""What a training leaves behind stays as it was trained, whatever the builder reads later."""

import pickle

import keras
import numpy as np
import pytest

from course_utils.data import draw_blobs
from course_utils.models import mlp
from course_utils.replicates import evaluate_variants, fit_replicates, fit_variants
from course_utils.replicates.alike import architecture

X, Y = draw_blobs(30, seed=0)
# Coverage costs half as much again; all that is trained here, the tests of `compare` and the examples cover.
pytestmark = pytest.mark.no_cover

QUICK = {"epochs": 2, "batch_size": 15, "seeds": 2, "jit_compile": False}
SETTING = {"units": 4, "strength": 0.1, "activation": "tanh"}


def adjustable():
    return mlp(
        (SETTING["units"],),
        activation=SETTING["activation"],
        kernel_regularizer=keras.regularizers.L2(SETTING["strength"]),
    )


@pytest.mark.parametrize(("name", "value"), [("units", 7), ("strength", 3.0), ("activation", "relu")])
def test_a_variable_that_changes_after_training_changes_nothing(name, value, monkeypatch):
    runs = fit_replicates(adjustable, X, Y, **QUICK)
    trained, predicted, measured = runs.model(1), runs.predict(X), runs.evaluate(X, Y)
    monkeypatch.setitem(SETTING, name, value)
    np.testing.assert_array_equal(runs.predict(X), predicted)
    assert all(np.array_equal(values, measured[key]) for key, values in runs.evaluate(X, Y).items())
    model = runs.model(1)
    assert architecture(model)[:-1] == architecture(trained)[:-1]
    np.testing.assert_allclose(model.predict(X, verbose=0), predicted[1], atol=1e-6)
    model.fit(X, Y, verbose=0)
    elsewhere = pickle.loads(pickle.dumps(runs))
    with pytest.raises(ValueError, match="builder must return the model that was trained"):
        elsewhere.predict(X)


def test_a_number_that_changes_in_a_regularizer_changes_nothing():
    penalty = keras.regularizers.L2(0.1)
    runs = fit_replicates(lambda: mlp((4,), kernel_regularizer=penalty), X, Y, **QUICK)
    before = runs.evaluate(X, Y)["penalty"]
    penalty.l2 = 5.0
    np.testing.assert_array_equal(runs.evaluate(X, Y)["penalty"], before)
    assert penalty.l2 == 5.0


def test_each_variant_keeps_its_own_strength():
    strengths = [0.1, 0.4]
    builds = [lambda i=i: mlp((4,), kernel_regularizer=keras.regularizers.L2(strengths[i])) for i in (0, 1)]
    runs = fit_variants(builds, X, Y, **QUICK)
    alone = [variant.evaluate(X, Y) for variant in runs]
    strengths[:] = [7.0, 8.0]
    for variant, expected, strength in zip(runs, alone, (0.1, 0.4), strict=True):
        model = variant.model(1)
        assert model.layers[1].kernel_regularizer.l2 == pytest.approx(strength)
        assert float(sum(model.losses)) == pytest.approx(expected["penalty"][1], rel=1e-5)
    for together, expected in zip(evaluate_variants(runs, X, Y), alone, strict=True):
        for name, values in together.items():
            np.testing.assert_allclose(values, expected[name], atol=1e-6)


def test_variants_of_several_trainings_are_evaluated_in_their_order():
    builds = [lambda: mlp((4,)), lambda: mlp((3,), kernel_regularizer="l2"), lambda: mlp((4,))]
    runs = fit_variants(builds, X, Y, **QUICK)
    for together, variant in zip(evaluate_variants(runs, X, Y), runs, strict=True):
        for name, values in variant.evaluate(X, Y).items():
            np.testing.assert_allclose(together[name], values, atol=1e-6)


def test_activations_are_those_of_each_trained_model():
    runs = fit_replicates(lambda: mlp((4, 3), dropout=0.5, activity_on="preactivation"), X, Y, **QUICK)
    found = runs.activations(X, batch_size=7)
    assert list(found) == [layer.name for layer in runs.model(0).layers[1:]]
    for place, seed in enumerate(runs.seeds):
        model = runs.model(seed)
        for name, values in found.items():
            expected = keras.Model(model.inputs[0], model.get_layer(name).output)(X)
            np.testing.assert_allclose(values[place], expected, atol=1e-6)
    own = runs.activations(np.stack([X[:5], X[5:10]]))
    np.testing.assert_allclose(own["output"][1], found["output"][1, 5:10], atol=1e-6)


def test_a_model_without_a_graph_of_layers_has_no_activations():
    runs = fit_replicates(lambda: mlp((4,)), X, Y, **QUICK)
    runs._trained.model.layers[1]._inbound_nodes.clear()  # as when no layer was called on an Input
    with pytest.raises(ValueError, match="activations need a model that is a graph of layers"):
        runs.activations(X)
