"""The look of every figure, and how a notebook shows it."""

import base64
import sys
from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure

from course_utils._pictures import small_png

_SHARPNESS = 2  # pixels of a picture for one of the page: for projectors and fine screens

# Okabe and Ito's colours, told apart by colour-blind readers; those with most contrast on white come first.
PALETTE: tuple[str, ...] = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#F0E442",
)
_STYLE: dict[str, Any] = {
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "axes.xmargin": 0.02,  # curves end beside their names
    "figure.constrained_layout.use": True,
    "figure.dpi": 96,
    "figure.facecolor": "white",  # opaque: black labels stay readable on a dark page
    "figure.figsize": (6.0, 3.75),
    "font.size": 12,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "savefig.dpi": 96,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "course_utils",  # the same ids at each run
}


def set_style() -> None:
    """Set the house style for every figure drawn from now on.

    It changes ``matplotlib.rcParams``: opaque white figures, the colours of `PALETTE`, constrained layout and
    files that are the same at each run. In a notebook, a figure is shown by a PNG file of 64 colours and
    twice the page's pixels; its ``alt_text`` stands in the output's metadata under ``alt``.

    Examples
    --------
    >>> with plt.rc_context():
    ...     set_style()
    ...     plt.rcParams["figure.facecolor"]
    'white'
    """
    plt.rcParams.update(_STYLE)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        plt.draw_if_interactive()  # loads the notebook's backend, which brings a formatter of its own
        shell.display_formatter.formatters["image/png"].for_type(Figure, _shown)


def _shown(figure: Figure) -> tuple[str, dict[str, Any]] | None:
    """Return a figure's picture, in base64, with its width on the page and what is to be seen in it."""
    if not figure.axes:
        return None
    picture = small_png(figure, _SHARPNESS * _STYLE["figure.dpi"])
    metadata = {"width": round(figure.get_figwidth() * _STYLE["figure.dpi"])}
    descriptions = [ax.alt_text for ax in figure.axes if hasattr(ax, "alt_text")]
    if descriptions:
        metadata["alt"] = " ".join(descriptions)
    return base64.b64encode(picture).decode("ascii"), metadata
