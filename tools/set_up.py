"""Sets up the virtual environment .venv/NAME with the package and its extra NAME.

    python3 tools/set_up.py lab

Nothing is done when the environment is there and was made for this folder, for what
pyproject.toml and constraints.txt ask for today and, where PYTHON names one, for this version of
Python. Whatever else is found is removed and made anew, so that an environment never holds what the
package no longer asks for. A set-up that fails or is interrupted removes what it made; one that is
killed outright leaves no stamp, and so the next call starts afresh.

The user's uv does the work, or one that pip brings into .venv/bin, or else pip does it. Packages
come from where pip would take them on this machine, in the versions of constraints.txt, with which
the course was tested.

NAMEs "frameworks" and "mutants" are the extra of that name and the extra "test", "author" is that
of its name and the extra "lab".
NAMEs "newest" and "oldest" are the extra "test" with the newest versions that there are, and with
every package that pyproject.toml names at the oldest that its bounds allow and this Python has.
NAME "peers" is what needs other packages, with the newest versions that there are; NAME "web" is
the extra "onnx".

The Python that runs this is the one of the environment.
"""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Python 3.11 or newer is needed, and '%s' is %d.%d: name another with "
        "'make %s PYTHON=python3.12'."
        % (os.environ.get("PYTHON") or "python3", *sys.version_info[:2], sys.argv[1])
    )

import contextlib
import hashlib
import re
import shutil
import signal
import subprocess
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
OLDEST, NEWEST, PEERS = "oldest", "newest", "peers"
UNPINNED = OLDEST, NEWEST, PEERS
LAB = "lab"  # a student's, which is to be small
EXTRAS = {  # where it is not the name
    OLDEST: "test",
    NEWEST: "test",
    "author": "author,lab",
    "frameworks": "frameworks,test",
    "mutants": "mutants,test",
    PEERS: "peers,frameworks,onnx,jax,test",
    "web": "onnx",
}
# The last Python for which constraints.txt was tested; a newer one takes the newest.
TESTED = (3, 14)
# Variables of a user that say where to install, or which versions.
ELSEWHERE = """PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_DRY_RUN PIP_REQUIRE_HASHES
    UV_SYSTEM_PYTHON UV_PYTHON UV_RESOLUTION UV_REQUIRE_HASHES""".split()
# What pip was told of where packages come from, by what uv calls it, which does not read it.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def extras(name):
    """Returns the extras of pyproject.toml that an environment has, between commas."""
    return EXTRAS.get(name, name)


def stamp_text(name):
    """Returns what an environment is made for, as a number, and the version of this Python.

    The folder counts because a moved environment is broken.
    """
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = asked["project"]
    optional = [project["optional-dependencies"][extra] for extra in extras(name).split(",")]
    wanted = [project["requires-python"], project["dependencies"], optional, asked["build-system"]]
    pins = "" if name in UNPINNED else CONSTRAINTS.read_text(encoding="utf-8")
    number = hashlib.sha256(f"{ROOT}{wanted}{pins}".encode()).hexdigest()
    return f"{number} {sys.version_info.major}.{sys.version_info.minor}"


def is_ready(folder, name):
    """Returns whether the environment is there, whole, and what is wanted now."""
    if not (folder / ".ready").exists() or not (folder / "bin" / "python").exists():
        return False
    has, wanted = (folder / ".ready").read_text(), stamp_text(name)
    return has == wanted or not os.environ.get("PYTHON") and has.split()[0] == wanted.split()[0]


def interrupt(number, frame):
    """Makes every signal that ends this program an exception, so that what was made is removed."""
    raise KeyboardInterrupt


def step(command):
    """Runs a command; when it is interrupted, nothing that it started goes on."""
    process = subprocess.Popen(command, start_new_session=True)
    try:
        if process.wait() != 0:
            raise RuntimeError(f"'{' '.join(map(str, command))}' failed")
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(ProcessLookupError):  # its children go away a little later
            for _ in range(200):
                os.killpg(process.pid, 0)
                time.sleep(0.01)
        raise


