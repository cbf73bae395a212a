"""The package: who imports whom, and that it neither prints nor draws random numbers by itself."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import course

PACKAGE = course.ROOT / "src" / "rnncourse"
MODULES = sorted(set(PACKAGE.rglob("*.py")) - set(PACKAGE.glob("datasets/files/*.py")))


def broken(folder):
    """What import-linter says of the package in a folder, by the contracts of pyproject.toml."""
    linter = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(
        [*linter, str(course.ROOT / "pyproject.toml")],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if re.search(r" BROKEN\b", line)]


def test_who_imports_whom():
    assert broken(course.ROOT / "src") == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("network", "from rnncourse import rnn"),
        ("params", "from rnncourse import objective"),
        ("tasks/batch", "from rnncourse.tasks import symbols"),
        ("physics/chaos", "from rnncourse import plotting"),
        ("experiments/runner", "from rnncourse import museum"),
        ("figures/networks", "def f():\n    import rnncourse.rnn"),
        ("losses", "import matplotlib.pyplot as plt"),
        ("a_new_module_without_a_layer", "import numpy"),
    ],
)
def test_a_forbidden_import_is_noticed(module, source, tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "rnncourse")
    with (tmp_path / "rnncourse" / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{source}\n")
    assert broken(tmp_path)


def test_nothing_is_loaded_before_it_is_used():
    parts = [path.relative_to(PACKAGE.parent).with_suffix("").parts for path in MODULES]
    may = {"compiled", "experiments", "figures", "frameworks", "live", "plotting"}
    names = [".".join(p) for p in parts if p[1] not in may and not p[-1].startswith("__")]
    assert {"rnncourse.lstm", "rnncourse.esn.readout", "rnncourse.exercises.week06"} <= set(names)
    slow = {"scipy.linalg", "scipy.sparse", "numba", "matplotlib", "torch", "jax", "IPython"}
    code = f"import sys, {', '.join(names)}; print({slow} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize("path", MODULES, ids=course.relative)
def test_package_neither_prints_nor_uses_global_randomness(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call != "print" or path.name == "__main__.py", "the package prints nothing"
            seeded = ("np.random.Generator", "np.random.default_rng", "np.random.PCG64")
            drawn = f"{call}: name a generator, rng = np.random.default_rng(seed), and draw from it"
            assert not call.startswith("np.random.") or call in seeded, drawn
            assert call != "np.random.default_rng" or node.args, "randomness without a seed"
