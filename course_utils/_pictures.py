"""Figures as small files."""

import io

from matplotlib.figure import Figure
from PIL import Image

_COLORS = 64  # a third of the size of full colour, and no difference to see in a chart


def small_png(figure: Figure, dpi: float) -> bytes:
    """Draw a figure on white and return it as a PNG file of few colours."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi, facecolor="white")
    few_colors = Image.open(full).convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)
    few_colors.save(small, "PNG", optimize=True)
    return small.getvalue()
