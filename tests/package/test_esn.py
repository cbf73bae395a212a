"""Echo state networks: states against a naive loop, sparse and dense, ensembles, echo states."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from rnncourse import esn, initializers, linear
from rnncourse.experiments import echo_state

T, B, D, H, K = 12, 3, 2, 20, 2


def draw(rng, n_in=D, n_out=K, **changes):
    options = {"connections": 3, "bias_scale": 0.3, "leak": 0.7} | changes
    return esn.init(rng, n_in, H, n_out, **options)


def naive(reservoir, x, y, h, y_before):
    """One sequence at a time, in plain Python, with dense weights; noise-free."""
    W_hx, W_hh, W_hy, b_h, leak, f = reservoir
    W_hh = W_hh.toarray() if sparse.issparse(W_hh) else W_hh
    leak = np.broadcast_to(leak, len(b_h))
    states = np.zeros((T, B, len(b_h)))
    for b in range(B):
        h_b, y_b = h[b], y_before[b]
        for t in range(T):
            new = np.zeros(len(b_h))
            for i in range(len(b_h)):
                z = b_h[i] + sum(W_hh[i, j] * h_b[j] for j in np.flatnonzero(W_hh[i]))
                z += sum(W_hx[i, j] * x[t, b, j] for j in range(W_hx.shape[1]))
                z += sum(W_hy[i, j] * y_b[j] for j in range(W_hy.shape[1]))
                new[i] = (1 - leak[i]) * h_b[i] + leak[i] * f(z)
            states[t, b] = h_b = new
            y_b = y[t, b]
    return states


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, K))
    return rng, x, y, rng.normal(size=(B, H)), rng.normal(size=(B, K))


# ---- the states ---------------------------------------------------------------------------------


@pytest.mark.equation("6.1", "6.5", "6.6", code="esn.run")
@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("leak", [1.0, 0.4, "each unit its own"])
def test_states_are_those_of_a_naive_loop(data, dense, leak):
    rng, x, y, h_0, y_0 = data
    reservoir = draw(rng, leak=rng.uniform(0.1, 1, size=H) if isinstance(leak, str) else leak)
    if dense:
        reservoir = reservoir._replace(W_hh=reservoir.W_hh.toarray())
    expected = naive(reservoir, x, y, h_0, y_0)
    assert_allclose(esn.run(reservoir, x, y, h_0, y_0), expected, rtol=1e-12, atol=1e-14)
    for b in range(B):  # one sequence at a time takes another way through the code
        only = slice(b, b + 1)
        alone = esn.run(reservoir, x[:, only], y[:, only], h_0[only], y_0[only])
        assert_allclose(alone, expected[:, only], rtol=1e-12, atol=1e-14)


def test_two_sequences_at_once_are_one_after_the_other(data):
    rng, x, y, h_0, y_0 = data
    reservoir = draw(rng)
    both = esn.run(reservoir, x[:, :2], y[:, :2], h_0[:2], y_0[:2])
    assert_allclose(both, naive(reservoir, x, y, h_0, y_0)[:, :2], rtol=1e-12, atol=1e-14)


def test_the_default_reservoir():
    reservoir = esn.init(np.random.default_rng(0), 3, 200, 2)
    assert_array_equal((reservoir.W_hh.toarray() != 0).sum(axis=1), 10)
    for W in reservoir.W_hx, reservoir.W_hy:
        assert -1 <= W.min() < -0.95 and 0.95 < W.max() <= 1


def test_a_matrix_is_stored_sparse_where_less_than_a_fifth_is_drawn():
    for n_hidden, is_sparse in ((50, False), (51, True)):
        reservoir = esn.init(np.random.default_rng(0), 1, n_hidden, connections=10)
        assert sparse.issparse(reservoir.W_hh) == is_sparse


@pytest.mark.parametrize("seed", range(5))
def test_one_unit_is_a_reservoir_too(seed):
    reservoir = esn.init(np.random.default_rng(seed), 1, 1, connections=1, spectral_radius=0.8)
    assert_allclose(np.abs(reservoir.W_hh), [[0.8]])


def test_defaults_are_zero_starts_and_no_noise(data):
    rng, x, y, h_0, y_0 = data
    reservoir = draw(rng)
    expected = naive(reservoir, x, y, 0 * h_0, 0 * y_0)
    assert_allclose(esn.run(reservoir, x, y), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("n_in, n_out", [(D, 0), (0, K)])
def test_input_alone_or_feedback_alone(data, n_in, n_out):
    rng, x, y, h_0, y_0 = data
    reservoir = draw(rng, n_in, n_out)
    x, y, y_0 = x[..., :n_in], y[..., :n_out], y_0[:, :n_out]
    expected = naive(reservoir, x, y, h_0, y_0)
    found = esn.run(reservoir, x if n_in else None, y if n_out else None, h_0, y_0)
    assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_a_linear_reservoir_is_a_sum_over_the_past():
    rng = np.random.default_rng(1)
    reservoir = draw(rng, n_out=0, activation=np.positive, leak=1.0, bias_scale=0.0)
    x = rng.normal(size=(T, 1, D))
    W, h = reservoir.W_hh.toarray(), esn.run(reservoir, x)
    expected = sum(np.linalg.matrix_power(W, k) @ reservoir.W_hx @ x[-1 - k, 0] for k in range(T))
    assert_allclose(h[-1, 0], expected, rtol=1e-12)


def test_nothing_that_comes_in_is_changed_and_a_run_can_be_taken_up_again(data):
    rng, x, y, h_0, y_0 = data
    reservoir = draw(rng)
    arrays = (x, y, h_0, y_0, *reservoir[2:4], reservoir.W_hx, reservoir.W_hh.data)
    before = [a.copy() for a in arrays]
    whole = esn.run(reservoir, x, y, h_0, y_0)
    esn.fit_readout(whole, y)
    for a, b in zip(arrays, before, strict=True):
        assert_array_equal(a, b)
    first = esn.run(reservoir, x[:5], y[:5], h_0, y_0)
    second = esn.run(reservoir, x[5:], y[5:], first[-1], y[4])
    assert_array_equal(np.concatenate([first, second]), whole)


def test_noise_enters_the_weighted_sums(data):
    rng, x, y, *_ = data
    reservoir = draw(rng)
    noisy = esn.run(reservoir, x, y, noise=0.1, rng=np.random.default_rng(3))
    same = esn.run(reservoir, x, y, noise=0.1, rng=np.random.default_rng(3))
    assert_array_equal(noisy, same)
    quiet = esn.run(reservoir, x, y)
    n = np.random.default_rng(3).uniform(-0.1, 0.1, size=noisy.shape)
    W_hx, W_hh, W_hy, b_h, *_ = reservoir
    z = x[0] @ W_hx.T + b_h + n[0]
    assert_allclose(noisy[0], 0.7 * np.tanh(z), rtol=1e-12)
    assert 0 < np.abs(noisy - quiet).max() < 1


@pytest.mark.parametrize("dense", [False, True])
def test_float32_stays_float32(data, dense):
    rng, x, y, *_ = data
    reservoir = draw(rng, dtype=np.float32, leak=0.3)
    if dense:
        reservoir = reservoir._replace(W_hh=reservoir.W_hh.toarray())
    half = [a.astype(np.float32) for a in (x, y)]
    h = esn.run(reservoir, *half, noise=1e-3, rng=rng)
    readout = esn.fit_readout(h, half[1], ridge=1e-3)
    y_hat, states = esn.generate(reservoir, readout, x=half[0], h_0=h[-1], y_0=half[1][-1])
    for array in (h, *readout, y_hat, states):
        assert array.dtype == np.float32
    wide = esn.Reservoir(*(a.astype(float) for a in reservoir[:4]), 0.3)
    assert_allclose(esn.run(reservoir, *half), esn.run(wide, x, y), rtol=1e-3, atol=1e-4)


# ---- ensembles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n_series", [1, B])
def test_an_ensemble_is_its_members_one_by_one(data, n_series):
    rng, x, y, *_ = data
    x, y = x[:, :n_series], y[:, :n_series]
    members = [draw(rng, leak=a) for a in (0.3, 0.7, 1.0)]
    together = esn.run(esn.ensemble(members), x, np.tile(y, 3))
    for member, h in zip(members, np.split(together, 3, axis=-1), strict=True):
        alone = esn.run(member, x, y)
        assert_allclose(h, alone, rtol=1e-12, atol=1e-14)
        for part in (h, alone):
            assert np.isfinite(esn.fit_readout(part, y, ridge=1e-2).W_yh).all()
        assert_allclose(esn.fit_readout(h, y, 0.1).W_yh, esn.fit_readout(alone, y, 0.1).W_yh)


def test_an_ensemble_of_one_is_that_one(data):
    rng, x, y, h_0, y_0 = data
    one = draw(rng)._replace(activation=np.arctan)
    alike = esn.ensemble([one])
    assert alike.leak == one.leak and alike.activation is one.activation
    states = esn.run(one, x[:, :1], y[:, :1], h_0[:1], y_0[:1])
    assert_allclose(esn.run(alike, x[:, :1], y[:, :1], h_0[:1], y_0[:1]), states, rtol=1e-12)


def test_an_ensemble_of_equal_leaks_has_one_leak(data):
    rng = data[0]
    assert esn.ensemble([draw(rng), draw(rng)]).leak == 0.7


# ---- drawing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_hidden, connections", [(30, 3), (600, 5), (10, 9)])
def test_the_drawn_reservoir_is_as_ordered(n_hidden, connections):
    rng = np.random.default_rng(2)
    r = esn.init(rng, 3, n_hidden, 2, connections, 0.8, 0.1, 0.2, 0.3, leak=0.5)
    W = r.W_hh.toarray() if sparse.issparse(r.W_hh) else r.W_hh
    assert sparse.issparse(r.W_hh) == (connections / n_hidden < 0.2)
    assert np.all((W != 0).sum(axis=1) == connections)
    assert_allclose(np.abs(np.linalg.eigvals(W)).max(), 0.8, rtol=1e-10)
    assert_allclose(esn.radius_of(r.W_hh), 0.8, rtol=1e-10)
    for a, scale, shape in ((r.W_hx, 0.1, 3), (r.W_hy, 0.2, 2), (r.b_h[:, None], 0.3, 1)):
        assert a.shape == (n_hidden, shape)
        assert 0.7 * scale < np.abs(a).max() <= scale
    again = esn.init(np.random.default_rng(2), 3, n_hidden, 2, connections, 0.8, 0.1, 0.2, 0.3)
    assert_array_equal(again.b_h, r.b_h)


def test_the_radius_of_a_large_sparse_matrix_that_takes_ones_to_zero():
    n = 600
    ring = sparse.csr_array(2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1))
    ring = ring - sparse.csr_array(np.eye(n, k=n - 1) + np.eye(n, k=1 - n))
    assert_allclose(esn.radius_of(ring), 4, rtol=1e-10)
    assert esn.radius_of(sparse.csr_array((n, n))) == 0


# ---- echo states: conditions and their counterexamples ------------------------------------------


def distances(reservoir, x, start):
    """Distance at each step between the runs from zero and from `start`."""
    apart = esn.run(reservoir, x, h_0=start) - esn.run(reservoir, x, h_0=0 * start)
    return np.linalg.norm(apart[:, 0], axis=-1)


@pytest.mark.equation("6.5", "6.6", code="esn.run")
def test_a_largest_singular_value_below_one_is_sufficient():
    """Each step shrinks every distance by sigma_max, or by (1 - a) + a sigma_max with a leak."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 1, D))
    start = rng.normal(size=(1, 50))
    for leak in (1.0, 0.5):
        reservoir = esn.init(rng, D, 50, leak=leak)
        W = reservoir.W_hh.toarray() if sparse.issparse(reservoir.W_hh) else reservoir.W_hh
        W = W * (0.9 / np.linalg.norm(W, 2))
        d = distances(reservoir._replace(W_hh=W), x, start)
        bound = (1 - leak + leak * 0.9) ** np.arange(1, 61) * np.linalg.norm(start)
        assert np.all(d <= bound * (1 + 1e-12))


