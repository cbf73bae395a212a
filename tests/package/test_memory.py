"""A training step takes the memory that the equations need, little more, and gets it once."""

import os
import platform
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from rnncourse import compiled, gru, linear, losses, lru, lstm, mingru, rnn
from rnncourse.network import Network

B, D, H = 16, 2, 64
# Numbers an example, a step and a unit: states and gates of the tape, derivatives (those with
# respect to states, gates and sums, and what stands between), and e.
NEEDED = {rnn: 1 + 1 + 1, lstm: 7 + 4 + 1, gru: 5 + 6 + 1, lru: 2 + 3 + 1, mingru: 3 + 7 + 1}


@pytest.mark.parametrize("T", [60, 240])  # it grows with the length, and no faster
@pytest.mark.parametrize("form", ["numpy", "compiled"])
@pytest.mark.parametrize("cell", NEEDED, ids=lambda cell: cell.__name__.split(".")[1])
def test_a_training_step_needs_its_tape_and_its_derivatives(cell, form, T):
    if form == "compiled" and not compiled.available():
        pytest.skip("Numba is not installed (it is in the extra `fast`)")
    rng = np.random.default_rng(0)
    network = Network((cell, linear), (D, H, 1))
    params, x, y = network.init(rng), rng.normal(size=(T, B, D)), rng.normal(size=(T, B, 1))

    def step():
        y_hat, tapes = network.forward(params, x)
        return network.backward(params, tapes, losses.squared_error.grad(y_hat, y))

    with compiled.preferred() if form == "compiled" else pytest.MonkeyPatch.context():
        assert compiled.form() == form
        step()
        tracemalloc.start()
        try:
            step()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    needed = 8 * T * B * H * NEEDED[cell]
    assert needed < peak < 1.2 * needed


FAULTS = """
import resource
import numpy as np

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(2**18) for _ in range(8)]  # 2 MB each, 512 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def last():
    return [faults() for _ in range(4)][-1]
"""
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other limits, or none")


def printed(code, **settings):
    scrubbed = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS + code],
        env={**scrubbed, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(word) for word in done.stdout.split()]


@glibc
def test_memory_is_got_once_where_it_is_kept():
    before, after = printed(
        "from rnncourse import memory\nprint(last())\nmemory.keep()\nprint(last())"
    )
    assert before > 2000  # half of the pages and more
    assert after < 50


@glibc
def test_limits_that_are_set_remain():
    code = "from rnncourse import memory\nmemory.keep()\nprint(last())"
    (found,) = printed(code, MALLOC_TRIM_THRESHOLD_="100000")
    assert found > 2000


@glibc
def test_who_asks_for_the_compiled_loops_keeps_its_memory():
    pytest.importorskip("numba")
    code = """
from rnncourse import compiled, rnn
params = rnn.init(np.random.default_rng(0), 2, 3)
print(last())
compiled.use()
rnn.forward(params, np.zeros((4, 1, 2)))
print(last())
"""
    before, after = printed(code, RNNCOURSE_COMPILED="")
    assert before > 2000 and after < 50
