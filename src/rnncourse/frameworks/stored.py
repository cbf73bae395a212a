"""Cells that are passed over where a framework is missing: they show what is stored."""

import contextlib
import json
from pathlib import Path

STORED = "Not run here; this was stored when it was:"


def skip_cells(shell, until):
    """Let a notebook pass over its cells, up to the one that begins with the line `until`.

    Cells that begin with % or ! run: they may be what installs the missing package. Each of the
    others shows what it gave where it was run last, as the notebook in this folder has it stored.

    Args:
        shell: what `get_ipython()` returns.
        until: the line with which the first cell begins that runs again.
    """
    stored = _stored_outputs()

    def transform(lines):
        first = next((line for line in lines if line.strip()), "").strip()
        if first == until:
            shell.input_transformers_cleanup.remove(transform)
            return lines
        if first.startswith(("%", "!")):
            return lines
        outputs = stored.get("".join(lines).strip(), [])
        return [f"__import__('rnncourse.frameworks').frameworks.show_stored({outputs!r})\n"]

    shell.input_transformers_cleanup.append(transform)


def _stored_outputs():
    """Return {source: outputs} of the notebooks in this folder that pass over cells."""
    found = {}
    for path in Path().glob("*.ipynb"):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if "frameworks.skip_cells(" in text:
            with contextlib.suppress(ValueError, KeyError):  # a file that is not whole has none
                for cell in json.loads(text)["cells"]:
                    outputs = [o for o in cell.get("outputs", []) if "data" in o or "text" in o]
                    found["".join(cell["source"]).strip()] = outputs
    return found


def show_stored(outputs):
    """Show outputs as a notebook stores them, below a line that says so.

    Args:
        outputs: list of outputs, as nbformat 4 has them.
    """
    from IPython.display import display

    if outputs:
        display({"text/plain": STORED}, raw=True)
    for output in outputs:
        data = output.get("data", {"text/plain": output.get("text", "")})
        joined = {k: "".join(v) if isinstance(v, list) else v for k, v in data.items()}
        if joined != {"text/plain": STORED}:  # a notebook that was passed over and saved before
            display(joined, metadata=output.get("metadata", {}), raw=True)
