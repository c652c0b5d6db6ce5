import keras
import numpy as np
import pytest

from course_utils import exercises


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda l2, l3: 2 * l2 / (3 * l3), "Correct: below that weight L2 pulls harder"),
        (lambda l2, l3: ..., "Not yet: put your answer where the three dots are"),
        (lambda l2, l3: l2 / l3, "Not yet: there the penalties are equal"),
        (lambda l2, l3: 3 * l3 / (2 * l2), "Not yet: the fraction is upside down"),
        (lambda l2, l3: l2 / (3 * l3), "Not yet: the derivative of w² is 2w"),
        (lambda l2, l3: 2 * l2 / l3, "Not yet: the derivative of |w|³"),
        (lambda l2, l3: 2 / 3, "Not yet: that is the place for two equal strengths"),
        (lambda l2, l3: 2.0, "Not yet: equal_pull(0.01, 0.01) must be 0.666667, got 2"),
        (lambda l2, l3: None, "Not yet: equal_pull(0.03, 0.01) must be a number or an array, got None"),
    ],
)
def test_equal_pull(printed, answer, message):
    assert printed(exercises.check_equal_pull, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda w: 0.01 * np.sum(w**2 / (w**2 + 0.01)), "Correct: it costs about as much as the count"),
        (lambda w: 0.01 * keras.ops.sum(1 - keras.ops.exp(-10 * keras.ops.abs(w))), "Correct"),
        (lambda w: ..., "Not yet: put your answer where the three dots are"),
        (lambda w: 0.01 * (w != 0), "Not yet: one number is wanted, got an array of shape (2,)"),
        (lambda w: 0.01 * np.sum(w != 0), "Not yet: a weight of 0.1 may move a little"),
        (lambda w: 0.01 * np.sum(1 / (w**2 + 1)), "Not yet: the penalty of two zeros must be 0, got 0.02"),
        (lambda w: -np.sum(np.abs(w)), "Not yet: a larger weight must cost more"),
        (lambda w: 0.01 * np.sum(w / (abs(w) + 0.1)), "Not yet: the penalty of -0.1 (it must be that of 0.1"),
        (lambda w: 0.01 * np.sum(np.abs(w)), "Not yet: a weight of 10 costs 0.1; the count charges 0.01"),
        (lambda w: 0.001 * np.sum(np.abs(w)), "Not yet: a weight of 100 costs 0.1; the count charges 0.01"),
        (lambda w: 0.001 * np.sum(w**2 / (w**2 + 0.01)), "Not yet: the penalty of a weight of 10 must be"),
        (lambda w: 0.01 * np.max(w**2 / (w**2 + 0.01)), "Not yet: the penalty of two large weights must be"),
    ],
)
def test_smooth_count(printed, answer, message):
    assert printed(exercises.check_smooth_count, answer).startswith(message)


def mixed_penalty(penalty, registered=True, **changes):
    """A class with that penalty, a function of weights, strength and share; `changes` replace its methods."""

    class Mixed(keras.regularizers.Regularizer):
        def __init__(self, strength=0.01, share=0.5):
            self.strength, self.share = strength, share

        def __call__(self, w):
            return penalty(w, self.strength, self.share)

        def get_config(self):
            return {"strength": self.strength, "share": self.share}

    for name, method in changes.items():
        setattr(Mixed, name, method)
    if not registered:
        return Mixed
    return keras.saving.register_keras_serializable(package="tests")(Mixed)


def mixed(w, strength, share):
    return strength * np.sum(share * np.abs(w) + (1 - share) * np.abs(w) ** 3)


@pytest.mark.parametrize(
    ("penalty", "message"),
    [
        (mixed, "Correct: it mixes both penalties"),
        (lambda w, c, s: 0.0, "Not yet: with strength 0.1 and share 0.25, the penalty is 0: Keras calls"),
        (
            lambda w, c, s: c * (s * abs(w) + (1 - s) * abs(w) ** 3),
            "Not yet: with strength 0.1 and share 0.25, the sum is missing",
        ),
        (lambda w, c, s: mixed(w, c, s) / 4, "Not yet: with strength 0.1 and share 0.25, that is the mean"),
        (lambda w, c, s: mixed(w, 1, s), "Not yet: with strength 0.1 and share 0.25, the strength is miss"),
        (
            lambda w, c, s: c * np.sum(s * w + (1 - s) * w**3),
            "Not yet: with strength 0.1 and share 0.25, the bars are missing",
        ),
        (
            lambda w, c, s: c * np.sum(s * abs(w) + (1 - s) * w**3),
            "Not yet: with strength 0.1 and share 0.25, the bars of the cube are missing",
        ),
        (
            lambda w, c, s: c * np.sum(abs(w) + abs(w) ** 3),
            "Not yet: with strength 0.1 and share 0.25, both penalties count in full",
        ),
        (lambda w, c, s: mixed(w, c, 1 - s), "Not yet: with strength 0.1 and share 0.25, the shares are ex"),
        (lambda w, c, s: mixed(w, c, 0.25), "Not yet: with strength 0.1 and share 0.8, the penalty must be"),
        (lambda w, c, s: w.shape, "Not yet: with strength 0.1 and share 0.25, the penalty must have shape"),
    ],
)
def test_mixed_penalty(printed, penalty, message):
    assert printed(exercises.check_mixed_penalty, mixed_penalty(penalty)).startswith(message)


@pytest.mark.parametrize(
    ("get_config", "message"),
    [
        (keras.regularizers.Regularizer.get_config, "Not yet: get_config is missing"),
        (lambda self: {"strength": self.strength}, "Not yet: get_config must return a dict with the names"),
        (lambda self: None, "Not yet: get_config must return a dict with the names"),
        (
            lambda self: {"strength": keras.ops.array(self.strength), "share": self.share},
            "Not yet: the strength in the configuration must be a plain number, got a EagerTensor",
        ),
        (
            lambda self: {"strength": self.strength, "share": 0.5},
            "Not yet: the share in the configuration must be 0.75, got 0.5",
        ),
    ],
)
def test_mixed_penalty_names_what_cannot_be_saved(printed, get_config, message):
    answer = mixed_penalty(mixed, get_config=get_config)
    assert printed(exercises.check_mixed_penalty, answer).startswith(message)


def test_mixed_penalty_must_be_a_registered_class(printed):
    unregistered = mixed_penalty(mixed, registered=False)
    for answer, message in (
        (mixed, "Not yet: write a class"),
        (unregistered, "Not yet: the class is not re"),
    ):
        assert printed(exercises.check_mixed_penalty, answer).startswith(message)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda spread, n: 1 / (2 * n * spread**2), "Correct: a wider belief and more points"),
        (lambda spread, n: ..., "Not yet: put your answer where the three dots are"),
        (lambda spread, n: 1 / (2 * spread**2), "Not yet: the data loss is a mean over the points"),
        (lambda spread, n: n / (2 * spread**2), "Not yet: divide by n_points instead"),
        (lambda spread, n: 1 / (n * spread**2), "Not yet: the Gaussian is exp(-w²/(2s²))"),
        (lambda spread, n: 1 / (2 * n * spread), "Not yet: the spread must be squared"),
        (lambda spread, n: spread**2 / (2 * n), "Not yet: that is upside down"),
        (lambda spread, n: 0.01, "Not yet: strength(0.2, 50) must be 0.25, got 0.01"),
    ],
)
def test_belief(printed, answer, message):
    assert printed(exercises.check_belief, answer).startswith(message)
