"""What no argument may be: every public function refuses it, and its message names the argument."""

import inspect
import numbers


def assert_garbage_is_refused(function, arguments):
    """Call `function` with each of its valid `arguments` replaced by garbage, one at a time."""
    for name, value in arguments.items():
        for garbage in _garbage_for(value):
            message = _refusal(function, {**arguments, name: garbage})
            assert message is not None, f"{name}={garbage!r} was accepted"
            assert name in message, f"{name}={garbage!r} was refused without its name: {message}"


def _refusal(function, arguments):
    try:
        function(**arguments)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def arguments_of(function, call):
    """Return the arguments, defaults included, that `call(spy)` gives its argument in place of `function`."""
    seen = {}

    def spy(*args, **keywords):
        bound = inspect.signature(function).bind(*args, **keywords)
        bound.apply_defaults()
        seen.update(bound.arguments)
        return function(*args, **keywords)

    call(spy)
    return seen


def _garbage_for(value):
    yield object()
    yield 3 if isinstance(value, str) else "garbage"
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        yield float("nan")
        yield True
    if isinstance(value, bool):
        yield 2
