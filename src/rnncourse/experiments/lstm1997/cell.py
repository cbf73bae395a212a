"""The memory cell of 1997: architecture, weights, starting values, for many nets at once.

Blocks of S cells share an input gate and an output gate. There is no forget gate: the state adds
up. Cells and gates see the input, and all cells and gates of the step before; output units see the
cells. `passes` has the equations.

The first axis of every weight is the net: N independent trials.
"""

from typing import NamedTuple

import numpy as np


class Net(NamedTuple):
    """Architecture and functions of one net."""

    blocks: int
    size: int  # cells in a block
    n_in: int  # D
    n_out: int  # K
    biased: str = "all"  # which units have biases: "all", "hidden", "gates" or "none"
    out_gate: bool = True
    recurrent: bool = True  # hidden units see cells and gates of the step before
    direct: bool = False  # output units see the input too
    g: tuple[float, float] = (-2.0, 2.0)  # range of the squashing function of the cell input
    h: bool = True  # squash the state to (-1, 1), or h(s) = s

    @property
    def n_cells(self):
        """Return the number C of cells."""
        return self.blocks * self.size

    @property
    def n_hidden(self):
        """Return the number U of cells, input gates and output gates, in this order."""
        return self.n_cells + self.blocks * (2 if self.out_gate else 1)


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
    unit_is_gate = np.arange(U) >= C
    b = {"all": True, "hidden": True, "gates": unit_is_gate, "none": False}[net.biased]
    return Weights(
        W_x=np.ones((U, D), bool),
        W_h=np.full((U, U), net.recurrent),
        b=np.full(U, b),
        V_x=np.full((K, D), net.direct),
        V_c=np.ones((K, C), bool),
        c=np.full(K, net.biased == "all"),
    )


def n_weights(net):
    """Return the number of weights of the architecture, biases included."""
    return int(sum(a.sum() for a in there(net)))


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
