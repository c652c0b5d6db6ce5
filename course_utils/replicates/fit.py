"""`fit_replicates` and `fit_variants`: check what is asked, find what trains together, train it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, Literal

import keras
import numpy as np
from tqdm import tqdm

from course_utils._arguments import check_integer
from course_utils.replicates import strengths
from course_utils.replicates.alike import groups
from course_utils.replicates.checks import (
    as_data,
    as_seeds,
    as_validation,
    check_builder,
    check_builders,
    check_distinct,
    check_settings,
    split_validation,
)
from course_utils.replicates.copies import Copies
from course_utils.replicates.keras_internals import all_layers
from course_utils.replicates.rehearsal import Rehearsal, by_keras, compile_and_check
from course_utils.replicates.runs import Runs, by_replicate, evaluation_batch
from course_utils.replicates.stacks import Data, State, row_orders
from course_utils.replicates.starts import Builder, Recipe, recipes_of, starts
from course_utils.replicates.stopping import as_stop_rule, check_callbacks, stack_rules
from course_utils.replicates.surroundings import left_as_found
from course_utils.replicates.training import Fitted, Plan, Replicator, Start

Array = np.ndarray

# What one chunk of replicates may take in memory; the rest of the 2 GB is TensorFlow's own.
_CHUNK_BYTES = 2**29
# Above this a chunk leaves the processor's caches and a step takes longer per replicate.
_CACHE_BYTES = 2**26
# Below this the steps of a chunk are too short to be worth starting.
_SHARING = 32


@dataclass(frozen=True)
class _Stack:
    """Variants that train together, checked and ready.

    `places` are their positions among all variants; then, by variant, recipe and numbers.
    """

    places: list[int]
    recipes: list[Recipe]
    strengths: list[tuple[float, ...]]
    rehearsal: Rehearsal
    replicator: Replicator
    seconds: dict[str, float]


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
    seed = check_integer(seed, "seed")
    n_samples, epochs = check_integer(n_samples, "n_samples", minimum=1), check_integer(epochs, "epochs")
    return row_orders(np.random.default_rng(seed), n_samples, epochs)


def fit_replicates(
    build: Builder,
    x: Array,
    y: Array,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: str | int = "auto",
    callbacks: keras.callbacks.Callback | Sequence[keras.callbacks.Callback] | None = None,
    validation_split: float = 0.0,
    validation_data: tuple | None = None,
    shuffle: bool = True,
    class_weight: Mapping[int, float] | None = None,
    sample_weight: Array | None = None,
    validation_batch_size: int | None = None,
    seeds: int | Sequence[int] = 32,
    chunk_size: int | None = None,
    jit_compile: bool | Literal["auto"] = "auto",
    check: bool = True,
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
    callbacks : keras.callbacks.EarlyStopping or list of it, optional
        At most one `EarlyStopping`, with Keras' own rule; it stops each replicate by itself and may also
        monitor `val_data_loss`.
    seeds : int or sequence of int
        A number of replicates (seeds 0, 1, 2, ...) or the seeds themselves.
    chunk_size : int, optional
        Replicates that are trained at once. Default: what is fast, with memory well below 2 GB. No effect on
        the numbers beyond rounding.
    jit_compile : {"auto", True, False}
        Whether XLA compiles the training. Default: yes, except for recurrent layers, which it cannot
        vectorize, for convolutions, which it runs slowly on the CPU, and where it gives other numbers than
        Keras, as for Gaussian noise.
    check : bool
        Whether Keras takes the first batches, too, and must come to the same losses, metrics, weights and
        states before the training begins. It costs a fraction of a second.

    Returns
    -------
    Runs

    Raises
    ------
    TypeError
        When `build` does not return a compiled Keras model, or a callback is not an `EarlyStopping`.
    ValueError
        When shapes, labels or numbers do not fit, `build` returns another architecture, or parts of an
        earlier model, at a call, or the engine would not give the numbers of Keras. Nothing has been trained
        then.

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
    asked = {name: value for name, value in locals().items() if name not in ("build", "x", "y")}
    check_builder(build, "build")
    runs = fit_checked([build], x, y, asked)
    _warn_non_finite(runs)
    return runs[0]


def fit_variants(builds: Sequence[Builder], x: Array, y: Array, **fit_keywords: Any) -> list[Runs]:
    """Train many models with the same data, seeds and budget.

    It gives the numbers of one `fit_replicates` per builder. Models that differ only in the strengths of
    their regularizers, or in when they stop early, train side by side: their graph is traced and compiled
    once, and their initial models are built once, which is most of the time of a short training.

    Parameters
    ----------
    builds : sequence of callable
        As `build` of `fit_replicates`.
    x, y
        As for `fit_replicates`; all variants see the same.
    **fit_keywords
        Those of `fit_replicates`. `callbacks` may also be a list with one list, or None, per builder.

    Returns
    -------
    list of Runs
        One per builder. Each carries its share of the seconds.

    Raises
    ------
    TypeError, ValueError
        As `fit_replicates`; no model has been trained then.

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
    check_builders(builds)
    runs = fit_checked(builds, x, y, as_fit_keywords(fit_keywords))
    _warn_non_finite(runs)
    return runs


