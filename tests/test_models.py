import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.models import convnet, mlp


def layers_of(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def test_default_is_the_shared_network():
    model = mlp()
    assert model.count_params() == 4353
    assert [layer.units for layer in layers_of(model, keras.layers.Dense)] == [32] * 5 + [1]
    assert model.output_shape == (None, 1)
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)
    assert model.losses == []


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=3), st.integers(1, 4), st.integers(1, 3))
def test_sizes(hidden, input_dim, outputs):
    model = mlp(hidden, input_dim=input_dim, outputs=outputs)
    sizes = [input_dim, *hidden, outputs]
    assert model.count_params() == sum((a + 1) * b for a, b in itertools.pairwise(sizes))


def test_weight_penalties_go_on_every_dense_layer():
    model = mlp(
        (4, 3), kernel_regularizer=keras.regularizers.L2(0.1), bias_regularizer=keras.regularizers.L1(0.2)
    )
    kernels, biases = model.get_weights()[::2], model.get_weights()[1::2]
    expected = 0.1 * sum((w**2).sum() for w in kernels) + 0.2 * sum(np.abs(b).sum() for b in biases)
    assert len(model.losses) == 6
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("activity_on", ["output", "preactivation"])
def test_activity_penalty_before_or_after_the_activation(activity_on):
    model = mlp((2,), activity_regularizer=keras.regularizers.L1(1.0), activity_on=activity_on)
    model.set_weights([np.eye(2), np.zeros(2), np.ones((2, 1)), np.zeros(1)])
    z = np.array([[-1.0, 2.0], [-3.0, 1.0]])
    model(z)
    assert len(model.losses) == 1
    assert float(model.losses[0]) == {"output": 1.5, "preactivation": 3.5}[activity_on]


def test_place_of_the_penalty_does_not_change_the_predictions():
    x = np.random.default_rng(0).normal(size=(6, 2))
    one, other = mlp((4, 4)), mlp((4, 4), activity_on="preactivation")
    other.set_weights(one.get_weights())
    np.testing.assert_allclose(one(x), other(x), rtol=1e-6)


def test_dropout_follows_each_hidden_layer():
    model = mlp((4, 3), dropout=0.5, activity_on="preactivation")
    assert [layer.name for layer in model.layers[1:]] == [
        *("hidden_1", "activation_1", "dropout_1"),
        *("hidden_2", "activation_2", "dropout_2"),
        "output",
    ]
    assert {layer.rate for layer in layers_of(model, keras.layers.Dropout)} == {0.5}


def test_constraint_holds_on_the_hidden_kernels():
    model = mlp((8, 8), kernel_constraint=keras.constraints.MaxNorm(0.1))
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    for layer in layers_of(model, keras.layers.Dense)[:-1]:
        assert np.linalg.norm(layer.kernel.numpy(), axis=0).max() <= 0.1 + 1e-6
    assert layers_of(model, keras.layers.Dense)[-1].kernel_constraint is None


def test_what_compile_takes_is_passed_on():
    model = mlp((4,), outputs=3, output_activation="softmax", optimizer="sgd", metrics=(),
                loss="sparse_categorical_crossentropy")  # fmt: skip
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert model.predict(np.ones((5, 2)), verbose=0).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert model.evaluate(np.ones((5, 2)), np.zeros(5), verbose=0, return_dict=True).keys() == {"loss"}


def test_same_seed_same_weights():
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(3)
        weights.append(mlp((4,)).get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"hidden": 32}, TypeError, "hidden must be a sequence of integers"),
        ({"hidden": "32"}, TypeError, "hidden must be a sequence of integers"),
        ({"hidden": (4, 0)}, ValueError, r"hidden\[1\] must be at least 1, got 0"),
        ({"hidden": (4.0,)}, TypeError, r"hidden\[0\] must be an integer"),
        ({"input_dim": 0}, ValueError, "input_dim must be at least 1"),
        ({"outputs": None}, TypeError, "outputs must be an integer"),
        (
            {"dropout": 1.0},
            ValueError,
            "dropout must be a finite number of at least 0 and less than 1, got 1.0",
        ),
        ({"dropout": "no"}, TypeError, "dropout must be a number"),
        (
            {"activity_on": "input"},
            ValueError,
            "activity_on must be 'output' or 'preactivation', got 'input'",
        ),
    ],
)
def test_bad_input_is_refused(keywords, error, message):
    with pytest.raises(error, match=message):
        mlp(**keywords)


SMALL = {"filters": ((2, 3), (4,)), "dense": (5,), "input_shape": (8, 8, 1), "classes": 3}


