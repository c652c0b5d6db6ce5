"""Time the engine against `model.fit` and a peer, all in one run: `python -m benchmarks.replicates`.

It prints a table of medians. `--write` keeps it for the book's page about the engine. With three repeats it
takes about twelve minutes on two cores; `--only` picks jobs. What takes minutes is not repeated.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.datasets import load_digits, make_circles

from benchmarks import BATCH_SIZE, EPOCHS, MACHINE, TABLE
from course_utils.data import load_blobs
from course_utils.models import mlp
from course_utils.replicates import fit_replicates

SEEDS = (1, 8, 32, 128, 1024)
COMPARED = 32
# No other repeat begins after so many seconds: `model.fit` on the circles takes minutes.
_ENOUGH = 120.0


@dataclass(frozen=True)
class Job:
    """One training as a lecture writes it."""

    name: str
    build: Callable[[], keras.Model]
    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    epochs: int = EPOCHS
    batch_size: int = BATCH_SIZE

    @property
    def keywords(self) -> dict:
        """What `model.fit` and `fit_replicates` are both given."""
        return {
            "validation_data": self.validation,
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "verbose": 0,
        }


def shared_network(**penalties: object) -> Job:
    """Return the course's network on blobs."""
    blobs = load_blobs()
    name = "dropout 0.3" if penalties else "shared network"
    return Job(name, partial(mlp, **penalties), (blobs.x_train, blobs.y_train), (blobs.x_val, blobs.y_val))


def circles() -> Job:
    """500 units on 30 points, 4 000 epochs."""
    x, y = make_circles(100, noise=0.1, random_state=1)
    return Job(
        "circles", partial(mlp, (500,)), (x[:30], y[:30]), (x[30:], y[30:]), epochs=4000, batch_size=32
    )


def digits(name: str, shape: tuple[int, ...], hidden: Callable[[], list[keras.layers.Layer]]) -> Job:
    """Return a small network on 200 digits of 8 x 8."""

    def build() -> keras.Model:
        x = inputs = keras.Input(shape)
        for layer in hidden():
            x = layer(x)
        model = keras.Model(inputs, keras.layers.Dense(10, "softmax")(x))
        model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    x, y = load_digits(return_X_y=True)
    x = (x / 16).reshape(-1, *shape)
    return Job(name, build, (x[:200], y[:200]), (x[200:300], y[200:300]), epochs=50, batch_size=32)


def jobs() -> list[Job]:
    """Everything that is timed with 32 seeds."""
    layers = keras.layers
    return [
        shared_network(),
        shared_network(dropout=0.3),
        circles(),
        digits(
            "Conv2D(32, (3, 3))",
            (8, 8, 1),
            lambda: [layers.Conv2D(32, 3, activation="relu"), layers.Flatten()],
        ),
        digits("LSTM(32)", (8, 8), lambda: [layers.LSTM(32)]),
    ]


def model_fit(job: Job, **tuning: object) -> dict[str, float]:
    """Seconds of one `model.fit`, after building; `tuning` goes to `compile`."""
    keras.utils.set_random_seed(0)
    start = time.perf_counter()
    model = job.build()
    if tuning:
        model.compile(model.optimizer, model.loss, metrics=["accuracy"], **tuning)
    built = time.perf_counter()
    model.fit(*job.train, **job.keywords)
    return {"build": built - start, "compile": 0.0, "check": 0.0, "run": time.perf_counter() - built}


def replicates(job: Job, seeds: int) -> dict[str, float]:
    """Seconds that `fit_replicates` spends, those of its check against Keras included."""
    return fit_replicates(job.build, *job.train, **job.keywords, seeds=seeds).seconds


def median(work: Callable[[], dict[str, float]], repeats: int) -> dict[str, float]:
    """Median of each part over repeats, fewer where one takes minutes."""
    began, found = time.perf_counter(), [work()]
    while len(found) < repeats and time.perf_counter() - began < _ENOUGH:
        found.append(work())
    return pd.DataFrame(found).median().to_dict()


