"""Claims of `rnncourse.physics`: order of accuracy, exactness, causality, statistics, bad input."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import physics
from rnncourse.inputs import kind_of


def order_of(solver, f, y_0, exact, t_end=2.0):
    """Return the slope of log(error) against log(step) over five halvings of the step."""
    steps = np.array([8, 16, 32, 64, 128, 256])
    errors = [
        np.abs(solver(f, y_0, np.linspace(0, t_end, n + 1))[-1] - exact(t_end)).max() for n in steps
    ]
    return -np.polyfit(np.log(steps), np.log(errors), 1)[0]


def expm(A):
    """Matrix exponential of a small matrix, by scaling, Taylor's series and squaring."""
    term = total = np.eye(len(A))
    for n in range(1, 25):
        term = term @ A / (n * 2**6)
        total = total + term
    for _ in range(6):
        total = total @ total
    return total


def exact_response(force, dt, omega, zeta, x_0, v_0):
    """Propagate (x, v, F, F') over each interval by one matrix exponential: exact for a ramp."""
    A = np.zeros((4, 4))
    A[0, 1] = A[1, 2] = A[2, 3] = 1
    A[1, :2] = -(omega**2), -2 * zeta * omega
    step, y = expm(A * dt), [np.array([x_0, v_0])]
    for k in range(len(force) - 1):
        y.append((step @ [*y[-1], force[k], (force[k + 1] - force[k]) / dt])[:2])
    return np.array(y)


@pytest.mark.parametrize("solver, order", [(physics.euler, 1), (physics.rk4, 4)])
def test_order_of_accuracy(solver, order):
    # Nonlinear and dependent on time, with a closed form: y' = -2 t y^2, y = 1 / (1 + t^2).
    slope = order_of(solver, lambda t, y: -2 * t * y**2, [1.0], lambda t: 1 / (1 + t**2))
    assert abs(slope - order) < 0.15
    # A rotation, complex: y' = i y.
    slope = order_of(solver, lambda t, y: 1j * y, 1 + 0j, lambda t: np.exp(1j * t))
    assert abs(slope - order) < 0.15


def test_rk4_is_exact_where_taylor_stops_at_order_four():
    times = np.array([0.0, 0.3, 1.0, 1.1, 2.5])
    y = physics.rk4(lambda t, y: 4 * t**3 - 3 * t**2 + 1, 2.0, times)
    assert_allclose(y, times**4 - times**3 + times + 2, rtol=1e-13)


def test_substeps_are_steps():
    def f(t, y):
        return np.cos(t) - y**3

    for solver in physics.euler, physics.rk4:
        coarse = solver(f, [0.3, -0.2], np.linspace(0, 3, 7), substeps=5)
        fine = solver(f, [0.3, -0.2], np.linspace(0, 3, 31))
        assert coarse.shape == (7, 2)
        assert_allclose(coarse, fine[::5], rtol=1e-12)


def test_a_slope_may_write_into_its_own_array():
    def lorenz(t, y, out=None):
        out = np.empty_like(y) if out is None else out
        out[0], out[1] = 10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1]
        out[2] = y[0] * y[1] - 8 / 3 * y[2]
        return out

    one, y_0, times = np.empty(3), np.array([1.0, 2.0, 20.0]), np.linspace(0, 2, 21)
    for solver in (physics.euler, physics.rk4):
        into_one = solver(lambda t, y: lorenz(t, y, one), y_0, times, substeps=4)
        assert_array_equal(into_one, solver(lorenz, y_0, times, substeps=4))
    exponents = (
        physics.lyapunov_exponent(f, y_0, dt=0.1, n_steps=200)
        for f in (lambda t, y: lorenz(t, y, one), lorenz)
    )
    assert len({float(found) for found in exponents}) == 1


