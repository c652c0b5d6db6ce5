"""Write the skeleton of a new chapter: every room, one of each kind of cell, and nothing that a rule forbids.

``python _ext/skeleton.py 07_topic`` writes ``chapters/07_topic.ipynb`` and adds its lines to ``_toc.yml`` and
``index.md``. Executed by ``make notebooks CHAPTERS=...``, it passes the rules of ``tests/test_chapters.py``.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from typing import Any

import nbformat
from colab import repository
from execution import NOTEBOOK_METADATA, ROOT, chapters
from nbformat import NotebookNode

NAME = re.compile(r"(\d\d)_([a-z0-9]+(?:_[a-z0-9]+)*)")
IN_TOC = re.compile(r"\s*- file: chapters/(\S+)")
NEXT = """chapters/{name}.ipynb is written, and has its lines in _toc.yml and index.md.
Next:
  1. _toc.yml: a chapter that opens a part of the map needs its caption there, too
  2. course_utils/exercises/{module}.py: the checks of the exercises, handed on by exercises/__init__.py
  3. the notebook: put something better wherever it says TODO; CONTRIBUTING.md says what each room wants
  4. make notebooks CHAPTERS=chapters/{name}.ipynb, then make unit"""
FOLDED = {"tags": ["hide-input"]}
STUB = {"tags": ["exercise"]}
CHECK = {"tags": ["check", "remove-output"]}
SOLUTION = {"tags": ["hide-cell", "solution"], "cellView": "form"}
FIGURE = FOLDED | {
    "mystnb": {
        "figure": {
            "caption": "TODO, chapter NUMBER: the finding. Dot: mean difference, bar: its 95 % interval.",
            "name": "fig-NUMBER-differences",
        },
        "image": {"alt": "TODO: the picture in words: one row, a dot left of the line at zero, a short bar."},
    }
}


@dataclass(frozen=True)
class Cell:
    """One cell of the skeleton; words like TITLE and NUMBER are replaced in it."""

    id: str
    source: str
    metadata: dict[str, Any] | None = None  # None: a cell of text


CELLS = (
    Cell(
        "title",
        """# TITLE

After this chapter you can say TODO.

30 min to read · 30 s to run · needs [chapter 2](02_overfitting.ipynb) · script MXDL-5-TODO · \
[Open in Colab](REPOSITORY)

## In one minute

