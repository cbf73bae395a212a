"""Hessian-free optimization: Newton steps that need curvature only as a product with a vector.

    q(d) = C + g^T d + 1/2 d^T G d          model of the cost at theta, with G = J^T l'' J
    (G + nu I + nu_h J_h^T J_h) d = -g      its damped minimum, found by `conjugate_gradient`
    ratio = (C(theta + d) - C) / (q(d) - C)   how well the model predicted; it steers the damping nu

Like the optimizers these functions know no model: an objective is anything with `value(theta)`,
`value_and_gradient(theta)` and `gauss_newton(theta, structural)`, and the caller owns the loop.
"""

import math
from typing import NamedTuple

import numpy as np

from rnncourse.arrays import norm, power_of_two
from rnncourse.inputs import (
    check_iterable,
    check_real,
    check_shape,
    check_vector,
    integer,
    not_negative,
    positive,
)


class Iterate(NamedTuple):
    """What conjugate gradients report after each step; the first one is the start."""

    d: np.ndarray  # (P,)  a new array each time
    value: float  # of the quadratic 1/2 d^T A d - b^T d
    residual_norm: float  # |r| of the recursion: |b - A d|, down to its rounding eps |A| |d|


class Step(NamedTuple):
    """What Hessian-free reports after each update."""

    theta: np.ndarray  # (P,)  after the update; a new array each time
    value: float  # C of the gradient's objective before the update
    gradient_norm: float  # norm of its gradient there
    damping: float  # nu that this step was computed with
    ratio: float  # see above, for the whole step d; -inf if the model predicted no fall at all
    cg_steps: int  # how many products with the curvature matrix the step took
    rate: float  # share of d that was taken; 0 if no share lowered C
    d_0: np.ndarray  # (P,)  where the next conjugate gradients start


class OutOfRange(ValueError):
    """A product with the matrix is too large or too small for the precision."""


def conjugate_gradient(product, b, d_0=None):
    """Minimize 1/2 d^T A d - b^T d, that is, solve A d = b, with one product A p a step.

        alpha = r^T r / p^T A p,   d <- d + alpha p,   r <- r - alpha A p
        beta = r^T r / (r^T r of the step before),     p <- r + beta p

    Args:
        product: function p -> A p for a symmetric positive definite A (P, P).
        b: (P,) right-hand side, float32 or float64.
        d_0: (P,) start; zero if None.

    Returns:
        An iterator of `Iterate` that begins with the start and ends when |r| is at most
        eps |A| |d|, or when rounding leaves no curvature to divide by. Here |A| is the largest
        |A p| / |p| and |d| the largest length met, eps the spacing of the numbers at 1. The
        recursion would go on to lower r, but b - A d could not follow: its own rounding is as
        large.

    Raises:
        ValueError: if b or d_0 is not a vector of finite numbers, or if they differ in shape; while
            iterating, if a direction of negative curvature shows that A is not positive definite,
            or if A p leaves the range of the numbers or is no array of the shape and precision of
            b.

    Source:
        Hestenes and Stiefel, Journal of Research of the NBS 49 (1952) 409; the accuracy that can
        be attained: Greenbaum, SIAM Journal on Matrix Analysis and Applications 18 (1997) 535.
    """
    check_vector("b", b)
    if d_0 is not None:
        check_shape("d_0", d_0, b.shape)
        check_vector("d_0", d_0)
    d = np.zeros_like(b) if d_0 is None else d_0.astype(b.dtype)
    unit, root = power_of_two(b), float(np.finfo(b.dtype).tiny) ** 0.25
    if root < unit < 1 / root:
        return _conjugate_gradient(product, b, d)
    return _rescaled(_conjugate_gradient(product, b / unit, d / unit), unit)