def test_it_is_not_necessary():
    """A nilpotent matrix forgets in H steps, whatever its singular values."""
    chain = 3.0 * np.eye(50, k=-1)
    reservoir = esn.Reservoir(np.zeros((50, D)), chain, np.zeros((50, 0)), np.zeros(50))
    d = distances(reservoir, np.zeros((60, 1, D)), np.ones((1, 50)))
    assert np.linalg.norm(chain, 2) > 2.9 and d[48] > 0.1 and d[49] == 0


def test_a_spectral_radius_above_one_does_not_forget_without_input():
    rng = np.random.default_rng(5)
    reservoir = esn.init(rng, D, 50, spectral_radius=1.2)
    d = distances(reservoir, np.zeros((500, 1, D)), 0.1 * rng.normal(size=(1, 50)))
    assert d[-100:].min() > 0.01


def test_but_strong_input_can_make_it_forget():
    rng = np.random.default_rng(6)
    reservoir = esn.init(rng, D, 50, spectral_radius=1.2, input_scale=2.0)
    d = distances(reservoir, rng.uniform(-1, 1, size=(500, 1, D)), rng.normal(size=(1, 50)))
    assert d[-1] < 1e-12


@pytest.mark.equation("6.10", code="experiments.echo_state.memory_capacity")
def test_memory_is_at_most_the_number_of_units():
    """The bound of Jaeger (2002), nearly reached by a linear reservoir with an orthogonal W_hh."""
    rng = np.random.default_rng(7)
    u = rng.uniform(-0.5, 0.5, size=(6000, 1, 1))
    q = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    drawn = esn.init(rng, 1, 20, input_scale=0.1)
    straight = drawn._replace(W_hh=0.9 * q, activation=np.positive)
    found = []
    for reservoir in (straight, drawn):
        h = esn.run(reservoir, u)
        found.append(echo_state.memory_capacity(h, u, 60, n_train=3000).sum())
    # noise of the estimate: each of 60 delays adds about 1 / 3000
    assert found[0] <= 20 + 0.1 and found[1] <= 20 + 0.1
    assert found[0] > 18.5 and found[1] < 17


