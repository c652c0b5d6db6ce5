"""Checks of what callers pass in: each error names the argument, what came and what was expected."""

from __future__ import annotations

import json
import numbers
import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from course_utils._arguments import check_integer
from course_utils._training import StopRule

Array = np.ndarray

# They hand the work to other optimizers, or start from the weights of one model.
_OTHER_OPTIMIZERS = ("LossScaleOptimizer", "MultiOptimizer", "ScheduleFreeAdamW")


def seeds(value: Any) -> tuple[int, ...]:
    """Return the seeds: `0 ... n - 1` for a number `n`, or the given ones."""
    if not isinstance(value, (Sequence, np.ndarray, range)) or isinstance(value, str):
        return tuple(range(check_integer(value, "seeds", minimum=1)))
    found = list(value)
    if not found:
        raise ValueError("seeds must hold at least one seed, got an empty sequence")
    for seed in found:
        if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or not 0 <= seed < 2**32:
            raise ValueError(f"seeds must be integers from 0 to 2**32 - 1, got {seed!r}")
    return tuple(int(seed) for seed in found)


def distinct(values: tuple[int, ...], own_data: bool) -> None:
    """Refuse equal seeds on equal data: they would count one run twice."""
    if not own_data and len(set(values)) < len(values):
        raise ValueError(
            f"seeds must differ when all replicates share their data, got {len(values)} seeds "
            f"of which {len(set(values))} are different"
        )


def builder(build: Any, name: str) -> None:
    """Refuse a model in place of a function that returns one (a model is callable, too)."""
    if isinstance(build, keras.Model) or not callable(build):
        raise TypeError(
            f"{name} must be a function that takes nothing and returns a new compiled model at each call, "
            f"got {type(build).__name__}"
        )


