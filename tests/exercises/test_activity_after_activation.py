import pytest

from course_utils import exercises


def translated(strength, batch_size, there, here):
    def divides(version):
        return version < (3,) or version >= (3, 14)

    factor = batch_size ** (divides(here) - divides(there))
    return strength * factor


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (translated, "Correct: only a change between dividing and not dividing"),
        (lambda *_: ..., "Not yet: put your answer where the three dots are"),
        (lambda s, n, there, here: translated(s, n, here, there), "Not yet: from (3, 10) to (3, 15) the pen"),
        (lambda s, n, there, here: s, "Not yet: from (3, 10) to (3, 15) the strength must change"),
        (lambda s, n, there, here: s * n, "Not yet: from (2, 15) to (3, 15) nothing changes"),
        (lambda s, n, there, here: 7.0, "Not yet: translated(0.01, 20, (3, 10), (3, 15)) must be 0.2"),
        (
            lambda s, n, there, here: s * n if there[0] == 3 and here == (3, 15) else s,
            "Not yet: translated(0.01, 20, (2, 15), (3, 10)) must be 0.0005",
        ),
        (
            lambda s, n, there, here: translated(0.01, 20, there, here),
            "Not yet: translated(0.3, 50, (3, 0), (3, 14)) must be 15",
        ),
    ],
)
def test_translated_strength(printed, answer, message):
    assert printed(exercises.check_translated_strength, answer).startswith(message)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"a", "b"}, "Correct: a penalty reaches the layers"),
        (["b", "a"], "Correct: a penalty reaches the layers"),
        (..., "Not yet: put your answer where the three dots are"),
        ("ab", "Not yet: name the layers in a set"),
        (3, "Not yet: name the layers in a set"),
        ({"a", "e"}, "Not yet: the layers are called a, b, c and d, got ['e']"),
        ({"b"}, "Not yet: b is right, and one is missing"),
        ({"a"}, "Not yet: the penalized layer itself is missing"),
        ({"a", "b", "c"}, "Not yet: c stands beside b"),
        ({"a", "b", "c", "d"}, "Not yet: d comes after b"),
    ],
)
def test_felt(printed, names, message):
    assert printed(exercises.check_felt, names).startswith(message)


def scaled(first=1.0, kernels=1.0, first_bias=1.0, biases=1.0, output=1.0):
    """A change of the weights by powers of the factor."""

    def change(model, factor):
        hidden = model.layers[1:-1]
        for place, layer in enumerate(hidden):
            kernel, bias = layer.get_weights()
            k, b = (kernels, biases) if place else (first, first_bias)
            layer.set_weights([kernel / factor**k, bias / factor**b])
        kernel, bias = model.layers[-1].get_weights()
        model.layers[-1].set_weights([kernel * factor**output, bias])

    return change


@pytest.mark.parametrize(
    ("cheaper", "message"),
    [
        (scaled(kernels=0), "Correct: the network puts out the same and pays less"),
        (lambda model, factor: ..., "Not yet: put your answer where the three dots are"),
        (lambda model, factor: None, "Not yet: nothing has changed: hidden_1"),
        (scaled(-1, 0, -1, -1, -1), "Not yet: hidden_1 puts out 5 times as much"),
        (
            scaled(first_bias=0),
            "Not yet: hidden_1 must put out 1/5 of what it did; divide",
        ),
        (scaled(kernels=1, biases=2), "Not yet: hidden_2 is divided twice"),
        (scaled(kernels=0, biases=0), "Not yet: hidden_2 must put out 1/5 of what it did; divide"),
        (scaled(kernels=0, output=0), "Not yet: the prediction must be"),
    ],
)
def test_cheaper(printed, cheaper, message):
    assert printed(exercises.check_cheaper, cheaper).startswith(message)
