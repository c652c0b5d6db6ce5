"""The laboratory's modules joined into one program that runs from a web server, a file and a notebook.

Browsers refuse modules that import each other where a page was opened as a file, and a notebook's widget is
one module. So the text of the modules becomes the body of one function. Web Workers start from it, too.
"""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MODULES = (
    "random", "penalties", "network", "optimizers", "training", "data", "insight", "worker", "pool",
    "statistics", "fields", "settings", "presets", "pictures", "results", "controls", "drawing", "markup",
    "view",
)  # fmt: skip
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:function|class|const) (\w+))", re.MULTILINE)


def program() -> str:
    """Return the text of a function ``laboratoryProgram`` that holds all modules.

    Each module keeps a scope of its own. Called, the function returns what the modules export, by module.

    Raises
    ------
    ValueError
        If a module imports one that does not stand before it.
    """
    parts = []
    for place, name in enumerate(MODULES):
        text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        late = {module for _, module in _IMPORT.findall(text)} - set(MODULES[:place])
        if late:
            raise ValueError(f"{name}.js imports {sorted(late)}, which MODULES names later or not at all")
        exported = ", ".join(export for _, export in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = modules.\2;", text))
        parts.append(f"modules.{name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();")
    return "\n".join(
        [
            "function laboratoryProgram() {",
            '"use strict";',
            "const modules = {};",
            *parts,
            "return modules;",
            "}",
            "",
        ]
    )


def page_script() -> str:
    """Return the classic script that starts the laboratory in a page of the book."""
    return program() + (STATIC / "page.js").read_text(encoding="utf-8")


def widget_module() -> str:
    """Return the ES module that starts it in a notebook's output, for anywidget."""
    return program() + (STATIC / "widget.js").read_text(encoding="utf-8")


def style_sheet() -> str:
    """Return the style sheet."""
    return (STATIC / "laboratory.css").read_text(encoding="utf-8")
