"""A set-up puts packages into its environment, whatever the user has told pip, and when it must."""

import ast
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import pytest
import yaml
from packaging.requirements import Requirement

import course
import set_up

PROJECT = course.pyproject()["project"]
EXTRAS = PROJECT["optional-dependencies"]


@pytest.fixture
def root(tmp_path):
    """A checkout that holds only what the set-up of an environment reads."""
    folder = tmp_path / "checkout"
    (folder / "tools").mkdir(parents=True)
    for name in ("Makefile", "tools/set_up.py", "pyproject.toml", "constraints.txt"):
        (folder / name).write_bytes((course.ROOT / name).read_bytes())
    return folder


def start(command, folder, **settings):
    """Runs a command in a folder as a stranger would, also where make runs these tests."""
    ours = ("PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
    environment = {**{k: v for k, v in os.environ.items() if k not in ours}, **settings}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(shlex.split(command), cwd=folder, env=environment, **pipes)


def run(command, folder, **settings):
    """The same, to its end; returns its exit status and what it says of errors."""
    process = start(command, folder, **settings)
    return process.wait(), process.communicate(timeout=60)[1]


def fake_uv(root, install):
    """Puts a uv on a PATH that makes a folder for an environment and then does `install`."""
    uv = root.parent / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = venv ]; then shift $(($# - 1)); mkdir -p "$1/bin"\n'
        f'  printf \'#!/bin/sh\\nexec "{sys.executable}" "$@"\\n\' > "$1/bin/python"\n'
        '  chmod +x "$1/bin/python"; touch started\n'
        f"else {install}\nfi\n"
    )
    uv.chmod(0o755)
    return {"PATH": f"{uv.parent}{os.pathsep}{os.environ['PATH']}", "PYTHON": sys.executable}


# ---- which Python -------------------------------------------------------------------------------


def test_a_python_that_is_too_old_gets_one_line(root):
    script = (root / "tools" / "set_up.py").read_text()
    ast.parse(script, feature_version=(3, 7))
    # No old Python is at hand everywhere, so this one says that it is old.
    pretend = script.replace("import sys\n", "import sys\nsys.version_info = (3, 10, 13)\n", 1)
    (root / "tools" / "set_up.py").write_text(pretend)
    _, err = run("make env-test", root, PYTHON=sys.executable)
    line, *rest = err.splitlines()
    assert re.fullmatch(r"Python 3\.11 or newer is needed, .* is 3\.10: .*", line)
    assert len(rest) == 1 and rest[0].startswith("make: ***") and not (root / ".venv").exists()


def test_a_python_that_is_not_there_gets_one_line(root):
    _, err = run("make env-test", root, PYTHON="python0.0")
    assert err.startswith("Python 3.11 or newer is needed, and 'python0.0' was not found")


# ---- with uv ------------------------------------------------------------------------------------


def test_uv_looks_for_packages_where_pip_does(tmp_path, monkeypatch):
    lines = ["[global]", "index-url = https://a.example/simple", "extra-index-url ="]
    lines += ["    https://b.example/simple", "    https://c.example/simple", ""]
    (tmp_path / "pip.conf").write_text("\n".join(lines))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_FIND_LINKS", "/d /e")
    told = {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_INDEX": "https://b.example/simple https://c.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/d,/e",
    }
    assert set_up.places().items() >= told.items()


def test_what_an_environment_holds_follows_from_pyproject(root):
    settings = fake_uv(root, 'echo "$@" > asked')
    extras = {"oldest": "test", "newest": "test", "test": "test", "frameworks": "frameworks,test"}
    for name, extra in extras.items():
        assert run(f"make env-{name}", root, **settings)[0] == 0
        asked = (root / "asked").read_text()
        assert asked.endswith(f"--editable .[{extra}]\n") and set(extra.split(",")) <= set(EXTRAS)
        assert ("--resolution lowest-direct" in asked) == (name == "oldest")
        pinned = f"--constraint {root}/constraints.txt " in asked
        assert pinned == (name in ("test", "frameworks"))
    # A bound without a version would bring the oldest that there ever was.
    wanted = PROJECT["dependencies"] + EXTRAS["test"]
    assert all(re.match(r"[\w-]+>=\d", entry) for entry in wanted)


def test_a_set_up_is_repeated_only_when_it_must_be(root, tmp_path):
    settings = fake_uv(root, "echo again >> installed")

    def installed(old="", new=""):
        project = (root / "pyproject.toml").read_text()
        assert old in project
        (root / "pyproject.toml").write_text(project.replace(old, new, 1))
        assert run("make env-test", root, **settings)[0] == 0
        return (root / "installed").read_text().count("again")

    assert (installed(), installed()) == (1, 1)
    assert installed(course.address()[0], "someone/elsewhere") == 1
    assert installed("[project]", "# A comment.\n[project]") == 1
    assert installed("jupyterlab>=4.2", "jupyterlab>=4.3") == 1  # of another environment
    for n, old in enumerate(["scipy>=1.13", "pytest>=8.2", ">=3.11", "hatchling>=1.26"], 2):
        assert (installed(old, old + ".1"), installed()) == (n, n)
    (root / ".venv" / "test" / ".ready").unlink()  # as after a set-up that was killed outright
    (root / ".venv" / "test" / "half-made").write_text("")
    assert installed() == 6
    assert not (root / ".venv" / "test" / "half-made").exists()
    root = root.rename(tmp_path / "moved")
    assert (installed(), installed()) == (7, 7)


def test_a_set_up_that_fails_leaves_nothing(root):
    # Then pip tries it, and is not given anything either.
    nothing = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", **fake_uv(root, "exit 3")}
    status, err = run("make env-test", root, **nothing)
    assert status != 0 and "the set-up did not finish" in err
    assert (root / "started").exists() and not (root / ".venv" / "test").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_set_up_that_is_interrupted_leaves_nothing(number, root):
    # A child of the installer that goes on writing, for 10 s, unless it is ended too.
    writing = "i=0; while [ $i -lt 1000 ]; do mkdir -p .venv/test/x; sleep 0.01; i=$((i + 1)); done"
    settings = fake_uv(root, f"({writing}) & touch waiting; sleep 10")
    process = start(f"{sys.executable} tools/set_up.py test", root, **settings)
    while not (root / "waiting").exists():
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "(interrupted)" in err
    time.sleep(0.1)
    assert not (root / ".venv" / "test").exists()


# ---- with pip alone -----------------------------------------------------------------------------

# A package that is its own build system, and all that the set-up imports: nothing is fetched.
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
requires-python = ">=3.11"
dependencies = []
optional-dependencies.lab = []
"""
BACKEND = """
import zipfile

def build_editable(folder, settings=None, metadata=None):
    name = "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("matplotlib/font_manager.py", "")
        wheel.writestr("matplotlib/tests/test_fonts.py", "")
        about = "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n"
        wheel.writestr("tiny-1.dist-info/METADATA", about)
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return name
"""


@pytest.mark.parametrize("said_by", ["variables", "pip.conf"])
def test_packages_go_into_the_environment_whatever_pip_was_told(said_by, root, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "constraints.txt").write_text("tiny==1 \\\n    --hash=sha256:0\n    --hash=sha256:1\n")
    told = {"user": "true", "target": str(elsewhere), "prefix": str(elsewhere)}
    if said_by == "variables":
        settings = {f"PIP_{key.upper()}": value for key, value in told.items()}
    else:
        lines = [f"{key} = {value}" for key, value in told.items()]
        (tmp_path / "pip.conf").write_text("\n".join(["[install]", *lines, ""]))
        settings = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    # Without uv, and without a place to get it from.
    settings |= {"PATH": os.defpath, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    status, err = run(f"{sys.executable} tools/set_up.py lab", root, **settings)
    assert status == 0, err
    (found,) = (root / ".venv" / "lab").rglob("matplotlib")
    assert [path.name for path in found.iterdir() if path.name != "__pycache__"] == [
        "font_manager.py"  # and no tests
    ]
    assert not elsewhere.exists() and not list((root / ".venv").glob("uv*"))


# ---- constraints.txt ----------------------------------------------------------------------------


def test_the_tested_versions_are_whole_and_without_an_address():
    """Each has its hashes, none says where it lies, and the bounds of pyproject.toml allow it."""
    text = (course.ROOT / "constraints.txt").read_text(encoding="utf-8")
    entries = [e for e in re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).split("\n") if e]
    pins = [Requirement(entry.rstrip(" \\")) for entry in entries if entry[0] != " "]
    assert re.fullmatch(
        r"([a-z].* \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+)+", "\n".join(entries) + "\n"
    )
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) and not pin.url for pin in pins)
    asked = [*PROJECT["dependencies"], *(entry for extra in EXTRAS.values() for entry in extra)]
    for wanted in map(Requirement, asked):
        found = [pin for pin in pins if pin.name == wanted.name]
        assert found or wanted.name == "torch", wanted
        for pin in found:
            assert wanted.specifier.contains(str(pin.specifier)[2:]), pin


def test_the_versions_are_tested_with_every_python_that_is_given_them():
    path = course.ROOT / ".github" / "workflows" / "test.yml"
    matrix = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"][-1].split(".") == list(map(str, set_up.TESTED))
