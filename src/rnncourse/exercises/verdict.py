"""What a checker answers, and the comparisons that checkers are made of.

A checker takes the reader's function, tries it on random cases, and says what is wrong, never the
answer. It raises nothing: a stub, a wrong shape and a crash all become a `Verdict`. The function
gets copies, so that it judges itself neither right nor wrong by changing what it was given.
"""

import copy
import functools
import types
from typing import NamedTuple

import numpy as np


class Verdict(NamedTuple):
    """Whether an attempt is right, and what to tell its author."""

    passed: bool
    message: str

    def __repr__(self):
        """Show the message alone: this is what a notebook displays."""
        return self.message


class Wrong(Exception):
    """An attempt gave a wrong answer; the text says in which way."""


def described(what):
    """Return the text of an exception or of anything else on one line of at most 300 characters."""
    try:
        text = str(what)
    except Exception:  # a student's class may fail here
        text = "?"
    if isinstance(what, BaseException):
        text = f"{type(what).__name__}: {text}"
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    text = "".join(c if c.isprintable() else " " for c in text[:10_000])
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:297] + "..."


class Attempt:
    """The reader's function, called with copies of its arguments, nested ones and functions too."""

    def __init__(self, function):
        """Take the function; `handed` will be the arguments of its last call, as it left them."""
        self.function, self.handed = function, ()

    def __call__(self, *args):
        """Return what the function returns for copies of the arguments."""
        return self.given(*args)()

    def given(self, *args):
        """Return the call with copies of the arguments, made already: it can be measured."""
        self.handed = tuple(_guarded(arg) for arg in copy.deepcopy(args))
        return functools.partial(self.function, *self.handed)


def _guarded(arg):
    """Return a function that gives away copies of its results; anything else as it is."""
    if not isinstance(arg, (types.FunctionType, types.BuiltinMethodType, types.MethodType)):
        return arg
    return lambda *args, **kwargs: copy.deepcopy(arg(*args, **kwargs))


def checker(check):
    """Turn a function that raises `Wrong` into one that returns a `Verdict`."""

    @functools.wraps(check)
    def run(attempt):
        try:
            check(Attempt(attempt))
        except NotImplementedError:
            return Verdict(False, "Not done yet: replace the line `raise NotImplementedError`.")
        except Wrong as wrong:
            return Verdict(False, f"Not right yet: {wrong}")
        except (Exception, SystemExit) as error:
            return Verdict(False, f"It stops with {described(error)}")
        return Verdict(True, "Right.")

    return run


def expect_shape(what, found, shape):
    """Raise `Wrong` unless `found` is an array of the given shape."""
    if found is None:
        raise Wrong(f"{what} is None: is there a return statement?")
    if np.shape(found) != tuple(shape):
        raise Wrong(f"{what} has shape {np.shape(found)}, expected {tuple(shape)}.")


def expect_two(what, found):
    """Raise `Wrong` unless `found` holds the two things that `what` names."""
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise Wrong(f"it must return two things: {what}.")


def expect_close(what, found, expected, hint, tolerance=1e-9):
    """Raise `Wrong` with a hint unless `found` has the shape and the values of `expected`."""
    expect_shape(what, found, np.shape(expected))
    error = np.abs(np.asarray(found) - expected)
    if not np.all(error <= tolerance * (1 + np.abs(expected))):
        raise Wrong(f"{what} is off by up to {np.max(error):.2g}. {hint}")
