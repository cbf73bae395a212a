"""A museum of wrong backward passes: mistakes that teaching code has really made.

    EXHIBITS                 ten mistakes, each in a cell of ours
    exhibit.cell()           the cell with the mistake, a module like rnn, lstm or gru
    suspects(like)           the wrong versions of the cell `like`, without their labels
    examine(cell, like)      which of six checks notice that it is not the cell `like`
    examined(exhibits)       the same for several exhibits, as a table
    learn_echo(cell, seed)   how far training comes with it

Most of the mistakes were mended long ago; all were made where many have learned.
"""

from rnncourse.museum.examination import CHECKS, examine, examined, learn_echo
from rnncourse.museum.exhibits import EXHIBITS, Exhibit, suspects, wrong_lines

__all__ = [
    "CHECKS",
    "EXHIBITS",
    "Exhibit",
    "examine",
    "examined",
    "learn_echo",
    "suspects",
    "wrong_lines",
]
