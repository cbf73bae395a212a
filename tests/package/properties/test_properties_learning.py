"""Objectives, optimizers, Hessian-free and the checks of gradients, at all sizes of numbers."""

import itertools
import math
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cells
from properties import DTYPES, MAGNITUDES, NO_NUMBERS, REFUSED, SEEDS, SMALL, finite, outcome
from random_configurations import SEEDS as CONFIGURATIONS
from random_configurations import draw
from rnncourse import (
    arrays,
    checks,
    gru,
    hessian_free,
    linear,
    lstm,
    network,
    optimizers,
    params,
    rnn,
)
from rnncourse.objective import Objective, minibatches

UNITS = st.sampled_from((1e-300, 1e-200, 1e-160, 1e-30, 1.0, 1e30, 1e160, 1e200, 1e290))
DRAWS = st.sampled_from(CONFIGURATIONS)


class Bowl:
    """C = unit (theta^T A theta / 2 - b^T theta) with a positive definite A."""

    def __init__(self, rng, P, unit, dtype=np.float64):
        root = rng.normal(size=(P, P))
        self.A = ((root @ root.T / P + np.eye(P)) * unit).astype(dtype)
        self.b = (rng.normal(size=P) * unit).astype(dtype)

    def value(self, theta):
        return 0.5 * (theta @ (self.A @ theta)) - self.b @ theta

    def value_and_gradient(self, theta):
        return self.value(theta), self.A @ theta - self.b

    def gauss_newton(self, theta, structural=0.0):
        return lambda v: self.A @ v


@given(SEEDS, DTYPES, st.integers(-30, 30))
def test_the_norm_is_that_of_numbers_within_range(seed, dtype, exponent):
    """Also in float32, where the squares leave the range from an exponent of 19 on."""
    a = np.random.default_rng(seed).normal(size=7)
    scaled = (a * 10.0**exponent).astype(dtype)
    assert_allclose(arrays.norm(scaled), np.linalg.norm(scaled.astype(float)), rtol=1e-6)
    unit = arrays.power_of_two(scaled)
    assert math.frexp(unit)[0] == 0.5 and 1 <= np.abs(scaled / unit).max() < 2
    assert_array_equal(scaled / unit * unit, scaled)
    assert arrays.norm(0 * scaled) == 0 and arrays.power_of_two(0 * scaled) == 1


@given(DRAWS, DTYPES, MAGNITUDES)
def test_what_is_saved_is_loaded_to_the_last_bit(seed, dtype, size):
    c = draw(seed, dtype)
    theta = (c.theta * min(size, 1e30)).astype(dtype)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.npz"
        params.save(path, params.unravel(theta, c.params))
        loaded = params.ravel(params.load(path, c.network))
    assert loaded.dtype == dtype and loaded.tobytes() == theta.tobytes()


@given(st.sampled_from(cells.CELLS), SEEDS, st.data())
def test_one_wrong_entry_of_a_gradient_is_found_and_a_right_cell_has_no_fault(cell, seed, data):
    right = {name: getattr(cell, name) for name in (*network.CONTRACT, "CAUSAL")}
    place = data.draw(st.integers(0, len(cell.Params._fields) - 1))
    factor = data.draw(st.sampled_from((0.0, 0.9, 1.01, 2.0, -1.0)))

    def backward(*arguments):
        gradient, *others = cell.backward(*arguments)
        gradient[place].flat[seed % gradient[place].size] *= factor
        return gradient, *others

    assert checks.cell(SimpleNamespace(**right), np.random.default_rng(seed)) == []
    wrong = SimpleNamespace(**(right | {"backward": backward}))
    found = checks.cell(wrong, np.random.default_rng(seed))
    assert any(f"with respect to {cell.Params._fields[place]}:" in sentence for sentence in found)


def steps(name, objective, theta, n, **options):
    repeated = itertools.repeat(objective, n)
    return list(getattr(optimizers, name)(repeated, theta, **options))


@given(DRAWS, DTYPES, MAGNITUDES)
def test_an_objective_is_finite_or_refused_at_any_theta(seed, dtype, size):
    c = draw(seed, dtype)
    top = float(np.finfo(dtype).max) / 100
    theta = c.theta * dtype(min(size, top / float(np.abs(c.theta).max())))

    def everything():
        objective = c.objective
        value, gradient = objective.value_and_gradient(theta)
        return value, gradient, objective.gauss_newton(theta, 0.1)(c.theta)

    result = outcome(everything)
    if result is not REFUSED:
        assert finite(*result) and result[1].dtype == dtype
        assert result[0] == c.objective.value(theta)
        assert_array_equal(result[1], c.objective.gradient(theta))


