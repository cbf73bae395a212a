"""The cells of the package. Those that join here are held to what every cell must do."""

from rnncourse import gru, linear, lru, lstm, mingru, pointwise, rnn

RECURRENT = (rnn, lstm, gru)
CELLS = (*RECURRENT, linear)
OF_WEEK_11 = (lru, mingru, pointwise)  # lru has an even number of units; tests of their own


def name(cell):
    """Returns "lstm" of the module rnncourse.lstm: for the ids of tests."""
    return cell.__name__.rpartition(".")[2]
