"""One trial: a net that learns all words, or a ridge regression of states that nobody learned."""

import itertools
import time

import numpy as np

from rnncourse import esn, linear, losses, lru, lstm, pointwise, tasks
from rnncourse.experiments.answers import right
from rnncourse.experiments.four_ways.rivals import averages
from rnncourse.experiments.four_ways.scored import Scored, span
from rnncourse.experiments.lru_choices.rows import (
    BLANKS,
    CAP,
    EVERY,
    FEATURES,
    RATE,
    READ,
    ROWS,
)
from rnncourse.experiments.partly import Partly
from rnncourse.network import Network
from rnncourse.optimizers import adam
from rnncourse.params import ravel, unravel
from rnncourse.ridge import ridge_regression
from rnncourse.tasks.batch import Batch

RESERVOIR = {"spectral_radius": 1.0, "input_scale": 0.1, "leak": 1.0}
REAL = -30  # log omega, of 1e-13
RIDGE = 1e-8  # beside the mean over the scored steps, as in the four ways


def run_group(name, seed, trials, deadline=np.inf):
    """Run the trials of one row; see `runner`. Trials of one number start alike in all rows.

    Yields:
        One dictionary a trial: trial, outcome ("solved", "capped", or "ran away" where a number
        left the range of float32), updates, wrong (share of the words at the end), shares (at
        every look), largest (|p| at the end, of an LRU), long (updates whose gradient was longer
        than 1, in rows that do not clip), seconds (of the processor).
    """
    row = ROWS[name]
    for trial in trials:
        start, rng = time.process_time(), np.random.default_rng([seed, trial])
        result = fitted(row, rng) if row.states else learned(row, rng, deadline)
        if result is None:
            return
        yield {"trial": trial, **result, "seconds": round(time.process_time() - start, 1)}


def words(blanks=BLANKS):
    """Return all 32 words of five bits, each once, as a `Batch` in float32."""
    x, y, mask = tasks.memorization(np.random.default_rng(0), blanks, 1000)
    _, once = np.unique(y[-5:], axis=1, return_index=True)
    return Batch(x[:, once].astype(np.float32), y[:, once], mask[:, once])


def start(row, rng):
    """Return the network, its parameters, and which of them are learned (1) or not (0)."""
    below = () if row.cell is lstm else (pointwise,)
    cells = (*below, row.cell, pointwise, linear)
    widths = (4, *(FEATURES for _ in below), row.hidden, READ, 2)
    network, at = Network(cells, widths), len(below)
    options = [row.options if k == at else None for k in range(len(cells))]
    params = network.init(rng, np.float32, options)
    moves = unravel(np.ones(ravel(params).size, np.float32), params)
    for name in row.fixed:
        getattr(moves[at], name)[:] = 0
    if row.real:
        params[at].log_omega[:] = REAL
    if row.no_gain:
        params[at].log_gain[:] = 0
    return network, ravel(params), ravel(moves)


def objective(network, moves, batch):
    """Return the cost of all words, of which some parameters feel nothing."""
    zeros, loss = network.zeros(np.float32), losses.softmax_cross_entropy
    return Partly(Scored(network, zeros, loss, batch), moves)


def learned(row, rng, deadline):
    """Train a net by Adam; return what is recorded, or None when the deadline has passed."""
    batch, (network, theta, moves) = words(), start(row, rng)
    objectives = itertools.repeat(objective(network, moves, batch), CAP)
    shares, long, outcome = [], 0, "capped"
    with np.errstate(all="ignore"):  # a net that runs away is a result, not an error
        for n, step in enumerate(adam(objectives, theta, RATE, max_norm=row.max_norm), 1):
            if not np.isfinite(step.theta).all():
                outcome = "ran away"
                break
            theta = step.theta
            long += step.gradient_norm > 1
            if n % EVERY == 0:
                params = unravel(theta, network.zeros())
                shares.append(wrong(network.forward(params, batch.x)[0], batch))
                if shares[-1] == 0:
                    outcome = "solved"
                    break
            if time.time() > deadline:
                return None
    cell = unravel(theta, network.zeros())[1]
    more = {} if np.isfinite(row.max_norm) else {"long": int(long)}
    if row.cell is lru:
        more["largest"] = round(float(np.abs(lru.eigenvalues(cell)).max()), 5)
    elif hasattr(row.cell, "unit"):
        p = row.cell.unit * np.abs(cell.real + 1j * cell.imag).max()
        more["largest"] = round(float(p), 5)
    at_end = 1.0 if outcome == "ran away" else shares[-1]
    return {"outcome": outcome, "updates": n, "wrong": at_end, "shares": shares, **more}


def wrong(y_hat, batch):
    """Return the share of the words of which a symbol is wrong, of outputs (T, B, 2)."""
    scored = span(batch.mask)
    return float((~right(y_hat[scored], batch.y[scored])).any(axis=0).mean())


def fitted(row, rng):
    """Solve a ridge regression of states; return what is recorded."""
    batch = words()
    x, scored = batch.x, batch.mask
    memory = {"ring": _ring, "reservoir": _reservoir, "averages": _averages}[row.states]
    h = memory(rng, row)(x, scored).astype(float)
    W, b = ridge_regression(h, np.eye(2)[batch.y[scored]], RIDGE * len(h))
    y_hat = np.zeros((*scored.shape, 2))
    y_hat[scored] = h @ W + b
    share = wrong(y_hat, batch)
    outcome = "capped" if share else "solved"
    return {"outcome": outcome, "updates": 1, "wrong": share, "shares": [share]}


def _ring(rng, row):
    cell = lru.init(rng, 4, row.hidden, **row.options, dtype=np.float32)
    if row.real:
        cell.log_omega[:] = REAL
    return lambda x, scored: lru.forward(cell, x)[0][scored]


def _reservoir(rng, row):
    drawn = esn.init(rng, 4, row.hidden, **RESERVOIR, dtype=np.float32)
    return lambda x, scored: esn.run(drawn, x)[scored]


def _averages(rng, row):
    return averages(rng, 4, row.hidden // 8, BLANKS, 1.0)
