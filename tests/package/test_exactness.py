"""Forward pass, gradient, R-operator and Gauss-Newton product are exact, on random networks.

Four witnesses that share nothing with the code that they check: the complex step, the adjoint
test, the explicit matrix J' H J, and a naive calculation with one number at a time.
"""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import cells
import naive_cells
from random_configurations import LOSSES, SEEDS, draw, draw_state
from rnncourse import gru, linear, losses, lstm, rnn
from rnncourse.checks import (
    adjoint,
    check_gradient,
    complex_step,
    complex_step_gradient,
    finite_difference,
    relative_error,
)
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import leaves, ravel, unravel


def draw_cell(cell, rng, T=7, B=3, n_in=4, n_out=5):
    """Return parameters with a bias, an input, an initial state where there is one, a direction."""
    params = cell.init(rng, n_in, n_out)
    theta = ravel(params) + 0.3 * rng.normal(size=ravel(params).shape)
    x = rng.normal(size=(T, B, n_in))
    h_0 = None if cell is linear else draw_state(rng, cell, B, n_out)
    return unravel(theta, params), x, h_0, unravel(rng.normal(size=theta.shape), params)


def test_the_configurations_cover_what_they_promise():
    all_of_them = [draw(seed) for seed in SEEDS]
    assert len(all_of_them) >= 200
    assert {c.x.shape[0] for c in all_of_them} == set(range(1, 13))
    assert {c.x.shape[1] for c in all_of_them} == set(range(1, 6))
    assert {len(c.network.cells) for c in all_of_them} == {2, 3, 4}
    for loss in LOSSES:
        masks = [c.mask for c in all_of_them if c.loss_name == loss]
        assert {None if m is None else m.dtype.kind for m in masks} == {None, "b", "f"}
        assert any(m is not None and not m.all() for m in masks)
        for cell in cells.RECURRENT:
            alone = {len(c.params) for c in all_of_them if set(c.network.cells) == {cell, linear}}
            assert alone == {2, 3, 4}
    mixed = {c.network.cells for c in all_of_them if len(set(c.network.cells)) > 2}
    assert len(mixed) > 20
    states = [c.h_0 for c in all_of_them if c.h_0 is not None]
    assert len(states) > 150 and any(h is None for s in states for h in s[:-1])
    assert all((p[-1] != 0).all() for c in all_of_them for p in c.params)  # biases


@pytest.mark.equation("2.15", "2.16", "3.1", "3.2", "3.3", code="rnn.backward")
@pytest.mark.equation("2.17", code=["rnn.backward", "network.Network.backward"])
@pytest.mark.equation("2.18", code=["rnn.backward", "arrays.sum_outer"])
@pytest.mark.equation("5.6", "5.7", "5.8", "5.9", code="lstm.backward")
@pytest.mark.equation("5.11", "5.12", code="gru.backward")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_is_the_complex_step_gradient(seed):
    c = draw(seed)
    gradient = c.objective.gradient(c.theta)
    assert relative_error(gradient, complex_step_gradient(c.objective.value, c.theta)) < 1e-10


@pytest.mark.parametrize("seed", SEEDS)
def test_network_adjoint(seed):
    # <u, J v> = <J' u, v>; u weighs the hidden states as well as the output
    c = draw(seed)
    rng = np.random.default_rng([seed, 1])
    y_hat, tapes = c.forward()
    v = rng.normal(size=c.theta.shape)
    u = rng.normal(size=y_hat.shape)
    u_hidden = [rng.normal(size=tape.h.shape) for tape in tapes[:-1]]

    def jacobian(v):
        return c.network.r_forward(c.params, tapes, unravel(v, c.params))

    def transposed(u, u_hidden=None):
        return ravel(c.network.backward(c.params, tapes, u, u_hidden)[0])

    assert adjoint(lambda v: jacobian(v)[-1], transposed, v, u) < 1e-12
    everything = np.concatenate([a.ravel() for a in (*u_hidden, u)])
    assert (
        adjoint(
            lambda v: np.concatenate([R.ravel() for R in jacobian(v)]),
            lambda _: transposed(u, u_hidden),
            v,
            everything,
        )
        < 1e-12
    )


