"""The exhibits: our own cells, each with one mistake.

An exhibit is the source of a cell with one piece of one line replaced: wrong in this and in nothing
else. When the line changes, the exhibit raises instead of rotting. Each names a place where a
mistake of its kind was found: not always in the same cell, and twice in a formula of the text.
"""

import inspect
import linecache
from string import ascii_uppercase
from types import ModuleType
from typing import NamedTuple

from rnncourse import gru, lstm, rnn


class Exhibit(NamedTuple):
    """One mistake: which piece of whose source is replaced by what, and an example."""

    name: str
    original: ModuleType  # the right cell
    right: str  # found exactly once in the source of the original
    wrong: str  # what stands in its place
    where: str  # repository, and the thread that reports such a mistake or the file that holds it

    def source(self):
        """Return the source of the wrong cell.

        Raises:
            ValueError: if the right piece does not occur exactly once, within one line.
        """
        source = inspect.getsource(self.original)
        if source.count(self.right) != 1 or "\n" in self.right + self.wrong:
            raise ValueError(
                f"{self.name}: {self.right!r} occurs {source.count(self.right)} times in "
                f"{self.original.__name__}, expected exactly once and within one line"
            )
        return source.replace(self.right, self.wrong)

    def line(self):
        """Return the wrong line as it stands in the source, without spaces at its ends."""
        before, _, after = self.source().partition(self.wrong)
        return (before.rpartition("\n")[2] + self.wrong + after.partition("\n")[0]).strip()

    def cell(self, label=None):
        """Return the wrong cell; `inspect.getsource` shows it and its functions, as of any module.

        Args:
            label: name of the module; the exhibit's name if None.
        """
        label = label or self.name
        source, file = self.source(), f"<museum: {label}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        cell = ModuleType(label)
        cell.__file__ = file
        exec(compile(source, file, "exec"), cell.__dict__)
        return cell


EXHIBITS = (
    Exhibit(
        "state gradient not passed back",
        rnn,
        "d_h[...] = dot(d_z[t], W_hh)",
        "d_h[...] = 0",
        "qixianbiao/RNN, issue 2 (2018)",
    ),
    Exhibit(
        "new state for the old one",
        rnn,
        "W_hh=sum_outer(d_z, tape.h_prev)",
        "W_hh=sum_outer(d_z, tape.h)",
        "karpathy/randomfun, min-char-rnn-nb.ipynb",
    ),
    Exhibit(
        "bias inside the product",
        rnn,
        "dot(h[t], W_hh.T) + b_h",
        "dot(h[t] + b_h, W_hh.T)",
        "karpathy/randomfun, min-char-rnn-nb.ipynb",
    ),
    Exhibit(
        "minus lost",
        rnn,
        "d_h * (1 - h[t] ** 2)",
        "d_h * (1 + h[t] ** 2)",
        "NeuromatchAcademy/course-content-dl, issue 176 (2021)",
    ),
    Exhibit(
        "tanh upside down",
        rnn,
        "h[t + 1] = np.tanh(z_t)",
        "h[t + 1] = 1 / np.tanh(z_t)",
        "fastai/fastbook, issue 273 (2020)",
    ),
    Exhibit(
        "slope of a gate forgotten",
        gru,
        "d_n * m[t] * r[t] * (1 - r[t])",
        "d_n * m[t] * r[t]",
        "CaptainE/RNN-LSTM-in-numpy, issue 1 (2023)",
    ),
    Exhibit(
        "slope taken of the gate",
        lstm,
        "d_h * tanh_c[t] * o[t] * (1 - o[t])",
        "d_h * tanh_c[t] * sigmoid(o[t]) * (1 - sigmoid(o[t]))",
        "nicklashansen/rnn_lstm_from_scratch, issue 1 (2019)",
    ),
    Exhibit(
        "one bias for two gates",
        lstm,
        "z[:, H : 2 * H])",
        "z[:, H : 2 * H] - b[H : 2 * H] + b[:H])",
        "ddbourgin/numpy-ml, issue 42 (2019)",
    ),
    Exhibit(
        "cell gradient not carried",
        lstm,
        "d_c += d_h * o[t] * (1 - tanh_c[t] ** 2)",
        "d_c[...] = d_h * o[t] * (1 - tanh_c[t] ** 2)",
        "CaptainE/RNN-LSTM-in-numpy, issue 1 (2023)",
    ),
    Exhibit(
        "list of states off by one",
        lstm,
        "c[:-1], c[1:], tanh_c)",
        "c[:-1], c[1:], np.tanh(c[:-1]))",
        "nicklashansen/rnn_lstm_from_scratch, RNN_LSTM_from_scratch.ipynb",
    ),
)


def suspects(like):
    """Return {"A": cell, ...}, the wrong versions of a cell in an order that says nothing.

    Args:
        like: the right cell, `rnn`, `lstm` or `gru`.

    Raises:
        ValueError: if no exhibit is a version of `like`.
    """
    return {label: exhibit.cell(f"suspect {label}") for label, exhibit in _lineup(like).items()}


def wrong_lines(like):
    """Return {"A": line, ...}, the wrong line of each of the `suspects`."""
    return {label: exhibit.line() for label, exhibit in _lineup(like).items()}


def _lineup(like):
    wrong = sorted((e for e in EXHIBITS if e.original is like), key=lambda e: e.wrong)
    if not wrong:
        raise ValueError(f"like is {like!r}, expected a cell in the museum: rnn, lstm or gru")
    return dict(zip(ascii_uppercase, wrong, strict=False))
