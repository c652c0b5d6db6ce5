"""Comparisons of variants: on equal terms, with the numbers of one training each."""

import os
import random
import re
from functools import partial

import joblib
import keras
import numpy as np
import pytest
from scipy import stats

from course_utils.compare import compare
from course_utils.compare.comparison import COMPARISON_MIME
from course_utils.data import draw_blobs
from course_utils.models import mlp
from course_utils.replicates import fit_replicates

X, Y = draw_blobs(40, seed=0)
TEST = draw_blobs(60, seed=1)


def small():
    return mlp((4,))


def penalized():
    return mlp((4,), kernel_regularizer=keras.regularizers.L2(0.1))


@pytest.fixture(scope="module")
def table():
    return compare(
        {"none": small, "L2": penalized, "none again": small},
        X,
        Y,
        test_data=TEST,
        validation_data=TEST,
        epochs=8,
        batch_size=20,
        seeds=6,
        jit_compile=False,
    )


def test_table_summarizes_what_the_runs_measured(table):
    assert list(table.index) == ["none", "L2", "none again"]
    for name in table.index:
        values = table.runs[name].evaluate(*TEST)["data_loss"]
        np.testing.assert_allclose(table.per_seed[name], values, rtol=1e-5)
        low, high = stats.t.interval(0.95, 5, values.mean(), stats.sem(values))
        assert table.loc[name, ["mean", "low", "high"]].tolist() == pytest.approx([values.mean(), low, high])
    pair = stats.ttest_rel(table.per_seed["L2"], table.per_seed["none"])
    row = table.loc["L2"]
    assert row["difference"] == pytest.approx(np.mean(table.per_seed["L2"] - table.per_seed["none"]))
    assert row["difference_low"] == pytest.approx(pair.confidence_interval(0.95).low)
    assert row["difference_high"] == pytest.approx(pair.confidence_interval(0.95).high)
    assert row["n"] == 6


def test_variants_are_on_equal_terms(table):
    first, same = table.runs["none"], table.runs["none again"]
    np.testing.assert_allclose(first.history["loss"], same.history["loss"], atol=1e-6)
    assert table.loc["none again", "difference"] == pytest.approx(0, abs=1e-6)
    alone = fit_replicates(penalized, X, Y, epochs=8, batch_size=20, seeds=6, jit_compile=False)
    np.testing.assert_allclose(table.runs["L2"].history["data_loss"], alone.history["data_loss"], atol=1e-6)


@pytest.mark.no_cover  # coverage costs half as much again
def test_variants_that_differ_in_strength_train_side_by_side_with_the_same_numbers():
    def l2(strength):
        return partial(mlp, (4,), kernel_regularizer=keras.regularizers.L2(strength))

    builders = {"none": l2(0.0), "other": small, "strong": l2(0.5)}
    keywords = {"epochs": 6, "batch_size": 20, "jit_compile": False}
    table = compare(builders, X, Y, test_data=TEST, seeds=5, **keywords)
    assert list(table.index) == list(builders)
    for name in ("none", "strong"):
        alone = fit_replicates(builders[name], X, Y, seeds=5, **keywords)
        for ours, expected in zip(table.runs[name].weights, alone.weights, strict=True):
            np.testing.assert_allclose(ours, expected, atol=1e-6)
        np.testing.assert_allclose(table.runs[name].history["penalty"], alone.history["penalty"], atol=1e-6)
        for part, values in alone.evaluate(*TEST).items():
            np.testing.assert_allclose(table.measured[name][f"test_{part}"], values, atol=1e-6)
    assert (table.measured["strong"]["test_penalty"] > 0).all()
    assert (table.measured["none"]["test_penalty"] == 0).all()


@pytest.mark.no_cover  # coverage costs half as much again
def test_dask_gives_the_numbers_of_one_process(tmp_path):
    distributed = pytest.importorskip("dask.distributed", reason="needs the extra `dask`: dask[distributed]")

    def noted(strength):
        def build():
            (tmp_path / str(os.getpid())).touch()
            return mlp((4,), kernel_regularizer=keras.regularizers.L2(strength))

        return build

    builders = {"weak": noted(0.01), "middle": noted(0.1), "strong": noted(1.0)}
    train = partial(
        compare, builders, X, Y, test_data=TEST, epochs=3, batch_size=20, seeds=3, jit_compile=False
    )
    serial = train()
    own = tmp_path / str(os.getpid())
    own.unlink()
    cluster = distributed.LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        spread = train()
    assert not own.exists()
    assert len(list(tmp_path.iterdir())) == 2, "two worker processes share the work"
    np.testing.assert_allclose(spread.to_numpy(), serial.to_numpy(), atol=1e-6)
    for name, runs in serial.runs.items():
        np.testing.assert_allclose(spread.runs[name].history["loss"], runs.history["loss"], atol=1e-6)
        np.testing.assert_allclose(spread.runs[name].predict(X), runs.predict(X), atol=1e-6)