@given(DRAWS, st.data())
def test_data_that_are_no_numbers_are_refused(seed, data):
    c, bad = draw(seed), data.draw(NO_NUMBERS)
    x, theta = c.x.copy(), c.theta.copy()
    x.flat[data.draw(st.integers(0, x.size - 1))] = bad
    theta[data.draw(st.integers(0, theta.size - 1))] = bad
    with pytest.raises(ValueError, match="x holds"):
        Objective(c.network, c.loss, x, c.y, c.mask)
    with pytest.raises(ValueError, match="theta holds"):
        c.objective.value(theta)


@given(DRAWS, st.integers(1, 6))
def test_an_epoch_of_minibatches_holds_each_example_once(seed, batch_size):
    c, N = draw(seed), draw(seed).x.shape[1]
    args = (c.network, c.loss, c.x, c.y, c.mask, batch_size, np.random.default_rng(seed))
    batches = outcome(lambda: minibatches(*args))
    if batches is REFUSED:
        assert batch_size > N or not c.mask.any(axis=0).all()
        return
    epoch = list(itertools.islice(batches, math.ceil(N / batch_size)))
    starts = np.concatenate([batch.x[0] for batch in epoch])
    assert_array_equal(np.sort(starts, axis=0), np.sort(c.x[0], axis=0))


@given(SEEDS, SMALL, UNITS, UNITS, DTYPES)
def test_a_clipped_gradient_keeps_its_direction(seed, P, unit, max_norm, dtype):
    top, least = float(np.finfo(dtype).max) / 10, float(np.finfo(dtype).tiny) * 1e7
    assume(least < unit < top and least < max_norm < top)
    assume(max_norm / unit > float(np.finfo(dtype).tiny))
    g = np.random.default_rng(seed).normal(size=P)
    length, tolerance = math.hypot(*g), 100 * np.finfo(dtype).eps
    clipped = optimizers.clip((g * unit).astype(dtype), max_norm)
    assert clipped.dtype == dtype
    assert_allclose(clipped, g / length * min(length * unit, max_norm), rtol=tolerance)


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adam"])
@given(SEEDS, SMALL, UNITS)
def test_optimizers_report_a_finite_norm_or_say_so(name, seed, P, unit):
    bowl = Bowl(np.random.default_rng(seed), P, unit)
    result = outcome(lambda: steps(name, bowl, np.zeros(P), 3, learning_rate=0.1, max_norm=1.0))
    if result is REFUSED:
        assert unit > 1e150
        return
    assert all(finite(*step) for step in result)
    assert_allclose(result[0].gradient_norm, math.hypot(*bowl.b), rtol=1e-13)


def test_adam_refuses_an_epsilon_below_what_squares_can_hold():
    bowl = Bowl(np.random.default_rng(0), 2, 1e-200)
    with pytest.raises(ValueError, match="epsilon is 1e-300, expected at least 1.5e-154"):
        steps("adam", bowl, np.zeros(2), 1, epsilon=1e-300)


@given(SEEDS, st.integers(1, 8), UNITS, DTYPES)
def test_conjugate_gradients_solve_at_any_size(seed, P, unit, dtype):
    assume(float(np.finfo(dtype).tiny) * 1e7 < unit < float(np.finfo(dtype).max) / 1e7)
    bowl = Bowl(np.random.default_rng(seed), P, 1.0, dtype)
    b = bowl.b * dtype(unit)
    iterates = hessian_free.conjugate_gradient(lambda p: bowl.A @ p, b)
    with np.errstate(over="ignore"):  # the value, which is of the size of unit^2
        *_, last = itertools.islice(iterates, P + 3)
    x = np.linalg.solve(bowl.A.astype(float), bowl.b.astype(float)) * unit
    assert last.d.dtype == dtype
    assert checks.relative_error(last.d, x) < 1e5 * np.finfo(dtype).eps


@given(SEEDS, st.integers(1, 6), UNITS)
def test_hessian_free_finds_the_bottom_of_a_bowl_or_refuses(seed, P, unit):
    bowl = Bowl(np.random.default_rng(seed), P, unit)
    args = (itertools.repeat(bowl, 3), np.zeros(P), 1e-6 * unit)
    result = outcome(lambda: list(hessian_free.hessian_free(*args, tolerance=0)))
    if result is REFUSED:
        assert not 1e-150 < unit < 1e150
        return
    solution = np.linalg.solve(bowl.A / unit, bowl.b / unit)
    assert_allclose(result[-1].theta, solution, rtol=1e-6, atol=1e-6)


