"""Mutation testing: changes the package in many small ways and lists what no test notices.

    make mutants                # all modules of MODULES
    make mutants N=losses       # one

mutmut plants one change at a time, `+` for `-`, `<` for `<=`, 1 for 0, an argument left out, and
runs the tests of the module that reach the changed function. A survivor wants a test, or changes
nothing that counts: the one who runs this decides. Work is done in a copy in a temporary folder.
The texts of errors are left alone: `raise` is not changed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

import course

CELL = ("exactness", "params_and_network", "bad_input", "properties_cells")
OF_WEEK_11 = (*CELL, "linear_recurrences")
TASK = ("tasks", "properties_tasks")
MODULES = {  # module of the package: files of tests that say what it must do
    "rnn": CELL,
    "lstm": CELL,
    "gru": CELL,
    "linear": CELL,
    "network": CELL,
    "params": CELL,
    "arrays": (*CELL, "losses"),
    "inputs": ("inputs", "bad_input", "kinds_of_arrays", "properties_inputs"),
    "losses": ("losses", "bad_input", "exactness", "properties_losses"),
    "optimizers": ("optimizers", "properties_learning"),
    "objective": ("exactness", "bad_input", "params_and_network", "properties_learning"),
    "hessian_free": ("hessian_free", "properties_learning"),
    **{
        f"esn/{part}": ("esn", "properties_reservoirs")
        for part in ("__init__", "reservoir", "readout")
    },
    "ridge": ("ridge", "properties_reservoirs"),
    "sequences": ("sequences", "bad_input"),
    "initializers": ("initializers", "bad_input"),
    "lru": OF_WEEK_11,
    "mingru": OF_WEEK_11,
    "pointwise": OF_WEEK_11,
    "pairs": OF_WEEK_11,
    **{f"physics/{part}": ("physics", "properties_physics")
       for part in ("chaos", "oscillators", "series", "solvers")},
    "tasks/batch": TASK,
    "tasks/memory": TASK,
    "tasks/numbers": TASK,
    "tasks/reber": TASK,
    "tasks/symbols": TASK,
}  # fmt: skip
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/rnncourse/{module}.py"]
do_not_mutate_patterns = ['^\\s*raise ']
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-p", "no:cacheprovider"]
also_copy = ["conftest.py"]
"""
NOTICED = ("killed", "timeout")


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


def examine(module):
    """Tests a module; prints its line and its survivors; returns how many were noticed, of all."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        outcomes = run(module, folder)
        survivors = [name for name, outcome in outcomes.items() if outcome not in NOTICED]
        print(f"{module}: {len(outcomes) - len(survivors)} of {len(outcomes)} noticed", flush=True)
        for name in survivors:
            change = re.sub("(?m)^", "        ", difference(folder, name))
            print(f"    {name}: {outcomes[name]}\n{change}", flush=True)
    return len(outcomes) - len(survivors), len(outcomes)


def main(arguments=None):
    """Tests the modules that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    modules = parser.parse_args(arguments).modules or list(MODULES)
    if unknown := set(modules) - set(MODULES):
        parser.error(f"{', '.join(sorted(unknown))}: expected of {', '.join(MODULES)}")
    print(f"mutmut {version('mutmut')}, {date.today()}")
    noticed, planted = map(sum, zip(*map(examine, modules), strict=True))
    print(f"all: {noticed} of {planted} noticed, {noticed / planted:.1%}")


if __name__ == "__main__":
    main()
