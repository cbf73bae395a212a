"""Losses and the functions under them: exact for all logits, and never a silent NaN."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from properties import DTYPES, MAGNITUDES, REFUSED, SEEDS, SMALL, STEPS, finite, of_sizes, outcome
from random_configurations import LOSSES, MASKS, draw_mask, draw_targets
from rnncourse import arrays, losses, rnn

NAMES = pytest.mark.parametrize("name", LOSSES)
BATCHES = (SEEDS, STEPS, SMALL, st.integers(2, 4), MAGNITUDES, st.sampled_from(MASKS))


def draw(name, seed, T, B, K, size, mask_kind, dtype=np.float64):
    rng = np.random.default_rng(seed)
    y = draw_targets(rng, name, T, B, K)
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    return of_sizes(rng, (T, B, K), size, dtype), y, draw_mask(rng, mask_kind, T, B), rng


def exact_loss(name, a, y):
    """The loss of one step, by sums of which no part cancels or overflows."""
    if name == "squared_error":
        return float(sum((Fraction(p) - Fraction(q)) ** 2 for p, q in zip(a, y, strict=True)) / 2)
    if name == "softmax_cross_entropy":
        others = [b - a[y] for b in a]
        top = max(others)
        rest = sum(math.exp(b - top) for k, b in enumerate(others) if k != others.index(top))
        return top + math.log1p(rest)
    return math.fsum(
        max(b, 0) - q * b + math.log1p(math.exp(-abs(b))) for b, q in zip(a, y, strict=True)
    )


def exact_slope(name, a, y):
    if name == "squared_error":
        return [p - q for p, q in zip(a, y, strict=True)]
    if name == "softmax_cross_entropy":
        p = [math.exp(b - max(a)) for b in a]
        return [q / sum(p) - (k == y) for k, q in enumerate(p)]
    return [(1 / (1 + math.exp(-b)) if b > -700 else 0) - q for b, q in zip(a, y, strict=True)]


@NAMES
@given(*BATCHES)
def test_value_and_grad_are_exact_for_all_logits(name, seed, T, B, K, size, mask_kind):
    if name == "squared_error":
        size = min(size, 1e150)  # its value is out of range beyond
    y_hat, y, mask, _ = draw(name, seed, T, B, K, size, mask_kind)
    weight = np.full((T, B), 1.0) if mask is None else mask * 1.0
    weight /= weight.sum()
    loss = getattr(losses, name)
    value, grad = loss.value(y_hat, y, mask), loss.grad(y_hat, y, mask)
    steps = [(t, b) for t, b in np.ndindex(T, B)]
    rows = [(y_hat[t, b].tolist(), y[t, b].tolist()) for t, b in steps]
    parts = [weight[s] * exact_loss(name, *row) for s, row in zip(steps, rows, strict=True)]
    assert_allclose(value, math.fsum(parts), rtol=1e-12, atol=1e-15)
    expected = [
        weight[s] * np.array(exact_slope(name, *r)) for s, r in zip(steps, rows, strict=True)
    ]
    assert_allclose(grad.reshape(T * B, K), expected, rtol=1e-12, atol=3e-16)


@NAMES
@given(*BATCHES, DTYPES, MAGNITUDES)
def test_all_three_are_finite_or_refused_in_both_precisions(
    name, seed, T, B, K, size, mask_kind, dtype, of_R
):
    y_hat, y, mask, rng = draw(name, seed, T, B, K, size, mask_kind, dtype)
    R, loss = of_sizes(rng, y_hat.shape, of_R, dtype), getattr(losses, name)

    def all_three():
        return loss.value(y_hat, y, mask), loss.grad(y_hat, y, mask), loss.hvp(y_hat, y, mask, R)

    result = outcome(all_three)
    if result is REFUSED:
        assert max(size, of_R) > 1e15  # float32: its square
    else:
        assert finite(*result) and {a.dtype for a in result} == {np.dtype(dtype)}
        assert result[0] >= 0


@NAMES
@given(SEEDS, st.sampled_from((5e-324, 1e-310, 1e-300, 1e-30, 1e30, 1e300)))
def test_the_size_of_the_weights_of_a_mask_does_not_matter(name, seed, size):
    y_hat, y, mask, _ = draw(name, seed, 4, 3, 3, 10.0, "booleans")
    loss = getattr(losses, name)
    assert_allclose(loss.value(y_hat, y, mask * size), loss.value(y_hat, y, mask), rtol=1e-13)
    assert_allclose(loss.grad(y_hat, y, mask * size), loss.grad(y_hat, y, mask), rtol=1e-13)


@given(st.floats(-1e300, 1e300), st.sampled_from((-1, 1)), MAGNITUDES)
def test_elementwise_functions_are_exact(a, sign, size):
    for z in (a, sign * size):
        exp = math.exp(-abs(z))
        rises = 1 / (1 + exp) if z >= 0 else exp / (1 + exp)
        assert_allclose(arrays.sigmoid(np.array(z)), rises, rtol=1e-14, atol=2e-16)
        assert_allclose(arrays.softplus(np.array(z)), max(z, 0) + math.log1p(exp), rtol=1e-14)


@given(SEEDS, SMALL, MAGNITUDES, DTYPES)
def test_a_softmax_sums_to_one_and_keeps_the_order(seed, K, size, dtype):
    z = of_sizes(np.random.default_rng(seed), (3, K), size, dtype)
    p, log_p = arrays.softmax(z), arrays.log_softmax(z)
    assert_allclose(p.sum(axis=-1), 1, rtol=10 * np.finfo(dtype).eps)
    assert finite(log_p) and np.all(log_p <= 0) and p.dtype == dtype
    assert_allclose(np.exp(log_p), p, rtol=1e-5)
    for row, of_z in zip(p, z, strict=True):
        assert row[np.argmax(of_z)] == row.max()


@given(SEEDS, STEPS, SMALL, SMALL, SMALL, MAGNITUDES)
def test_products_over_time_are_those_of_each_step(seed, T, B, M, N, size):
    rng = np.random.default_rng(seed)
    a, b, W = (of_sizes(rng, s, size) for s in ((T, B, M), (T, B, N), (M, N)))
    result = outcome(lambda: (arrays.product(a, W), arrays.sum_outer(a, b)))
    if result is REFUSED:
        assert size > 1e150
        return
    square = min(size, 1e154) ** 2  # beyond, where few are not zero, it is out of range
    assert_allclose(result[0], [a_t @ W for a_t in a], rtol=1e-12, atol=1e-15 * square)
    total = outcome(lambda: sum(a_t.T @ b_t for a_t, b_t in zip(a, b, strict=True)))
    if total is REFUSED:  # a part is out of range; the sum need not be
        assert size > 1e150 and finite(result[1])
    else:
        assert_allclose(result[1], total, rtol=1e-12, atol=1e-14 * square)
