"""Tasks in which nothing but memory is asked for.

    random_permutation   the first symbol comes again at the end    next symbol, at every step
    memorization         a word, blanks, a trigger                  the word, after the trigger

Source:
    Martens and Sutskever, ICML 2011. The numbers are those of section 4.4 of Sutskever's
    thesis (Toronto, 2013), which we know from notes on it and from the code that its author
    released, not from its text.
"""

import numpy as np

from rnncourse.inputs import integer
from rnncourse.sequences import many_to_many
from rnncourse.tasks.batch import Batch, check_draw, draw_lengths, one_hot


def random_permutation(rng, n_steps, batch, n_symbols=100):
    """Draw sequences whose last symbol is their first one: predict the next symbol at every step.

    A sequence has L symbols, L from n_steps to n_steps + n_steps // 10. The first is 0 or 1, each
    with probability 1/2, and the last is the same; those between are independent (in spite of the
    name) and uniform from 2 to n_symbols - 1. Only the last symbol can be predicted; the steps
    before it cost log(n_symbols - 2) at best. Without memory the last one is right in one case of
    two, and one of the others in one case of n_symbols - 2.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length, at least 3.
        batch: number of sequences B.
        n_symbols: number of symbols, at least 3.

    Returns:
        Batch with x one-hot, D = n_symbols, all symbols but the last; y (T, B) the symbol that
        comes next; and a mask that scores every step. What counts is the last step of each.

    Raises:
        ValueError: if n_steps or n_symbols is below 3, batch below 1, or rng no generator.
    """
    integer("n_steps", n_steps, 3)
    check_draw(rng, batch)
    integer("n_symbols", n_symbols, 3)
    lengths = draw_lengths(rng, n_steps, batch)
    symbols = rng.integers(2, n_symbols, size=(lengths.max(), batch))
    symbols[0] = symbols[lengths - 1, np.arange(batch)] = rng.integers(2, size=batch)
    mask = many_to_many(lengths - 1, len(symbols) - 1)
    return Batch(one_hot(symbols[:-1], lengths - 1, n_symbols), symbols[1:] * mask, mask)


def memorization(rng, n_steps, batch, n_symbols=5, n_values=2):
    """Draw words to be kept and given back: symbols, blanks, a trigger, and then the word.

    First come n_symbols symbols, each uniform from 0 to n_values - 1, then n_steps blanks, then the
    trigger, then n_symbols blanks at which the word is to be said, in order. So each symbol is
    asked for n_symbols + n_steps + 1 steps after it was shown. 5 symbols of 2 values make the
    5-bit problem, 10 of 5 values what is called the 20-bit problem (it is 10 log2(5) = 23.2 bits).
    A guess has one symbol in n_values right (cross-entropy log n_values), and one word in
    n_values^n_symbols: 1/32 for 5 bits, 1e-7 for 20.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: number of blanks between word and trigger, at least 1.
        batch: number of sequences B.
        n_symbols: length of the word.
        n_values: number of values of a symbol, at least 2.

    Returns:
        Batch with T = n_steps + 2 n_symbols + 1 steps, x one-hot, D = n_values + 2 (the blank is
        n_values, the trigger n_values + 1), and y (T, B) the symbol, scored at the last n_symbols
        steps.

    Raises:
        ValueError: if n_values is below 2, another number below 1, or rng no generator.
    """
    check_draw(rng, batch)
    integer("n_steps", n_steps, 1)
    integer("n_symbols", n_symbols, 1)
    integer("n_values", n_values, 2)
    T, blank, trigger = n_steps + 2 * n_symbols + 1, n_values, n_values + 1
    symbols, y = np.full((T, batch), blank), np.zeros((T, batch), int)
    symbols[:n_symbols] = y[-n_symbols:] = rng.integers(n_values, size=(n_symbols, batch))
    symbols[n_symbols + n_steps] = trigger
    mask = np.broadcast_to(np.arange(T)[:, np.newaxis] >= T - n_symbols, (T, batch)).copy()
    return Batch(one_hot(symbols, np.full(batch, T), n_values + 2), y, mask)
