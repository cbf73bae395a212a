"""The nets without memory cells that the paper compares with: plain recurrent nets.

All units are logistic, and none has a bias. Hidden units see the input and all hidden units of the
step before. The output units are the last of them, or stand above and see those of the same step.
Weights change after each sequence by the exact gradient, which real-time recurrent learning (RTRL)
and backpropagation through time both give, or by that of Elman's procedure: what hidden units see
of the step before counts as constant.
"""

from typing import NamedTuple

import numpy as np


class Net(NamedTuple):
    """Architecture of a plain net."""

    n_hidden: int  # U
    n_in: int  # D
    n_out: int  # K
    above: bool = True  # the output units see the hidden units; else they are the last of these
    direct: bool = False  # output units that stand above see the input too

    @property
    def n_weights(self):
        """Return the number of weights of the architecture."""
        seen_above = self.above * self.n_hidden + self.direct * self.n_in
        return self.n_hidden * (self.n_in + self.n_hidden) + self.n_out * seen_above


def init(rng, net, limit):
    """Draw W (D + U, U) to the hidden units, V (D + U, K) to outputs above, rows by what is seen.

    All weights are uniform in [-limit, limit]; V is zero where the architecture has none.
    """
    seen = net.n_in + net.n_hidden
    W = rng.uniform(-limit, limit, (seen, net.n_hidden))
    V = rng.uniform(-limit, limit, (seen, net.n_out)) * net.above
    V[: net.n_in] *= net.direct
    return W, V


class OneNet:
    """One net, its sequences in turn in compiled loops."""

    def __init__(self, row, start):
        """Begin with the weights of one net, which change; `on` is for memory cells only."""
        from rnncourse.experiments.lstm1997 import plain_kernels  # needs Numba

        self.row, self.loops, self.on = row, plain_kernels, [True]
        ((self.W, self.V),) = start

    def train(self, drawn):
        """Train on sequences of symbols; return errors (1, 3, B), see `one_net.train`."""
        ((batch, problem),) = drawn
        row, found = self.row, np.zeros((3, batch.mask.shape[1]))
        judged = problem.judged(batch.mask)
        arrays = (batch.x, batch.y, batch.mask, judged)
        how = row.net.above, row.net.direct, row.full, float(row.learning_rate)
        self.loops.train(self.W, self.V, *map(np.ascontiguousarray, arrays), *how, found)
        found[1] /= row.net.n_out * judged.sum(axis=0)
        return [found]

    def run(self, n, batch):
        """Return the output (T, B, K) at the steps of the mask, else 0."""
        net, y_k = self.row.net, np.zeros((*batch.mask.shape, self.row.net.n_out))
        arrays = map(np.ascontiguousarray, (batch.x, batch.mask))
        self.loops.run(self.W, self.V, *arrays, net.above, net.direct, y_k)
        return y_k

    def keep(self, which):
        """Leave the one net as it is: its trial has ended."""
