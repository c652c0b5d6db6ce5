"""Factorial experiments: each factor off or on in every combination, and what each does, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from course_utils.compare.differences import Difference, paired_difference

Array = np.ndarray


def factorial_effects(
    values: Mapping[str, Array], cells: Mapping[str, Sequence[str]], unit: str = ""
) -> dict[str, Difference]:
    r"""Return the main effects and interactions of a :math:`2^k` factorial, each with its 95 % interval.

    An effect is the mean of the cells with a plus minus the mean of those with a minus, seed by seed [1]_.
    A factor has a plus where it is on; an interaction has the product of its factors' signs:

    .. math:: e_i = \frac{1}{2^{k-1}} \sum_c s_c \, y_{ic}, \qquad s_c = \prod_{f} (\pm 1)

    So a main effect is the mean change that a factor makes over all settings of the others, and the
    interaction of two is half the change that one makes in the effect of the other.

    Parameters
    ----------
    values : dict of str to array, shape (n_seeds,)
        By variant, one number per seed, such as ``comparison.per_seed``; variants that are no cell are left
        out.
    cells : dict of str to sequence of str
        By variant, the factors that are on in it: every combination of the factors, each once.
    unit : str
        What the numbers count, such as "nats" or "accuracy".

    Returns
    -------
    dict of str to Difference
        By name: the factors in the order in which they first appear in `cells`, then their interactions, as
        ``"a × b"``.

    Raises
    ------
    ValueError
        If a cell has no values, a combination is missing, or one is there twice.

    References
    ----------
    .. [1] G. E. P. Box, J. S. Hunter, W. G. Hunter, Statistics for Experimenters, 2nd edition, 2005,
       chapter 5.

    Examples
    --------
    >>> values = {"none": [0.50, 0.52], "a": [0.40, 0.42], "b": [0.50, 0.54], "both": [0.46, 0.46]}
    >>> cells = {"none": [], "a": ["a"], "b": ["b"], "both": ["a", "b"]}
    >>> {name: round(effect.mean, 3) for name, effect in factorial_effects(values, cells).items()}
    {'a': -0.08, 'b': 0.03, 'a × b': 0.02}
    """
    factors = list(dict.fromkeys(factor for on in cells.values() for factor in on))
    _check_cells(values, cells, factors)
    groups = [group for size in range(1, len(factors) + 1) for group in combinations(factors, size)]
    found = {}
    for group in groups:
        sides: dict[bool, list[Array]] = {True: [], False: []}
        for name, on in cells.items():
            off = sum(factor not in on for factor in group)
            sides[off % 2 == 0].append(np.asarray(values[name], float))
        plus, minus = (np.mean(sides[side], axis=0) for side in (True, False))
        found[" × ".join(group)] = paired_difference(plus, minus, unit=unit)
    return found


def _check_cells(
    values: Mapping[str, Array], cells: Mapping[str, Sequence[str]], factors: Sequence[str]
) -> None:
    unknown = [name for name in cells if name not in values]
    if unknown:
        raise ValueError(f"cells must be variants of values, {list(values)}, got {unknown}")
    combined = {frozenset(on) for on in cells.values()}
    if not factors or len(combined) != len(cells) or len(cells) != 2 ** len(factors):
        raise ValueError(
            f"cells must hold each of the {2 ** len(factors)} combinations of the factors {factors} once, "
            f"got {len(cells)} cells, {len(combined)} of them different"
        )
