"""When the tasks of the 1997 paper are solved, by the criteria of the paper.

A problem draws training sequences, and says after each BLOCK of them, when there have been
`sequences` in all, whether a net has solved it by the printed criterion. `run(batch)` is the output
(T, B, K) of the net that is judged, weights frozen; `recent` are its errors on the last training
sequences, see `Recent`. An error is the distance from the target that the net is trained for.
"""

import itertools
from typing import NamedTuple

import numpy as np

from rnncourse import tasks
from rnncourse.experiments.lstm1997.draws import as_symbols, last
from rnncourse.tasks import Batch

BLOCK = 100  # sequences between two looks at a net: the printed means fit a grid of 100
TEST_SIZE = 2560


class Recent(NamedTuple):
    """Absolute errors on the last 2000 training sequences, at the steps that are judged."""

    worst: np.ndarray  # (sequences,) of the worst output unit
    mean: np.ndarray  # (sequences,) mean over the output units


class Problem:
    """What problems share; each has `draw(rng, n)` and `solved(run, recent, rng, sequences)`."""

    targets = (0.0, 1.0)  # what a net is trained for where the task says 0 and 1

    def __init__(self):
        """Begin with nothing noted."""
        self.notes = {}

    def judged(self, mask):
        """Return the mask of the steps that are judged."""
        return mask

    def wanted(self, y, K):
        """Return the targets (..., K) of values (..., K), or of classes (...)."""
        low, high = self.targets
        return low + (high - low) * (y if y.dtype.kind == "f" else np.eye(K)[y])

    def errors(self, run, batch):
        """Return the absolute errors (n, K) at the n steps of a batch that are judged."""
        y_k, judged = run(batch), self.judged(batch.mask)
        return np.abs(self.wanted(batch.y[judged], y_k.shape[2]) - y_k[judged])

    def test(self, run, rng):
        """Return what the paper prints of a test set of 2560 sequences: wrong ones, mean error."""
        error = self.errors(run, self.draw_test(rng, TEST_SIZE))
        wrong = int((error.max(axis=1) >= self.bound).sum())
        return {"wrong": wrong, "mean_error": round(float(error.mean()), 5)}

    def draw_test(self, rng, n):
        """Draw test sequences."""
        return self.draw(rng, n)


class Reber(Problem):
    """Experiment 1: 256 training and 256 test strings, all must be right.

    Right: at every step the outputs of the possible next symbols are the most active ones. Test
    strings are random too, but none is a training string.
    """

    def __init__(self, rng):
        """Draw training and test strings."""
        super().__init__()
        self.train = tasks.embedded_reber_strings(rng, 256)
        test, known = [], set(self.train)
        while len(test) < 256:
            (string,) = tasks.embedded_reber_strings(rng, 1)
            test += [] if string in known else [string]
        self.batch = as_symbols(tasks.reber_batch(self.train))
        everything = [*self.train, *test]
        edges = [0, 16, *range(64, 513, 64)]  # most nets fail on the first few strings
        self.portions = [everything[a:b] for a, b in itertools.pairwise(edges)]
        self._asked = [(as_symbols(tasks.reber_batch(p)), _possible(p)) for p in self.portions]

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


class Fresh(Problem):
    """Experiment 2: all errors below a bound in 10,000 successive random sequences.

    The weights are frozen meanwhile. The sequences are drawn in growing portions, and the first
    error ends the look.
    """

    def __init__(self, draw, bound, portions=(50, 450, 9500), last_only=False, at_once=False):
        """Set what is drawn, and the bound.

        Args:
            draw: function (rng, n) -> Batch.
            bound: of the errors.
            portions: numbers of sequences.
            last_only: only the error at the end counts.
            at_once: look at nets whatever their errors on the last 2000 training sequences.
        """
        super().__init__()
        self.draw, self.bound, self.portions = draw, bound, portions
        self.last_only, self.at_once = last_only, at_once

    def judged(self, mask):
        """Return the mask of the steps that are judged."""
        return last(mask) if self.last_only else mask

    def solved(self, run, recent, rng, sequences):
        """Look at fresh sequences, if the last training sequences, up to 2000, were all right."""
        if not self.at_once and (recent.worst >= self.bound).any():
            return False
        for size in self.portions:
            for start in range(0, size, 500):
                batch = self.draw(rng, min(500, size - start))
                if self.errors(run, batch).max() >= self.bound:
                    return False
        return True


class NoiseAndSignal(Problem):
    """Experiment 3: ST1, few of 256 test sequences are wrong; ST2, also a small mean error."""

    def __init__(self, rng, draw, bound=0.2, wrong=0, mean_bound=0.01, draw_test=None):
        """Draw the test set of 256 sequences.

        Args:
            rng: a `numpy.random.Generator`.
            draw: function (rng, n) -> Batch.
            bound: error from which on a sequence is wrong.
            wrong: how many may be.
            mean_bound: of the mean error.
            draw_test: as `draw`, for test sequences, if they are others.
        """
        super().__init__()
        self.draw, self.bound, self.wrong, self.mean_bound = draw, bound, wrong, mean_bound
        self.draw_test, self.redrawn = draw_test or draw, False
        self.portions = self._test_set(rng)

    def _test_set(self, rng):
        test = self.draw_test(rng, 256)
        few, rest = slice(0, 32), slice(32, None)  # most nets fail on the first few
        return [Batch(*(a[:, part] for a in test)) for part in (few, rest)]

    def solved(self, run, recent, rng, sequences):
        """Note when ST1 is reached, and say whether ST2 is; on a fresh test set if `redrawn`."""
        if self.redrawn:
            self.portions = self._test_set(rng)
        found = np.empty((0, 1))
        for batch in self.portions:
            found = np.concatenate([found, self.errors(run, batch)])
            if (found >= self.bound).sum() > self.wrong:
                return False
        self.notes.setdefault("st1", sequences)
        return bool(found.mean() < self.mean_bound)


class Online(Problem):
    """Experiments 4 to 6: the 2000 most recent sequences are right, or all but a few.

    ST3 of the paper; and their mean absolute error is below another bound.
    """

    def __init__(self, draw, bound, mean_bound=np.inf, wrong=0):
        """Set the function (rng, n) -> Batch that draws, both bounds, and how many may be wrong."""
        super().__init__()
        self.draw, self.bound, self.mean_bound, self.wrong = draw, bound, mean_bound, wrong

    def solved(self, run, recent, rng, sequences):
        """Judge the last 2000 training sequences, each before its own update."""
        worst, mean = recent.worst[-2000:], recent.mean[-2000:]
        right = (worst >= self.bound).sum() <= self.wrong
        return bool(len(worst) == 2000 and right and mean.mean() < self.mean_bound)
