"""A kernel takes one thread for linear algebra by itself, and nothing else does."""

import json
import os
import subprocess
import sys

import pytest

from rnncourse import threads

REPORT = f"""
import json, threadpoolctl
found = [library["num_threads"] for library in threadpoolctl.threadpool_info()]
print("\\n" + json.dumps([found, [os.environ.get(name, "") for name in {threads.VARIABLES}]]))
"""
# What makes a process a kernel in the eyes of the package, without the seconds of starting one.
KERNEL = """
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.instance().kernel = object()
"""


def run(code, **settings):
    """Runs code in a new process without any variable of threads; returns what REPORT found."""
    scrubbed = {k: v for k, v in os.environ.items() if k not in threads.VARIABLES}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code + "\nimport os\n" + REPORT],
        env={**scrubbed, **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


LOADED = "import numpy, scipy.linalg"
COURSE = "import rnncourse"


@pytest.mark.parametrize("order", [(COURSE, LOADED), (LOADED, COURSE)], ids=["first", "later"])
def test_a_kernel_has_one_thread(order):
    found, variables = run(KERNEL + "\n".join(order))
    assert len(found) >= 1 and set(found) == {1}
    assert set(variables) == {"1"}  # for what is loaded later, and for what it starts


def test_no_other_process_is_touched():
    found, variables = run(f"{LOADED}\n{COURSE}")
    assert [found, variables] == run(LOADED) and set(variables) == {""}


@pytest.mark.parametrize("name", threads.VARIABLES)
def test_a_variable_that_is_set_is_obeyed(name, monkeypatch):
    for variable in threads.VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(name, "2")
    monkeypatch.setattr(threads, "in_kernel", lambda: True)
    threads.limit()
    assert [os.environ.get(other) for other in threads.VARIABLES if other != name] == [None] * 4
    assert os.environ[name] == "2"


@pytest.mark.parametrize("trouble", [ImportError, AttributeError, OSError])
def test_no_library_stops_the_import(trouble, monkeypatch):
    class Finder:
        def find_spec(name, path, target=None):
            if name == "threadpoolctl":
                raise trouble(name)

    for variable in threads.VARIABLES:
        monkeypatch.setenv(variable, "")
    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    monkeypatch.delitem(sys.modules, "threadpoolctl", raising=False)
    monkeypatch.setattr(threads, "in_kernel", lambda: True)
    threads.limit()
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_the_browser_is_left_alone(monkeypatch):
    class Shell:
        kernel = object()

    monkeypatch.setattr("IPython.get_ipython", lambda: Shell)
    assert threads.in_kernel()
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert not threads.in_kernel()
