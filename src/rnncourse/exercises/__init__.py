"""Checkers of the exercises: they say what is wrong, never the answer.

Each takes the reader's function and returns a `Verdict`. Those of a week stand in a module of its
own, such as `week01`; a module that is added or left out is found by its name.
"""

import pkgutil
from importlib import import_module

from rnncourse.exercises.verdict import Verdict


def _checkers_by_week():
    """Return {number of the week: its checkers}, in the order of the weeks and of their exercises.

    A checker is a public function that a module `weekNN` defines.
    """
    found = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        if name.startswith("week"):
            module = import_module(f"{__name__}.{name}")
            found[int(name.removeprefix("week"))] = [
                value
                for key, value in vars(module).items()
                if not key.startswith("_") and getattr(value, "__module__", "") == module.__name__
            ]
    return found


CHECKERS = _checkers_by_week()
globals().update({check.__name__: check for checks in CHECKERS.values() for check in checks})
__all__ = ["Verdict", *sorted(check.__name__ for checks in CHECKERS.values() for check in checks)]
