"""Verdicts on the built pages: totals, badges in the text, and the box of each chapter."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from pathlib import Path
from typing import Any, get_args

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from verdict_table import (
    VerdictReliability,
    VerdictsTable,
    difference_of,
    raw,
    redrawn,
    redraws,
    verdicts_of_the_book,
)

from course_utils.compare.cards import badge
from course_utils.compare.verdicts import Outcome

SUMMARY_ROOM = "In one minute"
LOGGER = logging.getLogger(__name__)


def measured(verdict: dict[str, Any]) -> str:
    """Write levels, difference and interval as the card of a verdict does."""
    return str(difference_of(verdict))


def html_of(verdict: dict[str, Any], page: str) -> str:
    """Return the badge, a link to the card where the claim is measured, and the numbers."""
    link = f'<a class="reference internal" href="{page}#{verdict["anchor"]}">{escape(verdict["claim"])}</a>'
    return f"{badge(verdict['outcome'])} {link}: {escape(measured(verdict))}"


class VerdictTotals(SphinxDirective):
    """``{verdict-totals}``: how many claims came out how."""

    def run(self) -> list[nodes.Node]:
        """Build one line."""
        claims, record = verdicts_of_the_book(), redraws()
        outcomes = Counter(verdict["outcome"] for _, verdict in claims)
        counts = " · ".join(f"{outcomes[name]} {badge(name)}" for name in get_args(Outcome))
        again = [change for claim in claims for change in redrawn(*claim, record).changes]
        return [
            raw(
                f'<p class="verdict-totals">{outcomes.total()} claims measured: {counts}</p>'
                f'<p class="verdict-totals">Measured again on other draws: {again.count("came back")} of '
                f"{len(again)} verdicts came back, {again.count('REVERSED')} were reversed.</p>"
            )
        ]


class VerdictRole(SphinxRole):
    """``{verdict}`3: the claim```: what chapter 3 found for this claim, with a link to its card."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Find the verdict; a claim that no longer exists is a warning, which fails the build."""
        number, _, claim = self.text.partition(":")
        for chapter, verdict in verdicts_of_the_book():
            if (f"{int(chapter[:2])}", verdict["claim"]) == (number.strip(), claim.strip()):
                page = self.env.app.builder.get_relative_uri(self.env.docname, f"chapters/{chapter}")
                return [raw(html_of(verdict, page))], []
        LOGGER.warning("no such verdict: %s", self.text, location=self.get_location())
        return [], []


def show_verdicts_of_chapter(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put badges behind the links of *In one minute*, and the folded box of all verdicts below it."""
    if not docname.startswith("chapters/"):
        return
    summary = next((s for s in doctree.findall(nodes.section) if s[0].astext() == SUMMARY_ROOM), None)
    verdicts = [verdict for chapter, verdict in verdicts_of_the_book() if chapter == Path(docname).name]
    if summary is None or not verdicts:
        return
    for reference in summary.findall(nodes.reference):
        place = reference.get("refid") or reference.get("refuri", "").removeprefix("#")
        reference.parent.insert(
            reference.parent.index(reference) + 1, [raw(" " + badge(v)) for v in _outcomes(doctree, place)]
        )
    items = "".join(f"<li>{html_of(verdict, '')}</li>" for verdict in verdicts)
    box = raw(
        f'<details class="chapter-verdicts"><summary>All verdicts of this chapter ({len(verdicts)})</summary>'
        f"<ul>{items}</ul></details>"
    )
    cells = [place for place, node in enumerate(summary) if "cell" in node.get("classes", [])]
    summary.insert(cells[0] if cells else len(summary), box)


def _outcomes(doctree: nodes.document, place: str) -> list[str]:
    """Return the outcomes of the cards in the section with this id, each once."""
    section = next((s for s in doctree.findall(nodes.section) if place and place in s["ids"]), None)
    if section is None:
        return []
    cards = "".join(node.astext() for node in section.findall(nodes.raw))
    return list(dict.fromkeys(re.findall(r"verdict-badge.*?</span> ([a-z ]+)</span>", cards)))


def setup_verdicts(app: Sphinx) -> None:
    """Register what shows verdicts."""
    app.add_directive("verdicts", VerdictsTable)
    app.add_directive("verdict-reliability", VerdictReliability)
    app.add_directive("verdict-totals", VerdictTotals)
    app.add_role("verdict", VerdictRole())
    app.connect("doctree-resolved", show_verdicts_of_chapter)
