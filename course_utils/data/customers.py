"""Customers of an invented shop, and the process that made them: what can be known about them is known.

A customer's attributes are drawn first, the product depends on them through scores: `softmax` of the scores
are the probabilities of the seven products. Some products were entered wrongly, some incomes are missing.
"""

import numpy as np
import pandas as pd
from scipy.special import softmax

from course_utils._arguments import check_integer
from course_utils.data.files import read_table

PRODUCTS: tuple[str, ...] = tuple("abcdefg")
AREAS: tuple[str, ...] = tuple("abcd")
JOBS: tuple[str, ...] = (
    "al", "am", "bf", "cv", "da", "dz", "eh", "fo", "gp", "hk", "im", "kd", "lx", "mo", "ny", "pe", "qr",
    "sa", "vv", "zz",
)  # fmt: skip
# The share of products that were entered at random instead of those that were bought.
CUSTOMER_LABEL_NOISE: float = 0.05
CUSTOMER_MISSING_INCOME: float = 0.06
CUSTOMER_LOG_INCOME_STD: float = 0.3

_AREA_SHARES = (0.35, 0.3, 0.2, 0.15)
_JOB_SHARES = np.arange(len(JOBS), 0, -1) / np.arange(1, len(JOBS) + 1).sum()
# What a job and an area mean was drawn once and is part of the process.
_EFFECTS = np.random.default_rng(0)
_JOB_LOG_INCOME = _EFFECTS.normal(10.8, 0.35, len(JOBS))
_JOB_SCORES = _EFFECTS.normal(0.0, 0.35, (len(JOBS), len(PRODUCTS)))
_AREA_SCORES = _EFFECTS.normal(0.0, 0.5, (len(AREAS), len(PRODUCTS)))
_PRODUCT_SCORES = np.array([0.3, 1.0, 0.5, -0.2, 0.0, 0.2, -0.4])
# How sharply the scores decide: chosen so that the best possible accuracy is near 0.7.
_SHARPNESS = 3.0


def load_customers() -> pd.DataFrame:
    """Return 2 000 customers of an invented shop and what they bought, as a table that needs preparation.

    The table is ``draw_customers(2000, seed=0)``, read from ``customers.csv``. Seven products are to be
    predicted; what the best possible classifier reaches is known (`course_utils.bayes`).

    Returns
    -------
    DataFrame
        The columns are described at `draw_customers`.

    Raises
    ------
    FileNotFoundError
        If ``customers.csv`` is missing.
    ValueError
        If it is damaged, that is, if its SHA-256 is not the one in ``SHA256SUMS``.

    Examples
    --------
    >>> table = load_customers()
    >>> len(table), table["product"].nunique(), bool(table["income"].isna().any())
    (2000, 7, True)
    """
    return read_table("customers.csv")


def draw_customers(n_samples: int, seed: int) -> pd.DataFrame:
    """Fresh customers from the process behind `load_customers`.

    Parameters
    ----------
    n_samples : int
        Number of customers, at least 1.
    seed : int
        Seed of the draw, at least 0.

    Returns
    -------
    DataFrame
        `id`; `job` (20 codes); `area` (a-d); `income` per year, 6 % missing; `aspect`; `subscriptions`
        (0-5); `dist_healthy` and `dist_unhealthy`, distances to shops; `save_rate` in percent; `age` in
        years; `pop_dense`, `retail_dense` and `crime` of the neighbourhood, between 0 and 1; `product` (a-g),
        what the customer bought.

    Raises
    ------
    TypeError, ValueError
        If `n_samples` or `seed` is not an integer or too small.

    Examples
    --------
    >>> draw_customers(3, seed=1)["area"].isin(list(AREAS)).all()
    np.True_
    """
    count = check_integer(n_samples, "n_samples", minimum=1)
    rng = np.random.default_rng(check_integer(seed, "seed"))
    table = _attributes(count, rng)
    bought = _one_of_each(product_probabilities(table, table["income"].to_numpy()), rng)
    entered_at_random = rng.random(count) < CUSTOMER_LABEL_NOISE
    product = np.where(entered_at_random, rng.integers(len(PRODUCTS), size=count), bought)
    table["income"] = table["income"].where(rng.random(count) >= CUSTOMER_MISSING_INCOME)
    return table.assign(product=np.array(PRODUCTS)[product])


def product_probabilities(table: pd.DataFrame, income: np.ndarray) -> np.ndarray:
    """Return the probability with which customers of a known income buy each product, before wrong entries.

    Parameters
    ----------
    table : DataFrame
        Customers, with the columns of `draw_customers`; its own incomes are not looked at.
    income : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, 7)
    """
    age = (table["age"].to_numpy() - 46) / 13
    earns = (np.log(income) - 10.8) / 0.45
    saves = (table["save_rate"].to_numpy() - 35) / 12
    nearer = np.tanh((table["dist_unhealthy"] - table["dist_healthy"]).to_numpy() / 5)
    busy = table["retail_dense"].to_numpy() > 0.5
    subscribes = (table["subscriptions"].to_numpy() - 1.2) / 1.1
    aspect = (table["aspect"].to_numpy() - 13) / 2.5
    by_product = [
        0.8 * age**2 - 0.8,
        0.5 * aspect,
        earns * saves,
        0.8 * earns - 0.7 * age,
        1.3 * nearer,
        1.1 * busy * subscribes,
        0.6 * saves - earns,
    ]
    scores = _PRODUCT_SCORES + np.stack(by_product, axis=1)
    scores += _JOB_SCORES[_places(table["job"], JOBS)] + _AREA_SCORES[_places(table["area"], AREAS)]
    return softmax(_SHARPNESS * scores, axis=1)


def mean_log_income(table: pd.DataFrame) -> np.ndarray:
    """Return the mean of the logarithm of the income, given job and age; its spread is the same for all."""
    years = table["age"].to_numpy() - 46
    return _JOB_LOG_INCOME[_places(table["job"], JOBS)] + 0.01 * years - 0.0004 * years**2


def _attributes(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw everything but the product; every income is there."""
    area = rng.choice(len(AREAS), count, p=_AREA_SHARES)
    table = pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "job": np.array(JOBS)[rng.choice(len(JOBS), count, p=_JOB_SHARES)],
            "area": np.array(AREAS)[area],
            "income": 0.0,
            "aspect": rng.normal(13, 2.5, count).clip(4, 22).round(2),
            "subscriptions": rng.poisson(1.2, count).clip(0, 5),
            "dist_healthy": rng.gamma(3, 3, count).round(2),
            "save_rate": rng.normal(35, 12, count).clip(0, 90).round(),
            "dist_unhealthy": rng.gamma(3, 3, count).round(2),
            "age": rng.normal(46, 13, count).clip(18, 90).round(),
            "pop_dense": rng.beta(2 + 2 * area, 4).round(3),
            "retail_dense": rng.beta(3, 5 - area).round(3),
            "crime": rng.beta(1.5 + area, 15).round(3),
        }
    ).astype({"save_rate": int, "age": int})
    log_income = rng.normal(mean_log_income(table), CUSTOMER_LOG_INCOME_STD)
    table["income"] = np.exp(log_income).round()
    return table


def _one_of_each(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one place per row."""
    return (probabilities.cumsum(axis=1) < rng.random((len(probabilities), 1))).sum(axis=1)


def _places(column: pd.Series, names: tuple[str, ...]) -> np.ndarray:
    places = pd.Index(names).get_indexer(column)
    if (places < 0).any():
        unknown = column[places < 0].iloc[0]
        raise ValueError(f"{column.name} must be one of {list(names)}, got {unknown!r}")
    return places
