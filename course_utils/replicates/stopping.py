"""Keras' `EarlyStopping` for all copies at once: every copy has its own rule, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from course_utils._arguments import check_integer, check_number
from course_utils.replicates.keras_internals import directions
from course_utils.replicates.stacks import State

Array = np.ndarray

# More epochs than any training has.
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class StopRule:
    """An `EarlyStopping`, resolved against the logs of one model: smaller is better after `sign`.

    An improvement restarts the patience where it is also below `bar`, Keras' `baseline`, if that is a number.
    Without arguments: never stop.
    """

    log: int = 0
    sign: float = 1.0
    min_delta: float = 0.0
    patience: int = _NEVER
    bar: float = np.nan
    start_from_epoch: int = 0
    restore_best_weights: bool = False


class StopRules(NamedTuple):
    """The fields of `StopRule`, each with one entry per copy."""

    log: Any
    sign: Any
    min_delta: Any
    patience: Any
    bar: Any
    start_from_epoch: Any
    restore_best_weights: Any

    def take_replicates(self, places: Array) -> StopRules:
        """Keep the rules of some copies."""
        return StopRules(*(values[places] for values in self))


class Stopping(NamedTuple):
    """Early stopping per copy: who still trains, and the best weights so far."""

    active: Any
    best: Any
    wait: Any
    best_epoch: Any
    epochs_run: Any
    best_trainable: list
    best_non_trainable: list


def as_list(callbacks: Any) -> list:
    """Return the callbacks for one builder as a list; as in `keras.Model.fit`, one may come without."""
    if callbacks is None or isinstance(callbacks, keras.callbacks.Callback):
        return [] if callbacks is None else [callbacks]
    if not isinstance(callbacks, (list, tuple)):
        raise TypeError(
            "callbacks must be a keras.callbacks.EarlyStopping or a list that holds one, "
            f"got {type(callbacks).__name__}"
        )
    return list(callbacks)


def check_callbacks(callbacks: Any) -> None:
    """Refuse what is not at most one `EarlyStopping` with Keras' own rule."""
    given = as_list(callbacks)
    for callback in given:
        if not isinstance(callback, keras.callbacks.EarlyStopping):
            raise TypeError(
                "callbacks may hold one keras.callbacks.EarlyStopping (learning-rate schedules belong in the "
                f"optimizer), got {type(callback).__name__}"
            )
        if own := _own_methods(callback):
            raise TypeError(
                "callbacks may hold an EarlyStopping with Keras' own rule, "
                f"got {type(callback).__name__} with {', '.join(own)} of its own"
            )
    if len(given) > 1:
        raise ValueError(f"callbacks may hold one EarlyStopping, got {len(given)}")
    for rule in given:
        for name in ("patience", "start_from_epoch"):
            check_integer(getattr(rule, name), f"callbacks: {name} of EarlyStopping", minimum=-_NEVER)
        for name in ("min_delta", "baseline"):
            if (value := getattr(rule, name)) is not None:
                check_number(value, f"callbacks: {name} of EarlyStopping", minimum=-np.inf)


def _own_methods(callback: keras.callbacks.EarlyStopping) -> list[str]:
    """Return what a class, or the object itself, does in another way than Keras."""
    kind, keras_kind = type(callback), keras.callbacks.EarlyStopping
    methods = [name for name in dir(keras_kind) if callable(getattr(keras_kind, name)) and name[:2] != "__"]
    return [
        name
        for name in methods
        if getattr(kind, name) is not getattr(keras_kind, name) or name in vars(callback)
    ]


def as_stop_rule(callbacks: Any, model: keras.Model, log_names: list[str]) -> StopRule | None:
    """Resolve at most one `EarlyStopping` against the logs that there will be."""
    check_callbacks(callbacks)
    given = as_list(callbacks)
    if not given:
        return None
    rule = given[0]
    if rule.monitor not in log_names:
        raise ValueError(f"callbacks: EarlyStopping monitors {rule.monitor!r}, expected one of {log_names}")
    sign = _direction(rule, model)
    return StopRule(
        log=log_names.index(rule.monitor),
        sign=sign,
        min_delta=float(abs(rule.min_delta)),
        patience=int(min(rule.patience, _NEVER)),
        bar=np.nan if rule.baseline is None else sign * rule.baseline,
        start_from_epoch=int(min(rule.start_from_epoch, _NEVER)),
        restore_best_weights=bool(rule.restore_best_weights),
    )