@pytest.mark.equation("8.4", code="network.Network.r_forward")
@pytest.mark.parametrize("seed", SEEDS[::3])
def test_network_r_forward_is_the_complex_step_along_v(seed):
    c = draw(seed)
    v = np.random.default_rng([seed, 2]).normal(size=c.theta.shape)
    *R_hidden, R_y_hat = c.network.r_forward(c.params, c.forward()[1], unravel(v, c.params))
    assert relative_error(R_y_hat, complex_step(lambda p: c.forward(p)[0], c.theta, v)) < 1e-10
    for layer, R_h in enumerate(R_hidden):
        expected = complex_step(lambda p, k=layer: c.forward(p)[1][k].h, c.theta, v)
        assert relative_error(R_h, expected) < 1e-10


@pytest.mark.equation("2.12", "2.13", code="linear.backward")
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("cell", cells.CELLS, ids=cells.name)
def test_cell_adjoint_in_parameters_and_input(cell, seed):
    rng = np.random.default_rng(seed)
    params, x, h_0, v = draw_cell(cell, rng, *rng.integers(1, 8, size=4))
    output, tape = cell.forward(params, x, h_0)
    u = rng.normal(size=output.shape)
    R_x = rng.normal(size=x.shape)
    zero = unravel(np.zeros_like(ravel(params)), params)
    gradient, d_x, _ = cell.backward(params, tape, u)

    def jacobian(v):
        return cell.r_forward(params, tape, unravel(v, params))

    assert adjoint(jacobian, lambda u: ravel(gradient), ravel(v), u) < 1e-12
    assert adjoint(lambda R_x: cell.r_forward(params, tape, zero, R_x), lambda u: d_x, R_x, u) < (
        1e-12
    )


@pytest.mark.equation("8.5", "8.6", code="rnn.r_forward")
@pytest.mark.equation("8.7", code="linear.r_forward")
@pytest.mark.parametrize("cell", cells.CELLS, ids=cells.name)
def test_cell_r_forward_is_the_complex_step_in_parameters_and_input(cell):
    params, x, h_0, v = draw_cell(cell, np.random.default_rng(0))
    R_x = np.random.default_rng(1).normal(size=x.shape)
    _, tape = cell.forward(params, x, h_0)
    moved = unravel(ravel(params) + 1e-30j * ravel(v), params)
    expected = cell.forward(moved, x + 1e-30j * R_x, h_0)[0].imag / 1e-30
    assert relative_error(cell.r_forward(params, tape, v, R_x), expected) < 1e-12


@pytest.mark.parametrize("cell", cells.CELLS, ids=cells.name)
def test_backward_and_r_forward_are_linear(cell):
    rng = np.random.default_rng(3)
    params, x, h_0, v = draw_cell(cell, rng)
    output, tape = cell.forward(params, x, h_0)
    w = unravel(rng.normal(size=ravel(v).shape), params)
    R_v, R_w = rng.normal(size=(2, *x.shape))
    e_1, e_2 = rng.normal(size=(2, *output.shape))

    def backward(e):
        gradient, d_x, _ = cell.backward(params, tape, e)
        return np.concatenate([ravel(gradient), d_x.ravel()])

    sum_of_both = 2 * backward(e_1) - 3 * backward(e_2)
    assert_allclose(backward(2 * e_1 - 3 * e_2), sum_of_both, rtol=1e-12, atol=1e-12)
    both = unravel(2 * ravel(v) - 3 * ravel(w), params)
    assert_allclose(
        cell.r_forward(params, tape, both, 2 * R_v - 3 * R_w),
        2 * cell.r_forward(params, tape, v, R_v) - 3 * cell.r_forward(params, tape, w, R_w),
        rtol=1e-12,
        atol=1e-12,
    )


def complex_jacobian(f, theta):
    """The matrix df/dtheta (outputs, P), one complex step for each column."""
    return np.stack([complex_step(f, theta, v).ravel() for v in np.eye(len(theta))], axis=1)


def explicit_curvature(c, y_hat):
    """The matrix d^2 C / d y_hat^2, written out entry by entry from the definition of each loss."""
    T, B, K = y_hat.shape
    mask = np.ones((T, B)) if c.mask is None else c.mask.astype(float)
    H = np.zeros((T, B, K, T, B, K))
    for t, b in np.ndindex(T, B):
        z = y_hat[t, b]
        if c.loss_name == "squared_error":
            block = np.eye(K)
        elif c.loss_name == "softmax_cross_entropy":
            p = np.exp(z) / np.exp(z).sum()
            block = np.diag(p) - np.outer(p, p)
        else:
            block = np.diag(np.exp(z) / (1 + np.exp(z)) ** 2)
        H[t, b, :, t, b, :] = mask[t, b] / mask.sum() * block
    return H.reshape(T * B * K, T * B * K)


