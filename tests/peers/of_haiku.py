"""What Haiku means."""

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from observe import (
    gates_and_sense,
    of,
    orthogonality,
    radius,
    reset_place,
    short,
)  # fmt: skip

seen = of("Haiku")
KEY = jax.random.PRNGKey(0)


def cell(kind, H, D=1):
    """The step of a cell, a function of (parameters, x, state), and fresh parameters."""
    step = hk.without_apply_rng(hk.transform(lambda x, state: getattr(hk, kind)(H)(x, state)))
    start = hk.LSTMState(*jnp.zeros((2, 1, H))) if kind == "LSTM" else jnp.zeros((1, H))
    return step.apply, step.init(KEY, jnp.zeros((1, D)), start)


def zero(params, bias):
    return jax.tree.map(lambda a: jnp.array(bias, float) if a.ndim == 1 else 0 * a, params)


def lstm_step(biases, c=2.0):
    step, params = cell("LSTM", 1)
    state = hk.LSTMState(jnp.zeros((1, 1)), jnp.full((1, 1), c))
    state = step(zero(params, biases), jnp.zeros((1, 1)), state)[1]
    return state.hidden.item(), state.cell.item()


def gru_step(biases):
    step, params = cell("GRU", 1)
    return step(zero(params, biases), jnp.zeros((1, 1)), jnp.full((1, 1), 2.0))[1].item()


gates_and_sense(seen, lstm_step, gru_step)


@seen
def gru_reset():
    step, params = cell("GRU", 2)
    params = zero(params, [20, 20, -20, 20, 0, 0])  # z, r, a; 1 replaces
    (inner,) = params.values()
    W_h = np.zeros((2, 6))
    W_h[:, 4:] = [[0, 1], [1, 0]]
    inner = {**inner, "w_h": jnp.array(W_h)}
    h = jnp.array([[1.0, 0.0]])
    return reset_place(lambda: step(dict.fromkeys(params, inner), jnp.zeros((1, 1)), h)[1][0])


@seen
def biases():
    counts = []
    for kind in ("VanillaRNN", "LSTM", "GRU"):
        leaves = jax.tree.leaves(cell(kind, 5, 3)[1])
        counts.append(sum(a.size for a in leaves if a.ndim == 1))
    return short(*counts)


@seen
def forget_in_forward():
    return short(lstm_step([0.0] * 4, 1.0)[1])


def fresh(kind, H):
    """The recurrent weights as they are drawn, one unit a row; and the biases."""
    leaves = jax.tree.leaves(cell(kind, H, 3)[1])
    (b,) = (a for a in leaves if a.ndim == 1)
    (W,) = (a for a in leaves if a.ndim == 2)
    return np.asarray(W)[3:].T, b


@seen
def forget_start():
    return f"{fresh('LSTM', 400)[1][800:1200].mean():.1f}"


@seen
def recurrent_start():
    return orthogonality(fresh("LSTM", 50)[0], 4)


@seen
def candidate_radius():
    return radius(fresh("LSTM", 400)[0][400:800])


@seen
def dense_start():
    linear = hk.transform(lambda x: hk.Linear(400)(x))
    (values,) = linear.init(KEY, jnp.zeros((1, 400))).values()
    return short(values["w"].std() * 20, digits=1)


@seen
def dense_bias_start():
    linear = hk.transform(lambda x: hk.Linear(4)(x))
    (values,) = linear.init(KEY, jnp.zeros((1, 4))).values()
    return "drawn" if values["b"].any() else "zero"
