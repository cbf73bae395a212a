"""Long-lag tasks with exact definitions: each function draws a batch of random sequences.

    adding            sum of two marked numbers                     one number, at the end
    temporal_order    which of X, Y came first, which second        one of 4 classes, at the end

Every generator returns a `Batch(x, y, mask)` that goes straight into an `objective.Objective`.
Sequences are padded with zeros on the right; the mask says which steps are scored.

Source:
    Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735; the numbers of the experiments
    are those of the paper.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.sequences import many_to_one

TEMPORAL_ORDER_SYMBOLS = "EBabcdXY"


class Batch(NamedTuple):
    """A batch of sequences with its targets, in the order that `objective.Objective` takes."""

    x: np.ndarray  # (T, B, D) input, zero after the end of a sequence
    y: np.ndarray  # (T, B, K) target numbers, or (T, B) integer classes; zero where not scored
    mask: np.ndarray  # (T, B) booleans, True where the output is scored


def adding(rng, n_steps, batch):
    """Draw the adding problem (experiment 4): x[t] is a pair (value, marker).

        y = 0.5 + (X_1 + X_2) / 4

    Values are uniform in [-1, 1]. A sequence has n_steps to n_steps + n_steps // 10 pairs. X_1 is
    the value of one marked pair among the first ten, X_2 that of another one among the first
    n_steps // 2 - 1 that are left. Markers are 1 at these two, -1 at the first and the last pair,
    and 0 elsewhere. Where the draw marks the first pair, its marker stays -1 and its value is set
    to zero.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length, at least 20.
        batch: number of sequences B.

    Returns:
        Batch with D = 2 and K = 1, scored at the last step.

    Raises:
        ValueError: if n_steps is below 20, or batch below 1.
    """
    _check("n_steps", n_steps, 20)
    _check("batch", batch, 1)
    b = np.arange(batch)
    lengths, T = _lengths(rng, n_steps, batch)
    first = rng.integers(10, size=batch)
    second = rng.integers(n_steps // 2 - 1, size=batch)  # counts the pairs that are still unmarked
    second += second >= first
    x = np.zeros((T, batch, 2))
    x[..., 0] = rng.uniform(-1, 1, size=(T, batch))
    x[0, (first == 0) | (second == 0), 0] = 0
    x[first, b, 1] = x[second, b, 1] = 1
    x[0, :, 1] = x[lengths - 1, b, 1] = -1
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = np.zeros((T, batch, 1))
    y[lengths - 1, b, 0] = 0.5 + (x[first, b, 0] + x[second, b, 0]) / 4
    return Batch(x, y, many_to_one(lengths, T))


def adding_chance(n_steps):
    """Return the mean squared error of the best constant answer to `adding`, which is 0.5.

    The variance of a value is 1/3, or 0 where the draw marks the first pair: X_1 in one of ten
    sequences, X_2 in one of n_steps // 2 - 1 of the others. `losses.squared_error` has half of it.
    """
    _check("n_steps", n_steps, 20)
    zeroed = 0.1 + 0.9 / (n_steps // 2 - 1)
    return (2 - zeroed) / 3 / 16


def temporal_order(rng, n_steps, batch):
    """Draw the temporal-order problem (experiment 6a): in which order do X and Y come?

    One of 8 symbols, E B a b c d X Y, at each step. E comes first, B last; n_steps to n_steps +
    n_steps // 10 symbols in all. At a step from n_steps // 10 to n_steps // 5, and at one from
    n_steps // 2 to 3 * n_steps // 5, both ends included, E being step 0, stands X or Y, each with
    probability 1/2. Elsewhere stands one of a, b, c, d, all equally likely.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length, at least 10.
        batch: number of sequences B.

    Returns:
        Batch with x one-hot, D = 8, and y (T, B) the class at the last step: 0 for X, X; 1 for
        X, Y; 2 for Y, X; 3 for Y, Y. A guess is right in one case of four (cross-entropy log 4).

    Raises:
        ValueError: if n_steps is below 10, or batch below 1.
    """
    _check("n_steps", n_steps, 10)
    _check("batch", batch, 1)
    symbols, lengths, classes = temporal_order_symbols(rng, n_steps, batch)
    b, T = np.arange(batch), len(symbols)
    y = np.zeros((T, batch), int)
    y[lengths - 1, b] = classes
    return Batch(one_hot(symbols, lengths, 8), y, many_to_one(lengths, T))


def temporal_order_symbols(rng, n_steps, batch):
    """Draw the sequences of `temporal_order` as integers (T, B), with lengths and classes (B,)."""
    b = np.arange(batch)
    lengths, T = _lengths(rng, n_steps, batch)
    symbols = rng.integers(2, 6, size=(T, batch))  # distractors a, b, c, d
    symbols[0], symbols[lengths - 1, b] = 0, 1  # E, B
    first, second = rng.integers(2, size=(2, batch))  # 0 is X, 1 is Y
    symbols[rng.integers(n_steps // 10, n_steps // 5 + 1, size=batch), b] = 6 + first
    symbols[rng.integers(n_steps // 2, 3 * n_steps // 5 + 1, size=batch), b] = 6 + second
    return symbols, lengths, 2 * first + second


def one_hot(symbols, lengths, n_symbols):
    """Return x (T, B, n_symbols): 1 at the place of the symbol, zero after the sequence's end.

    Args:
        symbols: (T, B) integers from 0 to n_symbols - 1.
        lengths: (B,) integers, number of valid steps.
        n_symbols: number of symbols D.
    """
    valid = np.arange(len(symbols))[:, np.newaxis] < lengths
    return np.eye(n_symbols)[symbols] * valid[..., np.newaxis]


def _lengths(rng, n_steps, batch):
    """Draw lengths (B,) from n_steps to n_steps + n_steps // 10; return them and the greatest."""
    lengths = rng.integers(n_steps, n_steps + n_steps // 10 + 1, size=batch)
    return lengths, int(lengths.max())


def _check(name, value, least):
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value!r}, expected an integer from {least}")
