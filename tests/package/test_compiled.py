"""The compiled loops give what the loops in NumPy give, are as loud, and run on request only."""

import functools
import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array

from random_configurations import SEEDS, draw, draw_state
from rnncourse import compiled, esn, gru, linear, lstm, museum, rnn
from rnncourse.checks import complex_step_gradient, relative_error
from rnncourse.params import ravel, unravel

numba = pytest.importorskip("numba")

from rnncourse.compiled import elementary, kernels, sparse, tiles  # noqa: E402

CELLS = [pytest.param(cell, id=cell.__name__.split(".")[1]) for cell in (rnn, lstm, gru)]
PRECISIONS = [pytest.param(dtype, id=np.dtype(dtype).name) for dtype in (np.float32, np.float64)]
CLOSE = {np.float32: 1e-5, np.float64: 1e-12}


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch):
    monkeypatch.setattr(compiled, "SETTING", "")
    yield
    compiled.use(False)


def in_both(function):
    """What a function returns, and what it warns of, with the NumPy loops and the compiled ones."""
    found = []
    for on in (False, True):
        compiled.use(on)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            found += [function(), {str(w.message) for w in said}]
    return found


def random_pass(cell, dtype, T=7, B=3, n_in=4, n_out=5, scale=1.0):
    """Parameters, input, initial state, errors, and directions of a cell."""
    rng = np.random.default_rng(0)

    def normal(*shape):
        return rng.normal(size=shape).astype(dtype)

    params = cell.init(rng, n_in, n_out, dtype=dtype)
    theta = ravel(params)
    params = unravel(scale * (theta + dtype(0.3) * normal(theta.size)), params)
    h_0, e_last, R_h_0 = (draw_state(rng, cell, B, n_out, dtype) for _ in range(3))
    x, R_x, e = normal(T, B, n_in), normal(T, B, n_in), normal(T, B, n_out)
    return params, x, h_0, e, e_last, unravel(normal(theta.size), params), R_x, R_h_0


def all_passes(cell, params, x, h_0, e, e_last, v, R_x, R_h_0):
    """All arrays that the three passes of a cell give."""
    h, tape = cell.forward(params, x, h_0)
    gradient, d_x, d_h_0 = cell.backward(params, tape, e, e_last)
    R_h = cell.r_forward(params, tape, v, R_x, R_h_0)
    d_h_0 = d_h_0 if isinstance(d_h_0, tuple) else (d_h_0,)
    return h, *tape, *gradient, d_x, *d_h_0, R_h


def assert_same(expected, found, tolerance):
    for a, b in zip(expected, found, strict=True):
        assert a.dtype == b.dtype
        size = np.abs(a[np.isfinite(a)]).max(initial=1)
        assert_allclose(b, a, rtol=0, atol=tolerance * size)


# ---- the same numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("seeds", [SEEDS[k::8] for k in range(8)], ids=str)
def test_both_forms_agree_on_random_networks(seeds, dtype):
    for seed in seeds:
        c = draw(seed, dtype)
        v = unravel(np.random.default_rng(seed).normal(size=c.theta.size).astype(dtype), c.params)

        def passes(c=c, v=v):
            y_hat, tapes = c.forward()
            gradient, d_x, _ = c.network.backward(c.params, tapes, np.cos(y_hat))
            return y_hat, ravel(gradient), d_x, *c.network.r_forward(c.params, tapes, v)

        expected, _, found, _ = in_both(passes)
        assert_same(expected, found, CLOSE[dtype])


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "shape",
    [
        *({"T": 1}, {"B": 1}, {"T": 1, "B": 1, "n_in": 1, "n_out": 1}, {"T": 10_000, "B": 1}),
        *({"n_out": 37, "B": 17}, {"scale": 100.0}, {"scale": 1e-30}),
    ],
    ids=str,
)
def test_both_forms_agree_at_the_edges(shape, cell, dtype):
    arguments = random_pass(cell, dtype, **shape)
    expected, said, found, also_said = in_both(lambda: all_passes(cell, *arguments))
    assert said == also_said
    # 1 - h^2 of a saturated unit is off by as much as 1 is; a weight multiplies that
    assert_same(expected, found, CLOSE[dtype] * max(1, shape.get("scale", 1)))


