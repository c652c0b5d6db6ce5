"""Every public function refuses garbage in every argument, by its name; figures have a test of their own."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import bayes, data, losses, models, regularizers, sliders
from tests.garbage import assert_garbage_is_refused

PARTS = [f"{axis}_{part}" for part in ("train", "val", "test") for axis in "xy"]
VARIABLES = models.mlp((4,)).trainable_variables
MLP = {
    "hidden": (4,),
    "input_dim": 2,
    "outputs": 1,
    "activation": "relu",
    "output_activation": "sigmoid",
    "kernel_regularizer": None,
    "bias_regularizer": None,
    "activity_regularizer": None,
    "activity_on": "output",
    "dropout": 0.0,
    "kernel_constraint": None,
    "optimizer": None,
    "loss": "binary_crossentropy",
    "metrics": ("accuracy",),
}
LOSS = {"variables": VARIABLES, "codes": [1, 0, 2, -1], "strength": 0.1, "loss": "mse", "name": "own"}
SLIDER = {"label": "rate", "values": [1], "alts": ["a picture"], "start": 0, "dpi": 96}


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (data.draw_blobs, {"n_samples": 4, "seed": 1}),
        (data.draw_circles, {"n_samples": 4, "seed": 1}),
        (data.draw_customers, {"n_samples": 4, "seed": 1}),
        (data.draw_digits, {"seed": 1, "n_train": 20, "n_val": 20, "n_test": 20}),
        (data.draw_iris, {"seed": 1}),
        (data.draws, {"first": 1, "last": 3}),
        (data.Split, dict(zip(PARTS, [np.zeros((4, 2)), np.zeros(4)] * 3, strict=True))),
        (bayes.posterior, {"x": np.zeros((2, 2)), "problem": "blobs"}),
        (bayes.accuracy, {"problem": "blobs"}),
        (bayes.loss, {"problem": "blobs"}),
        (losses.RegularizedLoss, LOSS),
        (regularizers.L3, {"strength": 0.1}),
        (regularizers.KLSparsity, {"rho": 0.1, "strength": 0.1}),
        (models.mlp, MLP),
        (sliders.frame_slider, {"frames": [plt.figure], **SLIDER}),
    ],
    ids=lambda value: getattr(value, "__name__", None) or "",
)
def test_garbage_is_refused(function, arguments):
    function(**arguments)
    assert_garbage_is_refused(function, arguments)
