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
    sizes = _check_sizes(hidden, "hidden")
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

    return _compiled(keras.Model(inputs, x, name="mlp"), optimizer, loss, metrics)


@checked
def convnet(
    filters: Sequence[Sequence[int]] = ((32, 32), (64, 64)),
    dense: Sequence[int] = (256,),
    *,
    input_shape: Sequence[int] = (32, 32, 3),
    classes: int = 10,
    kernel_regularizer: Any = None,
    kernel_regularizer_on: str = "both",
    conv_dropout: float = 0.0,
    spatial_dropout: float = 0.0,
    dense_dropout: float = 0.0,
    optimizer: Any = None,
    loss: Any = "sparse_categorical_crossentropy",
    metrics: Sequence[Any] = ("accuracy",),
) -> keras.Model:
    """Build and compile a network of 3 by 3 convolutions in blocks, then dense layers, as VGG has them.

    Every block ends with a max pooling of 2 by 2, after it comes the block's dropout; every dense layer but
    the last may have dropout after it, too. The defaults are the lecture's network for CIFAR-10, without its
    penalties: 32-32-pool, 64-64-pool, dense 256, with 1 116 970 parameters.

    Parameters
    ----------
    filters : sequence of sequences of int
        For every block, the filters of its convolutions.
    dense : sequence of int
        Units of each dense layer between the last block and the output; may be empty.
    input_shape : sequence of int
        Height, width and channels of a picture.
    classes : int
        Units of the softmax output.
    kernel_regularizer : str or keras.regularizers.Regularizer, optional
        Penalty on the weights.
    kernel_regularizer_on : {"both", "convolutional", "dense"}
        The layers that carry it; the output is one of the dense layers.
    conv_dropout, spatial_dropout : float
        Rate of the dropout after every block, of single numbers or of whole maps.
    dense_dropout : float
        Rate of the dropout after every dense layer but the output.
    optimizer : str or keras.optimizers.Optimizer, optional
        Adam with learning rate 0.001 if None. An optimizer object serves one model: make a new one per call.
    loss, metrics
        As ``model.compile`` takes them. The default loss takes labels as whole numbers.

    Returns
    -------
    keras.Model
        From pictures of shape (batch, height, width, channels) to probabilities of shape (batch, classes).

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer, a rate not in [0, 1), a name unknown, or nothing of the picture
        would be left after the poolings.

    Examples
    --------
    >>> convnet().count_params()
    1116970
    >>> small = convnet(((8, 8), (16, 16)), (64,), input_shape=(8, 8, 1), dense_dropout=0.5)
    >>> [layer.name for layer in small.layers][-4:]
    ['flatten', 'dense_1', 'dense_dropout_1', 'output']
    """
    blocks = [_check_sizes(block, f"filters[{place}]") for place, block in enumerate(filters)]
    units = _check_sizes(dense, "dense")
    shape = _check_picture(input_shape, poolings=len(blocks))
    check_integer(classes, "classes", minimum=1)
    rates = {"conv": conv_dropout, "spatial": spatial_dropout, "dense": dense_dropout}
    for name, rate in rates.items():
        check_number(rate, f"{name}_dropout", below=1.0)
    if kernel_regularizer_on not in ("both", "convolutional", "dense"):
        raise ValueError(
            f"kernel_regularizer_on must be 'both', 'convolutional' or 'dense', got {kernel_regularizer_on!r}"
        )
    _check_known(keras.regularizers.get, kernel_regularizer, "kernel_regularizer")
    _check_known(keras.losses.get, loss, "loss")
    on_convolutional = kernel_regularizer if kernel_regularizer_on != "dense" else None
    on_dense = kernel_regularizer if kernel_regularizer_on != "convolutional" else None

    inputs = x = keras.Input(shape)
    for number, block in enumerate(blocks, start=1):
        x = _block(x, block, number, on_convolutional, rates)
    x = keras.layers.Flatten(name="flatten")(x)
    for number, size in enumerate(units, start=1):
        x = keras.layers.Dense(size, "relu", kernel_regularizer=on_dense, name=f"dense_{number}")(x)
        if dense_dropout:
            x = keras.layers.Dropout(dense_dropout, name=f"dense_dropout_{number}")(x)
    x = keras.layers.Dense(classes, "softmax", kernel_regularizer=on_dense, name="output")(x)
    return _compiled(keras.Model(inputs, x, name="convnet"), optimizer, loss, metrics)


def _block(x: Any, filters: Sequence[int], number: int, penalty: Any, rates: dict[str, float]) -> Any:
    """Append convolutions, their pooling and the dropout of whichever kind."""
    for place, size in enumerate(filters, start=1):
        x = keras.layers.Conv2D(
            size,
            3,
            padding="same",
            activation="relu",
            kernel_regularizer=penalty,
            name=f"conv_{number}_{place}",
        )(x)
    x = keras.layers.MaxPooling2D(name=f"pool_{number}")(x)
    if rates["conv"]:
        x = keras.layers.Dropout(rates["conv"], name=f"conv_dropout_{number}")(x)
    if rates["spatial"]:
        x = keras.layers.SpatialDropout2D(rates["spatial"], name=f"spatial_dropout_{number}")(x)
    return x


def _compiled(model: keras.Model, optimizer: Any, loss: Any, metrics: Sequence[Any]) -> keras.Model:
    optimizer = keras.optimizers.Adam(1e-3) if optimizer is None else optimizer
    model.compile(optimizer, loss=loss, metrics=list(metrics))
    return model


def _check_sizes(sizes: Any, name: str) -> list[int]:
    if not isinstance(sizes, Sequence) or isinstance(sizes, str):
        raise TypeError(f"{name} must be a sequence of integers such as (32, 32), got {sizes!r}")
    return [check_integer(size, f"{name}[{place}]", minimum=1) for place, size in enumerate(sizes)]


def _check_picture(input_shape: Any, poolings: int) -> tuple[int, ...]:
    shape = tuple(_check_sizes(input_shape, "input_shape"))
    if len(shape) != 3:
        raise ValueError(f"input_shape must be height, width and channels, got {input_shape!r}")
    if min(shape[:2]) < 2**poolings:
        raise ValueError(
            f"input_shape must be at least {2**poolings} pixels high and wide for {poolings} blocks, "
            f"got {input_shape!r}"
        )
    return shape


def _check_known(get: Callable[[Any], Any], value: Any, name: str) -> None:
    """Refuse what Keras does not know, by the name of the argument, which Keras leaves out."""
    try:
        get(value)
    except (TypeError, ValueError) as reason:
        raise ValueError(f"{name} must be an object of Keras or its name, got {value!r}") from reason