@given(st.lists(st.floats(-1e300, -1e-300), min_size=1, max_size=40), st.integers(1, 50))
def test_truncate_passes_on_the_first_steps_unchanged(values, max_steps):
    iterates = [hessian_free.Iterate(np.zeros(1), value, 0.0) for value in values]
    passed = list(hessian_free.truncate(iterates, max_steps))
    assert passed == iterates[: len(passed)] and 1 <= len(passed) <= max_steps + 1


@given(SEEDS, SMALL, UNITS, UNITS)
def test_checks_see_an_error_of_a_factor_at_any_size(seed, P, unit, other):
    rng = np.random.default_rng(seed)
    a, W = rng.uniform(0.5, 1, size=P), rng.uniform(0.5, 1, size=(2, P))
    assert_allclose(checks.relative_error(2 * unit * a, unit * a), 1, rtol=1e-12)
    wrong = outcome(
        lambda: checks.adjoint(
            lambda v: unit * (W @ v), lambda u: 2 * unit * (W.T @ u), other * a, np.ones(2)
        )
    )
    if wrong is REFUSED:
        assert not 1e-290 < unit * other < 1e307
    else:
        assert wrong > 0.3


@given(SEEDS, SMALL, NO_NUMBERS, st.data())
def test_no_check_calls_right_what_is_no_number(seed, P, bad, data):
    rng = np.random.default_rng(seed)
    a, v, u, W = rng.normal(size=P), rng.normal(size=P), rng.normal(size=2), rng.normal(size=(2, P))
    one_bad = a.copy()
    one_bad[data.draw(st.integers(0, P - 1))] = bad
    pairs = ((one_bad, a), (a, one_bad), (one_bad, one_bad))
    assert all(checks.relative_error(*pair) == np.inf for pair in pairs)
    assert checks.adjoint(lambda v: W @ v, lambda u: W.T @ u + one_bad, v, u) == np.inf
    assert checks.adjoint(lambda v: W @ v + bad, lambda u: W.T @ u, v, u) == np.inf
    for check in (checks.complex_step, checks.finite_difference):
        for f, theta, along in ((np.sum, one_bad, v), (np.sum, a, one_bad), (bad_sum(bad), a, v)):
            with pytest.raises(ValueError, match="expected finite numbers"):
                check(f, theta, along)


def bad_sum(bad):
    return lambda theta: theta.sum() + bad


@given(SEEDS, SMALL, UNITS, UNITS)
def test_a_complex_step_has_no_unit_of_its_direction_or_is_refused(seed, P, of_v, eps):
    v = np.random.default_rng(seed).normal(size=P)
    slope = outcome(lambda: checks.complex_step(lambda theta: 3 * theta.sum(), v, of_v * v, eps))
    if slope is REFUSED:
        assert not 1e-290 < of_v * eps < 1e300
    else:
        assert_allclose(slope / of_v, 3 * v.sum(), rtol=1e-12, atol=1e-13)


@given(SEEDS, SMALL, st.floats(1e-3, 1e3))
def test_three_derivatives_of_one_function_agree(seed, P, unit):
    rng = np.random.default_rng(seed)
    theta, v = unit * rng.normal(size=(2, P))

    def f(theta):
        return np.sin(theta / unit).sum()

    exact = np.cos(theta / unit) @ (v / unit)
    assert_allclose(checks.complex_step(f, theta, v), exact, rtol=1e-12, atol=1e-14)
    assert_allclose(checks.finite_difference(f, theta, v, 1e-6), exact, rtol=1e-7, atol=1e-8)
    assert_allclose(checks.complex_step_gradient(f, theta) @ v, exact, rtol=1e-12, atol=1e-13)
    for eps in (0, -1, np.nan, np.inf):
        for check in (checks.complex_step, checks.finite_difference):
            with pytest.raises(ValueError, match="expected a positive finite number"):
                check(f, theta, v, eps)


@given(DRAWS, st.floats(1e-3, 10))
def test_check_gradient_passes_the_right_and_fails_the_wrong(seed, factor):
    c, rng = draw(seed), np.random.default_rng(seed)
    assert checks.check_gradient(c.objective, c.theta, rng) <= 1e-10
    assume(abs(factor - 1) > 1e-3)

    class Wrong:
        value = c.objective.value

        def gradient(self, theta):
            return factor * c.objective.gradient(theta)

    assume(np.linalg.norm(c.objective.gradient(c.theta)) > 1e-8)
    with pytest.raises(AssertionError, match="derivative along v"):
        checks.check_gradient(Wrong(), c.theta, rng)
