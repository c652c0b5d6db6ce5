"""Make the three files `dropout_*.csv`: `python data/make_dropout_comparison.py`, run in the repository.

The study behind chapter 15, too large for a page: six techniques and none, five strengths each, three
widths and two sizes of the training set, 32 draws. What a row holds is in `data/README.md`. The first
draw of another set may be named, with a folder for the files: `python data/make_dropout_comparison.py
9001 /tmp`. The three sets of the files take about twelve minutes of one processor.
"""

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras.regularizers import L1, L2

from course_utils.data import draw_blobs
from course_utils.data.blobs import BLOB_TEST_SEED
from course_utils.models import mlp
from course_utils.replicates import Runs, evaluate_variants, fit_replicates, fit_variants

FIRST_DRAWS = (1501, 6501, 8501)  # the chapter's own, and those of `make redraw` with 5000 and 7000
DRAWS, FRESH, VALIDATION = 32, 5000, 50
WIDTHS, SIZES = (4, 16, 64), (50, 150)
EPOCHS, BATCH, PATIENCE = 100, 50, 20
RATES = (0.1, 0.3, 0.5, 0.7, 0.9)
L2_STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03)
L1_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1)
NORMS = (0.125, 0.25, 0.5, 1.0, 2.0)
# Epochs after which the gap between the losses of training is taken apart, and masks to average over.
GAP_EPOCHS, GAP_RATE, MASKS = (1, 2, 5, 10, 30, 100), 0.5, 50

# Technique, rate of dropout, strength, whether it stops early.
PLAIN = [
    ("none", 0.0, 0.0, False),
    ("early stopping", 0.0, 0.0, True),
    *(("L2", 0.0, s, False) for s in L2_STRENGTHS),
    *(("activity L1", 0.0, s, False) for s in L1_STRENGTHS),
]
DROPPED = [
    *((technique, rate, 0.0, stops) for rate in RATES for technique, stops in
      (("dropout", False), ("dropout, early stopping", True))),
    *(("L2 + dropout", rate, s, False) for rate in (0.1, 0.5) for s in L2_STRENGTHS),
]  # fmt: skip
CONSTRAINED = [("max-norm", 0.0, limit, False) for limit in NORMS]


def network(width: int, technique: str, rate: float, strength: float) -> keras.Model:
    """Return the network of the chapter, four hidden layers, with one technique."""
    return mlp(
        (width,) * 4,
        dropout=rate,
        kernel_regularizer=L2(strength if technique.startswith("L2") else 0.0),
        activity_regularizer=L1(strength if technique == "activity L1" else 0.0),
        kernel_constraint=keras.constraints.MaxNorm(strength) if technique == "max-norm" else None,
        optimizer=keras.optimizers.Adam(0.01),
    )


class Points:
    """Training and validation rows of some draws."""

    def __init__(self, draws: Sequence[int], rows: int) -> None:
        """Draw the largest training set and the validation rows; smaller sets are its first rows."""
        x, y = map(np.stack, zip(*(draw_blobs(max(SIZES) + VALIDATION, n) for n in draws), strict=True))
        self.draws = list(draws)
        self.train = x[:, :rows], y[:, :rows]
        self.validation = x[:, max(SIZES) :], y[:, max(SIZES) :]