# ---- the free run -------------------------------------------------------------------------------


@pytest.mark.equation("6.2", code=["linear.forward", "esn.generate"])
@pytest.mark.parametrize("n_in", [0, D])
@pytest.mark.parametrize("n_series", [1, B])
def test_a_free_run_is_a_run_taught_by_its_own_output(data, n_in, n_series):
    rng, x, _, h_0, y_0 = data
    x, h_0, y_0 = x[:, :n_series, :n_in], h_0[:n_series], y_0[:n_series]
    reservoir = draw(rng, n_in)
    readout = linear.Params(0.3 * rng.normal(size=(K, H)), rng.normal(size=K))
    given = {"x": x} if n_in else {"n_steps": T}
    y_hat, h = esn.generate(reservoir, readout, h_0=h_0, y_0=y_0, **given)
    taught = esn.run(reservoir, x if n_in else None, y_hat, h_0, y_0)
    assert_allclose(h, taught, rtol=1e-10, atol=1e-12)
    assert_allclose(y_hat, linear.forward(readout, taught)[0], rtol=1e-10, atol=1e-12)
    if not n_in:
        first, _ = esn.generate(reservoir, readout, 1, None, h_0, y_0)
        assert_array_equal(first, y_hat[:1])


def test_a_net_that_was_taught_a_sine_goes_on():
    rng = np.random.default_rng(8)
    y = 0.5 * np.sin(0.3 * np.arange(701))[:, None, None]
    reservoir = esn.init(rng, 0, 50, 1, bias_scale=0.2)
    h = esn.run(reservoir, y=y[:500])
    readout = esn.fit_readout(h, y[:500], washout=100)
    y_hat, _ = esn.generate(reservoir, readout, 201, h_0=h[-1], y_0=y[499])
    assert np.abs(y_hat - y[500:]).max() < 1e-2


