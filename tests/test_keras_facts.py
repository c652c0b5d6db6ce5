"""What the appendix says of Keras, run."""

import math

import keras
import numpy as np
import pytest
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
