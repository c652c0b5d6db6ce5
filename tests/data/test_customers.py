import numpy as np
import pandas as pd
import pytest

from course_utils import data
from course_utils.data import customers


@pytest.fixture(scope="module")
def many():
    return data.draw_customers(40_000, seed=11)


def test_the_file_is_the_documented_draw():
    pd.testing.assert_frame_equal(data.load_customers(), data.draw_customers(2000, seed=0))


def test_columns_and_their_values(many):
    assert list(many) == [
        "id", "job", "area", "income", "aspect", "subscriptions", "dist_healthy", "save_rate",
        "dist_unhealthy", "age", "pop_dense", "retail_dense", "crime", "product",
    ]  # fmt: skip
    assert set(many["product"]) == set(customers.PRODUCTS)
    assert set(many["area"]) == set(customers.AREAS)
    assert set(many["job"]) == set(customers.JOBS)
    assert many["age"].between(18, 90).all()
    assert (
        many[["pop_dense", "retail_dense", "crime"]].apply(lambda shares: shares.between(0, 1)).all(axis=None)
    )
    assert many["income"].isna().mean() == pytest.approx(customers.CUSTOMER_MISSING_INCOME, abs=0.005)
    assert many.drop(columns="income").notna().all(axis=None)


def test_products_are_unbalanced(many):
    shares = many["product"].value_counts(normalize=True)
    assert shares.iloc[0] > 0.35
    assert shares.iloc[-1] < 0.08


def test_income_follows_job_and_age(many):
    known = many[many["income"].notna()]
    rest = np.log(known["income"]) - customers.mean_log_income(known)
    assert rest.mean() == pytest.approx(0, abs=0.005)
    assert rest.std() == pytest.approx(customers.CUSTOMER_LOG_INCOME_STD, abs=0.005)


def test_a_draw_is_repeatable_and_differs_between_seeds():
    pd.testing.assert_frame_equal(data.draw_customers(9, seed=3), data.draw_customers(9, seed=3))
    assert not data.draw_customers(9, seed=3).equals(data.draw_customers(9, seed=4))


def test_an_unknown_category_is_named():
    table = data.draw_customers(3, seed=0).assign(job="astronaut")
    with pytest.raises(ValueError, match=r"job must be one of .*, got 'astronaut'"):
        customers.product_probabilities(table, np.ones(3))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1), ValueError, "n_samples must be at least 1, got 0"),
        ((5, 1.5), TypeError, "seed must be an integer, got 1.5"),
    ],
)
def test_customers_refuse_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        data.draw_customers(*arguments)
