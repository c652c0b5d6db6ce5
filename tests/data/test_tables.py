import numpy as np
import pandas as pd
import pytest

from course_utils.data import load_customers, read_table_like


@pytest.fixture
def customers():
    return load_customers()


@pytest.fixture
def written(tmp_path):
    """Write a table as a reader would, and return its path."""

    def write(table):
        path = tmp_path / "mine.csv"
        table.to_csv(path, index=False)
        return path

    return write


def test_a_table_of_the_same_form_comes_back_as_it_is(customers, written):
    pd.testing.assert_frame_equal(read_table_like(written(customers), customers), customers)


def test_columns_may_be_more_and_in_another_order(customers, written):
    mine = customers.iloc[:50, ::-1].assign(remark="none")
    found = read_table_like(written(mine), customers)
    pd.testing.assert_frame_equal(found, customers.iloc[:50], check_dtype=False)


def test_numbers_may_be_missing_anywhere(customers, written):
    found = read_table_like(written(customers.assign(age=np.nan)), customers)
    assert found["age"].isna().all()


def with_value(column, value, row=1):
    def change(table):
        values = table[column].astype(object)
        values.iloc[row] = value
        return table.assign(**{column: values})

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda table: table.drop(columns=["job", "age"]),
            "must have the columns job, age, too; it has id, ",
        ),
        (lambda table: table.iloc[:0], "must have rows below its column names, and it has none"),
        (
            with_value("age", "forty"),
            "age must hold finite numbers, got 'forty' in line 3 of mine.csv, and 0",
        ),
        (with_value("age", np.inf), "age must hold finite numbers, got inf in line 3"),
        (with_value("area", "z"), "area must hold one of a, b, c, d, got 'z' in line 3"),
        (with_value("area", np.nan), "area must hold one of a, b, c, d, got nan in line 3"),
        (with_value("product", "h", row=0), "product must hold one of a, b, .*, got 'h' in line 2"),
        (lambda table: table.assign(job="astronaut"), "got 'astronaut' in line 2 of mine.csv, and 1999 more"),
    ],
)
def test_what_is_wrong_is_named(customers, written, change, message):
    with pytest.raises(ValueError, match=message):
        read_table_like(written(change(customers)), customers)


def test_a_file_that_is_not_there_or_empty_is_named(tmp_path, customers):
    with pytest.raises(FileNotFoundError, match=r"path must name a CSV file, got .*nowhere.csv"):
        read_table_like(tmp_path / "nowhere.csv", customers)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(ValueError, match=r"empty.csv must have a line of column names"):
        read_table_like(empty, customers)
