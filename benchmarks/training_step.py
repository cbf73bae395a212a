"""Time a training step of ours beside PyTorch and JAX, on one thread of the CPU.

A step is: forward over T steps, linear readout, mean squared error at every step, backward through
all of it, gradients of all parameters. No optimizer. All get the same weights and the same data,
and before anything is timed all must give the same cost and the same gradients.

    python benchmarks/training_step.py
    python benchmarks/training_step.py --cell lstm --rounds 5 --sizes 100,32,2,64 50,16,1,32

Beside ours stand PyTorch's layer (`nn.LSTM`; in float32 it is a kernel of oneDNN, so it is timed
without that, too), a loop over PyTorch's cell (`nn.LSTMCell`) and a compiled `jax.lax.scan`. All
are timed in turn, round after round, and a ratio is taken within each round, so that a machine
whose speed drifts does not spoil it. Above 1, ours is faster. Ours runs its compiled loops where
Numba is there (`rnncourse.compiled`), unless RNNCOURSE_COMPILED is 0.
"""

import argparse
import contextlib
import importlib
import os
import platform
import sys
from datetime import date
from time import process_time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is imported
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np  # noqa: E402
import threadpoolctl  # noqa: E402

from rnncourse import compiled, linear, losses  # noqa: E402
from rnncourse.network import Network  # noqa: E402
from rnncourse.params import leaves  # noqa: E402

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


def ours(name, params, x, y):
    """Return a function that does one step and gives cost and gradient."""
    cell = importlib.import_module(f"rnncourse.{name}")
    network = Network((cell, linear), (x.shape[2], params[0][1].shape[1], K))

    def step():
        y_hat, tapes = network.forward(params, x)
        value = losses.squared_error.value(y_hat, y)
        gradient, _, _ = network.backward(params, tapes, losses.squared_error.grad(y_hat, y))
        return value, gradient

    return step


def torchs(torch, name, params, x, y, loop=False, onednn=True):
    """Return the same for PyTorch's layer, or a loop over its cell, with the weights of ours."""
    (W_x, W_h, *biases), (W_yh, b_y) = ([torch.from_numpy(a) for a in p] for p in params)
    B, (D, H) = x.shape[1], (W_x.shape[1], W_h.shape[1])
    layer = getattr(torch.nn, name.upper() + "Cell" * loop)(D, H, dtype=W_x.dtype)
    readout = torch.nn.Linear(H, K, dtype=W_x.dtype)
    weights = [*layer.parameters(), *readout.parameters()]
    if len(biases) == 1:  # torch has two, of which only the sum counts
        biases.append(torch.zeros_like(biases[0]))
    with torch.no_grad():
        for p, a in zip(weights, (W_x, W_h, *biases, W_yh, b_y), strict=True):
            p.copy_(a)
    compared = weights if len(params[0]) == 4 else weights[:3] + weights[4:]
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def hidden():
        if not loop:
            return layer(x)[0]
        state = h = torch.zeros(B, H, dtype=W_x.dtype)
        state = (h, h) if name == "lstm" else h
        outputs = []
        for x_t in x:
            state = layer(x_t, state)
            outputs.append(state[0] if name == "lstm" else state)
        return torch.stack(outputs)

    def step():
        for p in weights:
            p.grad = None
        with contextlib.nullcontext() if onednn else torch.backends.mkldnn.flags(enabled=False):
            value = 0.5 * torch.nn.functional.mse_loss(readout(hidden()), y)
            value.backward()
        return value.detach().numpy(), [p.grad.numpy() for p in compared]

    return step


def equations(tanh, sigmoid, split):
    """Return the cells, by name, as functions (params, states, W_x x + b) -> states of any library.

    Args:
        tanh: function of the library.
        sigmoid: function of the library.
        split: function (z, n) that gives n blocks of columns.
    """

    def rnn(p, states, z):
        return (tanh(z + states[0] @ p[1].T),)

    def lstm(p, states, z):
        h, c = states
        i, f, g, o = split(z + h @ p[1].T, 4)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def gru(p, states, z):
        (h,) = states
        r_x, u_x, n_x = split(z, 3)
        r_h, u_h, n_h = split(h @ p[1].T + p[3], 3)
        u = sigmoid(u_x + u_h)
        return ((1 - u) * tanh(n_x + sigmoid(r_x + r_h) * n_h) + u * h,)

    return {"rnn": rnn, "lstm": lstm, "gru": gru}


def jax_equations(jax):
    """Return `equations` for JAX."""
    return equations(jax.numpy.tanh, jax.nn.sigmoid, lambda z, n: jax.numpy.split(z, n, axis=1))


def jaxs(jax, name, params, x, y):
    """Return the same for a compiled `jax.lax.scan`."""
    jnp, cell = jax.numpy, jax_equations(jax)[name]

    def cost(params, x, y):
        p, (W_yh, b_y) = params
        zero = jnp.zeros((x.shape[1], p[1].shape[1]), x.dtype)

        def scanned(states, x_t):
            states = cell(p, states, x_t @ p[0].T + p[2])
            return states, states[0]

        h = jax.lax.scan(scanned, (zero,) * (2 if name == "lstm" else 1), x)[1]
        return 0.5 * jnp.mean((h @ W_yh.T + b_y - y) ** 2)

    compiled = jax.jit(jax.value_and_grad(cost))
    given = jax.device_put((tuple(map(tuple, params)), x, y))

    def step():
        value, gradient = jax.block_until_ready(compiled(*given))
        return value, [a for p in gradient for a in p]

    return step


