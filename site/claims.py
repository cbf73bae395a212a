"""Asks of each assertion of the lectures whether it can fail: `make check-claims [N=...]`.

Each part of an assertion that `and` joins is a claim. One that no mutant makes fail is listed. The
mutants, until one is noticed: each number or array that the claim reads by name is doubled, halved,
given the other sign (zero becomes one), and made equal to another one that it reads; each function
that it calls gives another result, wherever it is called in the claim, so that what is computed
twice in the same way stays equal; and each constant, operator and result of a call of its cell,
outside of assertions, is made wrong, in a fork of the process that has run the lecture up to there.
An exception stands in site/claims.toml with its reason.
"""

import ast
import contextlib
import copy
import multiprocessing
import os
import sys
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor

import jupytext
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

import course

EXCEPTIONS = course.ROOT / "site" / "claims.toml"
FORK = multiprocessing.get_context("fork")
SHARE, SECONDS = 0.95, 60  # of the cells that must notice all; for the mutants of one cell
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
CONSTANTS = {bool: lambda v: not v, int: lambda v: v + 1, float: lambda v: 1.5 * v + 0.1}
CONSTANTS[str] = "no ".__add__
DRAWS = ("print", "plotting.", "ax.", "ax[", "axes", "fig.", "live.", "_note")