TODO: two or three sentences with the results: L2 lowers the loss on fresh points
([measured](#is-it-true)), and a string stands for a strength that nobody chose ([pitfall](#pitfalls)).

```python
l2 = keras.regularizers.L2(0.01)
layer = keras.layers.Dense(32, kernel_regularizer=l2)
```""",
    ),
    Cell("set-up", "SET_UP", FOLDED),
    Cell(
        "the-idea",
        """## The idea

TODO: the picture first, then the formula, then what each symbol does to a weight.

$$P = \\lambda \\sum_i w_i^2$$""",
    ),
    Cell("from-scratch", "## From scratch\n\nThe penalty in one line of NumPy."),
    Cell(
        "scratch",
        """import numpy as np


def l2_penalty(weights, strength):
    return strength * np.sum(weights**2)


weights = np.array([0.5, -1.0, 2.0])
print(f"penalty {l2_penalty(weights, 0.01):.4f}")""",
        {},
    ),
    Cell("in-keras", "## In Keras\n\nThe lines to copy."),
    Cell(
        "keras-model",
        """import keras

from course_utils.data import load_blobs
from course_utils.models import mlp

blobs = load_blobs()
l2 = keras.regularizers.L2(0.01)
model = mlp(kernel_regularizer=l2)
model.fit(blobs.x_train, blobs.y_train, epochs=5, batch_size=20, verbose=0)
print("penalties in the model:", len(model.losses))""",
        {},
    ),
    Cell("they-agree", "## They agree\n\nOur penalty and Keras' are one number."),
    Cell(
        "agree",
        """assert np.isclose(l2_penalty(weights, 0.01), float(l2(weights)))
print("the penalty: NumPy = Keras")""",
        {},
    ),
    Cell(
        "is-it-true",
        """## Is it true?

The settings were chosen elsewhere. Here are the chapter's own 32 [draws](../appendix/glossary.md),
looked at once.""",
    ),
    Cell(
        "draws",
        """from course_utils.data import draw_blobs, draws

samples = [draw_blobs(225, seed) for seed in draws(FIRST, LAST)]
x_train, y_train = map(np.stack, zip(*samples, strict=True))
print(x_train.shape)""",
        {},
    ),
    Cell(
        "compare-announced",
        "The same points, initial weights and order of the rows with and without the penalty.",
    ),
    Cell(
        "compare",
        """from course_utils.compare import compare

table = compare(
    {"no penalty": mlp, "L2": lambda: mlp(kernel_regularizer=l2)},
    x_train,
    y_train,
    test_data=(blobs.x_test, blobs.y_test),
    epochs=100,
    batch_size=20,
    verbose=0,
)
table[["mean", "low", "high"]].round(2)""",
        {},
    ),
    Cell("figure-announced", "TODO: what to look for in the picture."),
    Cell("figure", "ax = plots.differences(table)", FIGURE),
    Cell(
        "verdict-announced",
        "The [verdict](../appendix/glossary.md) on the claim, from the paired differences.",
    ),
    Cell(
        "verdict",
        """from course_utils.compare import holds, verdict

helps = verdict(
    "TODO, chapter NUMBER: L2 lowers the loss on fresh points",
    table.difference("L2"),
    source="MXDL-5-01",
)
display(helps)
holds(helps, "supported")""",
        FOLDED,
    ),
    Cell(
        "pitfalls",
        """## Pitfalls

### TODO: a string for a regularizer

<div class="admonition warning">
<p class="admonition-title">The strength that nobody chose</p>
<p><b>What you see:</b> the network learns little, and nothing is reported.</p>
<p><b>Why:</b> a string stands for the default strength.</p>
<p><b>What to do:</b> give an object, with its strength.</p>
</div>

The default:""",
    ),
    Cell("pitfall", "print(f\"strength {float(keras.regularizers.get('l2').l2):.2f}\")", {}),
    Cell(
        "exercises",
        """## Exercises

Put your answer where the three dots are, run the cell, then run the check. It tells you what is wrong.

### Exercise 1: TODO, a number

An event happens with probability 0.7. Which prediction has the smallest expected absolute error?""",
    ),
    Cell("stub-1", "best_guess = ...", STUB),
    Cell("check-1", "from course_utils import exercises\n\nexercises.check_best_guess(best_guess)", CHECK),
    Cell(
        "solution-1", "# @title Solution\nbest_guess = 1.0\nexercises.check_best_guess(best_guess)", SOLUTION
    ),
    Cell(
        "exercise-2",
        """### Exercise 2: TODO, another number

How many test points tell an accuracy near 0.85 to ± 0.01, with 95 % confidence?""",
    ),
    Cell("stub-2", "points = ...", STUB),
    Cell("check-2", "exercises.check_points_needed(points)", CHECK),
    Cell(
        "solution-2",
        """# @title Solution
points = 1.96**2 * 0.85 * 0.15 / 0.01**2
exercises.check_points_needed(points)""",
        SOLUTION,
    ),
    Cell(
        "exercise-3",
        """### Exercise 3: TODO, a function

Write the mean cross-entropy of labels `y` and logits `z` with `np.logaddexp`.""",
    ),
    Cell("stub-3", "def loss_from_logits(y, z):\n    return ...", STUB),
    Cell("check-3", "exercises.check_loss_from_logits(loss_from_logits)", CHECK),
    Cell(
        "solution-3",
        """# @title Solution
def loss_from_logits(y, z):
    return np.mean(np.logaddexp(0, (1 - 2 * y) * z))


exercises.check_loss_from_logits(loss_from_logits)""",
        SOLUTION,
    ),
    Cell("take-away", "## Take-away\n\n* TODO: three lines."),
    Cell("further-reading", "## Further reading\n\n* MeanXAI deep-learning course, part MXDL-5-TODO."),
)


def skeleton(name: str, title: str) -> NotebookNode:
    """Return the skeleton of the chapter ``name``."""
    number = int(name[:2])
    (set_up,) = [cell for cell in nbformat.read(chapters()[0], as_version=4).cells if cell.id == "set-up"]
    words = {
        "TITLE": title,
        "NUMBER": f"{number:02}",
        "FIRST": f"{100 * number + 1}",
        "LAST": f"{100 * number + 32}",
        "REPOSITORY": _address_in_colab(name),
        "SET_UP": set_up.source,
    }

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        if isinstance(value, str):
            return re.sub("|".join(words), lambda match: words[match[0]], value)
        return value

    cells = []
    for cell in CELLS:
        make = nbformat.v4.new_markdown_cell if cell.metadata is None else nbformat.v4.new_code_cell
        cells.append(make(filled(cell.source), id=cell.id, metadata=filled(cell.metadata or {})))
    return nbformat.v4.new_notebook(cells=cells, metadata=NOTEBOOK_METADATA)


def _address_in_colab(name: str) -> str:
    """Return where Colab shows a chapter."""
    in_colab = repository().replace("github.com", "colab.research.google.com/github")
    return f"{in_colab}/blob/main/chapters/{name}.ipynb"


def with_line_in_toc(toc: str, name: str) -> str:
    """Add a chapter to the table of contents, after the one before it."""
    lines = toc.splitlines()
    before = [place for place, line in enumerate(lines) if (found := IN_TOC.match(line)) and found[1] < name]
    lines.insert(before[-1] + 1, f"      - file: chapters/{name}")
    return "\n".join(lines) + "\n"


def title_in(index: str, name: str) -> str:
    """Return the title that the home page has for a chapter not yet written, or one made of its name."""
    planned = re.search(rf"^{int(name[:2])}\. ([^\[\n]+)$", index, re.MULTILINE)
    return planned[1] if planned else name[3:].replace("_", " ").capitalize()


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", help="two digits and words, such as 07_activity_after_activation")
    name = parser.parse_args().name
    path, index, toc = ROOT / "chapters" / f"{name}.ipynb", ROOT / "index.md", ROOT / "_toc.yml"
    if not NAME.fullmatch(name):
        parser.error(f"NAME must be two digits and words, such as 07_topic, got {name!r}")
    if taken := [other.name for other in chapters() if other.name[:2] == name[:2]]:
        parser.error(f"there is a chapter {name[:2]} already: {taken[0]}")
    text = index.read_text(encoding="utf-8")
    title = title_in(text, name)
    nbformat.write(skeleton(name, title), path)
    toc.write_text(with_line_in_toc(toc.read_text(encoding="utf-8"), name), encoding="utf-8")
    linked = f"{int(name[:2])}. [{title}](chapters/{name}.ipynb): TODO"
    index.write_text(text.replace(f"{int(name[:2])}. {title}\n", f"{linked}\n"), encoding="utf-8")
    print(NEXT.format(name=name, module=name[3:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