def as_fit_keywords(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all keywords of `fit_replicates`, those that are not given with their defaults."""
    known = fit_replicates.__kwdefaults__
    if unknown := given.keys() - known.keys():
        raise TypeError(f"fit_keywords must be keywords of fit_replicates, got {sorted(unknown)}")
    return known | given


@left_as_found()
def fit_checked(
    builds: Sequence[Builder],
    x: Array,
    y: Array,
    keywords: Mapping[str, Any],
    check_also: Callable[[keras.Model, list[str]], None] | None = None,
) -> list[Runs]:
    """Check everything, then train; one `Runs` per builder.

    `check_also(model, names)` is called for every builder before anything is trained; the names are those of
    the history that there will be.
    """
    began = time.perf_counter()
    asked = SimpleNamespace(**keywords)
    check_settings(asked)
    asked.seeds = as_seeds(asked.seeds)
    asked.callbacks = _by_builder(asked.callbacks, len(builds))
    recipes = recipes_of(builds)
    together = groups([recipe.model for recipe in recipes])
    stacks = [_prepare(places, recipes, (x, y), asked) for places in together]
    for stack in stacks if check_also is not None else ():
        for recipe in stack.recipes:
            check_also(recipe.model, _log_names(stack))
    building = (time.perf_counter() - began) / len(stacks)
    stacks = [_ready(stack, building, asked) for stack in stacks]
    found: dict[int, Runs] = {}
    for stack in stacks:
        with _progress(stack, asked.verbose) as bar:
            fitted = stack.replicator.fit(stack.seconds, bar)
        found |= zip(stack.places, _take_apart(stack, fitted), strict=True)
    return [found[place] for place in range(len(builds))]


def _log_names(stack: _Stack) -> list[str]:
    """Return the names of the history that stand for one number per seed and epoch."""
    replicator = stack.replicator
    names = replicator.copies.log_names(replicator.data[1] is not None)
    return [name for name in names if not name.endswith("]")]


def _by_builder(callbacks: Any, count: int) -> list:
    """Return the callbacks of every builder: each its own list, or None, or all the same."""
    by_builder = (
        isinstance(callbacks, (list, tuple))
        and len(callbacks) == count
        and all(own is None or isinstance(own, (list, tuple)) for own in callbacks)
    )
    found = list(callbacks) if by_builder else [callbacks] * count
    for own in found:
        check_callbacks(own)
    return found


def _prepare(
    places: Sequence[int], recipes: Sequence[Recipe], xy: tuple[Array, Array], asked: SimpleNamespace
) -> _Stack:
    """Check what is asked against the models at `places`, which train together."""
    recipes = [recipes[place] for place in places]
    models = [recipe.model for recipe in recipes]
    copies, seeds = Copies(models[0]), asked.seeds
    train, validation = _train_and_validation(models[0], xy, asked)
    check_distinct(seeds, own_data=any(train.replicated))
    copies.create_metrics(train)
    plan = _plan(copies, validation, asked)
    logs = copies.log_names(validation is not None)
    rules = [as_stop_rule(asked.callbacks[place], models[0], logs) for place in places]
    numbers = [tuple(strengths.values(strengths.slots(model))) for model in models]
    start = Start(
        seeds=seeds,
        state=_initial_state(recipes[0], seeds),
        strengths=by_replicate(numbers, len(seeds)) if len(recipes) > 1 else [],
        rules=stack_rules(rules, len(seeds)),
        replicates=len(seeds) * len(recipes),
    )
    xla = _suits_xla(copies.model) if asked.jit_compile == "auto" else bool(asked.jit_compile)
    size = _chunk_size(asked.chunk_size, copies.model, plan, start.replicates, train.row_shape)
    replicator = Replicator(copies, plan, (train, validation), xla, start, size)
    rehearsal = Rehearsal(*_as_given(xy, train, validation, asked), asked.class_weight, plan)
    return _Stack(places, recipes, numbers, rehearsal, replicator, {})


def _train_and_validation(
    model: keras.Model, xy: tuple[Array, Array], asked: SimpleNamespace
) -> tuple[Data, Data | None]:
    arrays = (*xy, asked.sample_weight)
    train = as_data(model, arrays, len(asked.seeds), ("x", "y"), asked.class_weight)
    validation = as_validation(model, asked.validation_data, len(asked.seeds))
    if validation is None and asked.validation_split:
        return split_validation(train, asked.validation_split, weighted=asked.class_weight is None)
    return train, validation


def _as_given(
    xy: tuple[Array, Array], train: Data, validation: Data | None, asked: SimpleNamespace
) -> tuple[Data, Data | None]:
    """Return the data as the caller gave them, where the checked ones may be converted."""
    arrays = tuple(np.asarray(a) for a in (*xy, asked.sample_weight) if a is not None)
    given = train._replace(arrays=arrays, replicated=train.replicated[: len(arrays)])
    if validation is None:
        return given, None
    if asked.validation_data is None:
        return given._replace(rows=train.rows + validation.rows).split(train.rows)
    arrays = tuple(np.asarray(a) for a in asked.validation_data if a is not None)
    return given, validation._replace(arrays=arrays)


def _plan(copies: Copies, validation: Data | None, asked: SimpleNamespace) -> Plan:
    batch_size = 32 if asked.batch_size is None else asked.batch_size
    batch_size = validation_size = check_integer(batch_size, "batch_size", minimum=1)
    if asked.validation_batch_size is not None:
        validation_size = check_integer(asked.validation_batch_size, "validation_batch_size", minimum=1)
    at_once = validation_size
    if asked.validation_batch_size is None and validation is not None:
        at_once = evaluation_batch(copies, validation, batch_size)
    return Plan(
        epochs=check_integer(asked.epochs, "epochs", minimum=1),
        batch_size=batch_size,
        validation_batch_size=at_once,
        asked_validation_batch_size=validation_size,
        shuffle=bool(asked.shuffle),
    )


def _ready(stack: _Stack, building: float, asked: SimpleNamespace) -> _Stack:
    """Compile what trains, and check it against Keras; if it may, without XLA where that does not go well."""
    recipes, seconds = stack.recipes, stack.seconds
    seconds.update(build=building, compile=0.0, check=0.0, run=0.0)
    expected = by_keras(stack.rehearsal, recipes, asked.seeds, seconds) if asked.check else []
    problem = compile_and_check(stack.replicator, stack.rehearsal, expected, seconds)
    if problem and asked.jit_compile == "auto" and stack.replicator.jit_compile:
        copies = Copies(recipes[0].again(asked.seeds[0]))
        copies.create_metrics(stack.replicator.data[0])
        stack = replace(stack, replicator=stack.replicator.without_xla(copies))
        problem = compile_and_check(stack.replicator, stack.rehearsal, expected, seconds)
    if problem:
        raise ValueError(f"build must return a model that the engine trains as Keras does: {problem}")
    return stack


def _initial_state(recipe: Recipe, seeds: tuple[int, ...]) -> State:
    """Stack what the model of each seed starts from."""
    stacked = [np.stack(copies) for copies in zip(*starts(recipe, seeds), strict=True)]
    count = len(recipe.model.trainable_variables)
    return State(stacked[:count], stacked[count:], [], [], [])


def _suits_xla(model: keras.Model) -> bool:
    layers = all_layers(model)
    # TensorFlow has no gradient of grouped convolutions on the CPU but through XLA; Keras uses it there, too.
    grouped = any(getattr(layer, "groups", 1) > 1 and "Conv" in type(layer).__name__ for layer in layers)
    return all(
        layer.supports_jit
        and not isinstance(layer, keras.layers.RNN)
        and (grouped or "Conv" not in type(layer).__name__)
        for layer in layers
    )


def _chunk_size(
    chunk_size: int | None, model: keras.Model, plan: Plan, replicates: int, row: tuple[int, ...] = ()
) -> int:
    if chunk_size is not None:
        return min(check_integer(chunk_size, "chunk_size", minimum=1), replicates)
    rows = max(plan.batch_size, plan.validation_batch_size)
    activations = rows * _numbers_per_row(model, max(row, default=1))
    # Weights, gradients, optimizer slots and a loop's copies of them; activations forward and backward.
    per_replicate = 4 * (12 * model.count_params() + 4 * activations)
    largest = min(_CHUNK_BYTES // per_replicate, max(_CACHE_BYTES // per_replicate, _SHARING))
    chunks = -(-replicates // max(largest, 1))
    return -(-replicates // chunks)


def _numbers_per_row(model: keras.Model, longest: int) -> int:
    """Return how many numbers the layers put out for a row; `longest` stands for an axis of any length."""
    outputs = keras.tree.flatten([getattr(layer, "output", []) for layer in model.layers])
    put_out = sum(int(np.prod([size or longest for size in output.shape[1:]])) for output in outputs)
    # The layers of a class of one's own do not say what they put out.
    return put_out or longest * sum(w.shape[-1] for w in model.weights if w.shape)


def _progress(stack: _Stack, verbose: str | int) -> tqdm:
    # Short work shows no bar; the variable TQDM_DISABLE silences it where outputs are kept.
    hidden = {"disable": True} if verbose == 0 else {}
    replicator = stack.replicator
    epochs = replicator.plan.epochs * -(-replicator.start.replicates // replicator.chunk_size)
    return tqdm(total=epochs, unit="epoch", leave=False, delay=2.0, **hidden)


def _take_apart(stack: _Stack, fitted: Fitted) -> list[Runs]:
    """Give every variant its replicates."""
    copies, count = stack.replicator.copies, len(stack.recipes)
    validation = stack.replicator.data[1] is not None
    logs, weights = np.split(fitted.logs, count), [np.split(w, count) for w in fitted.weights]
    epochs_run, final_epoch = np.split(fitted.epochs_run, count), np.split(fitted.final_epoch, count)
    return [
        Runs(
            seeds=stack.replicator.start.seeds,
            history=copies.by_name(np.moveaxis(logs[i], 1, 0), validation),
            weights=[parts[i] for parts in weights],
            epochs_run=epochs_run[i],
            final_epoch=final_epoch[i],
            seconds={name: spent / count for name, spent in stack.seconds.items()},
            builder=recipe.build,
            batch_size=stack.replicator.plan.batch_size,
            jit_compile=stack.replicator.jit_compile,
            strengths=stack.strengths[i],
            architecture=recipe.architecture,
            _copies=copies,
        )
        for i, recipe in enumerate(stack.recipes)
    ]


def _warn_non_finite(variants: Sequence[Runs]) -> None:
    for runs in variants:
        trained = np.arange(runs.history["loss"].shape[1]) < runs.epochs_run[:, np.newaxis]
        diverged = trained & ~np.isfinite(runs.history["loss"])
        for seed, epochs in zip(runs.seeds, diverged, strict=True):
            if epochs.any():
                first = int(np.argmax(epochs))
                message = f"the loss of seed {seed} is not finite from epoch {first} (counted from 0) on"
                warnings.warn(message, RuntimeWarning, stacklevel=3)
