"""The network of the page against Keras: the same start and order of the rows must give the same numbers."""

import keras
import numpy as np
import pytest

from course_utils.data import draw_blobs
from course_utils.laboratory import complete_setting
from course_utils.laboratory.settings import choices_of
from course_utils.laboratory.training import build_model, fresh_losses

# Coverage costs half as much again; all that these trainings run, the tests of `fit` cover.
pytestmark = pytest.mark.no_cover

EPOCHS = 5
TRAIN = """({setting, data, start, orders}) => {
  const arrays = Object.fromEntries(Object.entries(data).map(([part, {x, y}]) =>
    [part, {x: Float32Array.from(x), y: Float32Array.from(y)}]));
  const training = m.training.createTraining(setting, arrays, 1, {parameters: start, orders});
  while (!training.done) m.training.trainEpoch(training);
  const {epoch, network} = training;
  return {...m.training.losses(training), epoch, parameters: [...network.parameters]};
}"""


def cases():
    """Every penalty, optimizer, batch size and activation at least once, in as few trainings as possible."""
    optimizers, batches = choices_of("optimizer"), choices_of("batch")
    for place, penalty in enumerate(choices_of("penalty")):
        # Slopes of L1 and KL sparsity jump: in small batches rounding decides where a weight goes.
        batch = batches[(place + 4) % len(batches)]
        yield {"penalty": penalty, "optimizer": optimizers[place % len(optimizers)], "batch": batch}
    yield {"penalty": "kl", "activation": "sigmoid", "rho": 0.2, "batch": 50}
    yield {"penalty": "activity_before", "activation": "tanh"}
    yield {"penalty": "l2", "maxNorm": 0.5}
    yield {"patience": 5, "optimizer": "nesterov", "learningRate": 0.2, "epochs": 50}


def flat(model):
    return np.concatenate([weights.ravel() for weights in model.get_weights()])


def as_lists(x, y):
    return {"x": x.ravel().tolist(), "y": y.tolist()}


def trained_by_keras(setting):
    """Return what the page gets, and what Keras makes of it."""
    keras.utils.set_random_seed(1)
    model = build_model(setting)
    start, order = flat(model), np.random.default_rng(7).permutation(225)
    (x, y), held = draw_blobs(225, seed=1), draw_blobs(75, seed=2)
    stop = keras.callbacks.EarlyStopping(patience=setting["patience"], restore_best_weights=True)
    fitted = model.fit(
        x[order],
        y[order],
        batch_size=setting["batch"],
        epochs=setting["epochs"],
        shuffle=False,
        validation_data=held if setting["patience"] else None,
        callbacks=[stop] if setting["patience"] else [],
        verbose=0,
    )
    given = {
        "setting": setting,
        "data": {"train": as_lists(x, y), "validation": as_lists(*held), "fresh": as_lists(*held)},
        "start": start.tolist(),
        "orders": [order.tolist()] * setting["epochs"],
    }
    found = {"parameters": flat(model), "epoch": len(fitted.epoch)}
    for part, (points, labels) in {"fresh": held, "train": (x, y)}.items():
        predicted = model(points)  # the penalty is that of the last call
        found[part] = float(np.mean(keras.losses.binary_crossentropy(labels[:, np.newaxis], predicted)))
    return given, found | {"penalty": float(sum(map(float, model.losses)))}


def test_the_cases_cover_everything_on_offer():
    for name in ("penalty", "optimizer", "batch", "activation"):
        seen = {complete_setting(case)[name] for case in cases()}
        assert seen == set(choices_of(name))


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: "-".join(map(str, case.values())))
def test_weights_loss_and_penalty_are_those_of_keras(case, modules):
    small = {"depth": 2, "width": 16, "learningRate": 0.01, "weightDecay": 0.1}
    setting = complete_setting(small | case) | {"epochs": case.get("epochs", EPOCHS)}
    given, expected = trained_by_keras(setting)
    found = modules(TRAIN, given)
    assert found["epoch"] == expected["epoch"]
    for name in ("parameters", "train", "fresh", "penalty"):
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-4, err_msg=name)
    assert (expected["penalty"] > 1e-3) == (setting["penalty"] != "none")


STEPS = """({setting, batches, before}) => {
  const row = Array.from({length: setting.batch}, (_, i) => i), data = {train: null};
  const arrays = batches.map(({x, y}) => ({x: Float32Array.from(x), y: Float32Array.from(y)}));
  data.train = arrays[0];
  const training = m.training.createTraining(setting, data, 1, {orders: arrays.map(() => row)});
  return arrays.map((batch, i) => {
    data.train = batch;
    training.network.parameters.set(before[i]);
    m.training.trainEpoch(training);
    return [...training.network.parameters];
  });
}"""


@pytest.mark.parametrize(
    ("penalty", "optimizer"), [("l1", "adam"), ("l1", "rmsprop"), ("kl", "adamw"), ("kl", "momentum")]
)
def test_each_step_is_that_of_keras_where_rounding_grows_over_many(penalty, optimizer, modules):
    rows, steps = 5, 60
    asked = {"penalty": penalty, "optimizer": optimizer, "batch": rows}
    setting = complete_setting({"depth": 2, "width": 16, "learningRate": 0.01} | asked)
    x, y = draw_blobs(rows * steps, seed=1)
    keras.utils.set_random_seed(1)
    model, weights = build_model(setting), []
    batches = list(zip(np.split(x, steps), np.split(y, steps), strict=True))
    for batch in batches:
        weights.append(flat(model))
        model.train_on_batch(*batch)
    weights.append(flat(model))
    given = {
        "setting": setting,
        "batches": [as_lists(*batch) for batch in batches],
        "before": [w.tolist() for w in weights[:-1]],
    }
    np.testing.assert_allclose(modules(STEPS, given), weights[1:], rtol=0, atol=1e-5)


def test_dropout_drops_at_its_rate_and_scales_what_survives(modules):
    scales = modules("""() => {
      const network = m.network.createNetwork([64, 64], "relu");
      return [...m.training.createMasks(network, 200, m.random.createRandom(3))(0.3, 12800, 1)];
    }""")
    assert set(np.round(scales, 5)) == {0, round(1 / 0.7, 5)}
    assert np.mean(np.equal(scales, 0)) == pytest.approx(0.3, abs=0.015)


def test_with_dropout_the_mean_final_loss_lies_in_the_engines_interval(modules):
    x, y = draw_blobs(150, seed=10)
    points = "\n".join(f"{a:.4f}, {b:.4f}, {c}" for (a, b), c in zip(x, y, strict=True))
    small = {"data": "own", "depth": 2, "width": 16, "learningRate": 0.005, "epochs": 50, "dropout": 0.5}
    setting = complete_setting({"points": points} | small)
    engine = fresh_losses(setting, range(32))
    page = modules(
        """(setting) => Array.from({length: 32}, (_, seed) => {
          const training = m.training.createTraining(setting, m.data.drawData(setting, seed), seed);
          while (!training.done) m.training.trainEpoch(training);
          return m.training.losses(training).fresh;
        })""",
        setting,
    )
    half = 2.04 * engine.std(ddof=1) / np.sqrt(32)
    assert np.mean(page) == pytest.approx(engine.mean(), abs=half)
    assert np.std(page) == pytest.approx(engine.std(), rel=0.5)
