"""Arrays with a meaning that NumPy would drop without a word: masked ones, matrices, and relatives.

Each is put in every place where arrays come in. It is refused by the name of its argument, at once.
"""

import itertools
import re

import numpy as np
import pytest
from scipy import sparse

import cells
from rnncourse import (
    checks,
    esn,
    gru,
    hessian_free,
    initializers,
    linear,
    losses,
    lstm,
    optimizers,
    params,
    physics,
    ridge,
    rnn,
    sequences,
    tasks,
)
from rnncourse.network import Network
from rnncourse.objective import Objective, minibatches

T, B, D, H, K = 4, 3, 2, 5, 2
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(T, B, D)), RNG.normal(size=(T, B, K))
STATES, E = RNG.normal(size=(2, T, B, H))
CLASSES, MASK = RNG.integers(K, size=(T, B)), np.ones((T, B), bool)
CELLS = {cells.name(cell): cell for cell in cells.CELLS}
WEIGHTS = {name: cell.init(RNG, D, H) for name, cell in CELLS.items()}
TAPES = {name: cell.forward(WEIGHTS[name], X)[1] for name, cell in CELLS.items()}
NETWORK = Network((rnn, linear), (D, H, K))
THETA = params.ravel(NETWORK.init(RNG))
P = len(THETA)
ONE = Objective(NETWORK, losses.squared_error, X, Y, MASK)
RESERVOIR = esn.init(RNG, D, 20, K, leak=np.full(20, 0.5))
READOUT = linear.Params(np.zeros((K, 20)), np.zeros(K))
START, FIRST = np.zeros((B, 20)), np.zeros((B, K))
A = np.diag([1.0, 2.0, 3.0])


def losses_of(**changes):
    """All functions of all losses; what is not given is good."""
    for name, y in (("squared", Y), ("sigmoid", 1.0 * (Y > 0)), ("softmax", CLASSES)):
        loss = getattr(losses, {"squared": "squared_error"}.get(name, f"{name}_cross_entropy"))
        given = {"y_hat": Y, "y": y, "mask": MASK} | changes
        if np.shape(given["y"]) == np.shape(y):
            loss.value(**given)
            loss.grad(**given)
            loss.hvp(**given, R=Y)


class Masked:
    """An objective that hands out what it is given."""

    def __init__(self, gradient):
        self.gradient = lambda theta: gradient
        self.value = np.sum

    def value_and_gradient(self, theta):
        return 0.0, self.gradient(theta)


def objective(x=X, y=Y, mask=MASK, h_0=None, loss=losses.squared_error):
    return Objective(NETWORK, loss, x, y, mask, h_0)


def steps(name, **options):
    return next(getattr(optimizers, name)(itertools.repeat(ONE), learning_rate=0.1, **options))


def cell_rows(name):
    cell, weights, tape = CELLS[name], WEIGHTS[name], TAPES[name]
    x = "h" if name == "linear" else "x"
    R_x = "R_h" if name == "linear" else "R_x"
    rows = [
        (f"{x}", X, lambda a: cell.forward(weights, a)),
        ("d_y_hat" if name == "linear" else "e", E, lambda a: cell.backward(weights, tape, a)),
        (R_x, X, lambda a: cell.r_forward(weights, tape, weights, a)),
    ]
    for field, array in zip(weights._fields, weights, strict=True):
        rows += [
            (field, array, lambda a, f=field: cell.forward(weights._replace(**{f: a}), X)),
            (
                f"v.{field}",
                array,
                lambda a, f=field: cell.r_forward(weights, tape, weights._replace(**{f: a})),
            ),
        ]
    state = STATES[0]
    if name == "lstm":
        rows += [
            ("h_0", state, lambda a: cell.forward(weights, X, (a, state))),
            ("c_0", state, lambda a: cell.forward(weights, X, (state, a))),
        ]
    elif name != "linear":
        rows += [("h_0", state, lambda a: cell.forward(weights, X, a))]
    return [(f"{name}: {argument}", argument, *rest) for argument, *rest in rows]


