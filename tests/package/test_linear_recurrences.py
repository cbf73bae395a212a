"""The cells whose state enters linearly, `lru` and `mingru`, and the layer between them."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import lfilter

import cells
from rnncourse import checks, gru, linear, losses, lru, mingru, params, pointwise
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.optimizers import adam
from rnncourse.pairs import Pairs, numbers

STATEFUL = pytest.mark.parametrize("cell", (lru, mingru), ids=cells.name)
ALL = pytest.mark.parametrize("cell", cells.OF_WEEK_11, ids=cells.name)


@pytest.mark.equation("11.10", code="mingru.backward")
@pytest.mark.equation("11.12", "11.13", code="lru.backward")
@ALL
@pytest.mark.parametrize("seed", range(5))
def test_the_contract_is_kept(cell, seed):
    assert checks.cell(cell, np.random.default_rng(seed)) == []


def modes_of(p, x):
    """Return p, b as complex numbers, from the definitions."""
    eigenvalue = np.exp(-np.exp(p.log_rate) + 1j * np.exp(p.log_omega))
    w = p.W_hx[::2] + 1j * p.W_hx[1::2]
    return eigenvalue, np.exp(p.log_gain) * (x @ w.T)


@pytest.mark.equation("11.3", code="lru.forward")
@pytest.mark.equation("11.14", code="lru.eigenvalues")
@pytest.mark.parametrize("seed", range(5))
def test_a_mode_is_a_recursive_filter(seed):
    rng = np.random.default_rng(seed)
    T, B, D, N = rng.integers(1, 40), *rng.integers(1, 6, 3)
    p, x = lru.init(rng, D, 2 * N), rng.normal(size=(T, B, D))
    p = p._replace(log_gain=rng.normal(size=N))
    h, _ = lru.forward(p, x)
    eigenvalue, b = modes_of(p, x)
    expected = np.stack(
        [lfilter([1], [1, -q], b[..., j], axis=0) for j, q in enumerate(eigenvalue)], axis=-1
    )
    assert_allclose(h[..., ::2] + 1j * h[..., 1::2], expected, rtol=1e-11, atol=1e-13)


@pytest.mark.equation("11.2", code="lru.forward")
def test_the_state_is_the_sum_over_the_past():
    rng = np.random.default_rng(0)
    p, x, h_0 = lru.init(rng, 2, 6), rng.normal(size=(50, 3, 2)), rng.normal(size=(3, 6))
    eigenvalue, b = modes_of(p, x)
    start = h_0[:, ::2] + 1j * h_0[:, 1::2]
    expected = eigenvalue**50 * start
    expected += sum(eigenvalue ** (49 - t) * b[t] for t in range(50))
    h, _ = lru.forward(p, x, h_0)
    assert_allclose(h[-1, :, ::2] + 1j * h[-1, :, 1::2], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.equation("11.16", code="mingru.forward")
def test_the_minimal_gru_is_a_gru_without_the_state_in_its_gates():
    rng = np.random.default_rng(1)
    small, H = mingru.init(rng, 3, 4, update_bias=1.0), 4
    small = mingru.Params(1e-4 * small.W_x, 1e-4 * small.b)  # where the tanh is straight
    W_x, b = np.zeros((3 * H, 3)), np.zeros(3 * H)
    W_x[H:], b[H:] = small.W_x, small.b  # r stays at 1/2 and multiplies zeros
    x = rng.normal(size=(30, 2, 3))
    expected, _ = gru.forward(gru.Params(W_x, np.zeros((3 * H, H)), b, np.zeros(3 * H)), x)
    assert_allclose(mingru.forward(small, x)[0], expected, rtol=1e-6, atol=1e-11)


@STATEFUL
def test_two_halves_are_the_whole_to_the_last_bit(cell):
    rng = np.random.default_rng(2)
    weights, x = cell.init(rng, 2, 6), rng.normal(size=(41, 3, 2))
    whole, tape = cell.forward(weights, x)
    first, before = cell.forward(weights, x[:17])
    second, after = cell.forward(weights, x[17:], cell.last(before))
    assert_array_equal(np.concatenate([first, second]), whole)
    e = rng.normal(size=whole.shape)
    gradient, d_x, _ = cell.backward(weights, tape, e)
    g_2, d_x_2, arrives = cell.backward(weights, after, e[17:])
    g_1, d_x_1, _ = cell.backward(weights, before, e[:17], arrives)
    assert_allclose(params.ravel(g_1) + params.ravel(g_2), params.ravel(gradient), rtol=1e-12)
    assert_allclose(np.concatenate([d_x_1, d_x_2]), d_x, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("log_rate", "log_omega"), [(-800.0, 0.0), (700.0, 0.0), (0.0, -800.0)])
def test_a_mode_stays_bounded_whatever_its_rate(log_rate, log_omega):
    """A rate of zero keeps for ever, the largest forgets at once; nothing grows."""
    rate, omega, gain = (np.array([a]) for a in (log_rate, log_omega, 0.0))
    p = lru.Params(rate, omega, gain, np.array([[1.0], [0.5]]))
    x = np.zeros((1000, 1, 1))
    x[0] = 1.0
    h, tape = lru.forward(p, x)
    gradient, d_x, _ = lru.backward(p, tape, np.ones_like(h))
    size = np.hypot(h[..., 0], h[..., 1])[:, 0]
    assert_allclose(size[0], np.hypot(1, 0.5))
    assert_allclose(size[-1], {-800.0: np.hypot(1, 0.5)}.get(log_rate, 0.0), atol=1e-12)
    assert np.isfinite(params.ravel(gradient)).all() and np.isfinite(d_x).all()


@pytest.mark.equation("11.15", code="lru.init")
def test_white_noise_gives_modes_of_size_one():
    rng = np.random.default_rng(3)
    p = lru.init(rng, 16, 400, radius=(0.5, 0.98), phase=2 * np.pi)
    h, _ = lru.forward(p, rng.normal(size=(1000, 20, 16)))
    square = (h[500:, :, ::2] ** 2 + h[500:, :, 1::2] ** 2).mean(axis=(0, 1))
    expected = (p.W_hx**2).reshape(200, 2, 16).sum(axis=(1, 2))
    assert_allclose(square, expected, rtol=0.4)
    assert abs(square.mean() / expected.mean() - 1) < 0.03 and abs(expected.mean() - 1) < 0.05


def test_eigenvalues_fill_the_ring_evenly():
    p = lru.init(np.random.default_rng(4), 1, 40_000, radius=(0.6, 0.9), phase=1.0)
    eigenvalue = lru.eigenvalues(p)
    radius, angle = np.abs(eigenvalue), np.angle(eigenvalue)
    assert 0.6 <= radius.min() and radius.max() <= 0.9 and 0 < angle.min() <= angle.max() <= 1.0
    half = np.sqrt((0.6**2 + 0.9**2) / 2)  # the circle that halves the area
    assert abs(np.mean(radius < half) - 0.5) < 0.02 and abs(np.mean(angle < 0.5) - 0.5) < 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: lru.init(rng, 2, 5), "n_hidden is 5, expected an even number"),
        (lambda rng: lru.init(rng, 0, 4), "n_in is 0, expected an integer from 1"),
        (lambda rng: lru.init(rng, 2, 0), "n_hidden is 0, expected an integer from 2"),
        (lambda rng: lru.init(rng, 2, 4.0), "n_hidden is 4.0, expected an integer from 2"),
        (
            lambda rng: lru.init(rng, 2, 4, radius=(0.9, 1.0)),
            r"radius\[1\] is 1.0, expected a numb",
        ),
        (
            lambda rng: lru.init(rng, 2, 4, radius=(0.9, 0.5)),
            r"radius\[0\] is 0.9, expected .* 0.5",
        ),
        (lambda rng: lru.init(rng, 2, 4, radius=0.9), "radius is 0.9, expected two numbers"),
        (lambda rng: lru.init(rng, 2, 4, phase=0.0), "phase is 0.0, expected a positive"),
        (lambda rng: mingru.init(rng, 2, 4, update_bias=np.nan), "update_bias is nan, expected a"),
        (lambda rng: lru.init(0, 2, 4), "rng is an int, expected a numpy.random.Generator"),
        (lambda rng: mingru.init(rng, 2, 4, dtype=int), "dtype is int64, expected float32 or"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


@ALL
def test_shapes_that_do_not_fit_are_refused(cell):
    rng = np.random.default_rng(0)
    weights, x = cell.init(rng, 2, 4), rng.normal(size=(5, 3, 2))
    h, tape = cell.forward(weights, x)
    for call in (
        lambda: cell.forward(weights, x[..., :1]),
        lambda: cell.forward(weights, x, np.zeros((2, 4))),
        lambda: cell.forward(weights, x.astype(np.float32)),
        lambda: cell.backward(weights, tape, h[:3]),
        lambda: cell.r_forward(weights, tape, weights, x[:3]),
        lambda: cell.r_forward(weights, tape, weights[:1], x),
    ):
        with pytest.raises(ValueError, match="expected"):
            call()


def test_a_stack_learns_a_product_that_no_linear_recurrence_has():
    """The product of two signs, 60 steps apart; the linear net is at the cost of the mean, 1/2."""
    rng = np.random.default_rng(5)
    x = np.zeros((61, 50, 1))
    x[[0, 60]] = rng.choice([-1.0, 1.0], size=(2, 50, 1))
    y, mask = np.zeros_like(x), np.zeros(x.shape[:2])
    y[60], mask[60] = x[0] * x[60], 1
    values = {}
    for layers in ((lru, pointwise, linear), (lru, linear)):
        network = Network(layers, (1, *(16,) * (len(layers) - 1), 1))
        options = ({"radius": (0.95, 0.999)}, *(None,) * (len(layers) - 1))
        theta = params.ravel(network.init(rng, options=options))
        batches = itertools.repeat(Objective(network, losses.squared_error, x, y, mask))
        *_, last = itertools.islice(adam(batches, theta, 0.01), 150)
        values[len(layers)] = last.value
    assert values[3] < 0.02 and values[2] > 0.4


def test_pairs_are_complex_numbers():
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(2, 3, 8))
    a, b = numbers(rows[0]), numbers(rows[1])
    c, d = numbers(rows[0] + 0j), numbers(rows[1] + 0j)
    assert isinstance(c, Pairs) and a.dtype == complex
    for of_both in (lambda p, q: p * q, lambda p, q: p + q, lambda p, q: p.conj() * q):
        expected, got = of_both(a, b), of_both(c, d)
        mixed = of_both(a, d)
        assert_allclose(got.real + 1j * got.imag, expected)
        assert_allclose(mixed.real + 1j * mixed.imag, expected)
    assert_allclose(c.sum(axis=0).imag, a.sum(axis=0).imag)
    a[0] = 1 + 2j
    assert_array_equal(rows[0, 0], [1, 2] * 4)


@pytest.mark.parametrize("layer", (linear, pointwise), ids=cells.name)
def test_a_layer_without_a_state_takes_none(layer):
    weights, x = layer.init(np.random.default_rng(0), 2, 3), np.ones((4, 1, 2))
    h, tape = layer.forward(weights, x)
    message = r"is given, of shape \(1, 3\), expected None: a .* layer has no state"
    for call in (
        lambda given: layer.forward(weights, x, given),
        lambda given: layer.backward(weights, tape, h, given),
        lambda given: layer.r_forward(weights, tape, weights, None, given),
    ):
        with pytest.raises(ValueError, match=message):
            call(h[0])


def test_the_update_bias_is_that_of_the_gate():
    params = mingru.init(np.random.default_rng(0), 2, 3, update_bias=2.0)
    _, tape = mingru.forward(params, np.zeros((4, 1, 2)))
    assert_allclose(tape.u, 1 / (1 + np.exp(-2.0)), rtol=1e-15)
