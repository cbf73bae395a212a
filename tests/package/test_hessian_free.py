"""Conjugate gradients against a direct solver, and Hessian-free against its own rules."""

import itertools
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse.linalg import cg

from rnncourse import hessian_free as parts
from rnncourse import linear, losses, rnn
from rnncourse.arrays import power_of_two
from rnncourse.hessian_free import Iterate, conjugate_gradient, hessian_free, truncate
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel


def positive_definite(rng, n, condition=100.0):
    """A random symmetric matrix with eigenvalues from 1 to `condition`."""
    Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    return (Q * np.geomspace(1, condition, n)) @ Q.T


class Quadratic:
    """C = 1/2 theta^T A theta - b^T theta; `steepness` falsifies its curvature."""

    def __init__(self, A, b, steepness=1.0):
        self.A, self.b, self.steepness = A, b, steepness
        self.structural = []

    def value(self, theta):
        return 0.5 * theta @ self.A @ theta - self.b @ theta

    def value_and_gradient(self, theta):
        return self.value(theta), self.A @ theta - self.b

    def gauss_newton(self, theta, structural=0.0):
        self.structural.append(structural)
        return lambda v: (self.steepness + structural) * (self.A @ v)


def quadratic(steepness=1.0, n=8, dtype=float):
    rng = np.random.default_rng(n)
    A, b = positive_definite(rng, n).astype(dtype), rng.normal(size=n).astype(dtype)
    return Quadratic(A, b, steepness)


# ---- conjugate gradients ------------------------------------------------------------------------


@pytest.mark.equation("8.10", "8.12", code="hessian_free.conjugate_gradient")
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_the_solution_is_that_of_a_direct_solver_after_n_steps(n):
    rng = np.random.default_rng(n)
    A, b, d_0 = positive_definite(rng, n, 10.0), rng.normal(size=n), rng.normal(size=n)
    expected = np.linalg.solve(A, b)
    for start in (None, d_0):
        iterates = list(itertools.islice(conjugate_gradient(A.dot, b, start), n + 1))
        assert np.linalg.norm(iterates[-1].d - expected) < 1e-8 * np.linalg.norm(expected)
        # one more round makes up for rounding
        *_, last = itertools.islice(conjugate_gradient(A.dot, b, iterates[-1].d), n + 1)
        assert_allclose(last.d, expected, rtol=1e-9, atol=1e-12)


def test_as_many_steps_as_there_are_different_eigenvalues():
    rng = np.random.default_rng(1)
    Q, _ = np.linalg.qr(rng.normal(size=(20, 20)))
    A, b = (Q * np.repeat([1.0, 5.0, 70.0], [10, 6, 4])) @ Q.T, rng.normal(size=20)
    iterates = list(itertools.islice(conjugate_gradient(A.dot, b), 4))
    assert_allclose(iterates[-1].d, np.linalg.solve(A, b), rtol=1e-10, atol=1e-13)
    assert np.linalg.norm(iterates[-2].d - iterates[-1].d) > 1e-3


def test_an_iterate_reports_value_and_residual_of_its_place():
    rng = np.random.default_rng(2)
    A, b, d_0 = positive_definite(rng, 9), rng.normal(size=9), rng.normal(size=9)
    iterates = list(itertools.islice(conjugate_gradient(A.dot, b, d_0), 8))
    assert_array_equal(iterates[0].d, d_0)
    for d, value, residual_norm in iterates:
        assert_allclose(value, 0.5 * d @ A @ d - b @ d, rtol=1e-9)
        assert_allclose(residual_norm, np.linalg.norm(b - A @ d), rtol=1e-7)
    values = [iterate.value for iterate in iterates]
    assert (np.diff(values) <= 0).all()  # 0 where rounding leaves nothing to gain
    assert len({id(iterate.d) for iterate in iterates}) == 8


