"""What JAX and Optax mean."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from observe import of, short

seen = of("JAX, Optax")


def optimized(optimizer, gradient, steps=1, start=1.0):
    w = jnp.array([start])
    state = optimizer.init(w)
    for _ in range(steps):
        g = jnp.array([gradient(w[0]) if callable(gradient) else gradient])
        update, state = optimizer.update(g, state, w)
        w = optax.apply_updates(w, update)
    return w[0]


@seen
def complex_gradient():
    g = jax.grad(lambda z: 2 * z.real + 3 * z.imag)(1 + 1j)
    return f"{g.real:g}{g.imag:+g}j"


@seen
def nesterov():
    return short(optimized(optax.sgd(0.1, 0.9, nesterov=True), lambda w: w))


@seen
def rate_in_velocity():
    rate = optax.piecewise_constant_schedule(0.1, {1: 0.0})
    return short(optimized(optax.sgd(rate, 0.9), 1.0, 2, 0.0))


def clipped(*gradient):
    with jax.enable_x64(True):
        g = jnp.array(gradient, float)
        return np.asarray(optax.clip_by_global_norm(5.0).update(g, optax.EmptyState())[0])


@seen
def clip_at_the_limit():
    off = clipped(3.0, 4.0)[0] - 3
    return f"{off:.0e}" if off else "0"


@seen
def clip_infinite():
    return short(*clipped(np.inf, 1.0))


@seen
def adam_epsilon():
    return short(-optimized(optax.adam(1.0, eps=1e-8), 1e-8, start=0.0))


@seen
def adam_decay():
    return short(optimized(optax.adamw(0.1, weight_decay=0.1), 0.0))


@seen
def rmsprop():
    return short(-optimized(optax.rmsprop(1.0, decay=0.99, eps=1e-8), 1e-8, start=0.0))


@seen
def l2():
    return short(1 - optimized(optax.chain(optax.add_decayed_weights(0.1), optax.sgd(1.0)), 0.0))


@seen
def two_backward_passes():
    g = [jax.grad(lambda w: 3 * w)(1.0) for _ in range(2)]
    return short(g[-1])


@seen
def squared_error():
    three, one = jnp.array([3.0]), jnp.array([1.0])
    losses = optax.squared_error(three, one), optax.l2_loss(three, one)
    return short(losses[0]) + "; l2_loss " + short(losses[1])


@seen
def cross_entropy():
    loss = optax.softmax_cross_entropy_with_integer_labels
    return short(loss(jnp.array([[2.0, 0.0]]), jnp.array([0])))


@seen
def double_asked():
    return str(jnp.asarray(np.zeros(2)).dtype)


@seen
def double_scalar():
    return str((np.float64(2) * jnp.ones(1)).dtype)


@seen
def gradient_of_each():
    def loss(W, x):
        return jax.lax.scan(lambda h, x_t: (jnp.tanh(W @ h + x_t),) * 2, jnp.zeros(5), x)[1].sum()

    each = jax.vmap(jax.grad(loss), in_axes=(None, 1))
    return f"{len(each(jnp.eye(5), jnp.ones((6, 4, 5))))} gradients"


@seen
def forward_derivative():
    def cost(W):
        return jax.lax.scan(lambda h, x: (jnp.tanh(W @ h + x),) * 2, jnp.zeros(5), x)[1].sum()

    x, W = jnp.ones((6, 5)), jnp.eye(5)
    return "runs" if jax.jvp(cost, (W,), (W,))[1].shape == () else "another shape"


@seen
def standard_deviation():
    return short(jnp.array([0.0, 2.0]).std())


@seen
def gelu():
    return short(jax.nn.gelu(1.0), digits=5)


@seen
def hard_sigmoid():
    return short(jax.nn.hard_sigmoid(1.0))


@seen
def norm_at_zero():
    return short(*jax.grad(jnp.linalg.norm)(jnp.zeros(2)))


@seen
def maximum_at_zero():
    return short(jax.grad(lambda x: jnp.maximum(x, 0.0))(0.0))
