"""Every public function of the engine and of comparisons refuses garbage in every argument, by its name."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.compare import Difference, compare, holds, paired_difference, verdict
from course_utils.models import mlp
from course_utils.replicates import batch_order, evaluate_variants, fit_replicates, fit_variants
from course_utils.replicates.training import Replicator
from tests.garbage import assert_garbage_is_refused

from .shared import X, Y, network

FIT = {
    "batch_size": 15,
    "epochs": 1,
    "verbose": "auto",
    "callbacks": None,
    "validation_split": 0.1,
    "validation_data": None,
    "shuffle": True,
    "class_weight": None,
    "sample_weight": None,
    "validation_batch_size": 5,
    "seeds": 2,
    "chunk_size": 2,
    "jit_compile": "auto",
    "check": True,
}


class Started(BaseException):
    """Training started: nothing was refused. No error, or it would be taken for a refusal."""


@pytest.fixture
def untrained(monkeypatch):
    def started(*_):
        raise Started

    monkeypatch.setattr(Replicator, "compile", started)
    monkeypatch.setattr(Replicator, "fit", started)


@pytest.fixture(scope="module")
def table():
    keywords = {"test_data": (X, Y), "epochs": 1, "seeds": 2, "jit_compile": False}
    return compare({"a": network(), "b": network()}, X, Y, **keywords)


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("function", [fit_replicates, fit_variants, compare], ids=lambda f: f.__name__)
def test_a_training_refuses_garbage(function):
    first = {
        fit_replicates: {"build": network()},
        fit_variants: {"builds": [network()]},
        compare: {
            "variants": {"a": network()},
            "test_data": None,
            "metric": "loss",
            "baseline": "a",
            "n_jobs": 1,
        },
    }[function]
    arguments = {**first, "x": X, "y": Y, **FIT}
    with pytest.raises(Started):
        function(**arguments)
    assert_garbage_is_refused(function, arguments)


WRONG = [
    *({"shuffle": value} for value in ("no", 1, 0, None, "batch")),
    *({"jit_compile": value} for value in ("yes", 1, None, [])),
    *({"verbose": value} for value in ("loud", 3, -1, None, 0.5, [])),
    *({"check": value} for value in ("no", 1, None)),
    *(
        {name: value}
        for name in ("epochs", "batch_size", "chunk_size")
        for value in (0, -1, 2.0, True, "3", [3])
    ),
    *({"validation_batch_size": value} for value in (0, True, "3")),
    *({"validation_split": value} for value in (1, -0.1, "0.2", True, None, np.nan)),
    *(
        {"seeds": value}
        for value in (True, "2", 2.0, [True], [0.5], ["1"], {1, 2}, np.ones((2, 2)), np.array(2.0))
    ),
    *({"seeds": value} for value in ([1, 1], [-1], [2**32], -3)),
    *({"class_weight": value} for value in ([1, 2], "balanced", {"a": 1}, {0: "b"}, {0: np.nan}, {0: -1.0})),
    *({"sample_weight": value} for value in ("heavy", np.full(30, np.nan), np.ones((30, 2, 2)), 1.0)),
    *({"validation_data": value} for value in ("ab", (X,), (X, Y, None, None), 3, (Y, X), (X, "ab"))),
    *({"x": value} for value in (None, "x", [[1], [1, 2]], 3.0, X.astype(complex), np.array([{}]), {"a": X})),
    *({"y": value} for value in (None, "y", [[1], [1, 2]], 3.0, Y[:, None, None], Y + 2)),
    *(
        {"build": value}
        for value in (None, "mlp", 3, mlp(()), lambda units: mlp(units), [network()], keras.Model)
    ),
]


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("change", WRONG, ids=lambda change: next(iter(change)))
def test_what_is_absurd_is_refused_before_training(change):
    (name,) = change
    with pytest.raises((TypeError, ValueError), match=name):
        fit_replicates(**{"build": network(), "x": X, "y": Y, "seeds": 2, "jit_compile": False} | change)


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize(
    "builds",
    [None, [], {}, "ab", network(), [None], [mlp(())], {"a": network()}],
    ids=lambda builds: type(builds).__name__,
)
def test_builders_that_are_none_are_refused(builds):
    with pytest.raises(TypeError, match="builds"):
        fit_variants(builds, X, Y)


ANYTHING = st.one_of(
    *(st.none(), st.text(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers(), max_size=3)),
    *(st.dictionaries(st.text(max_size=2), st.none(), max_size=2), st.builds(object)),
)


@pytest.mark.usefixtures("untrained")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from([name for name in FIT if name != "seeds"]), value=ANYTHING)
def test_anything_is_accepted_or_refused_by_its_name(name, value):
    with pytest.raises((Started, TypeError, ValueError)) as caught:
        fit_replicates(network(), X, Y, **{"seeds": 1, name: value})
    assert caught.type is Started or name in str(caught.value)


def test_what_is_left_of_a_training_refuses_garbage(table):
    runs = table.runs["a"]
    for function, arguments in (
        (batch_order, {"seed": 1, "n_samples": 3, "epochs": 2}),
        (runs.model, {"seed": 1}),
        (runs.predict, {"x": X, "batch_size": 9}),
        (runs.evaluate, {"x": X, "y": Y, "batch_size": 9}),
        (runs.activations, {"x": X, "batch_size": 9}),
        (evaluate_variants, {"variants": [runs], "x": X, "y": Y, "batch_size": 9}),
    ):
        function(**arguments)
        assert_garbage_is_refused(function, arguments)


def test_comparisons_and_verdicts_refuse_garbage(table):
    difference = Difference(-0.02, -0.03, -0.01, 32)
    for function, arguments in (
        (table.by, {"metric": "loss"}),
        (table.unit, {"metric": "loss"}),
        (table.difference, {"variant": "a", "to": "b", "metric": "loss"}),
        (paired_difference, {"a": [1.0, 2.0], "b": [0.0, 3.0], "confidence": 0.9, "unit": "nats"}),
        (
            verdict,
            {"claim": "so", "difference": difference, "expected": "lower", "source": "x", "margin": 0.1},
        ),
    ):
        function(**arguments)
        assert_garbage_is_refused(function, arguments | ({"claim": "so"} if "claim" in arguments else {}))
    with pytest.raises(TypeError, match="found must be"):
        holds(1, "it is so")
    with pytest.raises(ValueError, match="expected must be"):
        holds(True, 3)
