"""A training step takes the memory that the equations need, and little more."""

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
