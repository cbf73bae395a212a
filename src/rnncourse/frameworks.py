"""Our weights in the layers of PyTorch and Keras, and back.

    torch    weight_ih = W_x, weight_hh = W_h, bias_ih, bias_hh      one unit a row, as here
    keras    kernel = W_x^T, recurrent_kernel = W_h^T, bias          one unit a column
    LSTM     gates in the order i, f, g, o in all three              (keras calls the third c)
    GRU      gates in the order r, u, n here and in torch, u, r, n in keras, which call u z
    biases   torch adds two: ours goes into bias_ih, zeros into bias_hh. A GRU needs both

A gradient is laid out like the weights, but for the biases of torch that are added: each of them
has the whole derivative of their sum. The frameworks are imported when a function needs them.
"""

import importlib
import os

import numpy as np

from rnncourse import gru, linear, lstm, rnn
from rnncourse.arrays import check_floating, check_shape

NAMES = {"torch": "PyTorch", "keras": "Keras"}
TORCH = {rnn: "RNN", lstm: "LSTM", gru: "GRU", linear: "Linear"}
KERAS = {rnn: "SimpleRNN", lstm: "LSTM", gru: "GRU", linear: "Dense"}

# What a layer must be to be one of ours, by attribute.
TORCH_OPTIONS = {
    "num_layers": 1,
    "bidirectional": False,
    "proj_size": 0,
    "nonlinearity": "tanh",
}
KERAS_OPTIONS = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "reset_after": True,
    "use_bias": True,
    "go_backwards": False,
}


