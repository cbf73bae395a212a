"""An independent oracle: outputs, gradients and curvature products agree with JAX to 1e-9.

The network and the losses are written here once more, from their equations, in jax.numpy; all
derivatives are JAX's own.
"""

import functools
import itertools

import numpy as np
import pytest

import cells
from random_configurations import LOSSES, SEEDS, draw
from rnncourse.checks import relative_error
from rnncourse.params import ravel

jax = pytest.importorskip("jax", reason="JAX is not installed (it is in the extra `test`)")
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)  # compiling takes longer than running
jnp = jax.numpy


def rnn(weights, state, x_t):
    W_hx, W_hh, b_h = weights
    h = jnp.tanh(x_t @ W_hx.T + state[0] @ W_hh.T + b_h)
    return (h,)


def lstm(weights, state, x_t):
    W_x, W_h, b = weights
    h, c = state
    i, f, g, o = jnp.split(x_t @ W_x.T + h @ W_h.T + b, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru(weights, state, x_t):
    W_x, W_h, b_x, b_h = weights
    (h,) = state
    r_x, u_x, n_x = jnp.split(x_t @ W_x.T + b_x, 3, axis=-1)
    r_h, u_h, n_h = jnp.split(h @ W_h.T + b_h, 3, axis=-1)
    u = jax.nn.sigmoid(u_x + u_h)
    return ((1 - u) * jnp.tanh(n_x + jax.nn.sigmoid(r_x + r_h) * n_h) + u * h,)


# a step and its number of states
CELLS = {"rnncourse.rnn": (rnn, 1), "rnncourse.lstm": (lstm, 2), "rnncourse.gru": (gru, 1)}
# What the compared networks have: each loss with one to three layers and with each stack, masks of
# two kinds and none, and a starting state of each cell.
WANTED = {
    *itertools.product(LOSSES, (1, 2, 3)),
    *itertools.product(LOSSES, (*CELLS, "mixed")),
    *(("mask", kind) for kind in (None, "b", "f")),
    *(("h_0", cell) for cell in CELLS),
}


def has(seed):
    """What the network of a seed has of it."""
    c = draw(seed, max_steps=8)
    stack = [cell.__name__ for cell in c.network.cells[:-1]]
    states = [None] * len(stack) if c.h_0 is None else c.h_0[:-1]
    return {
        (c.loss_name, len(stack)),
        (c.loss_name, "mixed" if len(set(stack)) > 1 else stack[0]),
        ("mask", None if c.mask is None else c.mask.dtype.kind),
        *(("h_0", cell) for cell, h in zip(stack, states, strict=True) if h is not None),
    }


def few_seeds():
    """Few seeds that have all of WANTED: the one that adds most, again and again."""
    found, missing, chosen = {seed: has(seed) for seed in SEEDS}, WANTED, []
    while missing:
        best = max(found, key=lambda seed: len(found[seed] & missing))
        assert found[best] & missing, f"no seed draws {missing}"
        missing = missing - found[best]
        chosen.append(best)
    return chosen


def outputs(names, params, x, h_0):
    """The hidden states of all layers, and y_hat; one `lax.scan` a layer."""
    *cells, (W_yh, b_y) = params
    hidden, signal = [], x
    for layer, (name, weights) in enumerate(zip(names, cells, strict=True)):
        cell, n_states = CELLS[name]

        def step(state, x_t, cell=cell, weights=weights):
            state = cell(weights, state, x_t)
            return state, state[0]

        start = None if h_0 is None else h_0[layer]
        if start is None:
            start = (jnp.zeros((x.shape[1], weights[1].shape[1])),) * n_states
        start = start if isinstance(start, tuple) else (start,)
        signal = jax.lax.scan(step, start, signal)[1]
        hidden.append(signal)
    return hidden, signal @ W_yh.T + b_y


def cost(loss_name, y, mask, y_hat):
    """The mean over the scored steps, from the definitions with logsumexp and logaddexp."""
    if loss_name == "squared_error":
        each = 0.5 * jnp.sum((y_hat - y) ** 2, axis=-1)
    elif loss_name == "softmax_cross_entropy":
        picked = jnp.sum(y_hat * jax.nn.one_hot(y, y_hat.shape[-1]), axis=-1)
        each = jax.scipy.special.logsumexp(y_hat, axis=-1) - picked
    else:
        log_p, log_q = -jnp.logaddexp(0, -y_hat), -jnp.logaddexp(0, y_hat)
        each = -jnp.sum(y * log_p + (1 - y) * log_q, axis=-1)
    mask = jnp.ones(each.shape) if mask is None else jnp.asarray(mask, float)
    return jnp.sum(mask * each) / jnp.sum(mask)


def named(theta, like):
    """The named arrays of a vector, by a loop of our own."""
    parts = []
    for p in like:
        arrays = []
        for a in p:
            arrays.append(theta[: a.size].reshape(a.shape))
            theta = theta[a.size :]
        parts.append(type(p)(*arrays))
    return tuple(parts)


def plain(params):
    """Parameters as nested tuples of arrays, which know nothing of ours."""
    return tuple(tuple(p) for p in params)


def flat(tree):
    """All numbers of nested arrays in one vector."""
    return np.concatenate([np.ravel(a) for a in jax.tree.leaves(tree)])


@pytest.mark.parametrize("cell", cells.RECURRENT, ids=cells.name)
def test_each_cell_stands_here_once_more(cell):
    assert cell.__name__ in CELLS, f"write a step of {cell.__name__} in jax.numpy, and join it here"


@functools.partial(jax.jit, static_argnames=("names", "loss_name"))
def everything(names, loss_name, data, params, v, u, u_hidden):
    """All that is compared, compiled at once."""
    x, y, mask, h_0 = data

    def run(p):
        return outputs(names, p, x, h_0)

    def cost_of(y_hat):
        return cost(loss_name, y, mask, y_hat)

    (hidden, y_hat), pullback = jax.vjp(run, params)
    R_hidden, R_y_hat = jax.jvp(run, (params,), (v,))[1]
    value, slope = jax.value_and_grad(cost_of)(y_hat)
    H_R = jax.jvp(jax.grad(cost_of), (y_hat,), (R_y_hat,))[1]
    nothing = [jnp.zeros_like(h) for h in hidden]
    return {
        "y_hat": y_hat,
        "value": value,
        "gradient": pullback((nothing, slope))[0],
        "J v": (*R_hidden, R_y_hat),
        "J' u": pullback((u_hidden, u))[0],
        "H R": H_R,
        "J' H J v": pullback((nothing, H_R))[0],
    }


@pytest.mark.parametrize("seed", few_seeds())
def test_jax_agrees(seed):
    c = draw(seed, max_steps=8)
    rng = np.random.default_rng(seed)
    v = rng.normal(size=c.theta.shape)
    y_hat, tapes = c.forward()
    u, u_hidden = rng.normal(size=y_hat.shape), [rng.normal(size=t.h.shape) for t in tapes[:-1]]
    value, gradient = c.objective.value_and_gradient(c.theta)
    R = c.network.r_forward(c.params, tapes, named(v, c.params))
    ours = {
        "y_hat": y_hat,
        "value": value,
        "gradient": gradient,
        "J v": R,
        "J' u": ravel(c.network.backward(c.params, tapes, u, u_hidden)[0]),
        "H R": c.loss.hvp(y_hat, c.y, c.mask, R[-1]),
        "J' H J v": c.objective.gauss_newton(c.theta)(v),
    }
    data = (c.x, c.y, c.mask, c.h_0)
    names = tuple(cell.__name__ for cell in c.network.cells[:-1])
    points = plain(c.params), plain(named(v, c.params))
    theirs = everything(names, c.loss_name, data, *points, u, u_hidden)
    for name, expected in theirs.items():
        assert relative_error(flat(ours[name]), flat(expected)) < 1e-9, name
