"""Every private name of Keras and TensorFlow that the engine leans on, and nothing else.

Keras has no public name for what is needed here. `PRIVATE` lists the names; after an upgrade of Keras or
TensorFlow a test looks each of them up and says which one went and what of ours leans on it.
"""

from __future__ import annotations

import collections
import contextlib
import copy
import functools
import importlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import keras


class Private(NamedTuple):
    """A private name: where it is found, given a compiled model, and what of ours leans on it."""

    owner: Callable[[keras.Model], Any]
    name: str
    use: str


def _inside(module: str, *names: str) -> Callable[[keras.Model], Any]:
    def owner(_: keras.Model) -> Any:
        return functools.reduce(getattr, names, importlib.import_module(module))

    return owner


_BASE = _inside("keras.src.optimizers.base_optimizer", "BaseOptimizer")
_DRAWS = _inside("keras.src.random.seed_generator")
_TENSORFLOW_BASE = _inside("keras.src.backend.tensorflow.optimizer", "TFOptimizer")
_STATE = _inside("keras.src.backend.common.global_state")
_VECTORIZED_MAP = _inside("tensorflow.python.ops.parallel_for.pfor")
# The registry of `tf.vectorized_map` is one for all threads.
_TEACHING = threading.RLock()


def _CONTEXT(_: Any) -> Any:
    return importlib.import_module("tensorflow.python.eager.context").context()


_STATELESS = "optimizers: an optimizer that updates the plain tensors of all copies"
_TRACELESS = "surroundings: what is global, put back"
_RANDOM = "random_numbers: the random numbers of all copies at once"

PRIVATE = (
    Private(lambda model: model, "_compile_loss", "copies: the data loss of one copy"),
    Private(lambda model: model, "_compile_metrics", "stopping: which metric is better when it is lower"),
    Private(lambda model: keras.metrics.BinaryAccuracy(), "_direction", "stopping: the same"),
    Private(lambda model: model, "_flatten_layers", "alike and strengths: layers inside of layers, too"),
    Private(lambda model: keras.Variable, "_initialize_with_initializer", "starts: which weight came how"),
    Private(lambda model: model.weights[0], "_value", "optimizers: the variable behind a stateless scope"),
    Private(_DRAWS, "python_random", "starts: the numbers that Keras draws for its initializers"),
    Private(
        lambda model: _excluding_nothing(),
        "_exclude_from_weight_decay",
        "optimizers: whether a weight is left out of the decay",
    ),
    *(
        Private(_BASE, name, _STATELESS)
        for name in ("assign", "assign_add", "assign_sub", "_apply_weight_decay", "_backend_update_step")
    ),
    Private(_TENSORFLOW_BASE, "_var_key", _STATELESS),
    *(Private(_CONTEXT, name, _TRACELESS) for name in ("_seed", "_set_global_seed")),
    *(Private(_STATE, f"{verb}_global_attribute", _TRACELESS) for verb in ("get", "set")),
    *(Private(_VECTORIZED_MAP, name, _RANDOM) for name in ("_pfor_converter_registry", "wrap")),
    *(
        Private(_inside("tensorflow.python.ops.parallel_for.pfor", "_PforInput"), name, _RANDOM)
        for name in ("stack_inputs", "stacked_input", "unstacked_input", "get_attr")
    ),
)


def _excluding_nothing() -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


# Models


def compiled_loss(model: keras.Model, y: Any, y_pred: Any, sample_weight: Any) -> Any:
    """Return the compiled loss without what layers add; Keras' public call adds both."""
    return model._compile_loss(y, y_pred, sample_weight)


