"""Plants an error of 5 % in each function that computes an equation: do its tests notice?

    make check-equations

Each function that a marker `equation` names is made 5 % too large, wherever a module of the package
has it, and the tests that the equation is linked to are run. One of them has to fail.
"""

import contextlib
import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Generator

import numpy as np

import check_equations
import course
import rnncourse

BY = 1.05
PLANTED = "PLANTED_ERROR"  # the variable that says to pytest, with this module as a plugin, where


def too_large(result):
    """Returns a result with every number in it 5 % too large; of a function, the same function."""
    if callable(result):
        return lambda *args, **options: too_large(result(*args, **options))
    if isinstance(result, np.ndarray) and result.dtype.kind in "fc":
        return result * result.dtype.type(BY)
    if isinstance(result, float):
        return BY * result
    if isinstance(result, Generator):
        return map(too_large, result)
    if isinstance(result, tuple):
        parts = map(too_large, result)
        return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
    return result


def plant(code):
    """Makes a function of the package, a method or the field of a tuple 5 % too large everywhere.

    Args:
        code: dotted name below `rnncourse`.
    """
    owner, _, name = f"rnncourse.{code}".rpartition(".")
    owner = pkgutil.resolve_name(owner)
    right = getattr(owner, name)
    if isinstance(owner, tuple):
        right, wrong = owner, owner._replace(**{name: too_large(right)})
    else:
        wrong = too_large(right)
        setattr(owner, name, wrong)
    for module in [m for name, m in sys.modules.items() if name.startswith("rnncourse")]:
        for name in [name for name, value in vars(module).items() if value is right]:
            setattr(module, name, wrong)


def pytest_configure():
    """Plants the error before any test is read, once all modules of the package are there."""
    if code := os.environ.get(PLANTED):
        for module in pkgutil.walk_packages(rnncourse.__path__, "rnncourse."):
            if not module.name.endswith("__main__"):
                with contextlib.suppress(ImportError):  # what it needs is not here
                    importlib.import_module(module.name)
        plant(code)


def notices(code, tests):
    """Returns whether one of the tests fails where a function is 5 % too large."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    paths = os.pathsep.join(str(course.ROOT / name) for name in ("tools", "tests/support"))
    done = subprocess.run(
        [*command, "-p", "plant_errors", *map(course.path_of_test, tests)],
        cwd=course.ROOT,
        env={**os.environ, "PYTHONPATH": paths, PLANTED: code},
        capture_output=True,
        text=True,
    )
    summary = done.stdout.rstrip().rpartition("\n")[2]
    return done.returncode == 1 and " failed" in summary and " error" not in summary


def main():
    """Tries all links; names those that notice nothing."""
    links = {}
    for label, codes in check_equations.linked().items():
        for code, tests in codes.items():
            links.setdefault((code, tuple(tests)), []).append(label)
    idle = 0
    for (code, tests), labels in links.items():
        if not notices(code, tests):
            idle += 1
            print(f"({'), ('.join(labels)}): {code} is {BY - 1:.0%} too large, "
                  f"and no test notices: {', '.join(tests)}", flush=True)  # fmt: skip
    print(f"{len(links) - idle} of {len(links)} links notice an error of {BY - 1:.0%}")
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
