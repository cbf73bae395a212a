"""What Flax (nnx) means."""

import jax.numpy as jnp
import numpy as np
from flax import nnx
from observe import (
    gates_and_sense,
    of,
    orthogonality,
    radius,
    reset_place,
    short,
)  # fmt: skip

seen = of("Flax")
RNGS = nnx.Rngs(0)


def zero(cell):
    for dense in (cell.dense_i, cell.dense_h):
        dense.kernel[...] = 0 * dense.kernel[...]
    return cell


def lstm_step(biases, c=2.0):
    cell = zero(nnx.OptimizedLSTMCell(1, 1, rngs=RNGS))
    cell.dense_h.bias[...] = jnp.array(biases)
    (c, h), _ = cell((jnp.full((1, 1), c), jnp.zeros((1, 1))), jnp.zeros((1, 1)))
    return h.item(), c.item()


def gru_step(biases):
    cell = zero(nnx.GRUCell(1, 1, rngs=RNGS))
    cell.dense_i.bias[...] = jnp.array(biases)
    return cell(jnp.full((1, 1), 2.0), jnp.zeros((1, 1)))[0].item()


def counter(**options):
    cell = nnx.SimpleCell(1, 1, activation_fn=lambda z: z, rngs=RNGS)
    for dense in (cell.dense_i, cell.dense_h):
        dense.kernel[...] = jnp.ones((1, 1))
    return nnx.RNN(cell, return_carry=True, rngs=RNGS, **options)


def series(*numbers):
    return jnp.tile(jnp.array(numbers, float).reshape(1, -1, 1), (3, 1, 1))


gates_and_sense(seen, lstm_step, gru_step)


@seen
def gru_reset():
    cell = zero(nnx.GRUCell(1, 2, rngs=RNGS))
    W_h = np.zeros((2, 6), np.float32)
    W_h[:, 4:] = [[0, 1], [1, 0]]
    cell.dense_h.kernel[...] = jnp.array(W_h)
    cell.dense_i.bias[...] = jnp.array([-20.0, 20.0, -20.0, -20.0, 0, 0])
    return reset_place(lambda: cell(jnp.array([[1.0, 0.0]]), jnp.zeros((1, 1)))[0][0])


@seen
def biases():
    cells = nnx.SimpleCell, nnx.OptimizedLSTMCell, nnx.GRUCell
    counts = []
    for cell in (kind(3, 5, rngs=RNGS) for kind in cells):
        each = (dense.bias for dense in (cell.dense_i, cell.dense_h))
        counts.append(sum(b[...].size for b in each if b is not None and b[...] is not None))
    return short(*counts)


@seen
def forget_in_forward():
    return short(lstm_step([0.0] * 4, 1.0)[1])


@seen
def forget_start():
    bias = nnx.OptimizedLSTMCell(3, 400, rngs=RNGS).dense_h.bias[...]
    return f"{bias[400:800].mean():.1f}"


def recurrent(kind, H):
    return np.asarray(getattr(nnx, kind)(3, H, rngs=RNGS).dense_h.kernel[...]).T


@seen
def recurrent_start():
    return orthogonality(recurrent("OptimizedLSTMCell", 50), 4)


@seen
def plain_radius():
    return radius(recurrent("SimpleCell", 400))


@seen
def candidate_radius():
    return radius(recurrent("OptimizedLSTMCell", 400)[800:1200])


@seen
def dense_start():
    return short(nnx.Linear(400, 400, rngs=RNGS).kernel[...].std() * 20, digits=1)


@seen
def dense_bias_start():
    return "drawn" if nnx.Linear(4, 4, rngs=RNGS).bias[...].any() else "zero"


@seen
def first_axis():
    x = jnp.zeros((3, 2, 1)).at[0].set(1)
    moved = np.asarray(counter()(x)[1] != 0).any((1, 2))
    return "time" if moved.all() else "batch"


@seen
def returns():
    return "all steps" if counter()(series(1, 1, 1))[1].shape == (3, 3, 1) else "the last step"


LENGTHS = jnp.array([4, 2, 0])


@seen
def behind_the_end():
    return short(*counter()(series(1, 1, 1, 1), seq_lengths=LENGTHS)[1][1])


@seen
def last_state():
    return short(counter()(series(1, 1, 1, 1), seq_lengths=LENGTHS)[0][1])


@seen
def empty_sequence():
    carry = counter()(series(1, 1, 1, 1), seq_lengths=LENGTHS, initial_carry=jnp.full((3, 1), 7.0))
    return short(carry[0][2])


@seen
def backward_lengths():
    layer = counter(reverse=True, keep_order=True)
    return short(*layer(series(1, 10, 100, 1000), seq_lengths=LENGTHS)[1][1], digits=4)


@seen
def backward_order():
    return short(*counter(reverse=True)(series(1, 10, 100))[1][0])


@seen
def second_call():
    layer = counter()
    layer(series(1, 1, 1))
    return short(*layer(series(1, 1, 1))[1][0])


@seen
def double_asked():
    layer = nnx.Linear(3, 5, param_dtype=jnp.float64, rngs=RNGS)
    return str(layer(np.zeros((2, 3))).dtype)


@seen
def batch_norm():
    layer = nnx.BatchNorm(1, rngs=RNGS)
    layer(jnp.ones((4, 1)))
    return short(layer.mean[...])


@seen
def layer_norm():
    return f"{nnx.LayerNorm(3, rngs=RNGS).epsilon:g}"


@seen
def gelu():
    return short(nnx.gelu(1.0), digits=5)


@seen
def hard_sigmoid():
    return short(nnx.hard_sigmoid(1.0))