# ---- the readout --------------------------------------------------------------------------------


def test_washout_and_mask_choose_the_steps():
    rng = np.random.default_rng(9)
    h, y = rng.normal(size=(40, 3, 5)), rng.normal(size=(40, 3, 2))
    mask = rng.random((40, 3)) < 0.5
    found = esn.fit_readout(h, y, 0.3, washout=10, mask=mask)
    X, Y = h[10:][mask[10:]], y[10:][mask[10:]]
    ones = np.column_stack([X, np.ones(len(X))])
    penalty = np.diag([0.3] * 5 + [0.0])  # the bias is free
    expected = np.linalg.solve(ones.T @ ones + penalty, ones.T @ Y)
    assert_allclose(found.W_yh, expected[:5].T, rtol=1e-10)
    assert_allclose(found.b_y, expected[5], rtol=1e-10)
    dropped = esn.fit_readout(h, y, 0.3, washout=10)
    assert_allclose(dropped.W_yh, esn.fit_readout(h[10:], y[10:], 0.3).W_yh)


def test_a_mask_of_ones_and_zeros_is_one_of_truths(data):
    rng, _, y, _, _ = data
    h, mask = rng.normal(size=(T, B, 4)), rng.uniform(size=(T, B)) < 0.7
    found = esn.fit_readout(h, y, 0.3, mask=mask.astype(int))
    assert_array_equal(found.W_yh, esn.fit_readout(h, y, 0.3, mask=mask).W_yh)


