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
import notebooks

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
where_it_can_be_cut = pytest.mark.skipif(bool(REASON), reason=REASON)


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


# Every notebook with NOTEBOOKS_CUT_OFF=1 (`make test-offline`), otherwise one that is quick.
ALL = os.environ.get("NOTEBOOKS_CUT_OFF") == "1"
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
    *("eval", "exec", "compile", "__import__", "pickle.load", "pickle.loads", "joblib.load"),
    *("marshal.loads", "yaml.load", "os.system", "urllib.request.urlopen"),
}


RUN_CODE = {  # and it is on this machine already
    "exercises/marks.py": "a submission, in a process of its own",
    "museum/exhibits.py": "the source of a module of this package with one place changed",
}


def dangers(source):
    """The calls of a module that could run what they read, or that fetch something to run."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        call = ast.unparse(node.func)
        refused = any(k.arg == "allow_pickle" and k.value.value is False for k in node.keywords)
        if call in RUNS_WHAT_IT_READS or call in {"np.load", "numpy.load"} and not refused:
            found.append(ast.unparse(node))
    return found


PACKAGE = course.ROOT / "src" / "rnncourse"


def test_no_module_runs_what_it_reads():
    found = {
        path.relative_to(PACKAGE).as_posix(): dangers(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
    }
    assert {name for name, calls in found.items() if calls} <= set(RUN_CODE)
    here = [call for name in RUN_CODE for call in found.get(name, [])]
    assert not [call for call in here if re.search("load|urlopen|system|__import__", call)]


@pytest.mark.parametrize("text", course.lectures() + course.solutions(), ids=course.relative)
def test_no_notebook_runs_what_it_reads(text):
    cells = notebooks.code_cells(notebooks.read_text(text))
    sources = [re.sub(r"^( *)%.*$", r"\1pass", cell.source, flags=re.M) for cell in cells]
    assert sources and [danger for source in sources for danger in dangers(source)] == []


@pytest.mark.parametrize(
    "source",
    [
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "exec(urllib.request.urlopen(address).read())",
        "pickle.load(file)",
    ],
)
def test_a_danger_is_noticed(source):
    assert dangers(source)
    assert not dangers("np.load(path, allow_pickle=False)")
