"""Plants an error of 5 % in each function that computes an equation: do its tests notice?

    make check-equations

Each function that a marker `equation` names is made 5 % too large, in a copy of the package, and
the tests that the equation is linked to are run. One of them has to fail.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import numpy as np

import check_equations
import course

BY = 1.05


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


def plant(path, names):
    """Makes a function or a method of a module 5 % too large; returns whether it is there.

    Args:
        path: of the module.
        names: of the function; of the class and the method; of a tuple and its field.
    """
    source = path.read_text(encoding="utf-8")
    lines, body, found = source.splitlines(), ast.parse(source).body, None
    for name in names:
        found = next((node for node in body if getattr(node, "name", "") == name), None)
        body = getattr(found, "body", ())
    wrong = '__import__("plant_errors").too_large'
    if found:
        lines.insert(found.lineno - 1, " " * found.col_offset + f"@{wrong}")
    elif len(names) == 2 and f"\n{names[0]} = " in source:
        of, field = names
        lines.append(f"{of} = {of}._replace({field}={wrong}({of}.{field}))")
    else:
        return False
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return True


def notices(code, tests):
    """Returns whether one of the tests fails where a function is 5 % too large."""
    *parts, name = code.split(".")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        for folder in ("src", "tests", "tools"):
            shutil.copytree(course.ROOT / folder, copy / folder)
        for file in ("conftest.py", "pyproject.toml"):
            shutil.copy(course.ROOT / file, copy)
        package = copy / "src" / "rnncourse"
        planted = any(
            plant(path, [*parts[n:], name])
            for n in range(len(parts), 0, -1)
            for path in (
                package.joinpath(*parts[:n]).with_suffix(".py"),
                *sorted(package.joinpath(*parts[:n]).glob("*.py")),
            )
            if path.is_file()
        )
        if not planted:
            raise SystemExit(f"{code} is nowhere")
        paths = os.pathsep.join(str(copy / folder) for folder in ("src", "tools", "tests/support"))
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *map(course.path_of_test, tests)],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": paths},
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
