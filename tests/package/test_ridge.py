"""The ridge solver: the analytic solution, a reference in fractions, and where it switches."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.testing import assert_allclose

from rnncourse import ridge
from rnncourse.ridge import ridge_regression


def exact(X, Y, nu):
    """The solution in rational arithmetic: no rounding at all."""
    rows = [[Fraction(v) for v in row] + [Fraction(1)] for row in X.tolist()]
    targets = [[Fraction(v) for v in row] for row in Y.tolist()]
    n, k = len(rows[0]), len(targets[0])
    A = [[sum(r[i] * r[j] for r in rows) for j in range(n)] for i in range(n)]
    for i in range(n - 1):
        A[i][i] += Fraction(nu)
    A = [A[i] + [sum(r[i] * y[c] for r, y in zip(rows, targets, strict=True)) for c in range(k)]
         for i in range(n)]  # fmt: skip
    for i in range(n):  # Gauss and Jordan; the matrix is positive definite, so no pivots
        A[i] = [v / A[i][i] for v in A[i]]
        for j in range(n):
            if j != i and A[j][i]:
                A[j] = [a - A[j][i] * b for a, b in zip(A[j], A[i], strict=True)]
    W = np.array([[float(v) for v in row[n:]] for row in A])
    return W[:-1], W[-1]


def problem(condition, M=30, N=5, seed=0):
    """X with singular values from 1 down to 1 / condition, and Y that no W fits exactly."""
    rng = np.random.default_rng(seed)
    u, _ = np.linalg.qr(rng.normal(size=(M, N)))
    v, _ = np.linalg.qr(rng.normal(size=(N, N)))
    X = u * np.geomspace(1, 1 / condition, N) @ v + 0.3
    W = rng.normal(size=(N, 2))
    return X, X @ W + 1e-6 * rng.normal(size=(M, 2)) + 1.0


@pytest.mark.equation("6.7", "6.8", "6.9", code="ridge.ridge_regression")
@pytest.mark.parametrize("condition", [1e1, 1e4, 1e6, 1e9])
def test_against_exact_arithmetic(condition):
    """The error is about condition times rounding, where normal equations have its square."""
    X, Y = problem(condition)
    nu = (0.5 / condition) ** 2
    W, b = ridge_regression(X, Y, nu)
    W_exact, b_exact = exact(X, Y, nu)
    error = np.linalg.norm(W - W_exact) / np.linalg.norm(W_exact)
    assert error < 20 * condition * 2.2e-16
    assert_allclose(b, b_exact, rtol=20 * condition * 2.2e-16)
    Xc, Yc = X - X.mean(axis=0), Y - Y.mean(axis=0)
    normal = np.linalg.solve(Xc.T @ Xc + nu * np.eye(5), Xc.T @ Yc)
    lost = np.linalg.norm(normal - W_exact) / np.linalg.norm(W_exact)
    if condition >= 1e6:
        assert lost > 100 * error


def test_analytic_solution_on_orthogonal_columns():
    """For X^T X = c 1 and no mean, ridge shrinks each weight by c / (c + nu)."""
    X = np.kron(np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]]), np.ones((3, 1)))
    Y = X @ np.array([[2.0], [-3.0]]) + 5.0
    W, b = ridge_regression(X, Y, 4.0)
    assert_allclose(W[:, 0], np.array([2, -3]) * 12 / 16, rtol=1e-14)
    assert_allclose(b, 5.0, rtol=1e-14)


@pytest.mark.parametrize("condition, corrects", [(1e2, True), (1e5, True), (1e10, False)])
def test_both_ways_are_taken_and_agree(condition, corrects):
    X, Y = problem(condition)
    nu, mean = (0.5 / condition) ** 2, X.mean(axis=0)
    by_corrections = ridge._by_corrections(X, Y - Y.mean(axis=0), mean, nu)
    assert (by_corrections is not None) == corrects
    by_svd = ridge._by_singular_values(X - mean, Y - Y.mean(axis=0), nu)
    if corrects:
        error = np.linalg.norm(by_corrections - by_svd) / np.linalg.norm(by_svd)
        assert error < 20 * condition * 2.2e-16


def corrections(monkeypatch, condition, seed, unit=1.0):
    """The number of passes through X that a problem takes, and whether they solved it."""
    X, Y = problem(condition, M=200, seed=seed)
    Y = Y * unit
    passes, slope = [], ridge._slope
    monkeypatch.setattr(ridge, "_slope", lambda *a: passes.append(0) or slope(*a))
    W = ridge._by_corrections(X, Y - Y.mean(axis=0), X.mean(axis=0), (0.5 / condition) ** 2)
    monkeypatch.undo()
    return len(passes), W is not None


@pytest.mark.parametrize("condition, passes", [(1e2, 2), (1e4, 3)])
def test_a_correction_that_would_change_nothing_is_not_made(monkeypatch, condition, passes):
    for seed, unit in ((0, 1.0), (1, 1.0), (2, 1e6), (3, 1e-6)):
        assert corrections(monkeypatch, condition, seed, unit) == (passes, True)


def test_corrections_end_where_only_rounding_is_left(monkeypatch):
    passes, solved = np.transpose([corrections(monkeypatch, 3e5, seed) for seed in range(8)])
    assert solved.all() and passes.sum() <= 64  # 58, where all eight that are allowed make 72


def test_corrections_that_converge_slowly_are_not_begun_or_given_up_at_once(monkeypatch):
    found = {corrections(monkeypatch, 3e6, seed) for seed in range(8)}
    assert found <= {(1, False), (3, False)}  # seen from the factor, or from the second correction


@pytest.mark.parametrize("mean", [1e2, 1e4, 1e6, 1e8])
def test_a_mean_far_beyond_the_spread_costs_no_digits(mean):
    rng = np.random.default_rng(3)
    X, true = mean + rng.integers(-8, 8, size=(200, 3)) / 16, rng.normal(size=(3, 1))  # exact
    Y = (X - mean) @ true
    W, _ = ridge_regression(X, Y)
    assert np.linalg.norm(W - true) < 1e-13 * np.linalg.norm(true)


@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e7])
@pytest.mark.parametrize("gap", [1e-11, 1e-9, 1e-8, 1e-5])
def test_a_column_that_is_almost_another(gap, unit):
    """Rounding may leave an eigenvalue far too large, along which nothing seems left to correct."""
    for seed in range(100, 200):
        rng = np.random.default_rng(seed)
        X, true = rng.normal(size=(30, 3)), rng.normal(size=(3, 1))
        X[:, 2] = X[:, 0] + gap * rng.normal(size=30)
        W = ridge_regression(unit * X, X @ true)[0] * unit
        bound = 20 * np.linalg.cond(X - X.mean(axis=0)) * 2.2e-16
        assert np.linalg.norm(W - true) < bound * np.linalg.norm(true)


@pytest.mark.parametrize("condition", [1e5, 1e6, 2e6])
def test_a_target_in_a_small_unit_is_as_exact_as_alone(condition):
    """Beside one that lies along the largest singular vector, and is there at the first step."""
    X, Y = problem(condition)
    left, _, _ = np.linalg.svd(X - X.mean(axis=0))
    small = np.stack([left[:, 0], 1e-9 * Y[:, 1]], axis=1)
    W, _ = ridge_regression(X, small, (0.5 / condition) ** 2)
    W_exact, _ = exact(X, small, (0.5 / condition) ** 2)
    error = np.linalg.norm(W - W_exact, axis=0) / np.linalg.norm(W_exact, axis=0)
    assert (error < 20 * condition * 2.2e-16).all()


def test_singular_values_are_left_to_hard_problems(monkeypatch):
    monkeypatch.delattr(ridge, "_by_singular_values")
    ridge_regression(*problem(1e4), 1e-8)
    with pytest.raises(NameError, match="_by_singular_values"):
        ridge_regression(*problem(1e10), 0.0)


def test_no_ridge_and_more_unknowns_than_examples():
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(6, 10)), rng.normal(size=(6, 1))
    W, b = ridge_regression(X, Y)
    assert_allclose(X @ W + b, Y, atol=1e-12)
    Xc, Yc = X - X.mean(axis=0), Y - Y.mean(axis=0)
    assert_allclose(W, np.linalg.pinv(Xc) @ Yc, atol=1e-10)


def test_a_constant_target_needs_no_weights():
    X = np.random.default_rng(2).normal(size=(20, 3))
    W, b = ridge_regression(X, np.full((20, 1), 7.0), 1e-3)
    assert_allclose(W, 0, atol=1e-14)
    assert_allclose(b, 7.0)


def test_a_bias_that_no_number_can_hold_is_refused():
    X, Y = np.array([[1e10], [1e10 + 1]]), np.array([[0.0], [1e300]])  # W is 1e300, b is -1e310
    with pytest.raises(ValueError, match=r"^X holds numbers of up to 1e\+10, Y of up to 1e\+300"):
        ridge_regression(X, Y)


@pytest.mark.parametrize(
    "X, Y, nu, message",
    [
        (np.ones(3), np.ones((3, 1)), 0.0, r"X has shape \(3,\), expected \(M, N\)"),
        (np.ones((3, 2)), np.ones((4, 1)), 0.0, r"Y has shape \(4, 1\), expected \(3, K\)"),
        (np.ones((3, 2), "f4"), np.ones((3, 1)), 0.0, "X is of float32, expected a float64"),
        (np.ones((3, 2)), np.ones((3, 1), int), 0.0, "Y is of int64, expected a float64"),
        (np.ones((3, 2)), np.ones((3, 1)), -1.0, "ridge is -1.0, expected"),
        (np.ones((3, 2)), np.ones((3, 1)), np.nan, "ridge is nan, expected"),
        (np.ones((3, 2)), np.ones((3, 1)), np.inf, "ridge is inf, expected"),
        ([[1.0]], np.ones((1, 1)), 0.0, "X is of list, expected a float64"),
        (np.array([[1.0], [np.nan]]), np.ones((2, 1)), 0.0, r"X holds nan at index \(1, 0\)"),
        (np.ones((2, 1)), np.array([[1.0], [np.inf]]), 0.0, r"Y holds inf at index \(1, 0\)"),
    ],
)
def test_bad_input(X, Y, nu, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        ridge_regression(X, Y, nu)
