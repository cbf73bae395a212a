"""Initialization and momentum: the adding problem, learned by a plain net from two starts.

Sutskever, Martens, Dahl and Hinton (ICML 2013) train plain recurrent nets by gradient descent with
momentum, from the start of an echo state network, and print the share of wrong answers (table 5).
Their rows take 50,000 updates on 100 sequences each; ours are scaled down, as `SIZES` says.

    T = 20    H = 50,   50 sequences an update, 3000 updates    all rows
    T = 30    H = 50,   50 sequences an update, 4000 updates    learning rates, two columns
    T = 80    H = 100,  50 sequences an update, 5000 updates    the columns of the paper
    T = 80    H = 100, 100 sequences an update, 50,000 updates  one column, as long as the paper's

W_hh of the echo-state start has 15 connections a unit and spectral radius 1.1, W_hx is N(0, s^2)
with the input scale s, W_yh is N(0, 0.1^2), biases are zero. The Gaussian start has W_hh drawn from
N(0, 0.1^2), and the rest the same. Weights are float32, gradients are not clipped. As in the paper
mu is 0.9 at first, here for a tenth of the updates and never above its final value. Trials of the
same number have the same test set, and with the same start the same first weights and batches.

The learning rate was chosen for each start and mu from eta / (1 - mu) in `GRID`, by one trial each
of Nesterov's form with another seed at T = 30 (rows "tune ..."): `RATES` has the least share of
wrong answers at the end. For mu = 0.995 the best two rates got a second trial, which stayed at
chance with either; from the Gaussian start nothing learned at any rate. At T = 30 success thus
depends on the draw of the start, so that the rows with several trials are at T = 20; two trials of
column 0.995N with the seed of the table at T = 30, not kept, said the same (0.003 and 0.848 wrong).
All take the rate of their start and mu. The input scale 0.2 came out of a few trial runs by hand at
T = 20 and 30, in which 0.05 and less learned more slowly.
"""

import time
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from rnncourse import initializers, linear, losses, optimizers, rnn
from rnncourse.experiments import records
from rnncourse.inputs import integer
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel
from rnncourse.sequences import at_last_step
from rnncourse.tasks.batch import Batch

TESTED, EVERY, TOLERANCE = 1000, 500, 0.04
SIZES = {
    20: (50, 50, 3000),
    30: (50, 50, 4000),
    80: (100, 50, 5000),
}  # T: hidden units, sequences, updates
WHOLE = (100, 100, 50_000)  # of the paper, T = 80
COLUMNS = ("0", "0.9N", "0.98N", "0.995N", "0.9M", "0.98M", "0.995M")  # N: Nesterov, M: momentum
PAPER = dict(zip(COLUMNS, (0.39, 0.02, 0.21, 0.00025, 0.43, 0.62, 0.036), strict=True))
PAPER_BIASES = 0.82  # a net that learned no communication over time
GRID = (0.03, 0.1, 0.3, 1.0, 3.0)  # eta / (1 - mu)
RATES = {  # of each start and column: eta / (1 - mu)
    ("echo state", "0"): 0.1,
    ("echo state", "0.9N"): 0.1,
    ("echo state", "0.98N"): 1.0,
    ("echo state", "0.995N"): 3.0,
    ("echo state", "0.9M"): 0.1,
    ("echo state", "0.98M"): 0.3,
    ("echo state", "0.995M"): 0.3,
    ("gaussian", "0"): 0.1,
    ("gaussian", "0.98N"): 0.3,
    ("gaussian", "0.995N"): 3.0,
}


@dataclass(frozen=True)
class Row:
    """One start and one momentum at one length; `rate` is eta / (1 - mu), RATES if None."""

    length: int
    column: str
    start: str = "echo state"
    input_scale: float = 0.2
    spectral_radius: float = 1.1
    rate: float | None = None
    trials: int = 2
    whole: bool = False  # as long as in the paper, WHOLE, not as in SIZES
    group: int = 1  # trials run one by one

    @property
    def size(self):
        """Return the numbers of hidden units, of sequences of an update, and of updates."""
        return WHOLE if self.whole else SIZES[self.length]


