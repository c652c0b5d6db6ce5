import dataclasses

import numpy as np
import pytest

from course_utils import data


def test_split_is_frozen():
    split = data.Split(*[np.zeros((4, 2)), np.zeros(4)] * 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        split.x_train = split.x_val


def test_split_refuses_unequal_lengths():
    x, y = np.zeros((4, 2)), np.zeros(4)
    with pytest.raises(ValueError, match="x_val and y_val must be equally long, got 4 and 3 rows"):
        data.Split(x, y, x, y[:3], x, y)
