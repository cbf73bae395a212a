"""The compiled loops of 1997 against the NumPy form: outputs, changes, errors, whole trials."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from rnncourse import compiled
from rnncourse.experiments.lstm1997 import cell, passes, trials
from rnncourse.experiments.lstm1997.rows import ROWS
from rnncourse.tasks import Batch

pytest.importorskip("numba")
from rnncourse.experiments.lstm1997 import one_net  # needs Numba

NETS = {
    "one_block": cell.Net(1, 1, 2, 1),
    "blocks_of_two": cell.Net(2, 2, 3, 2, output=None),
    "hidden_biases": cell.Net(3, 1, 1, 1, biased="hidden", recurrent="cells"),
    "gates_biased": cell.Net(3, 2, 7, 7, biased="gates", direct=True, h=(-2.0, 2.0)),
    "outputs_biased": cell.Net(4, 1, 7, 9, biased="gates, outputs", output=(-2.0, 2.0)),
    "no_biases": cell.Net(2, 1, 5, 2, biased="none", recurrent="none"),
    "no_output_gates": cell.Net(2, 2, 4, 3, out_gate=False, g=(-1.0, 1.0)),
    "two_a": cell.Net(1, 1, 6, 6, "none", False, "none", True, g=(0.0, 1.0), h=None),
}


def drawn(net, symbols, seed=0, T=7, n=5):
    """One net with weights of order 1, and sequences of several lengths with gaps in the mask."""
    rng = np.random.default_rng(seed)
    w = cell.init(rng, net, 1.0, rng.normal(size=net.blocks))
    w = cell.Weights(*(a * m for a, m in zip(w, cell.there(net), strict=True)))
    x = rng.integers(net.n_in, size=(T, n)) if symbols else rng.normal(size=(T, n, net.n_in))
    mask = (rng.random((T, n)) < 0.6) & (np.arange(T)[:, np.newaxis] < [7, 3, 5, 6, 2])
    mask[1] = True
    y = rng.integers(net.n_out, size=(T, n)) if symbols else rng.random((T, n, net.n_out))
    return w, Batch(x, y, mask)


@pytest.mark.parametrize("how", ["truncated", "full", "each_step"])
@pytest.mark.parametrize("symbols", [False, True], ids=["values", "symbols"])
@pytest.mark.parametrize("name", NETS)
def test_compiled_training_is_the_numpy_form(name, symbols, how):
    net = NETS[name]
    w, batch = drawn(net, symbols)
    row = replace(ROWS["4 T=100"], net=net, full=how == "full", each_step=how == "each_step")
    targets, rate = (0.1, 0.9), row.learning_rate
    compact = one_net.compact(net, w)
    y_k = passes.forward(net, cell.Weights(*(np.repeat(a, 5, axis=0) for a in w)), batch.x).y_k
    found = one_net.run(net, compact, batch, on=1)
    assert_allclose(found[batch.mask], y_k[batch.mask], rtol=1e-12)
    errors = one_net.train(row, compact, batch, batch.mask, targets, on=1)
    start = [a.copy() for a in w]
    for b in range(5):
        x, mask = batch.x[:, b : b + 1], batch.mask[:, b : b + 1]
        y = batch.y[:, b : b + 1]
        target = 0.1 + 0.8 * (np.eye(net.n_out)[y] if symbols else y)
        if row.each_step:
            y_k = passes.each_step(net, w, x, target, mask, rate)
        else:
            tape = passes.forward(net, w, x)
            y_k = tape.y_k
            for a, change in zip(
                w, passes.update(net, w, tape, target, mask, full=row.full), strict=True
            ):
                a += rate * change
        error = np.abs(target - y_k)[mask]
        assert_allclose(errors[:, b], (error.max(), error.mean(), (error**2).sum()), rtol=1e-10)
    assert max(np.abs(a - b).max() for a, b in zip(w, start, strict=True)) > 0.01
    for found, expected in zip(one_net.weights(net, *compact), w, strict=True):
        assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_cell_that_is_not_there_yet_is_left_alone():
    net = NETS["two_a"]
    w, batch = drawn(net, symbols=True)
    compact = one_net.compact(net, w)
    one_net.train(replace(ROWS["2a"], net=net), compact, batch, batch.mask, (0.0, 1.0), on=0)
    found = one_net.weights(net, *compact)
    for leaf in ("W_x", "V_c"):
        assert_allclose(getattr(found, leaf), getattr(w, leaf), rtol=0)
    assert np.abs(found.V_x - w.V_x).max() > 0.1


@pytest.mark.parametrize("name", ["1 3x2 0.5", "2a", "2c q=50", "4 T=100 + linear output"])
def test_a_trial_runs_alike_in_both_forms(name):
    (plain,) = trials.run_group(name, 3, (1,), cap=200)
    with compiled.preferred() as form:
        (fast,) = trials.run_group(name, 3, (1,), cap=200)
    assert form == "compiled"
    plain.pop("seconds"), fast.pop("seconds")
    assert plain.pop("mean_error", 0.0) == pytest.approx(fast.pop("mean_error", 0.0), abs=1e-4)
    assert plain == fast
