#!/usr/bin/env bash
# Expected: pytest --nbval compares every stored output of a notebook with a fresh one, figures included.
# Happens: it leaves image/png and image/jpeg out and compares only the text "<Figure size ...>" beside a figure. A cell
#   whose curve has changed its sign passes; the same change in a printed number fails.
# Versions: nbval 0.11.0, Matplotlib 3.11.2, ipykernel 7.4.0, nbclient 0.11.0, pytest 9.2.0, Python 3.11.
# Read before: nbval's README and documentation ("a cell that doesn't reproduce the expected output will fail").
# Matters: in a lecture the figure is the result. A green test says nothing of it; print the numbers of the curve as well,
#   or compare the pictures with a tool for that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    nbval==0.11.0 matplotlib==3.11.2 ipykernel==7.4.0 nbclient==0.11.0 pytest==9.2.0 numpy==2.4.6
cd "$folder"
MPLCONFIGDIR="$folder" IPYTHONDIR="$folder" venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import subprocess
import sys
from importlib.metadata import version

import nbclient
import nbformat

FIGURE = "import matplotlib.pyplot as plt\nplt.plot([0, 1, 2], [0, 1, 2])\nplt.show()"
NUMBER = "print([0, 1, 2])"


def passes(run, changed):
    """Whether the outputs stored by the cell `run` pass for those of the cell `changed`."""
    cell = nbformat.v4.new_code_cell(run)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
    nbclient.NotebookClient(notebook).execute()
    assert cell.outputs
    cell.source = changed
    nbformat.write(notebook, "lecture.ipynb")
    test = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "lecture.ipynb"]
    code = subprocess.run(test, capture_output=True).returncode
    assert code in (0, 1), code
    return code == 0


print(f"nbval {version('nbval')}, Matplotlib {version('matplotlib')}")
same = passes(NUMBER, NUMBER)
number = passes(NUMBER, "print([0, -1, -2])")
figure = passes(FIGURE, FIGURE.replace("[0, 1, 2])", "[0, -1, -2])"))
print(f"passes: unchanged number {same}, other number {number}, other curve {figure}")
assert same and not number and figure
EOF
