"""What belongs to the whole process, and is after a call what it was before."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator

import numpy as np

from course_utils.replicates.keras_internals import same_names, same_random_seeds

# Random numbers are global to the process: threads set them, and put them back, one at a time.
ALONE = threading.RLock()


@contextlib.contextmanager
def left_as_found() -> Iterator[None]:
    """Put the global random numbers of Python, NumPy, Keras and TensorFlow back, and Keras' names."""
    with contextlib.ExitStack() as kept:
        with ALONE:
            kept.enter_context(same_names())
            kept.enter_context(same_random_seeds())
            kept.callback(random.setstate, random.getstate())
            kept.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002 - the one that Keras seeds
        try:
            yield
        finally:
            with ALONE:
                kept.close()
