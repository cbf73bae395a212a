"""Tasks on sequences of real numbers, scored at the last step.

adding              y = 0.5 + (X_1 + X_2) / 4      two numbers, marked among many
multiplication      y = X_1 X_2                    two numbers, marked among many
xor                 y = X_1 xor X_2                two bits, marked among many
noise_and_signal    y = 1 or 0                     the sign of the first inputs, then noise
"""

import numpy as np

from rnncourse.inputs import integer
from rnncourse.sequences import at_last_step
from rnncourse.tasks.batch import Batch, check_draw, draw_lengths

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
        ValueError: if n_steps is below 20, batch below 1, or rng no generator.

    Source:
        Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, section 5.4.
    """
    x, lengths, X_1, X_2 = _two_marked(rng, n_steps, batch, least=-1, at_first_pair=0)
    y = 0.5 + (X_1 + X_2) / 4
    return Batch(x, *at_last_step(y[:, np.newaxis], lengths, len(x)))


def adding_chance(n_steps):
    """Return the mean squared error of the best constant answer to `adding`, which is 0.5.

    The variance of a value is 1/3, or 0 where the draw marks the first pair: X_1 in one of ten
    sequences, X_2 in one of n_steps // 2 - 1 of the others. `losses.squared_error` has half of it.
    """
    integer("n_steps", n_steps, 20)
    zeroed = 0.1 + 0.9 / (n_steps // 2 - 1)
    return (2 - zeroed) / 3 / 16


def multiplication(rng, n_steps, batch):
    """Draw the multiplication problem (experiment 5): x[t] is a pair (value, marker).

        y = X_1 X_2

    As `adding`, but values are uniform in [0, 1], and where the draw marks the first pair, its
    value is set to one. The mean squared error of a guess is `multiplication_chance`: 7/144, and
    a fifth to a third more for the sequences in which the first pair is marked.

    Arguments, result and errors are those of `adding`.

    Source:
        Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, section 5.5.
    """
    x, lengths, X_1, X_2 = _two_marked(rng, n_steps, batch, least=0, at_first_pair=1)
    y = X_1 * X_2
    return Batch(x, *at_last_step(y[:, np.newaxis], lengths, len(x)))


def multiplication_chance(n_steps):
    """Return the mean squared error of the best constant answer to `multiplication`, its mean.

    A product has mean 1/4 and mean square 1/9; where the draw marks the first pair it is a value
    alone, with mean 1/2 and mean square 1/3.
    """
    integer("n_steps", n_steps, 20)
    alone = 0.1 + 0.9 / (n_steps // 2 - 1)
    return alone / 3 + (1 - alone) / 9 - (alone / 2 + (1 - alone) / 4) ** 2


def xor(rng, n_steps, batch):
    """Draw the exclusive or of two marked bits: x[t] is a pair (bit, marker).

        y = X_1 xor X_2

    Bits are 0 or 1, each with probability 1/2. A sequence has L pairs, L from n_steps to n_steps +
    n_steps // 10. X_1 is the bit at a step below L // 10, X_2 that at a step from L // 10 to
    L // 2 - 1, step 0 being the first. Markers are 1 at these two and 0 elsewhere. A guess is right
    in one case of two (cross-entropy log 2), and so is one that knows only one of the bits.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length, at least 10.
        batch: number of sequences B.

    Returns:
        Batch with D = 2 and K = 1, y 0.0 or 1.0 (for `losses.sigmoid_cross_entropy`), scored at
        the last step.

    Raises:
        ValueError: if n_steps is below 10, batch below 1, or rng no generator.

    Source:
        Martens and Sutskever, ICML 2011. The windows are those of section 4.4 of
        Sutskever's thesis (Toronto, 2013), which we know from notes on it, not from its text.
    """
    integer("n_steps", n_steps, 10)
    check_draw(rng, batch)
    b = np.arange(batch)
    lengths = draw_lengths(rng, n_steps, batch)
    T = int(lengths.max())
    first, second = rng.integers(lengths // 10), rng.integers(lengths // 10, lengths // 2)
    x = np.zeros((T, batch, 2))
    x[..., 0] = rng.integers(2, size=(T, batch))
    x[first, b, 1] = x[second, b, 1] = 1
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = np.abs(x[first, b, 0] - x[second, b, 0])
    return Batch(x, *at_last_step(y[:, np.newaxis], lengths, T))


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
        ValueError: if n_signal is not from 1 to n_steps - 1, batch below 1, or rng no generator.

    Source:
        Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, section 5.3.
    """
    check_draw(rng, batch)
    integer("n_signal", n_signal, 1)
    integer("n_steps", n_steps, n_signal + 1)
    lengths = draw_lengths(rng, n_steps, batch)
    T = int(lengths.max())
    classes = rng.integers(2, size=batch)  # 1 for class 1, 0 for class 2
    x = rng.normal(0, NOISE, size=(T, batch, 1))
    x[:n_signal, :, 0] = 2 * classes - 1
    x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = classes[:, np.newaxis].astype(float)
    return Batch(x, *at_last_step(y, lengths, T))


def _two_marked(rng, n_steps, batch, least, at_first_pair):
    """Draw x (T, B, 2), lengths, and the two marked values (B,) of `adding`, `multiplication`.

    Values are uniform from `least` to 1; where the draw marks the first pair, its value is
    `at_first_pair`.
    """
    integer("n_steps", n_steps, 20)
    check_draw(rng, batch)
    b = np.arange(batch)
    lengths = draw_lengths(rng, n_steps, batch)
    T = int(lengths.max())
    first = rng.integers(10, size=batch)
    second = rng.integers(n_steps // 2 - 1, size=batch)  # counts the pairs that are still unmarked
    second += second >= first
    x = np.zeros((T, batch, 2))
    x[..., 0] = rng.uniform(least, 1, size=(T, batch))
    x[0, (first == 0) | (second == 0), 0] = at_first_pair
    x[first, b, 1] = x[second, b, 1] = 1
    x[0, :, 1] = x[lengths - 1, b, 1] = -1
    x[n_steps:][np.arange(n_steps, T)[:, np.newaxis] >= lengths] = 0
    return x, lengths, x[first, b, 0], x[second, b, 0]