def _conjugate_gradient(product, b, d):
    """Yield the iterates, for a b whose squares stay in the range of the numbers."""
    eps, tiny = float(np.finfo(b.dtype).eps), float(np.finfo(b.dtype).tiny)

    def applied(p):
        A_p = product(p)
        check_real("A p", A_p, like=b)
        check_shape("A p", A_p, b.shape)
        return A_p

    r = b - applied(d) if d.any() else b.copy()
    p, r_r = r, float(r @ r)
    solved = eps * r_r
    norm_A, longest = 0.0, float(norm(d))
    yield Iterate(d, -0.5 * float(d @ (r + b)), math.sqrt(r_r))
    while math.sqrt(r_r) > eps * norm_A * longest:
        A_p = applied(p)
        size = power_of_two(A_p)
        underflows = size < tiny and A_p.any()  # and the digits of A p are lost
        if underflows and r_r <= solved:
            return
        if underflows or not size < np.inf:
            raise OutOfRange(
                f"A p has entries of up to {np.abs(A_p).max():.3g}, expected finite numbers of at "
                f"least {tiny:.3g} or zeros: scale the matrix"
            )
        curvature = float(p @ (A_p / size))
        of_p, of_A_p = float(np.linalg.norm(p)), float(np.linalg.norm(A_p / size))
        rounding = eps * of_p * of_A_p + tiny
        if curvature < -10 * rounding:
            raise ValueError(
                f"p^T A p is {curvature * size:.3g} for a direction p, expected a positive number: "
                "the matrix is not positive definite"
            )
        if curvature <= 0:
            return
        alpha = r_r / curvature / size
        d = d + alpha * p
        r = r - alpha * A_p
        r_r, r_r_before = float(r @ r), r_r
        p = r + (r_r / r_r_before) * p
        norm_A = max(norm_A, of_A_p / of_p * size)
        if (length := float(norm(d))) < np.inf:  # beyond the range, the next A p is refused
            longest = max(longest, length)
        yield Iterate(d, -0.5 * float(d @ (r + b)), math.sqrt(r_r))


def _rescaled(iterates, unit):
    """Pass on the iterates of b / unit as those of b."""
    for d, value, residual_norm in iterates:
        yield Iterate(unit * d, float(np.float64(value) * unit * unit), unit * residual_norm)


