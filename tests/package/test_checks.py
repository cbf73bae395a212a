"""The checks of gradients: exact where they promise it, and loud when a gradient is wrong."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose

import cells
from random_configurations import draw
from rnncourse import checks, gru, linear, losses, lstm, museum, rnn
from rnncourse.network import CONTRACT, Network
from rnncourse.objective import Objective
from rnncourse.params import ravel

THETA = np.array([0.3, -0.8, 1.7])
V = np.array([1.0, 0.5, -2.0])


def smooth(theta):
    return np.exp(theta[0]) * np.sin(theta[1]) + theta[2] ** 3 * theta[0]


def smooth_gradient(theta):
    a, b, c = theta
    return np.array([np.exp(a) * np.sin(b) + c**3, np.exp(a) * np.cos(b), 3 * c**2 * a])


@pytest.mark.equation("3.5", code="checks.derivatives.complex_step")
def test_complex_step_is_exact_to_rounding_and_finite_difference_is_not():
    expected = smooth_gradient(THETA) @ V
    assert_allclose(checks.complex_step(smooth, THETA, V), expected, rtol=1e-15)
    assert_allclose(checks.complex_step_gradient(smooth, THETA), smooth_gradient(THETA), rtol=1e-15)
    error = abs(checks.finite_difference(smooth, THETA, V) - expected)
    assert 1e-14 < error < 1e-8


def test_a_function_may_write_its_values_into_one_array():
    values = np.empty(2)
    found = checks.finite_difference(
        lambda t: np.multiply(t, t, out=values), np.ones(2), np.ones(2)
    )
    np.testing.assert_allclose(found, 2.0, rtol=1e-8)


@pytest.mark.equation("3.4", code="checks.derivatives.finite_difference")
def test_the_error_of_the_finite_difference_is_second_order_then_rounding():
    expected = smooth_gradient(THETA) @ V

    def error(eps):
        return abs(checks.finite_difference(smooth, THETA, V, eps) / expected - 1)

    assert_allclose(error(1e-2) / error(1e-3), 100, rtol=0.05)
    third = np.imag(-smooth(THETA + 1e-3j * V) + 1e-3j * expected) / 1e-9  # f''' / 6
    assert_allclose(error(1e-3) * abs(expected) / 1e-6, abs(third), rtol=0.01)
    # smallest near 1e-5; both sides are worse
    assert error(1e-5) < 1e-8 < min(error(1e-2), error(1e-11))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_finite_difference_takes_no_step_that_rounding_changes(dtype):
    theta, v = THETA.astype(dtype), V.astype(dtype)
    eps = float(np.finfo(dtype).eps)
    assert abs(checks.finite_difference(np.sum, theta, v, 1e3 * eps) / v.sum() - 1) < 0.1
    for too_short in (0.1 * eps, 1e-3 * eps, 1e-40):
        with pytest.raises(ValueError, match="eps is .* lost in rounding, expected a longer one"):
            checks.finite_difference(np.sum, theta, v, too_short)
    # nothing is lost beside zeros, nor on a way of length zero
    tiny = checks.finite_difference(lambda theta: 2 * theta[0], 0 * theta, v, 1e-30)
    assert_allclose(tiny, 2 * v[0], rtol=1e-6)
    assert checks.finite_difference(np.sum, theta, 0 * v, 1e-30) == 0


def test_complex_step_takes_steps_that_no_difference_could():
    for eps in (1e-12, 1e-30, 1e-200):
        assert_allclose(
            checks.complex_step(smooth, THETA, V, eps), smooth_gradient(THETA) @ V, rtol=1e-14
        )


@pytest.mark.equation("3.6", code="checks.derivatives.adjoint")
def test_adjoint_is_zero_for_a_transpose_and_large_for_anything_else():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(4, 3))
    u, v = rng.normal(size=4), rng.normal(size=3)
    assert checks.adjoint(lambda v: A @ v, lambda u: A.T @ u, v, u) < 1e-15
    wrong = A.T.copy()
    wrong[0, 1] *= -1
    assert checks.adjoint(lambda v: A @ v, lambda u: wrong @ u, v, u) > 1e-3
    assert checks.adjoint(lambda v: 0 * A @ v, lambda u: 0 * A.T @ u, v, u) == 0
    half = checks.adjoint(lambda v: v, lambda u: 0.5 * u, np.ones(3), np.ones(3))
    assert_allclose(half, (3 - 1.5) / (3 + 1.5))


def test_relative_error_is_relative_and_zero_agrees_with_zero():
    assert_allclose(checks.relative_error([3.0, 4.0], [3.0, 5.0]), 1 / 34**0.5)
    assert checks.relative_error(np.zeros(3), np.zeros(3)) == 0
    assert checks.relative_error(np.ones(3), np.zeros(3)) == np.inf
    for kind, found, expected, error in (
        (np.uint8, 1, 2, 0.5),
        (np.int8, -100, 100, 2.0),
        (bool, False, True, 1.0),
    ):
        assert checks.relative_error(np.array([found], kind), np.array([expected], kind)) == error


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_check_calls_right_what_is_not_finite(bad):
    """An error is infinite: neither `error < tolerance` nor `not error > tolerance` holds."""
    one, some = np.ones(3), np.array([1.0, bad, 1.0])
    for found, expected in ((some, one), (one, some), (some, some), (bad * one, bad * one)):
        assert checks.relative_error(found, expected) == np.inf
        for J, J_T in ((found, expected), (expected, found)):
            assert checks.adjoint(lambda v, J=J: J * v, lambda u, J=J_T: J * u, one, one) == np.inf
    assert checks.relative_error(1.7e308 * one, -1.7e308 * one) == np.inf
    with pytest.raises(AssertionError, match="by the gradient"):
        checks.check_gradient(Linear(some), one, np.random.default_rng(0))
    for check in (checks.finite_difference, checks.complex_step):
        with pytest.raises(ValueError, match="f is .* near theta, expected finite numbers"):
            check(lambda theta: theta.sum() + bad, one, one)
        with pytest.raises(ValueError, match=f"theta holds {bad} at index"):
            check(np.sum, some, one)
        with pytest.raises(ValueError, match=f"v holds {bad} at index"):
            check(np.sum, one, some)
    with pytest.raises(ValueError, match="f is "):
        checks.complex_step_gradient(lambda theta: bad * theta.sum(), one)


class Linear:
    """The sum of theta, with a gradient that may be a wrong one."""

    def __init__(self, gradient):
        self.gradient = lambda theta: gradient

    def value(self, theta):
        return theta.sum()


def test_a_check_that_checks_nothing_is_refused():
    args = Linear(np.zeros(3)), THETA, np.random.default_rng(0)
    for none in (0, -1, 1.5):
        with pytest.raises(ValueError, match=f"directions is {none}, expected an integer from 1"):
            checks.check_gradient(*args, directions=none)
    with pytest.raises(ValueError, match=r"gradient has shape \(1, 3\), expected \(3,\)"):
        checks.check_gradient(Linear(np.ones((1, 3))), *args[1:])


def test_a_complex_step_too_short_for_a_number_is_refused():
    for v, eps in ((1e-300 * V, 1e-30), (V, 1e-310), (V.astype(np.float32), 1e-40)):
        with pytest.raises(ValueError, match="the step is lost in rounding, expected a longer one"):
            checks.complex_step(np.sum, THETA, v, eps)
    assert checks.complex_step(np.sum, THETA, 0 * V) == 0


class Wrong:
    """An objective with one entry of its gradient off by a factor."""

    def __init__(self, objective, factor):
        self.value, self.objective, self.factor = objective.value, objective, factor

    def gradient(self, theta):
        gradient = self.objective.gradient(theta).copy()
        gradient[np.abs(gradient).argmax()] *= self.factor
        return gradient


@pytest.mark.parametrize("seed", range(9))
def test_check_gradient_passes_the_right_and_rejects_the_slightly_wrong(seed):
    c = draw(seed)
    rng = np.random.default_rng(seed)
    assert checks.check_gradient(c.objective, c.theta, rng) < 1e-12
    for factor in (-1, 0, 1 + 1e-6, np.nan):
        with pytest.raises(AssertionError, match="by the gradient .*, by a complex step"):
            checks.check_gradient(Wrong(c.objective, factor), c.theta, rng)


def test_check_gradient_agrees_that_a_constant_has_no_gradient():
    class Constant:
        def value(self, theta):
            return 0 * theta.sum() + 1

        def gradient(self, theta):
            return np.zeros_like(theta)

    assert checks.check_gradient(Constant(), THETA, np.random.default_rng(0)) == 0


def test_check_gradient_says_that_a_small_slope_is_no_zero():
    small = SimpleNamespace(value=lambda theta: 1e-12 * theta.sum(), gradient=np.zeros_like)
    with pytest.raises(AssertionError, match="relative difference 1.0e\\+00"):
        checks.check_gradient(small, THETA, np.random.default_rng(0))


def single():
    """An objective of float32, and a theta for it."""
    rng = np.random.default_rng(3)
    x, y = (rng.normal(size=(20, 8, k)).astype(np.float32) for k in (2, 1))
    network = Network((lstm, linear), (2, 8, 1))
    return Objective(network, losses.squared_error, x, y), ravel(network.init(rng, np.float32)), rng


def test_a_finite_difference_in_float32_takes_a_longer_step():
    objective, theta, rng = single()
    errors = {None: [], 1e-6: []}
    for _ in range(20):
        v = rng.normal(size=theta.size).astype(np.float32)
        expected = objective.gradient(theta) @ v
        for eps, found in errors.items():
            slope = checks.finite_difference(objective.value, theta, v, eps)
            found.append(abs(slope - expected) / abs(expected))
    assert np.median(errors[None]) < 2e-4 < 1e-3 < np.median(errors[1e-6])
    # in float64 the step is 1e-6, as it was
    one = checks.finite_difference(smooth, THETA, V)
    assert one == checks.finite_difference(smooth, THETA, V, 1e-6)
    with pytest.raises(ValueError, match="^v has dtype float64, expected float32: one precision"):
        checks.finite_difference(objective.value, theta, v.astype(float))


def test_what_needs_float64_says_so_of_the_array_that_was_given():
    objective, theta, rng = single()
    message = "^theta has dtype float32, expected float64: a complex step is exact in float64 alone"
    for call in (
        lambda: checks.check_gradient(objective, theta, rng),
        lambda: checks.complex_step(objective.value, theta, theta),
        lambda: checks.complex_step_gradient(objective.value, theta),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    step = theta.astype(float)
    message = (
        "theta has dtype complex128, expected float32: a complex step needs float64 throughout"
    )
    with pytest.raises(ValueError, match=message):
        checks.complex_step(objective.value, step, step)
    for bad in (np.array(["a"] * 3), np.ones(3, object), np.ones(3, bool)):
        with pytest.raises(ValueError, match="^v has dtype .*, expected numbers$"):
            checks.finite_difference(np.sum, THETA, bad)


# ---- a cell against the contract ----------------------------------------------------------------


@pytest.mark.parametrize("cell", cells.CELLS, ids=cells.name)
def test_the_cells_of_the_package_lack_nothing(cell):
    assert checks.cell(cell) == []


@pytest.mark.parametrize(
    "exhibit", [e for e in museum.EXHIBITS if e.name != "tanh upside down"], ids=lambda e: e.name
)
def test_a_wrong_backward_pass_of_the_museum_is_found(exhibit):
    found = checks.cell(exhibit.cell())
    assert any(s.startswith("`backward` of e is wrong with respect to ") for s in found)
    # three mistakes are made in r_forward as well, which is then no derivative but the transpose
    assert any("not each other's transpose" in s or s.startswith("`r_forward` al") for s in found)


def changed(cell, **changes):
    """The cell with other functions; None takes one away."""
    kept = {name: getattr(cell, name) for name in (*CONTRACT, "CAUSAL")} | changes
    return SimpleNamespace(**{name: value for name, value in kept.items() if value is not None})


class BackwardInTime:
    """A cell that reads its sequences backward: right, since it does not call itself causal."""

    Params, shapes, init = rnn.Params, staticmethod(rnn.shapes), staticmethod(rnn.init)
    last, CAUSAL = staticmethod(lambda tape: tape.h[-1]), False

    @staticmethod
    def forward(params, x, h_0=None):
        h, tape = rnn.forward(params, x[::-1], h_0)
        return h[::-1], tape

    @staticmethod
    def backward(params, tape, e, e_last=None):
        gradient, d_x, d_h_0 = rnn.backward(params, tape, e[::-1], e_last)
        return gradient, d_x[::-1], d_h_0

    @staticmethod
    def r_forward(params, tape, v, R_x=None, R_h_0=None):
        R_x = None if R_x is None else R_x[::-1]
        return rnn.r_forward(params, tape, v, R_x, R_h_0)[::-1]


def real_alone(params, x, h_0=None):
    h_0 = None if h_0 is None else h_0.real
    return rnn.forward(rnn.Params(*(a.real for a in params)), x.real, h_0)


def into_float64(params, x, h_0=None):
    h, tape = rnn.forward(params, x, h_0)
    states = np.empty(h.shape)
    states[...] = h
    return states, tape


def scaling_x(params, x, h_0=None):
    x *= 0.5
    return rnn.forward(params, x, h_0)


def adding_to_e(params, tape, e, e_last=None):
    e += 1
    return rnn.backward(params, tape, e, e_last)


def peeling(params, tape, e, e_last=None):
    result = rnn.backward(params, tape, e, e_last)
    tape.h[...] = 0
    return result


def of_two(params, tape, e, e_last=None):
    return lstm.backward(params, tape, e, e_last)[:2]


def deaf_to_what_comes_after(params, tape, e, e_last=None):
    return lstm.backward(params, tape, e)


def start_forgotten(params, tape, e, e_last=None):
    gradient, d_x, d_h_0 = rnn.backward(params, tape, e, e_last)
    return gradient, d_x, 0 * d_h_0


def no_start(params, tape, e, e_last=None):
    return *lstm.backward(params, tape, e, e_last)[:2], None


def half_a_start(params, tape, e, e_last=None):
    gradient, d_x, (d_h_0, _) = lstm.backward(params, tape, e, e_last)
    return gradient, d_x, (d_h_0,)


def start_in_a_tuple(params, tape, e, e_last=None):
    gradient, d_x, d_h_0 = rnn.backward(params, tape, e, e_last)
    return gradient, d_x, (d_h_0,)


def zeros_of_float64(params, x, h_0=None):
    h, tape = rnn.forward(params, x, h_0)
    return (h.astype(np.result_type(h, np.float64)), tape) if h_0 is None else (h, tape)


def from_ones(params, x, h_0=None):
    h_0 = np.ones((x.shape[1], len(params.b_h)), x.dtype) if h_0 is None else h_0
    return rnn.forward(params, x, h_0)


def like_x_or_h_0(params, x, h_0=None):
    h, tape = rnn.forward(params, x, h_0)
    return h.astype(x.dtype if h_0 is None else h_0.dtype), tape


class OnceOnly:
    """A plain net whose tape is used up by the first backward pass."""

    CAUSAL, Params, shapes, init = True, rnn.Params, rnn.shapes, rnn.init

    def forward(params, x, h_0=None):
        h, tape = rnn.forward(params, x, h_0)
        return h, [tape]

    def last(tape):
        return rnn.last(tape[0])

    def backward(params, tape, e, e_last=None):
        return rnn.backward(params, tape.pop(), e, e_last)

    def r_forward(params, tape, v, R_x=None, R_h_0=None):
        return rnn.r_forward(params, tape[0], v, R_x, R_h_0)


def memory_alone(params, tape, v, R_x=None, R_h_0=None):
    R_h_0 = None if R_h_0 is None else (0 * R_h_0[0], R_h_0[1])
    return lstm.r_forward(params, tape, v, R_x, R_h_0)


def with_input_always(params, tape, v, R_x, R_h_0=None):
    return rnn.r_forward(params, tape, v, R_x + 0.0, R_h_0)


class Nested(NamedTuple):
    gates: tuple
    b: np.ndarray


OFF = "`backward` and `r_forward` are not each other's transpose: off by ..."
FAULTS = [  # cell, the starts of all sentences that are said of it
    (changed(rnn, last=None, r_forward=None), ["It has no `last`.", "It has no `r_forward`."]),
    (changed(rnn, shapes=lambda D, H: tuple(rnn.shapes(D, H))),
     ["`shapes` returns a tuple, expected `Params`."]),
    (changed(rnn, Params=dict), ["`Params` is no NamedTuple."]),
    (changed(rnn, Params="W"), ["`Params` is no NamedTuple."]),
    (changed(rnn, Params=Nested, shapes=lambda D, H: Nested(((H, D), (H, H)), (H,)),
             init=lambda rng, D, H, dtype=None: Nested((), np.zeros(H, dtype))),
     ["`shapes` has ((4, 2), (4, 4)) for gates, expected integers: `Params` is flat.",
      "`init` returns gates of shape (0,) and dtype <class 'tuple'>, expected ...",
      "`init` returns gates of shape (0,) and dtype <class 'tuple'>, expected ..."]),
    (changed(linear, init=lambda rng, D, H, dtype=None: linear.init(rng, D, H)),
     ["`init` returns W_yh of shape (4, 2) and dtype float64, expected (4, 2) and float32.",
      "`init` returns b_y of shape (4,) and dtype float64, expected (4,) and float32."]),
    (changed(rnn, init=lambda rng, D, H: rnn.init(rng, D, H)), ["`init` raises TypeError: ..."]),
    (changed(rnn, forward=lambda p, x, h_0=None: rnn.forward(p, x, h_0)[0]),
     ["`forward` returns an ndarray, expected a pair: h and the tape."]),
    (changed(rnn, forward=lambda p, x, h_0=None: (rnn.forward(p, x, h_0)[0][-1], ())),
     ["`forward` returns h of shape (3, 4), expected (T, B, H): (5, 3, 4)."]),
    (changed(rnn, last=lambda tape: {"h": tape.h[-1]}),
     ["`last` returns a dict, expected an array, several, or None."]),
    (changed(rnn, last=lambda tape: tape.h[0]),
     ["A second half that starts from `last` of the first differs from the whole by ...",
      *(f"`backward` of e_last is wrong with respect to {name}: ..."
        for name in ("W_hx", "W_hh", "b_h", "x", "h_0"))]),
    (changed(rnn, last=lambda tape: None),
     ["A second half that starts from `last` of the first differs from the whole by ...",
      "`backward` returns an ndarray for d_h_0, expected None, the form of h_0."]),
    (changed(rnn, CAUSAL=None), ["It looks only back, but does not say so: CAUSAL = True."]),
    (changed(BackwardInTime, CAUSAL=True),
     ["CAUSAL is True, but h before step 1 depends on x from step 1 on."]),
    (changed(rnn, forward=real_alone), ["`forward` of complex numbers returns real ones."]),
    (changed(rnn, forward=into_float64),
     ["`forward` of complex numbers from h_0 = None raises ComplexWarning: ...",
      "`forward` of complex numbers raises ComplexWarning: ...",
      "`forward` of float32 returns float64."]),
    (changed(rnn, forward=scaling_x), ["`forward` changes x, which is the caller's."]),
    (changed(rnn, backward=adding_to_e), ["`backward` changes e, which is the caller's."]),
    (changed(rnn, backward=peeling), ["`backward` changes tape, which is the caller's."]),
    (changed(lstm, backward=of_two),
     ["`backward` does not return three: the gradient, d_x and d_h_0."]),
    (changed(rnn, backward=lambda *a: (tuple(rnn.backward(*a)[0]), *rnn.backward(*a)[1:])),
     ["`backward` returns a tuple for the gradient, not `Params`."]),
    (changed(lstm, backward=deaf_to_what_comes_after),
     [f"`backward` of e_last is wrong with respect to {name}: 0 along a random direction, ..."
      for name in ("W_x", "W_h", "b", "x", "h_0[0]", "h_0[1]")]),
    (changed(rnn, backward=start_forgotten),
     [*(f"`backward` of {e} is wrong with respect to h_0: 0 ..." for e in ("e", "e_last")), OFF]),
    (changed(lstm, backward=no_start),
     ["`backward` returns None for d_h_0, expected a tuple, the form of h_0."]),
    (changed(lstm, backward=half_a_start),
     ["`backward` returns derivatives of the shapes (16, 2), (16, 4), (16,), (5, 3, 2), (3, 4), "
      "expected those of W_x, W_h, b, x, h_0[0], h_0[1]: ..."]),
    (changed(rnn, backward=start_in_a_tuple),
     ["`backward` returns a tuple for d_h_0, expected an ndarray, the form of h_0."]),
    (changed(rnn, forward=lambda *a: (list(rnn.forward(*a)[0]), rnn.forward(*a)[1])),
     ["`forward` returns h as a list, expected an array."]),
    (changed(rnn, forward=zeros_of_float64),
     ["`forward` of float32 from h_0 = None returns float64."]),
    (changed(rnn, forward=from_ones),
     [f"`forward` of {kind} from h_0 = None differs from zeros by ..."
      for kind in ("float64", "float32", "complex numbers", "complex numbers")]),
    (changed(rnn, forward=like_x_or_h_0),
     ["`forward` of complex numbers from h_0 = None raises ComplexWarning: ..."]),
    (OnceOnly, ["`backward` of the same tape again raises IndexError: ..."]),
    (changed(lstm, r_forward=memory_alone),
     ["`r_forward` along h_0[0] differs from a complex step by 1.0e+00.", OFF]),
    (changed(rnn, r_forward=with_input_always), ["`r_forward` raises TypeError: ..."]),
    (changed(rnn, r_forward=lambda *a: rnn.r_forward(*a)[0]),
     ["`r_forward` returns R_h of shape (3, 4), expected that of h: (5, 3, 4)."]),
    (changed(rnn, r_forward=lambda *a: rnn.r_forward(*a).tolist()),
     ["`r_forward` returns R_h as a list, expected an array."]),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "sentences"), FAULTS)
def test_what_a_cell_lacks_is_said(cell, sentences):
    found = checks.cell(cell)
    assert len(found) == len(sentences), found
    for said, sentence in zip(found, sentences, strict=True):
        start, dots, _ = sentence.partition("...")
        assert said.startswith(start) and (dots or said == sentence), found


def test_a_hundredth_of_a_millionth_is_noticed():
    def backward(params, tape, e, e_last=None):
        return rnn.backward(params._replace(W_hh=params.W_hh * (1 + 1e-8)), tape, e, e_last)

    found = checks.cell(changed(rnn, backward=backward))
    assert any(sentence.startswith("`backward` of e is wrong") for sentence in found), found


def test_nan_is_named():
    def forward(params, x, h_0=None):
        h, tape = rnn.forward(params, x, h_0)
        h[0, 0, 0] = np.nan
        return h, tape

    (sentence,) = checks.cell(changed(rnn, forward=forward))
    assert sentence == "`forward` returns NaN or an infinity for weights and inputs near 1."


def test_a_cell_may_look_ahead_if_it_does_not_say_otherwise():
    assert checks.cell(BackwardInTime) == []


def test_the_numbers_are_drawn_by_the_callers_generator():
    with pytest.raises(ValueError, match="^rng is an int, expected a numpy.random.Generator"):
        checks.cell(rnn, 0)
    off = changed(lstm, backward=deaf_to_what_comes_after)
    assert checks.cell(off) == checks.cell(off) != checks.cell(off, np.random.default_rng(1))