# ---- bad input ----------------------------------------------------------------------------------

RNG = np.random.default_rng(10)
R = draw(RNG)
DENSE = R._replace(W_hh=R.W_hh.toarray())
X, Y, STATES = RNG.normal(size=(T, B, D)), RNG.normal(size=(T, B, K)), RNG.normal(size=(T, B, H))
READOUT = esn.fit_readout(STATES, Y, 1.0)
HALF = np.float32


def having(array, value):
    array = np.array(array)
    array.flat[-2] = value
    return array


def free(r=R, readout=READOUT, n_steps=None, x=X, h_0=STATES[0], y_0=Y[0]):
    return esn.generate(r, readout, n_steps, x, h_0, y_0)


ONLY_FED_BACK = draw(RNG, 0)
BAD = [
    (lambda: esn.init(RNG, 1, H, -1), "n_out is -1, expected an integer from 0"),
    (lambda: esn.init(RNG, 1, H, dtype=int), "dtype is int64, expected float32 or float64"),
    (lambda: esn.init(RNG, 1, H, spectral_radius=np.inf), "spectral_radius is inf, expected"),
    (lambda: esn.run(R, X, Y, noise=np.inf, rng=RNG), "noise is inf, expected a finite"),
    (lambda: esn.run(R, X, Y, h_0=np.zeros((B, 0))), "h_0 has shape (3, 0), expected (3, 20)"),
    (lambda: esn.run(draw(RNG, n_out=0), X, y_0=Y[0]), "y_0 has shape (3, 2), expected (3, 0)"),
    (lambda: esn.run(R._replace(b_h=R.W_hx), X, Y), "b_h has shape (20, 2), expected (H,)"),
    (lambda: esn.run(R._replace(W_hy=Y[0]), X, Y), "W_hy has shape (3, 2), expected (20, any"),
    (lambda: free(readout=READOUT._replace(b_y=Y[0])), "readout.b_y has shape (3, 2), expected"),
    (lambda: esn.fit_readout(STATES, Y, np.inf), "ridge is inf, expected a finite number from 0"),
    (lambda: esn.run(R, X[0], Y), "x has shape (3, 2), expected (T, B, 2)"),
    (lambda: free(n_steps=5), "n_steps is 5, expected None: x has 12 steps"),
    (lambda: free(n_steps="a"), "n_steps is 'a', expected None: x has 12 steps"),
    (
        lambda: free(ONLY_FED_BACK, n_steps=5, x=None, h_0=STATES[0, 0]),
        "h_0 has shape (20,), expected (B, 20)",
    ),
    (lambda: esn.fit_readout(STATES, having(Y, np.nan), washout=9), "y holds nan at index (11, 2"),
    (
        lambda: esn.fit_readout(having(STATES, np.nan), Y, 0.1, 9, np.ones((12, 3), bool)),
        "states holds nan at index (11, 2, 18)",
    ),
    (lambda: esn.run(R, None, Y), "x is None, expected (T, B, 2): the reservoir has"),
    (lambda: esn.run(R, X), "y is None, expected (12, 3, 2): the reservoir has"),
    (lambda: esn.run(R, X, Y[:-1]), "y has shape (11, 3, 2), expected (12, 3, 2)"),
    (lambda: esn.run(ONLY_FED_BACK, X, Y), "x is given, expected None"),
    (lambda: esn.run(draw(RNG, n_out=0), X, Y), "y is given, expected None"),
    (lambda: esn.run(R, X.astype(HALF), Y), "x has dtype float32, expected float64"),
    (lambda: esn.run(R, X.tolist(), Y), "x is a list, expected a NumPy array"),
    (lambda: esn.run(R, having(X, np.nan), Y), "x holds nan at index (11, 2, 0)"),
    (lambda: esn.run(R, X, having(Y, np.inf)), "y holds inf at index (11, 2, 0)"),
    (lambda: esn.run(R, X, Y, STATES[0, :1]), "h_0 has shape (1, 20), expected (3, 20)"),
    (lambda: esn.run(R, X, Y, having(STATES[0], np.nan)), "h_0 holds nan"),
    (lambda: esn.run(R, X, Y, y_0=Y[0].astype(HALF)), "y_0 has dtype float32, expected float64"),
    (lambda: esn.run(R, X, Y, noise=0.1), "rng is None, expected a numpy"),
    (lambda: esn.run(R, X, Y, noise=-0.1, rng=RNG), "noise is -0.1"),
    (lambda: esn.run(R._replace(leak=0.0), X, Y), "leak is 0.0, expected a number above 0"),
    (lambda: esn.run(R._replace(leak=np.ones(3)), X, Y), "leak is [1. 1. 1.], expected"),
    (lambda: esn.run(R._replace(leak=np.nan), X, Y), "leak is nan, expected"),
    (lambda: esn.run(R._replace(b_h=R.b_h[:-1]), X, Y), "W_hx has shape (20, 2), expected (19, "),
    (lambda: esn.run(DENSE._replace(W_hh=STATES[0]), X, Y), "W_hh has shape (3, 20), expected (20"),
    (
        lambda: esn.run(R._replace(W_hh=R.W_hh.astype(HALF)), X, Y),
        "W_hh is sparse, of float32, expected only W_hh, of float64",
    ),
    (
        lambda: esn.run(DENSE._replace(W_hh=DENSE.W_hh.astype(HALF)), X, Y),
        "W_hh has dtype float32, expected float64",
    ),
    (lambda: esn.init(RNG, 0, H), "n_in and n_out are 0, expected an input or an output"),
    (lambda: esn.init(RNG, 1, 0), "n_hidden is 0, expected an integer from 1"),
    (lambda: esn.init(RNG, -1, H), "n_in is -1, expected an integer from 0"),
    (lambda: esn.init(RNG, 1, H, connections=0), "connections is 0, expected an integer from 1"),
    (lambda: esn.init(RNG, 1, H, connections=H + 1), "connections is 21, expected"),
    (lambda: esn.init(RNG, 1, H, spectral_radius=0.0), "spectral_radius is 0.0, expected"),
    (lambda: esn.init(RNG, 1, H, spectral_radius=np.nan), "spectral_radius is nan, expected"),
    (lambda: esn.init(RNG, 1, H, input_scale=-1.0), "input_scale is -1.0, expected"),
    (lambda: esn.init(RNG, 1, H, activation="tanh"), "activation is a str, expected a ufunc"),
    (lambda: esn.init(RNG, 1, H, feedback_scale=np.inf), "feedback_scale is inf, expected"),
    (lambda: esn.init(RNG, 1, H, bias_scale=np.nan), "bias_scale is nan, expected"),
    (lambda: esn.init(RNG, 1, H, leak=1.5), "leak is 1.5, expected a number above 0 and at most 1"),
    (lambda: esn.ensemble([]), "reservoirs is empty, expected at least one"),
    (lambda: esn.ensemble([R, ONLY_FED_BACK]), "reservoirs[1] is of ((20, 0), "),
    (lambda: free(x=None), "x is None, expected (T, B, 2): the reservoir has"),
    (lambda: free(h_0=None), "h_0 or y_0 is None, expected the state and output to go on from"),
    (lambda: free(y_0=None), "h_0 or y_0 is None"),
    (lambda: free(h_0=STATES[0, 0]), "h_0 has shape (20,), expected (3, 20)"),
    (lambda: free(y_0=having(Y[0], np.nan)), "y_0 holds nan"),
    (lambda: free(ONLY_FED_BACK, x=None), "n_steps is None, expected an integer from 1: "),
    (lambda: free(ONLY_FED_BACK, n_steps=3), "x is given, expected None"),
    (lambda: free(draw(RNG, n_out=0)), "the reservoir has no feedback, expected one drawn"),
    (
        lambda: free(readout=linear.Params(READOUT.W_yh.astype(HALF), READOUT.b_y)),
        "readout.W_yh has dtype float32, expected float64",
    ),
    (lambda: esn.fit_readout(STATES[0], Y), "states has shape (3, 20), expected (T, B, H)"),
    (lambda: esn.fit_readout(STATES, Y[1:]), "y has shape (11, 3, 2), expected (12, 3, K)"),
    (lambda: esn.fit_readout(STATES, Y.astype(HALF)), "y has dtype float32, expected float64"),
    (lambda: esn.fit_readout(STATES, Y, -1.0), "ridge is -1.0, expected a finite number from 0"),
    (
        lambda: esn.fit_readout(STATES, Y, washout=T),
        "washout is 12, expected an integer from 0 to 11, less",
    ),
    (
        lambda: esn.fit_readout(STATES, Y, washout=1.0),
        "washout is 1.0, expected an integer from 0 to 11",
    ),
    (lambda: esn.fit_readout(having(STATES, np.nan), Y), "states holds nan at index (11, 2, 18)"),
    (lambda: esn.fit_readout(STATES, having(Y, -np.inf)), "y holds -inf"),
    (lambda: esn.fit_readout(STATES, Y, mask=np.ones((T, 1))), "mask has shape (12, 1), expected"),
    (
        lambda: esn.fit_readout(STATES, Y, washout=6, mask=np.arange(T * B).reshape(T, B) < 5),
        "mask leaves no step after the washout, expected at least one",
    ),
]


