"""What the book needs beyond stock Jupyter Book: MathJax, laboratory, tables made at build time, repairs."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from accessible import repair_page
from docutils import nodes
from docutils.parsers.rst.states import Inliner
from execution import ROOT, cached_execution, cached_record, chapters, open_cache
from numbering import setup_numbering
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx_thebe import init_thebe_core, update_thebe_context
from verdict_pages import setup_verdicts

from course_utils.laboratory.program import STATIC, page_script

MATHJAX_PACKAGE = "sphinx-mathjax-offline"
# The one component that is loaded, its fonts, and the TeX extensions it loads by itself when needed.
MATHJAX_PARTS = ("tex-mml-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
API = "appendix/api"
SEARCH_RULES = {
    "(queryLower.length >= title.length/2)": "(queryLower.length >= 4)",
    "Math.round(Scorer.title * queryLower.length / title.length)": "Math.round(100 - title.length / 10)",
}
PAGES_MADE_AT_BUILD_TIME = ["index", "answers", "appendix/verdicts", "appendix/status"]
REPORTED_PACKAGES = (
    "keras", "tensorflow", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "joblib",
    "jupyter-book", "sphinx", "myst-nb", "ipykernel",
)  # fmt: skip


def title_of(notebook: nbformat.NotebookNode) -> str:
    """Return the text of a notebook's first heading."""
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return next(match[1] for source in sources if (match := re.search(r"^# (.+)$", source, re.MULTILINE)))


def make_table(header: list[str], rows: list[list[str | nodes.Node]], caption: str) -> nodes.table:
    """Build a table node; cells are text or nodes."""
    table = nodes.table("", nodes.title(caption, caption), classes=["build-time"])
    group = nodes.tgroup(cols=len(header))
    group.extend(nodes.colspec(colwidth=1) for _ in header)
    group += nodes.thead("", _row(header))
    group += nodes.tbody("", *map(_row, rows))
    table += group
    return table


def _row(cells: list[str | nodes.Node]) -> nodes.row:
    """Build one row of a table."""
    row = nodes.row()
    for cell in cells:
        content = nodes.Text(cell) if isinstance(cell, str) else cell
        row += nodes.entry("", nodes.paragraph("", "", content))
    return row


class _BuildTimeTable(SphinxDirective):
    """Base of the directives whose content comes from the executed chapters."""

    def chapter_link(self, path: Path, notebook: nbformat.NotebookNode) -> nodes.reference:
        """Link from the current page to a chapter."""
        uri = self.env.app.builder.get_relative_uri(self.env.docname, f"chapters/{path.stem}")
        text = f"{path.stem[:2]}. {title_of(notebook)}"
        return nodes.reference(text, text, internal=True, refuri=uri)

    def executions(self) -> Iterator[Any]:
        """Yield the cached execution of each chapter."""
        cache = open_cache()
        for path in chapters():
            if execution := cached_execution(cache, path):
                yield execution


class StatusTables(_BuildTimeTable):
    """``{status}``: processor seconds per chapter and versions of the packages, from the execution cache."""

    def run(self) -> list[nodes.Node]:
        """Build both tables."""
        times = [
            [
                self.chapter_link(execution.path, execution.notebook),
                f"{execution.processor_seconds:.0f}" if execution.processor_seconds else "not measured",
                f"{execution.seconds:.0f}",
            ]
            for execution in self.executions()
        ]
        versions = [["Python", platform.python_version()]]
        versions += [[name, importlib.metadata.version(name)] for name in REPORTED_PACKAGES]
        return [
            make_table(
                ["Chapter", "Processor seconds", "Seconds beside another chapter"],
                times,
                "Execution on the machine that built this book",
            ),
            make_table(["Package", "Version"], versions, "Versions it was built with"),
        ]


