"""Take a training step of the LSTM apart: calls, products, arithmetic, and vector instructions.

For the step of `training_step.py`, on one thread, processor time, medians of rounds in turn:

    numpy        with the loops in NumPy
    calls        the same with one unit and one sequence: the calls are left, their work is not
    products     the products of matrices of the step alone, as NumPy's BLAS does them
    compiled     with the compiled loops
    one by one   with the compiled loops, LLVM kept from vector instructions (in a child process)

    python benchmarks/compiled_loops.py
    python benchmarks/compiled_loops.py --out FILE    # the recorded one is compiled_loops.jsonl
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date

from training_step import K, conditions, in_turn, ours, parse_size  # sets one thread: first

# isort: split
import numpy as np

from rnncourse import compiled, linear, lstm
from rnncourse.network import Network

SIZES = ((100, 1, 1, 64), (100, 32, 2, 64), (100, 64, 2, 128))


def step_of(size, compile_it):
    """Return a training step of the LSTM that runs one form of the loops."""
    T, B, D, H = size
    rng = np.random.default_rng(0)
    params = Network((lstm, linear), (D, H, K)).init(rng, np.float32)
    x, y = (rng.normal(size=(T, B, n)).astype(np.float32) for n in (D, K))
    step = ours("lstm", params, x, y)

    def timed():
        compiled.use(compile_it)
        step()

    return timed


def products_of(size):
    """Return a function that does the products of a step: two in a time step, four at its end."""
    T, B, D, H = size
    rng = np.random.default_rng(0)
    z, h, x, W_h, W_x = (
        rng.normal(size=shape).astype(np.float32)
        for shape in ((T, B, 4 * H), (T, B, H), (T, B, D), (4 * H, H), (4 * H, D))
    )
    to_h, out_z, out_h = np.ascontiguousarray(W_h.T), np.empty_like(z[0]), np.empty_like(h[0])
    rows_z, rows_h, rows_x = (a.reshape(T * B, -1) for a in (z, h, x))

    def products():
        for t in range(T):
            np.dot(h[t], to_h, out_z)
            np.dot(z[t], W_h, out_h)
        rows_x @ W_x.T, rows_z.T @ rows_x, rows_z.T @ rows_h, rows_z @ W_x

    return products


def one_by_one(size, rounds):
    """Return the seconds of a compiled step whose loops take one number at a time."""
    program = "import compiled_loops as c, numpy as np; print(np.median(c.in_turn([{}], {})))"
    program = program.format(f"c.step_of({size}, True)", rounds)
    with tempfile.TemporaryDirectory() as cache:
        settings = {"NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}
        environment = os.environ | settings | {"NUMBA_CACHE_DIR": cache}
        folder = os.path.dirname(os.path.abspath(__file__))
        command = [sys.executable, "-c", program]
        return float(subprocess.check_output(command, cwd=folder, env=environment))


def measure(size, rounds):
    """Return the milliseconds of each part, by name."""
    T, _, D, _ = size
    steps = {
        "numpy": step_of(size, False),
        "calls": step_of((T, 1, 1, 1), False),
        "products": products_of(size),
        "compiled": step_of(size, True),
    }
    seconds = np.median(in_turn(list(steps.values()), rounds), axis=0)
    found = dict(zip(steps, seconds, strict=True)) | {"one by one": one_by_one(size, rounds)}
    return {name: round(1e3 * float(s), 3) for name, s in found.items()}


def main(arguments=None):
    """Print a line for each size, and append it to a file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="(9)")
    parser.add_argument("--sizes", type=parse_size, nargs="+", default=SIZES, metavar="T,B,D,H")
    parser.add_argument("--out", help="file of records, one a line")
    options = parser.parse_args(arguments)
    if not compiled.available():
        print("skipped: Numba is not installed; `pip install numba` (see benchmarks/README.md)")
        return 0
    compiled.use()
    origin = {
        "command": f"python benchmarks/compiled_loops.py --rounds {options.rounds}",
        "date": str(date.today()),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "conditions": conditions(),
    }
    for size in options.sizes:
        record = {"row": ", ".join(map(str, size)), **origin}
        record["trials"] = [measure(size, options.rounds)]
        print(record["row"], record["trials"][0], flush=True)
        if options.out:
            with open(options.out, "a") as file:
                file.write(json.dumps(record) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
