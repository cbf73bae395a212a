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

The Python that runs this is the one of the environment. The code is valid in old versions of Python
too, so that they can say what is wrong.
"""

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = "oldest", "newest"
LAB = "lab"  # a student's: it holds the byte code of what was imported, and so takes less room
EXTRAS = {  # where it is not the name
    OLDEST: "test",
    NEWEST: "test",
    "author": "author,lab",
    "frameworks": "frameworks,test",
    "mutants": "mutants,test",
}
CONSTRAINTS = os.path.join(ROOT, "constraints.txt")
# The last Python for which constraints.txt was tested; a newer one takes the newest.
TESTED = (3, 14)
# Variables of a user that say where to install, or which versions.
ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN")
ELSEWHERE += ("PIP_REQUIRE_HASHES", "UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_RESOLUTION")
ELSEWHERE += ("UV_REQUIRE_HASHES",)
# What pip was told of where packages come from, by what uv calls it, which does not read it.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def asked_for(name):
    """Returns what pyproject.toml asks for in an environment, as pairs of a key and its value.

    It is read as text, since an old Python cannot parse it: a list may stand on several lines.
    """
    with io.open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as f:
        text = re.sub(r"#[^\n]*", "", f.read())
    keys = ["requires", "requires-python", "dependencies", "packages"]
    keys += EXTRAS.get(name, name).split(",")
    found = re.findall(r"^([\w-]+) = (\[.*?\]$|[^\n]*)", text, re.MULTILINE | re.DOTALL)
    return [(key, re.findall(r'"(.*?)"', value)) for key, value in found if key in keys]


def stamp_text(name):
    """Returns what an environment is made for; the folder counts because a moved one breaks it."""
    asked = repr([(str(key), [str(v) for v in values]) for key, values in asked_for(name)])
    if name not in (OLDEST, NEWEST):
        with io.open(CONSTRAINTS, encoding="utf-8") as f:
            asked += f.read()
    return "%s %s\n" % (ROOT, hashlib.sha256(asked.encode()).hexdigest())


def output(command):
    """Returns what a command prints, "" if it does not run."""
    try:
        return subprocess.check_output(command).decode()
    except (OSError, subprocess.CalledProcessError):
        return ""


def is_ready(folder, stamp, name, any_version):
    """Returns whether the environment is there, whole, and for this folder and pyproject.toml."""
    try:
        with open(stamp) as f:
            if f.read() != stamp_text(name):
                return False
    except IOError:
        return False
    said = "import sys; print('%d.%d' % sys.version_info[:2])"
    has = output([os.path.join(folder, "bin", "python"), "-c", said]).strip()
    return has != "" and (any_version or has == "%d.%d" % sys.version_info[:2])


def interrupt(number, frame):
    """Makes every signal that ends this program an exception, so that what was made is removed."""
    raise KeyboardInterrupt


def step(command):
    """Runs a command; when it is interrupted, nothing that it started goes on."""
    # An interruption must not fall between the start of the process and our knowing of it.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        process = subprocess.Popen(command, start_new_session=True, preexec_fn=let_signals_in)
    except BaseException:
        let_signals_in()
        raise
    try:
        let_signals_in()
        if process.wait() != 0:
            raise RuntimeError("'%s' failed" % " ".join(command))
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for _ in range(200):  # its children go away a little later
            try:
                os.killpg(process.pid, 0)
            except OSError:
                break
            time.sleep(0.01)
        raise


def let_signals_in():
    """Lets the signals through that were held back."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def remove(folder):
    """Removes a folder, also while a process that was just killed is still going away."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        time.sleep(0.1)
    sys.exit("%s could not be removed" % folder)


def say(line):
    """Prints a line now, before what the next command prints."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def places():
    """Returns the variables by which uv looks for packages where pip would on this machine."""
    told = output([sys.executable, "-m", "pip", "config", "list"])
    told = re.findall(r"^(?::env:|global|install)\.([\w-]+)='(.*)'\r?$", told, re.MULTILINE)
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
    python = os.path.join(folder, "bin", "python")
    # What the user's pip.conf says of the place is overruled; an empty target is none.
    options = ["--no-user", "--target", "", "--prefix", os.path.abspath(folder)]
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + options


