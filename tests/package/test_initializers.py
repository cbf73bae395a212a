"""Starting values: what each initializer promises of its matrix."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import initializers, linear, rnn
from rnncourse.initializers import echo_state, gaussian, identity, orthogonal, sparse


def rng(seed=0):
    return np.random.default_rng(seed)


def test_gaussian_keeps_the_size_of_its_input():
    for n_in in (10, 100, 1000):
        W = gaussian(rng(), 400, n_in)
        assert_allclose(W.std(), n_in**-0.5, rtol=0.05)
        assert abs(W.mean()) < 0.05 * n_in**-0.5
        x = rng(1).normal(size=n_in)
        assert_allclose(np.mean((W @ x) ** 2), np.mean(x**2) * np.mean(W**2) * n_in, rtol=0.2)
    assert_allclose(gaussian(rng(), 400, 100, scale=0.3).std(), 0.3, rtol=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (9, 4), (4, 9)])
@pytest.mark.parametrize("gain", [1.0, 1.3])
def test_orthogonal_has_equal_singular_values(shape, gain):
    W = orthogonal(rng(), *shape, gain=gain)
    assert W.shape == shape
    assert_allclose(np.linalg.svd(W, compute_uv=False), gain, rtol=1e-13)
    n = min(shape)
    gram = W @ W.T if shape[0] <= shape[1] else W.T @ W
    assert_allclose(gram, gain**2 * np.eye(n), atol=1e-13)


def test_orthogonal_prefers_no_sign_and_no_direction():
    # Householder QR alone gives a fixed sign to the diagonal of R: far from uniform
    drawn = np.array([orthogonal(rng(seed), 3, 3) for seed in range(2000)])
    assert np.abs(drawn.mean(axis=0)).max() < 5 / np.sqrt(3 * 2000)  # entries: variance 1/3
    assert_allclose((drawn**2).mean(axis=0), 1 / 3, atol=0.04)
    assert abs(np.linalg.det(drawn).mean()) < 5 / np.sqrt(2000)  # as many reflections as rotations
    trace = np.trace(drawn, axis1=1, axis2=2)  # uniform on O(3): mean 0, variance 1
    assert abs(trace.mean()) < 0.12 and abs(trace.var() - 1) < 0.12


def test_identity_keeps_a_state():
    assert_array_equal(identity(rng(), 4, 4), np.eye(4))
    assert_array_equal(identity(rng(), 4, 4, scale=0.5), 0.5 * np.eye(4))


@pytest.mark.parametrize(("n_in", "connections"), [(40, 15), (15, 15), (6, 1), (20, 3)])
def test_sparse_has_exactly_so_many_connections_a_row(n_in, connections):
    W = sparse(rng(), 200, n_in, connections)
    assert_array_equal((W != 0).sum(axis=1), connections)
    assert (W != 0).any(axis=0).all()  # every input is heard by somebody
    assert_allclose(W[W != 0].std(), 1, rtol=0.2)
    assert_allclose(sparse(rng(), 200, n_in, connections, scale=0.1), 0.1 * W)


@pytest.mark.parametrize("spectral_radius", [0.9, 1.1, 1.25])
@pytest.mark.parametrize("n", [1, 5, 100])
def test_echo_state_has_the_spectral_radius(n, spectral_radius):
    W = echo_state(rng(), n, n, spectral_radius=spectral_radius)
    assert_allclose(np.abs(np.linalg.eigvals(W)).max(), spectral_radius, rtol=1e-10)
    assert_array_equal((W != 0).sum(axis=1), min(15, n))


def test_echo_state_refuses_a_matrix_that_no_scale_can_help():
    class Upper(np.random.Generator):
        """An rng that draws 0 -> 1 -> 2 -> 2 with weight zero: all powers end at zero."""

        row = 0

        def choice(self, n, size, replace):
            self.row += 1
            return np.array([min(self.row, n - 1)])

        def normal(self, size):
            return np.zeros(size)

    with pytest.raises(ValueError, match="nilpotent"):
        echo_state(Upper(np.random.PCG64(0)), 3, 3, connections=1)


def test_fifteen_connections_a_row_are_the_default():
    assert_array_equal((sparse(rng(), 20, 40) != 0).sum(axis=1), 15)


@pytest.mark.parametrize(
    ("draw", "sizes", "options", "message"),
    [
        (gaussian, (3, 3), {"scale": np.inf}, "scale is inf, expected a finite number"),
        (identity, (3, 3), {"scale": -np.inf}, "scale is -inf, expected a finite number"),
        (identity, (3, 4), {}, "n_in is 4, expected n_out = 3: the identity is square"),
        (echo_state, (3, 4), {}, "n_in is 4, expected n_out = 3: a recurrent matrix is square"),
        (
            echo_state,
            (3, 3),
            {"spectral_radius": np.inf},
            "spectral_radius is inf, expected a positive finite number",
        ),
    ],
)
def test_what_no_matrix_can_have_is_refused(draw, sizes, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        draw(rng(), *sizes, **options)


def test_a_small_spectral_radius_is_no_nilpotent_matrix():
    class Small(np.random.Generator):
        """An rng that draws one weight, 1e-6."""

        def choice(self, n, size, replace):
            return np.array([0])

        def normal(self, size):
            return np.full(size, 1e-6)

    assert_allclose(echo_state(Small(np.random.PCG64(0)), 1, 1), 1.1)


DRAWN = [gaussian, orthogonal, sparse, echo_state]


@pytest.mark.parametrize("draw", DRAWN)
def test_the_generator_alone_decides(draw):
    assert_array_equal(draw(rng(3), 16, 16), draw(rng(3), 16, 16))
    assert not np.array_equal(draw(rng(3), 16, 16), draw(rng(4), 16, 16))
    assert draw(rng(), 16, 16).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cells_start_with_zero_bias_and_the_initializer_that_they_are_given(dtype):
    params = rnn.init(rng(), 3, 20, init_hh=initializers.echo_state, dtype=dtype)
    assert params.W_hx.shape == (20, 3) and params.W_hh.shape == (20, 20)
    assert_allclose(np.abs(np.linalg.eigvals(params.W_hh)).max(), 1.1, rtol=1e-4)
    readout = linear.init(rng(), 20, 2, init_yh=orthogonal, dtype=dtype)
    assert_allclose(readout.W_yh @ readout.W_yh.T, np.eye(2), atol=1e-6)
    for array in (*params, *readout):
        assert array.dtype == dtype
    assert not params.b_h.any() and not readout.b_y.any()
    default = rnn.init(rng(), 3, 20)
    assert_allclose(np.linalg.svd(default.W_hh, compute_uv=False), 1, rtol=1e-12)
