import keras
import numpy as np
import pytest
from keras import ops

from course_utils.losses import RegularizedLoss
from course_utils.models import mlp

CODES = {0: None, -1: None, 1: keras.regularizers.L1(0.01), 2: keras.regularizers.L2(0.01)}
CODES[12] = keras.regularizers.L1L2(0.01, 0.01)


@pytest.fixture
def points():
    generator = np.random.default_rng(0)
    return generator.normal(size=(20, 2)).astype("float32"), generator.integers(0, 2, 20).astype("int32")


def two_models(kernel_code, bias_code):
    """The same network with our loss and with Keras' regularizers, same weights (no bias is zero)."""
    ours, theirs = (
        mlp((4, 3)),
        mlp((4, 3), kernel_regularizer=CODES[kernel_code], bias_regularizer=CODES[bias_code]),
    )
    generator = np.random.default_rng(1)
    weights = [generator.normal(size=w.shape).astype("float32") for w in ours.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    loss = RegularizedLoss(ours.trainable_variables, [kernel_code, bias_code] * 3, strength=0.01)
    # Eagerly, for tracing takes longer than the one step; in graphs, the table of `test_training` has it.
    ours.compile(keras.optimizers.Adam(0.01), loss=loss, run_eagerly=True)
    theirs.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy", run_eagerly=True)
    return ours, theirs


@pytest.mark.parametrize("kernel_code", CODES)
@pytest.mark.parametrize("bias_code", [0, 12])
def test_equals_keras_in_loss_gradient_and_step(kernel_code, bias_code, points):
    import tensorflow as tf

    ours, theirs = two_models(kernel_code, bias_code)
    x, y = points
    assert ours.evaluate(x, y, verbose=0) == pytest.approx(theirs.evaluate(x, y, verbose=0), abs=1e-6)

    gradients = []
    for model in (ours, theirs):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(x, y, model(x))
        gradients.append(tape.gradient(loss, model.trainable_weights))
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)

    for model in (ours, theirs):
        model.fit(x, y, batch_size=20, epochs=1, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_penalty_is_the_closed_form():
    weights = [np.array([1.0, -2.0]), np.array([[3.0]]), np.array([-4.0]), np.array([5.0]), np.array([6.0])]
    variables = [keras.Variable(w) for w in weights]
    loss = RegularizedLoss(variables, [1, 2, 12, 0, -1], strength=0.1)
    assert float(loss.penalty()) == pytest.approx(0.1 * (3 + 9 + 4 + 16))


def test_mean_is_data_loss_plus_penalty(points):
    x, y = points
    model = mlp((4,))
    loss = RegularizedLoss(model.trainable_variables, [2, 0, 2, 0], strength=0.5)
    p = model(x)
    assert loss.call(y, p).shape == (20,)
    assert float(loss(y, p)) == pytest.approx(
        float(ops.mean(loss.data_loss(y, p)) + loss.penalty()), abs=1e-6
    )
    expected = keras.losses.BinaryCrossentropy()(y[:, None], p)
    assert float(ops.mean(loss.data_loss(y, p))) == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize("shape", [(20,), (20, 1)])
def test_labels_with_and_without_last_axis_mean_the_same(shape, points):
    x, y = points
    model = mlp((4,))
    loss = RegularizedLoss(model.trainable_variables, [0] * 4)
    p = ops.convert_to_numpy(model(x)).ravel()
    expected = -np.log(np.where(y == 1, p, 1 - p))
    np.testing.assert_allclose(loss.data_loss(y.reshape(shape), p[:, None]), expected, rtol=1e-4)


@pytest.mark.parametrize(
    "data_loss",
    [
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        keras.losses.SparseCategoricalCrossentropy(),
    ],
)
def test_any_data_loss_of_keras(data_loss):
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]], "float32")
    loss = RegularizedLoss([keras.Variable([2.0])], [2], strength=0.1, loss=data_loss)
    np.testing.assert_allclose(loss.call([0, 1], p), -np.log([0.7, 0.8]) + 0.4, rtol=1e-5)


def test_reads_the_variables_of_a_stateless_scope():
    variable = keras.Variable([1.0, 2.0])
    loss = RegularizedLoss([variable], [2], strength=1.0)
    with keras.StatelessScope(state_mapping=[(variable, ops.array([3.0, 4.0]))]):
        inside = loss.penalty()
    assert float(inside) == 25.0
    assert float(loss.penalty()) == 5.0


def test_saves_and_says_how_to_load(tmp_path, points):
    x, y = points
    model = mlp((4,), metrics=())
    model.compile("sgd", loss=RegularizedLoss(model.trainable_variables, [2, 0, 2, 0]))
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"codes \[2, 0, 2, 0\] cannot be loaded.*compile=False"):
        keras.saving.load_model(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    loaded.compile("sgd", loss=RegularizedLoss(loaded.trainable_variables, [2, 0, 2, 0]))
    assert loaded.evaluate(x, y, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0), abs=1e-6)


def test_wrong_number_of_codes_is_refused():
    lecture_codes = [1, -1, 2, 2, 12, 2, 1, 2, -1, 2]
    with pytest.raises(ValueError, match="one code per variable, got 10 codes, 12 variables"):
        RegularizedLoss(mlp().trainable_variables, lecture_codes)


@pytest.mark.parametrize("code", [3, -2, "l1", None, 1.5])
def test_unknown_code_is_refused(code):
    with pytest.raises(ValueError, match=r"codes\[1\] must be one of \(0, -1, 1, 2, 12\), got"):
        RegularizedLoss([keras.Variable(1.0)] * 2, [1, code])


@pytest.mark.parametrize(("strength", "error"), [(-1, ValueError), (np.nan, ValueError), ("0.1", TypeError)])
def test_bad_strength_is_refused(strength, error):
    with pytest.raises(error, match="strength must be a"):
        RegularizedLoss([keras.Variable(1.0)], [1], strength=strength)
