"""Checks of chapter 07, activity penalties after the activation."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("only a change between dividing and not dividing changes the strength, by the batch size.")
def check_translated_strength(translated: Callable[[float, int, tuple, tuple], float]) -> None:
    """Check how a strength of an activity penalty is carried from one Keras to another.

    Parameters
    ----------
    translated : callable
        The reader's function of the strength, the batch size, and the versions there and here, each a pair
        such as ``(3, 10)``. `tf.keras` 2 and Keras from 3.14 on divide the penalty by the batch size.

    Examples
    --------
    >>> check_translated_strength(lambda strength, batch_size, there, here: strength * batch_size)
    Not yet: from (2, 15) to (3, 15) nothing changes: both divide by the batch.
    """
    found = translated(0.01, 20, (3, 10), (3, 15))
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (0.01 / 20, "from (3, 10) to (3, 15) the penalty becomes 20 times smaller: multiply, do not divide"),
        (0.01, "from (3, 10) to (3, 15) the strength must change: Keras 3.10 does not divide, 3.15 does"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 0.2, "translated(0.01, 20, (3, 10), (3, 15))")
    same = translated(0.01, 20, (2, 15), (3, 15))
    require_no_mistake(same, [(0.2, "from (2, 15) to (3, 15) nothing changes: both divide by the batch")])
    cases = [
        ((2, 15), (3, 15), 0.01),
        ((2, 15), (3, 10), 0.0005),
        ((3, 10), (2, 15), 0.2),
        ((3, 13), (3, 14), 0.2),
        ((3, 14), (3, 0), 0.0005),
        ((3, 5), (3, 13), 0.01),
        ((3, 14), (4, 0), 0.01),
    ]
    for there, here, expected in cases:
        call = f"translated(0.01, 20, {there}, {here})"
        require_close(translated(0.01, 20, there, here), expected, call, atol=1e-9)
    require_close(translated(0.3, 50, (3, 0), (3, 14)), 15.0, "translated(0.3, 50, (3, 0), (3, 14))")


@exercise("a penalty reaches the layers whose weights the penalized output is computed from, and no others.")
def check_felt(names: Iterable[str]) -> None:
    """Check which layers of the exercise's model feel a penalty on the output of ``b``.

    The model: the inputs go into ``a``; its output goes into ``b`` and into ``c``, side by side; ``d`` takes
    both.

    Parameters
    ----------
    names : iterable of str
        The reader's layers.

    Examples
    --------
    >>> check_felt({"b"})
    Not yet: b is right, and one is missing: b has inputs, too.
    """
    require(
        not isinstance(names, str) and isinstance(names, Iterable),
        f'name the layers in a set such as {{"a", "d"}}, got {names!r}',
    )
    found = set(names)
    unknown = found - set("abcd")
    require(not unknown, f"the layers are called a, b, c and d, got {sorted(map(str, unknown))}")
    require("d" not in found, "d comes after b: the output of b does not depend on its weights")
    require("c" not in found, "c stands beside b: the output of b does not depend on its weights")
    require(found != {"b"}, "b is right, and one is missing: b has inputs, too")
    require(found == {"a", "b"}, "the penalized layer itself is missing")


@exercise("the network puts out the same and pays less: the penalty alone does not simplify what it does.")
def check_cheaper(cheaper: Callable[[Any, float], Any]) -> None:
    """Check a function that divides every hidden output by a factor and keeps the predictions.

    Parameters
    ----------
    cheaper : callable
        The reader's function of a model of ReLU layers, with a penalty on each hidden output, and a factor;
        it changes the weights in place.

    Examples
    --------
    >>> check_cheaper(lambda model, factor: None)
    Not yet: nothing has changed: hidden_1 puts out as much as before.
    """
    import keras  # takes seconds, and no other check needs it

    from course_utils.models import mlp

    random = np.random.default_rng(0)
    model = mlp((4, 3), activity_regularizer=keras.regularizers.L1(0.1))
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    x = random.normal(size=(50, 2)).astype("float32")
    hidden = keras.Model(model.input, [layer.output for layer in model.layers[1:]])
    before = [np.asarray(values) for values in hidden(x)]
    require(cheaper(model, 5.0) is not ..., "put your answer where the three dots are")
    *after, predicted = (np.asarray(values) for values in hidden(x))
    for layer, old, new in zip(model.layers[1:-1], before, after, strict=False):
        _require_divided(layer.name, old, new, 5.0)
    require_close(predicted, before[-1], "the prediction", rtol=1e-3, atol=1e-5)


def _require_divided(name: str, old: np.ndarray, new: np.ndarray, factor: float) -> None:
    """End the check unless a layer puts out a share of what it did."""
    first = name == "hidden_1"
    mistakes = [
        (old, f"nothing has changed: {name} puts out as much as before"),
        (old * factor, f"{name} puts out {factor:g} times as much as before: divide"),
    ]
    if not first:
        mistakes.append(
            (
                old / factor**2,
                f"{name} is divided twice: its inputs are divided already, so leave its kernel alone",
            )
        )
    require_no_mistake(new, mistakes, rtol=1e-4)
    require(
        np.allclose(new, old / factor, rtol=1e-3, atol=1e-5),
        f"{name} must put out 1/{factor:g} of what it did; divide its bias"
        f"{' as well as its kernel' if first else ' and leave its kernel alone'}",
    )
