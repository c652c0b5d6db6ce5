import keras
import numpy as np
import pytest

from course_utils import exercises

ERROR = np.sqrt(0.16 / 70)


@pytest.mark.parametrize(
    ("right", "standard_error", "message"),
    [
        ([55, 58, 52], ERROR, "Correct: three points of 70"),
        ([55, 58, 52], ..., "Not yet: put your answer where the three dots are"),
        (..., ERROR, "Not yet: put your answer where the three dots are"),
        ([55, 52, 58], ERROR, "Not yet: the order is none, before, after"),
        ([55, 58, 53], ERROR, "Not yet: right must be 52 at (2,), got 53"),
        ([55, 58, 52], 0.16 / 70, "Not yet: the standard error is the square root"),
        ([55, 58, 52], 0.4, "Not yet: that is the spread of one answer"),
        ([55, 58, 52], 70 * ERROR, "Not yet: that is the spread of the count"),
        ([55, 58, 52], 1.96 * ERROR, "Not yet: that is half of a 95 % interval"),
        ([55, 58, 52], 0.03, "Not yet: standard_error must be 0.0478"),
    ],
)
def test_points_behind(printed, right, standard_error, message):
    assert printed(exercises.check_points_behind, right, standard_error).startswith(message)


def middle(scores, published):
    return 100 * (np.mean(scores < published) + np.mean(scores == published) / 2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (middle, "Correct: a percentile says where one run lies"),
        (lambda s, p: ..., "Not yet: put your answer where the three dots are"),
        (lambda s, p: 100 * np.mean(s < p), "Not yet: scores equal to the published one count half"),
        (lambda s, p: 100 * np.mean(s <= p), "Not yet: scores equal to the published one count half"),
        (lambda s, p: 100 * np.mean(s > p), "Not yet: count the scores below"),
        (lambda s, p: middle(s, p) / 100, "Not yet: in percent"),
        (lambda s, p: middle(s, p) / 100 * len(s), "Not yet: that is a count"),
        (lambda s, p: 60.0, "Not yet: percentile([0.1, 0.2], 0.05) must be 0"),
    ],
)
def test_percentile(printed, answer, message):
    assert printed(exercises.check_percentile, answer).startswith(message)


@pytest.mark.parametrize(
    ("conv", "lstm", "message"),
    [
        (0.01 / 36, 0.001, "Correct: an activity penalty adds up all outputs"),
        (..., 0.001, "Not yet: put your answer where the three dots are"),
        (0.01 / 64, 0.001, "Not yet: conv: without padding"),
        (0.36, 0.001, "Not yet: conv: more outputs need a smaller strength"),
        (0.01 / 9, 0.001, "Not yet: conv: the outputs count"),
        (0.01, 0.001, "Not yet: conv: each of the 32 filters"),
        (0.01 / 36, 0.01, "Not yet: lstm: with return_sequences=True"),
        (0.01 / 36, 0.1, "Not yet: lstm: more outputs"),
        (0.01 / 36, 0.002, "Not yet: lstm must be 0.001, got 0.002"),
    ],
)
def test_equal_penalties(printed, conv, lstm, message):
    assert printed(exercises.check_equal_penalties, conv, lstm).startswith(message)


def test_layers_have_as_many_outputs_as_the_check_says():
    dense = keras.layers.Dense(32).compute_output_shape((None, 64))
    conv = keras.layers.Conv2D(32, (3, 3)).compute_output_shape((None, 8, 8, 1))
    lstm = keras.layers.LSTM(32, return_sequences=True).compute_output_shape((None, 10, 1))
    assert [np.prod(shape[1:]) for shape in (dense, conv, lstm)] == [32, 36 * 32, 10 * 32]
