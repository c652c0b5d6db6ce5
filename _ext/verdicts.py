"""The verdicts of the chapters, read from the data in their outputs; nothing here trusts printed text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from course_utils.compare.cards import verdict_id
from course_utils.compare.comparison import COMPARISON_MIME
from course_utils.compare.verdicts import VERDICT_MIME

MEASURED_MIMES = (VERDICT_MIME, COMPARISON_MIME)
# Numbers of two machines are the same result if they differ by less than this share of their interval.
SHARE_OF_THE_INTERVAL = 0.1


def read_verdicts(notebook: NotebookNode) -> list[dict[str, Any]]:
    """Return the data of each verdict, in reading order, with the `cell` it stands in and its `anchor`."""
    found = [
        (cell, output.data[VERDICT_MIME])
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if VERDICT_MIME in output.get("data", {})
    ]
    return [{**data, "cell": cell.id, "anchor": verdict_id(data["claim"])} for cell, data in found]


def same_measurement(one: Any, other: Any) -> bool:
    """Whether two verdicts or comparisons agree: words exactly, numbers within a part of the interval."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return one == other
    return one.keys() == other.keys() and all(
        _same_value(one[key], other[key], SHARE_OF_THE_INTERVAL * _width(one, key)) for key in one
    )


def _same_value(one: Any, other: Any, near: float) -> bool:
    if isinstance(one, float) and isinstance(other, (float, int)):
        return math.isclose(one, other, rel_tol=1e-4, abs_tol=near)
    return same_measurement(one, other)


def _width(row: Mapping[str, Any], key: str) -> float:
    """Return the width of the interval that a number belongs to: a difference has its own."""
    prefix = "difference_" if key.startswith("difference") else ""
    return row.get(f"{prefix}high", 0.0) - row.get(f"{prefix}low", 0.0)
