import numpy as np
import pytest
from sklearn import datasets

from course_utils import data
from course_utils.data import files
from course_utils.data.iris import IRIS_VALIDATION_SIZE


@pytest.mark.parametrize("seed", [0, 1, 99])
def test_every_flower_is_in_one_part(seed):
    split = data.draw_iris(seed)
    assert (len(split.x_train), len(split.x_val), len(split.x_test)) == (112, 38, 0)
    together = np.concatenate([split.x_train, split.x_val])
    expected = datasets.load_iris().data.astype(np.float32)
    np.testing.assert_array_equal(np.sort(together, axis=0), np.sort(expected, axis=0))
    assert (split.x_train.dtype, split.y_val.dtype) == (np.float32, np.int32)


def test_each_species_has_its_share():
    split = data.load_iris()
    assert np.ptp(np.bincount(split.y_train)) <= 1
    assert np.ptp(np.bincount(split.y_val)) <= 1


def test_splits_differ_between_seeds():
    assert not np.array_equal(data.draw_iris(1).x_val, data.draw_iris(2).x_val)
    np.testing.assert_array_equal(data.draw_iris(0).x_val, data.load_iris().x_val)


def test_iris_refuses_a_bad_seed():
    with pytest.raises(TypeError, match="seed must be an integer, got 'first'"):
        data.draw_iris("first")


def test_published_runs_are_complete():
    table = files.read_table("iris_published.csv")
    assert len(table) == 3 * 32 * 7
    assert not table.isna().any(axis=None)
    for _, of_variant in table.groupby("variant"):
        pairs = of_variant[["split", "epoch"]].drop_duplicates()
        assert len(pairs) == 32 * 7
    right = table["val_accuracy"] * IRIS_VALIDATION_SIZE
    np.testing.assert_allclose(right, right.round(), atol=1e-3)
