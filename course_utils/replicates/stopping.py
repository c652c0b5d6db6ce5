"""Keras' `EarlyStopping` for all copies at once: every copy has its own rule, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from course_utils.replicates.keras_internals import directions
from course_utils.replicates.stacks import State

Array = np.ndarray

# More epochs than any training has.
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class StopRule:
    """An `EarlyStopping`, resolved against the logs of one model: smaller is better after `sign`.

    An improvement restarts the patience where it is also below `bar`, Keras' `baseline`. Without arguments:
    never stop.
    """

    log: int = 0
    sign: float = 1.0
    min_delta: float = 0.0
    patience: int = _NEVER
    bar: float = np.inf
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


def as_stop_rule(callbacks: Any, model: keras.Model, log_names: list[str]) -> StopRule | None:
    """Resolve at most one `EarlyStopping` against the logs that there will be."""
    given = list(callbacks or [])
    for callback in given:
        if not isinstance(callback, keras.callbacks.EarlyStopping):
            raise TypeError(
                "callbacks may hold one keras.callbacks.EarlyStopping (learning-rate schedules belong in the "
                f"optimizer), got {type(callback).__name__}"
            )
    if len(given) > 1:
        raise ValueError(f"callbacks may hold one EarlyStopping, got {len(given)}")
    if not given:
        return None
    rule = given[0]
    if rule.monitor not in log_names:
        raise ValueError(f"callbacks: EarlyStopping monitors {rule.monitor!r}, expected one of {log_names}")
    sign = _direction(rule, model)
    return StopRule(
        log=log_names.index(rule.monitor),
        sign=sign,
        min_delta=abs(rule.min_delta),
        patience=rule.patience,
        bar=np.inf if rule.baseline is None else sign * rule.baseline,
        start_from_epoch=rule.start_from_epoch,
        restore_best_weights=rule.restore_best_weights,
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
        kind = {float: np.float32, int: np.int32, bool: bool}[type(getattr(StopRule, name))]
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
    value = rules.sign * tf.gather(tf.transpose(log), rules.log, batch_dims=1)
    counted = active & (epoch >= rules.start_from_epoch)
    better = counted & (value + rules.min_delta < stopping.best)
    restart = better & (value + rules.min_delta < rules.bar)
    wait = tf.where(restart, 0, stopping.wait + tf.cast(counted, tf.int32))
    stops = counted & ~better & (wait >= rules.patience) & (epoch > 0)
    # The first epoch that counts is kept whatever its value.
    kept = better | (counted & (stopping.best_epoch < 0))
    stopped = stopping._replace(
        active=active & ~stops,
        best=tf.where(better, value, stopping.best),
        wait=wait,
        best_epoch=tf.where(kept, epoch, stopping.best_epoch),
    )
    # A stopped copy keeps its weights; what its optimizer goes on to do does not matter.
    after = after._replace(
        trainable=choose(active, after.trainable, before.trainable),
        non_trainable=choose(active, after.non_trainable, before.non_trainable),
    )
    if stopping.best_trainable:
        stopped = stopped._replace(
            best_trainable=choose(kept, after.trainable, stopping.best_trainable),
            best_non_trainable=choose(kept, after.non_trainable, stopping.best_non_trainable),
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