def names(model):
    return [layer.name for layer in model.layers[1:]]


def test_convnet_default_is_the_network_of_the_lecture():
    model = convnet()
    kinds = {"Conv2D": "filters", "Dense": "units"}
    sizes = [getattr(layer, kinds[type(layer).__name__]) for layer in model.layers if layer.weights]
    assert sizes == [32, 32, 64, 64, 256, 10]
    assert model.count_params() == 1_116_970
    assert model.losses == []
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)


def test_convnet_small():
    model = convnet(**SMALL)
    assert names(model) == [
        *("conv_1_1", "conv_1_2", "pool_1", "conv_2_1", "pool_2", "flatten", "dense_1", "output"),
    ]
    assert model.count_params() == (9 + 1) * 2 + (18 + 1) * 3 + (27 + 1) * 4 + 17 * 5 + 6 * 3
    pictures = np.random.default_rng(0).random((5, 8, 8, 1))
    assert model.predict(pictures, verbose=0).sum(axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert model.evaluate(pictures, np.zeros(5), verbose=0, return_dict=True).keys() == {"loss", "accuracy"}


def test_convnet_without_blocks_or_without_dense_layers():
    assert names(convnet((), (4,), input_shape=(8, 8, 1))) == ["flatten", "dense_1", "output"]
    assert names(convnet(((4,),), (), input_shape=(8, 8, 1))) == ["conv_1_1", "pool_1", "flatten", "output"]


@pytest.mark.parametrize(
    ("layers", "carry"),
    [
        ("both", ["conv_1_1", "conv_1_2", "conv_2_1", "dense_1", "output"]),
        ("convolutional", ["conv_1_1", "conv_1_2", "conv_2_1"]),
        ("dense", ["dense_1", "output"]),
    ],
)
def test_convnet_penalty_goes_on_the_named_layers(layers, carry):
    model = convnet(**SMALL, kernel_regularizer=keras.regularizers.L2(0.1), kernel_regularizer_on=layers)
    weighted = [layer for layer in model.layers if layer.weights]
    assert [layer.name for layer in weighted if layer.kernel_regularizer] == carry
    expected = 0.1 * sum((layer.get_weights()[0] ** 2).sum() for layer in weighted if layer.name in carry)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)


def test_convnet_dropout_stands_after_blocks_and_dense_layers():
    model = convnet(**SMALL, conv_dropout=0.1, spatial_dropout=0.2, dense_dropout=0.5)
    assert names(model) == [
        *("conv_1_1", "conv_1_2", "pool_1", "conv_dropout_1", "spatial_dropout_1"),
        *("conv_2_1", "pool_2", "conv_dropout_2", "spatial_dropout_2"),
        *("flatten", "dense_1", "dense_dropout_1", "output"),
    ]
    rates = {layer.name: layer.rate for layer in model.layers if "dropout" in layer.name}
    assert set(rates.values()) == {0.1, 0.2, 0.5}
    assert rates["spatial_dropout_2"] == 0.2
    assert len(layers_of(model, keras.layers.SpatialDropout2D)) == 2


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"filters": 32}, TypeError, "filters must be a sequence"),
        ({"filters": "32"}, TypeError, "filters must be a sequence"),
        ({"filters": (32, 32)}, TypeError, r"filters\[0\] must be a sequence of integers"),
        ({"filters": ((0,),)}, ValueError, r"filters\[0\]\[0\] must be at least 1, got 0"),
        ({"dense": 64}, TypeError, "dense must be a sequence of integers"),
        ({"input_shape": (8, 8)}, ValueError, "input_shape must be height, width and channels"),
        ({"input_shape": (3, 8, 1)}, ValueError, "at least 4 pixels high and wide for 2 blocks"),
        ({"classes": 0}, ValueError, "classes must be at least 1"),
        ({"conv_dropout": 1.0}, ValueError, "conv_dropout must be a finite number"),
        ({"spatial_dropout": -0.1}, ValueError, "spatial_dropout must be a finite number"),
        ({"dense_dropout": "no"}, TypeError, "dense_dropout must be a number"),
        ({"kernel_regularizer": "l7"}, ValueError, "kernel_regularizer must be an object of Keras"),
        ({"kernel_regularizer_on": "all"}, ValueError, "'both', 'convolutional' or 'dense', got 'all'"),
    ],
)
def test_convnet_refuses_bad_input(keywords, error, message):
    with pytest.raises(error, match=message):
        convnet(**(SMALL | keywords))
