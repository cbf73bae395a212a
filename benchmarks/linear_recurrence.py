"""Time forward and backward of the linear recurrent unit beside JAX's parallel scan and its loop.

Both of JAX's are the same layer with the same weights, compiled: the states by
`jax.lax.associative_scan`, or one after the other by `jax.lax.scan`. Before anything is timed, all
three must give the same states and the same gradients. One thread, processor time, in turn.

    python benchmarks/linear_recurrence.py
    python benchmarks/linear_recurrence.py --rounds 9 --steps 1000
"""

import argparse
from functools import partial

from training_step import conditions, in_turn  # sets one thread: first

# isort: split
import jax
import numpy as np
from jax import numpy as jnp

from rnncourse import lru

B, D, H = 8, 16, 64
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--steps", type=int, default=10_000)
parser.add_argument("--rounds", type=int, default=7)


def in_parallel(p, b):
    """Return all states by a scan over pairs (a, b)."""

    def then(first, second):
        return second[0] * first[0], second[0] * first[1] + second[1]

    return jax.lax.associative_scan(then, (jnp.broadcast_to(p, b.shape), b))[1]


def one_by_one(p, b):
    """Return all states by a loop."""

    def step(m, b_t):
        m = p * m + b_t
        return m, m

    return jax.lax.scan(step, jnp.zeros_like(b[0]), b)[1]


def layer_of(states):
    """Return the compiled function (params, x, e) -> h and the derivatives by params and x."""

    def layer(params, x):
        p = jnp.exp(-jnp.exp(params.log_rate) + 1j * jnp.exp(params.log_omega))
        w = params.W_hx[::2] + 1j * params.W_hx[1::2]
        m = states(p, jnp.exp(params.log_gain) * (x @ w.T))
        return jnp.stack([m.real, m.imag], axis=-1).reshape(*x.shape[:2], -1)

    def both(params, x, e):
        h, pullback = jax.vjp(layer, params, x)
        return h, pullback(e)

    return jax.jit(both)


def ours(params, x, e):
    """Return what the layers of JAX return."""
    h, tape = lru.forward(params, x)
    gradient, d_x, _ = lru.backward(params, tape, e)
    return h, (gradient, d_x)


def compare(dtype, tolerance, n_steps, rounds):
    """Check that all three agree in a precision, time them, and write the ratios."""
    rng = np.random.default_rng(0)
    params = lru.init(rng, D, H, dtype=dtype)
    x, e = (rng.normal(size=(n_steps, B, n)).astype(dtype) for n in (D, H))
    steps = [partial(ours, params, x, e)]
    for states in (in_parallel, one_by_one):
        layer = layer_of(states)
        steps.append(lambda layer=layer: jax.block_until_ready(layer(params, x, e)))
    expected = jax.tree.leaves(steps[0]())
    for step in steps[1:]:
        for a, b in zip(jax.tree.leaves(step()), expected, strict=True):
            assert np.abs(a - b).max() <= tolerance * np.abs(b).max()
    seconds = in_turn(steps, rounds)
    for k, name in enumerate(("associative_scan", "scan"), start=1):
        ratio = seconds[:, k] / seconds[:, 0]
        print(
            f"{np.dtype(dtype)} {name:16s} over ours: {np.median(ratio):.2f} "
            f"({ratio.min():.2f} to {ratio.max():.2f}); ours "
            f"{1000 * np.median(seconds[:, 0]):.0f} ms"
        )


def main():
    """Compare in both precisions."""
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    print(f"{conditions()}; jax {jax.__version__}; T, B, D, H = {options.steps}, {B}, {D}, {H}")
    for dtype, tolerance in ((np.float64, 1e-9), (np.float32, 1e-3)):
        compare(dtype, tolerance, options.steps, options.rounds)


if __name__ == "__main__":
    main()
