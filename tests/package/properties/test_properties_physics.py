"""Physical systems: motions obey their equations at all sizes of numbers, or are refused."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from properties import MAGNITUDES, REFUSED, SEEDS, SMALL, finite, of_sizes, outcome
from rnncourse import physics

POSITIVE = st.floats(1e-300, 1e300)


@example(omega=1e-100, zeta=0.5, x_0=0.0, v=7.3e-187)
@given(st.floats(1e-100, 1e100), st.floats(0, 0.999), MAGNITUDES, st.floats(-5, 5))
def test_the_free_motion_has_no_unit_of_time(omega, zeta, x_0, v):
    times = np.array([0.0, 0.1, 1.0, 2.0])
    one = outcome(lambda: physics.damped_oscillator(times, 1.0, zeta, x_0, v))
    other = outcome(lambda: physics.damped_oscillator(times / omega, omega, zeta, x_0, v * omega))
    if REFUSED not in (one, other):
        assert finite(*one, *other)
        rounding = 1e-12 * max(x_0, abs(v)) + 1e-200  # of denormals, over omega
        assert_allclose(other.x, one.x, rtol=1e-9, atol=rounding)
        assert_allclose(other.v / omega, one.v, rtol=1e-9, atol=rounding)


@given(SEEDS, SMALL, POSITIVE, POSITIVE, st.floats(0, 1e300), MAGNITUDES)
def test_forced_motions_are_finite_or_refused(seed, B, dt, omega, zeta, size):
    force = of_sizes(np.random.default_rng(seed), (8, B), size)
    calls = (
        lambda: physics.driven_oscillator(force, dt, omega, zeta),
        lambda: physics.duffing(force, dt, zeta, omega, size),
    )
    for motion in map(outcome, calls):
        assert motion is REFUSED or finite(*motion)


@given(SEEDS, st.floats(0, 2), st.floats(1e-100, 1e100))
def test_a_linear_oscillator_answers_twice_the_force_by_twice_the_motion(seed, zeta, factor):
    force = np.random.default_rng(seed).normal(size=(12, 2))
    one = physics.driven_oscillator(force, 0.1, 1.0, zeta)
    many = physics.driven_oscillator(factor * force, 0.1, 1.0, zeta)
    assert_allclose(many.x, factor * one.x, rtol=1e-9, atol=1e-14 * factor)
    as_duffing = physics.duffing(force, 0.1, 2 * zeta, 1.0, 0.0)
    assert_allclose(as_duffing.x, one.x, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("solve", [physics.euler, physics.rk4])
@given(st.floats(-1e300, 1e300), MAGNITUDES, st.integers(1, 5), POSITIVE)
def test_solvers_follow_a_constant_slope_or_refuse(solve, slope, y_0, substeps, dt):
    times = np.array([0.0, dt, 2 * dt])
    y = outcome(
        lambda: solve(lambda t, y: np.full_like(y, slope), np.array([y_0]), times, substeps)
    )
    if y is not REFUSED:
        expected = y_0 + slope * times
        least = 100 * 5e-324  # a hundred roundings of denormals
        atol = 1e-12 * max(y_0, abs(slope) * dt) + least
        assert_allclose(y[:, 0], expected, rtol=1e-12, atol=atol)


@given(SEEDS, st.integers(1, 50), SMALL, POSITIVE, POSITIVE, st.floats(0, 1e300))
def test_the_random_force_is_finite_and_scales(seed, T, B, dt, tau, std):
    def draw(std):
        rng = np.random.default_rng(seed)
        return outcome(lambda: physics.ornstein_uhlenbeck(rng, T, B, dt, tau, std))

    one, many = draw(1.0), draw(std)
    if one is REFUSED or many is REFUSED:
        assert dt / tau > 1e300 or std > 1e299
        return
    assert one.shape == (T, B) and finite(one, many)
    assert_allclose(many, std * one, rtol=1e-10, atol=1e-12 * std + T * 5e-324)


@given(SEEDS, st.integers(2, 20), st.floats(1e-300, 1e300))
def test_an_autocorrelation_has_no_unit(seed, T, unit):
    x = np.random.default_rng(seed).normal(size=(T, 2))
    r = physics.autocorrelation(x, T - 1, mean=0.0)
    assert_allclose(physics.autocorrelation(x * unit, T - 1, mean=0.0), r, rtol=1e-12, atol=1e-14)
    assert np.all(r[0] == 1) and np.all(np.abs(r) <= 1 + 1e-12)
    with pytest.raises(ValueError, match="mean has shape"):
        physics.autocorrelation(x, 1, mean=np.zeros((T, 1)))


@given(st.floats(-2, 2), st.integers(10, 20), st.floats(1e-12, 1e-3))
def test_the_lyapunov_exponent_of_a_linear_slope_is_its_rate(rate, n_steps, distance):
    y_0 = np.zeros((2, 3))
    found = physics.lyapunov_exponent(lambda t, y: rate * y, y_0, 0.1, n_steps, 10, distance)
    assert_allclose(found, rate, atol=1e-6)


@given(SEEDS, MAGNITUDES)
def test_the_lorenz_slope_is_its_equations_or_refused(seed, size):
    y = of_sizes(np.random.default_rng(seed), (3, 2), size)
    slope = outcome(lambda: physics.lorenz_slope(0.0, y))
    if slope is not REFUSED:
        assert finite(slope)
        assert_allclose(slope[0], 10 * (y[1] - y[0]))
    at_rest = np.array([np.sqrt(72), np.sqrt(72), 27.0])  # a fixed point of the standard case
    assert_allclose(physics.lorenz_slope(0.0, at_rest), 0, atol=1e-13)


@given(SEEDS, st.integers(0, 20), st.integers(0, 3), st.floats(1e-300, 1e300))
def test_chaotic_series_are_on_their_attractor_or_refused(seed, T, B, dt):
    def rng():
        return np.random.default_rng(seed)

    series = outcome(lambda: physics.mackey_glass(rng(), T, B, discard=20, substeps=2))
    assert (series is not REFUSED) == (min(T, B) >= 1)
    if series is not REFUSED:
        assert series.shape == (T, B) and np.all((series > 0) & (series < 2))
        u, y = physics.narma10(rng(), T, B, discard=10)
        assert u.shape == y.shape == (T, B) and np.all(np.abs(y) < 1.5)
    series = outcome(lambda: physics.lorenz(rng(), T, B, dt, discard=5))
    assert series is REFUSED or finite(series)
    series = outcome(lambda: physics.lorenz(rng(), T, B, discard=5))
    assert (series is not REFUSED) == (min(T, B) >= 1)


def test_ten_thousand_steps():
    rng = np.random.default_rng(0)
    force = physics.ornstein_uhlenbeck(rng, 10_000, 2, 0.1, 1.0)
    motion = physics.driven_oscillator(force, 0.1, substeps=1)
    assert finite(*motion) and abs(force.std() - 1) < 0.1
    assert finite(*physics.duffing(force, 0.1, substeps=1), physics.autocorrelation(force, 20))
    assert finite(physics.mackey_glass(rng, 10_000, 1, substeps=1))
