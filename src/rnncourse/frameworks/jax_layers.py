"""Our weights in layers of Flax (nnx) and in cells of Equinox.

    flax      kernel = W^T, one unit a column; LSTM (OptimizedLSTMCell) i, f, g, o, GRU r, u, n
    equinox   weight_ih = W_x, weight_hh = W_h, one unit a row; LSTM i, f, g, o, GRU r, u, n
    biases    of flax beside h for LSTM, beside x for RNN; both for GRU, whose cell comes without
              the second and gets it here. Of equinox one, and bias_n in the candidate's product

Both call u z, with our meaning: 1 keeps the state. JAX, Flax and Equinox are imported when they
are needed.
"""

import numpy as np

from rnncourse import gru, linear, lstm, rnn
from rnncourse.frameworks.ours import NAMES, cell_of, imported, named_layers, sizes
from rnncourse.network import Network

FLAX = {rnn: "SimpleCell", lstm: "OptimizedLSTMCell", gru: "GRUCell"}
EQUINOX = {lstm: "LSTMCell", gru: "GRUCell", linear: "Linear"}


def to_flax(network, params=None):
    """Return a network as a `flax.nnx.Sequential` with our weights; or, of `Params` alone, a layer.

    A layer is an nnx.RNN over time of SimpleCell, OptimizedLSTMCell or GRUCell, or an nnx.Linear.
    Sequences are (T, B, D), as ours; outputs are those of all steps.

    Args:
        network: a `Network` of rnn, lstm, gru and linear; or the `Params` of one of these.
        params: one `Params` for each cell; left out if `network` is the `Params` of a layer.

    Raises:
        ValueError: if there is another cell, the arrays do not fit together or to the network, or
            JAX does not compute in their precision.
        ImportError: if JAX or Flax is not installed.
    """
    if params is None and not isinstance(network, Network):
        return _flax_layer(cell_of(network), network)
    found = named_layers(network, params)
    return imported("flax.nnx").Sequential(*(_flax_layer(*layer) for layer in found.values()))


def to_equinox(network, params=None):
    """Return a network as a tuple of Equinox' cells with our weights; or, of `Params`, one cell.

    A cell of `equinox.nn` is one step of one sequence: LSTMCell(x_t, (h, c)), GRUCell(x_t, h),
    Linear(h_t). Equinox has no plain recurrent cell.

    Args:
        network: a `Network` of lstm, gru and linear; or the `Params` of one of these.
        params: one `Params` for each cell; left out if `network` is the `Params` of a layer.

    Raises:
        ValueError: if there is another cell, the arrays do not fit together or to the network, or
            JAX does not compute in their precision.
        ImportError: if JAX or Equinox is not installed.
    """
    if params is None and not isinstance(network, Network):
        return _equinox_cell(NAMES[cell := cell_of(network)], cell, network)
    found = named_layers(network, params)
    return tuple(_equinox_cell(name, *layer) for name, layer in found.items())


def _flax_layer(cell, params):
    nnx, array = imported("flax.nnx"), _to_jax(params)
    n_in, n_out = sizes(params)
    options = {"rngs": nnx.Rngs(0), "param_dtype": params[0].dtype}

    def dense(W, b=None):
        layer = nnx.Linear(W.shape[1], W.shape[0], use_bias=b is not None, **options)
        layer.kernel[...] = array(W.T)
        if b is not None:
            layer.bias[...] = array(b)
        return layer

    if cell is linear:
        return dense(*params)
    of_flax = getattr(nnx, FLAX[cell])(n_in, n_out, **options)
    W_x, W_h, *biases = params
    b_x, b_h = {rnn: (*biases, None), lstm: (None, *biases), gru: biases}[cell]
    of_flax.dense_i, of_flax.dense_h = dense(W_x, b_x), dense(W_h, b_h)
    return nnx.RNN(of_flax, time_major=True, rngs=options["rngs"])


def _equinox_cell(name, cell, params):
    if cell not in EQUINOX:
        raise ValueError(f"{name} has no cell in Equinox, expected lstm, gru or linear")
    equinox, array = imported("equinox"), _to_jax(params)
    key = imported("jax").random.PRNGKey(0)
    fresh = getattr(equinox.nn, EQUINOX[cell])(*sizes(params), dtype=params[0].dtype, key=key)
    if cell is linear:
        values = {"weight": params.W_yh, "bias": params.b_y}
    else:
        values = {"weight_ih": params.W_x, "weight_hh": params.W_h}
        values |= {"bias": params.b} if cell is lstm else _equinox_biases(params)
    return equinox.tree_at(
        lambda c: [getattr(c, key) for key in values], fresh, [array(a) for a in values.values()]
    )


def _equinox_biases(params):
    """Return the two biases of a GRU: outside of the candidate's product only a sum counts."""
    H = params.W_h.shape[1]
    outside = np.concatenate([params.b_h[: 2 * H], np.zeros_like(params.b_h[2 * H :])])
    return {"bias": params.b_x + outside, "bias_n": params.b_h[2 * H :]}


def _to_jax(params):
    """Return the function that makes arrays of JAX, if it computes in this precision."""
    jnp, dtype = imported("jax.numpy"), params[0].dtype
    if (kept := jnp.asarray(np.zeros(0, dtype)).dtype) != dtype:
        raise ValueError(
            f"params is in {dtype}, of which JAX makes {kept} here, expected float32, or float64 "
            "after jax.config.update('jax_enable_x64', True)"
        )
    return lambda array: jnp.asarray(array, dtype)
