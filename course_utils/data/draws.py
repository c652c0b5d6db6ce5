"""The seeds that a chapter measures on."""

import os

from course_utils._arguments import check_integer

# Moves all draws of the book at once, to see which results come back.
DRAWS_SHIFT = "COURSE_UTILS_DRAWS_SHIFT"


def draws(first: int, last: int) -> range:
    """Name the draws that a chapter measures on: the seeds `first` to `last`, both included.

    Every chapter takes its draws from here, in one line, so that the whole book can be run on other ones: the
    environment variable `COURSE_UTILS_DRAWS_SHIFT` is added to both.

    Parameters
    ----------
    first, last : int
        Seeds for `draw_blobs` and the like, at least 0.

    Returns
    -------
    range

    Raises
    ------
    TypeError, ValueError
        If one of them, or the shift, is not an integer or too small.

    Examples
    --------
    >>> len(draws(301, 332))
    32
    """
    first = check_integer(first, "first")
    last = check_integer(last, "last", minimum=first)
    shift = os.environ.get(DRAWS_SHIFT, "0")
    if not shift.isdecimal():
        raise ValueError(f"{DRAWS_SHIFT} must be an integer of at least 0, got {shift!r}")
    return range(first + int(shift), last + int(shift) + 1)
