"""What the appendix says of Keras, run."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from keras.layers import Dense


def functional():
    inputs = keras.Input((2,))
    return keras.Model(inputs, Dense(1)(inputs))


def sequential():
    return keras.Sequential([keras.Input((2,)), Dense(1)])


def subclassed():
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.layer = Dense(1)

        def call(self, x):
            return self.layer(x)

    return Model()


@pytest.mark.parametrize(
    ("build", "loss", "error"),
    [
        (functional, lambda: ops.ones(()), NotImplementedError),
        (functional, ops.ones(()), NotImplementedError),
        (sequential, lambda: ops.ones(()), ValueError),
        (subclassed, lambda: ops.ones(()), ValueError),
    ],
)
def test_models_take_no_functions_as_losses_and_functional_ones_no_tensors(build, loss, error):
    with pytest.raises(error):
        build().add_loss(loss)


def test_a_layer_adds_a_tensor_to_the_losses_when_it_is_called():
    class Penalized(Dense):
        def call(self, x):
            self.add_loss(ops.sum(ops.square(x)))
            return super().call(x)

    layer = Penalized(1)
    layer(ops.ones((3, 2)))
    assert [float(loss) for loss in layer.losses] == [6.0]


def test_the_names_of_both_penalties():
    with pytest.raises(ValueError, match="Could not interpret regularizer identifier"):
        keras.regularizers.get("l1_l2")
    assert keras.regularizers.get("l1l2").get_config() == {"l1": 0.0, "l2": 0.0}
    assert keras.regularizers.l1_l2(0.5).get_config() == {"l1": 0.5, "l2": 0.0}


@pytest.mark.parametrize(
    ("behind", "cost", "slope"), [([], 30.0, -1.0), ([keras.layers.Reshape((1,))], -math.log(1e-7), 0.0)]
)
def test_a_final_sigmoid_keeps_its_logits_and_a_layer_behind_it_hides_them(behind, cost, slope):
    unit = Dense(1, "sigmoid", bias_initializer=keras.initializers.Constant(-30.0))
    model = keras.Sequential([keras.Input((1,)), unit, *behind])
    model.compile(keras.optimizers.SGD(learning_rate=1.0), "binary_crossentropy")
    history = model.fit(np.zeros((1, 1)), np.ones((1, 1)), verbose=0).history
    assert history["loss"][0] == pytest.approx(cost, abs=1e-3)
    assert -30.0 - float(unit.bias.numpy()[0]) == pytest.approx(slope)


def decaying(exclude_first):
    """Return a built model whose optimizer halves its weights at each step, excluding biases or not."""
    model, optimizer = functional(), keras.optimizers.SGD(0.1, weight_decay=5.0)
    model.compile(optimizer, loss="mse")
    assert model.built
    assert not optimizer.built
    if exclude_first:
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    return model


def bias_left_by_a_step(model):
    """Fit one step in which the data ask for nothing, and return what is left of a bias of 1."""
    bias = model.layers[-1].bias
    bias.assign([1.0])
    model.fit(ops.zeros((1, 2)), ops.ones((1, 1)), verbose=0)
    return float(bias[0])


def test_a_built_model_is_early_enough_to_exclude_variables_from_decay():
    assert bias_left_by_a_step(decaying(exclude_first=True)) == 1.0


def test_a_built_optimizer_is_too_late_to_exclude_variables_from_decay():
    model = decaying(exclude_first=False)
    assert bias_left_by_a_step(model) == 0.5
    assert model.optimizer.built
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    assert bias_left_by_a_step(model) == 0.5


def test_a_dead_unit_has_no_gradient_from_the_data_but_its_penalty_pulls():
    unit = Dense(1, "relu", kernel_regularizer=keras.regularizers.L2(0.1))
    unit.build((None, 2))
    unit.set_weights([-np.ones((2, 1)), np.zeros(1)])
    kernel = unit.kernel.value
    with tf.GradientTape(persistent=True) as tape:
        data_loss = ops.mean(ops.square(unit(ops.ones((3, 2))) - 1.0))
        penalty = unit.losses[0]
    assert not tape.gradient(data_loss, kernel).numpy().any()
    assert tape.gradient(penalty, kernel).numpy().ravel() == pytest.approx([-0.2, -0.2])
