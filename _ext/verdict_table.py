"""The page of all verdicts: a row for each claim, drawn on one scale, redrawn, and judged among all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from docutils import nodes
from execution import cached_execution, chapters, open_cache
from redraw import RECORD, change
from scipy import stats
from sphinx.util.docutils import SphinxDirective
from verdicts import read_verdicts

from course_utils.compare.cards import badge, bar
from course_utils.compare.differences import Difference

OWN = "this book"  # who claims what names no source
LEVEL = 0.05
# One scale for all: linear around zero, logarithmic beyond the knee; a difference of 1 is at its end.
_KNEE, _WIDTH = 0.01, 180
HEADER = ("Claim", "Measured", "Verdict", "Redrawn", "Among all")


def verdicts_of_the_book() -> list[tuple[str, dict[str, Any]]]:
    """Return every verdict, as executed for this build, beside the name of its chapter."""
    cache = open_cache()
    executions = {path.stem: cached_execution(cache, path) for path in chapters()}
    return [
        (chapter, verdict)
        for chapter, execution in executions.items()
        if execution
        for verdict in read_verdicts(execution.notebook)
    ]


def raw(html: str) -> nodes.raw:
    """Put HTML into a page."""
    return nodes.raw("", html, format="html")


@dataclass(frozen=True)
class Redrawn:
    """What became of one claim on other draws; one from the same data is not counted."""

    changes: tuple[str, ...]

    def __str__(self) -> str:
        if not self.changes:
            return "–"
        text = f"{self.changes.count('came back')} of {len(self.changes)}"
        return text + (", reversed" if "REVERSED" in self.changes else "")


def difference_of(verdict: Mapping[str, Any]) -> Difference:
    """Return the measured difference of a verdict's data."""
    return Difference(**{field.name: verdict[field.name] for field in fields(Difference)})


def redraws(path: Path = RECORD) -> pd.DataFrame:
    """Return what `make redraw` kept: a row for each shift, chapter and claim."""
    return pd.read_csv(path)


def redrawn(chapter: str, verdict: Mapping[str, Any], record: pd.DataFrame) -> Redrawn:
    """Compare a verdict with what the same claim came to on other draws."""
    same = record[(record["chapter"] == chapter) & (record["claim"] == verdict["claim"])]
    found = [
        change(verdict["outcome"], row["outcome"])
        for _, row in same.iterrows()
        if not all(math.isclose(row[name], verdict[name], rel_tol=1e-4) for name in ("mean", "low", "high"))
    ]
    return Redrawn(tuple(found))


def p_value(verdict: Mapping[str, Any]) -> float:
    """Return how often luck alone is as far from zero: two-sided, from the interval, by Student's t."""
    half = (verdict["high"] - verdict["low"]) / 2
    freedom = max(verdict["n"] - 1, 1)
    if half == 0:
        return float(verdict["mean"] == 0)
    return float(2 * stats.t.sf(abs(verdict["mean"]) / half * stats.t.ppf(0.975, freedom), freedom))


def holm(p_values: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Return which of many tests stand when at most `level` of all such books may hold one lucky one.

    Holm (1979): the smallest of m is compared with level / m, the next with level / (m - 1), and so on to the
    first that fails.
    """
    order = np.argsort(p_values, kind="stable")
    limits = level / np.arange(len(p_values), 0, -1)
    stands = np.logical_and.accumulate(np.asarray(p_values)[order] <= limits)
    return [bool(stand) for stand in stands[np.argsort(order, kind="stable")]]


def on_one_scale(verdict: Mapping[str, Any]) -> str:
    """Draw the interval where all are drawn alike; to the right is what the claim says."""
    direction = 1 if verdict["expected"] == "higher" else -1

    def place(value: float) -> float:
        share = math.log1p(min(abs(value), 1.0) / _KNEE) / math.log1p(1 / _KNEE)
        return round((direction * math.copysign(share, value) * 0.96 + 1) * _WIDTH / 2, 1)

    return bar(difference_of(verdict), verdict["margin"], place, _WIDTH)


def row_of(chapter: str, page: str, verdict: Mapping[str, Any], again: Redrawn, stands: bool) -> str:
    """Build the row of one claim."""
    source = verdict["source"] or OWN
    among_all = ("stands" if stands else "may be luck") if "supported" in verdict["outcome"] else "–"
    claim = f'<a class="reference internal" href="{page}#{verdict["anchor"]}">{escape(verdict["claim"])}</a>'
    cells = [
        f"{claim}<br>Chapter {int(chapter[:2])} · {escape(source)}",
        f"{on_one_scale(verdict)}<br>{escape(str(difference_of(verdict)))}",
        badge(verdict["outcome"]),
        str(again),
        among_all,
    ]
    data = f'data-source="{escape(source)}" data-outcome="{verdict["outcome"]}"'
    return f"<tr {data}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def with_holm(verdicts: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Return which verdicts stand among all that were tested."""
    return holm([p_value(verdict) for verdict in verdicts])


class VerdictsTable(SphinxDirective):
    """``{verdicts}``: each claim that the chapters tested, from the data in their outputs."""

    def run(self) -> list[nodes.Node]:
        """Build one table, which `_static/verdicts.js` lets a reader filter."""
        claims, record = verdicts_of_the_book(), redraws()
        if not claims:
            return [nodes.paragraph("", "No chapter has a verdict yet.")]
        stands = with_holm([verdict for _, verdict in claims])
        relative = self.env.app.builder.get_relative_uri
        rows = [
            row_of(
                chapter,
                relative(self.env.docname, f"chapters/{chapter}"),
                verdict,
                redrawn(chapter, verdict, record),
                stand,
            )
            for (chapter, verdict), stand in zip(claims, stands, strict=True)
        ]
        head = "".join(f'<th scope="col">{name}</th>' for name in HEADER)
        return [
            raw(
                '<table class="table build-time compact verdicts">'
                f"<caption>{len(rows)} claims, measured</caption>"
                f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
            )
        ]


class VerdictReliability(SphinxDirective):
    """``{verdict-reliability}``: how many verdicts came back on other draws, and how many may be luck."""

    def run(self) -> list[nodes.Node]:
        """Build two paragraphs."""
        claims, record = verdicts_of_the_book(), redraws()
        again = [redrawn(chapter, verdict, record) for chapter, verdict in claims]
        changes = Counter(change for one in again for change in one.changes)
        changed = changes["changed"] + changes["REVERSED"]
        supported = [verdict["outcome"] == "supported" for _, verdict in claims]
        stands = with_holm([verdict for _, verdict in claims])
        standing = sum(s and t for s, t in zip(supported, stands, strict=True))
        lucky = LEVEL / 2 * len(claims)
        texts = [
            f"Other draws: of {changes.total()} verdicts measured again, {changes['came back']} came back, "
            f"{changed} changed and {changes['REVERSED']} of these were reversed. "
            f"{sum(not one.changes for one in again)} of {len(claims)} claims could not be redrawn: they are "
            "about given rows, as a published split is.",
            f"Luck: if nothing in this book were true, about {lucky:.0f} of its {len(claims)} claims would "
            f"come out supported all the same, for an interval of 95 % lies on the claim's side of zero "
            f"in one case of forty. {sum(supported)} did. {standing} of them stand even when all claims are "
            "taken as one family of tests (Holm's correction, 5 % for the whole book).",
        ]
        return [nodes.paragraph("", text) for text in texts]
