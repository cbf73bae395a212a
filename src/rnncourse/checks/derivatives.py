"""Three checks of a gradient: finite difference, complex step, adjoint test."""

import numpy as np

from rnncourse.inputs import (
    check_finite,
    check_flat,
    check_plain,
    check_rng,
    check_shape,
    integer,
    positive,
)


def finite_difference(f, theta, v, eps=None):
    """Return the central difference of f at theta along v.

    The error is eps^2 / 6 times the third derivative, plus about 1e-16 f / eps from rounding:
    smallest, near 1e-10, for eps around 1e-5. In float32 rounding leaves 1e-7 f / eps: smallest,
    near 1e-5, for eps around 1e-3; 1e-6 would leave one digit or two.

    Args:
        f: function of a (P,) vector.
        theta: (P,) point.
        v: (P,) direction, of the precision of theta.
        eps: step, positive; 1e-6 if None, for a theta of float32 1e-3.

    Raises:
        ValueError: if eps is not positive and finite, if v does not have the shape and precision of
            theta, if rounding changes the step that is taken from theta by half of it or more, or
            if theta, v or f is not finite.
    """
    theta, v = _check_direction(theta, v)
    if np.float32 in (theta.dtype, v.dtype) and theta.dtype != v.dtype:
        raise ValueError(f"v has dtype {v.dtype}, expected {theta.dtype}: one precision throughout")
    eps = _step((1e-3 if theta.dtype == np.float32 else 1e-6) if eps is None else eps)
    forward, back = theta + eps * v, theta - eps * v
    lost = np.abs((forward - back) / 2 - eps * v).max()
    if np.any(v) and not lost < 0.5 * eps * np.abs(v).max():
        raise ValueError(
            f"eps is {eps:g}: beside entries of up to {np.abs(theta).max():g} the step is lost in "
            "rounding, expected a longer one"
        )
    ahead = +_finite_value(f, forward)  # a copy: f may write all its values into one array
    return (ahead - _finite_value(f, back)) / (2 * eps)


def complex_step(f, theta, v, eps=1e-30):
    """Return Im f(theta + i eps v) / eps: no difference is taken, so nothing cancels.

    Args:
        f: function of a (P,) vector that is analytic and computed with complex arithmetic.
        theta: (P,) point, float64.
        v: (P,) direction.
        eps: step, positive; its square must vanish beside 1.

    Raises:
        ValueError: if eps is not positive and finite, if theta is float32, if theta or v is
            complex, if v does not have the shape of theta, if eps v is too small for a number to
            hold, if f is real for a complex theta, or if theta, v or f is not finite.

    Source:
        Squire and Trapp, SIAM Review 40 (1998) 110.
    """
    theta, v = _check_direction(theta, v)
    eps = _step(eps)
    _check_double(theta, v)
    step = 1j * eps * v
    largest, limits = np.abs(step).max(), np.finfo(step.dtype)
    if np.any(v) and largest < limits.tiny / limits.eps:
        raise ValueError(
            f"eps is {eps:g}: with v of up to {np.abs(v).max():g} the step is lost in rounding, "
            "expected a longer one"
        )
    value = _finite_value(f, theta + step)
    if not np.iscomplexobj(value):
        raise ValueError(
            f"f is real, of dtype {np.asarray(value).dtype}, for a complex theta; expected complex "
            "numbers: somewhere their imaginary part is lost, as in abs or norm"
        )
    return np.imag(value) / eps


def complex_step_gradient(f, theta):
    """Return the whole gradient, one complex step for each of the P parameters."""
    return np.array([complex_step(f, theta, v) for v in np.eye(np.size(theta))])


def adjoint(jacobian, transposed, v, u):
    """Return |<u, J v> - <J^T u, v>|, relative to the sum of the sizes of the terms.

    It is infinite if a term is not finite.

    Args:
        jacobian: function v -> J v.
        transposed: function u -> J^T u.
        v: array that `jacobian` takes.
        u: array of the shape that `jacobian` returns.

    Raises:
        ValueError: if J v has another shape than u, or J^T u than v, if one of them is no plain
            array, or if the terms are too small to be compared.
    """
    J_v, J_T_u = jacobian(v), transposed(u)
    for name, array in (("v", v), ("u", u), ("jacobian(v)", J_v), ("transposed(u)", J_T_u)):
        check_plain(name, array)
    check_shape("u", u, np.shape(J_v))
    check_shape("transposed(u)", J_T_u, np.shape(v))
    forward, backward = u * J_v, J_T_u * v
    scale = np.abs(forward).sum() + np.abs(backward).sum()
    met = np.any((u != 0) & (J_v != 0)) or np.any((v != 0) & (J_T_u != 0))
    if met and scale < np.finfo(float).tiny / np.finfo(float).eps:
        raise ValueError(f"the terms of u J v are of size {scale:g}, expected larger u or v")
    if not scale < np.inf:
        return np.inf
    return float(np.abs(forward.sum() - backward.sum()) / scale) if scale > 0 else 0.0


