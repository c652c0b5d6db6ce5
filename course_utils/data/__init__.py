"""The course's data sets, each from a file with a checked SHA-256 or a generator with a fixed seed."""

from course_utils.data.blobs import (
    BLOB_CENTERS,
    BLOB_STD,
    BLOB_TEST_SEED,
    BLOB_TEST_SIZE,
    draw_blobs,
    load_blobs,
)
from course_utils.data.circles import CIRCLE_NOISE, CIRCLE_RADII, draw_circles, load_circles
from course_utils.data.customers import draw_customers, load_customers
from course_utils.data.digits import draw_digits, load_digits
from course_utils.data.draws import draws
from course_utils.data.folds import Folds, stack_folds
from course_utils.data.iris import draw_iris, load_iris
from course_utils.data.parts import Split
from course_utils.data.tables import read_table_like

__all__ = [
    "BLOB_CENTERS",
    "BLOB_STD",
    "BLOB_TEST_SEED",
    "BLOB_TEST_SIZE",
    "CIRCLE_NOISE",
    "CIRCLE_RADII",
    "Folds",
    "Split",
    "draw_blobs",
    "draw_circles",
    "draw_customers",
    "draw_digits",
    "draw_iris",
    "draws",
    "load_blobs",
    "load_circles",
    "load_customers",
    "load_digits",
    "load_iris",
    "read_table_like",
    "stack_folds",
]
