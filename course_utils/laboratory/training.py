"""A setting of the laboratory, trained with Keras by the engine."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from sklearn.datasets import make_blobs, make_circles, make_moons

from course_utils.compare import Difference, paired_difference, verdict
from course_utils.compare.differences import mean_interval
from course_utils.data import BLOB_CENTERS, CIRCLE_RADII
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import fit_replicates

Array = np.ndarray
Points = tuple[Array, Array]

_FRESH, _FRESH_SEED = 10_000, 1_000_000  # far from the small seeds of training points
_CLAIM = "The setting lowers the loss on fresh points"


def build_model(setting: dict[str, Any]) -> keras.Model:
    """Return the compiled model of a complete setting: what the page trains, in Keras.

    Examples
    --------
    >>> from course_utils.laboratory import complete_setting
    >>> build_model(complete_setting({"depth": 2, "width": 8})).count_params()
    105
    """
    limit = setting["maxNorm"]
    return mlp(
        (setting["width"],) * setting["depth"],
        activation=setting["activation"],
        dropout=setting["dropout"],
        kernel_constraint=keras.constraints.MaxNorm(limit) if limit else None,
        optimizer=_optimizer(setting),
        **_penalty(setting),
    )


def _optimizer(setting: dict[str, Any]) -> keras.optimizers.Optimizer:
    rate, decay = setting["learningRate"], setting["weightDecay"]
    optimizers = keras.optimizers
    return {
        "adam": lambda: optimizers.Adam(rate),
        "adamw": lambda: optimizers.AdamW(rate, weight_decay=decay),
        "rmsprop": lambda: optimizers.RMSprop(rate),
        "sgd": lambda: optimizers.SGD(rate),
        "momentum": lambda: optimizers.SGD(rate, momentum=0.9),
        "nesterov": lambda: optimizers.SGD(rate, momentum=0.9, nesterov=True),
    }[setting["optimizer"]]()


def _penalty(setting: dict[str, Any]) -> dict[str, Any]:
    strength = setting["strength"]
    l1 = keras.regularizers.L1(strength)
    return {
        "none": {},
        "l1": {"kernel_regularizer": l1},
        "l2": {"kernel_regularizer": keras.regularizers.L2(strength)},
        "l3": {"kernel_regularizer": L3(strength)},
        "activity_after": {"activity_regularizer": l1},
        "activity_before": {"activity_regularizer": l1, "activity_on": "preactivation"},
        "kl": {"activity_regularizer": KLSparsity(setting["rho"], strength)},
    }[setting["penalty"]]


def draw_points(setting: dict[str, Any], n_samples: int, seed: int) -> Points:
    """Return points of a setting's problem, float32, shape (n_samples, 2), and their classes.

    Examples
    --------
    >>> from course_utils.laboratory import complete_setting
    >>> x, y = draw_points(complete_setting({"data": "moons"}), 20, seed=0)
    >>> x.shape, y.shape
    ((20, 2), (20,))
    """
    noise = setting["noise"]
    if setting["data"] == "blobs":
        x, y = make_blobs(n_samples, centers=np.array(BLOB_CENTERS), cluster_std=noise, random_state=seed)
    elif setting["data"] == "circles":
        factor = CIRCLE_RADII[1] / CIRCLE_RADII[0]
        x, y = make_circles(n_samples, noise=noise, factor=factor, random_state=seed)
    else:
        x, y = make_moons(n_samples, noise=noise, random_state=seed)
    return x.astype(np.float32), y.astype(np.int32)


def own_points(text: str) -> tuple[Points, Points]:
    r"""Return a reader's points to train on, and every third, which is kept back.

    Raises
    ------
    ValueError
        If a line does not hold two numbers and a class.

    Examples
    --------
    >>> (x, y), (x_kept, y_kept) = own_points("0, 1, 0\n1 2 1\n3;4;0")
    >>> y.tolist(), x_kept.tolist()
    ([0, 1], [[3.0, 4.0]])
    """
    lines = [line.replace(",", " ").replace(";", " ").split() for line in text.splitlines() if line.strip()]
    for number, entries in enumerate(lines, start=1):
        if len(entries) != 3:
            raise ValueError(f"points must have three numbers in a line, got {entries} as number {number}")
    table = np.array(lines, dtype=np.float32).reshape(-1, 3)
    kept = np.arange(len(table)) % 3 == 2
    train, fresh = ((part[:, :2], part[:, 2].astype(np.int32)) for part in (table[~kept], table[kept]))
    return train, fresh


def fresh_losses(setting: dict[str, Any], seeds: Sequence[int]) -> Array:
    """Train a complete setting with `fit_replicates`, a draw of points per seed, or the reader's own for all.

    Returns
    -------
    ndarray, shape (n_seeds,)
        Data loss on fresh points, in nats.
    """
    if setting["data"] == "own":
        train, fresh = own_points(setting["points"])
        validation = fresh
    else:
        rows = setting["rows"]
        train = _stacked([draw_points(setting, rows, seed) for seed in seeds])
        # Seeds of draws are shared by sizes: other points need other seeds.
        validation = _stacked([draw_points(setting, round(rows / 3), 100_000 + seed) for seed in seeds])
        fresh = draw_points(setting, _FRESH, _FRESH_SEED)
    stop = keras.callbacks.EarlyStopping(
        "val_data_loss", patience=setting["patience"], restore_best_weights=True
    )
    runs = fit_replicates(
        lambda: build_model(setting),
        *train,
        validation_data=validation if setting["patience"] else None,
        callbacks=[stop] if setting["patience"] else None,
        batch_size=setting["batch"],
        epochs=setting["epochs"],
        seeds=seeds,
        verbose=0,
    )
    probability = np.clip(runs.predict(fresh[0])[..., 0].astype(np.float64), 1e-7, 1 - 1e-7)
    return -np.log(np.where(fresh[1] == 1, probability, 1 - probability)).mean(axis=1)


def _stacked(parts: list[Points]) -> Points:
    x, y = zip(*parts, strict=True)
    return np.stack(x), np.stack(y)


def measure(setting: dict[str, Any], rival: dict[str, Any] | None, seeds: int) -> dict[str, Any]:
    """Return what the page lays beside its own result: Keras' mean, interval, difference and verdict.

    Parameters
    ----------
    setting, rival : dict
        Complete settings; None for no rival.
    seeds : int
        How many, at least 2.

    Returns
    -------
    dict
        ``fresh``, one loss per seed; ``mean``, ``low``, ``high``; ``seeds``; and with a rival ``difference``
        (a dict of mean, low, high, n) and ``verdict``.
    """
    losses = fresh_losses(setting, range(seeds))
    mean, low, high = mean_interval(losses)
    found = {"fresh": losses.tolist(), "mean": mean, "low": low, "high": high, "seeds": seeds}
    if rival is None:
        return found
    difference: Difference = paired_difference(losses, fresh_losses(rival, range(seeds)), unit="nats")
    interval = {name: getattr(difference, name) for name in ("mean", "low", "high", "n")}
    return found | {"difference": interval, "verdict": verdict(_CLAIM, difference).outcome}