# what is called; the argument; a good array for it; the call
FLOATS = [row for name in CELLS for row in cell_rows(name)]
FLOATS += [
    ("network: x", "x", X, lambda a: NETWORK.forward(NETWORK.zeros(), a)),
    ("network: h_0", "h_0", STATES[0], lambda a: NETWORK.forward(NETWORK.zeros(), X, (a, None))),
    ("objective: x", "x", X, lambda a: objective(x=a)),
    ("objective: y", "y", Y, lambda a: objective(y=a)),
    ("objective: h_0", "h_0[0]", STATES[0], lambda a: objective(h_0=(a, None))),
    ("objective: theta", "theta", THETA, ONE.value),
    ("gauss_newton: v", "v", THETA, ONE.gauss_newton(THETA)),
    ("minibatches: x", "x", X, lambda a: minibatches(*_batches(x=a))),
    ("minibatches: y", "y", Y, lambda a: minibatches(*_batches(y=a))),
    ("losses: y_hat", "y_hat", Y, lambda a: losses_of(y_hat=a)),
    ("losses: y", "y", 1.0 * (Y > 0), lambda a: losses_of(y=a)),
    ("losses: R", "R", Y, lambda a: losses.squared_error.hvp(Y, Y, None, a)),
    ("clip: gradient", "gradient", THETA, lambda a: optimizers.clip(a, 1.0)),
    *((f"{n}: theta", "theta", THETA, lambda a, n=n: steps(n, theta=a)) for n in ("sgd", "adam")),
    *((f"{n}: theta", "theta", THETA, lambda a, n=n: steps(n, theta=a)) for n in ("momentum",)),
    *((f"{n}: theta", "theta", THETA, lambda a, n=n: steps(n, theta=a)) for n in ("nesterov",)),
    ("sgd: g", "the gradient", THETA, lambda a: next(optimizers.sgd([Masked(a)], THETA, 0.1))),
    ("cg: b", "b", np.ones(3), lambda a: hessian_free.conjugate_gradient(A.dot, a)),
    ("cg: d_0", "d_0", np.ones(3), lambda a: hessian_free.conjugate_gradient(A.dot, np.ones(3), a)),
    ("hessian_free", "theta", THETA, lambda a: hessian_free.hessian_free([ONE], a)),
    ("esn.run: x", "x", X, lambda a: esn.run(RESERVOIR, a, Y)),
    ("esn.run: y", "y", Y, lambda a: esn.run(RESERVOIR, X, a)),
    ("esn.run: h_0", "h_0", START, lambda a: esn.run(RESERVOIR, X, Y, a)),
    ("esn.run: y_0", "y_0", FIRST, lambda a: esn.run(RESERVOIR, X, Y, START, a)),
    ("esn.fit: states", "states", STATES, lambda a: esn.fit_readout(a, Y)),
    ("esn.fit: y", "y", Y, lambda a: esn.fit_readout(STATES, a)),
    *(
        (f"esn: {f}", f, getattr(RESERVOIR, f), lambda a, f=f: _run(**{f: a}))
        for f in ("W_hx", "W_hh", "W_hy", "b_h")
    ),
    *(
        (f"esn.generate: {f}", f"readout.{f}", getattr(READOUT, f), lambda a, f=f: _free(**{f: a}))
        for f in READOUT._fields
    ),
    ("pad", "sequences[1]", X[0], lambda a: sequences.pad([X[0], a])),
    ("one_to_many", "x_1", X[0], lambda a: sequences.one_to_many(a, 4)),
]
# these take lists and integers, too
ANY = [
    ("unravel: theta", "theta", THETA, lambda a: params.unravel(a, NETWORK.zeros())),
    ("physics: times", "times", np.arange(3.0), lambda a: physics.damped_oscillator(a, 1, 0, 1, 0)),
    ("physics: x_0", "x_0", np.ones(2), lambda a: physics.damped_oscillator([1], 1, 0, a, 0)),
    ("physics: force", "force", np.ones(5), lambda a: physics.duffing(a, 0.1)),
    ("physics: driven", "omega", np.ones(2), lambda a: _driven(omega=a)),
    ("physics: y_0", "y_0", np.ones(2), lambda a: physics.rk4(lambda t, y: -y, a, [0, 1])),
    ("physics: euler", "y_0", np.ones(2), lambda a: physics.euler(lambda t, y: -y, a, [0, 1])),
    ("autocorrelation: x", "x", np.arange(5.0), lambda a: physics.autocorrelation(a, 2)),
    ("autocorrelation", "mean", np.array(0.5), lambda a: physics.autocorrelation([1, 2, 1], 1, a)),
    ("lyapunov", "y_0", np.ones(2), lambda a: physics.lyapunov_exponent(_decay, a, 0.1, 10)),
    ("finite_difference: theta", "theta", THETA, lambda a: _slope("finite_difference", a, THETA)),
    ("finite_difference: v", "v", THETA, lambda a: _slope("finite_difference", THETA, a)),
    ("complex_step: theta", "theta", THETA, lambda a: _slope("complex_step", a, THETA)),
    ("complex_step: v", "v", THETA, lambda a: _slope("complex_step", THETA, a)),
]
# masked arrays only: where other kinds make no difference, or have another message
MASKED = [
    ("objective: mask", "mask", MASK, lambda a: objective(mask=a)),
    (
        "objective: classes",
        "y",
        CLASSES,
        lambda a: objective(y=a, loss=losses.softmax_cross_entropy),
    ),
    ("losses: mask", "mask", MASK, lambda a: losses_of(mask=a)),
    ("losses: mask in rows", "mask[1]", MASK, lambda a: losses_of(mask=[MASK[0], a[1], *MASK[2:]])),
    ("losses: classes", "y", CLASSES, lambda a: losses_of(y=a)),
    ("minibatches: mask", "mask", MASK, lambda a: minibatches(*_batches(mask=a))),
    ("ravel", "params", np.ones(3), params.ravel),
    ("ravel a tuple", "params[0]", np.ones(3), lambda a: params.ravel((a, np.ones(2)))),
    ("ravel a net", "params[1][0]", WEIGHTS["rnn"].W_hh, lambda a: params.ravel([[], [a]])),
    ("ridge: X", "X", STATES[0], lambda a: ridge.ridge_regression(a, STATES[0])),
    ("ridge: Y", "Y", STATES[0], lambda a: ridge.ridge_regression(STATES[0], a)),
    ("esn.fit: mask", "mask", MASK, lambda a: esn.fit_readout(STATES, Y, mask=a)),
    ("esn: leak", "leak", np.full(20, 0.5), lambda a: _run(leak=a)),
    ("esn.radius_of", "W", np.eye(3), esn.radius_of),
    ("cg: A", "A p", A, lambda a: list(hessian_free.conjugate_gradient(a.dot, np.ones(3)))),
    ("f(t, y)", "f(t, y)", np.ones(2), lambda a: physics.rk4(lambda t, y: a, [1, 2], [0, 1])),
    ("lorenz_slope", "y", np.ones(3), lambda a: physics.lorenz_slope(0, a)),
    ("adjoint: v", "v", X, lambda a: checks.adjoint(np.positive, np.positive, a, X)),
    ("adjoint: u", "u", X, lambda a: checks.adjoint(np.positive, np.positive, X, a)),
    ("adjoint: J", "jacobian(v)", X, lambda a: checks.adjoint(lambda v: a, np.positive, X, X)),
    ("adjoint", "transposed(u)", X, lambda a: checks.adjoint(np.positive, lambda u: a, X, X)),
    ("relative_error", "found", X, lambda a: checks.relative_error(a, X)),
    ("relative_error", "expected", X, lambda a: checks.relative_error(X, a)),
    ("a value", "f", X[0, 0], lambda a: checks.complex_step(lambda t: a + 0j, THETA, THETA)),
    (
        "check_gradient",
        "gradient",
        np.ones(P),
        lambda a: checks.check_gradient(Masked(a), THETA, RNG),
    ),
    ("lengths", "lengths", np.array([2, 3, 4]), lambda a: sequences.many_to_one(a, 4)),
    ("delayed", "input_lengths", np.array([1, 1]), lambda a: _delayed(a, [3, 3])),
    ("delayed", "lengths", np.array([3, 3]), lambda a: _delayed([1, 1], a)),
    ("last_step", "values", X, lambda a: sequences.last_step(a, [4, 4, 4])),
    ("reverse", "values", X, lambda a: sequences.reverse(a, [4, 4, 4])),
    ("at_last_step", "values", X[0], lambda a: sequences.at_last_step(a, [4, 4, 4], 4)),
    ("last_step", "lengths", np.array([4, 4, 4]), lambda a: sequences.last_step(X, a)),
    ("one_hot", "symbols", CLASSES, lambda a: tasks.one_hot(a, [4, 4, 4], K)),
    ("one_hot", "lengths", np.array([4, 4, 4]), lambda a: tasks.one_hot(CLASSES, a, K)),
]


