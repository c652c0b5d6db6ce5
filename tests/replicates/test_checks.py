"""Everything that must stop before training starts."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from course_utils.losses import RegularizedLoss
from course_utils.models import mlp
from course_utils.replicates import fit_replicates
from course_utils.replicates.training import Replicator

from .shared import X, Y, fit_quickly


def counting(models):
    """A builder that returns another of `models` at each call."""
    calls = iter(models)
    return lambda: next(calls)()


BAD = [
    ({"x": X[:, :1]}, ValueError, r"x must have the shape \(n_samples, 2\).*got \(30, 1\)"),
    ({"x": X[0, 0]}, ValueError, "x must have the shape"),
    ({"x": X[:0], "y": Y[:0]}, ValueError, "x must hold at least one sample"),
    ({"x": np.where(X > 0.4, np.nan, X)}, ValueError, "x must be finite, got .* NaN"),
    ({"x": X.astype(str)}, TypeError, "x must hold real numbers"),
    (
        {"x": np.stack([X, X, X])},
        ValueError,
        "x has a replicate axis of length 3, expected one entry per seed: 2",
    ),
    ({"y": Y[:20]}, ValueError, r"y must have one label per sample \(30\), got shape \(20,\)"),
    ({"y": Y + 1}, ValueError, r"y must hold labels from 0 to 1.*got values such as 1, 2"),
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
    ({"validation_data": (X, Y[:9])}, ValueError, r"validation_data\[1\] must have one label per sample"),
    ({"validation_data": (X, Y + 5)}, ValueError, r"validation_data\[1\] must hold labels"),
    ({"sample_weight": np.ones(3)}, ValueError, r"sample_weight must have shape \(30,\)"),
    ({"sample_weight": np.ones(30), "class_weight": {0: 1.0}}, ValueError, "cannot both be given"),
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
    ({"build": lambda: mlp((4,), loss="beauty")}, ValueError, "loss must be an object of Keras or its name"),
    ({"build": counting([mlp, lambda: mlp((8,))])}, ValueError, "same architecture"),
    (
        {"build": counting([mlp, lambda: mlp(kernel_regularizer="l2")])},
        ValueError,
        "same architecture.*seed 0",
    ),
    ({"build": counting([mlp, lambda: mlp(optimizer="sgd")])}, ValueError, "same architecture.*optimizer"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_bad_input_is_named_before_training(change, error, message, monkeypatch):
    monkeypatch.setattr(Replicator, "fit", lambda *_: pytest.fail("training started"))
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


def without_weights():
    model = keras.Sequential([keras.Input((1,)), layers.Activation("sigmoid")])
    model.compile(loss="binary_crossentropy")
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
        (without_weights, ValueError, "weights to train, got none"),
        (half_precision, ValueError, "float32 model, got mixed_float16"),
        (lambda: mlp(optimizer=keras.optimizers.Adam(use_ema=True)), ValueError, "without use_ema"),
        (
            lambda: mlp(optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())),
            ValueError,
            "got LossScaleOptimizer",
        ),
    ],
)
def test_models_that_cannot_be_replicated_are_refused(build, error, message):
    with pytest.raises(error, match=message):
        fit_replicates(build, X, Y, seeds=2)


def test_labels_must_fit_the_loss():
    def build(loss):
        return functools.partial(mlp, (), outputs=2, output_activation="softmax", loss=loss)

    sparse, one_hot = build("sparse_categorical_crossentropy"), build(keras.losses.CategoricalCrossentropy())
    with pytest.raises(ValueError, match=r"y must hold class numbers 0 \.\.\. 1, got values such as 0, 1, 7"):
        fit_replicates(sparse, X, np.where(X[:, 0] > 0.5, 7, Y), seeds=2)
    with pytest.raises(ValueError, match="one-hot rows"):
        fit_replicates(one_hot, X, 3 * np.eye(2)[Y], seeds=2)
    assert fit_quickly(one_hot, X, np.eye(2)[Y], seeds=2).predict(X).shape == (2, 30, 2)


def test_a_penalty_inside_the_loss_refuses_sample_weights():
    def build():
        model = mlp(())
        model.compile(loss=RegularizedLoss(model.trainable_variables, [2, 0]))
        return model

    with pytest.raises(ValueError, match="would scale the penalty"):
        fit_replicates(build, X, Y, sample_weight=np.ones(30), seeds=2)
