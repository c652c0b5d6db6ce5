"""The peer of `fit_replicates`: the same job written with Keras on JAX and `jax.vmap`.

Runs in a process of its own, since Keras takes one back end per process:
`KERAS_BACKEND=jax python -m benchmarks.jax_peer` prints its seconds as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from benchmarks import BATCH_SIZE, EPOCHS
from course_utils.data import load_blobs
from course_utils.models import mlp


def initial_state(seeds: int) -> tuple[keras.Model, tuple]:
    """Build one model per seed; return one of them and the stacked state of all."""
    states = []
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        model = mlp()
        model.optimizer.build(model.trainable_variables)
        variables = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables
        states.append([[np.asarray(v) for v in part] for part in variables])
    return model, jax.tree.map(lambda *copies: jnp.stack(copies), *states)


def train_step(model: keras.Model, state: tuple, batch: tuple) -> tuple:
    """One step of one model."""
    trainable, non_trainable, optimizer = state
    x, y = batch

    def loss_of(trainable: list) -> tuple:
        y_pred, changed, losses = model.stateless_call(
            trainable, non_trainable, x, training=True, return_losses=True
        )
        loss = keras.losses.binary_crossentropy(y[:, None], y_pred).mean() + sum(losses)
        return loss, (changed, ((y_pred[:, 0] > 0.5) == y).mean())

    (loss, (changed, accuracy)), gradients = jax.value_and_grad(loss_of, has_aux=True)(trainable)
    trainable, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trainable)
    return [trainable, changed, optimizer], jnp.stack([loss, accuracy])


def validate(model: keras.Model, state: tuple, batch: tuple) -> Any:
    """Loss and accuracy of one model on the validation points."""
    x, y = batch
    y_pred, _ = model.stateless_call(state[0], state[1], x, training=False)
    loss = keras.losses.binary_crossentropy(y[:, None], y_pred).mean()
    return jnp.stack([loss, ((y_pred[:, 0] > 0.5) == y).mean()])


def fit(model: keras.Model, epochs: int, data: tuple, state: tuple, key: Any) -> tuple:
    """Train one model: a scan over epochs of a scan over full batches, then the partial batch."""
    x, y, x_val, y_val = data
    full, rest = divmod(len(x), BATCH_SIZE)

    def epoch(state: tuple, key: Any) -> tuple:
        rows = jax.random.permutation(key, len(x))
        batches = rows[: full * BATCH_SIZE].reshape(full, BATCH_SIZE)
        state, logs = jax.lax.scan(lambda s, r: train_step(model, s, (x[r], y[r])), state, batches)
        total = logs.sum(axis=0) * BATCH_SIZE
        if rest:
            last = rows[full * BATCH_SIZE :]
            state, log = train_step(model, state, (x[last], y[last]))
            total += log * rest
        return state, jnp.concatenate([total / len(x), validate(model, state, (x_val, y_val))])

    return jax.lax.scan(epoch, state, jax.random.split(key, epochs))


def main() -> None:
    """Print the seconds for building, compiling and running."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seeds", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    blobs = load_blobs()
    data = tuple(map(jnp.asarray, (blobs.x_train, blobs.y_train, blobs.x_val, blobs.y_val)))
    found = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        model, state = initial_state(options.seeds)
        keys = jax.random.split(jax.random.key(0), options.seeds)
        built = time.perf_counter()
        work = jax.jit(jax.vmap(partial(fit, model, options.epochs, data))).lower(state, keys).compile()
        compiled = time.perf_counter()
        _, logs = jax.block_until_ready(work(state, keys))
        done = time.perf_counter()
        assert np.isfinite(logs).all()
        found.append({"build": built - start, "compile": compiled - built, "run": done - compiled})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
