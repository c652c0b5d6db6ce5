import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras import ops
from scipy.special import rel_entr

from course_utils import regularizers
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity

WEIGHTS = arrays(
    np.float32, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-3, 3, width=32)
)


@settings(max_examples=30, deadline=None)
@given(WEIGHTS, st.floats(0, 10))
def test_l3_is_the_sum_of_cubes(weights, strength):
    expected = strength * (np.abs(weights.astype("float64")) ** 3).sum()
    assert float(L3(strength)(weights)) == pytest.approx(expected, rel=1e-4, abs=1e-30)


def test_l3_gradient_is_three_strength_w_abs_w():
    import tensorflow as tf

    weights = keras.Variable([-2.0, -0.1, 0.0, 0.1, 2.0])
    with tf.GradientTape() as tape:
        penalty = L3(0.5)(weights)
    np.testing.assert_allclose(
        tape.gradient(penalty, weights.value), [-6.0, -0.015, 0.0, 0.015, 6.0], rtol=1e-6
    )


def sigmoid_layer_at_one_half(regularizer):
    """Four sigmoid units that give 0.5 whatever comes in."""
    return keras.layers.Dense(4, "sigmoid", kernel_initializer="zeros", activity_regularizer=regularizer)


@pytest.mark.parametrize("batch_size", [1, 5, 50, 500])
def test_kl_adds_the_same_at_every_batch_size(batch_size):
    layer = sigmoid_layer_at_one_half(KLSparsity(rho=0.05, strength=1.0))
    layer(ops.ones((batch_size, 3)))
    assert float(layer.losses[0]) == pytest.approx(1.9785, abs=5e-5)


@pytest.mark.parametrize("version", ["3.0.5", "3.13.2"])
def test_kl_on_a_keras_that_does_not_divide(version, monkeypatch):
    monkeypatch.setattr(keras, "__version__", version)
    assert float(KLSparsity(rho=0.05, strength=1.0)(ops.full((50, 4), 0.5))) == pytest.approx(
        1.9785, abs=5e-5
    )


@pytest.mark.parametrize(
    ("version", "divides"),
    [("3.9.0", False), ("3.13.2", False), ("3.14.0", True), ("3.15.1.dev0", True), ("4.0", True)],
)
def test_since_when_keras_divides(version, divides):
    assert regularizers._divides_by_batch(version) is divides


def test_the_running_keras_divides_as_its_version_says():
    layer = keras.layers.Activation("linear", activity_regularizer=keras.regularizers.L1(1.0))
    layer(ops.ones((10, 4)))
    added = 4.0 if regularizers._divides_by_batch(keras.__version__) else 40.0
    assert float(layer.losses[0]) == added


@settings(max_examples=30, deadline=None)
@given(arrays(np.float32, (6, 3), elements=st.floats(0.015625, 0.984375, width=32)), st.floats(0.01, 0.99))
def test_kl_is_the_divergence_of_two_bernoulli_variables(activations, rho):
    mean = activations.astype("float64").mean(axis=0)
    expected = (rel_entr(rho, mean) + rel_entr(1 - rho, 1 - mean)).sum()
    assert float(KLSparsity(rho, 1.0).penalty(activations)) == pytest.approx(expected, abs=1e-5)


def test_kl_is_zero_where_rho_is_reached():
    assert float(KLSparsity(0.25, 1.0).penalty(np.full((8, 5), 0.25, "float32"))) == pytest.approx(
        0, abs=1e-6
    )


@pytest.mark.parametrize("level", [0.0, 1.0, 7.0, -1.0])
def test_kl_stays_finite_outside_its_range(level):
    assert np.isfinite(float(KLSparsity().penalty(np.full((8, 5), level, "float32"))))


def test_kl_brings_the_mean_activation_to_rho():
    keras.utils.set_random_seed(0)
    x = np.tile(np.random.default_rng(0).normal(size=(64, 3)).astype("float32"), (150, 1))
    layer = keras.layers.Dense(4, "sigmoid", activity_regularizer=KLSparsity(rho=0.2, strength=1.0))
    model = keras.Sequential([keras.Input((3,)), layer])
    model.compile(keras.optimizers.Adam(0.1), loss=lambda y_true, y_pred: 0.0 * ops.sum(y_pred, axis=-1))
    model.fit(x, x[:, :1], batch_size=64, shuffle=False, verbose=0)
    np.testing.assert_allclose(ops.mean(model(x[:64]), axis=0), 0.2, atol=0.01)


LOAD = """
import sys
import keras, numpy as np
import course_utils.regularizers
model = keras.saving.load_model(sys.argv[1])
hidden = model.get_layer("hidden_1")
print(hidden.kernel_regularizer.get_config(), hidden.activity_regularizer.get_config())
print(model.evaluate(np.ones((7, 2)), np.ones(7), verbose=0)[0])
"""


def test_saved_model_loads_in_a_fresh_process(tmp_path):
    model = mlp(
        (3,), kernel_regularizer=L3(0.02), activity_regularizer=KLSparsity(0.1, 0.3), activation="sigmoid"
    )
    model.save(tmp_path / "model.keras")
    result = subprocess.run(
        [sys.executable, "-c", LOAD, tmp_path / "model.keras"], capture_output=True, text=True, check=True
    )
    configs, loss = result.stdout.splitlines()
    assert configs == "{'strength': 0.02} {'rho': 0.1, 'strength': 0.3}"
    assert float(loss) == pytest.approx(model.evaluate(np.ones((7, 2)), np.ones(7), verbose=0)[0], abs=1e-6)


@pytest.mark.parametrize("regularizer", [L3(0.2), KLSparsity(0.1, 0.3)])
def test_config_makes_the_same_again(regularizer):
    again = keras.regularizers.deserialize(keras.regularizers.serialize(regularizer))
    assert type(again) is type(regularizer)
    assert again.get_config() == regularizer.get_config()


@pytest.mark.parametrize("make", [L3, lambda value: KLSparsity(strength=value)])
@pytest.mark.parametrize(("value", "error"), [(-1, ValueError), (np.inf, ValueError), (None, TypeError)])
def test_bad_strength_is_refused(make, value, error):
    with pytest.raises(error, match="strength must be a"):
        make(value)


@pytest.mark.parametrize(
    ("rho", "error"), [(0, ValueError), (1, ValueError), (-0.1, ValueError), ("a", TypeError)]
)
def test_bad_rho_is_refused(rho, error):
    with pytest.raises(error, match="rho must be"):
        KLSparsity(rho=rho)
