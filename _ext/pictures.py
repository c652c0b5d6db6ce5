"""Alternative texts of pictures: a cell's metadata comes first, then what the picture says of itself."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from myst_nb.core.render import MimeData, NbElementRenderer
from sphinx.application import Sphinx

_render_image = NbElementRenderer.render_image


def render_described_image(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
    """Render a picture; MyST-NB takes its width, but not its ``alt``, from the output's metadata."""
    rendered = _render_image(renderer, data)
    description = data.output_metadata.get(data.mime_type, {}).get("alt")
    for image in rendered:
        if description:
            image.setdefault("alt", description)
    return rendered


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    NbElementRenderer.render_image = render_described_image
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
