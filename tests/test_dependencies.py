"""Which code a chapter depends on, on small packages."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "_ext"))

from dependencies import code_reached, hash_of_code  # noqa: E402

TREE = {
    "__init__.py": '"""A package."""\n\n__version__ = "1"\n',
    "data.py": "import numpy as np\nN = 3\n",
    "models.py": "from course_utils.data import N\n",
    "losses.py": "def loss():\n    from course_utils import models\n    return models.mlp()\n",
    "exercises/__init__.py": '"""Checks."""\n'
    "from course_utils.exercises.grading import Grade\n"
    "from course_utils.exercises.first import check_first\n"
    "from .second import check_second as check_another\n"
    '__all__ = ["Grade", "check_another", "check_first"]\n',
    "exercises/grading.py": "class Grade: pass\n",
    "exercises/first.py": "from course_utils.exercises.grading import Grade\n",
    "exercises/second.py": "from . import grading\nfrom .. import losses\nx = grading.Grade, losses.loss\n",
    "busy/__init__.py": "from course_utils.busy.part import f\nREGISTERED = f()\n",
    "busy/part.py": "def f(): pass\n",
    "busy/other.py": "from course_utils.data import N\n",
}


FIRST = "exercises/first.py exercises/grading.py"


@pytest.fixture
def root(tmp_path):
    for name, text in TREE.items():
        path = tmp_path / "course_utils" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import numpy", ""),
        ("from course_utils.data import N", "data.py"),
        ("import course_utils.data", "data.py"),
        ("from course_utils import models\nmodels.mlp()", "data.py models.py"),
        ("from course_utils import losses as l\nl.loss", "data.py losses.py models.py"),
        ("from course_utils.exercises import check_first", FIRST),
        ("from course_utils import exercises\nexercises.check_first(1)", FIRST),
        ("import course_utils.exercises as e\ne.check_first(1)", FIRST),
        ("from course_utils import exercises\nexercises.grading.Grade", "exercises/grading.py"),
        (
            "from course_utils.exercises import check_another",
            "data.py exercises/grading.py exercises/second.py losses.py models.py",
        ),
        ("from course_utils import exercises\nprint(exercises)", "everything in exercises"),
        ("from course_utils.exercises import *", "everything in exercises"),
        ("from course_utils import exercises\nexercises.nobody", "everything in exercises"),
        ("from course_utils.busy import f", "busy/__init__.py busy/other.py busy/part.py data.py"),
        ("%%time\nif True:\n    %pip install course_utils\n    from course_utils.data import N", "data.py"),
        ("this is no Python", ""),
    ],
)  # fmt: skip
def test_names_lead_to_the_modules_that_define_them(root, code, expected):
    if expected == "everything in exercises":
        expected = " ".join(["data.py", *(name for name in sorted(TREE) if name.startswith("exercises")),
                             "losses.py", "models.py"])  # fmt: skip
    found = sorted(file.relative_to(root / "course_utils").as_posix() for file in code_reached([code], root))
    assert " ".join(found) == expected


def test_an_import_in_one_cell_is_used_in_another(root):
    cells = ["from course_utils import exercises", "exercises.check_first(...)"]
    assert {file.name for file in code_reached(cells, root)} == {"first.py", "grading.py"}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("# why three\nN = (3)\n", True),
        ('"""What the chapters read."""\nN=3\n', True),
        ("N = 4\n", False),
        ("N = 3\nM = 3\n", False),
    ],
)
def test_only_what_the_code_does_counts(root, text, same):
    file = root / "course_utils" / "data.py"
    file.write_text("N = 3\n")
    before = hash_of_code([file], root)
    file.write_text(text)
    assert (hash_of_code([file], root) == before) == same


def test_a_docstring_does_not_count(root):
    file = root / "course_utils" / "data.py"
    hashes = set()
    for docstring in ('"""Return 3."""', '"""Return three."""\n    # at once'):
        file.write_text(f"def f():\n    {docstring}\n    return 3\n")
        hashes.add(hash_of_code([file], root))
    assert len(hashes) == 1


def test_a_module_under_another_name_counts(root):
    first, second = (root / "course_utils" / name for name in ("data.py", "models.py"))
    second.write_text(first.read_text())
    assert hash_of_code([first], root) != hash_of_code([second], root)
