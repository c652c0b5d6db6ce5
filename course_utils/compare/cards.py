"""Verdicts and comparisons as HTML that reads well in the book, in Jupyter and in Colab, light or dark.

The styles stand in the elements because notebooks have no style sheet of ours; the book's own may add to the
classes. Where a site drops styles and pictures, as GitHub does, the words remain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_utils.compare.differences import Difference
    from course_utils.compare.verdicts import Verdict

# Shape and colour of each outcome, beside its word; white text on each colour has a contrast of 5 and more.
LOOKS = {
    "supported": ("✓", "#1a6b3c"),
    "not supported": ("✗", "#a63221"),
    "no difference": ("=", "#4a5a70"),
    "undecided": ("?", "#7a5400"),
}
_BAR_WIDTH, _BAR_HEIGHT = 240, 22


def verdict_id(claim: str) -> str:
    """Return the HTML id of a claim's card.

    Examples
    --------
    >>> verdict_id("L2 lowers the loss (λ = 0.001)")
    'verdict-l2-lowers-the-loss-0-001'
    """
    plain = unicodedata.normalize("NFKD", claim).encode("ascii", "ignore").decode().lower()
    return "verdict-" + re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def badge(outcome: str) -> str:
    """Return the outcome as a word with shape and colour."""
    shape, colour = LOOKS[outcome]
    style = f"background: {colour}; color: #fff; border-radius: 0.25rem; padding: 0.1rem 0.5rem"
    style += "; font-weight: 600; white-space: nowrap"
    symbol = f'<span aria-hidden="true">{shape}</span>'
    return f'<span class="verdict-badge" style="{style}">{symbol} {outcome}</span>'


def verdict_card(verdict: Verdict) -> str:
    """Return the claim, what was measured, a bar with zero and the margin, the outcome and the source."""
    colour = LOOKS[verdict.outcome][1]
    style = f"border-left: 0.35rem solid {colour}; padding: 0.3rem 0.9rem; margin: 0.6rem 0; max-width: 44rem"
    line = 'style="margin: 0.15rem 0"'
    source = f"<p {line}><small>Source: {escape(verdict.source)}</small></p>" if verdict.source else ""
    return (
        f'<div class="verdict" id="{verdict_id(verdict.claim)}" style="{style}">'
        f"<p {line}><strong>{escape(verdict.claim)}</strong></p>"
        f"<p {line}>{badge(verdict.outcome)} {escape(str(verdict.difference))}</p>"
        f"{_own_bar(verdict)}{source}</div>"
    )


def bar(difference: Difference, margin: float, place: Callable[[float], float], width: float) -> str:
    """Draw the interval on a line with zero and the margin; `place` puts a number on it, in pixels."""

    def line(x1: float, x2: float, y1: float, y2: float, look: str) -> str:
        return f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="currentColor" {look}/>'

    middle, zero = _BAR_HEIGHT / 2, place(0)
    dashed, thick = 'stroke-dasharray="3 2"', 'stroke-width="3"'
    left, right = sorted((place(-margin), place(margin)))
    band = (
        f'<rect x="{left}" y="0" width="{round(right - left, 1)}" '
        f'height="{_BAR_HEIGHT}" fill="currentColor" opacity="0.15"/>'
    )
    return (
        f'<svg class="verdict-bar" viewBox="0 0 {width} {_BAR_HEIGHT}" width="{width}" '
        f'height="{_BAR_HEIGHT}" style="max-width: 100%" aria-hidden="true" focusable="false">'
        f"{band if margin else ''}"
        f"{line(zero, zero, 0, _BAR_HEIGHT, dashed)}"
        f"{line(place(difference.low), place(difference.high), middle, middle, thick)}"
        f'<circle cx="{place(difference.mean)}" cy="{middle}" r="4.5" fill="currentColor"/></svg>'
    )


def _own_bar(verdict: Verdict) -> str:
    """Draw the interval on a scale of its own; the text beside it says the same."""
    difference, margin = verdict.difference, verdict.margin
    widest = 1.15 * max(abs(difference.low), abs(difference.high), 1.5 * margin) or 1.0

    def place(value: float) -> float:
        return round((value / widest + 1) * _BAR_WIDTH / 2, 1)

    return bar(difference, margin, place, _BAR_WIDTH)


def table(header: Sequence[str], rows: Mapping[str, Sequence[str]], caption: str) -> str:
    """Return an HTML table whose intervals may wrap below their means, so that it fits on a telephone."""
    head = "".join(f'<th scope="col" style="text-align: left">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row" style="text-align: left">{escape(name)}</th>'
        + "".join(f'<td style="text-align: left">{_breakable(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, cells in rows.items()
    )
    return (
        f'<table class="comparison"><caption style="text-align: left">{escape(caption)}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _breakable(cell: str) -> str:
    mean, bracket, interval = escape(cell).partition(" [")
    nowrap = '<span style="white-space: nowrap">'
    return f"{nowrap}{mean}</span> {nowrap}[{interval}</span>" if bracket else mean