@pytest.mark.no_cover  # coverage costs half as much again
def test_threads_give_the_numbers_of_one_and_leave_seeds_as_they_were():
    builders = {
        str(s): partial(mlp, (4,), kernel_regularizer=keras.regularizers.L2(s)) for s in (0.1, 0.2, 0.3)
    }
    train = partial(compare, builders, X, Y, epochs=1, batch_size=40, seeds=8, jit_compile=False)
    serial = train()
    with joblib.parallel_config("threading", n_jobs=2):
        spread = train()
    for name, runs in serial.runs.items():
        for ours, expected in zip(spread.runs[name].weights, runs.weights, strict=True):
            np.testing.assert_allclose(ours, expected, atol=1e-6)
    keras.utils.set_random_seed(3)
    assert keras.initializers.GlorotUniform().seed == random.Random(3).randint(1, int(1e9))


def test_variants_that_stop_train_with_those_that_do_not():
    def stop():
        return [keras.callbacks.EarlyStopping("val_loss", patience=1, min_delta=1.0)]

    builders = {"full": small, "stopped": small, "stopped alike": small}
    keywords = {"validation_data": TEST, "epochs": 30, "batch_size": 20, "jit_compile": False}
    callbacks = {"stopped": stop(), "stopped alike": stop()}
    table = compare(builders, X, Y, seeds=2, callbacks=callbacks, **keywords)
    assert (table.runs["full"].epochs_run == 30).all()
    assert (table.runs["stopped"].epochs_run < 30).all()
    assert len({runs.seconds["compile"] for runs in table.runs.values()}) == 1
    first, second = table.runs["stopped"], table.runs["stopped alike"]
    np.testing.assert_array_equal(first.epochs_run, second.epochs_run)


def test_other_metrics_and_other_pairs_need_no_training(table):
    accuracy = table.by("test_accuracy")
    assert accuracy.metric == "test_accuracy"
    assert accuracy.loc["none", "mean"] == pytest.approx(
        table.runs["none"].evaluate(*TEST)["accuracy"].mean()
    )
    assert table.difference("none", to="L2").mean == pytest.approx(-table.difference("L2").mean)
    last = (
        table.runs["L2"].history["val_data_loss"][:, -1] - table.runs["none"].history["val_data_loss"][:, -1]
    )
    assert table.difference("L2", metric="val_data_loss").mean == pytest.approx(last.mean(), rel=1e-5)
    with pytest.raises(ValueError, match=r"variant must be one of \['none', 'L2', 'none again'\], got 'L1'"):
        table.difference("L1")
    with pytest.raises(ValueError, match=r"metric must be one of .* got 'beauty'"):
        table.by("beauty")


def test_early_stopping_is_measured_at_the_weights_that_are_kept():
    stop = keras.callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True)

    def quick():
        return mlp((16,), optimizer=keras.optimizers.Adam(0.1))

    table = compare(
        {"all epochs": quick, "early stopping": quick},
        X,
        Y,
        validation_data=TEST,
        epochs=15,
        seeds=4,
        jit_compile=False,
        baseline="all epochs",
        callbacks={"early stopping": [stop]},
    )
    assert table.metric == "val_data_loss"
    stopped = table.runs["early stopping"]
    assert (stopped.epochs_run < 15).any()
    np.testing.assert_allclose(
        table.per_seed["early stopping"], np.nanmin(stopped.history["val_data_loss"], axis=1), rtol=1e-6
    )
    assert (table.runs["all epochs"].epochs_run == 15).all()


