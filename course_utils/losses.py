"""The lecture's regularized loss: cross-entropy and weight penalties in one `keras.losses.Loss`."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from course_utils._arguments import check_number, checked

_L1_CODES = (1, 12)
_L2_CODES = (2, 12)
_CODES = (0, -1, 1, 2, 12)


@keras.saving.register_keras_serializable(package="course_utils")
class RegularizedLoss(keras.losses.Loss):
    r"""Data loss plus weight penalties, chosen variable by variable.

    .. math:: L_\text{reg} = L + \lambda \sum_{L1} |w| + \lambda \sum_{L2} w^2

    It equals Keras' own ``kernel_regularizer`` and ``bias_regularizer`` in loss, gradient and step. Unlike
    them it is part of the loss object, so a model compiled with it has an empty ``model.losses``.

    Parameters
    ----------
    variables : sequence of keras.Variable
        ``model.trainable_variables`` of the model that is compiled with this loss.
    codes : sequence of int
        One per variable: 0 or -1 no penalty, 1 L1, 2 L2, 12 both.
    strength : float
        λ, at least 0.
    loss : str, callable or keras.losses.Loss
        The data loss, as ``model.compile`` takes it; a callable returns one value per sample.
    name : str
        Name of the loss.

    Raises
    ------
    ValueError
        If `codes` and `variables` differ in length, if a code is unknown, or if `strength` is negative.
    TypeError
        If `strength` is not a number.

    Notes
    -----
    Sample weights multiply the penalty together with the data loss.

    ``model.save`` works. The penalty belongs to the variables of one model and cannot be saved, so load with
    ``keras.saving.load_model(path, compile=False)`` and compile with a new `RegularizedLoss` of the loaded
    model's variables.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    >>> loss = RegularizedLoss(model.trainable_variables, codes=[2, 0], strength=0.001)
    >>> model.compile(loss=loss)
    >>> kernel = model.trainable_variables[0].numpy()
    >>> bool(abs(loss.penalty() - 0.001 * (kernel**2).sum()) < 1e-7)
    True
    """

    @checked
    def __init__(
        self,
        variables: Sequence[keras.Variable],
        codes: Sequence[int],
        strength: float = 0.001,
        loss: Any = "binary_crossentropy",
        name: str = "regularized_loss",
    ) -> None:
        variables, codes = list(variables), list(codes)
        if len(codes) != len(variables):
            raise ValueError(
                f"codes must hold one code per variable, got {len(codes)} codes, {len(variables)} variables"
            )
        for position, code in enumerate(codes):
            if code not in _CODES:
                raise ValueError(f"codes[{position}] must be one of {_CODES}, got {code!r}")
        super().__init__(name=name)
        self.strength = check_number(strength, "strength")
        self.variables = variables
        self.codes = [int(code) for code in codes]
        self.loss = keras.losses.get(loss)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return data loss plus penalty for each sample; their mean is data loss plus penalty.

        Parameters
        ----------
        y_true : tensor, shape (n,) or (n, outputs)
        y_pred : tensor, shape (n, outputs)

        Returns
        -------
        tensor, shape (n,)
        """
        return self.data_loss(y_true, y_pred) + self.penalty()

    def data_loss(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each sample without the penalty; parameters and shapes as for `call`."""
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        if len(y_true.shape) == len(y_pred.shape) - 1 and y_pred.shape[-1] == 1:
            y_true = ops.expand_dims(y_true, -1)  # (n,) against (n, 1) would silently broadcast to (n, n)
        per_sample = self.loss.call if isinstance(self.loss, keras.losses.Loss) else self.loss
        return per_sample(y_true, y_pred)

    def penalty(self) -> Any:
        """Return the penalty on the weights as they are now, a scalar tensor."""
        total = ops.zeros((), dtype=self.dtype)
        for variable, code in zip(self.variables, self.codes, strict=True):
            weights = ops.convert_to_tensor(variable, dtype=self.dtype)
            if code in _L1_CODES:
                total = total + ops.sum(ops.abs(weights))
            if code in _L2_CODES:
                total = total + ops.sum(ops.square(weights))
        return self.strength * total

    def get_config(self) -> dict[str, Any]:
        """Return what can be saved: everything but the variables."""
        return {
            "name": self.name,
            "codes": self.codes,
            "strength": self.strength,
            "loss": keras.losses.serialize(self.loss),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "RegularizedLoss":
        """Refuse to load, because the variables are those of a model and not in the file.

        Raises
        ------
        ValueError
            Always; the message says how to load.
        """
        raise ValueError(
            f"RegularizedLoss with codes {config.get('codes')} cannot be loaded: its variables are those of "
            "a model. Use load_model(path, compile=False), then "
            "model.compile(loss=RegularizedLoss(model.trainable_variables, codes))"
        )