@pytest.mark.equation("1.7", code="physics.euler")
def test_a_recurrent_step_is_a_step_of_euler():
    rng = np.random.default_rng(1)
    W, h_0 = rng.standard_normal((3, 3)), rng.standard_normal(3)
    y = physics.euler(lambda t, h: np.tanh(W @ h) - h, h_0, np.arange(5.0))
    for t in range(4):
        assert_allclose(y[t + 1], np.tanh(W @ y[t]), atol=1e-15)


@pytest.mark.equation("1.8", code="physics.damped_oscillator")
def test_damped_oscillator_satisfies_its_equation():
    rng = np.random.default_rng(2)
    omega, zeta = rng.uniform(0.5, 3, 6), rng.uniform(0, 0.95, 6)
    x_0, v_0 = rng.standard_normal((2, 6))
    times = np.linspace(0, 8, 400)

    def f(t, y):
        return np.stack((y[1], -2 * zeta * omega * y[1] - omega**2 * y[0]))

    x, v = physics.damped_oscillator(times, omega, zeta, x_0, v_0)
    assert x.shape == v.shape == (400, 6)
    assert_array_equal(x[0], x_0)
    assert_array_equal(v[0], v_0)
    y = physics.rk4(f, [x_0, v_0], times, substeps=8)
    assert_allclose(y[:, 0], x, atol=1e-9)
    assert_allclose(y[:, 1], v, atol=1e-9)


def test_damped_oscillator_shapes_and_energy():
    times = np.linspace(0, 30, 50)
    x, v = physics.damped_oscillator(times, 2.0, 0.0, 1.0, 0.5)
    assert x.shape == (50,)
    assert_allclose(v**2 + 4 * x**2, 4.25, rtol=1e-12)
    assert physics.damped_oscillator(times, 2.0, [0.1], 1.0, 0.0).x.shape == (50, 1)


def test_driven_oscillator_against_the_matrix_exponential():
    rng = np.random.default_rng(3)
    for omega, zeta in (0.7, 0.0), (1.3, 0.2), (2.0, 1.0), (1.0, 1.7):
        force, (x_0, v_0) = rng.standard_normal(40), rng.standard_normal(2)
        exact = exact_response(force, 0.2, omega, zeta, x_0, v_0)
        errors = []
        for substeps in 4, 8, 16, 32:
            x, v = physics.driven_oscillator(force, 0.2, omega, zeta, x_0, v_0, substeps)
            errors.append(np.abs(np.stack((x, v), 1) - exact).max())
        assert errors[0] < 1e-5
        slope = -np.polyfit(np.log([4, 8, 16, 32]), np.log(errors), 1)[0]
        assert abs(slope - 4) < 0.15  # the kinks of the force do not spoil the order


def test_driven_oscillator_at_and_off_resonance():
    # Steady state under cos(w t): the real part of exp(i w t) / (omega^2 - w^2 + 2 i zeta omega w).
    omega, zeta, dt = 1.5, 0.1, 0.02
    t = dt * np.arange(4000)
    for w in 0.5, 1.5, 2.5:
        transfer = 1 / (omega**2 - w**2 + 2j * zeta * omega * w)
        x = physics.driven_oscillator(np.cos(w * t), dt, omega, zeta, substeps=1).x
        steady = np.real(transfer * np.exp(1j * w * t))
        assert_allclose(x[t > 60], steady[t > 60], atol=2e-3 * abs(transfer))


def test_driven_oscillator_without_force_is_the_damped_one():
    params = {"omega": [1.0, 2.0], "zeta": [0.05, 0.3], "x_0": [1.0, -1.0], "v_0": 0.5}
    free = physics.damped_oscillator(0.1 * np.arange(80), **params)
    driven = physics.driven_oscillator(np.zeros((80, 2)), 0.1, **params)
    assert_allclose(driven.x, free.x, atol=1e-6)
    assert_allclose(driven.v, free.v, atol=1e-6)