@pytest.mark.equation("8.11", code="hessian_free.conjugate_gradient")
def test_each_iterate_is_the_minimum_over_all_directions_so_far():
    # the Krylov space of b, A b, A^2 b ...: no other method with k products can do better
    rng = np.random.default_rng(3)
    A, b = positive_definite(rng, 12), rng.normal(size=12)
    iterates = list(itertools.islice(conjugate_gradient(A.dot, b), 6))
    for k in range(1, 6):
        Q, _ = np.linalg.qr(np.stack([np.linalg.matrix_power(A, j) @ b for j in range(k)], axis=1))
        best = Q @ np.linalg.solve(Q.T @ A @ Q, Q.T @ b)
        assert_allclose(iterates[k].d, best, rtol=1e-8, atol=1e-10)


def test_it_ends_at_a_solution():
    for b in (np.zeros(3), np.array([1.0, 0.0, 0.0])):
        iterates = list(conjugate_gradient(np.eye(3).dot, b))
        assert_array_equal(iterates[-1].d, b)
        assert iterates[-1].residual_norm == 0 and len(iterates) == 1 + b.any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("n", "condition"), [(2, 1.0), (2, 1e4), (50, 100.0), (50, 1e4)])
def test_it_ends_where_rounding_leaves_nothing_to_gain(dtype, n, condition):
    """The residual that is reported is true to the rounding of b - A d, and so is the end."""
    rng = np.random.default_rng(n)
    A, b = positive_definite(rng, n, condition).astype(dtype), rng.normal(size=n).astype(dtype)
    A = (A + A.T) / 2
    iterates = list(itertools.islice(conjugate_gradient(A.dot, b), 40 * n))
    assert len(iterates) < 40 * n

    def residual(d):
        return np.linalg.norm(b - A.astype(float) @ d)

    longest = max(np.linalg.norm(iterate.d) for iterate in iterates)
    rounding = np.finfo(dtype).eps * np.linalg.norm(A, 2) * longest
    for iterate in iterates:
        assert abs(iterate.residual_norm - residual(iterate.d)) < 10 * rounding
    assert iterates[-1].residual_norm <= rounding
    assert all(iterate.residual_norm > 0.1 * rounding for iterate in iterates[1:-1])


def test_until_it_ends_its_iterates_are_those_of_scipy():
    rng = np.random.default_rng(11)
    A, b = positive_definite(rng, 40, 1e4), rng.normal(size=40)
    theirs = []
    ours = [iterate.d for iterate in conjugate_gradient(A.dot, b)][1:]
    cg(A, b, rtol=0, maxiter=len(ours), callback=lambda d: theirs.append(d.copy()))
    assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("product", "came"),
    [
        (lambda p: (np.eye(3) @ p)[:, np.newaxis], r"has shape .*, expected \(3,\)"),
        (lambda p: p[:2], r"has shape .*, expected \(3,\)"),
        (lambda p: p.astype(np.float32), "has dtype float32, expected float64"),
        (lambda p: 2j * p, "has dtype complex128, expected float32 or float64"),
        (lambda p: (2 * p).tolist(), "is a list, expected a NumPy array"),
    ],
)
@pytest.mark.parametrize("d_0", [None, np.ones(3)], ids=["zero", "ones"])
def test_a_product_of_another_kind_is_named(product, came, d_0):
    with pytest.raises(ValueError, match=f"^A p {came}"):
        list(conjugate_gradient(product, np.ones(3), d_0))


def test_the_norm_of_a_large_gradient_is_a_number():
    class Steep:
        def value(self, theta):
            return float(self.value_and_gradient(theta)[0])

        def value_and_gradient(self, theta):
            return 1e22 * theta.sum(dtype=float), np.full_like(theta, 1e22)

        def gauss_newton(self, theta, structural=0.0):
            return lambda v: 1e22 * v

    step = next(hessian_free([Steep()], np.ones(4, np.float32)))
    assert_allclose(step.gradient_norm, 2e22, rtol=1e-6)


def test_a_semidefinite_matrix_ends_it_too():
    A, b = np.diag([1.0, 0.0]), np.array([0.0, 1.0])
    assert len(list(conjugate_gradient(A.dot, b))) == 1