@pytest.mark.parametrize("cell", CELLS)
def test_arrays_in_any_order_and_read_only_ones_come_in(cell):
    arguments = random_pass(cell, np.float64)

    def other(a):
        if isinstance(a, tuple):
            return type(a)(*map(other, a)) if hasattr(a, "_fields") else tuple(map(other, a))
        a = np.asfortranarray(a)
        a.flags.writeable = False
        return a

    compiled.use()
    expected = all_passes(cell, *arguments)
    assert_same(expected, all_passes(cell, *map(other, arguments)), 1e-14)
    every_other = [np.repeat(a, 2, axis=0)[::2] if a is arguments[1] else a for a in arguments]
    assert_same(expected, all_passes(cell, *every_other), 1e-14)


@pytest.mark.parametrize("cell", CELLS)
def test_complex_numbers_take_the_loops_of_numpy(cell):
    params, x, h_0, e, *_ = random_pass(cell, np.float64)
    compiled.use()

    def cost(theta):
        return np.sum(e * cell.forward(unravel(theta, params), x, h_0)[0])

    gradient = ravel(cell.backward(params, cell.forward(params, x, h_0)[1], e)[0])
    assert relative_error(gradient, complex_step_gradient(cost, ravel(params))) < 1e-13


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("B", [1, 3])
@pytest.mark.parametrize("connections", [3, 20], ids=["sparse", "dense"])
@pytest.mark.parametrize("leak", [1.0, 0.3, np.linspace(0.1, 1, 37)], ids=["1", "0.3", "many"])
def test_both_forms_of_a_harvest_agree(leak, connections, B, dtype):
    rng = np.random.default_rng(0)
    reservoir = esn.init(rng, 2, 37, 1, connections, bias_scale=0.1, leak=leak, dtype=dtype)
    x, y, h_0 = (rng.normal(size=(*shape, B, n)).astype(dtype) for shape, n in HARVEST)
    expected, _, found, _ = in_both(lambda: (esn.run(reservoir, x, y, h_0),))
    assert_same(expected, found, CLOSE[dtype])


HARVEST = (((50,), 2), ((50,), 1), ((), 37))  # of x, y, h_0


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("B", [1, 3])
@pytest.mark.parametrize("connections", [3, 20], ids=["sparse", "dense"])
def test_both_forms_of_a_free_run_agree(connections, B, dtype):
    rng = np.random.default_rng(0)
    reservoir = esn.init(rng, 1, 37, 2, connections, bias_scale=0.1, leak=0.7, dtype=dtype)
    readout = linear.init(rng, 37, 2, dtype=dtype)._replace(b_y=np.array([0.1, -0.2], dtype))
    x, h_0, y_0 = (rng.normal(size=shape).astype(dtype) for shape in ((20, B, 1), (B, 37), (B, 2)))
    expected, _, found, _ = in_both(lambda: esn.generate(reservoir, readout, None, x, h_0, y_0))
    assert_same(expected, found, CLOSE[dtype])


@pytest.mark.parametrize("scale", [1e300, 1e308])
def test_a_free_run_that_overflows_is_as_loud_in_both_forms(scale):
    """The output leaves the numbers at step 5, or the weighted sum that it is fed back to does."""
    rng = np.random.default_rng(0)
    reservoir = esn.init(rng, 1, 20, 1, feedback_scale=scale / 1e290)
    readout = linear.Params(scale * np.ones((1, 20)), np.zeros(1))
    x = np.zeros((9, 1, 1))
    x[4:] = 1.0

    def run():
        y, h = np.zeros((10, 1, 1)), np.zeros((10, 1, 20))
        h[1:] = x @ reservoir.W_hx.T
        esn.generate_steps(reservoir, readout, h, y)
        return y, h

    expected, said, found, also_said = in_both(run)
    assert said == also_said != set()
    for a, b in zip(expected, found, strict=True):
        assert_allclose(b, a, rtol=1e-12)


def test_another_activation_takes_the_loop_of_numpy():
    reservoir = esn.init(np.random.default_rng(0), 1, 20, activation=np.positive)
    x = np.random.default_rng(1).normal(size=(30, 1, 1))
    expected, _, found, _ = in_both(lambda: esn.run(reservoir, x))
    assert_array_equal(expected, found)


