"""Checks of chapter 09, weights, biases and activities together."""

from collections.abc import Callable

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise("weights are counted once, activities once for each row, and divided by the rows.")
def check_three_kinds(count: int, total: float) -> None:
    """Check how many penalties `model.losses` of the exercise's model holds after a call, and their sum.

    The model: three hidden ReLU units on two inputs, L2(0.1) on kernel and bias and L1(0.1) on the activity,
    then one output unit with L2(0.1) on its kernel. Kernels are ones, biases zeros, and so are the inputs
    ones, in four rows.

    Parameters
    ----------
    count : int
        The reader's number of penalties.
    total : float
        The reader's sum of them.

    Examples
    --------
    >>> check_three_kinds(4, 3.3)
    Not yet: 3.3 is not divided by the rows; the activity penalty is a mean over the four of them.
    """
    require_no_mistake(
        count,
        [
            (3, "3 is one too few; a bias of zeros is on the list, too, and so is the activity"),
            (2, "2 counts layers; each kernel, bias and activity with a regularizer has an entry of its own"),
            (5, "5 is one too many; the output layer has no penalty on its bias or its activity"),
            (6, "6 is too many; the output layer has a penalty on its kernel alone"),
        ],
    )
    require_close(count, 4, "count")
    require_no_mistake(
        total,
        [
            (3.3, "3.3 is not divided by the rows; the activity penalty is a mean over the four of them"),
            (1.1, "1.1 takes the mean over the units, too; Keras divides by the rows alone"),
            (0.9, "0.9 has no activity in it; call the model on the rows in your mind"),
            (15.0, "15 has no strength in it"),
            (1.2, "1.2 leaves out the kernel of the output layer"),
            (2.7, "2.7 squares the activities; their regularizer is L1"),
        ],
    )
    require_close(total, 1.5, "total")


@exercise("half the change that one factor makes in the effect of the other.")
def check_interaction(interaction: Callable[[np.ndarray], float]) -> None:
    """Check a function that returns the interaction of the first and the last of three factors.

    Parameters
    ----------
    interaction : callable
        The reader's function of levels of shape (2, 2, 2).

    Examples
    --------
    >>> check_interaction(lambda levels: levels[1, 0, 1] - levels[0, 0, 1])
    Not yet: the interaction of a single 1 at (0, 0, 0) must be 0.25, got 0.
    """
    levels = np.array([[[3.0, 4.0], [1.0, 0.5]], [[2.0, 1.0], [7.0, 5.0]]])
    found = interaction(levels)
    require(found is not ..., "put your answer where the three dots are")
    last = levels[:, :, 1] - levels[:, :, 0]  # its effect, by the first and the second factor
    off, on = last.mean(axis=1)
    mistakes = [
        (on - off, "that is the whole change in the effect; by convention an interaction is half of it"),
        ((off - on) / 2, "the sign is turned round: take the effect with the other factor on minus off"),
        (off - on, "the sign is turned round, and it is not halved"),
        ((last[1, 0] - last[0, 0]) / 2, "that is only the front of the cube, with the second factor off"),
        ((on + off) / 2, "that is the main effect of the last factor; it adds where you must subtract"),
        (last[1].sum() - last[0].sum(), "sum is not mean: divide by the number of differences"),
    ]
    require_no_mistake(found, mistakes)
    # All levels but one at zero: each of the eight signs by itself.
    for corner in np.ndindex(2, 2, 2):
        single = np.zeros((2, 2, 2))
        single[corner] = 1.0
        sign = 1 if corner[0] == corner[2] else -1
        require_close(interaction(single), sign / 4, f"the interaction of a single 1 at {corner}")
    require_close(found, (on - off) / 2, "the interaction")


@exercise("the level without interactions is the first one plus the three changes.")
def check_additive_guess(guess: Callable[[float, float, float, float], float]) -> None:
    """Check a function that guesses the level of three factors from the level of none and of each alone.

    Parameters
    ----------
    guess : callable
        The reader's function of four levels: none, and each of the three factors alone.

    Examples
    --------
    >>> check_additive_guess(lambda none, kernel, bias, activity: kernel + bias + activity - 3 * none)
    Not yet: that is the change; add it to the level of none.
    """
    none, kernel, bias, activity = levels = (0.6, 0.45, 0.62, 0.5)
    found = guess(*levels)
    require(found is not ..., "put your answer where the three dots are")
    total = kernel + bias + activity
    mistakes = [
        (total - 3 * none, "that is the change; add it to the level of none"),
        (total, "the level of none is in that sum three times; it must be in it once"),
        (total - none, "the level of none is in that sum twice; it must be in it once"),
        (total / 3, "a mean of the three is no sum of their changes"),
        (min(levels), "the best one alone has only its own change in it"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, total - 2 * none, "the guess")
