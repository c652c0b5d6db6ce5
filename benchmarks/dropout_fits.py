"""Train the shared network with dropout by `model.fit`, seed by seed: `python -m benchmarks.dropout_fits`.

`tests/test_replicates.py` compares the engine with what this wrote. It takes about three minutes.
"""

from __future__ import annotations

import platform
from functools import partial
from pathlib import Path

import keras
import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from course_utils.data import load_blobs
from course_utils.models import mlp

TABLE = Path(__file__).parents[1] / "tests" / "dropout_fits.csv"
SEEDS = range(32)
FIT = {"epochs": 60, "batch_size": 20}

build = partial(mlp, dropout=0.3)


def final_val_loss(seed: int) -> float:
    """Train one model on blobs as a reader would; return its last validation loss."""
    blobs = load_blobs()
    keras.utils.set_random_seed(seed)
    validation = (blobs.x_val, blobs.y_val)
    fitted = build().fit(blobs.x_train, blobs.y_train, validation_data=validation, verbose=0, **FIT)
    return fitted.history["val_loss"][-1]


def main() -> None:
    """Train all seeds and write the table, with the versions in a comment line."""
    rows = [{"seed": seed, "val_loss": final_val_loss(seed)} for seed in tqdm(SEEDS)]
    versions = f"Keras {keras.__version__}, TensorFlow {tf.__version__}, Python {platform.python_version()}"
    table = pd.DataFrame(rows).to_csv(index=False, float_format="%.7g")
    TABLE.write_text(f"# {versions}\n{table}", encoding="utf-8")


if __name__ == "__main__":
    main()
