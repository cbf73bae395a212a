"""Time a training step of an LSTM on a graphics card beside ours, and say how exact it is there.

    python benchmarks/graphics_card.py --out src/rnncourse/experiments/recorded/graphics_card.jsonl

A step is that of training_step.py: T = 100, B = 64, D = 2, float32, with H from 32 to 2048. Ours
and PyTorch's run on one thread of the processor, PyTorch's on the card, too, by the clock and with
its queue of work emptied. Before anything is timed, all must give the same cost and gradients.

How far cost and gradient on the card are from ours is recorded for float64, for float32, and
for float32 with TF32, which rounds the factors of a product to 11 binary digits. PyTorch has TF32
switched on for its recurrent layers.
"""

import argparse
import json
import os
import sys
from datetime import date
from time import perf_counter

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is imported

import numpy as np  # noqa: E402
from training_step import ours, processor  # noqa: E402

from rnncourse import frameworks, linear, lstm  # noqa: E402
from rnncourse.checks import relative_error  # noqa: E402
from rnncourse.network import Network  # noqa: E402
from rnncourse.params import ravel  # noqa: E402

T, B, D, K = 100, 64, 2, 1
UNITS = (32, 64, 128, 256, 512, 1024, 2048)
AT_LEAST = 0.5  # seconds that a sample lasts


def drawn(n_hidden, dtype):
    """Return weights, inputs (T, B, D) and targets (T, B, K)."""
    rng = np.random.default_rng(0)
    params = Network((lstm, linear), (D, n_hidden, K)).init(rng, dtype)
    return params, *(rng.normal(size=(T, B, n)).astype(dtype) for n in (D, K))


def torchs(torch, device, params, x, y):
    """Return a function that does one step, and one that gives its cost and gradient as ours."""
    layers = [frameworks.to_torch(p).to(device) for p in params]
    x, y = (torch.from_numpy(a).to(device) for a in (x, y))

    def step():
        for layer in layers:
            layer.zero_grad()
        cost = 0.5 * torch.nn.functional.mse_loss(layers[1](layers[0](x)[0]), y)
        cost.backward()
        if device == "cuda":
            torch.cuda.synchronize()
        return cost

    def result():
        return step().item(), ravel(tuple(frameworks.torch_gradient(layer) for layer in layers))

    return step, result


def seconds(step):
    """Return the time of one step by the clock: the median of three samples."""
    step()
    start = perf_counter()
    step()
    repeats = 1 + int(AT_LEAST / (perf_counter() - start))
    samples = []
    for _ in range(3):
        start = perf_counter()
        for _ in range(repeats):
            step()
        samples.append((perf_counter() - start) / repeats)
    return float(np.median(samples))


def errors(torch):
    """Return the relative error of cost and gradient on the card, beside ours in float64."""
    exact_cost, exact = ours("lstm", *drawn(128, np.float64))()
    found = {}
    for name, dtype, tf32 in (
        ("float64", np.float64, False),
        ("float32", np.float32, False),
        ("float32 with TF32", np.float32, True),
    ):
        torch.backends.cudnn.allow_tf32 = tf32
        _, result = torchs(torch, "cuda", *drawn(128, dtype))
        cost, gradient = result()
        error = relative_error(gradient.astype(np.float64), ravel(exact))
        found[name] = {"cost": abs(cost / float(exact_cost) - 1), "gradient": float(error)}
    return found


def times(torch, n_hidden):
    """Return the seconds of a step: ours, PyTorch's on one thread, and on the card."""
    params, x, y = drawn(n_hidden, np.float32)
    our_step = ours("lstm", params, x, y)
    value, gradient = our_step()
    found = {"H": n_hidden, "ours": seconds(our_step)}
    for who, device in (("torch, processor", "cpu"), ("torch, card", "cuda")):
        step, result = torchs(torch, device, params, x, y)
        cost, torch_gradient = result()
        np.testing.assert_allclose(cost, value, rtol=1e-3)  # TF32 is on, as it comes
        assert relative_error(torch_gradient, ravel(gradient)) < 1e-2
        found[who] = seconds(step)
    return found


def main(arguments=None):
    """Write a line for each number of hidden units, and one with the errors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True, help="file of results, JSON lines")
    options = parser.parse_args(arguments)
    try:
        import torch
    except ImportError:
        print("skipped: PyTorch is not installed; `pip install torch` (see benchmarks/README.md)")
        return 0
    if not torch.cuda.is_available():
        print("skipped: PyTorch finds no graphics card here")
        return 0
    torch.set_num_threads(1)
    provenance = {
        "command": "python benchmarks/graphics_card.py",
        "date": str(date.today()),
        "card": torch.cuda.get_device_name(),
        "processor": processor(),
        "numpy": np.__version__,
        "torch": torch.__version__,
    }
    with open(options.out, "w") as file:
        for line in (*(times(torch, n) for n in UNITS), {"errors": errors(torch)}):
            print(json.dumps(provenance | line), file=file, flush=True)
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