def missing():
    """Return the names of PyTorch and Keras, of those that cannot be imported here.

    Where the environment does not say on what Keras shall compute, this sets torch: Keras would
    look for TensorFlow otherwise. It must come before Keras is imported.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    names = []
    for module, name in NAMES.items():
        try:
            importlib.import_module(module)
        except ImportError:
            names.append(name)
    return names


def skip_cells(shell, until):
    """Let a notebook pass over its cells, up to the one that begins with the line `until`.

    Cells that begin with % or ! run: they may be what installs the missing package.

    Args:
        shell: what `get_ipython()` returns.
        until: the line with which the first cell begins that runs again.
    """

    def transform(lines):
        first = next((line for line in lines if line.strip()), "").strip()
        if first == until:
            shell.input_transformers_cleanup.remove(transform)
            return lines
        return lines if first.startswith(("%", "!")) else []

    shell.input_transformers_cleanup.append(transform)


def torch_arrays(params):
    """Return the arrays of `Params` as the layer of torch has them, in the order of its own."""
    cell = _cell_of(params)
    if cell in (rnn, lstm):
        return [*params, np.zeros_like(params[2])]
    return list(params)


def keras_arrays(params):
    """Return the arrays of `Params` as the layer of Keras has them, in the order of its own."""
    cell = _cell_of(params)
    if cell is gru:
        W_x, W_h, b_x, b_h = (_swap_gates(a) for a in params)
        return [W_x.T, W_h.T, np.stack([b_x, b_h])]
    return [a.T for a in params]  # the transpose of a bias is the bias


def to_torch(params):
    """Return the layer `RNN`, `LSTM`, `GRU` or `Linear` of torch.nn with our weights.

    Its sequences are (T, B, D), as ours; its precision is that of the weights.

    Args:
        params: `Params` of rnn, lstm, gru or linear.

    Raises:
        ValueError: if params is of another type, or its arrays do not fit together.
    """
    torch = importlib.import_module("torch")
    cell = _cell_of(params)
    dtype = getattr(torch, str(params[0].dtype))
    with torch.random.fork_rng(devices=()):  # what it draws at first moves no generator
        layer = getattr(torch.nn, TORCH[cell])(*_sizes(params), dtype=dtype)
    with torch.no_grad():
        for weight, array in zip(layer.parameters(), torch_arrays(params), strict=True):
            weight.copy_(torch.tensor(array))
    return layer


def to_keras(params):
    """Return the layer `SimpleRNN`, `LSTM`, `GRU` or `Dense` of Keras with our weights.

    Its sequences are (B, T, D), and it returns the states of all steps; its precision is that of
    the weights.

    Args:
        params: `Params` of rnn, lstm, gru or linear.

    Raises:
        ValueError: if params is of another type, or its arrays do not fit together.
    """
    keras = importlib.import_module("keras")
    cell = _cell_of(params)
    n_in, n_out = _sizes(params)
    options = {} if cell is linear else {"return_sequences": True}
    layer = getattr(keras.layers, KERAS[cell])(n_out, dtype=str(params[0].dtype), **options)
    layer.build((None, None, n_in))
    layer.set_weights(keras_arrays(params))
    return layer


def from_torch(layer):
    """Return the weights of a layer of torch as `Params`.

    Args:
        layer: `RNN`, `LSTM`, `GRU` or `Linear`, of one layer, in one direction, with biases.

    Raises:
        ValueError: if the layer is of another kind.
    """
    cell, weights = _torch_layer(layer)
    W_x, W_h, *biases = (_array(w) for w in weights)
    if cell in (rnn, lstm):
        biases = [biases[0] + biases[1]]
    return cell.Params(W_x, W_h, *biases)


def torch_gradient(layer):
    """Return the gradient that torch has left in a layer as `Params`.

    Arguments and errors are those of `from_torch`; ValueError, too, before any backward pass.
    """
    cell, weights = _torch_layer(layer)
    arrays = [_gradient(w) for w in weights]
    return cell.Params(*arrays[: len(cell.Params._fields)])


def from_keras(layer):
    """Return the weights of a layer of Keras as `Params`.

    Args:
        layer: `SimpleRNN`, `LSTM`, `GRU` or `Dense` with the activations of ours, and with biases.

    Raises:
        ValueError: if the layer is of another kind.
    """
    return _from_keras_arrays(_keras_cell(layer), layer.get_weights())


def keras_gradient(layer):
    """Return the gradient that torch has left in a layer of Keras, on torch's backend, as `Params`.

    Arguments and errors are those of `from_keras`; ValueError, too, before any backward pass.
    """
    cell = _keras_cell(layer)
    return _from_keras_arrays(cell, [_gradient(w.value) for w in layer.trainable_weights])


def _cell_of(params):
    for cell in TORCH:
        if isinstance(params, cell.Params):
            n_in, n_out = _sizes(params)
            for name, array, shape in zip(
                params._fields, params, cell.shapes(n_in, n_out), strict=True
            ):
                check_shape(name, array, shape)
                check_floating(name, array, like=params[0])
            return cell
    raise ValueError(
        f"params is a {type(params).__name__}, expected Params of rnn, lstm, gru or linear"
    )


def _sizes(params):
    """Return the numbers of inputs and of outputs of a layer."""
    if isinstance(params, linear.Params):
        return params.W_yh.shape[1], params.W_yh.shape[0]
    return params[0].shape[-1], params[1].shape[-1]


def _swap_gates(a):
    """Exchange the first two of the three gates: r, u, n to u, r, n and back."""
    first, second, third = np.split(a, 3)
    return np.concatenate([second, first, third])


def _from_keras_arrays(cell, arrays):
    if cell is gru:
        W_x, W_h, (b_x, b_h) = arrays
        return gru.Params(*(_swap_gates(a) for a in (W_x.T, W_h.T, b_x, b_h)))
    return cell.Params(*(a.T for a in arrays))


def _torch_layer(layer):
    cell = _kind(layer, TORCH)
    _check_options(layer, TORCH_OPTIONS)
    weights = list(layer.parameters())
    expected = 2 if cell is linear else 4
    if len(weights) != expected:
        raise ValueError(f"layer has {len(weights)} arrays, expected {expected}, biases too")
    return cell, weights


def _keras_cell(layer):
    cell = _kind(layer, KERAS)
    options = KERAS_OPTIONS | ({"activation": "linear"} if cell is linear else {})
    _check_options(layer, options)
    return cell


def _kind(layer, names):
    for cell, name in names.items():
        if type(layer).__name__ == name:
            return cell
    raise ValueError(f"layer is a {type(layer).__name__}, expected {', '.join(names.values())}")


def _check_options(layer, expected):
    for name, value in expected.items():
        found = getattr(layer, name, value)
        found = getattr(found, "__name__", found)  # Keras holds activations as functions
        if found != value:
            raise ValueError(f"layer has {name} = {found!r}, expected {value!r}")


def _array(tensor):
    return tensor.detach().cpu().numpy().copy()


def _gradient(weight):
    if weight.grad is None:
        raise ValueError("layer has no gradient, expected one: no backward pass has come by yet")
    return _array(weight.grad)
