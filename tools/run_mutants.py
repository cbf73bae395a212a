"""Mutation testing: changes the package in many small ways and counts which of them a test notices.

    make mutants                # all modules of MODULES
    make mutants N=losses       # one

mutmut plants one change at a time, `+` for `-`, `<` for `<=`, 1 for 0, an argument left out, and
runs the tests of the module that reach the changed function. A change that no test notices
survives: it wants a test, or a reason in registers/mutants.toml why it changes nothing that counts.
Work is done in a copy in a temporary folder. The texts of errors are left alone: `raise` is not
changed.

Exit status: 0 if every survivor is explained, every explanation explains one, and, of all modules
together, at least 95 % are noticed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from datetime import date
from importlib.metadata import version
from pathlib import Path

import course

EXPLAINED = course.ROOT / "registers" / "mutants.toml"
CELL = ("exactness", "params_and_network", "bad_input", "properties_cells")
TASK = ("tasks", "properties_tasks")
MODULES = {  # module of the package: files of tests that say what it must do
    "rnn": CELL,
    "lstm": CELL,
    "gru": CELL,
    "linear": CELL,
    "network": CELL,
    "params": CELL,
    "arrays": ("arrays", *CELL, "losses"),
    "losses": ("losses", "bad_input", "exactness", "properties_losses"),
    "optimizers": ("optimizers", "properties_learning"),
    "objective": ("exactness", "bad_input", "params_and_network", "properties_learning"),
    "hessian_free": ("hessian_free", "properties_learning"),
    "esn": ("esn", "properties_reservoirs"),
    "ridge": ("ridge", "properties_reservoirs"),
    "sequences": ("sequences", "bad_input"),
    "initializers": ("initializers", "bad_input"),
    "tasks/batch": TASK,
    "tasks/memory": TASK,
    "tasks/numbers": TASK,
    "tasks/reber": TASK,
    "tasks/symbols": TASK,
}
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/rnncourse/{module}.py"]
do_not_mutate_patterns = ['^\\s*raise ']
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:cacheprovider"]
also_copy = ["conftest.py"]
"""
KILLED, TIMEOUT, SURVIVED = "killed", "timeout", "survived"
LEAST = 0.95  # share of the mutants of all modules that must be noticed


def run(module, folder):
    """Runs mutmut on a module in a folder; returns name -> outcome of its mutants."""
    for name in ("src", "tests"):
        stale = shutil.ignore_patterns("__pycache__")
        shutil.copytree(course.ROOT / name, folder / name, ignore=stale)
    shutil.copy(course.ROOT / "conftest.py", folder)
    tests = [course.path_of_test(f"test_{name}.py") for name in MODULES[module]]
    project = (course.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    config = CONFIG.format(module=module, tests=tests)
    (folder / "pyproject.toml").write_text(project + config, encoding="utf-8")
    done = mutmut(folder, "run")
    if done.returncode:
        raise SystemExit(f"mutmut ends with {done.returncode}:\n{done.stdout[-3000:]}")
    lines = mutmut(folder, "results", "--all", "true").stdout.splitlines()
    return dict(line.strip().split(": ") for line in lines if ": " in line)


def mutmut(folder, *arguments):
    """Calls mutmut in a folder; returns the finished process with its text."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")


def difference(folder, name):
    """Returns the lines that a mutant takes out and puts in, as a text of - and + lines."""
    shown = mutmut(folder, "show", name).stdout.splitlines()
    return "\n".join(line for line in shown if re.match(r"[-+](?![-+])", line))


def explain(module, name, changed, explanations):
    """Returns the explanation of a surviving mutant, None if there is none."""
    function = re.search(r"\.x_?(.+)__mutmut_\d+$", name)[1]
    for explanation in explanations:
        fits = re.search(explanation.get("function", ""), function)
        if fits and module in explanation.get("modules", MODULES):
            if re.search(explanation["change"], changed, flags=re.DOTALL):
                return explanation
    return None


def examine(module, explanations):
    """Tests a module; prints its line and its survivors; returns counts and what was used."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        outcomes = run(module, folder)
        count, used, open_ones = Counter(outcomes.values()), [], []
        for name in (n for n, outcome in outcomes.items() if outcome not in (KILLED, TIMEOUT)):
            changed = difference(folder, name)
            reasons = explanations if outcomes[name] == SURVIVED else ()  # "no tests" is no excuse
            found = explain(module, name, changed, reasons)
            used.append(explanations.index(found)) if found else open_ones.append((name, changed))
    n = len(outcomes)
    explained = n - count[KILLED] - count[TIMEOUT] - len(open_ones)
    numbers = (n, count[KILLED], count[TIMEOUT], explained, len(open_ones))
    print(f"{module:14s}" + "".join(f"{number:11d}" for number in numbers), flush=True)
    for name, changed in open_ones:
        print(f"    {name}: {outcomes[name]}\n" + re.sub("(?m)^", "        ", changed), flush=True)
    keys = ("all", KILLED, TIMEOUT, "explained", "open")
    return Counter(dict(zip(keys, numbers, strict=True))), used


def main(arguments=None):
    """Tests the modules that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    modules = parser.parse_args(arguments).modules or list(MODULES)
    if unknown := set(modules) - set(MODULES):
        parser.error(f"{', '.join(sorted(unknown))}: expected of {', '.join(MODULES)}")
    explanations = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["explanation"]
    titles = ("mutants", KILLED, "timed out", "explained", "unexplained")
    print(f"mutmut {version('mutmut')}, {date.today()}")
    print(f"{'module':14s}" + "".join(f"{title:>11s}" for title in titles), flush=True)
    total, used = Counter(), set()
    for module in modules:
        count, of_these = examine(module, explanations)
        total, used = total + count, used | set(of_these)
    noticed = total[KILLED] + total[TIMEOUT]
    print(f"noticed: {noticed} of {total['all']}, {noticed / total['all']:.1%}; "
          f"with a reason why not: {total['explained']}; without: {total['open']}")  # fmt: skip
    idle = [e["change"] for i, e in enumerate(explanations)
            if i not in used and set(e.get("modules", MODULES)) <= set(modules)]  # fmt: skip
    for change in idle:
        print(f"registers/mutants.toml: nothing is explained by {change!r}")
    too_few = set(modules) == set(MODULES) and noticed < LEAST * total["all"]
    return 1 if total["open"] or idle or too_few else 0


if __name__ == "__main__":
    sys.exit(main())
