"""The LSTM experiments of 1997, trial by trial.

Online gradient descent, one sequence at a time, with the gradient of `passes` and the printed
learning rate; states are reset before each sequence. In NumPy independent trials go through the
sequences side by side, so that one call serves all of them; compiled, they run one after the other.
"""

import functools
import time
import zlib
from dataclasses import replace

import numpy as np

from rnncourse import compiled
from rnncourse.experiments.lstm1997 import passes, plain
from rnncourse.experiments.lstm1997.cell import Weights, init
from rnncourse.experiments.lstm1997.problems import BLOCK, Recent
from rnncourse.experiments.lstm1997.rows import ROWS, base


def run_group(name, seed, trials, deadline=np.inf, cap=None):
    """Train the trials of one row of the table until each is solved or has reached the cap.

    Args:
        name: as the others, see `runner`; a key of `rows.ROWS`.
        seed: with name and trial it fixes every random number of a trial.
        trials: numbers of the trials, from 0. In NumPy the last digit of a sum depends on how many
            nets run side by side, and thousands of updates make it grow: the same group repeats its
            results exactly, another group, and the compiled form, repeat them as statistics.
        deadline: `time.time()` after which unfinished trials are given up, and not returned.
        cap: number of sequences after which a trial is stopped unsolved; the row's own if None.

    Yields:
        One dictionary a trial when it ends: trial, outcome ("solved" or "capped"), sequences,
        notes, and the seconds of processor time since its group began.
    """
    row = ROWS[name] if cap is None else replace(ROWS[name], cap=cap)
    if isinstance(row.net, plain.Net):
        groups, Nets = [[trial] for trial in trials], plain.OneNet
    elif compiled.form() == "compiled":
        groups, Nets = [[trial] for trial in trials], _OneNet
    else:
        groups, Nets = [trials], _ManyNets
    for numbers in groups:
        group = [Trial(row, name, seed, trial) for trial in numbers]
        nets = Nets(row, [trial.start for trial in group])
        while group and time.time() < deadline:
            _train(nets, group)
            keep = []
            for n, trial in enumerate(group):
                if trial.is_done(functools.partial(nets.run, n)):
                    yield trial.result
                else:
                    keep.append(n)
            if len(keep) < len(group):
                group = [group[n] for n in keep]
                nets.keep(keep)


