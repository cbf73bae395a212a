"""Makes the notebooks from their text: `python tools/run_notebooks.py [--force] [week01_basics]`.

A text (notebooks/text/*.md, notebooks/text/solutions/*.md) becomes a notebook whose cells carry the
slide type of the rule in `course.slide_type` and an id that depends only on their source. The
notebook is executed from its own folder, without network, and written with nothing in it that
changes from run to run. A notebook whose code is unchanged is not executed again (its stored
outputs are kept) unless something else wrote it, such as JupyterLab, or it is forced and what it
needs (`course.needs`) is installed here. A run that fails shows the failing cell and writes
nothing. The text is never left older than its notebook, so that jupytext takes the two for a pair.
"""

import argparse
import hashlib
import os
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import course
from rnncourse import threads

# As JupyterLab writes them, but for the version of Python, by which a notebook that some front end
# has saved is told from one that was stored here. The file's extension is for nbconvert.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
ATTACHED = re.compile(r"[(<\"' ](attachment:[^)>\"'\s]+)")
CELL_TIMEOUT = (
    300  # seconds; far over the budget of a whole notebook, so only for a cell that hangs
)


class NotInstalledError(Exception):
    """A notebook must be executed and needs what is not installed here."""


def stored_metadata(metadata: dict) -> dict:
    """Returns what a stored notebook says of itself: its kernel, and what it needs."""
    own = {"rnncourse": metadata["rnncourse"]} if "rnncourse" in metadata else {}
    return {"kernelspec": KERNEL, "language_info": LANGUAGE, **own}


def read_text(path: Path) -> nbformat.NotebookNode:
    """Returns the notebook that a text describes: no outputs, slide types and ids set.

    The text holds the tags of a cell and what nbgrader knows of it; both are handed on.

    Raises:
        ValueError: it shows a picture that was pasted into the notebook, which no text can hold.
    """
    text = jupytext.read(path, fmt="md:myst")
    notebook = nbformat.v4.new_notebook(metadata=stored_metadata(text.metadata))
    seen = Counter()
    for cell in text.cells:
        kind = cell.cell_type
        pasted = kind == "markdown" and ATTACHED.search(cell.source)
        if pasted:
            raise ValueError(
                f"{course.relative(path)}: the picture {pasted[1]} was pasted, and a text cannot "
                "hold it; save it in figures/ and write ![what it shows](../figures/NAME)"
            )
        seen[kind, cell.source] += 1
        # The number tells cells of the same source apart. It is not the position: a new cell must
        # not change the ids of those that follow it.
        digest = hashlib.sha256(f"{kind} {seen[kind, cell.source]} {cell.source}".encode())
        metadata = {**cell.metadata, "slideshow": {"slide_type": course.slide_type(cell)}}
        new = {
            "code": nbformat.v4.new_code_cell,
            "markdown": nbformat.v4.new_markdown_cell,
            "raw": nbformat.v4.new_raw_cell,
        }[kind]
        notebook.cells.append(new(cell.source, id=digest.hexdigest()[:12], metadata=metadata))
    return notebook


