"""Make `cross_validation.csv`: `python data/make_cross_validation.py` in the root of the repository.

The study behind chapter 13, too large for a page: 32 tables of 2 000 customers, each cross-validated in five
folds, with every network measured on fresh customers as well. What a row holds is in `data/README.md`. Draw 0
is `customers.csv`, which the chapter trains again and compares. The first draws of other sets may be named:
`python data/make_cross_validation.py 9001 > other.csv`. One set takes about ten minutes of processor time.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from course_utils.data import draw_customers, stack_folds
from course_utils.data.customers import AREAS, JOBS, PRODUCTS
from course_utils.models import mlp
from course_utils.replicates import Runs, evaluate_variants, fit_variants

FIRST_DRAWS = (1301, 6301, 8301)  # the chapter's own, and those of `make redraw` with 5000 and 7000
TABLES, TABLES_AT_ONCE = 32, 16
EPOCHS, BATCH, LEARNING_RATE, PATIENCE = 40, 200, 0.005, 10
PUBLISHED_EPOCHS, PUBLISHED_SEEDS = (5, 10, 20, 30, 50, 100, 200, 300, 400, 500), 4
NONE = ("none", 0.0)
STRENGTHS = {
    "kernel L1": (0.001, 0.003, 0.01),
    "kernel L2": (0.003, 0.01, 0.03),
    "activity L1": (0.0001, 0.01),
}
VARIANTS = [NONE, *((name, s) for name, strengths in STRENGTHS.items() for s in strengths)]


NUMBERS = [name for name in draw_customers(1, 0) if name not in ("id", "job", "area", "product")]


def preparation() -> object:
    """Return a new preparation: one-hot codes, medians for what is missing, z-scores."""
    return make_column_transformer(
        (OneHotEncoder(categories=[JOBS, AREAS], sparse_output=False), ["job", "area"]),
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
    )


def labels(table: pd.DataFrame) -> np.ndarray:
    """Return the products as numbers."""
    return pd.Index(PRODUCTS).get_indexer(table["product"])


def network(variant: str, strength: float, learning_rate: float = LEARNING_RATE) -> keras.Model:
    """Return the network of the chapter with one penalty, or none."""
    on = {name: strength * (name == variant) for name in STRENGTHS}
    return mlp(
        (50, 25),
        input_dim=34,
        outputs=7,
        output_activation="softmax",
        kernel_regularizer=keras.regularizers.L1L2(on["kernel L1"], on["kernel L2"]),
        activity_regularizer=keras.regularizers.L1(on["activity L1"]),
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
    )


def builder(*settings: object) -> Callable[[], keras.Model]:
    """Return what makes such networks."""
    return lambda: network(*settings)


class Tables:
    """Some tables in five folds each: arrays with one leading axis over tables and folds."""

    def __init__(self, draws: Sequence[int], prepared: str = "inside") -> None:
        """Prepare `inside` the folds or `before` splitting, or keep some training rows `to choose` by."""
        parts = [self._parts(draw, prepared) for draw in draws]
        self.draws = list(draws)
        self.seeds = [100 * draw + fold for draw in draws for fold in range(5)]
        self.x, self.y, *pairs = (np.concatenate(part) for part in zip(*parts, strict=True))
        self.choose, self.scored, self.fresh = pairs[:2], pairs[2:4], pairs[4:]

    @staticmethod
    def _parts(draw: int, prepared: str) -> list[np.ndarray]:
        table, new = draw_customers(2000, draw), draw_customers(4000, 1_000_000 + draw)
        y = labels(table)
        splits = list(KFold(5, shuffle=True, random_state=42).split(table))
        known = [(np.arange(2000) if prepared == "before" else train, val) for train, val in splits]
        if prepared == "to choose":
            known = [train_test_split(train, test_size=0.2, random_state=42) for train, _ in splits]
        folds = stack_folds(preparation(), table, y, known)
        x = folds.prepare(table)
        used = [train for train, _ in (splits if prepared == "before" else known)]
        pairs = [used, [kept for _, kept in known], [val for _, val in splits]]
        found = []
        for of_folds in pairs:
            found += [
                np.stack([x[fold, chosen] for fold, chosen in enumerate(of_folds)]),
                y[np.stack(of_folds)],
            ]
        return [*found, folds.prepare(new), np.tile(labels(new), (5, 1))]


def rows(what: str, tables: Tables, runs: Runs, scored: dict, fresh: dict, variant: str = "none",
         strength: float = 0.0, **more: np.ndarray) -> pd.DataFrame:  # fmt: skip
    """Return one row per table and fold."""
    return pd.DataFrame(
        {
            "draw": np.repeat(tables.draws, 5),
            "fold": np.tile(np.arange(5), len(tables.draws)),
            "what": what,
            "variant": variant,
            "strength": strength,
            "epoch": runs.final_epoch + 1,
            "accuracy": scored["accuracy"],
            "loss": scored["data_loss"],
            "fresh_accuracy": fresh["accuracy"],
            "fresh_loss": fresh["data_loss"],
            **more,
        }
    )


def trained(tables: Tables, variants: Sequence, stops: Sequence | None = None, repeat: int = 0) -> list[Runs]:
    """Train one network for each variant, table and fold."""
    return fit_variants(
        [builder(*variant) for variant in variants],
        tables.x,
        tables.y,
        validation_data=tuple(tables.choose),
        batch_size=BATCH,
        epochs=EPOCHS,
        callbacks=stops,
        seeds=[seed + 5 * repeat for seed in tables.seeds],
        verbose=0,
    )


def stop(monitor: str) -> list:
    """Return an early stopping that keeps the best epoch."""
    return [keras.callbacks.EarlyStopping(monitor, patience=PATIENCE, restore_best_weights=True)]


def cross_validated(tables: Tables) -> Iterator[pd.DataFrame]:
    """Every variant in five folds; two more networks stop by the fold that scores them."""
    stops = [None] * len(VARIANTS) + [stop("val_data_loss"), stop("val_accuracy")]
    names = ["folds"] * len(VARIANTS) + ["stopped by the loss of the fold", "stopped by its accuracy"]
    variants = [*VARIANTS, NONE, NONE]
    found = trained(tables, variants, stops)
    tests = evaluate_variants(found, *tables.fresh)
    scores = evaluate_variants(found, *tables.scored)
    for what, variant, runs, scored, fresh in zip(names, variants, found, scores, tests, strict=True):
        yield rows(what, tables, runs, scored, fresh, *variant)


def other_seeds(tables: Tables) -> Iterator[pd.DataFrame]:
    """Train in the same folds from other initial weights, with another order of the rows."""
    (runs,) = trained(tables, [NONE], repeat=1)
    yield rows("another seed", tables, runs, runs.evaluate(*tables.scored), runs.evaluate(*tables.fresh))


def prepared_before(tables: Tables) -> Iterator[pd.DataFrame]:
    """Train the same networks on features that were prepared by all rows before splitting."""
    (runs,) = trained(tables, [NONE])
    scored, fresh = runs.evaluate(*tables.scored), runs.evaluate(*tables.fresh)
    yield rows("prepared before splitting", tables, runs, scored, fresh)


def chosen_inside(tables: Tables) -> Iterator[pd.DataFrame]:
    """Train on four fifths of every fold's training rows; the rest may choose a strength or an epoch."""
    variants, stops = [*VARIANTS, NONE], [None] * len(VARIANTS) + [stop("val_data_loss")]
    found = trained(tables, variants, stops)
    at = np.arange(len(tables.seeds))
    scores, tests = (evaluate_variants(found, *data) for data in (tables.scored, tables.fresh))
    names = ["to choose"] * len(VARIANTS) + ["stopped inside the fold"]
    for what, variant, runs, scored, fresh in zip(names, variants, found, scores, tests, strict=True):
        inner = {f"inner_{name}": runs.history[f"val_{key}"][at, runs.final_epoch]
                 for name, key in (("accuracy", "accuracy"), ("loss", "data_loss"))}  # fmt: skip
        yield rows(what, tables, runs, scored, fresh, *variant, **inner)


