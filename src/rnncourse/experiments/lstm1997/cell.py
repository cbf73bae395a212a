"""The memory cell of 1997: architecture, weights, starting values, for many nets at once.

Blocks of S cells share an input gate and an output gate. There is no forget gate: the state adds
up. Cells and gates see the input, and all cells and gates of the step before; output units see the
cells. The other values of a `Net` are what a reader of the paper has to settle. `passes` has the
equations.

The first axis of every weight is the net: N independent trials.
"""

from typing import NamedTuple

import numpy as np

# A squashing function is low + (high - low) / (1 + exp(-z)); the identity where it is None.
Range = tuple[float, float] | None


class Net(NamedTuple):
    """Architecture and functions of one net."""

    blocks: int
    size: int  # cells in a block
    n_in: int  # D
    n_out: int  # K
    biased: str = "all"  # "none", "hidden", "gates", "outputs", "gates, outputs" have biases
    out_gate: bool = True
    recurrent: str = "all"  # what hidden units see of the step before: "all", "cells" or "none"
    direct: bool = False  # output units see the input too
    g: Range = (-2.0, 2.0)  # of the squashing function of the cell input
    h: Range = (-1.0, 1.0)  # of that of the state
    output: Range = (0.0, 1.0)  # of the output units

    @property
    def n_cells(self):
        """Return the number C of cells."""
        return self.blocks * self.size

    @property
    def n_hidden(self):
        """Return the number U of cells, input gates and output gates, in this order."""
        return self.n_cells + self.blocks * (2 if self.out_gate else 1)

    @property
    def n_fed_back(self):
        """Return how many of the hidden units, the first ones, are seen at the step after."""
        return {"all": self.n_hidden, "cells": self.n_cells, "none": 0}[self.recurrent]

    @property
    def n_weights(self):
        """Return the number of weights of the architecture, biases included."""
        return int(sum(a.sum() for a in there(self)))


class Weights(NamedTuple):
    """Weights of N nets; also the type of a gradient."""

    W_x: np.ndarray  # (N, U, D) to cells, input gates, output gates from the input
    W_h: np.ndarray  # (N, U, U) to the same from the cells and gates of the step before
    b: np.ndarray  # (N, U)
    V_x: np.ndarray  # (N, K, D) to the output units from the input
    V_c: np.ndarray  # (N, K, C) to the output units from the cells
    c: np.ndarray  # (N, K)


def there(net):
    """Return `Weights` of booleans for one net: which weights the architecture has."""
    U, C, D, K = net.n_hidden, net.n_cells, net.n_in, net.n_out
    gates = np.arange(U) >= C
    outputs = net.biased == "all" or "outputs" in net.biased
    b = True if net.biased in ("all", "hidden") else gates * ("gates" in net.biased)
    return Weights(
        W_x=np.ones((U, D), bool),
        W_h=np.broadcast_to(np.arange(U) < net.n_fed_back, (U, U)),
        b=np.full(U, b),
        V_x=np.full((K, D), net.direct),
        V_c=np.ones((K, C), bool),
        c=np.full(K, outputs),
    )


def squash(z, limits):
    """Return the squashing function with the given `Range`, of any array."""
    if limits is None:
        return z
    low, high = limits
    return (high - low) / 2 * np.tanh(z / 2) + (high + low) / 2


def slope(y, limits):
    """Return the derivative of the squashing function where its value is y."""
    if limits is None:
        return np.ones_like(y)
    low, high = limits
    return (y - low) * (high - y) / (high - low)


def init(rng, net, limit, in_bias=None, out_bias=None):
    """Draw one net, N = 1: all weights uniform in [-limit, limit], but the given gate biases.

    Args:
        rng: a `numpy.random.Generator`.
        net: a `Net`.
        limit: the greatest absolute value.
        in_bias: biases of the input gates, one for each block; drawn like the others if None.
        out_bias: biases of the output gates, likewise.
    """
    w = Weights(*(rng.uniform(-limit, limit, a.shape) * a for a in there(net)))
    C, B = net.n_cells, net.blocks
    if in_bias is not None:
        w.b[C : C + B] = in_bias
    if out_bias is not None:
        w.b[C + B :] = out_bias
    return Weights(*(a[np.newaxis] for a in w))
