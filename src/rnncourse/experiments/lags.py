"""How long a lag can be learned: plain nets, LSTMs and GRUs on two tasks, over ten or five seeds.

A row is a task, a cell and a least length T; further rows take a part of the LSTM away, or start it
with another forget bias. The net has
H = 32 units and float32 weights, starts as `init` draws it, and is trained by Adam on fresh batches
of 32, gradients clipped to norm 1. It is tested every 250 updates on 1000 sequences drawn once for
each trial.

    adding          solved when fewer than 5 % of the sums are off by more than 0.1; the best
                    constant answer, 0.5, is off by more than that for about six in ten
    temporal_order  solved when fewer than 5 % of the classes are wrong; guessing: 75 %

The learning rates were chosen in short trial runs with another seed: 1e-3 against 3e-3 for the
plain net at T = 30, 3e-3 against 1e-2 for the LSTM at T = 50; the GRU was given that of the LSTM.
A forget bias of 5, with which half of a cell is left after 103 steps, was chosen after three runs
with another seed: 3 and 5 at T = 100, which both succeeded, and 5 at T = 200, which did not. The
other forget biases, from 2 to 9, show how little depends on that choice. The GRU was started with
an update bias of 5, too, after nine runs with other seeds, 3 and 5, which all succeeded.
"""

import time
from dataclasses import dataclass

import numpy as np

from rnncourse import gru, linear, losses, lstm, rnn, tasks
from rnncourse.experiments import records
from rnncourse.experiments.answers import right
from rnncourse.experiments.partly import Partly
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.optimizers import adam
from rnncourse.params import ravel, unravel

HIDDEN, BATCH, CAP, EVERY, TESTED = 32, 32, 3000, 250, 1000
CELLS = {
    "rnn": (rnn, 1e-3),
    "lstm": (lstm, 3e-3),
    "lstm, forget bias 0": (lstm, 3e-3),
    "lstm without forget gate": (lstm, 3e-3),
    "lstm without output gate": (lstm, 3e-3),
    "lstm, forget bias 5": (lstm, 3e-3),
    "gru": (gru, 3e-3),
}
FORGET_BIAS = {f"lstm, forget bias {bias}": float(bias) for bias in (0, 2, 3, 5, 7, 9)}
CELLS |= dict.fromkeys(FORGET_BIAS, (lstm, 3e-3))
UPDATE_BIAS = {"gru, update bias 5": 5.0}  # of the gate that keeps
CELLS |= dict.fromkeys(UPDATE_BIAS, (gru, 3e-3))
LEAKY = "leaky plain net"  # a GRU whose gates are held: r = 1, and u = sigmoid(5)
CELLS[LEAKY] = (gru, 3e-3)
# A gate that is taken away stands open, and is not trained: its place in the order i, f, g, o.
TAKEN_AWAY = {"lstm without forget gate": 1, "lstm without output gate": 3}
TASKS = {
    "adding": (tasks.adding, losses.squared_error, 1),
    "temporal_order": (tasks.temporal_order, losses.softmax_cross_entropy, 4),
}
LENGTHS = (20, 40, 60, 80, 100)


@dataclass(frozen=True)
class Row(records.Row):
    """One cell on one task at one length."""

    task: str
    cell: str
    length: int


ROWS = {
    f"{task} {cell} {length}": Row(task, cell, length)
    for length in LENGTHS
    for cell in ("rnn", "lstm")
    for task in TASKS
}
ABLATION_LENGTH = 40
ROWS |= {
    f"{task} {cell} {ABLATION_LENGTH}": Row(task, cell, ABLATION_LENGTH)
    for cell in ("lstm, forget bias 0", *TAKEN_AWAY)
    for task in TASKS
}
ROWS |= {
    f"{task} lstm, forget bias 5 {length}": Row(task, "lstm, forget bias 5", length)
    for length in LENGTHS
    for task in TASKS
}
ROWS |= {
    f"{task} {cell} {length}": Row(task, cell, length, trials=5)
    for cell in ("gru", *UPDATE_BIAS)
    for length in LENGTHS
    for task in TASKS
}
BIAS_LENGTH = 100
ROWS |= {
    f"adding lstm, forget bias {bias} {BIAS_LENGTH}": Row(
        "adding", f"lstm, forget bias {bias}", BIAS_LENGTH, trials=5
    )
    for bias in (2, 3, 7, 9)
}
ROWS[f"adding {LEAKY} {BIAS_LENGTH}"] = Row("adding", LEAKY, BIAS_LENGTH, trials=5)
# Their place is part of their seed, in the order in which they were first run; spelled out, so that
# nothing above moves it. A new row has its name for that, and is not added here.
KEYED_BY_PLACE = [
    f"{task} {cell} {length}"
    for length in (20, 40, 60, 80, 100)
    for cell in ("rnn", "lstm")
    for task in ("adding", "temporal_order")
]
KEYED_BY_PLACE += [
    f"{task} lstm{part} 40"
    for part in (", forget bias 0", " without forget gate", " without output gate")
    for task in ("adding", "temporal_order")
]
KEYED_BY_PLACE += [
    f"{task} {cell} {length}"
    for cell in ("lstm, forget bias 5", "gru")
    for length in (20, 40, 60, 80, 100)
    for task in ("adding", "temporal_order")
]
KEYED_BY_PLACE += [f"adding lstm, forget bias {bias} 100" for bias in (2, 3, 7, 9)]
KEYED_BY_PLACE += [
    f"{task} gru, update bias 5 {length}"
    for length in (20, 40, 60, 80, 100)
    for task in ("adding", "temporal_order")
]
KEYED_BY_PLACE += ["adding leaky plain net 100"]


