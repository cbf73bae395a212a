"""A plain net that answers at the last step: its cost as a function of theta, without detours.

    C = 1/B sum_b 1/2 (y_hat[T_b, b] - y[b])^2

This is what `objective.Objective` computes with `losses.squared_error`, and the NumPy form below
calls the same functions. The compiled form, `kernels`, takes a strip of sequences at a time, whose
states are then in the cache, in a memory that is used again for the next batch, and computes no
output but the last and no derivative of the inputs.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import compiled, losses
from rnncourse.network import Network
from rnncourse.params import leaves, ravel, unravel
from rnncourse.tasks.batch import Batch

STRIP = 25  # sequences that go through all steps together


def memory(network, n_steps):
    """Return room for the rows [x[t], 1, h[t]] of a strip, of up to n_steps steps."""
    D, H, _ = network.sizes
    return np.empty((n_steps + 1) * STRIP * (D + 1 + H), np.float32)


def parts(network, theta):
    """Return the parameters, and a first state for all: what theta holds besides, or zeros."""
    like = network.zeros()
    P = sum(array.size for array in leaves(like))
    h_0 = theta[P:] if theta.size > P else np.zeros(network.sizes[1], theta.dtype)
    return unravel(theta[:P], like), h_0


def answers(network, theta, batch):
    """Return y_hat (B,) at the last step of each sequence."""
    return _forward(network, theta, batch)[0][batch.mask][:, 0]


def _forward(network, theta, batch):
    params, h_0 = parts(network, theta)
    B = batch.x.shape[1]
    return network.forward(params, batch.x, (np.tile(h_0, (B, 1)), None))


class LastStep(NamedTuple):
    """The cost of a batch, an objective as `optimizers` want it."""

    network: Network  # of `rnn` and `linear`, with K = 1
    batch: Batch  # of float32, scored once in each sequence
    memory: np.ndarray  # of `memory`, for at least as many steps as the batch has

    def value_and_gradient(self, theta):
        """Return C and its gradient, with that of h_0 at the end if theta holds it."""
        form = self._compiled if compiled.form() == "compiled" else self._numpy
        value, d_params, d_h_0 = form(theta)
        gradient = ravel(d_params)
        learned = theta.size > gradient.size
        return value, np.concatenate([gradient, d_h_0]) if learned else gradient

    def _numpy(self, theta):
        network, (_, y, mask) = self.network, self.batch
        y_hat, tapes = _forward(network, theta, self.batch)
        d_y_hat = losses.squared_error.grad(y_hat, y, mask)
        d_params, _, (d_h_0, _) = network.backward(parts(network, theta)[0], tapes, d_y_hat)
        return losses.squared_error.value(y_hat, y, mask), d_params, d_h_0.sum(axis=0)

    def _compiled(self, theta):
        from rnncourse.compiled.kernels import panels, weights
        from rnncourse.experiments.momentum2013.kernels import cost_and_gradient

        (cell, readout), h_0 = parts(self.network, theta)
        W = weights(cell.W_hx, cell.b_h, cell.W_hh)
        last = self.batch.mask.argmax(axis=0)
        order = np.argsort(last, kind="stable")
        x = np.take(self.batch.x, order, axis=1)
        y = self.batch.y[last, np.arange(len(last)), 0][order]
        d_W = np.zeros((W.shape[1], len(h_0)), W.dtype)
        d_w, d_h_0 = np.zeros_like(h_0), np.zeros_like(h_0)
        value, d_c = cost_and_gradient(
            *(x, y, last[order], W, panels(cell.W_hh), readout.W_yh[0], readout.b_y[0]),
            *(h_0, STRIP, self.memory, d_W, d_w, d_h_0),
        )
        D = self.network.sizes[0]
        d_cell = type(cell)(d_W[:D].T, d_W[D + 1 :].T, d_W[D])
        d_readout = type(readout)(d_w[np.newaxis], np.array([d_c], d_w.dtype))
        return value, (d_cell, d_readout), d_h_0