def explicit_structural(c, tapes):
    """The matrix J_h' J_h over the steps up to each sequence's last scored one, over
    their number."""
    T, B, _ = c.x.shape
    mask = np.ones((T, B)) if c.mask is None else c.mask.astype(float)
    total = np.zeros((len(c.theta), len(c.theta)))
    for layer in range(len(tapes) - 1):
        # the tape above a layer holds the layer's output as its input
        J_h = complex_jacobian(lambda p, k=layer: c.forward(p)[1][k + 1][0], c.theta)
        J_h = J_h.reshape(T, B, -1, len(c.theta))
        for t, b in np.ndindex(T, B):
            if mask[t:, b].any():
                total += J_h[t, b].T @ J_h[t, b] / np.count_nonzero(mask)
    return total


@pytest.mark.equation("8.9", code="objective.Objective.gauss_newton")
@pytest.mark.parametrize("seed", SEEDS[:72])
def test_gauss_newton_is_the_explicit_matrix(seed):
    c = draw(seed, max_steps=5, max_batch=3, max_units=3)
    rng = np.random.default_rng([seed, 3])
    y_hat, tapes = c.forward()
    J = complex_jacobian(lambda p: c.forward(p)[0], c.theta)
    G = J.T @ explicit_curvature(c, y_hat) @ J
    damped = G + 0.7 * explicit_structural(c, tapes)
    for options, matrix in (({}, G), ({"structural": 0.7}, damped)):
        product = c.objective.gauss_newton(c.theta, **options)
        for _ in range(2):
            v = rng.normal(size=c.theta.shape)
            size = np.linalg.norm(matrix) * np.linalg.norm(v)
            assert np.linalg.norm(product(v) - matrix @ v) <= 1e-10 * size
            assert v @ product(v) >= -1e-12 * size * np.linalg.norm(v)


def example(state, b):
    """The initial state of one example: an array, a pair of arrays or None."""
    if isinstance(state, tuple):
        return tuple(h[b : b + 1] for h in state)
    return None if state is None else state[b : b + 1]


@pytest.mark.parametrize("seed", SEEDS[::5])
def test_a_batch_is_its_sequences_one_by_one(seed):
    c = draw(seed)
    y_hat, tapes = c.forward()
    e = np.random.default_rng([seed, 4]).normal(size=y_hat.shape)
    added = 0
    for b in range(c.x.shape[1]):
        h_0 = c.h_0 and tuple(example(state, b) for state in c.h_0)
        one, tape = c.network.forward(c.params, c.x[:, b : b + 1], h_0)
        assert_allclose(one[:, 0], y_hat[:, b], rtol=1e-12, atol=1e-14)
        added = added + ravel(c.network.backward(c.params, tape, e[:, b : b + 1])[0])
    assert relative_error(added, ravel(c.network.backward(c.params, tapes, e)[0])) < 1e-12