def grid(draws: Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train every technique with every strength at every width and size; the curves are those of the last."""
    measured, curves = [], []
    for width in WIDTHS:
        for rows in SIZES:
            points, curves = Points(draws, rows), []
            for variants in (PLAIN, DROPPED, CONSTRAINED):
                for variant, runs, fresh in trained(points, variants, width):
                    measured.append(row_per_draw(points, width, variant, runs, fresh))
                    if variant[0] in ("none", "dropout"):
                        curves.append(curve(points, variant, runs))
                keras.utils.clear_session()
            print(f"width {width}, {rows} rows: done", file=sys.stderr, flush=True)
    return pd.concat(measured), pd.concat(curves)


def trained(points: Points, variants: Sequence, width: int) -> Iterator[tuple[tuple, Runs, dict]]:
    """Train some variants and evaluate them on fresh points."""
    stop = keras.callbacks.EarlyStopping("val_data_loss", patience=PATIENCE, restore_best_weights=True)
    found = fit_variants(
        [partial(network, width, *variant[:3]) for variant in variants],
        *points.train,
        validation_data=points.validation,
        epochs=EPOCHS,
        batch_size=BATCH,
        seeds=points.draws,
        callbacks=[[stop] if variant[3] else None for variant in variants],
        verbose=0,
    )
    fresh = evaluate_variants(found, *draw_blobs(FRESH, BLOB_TEST_SEED))
    yield from zip(variants, found, fresh, strict=True)


def row_per_draw(points: Points, width: int, variant: tuple, runs: Runs, fresh: dict) -> pd.DataFrame:
    """Return what the weights that a network holds are worth."""
    technique, rate, strength, _ = variant
    return pd.DataFrame(
        {
            "draw": points.draws,
            "width": width,
            "rows": points.train[0].shape[1],
            "technique": technique,
            "rate": rate,
            "strength": strength,
            "epoch": runs.final_epoch + 1,
            "val_loss": runs.history["val_data_loss"][np.arange(len(runs.seeds)), runs.final_epoch],
            "loss": fresh["data_loss"],
            "accuracy": fresh["accuracy"],
        }
    )


def curve(points: Points, variant: tuple, runs: Runs) -> pd.DataFrame:
    """Return the mean losses of each set of draws, epoch by epoch."""
    tables = []
    for first in range(0, len(points.draws), DRAWS):
        keys = {"reported": "data_loss", "validation": "val_data_loss"}
        losses = {name: runs.history[key][first : first + DRAWS].mean(axis=0) for name, key in keys.items()}
        epochs = 1 + np.arange(EPOCHS)
        tables.append(
            pd.DataFrame({"set": points.draws[first], "rate": variant[1], "epoch": epochs, **losses})
        )
    return pd.concat(tables)


def gap(draws: Sequence[int]) -> pd.DataFrame:
    """Return what `fit` reports after some epochs, and the losses of the weights at their end."""
    points, tables = Points(draws, max(SIZES)), []
    for epochs in GAP_EPOCHS:
        runs = fit_replicates(
            partial(network, max(WIDTHS), "dropout", GAP_RATE, 0.0),
            *points.train,
            validation_data=points.validation,
            epochs=epochs,
            batch_size=BATCH,
            seeds=points.draws,
            verbose=0,
        )
        losses = {
            "reported": runs.history["data_loss"][:, -1],
            "masks_on": loss_with_masks(runs, *points.train),
            "masks_off": runs.evaluate(*points.train)["data_loss"],
            "validation": runs.history["val_data_loss"][:, -1],
        }
        tables.append(pd.DataFrame({"draw": points.draws, "epoch": epochs, **losses}))
    return pd.concat(tables)


def loss_with_masks(runs: Runs, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the mean loss of each network over random masks, with the weights that it holds."""
    keras.utils.set_random_seed(15)
    model, found = runs.builder(), []
    for *weights, of_draw, labels in zip(*runs.weights, x, y, strict=True):
        model.set_weights(weights)
        p = np.reshape(model(np.tile(of_draw, (MASKS, 1)), training=True), (MASKS, -1)).astype(float)
        right = np.where(labels == 1, p, 1 - p)
        found.append(-np.log(np.clip(right, 1e-7, 1)).mean())
    return np.array(found)


def save(name: str, table: pd.DataFrame, folder: Path) -> None:
    """Write a file of four digits."""
    table.to_csv(folder / f"dropout_{name}.csv", index=False, float_format="%.4g", lineterminator="\n")


if __name__ == "__main__":
    firsts = [int(sys.argv[1])] if len(sys.argv) > 1 else FIRST_DRAWS
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent
    draws = [draw for first in firsts for draw in range(first, first + DRAWS)]
    save("gap", gap(draws), folder)
    for name, table in zip(("comparison", "curves"), grid(draws), strict=True):
        save(name, table, folder)