@pytest.mark.equation("1.4", code="physics.duffing")
def test_duffing_order_and_default_accuracy():
    rng = np.random.default_rng(4)
    force = 2 * physics.ornstein_uhlenbeck(rng, 60, 5, 0.2, 2.0)
    exact = physics.duffing(force, 0.2, substeps=100)
    errors = [np.abs(physics.duffing(force, 0.2, substeps=n).x - exact.x).max() for n in (4, 8, 16)]
    assert errors[0] < 1e-3 < 1 < np.abs(exact.x).max()
    assert abs(-np.polyfit(np.log([4, 8, 16]), np.log(errors), 1)[0] - 4) < 0.2


def test_duffing_conserves_energy_without_damping_and_force():
    drift = []
    for substeps in 4, 8:
        x, v = physics.duffing(
            np.zeros((500, 3)), 0.2, damping=0, x_0=[0.5, 1, 2], v_0=0.3, substeps=substeps
        )
        energy = v**2 / 2 + x**2 / 2 + 0.5 * x**4 / 4
        drift.append(np.abs(energy / energy[0] - 1).max())
    assert drift[0] < 2e-3
    assert drift[0] / drift[1] > 2**4  # the energy drift falls at least as the error does


@pytest.mark.equation("1.4", code="physics.duffing")
def test_duffing_without_cubic_is_the_driven_oscillator():
    force = np.random.default_rng(5).standard_normal((50, 4))
    linear = physics.driven_oscillator(force, 0.2, omega=1.2, zeta=0.25)
    same = physics.duffing(force, 0.2, damping=0.6, stiffness=1.44, cubic=0)
    assert_allclose(same.x, linear.x, atol=1e-13)


@pytest.mark.parametrize("system", [physics.duffing, physics.driven_oscillator])
def test_the_response_is_causal_to_the_last_bit(system):
    rng = np.random.default_rng(6)
    force = rng.standard_normal((30, 3))
    motion = system(force, 0.2)
    assert_array_equal(motion.x[0], 0)
    assert_array_equal(motion.v[0], 0)
    for t in 1, 7, 28:
        later = force.copy()
        later[t + 1 :] = 100 * rng.standard_normal(later[t + 1 :].shape)
        changed = system(later, 0.2)
        assert_array_equal(changed.x[: t + 1], motion.x[: t + 1])
        assert_array_equal(changed.v[: t + 1], motion.v[: t + 1])
        now = force.copy()
        now[t] += 1.0  # and x[t] does see force[t]
        assert np.all(system(now, 0.2).x[t] != motion.x[t])


@pytest.mark.parametrize("system", [physics.duffing, physics.driven_oscillator])
def test_a_batch_is_its_series_one_by_one(system):
    force = np.random.default_rng(7).standard_normal((20, 3))
    x, v = system(force, 0.3, x_0=[0.1, 0.2, 0.3])
    for b in range(3):
        alone = system(force[:, b], 0.3, x_0=0.1 * (b + 1))
        assert_allclose(alone.x, x[:, b], rtol=1e-12)
        assert_allclose(alone.v, v[:, b], rtol=1e-12)
    integers = system(np.ones((20, 3), int), 0.3)
    assert_array_equal(integers.x, system(np.ones((20, 3)), 0.3).x)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ornstein_uhlenbeck_statistics(seed):
    T, B, dt, tau, std = 40, 20_000, 0.2, 2.0, 1.7
    F = physics.ornstein_uhlenbeck(np.random.default_rng(seed), T, B, dt, tau, std)
    assert F.shape == (T, B)
    # Across series the samples are independent, so the standard errors below are exact.
    assert np.abs(F.mean(axis=1)).max() < 5 * std / np.sqrt(B)
    assert np.abs(F.var(axis=1) / std**2 - 1).max() < 5 * np.sqrt(
        2 / B
    )  # at every step: stationary
    for k in 1, 5, 20:
        r, expected = np.mean(F[0] * F[k]) / std**2, np.exp(-k * dt / tau)
        assert abs(r - expected) < 5 * np.sqrt((1 + expected**2) / B)


