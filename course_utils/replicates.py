"""Train many copies of one compiled Keras model side by side: `fit_replicates`, the engine of this course.

The variables of all copies are stacked on a leading axis. One training step of one copy is written with
Keras' own call, loss and optimizer; `tf.vectorized_map` runs that step for all copies at once, and the loops
over batches and epochs stay inside one compiled function. Every copy therefore sees the numbers that
`model.fit` would give it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import keras
import numpy as np
from tqdm import tqdm

from course_utils import _checks
from course_utils._arguments import check_integer, check_number
from course_utils._training import Data, Fitted, Plan, Replicator, State, make_stateless, repeat, row_orders

Array = np.ndarray
Builder = Callable[[], keras.Model]

# What one chunk of replicates may take in memory; the rest of the 2 GB is TensorFlow's own.
_CHUNK_BYTES = 2**29


@dataclass(frozen=True)
class Runs:
    """The result of `fit_replicates`: one trained model per seed.

    Attributes
    ----------
    seeds : tuple of int
        One per replicate, in the order of every leading axis below.
    history : dict of str to ndarray, shape (n_seeds, n_epochs)
        `loss` is what Keras reports; `data_loss` is the same without any penalty and `penalty` is the rest,
        so `loss = data_loss + penalty`. Then each metric, and the same names with `val_` in front. After
        early stopping the epochs that a replicate did not train are NaN.
    weights : list of ndarray, shape (n_seeds, ...)
        The trained weights in the order of `keras.Model.get_weights`.
    epochs_run : ndarray of int, shape (n_seeds,)
        Epochs that each replicate trained.
    final_epoch : ndarray of int, shape (n_seeds,)
        The epoch (from 0) whose weights each replicate holds: the best one after early stopping with
        `restore_best_weights`, else the last one trained.
    seconds : dict of str to float
        Where the time went: `build`, `compile` and `run`.
    builder : callable
        What was passed as `build`.
    batch_size : int
        The batch size of training.
    jit_compile : bool
        Whether XLA compiled the training.
    """

    seeds: tuple[int, ...]
    history: dict[str, Array] = field(repr=False)
    weights: list[Array] = field(repr=False)
    epochs_run: Array = field(repr=False)
    final_epoch: Array = field(repr=False)
    seconds: dict[str, float]
    builder: Builder = field(repr=False)
    batch_size: int
    jit_compile: bool

    def model(self, seed: int) -> keras.Model:
        """Return an ordinary compiled Keras model that holds the trained weights of `seed`.

        Raises
        ------
        ValueError
            When no replicate was trained with `seed`.
        """
        if seed not in self.seeds:
            raise ValueError(f"seed must be one of the trained seeds {self.seeds}, got {seed!r}")
        model = self.builder()
        model.set_weights([w[self.seeds.index(seed)] for w in self.weights])
        return model

    def predict(self, x: Array, batch_size: int = 1024) -> Array:
        """Predict with every replicate.

        Parameters
        ----------
        x : array, shape (n_samples, ...) or (n_seeds, n_samples, ...)
            The same inputs for all replicates, or each its own.
        batch_size : int
            Rows per step; it bounds memory and does not change the result.

        Returns
        -------
        ndarray, shape (n_seeds, n_samples, n_outputs)
        """
        x, replicated = _checks.inputs(x, self._replicator.model.input_shape, len(self.seeds), "x")
        data = Data((x,), (replicated,), x.shape[int(replicated)])
        return self._replicator.predict(
            self.weights, data, check_integer(batch_size, "batch_size", minimum=1)
        )

    def evaluate(self, x: Array, y: Array, batch_size: int | None = None) -> dict[str, Array]:
        """Evaluate every replicate as `keras.Model.evaluate` does.

        Parameters
        ----------
        x, y : array, shape (n_samples, ...) or (n_seeds, n_samples, ...)
            The same data for all replicates, or each its own.
        batch_size : int, optional
            Default: the batch size of training. It matters only to penalties that look at a whole batch.

        Returns
        -------
        dict of str to ndarray, shape (n_seeds,)
            `loss`, `data_loss`, `penalty` and each metric.
        """
        data = _data(self._replicator.model, (x, y), len(self.seeds), ("x", "y"))
        size = self.batch_size if batch_size is None else check_integer(batch_size, "batch_size", minimum=1)
        self._replicator.create_metrics(data)
        return self._replicator.evaluate(self.weights, data, size)

    @cached_property
    def _replicator(self) -> Replicator:
        return Replicator(_built(self.builder, self.seeds[0]), self.jit_compile)

    def __getstate__(self) -> dict[str, Any]:
        # Compiled functions stay behind when runs travel between processes.
        return {name: value for name, value in self.__dict__.items() if name != "_replicator"}


def batch_order(seed: int, n_samples: int, epochs: int) -> Array:
    """Return the order in which the replicate of `seed` sees the rows.

    It depends on nothing but its three arguments, and more epochs never change the earlier ones.

    Parameters
    ----------
    seed : int
    n_samples : int
    epochs : int

    Returns
    -------
    ndarray of int32, shape (epochs, n_samples)
        One permutation of the rows per epoch; consecutive runs of `batch_size` entries are the batches.

    Examples
    --------
    >>> batch_order(0, 4, 2).shape
    (2, 4)
    >>> bool((batch_order(0, 4, 2) == batch_order(0, 4, 9)[:2]).all())
    True
    """
    return row_orders(np.random.default_rng(seed), n_samples, epochs)


def fit_replicates(
    build: Builder,
    x: Array,
    y: Array,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: str | int = "auto",
    callbacks: Sequence[keras.callbacks.Callback] | None = None,
    validation_split: float = 0.0,
    validation_data: tuple | None = None,
    shuffle: bool = True,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Array | None = None,
    validation_batch_size: int | None = None,
    seeds: int | Sequence[int] = 32,
    chunk_size: int | None = None,
    jit_compile: bool | Literal["auto"] = "auto",
) -> Runs:
    r"""Train one copy of `build()` per seed, all at once, with the numbers that `model.fit` gives.

    Seed by seed the meaning is `keras.utils.set_random_seed(seed); build().fit(x, y, ...)`: the seed decides
    the initial weights, the dropout masks and the order of the rows (`batch_order`). Adding seeds never
    changes the earlier ones.

    Parameters
    ----------
    build : callable
        Takes nothing, returns a new compiled Keras model. It must return the same architecture at each call.
    x : array, shape (n_samples, ...) or (n_seeds, n_samples, ...)
        Inputs. With a leading replicate axis every replicate has its own data: folds, bootstrap samples,
        fresh draws.
    y : array, shape (n_samples, ...) or (n_seeds, n_samples, ...)
        Labels. They may carry the replicate axis when `x` does not (label noise on shared inputs).
    batch_size, epochs, validation_split, validation_data, shuffle, validation_batch_size
        As in `keras.Model.fit`, with its defaults. `validation_data` is `(x, y)` or `(x, y, sample_weight)`.
    class_weight, sample_weight
        As in `keras.Model.fit`, one or the other; not with a loss that carries its own penalty.
    verbose : {"auto", 0, 1}
        A progress bar over epochs on stderr for work of more than two seconds; 0 for none.
    callbacks : list of keras.callbacks.EarlyStopping, optional
        At most one `EarlyStopping`; it stops each replicate by itself and may also monitor `val_data_loss`.
    seeds : int or sequence of int
        A number of replicates (seeds 0, 1, 2, ...) or the seeds themselves.
    chunk_size : int, optional
        Replicates that are trained at once. Default: what keeps memory well below 2 GB. No effect on the
        numbers beyond rounding.
    jit_compile : {"auto", True, False}
        Whether XLA compiles the training. Default: yes, except for recurrent layers, which it cannot
        vectorize, and for convolutions, which it runs slowly on the CPU.

    Returns
    -------
    Runs

    Raises
    ------
    TypeError
        When `build` does not return a compiled Keras model, or a callback is not an `EarlyStopping`.
    ValueError
        When shapes, labels or numbers do not fit, or `build` returns another architecture per call. Nothing
        has been trained then.

    Examples
    --------
    >>> import keras, numpy as np
    >>> def build():
    ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    ...     model.compile(optimizer="sgd", loss="binary_crossentropy")
    ...     return model
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> runs = fit_replicates(build, x, np.array([0, 0, 1, 1]), epochs=5, batch_size=2, seeds=3)
    >>> runs.history["data_loss"].shape, runs.predict(x).shape
    ((3, 5), (3, 4, 1))
    """
    _checks.builder(build, "build")
    seeds = _checks.seeds(seeds)
    start = time.perf_counter()
    template = _built(build, seeds[0])
    train = _data(template, (x, y, sample_weight), len(seeds), ("x", "y"), class_weight)
    validation = _validation(template, validation_data, len(seeds))
    if validation is None and validation_split:
        train, validation = _split(train, validation_split, weighted=class_weight is None)
    _checks.distinct(seeds, own_data=any(train.replicated))
    replicator = Replicator(template, _suits_xla(template) if jit_compile == "auto" else bool(jit_compile))
    replicator.create_metrics(train)
    log_names = replicator.log_names(validation is not None)
    batch_size = check_integer(32 if batch_size is None else batch_size, "batch_size", minimum=1)
    plan = Plan(
        epochs=check_integer(epochs, "epochs", minimum=1),
        batch_size=batch_size,
        validation_batch_size=check_integer(
            validation_batch_size or batch_size, "validation_batch_size", minimum=1
        ),
        shuffle=bool(shuffle),
        stop_rule=_checks.stop_rule(callbacks, template, log_names),
    )
    state = _initial_state(replicator, build, seeds)
    clock = {"build": time.perf_counter() - start, "compile": 0.0, "run": 0.0}
    parts = _fit_chunks(replicator, plan, seeds, state, (train, validation), chunk_size, verbose, clock)
    history = {
        name: np.concatenate([part.logs[:, i] for part in parts], axis=1).T
        for i, name in enumerate(log_names)
    }
    runs = Runs(
        seeds=seeds,
        history=history,
        weights=[np.concatenate(copies) for copies in zip(*(part.weights for part in parts), strict=True)],
        epochs_run=np.concatenate([part.epochs_run for part in parts]),
        final_epoch=np.concatenate([part.final_epoch for part in parts]),
        seconds=clock,
        builder=build,
        batch_size=batch_size,
        jit_compile=replicator.jit_compile,
    )
    _warn_non_finite(runs)
    return runs


def _built(build: Builder, seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    model = build()
    _checks.compiled_model(model)
    return model


def _suits_xla(model: keras.Model) -> bool:
    return all(
        layer.supports_jit and not isinstance(layer, keras.layers.RNN) and "Conv" not in type(layer).__name__
        for layer in model._flatten_layers()
    )


def _data(
    model: keras.Model,
    arrays: tuple,
    replicates: int,
    names: tuple[str, str],
    class_weight: Mapping[int, float] | None = None,
) -> Data:
    """Check inputs, labels and weights against the model; return them as Keras trains with them."""
    x, y, weight = (*arrays, None)[:3]
    x, x_own = _checks.inputs(x, model.input_shape, replicates, names[0])
    rows = x.shape[int(x_own)]
    y, y_own = _checks.labels(y, model, rows, replicates, names[1])
    if class_weight is not None and weight is not None:
        raise ValueError("class_weight and sample_weight cannot both be given, got both")
    if (class_weight is not None or weight is not None) and hasattr(model.loss, "penalty"):
        raise ValueError(
            "sample_weight and class_weight would scale the penalty inside the loss: regularize the layers"
        )
    if class_weight is not None:
        weight = _checks.weights_by_class(y, class_weight, y.shape[1 + y_own :])
    if weight is None:
        return Data((x, y), (x_own, y_own), rows)
    weight, weight_own = _checks.sample_weights(weight, rows, replicates)
    return Data((x, y, weight), (x_own, y_own, weight_own), rows)


def _validation(model: keras.Model, validation_data: tuple | None, replicates: int) -> Data | None:
    if validation_data is None:
        return None
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ValueError(
            "validation_data must be (x_val, y_val) or (x_val, y_val, sample_weight), "
            f"got {type(validation_data).__name__}"
        )
    return _data(model, tuple(validation_data), replicates, ("validation_data[0]", "validation_data[1]"))


def _split(data: Data, validation_split: float, weighted: bool) -> tuple[Data, Data]:
    """Keep the last rows for validation, unshuffled, as `keras.Model.fit` does; class weights stay behind."""
    share = check_number(validation_split, "validation_split", below=1.0)
    at = int(data.rows * (1.0 - share))
    if at < 1 or at == data.rows:
        raise ValueError(f"validation_split must leave rows on both sides, got {share} of {data.rows} rows")
    train, validation = data.split(at)
    if weighted:
        return train, validation
    return train, validation._replace(arrays=validation.arrays[:2], replicated=validation.replicated[:2])


def _initial_state(replicator: Replicator, build: Builder, seeds: tuple[int, ...]) -> State:
    """Build one model per seed and stack what each starts from."""
    template = replicator.model
    signature = _checks.architecture(template)
    starts = [_snapshot(template)]
    for seed in seeds[1:]:
        model = _built(build, seed)
        _checks.same_architecture(signature, _checks.architecture(model), seed)
        starts.append(_snapshot(model))
    trainable, non_trainable = (
        [np.stack(copies) for copies in zip(*part, strict=True)] for part in zip(*starts, strict=True)
    )
    make_stateless(template.optimizer)
    template.optimizer.build(template.trainable_variables)
    optimizer = [repeat(v.numpy(), len(seeds)) for v in template.optimizer.variables]
    return State(trainable, non_trainable, optimizer, [])


def _snapshot(model: keras.Model) -> tuple[list[Array], list[Array]]:
    return [v.numpy() for v in model.trainable_variables], [v.numpy() for v in model.non_trainable_variables]


def _fit_chunks(
    replicator: Replicator,
    plan: Plan,
    seeds: tuple[int, ...],
    state: State,
    data: tuple[Data, Data | None],
    chunk_size: int | None,
    verbose: str | int,
    clock: dict[str, float],
) -> list[Fitted]:
    size = _chunk_size(chunk_size, replicator.model, plan, len(seeds))
    parts = []
    with _progress(plan.epochs * -(-len(seeds) // size), verbose) as bar:
        for first in range(0, len(seeds), size):
            # The last chunk is filled up with replicates that are dropped again: nothing compiles twice.
            chosen = np.arange(first, first + size) % len(seeds)
            part = replicator.fit(
                plan,
                [seeds[i] for i in chosen],
                State(*([array[chosen] for array in arrays] for arrays in state)),
                tuple(part and part.take_replicates(chosen) for part in data),
                clock,
                bar,
            )
            parts.append(part.first(min(size, len(seeds) - first)))
    return parts


def _chunk_size(chunk_size: int | None, model: keras.Model, plan: Plan, replicates: int) -> int:
    if chunk_size is not None:
        return min(check_integer(chunk_size, "chunk_size", minimum=1), replicates)
    rows = max(plan.batch_size, plan.validation_batch_size)
    activations = rows * sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    # Weights, gradients, optimizer slots and a loop's copies of them; activations forward and backward.
    per_replicate = 4 * (12 * model.count_params() + 4 * activations)
    return int(np.clip(_CHUNK_BYTES // per_replicate, 1, replicates))


def _progress(epochs: int, verbose: str | int) -> tqdm:
    # Short work shows no bar; the variable TQDM_DISABLE silences it where outputs are kept.
    hidden = {"disable": True} if verbose == 0 else {}
    return tqdm(total=epochs, unit="epoch", leave=False, delay=2.0, **hidden)


def _warn_non_finite(runs: Runs) -> None:
    trained = np.arange(runs.history["loss"].shape[1]) < runs.epochs_run[:, np.newaxis]
    diverged = trained & ~np.isfinite(runs.history["loss"])
    for seed, epochs in zip(runs.seeds, diverged, strict=True):
        if epochs.any():
            first = int(np.argmax(epochs))
            message = f"the loss of seed {seed} is not finite from epoch {first} (counted from 0) on"
            warnings.warn(message, RuntimeWarning, stacklevel=3)
