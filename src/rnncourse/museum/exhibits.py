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
        """Return the wrong cell; `inspect.getsource` shows its functions, as for any module.

        Args:
            label: name of the module; the exhibit's name if None.
        """
        label = label or self.name
        source, file = self.source(), f"<museum: {label}>"
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        cell = ModuleType(label)
        exec(compile(source, file, "exec"), cell.__dict__)
        return cell


EXHIBITS = (
    Exhibit(
        "state gradient not passed back",
        rnn,
        "dot(d_z[t + 1], W_hh, out=d_h)",
        "d_h[:] = 0",
        "qixianbiao/RNN, issue 2 (2018)",
    ),
    Exhibit(
        "new state for the old one",
        rnn,
        "W_hh=sum_outer(d_z, h_prev)",
        "W_hh=sum_outer(d_z, h)",
        "karpathy/randomfun, min-char-rnn-nb.ipynb",
    ),
    Exhibit(
        "bias inside the product",
        rnn,
        "h += b_h",
        "h += dot(b_h, W_hh.T)",
        "karpathy/randomfun, min-char-rnn-nb.ipynb",
    ),
    Exhibit(
        "minus lost",
        rnn,
        "np.subtract(1, d_z, out=d_z)",
        "np.add(1, d_z, out=d_z)",
        "NeuromatchAcademy/course-content-dl, issue 176 (2021)",
    ),
    Exhibit(
        "tanh upside down",
        rnn,
        "np.tanh(h_t, out=h_t)",
        "np.divide(1, np.tanh(h_t), out=h_t)",
        "fastai/fastbook, issue 273 (2020)",
    ),
    Exhibit(
        "slope of a gate forgotten",
        gru,
        "np.subtract(1, r, out=h_r)",
        "h_r[...] = 1",
        "CaptainE/RNN-LSTM-in-numpy, issue 1 (2023)",
    ),
    Exhibit(
        "slope taken of the gate",
        lstm,
        "np.subtract(1, gate, out=slope)",
        "np.subtract(1, gate := 1 / (1 + np.exp(-gate)), out=slope)",
        "nicklashansen/rnn_lstm_from_scratch, issue 1 (2019)",
    ),
    Exhibit(
        "one bias for two gates",
        lstm,
        "np.concatenate([W_x, b[:, np.newaxis], W_h], axis=1)",
        "np.column_stack([W_x, np.r_[b[:H], b[:H], b[2 * H :]], W_h])",
        "ddbourgin/numpy-ml, issue 42 (2019)",
    ),
    Exhibit(
        "cell gradient not carried",
        lstm,
        "np.add(to_c_t, d_c_next_t, out=d_c)",
        "np.copyto(d_c, to_c_t)",
        "CaptainE/RNN-LSTM-in-numpy, issue 1 (2023)",
    ),
    Exhibit(
        "list of states off by one",
        lstm,
        "columns(c), columns(tanh_c))",
        "columns(c), np.tanh(c_prev))",
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