def test_ornstein_uhlenbeck_diffuses_as_it_should_however_short_the_steps():
    for ratio in (1e-3, 1e-9, 1e-14, 1e-17, 1e-300):
        F = physics.ornstein_uhlenbeck(np.random.default_rng(3), 2, 10, ratio, 1.0)
        force, kick = np.random.default_rng(3).standard_normal((2, 10))
        expected = np.sqrt(2 * ratio) * kick - ratio * force  # to first order in dt
        if ratio > 1e-10:
            assert_allclose(F[1] - F[0], expected, rtol=0.01)
        at_rest = physics.ornstein_uhlenbeck(OneKick(np.random.PCG64()), 2, 1, ratio, 1.0)
        assert_allclose(at_rest[1], np.sqrt(2 * ratio), rtol=1e-3)


class OneKick(np.random.Generator):
    """Random numbers of which the first is 0 and the second 1."""

    def standard_normal(self, shape):
        return np.array([[0.0], [1.0]])


def test_ornstein_uhlenbeck_repeats_with_its_rng():
    def draw():
        return physics.ornstein_uhlenbeck(np.random.default_rng(8), 5, 2, 0.1, 1.0)

    assert_array_equal(draw(), draw())


@pytest.mark.equation("1.5", code="physics.autocorrelation")
def test_autocorrelation():
    x = np.random.default_rng(9).standard_normal((50, 3))
    r = physics.autocorrelation(x, 10)
    known = physics.autocorrelation(x, 3, mean=0.5)
    d = x - 0.5
    assert_allclose(known[3], (d[:-3] * d[3:]).sum(axis=0) / (d * d).sum(axis=0), rtol=1e-12)
    d = x[:, 1] - x[:, 1].mean()
    assert_allclose(
        r[:, 1], [sum(d[t] * d[t + k] for t in range(50 - k)) / (d @ d) for k in range(11)]
    )
    assert_array_equal(r[0], 1)
    assert_allclose(physics.autocorrelation(x[:, 2], 10), r[:, 2], rtol=1e-13)
    long = physics.ornstein_uhlenbeck(np.random.default_rng(10), 50_000, 1, 0.2, 2.0)
    assert_allclose(
        physics.autocorrelation(long, 10)[:, 0], np.exp(-0.1 * np.arange(11)), atol=0.05
    )


def rotation(t, y):
    return 1j * y


