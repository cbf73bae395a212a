"""What a checker answers, and the two comparisons that checkers are made of.

A checker takes the reader's function, tries it on random cases, and says what is wrong, never the
answer. It raises nothing: a stub, a wrong shape and a crash all become a `Verdict`.
"""

import functools
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


def checker(check):
    """Turn a function that raises `Wrong` into one that returns a `Verdict`."""

    @functools.wraps(check)
    def run(attempt):
        try:
            check(attempt)
        except NotImplementedError:
            return Verdict(False, "Not done yet: replace the line `raise NotImplementedError`.")
        except Wrong as wrong:
            return Verdict(False, f"Not right yet: {wrong}")
        except Exception as error:
            return Verdict(False, f"It stops with {type(error).__name__}: {error}")
        return Verdict(True, "Right.")

    return run


def expect_shape(what, found, shape):
    """Raise `Wrong` unless `found` is an array of the given shape."""
    if found is None:
        raise Wrong(f"{what} is None: is there a return statement?")
    if np.shape(found) != tuple(shape):
        raise Wrong(f"{what} has shape {np.shape(found)}, expected {tuple(shape)}.")


def expect_close(what, found, expected, hint, tolerance=1e-9):
    """Raise `Wrong` with a hint unless `found` has the shape and the values of `expected`."""
    expect_shape(what, found, np.shape(expected))
    error = np.abs(np.asarray(found) - expected)
    if not np.all(error <= tolerance * (1 + np.abs(expected))):
        raise Wrong(f"{what} is off by up to {np.max(error):.2g}. {hint}")
