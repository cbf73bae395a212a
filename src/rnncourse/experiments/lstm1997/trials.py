"""The LSTM experiments of 1997, run as they were printed.

Online gradient descent, one sequence at a time, with the truncated gradient of `passes`
and the printed learning rate; states are reset before each sequence. The trials of a group are
independent and go through the sequences side by side, so one NumPy call serves all of them; a
trial leaves its group when it is done.
"""

import time
import zlib
from dataclasses import replace

import numpy as np

from rnncourse.experiments.lstm1997 import problems
from rnncourse.experiments.lstm1997.cell import Weights, init, there
from rnncourse.experiments.lstm1997.passes import forward, update
from rnncourse.experiments.lstm1997.problems import BLOCK, Recent
from rnncourse.experiments.lstm1997.rows import ROWS


def run_group(name, seed, trials, deadline=np.inf, cap=None):
    """Train the trials of one row of the table until each is solved or has reached the cap.

    Args:
        name: as the others, see `runner`; a key of `rows.ROWS`.
        seed: with name and trial it fixes every random number of a trial.
        trials: numbers of the trials, from 0. The last digit of a sum depends on how many nets run
            side by side, and thousands of updates make it grow: the same group repeats its results
            exactly, another group repeats them as statistics.
        deadline: `time.time()` after which unfinished trials are given up, and not returned.
        cap: number of sequences after which a trial is stopped unsolved; the row's own if None.

    Yields:
        One dictionary a trial when it ends: trial, outcome ("solved" or "capped"), sequences, and
        notes.
    """
    row = ROWS[name] if cap is None else replace(ROWS[name], cap=cap)
    group = [Trial(row, name, seed, trial) for trial in trials]
    w = Weights(*map(np.concatenate, zip(*(t.start for t in group), strict=True)))
    on = np.full((len(group), 1), 0.0 if row.added_later else 1.0)
    while group and time.time() < deadline:
        worst, mean, squared = _train_block(row, w, group, on)
        keep = []
        for n, trial in enumerate(group):
            trial.record(worst[:, n], mean[:, n], squared[:, n].mean())
            if not on[n, 0]:
                on[n, 0] = trial.has_stopped_learning()
            if trial.is_done(Weights(*(a[n : n + 1] for a in w))):
                yield trial.result
            else:
                keep.append(n)
        if len(keep) < len(group):
            group, on = [group[n] for n in keep], on[keep]
            w = Weights(*(np.ascontiguousarray(a[keep]) for a in w))


def _train_block(row, w, group, on):
    """Train each trial on BLOCK sequences, in place; return its errors (BLOCK, N).

    Of each sequence: the worst and the mean absolute error at the steps that are judged, and the
    sum of squares over all trained steps.
    """
    N, K = len(group), row.net.n_out
    drawn = [trial.problem.draw(trial.rng, BLOCK) for trial in group]
    x, y, mask = (_side_by_side(parts) for parts in zip(*drawn, strict=True))
    judged = _side_by_side([trial.judged(b.mask) for trial, b in zip(group, drawn, strict=True)])
    lengths = np.array([np.flatnonzero(m.any(axis=1))[-1] + 1 for m in mask])
    trained = [leaf for leaf, a in zip(Weights._fields, there(row.net), strict=True) if a.any()]
    one_hot = np.eye(K)
    worst, mean, squared = np.empty((3, BLOCK, N))
    for i, T in enumerate(lengths):
        x_i, mask_i, judged_i = x[i, :T], mask[i, :T], judged[i, :T, :, np.newaxis]
        target = y[i, :T] if y.ndim == 4 else one_hot[y[i, :T]]
        tape = forward(row.net, w, x_i, on)
        error = target - tape.y_k
        squared[i] = (error**2 * mask_i[..., np.newaxis]).sum(axis=(0, 2))
        error = np.abs(error) * judged_i
        worst[i] = error.max(axis=(0, 2))
        mean[i] = error.sum(axis=(0, 2)) / (K * judged_i.sum(axis=(0, 2)))
        change = update(row.net, w, tape, target, mask_i, on, row.full)
        for leaf in trained:
            weights = getattr(w, leaf)
            weights += row.learning_rate * getattr(change, leaf)
    return worst, mean, squared


def _side_by_side(parts):
    """Stack N arrays (T, BLOCK, ...) as (BLOCK, T, N, ...), zeros where one is shorter."""
    T = max(len(part) for part in parts)
    out = np.zeros((BLOCK, T, len(parts), *parts[0].shape[2:]), parts[0].dtype)
    for n, part in enumerate(parts):
        out[:, : len(part), n] = part.swapaxes(0, 1)
    return out


class Trial:
    """One trial: its random numbers, its problem, its errors so far."""

    def __init__(self, row, name, seed, trial):
        """Draw the starting weights, and the data if the problem has a fixed set of them."""
        self.row, self.trial = row, trial
        key = zlib.crc32(name.encode())
        self.rng = np.random.default_rng([seed, key, trial])
        # Trials of one data set share it: 10 starting points each in experiment 1.
        data = np.random.default_rng([seed, key, trial // row.trials_of_a_set, 1])
        self.problem = row.problem(data)
        self.judged = getattr(self.problem, "judged", lambda mask: mask)
        self.start = init(self.rng, row.net, row.limit, row.in_bias, row.out_bias)
        self.worst, self.mean, self.squared, self.notes = [], [], [], {}
        self.began = time.perf_counter()
        self.result = None

    def record(self, worst, mean, squared):
        """Take the errors on a block of training sequences."""
        self.worst.append(worst)
        self.mean.append(mean)
        self.squared.append(squared)

    def has_stopped_learning(self):
        """Say whether a block's squared error fell by less than 5 %; the paper has no number."""
        stopped = len(self.squared) > 1 and self.squared[-1] > 0.95 * self.squared[-2]
        if stopped:
            self.notes["cell_added"] = len(self.squared) * BLOCK
        return stopped

    def is_done(self, w):
        """Say whether this trial has ended; if it has, `result` says how."""

        def run(batch):
            y_k = []
            for start in range(0, batch.mask.shape[1], 256):
                x = batch.x[:, start : start + 256]
                many = Weights(*(np.broadcast_to(a, (x.shape[1], *a.shape[1:])) for a in w))
                y_k.append(forward(self.row.net, many, x).y_k)
            return np.concatenate(y_k, axis=1)

        sequences = len(self.worst) * BLOCK
        window = slice(-2000 // BLOCK, None)
        recent = Recent(np.concatenate(self.worst[window]), np.concatenate(self.mean[window]))
        solved = self.problem.solved(run, recent, self.rng, sequences)
        if not solved and sequences < self.row.cap:
            return False
        self.notes |= getattr(self.problem, "notes", {})
        if self.row.tested:
            self.notes |= problems.test(self.problem, run, self.rng)
        self.result = {
            "trial": self.trial,
            "outcome": "solved" if solved else "capped",
            "sequences": sequences,
            **self.notes,
            "seconds": round(time.perf_counter() - self.began, 1),
        }
        return True
