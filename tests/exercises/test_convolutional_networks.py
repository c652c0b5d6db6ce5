import numpy as np
import pytest

from course_utils import exercises


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda k, c, f: k * k * c * f + f, "Correct: a convolution pays for what it sees in one place"),
        (lambda k, c, f: ..., "Not yet: put your answer where the three dots are"),
        (lambda k, c, f: k * k * c * f, "Not yet: the biases are missing"),
        (lambda k, c, f: k * k * f + f, "Not yet: every filter looks at all channels"),
        (lambda k, c, f: k * k * c + f, "Not yet: every filter has a kernel of its own"),
        (lambda k, c, f: k * c * f + f, "Not yet: the kernel is a square"),
        (lambda k, c, f: (k * k * c + c) * f, "Not yet: a filter has one bias"),
        (lambda k, c, f: 9 * c * f + f, "Not yet: the weights of 8 filters of 5 by 5 on 3 channels must be"),
    ],
)
def test_convolution_weights(printed, answer, message):
    assert printed(exercises.check_convolution_weights, answer).startswith(message)


def over_maps(kept):
    return kept[:, np.newaxis, np.newaxis, :]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x, kept, rate: x * over_maps(kept) / (1 - rate), "Correct: one zero or one for each map"),
        (lambda x, kept, rate: ..., "Not yet: put your answer where the three dots are"),
        (lambda x, kept, rate: x * kept / (1 - rate), "Not yet: the mask must get two axes of length 1"),
        (lambda x, kept, rate: x * over_maps(kept), "Not yet: the survivors must make up"),
        (lambda x, kept, rate: x * over_maps(kept) / rate, "Not yet: divide by the share that is kept, not"),
        (lambda x, kept, rate: x * over_maps(kept) * (1 - rate), "Not yet: multiplying makes the survivors"),
        (lambda x, kept, rate: x * over_maps(1 - kept) / (1 - rate), "Not yet: the mask says what is kept"),
        (lambda x, kept, rate: x * over_maps(kept) / 0.8, "Not yet: drop_maps(x, kept, 0.5) must be"),
        (lambda x, kept, rate: x, "Not yet: drop_maps(x, kept, 0.2) must be"),
    ],
)
def test_dropped_maps(printed, answer, message):
    assert printed(exercises.check_dropped_maps, answer).startswith(message)


def squares(model, dimensions):
    kernels = [w for w in model.get_weights() if w.ndim in dimensions]
    return sum((kernel**2).sum() for kernel in kernels)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda model: squares(model, [4]) / squares(model, [2, 4]), "Correct: that share of the penalty"),
        (lambda model: ..., "Not yet: put your answer where the three dots are"),
        (lambda model: 1.0, "Not yet: the dense layers pay, too"),
        (
            lambda model: squares(model, [2]) / squares(model, [2, 4]),
            "Not yet: that is the share of the dense",
        ),
        (lambda model: 18 / 114, "Not yet: that is the share of the weights"),
        (lambda model: squares(model, [4]) / squares(model, [2]), "Not yet: that is the ratio"),
        (lambda model: 36 / 96, "Not yet: L2 on kernels does not look at the biases"),
        (lambda model: 18 / 66, "Not yet: the penalty takes squares"),
        (lambda model: 0.9, "Not yet: the share of the convolutions in the penalty must be"),
    ],
)
def test_penalty_share(printed, answer, message):
    assert printed(exercises.check_penalty_share, answer).startswith(message)
