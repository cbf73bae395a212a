"""Cells and networks: for all shapes, precisions and sizes of numbers the states are right."""

import cmath
import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cells
import naive_cells
from properties import DTYPES, MAGNITUDES, REFUSED, SEEDS, SMALL, STEPS, finite, of_sizes, outcome
from random_configurations import draw_state
from rnncourse import gru, linear, lru, lstm, mingru, pointwise, rnn
from rnncourse.network import Network
from rnncourse.params import leaves, ravel, unravel

SIZES = st.one_of(st.floats(0.3, 3), MAGNITUDES)
RATES = st.floats(-40, 5)
RECURRENT = pytest.mark.parametrize("cell", cells.RECURRENT, ids=cells.name)


def draw(cell, seed, T, B, D, H, dtype=np.float64, of_weights=1.0, of_x=1.0):
    rng = np.random.default_rng(seed)
    params = cell.Params(*(of_sizes(rng, s, of_weights, dtype) for s in cell.shapes(D, H)))
    return params, of_sizes(rng, (T, B, D), of_x, dtype), rng


def exact_sums(W, values):
    """W times a list, exactly: no part of the sum overflows or cancels."""

    def total(row):
        exact = sum(Fraction(w) * Fraction(a) for w, a in zip(row, values, strict=True))
        return float(max(-(10**300), min(10**300, exact)))

    return [total(row) for row in W]


def exact_sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0


