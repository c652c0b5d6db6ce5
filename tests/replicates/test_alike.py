"""Which models may be trained as one batch, and that their own regularizers are left as they were."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import regularizers

from course_utils.data import draw_blobs
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import evaluate_variants, fit_replicates, fit_variants, strengths
from course_utils.replicates.alike import groups
from course_utils.replicates.starts import built

X, Y = draw_blobs(30, seed=0)


class Stubborn(regularizers.Regularizer):
    """Computes its penalty with a number that its config does not show."""

    def __init__(self, strength):
        self.strength = strength
        self.doubled = 2 * strength

    def __call__(self, x):
        return self.doubled * keras.ops.sum(x)

    def get_config(self):
        return {"strength": self.strength}


def variants_alike(builds):
    return groups([built(build, 0) for build in builds])


def penalized(regularizer, **keywords):
    return partial(mlp, (3,), kernel_regularizer=regularizer, **keywords)


@pytest.mark.parametrize("kind", [regularizers.L1, regularizers.L2, L3])
def test_penalties_of_one_kind_go_together(kind):
    assert variants_alike([penalized(kind(s)) for s in (0.0, 0.1, 2.0)]) == [[0, 1, 2]]


def test_none_l1_l2_and_both_train_in_the_graph_of_l1l2_as_alone():
    builds = [penalized(regularizers.L1L2(*pair)) for pair in ((0, 0), (0.1, 0), (0, 0.2), (0.3, 0.4))]
    assert variants_alike(builds) == [[0, 1, 2, 3]]
    keywords = {"epochs": 2, "batch_size": 15, "seeds": 2, "jit_compile": False}
    together = fit_variants(builds, X, Y, validation_data=(X, Y), **keywords)
    assert len({id(runs._copies) for runs in together}) == 1
    for build, runs in zip(builds, together, strict=True):
        alone = fit_replicates(build, X, Y, validation_data=(X, Y), **keywords)
        for name, values in runs.history.items():
            np.testing.assert_allclose(values, alone.history[name], rtol=1e-5, err_msg=name)
        for ours, theirs in zip(runs.weights, alone.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)
        expected = alone.evaluate(X, Y)["penalty"]
        np.testing.assert_allclose(
            evaluate_variants(together, X, Y)[builds.index(build)]["penalty"], expected, rtol=1e-5
        )
    first = builds[1]().layers[1].kernel_regularizer
    assert (first.l1, first.l2) == (0.1, 0.0)


@pytest.mark.parametrize(
    "builds",
    [
        [penalized(regularizers.L1(0.1)), penalized(regularizers.L2(0.1))],
        [penalized(regularizers.L1(0.1)), penalized(None)],
        [penalized(Stubborn(0.1)), penalized(Stubborn(0.2))],
        [penalized(regularizers.L2(0.1)), penalized(regularizers.L2(0.1), dropout=0.5)],
        [penalized(regularizers.L2(0.1)), partial(mlp, (4,), kernel_regularizer=regularizers.L2(0.1))],
    ],
    ids=["kinds", "none", "hidden number", "dropout", "units"],
)
def test_what_differs_in_more_stays_apart(builds):
    assert variants_alike(builds) == [[0], [1]]


def test_other_initial_weights_stay_apart():
    def shifted():
        model = penalized(regularizers.L2(0.1))()
        model.set_weights([w + 1 for w in model.get_weights()])
        return model

    assert variants_alike([penalized(regularizers.L2(0.1)), shifted]) == [[0], [1]]


def test_one_object_in_many_layers_is_not_taken_for_several():
    shared = regularizers.L2(0.1)

    def own(first, second):
        inputs = keras.Input((2,))
        hidden = keras.layers.Dense(3, kernel_regularizer=first)(inputs)
        model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid", kernel_regularizer=second)(hidden))
        model.compile("sgd", "binary_crossentropy")
        return model

    builds = [partial(own, shared, shared), lambda: own(regularizers.L2(0.1), regularizers.L2(0.5))]
    assert variants_alike(builds) == [[0], [1]]


def test_activity_penalties_go_together_and_regularizers_keep_their_numbers():
    kinds = [KLSparsity(0.05, 0.1), KLSparsity(0.3, 0.2)]
    builds = [partial(mlp, (3,), activation="sigmoid", activity_regularizer=kind) for kind in kinds]
    runs = fit_variants(builds, X, Y, epochs=1, batch_size=30, shuffle=False, seeds=2, jit_compile=False)
    for build, found in zip(builds, runs, strict=True):
        keras.utils.set_random_seed(1)
        model = build()
        model(X)
        assert found.history["penalty"][1, 0] == pytest.approx(float(sum(model.losses)), rel=1e-5)
    assert [(kind.rho, kind.strength) for kind in kinds] == [(0.05, 0.1), (0.3, 0.2)]


class Fixed(regularizers.Regularizer):
    """Shows its number, but does not let it be changed."""

    strength = property(lambda self: 0.5)

    def __call__(self, x):
        return self.strength * keras.ops.sum(x)

    def get_config(self):
        return {"strength": self.strength}


def test_a_number_that_cannot_be_changed_is_left_alone():
    assert not strengths.slots(penalized(Fixed())())
    runs = fit_replicates(penalized(Fixed()), X, Y, epochs=1, seeds=2, jit_compile=False)
    assert np.isfinite(runs.evaluate(X, Y)["penalty"]).all()


def test_numbers_are_put_back_after_an_error():
    model = mlp((3,), kernel_regularizer=L3(0.25))
    slots = strengths.slots(model)

    def interrupted():
        with strengths.replaced(slots, [7.0]):
            assert strengths.values(slots) == [7.0]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert strengths.values(slots) == [0.25]


def test_variants_that_differ_in_more_get_the_numbers_of_their_own_training():
    builds = [penalized(L3(0.1)), penalized(None), penalized(L3(0.5))]
    keywords = {"epochs": 2, "batch_size": 15, "seeds": 2, "jit_compile": False}
    for build, runs in zip(builds, fit_variants(builds, X, Y, **keywords), strict=True):
        alone = fit_replicates(build, X, Y, **keywords)
        np.testing.assert_allclose(runs.history["loss"], alone.history["loss"], atol=1e-6)


def test_chunks_of_variants_change_nothing():
    builds = [penalized(regularizers.L2(s)) for s in (0.0, 0.3, 1.0)]
    x, y = np.stack([X, X[::-1]]), np.stack([Y, Y[::-1]])
    keywords = {"epochs": 3, "batch_size": 10, "seeds": 2, "jit_compile": False}
    whole, chunks = (
        fit_variants(builds, x, y, **keywords),
        fit_variants(builds, x, y, chunk_size=4, **keywords),
    )
    for a, b in zip(whole, chunks, strict=True):
        np.testing.assert_allclose(a.history["loss"], b.history["loss"], atol=1e-6)
        assert len(a.seeds) == 2
        assert a.history["loss"].shape == (2, 3)
