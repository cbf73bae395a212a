"""One trial: its start, its sequences, its steps, and the tests on the way."""

import contextlib
import time

import numpy as np

from rnncourse import initializers, linear, rnn, tasks
from rnncourse.experiments.answers import right
from rnncourse.experiments.hessian_free.few import FewScored
from rnncourse.experiments.hessian_free.rows import CONNECTIONS, FIRST_ORDER, ROWS, TASKS
from rnncourse.hessian_free import OutOfRange, hessian_free
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel


def run_group(name, seed, trials, deadline=np.inf):
    """Train the trials of one row until each is solved or has had its steps; see `runner`.

    Returns:
        An iterator with one dictionary a trial: trial, outcome ("solved", "capped", or "out of
        range" where the curvature left the range of the numbers before), updates, cg_steps
        (products in all), wrong (share of the test sequences at the end), value (the cost of the
        last step), damping (of the last step), seconds (of the processor).
    """
    for trial in trials:
        rng = np.random.default_rng([seed, *name.encode(), trial])
        result = train(ROWS[name], rng, deadline)
        if result is not None:
            yield {"trial": trial, **result}


def train(row, rng, deadline=np.inf):
    """Train one net; return what a trial records, or None when the deadline has passed."""
    _, loss, (D, H, K) = TASKS[row.task]
    network = Network((rnn, linear), (D + row.first_state, H, K))
    theta = start(rng, network.sizes, row.scale_in, row.first_state)
    test = draw(row, rng, row.tested)
    theta = theta.astype(row.dtype)
    began, products, dampings, shares = time.process_time(), [], [], []
    for n, step in enumerate(within_range(steps(row, network, loss, rng, theta)), 1):
        products.append(getattr(step, "cg_steps", 0))
        dampings.append(rounded(getattr(step, "damping", 0), 2))
        if n % row.every == 0 or n == row.cap:
            paused = time.process_time()
            shares.append(wrong(network, step.theta, test))
            began += time.process_time() - paused
            if shares[-1] < 0.01:
                break
        if time.time() > deadline:
            return None
    else:
        if n < row.cap:
            shares.append(wrong(network, step.theta, test))
    seconds = time.process_time() - began
    along = {"products": products, "dampings": dampings, "shares": [round(s, 4) for s in shares]}
    return {
        "outcome": outcome(shares[-1], n < row.cap),
        "updates": n,
        "cg_steps": sum(products),
        "wrong": round(shares[-1], 4),
        "value": rounded(step.value, 3),
        "damping": rounded(getattr(step, "damping", 0), 3),
        "seconds": round(seconds, 1),
        **(along if row.optimizer == "Hessian-free" else {}),
    }


def within_range(steps):
    """Yield the steps up to one for which the curvature leaves the range of the numbers."""
    with contextlib.suppress(OutOfRange):
        yield from steps


def outcome(share, ended):
    """Return what a trial came to, with its share of wrong sequences, and if it ended early."""
    if share < 0.01:
        return "solved"
    return "out of range" if ended else "capped"


def rounded(number, digits):
    """Return a number with so many digits that count."""
    return float(f"{number:.{digits}g}")


def steps(row, network, loss, rng, theta):
    """Return the iterator of the steps of the row's optimizer, each on fresh sequences."""
    batches = (draw(row, rng, row.gradient) for _ in range(row.cap))
    if row.optimizer in FIRST_ORDER:
        optimizer, settings = FIRST_ORDER[row.optimizer]
        return optimizer(
            (Objective(network, loss, *b) for b in batches), theta, max_norm=1.0, **settings
        )
    pairs = (pair(network, loss, batch, row.curvature) for batch in batches)
    options = {
        "structural": row.structural,
        "max_cg_steps": row.products,
        "tolerance": 5e-4 if row.rule else None,
    }
    if row.held:
        return held(pairs, theta, row.damping, options)
    return hessian_free(pairs, theta, row.damping, **options)


def held(pairs, theta, damping, options):
    """Yield the steps of Hessian-free with the damping of the first: no ratio moves it."""
    step = theta
    for item in pairs:
        (step,) = hessian_free([item], step, damping, **options)
        yield step
        step = step._replace(ratio=0.5)


def start(rng, sizes, scale_in, first_state=False):
    """Draw the parameters at the start, as a float32 vector; the last input may be `draw`'s."""
    D, H, K = sizes

    def sparse(rng, n_out, n_in):
        return initializers.sparse(rng, n_out, n_in, CONNECTIONS, CONNECTIONS**-0.5)

    def dense(rng, n_out, n_in):
        W = initializers.gaussian(rng, n_out, n_in, scale_in)
        if first_state:
            W[:, -1] *= CONNECTIONS**-0.5 / scale_in
        return W

    cell = rnn.init(rng, D, H, init_hx=dense, init_hh=sparse, dtype=np.float32)
    return ravel((cell, linear.init(rng, H, K, init_yh=sparse, dtype=np.float32)))


def draw(row, rng, batch):
    """Draw a batch of the row's task in its dtype; of memorization, all words once.

    To learn the first state, too, a step is put in front, with one in an input of its own: tanh of
    the weights of that input is the state with which the sequence begins.
    """
    x, y, mask = TASKS[row.task][0](rng, row.length, 1000 if row.task == "memorization" else batch)
    if row.task == "memorization":
        words = np.unique(y[mask.any(axis=1)], axis=1, return_index=True)[1]
        x, y, mask = x[:, words], y[:, words], mask[:, words]
    if row.first_state:
        x, mask = np.pad(x, ((1, 0), (0, 0), (0, 1))), np.pad(mask, ((1, 0), (0, 0)))
        y = np.concatenate((y[:1], y))  # no matter what: the step is not scored
        x[0, :, -1] = 1
    y = y if y.dtype.kind == "i" else y.astype(row.dtype)
    return tasks.Batch(x.astype(row.dtype), y, mask)


def pair(network, loss, batch, curvature):
    """Return the objective of a batch, and that of its first sequences for the curvature."""
    if curvature >= batch.x.shape[1]:
        return FewScored(network, loss, *batch)
    first = (array[:, :curvature] for array in batch)
    return Objective(network, loss, *batch), FewScored(network, loss, *first)


def wrong(network, theta, test):
    """Return the share of sequences of which one scored output is wrong, or no number."""
    y_hat, _ = network.forward(unravel(theta, network.zeros()), test.x)
    off = ~right(y_hat, test.y, within=0.04)
    return float(np.mean((off & test.mask).any(axis=0)))
