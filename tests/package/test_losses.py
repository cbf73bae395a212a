"""The losses: values by definition, exact derivatives, no overflow, and what the mask does."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from random_configurations import LOSSES, MASKS, draw_mask, draw_targets
from rnncourse import arrays, losses
from rnncourse.checks import complex_step, complex_step_gradient, relative_error


def draw(name, mask_kind="weights", seed=0, T=4, B=3, K=5):
    rng = np.random.default_rng(seed)
    y_hat = 2 * rng.normal(size=(T, B, K))
    return y_hat, draw_targets(rng, name, T, B, K), draw_mask(rng, mask_kind, T, B), rng


def definition(name, y_hat, y):
    """The loss of one example at one step."""
    if name == "squared_error":
        return sum((a - b) ** 2 for a, b in zip(y_hat, y, strict=True)) / 2
    if name == "softmax_cross_entropy":
        return -math.log(math.exp(y_hat[y]) / sum(math.exp(a) for a in y_hat))
    p = [1 / (1 + math.exp(-a)) for a in y_hat]
    return -sum(b * math.log(q) + (1 - b) * math.log(1 - q) for q, b in zip(p, y, strict=True))


@pytest.mark.equation("1.9", code="losses.squared_error.value")
@pytest.mark.equation("2.7", code=["losses.squared_error.value", "objective.Objective.value"])
@pytest.mark.parametrize("mask_kind", MASKS)
@pytest.mark.parametrize("name", LOSSES)
def test_the_value_is_the_weighted_mean_of_the_definition(name, mask_kind):
    y_hat, y, mask, _ = draw(name, mask_kind)
    weight = np.ones(y_hat.shape[:2]) if mask is None else mask
    total = sum(
        weight[t, b] * definition(name, y_hat[t, b], y[t, b]) for t, b in np.ndindex(weight.shape)
    )
    value = getattr(losses, name).value(y_hat, y, mask)
    assert_allclose(value, total / weight.sum(), rtol=1e-13)


@pytest.mark.equation("2.8", "2.9", code="losses.squared_error.grad")
@pytest.mark.equation("2.10", code="losses.sigmoid_cross_entropy.grad")
@pytest.mark.equation("2.11", code="losses.softmax_cross_entropy.grad")
@pytest.mark.parametrize("mask_kind", MASKS)
@pytest.mark.parametrize("name", LOSSES)
def test_grad_and_hvp_are_complex_steps(name, mask_kind):
    y_hat, y, mask, rng = draw(name, mask_kind)
    loss = getattr(losses, name)

    def value(flat):
        return loss.value(flat.reshape(y_hat.shape), y, mask)

    grad = loss.grad(y_hat, y, mask)
    assert relative_error(grad.ravel(), complex_step_gradient(value, y_hat.ravel())) < 1e-13
    R = rng.normal(size=y_hat.shape)
    expected = complex_step(lambda z: loss.grad(z, y, mask), y_hat, R)
    assert relative_error(loss.hvp(y_hat, y, mask, R), expected) < 1e-13


@pytest.mark.parametrize("name", LOSSES)
def test_curvature_is_symmetric_and_nowhere_negative(name):
    y_hat, y, mask, rng = draw(name)
    hvp = getattr(losses, name).hvp
    R, S = rng.normal(size=(2, *y_hat.shape))
    assert_allclose((S * hvp(y_hat, y, mask, R)).sum(), (R * hvp(y_hat, y, mask, S)).sum())
    assert (R * hvp(y_hat, y, mask, R)).sum() >= 0


@pytest.mark.parametrize("name", LOSSES)
def test_no_mask_is_a_mask_of_ones_and_its_scale_does_not_matter(name):
    y_hat, y, mask, rng = draw(name)
    loss = getattr(losses, name)
    R = rng.normal(size=y_hat.shape)
    for a, b in ((None, np.ones(mask.shape)), (None, np.ones(mask.shape, bool)), (mask, 7 * mask)):
        assert_allclose(loss.value(y_hat, y, a), loss.value(y_hat, y, b), rtol=1e-14)
        assert_allclose(loss.grad(y_hat, y, a), loss.grad(y_hat, y, b), rtol=1e-14)
        assert_allclose(loss.hvp(y_hat, y, a, R), loss.hvp(y_hat, y, b, R), rtol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
def test_steps_that_are_not_scored_change_nothing_and_get_exact_zeros(name):
    y_hat, y, mask, rng = draw(name, "booleans")
    loss = getattr(losses, name)
    other = np.where(mask[..., np.newaxis], y_hat, 50.0)
    assert loss.value(other, y, mask) == loss.value(y_hat, y, mask)
    assert_array_equal(loss.grad(other, y, mask), loss.grad(y_hat, y, mask))
    assert not loss.grad(y_hat, y, mask)[~mask].any()
    assert not loss.hvp(y_hat, y, mask, rng.normal(size=y_hat.shape))[~mask].any()


@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 1e4), (np.float64, 1e300)])
@pytest.mark.parametrize("name", LOSSES[1:])
def test_cross_entropies_survive_huge_outputs(name, dtype, size):
    # every warning is an error here: nothing overflows, and the numbers are the right ones
    y_hat = np.array([[[1, -1]], [[1, -1]]], dtype) * dtype(size)
    R = np.ones_like(y_hat)
    loss = getattr(losses, name)
    if name == "softmax_cross_entropy":
        y, right = np.array([[0], [1]]), np.array([[0], [0]])
        wrong_by = 2 * size / 2  # logit difference, in one of two steps
    else:
        y = np.array([[[1, 0]], [[1, 1]]], dtype)
        right = np.array([[[1, 0]], [[1, 0]]], dtype)
        wrong_by = size / 2
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert_allclose(loss.value(y_hat, y), wrong_by, rtol=1e-6)
        assert loss.value(y_hat, right) == 0
        grad = loss.grad(y_hat, y)
        expected = [[0, 0], [0.5, -0.5] if name == "softmax_cross_entropy" else [0, -0.5]]
        assert_allclose(grad[:, 0], expected)
        assert_array_equal(loss.grad(y_hat, right), np.zeros_like(y_hat))
        assert_array_equal(loss.hvp(y_hat, y, None, R), np.zeros_like(y_hat))
    assert {grad.dtype, loss.value(y_hat, y).dtype} == {np.dtype(dtype)}


@pytest.mark.parametrize("size", [1e2, 1e4])
def test_elementwise_functions_at_their_ends(size):
    z = np.array([-size, 0, size])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert_allclose(arrays.sigmoid(z), [0, 0.5, 1], atol=1e-16)
        assert_allclose(arrays.softplus(z), [0, math.log(2), size], atol=1e-16)
        assert_allclose(arrays.softmax(z), [0, 0, 1], atol=1e-16)
        assert_allclose(arrays.log_softmax(z), [-2 * size, -size, 0], atol=1e-40)
        # the complex step passes through
        assert_allclose(arrays.softplus(z + 1e-30j).imag / 1e-30, arrays.sigmoid(z), atol=1e-16)


def test_softmax_is_shift_invariant_and_sums_to_one():
    z = np.random.default_rng(1).normal(size=(4, 3, 5))
    assert_allclose(arrays.softmax(z).sum(axis=-1), 1, rtol=1e-15)
    assert_allclose(arrays.softmax(z + 700), arrays.softmax(z), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_classes_may_be_of_any_integer_type(dtype):
    y_hat, y, mask, _ = draw("softmax_cross_entropy")
    loss = losses.softmax_cross_entropy
    assert loss.value(y_hat, y.astype(dtype), mask) == loss.value(y_hat, y, mask)
    assert_array_equal(loss.grad(y_hat, y.astype(dtype), mask), loss.grad(y_hat, y, mask))


def test_a_probability_above_one_is_refused():
    y_hat, y = np.zeros((2, 1, 1)), np.array([[[0.0]], [[1.5]]])
    with pytest.raises(ValueError, match="y holds values from 0 to 1.5, expected 0 to 1"):
        losses.sigmoid_cross_entropy.value(y_hat, y)


# logits in multiples of 1/8, so that float32 holds their differences; up to where exp(-z) is normal
LOGITS = {np.float32: (0, 0.125, 1, 7.5, 12, 14, 16, 17, 20, 40.25, 80)}
LOGITS[np.float64] = (*LOGITS[np.float32], 38, 120.5, 700)


def exactly(dtype, function):
    """The functions of one output, y_hat and y, in 400 digits, rounded once."""

    def rounded(*arguments):
        with localcontext() as context:
            context.prec = 400
            return dtype(function(*(Decimal(float(a)) for a in arguments)))

    return np.vectorize(rounded, otypes=[dtype])


def exact_p(z):
    return 1 / (1 + (-z).exp())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sure_net_loses_no_digit_of_the_sigmoid_cross_entropy(dtype):
    z = np.array([sign * size for size in LOGITS[dtype] for sign in (1, -1)], dtype)
    z, y = (a.reshape(-1, 1, 1) for a in np.meshgrid(z, np.array([0, 1], dtype)))
    R, loss, M = np.full_like(z, 3), losses.sigmoid_cross_entropy, dtype(z.size)
    bound = {"rtol": 12 * np.finfo(dtype).eps}
    values = [loss.value(a, b) for a, b in zip(z[:, np.newaxis], y[:, np.newaxis], strict=True)]
    value = exactly(dtype, lambda z, y: -(1 - y) * (1 - exact_p(z)).ln() - y * exact_p(z).ln())
    assert_allclose(values, value(z, y).ravel(), **bound)
    assert (np.array(values) > 0).all()
    grad = exactly(dtype, lambda z, y: exact_p(z) - y)
    assert_allclose(M * loss.grad(z, y), grad(z, y), **bound)
    hvp = exactly(dtype, lambda z: 3 * exact_p(z) * (1 - exact_p(z)))
    assert_allclose(M * loss.hvp(z, y, None, R), hvp(z), **bound)
    assert_allclose(arrays.sigmoid(z), exactly(dtype, exact_p)(z), **bound)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("y", [0.25, 0.5, 1e-3, 1 - 2**-20])
def test_between_zero_and_one_a_target_costs_no_more_than_its_terms(dtype, y):
    z = np.array([sign * size for size in LOGITS[dtype] for sign in (1, -1)], dtype)
    z, y = z.reshape(-1, 1, 1), np.full((len(z), 1, 1), y, dtype)
    expected = exactly(dtype, lambda z, y: exact_p(z) - y)(z, y)
    terms = exactly(dtype, lambda z, y: (1 - y) * exact_p(z) + y * (1 - exact_p(z)))(z, y)
    found = dtype(len(z)) * losses.sigmoid_cross_entropy.grad(z, y)
    assert (np.abs(found - expected) <= 12 * np.finfo(dtype).eps * terms).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("first", [0, 1])
def test_a_sure_net_loses_no_digit_of_the_softmax_cross_entropy(dtype, first):
    """Three classes: one ahead of the others by a logit; the right one is each of them in turn."""
    sizes = [size for size in LOGITS[dtype] for _ in range(3)]
    y_hat = np.array([[[0, -size, -size - 2]] for size in sizes], dtype) + dtype(4)
    y_hat = np.roll(y_hat, first, axis=-1)
    y = np.array([0, 1, 2] * len(LOGITS[dtype]))[:, np.newaxis]
    loss, M, R = losses.softmax_cross_entropy, dtype(len(y)), np.zeros_like(y_hat)
    R[..., 0], R[..., 2] = 2, -1
    p, value, grad, hvp = [], [], [], []
    with localcontext() as context:
        context.prec = 400
        for z, c in zip(y_hat[:, 0], y[:, 0], strict=True):
            e = [Decimal(float(a)).exp() for a in z]
            q = [a / sum(e) for a in e]
            mean = 2 * q[0] - q[2]
            p.append([dtype(a) for a in q])
            value.append(dtype(-q[c].ln()))
            grad.append([dtype(a - (k == c)) for k, a in enumerate(q)])
            hvp.append([dtype(a * (r - mean)) for a, r in zip(q, (2, 0, -1), strict=True)])
    bound = {"rtol": 12 * np.finfo(dtype).eps}
    assert_allclose(arrays.softmax(y_hat)[:, 0], p, **bound)
    values = [loss.value(a[None], b[None]) for a, b in zip(y_hat, y, strict=True)]
    assert_allclose(values, value, **bound)
    assert_allclose(M * loss.grad(y_hat, y)[:, 0], grad, **bound)
    assert_allclose(M * loss.hvp(y_hat, y, None, R)[:, 0], hvp, **bound)


def test_the_cost_of_a_sure_right_answer_is_plus_zero():
    y_hat, y = np.array([[[1e3, 0]]]), np.array([[0]])
    for value in (
        losses.softmax_cross_entropy.value(y_hat, y),
        losses.sigmoid_cross_entropy.value(y_hat[..., :1], np.ones((1, 1, 1))),
        losses.sigmoid_cross_entropy.value(-y_hat[..., :1], np.zeros((1, 1, 1))),
    ):
        assert value == 0 and not np.signbit(value)
