"""Our weights in the layers of PyTorch and Keras, and back; in Flax, in Equinox, as an ONNX graph.

    torch    weight_ih = W_x, weight_hh = W_h, bias_ih, bias_hh      one unit a row, as here
    keras    kernel = W_x^T, recurrent_kernel = W_h^T, bias          one unit a column
    LSTM     gates in the order i, f, g, o in all three              (keras calls the third c)
    GRU      gates in the order r, u, n here and in torch, u, r, n in keras, which call u z
    biases   torch adds two: ours goes into bias_ih, zeros into bias_hh. A GRU needs both

A gradient is laid out like the weights, but for the biases of torch that are added: each of them
has the whole derivative of their sum. The frameworks are imported when a function needs them.
"""

import numpy as np

from rnncourse import gru, linear, lstm, rnn
from rnncourse.frameworks import layers, torch_net
from rnncourse.frameworks.jax_layers import to_equinox, to_flax
from rnncourse.frameworks.layers import KERAS, TORCH
from rnncourse.frameworks.onnx_graph import to_onnx
from rnncourse.frameworks.ours import EXTRAS, cell_of, imported, named_layers, sizes
from rnncourse.frameworks.stored import show_stored, skip_cells
from rnncourse.inputs import kind_of
from rnncourse.network import Network

__all__ = [
    "from_keras",
    "from_torch",
    "keras_arrays",
    "keras_gradient",
    "missing",
    "network_from_torch",
    "show_stored",
    "skip_cells",
    "to_equinox",
    "to_flax",
    "to_keras",
    "to_onnx",
    "to_torch",
    "torch_arrays",
    "torch_gradient",
    "torch_module",
]


def missing():
    """Return the names of PyTorch and Keras, of those that cannot be imported here.

    Where the environment does not say on what Keras shall compute, this sets torch: Keras would
    look for TensorFlow otherwise. It must come before Keras is imported.
    """
    names = []
    for module in ("torch", "keras"):
        try:
            imported(module)
        except ImportError:
            names.append(EXTRAS[module][0])
    return names


def torch_arrays(params):
    """Return the arrays of `Params` as the layer of torch has them, in the order of its own."""
    cell = cell_of(params)
    if cell in (rnn, lstm):
        return [*params, np.zeros_like(params[2])]
    return list(params)


def keras_arrays(params):
    """Return the arrays of `Params` as the layer of Keras has them, in the order of its own."""
    cell = cell_of(params)
    if cell is gru:
        W_x, W_h, b_x, b_h = (_swap_gates(a) for a in params)
        return [W_x.T, W_h.T, np.stack([b_x, b_h])]
    return [a.T for a in params]  # the transpose of a bias is the bias


def to_torch(network, params=None):
    """Return a network as a module of torch with our weights; or, of `Params` alone, a layer.

    A layer is `RNN`, `LSTM`, `GRU` or `Linear` of torch.nn. A network becomes a `torch_net.Net` of
    such layers, `net.layers`: `net(x, h_0)` returns y_hat and the last states, as nn.LSTM does. Its
    sequences are (T, B, D), as ours; its precision is that of the weights.

    Args:
        network: a `Network` of rnn, lstm, gru and linear; or the `Params` of one of these.
        params: one `Params` for each cell; left out if `network` is the `Params` of a layer.

    Raises:
        ValueError: if there is another cell, or the arrays do not fit together or to the network.
        ImportError: if PyTorch is not installed.
    """
    if params is None and not isinstance(network, Network):
        return _torch_layer(network)
    found = named_layers(network, params)
    imported("torch")
    return torch_net.Net([_torch_layer(p) for _, p in found.values()])


def to_keras(params):
    """Return the layer `SimpleRNN`, `LSTM`, `GRU` or `Dense` of Keras with our weights.

    Its sequences are (B, T, D), and it returns the states of all steps; its precision is that of
    the weights. Where the environment does not say on what Keras shall compute, this sets torch.

    Args:
        params: `Params` of rnn, lstm, gru or linear, of real numbers.

    Raises:
        ValueError: if params is of another type, its arrays do not fit together, or Keras has not
            their precision.
        ImportError: if Keras, or what it shall compute with, is not installed.
    """
    cell, dtype = cell_of(params), str(params[0].dtype)
    layers.check_precision("params", dtype)
    keras = imported("keras")
    n_in, n_out = sizes(params)
    options = {} if cell is linear else {"return_sequences": True}
    layer = getattr(keras.layers, KERAS[cell])(n_out, dtype=dtype, **options)
    layer.build((None, None, n_in))
    layer.set_weights(keras_arrays(params))
    (found,) = {str(weight.dtype) for weight in layer.get_weights()}
    if found != dtype:  # JAX has no float64 unless told so
        raise ValueError(f"Keras holds {found} with {keras.backend.backend()}, expected {dtype}")
    return layer


def from_torch(layer):
    """Return the weights of a layer of torch as `Params`, copied.

    They are those with which it computes when it is called next, also where it computes them from
    others (pruned, parametrized); a layer that does so differently in training must be in
    evaluation.

    Args:
        layer: `RNN`, `LSTM`, `GRU` or `Linear`, of one layer, in one direction, with biases and
            tanh, on sequences (T, B, D); it may be on any device that holds numbers.

    Raises:
        ValueError: if the layer is of another kind, or in another precision than float32 and
            float64.
    """
    cell, weights = layers.torch_weights(layer)
    return _from_torch_arrays(cell, weights.values())


