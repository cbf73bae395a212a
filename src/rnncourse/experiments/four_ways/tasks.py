"""The tasks of the four ways: what is drawn, what is learned from, and when an answer is right.

    adding, multiplication           one number at the end; wrong if off by more than 0.04
    xor                              one bit at the end
    temporal_order, _3               one of 4 or 8 classes at the end
    random_permutation               100 symbols, the last one counts
    memorization_5, memorization_20  a word; wrong if one of its symbols is wrong

A task is solved when fewer than 1 % of 10,000 fresh sequences are wrong. The length of a row is the
argument `n_steps` of the task: the least length of a sequence, in which the first of the things to
be remembered stands in the first fifth; for memorization it is the number of blanks.

Source:
    The criterion is that of Martens and Sutskever, ICML 2011, as their released code has it.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from rnncourse import losses, tasks
from rnncourse.experiments.answers import right
from rnncourse.experiments.four_ways.scored import span

TOLERANCE = 0.04
PORTION, WORST = 250, 1e6  # sequences at once; stands for a cost that is no number


class Task(NamedTuple):
    """A task of `rnncourse.tasks`, with what a net needs for it."""

    draw: Callable  # (rng, n_steps, batch) -> Batch
    loss: losses.Loss
    n_in: int
    n_out: int
    last_only: bool = False  # every step is learned from, but only the last one is judged
    beside: int = 0  # steps that every sequence has beside its length: a word, said twice

    def batch(self, rng, n_steps, size):
        """Draw a batch in float32, targets too where they are numbers."""
        batch = self.draw(rng, n_steps, size)
        y = batch.y if batch.y.dtype.kind == "i" else batch.y.astype(np.float32)
        return batch._replace(x=batch.x.astype(np.float32), y=y)

    def wrong(self, y_hat, y, mask):
        """Return which sequences (B,) are answered wrongly, with y_hat (T, B, K)."""
        if self.loss is losses.sigmoid_cross_entropy:  # a bit
            bad = ~(((y_hat > 0) == (y > 0.5)) & np.isfinite(y_hat))[..., 0]
        else:
            bad = ~right(y_hat, y, TOLERANCE)
        if self.last_only:
            last = mask.sum(axis=0) - 1
            return bad[last, np.arange(mask.shape[1])]
        return (bad & mask).any(axis=0)


TASKS = {
    "adding": Task(tasks.adding, losses.squared_error, 2, 1),
    "multiplication": Task(tasks.multiplication, losses.squared_error, 2, 1),
    "xor": Task(tasks.xor, losses.sigmoid_cross_entropy, 2, 1),
    "temporal_order": Task(tasks.temporal_order, losses.softmax_cross_entropy, 8, 4),
    "temporal_order_3": Task(tasks.temporal_order_3, losses.softmax_cross_entropy, 8, 8),
    "random_permutation": Task(
        tasks.random_permutation, losses.softmax_cross_entropy, 100, 100, last_only=True
    ),
    "memorization_5": Task(tasks.memorization, losses.softmax_cross_entropy, 4, 2, beside=11),
    "memorization_20": Task(
        partial(tasks.memorization, n_symbols=10, n_values=5),
        losses.softmax_cross_entropy,
        7,
        5,
        beside=21,
    ),
}


class Verdict(NamedTuple):
    """What fresh sequences say of a net."""

    solved: bool
    wrong: float  # share of the sequences of the last look
    cost: float  # mean loss of the same sequences, at most `WORST`


def share_wrong(task, predict, rng, n_steps, size):
    """Return the share of `size` fresh sequences that `predict(x) -> y_hat` answers wrongly."""
    return _wrong_and_cost(task, predict, rng, n_steps, size)[0]


def _wrong_and_cost(task, predict, rng, n_steps, size):
    n_wrong, cost = 0, 0.0
    for start in range(0, size, PORTION):
        x, y, mask = task.batch(rng, n_steps, min(PORTION, size - start))
        y_hat, scored = predict(x), span(mask)
        n_wrong += int(task.wrong(y_hat, y, mask).sum())
        cost += len(x[0]) * task.loss.value(y_hat[scored], y[scored], mask[scored])
    return n_wrong / size, float(
        np.nan_to_num(cost / size, nan=WORST, posinf=WORST).clip(max=WORST)
    )


def judge(task, predict, rng, n_steps):
    """Return the `Verdict`: solved where fewer than 1 % of 10,000 fresh sequences are wrong.

    A look at 200 sequences, then at 1000, comes first, and ends it where too many are wrong: most
    nets, most of the time. The bound of the second is 1 %, too, so that a net near it may need
    several looks: of nets with 0.8 % wrong answers it lets seven of ten pass. Share and cost are
    those of the last look.
    """
    for size, most in ((200, 0.05), (1000, 0.01), (10_000, 0.01)):
        wrong, cost = _wrong_and_cost(task, predict, rng, n_steps, size)
        if wrong >= most:
            return Verdict(False, wrong, cost)
    return Verdict(True, wrong, cost)
