"""The plain nets that 1997 compares with: their gradient by the package's cell, what they learn."""

from types import SimpleNamespace

import numpy as np
import pytest

from rnncourse import compiled, rnn, tasks
from rnncourse.experiments import lstm1997
from rnncourse.experiments.lstm1997 import draws, plain
from rnncourse.experiments.lstm1997.printed import PRINTED
from rnncourse.tasks import Batch

pytest.importorskip("numba")
NETS = {
    "RTRL, Reber": plain.Net(10, 7, 7, above=False),
    "RTRL, 2a": plain.Net(1, 7, 7, direct=True),
    "Elman": plain.Net(5, 7, 7),
}


def sigma(z):
    return 1 / (1 + np.exp(-z))


def of_the_package(net, W, V, x, target, full):
    """Return minus half the gradient of the sum of squares, and the output (T, K), by `rnn`.

    A logistic unit is (1 + h) / 2 of a unit h = tanh(z / 2), whose state is -1 where it is 0.
    """
    U, D = net.n_hidden, net.n_in
    params = rnn.Params(W[:D].T / 2, W[D:].T / 4, W[D:].sum(axis=0) / 4)
    h, tape = rnn.forward(params, np.eye(D)[x][:, np.newaxis], -np.ones((1, U)))
    y, x_t = (1 + h[:, 0]) / 2, np.eye(D)[x]
    seen = np.concatenate([x_t, y], axis=1)
    y_k = sigma(seen @ V) if net.above else y[:, -net.n_out :]
    error = target - y_k
    e_k = error * y_k * (1 - y_k) if net.above else error
    to_y = e_k @ V[D:].T if net.above else np.pad(e_k, [(0, 0), (U - net.n_out, 0)])
    if not full:  # each step an example of its own, with the state before it as its first
        tape = rnn.Tape(*(a.swapaxes(0, 1) for a in tape))
        to_y = to_y[np.newaxis]
    gradient, _, _ = rnn.backward(params, tape, (to_y / 2).reshape(tape.h.shape))
    d_W = np.concatenate([gradient.W_hx.T / 2, gradient.W_hh.T / 4 + gradient.b_h / 4])
    here = np.repeat([net.direct, net.above], [D, U])[:, np.newaxis]
    return d_W, seen.T @ e_k * here, y_k


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_the_weights_change_by_the_gradient_of_the_cell_of_the_package(net, full):
    rng = np.random.default_rng(0)
    W, V = plain.init(rng, net, 1.0)
    x, y = rng.integers(7, size=(2, 8, 1))
    target = np.eye(7)[y[:, 0]]
    d_W, d_V, y_k = of_the_package(net, W, V, x[:, 0], target, full)
    before = W.copy(), V.copy()
    row = SimpleNamespace(net=net, full=full, learning_rate=0.3)
    nets, batch = plain.OneNet(row, [(W, V)]), Batch(x, y, np.ones((8, 1), bool))
    problem = SimpleNamespace(judged=lambda mask: mask)
    np.testing.assert_allclose(nets.run(0, batch)[:, 0], y_k, rtol=1e-12)
    ((worst, mean, squared),) = nets.train([(batch, problem)])
    np.testing.assert_allclose(W - before[0], 0.3 * d_W, atol=1e-13)
    np.testing.assert_allclose(V - before[1], 0.3 * d_V, atol=1e-13)
    error = np.abs(target - y_k)
    np.testing.assert_allclose([worst, mean, squared], [[f(error)] for f in SUMMARIES])
    assert np.abs(d_W).max() > 1e-3


SUMMARIES = np.max, np.mean, lambda error: (error**2).sum()


def test_steps_after_the_end_of_a_sequence_count_for_nothing():
    net, rng = NETS["RTRL, 2a"], np.random.default_rng(1)
    row = SimpleNamespace(net=net, full=True, learning_rate=0.3)
    problem = SimpleNamespace(judged=lambda mask: mask)
    x, y = rng.integers(7, size=(2, 6, 1))
    mask = np.arange(6)[:, np.newaxis] < 4
    start = plain.init(rng, net, 0.2)
    nets = [plain.OneNet(row, [tuple(a.copy() for a in start)]) for _ in range(2)]
    long = nets[0].train([(Batch(x, y, mask), problem)])
    short = nets[1].train([(Batch(x[:4], y[:4], mask[:4]), problem)])
    np.testing.assert_array_equal(long, short)
    np.testing.assert_array_equal(nets[0].W, nets[1].W)


@pytest.mark.parametrize("name", [n for n, row in PRINTED.items() if type(row.net) is plain.Net])
def test_a_row_has_the_printed_number_of_weights_and_its_trial_is_judged(name):
    row = PRINTED[name]
    W, V = plain.init(np.random.default_rng(0), row.net, row.limit)
    assert row.net.n_weights == row.weights == np.count_nonzero(W) + np.count_nonzero(V)
    with compiled.preferred():
        (result,) = lstm1997.run_group(name, 5, (1,), cap=200)
    assert result["outcome"] == "capped" and result["sequences"] == 200