def changed(value, change):
    """Returns what `change` makes of the numbers in a value; of what is true, the opposite."""
    if isinstance(value, dict):
        return {key: changed(entry, change) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [changed(entry, change) for entry in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    numbers = np.isscalar(value) or isinstance(value, np.ndarray)
    kind = np.asarray(value).dtype.kind if numbers else ""
    return np.logical_not(value) if kind == "b" else change(value) if kind in {*"iufc"} else value


def bent(function):
    """Returns a function whose results are no multiples of the right ones; zero stays zero."""
    return lambda *a, **k: changed(function(*a, **k), lambda v: 1.05 * v + 0.05 * v * v)


class Claims(ast.NodeTransformer):
    """Turns the claims of a cell into calls `_note(number, function that tries it)`.

    In them, a call `f(x)` becomes `_called("f", f)(x)`. `found` holds of each claim its source, the
    names that it reads, and the functions that it calls.
    """

    def __init__(self):
        """Begin with no claims."""
        self.found = []

    def _noted(self, test):
        nodes = list(ast.walk(test))
        calls = [n for n in nodes if isinstance(n, ast.Call) and not is_check(n)]
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        self.found.append((ast.unparse(test), names, {ast.unparse(call.func) for call in calls}))
        for call in reversed(calls):  # from the inside
            name = ast.unparse(call.func)
            call.func = ast.parse(f"_called({name!r}, {name})", mode="eval").body
        return ast.parse(f"_note({len(self.found) - 1}, lambda: {ast.unparse(test)})").body[0]

    def visit_Assert(self, node):  # noqa: N802, the name that ast asks for
        """Note each part that `and` joins by itself."""
        joined = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
        return [self._noted(test) for test in (node.test.values if joined else [node.test])]

    def visit_Expr(self, node):  # noqa: N802
        """Note a check of NumPy's."""
        check = isinstance(node.value, ast.Call) and is_check(node.value)
        return self._noted(node.value) if check else node


def is_check(call):
    """Returns whether a call is one of NumPy's assertions."""
    return ast.unparse(call.func).rpartition(".")[2].startswith("assert_")


def fails(tried):
    """Returns whether a claim is found wrong; one that stops in another way is not."""
    try:
        found = tried()
        return found is not None and not found
    except Exception as error:
        return isinstance(error, AssertionError)


def mutants(tree):
    """Yields copies of a cell with one wrong constant, operator or result of a call."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    spared = [call for call in calls if ast.unparse(call.func).startswith(DRAWS)]
    spared = {node for call in spared for node in ast.walk(call)}
    for n, node in reversed(list(enumerate(ast.walk(tree)))):
        mutant = copy.deepcopy(tree)
        other = next(twin for k, twin in enumerate(ast.walk(mutant)) if k == n)
        if isinstance(node, ast.Call):
            other.func = ast.Call(ast.Name("_bent", ast.Load()), [other.func], [])
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            other.op = OPERATORS[type(node.op)]()
        elif isinstance(node, ast.Constant) and type(node.value) in CONSTANTS:
            other.value = CONSTANTS[type(node.value)](node.value)
        else:
            continue
        if node not in spared:
            yield mutant


def run(tree, scope, note):
    """Runs a cell in silence; `note` is told the number of each claim and how to try it."""
    scope |= {"_note": note, "_bent": bent, "_called": lambda name, f: f}
    with open(os.devnull, "w") as silent, contextlib.redirect_stdout(silent):
        exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), scope)


def _send_failed(pipe, tree, scope):
    failed = set()
    with contextlib.suppress(Exception):
        run(tree, scope, lambda n, tried: failed.update({n} if fails(tried) else ()))
    pipe.send(failed)


def _try_mutants(pipe, trees, scope):
    """Answers, in a fork that is still where the cell began, which claims notice no mutant."""
    silent, end = pipe.recv(), time.monotonic() + SECONDS
    while silent and time.monotonic() < end and (tree := next(trees, None)):
        receiver, sender = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_send_failed, args=(sender, tree, scope))
        process.start()
        sender.close()
        with contextlib.suppress(EOFError):
            silent -= receiver.recv() if receiver.poll(end - time.monotonic()) else set()
        process.kill()
        process.join()
    pipe.send(silent)


def noticed_here(names, functions, tried, scope):
    """Returns whether a claim fails when something that it reads or calls is another."""
    read, found = {name: scope[name] for name in names & set(scope)}, False
    for name, value in read.items():
        wrong = [changed(value, lambda v, f=f: f * v + (v == 0)) for f in (2, 0.5, -1)]
        wrong += [v for v in read.values() if getattr(v, "shape", 0) == getattr(value, "shape", ())]
        found = found or any(fails(tried) for scope[name] in wrong)
        scope[name] = value
    for function in functions:
        scope["_called"] = lambda name, f, this=function: bent(f) if name == this else f
        found = found or fails(tried)
    scope["_called"] = lambda name, f: f
    return found


def examine(source, scope):
    """Runs a cell; returns its claims as [(source, what is wrong with it, "" if nothing)]."""
    lines, claims = TransformerManager().transform_cell(source), Claims()
    tree = claims.visit(ast.parse(lines))
    here, there = FORK.Pipe()
    witness = FORK.Process(target=_try_mutants, args=(there, mutants(tree), scope))
    witness.start()
    silent = {}  # number of a claim that was reached: whether nothing is noticed so far

    def note(n, tried):
        source, names, functions = claims.found[n]
        if fails(tried):
            raise AssertionError(f"it fails as it stands: {source}")
        silent[n] = silent.get(n, True) and not noticed_here(names, functions, tried, scope)

    try:
        run(tree, scope, note)
    finally:  # the witness waits
        here.send({n for n in silent if silent[n]})
        wrong = dict.fromkeys(silent, "") | dict.fromkeys(here.recv(), "never")
        witness.join()
    return [(claim[0], wrong.get(n, "not run")) for n, claim in enumerate(claims.found)]


def lecture(text):
    """Prints what is wrong in a lecture; returns (cells with claims, those of which all notice)."""
    excused = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get(text.stem, {})
    scope, cells, good = {"__name__": "__main__"}, 0, 0
    for number, cell in enumerate(jupytext.read(text, fmt="md:myst").cells):
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", []):
            found = examine(cell.source, scope)
            for claim, why in [pair for pair in found if pair[1]]:
                print(f"{text.stem}, {number}: {excused.pop(claim, why)}: {claim}", flush=True)
            cells += bool(found)
            good += bool(found) and not any(why for _, why in found)
    for claim in excused:
        print(f"{text.stem}: an exception that is not needed: {claim}", flush=True)
    return cells, good


def main() -> int:
    """Examines the named lectures, or all, two at a time; returns the exit status."""
    texts = [t for t in course.lectures() if t.stem in sys.argv[1:] or not sys.argv[1:]]
    texts = [t for t in texts if not course.missing(jupytext.read(t, fmt="md:myst").metadata)]
    alone = {"mp_context": multiprocessing.get_context("spawn"), "max_tasks_per_child": 1}
    with ProcessPoolExecutor(2, **alone) as pool:
        cells, good = map(sum, zip(*pool.map(lecture, texts), strict=True))
    print(f"{good} of {cells} cells with assertions notice all of them, {good / cells:.1%}")
    return int(good < SHARE * cells)


if __name__ == "__main__":
    sys.exit(main())