def test_negative_curvature_is_refused():
    A = np.diag([1.0, -1.0, 2.0])
    with pytest.raises(ValueError, match="p\\^T A p is -.* not positive definite"):
        list(conjugate_gradient(A.dot, np.array([0.1, 1.0, 0.1])))


def test_negative_curvature_of_the_size_of_rounding_ends_it():
    A, b = np.diag([1, -1 - 1e-7]).astype(np.float32), np.ones(2, np.float32)
    assert len(list(conjugate_gradient(A.dot, b))) == 1


@pytest.mark.parametrize(
    ("dtype", "sizes", "too_small", "too_large"),
    [
        (np.float64, (1e-305, 1e-290, 1e300, 1e305), (1e-307, 1e-310, -1e-320), (1.7e308, np.nan)),
        (np.float32, (1e-36, 1e-30, 1e36), (1e-38, 1e-42, -1e-42), (3e38, np.inf)),
    ],
)
def test_matrices_at_the_ends_of_the_range(dtype, sizes, too_small, too_large):
    rng = np.random.default_rng(6)
    A, b = positive_definite(rng, 4), np.array([1, 2, -1, 0.5])
    A /= np.abs(A).max()
    solution = np.linalg.solve(A, b)

    def solve(size):
        with np.errstate(over="ignore", invalid="ignore"):  # what comes from a product is checked
            A_size = (size * A).astype(dtype)
            return list(itertools.islice(conjugate_gradient(A_size.dot, b.astype(dtype)), 100))

    for size in sizes:
        iterates = solve(size)
        assert len(iterates) < 100  # it ends
        assert_allclose(iterates[-1].d.astype(float) * size, solution, rtol=1e-2)
    for size in (*too_small, *too_large):
        with pytest.raises(ValueError, match="A p has entries of up to .*: scale the matrix"):
            solve(size)


def test_conjugate_gradients_in_float32_stay_float32():
    rng = np.random.default_rng(4)
    A, b = positive_definite(rng, 6), rng.normal(size=6)
    A_32, b_32 = A.astype(np.float32), b.astype(np.float32)
    for start in (None, np.ones(6, np.float32), np.ones(6)):
        *_, last = itertools.islice(conjugate_gradient(A_32.dot, b_32, start), 8)
        assert last.d.dtype == np.float32 and isinstance(last.value, float)
        assert_allclose(last.d, np.linalg.solve(A, b), rtol=1e-2, atol=1e-3)


def test_the_callers_vectors_are_not_changed():
    rng = np.random.default_rng(5)
    A, b, d_0 = positive_definite(rng, 5), rng.normal(size=5), rng.normal(size=5)
    for array in (b, d_0):
        array.flags.writeable = False
    iterates = itertools.islice(conjugate_gradient(A.dot, b, d_0), 4)
    pairs = [(iterate.d, iterate.d.copy()) for iterate in iterates]
    for d, copy in pairs:
        assert_array_equal(d, copy)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((2, 2)),), r"b has shape \(2, 2\), expected \(P,\)"),
        (([1.0, 2.0],), r"b is a list, expected a NumPy array"),
        ((np.ones(3, np.int64),), r"b has dtype int64, expected float32 or float64"),
        ((np.ones(0),), r"b has shape \(0,\)"),
        ((np.array([1.0, np.nan, 0.0]),), r"b holds nan at index \(1,\), expected finite numbers"),
        ((np.ones(3), np.ones(2)), r"d_0 has shape \(2,\), expected \(3,\)"),
        ((np.ones(3), np.array([1.0, np.inf, 0.0])), r"d_0 holds inf at index \(1,\)"),
    ],
)
def test_bad_right_hand_sides_and_starts_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        conjugate_gradient(np.eye(3).dot, *arguments)  # at once, not at the first step


# ---- the stopping rule --------------------------------------------------------------------------


def with_values(values):
    for value in values:
        yield Iterate(np.zeros(1), value, 1.0)