def compiled_model(model: Any) -> None:
    """Refuse what the engine cannot train as `model.fit` would."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"build must return a compiled keras.Model, got {type(model).__name__}")
    if not model.compiled or model.optimizer is None or model.loss is None:
        raise TypeError(
            "build must return a compiled model: call model.compile(optimizer=..., loss=...) in it"
        )
    if isinstance(model.loss, str):
        keras.losses.get(model.loss)  # an unknown name raises here, not while the training is traced
    for method in ("train_step", "test_step", "compute_loss", "compute_metrics"):
        if getattr(type(model), method) is not getattr(keras.Model, method):
            raise TypeError(f"build must return a model with Keras' own {method}, got one that overrides it")
    if not model.built:
        raise ValueError("build must return a built model: give it a keras.Input, so that its weights exist")
    if not model.trainable_variables:
        raise ValueError("build must return a model with weights to train, got none")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(
            "build must return a model with one input and one output, "
            f"got {len(model.inputs)} inputs and {len(model.outputs)} outputs"
        )
    if model.optimizer.use_ema or model.optimizer.gradient_accumulation_steps:
        raise ValueError("build must return an optimizer without use_ema and gradient_accumulation_steps")
    if model.dtype_policy.compute_dtype != "float32":
        raise ValueError(f"build must return a float32 model, got {model.dtype_policy.name}")
    if type(model.optimizer).__name__ in _OTHER_OPTIMIZERS:
        raise ValueError(
            "build must return an optimizer that updates the weights itself and does not start from them, "
            f"got {type(model.optimizer).__name__}"
        )


def _plain(config: Any, strengths: bool = True) -> Any:
    """Drop what may differ between two calls of one builder: names, seeds and, if asked, strengths."""
    if isinstance(config, Mapping):
        return {
            k: v["class_name"]
            if not strengths and k.endswith("_regularizer") and isinstance(v, Mapping)
            else _plain(v, strengths)
            for k, v in config.items()
            if k not in ("name", "seed", "shared_object_id")
        }
    if isinstance(config, (list, tuple)):
        return [_plain(v, strengths) for v in config]
    return config


def _describe(thing: Any, strengths: bool = True) -> str:
    try:
        config = thing.get_config()
    except (AttributeError, NotImplementedError):
        config = {}
    text = json.dumps(_plain(config, strengths), sort_keys=True, default=lambda o: type(o).__name__)
    return f"{type(thing).__name__} {text}" if not isinstance(thing, str) else thing


def architecture(model: keras.Model, strengths: bool = True) -> list[str]:
    """Describe what two models must share to be trained side by side, one line per part.

    Without `strengths`, regularizers are described by their class alone.
    """
    layers = [
        layer for layer in model._flatten_layers(include_self=False) if not isinstance(layer, keras.Model)
    ]
    parts = [f"layer {_describe(layer, strengths)}" for layer in layers]
    parts += [f"weight of shape {tuple(w.shape)}, trainable={w.trainable}" for w in model.weights]
    return [*parts, f"optimizer {_describe(model.optimizer)}", f"loss {_describe(model.loss)}"]


def same_architecture(first: list[str], other: list[str], seed: int) -> None:
    """Refuse a builder that returns different models."""
    if first != other:
        here, there = next(
            ((a, b) for a, b in zip(first, other, strict=False) if a != b), (len(first), len(other))
        )
        raise ValueError(
            "build must return the same architecture, optimizer and loss at each call; "
            f"at the first call: {here}; at the call for seed {seed}: {there}"
        )


def _finite(value: Any, name: str) -> Array:
    array = np.asarray(value)
    if array.dtype == bool:
        array = array.astype(np.int32)
    if not np.issubdtype(array.dtype, np.number) or np.issubdtype(array.dtype, np.complexfloating):
        raise TypeError(f"{name} must hold real numbers, got an array of {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be finite, got {int((~np.isfinite(array)).sum())} NaN or infinite values"
        )
    return array.astype(np.float32) if np.issubdtype(array.dtype, np.floating) else array


def _fits(shape: tuple, expected: tuple) -> bool:
    return len(shape) == len(expected) and all(
        e is None or s == e for s, e in zip(shape, expected, strict=True)
    )


def _replicate_axis(length: int, replicates: int, name: str) -> None:
    if length != replicates:
        raise ValueError(
            f"{name} has a replicate axis of length {length}, expected one entry per seed: {replicates}"
        )


def inputs(x: Any, input_shape: tuple, replicates: int, name: str) -> tuple[Array, bool]:
    """Return finite float inputs and whether they carry a leading replicate axis."""
    x = _finite(x, name).astype(np.float32)
    row = tuple(input_shape[1:])
    shared, replicated = _fits(x.shape[1:], row), _fits(x.shape[2:], row)
    if x.ndim < 1 or not ((shared and x.ndim == len(row) + 1) or (replicated and x.ndim == len(row) + 2)):
        raise ValueError(
            f"{name} must have the shape (n_samples, {_text(row)}) or (n_seeds, n_samples, {_text(row)}) "
            f"that the model's input asks for, got {x.shape}"
        )
    own = x.ndim == len(row) + 2
    if own:
        _replicate_axis(len(x), replicates, name)
    if x.shape[int(own)] == 0:
        raise ValueError(f"{name} must hold at least one sample, got shape {x.shape}")
    return x, own


def _text(shape: tuple) -> str:
    return ", ".join("any" if size is None else str(size) for size in shape)


def labels(y: Any, model: keras.Model, n_samples: int, replicates: int, name: str) -> tuple[Array, bool]:
    """Return labels that fit the model's output and loss, and whether they carry a replicate axis."""
    y = _finite(y, name)
    if y.ndim and y.shape[0] == n_samples:
        own = y.ndim > 1 and y.shape[:2] == (replicates, n_samples) and _row_fits(y.shape[2:], model)
        own = own and not _row_fits(y.shape[1:], model)
    elif y.ndim > 1 and y.shape[1] == n_samples:
        _replicate_axis(len(y), replicates, name)
        own = True
    else:
        raise ValueError(f"{name} must have one label per sample ({n_samples}), got shape {y.shape}")
    if not _row_fits(y.shape[1 + own :], model):
        raise ValueError(
            f"{name} must have labels of the shape that the loss {loss_name(model.loss)!r} and the output "
            f"{_text(model.output_shape)} ask for, got {y.shape}"
        )
    _label_values(y, model, name)
    return y, own