t3, rng_0 = np.arange(3.0), np.random.default_rng(0)
force_nan = np.array([[0.0], [np.nan]])
BAD = [
    (lambda: physics.rk4(rotation, 1.0, [0, 2, 1]), "times", "increase"),
    (lambda: physics.rk4(rotation, 1.0, [0, 1, 1]), "times", "increase"),
    (lambda: physics.euler(rotation, 1.0, [[0, 1]]), "times", r"\(1, 2\)"),
    (lambda: physics.euler(rotation, 1.0, []), "times", r"\(0,\)"),
    (lambda: physics.euler(rotation, np.nan, t3), "y_0", "nan at index"),
    (lambda: physics.euler(rotation, "a", t3), "y_0", "numbers"),
    (lambda: physics.rk4(lambda t, y: [1.0], [1.0, 2.0], t3), "f", r"\(1,\).*\(2,\)"),
    (lambda: physics.rk4(rotation, 1.0, t3, substeps=0), "substeps", "0"),
    (lambda: physics.rk4(rotation, 1.0, t3, substeps=1.5), "substeps", "1.5"),
    (lambda: physics.damped_oscillator(t3, 1, 1.0, 1, 0), "zeta", "0 <= zeta < 1"),
    (lambda: physics.damped_oscillator(t3, 1, -0.1, 1, 0), "zeta", "0 <= zeta < 1"),
    (
        lambda: physics.damped_oscillator(t3, 0, 0.1, 1, 0),
        "omega",
        "expected positive finite numbers",
    ),
    (lambda: physics.damped_oscillator(t3[::-1], 1, 0.1, 1, 0), "times", "increase"),
    (lambda: physics.damped_oscillator(t3, 1, 0.1, [1, 2], [0, 0, 0]), "the parameters", r"\(3,\)"),
    (lambda: physics.damped_oscillator(t3, 1, 0.1, np.inf, 0), "x_0", "finite"),
    (lambda: physics.driven_oscillator(t3, 0.0), "dt", "expected a positive finite number"),
    (
        lambda: physics.driven_oscillator(t3, [0.1, 0.2, 0.2]),
        "dt",
        "expected a positive finite number",
    ),
    (
        lambda: physics.driven_oscillator(t3, 0.1, omega=-1),
        "omega",
        "expected positive finite numbers",
    ),
    (lambda: physics.driven_oscillator(t3, 0.1, zeta=-1), "zeta", "0 or more"),
    (lambda: physics.driven_oscillator(force_nan, 0.1), "force", "nan at index"),
    (lambda: physics.driven_oscillator(t3 + 1j, 0.1), "force", "complex"),
    (lambda: physics.driven_oscillator(np.zeros((3, 2)), 0.1, zeta=[0.1] * 3), "zeta", r"\(3,\)"),
    (
        lambda: physics.driven_oscillator(np.ones(500), 9.0, substeps=1),
        "the motion runs away",
        "dt is 9",
    ),
    (lambda: physics.duffing(np.zeros((3, 2, 1)), 0.1), "force", r"\(3, 2, 1\).*\(T, B\)"),
    (lambda: physics.duffing(np.zeros((0, 2)), 0.1), "force", r"\(0, 2\)"),
    (lambda: physics.duffing(t3, -0.1), "dt", "expected a positive finite number"),
    (lambda: physics.duffing(t3, 0.1, damping=np.nan), "damping", "nan at index"),
    (lambda: physics.duffing(t3, 0.1, x_0=[1, 2]), "x_0", r"\(2,\)"),
    (lambda: physics.duffing(np.ones(500), 0.2, cubic=-1, x_0=3), "the motion runs away", "binds"),
    (lambda: physics.ornstein_uhlenbeck(rng_0, 0, 1, 0.1, 1), "n_steps", "0"),
    (lambda: physics.ornstein_uhlenbeck(rng_0, 1, 2.0, 0.1, 1), "n_series", "2.0"),
    (
        lambda: physics.ornstein_uhlenbeck(rng_0, 1, 1, 0, 1),
        "dt",
        "expected a positive finite number",
    ),
    (
        lambda: physics.ornstein_uhlenbeck(rng_0, 1, 1, 0.1, -1),
        "correlation_time",
        "expected a positive finite number",
    ),
    (
        lambda: physics.ornstein_uhlenbeck(rng_0, 1, 1, 0.1, 1, std=-1),
        "std",
        "expected a finite number from 0",
    ),
    (lambda: physics.euler(lambda t, y: y * np.nan, 1.0, t3), "the solution at", "= 1 is not f"),
    (
        lambda: physics.rk4(lambda t, y: y * (np.nan if t > 1 else 1), [1.0, 2], t3),
        "the solution at",
        "= 2",
    ),
    (lambda: physics.autocorrelation(t3, 3), "max_lag", "from 0 to 2, less than the length"),
    (lambda: physics.autocorrelation(t3, 1.5), "max_lag", "1.5"),
    (lambda: physics.autocorrelation(np.ones(5), 1), "x", "constant"),
    (lambda: physics.autocorrelation(np.ones((5, 1, 1)), 1), "x", r"\(5, 1, 1\)"),
    (lambda: physics.autocorrelation(np.stack([t3, 0 * t3], 1), 1), "x", "constant"),  # one of two
    (lambda: physics.autocorrelation(t3, 1, mean="a"), "mean", "numbers"),
    (lambda: physics.duffing(np.array([0, 1e308]), 9.0, cubic=0), "the motion runs away", "dt"),
    *(
        (
            lambda name=name, system=system: system(np.zeros((3, 2)), 0.1, **{name: [0.1] * 3}),
            name,
            r"shape \(3,\), expected a number or \(2,\), one for each series",
        )
        for system, names in (
            (physics.driven_oscillator, ("omega", "zeta", "x_0", "v_0")),
            (physics.duffing, ("damping", "stiffness", "cubic", "x_0", "v_0")),
        )
        for name in names
    ),
]


