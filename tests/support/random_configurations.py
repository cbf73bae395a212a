"""Random networks with data, drawn from a seed, for the claims that must hold for all of them.

`draw(seed)` walks through the losses, one to three recurrent layers, the kinds of mask and the
kinds of stack (one cell or mixed); all else is drawn at random. Nothing is zero that could hide an
error: biases and initial states are not.
"""

from typing import NamedTuple

import numpy as np

from cells import RECURRENT, name
from rnncourse import gru, linear, losses, lstm, rnn
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel

LOSSES = ("squared_error", "softmax_cross_entropy", "sigmoid_cross_entropy")
MASKS = ("none", "booleans", "weights", "lengths")
STACKS = (*map(name, RECURRENT), *["mixed"] * len(RECURRENT))
SEEDS = range(len(STACKS) * len(LOSSES) * 3 * len(MASKS))  # every combination: 216 of three cells


class Configuration(NamedTuple):
    network: Network
    params: tuple
    theta: np.ndarray  # (P,)
    loss_name: str
    x: np.ndarray  # (T, B, D)
    y: np.ndarray  # (T, B, K), classes (T, B)
    mask: np.ndarray | None  # (T, B)
    h_0: tuple | None

    @property
    def loss(self):
        return getattr(losses, self.loss_name)

    @property
    def objective(self):
        return Objective(self.network, self.loss, self.x, self.y, self.mask, self.h_0)

    def forward(self, theta=None):
        params = self.params if theta is None else unravel(theta, self.params)
        return self.network.forward(params, self.x, self.h_0)


def draw_targets(rng, loss_name, T, B, K):
    """Targets of the loss's kind: numbers, classes, probabilities."""
    if loss_name == "softmax_cross_entropy":
        return rng.integers(K, size=(T, B))
    if loss_name == "sigmoid_cross_entropy":
        return rng.uniform(size=(T, B, K))
    return rng.normal(size=(T, B, K))


def draw_mask(rng, kind, T, B):
    """A mask that scores at least one step; nothing beside `lengths` ends with the sequence."""
    if kind == "none":
        return None
    if kind == "lengths":
        return np.arange(T)[:, np.newaxis] < rng.integers(1, T + 1, size=B)
    mask = rng.uniform(size=(T, B)) < 0.5
    mask[rng.integers(T), rng.integers(B)] = True
    return mask if kind == "booleans" else mask * rng.uniform(0.1, 3, size=(T, B))


def draw_cells(seed, n_layers):
    """The recurrent cells of a seed; its own random numbers leave all others as they are."""
    stack = STACKS[(seed // 9 % 4 - seed // 36) % len(STACKS)]
    if stack == "mixed":
        k = np.random.default_rng([seed, 7]).integers(len(RECURRENT), size=n_layers)
        return tuple(RECURRENT[i] for i in k)
    return tuple(cell for cell in RECURRENT if name(cell) == stack) * n_layers


def draw_state(rng, cell, B, n, dtype=np.float64):
    """An initial state as the cell wants it: a pair for an LSTM."""
    state = rng.uniform(-1, 1, size=(B, n)).astype(dtype)
    return (state, rng.uniform(-2, 2, size=(B, n)).astype(dtype)) if cell is lstm else state


def draw(seed, dtype=np.float64, max_steps=12, max_batch=5, max_units=4):
    """Return the configuration of a seed; its numbers are the same in both precisions."""
    rng = np.random.default_rng(seed)
    loss_name = LOSSES[seed % 3]
    n_layers = 1 + seed // 3 % 3
    mask_kind = MASKS[seed // 9 % 4]
    T, B = int(rng.integers(1, max_steps + 1)), int(rng.integers(1, max_batch + 1))
    sizes = tuple(int(n) for n in rng.integers(1, max_units + 1, size=n_layers + 2))
    if loss_name == "softmax_cross_entropy":
        sizes = (*sizes[:-1], sizes[-1] + 1)  # one class alone is always right
    cells = draw_cells(seed, n_layers)
    network = Network((*cells, linear), sizes)
    theta = ravel(network.init(rng))
    theta += 0.3 * rng.normal(size=theta.shape)  # the biases too
    x = rng.normal(size=(T, B, sizes[0]))
    y = draw_targets(rng, loss_name, T, B, sizes[-1])
    mask = draw_mask(rng, mask_kind, T, B)
    h_0 = None
    if seed % 5:  # a state for some layers, none for others, None for the readout
        h_0 = tuple(
            draw_state(rng, cell, B, n, dtype) if rng.uniform() < 0.8 else None
            for cell, n in zip(cells, sizes[1:-1], strict=True)
        ) + (None,)
    theta = theta.astype(dtype)
    x = x.astype(dtype)
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    params = unravel(theta, network.zeros())
    return Configuration(network, params, theta, loss_name, x, y, mask, h_0)
