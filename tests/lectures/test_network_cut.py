"""The lectures run where the operating system has no network, and the data execute nothing."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

import course
import run_notebooks

# A name space with no interface but the loopback, over which a kernel talks to its client.
CUT = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c"]
BRING_UP = """
import fcntl, socket, struct, subprocess, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:  # up (1) and running (64)
    fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 1 | 64))
"""


def cut_off(code, **settings):
    """Runs code in a Python whose only interface is the loopback."""
    return subprocess.run(
        [*CUT, BRING_UP + textwrap.dedent(code)],
        cwd=course.ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )


def reason_not_to():
    """Returns why this machine cannot cut the network off, "" if it can."""
    if shutil.which("unshare") is None:
        return "no program unshare on this machine"
    done = cut_off("")
    return "" if done.returncode == 0 else f"unshare is not permitted: {done.stderr.strip()[-200:]}"


REASON = reason_not_to()
ALL = os.environ.get("NOTEBOOKS_CUT_OFF") == "1"  # `make test-offline`
where_it_can_be_cut = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.mark.skipif(not ALL, reason="only `make test-offline` must not pass over a notebook")
def test_the_network_can_be_cut_off():
    assert not REASON


@where_it_can_be_cut
def test_nothing_gets_out_and_the_loopback_works():
    code = """
        print([name for _, name in socket.if_nameindex()])
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), 5).close()
        try:
            socket.create_connection(("192.0.2.1", 80), 5)
        except OSError as error:
            print(error.strerror)
    """
    done = cut_off(code, PYTHONPATH="")  # without the guard in Python: the system refuses
    assert done.stdout == "['lo']\nNetwork is unreachable\n", done.stderr


# Every notebook, or one that is quick.
NOTEBOOKS = [course.notebook_of(text) for text in course.lectures() + course.solutions()]


@where_it_can_be_cut
@pytest.mark.parametrize(
    "path", NOTEBOOKS if ALL else [course.notebook_of(course.solutions()[0])], ids=course.relative
)
def test_notebook_runs_without_a_network(path):
    if missing := course.missing(json.loads(path.read_text(encoding="utf-8"))["metadata"]):
        pytest.skip(f"it needs {', '.join(missing)}, not installed here")
    done = cut_off(
        f"""
        command = [sys.executable, "-m", "pytest", "-q", "--nbval", {str(path)!r}]
        sys.exit(subprocess.run([*command, "-p", "no:cacheprovider"]).returncode)
        """
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


# ---- what is read is never run ------------------------------------------------------------------

RUNS_WHAT_IT_READS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load"),
    *("joblib.load", "numpy.load", "urllib.request.urlopen", "urllib.request.urlretrieve"),
}
RUNS_ANYTHING = ("pickle.", "cPickle.", "dill.", "cloudpickle.", "marshal.", "shelve.")
RUN_CODE = {  # and it is on this machine already, or is only looked at
    "tools/check_claims.py": "the cells of a lecture, right and with a planted mistake",
    "src/rnncourse/exercises/session.py": "a submission, in a process of its own",
    "src/rnncourse/exercises/submission.py": "a cell of a submission, to see whether it is Python",
    "src/rnncourse/museum/exhibits.py": "the source of a module of this package, one place changed",
    "tools/check_addresses.py": "asks an address, and reads no more than the status",
}


def names_of(tree):
    """The full names of what a module imports: `np` is `numpy`, `load` may be `pickle.load`."""
    full = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            full |= {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom):
            full |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return full


def dangers(source):
    """The calls of a module that could run what they read, or that fetch something to run."""
    tree, found = ast.parse(source), []
    full = names_of(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        first, dot, rest = ast.unparse(node.func).partition(".")
        call = full.get(first, {"np": "numpy"}.get(first, first)) + dot + rest
        refused = any(
            k.arg == "allow_pickle" and ast.unparse(k.value) == "False" for k in node.keywords
        )
        if call == "numpy.load" and refused:
            continue
        if call.removeprefix("builtins.") in RUNS_WHAT_IT_READS or call.startswith(RUNS_ANYTHING):
            found.append(ast.unparse(node))
    return found


def test_no_module_runs_what_it_reads():
    modules = [p for f in ("src", "tools", "benchmarks") for p in (course.ROOT / f).rglob("*.py")]
    found = {course.relative(p): dangers(p.read_text(encoding="utf-8")) for p in modules}
    assert {name for name, calls in found.items() if calls} == set(RUN_CODE)
    calls = [call for name in RUN_CODE for call in found[name]]
    other = [call for call in calls if not re.match(r"(eval|exec|compile)\(", call)]
    assert other == ["urllib.request.urlopen(request, timeout=SECONDS)"]


@pytest.mark.parametrize("text", course.lectures() + course.solutions(), ids=course.relative)
def test_no_notebook_runs_what_it_reads(text):
    cells = run_notebooks.code_cells(run_notebooks.read_text(text))
    sources = [re.sub(r"^( *)%.*$", r"\1pass", cell.source, flags=re.M) for cell in cells]
    assert sources and [danger for source in sources for danger in dangers(source)] == []


@pytest.mark.parametrize(
    "source",
    [
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "exec(urllib.request.urlopen(address).read())",
        "pickle.load(file)",
        "import pickle as pk\npk.loads(data)",
        "from pickle import Unpickler\nUnpickler(file).load()",
        "from numpy import load\nload(path)",
        "import numpy as xp\nxp.load(path)",
        "import builtins\nbuiltins.eval(file.read())",
        "from os import system as run\nrun(line)",
    ],
)
def test_a_danger_is_noticed(source):
    assert dangers(source)
    assert not dangers("from numpy import load\nload(path, allow_pickle=False)\nsource.load(path)")
