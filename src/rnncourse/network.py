"""A stack of cells: which layers, of which sizes. It holds no arrays.

    h_1 = cell_1(x),  h_2 = cell_2(h_1),  ...,  y_hat = cell_L(h_{L-1})

A cell is a module with `Params, shapes, init, forward, backward, r_forward` (rnn, lstm, linear...).
Parameters, gradients and directions of a network are tuples with one `Params` for each cell.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np


@dataclass(frozen=True)
class Network:
    """The specification of a network.

    Args:
        cells: one module for each layer, first layer first, such as (rnn, rnn, linear).
        sizes: (D, H_1, ..., K): width of the input, then of each layer's output.

    Raises:
        ValueError: if there is not one size more than there are cells.
    """

    cells: tuple[ModuleType, ...]
    sizes: tuple[int, ...]

    def __post_init__(self):
        """Check that cells and sizes fit together."""
        if len(self.cells) < 1 or len(self.sizes) != len(self.cells) + 1:
            raise ValueError(
                f"sizes has {len(self.sizes)} entries for {len(self.cells)} cells, "
                "expected at least one cell and one size more than cells"
            )
        if not all(isinstance(n, int | np.integer) and n >= 1 for n in self.sizes):
            raise ValueError(f"sizes is {self.sizes}, expected integers of at least 1")

    def init(self, rng, dtype=np.float64):
        """Draw starting parameters, each cell by its own default."""
        return tuple(
            cell.init(rng, n_in, n_out, dtype=dtype) for cell, n_in, n_out in self._layers()
        )

    def zeros(self, dtype=np.float64):
        """Return parameters of zeros: the names, shapes and order that `unravel` needs."""
        return tuple(
            cell.Params(*(np.zeros(shape, dtype) for shape in cell.shapes(n_in, n_out)))
            for cell, n_in, n_out in self._layers()
        )

    def forward(self, params, x, h_0=None):
        """Run all layers.

        Args:
            params: one `Params` for each cell.
            x: (T, B, D) inputs.
            h_0: one initial state for each cell (a pair for lstm, None for a cell that starts from
                zero), or None.

        Returns:
            y_hat (T, B, K), and one tape for each cell.

        Raises:
            ValueError: if an argument has another length, shape or dtype.
        """
        h_0 = (None,) * len(self.cells) if h_0 is None else h_0
        self._check_count(params=params, h_0=h_0)
        tapes = []
        for cell, p, start in zip(self.cells, params, h_0, strict=True):
            x, tape = cell.forward(p, x, start)
            tapes.append(tape)
        return x, tuple(tapes)

    def backward(self, params, tapes, d_y_hat, d_hidden=None):
        """Carry the derivatives of C down through all layers; linear in what comes in.

        Args:
            params: one `Params` for each cell.
            tapes: what `forward` returned.
            d_y_hat: (T, B, K) derivatives of C with respect to y_hat.
            d_hidden: further derivatives, one (T, B, H) array for each cell but the last, where C
                depends on the hidden states directly (structural damping); none if None.

        Returns:
            The gradient, one `Params` for each cell.

        Raises:
            ValueError: if an argument has another length, shape or dtype.
        """
        self._check_count(params=params, tapes=tapes)
        if d_hidden is not None and len(d_hidden) != len(self.cells) - 1:
            raise ValueError(
                f"d_hidden has {len(d_hidden)} entries, expected one for each of the "
                f"{len(self.cells) - 1} cells below the last"
            )
        gradient = []
        d_h = d_y_hat
        for layer in reversed(range(len(self.cells))):
            g, d_h = self.cells[layer].backward(params[layer], tapes[layer], d_h)
            gradient.append(g)
            if d_hidden is not None and layer > 0:
                d_h = d_h + d_hidden[layer - 1]
        return tuple(reversed(gradient))

    def r_forward(self, params, tapes, v):
        """Differentiate the forward pass along v.

        Args:
            params: one `Params` for each cell.
            tapes: what `forward` returned.
            v: direction, one `Params` for each cell.

        Returns:
            The directional derivatives of the outputs of all layers; the last one is R_y_hat.

        Raises:
            ValueError: if there is not one entry for each cell.
        """
        self._check_count(params=params, tapes=tapes, v=v)
        R_h = None
        R_outputs = []
        for cell, p, tape, v_cell in zip(self.cells, params, tapes, v, strict=True):
            R_h = cell.r_forward(p, tape, v_cell, R_h)
            R_outputs.append(R_h)
        return tuple(R_outputs)

    def _check_count(self, **arguments):
        for name, given in arguments.items():
            if len(given) != len(self.cells):
                raise ValueError(
                    f"{name} has {len(given)} entries, expected one for each of "
                    f"the {len(self.cells)} cells"
                )

    def _layers(self):
        return zip(self.cells, self.sizes[:-1], self.sizes[1:], strict=True)