def run_group(name, seed, trials, deadline=np.inf):
    """Train the trials of one row until each is solved or has had its updates; see `runner`.

    Returns:
        One dictionary a trial: trial, outcome ("solved" or "capped"), updates, wrong (share of
        the test sequences at the end), seconds.
    """
    results = []
    for trial in trials:
        rng = np.random.default_rng([seed, records.key(name, KEYED_BY_PLACE), trial])
        result = _train(ROWS[name], rng, deadline)
        if result is not None:
            results.append({"trial": trial, **result})
    return results


def _train(row, rng, deadline):
    cell, learning_rate = CELLS[row.cell]
    draw, loss, K = TASKS[row.task]
    test = _as_float32(draw(rng, row.length, TESTED))
    network = Network((cell, linear), (test.x.shape[-1], HIDDEN, K))
    theta, trained = _start(network, rng, row.cell)
    batches = (
        Partly(Objective(network, loss, *_as_float32(draw(rng, row.length, BATCH))), trained)
        for _ in range(CAP)
    )
    start, wrong = time.perf_counter(), 1.0
    for n, step in enumerate(adam(batches, theta, learning_rate, max_norm=1.0), 1):
        if n % EVERY == 0:
            y_hat, _ = network.forward(unravel(step.theta, network.zeros()), test.x)
            wrong = _wrong(y_hat[test.mask], test.y[test.mask])
            if wrong < 0.05:
                break
            if time.time() > deadline:
                return None
    return {
        "outcome": "solved" if wrong < 0.05 else "capped",
        "updates": n,
        "wrong": round(wrong, 4),
        "seconds": round(time.perf_counter() - start, 1),
    }


def _start(network, rng, cell):
    """Return the parameters at the start, and which of them are trained."""
    params = network.init(rng, dtype=np.float32)
    trained = unravel(np.ones(ravel(params).size, np.float32), params)
    if cell in FORGET_BIAS:
        params[0].b[HIDDEN : 2 * HIDDEN] = FORGET_BIAS[cell]
    if cell in UPDATE_BIAS:
        params[0].b_x[HIDDEN : 2 * HIDDEN] = UPDATE_BIAS[cell]
    if cell in TAKEN_AWAY:
        gate = slice(TAKEN_AWAY[cell] * HIDDEN, (TAKEN_AWAY[cell] + 1) * HIDDEN)
        for array in (*params[0], *trained[0]):
            array[gate] = 0
        params[0].b[gate] = 20  # sigmoid(20) is 1 to the last digit of float32
    if cell == LEAKY:
        for array in (*params[0], *trained[0]):
            array[: 2 * HIDDEN] = 0
        params[0].b_x[: 2 * HIDDEN] = np.repeat([20, 5], HIDDEN)
    return ravel(params), ravel(trained)


def solved_shares(path=None):
    """Return the share of trials that were solved, as {(task, cell, length): share}.

    Rows of which not all trials are recorded are left out.

    Args:
        path: file of results; the one that comes with the package if None.
    """
    trials = records.trials_by_row(path or records.RECORDED / "lags.jsonl")
    return {
        (row.task, row.cell, row.length): sum(
            trial["outcome"] == "solved" for trial in trials[name]
        )
        / len(trials[name])
        for name, row in ROWS.items()
        if len(trials.get(name, ())) >= row.trials
    }


def _as_float32(batch):
    y = batch.y if batch.y.dtype.kind == "i" else batch.y.astype(np.float32)
    return batch._replace(x=batch.x.astype(np.float32), y=y)


def _wrong(y_hat, y):
    """Return the share of wrong answers, of shape (B, K) and (B,) or (B, 1); NaN is wrong."""
    return float(np.mean(~right(y_hat, y, within=0.1)))