def truncate(iterates, max_steps=250, tolerance=5e-4):
    """Pass iterates on until their progress is small, measured over the last k steps.

        k = max(10, i / 10);   stop after step i if  value < 0  and
        (value[i] - value[i - k]) / value[i] < k tolerance

    The residual is no good measure: it is the value that the step is for, and far from convergence
    the two have little to do with each other.

    Args:
        iterates: iterator of `Iterate`, the start first.
        max_steps: greatest number of steps, at least 1.
        tolerance: relative progress a step below which it stops, not negative; None to go on
            to the last step, however little it brings.

    Returns:
        An iterator of `Iterate`.

    Raises:
        ValueError: if a number is out of range.

    Source:
        Martens, ICML 2010, section 4.4.
    """
    integer("max_steps", max_steps, 1)
    tolerance = -math.inf if tolerance is None else not_negative("tolerance", tolerance)

    def passed_on():
        values = []
        for i, iterate in enumerate(iterates):
            yield iterate
            values.append(iterate.value)
            k = max(10, i // 10)
            progress = values[i] - values[i - k] if i > k else -np.inf
            if i >= max_steps or (values[i] < 0 and progress / values[i] < k * tolerance):
                return

    return passed_on()


def hessian_free(objectives, theta, damping=1.0, structural=0.0, max_cg_steps=250, tolerance=5e-4):
    """Step to the minimum of a damped quadratic model of C, found by conjugate gradients.

    Each step starts its conjugate gradients from 0.95 times where the last ones ended, keeps
    iterates whose numbers grow by a factor of 1.3, goes back through them as long as that does not
    raise C, adjusts the damping by how well the model predicted C, and shortens the step by 0.8^i
    until C is lower than before. Ten times the rounding error of C counts as no change.

    Args:
        objectives: iterable with one objective a step, or one pair a step: the objective for C and
            its gradient, and one for the curvature, which may hold fewer examples.
        theta: (P,) starting point, float32 or float64, not changed; or a `Step` of an earlier call
            (also by way of a file, see `optimizers`), to go on from as if there had been no stop.
        damping: nu of the first step, positive; a `Step` brings its own. It is multiplied by 3/2
            after a step with ratio < 1/4, and by 2/3 after one with ratio > 3/4.
        structural: weight of structural damping over that of the damping, nu_h / nu; 0 for none.
        max_cg_steps: greatest number of steps of conjugate gradients, at least 1.
        tolerance: see `truncate`.

    Returns:
        An iterator of `Step`; it ends when the objectives end.

    Raises:
        ValueError: if a number is out of range, if objectives is a single one, or if theta is not a
            vector of finite numbers; while iterating, if the gradient is not one of the shape and
            precision of theta.

    Source:
        Martens, ICML 2010; Martens and Sutskever, ICML 2011.
    """
    check_iterable("objectives", objectives)
    damping = positive("damping", damping)
    structural = not_negative("structural", structural)
    theta, damping, d_0 = _start(theta, damping)
    truncate((), max_cg_steps, tolerance)  # checks the two before the first step

    def steps(theta, nu, d_0):
        for item in objectives:
            objective, curvature = item if type(item) is tuple else (item, item)
            value, g = objective.value_and_gradient(theta)
            check_vector("the gradient", g, like=theta)
            A = _damped(curvature.gauss_newton(theta, structural * nu), nu)
            cg_steps, kept = _spaced(
                truncate(conjugate_gradient(A, -g, d_0), max_cg_steps, tolerance)
            )
            rounding = 10 * float(np.finfo(theta.dtype).eps * abs(value))
            change = _change(objective, theta, value, rounding)
            d, changed = _go_back(change, kept)
            predicted = float(g @ d + 0.5 * (d @ curvature.gauss_newton(theta)(d)))
            ratio = changed / (predicted - rounding) if predicted < 0 else -math.inf
            rate = 1.0 if changed < 0 else _line_search(change, d)
            d_0 = 0.95 * kept[-1] if rate else np.zeros_like(theta)
            theta = theta + rate * d
            yield Step(theta, float(value), float(norm(g)), nu, ratio, cg_steps, rate, d_0)
            nu = _next_damping(nu, ratio)

    return steps(theta, damping, d_0)


def _start(start, damping):
    """Return theta, nu and the start of the first conjugate gradients, of a vector or a `Step`."""
    if not isinstance(start, Step):
        check_vector("theta", start)
        return start, damping, np.zeros_like(start)
    check_vector("theta", start.theta)
    check_vector("d_0", start.d_0, like=start.theta)
    return start.theta, _next_damping(start.damping, start.ratio), start.d_0


def _next_damping(nu, ratio):
    """Return the damping after a step: less where the model predicted well, more where badly."""
    return float(nu * (2 / 3 if ratio > 0.75 else 1 if ratio >= 0.25 else 3 / 2))


def _damped(G, nu):
    """Return the function v -> G v + nu v."""
    return lambda v: G(v) + nu * v


def _change(objective, theta, value, rounding):
    """Return the function d -> C(theta + d) - C(theta) - rounding, infinite where C is no number.

    Taking the rounding error of C off both the change and what the model predicted brings their
    ratio to 1 where both are lost in it, as on a plateau in float32. A step that raises C by less
    than that is taken. It is no help against larger errors, such as those of the gradient, or of
    states that a long recursion has amplified.

    Source:
        Conn, Gould and Toint, Trust-Region Methods (2000), section 17.4.2.
    """

    def change(d):
        changed = float(objective.value(theta + d) - value) - rounding
        return changed if math.isfinite(changed) else math.inf

    return change


def _spaced(iterates):
    """Return the number of the last iterate, and d of some: number 1, 2, 3, 4, 6, 8 ..., last."""
    kept, wanted = [], 1
    for i, iterate in enumerate(iterates):
        if i >= wanted:
            kept.append(iterate.d)
            wanted = math.ceil(1.3 * wanted)
    return i, kept if kept and kept[-1] is iterate.d else [*kept, iterate.d]


def _go_back(change, kept):
    """Return the d, and its change of C, from which going back further does not lower C."""
    d, changed = kept[-1], change(kept[-1])
    for earlier in kept[-2::-1]:
        changed_earlier = change(earlier)
        if changed_earlier > changed:
            break
        d, changed = earlier, changed_earlier
    return d, changed


def _line_search(change, d):
    """Return the first of 0.8^i, i = 1 ... 49, that lowers C; 0 if none does."""
    return next((0.8**i for i in range(1, 50) if change(0.8**i * d) < 0), 0.0)
