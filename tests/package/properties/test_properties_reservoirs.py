"""Reservoirs, ridge regression and starting values, at all sizes of numbers."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import sparse

from properties import (
    DTYPES,
    MAGNITUDES,
    NO_NUMBERS,
    REFUSED,
    SEEDS,
    SMALL,
    STEPS,
    finite,
    of_sizes,
    outcome,
)
from rnncourse import esn, initializers, linear
from rnncourse.ridge import ridge_regression

SIZES = st.integers(2, 8)


def reservoir(seed, H, dtype=np.float64, size=0.9, **options):
    rng = np.random.default_rng(seed)
    return esn.init(rng, 2, H, 1, min(3, H), spectral_radius=size, dtype=dtype, **options), rng


@given(SEEDS, STEPS, SMALL, st.sampled_from((5, 30)), DTYPES, MAGNITUDES, MAGNITUDES)
def test_states_stay_between_minus_one_and_one_or_are_refused(seed, T, B, H, dtype, radius, size):
    made = outcome(lambda: reservoir(seed, H, dtype, radius, bias_scale=0.1, leak=0.5))
    if made is REFUSED:
        return
    net, rng = made
    x, y = of_sizes(rng, (T, B, 2), size, dtype), of_sizes(rng, (T, B, 1), size, dtype)
    states = outcome(lambda: esn.run(net, x, y))
    if states is not REFUSED:
        assert finite(states) and np.all(np.abs(states) <= 1) and states.dtype == dtype
        readout = linear.Params(np.ones((1, H), dtype), np.zeros(1, dtype))
        free = outcome(lambda: esn.generate(net, readout, x=x, h_0=states[-1], y_0=y[-1]))
        assert free is REFUSED or finite(*free)


@pytest.mark.parametrize("connections", [3, 10])  # of 20: a sparse array, a dense one
def test_a_linear_reservoir_that_runs_away_says_so(connections):
    rng = np.random.default_rng(0)
    kind = {"spectral_radius": 2.0, "activation": np.positive}
    net = esn.init(rng, 1, 20, 0, connections, **kind)
    assert sparse.issparse(net.W_hh) == (connections == 3)
    assert outcome(lambda: esn.run(net, np.ones((10_000, 1, 1)))) is REFUSED


@given(SEEDS, STEPS, SIZES)
def test_an_ensemble_runs_as_its_members_do(seed, T, H):
    pairs = [outcome(lambda s=s: reservoir(s, H)) for s in (seed, seed + 1)]
    assume(REFUSED not in pairs)
    members, rng = [net for net, _ in pairs], pairs[0][1]
    x, y = rng.normal(size=(T, 3, 2)), rng.normal(size=(T, 3, 2))
    together = esn.run(esn.ensemble(members), x, y)
    alone = [esn.run(net, x, y[..., k : k + 1]) for k, net in enumerate(members)]
    assert_allclose(together, np.concatenate(alone, axis=-1), rtol=1e-12, atol=1e-13)


@given(SEEDS, SMALL, st.floats(1e-300, 1e300))
def test_the_spectral_radius_grows_with_its_matrix(seed, N, size):
    W = np.random.default_rng(seed).uniform(0.1, 1, size=(N, N))
    assert_allclose(esn.radius_of(W * size), esn.radius_of(W) * size, rtol=1e-10)
    assert_allclose(esn.radius_of(sparse.csr_array(W)), esn.radius_of(W), rtol=1e-12)


@given(SEEDS, st.integers(3, 30), SMALL, MAGNITUDES, MAGNITUDES, MAGNITUDES)
def test_ridge_regression_is_finite_or_refused(seed, M, N, of_X, of_Y, ridge):
    rng = np.random.default_rng(seed)
    X, Y = of_sizes(rng, (M, N), of_X), of_sizes(rng, (M, 2), of_Y)
    result = outcome(lambda: ridge_regression(X, Y, ridge))
    assert result is REFUSED or finite(*result)


@example(seed=0, N=3, of_X=1e-160, of_Y=1.0)  # squares of X are denormal
@given(SEEDS, SMALL, st.floats(1e-300, 1e150), st.floats(1e-150, 1e150))
def test_ridge_regression_has_no_units_or_is_refused(seed, N, of_X, of_Y):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(20, N)), rng.normal(size=(20, 2))
    result = outcome(lambda: ridge_regression(X * of_X, Y * of_Y))
    if result is REFUSED:
        assert of_Y / of_X > 1e300
        return
    W, b = ridge_regression(X, Y)
    assert_allclose(result[0] / of_Y * of_X, W, rtol=1e-9, atol=1e-12)
    assert_allclose(result[1] / of_Y, b, rtol=1e-9, atol=1e-12)


def test_weights_that_no_number_can_hold_are_refused():
    rng = np.random.default_rng(0)
    X, Y = 1e-310 * rng.normal(size=(3, 1)), rng.normal(size=(3, 2))
    with pytest.raises(ValueError, match=r"X holds numbers of up to .*e-31.*: scale X, or"):
        ridge_regression(X, Y, 0.0)
    with pytest.raises(ValueError, match="ridge is '1', expected a finite number from 0"):
        ridge_regression(Y, Y, "1")


@given(SEEDS, st.integers(1, 4), st.floats(1e-100, 1e100), st.floats(0, 10), DTYPES)
def test_the_readout_leaves_no_slope(seed, N, unit, share, dtype):
    assume(1e-15 < unit < 1e15 or dtype == np.float64)
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(20, N)) * unit, rng.normal(size=(20, 2))
    W, b = ridge_regression(X, Y, share * unit**2)
    residual = Y - X @ W - b
    assert_allclose(residual.sum(axis=0), 0, atol=1e-11)
    assert_allclose(X.T @ residual / unit, share * unit * W, atol=1e-11)
    states, y = X[:, np.newaxis].astype(dtype), Y[:, np.newaxis].astype(dtype)
    readout = esn.fit_readout(states, y, share * unit**2)
    assert readout.W_yh.dtype == dtype
    assert_allclose(readout.W_yh.T * unit, W * unit, rtol=0, atol=1e3 * np.finfo(dtype).eps)


@given(SEEDS, SMALL, SMALL, st.floats(-1e150, 1e150))
def test_starting_values_scale_and_have_their_structure(seed, n_out, n_in, scale):
    def draw(name, *sizes, **options):
        return getattr(initializers, name)(np.random.default_rng(seed), *sizes, **options)

    unit, tolerance = draw("gaussian", n_out, n_in, scale=1.0), 1e-14
    assert_allclose(draw("gaussian", n_out, n_in, scale=scale), scale * unit, rtol=tolerance)
    Q, few = draw("orthogonal", n_out, n_in), min(n_out, n_in)
    gram = Q @ Q.T if n_out <= n_in else Q.T @ Q
    assert_allclose(gram, np.eye(few), atol=tolerance)
    assert_allclose(draw("orthogonal", n_out, n_in, gain=scale), scale * Q, rtol=tolerance)
    assert_allclose(draw("identity", n_in, n_in, scale=scale), scale * np.eye(n_in))
    W = draw("sparse", n_out, n_in, connections=few, scale=1.0)
    assert np.all(np.count_nonzero(W, axis=1) == few)


@given(SEEDS, SIZES, st.floats(1e-290, 1e290))
def test_echo_state_has_its_spectral_radius_or_is_refused(seed, H, radius):
    rng = np.random.default_rng(seed)
    W = outcome(lambda: initializers.echo_state(rng, H, H, 1, radius))
    if W is not REFUSED:
        assert_allclose(esn.radius_of(W / np.abs(W).max()) * np.abs(W).max(), radius, rtol=1e-6)


@given(NO_NUMBERS)
def test_a_scale_that_is_no_number_is_refused(bad):
    rng = np.random.default_rng(0)
    for name, option in (("gaussian", "scale"), ("orthogonal", "gain"), ("identity", "scale")):
        with pytest.raises(ValueError, match=f"{option} is {bad}, expected a finite number"):
            getattr(initializers, name)(rng, 2, 2, **{option: bad})
    with pytest.raises(ValueError, match="scale is"):
        initializers.sparse(rng, 2, 2, 1, scale=bad)
