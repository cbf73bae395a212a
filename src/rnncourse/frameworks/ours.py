"""What is carried over: our cells, their weights checked, and the package that takes them."""

import importlib
import os

from rnncourse import gru, linear, lstm, rnn
from rnncourse.inputs import check_floating, check_shape, check_weights, kind_of
from rnncourse.network import Network

NAMES = {rnn: "rnn", lstm: "lstm", gru: "gru", linear: "linear"}
# What pip calls the packages, and the extra of ours that brings them.
EXTRAS = {
    "torch": ("PyTorch", "frameworks"),
    "keras": ("Keras", "frameworks"),
    "onnx": ("onnx", "onnx"),
    "jax": ("JAX", "jax"),
    "flax": ("Flax", "jax"),
    "equinox": ("Equinox", "jax"),
}


def imported(module):
    """Import a package, Keras with torch below it unless the environment names another."""
    wanted, extra = EXTRAS[module.partition(".")[0]]
    if module == "keras":
        below = os.environ.setdefault("KERAS_BACKEND", "torch")
        wanted = f"Keras, which here computes with {below} as KERAS_BACKEND says,"
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{wanted} cannot be imported ({error}): pip install 'rnncourse[{extra}]'"
        ) from error


def cell_of(params):
    """Return the cell whose `Params` these are; their arrays must fit together."""
    for cell in NAMES:
        if isinstance(params, cell.Params):
            names = [f"{NAMES[cell]}.{field}" for field in params._fields]
            for name, field, array in zip(names, params._fields, params, strict=True):
                check_floating(name, array, like=params[0])
                if field.startswith("W"):
                    check_shape(name, array, ("M", "N"))
            for name, array, shape in zip(names, params, cell.shapes(*sizes(params)), strict=True):
                check_shape(name, array, shape)
            return cell
    raise ValueError(f"params is {kind_of(params)}, expected Params of rnn, lstm, gru or linear")


def sizes(params):
    """Return the numbers of inputs and of outputs of a layer."""
    if isinstance(params, linear.Params):
        return params.W_yh.shape[1], params.W_yh.shape[0]
    return params[0].shape[-1], params[1].shape[-1]


def named_layers(network, params):
    """Return {name: (cell, Params)} of a network, names such as "0.lstm", once all fits.

    Raises:
        ValueError: if network is none, has a cell that is not among ours, or the parameters are not
            its own, in one precision; the message says which layer and array, what came, what was
            expected.
    """
    if not isinstance(network, Network):
        raise ValueError(f"network is {kind_of(network)}, expected a Network")
    cells = network.cells
    if not isinstance(params, tuple | list) or len(params) != len(cells):
        count = f" of {len(params)}" if isinstance(params, tuple | list) else ""
        raise ValueError(
            f"params is {kind_of(params)}{count}, expected one Params for each of the {len(cells)} "
            f"cells of {network}"
        )
    found = {}
    for layer, (cell, p, n_in, n_out) in enumerate(
        zip(cells, params, network.sizes[:-1], network.sizes[1:], strict=True)
    ):
        if cell not in NAMES:
            raise ValueError(f"cells[{layer}] is {cell!r}, expected rnn, lstm, gru or linear")
        name = f"{layer}.{NAMES[cell]}"
        if not isinstance(p, cell.Params):
            came = getattr(type(p), "__module__", "").removeprefix("rnncourse.")
            its = f"{came}.Params" if type(p).__name__ == "Params" else kind_of(p)
            raise ValueError(f"params[{layer}] is {its}, expected {NAMES[cell]}.Params")
        check_weights(p, cell.shapes(n_in, n_out), f"{name}.")
        check_floating(f"{name}.{p._fields[0]}", p[0], like=params[0][0])
        found[name] = cell, p
    return found
