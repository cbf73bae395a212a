"""Redraw every figure: `python -m rnncourse.figures figures`."""

import sys

from rnncourse.figures import write_all

if len(sys.argv) != 2:
    sys.exit("usage: python -m rnncourse.figures FOLDER")
for path in write_all(sys.argv[1]):
    sys.stdout.write(f"{path}\n")
