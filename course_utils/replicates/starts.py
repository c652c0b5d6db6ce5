"""What copies of one model start from, found without building every copy.

Keras draws one number for each random initializer and each random layer of a model, and everything random in
its variables follows from these numbers. They are recorded while one copy is built; for another seed the same
initializers are called with that seed's numbers.
"""

from __future__ import annotations

import contextlib
import copy
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from course_utils.replicates.alike import architecture, check_nothing_shared, check_same_architecture
from course_utils.replicates.checks import check_compiled_model
from course_utils.replicates.keras_internals import drawing_from, on_new_variable
from course_utils.replicates.surroundings import ALONE, left_as_found

Array = np.ndarray
Builder = Callable[[], keras.Model]

# A seed that nobody trains with: weights that do not come from the seed stand out.
PROBE = 2_718_281_828
# The range of the numbers that Keras draws.
_DRAWN_FROM = (1, int(1e9))


def built(build: Builder, seed: int) -> keras.Model:
    """Build a model with `seed`; refuse what is not a compiled Keras model."""
    return Recipe(build, seed).model


def recipes_of(builds: Sequence[Builder]) -> list[Recipe]:
    """Build one model of each builder; refuse builders that share what training changes."""
    recipes = [Recipe(build) for build in builds]
    check_nothing_shared([recipe.model for recipe in recipes])
    for recipe in recipes:
        if architecture(recipe.model) != recipe.architecture:
            raise ValueError("build must not change what other models use, such as a regularizer's number")
    return recipes


def starts(recipe: Recipe, seeds: Sequence[int]) -> list[list[Array]]:
    """Return the values of `variables(model)` for every seed.

    The model of the first seed is built. If the recipe explains it and its own, the others follow; models
    whose weights do not come from Keras' initializers alone are built, one per seed.
    """
    first, *others = dict.fromkeys(seeds)
    found = {first: values(recipe.again(first))}
    known = [(recipe.seed, values(recipe.model)), (first, found[first])]
    explained = all(all(map(np.array_equal, recipe.start(seed), start)) for seed, start in known)
    for seed in others:
        found[seed] = recipe.start(seed) if explained else values(recipe.again(seed))
    return [found[seed] for seed in seeds]


def variables(model: keras.Model) -> list[keras.Variable]:
    """Return everything that a model starts from: weights, and the states of its random layers."""
    return model.trainable_variables + model.non_trainable_variables


def values(model: keras.Model) -> list[Array]:
    """Return `variables` as they are now."""
    return [v.numpy() for v in variables(model)]


class Recipe:
    """A model that was built with a seed, and how its variables came from the numbers that Keras drew."""

    def __init__(self, build: Builder, seed: int = PROBE) -> None:
        self.build, self.seed = build, seed
        with (
            ALONE,
            left_as_found(),
            _recorded_draws(seed) as self.draws,
            _recorded_initializers() as self.initializers,
        ):
            keras.utils.set_random_seed(seed)
            self.model = build()
        check_compiled_model(self.model)
        self.architecture = architecture(self.model)

    def again(self, seed: int) -> keras.Model:
        """Build the model of another seed; refuse a builder that returns a different one, or this one."""
        other = Recipe(self.build, seed)
        check_nothing_shared([self.model, other.model])
        check_same_architecture(self.architecture, other.architecture, seed)
        return other.model

    def at_hand(self, seed: int) -> keras.Model:
        """Bring the model that is there to the start of another seed, which is quicker than `again`; once."""
        found = (*variables(self.model), *self.model.optimizer.variables)
        if any(id(v) not in self.initializers for v in found):
            return self.again(seed)  # something was there before the call: mostly that is refused
        for variable, value in zip(variables(self.model), self.start(seed), strict=True):
            variable.assign(value)
        return self.model

    def start(self, seed: int) -> list[Array]:
        """Return what the model would start from with another seed."""
        generator = random.Random(seed)
        drawn = {number: generator.randint(*_DRAWN_FROM) for number in self.draws}
        return [self._value(v, drawn) for v in variables(self.model)]

    def _value(self, variable: keras.Variable, drawn: dict[int, int]) -> Array:
        _, initializer = self.initializers.get(id(variable), (variable, None))
        number = getattr(initializer, "seed", None)
        if isinstance(number, int) and number in drawn:
            initializer = copy.copy(initializer)
            initializer.seed = drawn[number]
            return np.asarray(initializer(variable.shape, dtype=variable.dtype))
        value = variable.numpy()
        if value.dtype.kind in "iu" and value.shape == (2,) and value[0] in drawn:
            # The state of a random layer: the number it drew, and how often it was used.
            value[0] = drawn[value[0]]
        return value


class _Recorder:
    """A generator of Python's `random`, and what was drawn from it."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator
        self.drawn: list[int] = []

    def randint(self, low: int, high: int) -> int:
        """Draw as `random.randint` does."""
        self.drawn.append(self.generator.randint(low, high))
        return self.drawn[-1]


@contextlib.contextmanager
def _recorded_draws(seed: int) -> Iterator[list[int]]:
    """Record the numbers that Keras draws; off the main thread, draw them where no other thread does.

    It draws from Python's global generator. In a Dask worker the thread that talks to the cluster uses that
    one, too, and would change the initial weights.
    """
    alone = threading.current_thread() is threading.main_thread()
    with drawing_from(lambda shared: _Recorder(shared if alone else random.Random(seed))) as recorder:
        yield recorder.drawn


@contextlib.contextmanager
def _recorded_initializers() -> Iterator[dict[int, tuple[keras.Variable, Any]]]:
    """Record every new variable and its initializer, by the variable's `id`."""
    found: dict[int, tuple[keras.Variable, Any]] = {}

    def note(variable: keras.Variable, initializer: Any) -> None:
        found.setdefault(id(variable), (variable, initializer))  # the value of an initializer comes after it

    with on_new_variable(note):
        yield found
