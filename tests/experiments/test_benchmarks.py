"""The benchmark runs: both sides agree before they are timed, and every line has its spread."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import compiled
from rnncourse.experiments import records

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "training_step.py"
ECHO_STATE = SCRIPT.with_name("echo_state.py")
ENTRY = r"([\d.]+) \(([\d.]+) to ([\d.]+)\)"  # median (smallest to largest)


def run(*arguments, script=SCRIPT, **environment):
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
    )


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_table_has_a_line_for_each_size_and_precision(cell):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed (it is in the extra `bench`)")
    done = run("--cell", cell, "--rounds", "1", "--sizes", "3,2,1,4", "5,1,2,3")
    assert done.returncode == 0, done.stderr
    head, *tables = done.stdout.split("\n\n")
    assert "one thread, 1 rounds" in head
    assert len(tables) == 2
    for table, dtype in zip(tables, ("float32", "float64"), strict=True):
        titles, _, *rows = ([c.strip() for c in row[1:-1].split("|")] for row in table.split("\n"))
        assert titles[:3] == ["T, B, D, H", "precision", "ours, ms"]
        others = [f"nn.{cell.upper()} / ours", f"nn.{cell.upper()}Cell loop / ours"]
        if importlib.util.find_spec("jax") is not None:
            others.append("jax.lax.scan / ours")
        if (cell, dtype) == ("lstm", "float32"):
            others.insert(1, "nn.LSTM, oneDNN off / ours")
        assert titles[3:] == others
        rows = [row for row in rows if len(row) > 1]
        assert [row[:2] for row in rows] == [["3, 2, 1, 4", dtype], ["5, 1, 2, 3", dtype]]
        for row in rows:
            assert float(row[2]) > 0
            for entry in row[3:]:
                ratio, low, high = map(float, re.fullmatch(ENTRY, entry).groups())
                assert low <= ratio <= high


@pytest.mark.parametrize(
    ("script", "package", "name"),
    [(SCRIPT, "torch", "PyTorch"), (ECHO_STATE, "reservoirpy", "reservoirpy")],
)
def test_without_the_other_library_it_says_so_in_one_line(script, package, name, tmp_path):
    (tmp_path / f"{package}.py").write_text("raise ImportError('not here')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("--rounds", "1", script=script, PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"skipped: {name} is not installed")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("script", "option", "value"),
    [
        *[(SCRIPT, "--sizes", sizes) for sizes in ("3,2,1", "0,1,1,1")],
        (SCRIPT, "--rounds", "0"),
        (SCRIPT, "--cell", "esn"),
        *[(ECHO_STATE, "--sizes", sizes) for sizes in ("300", "300,2")],
        (ECHO_STATE, "--rounds", "0"),
        (ECHO_STATE, "--members", "1"),
    ],
)
def test_options_that_make_no_sense_are_refused(script, option, value):
    done = run(option, value, script=script)
    assert done.returncode == 2
    assert option in done.stderr and value in done.stderr


# ---- echo_state.py ------------------------------------------------------------------------------


def test_echo_state_has_a_line_for_one_reservoir_and_for_the_ensemble():
    if importlib.util.find_spec("reservoirpy") is None:
        pytest.skip("reservoirpy is not installed (it is in the extra `bench`)")
    small = ("--rounds", "1", "--steps", "400", "--members", "2")
    done = run(*small, "--sizes", "20,0.3", "30,0.2", script=ECHO_STATE)
    assert done.returncode == 0, done.stderr
    head, table = done.stdout.split("\n\n")
    assert "T = 400, one thread, 1 rounds" in head
    titles, _, *rows = ([c.strip() for c in r[1:-1].split("|")] for r in table.strip().split("\n"))
    assert titles[:3] == ["N, density", "members", "ours, s"]
    assert [row[:2] for row in rows] == [[s, m] for s in ("20, 0.3", "30, 0.2") for m in "12"]
    for row in rows:
        assert (row[4] == "-") == (row[1] == "1")
        for entry in row[3:]:
            if entry != "-":
                ratio, low, high = map(float, re.fullmatch(ENTRY, entry).groups())
                assert low <= ratio <= high


def test_products_with_the_curvature_agree_and_have_their_line():
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed (it is in the extra `bench`)")
    script = SCRIPT.with_name("gauss_newton.py")
    command = [sys.executable, str(script), "--rounds", "1", "--sizes", "3,2,1,4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    head, table = done.stdout.split("\n\n")
    assert "one thread, 1 rounds" in head
    titles, _, *rows = ([c.strip() for c in row[1:-1].split("|")] for row in table.split("\n"))
    others = ["torch.func jvp + vjp / ours", "torch.func linearize / ours"]
    if importlib.util.find_spec("jax") is not None:
        others += ["jax jvp + vjp / ours", "jax linearize / ours"]
    assert titles == ["T, B, D, H", "precision", "ours, ms", *others]
    rows = [row for row in rows if len(row) > 1]
    assert [row[:2] for row in rows] == [["3, 2, 1, 4", "float32"], ["3, 2, 1, 4", "float64"]]
    assert all(re.fullmatch(ENTRY, entry) for row in rows for entry in row[3:])


# ---- compiled_loops.py --------------------------------------------------------------------------


def test_the_parts_of_a_step_are_recorded(tmp_path):
    if not compiled.available():
        pytest.skip("Numba is not installed (it is in the extra `fast`)")
    out = tmp_path / "parts.jsonl"
    script = SCRIPT.with_name("compiled_loops.py")
    command = [sys.executable, str(script), "--rounds", "1", "--sizes", "3,2,1,4", "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (record,) = records.read(out)
    assert record["row"] == "3, 2, 1, 4" and record["conditions"].startswith("ours: compiled loops")
    (parts,) = record["trials"]
    assert list(parts) == ["numpy", "calls", "products", "compiled", "one by one"]
    assert min(parts.values()) > 0


# ---- graphics_card.py ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fake", "said"),
    [
        ("raise ImportError('not here')\n", "skipped: PyTorch is not installed"),
        ("class cuda:\n    is_available = lambda: False\n", "skipped: PyTorch finds no graphics"),
    ],
)
def test_the_graphics_card_is_skipped_in_one_line(fake, said, tmp_path):
    (tmp_path / "torch.py").write_text(fake)
    script, out = SCRIPT.with_name("graphics_card.py"), tmp_path / "out.jsonl"
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script), "--out", str(out)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(said) and done.stdout.count("\n") == 1 and not out.exists()
