#!/usr/bin/env bash
# Expected: a notebook of plain Python, without magics, that jupytext writes as a script computes there what it computes in Jupyter.
# Happens: a line that begins with a variable named cp, ls, rm, mv, cat, mkdir or copy and is not a plain assignment is taken for a
#   shell command and commented out: cp *= 1000, ls += 1, rm -= rm0. In Jupyter it runs as Python, since the variable exists; read
#   back by jupytext it is uncommented, so a round trip shows nothing. The script runs without an error, with the heat capacity in other
#   units. nbconvert keeps the lines. With comment_magics=False jupytext keeps them, too.
# Versions: jupytext 1.19.6, nbconvert 7.17.2, nbclient 0.11.0, ipykernel 7.4.0, IPython 9.18.1, NumPy 2.4.6, Python 3.11.
# Read before: jupytext's pages on notebooks as code and on advanced options ("magic commands (Jupyter commands prefixed by % or %%) are
#   commented out in scripts"), its issue 339, after which cat = x is left alone, and a search of its issues: of other statements
#   none was found.
# Matters: cp is the heat capacity, rm and ls are a radius and a length. A training that is developed in a notebook and runs on a
#   cluster from the paired script runs with other numbers there, and so do tests that import the script.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    jupytext==1.19.6 nbconvert==7.17.2 nbclient==0.11.0 ipykernel==7.4.0 ipython==9.18.1 numpy==2.4.6
cd "$folder"
HOME="$folder" venv/bin/python -W ignore - 2>/dev/null <<'EOF'
import subprocess
import sys
from importlib.metadata import version

import jupytext
from nbclient import NotebookClient
from nbconvert import PythonExporter
from nbformat.v4 import new_code_cell, new_notebook

cells = [
    "import numpy as np\nrm0 = 1.0\ncp = np.array([1.005, 1.9])\nls, rm, mv, cat = 2.0, 3.0, 4.0, 5.0",
    "cp *= 1000",
    "ls += 1\nrm -= rm0\nmv /= 2\ncat **= 2",
    "print([float(v) for v in cp], ls, rm, mv, cat)",
]
kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel})
NotebookClient(notebook).execute()
in_jupyter = notebook.cells[-1].outputs[0].text.strip()
print(f"jupytext {version('jupytext')}; in Jupyter:  ", in_jupyter)


def runs(script):
    """Returns what the script prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


scripts = {fmt: jupytext.writes(notebook, fmt=fmt) for fmt in ("py:percent", "py:light")}
printed = {fmt: runs(script) for fmt, script in scripts.items()}
printed["nbconvert"] = runs(PythonExporter().from_notebook_node(notebook)[0])
kept = new_notebook(cells=notebook.cells, metadata={"kernelspec": kernel, "jupytext": {"comment_magics": False}})
printed["py:percent, comment_magics=False"] = runs(jupytext.writes(kept, fmt="py:percent"))
for way, text in printed.items():
    print(f"  {way}: {text}")
print("  in the script:", [line for line in scripts["py:percent"].splitlines() if "=" in line and line.startswith("# ")])
assert in_jupyter == "[1005.0, 1900.0] 3.0 2.0 2.0 25.0" or "1004.99" in in_jupyter
assert printed["nbconvert"] == printed["py:percent, comment_magics=False"] == in_jupyter
assert printed["py:percent"] == printed["py:light"] == "[1.005, 1.9] 2.0 3.0 4.0 5.0"
back = jupytext.reads(scripts["py:percent"], fmt="py:percent")
assert [cell.source for cell in back.cells] == cells
EOF
