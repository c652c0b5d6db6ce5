"""What Keras makes of the settings that the laboratory offers, as plain numbers."""

import keras
import numpy as np

from course_utils.data import draw_blobs
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity

EPOCHS = 5
PLAIN = {
    "width": 12, "depth": 2, "activation": "relu", "optimizer": "adam", "learningRate": 0.01, "batch": 20,
    "epochs": EPOCHS, "penalty": "none", "strength": 0.01, "rho": 0.05, "weightDecay": 0.1, "dropout": 0,
    "maxNorm": 0, "patience": 0,
}  # fmt: skip
PENALTIES = {
    "none": {},
    "l1": {"kernel_regularizer": keras.regularizers.L1(0.01)},
    "l2": {"kernel_regularizer": keras.regularizers.L2(0.01)},
    "l3": {"kernel_regularizer": L3(0.01)},
    "activity_after": {"activity_regularizer": keras.regularizers.L1(0.01)},
    "activity_before": {"activity_regularizer": keras.regularizers.L1(0.01), "activity_on": "preactivation"},
    "kl": {"activity_regularizer": KLSparsity(rho=0.05, strength=0.01)},
}
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "nesterov": lambda rate: keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "adamw": lambda rate: keras.optimizers.AdamW(rate, weight_decay=0.1),
}
BATCHES = (5, 10, 20, 50, 100, 500)


def cases():
    """Every penalty, optimizer, batch size and activation at least once, in as few trainings as possible."""
    for place, penalty in enumerate(PENALTIES):
        optimizer = list(OPTIMIZERS)[place % len(OPTIMIZERS)]
        yield {"penalty": penalty, "optimizer": optimizer, "batch": BATCHES[(place + 4) % len(BATCHES)]}
    yield {"penalty": "kl", "activation": "sigmoid", "batch": 50}
    yield {"penalty": "activity_before", "activation": "tanh"}
    yield {"maxNorm": 0.5, "penalty": "l2"}
    yield {"patience": 1, "optimizer": "rmsprop", "learningRate": 0.05}


def flat(model):
    return np.concatenate([weights.ravel() for weights in model.get_weights()])


def reference(change, rows=225):
    """Train one case with Keras: what the laboratory gets, and what it must find."""
    setting = PLAIN | change
    keras.utils.set_random_seed(1)
    limit = keras.constraints.MaxNorm(setting["maxNorm"]) if setting["maxNorm"] else None
    model = mlp(
        (setting["width"],) * setting["depth"],
        activation=setting["activation"],
        kernel_constraint=limit,
        optimizer=OPTIMIZERS[setting["optimizer"]](setting["learningRate"]),
        **PENALTIES[setting["penalty"]],
    )
    start = flat(model)
    (x, y), (x_val, y_val) = draw_blobs(rows, seed=1), draw_blobs(75, seed=2)
    orders = np.array([np.random.default_rng(7).permutation(rows)] * EPOCHS)
    stop = keras.callbacks.EarlyStopping(patience=setting["patience"], restore_best_weights=True)
    model.fit(
        x[orders[0]],
        y[orders[0]],
        batch_size=setting["batch"],
        epochs=EPOCHS,
        shuffle=False,
        validation_data=(x_val, y_val) if setting["patience"] else None,
        callbacks=[stop] if setting["patience"] else [],
        verbose=0,
    )
    predicted = model(x)
    return {
        "setting": setting,
        "data": {"train": both(x, y), "validation": both(x_val, y_val), "fresh": both(x_val, y_val)},
        "start": start.tolist(),
        "orders": orders.tolist(),
        "parameters": flat(model).tolist(),
        "train": float(np.mean(keras.losses.binary_crossentropy(y[:, None], predicted))),
        "penalty": float(sum(map(float, model.losses))),
    }


def both(x, y):
    return {"x": x.ravel().tolist(), "y": y.tolist()}
