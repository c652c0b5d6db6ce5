"""Make `choosing.csv`: `python data/make_choosing.py` in the root of the repository (a few minutes).

Chapter 17's comparison at equal cost: on every split L2, early stopping, AdamW and jitter have eight
trainings each. What a row holds is in `data/README.md`. The first draw of another set may be named; the
table is printed then: `python data/make_choosing.py 9001 > other.csv`.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras.optimizers import Adam, AdamW
from keras.regularizers import L2

from course_utils.data import draw_blobs, load_blobs
from course_utils.models import mlp
from course_utils.replicates import Runs, batch_order, fit_replicates, fit_variants

FIRST_DRAWS = (1701, 6701, 8701)  # the chapter's own, and those of `make redraw` with 5000 and 7000
FIRST_OF_MORE = (170001, 175001, 177001)  # the same for AdamW against L2, which takes more draws to tell
DRAWS, QUARTERS, MORE_DRAWS, MORE_QUARTERS = 32, 4, 128, 2
ROWS, DRAWN, FRESH = 300, 375, 5000
EPOCHS, BATCH, PATIENCE, LEARNING_RATE = 100, 75, 20, 0.02
# 0 first; on draws 9001 to 9032 the fifth of each was the best on average.
STRENGTHS = (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
DECAYS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
JITTERS = (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
TRAININGS = len(STRENGTHS)
KEYWORDS = {"epochs": EPOCHS, "batch_size": BATCH, "verbose": 0}


def network(l2: float = 0.0, optimizer: Callable = Adam, **of_optimizer: float) -> keras.Model:
    """Return the network of the chapter."""
    return mlp((32, 32), kernel_regularizer=L2(l2), optimizer=optimizer(LEARNING_RATE, **of_optimizer))


class Splits:
    """Every draw cut up to four times into 225 rows to train on and 75 to validate."""

    def __init__(self, firsts: Sequence[int], n_draws: int = DRAWS, quarters: int = QUARTERS) -> None:
        """Draw some sets of points; within a set the seeds of the weights count the splits from 0."""
        draws = [draw for first in firsts for draw in range(first, first + n_draws)]
        x, y = map(np.stack, zip(*(draw_blobs(DRAWN, n) for n in draws), strict=True))
        parts = np.arange(ROWS).reshape(QUARTERS, -1)[:quarters]
        others = np.stack([np.delete(np.arange(ROWS), part) for part in parts])
        self.train, self.validation = (
            tuple(v[:, rows].reshape(-1, rows.shape[1], *v.shape[2:]) for v in (x, y))
            for rows in (others, parts)
        )
        self.draws, self.quarters = np.repeat(draws, quarters), np.tile(np.arange(quarters), len(draws))
        self.seeds = np.tile(np.arange(n_draws * quarters), len(firsts))

    def in_order(self) -> list[np.ndarray]:
        """Return the training rows as a training sees them, one epoch after the other."""
        orders = [batch_order(seed, self.train[0].shape[1], EPOCHS).ravel() for seed in self.seeds]
        return [np.stack([v[o] for v, o in zip(values, orders, strict=True)]) for values in self.train]

    def noise(self) -> Iterator[np.ndarray]:
        """Yield for every split a standard normal number for each coordinate of `in_order`."""
        for draw, quarter in zip(self.draws, self.quarters, strict=True):
            shape = EPOCHS * self.train[0].shape[1], self.train[0].shape[2]
            yield np.random.default_rng([draw, quarter]).standard_normal(shape, dtype=np.float32)


def decays(splits: Splits) -> Iterator[tuple[str, float, Runs]]:
    """Train every candidate of L2 and of AdamW on every split."""
    keywords = KEYWORDS | {"validation_data": splits.validation, "seeds": splits.seeds}
    penalized = fit_variants([partial(network, s) for s in STRENGTHS], *splits.train, **keywords)
    yield from zip(["L2"] * len(STRENGTHS), STRENGTHS, penalized, strict=True)
    yield "AdamW", 0.0, penalized[0]
    for decay in DECAYS[1:]:
        build = partial(network, optimizer=AdamW, weight_decay=decay)
        yield "AdamW", decay, fit_replicates(build, *splits.train, **keywords)


def trainings(splits: Splits) -> Iterator[tuple[str, float, Runs]]:
    """Train every candidate of every technique on every split."""
    keywords = KEYWORDS | {"validation_data": splits.validation}
    penalized = list(decays(splits))
    yield from penalized
    stop = keras.callbacks.EarlyStopping("val_data_loss", patience=PATIENCE, restore_best_weights=True)
    for n in range(TRAININGS):
        seeds = splits.seeds + n * DRAWS * QUARTERS
        runs = fit_replicates(network, *splits.train, seeds=seeds, callbacks=[stop], **keywords)
        yield "early stopping", n, runs
    yield "jitter", 0.0, penalized[0][2]
    # Every row has fresh jitter each time it is seen: the epochs are one long epoch, in the usual order.
    x, y = splits.in_order()
    noise = np.stack(list(splits.noise()))
    keywords |= {"epochs": 1, "shuffle": False, "seeds": splits.seeds}
    for jitter in JITTERS[1:]:
        yield "jitter", jitter, fit_replicates(network, x + jitter * noise, y, **keywords)


def row_losses(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean loss of each prediction of shape (n_splits, n_rows)."""
    return -np.log(np.clip(np.where(labels == 1, p, 1 - p), 1e-7, 1)).mean(axis=1)


def table(splits: Splits, train: Callable) -> pd.DataFrame:
    """Return a row for each split and candidate, and for the mean of the stopped networks of a split."""
    blobs = load_blobs()
    x_new, y_new = blobs.x_test[:FRESH], blobs.y_test[:FRESH]

    def rows(technique: str, candidate: float, p_val: np.ndarray, p_new: np.ndarray) -> pd.DataFrame:
        losses = {"val_loss": row_losses(p_val, splits.validation[1]), "loss": row_losses(p_new, y_new)}
        split = {"draw": splits.draws, "quarter": splits.quarters}
        return pd.DataFrame(split | {"technique": technique, "candidate": candidate} | losses)

    tables, stopped = [], []
    for technique, candidate, runs in train(splits):
        p = [runs.predict(x)[..., 0] for x in (splits.validation[0], x_new)]
        tables.append(rows(technique, candidate, *p))
        if technique == "early stopping":
            stopped.append(p)
        print(f"{technique} {candidate:g}: done", file=sys.stderr, flush=True)
    if stopped:
        means = [np.mean(of_place, axis=0) for of_place in zip(*stopped, strict=True)]
        tables.append(rows("mean of the stopped", len(stopped), *means))
    return pd.concat(tables)


if __name__ == "__main__":
    other = [int(first) for first in sys.argv[1:]]
    found = table(Splits(other or FIRST_DRAWS), trainings)
    if not other:
        more = table(Splits(FIRST_OF_MORE, MORE_DRAWS, MORE_QUARTERS), decays)
        found = pd.concat([found, more])
    target = sys.stdout if other else Path(__file__).with_name("choosing.csv")
    found.to_csv(target, index=False, float_format="%.5g", lineterminator="\n")
