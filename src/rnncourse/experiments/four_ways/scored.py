"""The cost of cells and a readout on one batch, with outputs only where some are scored.

`objective.Objective` computes the outputs of all steps. Where only the last ones are scored, as in
most tasks of the four ways, that is a quarter of the work of a plain net; here the readout, the
pointwise layers right below it, the loss and their backward pass begin at the first step that is
scored in any sequence of the batch. Value and gradient are those of `Objective` to rounding (a test
compares them).
"""

import functools
from typing import NamedTuple

import numpy as np

from rnncourse import linear, pointwise
from rnncourse.losses import Loss
from rnncourse.network import Network
from rnncourse.params import ravel, unravel
from rnncourse.tasks.batch import Batch


def span(mask):
    """Return the slice of steps from the first to the last one that a mask (T, B) scores."""
    scored = np.flatnonzero(mask.any(axis=1))
    return slice(int(scored[0]), int(scored[-1]) + 1)


@functools.cache
def halves(network):
    """Return a network up to its last cell with a state, and what stands above it."""
    cells, sizes = network.cells, network.sizes
    n = 1 + max(k for k, cell in enumerate(cells) if cell not in (linear, pointwise))
    return Network(cells[:n], sizes[: n + 1]), Network(cells[n:], sizes[n:])


class Scored(NamedTuple):
    """An objective as the optimizers want it."""

    network: Network  # of cells that look only back, and layers without a state above them
    like: tuple  # of `Params`, the shapes of its weights
    loss: Loss
    batch: Batch

    def value_and_gradient(self, theta):
        """Return C and dC/dtheta (P,)."""
        (below, above), params = halves(self.network), unravel(theta, self.like)
        n = len(below.cells)
        x, y, mask = self.batch
        scored = span(mask)
        h, tapes = below.forward(params[:n], x[: scored.stop])
        y_hat, tapes_above = above.forward(params[n:], h[scored])
        y, mask = y[scored], mask[scored]
        d_y_hat = self.loss.grad(y_hat, y, mask)
        g_above, d_scored, _ = above.backward(params[n:], tapes_above, d_y_hat)
        d_h = np.zeros_like(h)
        d_h[scored] = d_scored
        g_below, _, _ = below.backward(params[:n], tapes, d_h)
        return self.loss.value(y_hat, y, mask), ravel((*g_below, *g_above))
