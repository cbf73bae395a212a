"""What a network is scored by: value, gradient and curvature, each with a mask.

With weights m[t, b] of the mask (1 where a step is scored, 0 where not) and M their sum,

    C = 1/M sum_{t, b} m[t, b] loss(y_hat[t, b], y[t, b])

    squared_error            1/2 sum_k (y_hat_k - y_k)^2
    softmax_cross_entropy    -log p_y,  p = softmax(y_hat),   y an integer class
    sigmoid_cross_entropy    -sum_k (1 - y_k) log(1 - p_k) + y_k log p_k,   p_k = sigmoid(y_hat_k)

`y_hat` is the linear output of the net; softmax and sigmoid belong to the loss, and so every
gradient has the same form, (p - y) / M, and large outputs overflow nowhere. `hvp` multiplies the
second derivative of C with respect to y_hat by a vector R: the H of J' H J.

Where a net is sure and right, p - y is the difference of two numbers that are almost equal. So it
is not computed as one: 1 - p is sigmoid(-y_hat), or the sum of the p of the other classes, and all
three functions are right to their last digits at any y_hat (softmax to what one rounding of the
differences of the y_hat_k changes).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnncourse.arrays import log_softmax, sigmoid, softmax, softplus
from rnncourse.inputs import (
    check_finite,
    check_floating,
    check_integers,
    check_plain,
    check_real,
    check_shape,
    kind_of,
)


class Loss(NamedTuple):
    """A loss as three functions of the network's output.

    All take y_hat (T, B, K), the target y, and a mask (T, B) of nonnegative weights or booleans
    (None: every step is scored). They raise ValueError for other shapes or kinds of arrays, for
    targets outside their range or not finite, scored or not, and for masks that score nothing.
    """

    value: Callable  # (y_hat, y, mask=None) -> C
    grad: Callable  # (y_hat, y, mask=None) -> dC/dy_hat (T, B, K)
    hvp: Callable  # (y_hat, y, mask, R) -> d^2C/dy_hat^2 R (T, B, K)


def _weights(y_hat, mask):
    """Return mask / M, of the precision of y_hat: (T, B, 1), or one number if all steps count."""
    check_shape("y_hat", y_hat, ("T", "B", "K"))
    check_floating("y_hat", y_hat)
    T, B, _ = y_hat.shape
    if mask is None:
        return y_hat.real.dtype.type(1 / (T * B))
    check_plain("mask", mask)
    mask = np.asarray(mask)
    check_shape("mask", mask, (T, B))
    if mask.dtype.kind not in "bf":
        raise ValueError(f"mask has dtype {mask.dtype}, expected booleans or floats")
    if mask.dtype.kind == "f":
        check_finite("mask", mask)
    M = mask.sum(dtype=float)
    if M == 0 or mask.min() < 0:
        raise ValueError(
            f"mask sums to {M:g} with smallest entry {float(mask.min()):g}, "
            "expected nonnegative weights that score at least one step"
        )
    return (mask / M).astype(y_hat.real.dtype)[..., np.newaxis]


def _check_real_targets(y_hat, y):
    check_shape("y", y, y_hat.shape)
    check_real("y", y, like=y_hat)


def _check_numbers(y_hat, y):
    _check_real_targets(y_hat, y)
    check_finite("y", y)


def _checked(check_targets, y_hat, y, mask, *directions):
    """Return the weights of the mask, once all that came in is checked."""
    weights = _weights(y_hat, mask)
    check_targets(y_hat, y)
    for R in directions:
        check_shape("R", R, y_hat.shape)
        check_floating("R", R, like=y_hat)
    return weights


def _squared_value(y_hat, y, mask=None):
    weights = _checked(_check_numbers, y_hat, y, mask)
    error = y_hat - y
    return 0.5 * (weights * error * error).sum()


def _squared_grad(y_hat, y, mask=None):
    weights = _checked(_check_numbers, y_hat, y, mask)
    return weights * (y_hat - y)


def _squared_hvp(y_hat, y, mask, R):
    weights = _checked(_check_numbers, y_hat, y, mask, R)
    return weights * R


def _check_classes(y_hat, y):
    check_shape("y", y, y_hat.shape[:2])
    if not isinstance(y, np.ndarray):
        raise ValueError(f"y is {kind_of(y)}, expected a NumPy array of integer classes")
    check_plain("y", y)
    besides = (
        ", the classes, also at the steps that are not scored: let the mask leave them out, and "
        "write any class there"
    )
    check_integers("y", y, 0, y_hat.shape[-1] - 1, besides)


def _softmax_value(y_hat, y, mask=None):
    weights = _checked(_check_classes, y_hat, y, mask)
    log_p = np.take_along_axis(log_softmax(y_hat), y[..., np.newaxis], axis=-1)
    return -(weights * log_p).sum() + 0.0  # of a sure and right net 0, not -0


def _softmax_grad(y_hat, y, mask=None):
    weights = _checked(_check_classes, y_hat, y, mask)
    one_hot = np.arange(y_hat.shape[-1]) == y[..., np.newaxis]
    others = np.where(one_hot, 0, softmax(y_hat))  # p_y - 1 is minus their sum
    return weights * (others - one_hot * others.sum(axis=-1, keepdims=True))


def _softmax_hvp(y_hat, y, mask, R):
    weights = _checked(_check_classes, y_hat, y, mask, R)
    p = softmax(y_hat)
    R = R - np.take_along_axis(R, y_hat.real.argmax(axis=-1)[..., np.newaxis], axis=-1)
    # of R only differences count; without that of the largest p no p near 1 is in the sum
    return weights * p * (R - (p * R).sum(axis=-1, keepdims=True))


def _check_probabilities(y_hat, y):
    _check_real_targets(y_hat, y)
    low, high = float(np.min(y)), float(np.max(y))
    if not 0 <= low <= high <= 1:
        raise ValueError(f"y holds values from {low:g} to {high:g}, expected 0 to 1")


def _sigmoid_value(y_hat, y, mask=None):
    weights = _checked(_check_probabilities, y_hat, y, mask)
    return (weights * ((1 - y) * softplus(y_hat) + y * softplus(-y_hat))).sum()


def _sigmoid_grad(y_hat, y, mask=None):
    weights = _checked(_check_probabilities, y_hat, y, mask)
    return weights * ((1 - y) * sigmoid(y_hat) - y * sigmoid(-y_hat))  # p - y


def _sigmoid_hvp(y_hat, y, mask, R):
    weights = _checked(_check_probabilities, y_hat, y, mask, R)
    return weights * sigmoid(y_hat) * sigmoid(-y_hat) * R


squared_error = Loss(_squared_value, _squared_grad, _squared_hvp)
softmax_cross_entropy = Loss(_softmax_value, _softmax_grad, _softmax_hvp)
sigmoid_cross_entropy = Loss(_sigmoid_value, _sigmoid_grad, _sigmoid_hvp)
