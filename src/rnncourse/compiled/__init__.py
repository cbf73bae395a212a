"""The time loops of the cells, compiled by Numba: on request, and for real numbers.

    compiled.available()   whether Numba is there (extra `fast`: pip install numba)
    compiled.use()         from now on the compiled loops run; use(False) ends it
    compiled.form()        "compiled" or "numpy": what runs now
    compiled.preferred()   a context in which the compiled loops run where Numba is there

A cell has one page of checks, products and docstrings, and three loops over time in NumPy, each
with `@loop` above it. When the compiled form is asked for, the call goes to the loop of the same
name in the module of the same name in this folder; both give the same numbers up to rounding. So
does `@function` for what is no loop: the sums over all steps of the LSTM's gradient.

It is asked for, because training amplifies the last digits, and what a lecture prints must not
depend on an extra package. The environment variable RNNCOURSE_COMPILED asks for it, too, with 1,
and with 0 it forbids it, whoever asks. It is read once, when this module is imported; another value
is a ValueError. With the first compiled loop free memory stays with the process (`memory`).

The compiled form is as loud as NumPy: from a step on at which a number is not finite the NumPy loop
runs, and warns.
"""

import contextlib
import contextvars
import functools
import importlib
import os

from rnncourse import memory

VARIABLE = "RNNCOURSE_COMPILED"
MODULES = ("rnncourse.rnn", "rnncourse.lstm", "rnncourse.gru", "rnncourse.esn")


def _setting():
    value = os.environ.get(VARIABLE, "")
    if value not in ("", "0", "1"):
        raise ValueError(f"{VARIABLE} is {value!r}, expected 1, 0 or nothing")
    return value


SETTING = _setting()
_asked = False  # by `use`, in all threads
_preferred = contextvars.ContextVar("preferred", default=False)  # in this thread


def available():
    """Return whether Numba can be imported."""
    try:
        import numba  # noqa: F401
    except ImportError:  # not there, or not for this version of NumPy or Python
        return False
    return True


def use(on=True):
    """Ask for the compiled loops, or for NumPy's.

    Args:
        on: whether the compiled loops are to run, unless RNNCOURSE_COMPILED is 0.

    Raises:
        ImportError: if Numba is not there.
    """
    global _asked
    if on and SETTING != "0":
        _require()
    _asked = bool(on)


def form():
    """Return which form of the loops runs now: "compiled" or "numpy"."""
    return "compiled" if _wanted() else "numpy"


@contextlib.contextmanager
def preferred():
    """Run the compiled loops within it where Numba is there, NumPy's elsewhere; gives the form.

    It holds for the thread that entered it: one that is started within runs NumPy's loops.
    """
    token = _preferred.set(available())
    try:
        yield form()
    finally:
        _preferred.reset(token)


def loop(steps):
    """Give a time loop its compiled form: of the same name, in the same module of this folder.

    A loop of another module, such as a changed copy of a cell, comes back as it is.

    Args:
        steps: function that fills some of its arrays; those with three axes go over time. It fills
            the last one, which is complex where any of them is.
    """
    if steps.__module__ not in MODULES:
        return steps

    @functools.wraps(steps)
    def either(*arguments):
        start = 0
        if _wanted() and arguments[-1].dtype.kind != "c":
            start = _twin(steps.__module__, steps.__name__)(*arguments)
        if start >= 0:
            steps(*(a[start:] if getattr(a, "ndim", 0) == 3 else a for a in arguments))

    return either


def function(plain):
    """Give a function of arrays the form that belongs to the compiled loops, named as for `loop`.

    Args:
        plain: function that returns arrays. It runs where the first of its arguments is complex,
            and where the other form returns None.
    """
    if plain.__module__ not in MODULES:
        return plain

    @functools.wraps(plain)
    def either(*arguments):
        found = None
        if _wanted() and arguments[0].dtype.kind != "c":
            found = _twin(plain.__module__, plain.__name__)(*arguments)
        return plain(*arguments) if found is None else found

    return either


def _wanted():
    return SETTING == "1" or (SETTING != "0" and (_asked or _preferred.get()))


@functools.cache
def _twin(module, name):
    _require()
    memory.keep()
    return getattr(importlib.import_module(module.replace(".", ".compiled.", 1)), name)


def _require():
    if not available():
        raise ImportError(
            "the compiled loops were asked for and Numba cannot be imported: "
            "pip install 'rnncourse[fast]', or pip install numba, or leave them to NumPy"
        )