@pytest.mark.parametrize("call, name, what", BAD)
def test_bad_input(call, name, what):
    with pytest.raises(ValueError, match=rf"(?s)^{name}\b.*{what}"):
        call()


# ---- chaotic systems, and the driven one of week 6 ----------------------------------------------


@pytest.mark.equation("6.12", code=["physics.lorenz_slope", "physics.lorenz"])
def test_lorenz_is_the_equation_and_stays_on_the_attractor():
    x = physics.lorenz(np.random.default_rng(0), 50, 3, dt=0.001, substeps=1, discard=3000)
    assert x.shape == (50, 3, 3)
    slope = (x[2:] - x[:-2]) / 0.002  # central differences, error about 1e-4 relative
    X, Y, Z = np.moveaxis(x[1:-1], 2, 0)
    expected = np.stack([10 * (Y - X), X * (28 - Z) - Y, X * Y - 8 / 3 * Z], axis=-1)
    assert_allclose(slope, expected, atol=0.02)
    long = physics.lorenz(np.random.default_rng(1), 200, 20)
    assert np.all(long[..., 2] > 0) and np.abs(long).max() < 50
    # it contracts volumes, so a fixed point of the slope is not where it stays
    C = np.sqrt(8 / 3 * 27)
    assert_allclose(physics.lorenz_slope(0.0, np.array([C, C, 27.0])), 0, atol=1e-12)


def test_largest_lyapunov_exponent():
    # a linear system: the larger eigenvalue, whatever the start
    A = np.array([[-0.3, 1.0], [0.0, -1.5]])
    found = physics.lyapunov_exponent(lambda t, y: A @ y, np.ones((2, 4)), 1.0, 300)
    assert_allclose(found, -0.3, rtol=1e-4)
    start = physics.lorenz(np.random.default_rng(2), 1, 20)[0].T
    found = physics.lyapunov_exponent(physics.lorenz_slope, start, 0.2, 200)
    assert found.shape == (20,)
    assert abs(found.mean() - 0.906) < 0.03  # the value in the literature; 20 short runs


@pytest.mark.equation("6.11", code="physics.mackey_glass")
def test_mackey_glass_is_eulers_method_on_a_delay():
    rng = np.random.default_rng(3)
    y = physics.mackey_glass(rng, 40, 2, delay=17, substeps=1, discard=0)
    now, past = y[17:-1], y[:-18]
    assert_allclose(y[18:], now + 0.2 * past / (1 + past**10) - 0.1 * now, rtol=1e-12)
    start = np.random.default_rng(3).uniform(0.5, 1.5, size=2)
    assert_array_equal(y[0], start)
    fine = physics.mackey_glass(np.random.default_rng(3), 40, 2, discard=0)
    finer = physics.mackey_glass(np.random.default_rng(3), 40, 2, discard=0, substeps=20)
    assert 1e-5 < np.abs(fine - finer).max() < 0.02  # order 1
    long = physics.mackey_glass(np.random.default_rng(4), 500, 20, delay=30)
    assert abs(long.var() - 0.067) < 0.03  # Jaeger quotes 0.067 for delay 30 in other units of y


@pytest.mark.equation("6.13", code="physics.narma10")
def test_narma10_is_its_recurrence_and_causal():
    u, y = physics.narma10(np.random.default_rng(5), 300, 4)
    for t in range(20, 300):
        expected = 0.3 * y[t - 1] + 0.05 * y[t - 1] * sum(y[t - i] for i in range(1, 11))
        assert_allclose(y[t], expected + 1.5 * u[t - 9] * u[t] + 0.1, rtol=1e-12)
    assert u.min() >= 0 and u.max() <= 0.5 and np.abs(y).max() < 1.5