def as_executed(notebook: nbformat.NotebookNode) -> bool:
    """Returns whether the outputs of a stored notebook can be those of a fresh kernel.

    A kernel that was fresh counts from one, and has written no progress bar.
    """
    cells = course.code_cells(notebook)
    counted = [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    return counted and not any(o.get("name") == "stderr" for cell in cells for o in cell.outputs)


def keep_outputs(notebook: nbformat.NotebookNode, path: Path) -> bool:
    """Takes the outputs of the stored notebook over where its code is the same.

    Args:
        notebook: made from the text; its code cells receive the outputs.
        path: the stored notebook.

    Returns:
        Whether the stored outputs belong to this code, and were stored here: a front end that saves
        a notebook leaves its own metadata in it.
    """
    if not path.exists():
        return False
    stored = nbformat.read(path, as_version=4)
    old, new = course.code_cells(stored), course.code_cells(notebook)
    same = [(c.source, c.metadata.get("tags")) for c in old] == [
        (c.source, c.metadata.get("tags")) for c in new
    ]
    if not same or stored.metadata != notebook.metadata or not as_executed(stored):
        return False
    for before, cell in zip(old, new, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return True


def execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Runs a notebook as a student does, from `folder`, but with the network off.

    No variable says how many threads its kernel takes: the package does.

    Args:
        notebook: receives the outputs.
        folder: the working directory of its kernel.

    Raises:
        CellExecutionError: when a cell fails.
        RuntimeError: when a cell tried to reach the network, even if it caught the refusal.
    """
    with tempfile.TemporaryDirectory() as scratch:
        attempts = Path(scratch) / "attempts"
        path = os.pathsep.join(filter(None, [str(course.OFFLINE), os.environ.get("PYTHONPATH")]))
        environment = {
            **{k: v for k, v in os.environ.items() if k not in threads.VARIABLES},
            "PYTHONPATH": path,
            "OFFLINE_ATTEMPTS": str(attempts),
            "TQDM_DISABLE": "1",
        }
        client = NotebookClient(
            notebook,
            kernel_name=KERNEL["name"],
            timeout=CELL_TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it would warn of its own loopback
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=environment)
        if attempts.exists():
            raise RuntimeError("the notebook tried to reach the network:\n" + attempts.read_text())
    notebook.metadata = stored_metadata(notebook.metadata)
    for cell in course.code_cells(notebook):
        cell.metadata.pop("execution", None)


def drop_widgets(notebook: nbformat.NotebookNode) -> None:
    """Takes the widgets out of the outputs: without a kernel they are dead.

    A page that holds one would ask another host for the code that shows it. What a cell gave beside
    its widget, such as a line of text, stays.
    """
    for cell in course.code_cells(notebook):
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
        cell.outputs = [o for o in cell.outputs if o.get("data", True)]


def make(text: Path, force: bool = False) -> str:
    """Brings one notebook up to date with its text.

    Args:
        text: the text of the notebook.
        force: also execute code that has not changed.

    Returns:
        What was done, in a few words.

    Raises:
        NotInstalledError: if its code has changed and what it needs is not here.
    """
    path = course.notebook_of(text)
    notebook = read_text(text)
    start = time.monotonic()
    kept, missing = keep_outputs(notebook, path), course.missing(notebook.metadata)
    wanting = f"needs {', '.join(missing)}: run `make notebooks-frameworks`"
    if missing and not kept:
        raise NotInstalledError(wanting)
    executed = not kept or (force and not missing)
    if executed:
        path.parent.mkdir(parents=True, exist_ok=True)
        execute(notebook, path.parent)
    drop_widgets(notebook)
    nbformat.validate(notebook)
    content = nbformat.writes(notebook).rstrip("\n") + "\n"
    same = path.exists() and path.read_text(encoding="utf-8") == content
    if not same:
        # Written beside and renamed: an interrupted write leaves the old notebook whole.
        beside = path.with_suffix(".new")
        beside.write_text(content, encoding="utf-8")
        beside.replace(path)
    if text.stat().st_mtime_ns < (written := path.stat().st_mtime_ns):
        os.utime(text, ns=(written, written))
    if executed:
        seconds = time.monotonic() - start
        return f"executed in {seconds:.0f} s" + (", same as before" if same else "")
    if force:
        return f"not executed, {wanting}"
    return "unchanged" if same else "new text, outputs kept"


def explain(error: Exception) -> str:
    """Returns what a person needs to mend a notebook that failed."""
    if isinstance(error, (CellExecutionError, CellTimeoutError, DeadKernelError, RuntimeError)):
        return str(error)
    return f"{type(error).__name__}: {error}"


def main() -> int:
    """Runs the command line and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="weekNN_topic; both it and its solutions")
    parser.add_argument("--force", action="store_true", help="execute unchanged code too")
    options = parser.parse_args()
    texts = course.lectures() + course.solutions()
    unknown = set(options.names) - {text.stem for text in texts}
    if unknown:
        print(f"no text notebooks/text/{sorted(unknown)[0]}.md", file=sys.stderr)
        return 2
    if options.names:
        texts = [text for text in texts if text.stem in options.names]

    def work(text: Path) -> tuple[Path, str, Exception | None]:
        try:
            return text, make(text, options.force), None
        except NotInstalledError as error:
            return text, str(error), error
        except Exception as error:
            return text, "FAILED, nothing written", error

    failures = []
    # Two at a time: a notebook computes on one core.
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for text, done, error in pool.map(work, texts):
            print(f"{course.relative(course.notebook_of(text))}: {done}", flush=True)
            if error is not None:
                failures.append((text, error))
    for text, error in failures:
        if isinstance(error, NotInstalledError):
            continue  # one line says it all
        print(f"\n{course.relative(text)}\n{explain(error)}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
