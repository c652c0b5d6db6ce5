"""The private names of Keras and TensorFlow that the engine leans on: each case says which one went."""

import re
from pathlib import Path

import pytest

from course_utils.models import mlp
from course_utils.replicates import keras_internals
from course_utils.replicates.keras_internals import PRIVATE

ROOM = Path(keras_internals.__file__).parent


@pytest.fixture(scope="module")
def model():
    return mlp((2,))


@pytest.mark.parametrize("private", PRIVATE, ids=lambda private: private.name)
def test_a_private_name_is_still_there(private, model):
    try:
        owner = private.owner(model)
    except (ImportError, AttributeError) as error:
        pytest.fail(f"where {private.name} was, there is nothing ({error}); it serves {private.use}")
    assert hasattr(owner, private.name), f"{owner!r} has no {private.name} any more; it serves {private.use}"


@pytest.mark.parametrize("private", PRIVATE, ids=lambda private: private.name)
def test_what_leans_on_a_private_name_exists(private):
    modules = re.match(r"[\w ]+(?=:)", private.use).group().split(" and ")
    assert all((ROOM / f"{module}.py").is_file() for module in modules), private.use


def test_no_other_module_leans_on_private_names():
    others = [path for path in sorted(ROOM.rglob("*.py")) if path.name != "keras_internals.py"]
    # A private attribute of anything but our own objects, or a module that is not public.
    pattern = re.compile(
        r"(?<!self)(?<!runs)(?<!first)\._(?!replace|fields|arguments)[a-z]\w*|keras\.src|tensorflow\.python"
    )
    found = {
        path.name: found
        for path in others
        if (found := [line for line in path.read_text().splitlines() if pattern.search(line)])
    }
    assert not found, "private names belong into keras_internals"