def _batches(x=X, y=Y, mask=MASK):
    return NETWORK, losses.squared_error, x, y, mask, 2, RNG


def _run(**changes):
    return esn.run(RESERVOIR._replace(**{"W_hh": np.eye(20) / 2} | changes), X, Y)


def _free(**changes):
    return esn.generate(RESERVOIR, READOUT._replace(**changes), x=X, h_0=START, y_0=FIRST)


def _driven(**changes):
    return physics.driven_oscillator(np.ones((5, 2)), 0.1, **changes)


def _decay(t, y):
    return -y


def _slope(name, theta, v):
    return getattr(checks, name)(np.sum, theta, v)


def _delayed(input_lengths, lengths):
    return sequences.delayed_many_to_many(input_lengths, lengths, 4)


def dense(array):
    return array.toarray() if sparse.issparse(array) else array


ALL = [pytest.param(*row, id=f"{row[0]}-{n}") for n, row in enumerate(FLOATS + ANY + MASKED)]


@pytest.mark.parametrize(("name", "argument", "good", "call"), ALL)
def test_a_masked_array_is_refused_by_name(name, argument, good, call):
    """Whether one entry is masked, or none: a mask that hides nothing today may do so tomorrow."""
    good = dense(good)
    call(good)  # so that nothing else is at fault
    some = np.zeros(good.shape, bool)
    some.flat[-1] = True
    for mask in (some, False):
        with pytest.raises(ValueError, match=f"^{re.escape(argument)}.* is a masked array, expec"):
            call(np.ma.masked_array(good, mask))