def all_rows(draws: Sequence[int], epochs: Sequence[int]) -> Iterator[pd.DataFrame]:
    """One network for each table and variant, trained on all its rows; without penalty also for `epochs`."""
    tables = [draw_customers(2000, draw) for draw in draws]
    new = [draw_customers(4000, 1_000_000 + draw) for draw in draws]
    fitted = [preparation().fit(table) for table in tables]
    x, fresh = (
        np.stack([np.float32(one.transform(rows)) for one, rows in zip(fitted, them, strict=True)])
        for them in (tables, new)
    )
    y, answers = np.stack([*map(labels, tables)]), np.stack([*map(labels, new)])
    found = fit_variants(
        [builder(*variant) for variant in VARIANTS], x, y, validation_data=(fresh, answers),
        batch_size=BATCH, epochs=EPOCHS, seeds=[100 * draw + 99 for draw in draws], verbose=0,
    )  # fmt: skip
    last = np.full(len(draws), EPOCHS)
    jobs = [("all rows", *variant, runs, last) for variant, runs in zip(VARIANTS, found, strict=True)]
    for what, variant, strength, runs, of_table in [
        *jobs,
        ("all rows, stopped", "none", 0.0, found[0], epochs),
    ]:
        at = np.arange(len(draws)), np.asarray(of_table) - 1
        found_there = {f"fresh_{name}": runs.history[f"val_{key}"][at]
                       for name, key in (("accuracy", "accuracy"), ("loss", "data_loss"))}  # fmt: skip
        yield pd.DataFrame({"draw": draws, "fold": -1, "what": what, "variant": variant,
                            "strength": strength, "epoch": of_table, **found_there})  # fmt: skip


