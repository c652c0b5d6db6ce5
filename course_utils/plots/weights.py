"""Weights of trained networks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy.stats import laplace
from scipy.stats import norm as normal

from course_utils._arguments import check_integer, check_number, checked
from course_utils.plots._drawing import CURVE_STYLES, MARKERS, listed, mean_and_band, new_or_given
from course_utils.plots.layout import legend_below, name_curves
from course_utils.plots.style import PALETTE


@checked
def sizes_by_layer(sizes_by_name: Mapping[str, Any], label: str, ax: Axes | None = None) -> Axes:
    """Draw how large the weights of each layer are, mean over seeds with a 95 % interval of that mean.

    Parameters
    ----------
    sizes_by_name : mapping of str to array_like of shape (n_seeds, n_layers)
        For each variant one size per seed and layer, for example the root mean square of the kernel.
    label : str
        What the sizes are; it goes beside the axis.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no variant, or an array is not of shape (n_seeds, n_layers).

    Examples
    --------
    >>> ax = sizes_by_layer({"none": [[0.3, 0.2], [0.4, 0.2]]}, "kernel")
    >>> ax.lines[0].get_xdata().tolist()
    [1, 2]
    """
    if not sizes_by_name:
        raise ValueError("sizes_by_name must hold at least one variant, got none")
    sizes = {name: np.asarray(values, dtype=float) for name, values in sizes_by_name.items()}
    for name, values in sizes.items():
        if values.ndim != 2:
            raise ValueError(
                f"sizes_by_name[{name!r}] must have shape (n_seeds, n_layers), got {values.shape}"
            )
    ax = new_or_given(ax)
    for number, (name, values) in enumerate(sizes.items()):
        layers, mean, half_width = mean_and_band(values)
        looks = {
            "color": PALETTE[number % len(PALETTE)],
            "marker": MARKERS[number % len(MARKERS)],
            "linestyle": CURVE_STYLES[number % len(CURVE_STYLES)],
        }
        ax.errorbar(layers, mean, yerr=half_width, label=name, capsize=2, **looks)
    ax.set_xticks(layers)
    ax.set_ylim(bottom=0)
    ax.set(xlabel="layer", ylabel=label)
    name_curves(ax)
    ax.alt_text = (
        f"Line chart of {label} over the {len(layers)} layers for {listed(sizes)}, means over seeds with "
        "95 % intervals."
    )
    return ax


@checked
def weight_histogram(
    weights: ArrayLike, limit: float | None = None, bins: int = 81, ax: Axes | None = None
) -> Axes:
    """Draw a histogram of weights with the Gaussian and the Laplace density that fit them best.

    Both are fitted by maximum likelihood [1]_: the Gaussian by mean and standard deviation, the Laplace
    density by median and mean absolute deviation from it. The height is logarithmic, so that a Gaussian is a
    parabola and a Laplace density a tent with straight sides.

    Parameters
    ----------
    weights : array_like
        The weights, of any shape; at least two different values.
    limit : float, optional
        The axis runs from ``-limit`` to ``limit``; weights outside are fitted but not drawn. Default: the
        largest absolute weight.
    bins : int
        Number of bars, at least 1; with an odd number one bar is centred on zero.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the weights are all equal or not finite, `limit` is not positive or `bins` is less than 1.

    References
    ----------
    .. [1] R. M. Norton, The Double Exponential Distribution: Using Calculus to Find a Maximum Likelihood
       Estimator, The American Statistician 38 (2), 135-136, 1984.

    Examples
    --------
    >>> ax = weight_histogram([-0.2, -0.1, 0.0, 0.1, 0.7], limit=1.0, bins=5)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['weights', 'Gaussian fit', 'Laplace fit']
    """
    weights = np.asarray(weights, dtype=float).ravel()
    if not np.isfinite(weights).all() or weights.size < 2 or np.ptp(weights) == 0:
        raise ValueError(f"weights must be finite and hold two different values, got {weights}")
    bins = check_integer(bins, "bins", minimum=1)
    limit = np.abs(weights).max() if limit is None else check_number(limit, "limit")
    if limit == 0:
        raise ValueError(f"limit must be positive, got {limit!r}")
    edges = np.linspace(-limit, limit, bins + 1)
    counts = np.histogram(weights, edges)[0] / (weights.size * np.diff(edges))
    place = np.linspace(-limit, limit, 10 * bins + 1)
    fits = {
        "Gaussian fit": normal.pdf(place, *normal.fit(weights)),
        "Laplace fit": laplace.pdf(place, *laplace.fit(weights)),
    }
    ax = new_or_given(ax)
    ax.stairs(counts, edges, fill=True, color=PALETTE[5], label="weights")
    for (name, density), color, style in zip(fits.items(), PALETTE, ("--", "-"), strict=False):
        ax.plot(place, density, style, color=color, label=name)
    lowest = 0.5 / (weights.size * np.diff(edges)[0])  # half of what one weight makes
    ax.set(xlabel="weight", ylabel="density", yscale="log", xlim=(-limit, limit), ylim=(lowest, None))
    legend_below(ax)
    ax.alt_text = (
        f"Histogram of {weights.size} weights with a logarithmic height and the fitted Gaussian and Laplace "
        f"densities; {np.mean(np.abs(weights) < limit / bins):.0%} of them lie within {limit / bins:.2g} of "
        f"zero, the largest is {np.abs(weights).max():.2g} from it."
    )
    return ax