def adding(rng, n_steps, batch):
    """Draw the adding problem of 2013, centered: x[t] is a pair (value, marker).

        y = (u_I + u_J) / 2 - 1/2

    A sequence has T' pairs, T' uniform from n_steps to n_steps + n_steps // 10. Values u are
    uniform in [0, 1]; the markers are 1 at two steps, I in the first tenth and J between there and
    the half, and 0 elsewhere. Inputs and target are centered: u - 1/2, and 2 / n_steps is taken off
    the marker. An answer off by more than 0.04 is wrong; the best constant answer, 0, is wrong with
    probability 0.92^2 = 0.846. The task of 1997 is `tasks.adding`.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length T, at least 10.
        batch: number of sequences B.

    Returns:
        Batch with D = 2 and K = 1, float32, scored at the last step.

    Raises:
        ValueError: if n_steps is below 10, or batch below 1.

    Source:
        Martens and Sutskever, ICML 2011; Sutskever et al., ICML 2013, section 4.
    """
    integer("n_steps", n_steps, 10)
    integer("batch", batch, 1)
    b = np.arange(batch)
    lengths = rng.integers(n_steps, n_steps + n_steps // 10 + 1, size=batch)
    T = int(lengths.max())
    first = rng.integers(0, lengths // 10)
    second = rng.integers(lengths // 10, lengths // 2)
    u = rng.uniform(size=(T, batch))
    x = np.zeros((T, batch, 2), np.float32)
    x[..., 0] = u - 0.5
    x[first, b, 1] = x[second, b, 1] = 1
    x[..., 1] -= 2 / n_steps
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = ((u[first, b] + u[second, b]) / 2 - 0.5).astype(np.float32)
    return Batch(x, *at_last_step(y[:, np.newaxis], lengths, T))


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
    """Return the share of the answers that are off by more than 0.04."""
    y_hat, _ = network.forward(unravel(theta, network.zeros()), test.x)
    return float(np.mean(np.abs((y_hat - test.y)[test.mask]) > TOLERANCE))


def share(column):
    """Return the mu of a column: 0.98 of "0.98N"."""
    return float(column.rstrip("NM"))


def train(column, rate, batches, theta, n_updates):
    """Return the optimizer of a column, an iterator of steps, with eta = rate (1 - mu).

    Args:
        column: of the table, such as "0.98N".
        rate: eta / (1 - mu), positive.
        batches: iterable of objectives.
        theta: (P,) starting point.
        n_updates: for the schedule of mu, which changes after a tenth of them.
    """
    optimizer = optimizers.momentum if column.endswith("M") else optimizers.nesterov
    mu = share(column)
    schedule = chain(repeat(min(mu, 0.9), n_updates // 10), repeat(mu))
    return optimizer(batches, theta, rate * (1 - mu), mu=schedule)


def tuning(name, column, rate):
    """Return the name of the row in which a rate was tried: "tune gaussian 0.98 0.3"."""
    return f"tune {name} {column.removesuffix('N')} {rate}"


ROWS = {
    tuning(name, column, rate): Row(30, column, name, rate=rate, trials=trials)
    for name, column in RATES
    for rate in GRID
    for trials in [2 if (name, column) == ("echo state", "0.995N") and rate >= 1 else 1]
}
ROWS |= {  # two by two: start and momentum
    f"20 {name} {column}": Row(20, column, name, trials=5)
    for name in ("echo state", "gaussian")
    for column in ("0", "0.995N")
}
ROWS |= {"20 gaussian scale 1.0": Row(20, "0.995N", "gaussian", input_scale=1.0)}
ROWS |= {f"20 scale {s}": Row(20, "0.995N", input_scale=s) for s in (0.001, 0.02, 1.0)}
ROWS |= {f"20 radius {r}": Row(20, "0.995N", spectral_radius=r) for r in (0.8, 1.5)}
ROWS |= {f"20 echo state {c}": Row(20, c, trials=5) for c in COLUMNS if c not in ("0", "0.995N")}
ROWS |= {f"30 echo state {c}": Row(30, c, trials=5) for c in ("0", "0.995N")}
ROWS |= {  # M with the rates of N
    f"80 echo state {c}": Row(
        80, c, input_scale=0.001, trials=1, rate=RATES["echo state", c.replace("M", "N")]
    )
    for c in COLUMNS
}
ROWS |= {
    f"80 whole 0.995N {r}": Row(80, "0.995N", input_scale=0.001, rate=r, trials=1, whole=True)
    for r in (0.3, 1.0, 3.0)
}


def run_group(name, seed, trials, deadline=np.inf):
    """Train the trials of one row; see `runner`.

    Yields:
        One dictionary a trial: trial, outcome ("trained" or "diverged"), wrong (share of 1000 test
        sequences, every 500 updates), rate, updates, and seconds of processor time.
    """
    row = ROWS[name]
    for trial in trials:
        key = [seed, 1000 + trial] if name.startswith("tune") else [seed, trial]
        result = _trial(row, np.random.default_rng(key), deadline)
        if result is not None:
            yield {"trial": trial, **result}


def _trial(row, rng, deadline):
    H, B, n_updates = row.size
    rate = RATES[row.start, row.column] if row.rate is None else row.rate
    before = time.process_time()
    test = adding(rng, row.length, TESTED)
    network, theta = start(rng, H, row.start, row.input_scale, row.spectral_radius)
    batches = (
        Objective(network, losses.squared_error, *adding(rng, row.length, B))
        for _ in range(n_updates)
    )
    wrong, outcome = [], "trained"
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges ends below
        for n, step in enumerate(train(row.column, rate, batches, theta, n_updates), 1):
            if not np.isfinite(step.theta).all():
                outcome = "diverged"
                break
            if n % EVERY == 0:
                wrong.append(round(zero_one_loss(network, step.theta, test), 4))
                if time.time() > deadline:
                    return None
    return {
        "outcome": outcome,
        "wrong": wrong,
        "rate": rate,
        "updates": n,
        "seconds": round(time.process_time() - before, 1),
    }


def curves(path=None, seed=1997):
    """Return the share of wrong answers as {row: (trials, checks) array}, recorded rows only.

    A trial that diverged counts as all wrong from then on.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the results that are shown.
    """
    path = path or records.RECORDED / "momentum2013.jsonl"
    trials, found = records.trials_by_row(path, seed), {}
    for name, row in ROWS.items():
        if name in trials:
            checks = row.size[2] // EVERY
            wrong = [trial["wrong"] for trial in trials[name]]
            found[name] = np.array([w + [1.0] * (checks - len(w)) for w in wrong])
    return found
