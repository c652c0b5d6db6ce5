"""The stacked optimizer against Keras' own `apply`, copy by copy."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, optimizers

from course_utils.replicates.optimizers import StackedOptimizer

COPIES, STEPS = 3, 4
SCHEDULE = optimizers.schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)


def excluding():
    optimizer = optimizers.AdamW(0.1, weight_decay=0.3)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


AT_ONCE = [
    functools.partial(optimizers.SGD, 0.1, momentum=0.9, nesterov=True, weight_decay=0.3),
    functools.partial(optimizers.RMSprop, 0.1, momentum=0.5, centered=True),
    functools.partial(optimizers.Adam, SCHEDULE, amsgrad=True, clipvalue=0.2),
    functools.partial(optimizers.AdamW, 0.1, weight_decay=0.3),
    functools.partial(optimizers.Adadelta, 1.0),
    functools.partial(optimizers.Adagrad, 0.1),
    functools.partial(optimizers.Adamax, 0.1),
    functools.partial(optimizers.Nadam, 0.1),
    functools.partial(optimizers.Ftrl, 0.1, l1_regularization_strength=0.1),
    functools.partial(optimizers.Lion, 0.1, weight_decay=0.3),
]
COPY_BY_COPY = [
    functools.partial(optimizers.Adam, 0.1, clipnorm=0.5),
    functools.partial(optimizers.SGD, 0.1, global_clipnorm=0.5),
    functools.partial(optimizers.Lamb, 0.1),
    functools.partial(optimizers.Adafactor, 0.1),
    functools.partial(optimizers.Muon, 0.1),
    excluding,
]


def model_with(make_optimizer, **keywords):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, **keywords), layers.Dense(1)])
    model.compile(make_optimizer(), "mse")
    return model


def stacked(model, seed):
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(COPIES, *v.shape)).astype(np.float32) for v in model.trainable_variables]


def update_copies(optimizer, variables, gradients, weights):
    """Update as the engine does."""
    if optimizer.elementwise:
        return optimizer.update_all(variables, gradients, weights)

    def update_one(elements):
        variables, gradients, weights = elements
        return optimizer.update_one(variables, [gradients.get(i) for i in range(len(weights))], weights)

    return tf.vectorized_map(update_one, (variables, gradients, weights), warn=False)


def assert_keras_agrees(make_optimizer, without_gradient=(), **keywords):
    model = model_with(make_optimizer, **keywords)
    start = stacked(model, seed=0)
    steps = [stacked(model, seed) for seed in range(1, STEPS + 1)]
    optimizer = StackedOptimizer(model, COPIES)
    update = tf.function(functools.partial(update_copies, optimizer))
    weights, variables = list(map(tf.constant, start)), list(map(tf.constant, optimizer.start))
    for gradients in steps:
        given = {i: tf.constant(g) for i, g in enumerate(gradients) if i not in without_gradient}
        weights, variables = update(variables, given, weights)
    for copy in range(COPIES):
        keras_model = model_with(make_optimizer, **keywords)
        keras_model.set_weights([w[copy] for w in start])
        for gradients in steps:
            found = [None if i in without_gradient else g[copy] for i, g in enumerate(gradients)]
            keras_model.optimizer.apply(found, keras_model.trainable_variables)
        for ours, theirs in zip(weights, keras_model.get_weights(), strict=True):
            np.testing.assert_allclose(ours[copy], theirs, atol=1e-6)
    return optimizer


@pytest.mark.parametrize("make_optimizer", AT_ONCE)
def test_updates_all_numbers_at_once_as_keras_updates_each_weight(make_optimizer):
    assert assert_keras_agrees(make_optimizer).elementwise


@pytest.mark.parametrize("make_optimizer", COPY_BY_COPY)
def test_updates_that_look_at_whole_weights_go_copy_by_copy(make_optimizer):
    assert not assert_keras_agrees(make_optimizer).elementwise


def test_a_constraint_looks_at_a_whole_weight():
    optimizer = assert_keras_agrees(AT_ONCE[0], kernel_constraint=keras.constraints.MaxNorm(0.5))
    assert not optimizer.elementwise


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("make_optimizer", [AT_ONCE[3], AT_ONCE[8], COPY_BY_COPY[0]])
def test_a_weight_without_gradient_stays(make_optimizer):
    assert_keras_agrees(make_optimizer, without_gradient=(2,))


def test_an_optimizer_that_was_built_before_keeps_its_slots():
    def built():
        model = model_with(functools.partial(optimizers.Adam, 0.1))
        model.optimizer.build(model.trainable_variables)
        return model

    assert not StackedOptimizer(built(), COPIES).elementwise