def trained(name, seed, trials, sequences):
    """Return N nets of a row as they are after some training, and the problem of the first.

    Args:
        name: a key of `rows.ROWS`.
        seed: as in `run_group`.
        trials: their numbers.
        sequences: how many each net is trained on, a multiple of BLOCK.

    Returns:
        `Weights` of the nets, and a problem of `problems`.
    """
    row = ROWS[name]
    group = [Trial(row, name, seed, trial) for trial in trials]
    nets = _ManyNets(row, [trial.start for trial in group])
    for _ in range(sequences // BLOCK):
        _train(nets, group)
    return nets.w, group[0].problem


def _train(nets, group):
    """Train on BLOCK sequences; add the memory cells of a net that has stopped learning."""
    errors = nets.train([(t.problem.draw(t.rng, BLOCK), t.problem) for t in group])
    for n, trial in enumerate(group):
        trial.record(*errors[n])
        if not nets.on[n]:
            nets.on[n] = trial.has_stopped_learning()


class _OneNet:
    """One net, its sequences in turn in compiled loops."""

    def __init__(self, row, start):
        from rnncourse.experiments.lstm1997 import one_net  # needs Numba

        self.row, self.loops, self.on = row, one_net, [not row.added_later]
        self.w = one_net.compact(row.net, start[0])

    def train(self, drawn):
        """Train on BLOCK sequences; return their errors (1, 3, BLOCK), see `one_net.train`."""
        ((batch, problem),) = drawn
        how = problem.judged(batch.mask), self.row.targets, self.on[0]
        return [self.loops.train(self.row, self.w, batch, *how)]

    def run(self, n, batch):
        """Return the output (T, B, K) at the steps of the mask."""
        return self.loops.run(self.row.net, self.w, batch, self.on[0])

    def keep(self, which):
        """Leave the one net as it is: its trial has ended."""


class _ManyNets:
    """N nets side by side, in NumPy."""

    def __init__(self, row, start):
        self.row, self.on = row, np.full(len(start), not row.added_later)
        self.w = Weights(*map(np.concatenate, zip(*start, strict=True)))

    def train(self, drawn):
        """Train each net on BLOCK sequences; return their errors (N, 3, BLOCK)."""
        row, net, w, on = self.row, self.row.net, self.w, self.on[:, np.newaxis]
        x, y, mask, judged = (
            _side_by_side(parts)
            for parts in zip(*((*b, problem.judged(b.mask)) for b, problem in drawn), strict=True)
        )
        wanted = drawn[0][1].wanted
        errors = np.empty((3, BLOCK, len(drawn)))
        for i in range(BLOCK):
            T = np.flatnonzero(mask[i].any(axis=1))[-1] + 1
            x_i, mask_i, judged_i = x[i, :T], mask[i, :T], judged[i, :T, :, np.newaxis]
            target = wanted(y[i, :T], net.n_out)
            if row.each_step:
                y_k = passes.each_step(net, w, x_i, target, mask_i, row.learning_rate, on)
            else:
                tape = passes.forward(net, w, x_i, on)
                y_k = tape.y_k
                change = passes.update(net, w, tape, target, mask_i, on, row.full)
                for weights, delta in zip(w, change, strict=True):
                    weights += row.learning_rate * delta
            error = target - y_k
            errors[2, i] = (error**2 * mask_i[..., np.newaxis]).sum(axis=(0, 2))
            error = np.abs(error) * judged_i
            errors[0, i] = error.max(axis=(0, 2))
            errors[1, i] = error.sum(axis=(0, 2)) / (net.n_out * judged_i.sum(axis=(0, 2)))
        return errors.transpose(2, 0, 1)

    def run(self, n, batch):
        """Return the output (T, B, K) of net n, 256 sequences at a time."""
        y_k = []
        for start in range(0, batch.mask.shape[1], 256):
            x = batch.x[:, start : start + 256]
            many = Weights(*(np.broadcast_to(a[n], (x.shape[1], *a.shape[1:])) for a in self.w))
            on = np.full((x.shape[1], 1), self.on[n])
            y_k.append(passes.forward(self.row.net, many, x, on).y_k)
        return np.concatenate(y_k, axis=1)

    def keep(self, which):
        """Go on with some of the nets."""
        self.on = self.on[which]
        self.w = Weights(*(np.ascontiguousarray(a[which]) for a in self.w))


def _side_by_side(parts):
    """Stack N arrays (T, BLOCK, ...) as (BLOCK, T, N, ...), zeros where one is shorter."""
    T = max(len(part) for part in parts)
    out = np.zeros((BLOCK, T, len(parts), *parts[0].shape[2:]), parts[0].dtype)
    for n, part in enumerate(parts):
        out[:, : len(part), n] = part.swapaxes(0, 1)
    return out


@functools.lru_cache(maxsize=1)
def _problem(make, seed, key, data_set):
    """Return a problem; trials of one data set share it, 10 starting points in experiment 1."""
    return make(np.random.default_rng([seed, key, data_set, 1]))


class Trial:
    """One trial: its random numbers, its problem, its errors so far."""

    def __init__(self, row, name, seed, trial):
        """Draw the starting weights, and the data if the problem has a fixed set of them."""
        self.row, self.trial = row, trial
        key = zlib.crc32(base(name).encode())
        self.rng = np.random.default_rng([seed, key, trial])
        self.problem = _problem(row.problem, seed, key, trial // row.trials_of_a_set)
        self.problem.targets = row.targets
        if isinstance(row.net, plain.Net):
            self.start = plain.init(self.rng, row.net, row.limit)
        else:
            self.start = init(self.rng, row.net, row.limit, row.in_bias, row.out_bias)
        self.worst, self.mean, self.squared, self.notes = [], [], [], {}
        self.began = time.process_time()
        self.result = None

    def record(self, worst, mean, squared):
        """Take the errors on a block of training sequences."""
        self.worst.append(worst)
        self.mean.append(mean)
        self.squared.append(squared.mean())

    def has_stopped_learning(self):
        """Say whether a block's squared error fell by less than 5 %; the paper has no number."""
        stopped = len(self.squared) > 1 and self.squared[-1] > 0.95 * self.squared[-2]
        if stopped:
            self.notes["cell_added"] = len(self.squared) * BLOCK
        return stopped

    def is_done(self, run):
        """Say whether this trial has ended; if it has, `result` says how."""
        sequences = len(self.worst) * BLOCK
        window = slice(-2000 // BLOCK, None)
        recent = Recent(np.concatenate(self.worst[window]), np.concatenate(self.mean[window]))
        solved = self.problem.solved(run, recent, self.rng, sequences)
        if not solved and sequences < self.row.cap:
            return False
        self.notes |= self.problem.notes
        if self.row.tested:
            self.notes |= self.problem.test(run, self.rng)
        self.result = {
            "trial": self.trial,
            "outcome": "solved" if solved else "capped",
            "sequences": sequences,
            **self.notes,
            "seconds": round(time.process_time() - self.began, 1),
        }
        return True
