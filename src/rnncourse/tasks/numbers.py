"""Tasks on sequences of real numbers, scored at the last step.

adding              y = 0.5 + (X_1 + X_2) / 4      two numbers, marked among many
noise_and_signal    y = 1 or 0                     the sign of the first inputs, then noise
"""

import numpy as np

from rnncourse.sequences import many_to_one
from rnncourse.tasks.batch import Batch, at_end, check_integer, draw_lengths

NOISE = np.sqrt(0.2)  # standard deviation: the paper prints the variance, 0.2


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

    Source:
        Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, section 5.4.
    """
    check_integer("n_steps", n_steps, 20)
    check_integer("batch", batch, 1)
    b = np.arange(batch)
    lengths = draw_lengths(rng, n_steps, batch)
    T = int(lengths.max())
    first = rng.integers(10, size=batch)
    second = rng.integers(n_steps // 2 - 1, size=batch)  # counts the pairs that are still unmarked
    second += second >= first
    x = np.zeros((T, batch, 2))
    x[..., 0] = rng.uniform(-1, 1, size=(T, batch))
    x[0, (first == 0) | (second == 0), 0] = 0
    x[first, b, 1] = x[second, b, 1] = 1
    x[0, :, 1] = x[lengths - 1, b, 1] = -1
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = 0.5 + (x[first, b, 0] + x[second, b, 0]) / 4
    return Batch(x, at_end(y[:, np.newaxis], lengths, T), many_to_one(lengths, T))


def adding_chance(n_steps):
    """Return the mean squared error of the best constant answer to `adding`, which is 0.5.

    The variance of a value is 1/3, or 0 where the draw marks the first pair: X_1 in one of ten
    sequences, X_2 in one of n_steps // 2 - 1 of the others. `losses.squared_error` has half of it.
    """
    check_integer("n_steps", n_steps, 20)
    zeroed = 0.1 + 0.9 / (n_steps // 2 - 1)
    return (2 - zeroed) / 3 / 16


def noise_and_signal(rng, n_steps, batch, n_signal=3):
    """Draw the two-sequence problem (experiment 3a): signal and noise come in on one line.

    The first n_signal inputs are all 1 (class 1) or all -1 (class 2), each with probability 1/2.
    The others are Gaussian with mean 0 and variance 0.2. The target at the end is 1 for class 1
    and 0 for class 2; the best constant answer, 1/2, has a mean squared error of 1/4.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length; lengths run from n_steps to n_steps + n_steps // 10.
        batch: number of sequences B.
        n_signal: how many inputs carry the signal, less than n_steps.

    Returns:
        Batch with D = 1 and K = 1, scored at the last step.

    Raises:
        ValueError: if n_signal is not from 1 to n_steps - 1, or batch is below 1.

    Source:
        Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, section 5.3.
    """
    check_integer("batch", batch, 1)
    check_integer("n_signal", n_signal, 1)
    check_integer("n_steps", n_steps, n_signal + 1)
    lengths = draw_lengths(rng, n_steps, batch)
    T = int(lengths.max())
    classes = rng.integers(2, size=batch)  # 1 for class 1, 0 for class 2
    x = rng.normal(0, NOISE, size=(T, batch, 1))
    x[:n_signal, :, 0] = 2 * classes - 1
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = classes[:, np.newaxis].astype(float)
    return Batch(x, at_end(y, lengths, T), many_to_one(lengths, T))
