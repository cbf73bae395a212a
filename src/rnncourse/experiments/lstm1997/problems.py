"""The tasks of the 1997 paper as they are trained and judged: what is drawn, when it is solved.

A problem draws training sequences, and says after each BLOCK of them, when there have been
`sequences` in all, whether a net has solved it by the printed criterion. `run(batch)` is the output
(T, B, K) of the net that is judged, weights frozen; `recent` are its errors on the last training
sequences, see `Recent`.
"""

import itertools
from typing import NamedTuple

import numpy as np

from rnncourse import tasks
from rnncourse.sequences import many_to_one
from rnncourse.tasks import Batch

BLOCK = 100  # sequences between two looks at a net: the printed means fit a grid of 100
TEST_SIZE = 2560


class Recent(NamedTuple):
    """Absolute errors on the last 2000 training sequences, at the steps that are judged."""

    worst: np.ndarray  # (sequences,) of the worst output unit
    mean: np.ndarray  # (sequences,) mean over the output units


class Reber:
    """Experiment 1: 256 training and 256 test strings, all must be right.

    Right: at every step the outputs of the possible next symbols are the most active ones. Test
    strings are random too, but none is a training string.
    """

    def __init__(self, rng):
        """Draw training and test strings."""
        self.train = tasks.embedded_reber_strings(rng, 256)
        test, known = [], set(self.train)
        while len(test) < 256:
            (string,) = tasks.embedded_reber_strings(rng, 1)
            test += [] if string in known else [string]
        self.batch = tasks.reber_batch(self.train)
        everything = [*self.train, *test]
        edges = [0, 16, *range(64, 513, 64)]  # most nets fail on the first few strings
        self.portions = [everything[a:b] for a, b in itertools.pairwise(edges)]
        self._asked = [(tasks.reber_batch(p), _possible(p)) for p in self.portions]

    def draw(self, rng, n):
        """Pick n training strings at random."""
        chosen = rng.integers(256, size=n)
        return Batch(*(a[:, chosen] for a in self.batch))

    def solved(self, run, recent, rng, sequences):
        """Say whether all strings are predicted; stop at the first portion that is not."""
        return all(self._right(run(batch), batch, possible) for batch, possible in self._asked)

    @staticmethod
    def _right(y_k, batch, possible):
        least = np.where(possible, y_k, np.inf).min(axis=2)
        most = np.where(possible, -np.inf, y_k).max(axis=2)
        return bool((least > most)[batch.mask].all())


def _possible(strings):
    """Return which symbols may come next (T, B, 7)."""
    possible = np.zeros((max(map(len, strings)) - 1, len(strings), 7), bool)
    for b, string in enumerate(strings):
        for t, symbols in enumerate(tasks.reber_possible(string)):
            possible[t, b, [tasks.REBER_SYMBOLS.index(symbol) for symbol in symbols]] = True
    return possible


class Fresh:
    """Experiment 2: all errors below a bound in 10,000 successive random sequences.

    The weights are frozen meanwhile. The sequences are drawn in growing portions, and the first
    error ends the look.
    """

    def __init__(self, draw, bound, portions=(50, 450, 9500), last_only=False):
        """Set the function (rng, n) -> Batch that draws, and the bound; does only the end count?"""
        self.draw, self.bound, self.portions = draw, bound, portions
        self.last_only = last_only

    def judged(self, mask):
        """Return the mask of the steps that are judged."""
        return many_to_one(mask.sum(axis=0), len(mask)) if self.last_only else mask

    def solved(self, run, recent, rng, sequences):
        """Look at fresh sequences, if the last training sequences, up to 2000, were all right."""
        if (recent.worst >= self.bound).any():
            return False
        for size in self.portions:
            for start in range(0, size, 500):
                batch = self.draw(rng, min(500, size - start))
                if np.abs(errors(run(batch), batch))[self.judged(batch.mask)].max() >= self.bound:
                    return False
        return True


class NoiseAndSignal:
    """Experiment 3a: ST1, none of 256 test sequences wrong; ST2, also mean error below 0.01."""

    bound = 0.2

    def __init__(self, rng, n_steps, n_signal):
        """Draw the test set of 256 sequences."""
        self.draw = lambda rng, n: tasks.noise_and_signal(rng, n_steps, n, n_signal)
        test = self.draw(rng, 256)
        few, rest = slice(0, 32), slice(32, None)  # most nets fail on the first few
        self.portions = [Batch(*(a[:, part] for a in test)) for part in (few, rest)]
        self.notes = {}

    def solved(self, run, recent, rng, sequences):
        """Note when ST1 is reached, and say whether ST2 is."""
        found = []
        for batch in self.portions:
            found.append(np.abs(errors(run(batch), batch))[batch.mask])
            if (found[-1] >= self.bound).any():
                return False
        self.notes.setdefault("st1", sequences)
        return bool(np.concatenate(found).mean() < 0.01)


class Online:
    """Experiments 4 and 6, criterion ST3: the 2000 most recent sequences are right.

    And the mean absolute error over them is below another bound.
    """

    def __init__(self, draw, bound, mean_bound):
        """Set the function (rng, n) -> Batch that draws, and both bounds."""
        self.draw, self.bound, self.mean_bound = draw, bound, mean_bound

    def solved(self, run, recent, rng, sequences):
        """Judge the last 2000 training sequences, each before its own update."""
        worst, mean = recent.worst[-2000:], recent.mean[-2000:]
        return bool(
            len(worst) == 2000 and worst.max() < self.bound and mean.mean() < self.mean_bound
        )


def errors(y_k, batch):
    """Return target - y_k (T, B, K); classes stand for one-hot targets."""
    y = batch.y
    return (np.eye(y_k.shape[2])[y] if y.ndim == 2 else y) - y_k


def test(problem, run, rng):
    """Return what the paper prints of a test set of 2560 sequences: wrong ones, mean error."""
    batch = problem.draw(rng, TEST_SIZE)
    error = np.abs(errors(run(batch), batch))[batch.mask]  # (2560, K)
    wrong = int((error.max(axis=1) >= problem.bound).sum())
    return {"wrong": wrong, "mean_error": round(float(error.mean()), 5)}


def two_sequences(rng, p, n, random_middle):
    """Draw `tasks.two_sequences` with symbols in place of one-hot vectors."""
    symbols = tasks.two_sequences_symbols(rng, p, n, random_middle)
    return Batch(symbols[:-1], symbols[1:], np.ones((p, n), bool))


def long_lag(rng, q, p, n):
    """Draw `tasks.long_lag` with symbols in place of one-hot vectors."""
    symbols, lengths, classes = tasks.long_lag_symbols(rng, q, p, n)
    mask = many_to_one(lengths, len(symbols))
    return Batch(symbols, classes * mask, mask)
