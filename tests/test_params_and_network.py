"""Named views of one vector, and a stack of cells: who shares memory, what comes in which order."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from random_configurations import SEEDS, draw
from rnncourse import linear, rnn
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import leaves, ravel, unravel

STACKS = [
    Network((rnn,), (2, 3)),
    Network((linear,), (2, 3)),
    Network((rnn, linear), (2, 3, 4)),
    Network((rnn, rnn, rnn, linear), (1, 4, 2, 3, 1)),
    Network((linear, rnn, linear), (3, 2, 5, 2)),
]


@pytest.mark.parametrize("network", STACKS, ids=lambda n: f"{len(n.cells)}-{n.sizes}")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unravel_gives_views_and_inverts_ravel(network, dtype):
    params = network.init(np.random.default_rng(0), dtype)
    theta = ravel(params)
    assert theta.ndim == 1 and theta.dtype == dtype and not np.shares_memory(theta, params[0][0])
    views = unravel(theta, params)
    assert [type(p) for p in views] == [cell.Params for cell in network.cells]
    for view, array in zip(leaves(views), leaves(params), strict=True):
        assert np.shares_memory(view, theta)
        assert_array_equal(view, array)
    assert_array_equal(ravel(unravel(theta, network.zeros(dtype))), theta)

    # each entry of theta is one entry of one array
    numbers = np.arange(theta.size, dtype=dtype)
    views = unravel(numbers, params)
    assert_array_equal(np.concatenate([view.ravel() for view in leaves(views)]), numbers)
    views[-1][-1][...] = -1
    assert numbers[-1] == -1 and numbers[0] == 0


def test_one_cells_parameters_need_no_network():
    params = rnn.init(np.random.default_rng(1), 2, 3)
    views = unravel(ravel(params), params)
    assert isinstance(views, rnn.Params)
    assert [a.shape for a in views] == [(3, 2), (3, 3), (3,)]


def test_tuples_concatenate_so_arithmetic_is_done_on_vectors():
    params = rnn.init(np.random.default_rng(2), 2, 3)
    assert len(params + params) == 6  # not a sum
    assert_array_equal(unravel(2 * ravel(params), params).W_hh, 2 * params.W_hh)


@pytest.mark.parametrize("network", STACKS, ids=lambda n: f"{len(n.cells)}-{n.sizes}")
def test_init_and_zeros_have_the_names_and_shapes_of_the_cells(network):
    drawn, zeros = network.init(np.random.default_rng(3)), network.zeros(np.float32)
    pairs = zip(network.sizes[:-1], network.sizes[1:], strict=True)
    for p, z, cell, (n_in, n_out) in zip(drawn, zeros, network.cells, pairs, strict=True):
        assert tuple(a.shape for a in p) == tuple(a.shape for a in z) == cell.shapes(n_in, n_out)
        assert not any(a.any() for a in z) and {a.dtype for a in z} == {np.dtype(np.float32)}


def test_a_network_is_its_cells_one_after_the_other():
    c = draw(24)
    assert len(c.network.cells) == 4
    signal = c.x
    for cell, p, h_0 in zip(c.network.cells, c.params, c.h_0, strict=True):
        signal, _ = cell.forward(p, signal, h_0)
    assert_array_equal(c.forward()[0], signal)


def test_no_initial_state_is_a_state_of_zeros():
    c = draw(0)
    zeros = tuple(np.zeros((c.x.shape[1], n)) for n in c.network.sizes[1:-1]) + (None,)
    plain, given = (c.network.forward(c.params, c.x, h_0)[0] for h_0 in (None, zeros))
    assert_array_equal(plain, given)


def test_a_state_carried_over_continues_the_sequence():
    # the first five steps, then the rest from where they ended
    rng = np.random.default_rng(4)
    network = Network((rnn, rnn, linear), (2, 4, 3, 1))
    params = network.init(rng)
    x = rng.normal(size=(9, 3, 2))
    whole, _ = network.forward(params, x)
    first, tapes = network.forward(params, x[:5])
    rest, _ = network.forward(params, x[5:], tuple(tape.h[-1] for tape in tapes[:-1]) + (None,))
    assert_allclose(np.concatenate([first, rest]), whole, rtol=1e-13)


def test_the_state_before_the_first_step_is_on_the_tape():
    c = next(draw(s) for s in SEEDS if draw(s).h_0 is not None and draw(s).h_0[0] is not None)
    h, tape = rnn.forward(c.params[0], c.x, c.h_0[0])
    assert_array_equal(tape.h_prev[0], c.h_0[0])
    assert_array_equal(tape.h_prev[1:], h[:-1])
    assert tape.x is c.x and tape.h is h


def test_two_forward_passes_share_no_memory():
    c = draw(7)
    (y_1, tapes_1), (y_2, tapes_2) = c.forward(), c.forward()
    assert not np.shares_memory(y_1, y_2)
    assert not np.shares_memory(tapes_1[0].h, tapes_2[0].h)


def test_later_inputs_never_change_earlier_outputs():
    c = next(draw(s) for s in SEEDS if len(draw(s).x) == 12)
    x = c.x.copy()
    x[7:] += 1
    before, after = c.forward()[0], c.network.forward(c.params, x, c.h_0)[0]
    assert_array_equal(before[:7], after[:7])
    assert (before[7] != after[7]).any()


def test_an_objective_ends_at_the_last_scored_step_and_keeps_the_callers_arrays():
    c = draw(3)
    mask = np.zeros(c.x.shape[:2], bool)
    mask[: (len(mask) + 1) // 2] = True
    objective = Objective(c.network, c.loss, c.x, c.y, mask, c.h_0)
    assert len(objective.x) == (len(c.x) + 1) // 2 < len(c.x)
    assert np.shares_memory(objective.x, c.x)
    assert_array_equal(objective.gradient(c.theta), objective.value_and_gradient(c.theta)[1])
    assert objective.value(c.theta) == objective.value_and_gradient(c.theta)[0]