def network_from_torch(modules):
    """Return the `Network` that layers of torch are, one after the other, and its parameters.

    Args:
        modules: a `torch_net.Net`, a layer, or a list of layers in the order in which they are
            called. Each is one that `from_torch` takes; RNN, LSTM and GRU may have several layers,
            which become as many cells.

    Raises:
        ValueError: if a layer is of another kind or does not take what the one before gives, if it
            has dropout and is in training, or if there is none; the message says which layer.
    """
    found, params = [], []
    for name, layer, which in torch_net.listed(modules):
        cell, weights = torch_net.weights(name, layer, which)
        params.append(_from_torch_arrays(cell, weights.values()))
        found.append((name, cell, *sizes(params[-1])))
    torch_net.check_chain(found)
    if not found:
        raise ValueError("modules holds no layer, expected RNN, LSTM, GRU or Linear of torch")
    widths = (found[0][2], *(n_out for *_, n_out in found))
    network = Network(tuple(cell for _, cell, *_ in found), widths)
    named_layers(network, params)  # one precision throughout
    return network, tuple(params)


def torch_gradient(layer):
    """Return the gradient that torch has left in a layer as `Params`, copied.

    Arguments and errors are those of `from_torch`. ValueError, too, before any backward pass, and
    where torch keeps no gradient of a weight by itself: pruned, parametrized, frozen, or one that
    is used in two places.
    """
    cell, gradients = layers.torch_gradients(layer)
    arrays = [_array(gradient) for gradient in gradients.values()]
    return _checked(cell.Params(*arrays[: len(cell.Params._fields)]))


def from_keras(layer):
    """Return the weights of a layer of Keras as `Params`, copied.

    Whether the layer returns all states or the last one makes no difference to them.

    Args:
        layer: `SimpleRNN`, `LSTM`, `GRU` or `Dense`, built, with the activations of ours and with
            biases, forward in time, without a state that outlasts a batch.

    Raises:
        ValueError: if the layer is of another kind, not built, or in another precision than float32
            and float64.
    """
    cell, variables = layers.keras_weights(layer)
    convert = imported("keras").ops.convert_to_numpy
    return _from_keras_arrays(cell, [convert(variable) for variable in variables.values()])


def keras_gradient(layer):
    """Return the gradient that torch has left in a layer of Keras, on torch's backend, as `Params`.

    Arguments and errors are those of `from_keras`. ValueError, too, before any backward pass, with
    another backend, and where no gradient is kept of a weight by itself.
    """
    cell, gradients = layers.keras_gradients(layer)
    return _from_keras_arrays(cell, [_array(gradient) for gradient in gradients.values()])


def torch_module(module, values, x, e):
    """Return the states of a module of PyTorch, and the gradient of the sum of e h, by autograd.

    Args:
        module: a `torch.nn.Module`, float64.
        values: {name: array}, what its parameters are set to.
        x: (T, B, D) inputs.
        e: (T, B, H) what the states are weighted with.

    Raises:
        ImportError: if PyTorch cannot be imported.
        ValueError: if it is no module, or its parameters have other names or shapes than `values`.
    """
    torch = imported("torch")
    if not isinstance(module, torch.nn.Module):
        raise ValueError(f"module is {kind_of(module)}, expected a torch.nn.Module")
    weights = dict(module.named_parameters())
    found = {name: tuple(weight.shape) for name, weight in weights.items()}
    if found != (expected := {name: np.shape(value) for name, value in values.items()}):
        raise ValueError(f"its parameters are {found}, expected {expected}")
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(torch.tensor(values[name]))
    h = module(torch.tensor(x))
    gradient = torch.autograd.grad((h * torch.tensor(e)).sum(), list(weights.values()))
    arrays = [_array(tensor) for tensor in gradient]
    return _array(h.detach()), dict(zip(weights, arrays, strict=True))


def _torch_layer(params):
    cell = cell_of(params)
    torch = imported("torch")
    dtype = getattr(torch, str(params[0].dtype))
    with torch.random.fork_rng(devices=()):  # what it draws at first moves no generator
        layer = getattr(torch.nn, TORCH[cell])(*sizes(params), dtype=dtype)
    with torch.no_grad():
        for weight, array in zip(layer.parameters(), torch_arrays(params), strict=True):
            weight.copy_(torch.tensor(array.copy()))  # torch reads no negative strides
    return layer


def _from_torch_arrays(cell, weights):
    W_x, W_h, *biases = (_array(weight) for weight in weights)
    if cell in (rnn, lstm):
        biases = [biases[0] + biases[1]]
    return _checked(cell.Params(W_x, W_h, *biases))


def _swap_gates(a):
    """Exchange the first two of the three gates: r, u, n to u, r, n and back."""
    first, second, third = np.split(a, 3)
    return np.concatenate([second, first, third])


def _from_keras_arrays(cell, arrays):
    if cell is gru:
        W_x, W_h, (b_x, b_h) = arrays
        arrays = [_swap_gates(a).T for a in (W_x.T, W_h.T, b_x, b_h)]
    return _checked(cell.Params(*(a.T.copy() for a in arrays)))


def _array(tensor):
    return tensor.detach().cpu().numpy().copy()


def _checked(params):
    """Return `Params` whose arrays fit together."""
    cell_of(params)
    return params