def unlink_references(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Turn the numbered references of a numpydoc docstring into a plain list.

    As footnotes, the ``[1]`` of every function on a page would be one and the same label.
    """
    lines[:] = [
        re.sub(r"\[(\d+)\]_", r"[\1]", re.sub(r"^(\s*)\.\. \[(\d+)\] ", r"\1\2. ", line)) for line in lines
    ]


def read_bars_as_text(inliner: Inliner, match: re.Match[str], lineno: int) -> tuple:
    """Leave the bars of an absolute value alone, where reStructuredText would look for a substitution."""
    end = match.end("start")
    return match.string[:end], [], match.string[end:], []


def executed_since_read(env: Any) -> Iterator[str]:
    """Yield the pages of chapters that were executed after Sphinx had read them."""
    cache = open_cache()
    for path in chapters():
        page, record = f"chapters/{path.stem}", cached_record(cache, path)
        if page in env.all_docs and record and record["cached_at"] * 1e6 > env.all_docs[page]:
            yield page


def documented_since_read(env: Any) -> Iterator[str]:
    """Yield the page of the package's docstrings if a module was changed after Sphinx had read it."""
    modules = (ROOT / "course_utils").rglob("*.py")
    if API in env.all_docs and any(file.stat().st_mtime * 1e6 > env.all_docs[API] for file in modules):
        yield API


def outdated_pages(app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Have pages read again whose sources are as before, but not what they show."""
    made_now = [page for page in PAGES_MADE_AT_BUILD_TIME if page in env.found_docs]
    return [*made_now, *executed_since_read(env), *documented_since_read(env)]


def copy_mathjax(app: Sphinx) -> None:
    """Copy the needed part of MathJax beside the pages.

    It cannot lie in ``_static``: Jupyter Book links every script there on every page.
    """
    package = importlib.metadata.distribution(MATHJAX_PACKAGE)
    source = Path(package.locate_file(f"{MATHJAX_PACKAGE}/static/mathjax"))
    target = Path(app.outdir, "_static", "mathjax")
    for part in MATHJAX_PARTS:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copyfile(source / part, target / part)


def copy_laboratory(app: Sphinx) -> None:
    """Put the laboratory beside the pages: its program, its style sheet, and the modules to be read."""
    target = Path(app.outdir, "_static", "laboratory")
    target.mkdir(parents=True, exist_ok=True)
    for module in STATIC.iterdir():
        shutil.copyfile(module, target / module.name)
    (target / "laboratory.js").write_text(page_script(), encoding="utf-8")


def let_searches_find_headings(app: Sphinx) -> None:
    """Let the search lead to headings that hold the words, before it names whole pages.

    Sphinx asks that the words make up half of a heading. Ours say what was found: they are longer.
    """
    script = Path(app.outdir, "_static", "searchtools.js")
    text = script.read_text(encoding="utf-8")
    for stock, ours in SEARCH_RULES.items():
        if stock not in text and ours not in text:
            raise ExtensionError(f"Sphinx' search no longer says {stock!r}: see SEARCH_RULES")
        text = text.replace(stock, ours)
    script.write_text(text, encoding="utf-8")


def finish_pages(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax and repair the written pages, after a build that went through."""
    if exception is None and app.builder.format == "html":
        copy_mathjax(app)
        copy_laboratory(app)
        let_searches_find_headings(app)
        for page in Path(app.outdir).rglob("*.html"):
            if "_static" not in page.parts:
                text = page.read_text(encoding="utf-8")
                if (repaired := repair_page(text)) != text:
                    page.write_text(repaired, encoding="utf-8")


def leave_out_thebe(app: Sphinx) -> None:
    """Keep Thebe's scripts out: Jupyter Book puts them on every page, even when Thebe is off.

    One of them is there twice, which is a JavaScript error on each page.
    """
    unwanted = (init_thebe_core, update_thebe_context)
    for listeners in app.events.listeners.values():
        listeners[:] = [listener for listener in listeners if listener.handler not in unwanted]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    leave_out_thebe(app)
    Inliner.dispatch["|"] = read_bars_as_text  # docstrings say |w|; nothing here uses substitutions
    setup_verdicts(app)
    setup_numbering()
    app.add_directive("status", StatusTables)
    app.connect("autodoc-process-docstring", unlink_references)
    app.connect("env-get-outdated", outdated_pages)
    app.connect("build-finished", finish_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
