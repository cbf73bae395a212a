"""Time an echo state network of ours beside reservoirpy: harvest of the states and ridge.

Both get the same weights and the same series (NARMA10, T steps), on one thread of the CPU, and
before anything is timed the outputs on the training series must agree, and so must the error on a
new series.

    python benchmarks/echo_state.py
    python benchmarks/echo_state.py --rounds 3 --steps 2000 --sizes 300,0.1 --members 5

A line is a number of units, the share of its recurrent weights that is not zero, and one reservoir
or an ensemble. Ours runs an ensemble as one reservoir of blocks or one member after the other,
reservoirpy one after the other. All are timed in turn, round after round, and a ratio is taken
within each round, so that a machine whose speed drifts does not spoil it. Above 1, ours is faster.
"""

import argparse
import platform
import sys
from datetime import date
from time import process_time

from training_step import ask_for_compiled, conditions  # sets one thread: first

# isort: split
import numpy as np
import scipy
from scipy import sparse

from rnncourse import esn, linear, physics

SIZES = ((300, 0.1), (1000, 0.01), (1000, 0.1))
LEAK, RIDGE, WASHOUT = 0.5, 1e-6, 100


def draw(rng, n_hidden, density):
    """Return a reservoir with a sparse W_hh of the given density."""
    W = sparse.csr_array(
        np.where(rng.random((n_hidden, n_hidden)) < density, rng.normal(size=(n_hidden,) * 2), 0)
    )
    return esn.Reservoir(
        W_hx=rng.uniform(-0.3, 0.3, size=(n_hidden, 1)),
        W_hh=W * (0.9 / esn.radius_of(W)),
        W_hy=np.zeros((n_hidden, 0)),
        b_h=rng.uniform(-0.1, 0.1, size=n_hidden),
        leak=LEAK,
    )


def ours(reservoirs, u, y, blocks, dtype=np.float64):
    """Return a function that harvests and fits all, and gives their readouts."""
    u, y = u.astype(dtype), y.astype(dtype)
    cast = [esn.Reservoir(*(a.astype(dtype) for a in r[:4]), r.leak) for r in reservoirs]
    runs = [esn.ensemble(cast)] if blocks else cast
    members = len(cast) // len(runs)

    def fit():
        readouts = []
        for reservoir in runs:
            states = esn.run(reservoir, u)
            for part in np.split(states, members, axis=-1):
                readouts.append(esn.fit_readout(part, y, RIDGE, WASHOUT))
        return readouts

    return fit


def theirs(nodes, reservoirs, u, y):
    """Return the same for reservoirpy."""
    given = {"lr": LEAK, "input_dim": 1}
    pairs = [
        (nodes.Reservoir(W=r.W_hh, Win=r.W_hx, bias=r.b_h, units=len(r.b_h), **given), r)
        for r in reservoirs
    ]
    u, y = u[:, 0], y[:, 0]

    def fit():
        readouts = []
        for reservoir, r in pairs:
            if reservoir.initialized:
                reservoir.reset()
            states = reservoir.run(u)
            readout = nodes.Ridge(ridge=RIDGE).fit(states[WASHOUT:], y[WASHOUT:])
            W = np.reshape(readout.Wout, (len(r.b_h), -1))
            readouts.append(linear.Params(W.T, np.ravel(readout.bias)))
        return readouts

    return fit


def check_equal(reservoirs, readouts, others, u, y, u_new, y_new, same):
    """Raise unless outputs agree (to `same`, relative) and errors on a new series do, to 1 %."""
    for r, *pair in zip(reservoirs, readouts, others, strict=True):
        states, fresh, found = esn.run(r, u)[WASHOUT:], esn.run(r, u_new)[WASHOUT:], []
        for readout in pair:
            readout = linear.Params(*(a.astype(np.float64) for a in readout))
            trained, y_hat = (linear.forward(readout, h)[0] for h in (states, fresh))
            found.append((trained, np.sqrt(np.mean((y_hat - y_new[WASHOUT:]) ** 2))))
        (a, error), (b, other) = found
        difference = np.linalg.norm(a - b) / np.linalg.norm(b)
        assert difference < same, f"outputs differ by {difference:.1e}, relative"
        assert abs(error / other - 1) < 0.01, f"errors on new data are {error:.4g} and {other:.4g}"


def seconds(fit):
    """Return the processor time of a call."""
    start = process_time()
    fit()
    return process_time() - start


def compare(nodes, size, members, steps, rounds):
    """Return the names of all contenders, ours first, and their seconds (rounds, contenders)."""
    rng = np.random.default_rng(0)
    u, y, u_new, y_new = (
        a[..., np.newaxis] for n in (steps, 2000) for a in physics.narma10(rng, n, 1)
    )
    reservoirs = [draw(rng, *size) for _ in range(members)]
    fits = {"ours": ours(reservoirs, u, y, blocks=False)}
    fits["reservoirpy"] = theirs(nodes, reservoirs, u, y)
    if members > 1:
        fits["ours, blocks"] = ours(reservoirs, u, y, blocks=True)
    fits["ours, float32"] = ours(reservoirs, u, y, members > 1, np.float32)
    expected = fits["reservoirpy"]()
    for name, fit in fits.items():
        same = 1e-2 if "float32" in name else 1e-6
        check_equal(reservoirs, fit(), expected, u, y, u_new, y_new, same)
    return list(fits), np.array([[seconds(f) for f in fits.values()] for _ in range(rounds)])


def parse_size(text):
    """Return (N, density) of a text such as 300,0.1."""
    try:
        n, density = text.split(",")
        size = int(n), float(density)
    except ValueError:
        size = (0, 0.0)
    if size[0] < 1 or not 0 < size[1] <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not N,DENSITY with 0 < DENSITY <= 1")
    return size


def main(arguments=None):
    """Print a table with a line for each size, for one reservoir and for the ensemble."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds for each line (7)")
    parser.add_argument("--steps", type=int, default=10_000, help="T (10000)")
    parser.add_argument("--members", type=int, default=10, help="of the ensemble (10)")
    parser.add_argument("--sizes", type=parse_size, nargs="+", default=SIZES, metavar="N,DENSITY")
    options = parser.parse_args(arguments)
    for name, least in (("rounds", 1), ("steps", 2 * WASHOUT), ("members", 2)):
        if getattr(options, name) < least:
            parser.error(f"argument --{name}: {getattr(options, name)} is not at least {least}")
    try:
        import reservoirpy
        from reservoirpy import nodes
    except ImportError:
        print("skipped: reservoirpy is not installed; `pip install reservoirpy`")
        return 0
    ask_for_compiled()

    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, "
    versions += f"SciPy {scipy.__version__}, reservoirpy {reservoirpy.__version__}"
    print(f"{date.today()}, {versions}, T = {options.steps}, one thread, {options.rounds} rounds")
    print(conditions())
    titles = ["N, density", "members", "ours, s", "reservoirpy / ours"]
    titles += ["reservoirpy / ours, blocks", "reservoirpy / ours, float32"]
    print(f"\n| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for size in options.sizes:
        for members in (1, options.members):
            names, times = compare(nodes, size, members, options.steps, options.rounds)
            by_name = dict(zip(names, times.T, strict=True))
            row = [f"{size[0]}, {size[1]:g}", str(members), f"{np.median(by_name['ours']):.3f}"]
            for name in ("ours", "ours, blocks", "ours, float32"):
                if name not in by_name:
                    row.append("-")
                    continue
                ratio = by_name["reservoirpy"] / by_name[name]
                row.append(f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})")
            print(f"| {' | '.join(row)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
