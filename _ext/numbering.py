"""A chapter's number on its page and in its figures is the one in its file's name, whatever precedes it."""

from __future__ import annotations

import re
from collections.abc import Callable

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

CHAPTER = re.compile(r"chapters/(\d+)_")


def number_chapters(env: BuildEnvironment) -> None:
    """Put the number in the file's name in place of the place in the table of contents."""
    for page, numbers in env.toc_secnumbers.items():
        if found := CHAPTER.match(page):
            number = int(found[1])
            env.toc_secnumbers[page] = {
                anchor: (number, *places[1:]) if places else places for anchor, places in numbers.items()
            }
            for node in (env.titles[page], *env.tocs[page].findall(nodes.reference)):
                if places := node.get("secnumber"):
                    node["secnumber"] = [number, *places[1:]]


def as_named(assign: Callable) -> Callable:
    """Return Sphinx's way to assign section numbers, followed by ours; figures are numbered by the result."""

    def assign_section_numbers(self: TocTreeCollectorWithStyles, env: BuildEnvironment) -> list[str]:
        before = env.toc_secnumbers
        assign(self, env)
        number_chapters(env)
        return [page for page, numbers in env.toc_secnumbers.items() if numbers != before.get(page)]

    return assign_section_numbers


def setup_numbering() -> None:
    """Go behind the collector that numbers all parts in one row."""
    collector = TocTreeCollectorWithStyles
    collector.assign_section_numbers = as_named(collector.assign_section_numbers)
