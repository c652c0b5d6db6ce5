"""Pictures that say what they show: by their alternative texts, and by the names of their files."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx

_render_image = NbElementRenderer.render_image


def render_described_image(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
    """Render a picture; MyST-NB takes its width, but not its ``alt``, from the output's metadata.

    What the cell's metadata says comes first.
    """
    rendered = _render_image(renderer, data)
    description = data.output_metadata.get(data.mime_type, {}).get("alt")
    for image in rendered:
        if description:
            image.setdefault("alt", description)
    return rendered


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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    NbElementRenderer.render_image = render_described_image
    app.connect("doctree-read", name_pictures, priority=400)  # before Sphinx collects the pictures
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
