"""Each task is what its definition says: lengths, windows, targets, and what a guess gets."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import linear, losses, rnn, tasks
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel


def ends(batch):
    """The lengths, from masks that score the last step only."""
    assert_array_equal(batch.mask.sum(axis=0), 1)
    return batch.mask.argmax(axis=0) + 1


def assert_zero_after_the_end(batch, lengths):
    after = np.arange(len(batch.x))[:, np.newaxis] >= lengths
    assert not batch.x[after].any() and not batch.y[after].any()


@pytest.mark.parametrize("n_steps", [20, 37, 100])
def test_adding(n_steps):
    B = 4000
    batch = tasks.adding(np.random.default_rng(n_steps), n_steps, B)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (lengths.max(), B, 2) and batch.y.shape == (lengths.max(), B, 1)
    assert_zero_after_the_end(batch, lengths)
    firsts, seconds, n_marked = set(), set(), []
    for b, length in enumerate(lengths):
        value, marker = batch.x[:length, b].T
        assert marker[0] == marker[-1] == -1 and (np.abs(value) <= 1).all()
        assert set(marker[1:-1]) <= {0, 1}
        marked = np.flatnonzero(marker == 1)
        n_marked.append(len(marked))
        assert marked[0] < 10 or value[0] == 0 and len(marked) == 1
        assert marked[-1] <= n_steps // 2 - 1  # the farther mark is at least n_steps / 2 back
        assert (len(marked) == 2) == (value[0] != 0)
        assert_allclose(batch.y[length - 1, b, 0], 0.5 + value[marked].sum() / 4)
        firsts.add(marked[0])
        seconds.add(marked[-1])
    assert set(range(1, 10)) <= firsts and max(seconds) == n_steps // 2 - 1
    zeroed = 0.1 + 0.9 / (n_steps // 2 - 1)
    assert_allclose(np.mean(np.array(n_marked) == 1), zeroed, atol=4 * np.sqrt(zeroed / B))


@pytest.mark.parametrize("n_steps", [20, 100])
def test_the_best_constant_for_adding(n_steps):
    batch = tasks.adding(np.random.default_rng(1), n_steps, 200_000 * 20 // n_steps)
    y = batch.y[batch.mask]
    assert_allclose(y.mean(), 0.5, atol=0.005)
    assert_allclose(np.mean((y - 0.5) ** 2), tasks.adding_chance(n_steps), rtol=0.03)
    half = losses.squared_error.value(np.full(batch.y.shape, 0.5), batch.y, batch.mask)
    assert_allclose(half, np.mean((y - 0.5) ** 2) / 2)


@pytest.mark.parametrize("n_steps", [10, 33, 100])
def test_temporal_order(n_steps):
    B = 3000
    batch = tasks.temporal_order(np.random.default_rng(n_steps), n_steps, B)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (lengths.max(), B, 8) and batch.y.dtype.kind == "i"
    assert_zero_after_the_end(batch, lengths)
    t_1, t_2 = set(), set()
    for b, length in enumerate(lengths):
        x = batch.x[:length, b]
        assert_array_equal(np.sort(x, axis=1), np.eye(8)[[7] * length])  # one-hot
        word = "".join(tasks.TEMPORAL_ORDER_SYMBOLS[k] for k in x.argmax(axis=1))
        assert word[0] == "E" and word[-1] == "B" and set(word[1:-1]) <= set("abcdXY")
        first, second = (t for t, symbol in enumerate(word) if symbol in "XY")
        assert ["XX", "XY", "YX", "YY"].index(word[first] + word[second]) == batch.y[length - 1, b]
        t_1.add(first)
        t_2.add(second)
    assert t_1 == set(range(n_steps // 10, n_steps // 5 + 1))
    assert t_2 == set(range(n_steps // 2, 3 * n_steps // 5 + 1))
    counts = np.bincount(batch.y[batch.mask], minlength=4)
    assert_allclose(counts / B, 0.25, atol=0.04)  # five standard deviations


def test_a_uniform_guess_at_temporal_order_costs_log_4():
    batch = tasks.temporal_order(np.random.default_rng(0), 20, 50)
    y_hat = np.zeros((*batch.y.shape, 4))
    cost = losses.softmax_cross_entropy.value(y_hat, batch.y, batch.mask)
    assert_allclose(cost, np.log(4))


@pytest.mark.parametrize(
    ("task", "loss", "sizes"),
    [
        (tasks.adding, losses.squared_error, (2, 5, 1)),
        (tasks.temporal_order, losses.softmax_cross_entropy, (8, 5, 4)),
    ],
)
def test_a_batch_goes_straight_into_an_objective(task, loss, sizes):
    network = Network((rnn, linear), sizes)
    theta = ravel(network.init(np.random.default_rng(0)))
    value, gradient = Objective(
        network, loss, *task(np.random.default_rng(1), 30, 4)
    ).value_and_gradient(theta)
    assert np.isfinite(value) and gradient.shape == theta.shape


@pytest.mark.parametrize("task", [tasks.adding, tasks.temporal_order])
def test_the_same_generator_gives_the_same_batch(task):
    for one, other in zip(*(task(np.random.default_rng(5), 40, 6) for _ in range(2)), strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize("task", [tasks.adding, tasks.temporal_order])
@pytest.mark.parametrize(
    ("n_steps", "batch", "message"),
    [(5, 3, "n_steps is 5"), (40.0, 3, "n_steps is 40.0"), (40, 0, "batch is 0, expected")],
)
def test_sizes_that_make_no_sense(task, n_steps, batch, message):
    with pytest.raises(ValueError, match=message):
        task(np.random.default_rng(0), n_steps, batch)