def _row_fits(row: tuple, model: keras.Model) -> bool:
    output = tuple(model.output_shape[1:])
    if "sparse" in loss_name(model.loss):
        return row in (output[:-1], (*output[:-1], 1))
    return _fits(row, output) or (output[-1:] == (1,) and _fits(row, output[:-1]))


def _label_values(y: Array, model: keras.Model, name: str) -> None:
    loss, classes = loss_name(model.loss), model.output_shape[-1]
    if "sparse" in loss:
        if (y != np.round(y)).any() or y.min() < 0 or y.max() >= classes:
            raise ValueError(f"{name} must hold class numbers 0 ... {classes - 1}, got {_some(y)}")
    elif "binary" in loss and not np.isin(y, (0, 1)).all():
        raise ValueError(f"{name} must hold labels in {{0, 1}} for the loss {loss!r}, got {_some(y)}")
    elif "categorical" in loss and (y.min() < 0 or y.max() > 1):
        raise ValueError(
            f"{name} must hold probabilities or one-hot rows for the loss {loss!r}, got {_some(y)}"
        )


def _some(y: Array) -> str:
    values = np.unique(y)
    return f"values such as {', '.join(f'{v:g}' for v in [*values[:2], values[-1]])}"


def loss_name(loss: Any) -> str:
    """Return the name of a compiled loss in snake case; of its data loss when a penalty is inside."""
    loss = getattr(loss, "loss", loss)
    name = (
        loss
        if isinstance(loss, str)
        else getattr(loss, "name", getattr(loss, "__name__", type(loss).__name__))
    )
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def sample_weights(value: Any, n_samples: int, replicates: int) -> tuple[Array, bool]:
    """Return finite weights, one per sample, and whether they carry a replicate axis."""
    weight = _finite(value, "sample_weight").astype(np.float32)
    if weight.shape not in ((n_samples,), (replicates, n_samples)):
        raise ValueError(
            f"sample_weight must have shape ({n_samples},) or ({replicates}, {n_samples}), got {weight.shape}"
        )
    return weight, weight.ndim == 2


def weights_by_class(y: Array, class_weight: Mapping[int, float], row: tuple) -> Array:
    """Turn `class_weight` into one weight per sample, as `keras.Model.fit` does."""
    if not isinstance(class_weight, Mapping):
        raise TypeError(f"class_weight must map class numbers to weights, got {type(class_weight).__name__}")
    classes = np.argmax(y, axis=-1) if row and row[-1] > 1 else np.reshape(y, y.shape[: y.ndim - len(row)])
    return np.vectorize(lambda c: float(class_weight.get(int(c), 1.0)))(np.round(classes)).astype(np.float32)


def stop_rule(callbacks: Any, model: keras.Model, log_names: list[str]) -> StopRule | None:
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
    return StopRule(
        log=log_names.index(rule.monitor),
        sign=_direction(rule, model),
        min_delta=abs(rule.min_delta),
        patience=rule.patience,
        baseline=rule.baseline,
        start_from_epoch=rule.start_from_epoch,
        restore_best_weights=rule.restore_best_weights,
    )


def _direction(rule: keras.callbacks.EarlyStopping, model: keras.Model) -> float:
    if rule.mode != "auto":
        return {"min": 1.0, "max": -1.0}[rule.mode]
    name = rule.monitor.removeprefix("val_")
    if name in ("loss", "data_loss", "penalty"):
        return 1.0
    directions = {m.name: getattr(m, "_direction", None) for m in model._compile_metrics.metrics}
    if directions.get(name) not in ("up", "down"):
        raise ValueError(
            f"callbacks: EarlyStopping needs mode='min' or mode='max' to monitor {rule.monitor!r}"
        )
    return -1.0 if directions[name] == "up" else 1.0