def contenders(torch, jax, name, dtype):
    """Return the functions (params, x, y) -> step of all, by the name that the table shows."""
    module = name.upper()
    found = {"ours": lambda *data: ours(name, *data)}
    found[f"nn.{module}"] = lambda *data: torchs(torch, name, *data)
    if name == "lstm" and dtype == np.float32:  # nothing else of these uses oneDNN
        found["nn.LSTM, oneDNN off"] = lambda *data: torchs(torch, name, *data, onednn=False)
    found[f"nn.{module}Cell loop"] = lambda *data: torchs(torch, name, *data, loop=True)
    if jax is not None:
        found["jax.lax.scan"] = lambda *data: jaxs(jax, name, *data)
    return found


def check_equal(name, step, other, dtype):
    """Raise unless both give the same cost and gradients, to the accuracy of the precision."""
    value, gradient = step()
    gradient = leaves(gradient)
    other_value, other_gradient = other()
    found, expected = (np.concatenate([np.ravel(a) for a in g]) for g in (gradient, other_gradient))
    tolerance = 1e-10 if dtype == np.float64 else 1e-4
    np.testing.assert_allclose(value, other_value, rtol=tolerance)
    error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
    assert error < tolerance, f"gradients of {name} differ by {error:.1e}, relative"


def seconds(step, repeats):
    """Return the processor time of one step, the mean over the repeats.

    On one thread that is the time by the clock, but for the time in which other programs ran.
    """
    start = process_time()
    for _ in range(repeats):
        step()
    return (process_time() - start) / repeats


def compare(makers, name, size, dtype, rounds):
    """Return the seconds of a step, (rounds, contenders), all in turn."""
    T, B, D, H = size
    rng = np.random.default_rng(0)
    cell = importlib.import_module(f"rnncourse.{name}")
    params = Network((cell, linear), (D, H, K)).init(rng, dtype)
    for bias in leaves(params):
        if bias.ndim == 1:
            bias += 0.1 * rng.normal(size=bias.shape).astype(dtype)
    x, y = rng.normal(size=(T, B, D)).astype(dtype), rng.normal(size=(T, B, K)).astype(dtype)
    steps = {who: make(params, x, y) for who, make in makers.items()}
    for who, step in list(steps.items())[1:]:
        check_equal(who, steps["ours"], step, dtype)
    return in_turn(list(steps.values()), rounds)


def in_turn(steps, rounds):
    """Return the seconds of each step (rounds, steps), all timed in turn, round after round."""
    repeats = [1 + int(AT_LEAST / min(seconds(step, 1) for _ in range(3))) for step in steps]
    return np.array(
        [[seconds(s, n) for s, n in zip(steps, repeats, strict=True)] for _ in range(rounds)]
    )


def ask_for_compiled():
    """Let ours run its compiled loops where Numba is there."""
    if compiled.available():
        compiled.use()


def conditions():
    """Return in words what the times depend on: the form of our loops, BLAS, the processor."""
    if compiled.form() == "compiled":
        importlib.import_module(
            "scipy.linalg.cython_blas"
        )  # whose products the compiled loops call
    kernels = {
        f"{library['internal_api']} {library['version']} for {library['architecture']}"
        for library in threadpoolctl.threadpool_info()
        if library["user_api"] == "blas" and "architecture" in library
    }
    return f"ours: {compiled.form()} loops; {', '.join(sorted(kernels))}; {processor()}"


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


def begin(description, sizes, arguments):
    """Read the options of the command line, and print what is compared on what.

    Args:
        description: what the script does, for its help.
        sizes: the default, a sequence of (T, B, D, H).
        arguments: of the command line; those of the process if None.

    Returns:
        The options, torch, and jax, which is None where it is missing. Where PyTorch is missing,
        there is nothing to compare with: the script says so, and ends.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cell", choices=("rnn", "lstm", "gru"), default="rnn", help="(rnn)")
    parser.add_argument("--rounds", type=int, default=15, help="rounds for each line (15)")
    parser.add_argument("--sizes", type=parse_size, nargs="+", default=sizes, metavar="T,B,D,H")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"argument --rounds: {options.rounds} is not at least 1")
    try:
        import torch
    except ImportError:
        print("skipped: PyTorch is not installed; `pip install torch` (see benchmarks/README.md)")
        sys.exit(0)
    torch.set_num_threads(1)
    ask_for_compiled()
    try:
        import jax
    except ImportError:
        jax = None
    else:
        jax.config.update("jax_enable_x64", True)
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, "
    versions += f"PyTorch {torch.__version__}, JAX {jax.__version__ if jax else 'not installed'}"
    print(f"{date.today()}, {versions}, one thread, {options.rounds} rounds\n{conditions()}")
    return options, torch, jax


def print_head(makers):
    """Print the head of a table of our time and the ratios of the others to it, ours first."""
    others = list(makers)[1:]
    titles = ["T, B, D, H", "precision", "ours, ms", *(f"{who} / ours" for who in others)]
    print(f"\n| {' | '.join(titles)} |\n|{'---|' * len(titles)}")


def print_line(size, dtype, times):
    """Print a line of the table: medians, and the range of each ratio over the rounds."""
    row = [", ".join(map(str, size)), str(np.dtype(dtype)), f"{1e3 * np.median(times[:, 0]):.2f}"]
    for ratio in (times[:, 1:] / times[:, :1]).T:
        row.append(f"{np.median(ratio):.2f} ({ratio.min():.2f} to {ratio.max():.2f})")
    print(f"| {' | '.join(row)} |", flush=True)


def main(arguments=None):
    """Print a table with a line for each size and precision."""
    options, torch, jax = begin(__doc__.split("\n")[0], SIZES, arguments)
    for dtype in (np.float32, np.float64):
        makers = contenders(torch, jax, options.cell, dtype)
        print_head(makers)
        for size in options.sizes:
            print_line(size, dtype, compare(makers, options.cell, size, dtype, options.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
