"""The cost of a cell and a readout on one batch, with outputs only where some are scored.

`objective.Objective` computes the outputs of all steps. Where only the last ones are scored, as in
most tasks of the four ways, that is a quarter of the work of a plain net; here the readout, its
loss and its backward pass begin at the first step that is scored in any sequence of the batch.
Value and gradient are those of `Objective` to rounding (a test compares them).
"""

from typing import NamedTuple

import numpy as np

from rnncourse.losses import Loss
from rnncourse.network import Network
from rnncourse.params import ravel, unravel
from rnncourse.tasks.batch import Batch


def span(mask):
    """Return the slice of steps from the first to the last one that a mask (T, B) scores."""
    scored = np.flatnonzero(mask.any(axis=1))
    return slice(int(scored[0]), int(scored[-1]) + 1)


class Scored(NamedTuple):
    """An objective as the optimizers want it."""

    network: Network  # of a cell that looks only back, and `linear`
    like: tuple  # of `Params`, the shapes of its weights
    loss: Loss
    batch: Batch

    def value_and_gradient(self, theta):
        """Return C and dC/dtheta (P,)."""
        (cell, readout), (of_cell, of_readout) = self.network.cells, unravel(theta, self.like)
        x, y, mask = self.batch
        scored = span(mask)
        h, tape = cell.forward(of_cell, x[: scored.stop])
        y_hat, tape_of_readout = readout.forward(of_readout, h[scored])
        y, mask = y[scored], mask[scored]
        d_y_hat = self.loss.grad(y_hat, y, mask)
        g_readout, d_scored, _ = readout.backward(of_readout, tape_of_readout, d_y_hat)
        d_h = np.zeros_like(h)
        d_h[scored] = d_scored
        g_cell, _, _ = cell.backward(of_cell, tape, d_h)
        return self.loss.value(y_hat, y, mask), ravel((g_cell, g_readout))
