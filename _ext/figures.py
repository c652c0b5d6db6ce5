"""Picture files that are named like their figures, so that a saved picture says what it shows."""

from __future__ import annotations

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx


def name_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Copy each figure's picture to a file of the figure's name, and show that one."""
    for figure in doctree.findall(nodes.figure):
        if not figure["names"]:
            continue
        for image in figure.findall(nodes.image):
            source = Path(app.env.relfn2path(image["uri"], app.env.docname)[1])
            named = source.with_name(figure["names"][0] + source.suffix)
            shutil.copyfile(source, named)
            image["uri"] = image["uri"].replace(source.name, named.name)
