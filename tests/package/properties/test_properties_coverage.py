"""Every public function and method is in a property, or named here with the reason why not.

A property is a function with `@given`; what it calls of its own file counts as part of it.
"""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import cells
import rnncourse

HERE = Path(__file__).parent
# What no property speaks of, by module, as a whole or by function.
REASONS = {
    "compiled": "chooses a form; test_compiled holds both together on drawn networks",
    "esn.harvest_steps": "the loop of esn.run, which is in one",
    "esn.generate_steps": "the loop of esn.generate, which is in one",
    "esn.step": "a step of esn.run and esn.generate, which are in one",
    "datasets": "takes no argument; test_datasets compares each file with its checksum",
    "exercises": "takes a reader's functions; test_exercises gives right and wrong ones",
    "experiments": "long runs with recorded results; test_experiments repeats small ones",
    "figures": "takes no argument; test_figures draws each",
    "frameworks": "needs another framework",
    "inputs.check_stateless": "takes None alone; test_bad_input gives a state to each layer",
    "inputs.check_flat": "one kind of input; test_bad_input gives the Params of a network",
    "inputs.check_iterable": "one kind of input; test_bad_input gives a single objective",
    "inputs.check_tape": "test_compiled gives the tape of another net to each cell",
    "inputs.weights": "counts; test_bad_input gives the Params of another cell to each",
    "live": "moved by sliders within their ranges",
    "lru.eigenvalues": "inside the unit circle, as the property of lru.forward says",
    "museum": "wrong on purpose",
    "pairs": "what a complex step through lru needs; test_linear_recurrences holds it to NumPy's",
    "memory": "changes what a process may keep; test_memory looks at processes",
    "threads": "changes what a process may use; test_threads looks at processes",
    "plotting": "draws; test_plotting refuses bad input and reads the picture",
}
CELLS = [cells.name(cell) for cell in (*cells.CELLS, *cells.OF_WEEK_11)]
PASSES = ("forward", "backward", "r_forward")
JOINED = {
    cells.name(cell): f"cells.{of}" for of in ("CELLS", "OF_WEEK_11") for cell in getattr(cells, of)
}
# Function: what properties call it by, such as `cell.forward`; the file must also say what may
# stand for `cell` (a list of cells that it has joined) or `name`.
INDIRECT = {
    **{f"{cell}.{name}": "network.init" for cell in CELLS for name in ("init",)},
    **{f"{cell}.shapes": "cell.shapes" for cell in CELLS},
    **{f"{cell}.{f}": f"cell.{f}" for cell in CELLS for f in (*PASSES, "last")},
    # the loops of a pass, where a cell has them as functions: those that may be compiled
    **{f"{cells.name(cell)}.{f}_steps": f"cell.{f}" for f in PASSES
       for cell in (*cells.RECURRENT, *cells.OF_WEEK_11) if hasattr(cell, f"{f}_steps")},
    "lstm.weight_sums": "cell.backward",
    **{f"optimizers.{name}": "getattr(optimizers, name)" for name in ("sgd", "adam")},
    **{f"optimizers.{name}": "getattr(optimizers, name)" for name in ("momentum", "nesterov")},
    **{f"tasks.{name}": "getattr(tasks, name)" for name in (
        "adding", "multiplication", "xor", "noise_and_signal", "temporal_order",
        "temporal_order_3", "two_sequences", "random_permutation", "memorization",
    )},
    **{f"initializers.{name}": "getattr(initializers, name)" for name in (
        "gaussian", "orthogonal", "identity", "sparse",
    )},
}  # fmt: skip


def public_functions():
    """Names like "esn.run" and "network.Network.init" of what the modules of the package define."""
    found = set()
    for info in pkgutil.iter_modules(rnncourse.__path__):
        if info.name in REASONS:
            continue
        module = importlib.import_module(f"rnncourse.{info.name}")
        for name in getattr(module, "__all__", vars(module)):
            value = getattr(module, name)
            if name.startswith("_") or not getattr(value, "__module__", "").startswith(
                module.__name__
            ):
                continue
            if inspect.isfunction(value):
                found.add(f"{info.name}.{name}")
            elif inspect.isclass(value):
                methods = (m for m, f in vars(value).items() if inspect.isfunction(f))
                found |= {f"{info.name}.{name}.{m}" for m in methods if not m.startswith("_")}
    return sorted(found)