def stops_after(values, **options):
    return len(list(truncate(with_values(values), **options))) - 1


def test_the_stopping_rule_is_that_of_the_paper():
    # value -1 + 0.5^i: written out over all i
    values = [-1 + 0.5**i for i in range(100)]
    i = next(i for i in range(11, 100) if (values[i] - values[i - 10]) / values[i] < 10 * 5e-4)
    assert stops_after(values) == i
    assert stops_after(values, tolerance=1e-6) > i
    # slow but steady progress of a thousandth a step goes on; a quarter of it stops
    assert stops_after([-1 - 1e-3 * i for i in range(200)]) == 199
    assert stops_after([-1 - 2.5e-4 * i for i in range(200)]) == 11


def test_it_looks_back_over_a_tenth_of_the_steps():
    # a step of 0.2 every 20 steps, nothing between: k = 10 sees none at i = 31, k = i / 10 > 20 all
    flat_then_steps = [-1 - 0.2 * (i // 20) for i in range(300)]
    assert stops_after(flat_then_steps) == 11
    late = [-1.0 - 0.01 * i for i in range(250)] + [-3.5 - 0.2 * (i // 20) for i in range(300)]
    assert stops_after(late, max_steps=1000) == 549


def test_it_never_stops_while_the_value_is_positive_but_at_the_cap():
    assert stops_after([1.0] * 200) == 199
    assert stops_after([1.0] * 200, max_steps=20) == 20
    assert stops_after([-1.0], max_steps=20) == 0  # the iterates ended


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_steps": 0}, "max_steps is 0, expected an integer from 1"),
        ({"max_steps": 2.5}, "max_steps is 2.5, expected an integer from 1"),
        ({"tolerance": -1e-3}, "tolerance is -0.001, expected a finite number from 0"),
        ({"tolerance": np.nan}, "tolerance is nan, expected a finite number from 0"),
    ],
)
def test_bad_limits_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        truncate(with_values([0.0]), **options)


# ---- Hessian-free -------------------------------------------------------------------------------


def run(objective, n_steps, theta=None, **options):
    theta = np.ones(8) if theta is None else theta
    return list(hessian_free(itertools.repeat(objective, n_steps), theta, **options))


@pytest.mark.equation("8.3", code="hessian_free.hessian_free")
def test_a_step_is_the_solution_of_the_damped_system():
    C = quadratic()
    theta = np.ones(8)
    (step,) = run(C, 1, damping=3.0, tolerance=0.0)
    value, g = C.value_and_gradient(theta)
    d = np.linalg.solve(C.A + 3.0 * np.eye(8), -g)
    assert_allclose(step.theta, theta + d, rtol=1e-8)
    assert_allclose([step.value, step.gradient_norm], [value, np.linalg.norm(g)])
    assert (step.damping, step.rate) == (3.0, 1.0)
    assert_allclose(step.ratio, 1.0, rtol=1e-8)  # the undamped model of a quadratic is exact
    assert step.cg_steps >= 8


def test_a_quadratic_is_minimized_and_its_damping_fades():
    C = quadratic()
    steps = run(C, 25)
    assert_allclose(steps[-1].theta, np.linalg.solve(C.A, C.b), atol=1e-6)
    dampings = [step.damping for step in steps]
    assert_allclose(np.divide(dampings[1:6], dampings[:5]), 2 / 3)
    assert all(isinstance(number, float) for number in steps[0][1:5])


@pytest.mark.equation("8.14", code="hessian_free.hessian_free")
@pytest.mark.parametrize(
    ("steepness", "factor"),
    # one step with the curvature s A changes C by (2 s - 1) / s of what the model predicts
    [(0.52, 3 / 2), (0.58, 1.0), (0.75, 1.0), (1.0, 2 / 3)],
)
def test_the_damping_follows_the_ratio(steepness, factor):
    C = quadratic(steepness)
    first, second = run(C, 2, damping=1e-8, tolerance=0.0)
    assert_allclose(first.ratio, (2 * steepness - 1) / steepness, rtol=1e-3)
    assert_allclose(second.damping, factor * first.damping)
    # ratios here: 0.08, 0.28, 0.67, 1
    assert (first.ratio < 0.25) == (factor > 1) and (first.ratio > 0.75) == (factor < 1)


def test_a_step_that_is_too_long_is_shortened_until_it_lowers_the_cost():
    # curvature 5 times too small: the step is 5 times too long, C falls below a factor of 2 / 5
    C = quadratic(0.2)
    first, second = run(C, 2, damping=1e-8, tolerance=0.0)
    i = next(i for i in range(50) if 0.8**i < 0.4)
    assert_allclose(first.rate, 0.8**i)
    assert second.value < first.value
    assert first.ratio < 0 and second.damping > first.damping


def test_where_no_share_of_the_step_helps_theta_stays():
    class Uphill(Quadratic):  # a gradient of the wrong sign
        def value_and_gradient(self, theta):
            value, g = super().value_and_gradient(theta)
            return value, -g

    C = quadratic()
    start = np.linalg.solve(C.A, C.b) + 1e-3
    steps = run(Uphill(C.A, C.b), 3, start)
    assert [step.rate for step in steps] == [0.0] * 3
    for step in steps:
        assert_array_equal(step.theta, start)
    assert steps[2].damping > steps[1].damping > steps[0].damping


def test_iterates_are_searched_backward():
    # The curvature of these objectives is right for d of up to a quarter, beyond stands a wall. The
    # last iterates are not yet the same to rounding, which would decide on the way back.
    class Wall(Quadratic):
        def value(self, theta):
            return super().value(theta) + 1e3 * max(0.0, np.linalg.norm(theta) - 0.25)

    C = quadratic(n=12)
    wall, start = Wall(C.A, C.b), np.zeros(12)
    (step,) = run(wall, 1, start, damping=1e-6, tolerance=0.0, max_cg_steps=8)
    iterates = list(itertools.islice(conjugate_gradient(lambda v: C.A @ v + 1e-6 * v, C.b), 9))
    kept = [iterates[i].d for i in (1, 2, 3, 4, 6, 8)]
    j = len(kept) - 1
    while j > 0 and wall.value(kept[j - 1]) <= wall.value(kept[j]):
        j -= 1
    assert j < len(kept) - 1
    assert_allclose(step.theta, step.rate * kept[j], rtol=1e-6)


def test_the_next_system_starts_near_the_last_solution():
    starts = []

    class Watched(Quadratic):
        def gauss_newton(self, theta, structural=0.0):
            asked = []
            starts.append(asked)

            def product(v):
                asked.append(v)
                return self.A @ v

            return product

    C = quadratic()
    watched = Watched(C.A, C.b)
    first, _ = run(watched, 2, damping=5.0, tolerance=0.0)
    # products: first system, its ratio, second system; the first vector asked for is its start
    assert_allclose(starts[2][0], 0.95 * (first.theta - 1), rtol=1e-6)


def test_gradient_and_curvature_may_come_from_different_objectives():
    C, other = quadratic(), quadratic(2.0)
    pairs = [(C, other)]
    (step,) = hessian_free(pairs, np.ones(8), damping=1e-9, tolerance=0.0)
    d = np.linalg.solve(2 * other.A, -C.value_and_gradient(np.ones(8))[1])
    assert_allclose(step.theta, 1 + d, rtol=1e-6)
    assert step.value == C.value(np.ones(8))
    assert C.structural == [] and len(other.structural) > 0


def test_structural_damping_is_in_proportion_to_the_damping():
    C = quadratic()
    first, _ = run(C, 2, damping=0.6, structural=0.5, tolerance=0.0)
    assert C.structural[0] == 0.3  # in the system, not in the model that the ratio is taken from
    assert 0.0 in C.structural
    assert_allclose(C.structural[2], 0.2)
    d = np.linalg.solve(1.3 * C.A + 0.6 * np.eye(8), C.b - C.A @ np.ones(8))
    assert_allclose(first.theta, 1 + d, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept_and_theta_is_not_changed(dtype):
    C, theta = quadratic(dtype=dtype), np.ones(8, dtype)
    theta.flags.writeable = False
    steps = run(C, 6, theta, damping=np.float64(0.5), structural=np.float64(0.1))
    assert {step.theta.dtype for step in steps} == {np.dtype(dtype)}
    assert_array_equal(theta, np.ones(8))
    assert len({id(step.theta) for step in steps}) == 6


def test_the_caller_owns_the_loop():
    taken = []

    def objectives():
        for i in range(3):
            taken.append(i)
            yield quadratic()

    steps = hessian_free(objectives(), np.ones(8))
    assert taken == []
    next(steps)
    assert taken == [0]
    assert len(list(steps)) == 2
    assert list(hessian_free([], np.ones(8))) == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_goes_on_from_a_step_bit_for_bit(dtype, tmp_path):
    c = Objective(
        Network((rnn, linear), (1, 3, 1)),
        losses.squared_error,
        *np.random.default_rng(1).normal(size=(2, 6, 4, 1)).astype(dtype),
    )
    theta = ravel(c.network.init(np.random.default_rng(0), dtype))
    whole = list(hessian_free(itertools.repeat(c, 6), theta, structural=0.1))
    first = list(hessian_free(itertools.repeat(c, 3), theta, structural=0.1))
    np.savez(tmp_path / "step.npz", **first[-1]._asdict())
    with np.load(tmp_path / "step.npz", allow_pickle=False) as archive:
        loaded = parts.Step(**archive)
    assert first[-1].d_0.any()  # something that would be forgotten
    for start in (first[-1], loaded):
        rest = list(hessian_free(itertools.repeat(c, 3), start, structural=0.1))
        for a, b in zip(whole, [*first, *rest], strict=True):
            assert a.theta.tobytes() == b.theta.tobytes() and a.theta.dtype == b.theta.dtype
            assert a[1:7] == b[1:7] and a.d_0.tobytes() == b.d_0.tobytes()
    (fresh,) = hessian_free([c], first[-1].theta, structural=0.1)
    assert np.abs(fresh.theta - whole[3].theta).max() > 0


def test_a_step_that_was_damaged_is_refused():
    (step,) = hessian_free([quadratic()], np.ones(8))
    with pytest.raises(ValueError, match=r"^d_0 has shape \(3,\), expected \(8,\)"):
        hessian_free([], step._replace(d_0=np.ones(3)))


def test_at_a_minimum_nothing_moves():
    C = Quadratic(np.eye(3), np.zeros(3))
    step, after = run(C, 2, np.zeros(3))
    assert_array_equal(step.theta, np.zeros(3))
    assert step.cg_steps == 0
    assert step.ratio == -math.inf and after.damping == 1.5 * step.damping


class Plateau(Quadratic):
    """A slope that C does not follow: it has one value everywhere."""

    def value(self, theta):
        return self.b[0]


def test_where_rounding_hides_the_fall_the_model_is_not_blamed():
    C = Plateau(np.eye(2), np.full(2, 1e8))  # rounding is 2e-7, the model predicts 5e-9
    (step,) = run(C, 1, C.b - 1e-4, damping=1e-8)
    assert 0.9 < step.ratio < 1 and step.rate == 1


def test_a_cost_that_is_exactly_the_same_is_not_lower():
    C = Plateau(np.eye(2), np.zeros(2))
    (step,) = run(C, 1, np.ones(2))
    assert step.rate == 0


def test_a_step_that_was_not_taken_is_no_start_for_the_next(monkeypatch):
    starts = []

    def watched(A, b, d_0):
        starts.append(d_0)
        return conjugate_gradient(A, b, d_0)

    monkeypatch.setattr(parts, "conjugate_gradient", watched)
    run(Plateau(np.eye(2), np.zeros(2)), 2, np.ones(2))
    assert_array_equal(starts, np.zeros((2, 2)))


@pytest.mark.parametrize("structural", [0.0, 0.1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_small_net_learns_to_remember(dtype, structural):
    # put out the first input at the end, 8 steps later
    rng = np.random.default_rng(7)
    network = Network((rnn, linear), (1, 6, 1))
    x = rng.normal(size=(9, 100, 1)).astype(dtype)
    mask = np.zeros((9, 100), bool)
    mask[-1] = True
    objective = Objective(network, losses.squared_error, x, np.broadcast_to(x[:1], x.shape), mask)
    steps = run(objective, 40, ravel(network.init(rng, dtype=dtype)), structural=structural)
    values = np.array([step.value for step in steps])
    assert values[-1] < 0.05 * values[0]
    rounding = 10 * np.finfo(dtype).eps * values[:-1]  # what a step may lose, where none can gain
    assert (np.diff(values) <= rounding).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"damping": 0.0}, "damping is 0.0, expected a positive finite number"),
        ({"damping": math.nan}, "damping is nan, expected a positive finite number"),
        ({"structural": -1.0}, "structural is -1.0, expected a finite number from 0"),
        ({"structural": math.inf}, "structural is inf, expected a finite number from 0"),
        ({"max_cg_steps": 0}, "max_steps is 0, expected an integer from 1"),
        ({"tolerance": -1.0}, "tolerance is -1.0, expected a finite number from 0"),
        ({"theta": np.ones((2, 2))}, r"theta has shape \(2, 2\), expected \(P,\)"),
        ({"theta": np.array([1.0, np.nan])}, r"theta holds nan at index \(1,\), expected finite"),
    ],
)
def test_bad_input_is_refused_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        hessian_free([], **({"theta": np.ones(8)} | options))


@pytest.mark.parametrize("unit", [1e-120, 1.0, 1e120])
def test_the_scale_of_b_scales_every_iterate(unit):
    A, b = np.diag([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])
    plain, scaled = (conjugate_gradient(A.dot, u * b, u * 0.5 * b) for u in (1.0, unit))
    for one, other in itertools.islice(zip(plain, scaled, strict=False), 3):
        assert_allclose(other.d / unit, one.d, rtol=1e-10)
        assert_allclose(other.residual_norm / unit, one.residual_norm, rtol=1e-6, atol=1e-12)
        assert_allclose(other.value / unit / unit, one.value, rtol=1e-10)


def test_numbers_without_end_are_refused():
    with pytest.raises(ValueError, match="tolerance is inf, expected a finite number from 0"):
        truncate((), tolerance=np.inf)
    for damping in (0, np.inf):
        with pytest.raises(ValueError, match=f"damping is {damping}, expected a positive finite"):
            hessian_free([], np.ones(2), damping=damping)


def test_truncation_looks_back_over_a_tenth_of_the_steps():
    values = [-1.0 - 1e-3 * min(i, 181) for i in range(400)]
    steps = [Iterate(None, value, 1.0) for value in values]
    least = next(
        i for i in range(11, 400)
        if (values[i] - values[i - max(10, i // 10)]) / values[i] < max(10, i // 10) * 5e-4
    )  # fmt: skip
    assert len(list(truncate(steps, max_steps=390))) == least + 1 > 181


def test_the_numbers_of_martens_are_the_defaults():
    theta = np.linspace(-1, 2, 8)
    (one,) = hessian_free([quadratic()], theta)
    told = {"damping": 1.0, "structural": 0.0, "max_cg_steps": 250, "tolerance": 5e-4}
    (other,) = hessian_free([quadratic()], theta, **told)
    assert_array_equal(one.theta, other.theta)
    iterates = [Iterate(None, -1.0 - i, 1.0) for i in range(300)]
    assert len(list(truncate(iterates))) == 251


def test_each_step_is_told_when_to_stop(monkeypatch):
    told = []

    def watched(iterates, max_steps, tolerance):
        told.append((max_steps, tolerance))
        return truncate(iterates, max_steps, tolerance)

    monkeypatch.setattr(parts, "truncate", watched)
    list(hessian_free([quadratic()], np.zeros(8)))
    list(hessian_free([quadratic()], np.zeros(8), max_cg_steps=7, tolerance=0.1))
    assert told == 2 * [(250, 5e-4)] + 2 * [(7, 0.1)]


def test_without_tolerance_no_progress_is_small_enough():
    level = [Iterate(None, -1.0, 1.0)] * 40
    assert len(list(truncate(level, max_steps=30, tolerance=0.0))) == 31
    rising = [Iterate(None, -1.0 + i / 100, 1.0) for i in range(40)]  # by rounding
    assert len(list(truncate(rising, max_steps=30, tolerance=0.0))) == 12
    assert len(list(truncate(rising, max_steps=30, tolerance=None))) == 31


# ---- the parts of a step ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "power"),
    [([0.3, -0.1], 0.25), ([1.0], 1.0), ([-5.0], 4.0), ([0.0], 1.0), ([np.inf, 1.0], np.inf)],
)
def test_the_unit_of_a_vector_is_the_power_of_two_up_to_its_largest_entry(entries, power):
    assert power_of_two(np.array(entries)) == power
    assert math.isnan(power_of_two(np.array([*entries, np.nan])))


@pytest.mark.parametrize("n", [1, 2, 5, 30])
def test_the_iterates_that_are_kept_are_spaced_by_a_third(n):
    numbers = [1, 2, 3, 4, 6, 8, 11, 15, 20, 26, 34]  # each the one before, times 1.3, rounded up
    iterates = [Iterate(np.array([float(i)]), 0.0, 0.0) for i in range(n + 1)]
    last, kept = parts._spaced(iterates)
    assert last == n
    assert [int(d[0]) for d in kept] == sorted({*(k for k in numbers if k <= n), n})


def test_going_back_stops_where_it_no_longer_lowers_the_cost():
    costs = {1.0: 0.0, 2.0: 4.0, 3.0: 1.0, 4.0: 1.0, 6.0: 2.0}  # the way back: down, level, up
    asked = []

    def change(d):
        asked.append(float(d[0]))
        return costs[float(d[0])]

    d, changed = parts._go_back(change, [np.array([i]) for i in costs])
    assert (float(d[0]), changed) == (3.0, 1.0) and asked == [6.0, 4.0, 3.0, 2.0]


@pytest.mark.parametrize("steps", [1, 2, 7, 49])
def test_the_line_search_takes_the_first_power_that_lowers_the_cost(steps):
    limit = 0.8**steps * (1 + 1e-9)
    rate = parts._line_search(lambda d: -1.0 if d <= limit else 0.0, 1.0)
    assert rate == 0.8**steps
    assert parts._line_search(lambda d: -1.0 if d < 0.8**49 * (1 - 1e-9) else 1.0, 1.0) == 0.0


def test_a_change_counts_rounding_against_it_and_no_number_as_worse():
    flat = Quadratic(np.eye(2), np.zeros(2))
    change = parts._change(flat, np.array([1.0, 0.0]), 0.5, rounding=0.1)
    assert_allclose(change(np.array([0.0, 0.0])), -0.1)
    assert change(np.array([np.nan, 0.0])) == np.inf


@pytest.mark.parametrize(
    ("gradient", "message"),
    [
        (np.ones((8, 1)), r"has shape \(8, 1\), expected \(8,\)"),
        (np.full(8, np.nan), r"holds nan at index \(0,\)"),
        (np.ma.masked_less(np.arange(8.0), 3), "is a masked array"),
    ],
)
def test_a_gradient_that_is_none_is_named(gradient, message):
    class Other(Quadratic):
        def value_and_gradient(self, theta):
            return 0.0, gradient

    C = quadratic()
    with pytest.raises(ValueError, match="^the gradient " + message):
        run(Other(C.A, C.b), 1)