def test_a_harvest_that_overflows_is_as_loud_in_both_forms():
    reservoir = esn.init(np.random.default_rng(0), 1, 20, connections=20)
    reservoir = reservoir._replace(W_hh=reservoir.W_hh * 1e308)
    x = np.zeros((9, 1, 1))
    x[4:] = 1.0
    expected, said, found, also_said = in_both(lambda: esn.run(reservoir, x))
    assert said == also_said != set()
    assert_allclose(found, expected, rtol=1e-12)


# ---- as loud ------------------------------------------------------------------------------------


def loud(cell, case):
    """Arguments of which some are huge, infinite or no number from the middle on."""
    params, x, h_0, e, e_last, v, R_x, R_h_0 = random_pass(cell, np.float64)
    x, e, R_x = x.copy(), e.copy(), R_x.copy()
    match case:
        case "x overflows":
            x[3, 1] = 1e308
        case "x is NaN":
            x[3, 1, 0] = np.nan
        case "x is infinite":
            x[3, 1, 0] = np.inf
        case "the state is infinite":
            h_0 = (h_0[0], np.full_like(h_0[1], np.inf)) if cell is lstm else h_0 + np.inf
        case "the error overflows":
            e[2:4] = 1e308
        case "the last error is NaN":
            e_last = (e_last[0], e_last[1] + np.nan) if cell is lstm else e_last + np.nan
        case "the direction overflows":
            R_x[3] = 1e308
        case "the direction is infinite":
            R_x[3, 0, 0] = np.inf
    return params, x, h_0, e, e_last, v, R_x, R_h_0


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "case",
    [
        *("x overflows", "x is NaN", "x is infinite", "the state is infinite"),
        *("the error overflows", "the last error is NaN"),
        *("the direction overflows", "the direction is infinite"),
    ],
)
def test_what_is_not_finite_is_as_loud_and_as_wide_in_both_forms(case, cell):
    arguments = loud(cell, case)
    expected, said, found, also_said = in_both(lambda: all_passes(cell, *arguments))
    assert said == also_said
    assert said or "NaN" in case
    assert not all(np.isfinite(a).all() for a in expected)
    for a, b in zip(expected, found, strict=True):
        assert_array_equal(np.isnan(a), np.isnan(b))
        assert_array_equal(np.where(np.isinf(a), a, 0), np.where(np.isinf(b), b, 0))
        assert_allclose(b, a, rtol=1e-9, atol=1e-9 * np.abs(a[np.isfinite(a)]).max(initial=1))


@pytest.mark.parametrize("cell", CELLS)
def test_an_overflow_that_a_gate_would_hide_is_told(cell):
    """All that comes out is finite: tanh and sigmoid of infinity are."""
    params, x, h_0, *_ = random_pass(cell, np.float64, T=2)
    x = np.zeros_like(x)
    x[-1, 0, 0] = 1e308
    params = params._replace(**{params._fields[0]: 100 + np.abs(params[0])})
    compiled.use()
    with pytest.warns(RuntimeWarning, match="overflow"):
        h, _ = cell.forward(params, x, h_0)
    assert np.isfinite(h).all()


# ---- the elementary functions -------------------------------------------------------------------

WHOLE = {np.float32: 87.3, np.float64: 708.3}  # exp is normal up to there
BOUNDS = {"exp": 2, "tanh": 4, "sigmoid": 4}  # as the module states them


