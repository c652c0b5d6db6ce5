"""Make `benchmark.csv` and `benchmark_seconds.csv`: `python data/make_benchmark.py`, run in the repository.

The study behind chapter 18, too large for a page: every technique of the course on five data sets, with five
candidates for the strength of each, on 32 draws. What a row holds is in `data/README.md`. The first draw of
another set may be named, with a folder for the files: `python data/make_benchmark.py 9001 /tmp`.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras.constraints import MaxNorm
from keras.regularizers import L1, L1L2
from make_cross_validation import labels, preparation
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from course_utils.data import BLOB_TEST_SEED, draw_blobs, draw_circles, draw_customers, draw_digits, draw_iris
from course_utils.data.circles import CIRCLE_TEST_SEED
from course_utils.models import mlp
from course_utils.regularizers import L3, KLSparsity
from course_utils.replicates import fit_variants

FIRST_DRAWS = (1801, 6801, 8801)  # the chapter's own, and those of `make redraw` with 5000 and 7000
# Fresh ones, as many for each, for a question that came with the first results.
FIRST_FRESH_DRAWS = (180_001, 185_001, 187_001)
CLOSE, CLOSE_ON = ("early stopping", "L1 + L2"), ("blobs", "circles", "iris")
DRAWS, FRESH_DRAWS, FRESH, PATIENCE = 32, 128, 5000, 20
CUSTOMERS_TEST_SEED = 1_000_018

# Every technique by its candidates, told by the keywords of `network`; fixed on draws 9001 to 9008.
STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
TECHNIQUES: dict[str, list[dict[str, Any]]] = {
    "none": [{}],
    "early stopping": [{}],
    "L1": [{"l1": s} for s in STRENGTHS[:5]],
    "L2": [{"l2": s} for s in STRENGTHS[1:6]],
    "L1 + L2": [
        {"l1": l1, "l2": l2}
        for l1, l2 in ((1e-4, 0.001), (1e-4, 0.003), (1e-4, 0.01), (0.003, 1e-4), (0.003, 0.001))
    ],
    "L3": [{"l3": s} for s in STRENGTHS[1:6]],
    "activity L1": [{"activity": s} for s in STRENGTHS[:5]],
    "activity L1 before ReLU": [{"before": s} for s in STRENGTHS[:5]],
    "KL sparsity": [{"kl": s} for s in STRENGTHS[2:]],
    "max-norm": [{"limit": limit} for limit in (0.25, 0.5, 1.0, 2.0, 3.0)],
    "dropout": [{"rate": rate} for rate in (0.1, 0.2, 0.3, 0.5, 0.7)],
    "dropout + L2": [
        {"rate": rate, "l2": l2}
        for rate, l2 in ((0.1, 0.001), (0.1, 0.003), (0.2, 0.001), (0.2, 0.003), (0.5, 0.003))
    ],
    "dropout + max-norm": [
        {"rate": rate, "limit": limit}
        for rate, limit in ((0.1, 0.5), (0.1, 1.0), (0.3, 0.5), (0.3, 1.0), (0.5, 0.5))
    ],
    "L2 + KL": [
        {"l2": l2, "kl": kl}
        for l2, kl in ((3e-4, 0.01), (0.003, 0.001), (0.003, 0.01), (0.01, 0.001), (0.01, 0.01))
    ],
}

Parts = tuple[np.ndarray, ...]  # x and y to train on, to validate and to test


def blobs(draw: int) -> Parts:
    """Draw points to train on and to validate; the test points are the same for all draws."""
    x, y = draw_blobs(200, draw)
    return x[:150], y[:150], x[150:], y[150:], *draw_blobs(FRESH, BLOB_TEST_SEED)


def circles(draw: int) -> Parts:
    """Draw points to train on and to validate; the test points are the same for all draws."""
    x, y = draw_circles(150, draw)
    return x[:100], y[:100], x[100:], y[100:], *draw_circles(FRESH, CIRCLE_TEST_SEED)


def iris(draw: int) -> Parts:
    """Split the flowers into 75, 37 and 38; the scaler sees those to train on."""
    split = draw_iris(draw)
    x, x_val, y, y_val = train_test_split(
        split.x_train, split.y_train, test_size=37, stratify=split.y_train, random_state=draw
    )
    scaled = StandardScaler().fit(x).transform
    return scaled(x), y, scaled(x_val), y_val, scaled(split.x_val), split.y_val


def customers(draw: int) -> Parts:
    """Draw customers to train on and to validate, prepared by the former; the test customers are the same."""
    known, new = draw_customers(800, draw), draw_customers(FRESH, CUSTOMERS_TEST_SEED)
    prepared = preparation().fit(known[:600]).transform
    parts = (known[:600], known[600:], new)
    return tuple(array for part in parts for array in (np.float32(prepared(part)), labels(part)))


def digits(draw: int) -> Parts:
    """Split the pictures into 200, 100 and 500."""
    split = draw_digits(draw, n_train=200, n_val=100)
    return split.x_train, split.y_train, split.x_val, split.y_val, split.x_test, split.y_test


@dataclass(frozen=True)
class Problem:
    """A data set and the network for it, the same for all techniques."""

    parts: Callable[[int], Parts]
    inputs: int
    classes: int
    units: int
    epochs: int
    batch: int
    learning_rate: float


PROBLEMS = {
    "blobs": Problem(blobs, 2, 2, units=32, epochs=100, batch=50, learning_rate=0.01),
    "circles": Problem(circles, 2, 2, units=32, epochs=100, batch=50, learning_rate=0.01),
    "iris": Problem(iris, 4, 3, units=32, epochs=100, batch=25, learning_rate=0.01),
    "customers": Problem(customers, 34, 7, units=32, epochs=60, batch=100, learning_rate=0.003),
    "digits": Problem(digits, 64, 10, units=64, epochs=60, batch=50, learning_rate=0.01),
}


def network(
    problem: Problem,
    l1: float = 0.0,
    l2: float = 0.0,
    l3: float = 0.0,
    activity: float = 0.0,
    before: float = 0.0,
    kl: float = 0.0,
    rho: float = 0.2,
    rate: float = 0.0,
    limit: float = 0.0,
) -> keras.Model:
    """Return the network for a data set, two hidden layers, with what the keywords ask for.

    Strengths on the kernels (`l1`, `l2`, `l3`), on what the hidden layers put out (`activity`, `kl` with its
    share `rho`) or on their sums `before` the ReLU; the rate of dropout, and the limit of max-norm.
    """
    two = problem.classes == 2
    return mlp(
        (problem.units,) * 2,
        input_dim=problem.inputs,
        outputs=1 if two else problem.classes,
        output_activation="sigmoid" if two else "softmax",
        kernel_regularizer=L3(l3) if l3 else L1L2(l1, l2),
        activity_regularizer=KLSparsity(rho, kl) if kl else L1(before or activity),
        activity_on="preactivation" if before else "output",
        dropout=rate,
        kernel_constraint=MaxNorm(limit) if limit else None,
        optimizer=keras.optimizers.Adam(problem.learning_rate),
        loss="binary_crossentropy" if two else "sparse_categorical_crossentropy",
    )


def told(settings: dict[str, float]) -> str:
    """Return the settings of a candidate in words, such as ``rate 0.5, l2 0.003``."""
    return ", ".join(f"{name} {value:g}" for name, value in settings.items())


def study(
    name: str, draws: Sequence[int], techniques: dict[str, list[dict[str, Any]]] = TECHNIQUES
) -> Iterator[pd.DataFrame]:
    """Train every candidate of every technique on every draw of one data set: a row for each."""
    problem, draws = PROBLEMS[name], list(draws)
    x, y, x_val, y_val, x_test, y_test = map(np.stack, zip(*map(PROBLEMS[name].parts, draws), strict=True))
    stop = keras.callbacks.EarlyStopping("val_data_loss", patience=PATIENCE, restore_best_weights=True)
    candidates = [(name, settings) for name, found in techniques.items() for settings in found]
    for together in graphs(candidates):
        found = fit_variants(
            [partial(network, problem, **settings) for _, settings in together],
            x,
            y,
            validation_data=(x_val, y_val),
            epochs=problem.epochs,
            batch_size=problem.batch,
            seeds=draws,
            callbacks=[[stop] if technique == "early stopping" else None for technique, _ in together],
            verbose=0,
        )
        for (technique, settings), runs in zip(together, found, strict=True):
            test = runs.evaluate(x_test, y_test)  # one by one: large test sets need memory
            val_loss = runs.history["val_data_loss"][np.arange(len(draws)), runs.final_epoch]
            row = {"data": name, "technique": technique, "candidate": told(settings), "draw": draws}
            scores = {"val_loss": val_loss, "loss": test["data_loss"], "accuracy": test["accuracy"]}
            yield pd.DataFrame(row | scores)
        keras.utils.clear_session()
    print(f"{name}: done", file=sys.stderr, flush=True)


def graphs(candidates: Sequence[tuple[str, dict[str, Any]]]) -> list[list[tuple[str, dict[str, Any]]]]:
    """Put those together that differ in strengths alone: one graph trains them side by side."""
    found: dict[tuple, list] = {}
    for technique, settings in candidates:
        kinds = {name: bool(settings.get(name)) for name in ("l3", "before", "kl")}
        graph = *kinds.values(), settings.get("rate"), settings.get("limit")
        found.setdefault(graph, []).append((technique, settings))
    return list(found.values())


def seconds(name: str = "digits", draw: int = 0, epochs: int = 10, rounds: int = 4) -> pd.DataFrame:
    """Time some epochs of each technique with Keras, by turns, relative to none: the fastest of the rounds.

    The first round compiles and does not count. Early stopping validates after each epoch, the others do not.
    """
    problem = PROBLEMS[name]
    x, y, *validation = problem.parts(draw)[:4]
    models = {t: network(problem, **found[len(found) // 2]) for t, found in TECHNIQUES.items()}
    times: dict[str, list[float]] = {technique: [] for technique in TECHNIQUES}
    for _ in range(1 + rounds):
        for technique, model in models.items():
            watched = {"validation_data": tuple(validation)} if technique == "early stopping" else {}
            began = time.perf_counter()
            model.fit(x, y, batch_size=problem.batch, epochs=epochs, verbose=0, **watched)
            times[technique].append(time.perf_counter() - began)
    fastest = np.array([min(of_one[1:]) for of_one in times.values()])
    trainings = [len(candidates) for candidates in TECHNIQUES.values()]
    ratios = fastest / fastest[list(TECHNIQUES).index("none")]
    return pd.DataFrame({"technique": list(TECHNIQUES), "trainings": trainings, "seconds": ratios})


def save(name: str, table: pd.DataFrame, folder: Path) -> None:
    """Write a file of four digits."""
    table.to_csv(folder / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")


def consecutive(firsts: Sequence[int], count: int) -> list[int]:
    """Return so many draws from each of the first ones on."""
    return [draw for first in firsts for draw in range(first, first + count)]


if __name__ == "__main__":
    named = [int(sys.argv[1])] if len(sys.argv) > 1 else []
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent
    draws = consecutive(named or FIRST_DRAWS, DRAWS)
    parts = [part for name in PROBLEMS for part in study(name, draws)]
    if not named:
        draws = consecutive(FIRST_FRESH_DRAWS, FRESH_DRAWS)
        close = {technique: TECHNIQUES[technique] for technique in CLOSE}
        parts += [part for name in CLOSE_ON for part in study(name, draws, close)]
    save("benchmark", pd.concat(parts), folder)
    save("benchmark_seconds", seconds(), folder)
