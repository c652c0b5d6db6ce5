"""Checks of chapter 02, overfitting."""

from collections.abc import Callable

import numpy as np

from course_utils.exercises.grading import exercise, require, require_close, require_no_mistake


@exercise(
    "the training error flatters by twice the variance, 2σ²p/n: the fit follows each point's own noise."
)
def check_optimism(optimism: Callable[[float, int, int], float]) -> None:
    """Check how far the training error of a least-squares fit lies below the error on fresh targets.

    Parameters
    ----------
    optimism : callable
        From the noise's standard deviation, the number of fitted parameters and the number of points to the
        expected error on fresh targets at the same inputs, minus the expected training error; both are mean
        squared errors. The answer is 2σ²p/n [1]_.

    References
    ----------
    .. [1] T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning, 2nd edition,
       Springer, 2009, section 7.4.

    Examples
    --------
    >>> check_optimism(lambda noise, parameters, points: noise**2 * parameters / points)
    Not yet: σ²p/n is the variance, what fresh targets lose; the training error gains as much again.
    """
    found, expected = optimism(0.3, 4, 20), 2 * 0.3**2 * 4 / 20
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (
            expected / 2,
            "σ²p/n is the variance, what fresh targets lose; the training error gains as much again",
        ),
        (expected / 0.3, "noise is a standard deviation, a squared error needs its square"),
        (expected * 20, "divide by the number of points: an error is a mean over them"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, expected, "optimism(0.3, 4, 20)")
    require_close(optimism(0.5, 10, 40), 2 * 0.5**2 * 10 / 40, "optimism(0.5, 10, 40)")


@exercise("this is what EarlyStopping does with restore_best_weights=True.")
def check_early_stopping(stop: Callable[[list[float], int], tuple[int, int]]) -> None:
    """Check a hand-written rule of early stopping.

    Parameters
    ----------
    stop : callable
        From the validation losses of all epochs and the patience to the number of epochs run and the epoch,
        counted from 1, whose weights are restored. Training stops after the epoch that is the
        `patience`-th in a row without a new lowest loss, as in ``keras.callbacks.EarlyStopping``.

    Examples
    --------
    >>> check_early_stopping(lambda losses, patience: (len(losses), 1 + losses.index(min(losses))))
    Not yet: after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2, epoch 4 is the second bad one in a row: stop.
    """
    losses = [0.5, 0.4, 0.45, 0.42, 0.3]
    shown = "after 0.5, 0.4, 0.45, 0.42, 0.3 with patience 2"
    found = stop(losses, 2)
    require(found is not ..., "put your answer where the three dots are")
    require(np.shape(found) == (2,), f"return two numbers, epochs run and best epoch, got {found!r}")
    run, best = found
    require(run != 5, f"{shown}, epoch 4 is the second bad one in a row: stop")
    require(run != 3, f"{shown}, one bad epoch is not enough to stop")
    require(best != 1, f"{shown}, epochs count from 1, so the lowest loss so far is that of epoch 2")
    require(best != run, f"{shown}, restore the best epoch, not the last one")
    require_close([run, best], [4, 2], f"{shown}, (epochs run, best epoch)")
    require_close(stop([0.5, 0.4, 0.3], 2), [3, 3], "without a rise, (epochs run, best epoch)")
    require_close(
        stop([0.5, 0.6, 0.4, 0.6, 0.6, 0.3], 2), [5, 3], "a new lowest loss must restart the count; it"
    )
    require_close(
        stop([0.5, 0.5, 0.5], 2), [3, 1], "an equal loss is no new lowest one; (epochs run, best epoch)"
    )


@exercise("a short last batch counts for less, so the number on the bar is a mean over rows.")
def check_running_loss(running_loss: Callable[[list[float], list[int]], float]) -> None:
    """Check how `fit` arrives at the loss that it reports for an epoch.

    Parameters
    ----------
    running_loss : callable
        From the mean loss of each batch, measured right before its step, and the number of rows of each batch
        to the loss of the epoch: the mean over rows.

    Examples
    --------
    >>> check_running_loss(lambda losses, sizes: losses[-1])
    Not yet: this is the loss of the last batch alone; fit averages over the whole epoch.
    """
    losses, sizes = [0.7, 0.5, 0.2], [20, 20, 5]
    found = running_loss(losses, sizes)
    require(found is not ..., "put your answer where the three dots are")
    mistakes = [
        (np.mean(losses), "this counts each batch the same, but the last one has only 5 of the 45 rows"),
        (losses[-1], "this is the loss of the last batch alone; fit averages over the whole epoch"),
        (np.dot(losses, sizes), "this is the sum over rows; divide by the number of rows"),
    ]
    require_no_mistake(found, mistakes)
    require_close(found, 25 / 45, "running_loss([0.7, 0.5, 0.2], [20, 20, 5])")
    require_close(running_loss([0.4], [8]), 0.4, "running_loss([0.4], [8])")
