"""Make `iris_published.csv`: `python data/make_iris.py` in the root of the repository (a few minutes).

The published network of chapter 12 at its published size, over 32 splits of the flowers. The seed of the
weights is the seed of the split.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

from course_utils.compare import compare
from course_utils.data import draw_iris

SPLITS = range(1201, 1233)
STRENGTHS = {"none": 0.0, "L1(0.001)": 0.001, "L1(0.112)": 0.112}
EPOCHS = range(50, 351, 50)
MEASURED = ["accuracy", "data_loss", "val_accuracy", "val_data_loss"]


def network(strength: float) -> keras.Model:
    """Build the published network; a strength of 0 is no penalty."""
    l1 = keras.regularizers.L1(strength)
    inputs = keras.Input((4,))
    x = keras.layers.Dense(512, "tanh", activity_regularizer=l1)(inputs)
    x = keras.layers.Dense(256, "tanh")(x)
    x = keras.layers.Dense(64, "tanh")(x)
    x = keras.layers.Dense(32, "relu")(x)
    model = keras.Model(inputs, keras.layers.Dense(3, "softmax")(x))
    model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def standardized_splits(seeds: range) -> list[np.ndarray]:
    """Return x_train, y_train, x_val and y_val, each with a leading axis for the splits."""
    parts = []
    for split in map(draw_iris, seeds):
        scaler = StandardScaler().fit(split.x_train)
        x_train, x_val = scaler.transform(split.x_train), scaler.transform(split.x_val)
        parts.append((x_train, split.y_train, x_val, split.y_val))
    return [np.stack(part) for part in zip(*parts, strict=True)]


def measure() -> pd.DataFrame:
    """Train all variants, and return one row for each variant, split and epoch that is written down."""
    x_train, y_train, *validation = standardized_splits(SPLITS)
    builders: dict[str, Callable] = {name: partial(network, s) for name, s in STRENGTHS.items()}
    trained = compare(
        builders, x_train, y_train, validation_data=tuple(validation), seeds=SPLITS,
        epochs=EPOCHS[-1], batch_size=128, verbose=0,
    )  # fmt: skip
    rows = [
        {"variant": name, "split": split, "epoch": epoch}
        | {log: runs.history[log][number, epoch - 1] for log in MEASURED}
        for name, runs in trained.runs.items()
        for number, split in enumerate(SPLITS)
        for epoch in EPOCHS
    ]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    table = measure()
    file = Path(__file__).with_name("iris_published.csv")
    table.to_csv(file, index=False, float_format="%.5f", lineterminator="\n")