def relative_error(found, expected):
    """Return |found - expected| / |expected| in the Euclidean norm; 0 if both are zero.

    It is infinite if one of them, or their difference, holds NaN or an infinity.
    """
    for name, array in (("found", found), ("expected", expected)):
        check_plain(name, array)
    check_shape("found", found, np.shape(expected))
    expected = np.multiply(expected, 1.0)  # integers would wrap around
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.abs(np.subtract(found, expected))
    size = np.abs(expected)
    largest, unit = difference.max(initial=0), size.max(initial=0)
    if largest == 0:
        return 0.0
    if unit == 0 or not (largest < np.inf and unit < np.inf):
        return np.inf
    # each over its largest entry, so that no square leaves the range of the numbers
    norms = np.linalg.norm(difference / largest), np.linalg.norm(size / unit)
    return float(largest / unit * (norms[0] / norms[1]))


def check_gradient(objective, theta, rng, directions=5, tolerance=1e-10):
    """Compare `objective.gradient` with complex steps along random directions.

    Args:
        objective: anything with `value(theta)` and `gradient(theta)`.
        theta: (P,) point, float64.
        rng: a `numpy.random.Generator` that draws the directions.
        directions: how many, at least 1.
        tolerance: greatest difference allowed, relative to |gradient| |v| or to the derivative
            itself, whichever is larger.

    Returns:
        The greatest relative difference seen.

    Raises:
        AssertionError: if a difference is above the tolerance; the message shows both numbers.
        ValueError: if directions is below 1, if theta is float32 or complex, or if the value of the
            objective is not finite, or real for a complex theta.
    """
    check_rng(rng)
    integer("directions", directions, 1)
    _check_double(theta)
    gradient = objective.gradient(theta)
    check_plain("gradient", gradient)
    check_shape("gradient", gradient, np.shape(theta))
    worst = 0.0
    for _ in range(directions):
        v = rng.normal(size=theta.shape)
        expected = complex_step(objective.value, theta, v)
        scale = np.linalg.norm(gradient) * np.linalg.norm(v)
        scale = max(scale, abs(expected)) or 1.0  # both are zero where nothing changes C
        error = abs(gradient @ v - expected) / scale if scale < np.inf else np.inf
        if not error <= tolerance:
            raise AssertionError(
                f"derivative along v: by the gradient {gradient @ v:.12g}, by a complex step "
                f"{expected:.12g}; relative difference {error:.1e}, tolerance {tolerance:.1e}"
            )
        worst = max(worst, float(error))
    return worst


def _check_direction(theta, v):
    """Return theta and v as arrays, or say what is wrong with them."""
    check_shape("v", v, np.shape(theta))
    arrays = []
    for name, array in (("theta", theta), ("v", v)):
        check_plain(name, array)
        array = np.asarray(array)
        if array.dtype.kind not in "iufc":
            raise ValueError(f"{name} has dtype {array.dtype}, expected numbers")
        check_finite(name, array)
        arrays.append(array)
    return arrays


def _check_double(theta, v=None):
    for name, array in (("theta", theta), ("v", v)):
        check_flat(name, array)
        if np.iscomplexobj(array):
            raise ValueError(f"{name} has dtype {np.asarray(array).dtype}, expected float64")
    if np.asarray(theta).dtype == np.float32:
        raise ValueError(
            "theta has dtype float32, expected float64: a complex step is exact in float64 alone. "
            "Take theta and data of float64, or `finite_difference`"
        )


def _step(eps):
    return positive("eps", eps)


def _finite_value(f, point):
    value = f(point)
    check_plain("f", value)
    if not np.isfinite(value).all():
        raise ValueError(f"f is {value} near theta, expected finite numbers")
    return value
