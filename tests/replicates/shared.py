"""Data, networks and comparisons that the tests of the engine share."""

import functools

import keras
import numpy as np

from course_utils.data import draw_blobs
from course_utils.models import mlp
from course_utils.replicates import fit_replicates

# XLA gives the same numbers, as the cases show, but takes longer to compile than tests run; the check against
# Keras is shown in the table of `test_training` and in `test_rehearsal`.
fit_quickly = functools.partial(fit_replicates, jit_compile=False, check=False)

X, Y = draw_blobs(30, seed=0)
VALIDATION = draw_blobs(15, seed=1)
BATCH = {"epochs": 3, "batch_size": 15}
EPOCHS = 20


def network(hidden=(), **keywords):
    """Return a builder; few layers, because tracing them is what takes the time."""
    return functools.partial(mlp, hidden, **keywords)


def fit_keras(build, seed, x=X, y=Y, **keywords):
    keras.utils.set_random_seed(seed)
    model = build()
    return model, model.fit(x, y, shuffle=False, verbose=0, **keywords).history


def assert_same_weights(runs, position, model, atol=1e-5):
    for ours, theirs in zip(runs.weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours[position], theirs, atol=atol)


def assert_same(runs, position, model, history, atol=1e-5):
    assert_same_weights(runs, position, model, atol)
    for name, values in history.items():
        ours = runs.history[name][position]
        np.testing.assert_allclose(ours[: len(values)], values, atol=atol, err_msg=name)