def jax_peer(seeds: int, repeats: int) -> dict[str, float]:
    """Medians of the peer, which runs in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.jax_peer", f"--seeds={seeds}", f"--repeats={repeats}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"KERAS_BACKEND": "jax"}
    )
    seconds = pd.DataFrame(json.loads(done.stdout.splitlines()[-1])).median().to_dict()
    return {"build": seconds["build"], "compile": seconds["compile"], "check": 0.0, "run": seconds["run"]}


def sgemm_rate() -> float:
    """Return the floating-point operations per second of a large matrix product in single precision."""
    a = np.random.default_rng(0).normal(size=(2048, 2048)).astype(np.float32)
    a @ a
    start = time.perf_counter()
    for _ in range(10):
        a @ a
    return 10 * 2 * 2048**3 / (time.perf_counter() - start)


def operations(job: Job, seeds: int) -> float:
    """Floating-point operations of the matrix products: forward, and twice that backward."""
    weights = sum(w.size for w in job.build().get_weights() if w.ndim == 2)
    return 6.0 * weights * len(job.train[0]) * job.epochs * seeds


def peak_memory(seeds: int) -> float:
    """Peak resident gigabytes of a fresh process that trains this many seeds of the shared network."""
    # Linux hands the peak of the parent on in `ru_maxrss`; VmHWM begins anew with the program.
    code = (
        "from pathlib import Path; from benchmarks.replicates import replicates, shared_network;"
        f"replicates(shared_network(), {seeds});"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1]) * 1024 / 1e9


class Table:
    """Rows of seconds, and how many times faster than the job's `model.fit` each model was trained."""

    def __init__(self) -> None:
        self.rows: list[dict] = []

    def add(self, job: Job, program: str, models: int, seconds: dict[str, float]) -> None:
        """Add a row and print it; the first of a job is its `model.fit`."""
        row = {"Job": job.name, "Program": program, "Models": models}
        row |= {f"{part.capitalize()} (s)": spent for part, spent in seconds.items()}
        fit = next((r for r in self.rows if r["Job"] == job.name), row)["Run (s)"] * models
        row |= {"Times faster, run": fit / row["Run (s)"], "Times faster, all": fit / sum(seconds.values())}
        self.rows.append(row)
        print(
            ", ".join(f"{n} {v:.3g}" if isinstance(v, float) else str(v) for n, v in row.items()), flush=True
        )

    def seconds_to_run(self, models: int) -> float:
        """Return the seconds of the first row with so many models."""
        return next(row["Run (s)"] for row in self.rows if row["Models"] == models)


def time_shared_network(table: Table, job: Job, repeats: int) -> None:
    """Time the tuned fits, every number of seeds, and the peer."""
    steps = -(-len(job.train[0]) // job.batch_size)
    for jit_compile in (False, True):
        tuning = {"steps_per_execution": steps, "jit_compile": jit_compile}
        name = f"model.fit, steps_per_execution={steps}" + ", jit_compile=True" * jit_compile
        table.add(job, name, 1, median(partial(model_fit, job, **tuning), repeats))
    for seeds in SEEDS:
        table.add(job, "fit_replicates", seeds, median(partial(replicates, job, seeds), repeats))
    if importlib.util.find_spec("jax"):
        table.add(job, "Keras on JAX, jax.vmap", COMPARED, jax_peer(COMPARED, repeats))
    else:
        print("JAX is not installed (extra `bench`): the peer is left out")


def machine() -> dict[str, str]:
    """Return what the numbers belong to."""
    packages = {"Keras": keras, "TensorFlow": tf, "NumPy": np}
    versions = ", ".join(f"{name} {package.__version__}" for name, package in packages.items())
    return {
        "Machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "Versions": f"Python {platform.python_version()}, {versions}",
    }


def write(table: Table, facts: dict[str, str]) -> None:
    """Replace the kept rows of the jobs that were timed, and leave the others."""
    new = pd.DataFrame(table.rows)
    if TABLE.exists():
        old = pd.read_csv(TABLE)
        new = pd.concat([new, old[~old["Job"].isin(new["Job"])]]).dropna(axis=1, how="all")
        facts = dict(pd.read_csv(MACHINE, header=None).to_numpy()) | facts
    order = {job.name: place for place, job in enumerate(jobs())}
    new = new.sort_values("Job", key=lambda names: names.map(order), kind="stable")
    new.to_csv(TABLE, index=False, float_format=lambda value: f"{float(f'{value:.3g}'):g}")
    pd.Series(facts).to_csv(MACHINE, header=False)


def main() -> None:
    """Measure, print, and keep the tables if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [job.name for job in jobs()]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="jobs to time")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name} and {MACHINE.name}")
    options = parser.parse_args()
    repeats = f"{options.repeats} repeats, or of those that begin within {_ENOUGH:g} seconds"
    table, facts = Table(), machine() | {"Each number is a median of": repeats}
    for job in jobs():
        if job.name not in options.only:
            continue
        table.add(job, "model.fit", 1, median(partial(model_fit, job), options.repeats))
        if job.name == names[0]:
            time_shared_network(table, job, options.repeats)
            share = operations(job, COMPARED) / table.seconds_to_run(COMPARED) / sgemm_rate()
            facts[f"Share of the sgemm rate, {job.name}, {COMPARED} models"] = f"{share:.0%}"
            facts[f"Peak memory, {job.name}, {SEEDS[-1]} models"] = f"{peak_memory(SEEDS[-1]):.2f} GB"
        else:
            work = partial(replicates, job, COMPARED)
            table.add(job, "fit_replicates", COMPARED, median(work, options.repeats))
    for name, fact in facts.items():
        print(f"{name}: {fact}")
    if options.write:
        write(table, facts)


if __name__ == "__main__":
    main()
