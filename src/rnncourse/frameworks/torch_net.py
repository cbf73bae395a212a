"""A whole network as a module of torch.nn, and layers of torch as a network.

A `Net` of layers is called as nn.LSTM is: net(x, h_0) returns all outputs, and the states to go on
from. The class is made when it is first asked for, since PyTorch may be missing.
"""

import functools
from collections.abc import Iterable

from rnncourse import linear
from rnncourse.frameworks import layers
from rnncourse.frameworks.ours import NAMES, imported


def __getattr__(name):
    """Return the class `Net`."""
    if name == "Net":
        return _net_class()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _net_class():
    torch = imported("torch")

    class Net(torch.nn.Module):
        """Layers of torch one after the other: RNN, LSTM, GRU and Linear, sequences (T, B, D).

        Args:
            layers: the layers, the first one first; they become `net.layers`.
        """

        def __init__(self, layers):
            super().__init__()
            self.layers = torch.nn.ModuleList(layers)

        def forward(self, x, h_0=None):
            """Return y_hat (T, B, K), and the last states, one entry for each layer.

            Args:
                x: (T, B, D) inputs.
                h_0: one initial state for each layer, as the layer takes it and as `forward`
                    returns it: (1, B, H), a pair of them for LSTM, None for Linear and for zero.
            """
            last = []
            for layer, start in zip(self.layers, h_0 or [None] * len(self.layers), strict=True):
                if isinstance(layer, torch.nn.Linear):
                    x, state = layer(x), None
                else:
                    x, state = layer(x, start)
                last.append(state)
            return x, tuple(last)

    Net.__qualname__ = "Net"  # pickle finds it here
    return Net


def listed(modules):
    """Return layers of torch as [(name for messages, layer of torch, which of its layers)].

    Args:
        modules: a `Net`, a layer, or a list of layers.
    """
    found = []
    if isinstance(modules, _net_class()):
        modules = modules.layers
    elif not isinstance(modules, Iterable):
        modules = [modules]
    for n, module in enumerate(modules):
        count = getattr(module, "num_layers", 1)
        if count > 1 and module.dropout and module.training:
            raise ValueError(
                f"layers[{n}] has dropout = {module.dropout} in training, expected a layer in "
                "evaluation: layer.eval() first"
            )
        found += [(f"layers[{n}]" + f" layer {k}" * (count > 1), module, k) for k in range(count)]
    return found


def weights(name, layer, which):
    """Return `layers.torch_weights` of one layer; an error says of which."""
    try:
        return layers.torch_weights(layer, which)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def check_chain(found):
    """Raise ValueError unless each layer takes what the one before gives.

    Args:
        found: [(name, cell, n_in, n_out)].
    """
    for (before, _, _, gives), (name, cell, takes, _) in zip(found[:-1], found[1:], strict=True):
        if takes != gives:
            weight = "W_yh" if cell is linear else cell.Params._fields[0]
            raise ValueError(
                f"{name} ({NAMES[cell]}): {weight} takes {takes} inputs, expected {gives}, as many "
                f"as {before} has outputs"
            )
