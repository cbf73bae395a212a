"""Asks of each assertion of the lectures whether it can fail: `make check-claims [N=...]`.

Each part of an assertion that `and` joins is a claim. One that no mutant makes fail is listed. The
mutants, until one is noticed: the numbers of what the claim reads by name, all or one alone, are
doubled (zero but for rounding becomes one), halved, made positive, or exchanged in a circle, and
a text is another, and a list or set gets one entry more; each function that it calls gives another
result, wherever it is called in the claim, so that what is computed twice in the same way stays
equal; and each constant and each result of a call of its cell, outside of assertions, is made
wrong. For these a fork waits before each statement, and runs it and what follows, the last first.

A cell counts as noticing when all its claims do, so not when one is excused: an exception stands in
registers/claims.toml with its reason. A claim without one fails the check, and so does a share of
less than 95 % of the cells with claims.
"""

import ast
import contextlib
import sys
import time
import tomllib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import jupytext
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

import course

EXCEPTIONS = course.ROOT / "registers" / "claims.toml"
FORK = get_context("fork")
SHARE, SECONDS = 0.95, 60  # of the cells that must notice all; for the mutants of one cell
CHANGES = (lambda v: 2 * v + (abs(v) < 1e-12), lambda v: v / 2, abs, lambda v: np.roll(v, 1))
SPARED = ("print(", "plotting.", "ax.", "ax[", "axes", "fig.", "live.", "_note(")


def changed(value, change):
    """Returns what `change` makes of the numbers in a value; a text, set or truth is another."""
    if isinstance(value, dict):
        return {key: changed(entry, change) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return getattr(value, "_make", type(value))(changed(entry, change) for entry in value)
    numeric = np.isscalar(value) or isinstance(value, np.ndarray)
    kind = np.asarray(value).dtype.kind if numeric else type(value).__name__
    ways = {"b": lambda v: v ^ True, "U": lambda v: "no " + v, "set": lambda v: v | {None}}
    return (ways | dict.fromkeys("iufc", change)).get(kind, lambda v: v)(value)


def others(value):
    """Yields a value with all its numbers changed, then each alone; a list with one entry more."""
    changed(value, (leaves := []).append)
    for on in [np.ones(len(leaves)), *np.eye(min(50, len(leaves)), len(leaves))]:
        for f in CHANGES:
            turn = iter(on)
            yield changed(value, lambda v, f=f, turn=turn: f(v) if next(turn) else v)
    if isinstance(value, list):
        yield from ([*value, None], value[1:] + value[:1])


def bent(function, change=lambda v: 1.05 * v + 0.05 * v * v):
    """Returns a function with other results, by default no multiples of the right ones."""
    return lambda *a, **k: changed(function(*a, **k), change)


class Claims(ast.NodeTransformer):
    """Turns the claims of a cell into calls `_note(number, function that tries it)`.

    In them, a call `f(x)` becomes `_called("f", f)(x)`. `found` holds of each claim its source, the
    names that it reads, and the functions that it calls.
    """

    found = ()

    def _noted(self, test):
        nodes = list(ast.walk(test))
        calls = [(n, ast.unparse(n.func)) for n in nodes if hasattr(n, "func") and not is_check(n)]
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        self.found += ((ast.unparse(test), names, {name for _, name in calls}),)
        for call, name in reversed(calls):  # from the inside
            wrapped = ast.parse(f"_called({name!r}, {ast.unparse(call.func)})")
            call.func = wrapped.body[0].value
        right = ast.unparse(test) + " is None" * is_check(test)
        return ast.parse(f"_note({len(self.found) - 1}, lambda: {right})").body[0]

    def visit_Assert(self, node):  # noqa: N802, the name that ast asks for
        """Note each part that `and` joins by itself."""
        joined = isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)
        return [self._noted(test) for test in (node.test.values if joined else [node.test])]

    def visit_Expr(self, node):  # noqa: N802
        """Note a check of NumPy's."""
        return self._noted(node.value) if is_check(node.value) else node


def is_check(node):
    """Returns whether an expression is one of NumPy's assertions."""
    return isinstance(node, ast.Call) and "assert_" in ast.unparse(node.func)


def fails(tried):
    """Returns whether a claim is found wrong; one that stops in another way is not."""
    try:
        return not tried()
    except Exception as error:
        return isinstance(error, AssertionError)


def mutants(tree):
    """Makes one constant, operator or result of a call of a statement wrong, each in its turn."""
    nodes = list(ast.walk(tree))
    spared = {n for one in nodes if ast.unparse(one).startswith(SPARED) for n in ast.walk(one)}
    for node in reversed(nodes):
        right = dict(vars(node))
        if isinstance(node, ast.Call):
            node.func = ast.Call(ast.Name("_bent", ast.Load()), [node.func], [])
        elif isinstance(node, ast.Constant) and not isinstance(node.value, str):
            node.value = changed(node.value, lambda v: type(v)(1.5 * v + 1))
        if vars(node) != right and node not in spared:
            yield tree
        vars(node).update(right)


