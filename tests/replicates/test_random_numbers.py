"""Random numbers for all replicates: the same bits as TensorFlow's own, replicate by replicate."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.replicates import random_numbers


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1)), min_size=1, max_size=4))
def test_uniform_numbers_equal_tensorflow(seeds):
    seeds = np.array(seeds, np.int32)
    ours = random_numbers.uniform(*random_numbers.key_and_counter(seeds), (3, 5)).numpy()
    for seed, numbers in zip(seeds, ours, strict=True):
        np.testing.assert_array_equal(numbers, tf.random.stateless_uniform((3, 5), seed, alg="philox"))


def test_vectorized_dropout_equals_one_by_one_with_and_without_xla():
    seeds = tf.constant([[1, 2], [3, 4], [5, 6]])
    x = tf.ones((4, 7))

    def drop(seed):
        return keras.ops.convert_to_tensor(tf.nn.experimental.stateless_dropout(x, 0.3, seed))

    expected = np.stack([drop(seed) for seed in seeds])
    for jit_compile in (False, True):
        with random_numbers.known_to_vectorized_map():
            together = tf.function(lambda: tf.vectorized_map(drop, seeds), jit_compile=jit_compile)()
        np.testing.assert_array_equal(together, expected)


def test_what_the_rule_does_not_cover_is_refused():
    def threefry(seed):
        return tf.random.stateless_uniform((3,), seed, alg="threefry")

    with random_numbers.known_to_vectorized_map(), pytest.raises(ValueError, match="from Philox"):
        tf.function(lambda: tf.vectorized_map(threefry, tf.constant([[1, 2], [3, 4]])))()
