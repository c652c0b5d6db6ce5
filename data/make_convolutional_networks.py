"""Make `convolutional_networks.csv`: `python data/make_convolutional_networks.py` in the repository's root.

The study behind chapter 16, too large for a page: 32 random splits of the handwritten digits. On each of them
a small network of convolutions is trained with every kind of dropout and L2, on 200, 500 and 1 000 pictures.
What a row holds is in `data/README.md`. The first draws of other sets may be named, with 200 pictures alone:
`python data/make_convolutional_networks.py 9001 > other.csv`.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from course_utils.data import draw_digits
from course_utils.models import convnet
from course_utils.replicates import evaluate_variants, fit_variants

FIRST_DRAW, OTHER_FIRST_DRAWS = 1601, (6601, 8601)  # the chapter's own; `make redraw` with 5000 and 7000
FIRST_DRAW_OF_LONGER = 160_001  # fresh ones for a question that came with the first results
DRAWS = 32
STEPS, BATCH, LEARNING_RATE = 300, 50, 0.003
LECTURE = {"conv_dropout": 0.25, "dense_dropout": 0.5}
VARIANTS = {
    "none": {},
    "L2 1e-4": {"l2": 1e-4},
    "L2 1e-3": {"l2": 1e-3},
    "dense 0.5": {"dense_dropout": 0.5},
    "dense 0.5 + L2 1e-4": {"dense_dropout": 0.5, "l2": 1e-4},
    "conv 0.25": {"conv_dropout": 0.25},
    "conv 0.25 + dense 0.5": LECTURE,
    "conv 0.25 + dense 0.5 + L2 1e-4": LECTURE | {"l2": 1e-4},
    "spatial 0.25": {"spatial_dropout": 0.25},
}
# Only on the chapter's own draws and the fewest pictures.
MORE_VARIANTS = {
    "L2 1e-3, convolutional": {"l2": 1e-3, "on": "convolutional"},
    "L2 1e-3, dense": {"l2": 1e-3, "on": "dense"},
    "dense 0.75": {"dense_dropout": 0.75},
}
PLACES = ("dense 0.5", "conv 0.25")
WITH_MORE_PICTURES = ("none", *PLACES, "conv 0.25 + dense 0.5")


def network(steps: int, l2: float = 0.0, on: str = "both", **dropout: float) -> keras.Model:
    """Return the small network of the chapter; its learning rate falls to zero over all steps."""
    slower = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    return convnet(
        ((8, 8), (16, 16)),
        (128,),
        input_shape=(8, 8, 1),
        kernel_regularizer=keras.regularizers.L2(l2),
        kernel_regularizer_on=on,
        optimizer=keras.optimizers.Adam(slower),
        **dropout,
    )


def builder(steps: int, settings: dict[str, Any]) -> Callable[[], keras.Model]:
    """Return what makes such networks."""
    return lambda: network(steps, **settings)


def pictures(draws: Sequence[int], n_train: int) -> list[np.ndarray]:
    """Return training and test parts, stacked over the draws; pictures have one channel."""
    splits = [draw_digits(draw, n_train) for draw in draws]
    parts = [np.stack([getattr(split, part) for split in splits])
             for part in ("x_train", "y_train", "x_test", "y_test")]  # fmt: skip
    return [part.reshape(*part.shape[:2], 8, 8, 1) if part.ndim == 3 else part for part in parts]


def study(
    draws: Sequence[int], n_train: int, variants: dict[str, dict], steps: int = STEPS
) -> Iterator[pd.DataFrame]:
    """Train every variant on every draw, the same number of steps whatever the number of pictures."""
    x, y, x_test, y_test = pictures(draws, n_train)
    found = fit_variants(
        [builder(steps, settings) for settings in variants.values()],
        x,
        y,
        batch_size=BATCH,
        epochs=steps * BATCH // n_train,
        seeds=list(draws),
        verbose=0,
    )
    scores = evaluate_variants(found, x, y), evaluate_variants(found, x_test, y_test)
    for variant, trained, tested in zip(variants, *scores, strict=True):
        yield pd.DataFrame(
            {
                "draw": list(draws),
                "pictures": n_train,
                "steps": steps,
                "variant": variant,
                "accuracy": tested["accuracy"],
                "loss": tested["data_loss"],
                "train_accuracy": trained["accuracy"],
                "train_loss": trained["data_loss"],
            }
        )
    print(draws, n_train, "done", file=sys.stderr, flush=True)


def of_chapter() -> Iterator[pd.DataFrame]:
    """Yield everything that the chapter reads, its own draws first."""
    own = range(FIRST_DRAW, FIRST_DRAW + DRAWS)
    yield from study(own, 200, VARIANTS | MORE_VARIANTS)
    few = {name: VARIANTS[name] for name in WITH_MORE_PICTURES}
    for n_train in (500, 1000):
        yield from study(own, n_train, few)
    longer = range(FIRST_DRAW_OF_LONGER, FIRST_DRAW_OF_LONGER + DRAWS)
    yield from study(longer, 500, {name: VARIANTS[name] for name in PLACES}, steps=2 * STEPS)
    for first in OTHER_FIRST_DRAWS:
        yield from study(range(first, first + DRAWS), 200, VARIANTS)


if __name__ == "__main__":
    named = [range(int(first), int(first) + DRAWS) for first in sys.argv[1:]]
    parts = [part for draws in named for part in study(draws, 200, VARIANTS)] if named else of_chapter()
    target = sys.stdout if named else Path(__file__).with_name("convolutional_networks.csv")
    pd.concat(parts).to_csv(target, index=False, float_format="%.5g", lineterminator="\n")
