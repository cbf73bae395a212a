"""Builds the lectures with MyST, on which Jupyter Book 2 stands, and checks what came: `make myst`.

MyST reads the stored notebooks with notebooks/myst.yml. Its tree of each page must hold each
equation with the number of the lecture and no other, and each picture with its alt text. Those are
read from pages without a theme, so that no network is needed; the pages to be looked at take MyST's
own theme, from its public address.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

import course

BUILT = course.ROOT / "dist" / "myst"
PROJECT = BUILT / "notebooks"
MYST = Path(sys.executable).with_name("myst")
NO_THEME = "jtex: v1\ntitle: none\nversion: 1.0.0\n"
NUMBER = re.compile(r"\\tag\{([\d.]+)\}")


def stage() -> None:
    """Copies what MyST reads."""
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(
        course.NOTEBOOKS, PROJECT, ignore=shutil.ignore_patterns("text", "_build", ".*")
    )
    shutil.copytree(course.ROOT / "figures", BUILT / "figures")
    (PROJECT / "bare").mkdir()
    (PROJECT / "bare" / "template.yml").write_text(NO_THEME, encoding="utf-8")


def build(*options: str, theme: str = "") -> subprocess.CompletedProcess:
    """Runs MyST, with a theme that is a folder, or with its own."""
    settings = (course.NOTEBOOKS / "myst.yml").read_text(encoding="utf-8")
    own = f"site:\n  template: {theme}\n" if theme else "site:\n"
    (PROJECT / "myst.yml").write_text(settings.replace("site:\n", own), encoding="utf-8")
    command = [MYST, "build", *options]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)


def nodes(tree: dict):
    """Gives each node of a page."""
    yield tree
    for child in tree.get("children", []):
        yield from nodes(child)


def found(tree: dict) -> dict[str, list]:
    """Returns what the tree of a page has: numbers of equations, words that stand for pictures."""
    numbers, words = [], []
    for node in nodes(tree):
        if node["type"] == "math":
            number = NUMBER.search(node["value"])
            numbers += [node.get("enumerator")] if "enumerator" in node else []
            numbers += [number[1]] if number and "katex-display" in node.get("html", "") else []
        if node["type"] == "image":
            words.append(node.get("alt"))
        if node["type"] == "output" and "image/png" in node["jupyter_data"].get("data", {}):
            # The theme takes the picture's text as its alt text.
            words.append(node["jupyter_data"]["data"].get("text/plain", {}).get("content"))
    return {"numbers": numbers, "words": words}


def expected(notebook: nbformat.NotebookNode) -> dict[str, list]:
    """Returns what a stored notebook has: numbers of equations, alt texts."""
    numbers, words = [], []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            numbers += NUMBER.findall(cell.source)
            words += [alt for alt, _ in course.LOCAL_PICTURE.findall(cell.source)]
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                words.append(output.metadata["image/png"]["alt"])
    return {"numbers": numbers, "words": words}


def main() -> int:
    """Builds, checks, and returns the exit status."""
    stage()
    done = build("--site", "--strict", theme="bare")
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    trees = {}
    for path in (PROJECT / "_build" / "site" / "content").glob("*.json"):
        page = json.loads(path.read_text(encoding="utf-8"))
        trees[page["location"]] = page["mdast"]
    total = dict.fromkeys(("numbers", "words"), 0)
    for text in course.lectures() + course.solutions():
        stored = course.notebook_of(text)
        wanted = expected(nbformat.read(stored, as_version=4))
        came = found(trees[f"/{stored.relative_to(course.NOTEBOOKS).as_posix()}"])
        for what in total:
            if came[what] != wanted[what]:
                sys.exit(f"{course.relative(stored)}: {what} {came[what]}, expected {wanted[what]}")
            total[what] += len(came[what])
    print(
        "{numbers} equations have their numbers, {words} pictures their alt texts".format(**total)
    )
    html = build("--html")
    if html.returncode:
        print("no pages were written, since the theme could not be had:\n" + html.stdout[-500:])
    print(f"what MyST makes: {course.relative(PROJECT / '_build')}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
