"""Builds the edition that runs in the browser alone: `make lite`, in dist/lite.

JupyterLite with the Pyodide kernel: a site of files, and the reader's browser is the machine that
computes. It holds each lecture that needs nothing more, with its solutions, and the package as a
wheel. A lecture has one source; the copy made here differs in its install line, which takes that
wheel, and in the name of its kernel. Python itself, numpy and the other packages come from the
public address that the kernel was built for, when a notebook is opened; nothing is fetched when
the site is built.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

import course

BUILT = course.ROOT / "dist" / "lite"
STAGED = course.ROOT / "dist" / "lite-source"
KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}
INSTALL = (
    "try:\n"
    "    import rnncourse\n"
    "except ImportError:  # in the browser: this site holds the package\n"
    "    %pip install --quiet rnncourse\n"
    "    from tqdm import tqdm\n"
    "    tqdm.monitor_interval = 0  # its monitor is a thread, and a browser has one"
)
KERNEL_EXTENSION = "@jupyterlite/pyodide-kernel-extension"
# Put into every page: says in words when Python cannot be fetched, and then runs nothing, since a
# cell that waits for a kernel has already thrown its stored figure away.
NO_KERNEL = (course.ROOT / "tools" / "no_kernel.js").read_text(encoding="utf-8")
SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {"appName": course.name_of_the_course()},
}


def for_the_browser(notebook):
    """Returns a notebook as the browser's kernel runs it: its install line, its kernel.

    Raises:
        ValueError: if its first code cell does not open with the lines of `course.install_lines`.
    """
    first = course.code_cells(notebook)[0]
    lines = course.install_lines()
    if not first.source.startswith(lines):
        raise ValueError(f"the first cell opens with {first.source[:60]!r}, expected:\n{lines}")
    first.source = INSTALL + first.source.removeprefix(lines)
    notebook.metadata["kernelspec"] = KERNEL
    return notebook


def texts() -> list[Path]:
    """Returns the texts of the lectures in this edition, and of their solutions."""
    return [t for t in course.lectures() + course.solutions() if course.runs_in_browser(t)]


def stage() -> None:
    """Writes what the site is built from: notebooks, settings, and our wheel in pypi/."""
    shutil.rmtree(STAGED, ignore_errors=True)
    for text in texts():
        stored = course.notebook_of(text)
        target = STAGED / "files" / stored.relative_to(course.NOTEBOOKS)
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook = course.with_pictures(nbformat.read(stored, as_version=4), stored.parent)
        nbformat.write(for_the_browser(notebook), target)
    (STAGED / "jupyter-lite.json").write_text(json.dumps(SETTINGS, indent=2), encoding="utf-8")
    wheel = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    command = [*wheel, str(STAGED / "pypi")]
    subprocess.run(command, cwd=course.ROOT, check=True, capture_output=True)


def runtime() -> str:
    """Returns the address from which the kernel of the built site fetches Python."""
    schema = BUILT / "extensions" / KERNEL_EXTENSION / "static" / "schema" / "kernel.v0.schema.json"
    properties = json.loads(schema.read_text(encoding="utf-8"))["properties"]
    return properties["pyodideUrl"]["default"]


def watch_the_kernel() -> None:
    """Put the script that watches for the kernel into every page that can start one."""
    script = NO_KERNEL.replace("RUNTIME", json.dumps(runtime()))
    for page in BUILT.glob("*/index.html"):
        source = page.read_text(encoding="utf-8")
        found = source.replace("</head>", f"<script>\n{script}</script>\n</head>", 1)
        page.write_text(found, encoding="utf-8")


def main() -> int:
    """Stages, builds, and returns the exit status of JupyterLite."""
    stage()
    shutil.rmtree(BUILT, ignore_errors=True)
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--no-sourcemaps"]
    command += ["--contents", "files", "--output-dir", str(BUILT)]
    done = subprocess.run(command, cwd=STAGED, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        return done.returncode
    watch_the_kernel()
    print(f"the edition for the browser: {course.relative(BUILT)}/lab/index.html, served as files")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
