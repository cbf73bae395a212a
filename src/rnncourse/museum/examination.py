"""What notices a mistake: six checks; and what training makes of it.

A check of the gradient compares the backward pass with the forward pass of the same cell. Whether
that forward pass is the right one, only a second forward pass can tell.
"""

from itertools import islice, repeat

import numpy as np

from rnncourse import checks, linear, losses, optimizers
from rnncourse.inputs import integer
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel

CHECKS = {  # heading in the table, of two lines: what is checked
    "forward/pass": "the states, against those of the right cell",
    "one step/fresh": "the gradient for T = 1, with biases as they start and states of zero",
    "one step/random": "the gradient for T = 1, with random biases and initial states",
    "sequence/fresh": "the gradient for T = 6, with biases as they start and states of zero",
    "sequence/random": "the gradient for T = 6, with random biases and initial states",
    "its own/adjoint": "the adjoint test of backward against the cell's own r_forward",
}


def examine(cell, like, seed=0):
    """Return for each of `CHECKS` whether it notices that the cell is wrong.

    Gradients are those of a small random regression, checked with `checks.check_gradient`.

    Args:
        cell: the module to examine.
        like: the right cell, `rnn`, `lstm` or `gru`, for the check of the forward pass.
        seed: of the random weights and data.
    """
    rng = np.random.default_rng(seed)
    noticed = {}
    for steps, T in (("one step", 1), ("sequence", 6)):
        for start in ("fresh", "random"):
            objective, theta = _regression(cell, T, start == "random", rng)
            try:
                checks.check_gradient(objective, theta, rng)
                noticed[f"{steps}/{start}"] = False
            except (AssertionError, ValueError):  # ValueError: a cost or a state is not finite
                noticed[f"{steps}/{start}"] = True
    # the last objective: a sequence, with random biases and states
    params, x, h_0 = unravel(theta, objective.network.zeros())[0], objective.x, objective.h_0[0]
    h, tape = cell.forward(params, x, h_0)
    error = checks.relative_error(h, like.forward(params, x, h_0)[0])
    mismatch = checks.adjoint(
        lambda v: cell.r_forward(params, tape, unravel(v, params)),
        lambda e: ravel(cell.backward(params, tape, e)[0]),
        rng.normal(size=ravel(params).size),
        rng.normal(size=h.shape),
    )
    noticed |= {
        "forward/pass": not error <= 1e-12,
        "its own/adjoint": not mismatch <= 1e-12,
    }
    return {check: noticed[check] for check in CHECKS}


def _regression(cell, T, random_start, rng, B=3, D=2, H=4):
    """Return an `Objective` on random data, and a point."""
    network = Network((cell, linear), (D, H, 1))
    x, y = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, 1))
    theta, h_0 = ravel(network.init(rng)), None
    if random_start:
        theta = theta + 0.5 * rng.normal(size=theta.size)
        h, c = rng.normal(size=(2, B, H))
        h_0 = ((h, c) if "c" in cell.Tape._fields else h, None)
    return Objective(network, losses.squared_error, x, y, None, h_0), theta


def examined(exhibits):
    """Return the table of exhibits (rows) and checks (columns) as text."""
    heads = zip(*(check.split("/") for check in CHECKS), strict=True)
    lines = [" " * 30 + "".join(f"{part:>10s}" for part in head) for head in heads]
    for exhibit in exhibits:
        noticed = examine(exhibit.cell(), exhibit.original).values()
        marks = ("caught" if caught else "passes" for caught in noticed)
        lines.append(f"{exhibit.name:30s}" + "".join(f"{mark:>10s}" for mark in marks))
    return "\n".join(lines)


def learn_echo(cell, seed, n_steps=200):
    """Train the cell to repeat its input three steps later, with Adam, from a random start.

    Args:
        cell: a module like `rnn`.
        seed: of the data and the starting weights.
        n_steps: number of updates.

    Returns:
        The lowest cost on the way and the last one, both over the cost of answering zero.

    Raises:
        ValueError: if n_steps is not an integer from 1.
    """
    integer("n_steps", n_steps, 1)
    rng = np.random.default_rng(seed)
    network = Network((cell, linear), (1, 16, 1))
    x = rng.normal(size=(20, 30, 1))
    y = np.concatenate([np.zeros((3, 30, 1)), x[:-3]])
    objective = Objective(network, losses.squared_error, x, y)
    steps = optimizers.adam(repeat(objective), ravel(network.init(rng)), 1e-2, max_norm=1.0)
    costs = [step.value for step in islice(steps, n_steps)]
    zero = losses.squared_error.value(np.zeros_like(y), y)
    return min(costs) / zero, costs[-1] / zero