@pytest.mark.equation("2.3", code=["rnn.forward", "network.Network.forward"])
@RECURRENT
@given(SEEDS, STEPS, SMALL, SMALL, SMALL, SIZES, SIZES)
def test_states_are_those_of_exact_sums(cell, seed, T, B, D, H, of_weights, of_x):
    # saturated gates, denormals and sums whose parts overflow; a warning may take their place
    params, x, _ = draw(cell, seed, T, B, D, H, of_weights=of_weights, of_x=of_x)
    result = outcome(lambda: cell.forward(params, x)[0])
    if result is REFUSED:
        assert of_weights * max(of_x, 1) > 1e250
        return
    name = cell.__name__[10:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(naive_cells, "sums", exact_sums)
        patch.setattr(naive_cells, "sigmoid", exact_sigmoid)
        for b in range(B):
            weights = [array.tolist() for array in params]
            expected, _ = naive_cells.forward(name, weights, x[:, b].tolist(), None)
            # a sum of size z is rounded by 1e-16 z, which counts where z is near 0 by chance
            if of_weights * max(of_x, 1) < 50:
                assert_allclose(result[:, b], expected, rtol=1e-11, atol=1e-13)
    assert finite(result) and np.all(np.abs(result) <= 1)


@RECURRENT
@given(SEEDS, STEPS, SMALL, SMALL, SMALL, DTYPES, MAGNITUDES, MAGNITUDES, MAGNITUDES)
def test_both_derivatives_are_finite_or_refused(
    cell, seed, T, B, D, H, dtype, of_weights, of_x, of_e
):
    params, x, rng = draw(cell, seed, T, B, D, H, dtype, of_weights, of_x)
    v = cell.Params(*(of_sizes(rng, a.shape, of_e, dtype) for a in params))
    e, h_0 = of_sizes(rng, (T, B, H), of_e, dtype), draw_state(rng, cell, B, H, dtype)

    def derivatives():
        h, tape = cell.forward(params, x, h_0)
        gradient, d_x, d_h_0 = cell.backward(params, tape, e, h_0)
        R_h = cell.r_forward(params, tape, v, x, h_0)
        return h, R_h, *gradient, d_x, *leaves(d_h_0), *leaves(cell.last(tape))

    result = outcome(derivatives)
    if result is not REFUSED:
        assert finite(*result) and {a.dtype for a in result} == {np.dtype(dtype)}


@RECURRENT
def test_one_overflow_inside_a_sum_is_not_silent(cell):
    # exactly, the sum is 0; in floating-point numbers it is infinite or no number
    params = cell.Params(*(np.zeros(shape) for shape in cell.shapes(2, 1)))
    params[0][:] = [1e200, -1e200]
    assert outcome(lambda: cell.forward(params, np.full((2, 1, 2), 1e200))) is REFUSED


@RECURRENT
def test_one_overflow_from_the_starting_state_is_not_silent(cell):
    h_0 = np.full((1, 2), 1e200)
    start = (h_0, np.zeros((1, 2))) if cell is lstm else h_0
    for gate in range(0, cell.shapes(1, 2)[1][0], 2):
        params = cell.Params(*(np.zeros(shape) for shape in cell.shapes(1, 2)))
        params[1][gate : gate + 2] = [1e200, -1e200]
        assert outcome(partial(cell.forward, params, np.zeros((2, 1, 1)), start)) is REFUSED


@RECURRENT
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ten_thousand_steps_are_a_hundred_times_a_hundred(cell, dtype):
    params, x, rng = draw(cell, 1, 10_000, 2, 2, 3, dtype)
    h, tape = cell.forward(params, x)
    e = of_sizes(rng, h.shape, 1, dtype)
    gradient, d_x, _ = cell.backward(params, tape, e)
    R_h = cell.r_forward(params, tape, params)
    assert finite(h, *gradient, d_x, R_h)
    state, parts = None, []
    for start in range(0, 10_000, 100):
        part, tape = cell.forward(params, x[start : start + 100], state)
        state = cell.last(tape)
        parts.append(part)
    assert_array_equal(h, np.concatenate(parts))


@given(SEEDS, STEPS, SMALL, SMALL, SMALL, MAGNITUDES, MAGNITUDES)
def test_the_readout_is_its_sum_and_its_three_passes_are_finite(seed, T, B, H, K, of_W, of_h):
    params, h, rng = draw(linear, seed, T, B, H, K, of_weights=of_W, of_x=of_h)
    d_y_hat = of_sizes(rng, (T, B, K), of_h)

    def passes():
        y_hat, tape = linear.forward(params, h)
        R = linear.r_forward(params, tape, params, h)
        gradient, d_h, d_h_0 = linear.backward(params, tape, d_y_hat)
        assert d_h_0 is linear.last(tape) is None
        return y_hat, R, *gradient, d_h

    result = outcome(passes)
    if result is not REFUSED:
        assert finite(*result)
        for t, b in np.ndindex(T, B):
            expected = [
                math.fsum((W * h[t, b]).tolist() + [c]) for W, c in zip(*params, strict=True)
            ]
            size = np.abs(params.W_yh) @ np.abs(h[t, b]) + np.abs(params.b_y)
            assert np.all(np.abs(result[0][t, b] - expected) <= 1e-14 * size + 1e-320)


@pytest.mark.parametrize("cell", cells.OF_WEEK_11, ids=cells.name)
@given(SEEDS, STEPS, SMALL, SMALL, SMALL, DTYPES, st.floats(0.3, 3), MAGNITUDES, MAGNITUDES)
def test_three_passes_are_finite_or_refused(cell, seed, T, B, D, N, dtype, of_weights, of_x, of_e):
    params, x, rng = draw(cell, seed, T, B, D, 2 * N, dtype, of_weights, of_x)
    v = cell.Params(*(of_sizes(rng, a.shape, of_e, dtype) for a in params))
    e = of_sizes(rng, (T, B, 2 * N), of_e, dtype)

    def passes():
        h, tape = cell.forward(params, x)
        gradient, d_x, d_h_0 = cell.backward(params, tape, e)
        R_h = cell.r_forward(params, tape, v, x)
        return h, R_h, *gradient, d_x, *leaves(d_h_0), *leaves(cell.last(tape))

    result = outcome(passes)
    if result is not REFUSED:
        assert finite(*result) and {a.dtype for a in result} == {np.dtype(dtype)}


@given(SEEDS, STEPS, SMALL, SMALL, RATES, RATES)
def test_a_mode_is_a_sum_over_its_past(seed, T, B, D, log_rate, log_omega):
    params, x, _ = draw(lru, seed, T, B, D, 2)
    params.log_rate[0], params.log_omega[0] = log_rate, log_omega
    h, _ = lru.forward(params, x)
    turn = complex(-math.exp(log_rate), math.exp(log_omega))
    w = math.exp(params.log_gain[0]) * (params.W_hx[0] + 1j * params.W_hx[1])
    for b in range(B):
        drive = x[:, b] @ w
        terms = [cmath.exp((T - 1 - t) * turn) * drive[t] for t in range(T)]
        expected = complex(math.fsum(c.real for c in terms), math.fsum(c.imag for c in terms))
        size = np.abs(x[:, b]) @ np.abs(w)
        error = abs(complex(*h[-1, b]) - expected)
        assert error <= 1e-14 * T * (1 + math.exp(log_omega)) * size.sum()
    assert np.all(np.abs(lru.eigenvalues(params)) <= 1 + 1e-15)


@given(SEEDS, STEPS, SMALL, SMALL, SMALL, st.floats(0.3, 3))
def test_a_minimal_gru_stays_between_what_entered(seed, T, B, D, H, of_weights):
    params, x, _ = draw(mingru, seed, T, B, D, H, of_weights=of_weights)
    h, tape = mingru.forward(params, x)
    largest = np.maximum.accumulate(np.maximum(tape.n, 0), axis=0)
    smallest = np.minimum.accumulate(np.minimum(tape.n, 0), axis=0)
    assert np.all(h <= largest * (1 + 1e-12) + 1e-300)
    assert np.all(h >= smallest * (1 + 1e-12) - 1e-300)


@given(SEEDS, STEPS, SMALL, SMALL, SMALL)
def test_a_pointwise_layer_is_a_tanh_of_its_sum(seed, T, B, D, H):
    params, x, _ = draw(pointwise, seed, T, B, D, H)
    h, _ = pointwise.forward(params, x)
    for t, b, k in np.ndindex(h.shape):
        z = math.fsum((params.W_hx[k] * x[t, b]).tolist() + [params.b_h[k]])
        assert_allclose(h[t, b, k], math.tanh(z), rtol=1e-12, atol=1e-14)


@given(SEEDS, STEPS, SMALL, SMALL, SMALL, SMALL, DTYPES, MAGNITUDES)
def test_a_network_is_its_cells_one_after_the_other(seed, T, B, D, H, K, dtype, size):
    every = (*cells.CELLS, *cells.OF_WEEK_11)
    network = Network(every, (D, *(2 if cell is lru else H for cell in every[:-1]), K))
    rng = np.random.default_rng(seed)
    params, x = network.init(rng, dtype), of_sizes(rng, (T, B, D), size, dtype)
    result = outcome(lambda: network.forward(params, x))
    if result is REFUSED:
        return
    y_hat, tapes = result
    for cell, p in zip(network.cells, params, strict=True):
        x, _ = cell.forward(p, x)
    assert_array_equal(y_hat, x)
    gradient, _, _ = network.backward(params, tapes, np.ones_like(y_hat))
    R = network.r_forward(params, tapes, params)
    assert_array_equal(network.last(tapes)[0], tapes[0].h[-1])
    assert finite(y_hat, ravel(gradient), *R) and ravel(gradient).dtype == dtype


@given(SEEDS, SMALL, SMALL, DTYPES, MAGNITUDES)
def test_params_come_back_from_their_vector_to_the_last_bit(seed, D, H, dtype, size):
    network = Network((lstm, gru, linear), (D, H, 2, 1))
    like, rng = network.zeros(dtype), np.random.default_rng(seed)
    theta = of_sizes(rng, ravel(like).shape, size, dtype)
    params = unravel(theta, like)
    assert_array_equal(ravel(params), theta)
    assert all(np.shares_memory(a, theta) for a in leaves(params))
    assert [a.shape for a in leaves(params)] == [a.shape for a in leaves(like)]