def test_narma10_draws_runaways_anew():
    u, y = physics.narma10(np.random.default_rng(6), 3000, 2000)
    assert np.isfinite(y).all() and 1.2 < np.abs(y).max() < 1.5  # those that come back are kept


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda r: physics.lorenz(r, 0, 1), "n_steps is 0, expected an integer from 1"),
        (
            lambda r: physics.lorenz(r, 5, 1, discard=-1),
            "discard is -1, expected an integer from 0",
        ),
        (lambda r: physics.lorenz(r, 5, 1, dt=0.0), "dt is 0.0, expected a positive finite number"),
        (lambda r: physics.lorenz(r, 5, 1, dt=1.0, substeps=1), "dt is 1 with 1 substeps"),
        (lambda r: physics.mackey_glass(r, 5, 1, delay=17.5), "delay is 17.5, expected an integer"),
        (lambda r: physics.mackey_glass(r, 5, 0), "n_series is 0, expected"),
        (
            lambda r: physics.narma10(r, 5, 1, discard=9),
            "discard is 9, expected an integer from 10",
        ),
        (lambda r: physics.narma10(r, 5.0, 1), "n_steps is 5.0, expected"),
        (
            lambda r: physics.lyapunov_exponent(physics.lorenz_slope, np.full(3, np.nan), 0.1, 20),
            "y_0 holds nan at index",
        ),
        (
            lambda r: physics.lyapunov_exponent(physics.lorenz_slope, np.ones(3), 0.1, 5),
            "n_steps is 5, expected an integer from 10",
        ),
        (
            lambda r: physics.lyapunov_exponent(lambda t, y: y, np.ones(3), 1.0, 90),
            "distance is 1e-08: after .* neighbors coincide",
        ),
    ],
)
def test_bad_input_of_the_chaotic_systems(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


@pytest.mark.parametrize("rng", [None, 0, np.random.RandomState(0)])
def test_what_is_no_generator_is_refused(rng):
    calls = (
        lambda: physics.ornstein_uhlenbeck(rng, 5, 1, 0.1, 1.0),
        lambda: physics.lorenz(rng, 5, 1),
        lambda: physics.mackey_glass(rng, 5, 1),
        lambda: physics.narma10(rng, 5, 1),
    )
    message = f"rng is {kind_of(rng)}, expected a numpy.random.Generator"
    for call in calls:
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, n, discard: physics.lorenz(rng, n, 2, discard=discard),
        lambda rng, n, discard: physics.mackey_glass(rng, n, 2, delay=1, discard=discard),
    ],
    ids=["lorenz", "mackey_glass"],
)
def test_what_is_discarded_is_the_beginning(draw):
    whole = draw(np.random.default_rng(0), 31, 0)
    assert_array_equal(draw(np.random.default_rng(0), 1, 30), whole[30:])


def test_narma10_starts_from_zero_at_its_eleventh_step():
    u, y = physics.narma10(np.random.default_rng(7), 1, 2000, discard=10)
    u_1 = np.random.default_rng(7).uniform(0, 0.5, size=(11, 2000))[1]
    assert_allclose(y[0], 1.5 * u_1 * u[0] + 0.1, rtol=1e-14)


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_autocorrelation_has_no_unit_in_any_series(unit):
    x = np.random.default_rng(8).normal(size=(50, 2))
    expected = physics.autocorrelation(x, 5)
    assert_allclose(physics.autocorrelation(x * [1, unit], 5), expected, rtol=1e-13)


def test_mackey_glass_is_as_near_its_equation_as_it_says():
    def series(substeps):
        return physics.mackey_glass(np.random.default_rng(3), 101, 4, 17, substeps, discard=0)

    exact = 2 * series(400) - series(200)  # the error of Euler's method is of order 1
    coarse, fine = (np.abs(series(n) - exact).max() for n in (10, 100))
    assert 1e-2 < coarse < 2e-2
    assert_allclose(fine, coarse / 10, rtol=0.1)
