"""TensorFlow's random numbers for all replicates at once.

`tf.vectorized_map` has no rule for the two operations behind Keras' random layers and would run them one
replicate after the other. The rules below compute the same bits in one go: Philox-4x32-10, counter-based, as
in TensorFlow's CPU kernels, with one key per replicate. (J. Salmon et al., Parallel random numbers: as easy
as 1, 2, 3, SC 2011.)
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any

import numpy as np
import tensorflow as tf

from course_utils.replicates.keras_internals import taught_vectorized_map

_ROUNDS = 10
_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
_KEY_STEPS = np.array([0x9E3779B9, 0xBB67AE85], np.uint32)
# The key with which TensorFlow scrambles a seed into a key and a counter.
_SCRAMBLE_KEY = np.array([0x3EC8F720, 0x02461E29], np.uint32)
_THREEFRY = 2


def _low(value: Any) -> Any:
    return tf.cast(tf.bitwise.bitwise_and(value, tf.constant(0xFFFFFFFF, tf.uint64)), tf.uint32)


def _high(value: Any) -> Any:
    return tf.cast(tf.bitwise.right_shift(value, tf.constant(32, tf.uint64)), tf.uint32)


def _join(low: Any, high: Any) -> Any:
    shifted = tf.bitwise.left_shift(tf.cast(high, tf.uint64), tf.constant(32, tf.uint64))
    return tf.bitwise.bitwise_or(tf.cast(low, tf.uint64), shifted)


def philox(counter: tuple, key: Any) -> tuple:
    """Return four random words for each counter; all uint32.

    Parameters
    ----------
    counter : tuple of four tensors
        The words; their shapes broadcast.
    key : tensor, shape (2, ...)
        Its two words, of as many axes as the counter's.
    """
    shape = functools.reduce(tf.broadcast_static_shape, (word.shape for word in counter))
    even, odd = (tf.stack([tf.broadcast_to(word, shape) for word in counter[i::2]]) for i in (0, 1))
    pair = (2,) + (1,) * len(shape)
    multipliers, key_steps = (tf.constant(words.reshape(pair)) for words in (_MULTIPLIERS, _KEY_STEPS))
    xor = tf.bitwise.bitwise_xor

    # The words go in pairs and the rounds in a loop: a graph without either takes twice as long to compile.
    def one_round(i: Any, even: Any, odd: Any, key: Any) -> tuple:
        product = tf.cast(even, tf.uint64) * multipliers
        even = xor(xor(tf.reverse(_high(product), [0]), odd), key)
        return i + 1, even, tf.reverse(_low(product), [0]), key + key_steps

    _, even, odd, _ = tf.while_loop(lambda i, *_: i < _ROUNDS, one_round, (0, even, odd, key))
    return even[0], odd[0], even[1], odd[1]


def key_and_counter(seeds: Any) -> tuple:
    """Scramble seeds of shape (n, 2) into keys of shape (n, 1) and counters of shape (n, 2), both uint64."""
    seeds = tf.cast(seeds, tf.uint64)
    words = (_low(seeds[:, 0]), _high(seeds[:, 0]), _low(seeds[:, 1]), _high(seeds[:, 1]))
    mixed = philox(words, tf.constant(_SCRAMBLE_KEY[:, np.newaxis]))
    key = _join(mixed[0], mixed[1])
    return key[:, tf.newaxis], tf.stack([tf.zeros_like(key), _join(mixed[2], mixed[3])], axis=1)


def uniform(keys: Any, counters: Any, shape: tuple[int, ...]) -> Any:
    """Return uniform float32 numbers in [0, 1) of the shape (n, *shape), one stream per key."""
    size = int(np.prod(shape))
    blocks = tf.range(-(-size // 4), dtype=tf.int64)
    position = counters[:, :1] + tf.cast(blocks, tf.uint64)
    counter = (_low(position), _high(position), _low(counters[:, 1:]), _high(counters[:, 1:]))
    words = tf.stack(philox(counter, tf.stack([_low(keys), _high(keys)])), axis=-1)
    words = tf.reshape(words, [words.shape[0], -1])[:, :size]
    # 23 random bits as the fraction of a number in [1, 2).
    bits = tf.bitwise.bitwise_or(
        tf.bitwise.bitwise_and(words, tf.constant(0x7FFFFF, tf.uint32)), tf.constant(0x3F800000, tf.uint32)
    )
    return tf.reshape(tf.bitcast(bits, tf.float32) - 1.0, [-1, *shape])


def _key_and_counter_rule(inputs: Any) -> list:
    return list(key_and_counter(inputs.stacked_input(0)))


def _uniform_rule(inputs: Any) -> Any:
    shape = tf.get_static_value(inputs.unstacked_input(0))
    algorithm = tf.get_static_value(inputs.unstacked_input(3))
    if shape is None or algorithm == _THREEFRY or inputs.get_attr("dtype") != tf.float32:
        raise ValueError("random layers must draw float32 numbers of a fixed shape from Philox, the default")
    inputs.stack_inputs([1, 2])
    return uniform(inputs.stacked_input(1), inputs.stacked_input(2), tuple(shape))


def known_to_vectorized_map() -> contextlib.AbstractContextManager[None]:
    """Teach `tf.vectorized_map` the two rules for a while."""
    rules = {
        "StatelessRandomGetKeyCounter": _key_and_counter_rule,
        "StatelessRandomUniformV2": _uniform_rule,
    }
    return taught_vectorized_map(rules)