PADDED = [seed for seed in SEEDS if seed // 9 % 4 == 3]  # masks that end with the sequence


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", PADDED[::2])
def test_padding_changes_nothing_to_the_last_bit(seed, dtype):
    c = draw(seed, dtype)
    rng = np.random.default_rng([seed, 5])
    value, gradient = c.objective.value_and_gradient(c.theta)
    v = rng.normal(size=c.theta.shape).astype(dtype)
    curvature = c.objective.gauss_newton(c.theta, 0.3)(v)

    x, y = c.x.copy(), c.y.copy()
    x[~c.mask] = 100 * rng.normal(size=x[~c.mask].shape)
    y[~c.mask] = np.roll(y, 1)[~c.mask]
    # more steps after the end, full of other numbers
    longer = [np.concatenate([a, a[:1], a[:1]]) for a in (x, y)]
    mask = np.concatenate([c.mask, np.zeros((2, c.mask.shape[1]), bool)])
    for data in ((x, y, c.mask), (*longer, mask)):
        padded = Objective(c.network, c.loss, *data, c.h_0)
        new_value, new_gradient = padded.value_and_gradient(c.theta)
        assert new_value == value == padded.value(c.theta)
        assert_array_equal(new_gradient, gradient)
        assert_array_equal(padded.gauss_newton(c.theta, 0.3)(v), curvature)

    before, after = c.forward()[0], c.network.forward(c.params, x, c.h_0)[0]
    assert_array_equal(before[c.mask], after[c.mask])
    assert c.mask.all() or not np.array_equal(before, after)  # the padding was seen, later


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_float32_stays_float32_and_agrees_with_float64(seed):
    single, double = draw(seed, np.float32), draw(seed)
    v = np.random.default_rng([seed, 6]).normal(size=double.theta.shape)
    results = []
    for c, dtype in ((single, np.float32), (double, np.float64)):
        direction = v.astype(dtype)
        y_hat, tapes = c.forward()
        value, gradient = c.objective.value_and_gradient(c.theta)
        d_y_hat = c.loss.grad(y_hat, c.y, c.mask)
        R = c.network.r_forward(c.params, tapes, unravel(direction, c.params))
        found = [
            y_hat,
            value,
            gradient,
            c.loss.value(y_hat, c.y, c.mask),
            d_y_hat,
            c.loss.hvp(y_hat, c.y, c.mask, R[-1]),
            *R,
            c.objective.gauss_newton(c.theta)(direction),
            c.objective.gauss_newton(c.theta, structural=np.float64(0.5))(direction),
        ]
        inside = [*leaves(tapes), *leaves(c.network.backward(c.params, tapes, d_y_hat)[:2])]
        inside += leaves(c.network.cells[0].backward(c.params[0], tapes[0], tapes[0].h))
        assert {a.dtype for a in found + inside} == {np.dtype(dtype)}
        results.append(found)
    for a, b in zip(*results, strict=True):
        assert np.linalg.norm(a - b) <= 3e-5 * np.linalg.norm(b)


def naive_loss(name, y_hat, y):
    """Value and derivative of one example at one step, from the definition; lists of numbers."""
    if name == "squared_error":
        value = sum((a - b) ** 2 for a, b in zip(y_hat, y, strict=True)) / 2
        return value, [a - b for a, b in zip(y_hat, y, strict=True)]
    if name == "softmax_cross_entropy":
        total = sum(math.exp(a) for a in y_hat)
        p = [math.exp(a) / total for a in y_hat]
        return -math.log(p[y]), [p_k - (k == y) for k, p_k in enumerate(p)]
    p = [1 / (1 + math.exp(-a)) for a in y_hat]
    value = -sum(
        b * math.log(p_k) + (1 - b) * math.log(1 - p_k) for p_k, b in zip(p, y, strict=True)
    )
    return value, [p_k - b for p_k, b in zip(p, y, strict=True)]


def naive(c):
    """Outputs, C and its gradient, one unit, example and step at a time, by the chain rule."""
    T, B, _ = c.x.shape
    mask = [[1.0] * B for _ in range(T)] if c.mask is None else c.mask.astype(float).tolist()
    M = sum(map(sum, mask))
    names = [cell.__name__.split(".")[1] for cell in c.network.cells[:-1]]
    *cells, (W_yh, b_y) = [[a.tolist() for a in p] for p in c.params]
    gradient = [[0 * a for a in p] for p in c.params]
    value, outputs = 0.0, []
    for b in range(B):
        signal = c.x[:, b].tolist()
        records = []
        for layer, (name, weights) in enumerate(zip(names, cells, strict=True)):
            start = None if c.h_0 is None else c.h_0[layer]
            if start is not None:
                pair = start if isinstance(start, tuple) else (start,)
                start = tuple(h[b].tolist() for h in pair)
            signal, record = naive_cells.forward(name, weights, signal, start)
            records.append(record)
        d_signal = [[0.0] * len(W_yh[0]) for _ in range(T)]
        outputs.append([])
        for t in range(T):
            y_hat = [
                b_y[k] + sum(W_yh[k][j] * h_j for j, h_j in enumerate(signal[t]))
                for k in range(len(b_y))
            ]
            outputs[b].append(y_hat)
            loss, d_y_hat = naive_loss(c.loss_name, y_hat, c.y[t, b].tolist())
            value += mask[t][b] / M * loss
            for k, d in enumerate(d_y_hat):
                d *= mask[t][b] / M
                gradient[-1][1][k] += d
                for j, h_j in enumerate(signal[t]):
                    gradient[-1][0][k][j] += d * h_j
                    d_signal[t][j] += d * W_yh[k][j]
        for layer in reversed(range(len(cells))):
            of_example, d_signal = naive_cells.backward(
                names[layer], cells[layer], records[layer], d_signal
            )
            for total, array in zip(gradient[layer], of_example, strict=True):
                total += array
    flat = np.concatenate([np.ravel(a) for p in gradient for a in p])
    return np.swapaxes(outputs, 0, 1), value, flat


@pytest.mark.equation("1.1", "2.1", code="rnn.forward")
@pytest.mark.equation("1.2", "2.4", code="linear.forward")
@pytest.mark.equation("5.2", "5.3", "5.4", "5.5", code="lstm.forward")
@pytest.mark.equation("5.10", code="gru.forward")
@pytest.mark.parametrize("seed", SEEDS)
def test_one_number_at_a_time_gives_the_same(seed):
    c = draw(seed)
    y_hat, value, gradient = naive(c)
    assert_allclose(c.forward()[0], y_hat, rtol=1e-12, atol=1e-13)
    found = c.objective.value_and_gradient(c.theta)
    assert_allclose(found[0], value, rtol=1e-12)
    assert relative_error(found[1], gradient) < 1e-12


@pytest.mark.equation("2.19", code="rnn.backward")
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cell", cells.RECURRENT, ids=cells.name)
def test_the_initial_state_is_differentiated_like_a_parameter(cell, seed):
    rng = np.random.default_rng(seed)
    params, x, h_0, _ = draw_cell(cell, rng)
    h, tape = cell.forward(params, x, h_0)
    e, e_last, R_h_0 = rng.normal(size=h.shape), *(draw_state(rng, cell, 3, 5) for _ in range(2))
    _, _, d_h_0 = cell.backward(params, tape, e, e_last)

    def cost_and_states(state):
        h, tape = cell.forward(params, x, unravel(state, h_0))
        return (e * h).sum() + ravel(e_last) @ ravel(cell.last(tape)), h

    def cost(state):
        return cost_and_states(state)[0]

    assert relative_error(ravel(d_h_0), complex_step_gradient(cost, ravel(h_0))) < 1e-12
    moved = cost_and_states(ravel(h_0) + 1e-30j * ravel(R_h_0))[1].imag / 1e-30
    zero = unravel(np.zeros_like(ravel(params)), params)
    assert relative_error(cell.r_forward(params, tape, zero, R_h_0=R_h_0), moved) < 1e-12


@pytest.mark.parametrize("seed", SEEDS[::7])
def test_two_halves_are_the_whole(seed):
    """A state handed on, and the error handed back: forward bit for bit, backward a sum."""
    c = draw(seed)
    rng = np.random.default_rng([seed, 9])
    y_hat, tapes = c.forward()
    e = rng.normal(size=y_hat.shape)
    gradient, d_x, d_h_0 = c.network.backward(c.params, tapes, e)
    v = unravel(rng.normal(size=c.theta.shape), c.params)
    R = c.network.r_forward(c.params, tapes, v)
    cut = len(c.x) // 2
    if cut == 0:
        return
    first, first_tapes = c.network.forward(c.params, c.x[:cut], c.h_0)
    rest, rest_tapes = c.network.forward(c.params, c.x[cut:], c.network.last(first_tapes))
    for last, after in zip(*map(c.network.last, (rest_tapes, tapes)), strict=True):
        assert_array_equal(last, after)
    assert_array_equal(np.concatenate([first, rest]), y_hat)
    of_rest, d_rest, d_cut = c.network.backward(c.params, rest_tapes, e[cut:])
    of_first, d_first, d_start = c.network.backward(c.params, first_tapes, e[:cut], e_last=d_cut)
    assert relative_error(ravel(of_first) + ravel(of_rest), ravel(gradient)) < 1e-12
    assert relative_error(np.concatenate([d_first, d_rest]), d_x) < 1e-12
    for found, expected in zip(d_start[:-1], d_h_0[:-1], strict=True):
        assert relative_error(ravel(found), ravel(expected)) < 1e-12
    assert d_start[-1] is d_h_0[-1] is None  # the readout has no state
    alone, _, _ = c.network.backward(c.params, first_tapes, e[:cut])
    truncated = ravel(alone) + ravel(of_rest)  # the error does not cross the cut
    assert relative_error(truncated, ravel(gradient)) > 1e-6
    R_first = c.network.r_forward(c.params, first_tapes, v)
    assert_allclose(R_first[-1], R[-1][:cut], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", [lstm, gru])
def test_a_long_sequence_of_a_big_batch(cell):
    network = Network((cell, linear), (3, 20, 2))
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(40, 50, 3)), rng.normal(size=(40, 50, 2))
    theta = ravel(network.init(rng)) + 0.1
    objective = Objective(network, losses.squared_error, x, y)
    assert check_gradient(objective, theta, rng) < 1e-10
    params = unravel(theta, network.zeros())
    y_hat, tapes = network.forward(params, x)
    v, u = rng.normal(size=theta.shape), rng.normal(size=y_hat.shape)
    error = adjoint(
        lambda v: network.r_forward(params, tapes, unravel(v, params))[-1],
        lambda u: ravel(network.backward(params, tapes, u)[0]),
        v,
        u,
    )
    assert error < 1e-12


@pytest.mark.parametrize("seed", [7, 61, 41, 78])  # rnn, lstm, gru, mixed
def test_data_that_are_not_contiguous_give_the_same(seed):
    c = draw(seed)
    x = np.ascontiguousarray(c.x.swapaxes(0, 1)).swapaxes(0, 1)
    theta = np.repeat(c.theta, 2)[::2]
    assert x.shape[1] > 1 and not x.flags.c_contiguous and not theta.flags.c_contiguous
    other = Objective(c.network, c.loss, x, c.y, c.mask, c.h_0)
    assert_allclose(other.gradient(theta), c.objective.gradient(c.theta), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", [7, 61, 41, 78])  # rnn, lstm, gru, mixed
def test_a_pass_changes_none_of_its_arguments(seed):
    c = draw(seed)
    y_hat, tapes = c.forward()
    e = np.ones_like(y_hat)
    states = leaves(tuple(h for h in c.h_0 if h is not None))
    given = [c.theta, c.x, c.y, e, *leaves(tapes), *states]
    before = [a.copy() for a in given]
    c.network.backward(c.params, tapes, e, [np.ones_like(t.h) for t in tapes[:-1]])
    c.network.r_forward(c.params, tapes, c.params)
    c.objective.gauss_newton(c.theta, 0.5)(c.theta)
    c.objective.value_and_gradient(c.theta)
    for a, b in zip(given, before, strict=True):
        assert_array_equal(a, b)


@pytest.mark.parametrize("cell", cells.CELLS, ids=cells.name)
def test_a_network_of_one_cell_is_the_cell(cell):
    rng = np.random.default_rng(5)
    params, x, h_0, v = draw_cell(cell, rng)
    network = Network((cell,), (4, 5))
    output, tape = cell.forward(params, x, h_0)
    y_hat, tapes = network.forward((params,), x, (h_0,))
    assert_array_equal(y_hat, output)
    e = rng.normal(size=output.shape)
    assert_array_equal(
        ravel(network.backward((params,), tapes, e)[0]), ravel(cell.backward(params, tape, e)[0])
    )
    (R,) = network.r_forward((params,), tapes, (v,))
    assert_array_equal(R, cell.r_forward(params, tape, v))


def test_initial_state_takes_a_complex_step():
    """dC/dh_0 by complex step is W_hh^T d_z[0], as in (2.19)."""
    rng = np.random.default_rng(0)
    params, x, h_0, v = draw_cell(rnn, rng)
    h, tape = rnn.forward(params, x, h_0)
    e, direction = rng.normal(size=h.shape), rng.normal(size=h_0.shape)
    wide = params._replace(W_hx=np.hstack([params.W_hx, np.eye(h.shape[-1])]))
    x_wide = np.dstack([x, np.zeros_like(h)])
    d_z = rnn.backward(wide, rnn.forward(wide, x_wide, h_0)[1], e)[1][..., x.shape[-1] :]
    moved = rnn.forward(params, x, h_0 + 1e-30j * direction)[0]
    assert_allclose((e * moved).sum().imag / 1e-30, (d_z[0] @ params.W_hh * direction).sum())


@pytest.mark.parametrize("cell", cells.RECURRENT, ids=cells.name)
def test_initial_states_of_all_cells_take_a_complex_step(cell):
    rng = np.random.default_rng(9)
    params, x, h_0, _ = draw_cell(cell, rng)
    states = h_0 if cell is lstm else (h_0,)
    e = rng.normal(size=(7, 3, 5))

    def value(flat):
        moved = tuple(flat.reshape(len(states), 3, 5))
        return (e * cell.forward(params, x, moved if cell is lstm else moved[0])[0]).sum()

    flat = np.concatenate([h.ravel() for h in states])
    for part in range(len(states)):  # each state by itself
        v = np.zeros((len(states), 15))
        v[part] = rng.normal(size=15)
        expected = finite_difference(value, flat, v.ravel())
        assert abs(expected) > 1e-2
        assert_allclose(complex_step(value, flat, v.ravel()), expected, rtol=1e-7)