@pytest.mark.parametrize(
    ("name", "argument", "good", "call"),
    [pytest.param(*row, id=f"{row[0]}-{n}") for n, row in enumerate(FLOATS + ANY)],
)
def test_another_kind_of_array_is_refused_by_name(name, argument, good, call):
    """Such as one with units, whose rules the sums of the package do not know."""

    class Units(np.ndarray):
        pass

    with pytest.raises(ValueError, match=f"^{re.escape(argument)} is an? Units, expected a plain"):
        call(dense(good).view(Units))


@pytest.mark.parametrize(
    ("name", "argument", "good", "call"),
    [pytest.param(*row, id=f"{row[0]}-{n}") for n, row in enumerate(FLOATS)],
)
def test_the_order_of_bytes_is_named_by_its_argument(name, argument, good, call):
    """As it comes from files of other machines (FITS, GRIB, .mat)."""
    swapped = dense(good).astype(dense(good).dtype.newbyteorder())
    message = "has dtype .f8, expected float32 or float64, in the byte order of this machine"
    with pytest.raises(ValueError, match=f"^{re.escape(argument)} {message}"):
        call(swapped)


@pytest.mark.parametrize("bad", [np.matrix(np.eye(H)), np.eye(H).view(np.recarray)])
def test_a_matrix_is_refused_whose_product_is_another(bad):
    with pytest.raises(ValueError, match="W_hh is a (matrix|recarray), expected a plain NumPy arr"):
        rnn.forward(WEIGHTS["rnn"]._replace(W_hh=bad), X)
    with pytest.raises(ValueError, match="X is a (matrix|recarray), expected a plain NumPy array"):
        ridge.ridge_regression(bad, np.eye(H))


