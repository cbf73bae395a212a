"""The cells of the package: what is tested of every cell is tested of those that join here."""

from rnncourse import gru, linear, lstm, rnn

RECURRENT = (rnn, lstm, gru)
CELLS = (*RECURRENT, linear)


def name(cell):
    """Returns "lstm" of the module rnncourse.lstm: for the ids of tests."""
    return cell.__name__.rpartition(".")[2]