def remove(folder):
    """Removes a folder, also while a process that was just killed is still going away."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    sys.exit(f"{folder} could not be removed")


def places():
    """Returns the variables by which uv looks for packages where pip would on this machine."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    told = subprocess.run(command, capture_output=True, text=True).stdout
    told = re.findall(r"^(?::env:|global|install)\.([\w-]+)='(.*)'$", told, re.MULTILINE)
    found = {}
    for key, value in told:
        if key in PIP_TO_UV:
            between = "," if key == "find-links" else " "
            found[PIP_TO_UV[key]] = between.join(value.replace("\\n", " ").split())
    if "UV_INDEX" in found:
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # as pip: the best of all places
    return found


def pip_install(folder):
    """Returns the command by which pip installs into an environment."""
    # What the user's pip.conf says of the place is overruled; an empty target is none.
    options = ["--no-user", "--target", "", "--prefix", folder.absolute()]
    pip = [folder / "bin" / "python", "-m", "pip", "install"]
    return [*pip, "--quiet", "--disable-pip-version-check", *options]


def get_uv():
    """Returns the user's uv, or else one that pip brings."""
    ours = Path(".venv", "bin", "uv")
    found = shutil.which("uv") or shutil.which(ours)
    if found:
        return found
    print("Getting uv, which is faster than pip ...", flush=True)
    folder = Path(".venv", f"uv-{os.getpid()}")
    try:
        step([sys.executable, "-m", "venv", folder])
        step([*pip_install(folder), "uv>=0.8"])
        os.renames(folder / "bin" / "uv", ours)
    finally:
        remove(folder)
    return ours


def is_pinned(name):
    """Returns whether an environment has the versions of constraints.txt."""
    return name not in UNPINNED and sys.version_info[:2] <= TESTED


def with_uv(folder, name):
    """Makes the environment with uv."""
    uv = get_uv()
    print(f"Setting up {folder} with uv (once) ...", flush=True)
    os.environ.update({**places(), **os.environ})
    step([uv, "venv", "--quiet", "--python", sys.executable, folder])
    install = [uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    if name != LAB:  # compiled here, before many processes of tests import the same modules at once
        install += ["--compile-bytecode"]
    if name == OLDEST:
        # Of the versions that are built for this Python: a new one has no numpy 2.0.
        install += ["--resolution", "lowest-direct", "--only-binary", ":all:"]
        install += ["--no-binary", "rnncourse"]
    if is_pinned(name):
        install += ["--constraint", CONSTRAINTS]
    # With pip, which a student calls from a notebook.
    step([*install, "pip>=23", "--editable", f".[{extras(name)}]"])


def with_pip(folder, name):
    """Makes the environment with pip, which must not see the hashes: it would want one of ours."""
    print(f"Setting up {folder} with pip (once, a minute or two) ...", flush=True)
    step([sys.executable, "-m", "venv", folder])
    install = [*pip_install(folder), *(["--no-compile"] if name == LAB else [])]
    if is_pinned(name):
        plain = re.sub(r" \\\n *--hash=\S+", "", CONSTRAINTS.read_text(encoding="utf-8"))
        (folder / "constraints.txt").write_text(plain, encoding="utf-8")
        install += ["--constraint", folder / "constraints.txt"]
    step([*install, "--editable", f".[{extras(name)}]"])


def make(folder, name):
    """Makes the environment, from nothing."""
    try:
        with_uv(folder, name)
    except RuntimeError as error:
        if name == OLDEST:  # which only uv finds
            raise
        print(f"{error}; pip tries it ...", flush=True)
        remove(folder)
        with_pip(folder, name)
    if name == LAB:  # without what packages test and debug themselves with, and byte code: 60 MB
        for pattern in ("tests/", "__pycache__/", "*.map"):
            for path in list(folder.rglob(pattern)):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(True)
    # Matplotlib looks through the machine's fonts once; here it disturbs no lecture.
    step([folder / "bin" / "python", "-c", "import matplotlib.font_manager"])


def main(name):
    """Makes sure that an environment is there."""
    os.chdir(ROOT)
    folder = Path(".venv", name)
    if is_ready(folder, name):
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    for variable in ELSEWHERE:
        os.environ.pop(variable, None)
    remove(folder)
    try:
        make(folder, name)
        (folder / ".ready").write_text(stamp_text(name))
    except (KeyboardInterrupt, RuntimeError) as error:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        remove(folder)
        why = str(error) or "interrupted"
        sys.exit(f"{folder}: the set-up did not finish ({why}); nothing of it was kept.")


if __name__ == "__main__":
    main(sys.argv[1])
