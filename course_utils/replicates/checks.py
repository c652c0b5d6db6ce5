"""What callers pass in, checked and converted; errors name the argument, what came and what was expected.

`check_...` only refuses; `as_...` returns what the engine works with.
"""

from __future__ import annotations

import inspect
import numbers
import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from course_utils._arguments import check_integer, check_number
from course_utils.replicates.keras_internals import all_layers
from course_utils.replicates.stacks import Data

Array = np.ndarray

# They hand the work to other optimizers, or start from the weights of one model.
_OTHER_OPTIMIZERS = ("LossScaleOptimizer", "MultiOptimizer", "ScheduleFreeAdamW")


def as_seeds(value: Any) -> tuple[int, ...]:
    """Return the seeds: `0 ... n - 1` for a number `n`, or the given ones."""
    if (
        not isinstance(value, (Sequence, np.ndarray))
        or isinstance(value, (str, bytes))
        or np.ndim(value) != 1
    ):
        return tuple(range(check_integer(value, "seeds", minimum=1)))
    found = list(value)
    if not found:
        raise ValueError("seeds must hold at least one seed, got an empty sequence")
    for seed in found:
        if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or not 0 <= seed < 2**32:
            raise ValueError(f"seeds must be integers from 0 to 2**32 - 1, got {seed!r}")
    return tuple(int(seed) for seed in found)


def check_distinct(values: tuple[int, ...], own_data: bool) -> None:
    """Refuse equal seeds on equal data: they would count one run twice."""
    if not own_data and len(set(values)) < len(values):
        raise ValueError(
            f"seeds must differ when all replicates share their data, got {len(values)} seeds "
            f"of which {len(set(values))} are different"
        )


def check_builder(build: Any, name: str) -> None:
    """Refuse a model in place of a function that returns one (a model is callable, too)."""
    if isinstance(build, keras.Model) or not callable(build):
        raise TypeError(
            f"{name} must be a function that takes nothing and returns a new compiled model at each call, "
            f"got {type(build).__name__}"
        )

    try:
        inspect.signature(build).bind()
    except TypeError as error:
        raise TypeError(f"{name} must be a function that takes nothing: {error}") from None
    except ValueError:
        pass  # written in C: it does not say what it takes


def check_builders(builds: Any) -> None:
    """Refuse what is not a sequence of builders."""
    if not isinstance(builds, Sequence) or isinstance(builds, str) or not builds:
        raise TypeError(f"builds must be a sequence of at least one function, got {builds!r}")
    for place, build in enumerate(builds):
        check_builder(build, f"builds[{place}]")


def check_settings(asked: Any) -> None:
    """Refuse settings of a training that are wrong whatever the model; `asked` has them as attributes."""
    for name in ("shuffle", "check"):
        if not isinstance(value := getattr(asked, name), (bool, np.bool_)):
            raise TypeError(f"{name} must be True or False, got {value!r}")
    if not isinstance(asked.jit_compile, (bool, np.bool_)) and not _is_auto(asked.jit_compile):
        raise ValueError(f"jit_compile must be True, False or 'auto', got {asked.jit_compile!r}")
    if not _is_auto(asked.verbose) and not (
        isinstance(asked.verbose, numbers.Integral) and 0 <= asked.verbose <= 2
    ):
        raise ValueError(f"verbose must be 0, 1, 2 or 'auto', got {asked.verbose!r}")
    check_integer(asked.epochs, "epochs", minimum=1)
    for name in ("batch_size", "validation_batch_size", "chunk_size"):
        if (value := getattr(asked, name)) is not None:
            check_integer(value, name, minimum=1)
    check_number(asked.validation_split, "validation_split", below=1.0)
    if asked.class_weight is not None:
        check_class_weight(asked.class_weight)


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"


def check_class_weight(class_weight: Any) -> None:
    """Refuse what does not give class numbers their weights."""
    if not isinstance(class_weight, Mapping):
        raise TypeError(f"class_weight must map class numbers to weights, got {type(class_weight).__name__}")
    for number, weight in class_weight.items():
        check_integer(number, "class_weight: a class number")
        check_number(weight, f"class_weight[{number}]")


