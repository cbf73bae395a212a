"""What other packages mean is what the register says: `make test-peers`."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse.frameworks import peers

sys.path.insert(0, str(Path(__file__).parent))
import observe  # noqa: E402

ASKED = [(row.name, column) for row in peers.rows() for column in row.found]


@functools.cache
def found(column):
    """Returns what a package answers, in a process of its own."""
    environment = os.environ | observe.COLUMNS[column][1]
    command = [sys.executable, str(Path(__file__).with_name("observe.py")), column]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("row", "column"), ASKED)
def test_a_package_still_means_what_the_register_says(row, column):
    answer, (expected,) = found(column), [r.found[column] for r in peers.rows() if r.name == row]
    assert answer["found"].get(row) == expected, f"with {answer['versions']}"


@pytest.mark.parametrize("column", observe.COLUMNS)
def test_every_answer_is_in_the_register(column):
    listed = {row for row, its in ASKED if its == column}
    assert set(found(column)["found"]) == listed
