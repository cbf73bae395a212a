"""What Equinox means."""

import equinox as eqx
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

seen = of("Equinox")
KEY = jax.random.PRNGKey(0)


def zero(cell, **values):
    cell = jax.tree.map(lambda a: 0 * a if eqx.is_array(a) else a, cell)
    for name, value in values.items():
        cell = eqx.tree_at(lambda c, name=name: getattr(c, name), cell, jnp.array(value, float))
    return cell


def lstm_step(biases, c=2.0):
    cell = zero(eqx.nn.LSTMCell(1, 1, key=KEY), bias=biases)
    h, c = cell(jnp.zeros(1), (jnp.zeros(1), jnp.full(1, c)))
    return h.item(), c.item()


def gru_step(biases):
    return zero(eqx.nn.GRUCell(1, 1, key=KEY), bias=biases)(jnp.zeros(1), jnp.full(1, 2.0)).item()


gates_and_sense(seen, lstm_step, gru_step)


@seen
def gru_reset():
    W_h = np.zeros((6, 2))
    W_h[4:] = [[0, 1], [1, 0]]
    cell = zero(eqx.nn.GRUCell(1, 2, key=KEY), weight_hh=W_h, bias=[-20, 20, -20, -20, 0, 0])
    return reset_place(lambda: cell(jnp.zeros(1), jnp.array([1.0, 0.0])))


@seen
def biases():
    lstm, gru = eqx.nn.LSTMCell(3, 5, key=KEY), eqx.nn.GRUCell(3, 5, key=KEY)
    return "no cell, " + short(lstm.bias.size, gru.bias.size + gru.bias_n.size)


@seen
def forget_in_forward():
    return short(lstm_step([0.0] * 4, 1.0)[1])


@seen
def forget_start():
    return f"{abs(eqx.nn.LSTMCell(3, 400, key=KEY).bias[400:800].mean()):.1f}"


@seen
def recurrent_start():
    return orthogonality(np.asarray(eqx.nn.LSTMCell(3, 50, key=KEY).weight_hh), 4)


@seen
def candidate_radius():
    return radius(eqx.nn.LSTMCell(3, 400, key=KEY).weight_hh[800:1200])


@seen
def dense_start():
    return short(eqx.nn.Linear(400, 400, key=KEY).weight.std() * 20, digits=1)


@seen
def dense_bias_start():
    return "drawn" if eqx.nn.Linear(4, 4, key=KEY).bias.any() else "zero"


@seen
def double_asked():
    return str(eqx.nn.Linear(3, 5, dtype=jnp.float64, key=KEY)(np.zeros(3)).dtype)


@seen
def layer_norm():
    return f"{eqx.nn.LayerNorm(3).eps:g}"
