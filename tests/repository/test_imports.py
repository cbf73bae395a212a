"""The package: who imports whom, and that it neither prints nor draws random numbers by itself."""

import ast
import sys

import pytest

import course

PACKAGE = course.ROOT / "src" / "rnncourse"
MODULES = sorted(set(PACKAGE.rglob("*.py")) - set(PACKAGE.glob("datasets/files/*.py")))

# What a module may import of the package, by the folder or file it is in. `None`: everything below,
# but what draws.
MAY_IMPORT = {
    "__init__": {"threads"},
    "threads": set(),
    "inputs": set(),
    "arrays": set(),
    "compiled": set(),
    "datasets": set(),
    "physics": {"inputs"},
    "sequences": {"inputs"},
    "tasks": {"inputs", "sequences"},
    "initializers": {"inputs"},
    "rnn": {"arrays", "compiled", "initializers", "inputs"},
    "lstm": {"arrays", "compiled", "initializers", "inputs"},
    "gru": {"arrays", "compiled", "initializers", "inputs"},
    "linear": {"arrays", "initializers", "inputs"},
    "esn": {"arrays", "compiled", "initializers", "inputs", "linear", "ridge"},
    "ridge": {"inputs"},
    "losses": {"arrays", "inputs"},
    "params": {"inputs"},
    "network": {"inputs"},
    "objective": {"inputs", "params"},
    "optimizers": {"arrays", "inputs"},
    "hessian_free": {"arrays", "inputs"},
    "checks": {"inputs", "network", "params"},
    "frameworks": {"gru", "inputs", "linear", "lstm", "rnn"},
    "plotting": set(),
    "figures": {"plotting"},
    "live": {"plotting", "initializers", "rnn", "hessian_free"},
    "museum": {
        *("rnn", "lstm", "gru", "linear", "losses"),
        *("network", "objective", "optimizers", "params", "checks", "inputs"),
    },
    "experiments": None,
    "exercises": None,
}
# Nobody but these may import what is wrong on purpose.
MAY_IMPORT_MUSEUM = {"exercises"}
DRAWING = {"plotting", "figures", "live"}


def module_name(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(source, name):
    """The names of the package and of other packages that a module's source imports.

    `name` is the module's own; imports within one subpackage are left out.
    """
    ours, others = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            found = [node.module]
            if node.module == "rnncourse":
                found = [f"rnncourse.{alias.name}" for alias in node.names]
        else:
            continue
        for full in found:
            first, _, rest = full.partition(".")
            if first == "rnncourse":
                ours.add(rest.split(".")[0])
            else:
                others.add(first)
    return ours - {name, ""}, others - set(sys.stdlib_module_names)


def complaints(source, name):
    """What is wrong with a module's imports."""
    ours, others = imports(source, name)
    found = []
    allowed = MAY_IMPORT[name]
    if allowed is None and ours & DRAWING:
        found.append(f"{name} imports what draws: {sorted(ours & DRAWING)}")
    if allowed is not None and ours - allowed:
        found.append(f"{name} imports {sorted(ours - allowed)}")
    if "museum" in ours and name not in MAY_IMPORT_MUSEUM:
        found.append(f"{name} imports the museum, whose cells are wrong on purpose")
    if "matplotlib" in others and name != "plotting":
        found.append(f"{name} imports matplotlib")
    may = {"numpy", "tqdm", "joblib"} | (
        {"matplotlib", "IPython", "PIL"} if name == "plotting" else set()
    )
    if name == "live":
        may |= {"IPython", "ipywidgets"}
    if name in {"optimizers", "hessian_free"}:
        may = {"numpy"}
    if name == "frameworks":
        may |= {"IPython"}
    if name == "exercises":  # all but scipy for marks, where they are there
        may |= {"IPython", "nbformat", "psutil", "scipy", "traitlets"}
    if name == "compiled":
        may = {"numba", "llvmlite", "numpy", "scipy"}
    if name == "threads":
        may = {"threadpoolctl"}
    if name in {"esn", "ridge", "experiments"}:
        may |= {"scipy"}
    if others - may - {"matplotlib"}:
        found.append(f"{name} imports {sorted(others - may)}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=course.relative)
def test_who_imports_whom(path):
    assert complaints(path.read_text(encoding="utf-8"), module_name(path)) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("network", "from rnncourse import rnn"),
        ("optimizers", "from rnncourse.network import Network"),
        ("optimizers", "import tqdm"),
        ("losses", "import matplotlib.pyplot as plt"),
        ("rnn", "def f():\n    from rnncourse import losses"),
        ("physics", "from rnncourse import plotting"),
        ("figures", "import rnncourse.rnn"),
        ("experiments", "from rnncourse import museum"),
        ("museum", "from rnncourse import experiments"),
        ("datasets", "import pandas"),
        ("live", "import matplotlib.pyplot as plt"),
        ("rnn", "import ipywidgets"),
        ("physics", "from rnncourse import live"),
    ],
)
def test_a_forbidden_import_is_noticed(name, source):
    assert complaints(source, name)


def dotted(path):
    """The name by which a file of the package is imported, its folder's for an __init__."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )


def imported_files(source, names):
    """The modules, of those in `names`, that a source imports: the file, not only its folder."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in names else node.module for name in full}
    return found & names


def in_a_cycle(graph):
    """The modules of a graph that import each other, or lead to such."""
    while leaves := {name for name in graph if not graph[name] & set(graph)}:
        graph = {name: graph[name] for name in graph if name not in leaves}
    return sorted(graph)


def test_imports_run_one_way():
    names = set(map(dotted, MODULES))
    graph = {
        dotted(path): imported_files(path.read_text(encoding="utf-8"), names) for path in MODULES
    }
    assert in_a_cycle(graph) == []
    turned = graph | {"rnncourse.params": {"rnncourse.objective"}}
    assert {"rnncourse.objective", "rnncourse.params"} <= set(in_a_cycle(turned))
    inside = graph | {"rnncourse.tasks.batch": {"rnncourse.tasks.symbols"}}
    assert "rnncourse.tasks.batch" in in_a_cycle(inside)


@pytest.mark.parametrize("path", MODULES, ids=course.relative)
def test_every_module_says_what_it_holds(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=course.relative)
def test_package_neither_prints_nor_uses_global_randomness(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call != "print" or path.name == "__main__.py", "the package prints nothing"
            seeded = ("np.random.Generator", "np.random.default_rng", "np.random.PCG64")
            assert not call.startswith("np.random.") or call in seeded, call
            assert call != "np.random.default_rng" or node.args, "randomness without a seed"
