"""Tasks with exact definitions: each function draws a batch of random sequences.

    adding              sum of two marked numbers                       one number, at the end
    multiplication      product of two marked numbers                   one number, at the end
    xor                 exclusive or of two marked bits                 one bit, at the end
    noise_and_signal    sign of the first inputs                        one number, at the end
    temporal_order      in which order did X and Y come?                one of 4 classes, at the end
    temporal_order_3    the same with three symbols                     one of 8 classes, at the end
    two_sequences       the first symbol comes again at the end         next symbol, at every step
    random_permutation  the same among 100 symbols, random between      next symbol, at every step
    long_lag            the second symbol comes again at the end        one of 2 classes, at the end
    memorization        a word, blanks, a trigger                       the word, at its end
    embedded_reber      strings of a grammar with a branch to remember  next symbol, at every step

Every function returns a `Batch(x, y, mask)` that goes straight into an `objective.Objective`.
Sequences are padded with zeros on the right; the mask says which steps are scored. The docstrings
say what a guess gets.

Source:
    Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735; the numbers of the experiments
    are those of the paper. xor, random_permutation and memorization: Martens and Sutskever, ICML
    2011, with the numbers that the docstrings name.
"""

from rnncourse.tasks.batch import Batch, one_hot
from rnncourse.tasks.memory import memorization, random_permutation
from rnncourse.tasks.numbers import (
    adding,
    adding_chance,
    multiplication,
    multiplication_chance,
    noise_and_signal,
    xor,
)
from rnncourse.tasks.reber import (
    REBER_SYMBOLS,
    embedded_reber,
    embedded_reber_strings,
    reber_batch,
    reber_possible,
)
from rnncourse.tasks.symbols import (
    TEMPORAL_ORDER_SYMBOLS,
    long_lag,
    long_lag_symbols,
    temporal_order,
    temporal_order_3,
    temporal_order_symbols,
    two_sequences,
    two_sequences_symbols,
)

__all__ = [
    "REBER_SYMBOLS",
    "TEMPORAL_ORDER_SYMBOLS",
    "Batch",
    "adding",
    "adding_chance",
    "embedded_reber",
    "embedded_reber_strings",
    "long_lag",
    "long_lag_symbols",
    "memorization",
    "multiplication",
    "multiplication_chance",
    "noise_and_signal",
    "one_hot",
    "random_permutation",
    "reber_batch",
    "reber_possible",
    "temporal_order",
    "temporal_order_3",
    "temporal_order_symbols",
    "two_sequences",
    "two_sequences_symbols",
    "xor",
]
