"""Tasks on sequences of symbols, one-hot.

    temporal_order    in which order did X and Y come?          one of 4 classes, at the end
    temporal_order_3  the same with three symbols               one of 8 classes, at the end
    two_sequences     the first symbol comes again at the end   the next symbol, at every step
    long_lag          the second symbol comes again at the end  one of 2 classes, at the end

Most tasks have a function `..._symbols` beside them that draws the same sequences as integers, for
programs that look weights up instead of multiplying with zeros.

Source:
    Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, sections 5.2 and 5.6.
"""

import numpy as np

from rnncourse.inputs import integer
from rnncourse.sequences import at_last_step
from rnncourse.tasks.batch import Batch, check_draw, draw_lengths, one_hot

TEMPORAL_ORDER_SYMBOLS = "EBabcdXY"


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
        ValueError: if n_steps is below 10, batch below 1, or rng no generator.
    """
    symbols, lengths, classes = temporal_order_symbols(rng, n_steps, batch)
    return _scored_at_end(symbols, lengths, classes, 8)


def temporal_order_symbols(rng, n_steps, batch):
    """Draw the sequences of `temporal_order` as integers (T, B), with lengths and classes (B,)."""
    b, lengths, symbols = _framed(rng, n_steps, batch)
    first, second = rng.integers(2, size=(2, batch))  # 0 is X, 1 is Y
    symbols[rng.integers(n_steps // 10, n_steps // 5 + 1, size=batch), b] = 6 + first
    symbols[rng.integers(n_steps // 2, 3 * n_steps // 5 + 1, size=batch), b] = 6 + second
    return symbols, lengths, 2 * first + second


def temporal_order_3(rng, n_steps, batch):
    """Draw the temporal-order problem with three symbols (experiment 6b).

    As `temporal_order`, but X or Y stands at three steps: one from n_steps // 10 to n_steps // 5,
    one from n_steps // 3 to n_steps // 3 + n_steps // 10, and one from 2 * n_steps // 3 to
    2 * n_steps // 3 + n_steps // 10, both ends included. For n_steps = 100 these are the printed
    windows, 10 to 20, 33 to 43 and 66 to 76.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length, at least 10.
        batch: number of sequences B.

    Returns:
        Batch with x one-hot, D = 8, and y (T, B) the class at the last step, 4 a + 2 b + c with a,
        b, c = 0 for X and 1 for Y. A guess is right in one case of eight (cross-entropy log 8).

    Raises:
        ValueError: if n_steps is below 10, batch below 1, or rng no generator.
    """
    b, lengths, symbols = _framed(rng, n_steps, batch)
    is_y = rng.integers(2, size=(3, batch))
    tenth = n_steps // 10
    windows = (
        (tenth, n_steps // 5),
        *((k * n_steps // 3, k * n_steps // 3 + tenth) for k in (1, 2)),
    )
    for (least, most), symbol in zip(windows, 6 + is_y, strict=True):
        symbols[rng.integers(least, most + 1, size=batch), b] = symbol
    return _scored_at_end(symbols, lengths, 4 * is_y[0] + 2 * is_y[1] + is_y[2], 8)


def _framed(rng, n_steps, batch):
    """Draw lengths and sequences of E, distractors, and B; return them behind 0 ... B - 1."""
    integer("n_steps", n_steps, 10)
    check_draw(rng, batch)
    b = np.arange(batch)
    lengths = draw_lengths(rng, n_steps, batch)
    symbols = rng.integers(2, 6, size=(lengths.max(), batch))  # distractors a, b, c, d
    symbols[0], symbols[lengths - 1, b] = 0, 1  # E, B
    return b, lengths, symbols


def two_sequences(rng, p, batch, random_middle=False):
    """Draw experiment 2a: predict the next symbol of one of two sequences that are almost equal.

    The sequences are (y, a_1, ..., a_{p-1}, y) and (x, a_1, ..., a_{p-1}, x), each with
    probability 1/2. With `random_middle` (experiment 2b) the p - 1 symbols between are drawn from
    a_1 ... a_{p-1}, all equally likely; then only the last symbol can be predicted at all. Without
    memory the last symbol is right in one case of two, and in 2b one of the others in one case of
    p - 1.

    Args:
        rng: a `numpy.random.Generator`.
        p: delay between the two equal symbols, at least 2.
        batch: number of sequences B.
        random_middle: False for 2a, True for 2b.

    Returns:
        Batch with T = p steps, x one-hot, D = p + 1 (a_1 is 0, x is p - 1, y is p), and y (T, B)
        the next symbol, scored at every step.

    Raises:
        ValueError: if p is below 2, batch below 1, or rng no generator.
    """
    symbols = two_sequences_symbols(rng, p, batch, random_middle)
    x = one_hot(symbols[:-1], np.full(batch, p), p + 1)
    return Batch(x, symbols[1:], np.ones((p, batch), bool))


def two_sequences_symbols(rng, p, batch, random_middle=False):
    """Draw the whole sequences of `two_sequences` as integers (p + 1, B), the last symbol too."""
    integer("p", p, 2)
    check_draw(rng, batch)
    symbols = np.empty((p + 1, batch), int)
    symbols[0] = symbols[-1] = rng.integers(p - 1, p + 1, size=batch)
    symbols[1:-1] = np.arange(p - 1)[:, np.newaxis]
    if random_middle:
        symbols[1:-1] = rng.integers(p - 1, size=(p - 1, batch))
    return symbols


def long_lag(rng, q, p, batch):
    """Draw experiment 2c: say after the trigger which symbol came second, long before.

    A sequence is b, then x or y with probability 1/2 each, then q + k distractors from a_1 ... a_p,
    then the trigger e. After q distractors each further symbol is the trigger with probability
    1/10, so k is geometric with mean 9. The answer is asked for at the trigger, q + k + 1 steps
    after the symbol. A guess is right in one case of two (cross-entropy log 2).

    Args:
        rng: a `numpy.random.Generator`.
        q: least number of distractors in a sequence, at least 1.
        p: number of different distractors, at least 1.
        batch: number of sequences B.

    Returns:
        Batch with x one-hot, D = p + 4 (a_1 is 0, then e, b, x, y are p, p + 1, p + 2, p + 3), and
        y (T, B) the class at the last step: 0 for x, 1 for y.

    Raises:
        ValueError: if q, p or batch is below 1, or rng no generator.
    """
    symbols, lengths, classes = long_lag_symbols(rng, q, p, batch)
    return _scored_at_end(symbols, lengths, classes, p + 4)


def long_lag_symbols(rng, q, p, batch):
    """Draw the sequences of `long_lag` as integers (T, B), with lengths and classes (B,)."""
    check_draw(rng, batch)
    integer("q", q, 1)
    integer("p", p, 1)
    lengths = 3 + q + rng.geometric(0.1, size=batch) - 1  # b, x or y, q + k distractors, e
    symbols = rng.integers(p, size=(lengths.max(), batch))
    classes = rng.integers(2, size=batch)
    symbols[0], symbols[1] = p + 1, p + 2 + classes
    symbols[lengths - 1, np.arange(batch)] = p
    return symbols, lengths, classes


def _scored_at_end(symbols, lengths, classes, n_symbols):
    T = len(symbols)
    x = one_hot(symbols, lengths, n_symbols)
    return Batch(x, *at_last_step(classes, lengths, T))