def all_layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers of a model, those inside of other layers, too; itself first."""
    return list(model._flatten_layers())


def compiled_metrics(model: keras.Model) -> list[keras.metrics.Metric]:
    """Return the metrics that were given to `compile`, once Keras has made them."""
    return list(model._compile_metrics.metrics) if model._compile_metrics else []


def function_of(metric: keras.metrics.Metric) -> Any:
    """Return the function whose mean a metric is, or None."""
    return getattr(metric, "_fn", None)


def mask_of(output: Any) -> Any:
    """Return the mask that the layers hand on with their output, or None."""
    return getattr(output, "_keras_mask", None)


def directions(model: keras.Model) -> dict[str, str | None]:
    """Return "up", "down" or None for every compiled metric, by name."""
    return {m.name: getattr(m, "_direction", None) for m in model._compile_metrics.metrics}


@contextlib.contextmanager
def same_metrics(model: keras.Model, y: Any, output_row: tuple) -> Iterator[None]:
    """Put the states of the compiled metrics back: a builder may have them from elsewhere."""
    compiled = model._compile_metrics
    if compiled is not None and not compiled.built:
        compiled.build(y, keras.KerasTensor((len(y), *output_row)))
    before = [(v, v.numpy()) for v in model.metrics_variables]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


# What tells models apart


# Attributes that change no number: what saving reads, what follows from the class, what TensorFlow is told.
# What a model computes is in `_nodes_by_depth`; the other nodes are those of all models that share a layer.
BOOKKEEPING = {
    *("_tracker", "tracker", "_distribution_strategy", "_auto_config", "_compile_config", "_call_signature"),
    *("_nodes", "_inbound_nodes", "_outbound_nodes", "_keras_history"),
}
# What the calls of one builder do not share: names, seeds and what follows from them, and addresses.
BY_CALL = {
    *("name", "_name", "_path", "_parent_path", "output_names", "input_names"),
    *("seed", "_init_seed", "_initial_seed", "_value", "_initializer"),
    *("_loss_ids", "_exclude_from_weight_decay", "_exclude_from_weight_decay_cache"),
}
TENSORFLOWS_CONTAINERS = "tensorflow.python.trackable.data_structures"


# Initial weights


@contextlib.contextmanager
def drawing_from(recorder: Callable[[Any], Any]) -> Iterator[Any]:
    """Let Keras draw the numbers of its initializers from `recorder(its generator)` for a while."""
    seed_generator = _DRAWS(None)
    shared = seed_generator.python_random
    seed_generator.python_random = drawn_from = recorder(shared)
    try:
        yield drawn_from
    finally:
        seed_generator.python_random = shared


@contextlib.contextmanager
def on_new_variable(note: Callable[[keras.Variable, Any], None]) -> Iterator[None]:
    """Call `note(variable, initializer)` for every variable that Keras makes meanwhile; None for a value."""
    by_initializer, by_value = keras.Variable._initialize_with_initializer, keras.Variable._initialize

    def noting(method: Callable, of: Callable[[Any], Any]) -> Callable:
        def initialize(variable: keras.Variable, given: Any) -> None:
            note(variable, of(given))
            method(variable, given)

        return initialize

    keras.Variable._initialize_with_initializer = noting(by_initializer, lambda initializer: initializer)
    keras.Variable._initialize = noting(by_value, lambda value: None)
    try:
        yield
    finally:
        keras.Variable._initialize_with_initializer, keras.Variable._initialize = by_initializer, by_value


# What Keras and TensorFlow keep for the whole process


@contextlib.contextmanager
def same_names() -> Iterator[None]:
    """Let Keras count its automatic names (`dense_1`) as if what is made meanwhile had not been made."""
    before = collections.Counter(_STATE(None).get_global_attribute("object_name_uids", {}))
    try:
        yield
    finally:
        counted = collections.defaultdict(int, before)
        _STATE(None).set_global_attribute("object_name_uids", counted)


@contextlib.contextmanager
def same_random_seeds() -> Iterator[None]:
    """Put back what `keras.utils.set_random_seed` changes in Keras and TensorFlow."""
    state, context = _STATE(None), _CONTEXT(None)
    names = ("global_random_seed", "global_seed_generator")
    before = {name: state.get_global_attribute(name) for name in names}
    generator = before["global_seed_generator"]
    drawn = generator and generator.state.numpy()
    seed, rng = context._seed, copy.deepcopy(getattr(context, "_rng", None))
    try:
        yield
    finally:
        for name, value in before.items():
            state.set_global_attribute(name, value)
        if generator:
            generator.state.assign(drawn)
        context._seed, context._rng = seed, rng


# Optimizers


def excludes_from_weight_decay(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether some weights were left out of the weight decay."""
    return hasattr(optimizer, "_exclude_from_weight_decay")


def make_stateless(optimizer: keras.optimizers.Optimizer) -> None:
    """Let an optimizer update plain tensors: put a class between its own and Keras' for TensorFlow."""
    kind = type(optimizer)
    # With the module of its own class Keras can still save the optimizer.
    members = {"__module__": kind.__module__}
    object.__setattr__(optimizer, "__class__", type(kind.__name__, (kind, _stateless()), members))


@functools.cache
def _stateless() -> type:
    """Return a class that takes back what keeps Keras' optimizers from updating plain tensors.

    On the TensorFlow back end Keras sends every update through `tf.distribute`, which wants variables. The
    back-end-independent methods underneath work.
    """
    plain, for_tensorflow = _BASE(None), _TENSORFLOW_BASE(None)

    class Stateless(for_tensorflow):
        assign = plain.assign
        assign_add = plain.assign_add
        assign_sub = plain.assign_sub
        _apply_weight_decay = plain._apply_weight_decay
        _backend_update_step = plain._backend_update_step

        def _var_key(self, variable: Any) -> Any:
            # Inside a stateless scope `variable.value` is a tensor; the optimizer knows the variable itself.
            return super()._var_key(variable._value if isinstance(variable, keras.Variable) else variable)

    return Stateless


# Random numbers


@contextlib.contextmanager
def taught_vectorized_map(rules: Mapping[str, Callable[[Any], Any]]) -> Iterator[None]:
    """Give `tf.vectorized_map` rules, by operation, that compute it for all elements at once, for a while.

    A rule gets TensorFlow's description of the inputs; it returns one tensor or a list of them, with the
    elements on the first axis.
    """
    pfor = _VECTORIZED_MAP(None)

    def converter(rule: Callable[[Any], Any]) -> Callable:
        def convert(inputs: Any) -> Any:
            found = rule(inputs)
            return [pfor.wrap(t, True) for t in found] if isinstance(found, list) else pfor.wrap(found, True)

        return convert

    with _TEACHING:
        known = pfor._pfor_converter_registry
        before = dict(known)
        known.update({operation: converter(rule) for operation, rule in rules.items()})
        try:
            yield
        finally:
            known.clear()
            known.update(before)
