"""Time a training step of ours beside PyTorch's `nn.RNN`, on one thread of the CPU.

A step is: forward over T steps, linear readout, mean squared error at every step, backward through
all of it, gradients of all parameters. No optimizer. Both get the same weights and the same data,
and before anything is timed both must give the same cost and the same gradients.

    python benchmarks/training_step.py
    python benchmarks/training_step.py --rounds 5 --sizes 100,32,2,64 50,16,1,32

The two are timed in turn, round after round, and a ratio is taken within each round, so that a
machine whose speed drifts does not spoil it. Above 1, ours is faster.
"""

import argparse
import os
import platform
import sys
from datetime import date
from time import perf_counter

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is imported

import numpy as np  # noqa: E402

from rnncourse import linear, losses, rnn  # noqa: E402
from rnncourse.network import Network  # noqa: E402
from rnncourse.params import ravel  # noqa: E402

SIZES = (
    (50, 16, 1, 32),
    (100, 32, 2, 64),
    (100, 64, 2, 128),
    (200, 20, 2, 100),
    (28, 64, 28, 128),
    (400, 16, 2, 100),
    (100, 1, 1, 64),
    (1000, 1, 3, 128),
)
K = 1  # outputs
AT_LEAST = 0.05  # seconds that a sample lasts


def ours(params, x, y):
    """Return a function that does one step and gives cost and gradient."""
    network = Network((rnn, linear), (x.shape[2], len(params[0].b_h), K))

    def step():
        y_hat, tapes = network.forward(params, x)
        value = losses.squared_error.value(y_hat, y)
        gradient = network.backward(params, tapes, losses.squared_error.grad(y_hat, y))
        return value, gradient

    return step


def torchs(torch, params, x, y):
    """Return the same for `nn.RNN` and `nn.Linear` with the weights of ours."""
    (W_hx, W_hh, b_h), (W_yh, b_y) = ([torch.from_numpy(a) for a in p] for p in params)
    cell = torch.nn.RNN(x.shape[2], len(b_h), dtype=b_h.dtype)
    readout = torch.nn.Linear(len(b_h), K, dtype=b_h.dtype)
    with torch.no_grad():
        cell.weight_ih_l0.copy_(W_hx)
        cell.weight_hh_l0.copy_(W_hh)
        cell.bias_ih_l0.copy_(b_h)
        cell.bias_hh_l0.zero_()  # nn.RNN has two biases, of which only the sum counts
        readout.weight.copy_(W_yh)
        readout.bias.copy_(b_y)
    weights = (cell.weight_ih_l0, cell.weight_hh_l0, cell.bias_ih_l0, readout.weight, readout.bias)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def step():
        for p in (*cell.parameters(), *readout.parameters()):
            p.grad = None
        value = 0.5 * torch.nn.functional.mse_loss(readout(cell(x)[0]), y)
        value.backward()
        return value.detach(), [p.grad for p in weights]

    return step


def check_equal(step, other, dtype):
    """Raise unless both give the same cost and gradients, to the accuracy of the precision."""
    (value, gradient), (other_value, other_gradient) = step(), other()
    other_gradient = np.concatenate([g.numpy().ravel() for g in other_gradient])
    tolerance = 1e-10 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(value, other_value.numpy(), rtol=tolerance)
    error = np.linalg.norm(ravel(gradient) - other_gradient) / np.linalg.norm(other_gradient)
    assert error < tolerance, f"gradients differ by {error:.1e}, relative"


def seconds(step, repeats):
    """Return the time of one step, the mean over the repeats."""
    start = perf_counter()
    for _ in range(repeats):
        step()
    return (perf_counter() - start) / repeats


def compare(torch, size, dtype, rounds):
    """Return the seconds of a step, (rounds, 2): ours and torch's in turn."""
    T, B, D, H = size
    rng = np.random.default_rng(0)
    params = Network((rnn, linear), (D, H, K)).init(rng, dtype)
    x, y = rng.normal(size=(T, B, D)).astype(dtype), rng.normal(size=(T, B, K)).astype(dtype)
    steps = ours(params, x, y), torchs(torch, params, x, y)
    check_equal(*steps, dtype)
    repeats = [1 + int(AT_LEAST / min(seconds(step, 1) for _ in range(3))) for step in steps]
    return np.array(
        [[seconds(s, n) for s, n in zip(steps, repeats, strict=True)] for _ in range(rounds)]
    )


def processor():
    """Return the name of the processor's kind."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def parse_size(text):
    """Return (T, B, D, H) of a text such as 100,32,2,64."""
    size = tuple(int(n) for n in text.split(","))
    if len(size) != 4 or min(size) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not T,B,D,H, four integers of at least 1")
    return size


def main(arguments=None):
    """Print a table with a line for each size and precision."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds for each line (15)")
    parser.add_argument("--sizes", type=parse_size, nargs="+", default=SIZES, metavar="T,B,D,H")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"argument --rounds: {options.rounds} is not at least 1")
    try:
        import torch
    except ImportError:
        print("skipped: PyTorch is not installed; `pip install torch` (see benchmarks/README.md)")
        return 0
    torch.set_num_threads(1)

    print(
        f"{date.today()}, Python {platform.python_version()}, NumPy {np.__version__}, "
        f"PyTorch {torch.__version__}, one thread, {options.rounds} rounds\n{processor()}\n"
    )
    print(
        "| T, B, D, H | precision | ours, ms | nn.RNN, ms | nn.RNN / ours | smallest to largest |"
    )
    print("|---|---|---|---|---|---|")
    for dtype in (np.float32, np.float64):
        for size in options.sizes:
            times = compare(torch, size, dtype, options.rounds)
            mine, other = 1e3 * np.median(times, axis=0)
            ratio = times[:, 1] / times[:, 0]
            print(
                f"| {', '.join(map(str, size))} | {np.dtype(dtype)} | {mine:.2f} | {other:.2f} "
                f"| {np.median(ratio):.2f} | {ratio.min():.2f} to {ratio.max():.2f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
