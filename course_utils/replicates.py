"""Train many copies of one compiled Keras model side by side: `fit_replicates`, the engine of this course.

The variables of all copies are stacked on a leading axis. One training step of one copy is written with
Keras' own call, loss and optimizer; `tf.vectorized_map` runs that step for all copies at once, and the loops
over batches and epochs stay inside one compiled function. Every copy therefore sees the numbers that
`model.fit` would give it.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import keras
import numpy as np
from tqdm import tqdm

from course_utils import _checks, _strengths
from course_utils._arguments import check_integer, check_number
from course_utils._starts import Builder, built, starts
from course_utils._training import Data, Fitted, Plan, Replicator, State, row_orders

Array = np.ndarray

# What one chunk of replicates may take in memory; the rest of the 2 GB is TensorFlow's own.
_CHUNK_BYTES = 2**29
# Above this a chunk leaves the processor's caches and a step takes longer per replicate.
_CACHE_BYTES = 2**26
# Below this the steps of a chunk are too short to be worth starting.
_SHARING = 32
# Rows per step of an evaluation whose result does not depend on it.
_EVALUATION_ROWS = 1000


class _Work(NamedTuple):
    """What `_fit` was asked to train, checked; `strengths` has one entry per variant."""

    plan: Plan
    seeds: tuple[int, ...]
    state: State
    strengths: list[tuple[float, ...]]
    data: tuple[Data, Data | None]


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
    strengths : tuple of float
        The numbers in the model's regularizers, each once.
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
    strengths: tuple[float, ...] = field(repr=False)

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
            Default: the batch size of training where the loss depends on it, as with penalties that look at
            a whole batch, else what is fast.

        Returns
        -------
        dict of str to ndarray, shape (n_seeds,)
            `loss`, `data_loss`, `penalty` and each metric.
        """
        return evaluate_variants([self], x, y, batch_size)[0]

    @cached_property
    def _replicator(self) -> Replicator:
        return Replicator(built(self.builder, self.seeds[0]), self.jit_compile)

    def __getstate__(self) -> dict[str, Any]:
        # Compiled functions stay behind when runs travel between processes.
        return {name: value for name, value in self.__dict__.items() if name != "_replicator"}


def evaluate_variants(
    variants: Sequence[Runs], x: Array, y: Array, batch_size: int | None = None
) -> list[dict[str, Array]]:
    """Evaluate what `fit_variants` returned, all replicates of all variants at once.

    Parameters
    ----------
    variants : sequence of Runs
        From one call of `fit_variants`, or one alone.
    x, y, batch_size
        As for `Runs.evaluate`.

    Returns
    -------
    list of dict of str to ndarray, shape (n_seeds,)
        One per variant: `loss`, `data_loss`, `penalty` and each metric.
    """
    first, count = variants[0], len(variants)
    replicator = first._replicator
    data = _data(replicator.model, (x, y), len(first.seeds), ("x", "y"))
    replicator.create_metrics(data)
    if batch_size is None:
        batch_size = _evaluation_batch(replicator, data, first.batch_size)
    weights = [np.concatenate(copies) for copies in zip(*(runs.weights for runs in variants), strict=True)]
    places = np.tile(np.arange(len(first.seeds)), count)
    found = replicator.evaluate(
        weights,
        _by_replicate([runs.strengths for runs in variants], len(first.seeds)),
        data.take_replicates(places),
        check_integer(batch_size, "batch_size", minimum=1),
    )
    return [
        {name: np.split(values, count)[place] for name, values in found.items()} for place in range(count)
    ]


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
        Two seeds are built; where Keras' initializers explain the weights of both, those of the other seeds
        follow, else every seed is built.
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
        Replicates that are trained at once. Default: what is fast, with memory well below 2 GB. No effect on
        the numbers beyond rounding.
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
    return _fit(
        (build,),
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        verbose=verbose,
        callbacks=callbacks,
        validation_split=validation_split,
        validation_data=validation_data,
        shuffle=shuffle,
        class_weight=class_weight,
        sample_weight=sample_weight,
        validation_batch_size=validation_batch_size,
        seeds=seeds,
        chunk_size=chunk_size,
        jit_compile=jit_compile,
    )[0]


