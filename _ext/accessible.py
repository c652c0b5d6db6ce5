"""Repair what the theme leaves inaccessible, by rewriting the finished pages.

A script at load time would come too late for screen readers and race with the icon font.
"""

from __future__ import annotations

import re

# What is wrong in the stock page, and what replaces it; a repaired page no longer matches.
REPAIRS = (
    # The book's title stood outside every landmark.
    (
        r'<div class="sidebar-primary-item">(?=\s*<a class="navbar-brand logo")',
        r'<div class="sidebar-primary-item" role="navigation" aria-label="Home">',
    ),
    # pandas leaves the corner of a table empty, and an empty header names nothing.
    (r"<th\b([^>]*)>(?:\s|&nbsp;)*</th>", r"<td\1></td>"),
    # A reader should know what is hidden before opening it.
    (
        r'(<div class="cell[^"]*\btag_solution\b[^"]*">\s*<details[^>]*>\s*<summary[^>]*>\s*'
        r'<span class="collapsed">)Show the code(</span>\s*<span class="expanded">)'
        r"Hide the code",
        r"\1Show the solution\2Hide the solution",
    ),
)


def repair_page(page: str) -> str:
    """Return a page with what axe-core finds in stock pages put right; doing it twice changes nothing."""
    for wrong, right in REPAIRS:
        page = re.sub(wrong, right, page)
    return page
