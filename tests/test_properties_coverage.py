"""Every public function is held by a property, or named here with the reason why not."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import rnncourse

TESTS = Path(__file__).parent
# What no property speaks of, by module, as a whole or by function.
REASONS = {
    "datasets": "takes no argument; test_datasets compares each file with its checksum",
    "exercises": "takes a reader's functions; test_exercises gives right and wrong ones",
    "experiments": "long runs with recorded results; test_experiments repeats small ones",
    "figures": "takes no argument; test_figures draws each",
    "frameworks": "needs another framework",
    "live": "moved by sliders within their ranges",
    "museum": "wrong on purpose",
    "plotting": "draws; test_plotting refuses bad input and reads the picture",
}
CELLS = ("rnn", "lstm", "gru", "linear")
INDIRECT = {  # function: property that calls it under another name, such as `cell.forward`
    **{f"{cell}.{name}": "network.init" for cell in CELLS for name in ("init",)},
    **{f"{cell}.shapes": "cell.shapes" for cell in CELLS},
    **{f"{cell}.{f}": f"cell.{f}" for cell in CELLS for f in ("forward", "backward", "r_forward")},
    **{f"optimizers.{name}": "getattr(optimizers, name)" for name in ("sgd", "adam")},
    **{f"optimizers.{name}": "getattr(optimizers, name)" for name in ("momentum", "nesterov")},
    **{f"tasks.{name}": "getattr(tasks, name)" for name in (
        "adding", "multiplication", "xor", "noise_and_signal", "temporal_order",
        "temporal_order_3", "two_sequences", "random_permutation", "memorization",
    )},
    **{f"initializers.{name}": f'"{name}"' for name in (
        "gaussian", "orthogonal", "identity", "sparse",
    )},
}  # fmt: skip


def public_functions():
    """Names like "esn.run" of the functions that the modules of the package define."""
    found = set()
    for info in pkgutil.iter_modules(rnncourse.__path__):
        if info.name in REASONS:
            continue
        module = importlib.import_module(f"rnncourse.{info.name}")
        for name in getattr(module, "__all__", vars(module)):
            value = getattr(module, name)
            ours = getattr(value, "__module__", "").startswith(module.__name__)
            if ours and inspect.isfunction(value) and not name.startswith("_"):
                found.add(f"{info.name}.{name}")
    return sorted(found)


def called_in_properties():
    """The source of all properties, without docstrings and imports."""
    text = ""
    for path in sorted(TESTS.glob("test_properties_*.py")):
        if path != Path(__file__):
            body = ast.parse(path.read_text()).body
            text += "\n".join(ast.unparse(n) for n in body[1:] if not isinstance(n, ast.ImportFrom))
    return text.replace("'", '"')


SOURCE = called_in_properties()


@pytest.mark.parametrize("name", public_functions())
def test_a_public_function_is_in_a_property(name):
    if name in REASONS:
        return
    called = INDIRECT.get(name, name)
    short = called.split(".")[-1] + "("
    direct = re.search(rf"(?<![\w.]){re.escape(called)}(?!\w)", SOURCE)
    imported = re.search(rf"(?<![\w.]){re.escape(short)}", SOURCE)
    assert direct or imported, f"{name} is in no property, and REASONS does not say why"


def test_every_reason_and_every_detour_is_needed():
    modules = {info.name for info in pkgutil.iter_modules(rnncourse.__path__)}
    for name in [*REASONS, *INDIRECT]:
        assert name in public_functions() or name in modules, f"{name} is no longer there"