@pytest.mark.parametrize("call, message", BAD, ids=range(len(BAD)))
def test_bad_input_is_refused_and_named(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value).startswith(message)


def test_a_reservoir_without_a_loop_is_refused():
    class OneWay(np.random.Generator):
        """Draws a chain: unit i listens to unit i - 1 alone, the first one to itself, weakly."""

        rows, sizes = iter([0, 0, 1, 2, 3]), iter([1e-9, 1.0, 1.0, 1.0, 1.0])

        def choice(self, n, size, replace):
            return np.array([next(self.rows)])

        def normal(self, size):
            return np.array([next(self.sizes)])

    with pytest.raises(ValueError, match="no loop"):
        esn.init(OneWay(np.random.PCG64(0)), 1, 5, connections=1)


def test_what_learns_is_the_readout_alone():
    """No function of the module returns a changed reservoir or a gradient."""
    ours = {name for name in esn.__all__ if inspect.isfunction(getattr(esn, name))}
    steps = {"step", "harvest_steps", "generate_steps"}
    assert ours - steps == {"init", "radius_of", "ensemble", "run", "generate", "fit_readout"}


@pytest.mark.parametrize("seed", [7, 11])
def test_the_radius_of_a_large_sparse_matrix_is_that_of_the_dense_one(seed):
    """Its largest eigenvalues are close: asked for one of them alone, ARPACK misses it."""
    W = initializers.sparse(np.random.default_rng(seed), 600, 600, 10)
    dense = np.abs(np.linalg.eigvals(W)).max()
    assert_allclose(esn.radius_of(sparse.csr_array(W)), dense, rtol=1e-10)
