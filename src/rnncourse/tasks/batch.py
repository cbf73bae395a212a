"""What every task returns, and what the tasks share."""

from typing import NamedTuple

import numpy as np

from rnncourse.inputs import check_integers, check_plain, check_rng, check_shape, integer
from rnncourse.sequences import many_to_many


class Batch(NamedTuple):
    """A batch of sequences with its targets, in the order that `objective.Objective` takes."""

    x: np.ndarray  # (T, B, D) input, zero after the end of a sequence
    y: np.ndarray  # (T, B, K) target numbers, or (T, B) integer classes; zero where not scored
    mask: np.ndarray  # (T, B) booleans, True where the output is scored


def one_hot(symbols, lengths, n_symbols):
    """Return x (T, B, n_symbols): 1 at the place of the symbol, zero after the sequence's end.

    Args:
        symbols: (T, B) integers from 0 to n_symbols - 1.
        lengths: (B,) integers, number of valid steps.
        n_symbols: number of symbols D.

    Raises:
        ValueError: if a symbol is not an integer from 0 to n_symbols - 1, if there is not one
            length from 1 to T for each sequence, or if n_symbols is not an integer from 1.
    """
    check_plain("symbols", symbols)
    symbols = np.asarray(symbols)
    check_shape("symbols", symbols, ("T", "B"))
    check_shape("lengths", lengths, (symbols.shape[1],))
    integer("n_symbols", n_symbols, 1)
    check_integers("symbols", symbols, 0, n_symbols - 1)
    valid = many_to_many(lengths, len(symbols))
    return np.eye(n_symbols)[symbols] * valid[..., np.newaxis]


def draw_lengths(rng, n_steps, batch):
    """Draw lengths (B,), all from n_steps to n_steps + n_steps // 10 equally likely."""
    return rng.integers(n_steps, n_steps + n_steps // 10 + 1, size=batch)


def check_draw(rng, batch):
    """Raise ValueError unless rng is a generator, and batch an integer from 1."""
    check_rng(rng)
    integer("batch", batch, 1)
