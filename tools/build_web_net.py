"""Makes a web page in which a net of the course runs, and follows a slider: `make web-net`.

An LSTM learns the oscillator of week 1 under random forces, as in week 3, and becomes an ONNX file;
onnxruntime-web, from npm, runs it in the browser. dist/web_net holds all: served as files from
anywhere, it asks no other host.
"""

import shutil
import subprocess
import sys
import tarfile
from itertools import islice

import numpy as np

import course
from rnncourse import frameworks, linear, losses, lstm, optimizers, params, physics
from rnncourse.network import Network
from rnncourse.objective import minibatches

BUILT = course.ROOT / "dist" / "web_net"
PAGE = course.ROOT / "docs" / "web_net"
RUNTIME = "onnxruntime-web@1.30.0"
# Of the runtime: what runs on a processor.
FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
NETWORK = Network((lstm, linear), (1, 16, 1))


def trained(seed=0, n_series=300, steps=(1200, 400)):
    """Returns the net's parameters, trained on series of 100 samples, and its NMSE on others."""
    rng = np.random.default_rng(seed)

    def series(n):
        force = physics.ornstein_uhlenbeck(rng, 100, n, dt=0.2, correlation_time=2.0)
        return force[..., np.newaxis], physics.duffing(force, dt=0.2).x[..., np.newaxis]

    x, y = series(n_series)
    theta = params.ravel(NETWORK.init(rng))
    batches = minibatches(NETWORK, losses.squared_error, x, y, None, 30, rng)
    for rate, n_steps in zip((1e-2, 1e-3), steps, strict=True):
        for step in islice(optimizers.adam(batches, theta, rate, max_norm=1.0), n_steps):
            theta = step.theta
    found = params.unravel(theta, NETWORK.zeros())
    x, y = series(500)
    return found, float(np.mean((NETWORK.forward(found, x)[0] - y) ** 2) / np.var(y))


def main() -> int:
    """Trains, exports, and puts the page together; returns the exit status."""
    if shutil.which("npm") is None:
        sys.exit("onnxruntime-web comes from npm, and there is none on this machine.")
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.copytree(PAGE, BUILT)
    weights, error = trained()
    params.save(BUILT / "net.npz", weights)
    model = frameworks.to_onnx(NETWORK, weights)
    (BUILT / "net.onnx").write_bytes(model.SerializeToString())
    command = ["npm", "pack", "--silent", RUNTIME]
    packed = subprocess.run(command, cwd=BUILT, check=True, capture_output=True, text=True)
    archive = BUILT / packed.stdout.split()[-1]
    (BUILT / "ort").mkdir()
    with tarfile.open(archive) as files:
        for name in FILES:
            (BUILT / "ort" / name).write_bytes(files.extractfile(f"package/dist/{name}").read())
    archive.unlink()
    page = course.relative(BUILT / "index.html")
    print(f"the net's NMSE is {error:.4f}; its page: {page}, served as files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
