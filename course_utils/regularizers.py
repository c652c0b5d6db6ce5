"""Penalties that Keras does not have, saved and loaded like its own."""

from typing import Any

import keras
from keras import ops

from course_utils._arguments import check_number

# Outside this range the divergence would become infinite, or NaN.
_MEAN_RANGE = (1e-6, 0.99999)


@keras.saving.register_keras_serializable(package="course_utils")
class L3(keras.regularizers.Regularizer):
    r"""Penalty on the cubes of the weights' absolute values.

    .. math:: R = \lambda \sum |w|^3, \qquad \partial R / \partial w = 3 \lambda\, w |w|

    It leaves small weights alone and pulls large ones harder than L2. It is the penalty that belongs to the
    prior density :math:`\exp(-\lambda |w|^3)` [1]_. Without the absolute value the sum would be unbounded
    below.

    Parameters
    ----------
    strength : float
        λ, at least 0.

    Raises
    ------
    TypeError, ValueError
        If `strength` is not a finite number of at least 0.

    References
    ----------
    .. [1] C. M. Bishop, Pattern Recognition and Machine Learning, Springer, 2006, section 3.1.4.

    Examples
    --------
    >>> float(L3(strength=0.5)(ops.array([1.0, -2.0])))
    4.5
    """

    def __init__(self, strength: float = 0.01) -> None:
        self.strength = check_number(strength, "strength")

    def __call__(self, x: Any) -> Any:
        """Return the penalty, a scalar tensor, on weights `x` of any shape."""
        size = ops.abs(ops.convert_to_tensor(x))
        return self.strength * ops.sum(size * size * size)

    def get_config(self) -> dict[str, float]:
        """Return the arguments of ``__init__``."""
        return {"strength": self.strength}


@keras.saving.register_keras_serializable(package="course_utils")
class KLSparsity(keras.regularizers.Regularizer):
    r"""Activity penalty that asks each unit to be active in a share ρ of the samples.

    .. math::
        R = \lambda \sum_j \mathrm{KL}(\rho \,\|\, \hat\rho_j), \qquad
        \mathrm{KL}(\rho \,\|\, \hat\rho) = \rho \ln\frac{\rho}{\hat\rho}
        + (1 - \rho) \ln\frac{1 - \rho}{1 - \hat\rho}

    with :math:`\hat\rho_j` the mean of unit j over the batch [1]_, clipped to (1e-6, 0.99999): outside that
    range the penalty has no gradient. It is meant for activations between 0 and 1.

    Parameters
    ----------
    rho : float
        Share asked for, 0 < ρ < 1.
    strength : float
        λ, at least 0.

    Raises
    ------
    TypeError, ValueError
        If `rho` or `strength` is not a number or out of range.

    Notes
    -----
    Give it to a layer as ``activity_regularizer``; the layer then adds the same penalty at every batch size
    on every Keras 3. Keras 3.14 and newer divide activity penalties by the batch size, though this one
    already contains a batch mean. There, calling the object returns R times the batch size, which the layer
    divides out; `penalty` always returns R.

    References
    ----------
    .. [1] A. Ng, Sparse autoencoder, CS294A lecture notes, Stanford University, 2011.

    Examples
    --------
    >>> layer = keras.layers.Activation("linear", activity_regularizer=KLSparsity(rho=0.05, strength=1.0))
    >>> _ = layer(ops.full((50, 4), 0.5))
    >>> round(float(layer.losses[0]), 4)
    1.9785
    """

    def __init__(self, rho: float = 0.05, strength: float = 0.1) -> None:
        self.rho = check_number(rho, "rho", below=1.0)
        if self.rho == 0.0:
            raise ValueError("rho must be more than 0 and less than 1, got 0")
        self.strength = check_number(strength, "strength")

    def __call__(self, x: Any) -> Any:
        """Return what Keras must get so that a layer adds `penalty`, for activations `x` (batch, ...)."""
        x = ops.convert_to_tensor(x)
        penalty = self.penalty(x)
        if _divides_by_batch(keras.__version__):
            return penalty * ops.cast(ops.shape(x)[0], penalty.dtype)
        return penalty

    def penalty(self, activations: Any) -> Any:
        """Return R, a scalar tensor.

        Parameters
        ----------
        activations : tensor, shape (batch, ...)
            Every position behind the batch axis counts as a unit.
        """
        mean = ops.clip(ops.mean(activations, axis=0), *_MEAN_RANGE)
        rho = self.rho
        divergence = rho * ops.log(rho / mean) + (1 - rho) * ops.log((1 - rho) / (1 - mean))
        return self.strength * ops.sum(divergence)

    def get_config(self) -> dict[str, float]:
        """Return the arguments of ``__init__``."""
        return {"rho": self.rho, "strength": self.strength}


def _divides_by_batch(keras_version: str) -> bool:
    """Whether this Keras divides activity penalties by the batch size (keras issue 22018)."""
    major, minor = keras_version.split(".")[:2]
    return (int(major), int(minor)) >= (3, 14)
