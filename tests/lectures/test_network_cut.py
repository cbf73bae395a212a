"""The lectures run where the operating system has no network, and the data execute nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

import course

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


def test_no_file_allows_a_pickle():
    """NumPy refuses it unless told otherwise, which the S rules of ruff do not look at."""
    files = [p for f in ("src", "tools", "benchmarks") for p in (course.ROOT / f).rglob("*.py")]
    for path in [*files, *course.lectures(), *course.solutions()]:
        told = re.findall(r"allow_pickle=(\w+)", path.read_text(encoding="utf-8"))
        assert set(told) <= {"False"}, course.relative(path)
