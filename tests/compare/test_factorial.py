"""Effects of factorials: against regression on the signs, and against levels made of known effects."""

from itertools import product

import numpy as np
import pytest

from course_utils.compare import factorial_effects, paired_difference

FACTORS = ("a", "b", "c")
SETTINGS = sorted(product([1, 0], repeat=3), key=sum)  # the single factors first, in their order
CELLS = {str(on): [f for f, is_on in zip(FACTORS, on, strict=True) if is_on] for on in SETTINGS}


def test_known_effects_come_back_with_no_width():
    signs = 2 * np.array(SETTINGS) - 1
    a, b, c = signs.T
    levels = 1.0 + 0.25 * a - 0.125 * b + 0.5 * a * c - 0.0625 * a * b * c
    values = {name: np.full(4, level) for name, level in zip(CELLS, levels, strict=True)}
    found = factorial_effects(values, CELLS, unit="nats")
    expected = {"a": 0.5, "b": -0.25, "c": 0, "a × b": 0, "a × c": 1, "b × c": 0, "a × b × c": -0.125}
    assert {name: pytest.approx(effect.mean) for name, effect in found.items()} == expected
    assert list(found) == list(expected)
    assert all(effect.high - effect.low < 1e-12 and effect.unit == "nats" for effect in found.values())


def test_effects_are_twice_the_coefficients_of_a_regression_on_the_signs():
    values = dict(zip(CELLS, np.random.default_rng(0).normal(size=(8, 5)), strict=True))
    a, b, c = 2 * np.array(SETTINGS).T - 1
    columns = np.stack([np.ones(8), a, b, c, a * b, a * c, b * c, a * b * c], axis=1)
    levels = np.stack(list(values.values())).mean(axis=1)
    coefficients = np.linalg.solve(columns, levels)
    found = [effect.mean for effect in factorial_effects(values, CELLS).values()]
    np.testing.assert_allclose(found, 2 * coefficients[1:])


def test_one_factor_is_a_paired_difference_and_other_variants_are_left_out():
    values = {"off": [1.0, 2.0, 4.0], "other": [9.0, 9.0, 9.0], "on": [2.0, 2.5, 6.0]}
    (found,) = factorial_effects(values, {"on": ["a"], "off": []}).values()
    assert found == paired_difference(values["on"], values["off"])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({}, "each of the 1 combinations"),
        ({"x": []}, "each of the 1 combinations"),
        ({"x": [], "y": ["a"], "z": ["b"]}, "each of the 4 combinations .* got 3 cells, 3 of them different"),
        ({"x": [], "y": ["a"], "z": ["b"], "u": ["b"]}, "got 4 cells, 3 of them different"),
        ({"x": [], "missing": ["a"]}, r"variants of values, \['x', 'y', 'z', 'u'\], got \['missing'\]"),
    ],
)
def test_cells_that_are_no_factorial_are_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        factorial_effects({name: [0.0, 1.0] for name in "xyzu"}, cells)