@functools.cache
def compiled_loop(name):
    function = getattr(elementary, name)

    @numba.njit(**elementary.OPTIONS)
    def loop(x, y):
        for k in range(len(x)):
            y[k] = function(x[k])

    return loop


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", BOUNDS)
def test_errors_of_the_elementary_functions_are_as_stated(name, dtype):
    rng = np.random.default_rng(0)
    near_0 = rng.normal(size=100_000) * 10.0 ** rng.uniform(-37, 0, 100_000)
    whole = WHOLE[dtype]
    x = np.concatenate([rng.uniform(-w, w, 200_000) for w in (1, 20, whole)] + [near_0])
    x, y = x.astype(dtype), np.empty(x.shape, dtype)
    compiled_loop(name)(x, y)
    wide = x.astype(np.longdouble)  # 64 bits of mantissa where the processor is an x86
    exact = {"exp": np.exp, "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}[name](wide)
    unit = np.spacing(np.abs(exact).astype(dtype)).astype(np.longdouble)
    assert np.abs((y - exact) / unit).max() < BOUNDS[name]
    special = np.array([np.nan, np.inf, -np.inf, 0, 1e30, -1e30, np.finfo(dtype).tiny / 8], dtype)
    y = np.empty_like(special)
    compiled_loop(name)(special, y)
    small = special[-1]
    expected = {
        "exp": [np.nan, np.inf, 0, 1, np.inf, 0, 1],
        "tanh": [np.nan, 1, -1, 0, 1, -1, small],
        "sigmoid": [np.nan, 1, 0, 0.5, 1, 0, 0.5],
    }[name]
    assert_array_equal(y, np.array(expected, dtype))


@pytest.mark.parametrize("name", BOUNDS)
def test_a_loop_over_an_elementary_function_becomes_vectors(name):
    loop = compiled_loop(name)
    loop(np.zeros(3), np.zeros(3))
    (code,) = [c for s, c in loop.inspect_asm().items() if s[0].dtype == numba.float64]
    if "xmm" not in code:
        pytest.skip("this processor is no x86")
    assert "mulpd" in code.replace("fmadd231pd", "mulpd").replace("fmadd213pd", "mulpd")


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("B", [1, 2, 3, 4, 5, 6, 7, 8, 13, 20])
def test_a_product_with_panels_is_that_of_the_matrix(B, dtype):
    """Tiles of each height, one row beside four panels or fewer, widths with a rest; A is wider."""
    rng = np.random.default_rng(B)
    for M, N in [(1, 1), (2, 8), (7, 16), (66, 31), (3, 64), (5, 100), (2, 129)]:
        A, W = rng.normal(size=(B, M + 2)).astype(dtype), rng.normal(size=(M, N)).astype(dtype)
        out = np.full((B + 1, kernels.room(B, N, W.dtype).shape[1]), 7, dtype)
        tiles.times(A, kernels.panels(W), out[:B])
        unit = np.finfo(dtype).eps * (np.abs(A[:, :M]) @ np.abs(W))
        exact = np.dot(A[:, :M].astype(float), W.astype(float))
        assert (np.abs(out[:B, :N] - exact) <= M * unit).all()
        assert (out[:B, N:] == 0).all() and (out[B] == 7).all()


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("M, N", [(1, 1), (3, 1), (1, 9), (7, 5), (40, 33)])
def test_a_sparse_product_is_that_of_the_matrix(M, N, dtype):
    """Rows of every length from none to all, the last column too; nothing behind out is written."""
    rng = np.random.default_rng(N)
    lengths = rng.integers(N + 1, size=M)
    lengths[-1] = N
    there = np.argsort(rng.random((M, N))) < lengths[:, np.newaxis]
    W = np.where(there, rng.normal(size=(M, N)), 0).astype(dtype)
    x, out = rng.normal(size=N).astype(dtype), np.full(M + 1, 7, dtype)
    sparse.times(*sparse.fours(csr_array(W)), x, out[:M])
    exact = W.astype(float) @ x.astype(float)
    assert (np.abs(out[:M] - exact) <= N * np.finfo(dtype).eps * (np.abs(W) @ np.abs(x))).all()
    assert out[M] == 7


def test_a_product_beyond_an_array_is_refused():
    @kernels.kernel
    def multiply(A, W, out):
        return kernels.product(A, W, out)

    W = kernels.panels(np.ones((3, 9)))
    A, out = np.ones((2, 3)), kernels.room(2, 9, W.dtype)
    assert multiply(A, W, out) and (out[:, :9] == 3).all()
    for bad in [(A, W, out[:, :9].copy()), (A, W, out[:1]), (A[:, :2].copy(), W, out)]:
        with pytest.raises(ValueError, match="expected A as wide as W is high, out as wide"):
            multiply(*bad)


def test_rows_beyond_an_array_are_refused():
    @kernels.kernel
    def put(a, rows, start):
        return kernels.write(a, rows, start)

    a, rows = np.ones((2, 3)), np.zeros((2, 5))
    assert put(a, rows, 2) and rows[:, 2:].all() and not rows[:, :2].any()
    for bad in [(a, rows, 3), (a, rows[:1], 0), (np.ones((2, 6)), rows, 0)]:
        with pytest.raises(ValueError, match="expected columns for all of what is written"):
            put(*bad)


@pytest.mark.parametrize("on", [False, True], ids=["numpy", "compiled"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_tape_of_another_net_is_refused(cell, on):
    compiled.use(on)
    params, x, *_, v, _, _ = random_pass(cell, np.float64)
    for n_in, n_out in ((5, 5), (200, 5), (4, 6), (4, 1)):
        other = random_pass(cell, np.float64, n_in=n_in, n_out=n_out)
        tape = cell.forward(*other[:2])[1]
        with pytest.raises(ValueError, match="tape.[xh] has shape"):
            cell.r_forward(params, tape, v)
        with pytest.raises(ValueError, match="tape.[xh] has shape"):
            cell.backward(params, tape, np.zeros_like(tape.h))
    tape, half = cell.forward(params, x)[1], type(params)(*(a.astype(np.float32) for a in v))
    with pytest.raises(ValueError, match="v.W_h?x has dtype float32, expected float64"):
        cell.r_forward(params, tape, half)


@pytest.mark.parametrize("cell", CELLS)
def test_complex_weights_and_a_real_tape_give_the_same_in_both_forms(cell):
    params, x, h_0, e, e_last, v, R_x, R_h_0 = random_pass(cell, np.float64)
    tape = cell.forward(params, x, h_0)[1]
    for k in range(len(params)):
        moved = params._replace(**{params._fields[k]: params[k] + 1e-20j})
        expected, _, found, _ = in_both(
            lambda moved=moved: (
                cell.backward(moved, tape, e, e_last)[1],
                cell.r_forward(moved, tape, v, R_x, R_h_0),
            )
        )
        assert any(a.dtype.kind == "c" for a in expected)
        assert_same([a.real for a in expected], [a.real for a in found], 1e-12)
        assert_same([1e20 * a.imag for a in expected], [1e20 * a.imag for a in found], 1e-12)


@pytest.mark.parametrize("N", [1, 21, 32])
@pytest.mark.parametrize("dtype", PRECISIONS)
def test_panels_hold_a_matrix_or_the_columns_of_three_and_zeros(dtype, N):
    W = np.arange(6 * N, dtype=dtype).reshape(6, N) + 1
    W_x, b, W_h = (np.ascontiguousarray(part.T) for part in (W[:2], W[2], W[3:]))
    made = {
        "a matrix": (kernels.panels(W), W),
        "its transpose": (kernels.panels(np.ascontiguousarray(W.T).T), W),
        "columns": (kernels.weights(W_x, b, W_h), W),
        "columns in another order": (kernels.weights(W.T[:, :2], b, np.asfortranarray(W_h)), W),
        "without the third": (kernels.weights(W_x, b), W[:3]),
    }
    for name, (of, expected) in made.items():
        assert of.ctypes.data % tiles.PANEL == 0 and of.shape[2] == tiles.PANEL // W.itemsize
        held = of.transpose(1, 0, 2).reshape(len(expected), -1)
        assert_array_equal(held[:, :N], expected, err_msg=name)
        assert held.shape[1] - N < of.shape[2] and not held[:, N:].any()


# ---- the switch ---------------------------------------------------------------------------------


def test_it_runs_on_request_only(monkeypatch):
    assert compiled.available() and compiled.form() == "numpy"
    compiled.use()
    assert compiled.form() == "compiled"
    compiled.use(False)
    assert compiled.form() == "numpy"
    monkeypatch.setattr(compiled, "SETTING", "1")
    assert compiled.form() == "compiled"
    monkeypatch.setattr(compiled, "SETTING", "0")
    compiled.use()
    assert compiled.form() == "numpy"


def test_who_prefers_the_compiled_loops_changes_nothing_for_others(monkeypatch):
    elsewhere = ThreadPoolExecutor(1)
    with compiled.preferred() as form:
        assert form == compiled.form() == "compiled"
        assert elsewhere.submit(compiled.form).result() == "numpy"
    assert compiled.form() == "numpy"
    compiled.use()
    with compiled.preferred():
        pass
    assert compiled.form() == elsewhere.submit(compiled.form).result() == "compiled"
    monkeypatch.setattr(compiled, "SETTING", "0")
    with compiled.preferred() as form:
        assert form == "numpy"


def test_the_form_that_is_asked_for_is_the_one_that_runs(monkeypatch):
    params, x, *_ = random_pass(rnn, np.float64)
    calls = []
    monkeypatch.setattr(compiled, "_twin", lambda *name: lambda *a: calls.append(name) or -1)
    rnn.forward(params, x)
    assert not calls
    compiled.use()
    rnn.forward(params, x)
    assert calls == [("rnncourse.rnn", "forward_steps")]


def test_a_wrong_copy_of_a_cell_keeps_its_own_loops():
    compiled.use()
    wrong = museum.suspects(rnn)
    params, x, h_0, *_ = random_pass(rnn, np.float64)
    right = rnn.forward(params, x, h_0)[0]
    same = [np.allclose(cell.forward(params, x, h_0)[0], right) for cell in wrong.values()]
    assert not all(same)


def test_without_numba_a_request_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not compiled.available()
    with pytest.raises(ImportError, match="pip install 'rnncourse\\[fast\\]'"):
        compiled.use()
    assert compiled.form() == "numpy"
    compiled._twin.cache_clear()
    monkeypatch.setattr(compiled, "SETTING", "1")
    params, x, *_ = random_pass(rnn, np.float64)
    with pytest.raises(ImportError, match="pip install"):
        rnn.forward(params, x)


# ---- other processes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form"), [("", "numpy"), ("0", "numpy"), ("1", "compiled"), ("yes", None)]
)
def test_the_variable_is_read_at_the_start(value, form):
    code = "from rnncourse import compiled; print(compiled.form())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
        env=os.environ | {compiled.VARIABLE: value},
    )  # fmt: skip
    if form is None:
        assert "RNNCOURSE_COMPILED is 'yes', expected 1, 0 or nothing" in done.stderr
    assert (done.stdout.strip() or None) == form


ONE_STEP = """
import sys
import numpy as np
from rnncourse import compiled, rnn
assert "numba" not in sys.modules
compiled.use()
params = rnn.init(np.random.default_rng(0), 1, 2)
rnn.forward(params, np.ones((3, 1, 1)))
from rnncourse.compiled.rnn import _forward
print(sum(_forward.stats.cache_hits.values()), sum(_forward.stats.cache_misses.values()))
"""


def process(environment):
    done = subprocess.run(
        [sys.executable, "-c", ONE_STEP], capture_output=True, text=True, timeout=120,
        env=os.environ | {compiled.VARIABLE: ""} | environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_second_process_compiles_nothing_until_the_package_changes(tmp_path):
    """Nor where the package cannot be written; a file for `__pycache__` stops even root."""
    package = tmp_path / "rnncourse"
    skip = shutil.ignore_patterns(
        *("__pycache__", "files", "recorded", "exercises", "figures", "plotting")
    )
    shutil.copytree(Path(compiled.__file__).parents[1], package, ignore=skip)
    (package / "compiled" / "__pycache__").write_text("")
    elsewhere = {"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)}
    elsewhere |= {"XDG_CACHE_HOME": str(tmp_path / "user"), "NUMBA_CACHE_DIR": ""}
    assert process(elsewhere) == ["0", "1"]
    assert process(elsewhere) == ["1", "0"]
    kept = ("rnn._forward*.nbi", "kernels._product*.nbi")
    assert [len(list(tmp_path.rglob(of))) for of in kept] == [1, 1]
    with open(package / "compiled" / "tiles.py", "a") as called:
        called.write("# changed")
    assert process(elsewhere) == ["0", "1"]
    assert [len(list(tmp_path.rglob(of))) for of in kept] == [2, 2]  # and what calls it, too


def test_it_compiles_where_nothing_can_be_written(monkeypatch):
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    with pytest.raises(RuntimeError, match="no locator"):
        numba.njit(lambda x: x + 1, cache=True)
    assert kernels.alone(lambda x: x + 1)(2) == 3
    kernels._link.cache_clear()
    expected, _, found, _ = in_both(lambda: all_passes(rnn, *random_pass(rnn, np.float64)))
    assert_same(expected, found, 1e-12)
