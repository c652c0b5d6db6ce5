"""Before a training: Keras takes the first batches, and the engine must come to the same.

One seed of the first builder takes two batches, the last one if it is short, and an evaluation; one seed of
every other builder that trains in the same graph takes one. Keras does it with `train_on_batch` and
`test_on_batch`, on a model of its own; the engine with the compiled function that is about to train. Compared
are losses, penalty, metrics, every weight, and the state of every layer and of the optimizer. Nothing has to
be known about a layer, a loss or an optimizer for that.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np

from course_utils.replicates.checks import output_shape
from course_utils.replicates.copies import in_one_line
from course_utils.replicates.keras_internals import same_metrics
from course_utils.replicates.optimizers import named_values
from course_utils.replicates.stacks import Data, first_batches, row_orders
from course_utils.replicates.starts import Recipe
from course_utils.replicates.surroundings import left_as_found
from course_utils.replicates.training import Plan, Replicator

Array = np.ndarray

# Keras cuts an evaluation that the engine does at once into batches of this share; the last is shorter.
_CUT = 0.4
# What rounding explains at first sight: a share of a log, of a variable, of the distance that the variable
# has moved, and of the distance that the farthest of its kind has moved.
_OF_LOG, _OF_VARIABLE, _OF_MOVE, _OF_FARTHEST = 1e-5, 2e-6, 1e-3, 1e-7
# At second sight: so many times what Keras' numbers change when inputs and weights are off by some roundings.
_NUDGE, _TIMES = 1e-6, 10.0
# Differences that an error names.
_NAMED = 3


class Outcome(NamedTuple):
    """What the first batches lead to: the names of `Runs.history`, and variables in a fixed order."""

    logs: dict[str, Array]
    variables: list[Array]


@dataclass(frozen=True)
class Part:
    """What one copy of one builder does: its recipe and seed, where it and its data are.

    `place` is the position of the copy among all copies, `replicate` that of its data, `most` the number of
    full batches; `cut` says whether its evaluation is.
    """

    recipe: Recipe
    seed: int
    replicate: int
    place: int
    most: int
    cut: bool


class Expected(NamedTuple):
    """A part as Keras does it: what the variables are called and were before, and the outcome."""

    part: Part
    names: list[str]
    before: list[Array]
    after: Outcome


@dataclass(frozen=True)
class Rehearsal:
    """The data as the caller gave them, and how they are to be used."""

    train: Data
    validation: Data | None
    class_weight: Mapping[int, float] | None
    plan: Plan

    @left_as_found()
    def by_keras(self, part: Part, model: keras.Model, nudged: bool = False) -> Expected:
        """Let Keras do a part; `nudged` with inputs and weights that are off by some roundings."""
        nudge = _Nudge() if nudged else lambda values: values
        model.run_eagerly, model.jit_compile, model.steps_per_execution = True, False, 1
        for variable in model.trainable_variables if nudged else ():
            variable.assign(nudge(variable.numpy()))
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        names, before = zip(*_variables(model), strict=True)
        batches = [(nudge(x), *rest) for x, *rest in self._training_batches(part)]
        weighted = {} if self.class_weight is None else {"class_weight": self.class_weight}
        with same_metrics(model, batches[0][1], output_shape(model)[1:]):
            logs = _logs(model, model.train_on_batch, batches, **weighted)
            if self.validation is not None:
                found = _logs(model, model.test_on_batch, self._validation_batches(part))
                logs |= {f"val_{name}": value for name, value in found.items()}
        return Expected(part, names, before, Outcome(logs, [value for _, value in _variables(model)]))

    def by_engine(self, replicator: Replicator, parts: Sequence[Part]) -> list[Outcome]:
        """Let the engine do parts of equally many batches."""
        state, logs = replicator.first_batches([part.place for part in parts], parts[0].most)
        by_name = replicator.copies.by_name(logs, self.validation is not None)
        outcomes = []
        for place, part in enumerate(parts):
            of_copy = {name: values[place] for name, values in by_name.items()}
            variables = [v[place].numpy() for v in (*state.trainable, *state.non_trainable)]
            variables += replicator.optimizer.of_copy(state.optimizer, place)
            self._undo_division(of_copy, part.most)
            outcomes.append(Outcome(of_copy, variables))
        return outcomes

    def _undo_division(self, logs: dict[str, Array], most: int) -> None:
        """Let losses refer to the rows that were taken; the engine divides by what all of them count."""
        plan = self.plan
        sides = (("", self.train, plan.batch_size), ("val_", self.validation, plan.validation_batch_size))
        for prefix, data, size in sides:
            if data is not None:
                taken = sum(rows.stop - rows.start for rows in first_batches(data.rows, size, most))
                for name in ("loss", "data_loss", "penalty"):
                    logs[prefix + name] = logs[prefix + name] * (data.rows / taken)

    def _training_batches(self, part: Part) -> list[tuple]:
        rows = np.arange(self.train.rows)
        if self.plan.shuffle:
            (rows,) = row_orders(np.random.default_rng(part.seed), self.train.rows, 1)
        taken = first_batches(self.train.rows, self.plan.batch_size, part.most)
        return [_batch(self.train, part.replicate, rows[here]) for here in taken]

    def _validation_batches(self, part: Part) -> list[tuple]:
        """Cut the rows as `model.fit` does; where the engine takes many at once, into a few batches."""
        plan, batches = self.plan, []
        for taken in first_batches(self.validation.rows, plan.validation_batch_size, part.most):
            share = int(np.ceil((_CUT if part.cut else 1.0) * (taken.stop - taken.start)))
            size = max(plan.asked_validation_batch_size, share)
            for start in range(taken.start, taken.stop, size):
                rows = np.arange(start, min(start + size, taken.stop))
                batches.append(_batch(self.validation, part.replicate, rows))
        return batches

    def differences(self, expected: Sequence[Expected], replicator: Replicator) -> list[str]:
        """Say what the engine does otherwise than Keras, the worst first; rounding does not count."""
        found, size = [], replicator.chunk_size
        for _, same in itertools.groupby(expected, lambda one: one.part.most):
            group = list(same)
            for first in range(0, len(group), size):
                chunk = group[first : first + size]
                outcomes = self.by_engine(replicator, [one.part for one in chunk])
                found += [
                    difference
                    for pair in zip(chunk, outcomes, strict=True)
                    for difference in self._compared(*pair)
                ]
        return [difference.text for difference in sorted(found, key=lambda d: -d.size)[:_NAMED]]

    def _compared(self, expected: Expected, ours: Outcome) -> list[Difference]:
        """Compare; look twice, with new models, before speaking of a difference."""
        if not _differences(expected, ours):
            return []
        recipe, seed = expected.part.recipe, expected.part.seed
        anew = self.by_keras(expected.part, recipe.again(seed))
        found = _differences(anew, ours)
        if not found or _differences(expected, anew.after):
            # Nothing, or a model that does not do the same twice.
            return found
        return _differences(anew, ours, self.by_keras(expected.part, recipe.again(seed), nudged=True))


def by_keras(
    rehearsal: Rehearsal,
    recipes: Sequence[Recipe],
    seeds: Sequence[int],
    clock: dict[str, float],
) -> list[Expected]:
    """Let Keras do the parts of all builders that train together.

    Raises
    ------
    ValueError
        When Keras cannot train with these data.
    """
    began, last = time.perf_counter(), len(seeds) - 1
    most = 1 if rehearsal.train.rows % rehearsal.plan.batch_size else 2
    first = Part(recipes[0], seeds[last], last, last, most, cut=True)
    others = [
        Part(recipe, seeds[0], 0, variant * len(seeds), most - 1, cut=False)
        for variant, recipe in enumerate(recipes[1:], start=1)
    ]
    try:
        return [
            rehearsal.by_keras(first, recipes[0].again(first.seed)),
            *(rehearsal.by_keras(part, part.recipe.at_hand(part.seed)) for part in others),
        ]
    except Exception as error:
        raise ValueError(
            f"build, x and y must fit each other, and Keras cannot train with them: {in_one_line(error)}"
        ) from error
    finally:
        clock["check"] += time.perf_counter() - began


def compile_and_check(
    replicator: Replicator, rehearsal: Rehearsal, expected: Sequence[Expected], clock: dict[str, float]
) -> str | None:
    """Make the engine ready; return what is wrong with it and what to do, or None."""
    began = time.perf_counter()
    advice = "try jit_compile=False, or train" if replicator.jit_compile else "train"
    try:
        with _without_tensorflows_log():
            replicator.compile()
    except Exception as error:
        return f"it cannot train it at once for all seeds ({in_one_line(error)}); {advice} it with model.fit"
    finally:
        clock["compile"] += time.perf_counter() - began
    began = time.perf_counter()
    found = rehearsal.differences(expected, replicator)
    clock["check"] += time.perf_counter() - began
    if not found:
        return None
    return (
        f"after the first batches {'; '.join(found)}, more than rounding explains; {advice} it with model.fit"
        " (check=False trains all the same)"
    )


@contextlib.contextmanager
def _without_tensorflows_log() -> Iterator[None]:
    """Keep TensorFlow from printing pages about what will be said in one line."""
    log = logging.getLogger("tensorflow")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


class Difference(NamedTuple):
    """A difference in multiples of what rounding explains, and in words."""

    size: float
    text: str


def _differences(expected: Expected, ours: Outcome, nudged: Expected | None = None) -> list[Difference]:
    """Compare with Keras; what it does when `nudged` says how much rounding matters."""
    names, keras_values, limits = _limits(expected)
    our_values = [*(ours.logs[name] for name in expected.after.logs), *ours.variables]
    if nudged is not None:
        _, others, _ = _limits(nudged)
        limits = [
            limit + _TIMES * _distance(*pair)
            for limit, *pair in zip(limits, keras_values, others, strict=True)
        ]
    found = []
    for name, theirs, our, limit in zip(names, keras_values, our_values, limits, strict=True):
        if (apart := _distance(theirs, our)) > limit:
            found.append(Difference(apart / max(limit, 1e-30), _in_words(name, theirs, our)))
    return found


class _Nudge:
    """Puts floating-point numbers off by some roundings, always in the same way."""

    def __init__(self) -> None:
        self.generator = np.random.default_rng(0)

    def __call__(self, values: Array) -> Array:
        if not np.issubdtype(values.dtype, np.floating):
            return values
        return values * (1 + _NUDGE * self.generator.choice([-1, 1], values.shape)).astype(values.dtype)


def _batch(data: Data, replicate: int, rows: Array) -> tuple:
    """Take rows of one replicate; floating-point numbers as `model.fit` converts them."""
    pairs = zip(data.arrays, data.replicated, strict=True)
    parts = [(array[replicate] if own else array)[rows] for array, own in pairs]
    return tuple(p.astype(np.float32) if np.issubdtype(p.dtype, np.floating) else p for p in parts)


def _variables(model: keras.Model) -> list[tuple[str, Array]]:
    """Return the name and the value of everything that training changes, as the engine orders them."""
    found = [(f"weight {v.path}", v) for v in model.trainable_variables]
    found += [(f"state {v.path}", v) for v in model.non_trainable_variables]
    return [(name, v.numpy()) for name, v in found] + named_values(model.optimizer)


def _logs(
    model: keras.Model, on_batch: Callable, batches: Sequence[tuple], **keywords: Any
) -> dict[str, Array]:
    """Return what an epoch of these batches reports, with the penalty apart."""
    model.reset_metrics()
    with _watched(model) as penalties:
        for x, y, *weight in batches:
            given = {"sample_weight": weight[0]} if weight else {}
            logs = on_batch(x, y, **given, **keywords, return_dict=True)
    penalty = np.average(penalties, weights=[len(x) for x, *_ in batches])
    return {"data_loss": logs["loss"] - penalty, "penalty": penalty, **logs}


@contextlib.contextmanager
def _watched(model: keras.Model) -> Iterator[list[float]]:
    """Note the penalty of every batch, and let losses and metrics add up over batches as in an epoch."""
    penalties: list[float] = []
    compute_loss = model.compute_loss

    def noting(*arguments: Any, **keywords: Any) -> Any:
        loss = compute_loss(*arguments, **keywords)
        inside = getattr(model.loss, "penalty", None)
        parts = [*model.losses, inside() if callable(inside) else 0.0]
        penalties.append(sum(float(keras.ops.sum(part)) for part in parts))
        return loss

    model.compute_loss, model.reset_metrics = noting, lambda: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield penalties
    finally:
        del model.compute_loss, model.reset_metrics


def _limits(expected: Expected) -> tuple[list[str], list[Array], list[float]]:
    """Return the names of logs and variables, their values, and how far apart rounding may bring each."""
    logs, variables = expected.after
    # What is left of the loss when the penalty is taken away carries the rounding of both.
    scales = logs | {
        f"{p}data_loss": _largest(logs[f"{p}loss"], logs[f"{p}penalty"])
        for p in ("", "val_")
        if f"{p}loss" in logs
    }
    limits = [_OF_LOG * _largest(scales[name]) for name in logs]
    kinds = [name.partition(" ")[0] for name in expected.names]
    moves = [_distance(*pair) for pair in zip(expected.before, variables, strict=True)]
    for kind, move, value in zip(kinds, moves, variables, strict=True):
        farthest = max(m for k, m in zip(kinds, moves, strict=True) if k == kind)
        limits.append(_OF_VARIABLE * _largest(value) + _OF_MOVE * move + _OF_FARTHEST * farthest)
    return [*logs, *expected.names], [*map(np.asarray, logs.values()), *variables], limits


def _largest(*values: Array) -> float:
    finite = [np.abs(np.nan_to_num(value, nan=0.0, posinf=0.0, neginf=0.0)) for value in values]
    return float(max(value.max(initial=0.0) for value in finite))


def _distance(one: Array, other: Array) -> float:
    """Return how far apart two arrays are at most; equal infinite numbers and NaN in both are the same."""
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return np.inf
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    apart = np.abs(np.where(same, 0.0, one.astype(np.float64) - other))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))


def _in_words(name: str, theirs: Array, ours: Array) -> str:
    if np.shape(theirs) != np.shape(ours):
        return f"{name} has the shape {np.shape(ours)} instead of {np.shape(theirs)}"
    theirs, ours = np.ravel(theirs), np.ravel(ours)
    apart = np.abs(theirs.astype(np.float64) - ours)
    worst = int(np.argmax(np.nan_to_num(apart, nan=np.inf)))
    return f"{name} becomes {ours[worst]:.6g} instead of {theirs[worst]:.6g} (off by {apart[worst]:.2g})"
