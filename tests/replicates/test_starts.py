"""What every seed starts from, against building every model."""

import functools
import itertools
import random

import keras
import numpy as np
import pytest
from keras import initializers, layers

from course_utils.models import mlp
from course_utils.replicates.starts import Recipe, built, starts, values

SEEDS = (3, 0, 7, 8, 2**32 - 1)


def network(*hidden, shape=(4,)):
    """Return a builder; `hidden` are functions, so that each call makes new layers."""

    def build():
        x = inputs = keras.Input(shape)
        for layer in hidden:
            x = layer()(x)
        model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(x)))
        model.compile("sgd", "mse")
        return model

    return build


def shared_initializer():
    initializer = initializers.HeNormal()
    return keras.Sequential([layers.Dense(4, kernel_initializer=initializer) for _ in range(2)])


EXPLAINED = {
    "course network": mlp,
    "dropout": functools.partial(mlp, (3,), dropout=0.5),
    "LSTM": network(functools.partial(layers.LSTM, 3), shape=(4, 2)),
    "convolution and batch normalization": network(
        functools.partial(layers.Conv2D, 2, 2), layers.BatchNormalization, shape=(3, 3, 1)
    ),
    "noise": network(functools.partial(layers.GaussianNoise, 0.1), functools.partial(layers.Dense, 2)),
    "one initializer for two layers": network(shared_initializer),
    "an initializer with a seed of its own": network(
        functools.partial(layers.Dense, 4, kernel_initializer=initializers.RandomNormal(seed=5))
    ),
    "a dropout with a seed of its own": network(functools.partial(layers.Dropout, 0.5, seed=5)),
}


class Drawn(layers.Layer):
    """Draws its weight by itself."""

    def __init__(self, draw):
        super().__init__()
        self.draw = draw

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer=self.draw)

    def call(self, inputs):
        return inputs * self.scale


def own_weights():
    model = network(functools.partial(layers.Dense, 4))()
    model.set_weights([w * random.uniform(1.0, 2.0) for w in model.get_weights()])
    return model


def from_numpy(shape, dtype):
    return np.random.normal(size=shape)  # noqa: NPY002 - what `set_random_seed` seeds


UNEXPLAINED = {
    "NumPy": network(functools.partial(Drawn, from_numpy)),
    "Keras' global seed": network(
        functools.partial(Drawn, lambda shape, dtype: keras.random.normal(shape, dtype=dtype))
    ),
    "a generator as seed": network(
        lambda: layers.Dense(4, kernel_initializer=initializers.HeNormal(keras.random.SeedGenerator()))
    ),
    "changed after building": own_weights,
}


def assert_as_built(build, seeds):
    found = starts(Recipe(build), seeds)
    for seed, start in zip(seeds, found, strict=True):
        for ours, theirs in zip(start, values(built(build, seed)), strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype


def calls(build, seeds):
    counter = itertools.count()

    def counted():
        next(counter)
        return build()

    starts(Recipe(counted), seeds)
    return next(counter)


@pytest.mark.parametrize("name", EXPLAINED)
def test_two_built_models_tell_what_the_others_start_from(name):
    assert_as_built(EXPLAINED[name], SEEDS)
    assert calls(EXPLAINED[name], SEEDS) == 2


@pytest.mark.parametrize("name", UNEXPLAINED)
def test_weights_from_elsewhere_are_built_for_every_seed(name):
    assert_as_built(UNEXPLAINED[name], SEEDS)
    assert calls(UNEXPLAINED[name], SEEDS) == 1 + len(SEEDS)


def test_equal_seeds_are_built_once():
    assert_as_built(mlp, (4, 4, 1, 4))
    assert calls(mlp, (4, 4, 4)) == 2


@pytest.mark.parametrize("name", EXPLAINED)
def test_the_model_at_hand_begins_as_one_of_another_seed(name):
    recipe = Recipe(EXPLAINED[name])
    model = recipe.at_hand(5)
    assert model is recipe.model
    for ours, theirs in zip(values(model), values(built(EXPLAINED[name], 5)), strict=True):
        np.testing.assert_array_equal(ours, theirs)


SHARED = {"model": mlp(()), "optimizer": keras.optimizers.SGD()}


@pytest.mark.parametrize(
    "build", [lambda: SHARED["model"], lambda: mlp((), optimizer=SHARED["optimizer"])], ids=SHARED
)
def test_what_was_there_before_the_call_is_not_taken_at_hand(build):
    with pytest.raises(ValueError, match=r"build must make .* anew at each call"):
        Recipe(build).at_hand(5)


def test_keras_draws_as_before_afterwards():
    keras.utils.set_random_seed(1)
    expected = values(mlp())
    starts(Recipe(mlp), SEEDS)
    keras.utils.set_random_seed(1)
    assert all(map(np.array_equal, values(mlp()), expected))


def test_a_failing_builder_leaves_keras_as_it_was():
    def failing():
        mlp()
        raise RuntimeError("no model")

    method, generator = (
        keras.Variable._initialize_with_initializer,
        keras.src.random.seed_generator.python_random,
    )
    with pytest.raises(RuntimeError, match="no model"):
        built(failing, 0)
    assert keras.Variable._initialize_with_initializer is method
    assert keras.src.random.seed_generator.python_random is generator