def get_uv():
    """Returns the user's uv, or else one that pip brings."""
    ours = os.path.join(".venv", "bin", "uv")
    found = shutil.which("uv") or shutil.which(ours)
    if found:
        return found
    say("Getting uv, which is faster than pip ...")
    folder = os.path.join(".venv", "uv-%d" % os.getpid())
    try:
        step([sys.executable, "-m", "venv", folder])
        step(pip_install(folder) + ["uv>=0.8"])
        os.renames(os.path.join(folder, "bin", "uv"), ours)
    finally:
        remove(folder)
    return ours


def package(name):
    """Returns what is installed: this package, as it lies here, and an extra."""
    return ["--editable", ".[%s]" % EXTRAS.get(name, name)]


def is_pinned(name):
    """Returns whether an environment has the versions of constraints.txt."""
    return name not in (OLDEST, NEWEST) and sys.version_info[:2] <= TESTED


def with_uv(folder, name):
    """Makes the environment with uv."""
    uv = get_uv()
    say("Setting up %s with uv (once) ..." % folder)
    for variable, place in places().items():
        os.environ.setdefault(variable, place)
    # With pip (--seed), which a student calls from a notebook.
    step([uv, "venv", "--quiet", "--seed", "--python", sys.executable, folder])
    install = [uv, "pip", "install", "--quiet"]
    if name != LAB:  # compiled here, before many processes of tests import the same modules at once
        install += ["--compile-bytecode"]
    install += ["--python", os.path.join(folder, "bin", "python")]
    if name == OLDEST:
        # Of the versions that are built for this Python: a new one has no numpy 2.0.
        install += ["--resolution", "lowest-direct", "--only-binary", ":all:"]
        install += ["--no-binary", "rnncourse"]
    if is_pinned(name):
        install += ["--constraint", CONSTRAINTS]
    step(install + package(name))


def with_pip(folder, name):
    """Makes the environment with pip, which must not see the hashes: it would want one of ours."""
    say("Setting up %s with pip (once, a minute or two) ..." % folder)
    step([sys.executable, "-m", "venv", folder])
    install = pip_install(folder) + (["--no-compile"] if name == LAB else [])
    if is_pinned(name):
        pinned = os.path.join(folder, "constraints.txt")
        with io.open(CONSTRAINTS, encoding="utf-8") as f, io.open(pinned, "w") as plain:
            plain.write(re.sub(r" \\\n *--hash=\S+", "", f.read()))
        install += ["--constraint", pinned]
    step(install + package(name))


def make(folder, name):
    """Makes the environment, from nothing."""
    try:
        with_uv(folder, name)
    except RuntimeError as error:
        if name == OLDEST:  # which only uv finds
            raise
        say("%s; pip tries it ..." % error)
        remove(folder)
        with_pip(folder, name)
    # Matplotlib looks through the machine's fonts once; here it disturbs no lecture.
    step([os.path.join(folder, "bin", "python"), "-c", "import matplotlib.font_manager"])


def main(extra):
    """Makes sure that the environment of an extra is there."""
    os.chdir(ROOT)
    folder = os.path.join(".venv", extra)
    stamp = os.path.join(folder, ".ready")
    if is_ready(folder, stamp, extra, any_version=not os.environ.get("PYTHON")):
        return
    if sys.version_info < (3, 11):
        sys.exit(
            "Python 3.11 or newer is needed, and '%s' is %d.%d: name another with "
            "'make %s PYTHON=python3.12'."
            % ((os.environ.get("PYTHON") or "python3",) + sys.version_info[:2] + (extra,))
        )
    for number in SIGNALS:
        signal.signal(number, interrupt)
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    remove(folder)
    try:
        make(folder, extra)
        with open(stamp, "w") as f:
            f.write(stamp_text(extra))
    except (KeyboardInterrupt, RuntimeError) as error:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        remove(folder)
        sys.exit(
            "%s: the set-up did not finish (%s); nothing of it was kept."
            % (folder, str(error) or "interrupted")
        )


if __name__ == "__main__":
    main(sys.argv[1])