def fit_variants(builds: Sequence[Builder], x: Array, y: Array, **fit_keywords: Any) -> list[Runs]:
    """Train models that differ only in the strengths of their regularizers side by side.

    It gives the numbers of one `fit_replicates` per builder. The graph is traced and compiled once, and the
    initial models are built once, which is most of the time of a short training.

    Parameters
    ----------
    builds : sequence of callable
        As `build` of `fit_replicates`. `variants_alike` tells which may go together.
    x, y
        As for `fit_replicates`; all variants see the same.
    **fit_keywords
        Those of `fit_replicates`.

    Returns
    -------
    list of Runs
        One per builder. Each carries its share of the seconds.

    Raises
    ------
    TypeError, ValueError
        As `fit_replicates`, and when the models differ in more than strengths.

    Examples
    --------
    >>> import keras
    >>> from course_utils.data import draw_blobs
    >>> from course_utils.models import mlp
    >>> builds = [lambda s=s: mlp((4,), kernel_regularizer=keras.regularizers.L2(s)) for s in (0.0, 0.1)]
    >>> runs = fit_variants(builds, *draw_blobs(40, seed=0), epochs=2, seeds=3)
    >>> [r.history["penalty"].shape for r in runs], bool(runs[0].history["penalty"].any())
    ([(3, 2), (3, 2)], False)
    """
    return _fit(builds, x, y, **{**fit_replicates.__kwdefaults__, **fit_keywords})


def variants_alike(builds: Sequence[Builder], seed: int = 0) -> list[list[int]]:
    """Group builders whose models differ only in the strengths of their regularizers.

    Parameters
    ----------
    builds : sequence of callable
    seed : int
        The models are built, and their initial weights compared, with this seed.

    Returns
    -------
    list of list of int
        Positions in `builds`, in the order of their first member.
    """
    groups: list[tuple[keras.Model, list[int]]] = []
    for place, build in enumerate(builds):
        model = built(build, seed)
        group = next((members for first, members in groups if _differ_in_strengths(first, model)), None)
        if group is None:
            groups.append((model, [place]))
        else:
            group.append(place)
    return [members for _, members in groups]


def _differ_in_strengths(first: keras.Model, other: keras.Model) -> bool:
    """Whether two models, built with one seed, differ in nothing else."""
    if _checks.architecture(first, strengths=False) != _checks.architecture(other, strengths=False):
        return False
    weights = zip(first.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in weights) and _strengths.interchangeable(first, other)


def _fit(
    builds: Sequence[Builder],
    x: Array,
    y: Array,
    *,
    batch_size: int | None,
    epochs: int,
    verbose: str | int,
    callbacks: Sequence[keras.callbacks.Callback] | None,
    validation_split: float,
    validation_data: tuple | None,
    shuffle: bool,
    class_weight: Mapping[int, float] | None,
    sample_weight: Array | None,
    validation_batch_size: int | None,
    seeds: int | Sequence[int],
    chunk_size: int | None,
    jit_compile: bool | Literal["auto"],
) -> list[Runs]:
    """Check everything, then train; one `Runs` per builder."""
    for build in builds:
        _checks.builder(build, "build")
    seeds = _checks.seeds(seeds)
    start = time.perf_counter()
    template = built(builds[0], seeds[0])
    train = _data(template, (x, y, sample_weight), len(seeds), ("x", "y"), class_weight)
    validation = _validation(template, validation_data, len(seeds))
    if validation is None and validation_split:
        train, validation = _split(train, validation_split, weighted=class_weight is None)
    _checks.distinct(seeds, own_data=any(train.replicated))
    replicator = Replicator(template, _suits_xla(template) if jit_compile == "auto" else bool(jit_compile))
    replicator.create_metrics(train)
    batch_size = check_integer(32 if batch_size is None else batch_size, "batch_size", minimum=1)
    if validation_batch_size is None:
        validation_batch_size = batch_size
        if validation is not None:
            validation_batch_size = _evaluation_batch(replicator, validation, batch_size)
    plan = Plan(
        epochs=check_integer(epochs, "epochs", minimum=1),
        batch_size=batch_size,
        validation_batch_size=check_integer(validation_batch_size, "validation_batch_size", minimum=1),
        shuffle=bool(shuffle),
        stop_rule=_checks.stop_rule(callbacks, template, replicator.log_names(validation is not None)),
    )
    strengths = _strengths_of(builds, template, seeds[0])
    state = _initial_state(replicator, builds[0], seeds)
    clock = {"build": time.perf_counter() - start, "compile": 0.0, "run": 0.0}
    work = _Work(plan, seeds, state, strengths, (train, validation))
    parts = _fit_chunks(replicator, work, chunk_size, verbose, clock)
    return _runs(replicator, builds, work, parts, clock)


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
    """Stack what the model of each seed starts from."""
    template = replicator.model
    stacked = [np.stack(copies) for copies in zip(*starts(build, seeds, template), strict=True)]
    count = len(template.trainable_variables)
    return State(stacked[:count], stacked[count:], [], [], [])


