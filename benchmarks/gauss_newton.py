"""Time a product with the Gauss-Newton matrix beside PyTorch and JAX, on one thread of the CPU.

The net is one layer of a cell with a linear readout to one output, the loss half the mean squared
error at every step. At one place theta we want J^T H J v for many v, as conjugate gradients do.

    python benchmarks/gauss_newton.py
    python benchmarks/gauss_newton.py --cell lstm --rounds 5 --sizes 50,16,1,32

    ours                    Objective.gauss_newton: the states are computed once and kept
    torch.func jvp + vjp    the forward pass is done anew in each jvp; the vjp keeps its states
    torch.func linearize    both halves keep their states
    jax jvp + vjp           compiled as one function of theta and v
    jax linearize           linearized and transposed once, then compiled: the states are kept

All get the same weights and data, and before anything is timed all must give the same product. All
are timed in turn, round after round, and a ratio is taken within each round. Above 1, ours is
faster.
"""

import importlib
import sys

from training_step import (  # sets one thread: first
    K,
    begin,
    equations,
    in_turn,
    jax_equations,
    print_head,
    print_line,
)

# isort: split
import numpy as np

from rnncourse import linear, losses
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import leaves, ravel, unravel

SIZES = ((100, 200, 2, 100), (100, 20, 2, 100), (50, 16, 1, 32))


def ours(name, params, x, y):
    """Return the function v -> G v; v and the product are lists of arrays."""
    cell = importlib.import_module(f"rnncourse.{name}")
    network = Network((cell, linear), (x.shape[2], params[0][1].shape[1], K))
    product = Objective(network, losses.squared_error, x, y).gauss_newton(ravel(params))
    return lambda v: leaves(unravel(product(ravel(tuple(v))), params))


def torchs(torch, name, params, x, y, keep=False):
    """Return the same by torch.func; with `keep`, linearized once."""
    cell = equations(torch.tanh, torch.sigmoid, lambda z, n: z.chunk(n, dim=1))[name]
    x = torch.from_numpy(x)
    weights = tuple(torch.from_numpy(a) for a in leaves(params))
    M = x.shape[0] * x.shape[1]

    def outputs(*weights):
        *p, W_yh, b_y = weights
        states = (torch.zeros(x.shape[1], W_yh.shape[1], dtype=x.dtype),) * (1 + (name == "lstm"))
        h = []
        for z_t in x @ p[0].T + p[2]:
            states = cell(p, states, z_t)
            h.append(states[0])
        return torch.stack(h) @ W_yh.T + b_y

    pull_back = torch.func.vjp(outputs, *weights)[1]
    push = torch.func.linearize(outputs, *weights)[1] if keep else None

    def product(v):
        v = tuple(torch.from_numpy(a) for a in v)
        R = push(*v) if keep else torch.func.jvp(outputs, weights, v)[1]
        return [a.numpy() for a in pull_back(R / M)]

    return product


def jaxs(jax, name, params, x, y, keep=False):
    """Return the same by JAX, compiled; with `keep`, linearized once."""
    jnp, cell, M = jax.numpy, jax_equations(jax)[name], x.shape[0] * x.shape[1]
    x = jax.device_put(x)
    weights = tuple(jax.device_put(a) for a in leaves(params))

    def outputs(*weights):
        *p, W_yh, b_y = weights

        def step(states, z_t):
            states = cell(p, states, z_t)
            return states, states[0]

        zeros = (jnp.zeros((x.shape[1], W_yh.shape[1]), x.dtype),) * (1 + (name == "lstm"))
        h = jax.lax.scan(step, zeros, x @ p[0].T + p[2])[1]
        return h @ W_yh.T + b_y

    if keep:
        push = jax.linearize(outputs, *weights)[1]
        pull_back = jax.linear_transpose(push, *weights)
        compiled = jax.jit(lambda *v: pull_back(push(*v) / M))
        return lambda v: jax.block_until_ready(compiled(*v))

    @jax.jit
    def both(weights, v):
        R = jax.jvp(outputs, weights, v)[1]
        return jax.vjp(outputs, *weights)[1](R / M)

    return lambda v: jax.block_until_ready(both(weights, tuple(v)))


def contenders(torch, jax, name):
    """Return the functions (params, x, y) -> product of all, by the name that the table shows."""
    found = {"ours": lambda *data: ours(name, *data)}
    found["torch.func jvp + vjp"] = lambda *data: torchs(torch, name, *data)
    found["torch.func linearize"] = lambda *data: torchs(torch, name, *data, keep=True)
    if jax is not None:
        found["jax jvp + vjp"] = lambda *data: jaxs(jax, name, *data)
        found["jax linearize"] = lambda *data: jaxs(jax, name, *data, keep=True)
    return found


def compare(makers, name, size, dtype, rounds):
    """Return the seconds of a product, (rounds, contenders), all in turn."""
    T, B, D, H = size
    rng = np.random.default_rng(0)
    cell = importlib.import_module(f"rnncourse.{name}")
    params = Network((cell, linear), (D, H, K)).init(rng, dtype)
    for bias in (a for a in leaves(params) if a.ndim == 1):
        bias += 0.1 * rng.normal(size=bias.shape).astype(dtype)
    x, y = rng.normal(size=(T, B, D)).astype(dtype), rng.normal(size=(T, B, K)).astype(dtype)
    v = [rng.normal(size=a.shape).astype(dtype) for a in leaves(params)]
    products = {who: make(params, x, y) for who, make in makers.items()}
    expected = np.concatenate([a.ravel() for a in products["ours"](v)])
    tolerance = 1e-9 if dtype == np.float64 else 1e-4
    for who, product in products.items():
        found = np.concatenate([np.ravel(a) for a in product(v)])
        error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
        assert error < tolerance, f"products of {who} differ by {error:.1e}, relative"
    return in_turn([lambda product=product: product(v) for product in products.values()], rounds)


def main(arguments=None):
    """Print a table with a line for each size and precision."""
    options, torch, jax = begin(__doc__.split("\n")[0], SIZES, arguments)
    makers = contenders(torch, jax, options.cell)
    print_head(makers)
    for dtype in (np.float32, np.float64):
        for size in options.sizes:
            print_line(size, dtype, compare(makers, options.cell, size, dtype, options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
