"""The benchmark runs: both sides agree before they are timed, and every line has its spread."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "training_step.py"


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
    )


def test_the_table_has_a_line_for_each_size_and_precision():
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed (it is in the extra `bench`)")
    done = run("--rounds", "1", "--sizes", "3,2,1,4", "5,1,2,3")
    assert done.returncode == 0, done.stderr
    rows = re.findall(
        r"^\| (\d+, \d+, \d+, \d+) \| (float\d\d) \| [\d.]+ \| [\d.]+ \| ([\d.]+) \| "
        r"([\d.]+) to ([\d.]+) \|$",
        done.stdout,
        re.MULTILINE,
    )
    assert [row[:2] for row in rows] == [
        (size, dtype) for dtype in ("float32", "float64") for size in ("3, 2, 1, 4", "5, 1, 2, 3")
    ]
    assert all(float(low) <= float(ratio) <= float(high) for *_, ratio, low, high in rows)
    assert "one thread, 1 rounds" in done.stdout


def test_without_torch_it_says_so_in_one_line(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('not here')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("--rounds", "1", PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("skipped: PyTorch is not installed")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("--sizes", "3,2,1"), ("--sizes", "0,1,1,1"), ("--rounds", "0")]
)
def test_options_that_make_no_sense_are_refused(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert arguments[0] in done.stderr and arguments[1] in done.stderr