def check_compiled_model(model: Any) -> None:
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
        raise ValueError(
            "build must return a built model: give it a keras.Input, or call it once on some rows, so that "
            "its weights exist"
        )
    if not model.trainable_variables:
        raise ValueError(
            "build must return a model with weights to train, got none; those of a class of your own exist "
            "once it was called on some rows"
        )
    counts = [len(keras.tree.flatten(side)) for side in _input_and_output(model)]
    if counts != [1, 1]:
        raise ValueError(
            "build must return a model with one input and one output, "
            f"got {counts[0]} inputs and {counts[1]} outputs"
        )
    for layer in all_layers(model):
        if getattr(layer, "stateful", False):
            raise ValueError(
                "build must return a model without stateful layers, which hand on from batch to batch what "
                f"belongs to rows; got {type(layer).__name__}(stateful=True)"
            )
    if model.optimizer.built and int(model.optimizer.iterations) > 0:
        raise ValueError(
            "build must return a model with a new optimizer, got one that has taken "
            f"{int(model.optimizer.iterations)} steps; compile the model once more"
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


def _input_and_output(model: keras.Model) -> tuple[Any, Any]:
    """Return what goes in and comes out, with shapes, also for a class whose `call` says what it does."""
    if getattr(model, "inputs", None) is not None:
        return model.inputs, model.outputs
    given = model.get_build_config()["input_shape"]
    if not keras.tree.is_nested(given) or all(isinstance(size, (int, type(None))) for size in given):
        given = keras.KerasTensor((None, *given[1:]))
        return given, model.compute_output_spec(given)
    return given, ()


def input_shape(model: keras.Model) -> tuple:
    """Return the shape of the input, None for the rows."""
    return tuple(keras.tree.flatten(_input_and_output(model)[0])[0].shape)


def output_shape(model: keras.Model) -> tuple:
    """Return the shape of the output, None for the rows."""
    return tuple(keras.tree.flatten(_input_and_output(model)[1])[0].shape)


def _as_finite(value: Any, name: str) -> Array:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from None
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


def _check_replicate_axis(length: int, replicates: int, name: str) -> None:
    if length != replicates:
        raise ValueError(
            f"{name} has a replicate axis of length {length}, expected one entry per seed: {replicates}"
        )


def as_inputs(x: Any, model: keras.Model, replicates: int, name: str) -> tuple[Array, bool]:
    """Return finite inputs of the type that the model takes, and whether they carry a replicate axis."""
    x = _as_finite(x, name)
    if getattr(model, "inputs", None) is not None:
        x = x.astype(model.inputs[0].dtype)
    row = input_shape(model)[1:]
    shared, replicated = _fits(x.shape[1:], row), _fits(x.shape[2:], row)
    if x.ndim < 1 or not ((shared and x.ndim == len(row) + 1) or (replicated and x.ndim == len(row) + 2)):
        raise ValueError(
            f"{name} must have the shape (n_samples, {_text(row)}) or (n_seeds, n_samples, {_text(row)}) "
            f"that the model's input asks for, got {x.shape}"
        )
    own = x.ndim == len(row) + 2
    if own:
        _check_replicate_axis(len(x), replicates, name)
    if x.shape[int(own)] == 0:
        raise ValueError(f"{name} must hold at least one sample, got shape {x.shape}")
    return x, own


def _text(shape: tuple) -> str:
    return ", ".join("any" if size is None else str(size) for size in shape)


def as_labels(y: Any, model: keras.Model, n_samples: int, replicates: int, name: str) -> tuple[Array, bool]:
    """Return labels that fit the model's output and loss, and whether they carry a replicate axis."""
    y = _as_finite(y, name)
    if y.ndim and y.shape[0] == n_samples:
        own = y.ndim > 1 and y.shape[:2] == (replicates, n_samples) and _row_fits(y.shape[2:], model)
        own = own and not _row_fits(y.shape[1:], model)
    elif y.ndim > 1 and y.shape[1] == n_samples:
        _check_replicate_axis(len(y), replicates, name)
        own = True
    else:
        raise ValueError(f"{name} must have one label per sample ({n_samples}), got shape {y.shape}")
    if not _row_fits(y.shape[1 + own :], model):
        raise ValueError(
            f"{name} must have labels of the shape that the loss {loss_name(model.loss)!r} and the output "
            f"{_text(output_shape(model))} ask for, got {y.shape}"
        )
    _check_label_values(y, model, name)
    return y, own


def _row_fits(row: tuple, model: keras.Model) -> bool:
    output = output_shape(model)[1:]
    if "sparse" in loss_name(model.loss):
        return _fits(row, output[:-1]) or _fits(row, (*output[:-1], 1))
    return _fits(row, output) or (output[-1:] == (1,) and _fits(row, output[:-1]))


def _check_label_values(y: Array, model: keras.Model, name: str) -> None:
    loss, classes = loss_name(model.loss), output_shape(model)[-1]
    if "sparse" in loss:
        ignored = getattr(model.loss, "ignore_class", None)
        y = y[y != ignored] if ignored is not None else y
        if (y != np.round(y)).any() or (y < 0).any() or (y >= classes).any():
            raise ValueError(f"{name} must hold class numbers 0 ... {classes - 1}, got {_some(y)}")
    elif "binary" in loss and (y.min() < 0 or y.max() > 1):
        raise ValueError(f"{name} must hold labels from 0 to 1 for the loss {loss!r}, got {_some(y)}")
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


def as_sample_weights(value: Any, n_samples: int, replicates: int) -> tuple[Array, bool]:
    """Return finite weights, one per sample, and whether they carry a replicate axis."""
    weight = _as_finite(value, "sample_weight").astype(np.float32)
    column = weight.ndim > 1 and weight.shape[-1] == 1
    shape = weight.shape[:-1] if column else weight.shape
    if shape not in ((n_samples,), (replicates, n_samples)):
        raise ValueError(
            f"sample_weight must have shape ({n_samples},) or ({replicates}, {n_samples}), got {weight.shape}"
        )
    return weight, len(shape) == 2


def as_weights_by_class(y: Array, class_weight: Mapping[int, float], row: tuple) -> Array:
    """Turn `class_weight` into one weight per sample, as `keras.Model.fit` does."""
    classes = np.argmax(y, axis=-1) if row and row[-1] > 1 else np.reshape(y, y.shape[: y.ndim - len(row)])
    return np.vectorize(lambda c: float(class_weight.get(int(c), 1.0)))(np.round(classes)).astype(np.float32)


def as_data(
    model: keras.Model,
    arrays: tuple,
    replicates: int,
    names: tuple[str, str],
    class_weight: Mapping[int, float] | None = None,
) -> Data:
    """Check inputs, labels and weights against the model; return them as Keras trains with them."""
    x, y, weight = (*arrays, None)[:3]
    x, x_own = as_inputs(x, model, replicates, names[0])
    rows = x.shape[int(x_own)]
    y, y_own = as_labels(y, model, rows, replicates, names[1])
    if class_weight is not None and weight is not None:
        raise ValueError("class_weight and sample_weight cannot both be given, got both")
    if (class_weight is not None or weight is not None) and hasattr(model.loss, "penalty"):
        raise ValueError(
            "sample_weight and class_weight would scale the penalty inside the loss: regularize the layers"
        )
    if class_weight is not None:
        weight = as_weights_by_class(y, class_weight, y.shape[1 + y_own :])
    if weight is None:
        return Data((x, y), (x_own, y_own), rows)
    weight, weight_own = as_sample_weights(weight, rows, replicates)
    return Data((x, y, weight), (x_own, y_own, weight_own), rows)


def as_validation(model: keras.Model, validation_data: tuple | None, replicates: int) -> Data | None:
    """Check `validation_data` as `as_data` does; it has sample weights of its own."""
    if validation_data is None:
        return None
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ValueError(
            "validation_data must be (x_val, y_val) or (x_val, y_val, sample_weight), "
            f"got {type(validation_data).__name__}"
        )
    return as_data(model, tuple(validation_data), replicates, ("validation_data[0]", "validation_data[1]"))


def split_validation(data: Data, validation_split: float, weighted: bool) -> tuple[Data, Data]:
    """Keep the last rows for validation, unshuffled, as `keras.Model.fit` does; class weights stay behind."""
    share = check_number(validation_split, "validation_split", below=1.0)
    at = int(data.rows * (1.0 - share))
    if at < 1 or at == data.rows:
        raise ValueError(f"validation_split must leave rows on both sides, got {share} of {data.rows} rows")
    train, validation = data.split(at)
    if weighted:
        return train, validation
    return train, validation._replace(arrays=validation.arrays[:2], replicated=validation.replicated[:2])
