"""A reader's own table, checked before anything is computed from it."""

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from course_utils._arguments import checked

_SHOWN = 5  # names or values in a message


@checked
def read_table_like(path: str | Path, example: pd.DataFrame) -> pd.DataFrame:
    r"""Read a CSV file that must have the columns of an example, and say what is wrong with it.

    Parameters
    ----------
    path : str or Path
        A CSV file with a header. Columns that `example` does not have are left out.
    example : DataFrame
        A table of the right form: its numeric columns must be numeric, and its other columns hold the
        categories that are known. Numbers may be missing, categories may not.

    Returns
    -------
    DataFrame
        The columns of `example`, in its order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a column is missing, the file has no rows, a number is none or not finite, or a category is
        missing or unknown. The message names the column, and the line of the first value that is wrong.

    Examples
    --------
    >>> import tempfile
    >>> example = pd.DataFrame({"age": [30, 40], "area": ["a", "b"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.csv")
    ...     _ = path.write_text("area,age\nb,50\n")
    ...     read_table_like(path, example)
       age area
    0   50    b
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path must name a CSV file, got {path}, and there is none")
    try:
        table = pd.read_csv(path)
    except pd.errors.EmptyDataError:
        raise ValueError(f"{path.name} must have a line of column names, and it is empty") from None
    if missing := [name for name in example if name not in table]:
        raise ValueError(
            f"{path.name} must have the columns {_listed(missing)}, too; it has {_listed(list(table))}"
        )
    table = table[list(example)]
    if table.empty:
        raise ValueError(f"{path.name} must have rows below its column names, and it has none")
    checks = {name: _numbers if is_numeric_dtype(example[name]) else _categories for name in example}
    return table.assign(**{name: check(table[name], example[name], path) for name, check in checks.items()})


def _numbers(column: pd.Series, _: pd.Series, path: Path) -> pd.Series:
    """Return the column as numbers; what is missing stays missing."""
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = (numbers.isna() & column.notna()) | np.isinf(numbers)
    _refuse(column, wrong, path, "finite numbers")
    return numbers


def _categories(column: pd.Series, example: pd.Series, path: Path) -> pd.Series:
    known = sorted(example.unique())
    _refuse(column, ~column.isin(known), path, f"one of {_listed(known, 30)}")
    return column


def _refuse(column: pd.Series, wrong: pd.Series, path: Path, expected: str) -> None:
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        (value,) = column.iloc[[place]].tolist()
        line = place + 2  # the first line holds the names
        raise ValueError(
            f"{column.name} must hold {expected}, got {value!r} in line {line} of {path.name}, "
            f"and {int(wrong.sum()) - 1} more"
        )


def _listed(names: list, most: int = _SHOWN) -> str:
    return ", ".join(map(str, names[:most])) + (", ..." if len(names) > most else "")
