"""The embedded Reber grammar (experiment 1): strings, and the symbols that may come next.

    string     B  T|P  inner string  the same T|P  E
    inner      B, then along the edges of GRAPH from node 1 to node 6, then E

Each edge that leaves a node is taken with probability 1/2. To know the last symbol but one, the
second one must be remembered.

Source:
    Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735, section 5.1.
"""

import numpy as np

from rnncourse.sequences import many_to_many
from rnncourse.tasks.batch import Batch, check_draw, one_hot

REBER_SYMBOLS = "BTPSXVE"

# node -> {symbol: next node}; the walk starts at 0, and from 7 no edge leads on
GRAPH = {
    0: {"B": 1},
    1: {"T": 2, "P": 3},
    2: {"S": 2, "X": 4},
    3: {"T": 3, "V": 5},
    4: {"X": 3, "S": 6},
    5: {"P": 4, "V": 6},
    6: {"E": 7},
}


def embedded_reber_strings(rng, batch):
    """Draw strings of the embedded grammar, as a list of `batch` strings of at least 9 symbols.

    Raises:
        ValueError: if batch is below 1, or rng no generator.
    """
    check_draw(rng, batch)
    return [_draw_string(rng) for _ in range(batch)]


def _draw_string(rng):
    ends = "TP"[rng.integers(2)]
    inner, node = "", 0
    while node in GRAPH:
        edges = list(GRAPH[node].items())
        symbol, node = edges[rng.integers(len(edges))]
        inner += symbol
    return f"B{ends}{inner}{ends}E"


def reber_possible(string):
    """Return, for each symbol but the last, the set of symbols that may come next.

    Args:
        string: a string of the embedded grammar.

    Returns:
        A list of len(string) - 1 strings, each of one or two symbols.

    Raises:
        ValueError: if the string is not one of the embedded grammar.
    """
    if not isinstance(string, str):
        raise ValueError(f"string is {string!r}, expected one of the embedded Reber grammar")
    inner, node = string[2:-2], 0
    possible = ["TP", "B"]  # after the first B, after T or P
    for symbol in inner:
        if symbol not in GRAPH.get(node, ()):
            raise ValueError(f"string is {string!r}, expected one of the embedded Reber grammar")
        node = GRAPH[node][symbol]
        possible.append("".join(GRAPH[node]) if node in GRAPH else string[1])
    possible.append("E")
    if node in GRAPH or string != f"B{string[1]}{inner}{string[1]}E" or string[1] not in "TP":
        raise ValueError(f"string is {string!r}, expected one of the embedded Reber grammar")
    return possible


def reber_batch(strings):
    """Return strings as a task: predict the next symbol at every step.

    Args:
        strings: a list of strings of the embedded grammar.

    Returns:
        Batch with x one-hot (T, B, 7) in the order of REBER_SYMBOLS, all symbols but the last; y
        (T, B) the symbol that comes next; and a mask that scores every step of a string.

    Raises:
        ValueError: if there is no string, or one is too short or holds another symbol.
    """
    for i, string in enumerate(strings):
        if not isinstance(string, str) or len(string) < 2 or set(string) - set(REBER_SYMBOLS):
            expected = f"two or more of the symbols {REBER_SYMBOLS}"
            raise ValueError(f"strings[{i}] is {string!r}, expected {expected}")
    if len(strings) == 0:
        raise ValueError("strings is empty, expected at least one string")
    lengths = np.array([len(string) - 1 for string in strings])
    symbols = np.zeros((lengths.max() + 1, len(strings)), int)
    for b, string in enumerate(strings):
        symbols[: len(string), b] = [REBER_SYMBOLS.index(symbol) for symbol in string]
    mask = many_to_many(lengths, lengths.max())
    return Batch(one_hot(symbols[:-1], lengths, 7), symbols[1:] * mask, mask)


def embedded_reber(rng, batch):
    """Draw strings of the embedded grammar as a `reber_batch`.

    Two symbols are possible next where the graph branches. A net that knows the grammar but not
    the second symbol is right about the last symbol but one in one case of two.
    """
    return reber_batch(embedded_reber_strings(rng, batch))
