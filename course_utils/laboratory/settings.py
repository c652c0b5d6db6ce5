"""What can be set in the laboratory, read from the table that its page reads."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from course_utils._arguments import checked
from course_utils.laboratory.program import STATIC


@functools.cache
def fields() -> dict[str, dict[str, Any]]:
    """Return the table of fields: for each name its label, default and choices.

    Examples
    --------
    >>> fields()["batch"]["value"]
    20
    """
    text = (STATIC / "fields.js").read_text(encoding="utf-8")
    return json.loads(text.partition("FIELDS =")[2].rstrip(";\n"))


@checked
def complete_setting(partial: Mapping = {}) -> dict[str, Any]:
    """Complete a setting of the laboratory with the course's shared problem and network.

    Parameters
    ----------
    partial : mapping
        Names and values that differ from the defaults; ``points`` holds own points, a line each: x1, x2,
        class.

    Returns
    -------
    dict
        A value for every name.

    Raises
    ------
    ValueError
        If a name is unknown or a value is not on offer.

    Examples
    --------
    >>> setting = complete_setting({"penalty": "l2", "strength": 0.003})
    >>> setting["width"], setting["depth"], setting["strength"]
    (32, 5, 0.003)
    """
    setting = {name: field["value"] for name, field in fields().items()} | {"points": ""}
    for name, value in partial.items():
        if name not in setting:
            raise ValueError(f"setting must have names among {sorted(setting)}, got {name!r}")
        choices = choices_of(name)
        if choices is not None and value not in choices:
            raise ValueError(f"setting[{name!r}] must be one of {choices}, got {value!r}")
        setting[name] = value
    return setting


def choices_of(name: str) -> list | None:
    """Return what a field offers; None for the points, which are free.

    Examples
    --------
    >>> choices_of("activation")
    ['relu', 'tanh', 'sigmoid']
    """
    field = fields().get(name, {})
    return list(field.get("options", field.get("steps", []))) or None
