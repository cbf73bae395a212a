"""Measure the memory that a training step takes, ours beside PyTorch and JAX.

A step as in `training_step.py`, each contender in a process of its own: how far the largest memory
of the process rises in three steps, after a step of a tiny net of the same kind. Beside it stand
the bytes that the equations need: the tape, the error derivatives d_z and the derivatives e.

    python benchmarks/memory.py
    python benchmarks/memory.py --cell lstm --size 400,64,2,256
"""

import argparse
import resource
import subprocess
import sys
from pathlib import Path

from training_step import K, ask_for_compiled, contenders, parse_size  # sets one thread: first

# isort: split
import numpy as np

from rnncourse import gru, linear, lstm, rnn
from rnncourse.network import Network

CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru}
# Numbers of an example, a step and a unit: the states and gates of the tape, d_z, e.
NEEDED = {"rnn": 1 + 1 + 1, "lstm": 7 + 4 + 1, "gru": 5 + 6 + 1}
TINY = (3, 2, 2, 4)
WHO = ("ours", "PyTorch", "JAX")


def makers(cell, dtype):
    """Return the functions (params, x, y) -> step of ours, PyTorch's layer and JAX's scan."""
    import jax
    import torch

    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)
    found = contenders(torch, jax, cell, dtype)
    return dict(
        zip(WHO, (found["ours"], found[f"nn.{cell.upper()}"], found["jax.lax.scan"]), strict=True)
    )


def step_of(make, cell, size, dtype):
    """Return a step of a net of a size, on random data."""
    T, B, D, H = size
    rng = np.random.default_rng(0)
    params = Network((CELLS[cell], linear), (D, H, K)).init(rng, dtype)
    return make(params, *(rng.normal(size=(T, B, n)).astype(dtype) for n in (D, K)))


def highest():
    """Return the largest memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def rise(who, cell, size, dtype):
    """Return by how many MB three steps raise the largest memory of this process."""
    ask_for_compiled()
    make = makers(cell, dtype)[who]
    step_of(make, cell, TINY, dtype)()
    step = step_of(make, cell, size, dtype)
    before = highest()
    for _ in range(3):
        step()
    return highest() - before


def main(arguments=None):
    """Print a table with a line for each cell and precision."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cell", choices=CELLS, nargs="+", default=list(CELLS))
    parser.add_argument("--size", type=parse_size, default=(400, 64, 2, 128), metavar="T,B,D,H")
    parser.add_argument("--who", choices=WHO, help="measure in this process, print one number")
    parser.add_argument("--dtype", choices=("float32", "float64"), nargs="+", default=["float32"])
    options = parser.parse_args(arguments)
    T, B, D, H = options.size
    if options.who:
        print(rise(options.who, options.cell[0], options.size, np.dtype(options.dtype[0])))
        return 0
    print(f"T, B, D, H = {T}, {B}, {D}, {H}; MB")
    print("\n| cell | precision | needed | ours | PyTorch | JAX |\n|---|---|---|---|---|---|")
    for cell in options.cell:
        for dtype in options.dtype:
            needed = NEEDED[cell] * T * B * H * np.dtype(dtype).itemsize / 1e6
            row = [cell, dtype, f"{needed:.0f}"]
            for who in WHO:
                command = [sys.executable, Path(__file__), "--who", who, "--cell", cell]
                command += ["--dtype", dtype, "--size", f"{T},{B},{D},{H}"]
                row.append(f"{float(subprocess.check_output(command)):.0f}")
            print(f"| {' | '.join(row)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