def test_an_array_that_is_a_file_passes(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert type(mapped) is np.memmap
    assert objective(x=mapped).value(THETA) == ONE.value(THETA)


COMPLEX = [
    ("objective: x", "x", X, lambda a: objective(x=a)),
    ("objective: h_0", "h_0[0]", STATES[0], lambda a: objective(h_0=(a, None))),
    *(row for row in FLOATS if row[0].startswith(("esn", "pad", "one_to", "sgd", "cg: b"))),
]


@pytest.mark.parametrize(
    ("name", "argument", "good", "call"),
    [pytest.param(*row, id=f"{row[0]}-{n}") for n, row in enumerate(COMPLEX)],
)
def test_complex_data_are_refused_where_real_ones_are_meant(name, argument, good, call):
    message = f"^{re.escape(argument)} has dtype complex128, expected float32 or float64"
    with pytest.raises(ValueError, match=message):
        call(dense(good) + 0j)


@pytest.mark.parametrize(
    "bad",
    [
        np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"),
        np.array([1, 2], "timedelta64[s]"),
        ["1.5", "2.5"],
        np.array(["1.5", 2.5], object),
        np.array([(1, 2.0)], "i4, f8"),
    ],
)
def test_dates_and_strings_are_no_numbers(bad):
    with pytest.raises(ValueError, match="^times is .*, expected numbers"):
        physics.damped_oscillator(bad, 1.0, 0.1, 1.0, 0.0)


def test_a_masked_number_is_no_number():
    for call in (
        lambda: physics.damped_oscillator([1.0], 1.0, 0.1, np.ma.masked, 0.0),
        lambda: physics.damped_oscillator([1.0, np.ma.masked], 1.0, 0.1, 1.0, 0.0),
        lambda: physics.ornstein_uhlenbeck(RNG, 3, 1, np.ma.masked, 1.0),
        lambda: _run(leak=np.ma.masked),
        lambda: optimizers.sgd([], THETA, np.ma.masked),
        lambda: initializers.gaussian(RNG, 2, 2, np.ma.masked),
        lambda: lstm.init(RNG, 2, 3, forget_bias=np.ma.masked),
        lambda: ridge.ridge_regression(STATES[0], STATES[0], np.ma.masked),
        lambda: esn.init(RNG, 1, 20, bias_scale=np.ma.masked),
        lambda: ONE.gauss_newton(THETA, np.ma.masked),
        lambda: checks.finite_difference(np.sum, THETA, THETA, np.ma.masked),
        lambda: hessian_free.hessian_free([], THETA, np.ma.masked),
    ):
        with pytest.raises(ValueError, match="is a masked array, expected a plain one"):
            call()


def test_a_slope_of_complex_numbers_needs_a_complex_start():
    def turn(t, y):
        return 1j * y

    with pytest.raises(ValueError, match="is complex, expected a complex y_0, too"):
        physics.rk4(turn, [1.0, 0.0], [0, 1])
    assert physics.rk4(turn, np.array([1.0, 0j]), [0, 1]).dtype == complex


def test_the_weights_of_a_cell_have_one_precision():
    weights = WEIGHTS["rnn"]
    with pytest.raises(ValueError, match="^b_h has dtype float32, expected float64: one precision"):
        rnn.forward(weights._replace(b_h=weights.b_h.astype(np.float32)), X)
    with pytest.raises(ValueError, match="^W_hx has dtype int64, expected float32 or float64"):
        rnn.forward(weights._replace(W_hx=np.ones((H, D), int)), X)
    with pytest.raises(ValueError, match="^v has 2 arrays, expected W_hx, W_hh, b_h$"):
        rnn.r_forward(weights, TAPES["rnn"], weights[:2])
