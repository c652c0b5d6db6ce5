"""Time replicates of the shared network against one `model.fit`: `python -m benchmarks.replicates`."""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import keras
import tensorflow as tf

from course_utils.data import Split, load_blobs
from course_utils.models import mlp
from course_utils.replicates import fit_replicates

BATCH_SIZE = 20


def seconds_of(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def model_fit(blobs: Split, epochs: int) -> float:
    """Return the seconds of one `model.fit` as the lecture writes it, after building the model."""
    keras.utils.set_random_seed(0)
    model = mlp()
    validation = (blobs.x_val, blobs.y_val)
    return seconds_of(
        lambda: model.fit(
            blobs.x_train,
            blobs.y_train,
            validation_data=validation,
            epochs=epochs,
            batch_size=BATCH_SIZE,
            verbose=0,
        )
    )


def replicates(blobs: Split, epochs: int, seeds: int) -> dict[str, float]:
    """Return the seconds that `fit_replicates` spends on building, compiling and running."""
    runs = fit_replicates(
        mlp,
        blobs.x_train,
        blobs.y_train,
        validation_data=(blobs.x_val, blobs.y_val),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        seeds=seeds,
        verbose=0,
    )
    return runs.seconds


def main() -> None:
    """Print medians, and ratios per trained model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    blobs = load_blobs()
    fits = [model_fit(blobs, options.epochs) for _ in range(options.repeats)]
    splits = [replicates(blobs, options.epochs, options.seeds) for _ in range(options.repeats)]
    fit = statistics.median(fits)
    part = {name: statistics.median(split[name] for split in splits) for name in splits[0]}
    everything = statistics.median(sum(split.values()) for split in splits)
    print(f"Keras {keras.__version__}, TensorFlow {tf.__version__}, Python {platform.python_version()}")
    print(f"{options.epochs} epochs, median of {options.repeats}")
    models = f"{options.seeds} replicates"
    for name, seconds in {
        "one model.fit": fit,
        **{f"{models}, {name}": s for name, s in part.items()},
    }.items():
        print(f"{name:<24}{seconds:8.2f} s")
    for name, seconds in {"run only": part["run"], "everything": everything}.items():
        print(f"per model, {name:<13}{fit * options.seeds / seconds:8.0f} times faster than model.fit")


if __name__ == "__main__":
    main()