def is_property(node):
    return any(isinstance(d, ast.Call) and ast.unparse(d.func) == "given"
               for d in getattr(node, "decorator_list", ()))  # fmt: skip


def named_in(source):
    """What the properties of a file name, and all words of the file.

    Args:
        source: of the file.

    Returns:
        Names like "esn.run", the last two parts of what is longer, and calls of `getattr`; and the
        names and the texts that stand anywhere.
    """
    body = ast.parse(source).body
    ours = {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    imported = {
        alias.name: f"{node.module.split('.')[1]}.{alias.name}"
        for node in body
        if isinstance(node, ast.ImportFrom) and node.module.startswith("rnncourse.")
        for alias in node.names
    }
    todo = [name for name, node in ours.items() if is_property(node)]
    called, seen = set(), set(todo)
    while todo:
        for node in ast.walk(ours[todo.pop()]):
            if isinstance(node, ast.Attribute):
                called.add(".".join(ast.unparse(node).split(".")[-2:]))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
                called.add(ast.unparse(node))
            elif isinstance(node, ast.Name):
                called.add(imported.get(node.id, node.id))
                if node.id in ours and node.id not in seen:
                    todo.append(node.id)
                    seen.add(node.id)
    nodes = [node for statement in body for node in ast.walk(statement)]
    words = {n.id for n in nodes if isinstance(n, ast.Name)}
    return called, words | {n.value for n in nodes if isinstance(n, ast.Constant)}


def is_in_a_property(name, files):
    """Return whether some file names the function, directly or by its detour."""
    module, *inner = name.split(".")
    if len(inner) == 2:  # a method, of an object that is called like its class
        return any(f"{inner[0].lower()}.{inner[1]}" in called for called, _ in files)
    detour, word = INDIRECT.get(name), JOINED.get(module, inner[0])
    return any(
        name in called or (detour in called and word in called | words) for called, words in files
    )


FILES = [
    named_in(path.read_text(encoding="utf-8"))
    for path in sorted(HERE.glob("test_properties_*.py"))
    if path != Path(__file__)
]


@pytest.mark.parametrize("name", public_functions())
def test_a_public_function_is_in_a_property(name):
    assert name in REASONS or is_in_a_property(name, FILES), (
        f"{name} is in no property: write one in {HERE.name}/, or say in REASONS why there is none"
    )


def test_every_reason_and_every_detour_is_needed():
    modules = {info.name for info in pkgutil.iter_modules(rnncourse.__path__)}
    for name in [*REASONS, *INDIRECT]:
        assert name in public_functions() or name in modules, (
            f"the package has no public {name}: take it out of REASONS or INDIRECT"
        )


PROPERTY = "from rnncourse import tasks\n@given(1)\ndef test_it():\n    {}\n"


@pytest.mark.parametrize(
    ("source", "held"),
    [
        (PROPERTY.format("tasks.adding(1)"), True),
        (PROPERTY.format("helper()") + "def helper():\n    return tasks.adding", True),
        (PROPERTY.format("adding()") + "from rnncourse.tasks import adding", True),
        (PROPERTY.format("getattr(tasks, name)") + "NAMES = ('adding',)", True),
        (PROPERTY.format("getattr(tasks, name)"), False),
        (PROPERTY.format("pass") + "tasks.adding(1)", False),
        (PROPERTY.format("pass") + "def test_other():\n    tasks.adding(1)", False),
        (PROPERTY.format("other.adding(1)"), False),
        (PROPERTY.format("tasks.adding_chance(1)"), False),
    ],
)
def test_what_stands_outside_of_a_property_does_not_count(source, held):
    assert is_in_a_property("tasks.adding", [named_in(source)]) == held


@pytest.mark.parametrize(
    ("call", "held"), [("c.network.zeros()", True), ("np.zeros()", False), ("zeros()", False)]
)
def test_a_method_counts_where_its_object_is_called_like_its_class(call, held):
    assert is_in_a_property("network.Network.zeros", [named_in(PROPERTY.format(call))]) == held