def _strengths_of(builds: Sequence[Builder], template: keras.Model, seed: int) -> list[tuple[float, ...]]:
    """Return the numbers in the regularizers of every variant; refuse variants that differ in more."""
    found = [tuple(_strengths.values(_strengths.slots(template)))]
    for place, build in enumerate(builds[1:], start=1):
        model = built(build, seed)
        if not _differ_in_strengths(template, model):
            raise ValueError(
                "builds must return models that differ only in the strengths of their regularizers, "
                f"got another model from builds[{place}]"
            )
        found.append(tuple(_strengths.values(_strengths.slots(model))))
    return found


def _by_replicate(strengths: Sequence[tuple[float, ...]], n_seeds: int) -> list[Array]:
    """Spread the numbers of the variants over their replicates; one variant keeps its own, untouched."""
    if len(strengths) == 1:
        return []
    return [np.repeat(np.float32(numbers), n_seeds) for numbers in zip(*strengths, strict=True)]


def _fit_chunks(
    replicator: Replicator, work: _Work, chunk_size: int | None, verbose: str | int, clock: dict[str, float]
) -> list[Fitted]:
    n_seeds = len(work.seeds)
    replicates = n_seeds * len(work.strengths)
    size = _chunk_size(chunk_size, replicator.model, work.plan, replicates)
    state = work.state._replace(strengths=_by_replicate(work.strengths, n_seeds))
    parts = []
    with _progress(work.plan.epochs * -(-replicates // size), verbose) as bar:
        for first in range(0, replicates, size):
            # The last chunk is filled up with replicates that are dropped again: nothing compiles twice.
            chosen = np.arange(first, first + size) % replicates
            places = chosen % n_seeds
            own = State(*([array[places] for array in arrays] for arrays in state[:-1]), [])
            part = replicator.fit(
                work.plan,
                [work.seeds[i] for i in places],
                own._replace(strengths=[numbers[chosen] for numbers in state.strengths]),
                tuple(part and part.take_replicates(places) for part in work.data),
                clock,
                bar,
            )
            parts.append(part.first(min(size, replicates - first)))
    return parts


def _runs(
    replicator: Replicator,
    builds: Sequence[Builder],
    work: _Work,
    parts: list[Fitted],
    clock: dict[str, float],
) -> list[Runs]:
    """Put the chunks together and take the variants apart."""
    count = len(builds)

    def by_variant(chunks: Iterable[Array]) -> list[Array]:
        return np.split(np.concatenate(list(chunks)), count)

    names = replicator.log_names(work.data[1] is not None)
    logs = [by_variant(part.logs[:, i].T for part in parts) for i in range(len(names))]
    weights = [by_variant(copies) for copies in zip(*(part.weights for part in parts), strict=True)]
    epochs_run, final_epoch = (
        by_variant(getattr(part, name) for part in parts) for name in ("epochs_run", "final_epoch")
    )
    found = [
        Runs(
            seeds=work.seeds,
            history={name: log[i] for name, log in zip(names, logs, strict=True)},
            weights=[weight[i] for weight in weights],
            epochs_run=epochs_run[i],
            final_epoch=final_epoch[i],
            seconds={name: seconds / count for name, seconds in clock.items()},
            builder=build,
            batch_size=work.plan.batch_size,
            jit_compile=replicator.jit_compile,
            strengths=work.strengths[i],
        )
        for i, build in enumerate(builds)
    ]
    for runs in found:
        _warn_non_finite(runs)
    return found


def _evaluation_batch(replicator: Replicator, data: Data, batch_size: int) -> int:
    """Return the batch size for an evaluation: of training where the loss depends on it, else a large one."""
    return min(_EVALUATION_ROWS, data.rows) if replicator.sums_over_rows(data) else batch_size


def _chunk_size(chunk_size: int | None, model: keras.Model, plan: Plan, replicates: int) -> int:
    if chunk_size is not None:
        return min(check_integer(chunk_size, "chunk_size", minimum=1), replicates)
    rows = max(plan.batch_size, plan.validation_batch_size)
    activations = rows * sum(int(np.prod(layer.output.shape[1:])) for layer in model.layers)
    # Weights, gradients, optimizer slots and a loop's copies of them; activations forward and backward.
    per_replicate = 4 * (12 * model.count_params() + 4 * activations)
    largest = min(_CHUNK_BYTES // per_replicate, max(_CACHE_BYTES // per_replicate, _SHARING))
    chunks = -(-replicates // max(largest, 1))
    return -(-replicates // chunks)


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
            warnings.warn(message, RuntimeWarning, stacklevel=5)