def test_without_other_data_the_training_loss_is_compared():
    assert compare({"one": small}, X, Y, seeds=2, callbacks=[], jit_compile=False).metric == "data_loss"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"variants": {}}, ValueError, "variants must be a dict"),
        ({"variants": [small]}, ValueError, "variants must be a dict"),
        ({"variants": {"a": small()}}, TypeError, r"variants\['a'\] must be a function .* got Functional"),
        ({"baseline": "b"}, ValueError, r"baseline must be one of \['a'\], got 'b'"),
        ({"metric": "test_accuracy"}, ValueError, "needs test_data"),
        ({"metric": "val_loss"}, ValueError, "metric must be one of .*'accuracy'.*, got 'val_loss'"),
        ({"metric": "beauty", "test_data": TEST}, ValueError, "metric must be one of .*'test_accuracy'"),
        ({"metric": 3}, TypeError, "metric must be a name such as .* got 3"),
        ({"metric": ["loss"]}, TypeError, "metric must be a name"),
        ({"baseline": ["a"]}, ValueError, "baseline must be one of"),
        ({"variants": {1: small}}, TypeError, "variants must have names that are strings, got 1"),
        ({"variants": {"a": lambda units: small()}}, TypeError, r"variants\['a'\] must be .* takes nothing"),
        ({"seeds": 1}, ValueError, "seeds must be at least two"),
        ({"seeds": [7]}, ValueError, "seeds must be at least two"),
        ({"seeds": "many"}, TypeError, "seeds must be an integer"),
        ({"n_jobs": 0}, ValueError, "n_jobs must not be 0"),
        ({"n_jobs": "all"}, TypeError, "n_jobs must be an integer"),
        ({"n_jobs": True}, TypeError, "n_jobs must be an integer"),
        ({"test_data": TEST[0]}, ValueError, r"test_data must be \(x_test, y_test\), got ndarray"),
        ({"test_data": "it"}, ValueError, r"test_data must be \(x_test, y_test\), got str"),
        ({"test_data": (TEST[0][:, :1], TEST[1])}, ValueError, r"test_data\[0\] must have the shape"),
        ({"test_data": (TEST[0], TEST[1] + 7)}, ValueError, r"test_data\[1\] must hold labels"),
        ({"callbacks": {"b": []}}, ValueError, r"callbacks: a name must be one of \['a'\], got 'b'"),
        ({"callbacks": {"a": 3}}, TypeError, "callbacks must be .* got int"),
        ({"callbacks": 3}, TypeError, "callbacks must be .* got int"),
        ({"epoch": 3}, TypeError, r"keywords of fit_replicates, got \['epoch'\]"),
        ({"epochs": "3"}, TypeError, "epochs must be an integer"),
    ],
)
def test_bad_input_is_named_before_training(change, error, message, monkeypatch):
    monkeypatch.setattr(
        "course_utils.replicates.training.Replicator.fit", lambda *_: pytest.fail("training started")
    )
    with pytest.raises(error, match=message):
        compare(**({"variants": {"a": small}, "x": X, "y": Y} | change))


def test_a_variant_that_diverges_is_named_and_touches_no_other():
    def diverging(strength):
        def build():
            penalty = keras.regularizers.L2(strength)
            return mlp((), kernel_regularizer=penalty, optimizer=keras.optimizers.SGD(0.1))

        return build

    keywords = {"test_data": TEST, "epochs": 4, "batch_size": 10, "seeds": [3, 5], "jit_compile": False}
    with pytest.warns(
        RuntimeWarning, match="variant 'huge' diverged for the seeds 3, 5: its row is NaN"
    ) as seen:
        table = compare({"weak": diverging(0.1), "huge": diverging(1e30)}, X, Y, **keywords)
    assert len(seen) == 1
    assert table.runs["weak"]._copies is table.runs["huge"]._copies
    alone = compare({"weak": diverging(0.1)}, X, Y, **keywords)
    np.testing.assert_allclose(
        table.loc["weak"].to_numpy(float), alone.loc["weak"].to_numpy(float), atol=1e-6
    )
    assert table.loc["huge"].drop("n").isna().all()
    assert table.by("test_accuracy").loc["huge"].drop("n").isna().all()
    assert re.search(r"huge +diverged +–", table._repr_mimebundle_()["text/plain"])
    assert table._repr_mimebundle_()[COMPARISON_MIME]["rows"]["huge"]["mean"] is None
    with pytest.raises(ValueError, match="variant must be one that did not diverge, got 'huge'"):
        table.difference("huge")


def test_a_comparison_shows_itself_with_intervals_units_and_data(table):
    shown = table._repr_mimebundle_()
    lines = shown["text/plain"].splitlines()
    assert lines[0] == "test data loss in nats, 6 pairs"
    assert re.match(r"none +\d\.\d+ \[\d\.\d+, \d\.\d+\] +baseline$", lines[2])
    assert re.match(r"L2 .*  [+−]?\d\.\d+ \[[+−]?\d\.\d+, [+−]?\d\.\d+\]$", lines[3])
    assert max(map(len, lines)) <= 72
    assert shown["text/html"].count("<tr>") == 4
    rows = shown[COMPARISON_MIME]["rows"]
    assert rows["L2"]["difference"] == pytest.approx(table.loc["L2", "difference"], rel=1e-5)


@pytest.mark.parametrize(
    ("metric", "unit"),
    [("test_data_loss", "nats"), ("val_penalty", "nats"), ("test_accuracy", "accuracy"), (None, "nats")],
)
def test_a_metric_has_its_unit(table, metric, unit):
    assert table.unit(metric) == unit
    assert table.difference("L2", metric=metric).unit == unit


def test_a_squared_error_is_not_in_nats():
    def regression():
        model = small()
        model.compile("sgd", loss="mean_squared_error")
        return model

    table = compare({"a": regression}, X, Y, seeds=2, jit_compile=False)
    assert table.unit() == ""
    assert table._repr_mimebundle_()["text/plain"].startswith("data loss, 2 pairs")
