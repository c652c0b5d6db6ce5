"""The look of every figure."""

from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler

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
    "figure.constrained_layout.use": True,
    "figure.dpi": 96,
    "figure.facecolor": "white",  # opaque: black labels stay readable on a dark page
    "figure.figsize": (6.0, 3.75),
    "font.size": 11,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "savefig.dpi": 96,
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "course_utils",  # the same ids at each run
}


def set_style() -> None:
    """Set the house style for every figure drawn from now on.

    It changes ``matplotlib.rcParams``: opaque white figures, the colours of `PALETTE`, constrained layout and
    files that are the same at each run.

    Examples
    --------
    >>> with plt.rc_context():
    ...     set_style()
    ...     plt.rcParams["figure.facecolor"]
    'white'
    """
    plt.rcParams.update(_STYLE)