def reused(tables: Tables) -> Iterator[pd.DataFrame]:
    """Make the mistake as people make it: one model, made before the loop, goes on through all folds."""
    for place, draw in enumerate(tables.draws):
        keras.utils.set_random_seed(100 * draw)
        model = network(*NONE)
        for fold in range(5):
            one = 5 * place + fold
            model.fit(tables.x[one], tables.y[one], batch_size=BATCH, epochs=EPOCHS, verbose=0)
            (loss, accuracy), (fresh_loss, fresh_accuracy) = (
                model.evaluate(x[one], y[one], batch_size=1000, verbose=0)
                for x, y in (tables.scored, tables.fresh)
            )
            yield pd.DataFrame([{"draw": draw, "fold": fold, "what": "one model for all folds",
                                 "variant": "none", "strength": 0.0, "epoch": EPOCHS,
                                 "accuracy": accuracy, "loss": loss, "fresh_accuracy": fresh_accuracy,
                                 "fresh_loss": fresh_loss}])  # fmt: skip
        keras.utils.clear_session()


def without_network(tables: Tables) -> Iterator[pd.DataFrame]:
    """Fit what a network has to beat: logistic regression."""
    for one, seed in enumerate(tables.seeds):
        model = LogisticRegression(C=0.1, max_iter=300).fit(tables.x[one], tables.y[one])
        (loss, accuracy), (fresh_loss, fresh_accuracy) = (
            (log_loss(y[one], model.predict_proba(x[one]), labels=range(7)), model.score(x[one], y[one]))
            for x, y in (tables.scored, tables.fresh)
        )
        yield pd.DataFrame([{"draw": seed // 100, "fold": seed % 100, "what": "folds",
                             "variant": "logistic regression", "strength": 0.0, "accuracy": accuracy,
                             "loss": loss, "fresh_accuracy": fresh_accuracy,
                             "fresh_loss": fresh_loss}])  # fmt: skip


def study(draws: Sequence[int]) -> pd.DataFrame:
    """Everything about some tables."""
    inside, to_choose = Tables(draws), Tables(draws, "to choose")
    parts = [*cross_validated(inside), *other_seeds(inside), *without_network(inside), *reused(inside)]
    parts += [*prepared_before(Tables(draws, "before")), *(chosen := [*chosen_inside(to_choose)])]
    epochs = chosen[-1].groupby("draw")["epoch"].mean().round().astype(int)
    return pd.concat([*parts, *all_rows(draws, epochs[list(draws)].to_numpy())])


def published() -> Iterator[pd.DataFrame]:
    """Train the published set-up on `customers.csv`: Adam as it comes, batches of 32, 500 epochs."""
    tables = Tables([0])
    x, y, x_val, y_val = (
        np.concatenate([part] * PUBLISHED_SEEDS) for part in (tables.x, tables.y, *tables.scored)
    )
    variants = [NONE, ("activity L1", 0.0001)]
    found = fit_variants(
        [builder(*variant, 0.001) for variant in variants], x, y, validation_data=(x_val, y_val),
        batch_size=32, epochs=max(PUBLISHED_EPOCHS), seeds=range(len(x)), verbose=0,
    )  # fmt: skip
    for (variant, strength), runs in zip(variants, found, strict=True):
        for epoch in PUBLISHED_EPOCHS:
            history = {key: values[:, epoch - 1] for key, values in runs.history.items()}
            yield pd.DataFrame({"draw": 0, "fold": np.arange(len(x)) % 5, "repeat": np.arange(len(x)) // 5,
                                "what": "published", "variant": variant, "strength": strength,
                                "epoch": epoch, "accuracy": history["val_accuracy"],
                                "loss": history["val_data_loss"]})  # fmt: skip


def chunks(first: int) -> Iterator[range]:
    """Cut a set of draws into what fits in memory."""
    for start in range(first, first + TABLES, TABLES_AT_ONCE):
        yield range(start, start + TABLES_AT_ONCE)


if __name__ == "__main__":
    named = [int(first) for first in sys.argv[1:]]
    parts = [] if named else [study([0]), *published()]
    for first in named or FIRST_DRAWS:
        for draws in chunks(first):
            parts.append(study(draws))
            print(draws, "done", file=sys.stderr, flush=True)
    target = sys.stdout if named else Path(__file__).with_name("cross_validation.csv")
    pd.concat(parts).to_csv(target, index=False, float_format="%.5g", lineterminator="\n")