def run(statements, scope, note):
    """Runs part of a cell in silence; `note` is told the number of each claim and how to try it."""
    scope |= {"_note": note, "_bent": bent, "_called": lambda name, f: f}
    tree = ast.fix_missing_locations(ast.Module(statements, []))
    with contextlib.redirect_stdout(None):
        exec(compile(tree, "<cell>", "exec"), scope)


def _send_failed(pipe, statements, scope):
    with contextlib.suppress(Exception):
        run(statements, scope, lambda n, tried: fails(tried) and pipe.send(n))


def _try_mutants(pipe, first, rest, scope):
    """Answers, in a fork that stands where `first` begins, which claims notice no mutant of it."""
    silent, end = pipe.recv()
    for mutant in mutants(first):
        receiver, sender = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_send_failed, args=(sender, [mutant, *rest], scope))
        if not silent or time.monotonic() > end:
            break
        process.start()
        process.join(min(SECONDS / 4, end - time.monotonic()))
        process.kill()
        while receiver.poll():
            silent -= {receiver.recv()}
    pipe.send(silent)


def noticed_here(names, functions, tried, scope):
    """Returns whether a claim fails when something that it reads or calls is another."""
    read, found = {name: scope[name] for name in names & set(scope)}, False
    for name, value in read.items():
        found = found or any(fails(tried) for scope[name] in others(value))
        scope[name] = value
    telling = [f for f in functions if not f.endswith(("all", "any", "close", "equal"))]
    ways = [(name, change) for name in telling for change in (*bent.__defaults__, *CHANGES)]
    for this, how in [*ways, ("", None)]:
        scope["_called"] = lambda name, f, this=this, how=how: bent(f, how) if name == this else f
        found = found or fails(tried)
    return found


def examine(source, scope):
    """Runs a cell; returns its claims as [(source, what is wrong with it, "" if nothing)]."""
    claims, witnesses, left, silent = Claims(), [], set(), {}
    statements = claims.visit(ast.parse(TransformerManager().transform_cell(source))).body

    def note(n, tried):
        source, names, functions = claims.found[n]
        if fails(tried):
            raise AssertionError(f"it fails as it stands: {source}")
        silent[n] = silent.get(n, True) and not noticed_here(names, functions, tried, scope)

    try:
        for k, first in enumerate(statements):
            here, there = FORK.Pipe()
            rest = [n for n in statements[k + 1 :] if not ast.unparse(n).startswith(SPARED[:-1])]
            FORK.Process(target=_try_mutants, args=(there, first, rest, scope)).start()
            there.close()
            witnesses.append(here)
            run([first], scope, note)
        left = {n for n in silent if silent[n]}
    finally:  # the witnesses wait; the last begins, since what is after it is run soonest
        end = time.monotonic() + SECONDS
        for here in reversed(witnesses):
            here.send((left, end))
            left = here.recv()
    never = "never" if time.monotonic() < end else f"not in {SECONDS} s"
    wrong = dict.fromkeys(silent, "") | dict.fromkeys(left, never)
    return [(claim[0], wrong.get(n, "not run")) for n, claim in enumerate(claims.found)]


def lecture(text):
    """Prints what is wrong in a lecture; returns three numbers.

    They are those of its cells with claims, of the cells of which all are noticed, and of the
    claims that want a reason or exceptions that are not needed.
    """
    excused = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get(text.stem, {})
    scope, counts = {"__name__": "__main__"}, np.zeros(3, int)
    for number, cell in enumerate(jupytext.read(text, fmt="md:myst").cells):
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", []):
            found = examine(cell.source, scope)
            wrong = {claim: why for claim, why in found if why}
            counts += [bool(found), bool(found and not wrong), len(wrong.keys() - excused.keys())]
            for claim, why in wrong.items():
                print(f"{text.stem}, {number}: {excused.pop(claim, why)}: {claim}", flush=True)
    for claim in excused:
        print(f"{text.stem}: an exception that is not needed: {claim}", flush=True)
    return counts + [0, 0, len(excused)]


def main() -> int:
    """Examines the named lectures, or all, two at a time; returns the exit status."""
    texts = [t for t in course.lectures() if t.stem in sys.argv[1:] or not sys.argv[1:]]
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as pool:
        counts = dict(zip([t.stem for t in texts], pool.map(lecture, texts), strict=True))
    for name, (cells, good, _) in (counts | {"all": sum(counts.values())}).items():
        print(f"{name:24}{good:4} of {cells:3} cells notice all their claims, {good / cells:.1%}")
    return int(good < SHARE * cells or any(loose for _, _, loose in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
