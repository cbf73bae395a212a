"""A trial: the start, the schedule of mu, and the training of one net."""

import time

import numpy as np

from rnncourse import initializers, linear, optimizers, rnn
from rnncourse.experiments.momentum2013.last_step import LastStep, answers, memory
from rnncourse.experiments.momentum2013.rows import ROWS, share
from rnncourse.experiments.momentum2013.task import TOLERANCE, adding
from rnncourse.network import Network
from rnncourse.params import ravel

TESTED, EVERY = 1000, 500


def start(rng, n_hidden, name="echo state", input_scale=0.2, spectral_radius=1.1):
    """Return the network and the first theta (P,) in float32; see the header.

    Raises:
        ValueError: if there is no start of this name.
    """
    if name not in ("echo state", "gaussian"):
        raise ValueError(f"name is {name!r}, expected 'echo state' or 'gaussian'")
    H = n_hidden
    if name == "gaussian":
        W_hh = initializers.gaussian(rng, H, H, scale=0.1)
    else:
        W_hh = initializers.echo_state(rng, H, H, 15, spectral_radius)
    W_hx = initializers.gaussian(rng, H, 2, scale=input_scale)
    W_yh = initializers.gaussian(rng, 1, H, scale=0.1)
    params = rnn.Params(W_hx, W_hh, np.zeros(H)), linear.Params(W_yh, np.zeros(1))
    return Network((rnn, linear), (2, H, 1)), ravel(params).astype(np.float32)


def zero_one_loss(network, theta, test):
    """Return the share of the answers that are off by more than 0.04, or no numbers."""
    error = answers(network, theta, test) - test.y[test.mask][:, 0]
    return float(np.mean(~(np.abs(error) <= TOLERANCE)))


def train(column, rate, batches, theta, n_updates, early=None, late=0, max_norm=np.inf):
    """Return the optimizer of a column, an iterator of steps, with eta = rate (1 - mu).

    Args:
        column: of the table, such as "0.98N".
        rate: eta / (1 - mu), positive.
        batches: iterable of objectives.
        theta: (P,) starting point.
        n_updates: how many there will be, for the schedule of mu.
        early: how many of them, at first, have a mu of at most 0.9; a tenth if None.
        late: how many have it at the end.
        max_norm: longer gradients are clipped.
    """
    optimizer = optimizers.momentum if column.endswith("M") else optimizers.nesterov
    mu, early = share(column), n_updates // 10 if early is None else early
    low = min(mu, 0.9)
    schedule = [low] * early + [mu] * (n_updates - early - late) + [low] * late
    return optimizer(batches, theta, rate * (1 - mu), mu=iter(schedule), max_norm=max_norm)


def run_group(name, seed, trials, deadline=np.inf):
    """Train the trials of one row; see `runner`.

    Yields:
        One dictionary a trial: trial, outcome ("trained" or "diverged"), wrong (share of 1000 test
        sequences, every 500 updates), cost (mean over the updates since the check before), rate,
        updates, and seconds of processor time.
    """
    row = ROWS[name]
    for trial in trials:
        key = [seed, 1000 + trial] if name.startswith("tune") else [seed, trial]
        result = _trial(row, np.random.default_rng(key), deadline)
        if result is not None:
            yield {"trial": trial, **result}


def _trial(row, rng, deadline):
    before = time.process_time()
    test = _draw(row, rng, TESTED)
    wrong, costs, since, outcome = [], [], [], "trained"
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges ends below
        network, steps = _steps(row, rng)
        for n, step in enumerate(steps, 1):
            if not np.isfinite(step.theta).all():
                outcome = "diverged"
                break
            since.append(step.value)
            if n % EVERY == 0:
                wrong.append(round(zero_one_loss(network, step.theta, test), 4))
                costs.append(float(f"{np.mean(since):.6g}"))
                since.clear()
                if time.time() > deadline:
                    return None
    return {
        "outcome": outcome,
        "wrong": wrong,
        "cost": costs,
        "rate": row.rate,
        "updates": n,
        "seconds": round(time.process_time() - before, 1),
    }


def _draw(row, rng, batch):
    return adding(rng, row.length, batch, row.fixed, row.marks)


def _steps(row, rng):
    """Return the network and the iterator of its training."""
    H, B, n_updates = row.dimensions
    network, theta = start(rng, H, row.start, row.input_scale, row.spectral_radius)
    if row.first_state:
        theta = np.concatenate([theta, 0.1 * rng.normal(size=H).astype(np.float32)])
    kept = memory(network, row.length + row.length // 10)
    batches = (LastStep(network, _draw(row, rng, B), kept) for _ in range(n_updates))
    schedule = n_updates, row.early, row.late, row.max_norm
    return network, train(row.column, row.rate, batches, theta, *schedule)
