"""Verdicts on the built pages: the table of all, totals, badges in the text, and the box of each chapter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Any, get_args

from docutils import nodes
from execution import cached_execution, chapters, open_cache
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from verdicts import read_verdicts

from course_utils.compare.cards import badge
from course_utils.compare.differences import Difference
from course_utils.compare.verdicts import Outcome

SUMMARY_ROOM = "In one minute"
LOGGER = logging.getLogger(__name__)

Verdicts = list[dict[str, Any]]


def verdicts_of_the_book() -> Iterator[tuple[Path, Verdicts]]:
    """Yield each chapter with its verdicts, as executed for this build."""
    cache = open_cache()
    for path in chapters():
        if execution := cached_execution(cache, path):
            yield path, read_verdicts(execution.notebook)


def measured(verdict: dict[str, Any]) -> str:
    """Write levels, difference and interval as the card of a verdict does."""
    return str(Difference(**{field.name: verdict[field.name] for field in fields(Difference)}))


def html_of(verdict: dict[str, Any], page: str) -> str:
    """Return the badge, a link to the card where the claim is measured, and the numbers."""
    link = f'<a class="reference internal" href="{page}#{verdict["anchor"]}">{escape(verdict["claim"])}</a>'
    return f"{badge(verdict['outcome'])} {link}: {escape(measured(verdict))}"


def raw(html: str) -> nodes.raw:
    """Put HTML into a page."""
    return nodes.raw("", html, format="html")


class VerdictsTable(SphinxDirective):
    """``{verdicts}``: each claim that the chapters tested, from the data in their outputs."""

    def run(self) -> list[nodes.Node]:
        """Build one table, a heading row for each chapter."""
        rows = []
        for path, verdicts in verdicts_of_the_book():
            page = self.env.app.builder.get_relative_uri(self.env.docname, f"chapters/{path.stem}")
            name = f"Chapter {int(path.stem[:2])}"
            rows += [
                f'<tr><td><a class="reference internal" href="{page}#{verdict["anchor"]}">{name}</a></td>'
                f"<td>{escape(verdict['claim'])}</td><td>{escape(verdict['source'])}</td>"
                f"<td>{escape(measured(verdict))}</td><td>{badge(verdict['outcome'])}</td></tr>"
                for verdict in verdicts
            ]
        if not rows:
            return [nodes.paragraph("", "No chapter has a verdict yet.")]
        head = "".join(
            f'<th scope="col">{name}</th>' for name in ("Chapter", "Claim", "Source", "Measured", "Verdict")
        )
        return [
            raw(
                f'<table class="table build-time"><caption>{len(rows)} claims, measured</caption>'
                f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
            )
        ]


class VerdictTotals(SphinxDirective):
    """``{verdict-totals}``: how many claims came out how."""

    def run(self) -> list[nodes.Node]:
        """Build one line."""
        outcomes = Counter(v["outcome"] for _, verdicts in verdicts_of_the_book() for v in verdicts)
        counts = " · ".join(f"{outcomes[name]} {badge(name)}" for name in get_args(Outcome))
        return [raw(f'<p class="verdict-totals">{outcomes.total()} claims measured: {counts}</p>')]


class VerdictRole(SphinxRole):
    """``{verdict}`3: the claim```: what chapter 3 found for this claim, with a link to its card."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Find the verdict; a claim that no longer exists is a warning, which fails the build."""
        number, _, claim = self.text.partition(":")
        for path, verdicts in verdicts_of_the_book():
            for verdict in verdicts:
                if (f"{int(path.stem[:2])}", verdict["claim"]) == (number.strip(), claim.strip()):
                    page = self.env.app.builder.get_relative_uri(self.env.docname, f"chapters/{path.stem}")
                    return [raw(html_of(verdict, page))], []
        LOGGER.warning("no such verdict: %s", self.text, location=self.get_location())
        return [], []


def show_verdicts_of_chapter(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put badges behind the links of *In one minute*, and the folded box of all verdicts below it."""
    if not docname.startswith("chapters/"):
        return
    summary = next((s for s in doctree.findall(nodes.section) if s[0].astext() == SUMMARY_ROOM), None)
    verdicts = {path.stem: found for path, found in verdicts_of_the_book()}.get(Path(docname).name)
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
    app.add_directive("verdict-totals", VerdictTotals)
    app.add_role("verdict", VerdictRole())
    app.connect("doctree-resolved", show_verdicts_of_chapter)
