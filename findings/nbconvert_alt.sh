#!/usr/bin/env bash
# Expected: the alt text given to IPython's Image, and stored in the notebook, is that of the picture in the HTML page.
# Happens: nbconvert's default template (lab) writes "No description has been provided for this image" over it. The older
#   templates classic and basic take the stored text.
# Versions: nbconvert 7.17.2, IPython 9.18.1, ipykernel 7.4.0, nbclient 0.11.0, Python 3.11.
# Read before: IPython's API page of Image ("Alternative text for the image, for use by screen readers").
# Matters: a report whose author described every figure reaches a blind reader with none of the descriptions, and a check
#   that each picture has some alt text passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    nbconvert==7.17.2 ipython==9.18.1 ipykernel==7.4.0 nbclient==0.11.0
cd "$folder"
IPYTHONDIR="$folder" venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import base64
import re
import struct
import zlib
from importlib.metadata import version

import nbclient
import nbformat
from nbconvert import HTMLExporter


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)  # one gray pixel
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
png += chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
source = f"""import base64
from IPython.display import Image
Image(base64.b64decode("{base64.b64encode(png).decode()}"), alt="A gray dot")"""

kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
cell = nbformat.v4.new_code_cell(source)
notebook = nbformat.v4.new_notebook(cells=[cell], metadata=kernel)
nbclient.NotebookClient(notebook).execute()
print(f"nbconvert {version('nbconvert')}; the notebook holds", cell.outputs[0].metadata)
assert cell.outputs[0].metadata == {"image/png": {"alt": "A gray dot"}}

alt = {}
for name, options in {"default": {}, "classic": {"template_name": "classic"}, "basic": {"template_name": "basic"}}.items():
    page, _ = HTMLExporter(**options).from_notebook_node(notebook)
    (alt[name],) = re.findall(r'<img\b[^>]*\balt="([^"]*)"', page)
    print(f"template {name}: alt={alt[name]!r}")
assert alt["classic"] == alt["basic"] == "A gray dot"
assert alt["default"] == "No description has been provided for this image"
EOF