def _direction(rule: keras.callbacks.EarlyStopping, model: keras.Model) -> float:
    if rule.mode != "auto":
        return {"min": 1.0, "max": -1.0}[rule.mode]
    name = rule.monitor.removeprefix("val_")
    if name in ("loss", "data_loss", "penalty"):
        return 1.0
    direction = directions(model).get(name)
    if direction not in ("up", "down"):
        raise ValueError(
            f"callbacks: EarlyStopping needs mode='min' or mode='max' to monitor {rule.monitor!r}"
        )
    return -1.0 if direction == "up" else 1.0


def stack_rules(rules: Sequence[StopRule | None], n_seeds: int) -> StopRules | None:
    """Give every copy the rule of its variant; None when no variant stops early."""
    if not any(rules):
        return None
    found = [rule or StopRule() for rule in rules]

    def stacked(name: str) -> Array:
        kind = {float: np.float64, int: np.int32, bool: bool}[type(getattr(StopRule, name))]
        return np.repeat(np.array([getattr(rule, name) for rule in found], kind), n_seeds)

    return StopRules(*map(stacked, StopRules._fields))


def first_stopping(state: State, keeps_best: bool) -> Stopping:
    """Nobody has stopped, nothing is best yet."""
    replicates = state.trainable[0].shape[0]
    return Stopping(
        active=tf.ones(replicates, bool),
        best=tf.fill([replicates], np.float32(np.inf)),
        wait=tf.zeros(replicates, tf.int32),
        best_epoch=tf.fill([replicates], -1),
        epochs_run=tf.zeros(replicates, tf.int32),
        best_trainable=state.trainable if keeps_best else [],
        best_non_trainable=state.non_trainable if keeps_best else [],
    )


def end_epoch(
    rules: StopRules | None, epoch: Any, before: State, after: State, stopping: Stopping, log: Any
) -> tuple:
    """Do what Keras' `EarlyStopping` does at the end of an epoch, for every copy by itself."""
    active = stopping.active
    stopping = stopping._replace(epochs_run=stopping.epochs_run + tf.cast(active, tf.int32))
    if rules is None:
        return after, stopping, log
    value = tf.cast(rules.sign, tf.float32) * tf.gather(tf.transpose(log), rules.log, batch_dims=1)
    # Keras adds Python's numbers and compares them as float32.
    needed = tf.cast(tf.cast(value, tf.float64) + rules.min_delta, tf.float32)
    bar = tf.cast(rules.bar, tf.float32)
    counted = active & (epoch >= rules.start_from_epoch)
    # The first epoch that counts is the best so far whatever its value, NaN included.
    better = counted & ((stopping.best_epoch < 0) | (needed < stopping.best))
    restart = better & (tf.math.is_nan(bar) | (needed < bar))
    wait = tf.where(restart, 0, stopping.wait + tf.cast(counted, tf.int32))
    stops = counted & ~better & (wait >= rules.patience) & (epoch > 0)
    stopped = stopping._replace(
        active=active & ~stops,
        best=tf.where(better, value, stopping.best),
        wait=wait,
        best_epoch=tf.where(better, epoch, stopping.best_epoch),
    )
    # A stopped copy keeps its weights; what its optimizer goes on to do does not matter.
    after = after._replace(
        trainable=choose(active, after.trainable, before.trainable),
        non_trainable=choose(active, after.non_trainable, before.non_trainable),
    )
    if stopping.best_trainable:
        stopped = stopped._replace(
            best_trainable=choose(better, after.trainable, stopping.best_trainable),
            best_non_trainable=choose(better, after.non_trainable, stopping.best_non_trainable),
        )
    return after, stopped, tf.where(active, log, np.float32(np.nan))


def kept_weights(state: State, stopping: Stopping, rules: StopRules | None) -> tuple[State, Array]:
    """Return the state that each copy ends with, and the epoch whose weights that holds.

    As in Keras, the best weights are restored also when the last epoch was reached, and none are where no
    epoch counted.
    """
    last_epoch, best_epoch = stopping.epochs_run.numpy() - 1, stopping.best_epoch.numpy()
    if not stopping.best_trainable:
        return state, last_epoch
    restored = rules.restore_best_weights & (best_epoch >= 0)
    state = state._replace(
        trainable=choose(restored, stopping.best_trainable, state.trainable),
        non_trainable=choose(restored, stopping.best_non_trainable, state.non_trainable),
    )
    return state, np.where(restored, best_epoch, last_epoch)


def choose(replicates: Any, new: list, old: list) -> list:
    """Return tensors of `new` values for the replicates that are true, of `old` ones for the others."""

    def chosen(one: Any, other: Any) -> Any:
        return tf.where(tf.reshape(replicates, [-1] + [1] * (len(one.shape) - 1)), one, other)

    return [chosen(*pair) for pair in zip(new, old, strict=True)]
