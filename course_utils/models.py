"""The course's networks, compiled, with every penalty a keyword."""

from collections.abc import Callable, Sequence
from typing import Any

import keras

from course_utils._arguments import check_integer, check_number, checked


@checked
def mlp(
    hidden: Sequence[int] = (32,) * 5,
    *,
    input_dim: int = 2,
    outputs: int = 1,
    activation: Any = "relu",
    output_activation: Any = "sigmoid",
    kernel_regularizer: Any = None,
    bias_regularizer: Any = None,
    activity_regularizer: Any = None,
    activity_on: str = "output",
    dropout: float = 0.0,
    kernel_constraint: Any = None,
    optimizer: Any = None,
    loss: Any = "binary_crossentropy",
    metrics: Sequence[Any] = ("accuracy",),
) -> keras.Model:
    """Build and compile a network of dense layers.

    Penalties on kernels and biases go on every dense layer, those on activities and dropout on the hidden
    layers only. The defaults are the course's shared network, 2-32-32-32-32-32-1 with 4 353 parameters.

    Parameters
    ----------
    hidden : sequence of int
        Units of each hidden layer; empty for logistic regression.
    input_dim, outputs : int
        Features in, units out.
    activation, output_activation : str or callable
        Activation of the hidden layers and of the last one.
    kernel_regularizer, bias_regularizer : str or keras.regularizers.Regularizer, optional
        Penalties on the weights.
    activity_regularizer : str or keras.regularizers.Regularizer, optional
        Penalty on what the hidden layers put out.
    activity_on : {"output", "preactivation"}
        Whether the activity penalty is taken after or before the activation.
    dropout : float
        Share of the hidden units dropped in training, 0 <= dropout < 1.
    kernel_constraint : keras.constraints.Constraint, optional
        Constraint on the kernels of the hidden layers, as in max-norm regularization.
    optimizer : str or keras.optimizers.Optimizer, optional
        Adam with learning rate 0.001 if None. An optimizer object serves one model: make a new one per call.
    loss, metrics
        As ``model.compile`` takes them.

    Returns
    -------
    keras.Model
        From inputs of shape (batch, input_dim) to outputs of shape (batch, outputs).

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer, `dropout` not in [0, 1), or a name unknown.

    Examples
    --------
    >>> mlp().count_params()
    4353
    >>> model = mlp((8, 8), kernel_regularizer=keras.regularizers.L2(0.001), dropout=0.5)
    >>> len(model.losses)
    3
    """
    sizes = _check_sizes(hidden)
    check_integer(input_dim, "input_dim", minimum=1)
    check_integer(outputs, "outputs", minimum=1)
    check_number(dropout, "dropout", below=1.0)
    if activity_on not in ("output", "preactivation"):
        raise ValueError(f"activity_on must be 'output' or 'preactivation', got {activity_on!r}")

    penalties = {"kernel_regularizer": kernel_regularizer, "bias_regularizer": bias_regularizer}
    for name, value in (penalties | {"activity_regularizer": activity_regularizer}).items():
        _check_known(keras.regularizers.get, value, name)
    _check_known(keras.activations.get, activation, "activation")
    _check_known(keras.activations.get, output_activation, "output_activation")
    _check_known(keras.constraints.get, kernel_constraint, "kernel_constraint")
    _check_known(keras.losses.get, loss, "loss")
    inputs = x = keras.Input((input_dim,))
    for number, units in enumerate(sizes, start=1):
        x = keras.layers.Dense(
            units,
            activation if activity_on == "output" else None,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            name=f"hidden_{number}",
            **penalties,
        )(x)
        if activity_on == "preactivation":
            x = keras.layers.Activation(activation, name=f"activation_{number}")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"dropout_{number}")(x)
    x = keras.layers.Dense(outputs, output_activation, name="output", **penalties)(x)

    model = keras.Model(inputs, x, name="mlp")
    optimizer = keras.optimizers.Adam(1e-3) if optimizer is None else optimizer
    model.compile(optimizer, loss=loss, metrics=list(metrics))
    return model


def _check_sizes(hidden: Any) -> list[int]:
    if not isinstance(hidden, Sequence) or isinstance(hidden, str):
        raise TypeError(f"hidden must be a sequence of integers such as (32, 32), got {hidden!r}")
    return [check_integer(units, f"hidden[{place}]", minimum=1) for place, units in enumerate(hidden)]


def _check_known(get: Callable[[Any], Any], value: Any, name: str) -> None:
    """Refuse what Keras does not know, by the name of the argument, which Keras leaves out."""
    try:
        get(value)
    except (TypeError, ValueError) as reason:
        raise ValueError(f"{name} must be an object of Keras or its name, got {value!r}") from reason
