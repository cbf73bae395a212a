"""Named views of one vector, and a stack of cells: who shares memory, what comes in which order."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import cells
from random_configurations import SEEDS, draw, draw_state
from rnncourse import gru, initializers, linear, losses, lstm, rnn
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import leaves, load, ravel, save, unravel

STACKS = [
    Network((rnn,), (2, 3)),
    Network((linear,), (2, 3)),
    Network((rnn, linear), (2, 3, 4)),
    Network((rnn, rnn, rnn, linear), (1, 4, 2, 3, 1)),
    Network((linear, rnn, linear), (3, 2, 5, 2)),
    Network((lstm,), (2, 3)),
    Network((gru, lstm, linear), (2, 3, 4, 1)),
]


@pytest.mark.parametrize("network", STACKS, ids=lambda n: f"{len(n.cells)}-{n.sizes}")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_unravel_gives_views_and_inverts_ravel(network, dtype):
    params = network.init(np.random.default_rng(0), dtype)
    theta = ravel(params)
    assert theta.ndim == 1 and theta.dtype == dtype and not np.shares_memory(theta, params[0][0])
    views = unravel(theta, params)
    assert [type(p) for p in views] == [cell.Params for cell in network.cells]
    for view, array in zip(leaves(views), leaves(params), strict=True):
        assert np.shares_memory(view, theta)
        assert_array_equal(view, array)
    assert_array_equal(ravel(unravel(theta, network.zeros(dtype))), theta)

    # each entry of theta is one entry of one array
    numbers = np.arange(theta.size, dtype=dtype)
    views = unravel(numbers, params)
    assert_array_equal(np.concatenate([view.ravel() for view in leaves(views)]), numbers)
    views[-1][-1][...] = -1
    assert numbers[-1] == -1 and numbers[0] == 0


def test_one_cells_parameters_need_no_network():
    params = rnn.init(np.random.default_rng(1), 2, 3)
    views = unravel(ravel(params), params)
    assert isinstance(views, rnn.Params)
    assert [a.shape for a in views] == [(3, 2), (3, 3), (3,)]


def test_tuples_concatenate_so_arithmetic_is_done_on_vectors():
    params = rnn.init(np.random.default_rng(2), 2, 3)
    assert len(params + params) == 6  # not a sum
    assert_array_equal(unravel(2 * ravel(params), params).W_hh, 2 * params.W_hh)


@pytest.mark.parametrize("network", STACKS, ids=lambda n: f"{len(n.cells)}-{n.sizes}")
def test_init_and_zeros_have_the_names_and_shapes_of_the_cells(network):
    drawn, zeros = network.init(np.random.default_rng(3)), network.zeros(np.float32)
    pairs = zip(network.sizes[:-1], network.sizes[1:], strict=True)
    for p, z, cell, (n_in, n_out) in zip(drawn, zeros, network.cells, pairs, strict=True):
        assert tuple(a.shape for a in p) == tuple(a.shape for a in z) == cell.shapes(n_in, n_out)
        assert not any(a.any() for a in z) and {a.dtype for a in z} == {np.dtype(np.float32)}


def test_options_reach_the_init_of_each_cell():
    network = Network((lstm, rnn, linear), (2, 3, 4, 1))
    options = (
        {"forget_bias": 3.0},
        {"init_hh": initializers.identity},
        {"init_yh": lambda rng, n_out, n_in: np.full((n_out, n_in), 7.0)},
    )
    of_lstm, of_rnn, of_linear = network.init(np.random.default_rng(0), np.float32, options)
    assert_array_equal(of_lstm.b, np.repeat([0, 3, 0, 0], 3))
    assert_array_equal(of_rnn.W_hh, np.eye(4))
    assert_array_equal(of_linear.W_yh, np.full((1, 4), 7.0))
    assert {a.dtype for a in (*of_lstm, *of_rnn, *of_linear)} == {np.dtype(np.float32)}
    # None, an empty dict and no options draw the same
    draws = [
        network.init(np.random.default_rng(0), options=o) for o in (None, (None,) * 3, ({},) * 3)
    ]
    for drawn in draws[1:]:
        assert_array_equal(ravel(drawn), ravel(draws[0]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (({"forget_bais": 1.0}, None), "options[0] holds forget_bais, expected options of lstm.init"
         ": init_x, init_h, forget_bias"),
        ((None, {"forget_bias": 1.0}), "options[1] holds forget_bias, expected options of "
         "linear.init: init_yh"),
        (({"dtype": np.float32, "n_in": 3}, {}), "options[0] holds dtype, n_in, expected options"),
        (({"forget_bias": 1.0},), "options has 1 entries, expected one for each of the 2 cells"),
        ((3.0, None), "options[0] is a float, expected a dict, or None"),
        (({"forget_bias": "1"}, None), "forget_bias is '1', expected a finite number"),
    ],
)  # fmt: skip
def test_an_option_that_a_cell_does_not_take_is_named(options, message):
    network = Network((lstm, linear), (2, 3, 1))
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        network.init(np.random.default_rng(0), options=options)


def test_a_cell_may_take_any_option():
    class Cell(Doubled):
        @staticmethod
        def init(rng, n_in, n_out, **options):
            return options

    network = Network((Cell,), (2, 3))
    assert network.init(np.random.default_rng(0), options=({"a": 1},))[0]["a"] == 1


@pytest.mark.equation("2.3", code=["rnn.forward", "network.Network.forward"])
def test_a_network_is_its_cells_one_after_the_other():
    c = draw(24)
    assert len(c.network.cells) == 4
    signal = c.x
    for cell, p, h_0 in zip(c.network.cells, c.params, c.h_0, strict=True):
        signal, _ = cell.forward(p, signal, h_0)
    assert_array_equal(c.forward()[0], signal)


@pytest.mark.parametrize("seed", [0, 43])
def test_no_initial_state_is_a_state_of_zeros(seed):
    c = draw(seed)
    zeros = tuple(np.zeros((c.x.shape[1], n)) for n in c.network.sizes[1:-1]) + (None,)
    zeros = tuple((h, h) if k is lstm else h for k, h in zip(c.network.cells, zeros, strict=True))
    plain, given = (c.network.forward(c.params, c.x, h_0)[0] for h_0 in (None, zeros))
    assert_array_equal(plain, given)


def test_a_state_carried_over_continues_the_sequence():
    # the first five steps, then the rest from where they ended
    rng = np.random.default_rng(4)
    network = Network((rnn, lstm, gru, rnn, linear), (2, 4, 3, 2, 3, 1))
    params = network.init(rng)
    x = rng.normal(size=(9, 3, 2))
    whole, _ = network.forward(params, x)
    first, tapes = network.forward(params, x[:5])
    rest, _ = network.forward(params, x[5:], network.last(tapes))
    assert_array_equal(np.concatenate([first, rest]), whole)


@pytest.mark.parametrize("cell", cells.RECURRENT, ids=cells.name)
def test_the_state_before_the_first_step_is_on_the_tape(cell):
    rng = np.random.default_rng(0)
    x, state = rng.normal(size=(6, 3, 2)), draw_state(rng, cell, 3, 4)
    h, tape = cell.forward(cell.init(rng, 2, 4), x, state)
    if cell is lstm:
        state, c_0 = state
        assert_array_equal(tape.c_prev, np.concatenate([c_0[np.newaxis], tape.c[:-1]]))
    assert_array_equal(tape.h_prev[0], state)
    assert_array_equal(tape.h_prev[1:], h[:-1])
    assert tape.x is x and np.shares_memory(tape.h, h)
    assert_array_equal(tape.h, h)


@pytest.mark.parametrize("cell", [lstm, gru])
def test_what_is_on_a_tape_can_be_plotted_over_time(cell):
    # the equations once more, from the tape alone
    params = cell.init(np.random.default_rng(0), 2, 4)
    h, tape = cell.forward(params, np.random.default_rng(1).normal(size=(6, 3, 2)))
    assert all(a.shape == (6, 3, 4) for a in tape[1:])
    if cell is lstm:
        assert_allclose(tape.c, tape.i * tape.g + tape.f * tape.c_prev, rtol=1e-14)
        assert_allclose(h, tape.o * np.tanh(tape.c), rtol=1e-14)
        gates = tape.i, tape.f, tape.o
    else:
        expected = (1 - tape.u) * tape.n + tape.u * tape.h_prev
        assert_allclose(h, expected, rtol=1e-12, atol=1e-15)
        gates = tape.r, tape.u
    assert all(((a > 0) & (a < 1)).all() for a in gates)


def test_gates_far_in_saturation_are_exact_and_silent():
    # exp(-z) overflows: the gate is 0 and nothing warns (a warning is an error in the tests)
    for dtype in (np.float32, np.float64):
        x = np.ones((3, 2, 1), dtype)
        params = lstm.init(np.random.default_rng(0), 1, 2, dtype=dtype)
        b = np.repeat(np.array([-1e4, 1e4, 0, 1e4], dtype), 2)
        c_0 = np.array([[0.5, -2], [1, 3]], dtype)
        h, tape = lstm.forward(params._replace(b=b), x, (0 * c_0, c_0))
        assert not tape.i.any() and (tape.f == 1).all() and (tape.o == 1).all()
        assert (tape.c == c_0).all()  # kept to the last bit
        gradient, d_x, _ = lstm.backward(params, tape, h)
        assert all(np.isfinite(a).all() for a in (*gradient, d_x))

        params = gru.init(np.random.default_rng(0), 1, 2, dtype=dtype)
        b = np.repeat(np.array([-1e4, 1e4, 0], dtype), 2)
        h, tape = gru.forward(params._replace(b_x=b), x, c_0)
        assert not tape.r.any() and (tape.u == 1).all()
        assert_allclose(h, np.stack([c_0] * 3), rtol=1e-6)
        assert all(np.isfinite(a).all() for a in gru.backward(params, tape, h)[0])


def test_gated_cells_start_orthogonal_and_keep_their_memory():
    rng = np.random.default_rng(0)
    for cell, N in ((lstm, 4), (gru, 3)):
        params = cell.init(rng, 3, 5)
        blocks = params.W_h.reshape(N, 5, 5)
        for W in blocks:
            assert_allclose(W @ W.T, np.eye(5), atol=1e-14)
        assert len({block.tobytes() for block in blocks}) == N
    assert_array_equal(lstm.init(rng, 3, 2).b, [0, 0, 1, 1, 0, 0, 0, 0])
    assert_array_equal(lstm.init(rng, 3, 1, forget_bias=-2.5).b, [0, -2.5, 0, 0])
    assert not any(a.any() for a in gru.init(rng, 3, 2)[2:])


def test_two_forward_passes_share_no_memory():
    c = draw(7)
    (y_1, tapes_1), (y_2, tapes_2) = c.forward(), c.forward()
    assert not np.shares_memory(y_1, y_2)
    assert not np.shares_memory(tapes_1[0].h, tapes_2[0].h)


def test_later_inputs_never_change_earlier_outputs():
    c = next(draw(s) for s in SEEDS if len(draw(s).x) == 12)
    x = c.x.copy()
    x[7:] += 1
    before, after = c.forward()[0], c.network.forward(c.params, x, c.h_0)[0]
    assert_array_equal(before[:7], after[:7])
    assert (before[7] != after[7]).any()


def test_an_objective_ends_at_the_last_scored_step_and_copies_the_callers_arrays():
    c = draw(3)
    mask = np.zeros(c.x.shape[:2], bool)
    mask[: (len(mask) + 1) // 2] = True
    objective = Objective(c.network, c.loss, c.x, c.y, mask, c.h_0)
    assert len(objective.x) == (len(c.x) + 1) // 2 < len(c.x)
    assert not np.shares_memory(objective.x, c.x)
    assert_array_equal(objective.gradient(c.theta), objective.value_and_gradient(c.theta)[1])
    assert objective.value(c.theta) == objective.value_and_gradient(c.theta)[0]


def test_targets_without_a_time_axis_are_left_whole():
    def value(y_hat, y, mask=None):
        return 0.5 * np.mean((y_hat[0] - y) ** 2)

    network, pooled = Network((rnn, linear), (1, 3, 1)), losses.Loss(value, None, None)
    rng = np.random.default_rng(0)
    x, y, mask = rng.normal(size=(6, 5, 1)), rng.normal(size=(5, 1)), np.zeros((6, 5), bool)
    mask[:2] = True
    theta = ravel(network.init(rng))
    objective = Objective(network, pooled, x, y, mask)
    assert objective.x.shape == (2, 5, 1) and objective.y.shape == (5, 1)
    assert objective.value(theta) == Objective(network, pooled, x, y).value(theta)


def test_structural_damping_does_not_change_with_the_unit_of_the_mask():
    network = Network((rnn, linear), (1, 3, 1))
    rng = np.random.default_rng(0)
    x, mask, theta = rng.normal(size=(5, 3, 1)), rng.uniform(size=(5, 3)), ravel(network.init(rng))
    one, other = (
        Objective(network, losses.squared_error, x, x, k * mask).gauss_newton(theta, 0.5)(theta)
        for k in (1.0, 100.0)
    )
    assert_allclose(one, other, rtol=1e-12)


@pytest.mark.equation("2.7", code=["losses.squared_error.value", "objective.Objective.value"])
def test_the_cost_is_the_loss_of_the_outputs():
    c = draw(3)
    y_hat, _ = c.forward()
    expected = c.objective.loss.value(y_hat, c.objective.y, c.objective.mask)
    assert c.objective.value(c.theta) == expected != 0


@pytest.mark.parametrize("short", ["params", "tapes", "v"])
def test_r_forward_names_what_has_too_few_entries(short):
    network = Network((rnn, linear), (2, 3, 4))
    params = network.init(np.random.default_rng(1))
    _, tapes = network.forward(params, np.zeros((4, 2, 2)))
    given = {"params": params, "tapes": tapes, "v": params}
    given[short] = given[short][:1]
    with pytest.raises(ValueError, match=f"^{short} has 1 entries, expected one for each of the 2"):
        network.r_forward(**given)


@pytest.mark.parametrize("structural", [-1.0, np.inf, np.nan])
def test_structural_damping_is_a_finite_number(structural):
    network, x = Network((rnn, linear), (2, 3, 1)), np.zeros((4, 2, 2))
    objective = Objective(network, losses.squared_error, x, np.zeros((4, 2, 1)))
    theta = ravel(network.init(np.random.default_rng(1)))
    with pytest.raises(ValueError, match=f"^structural is {structural}, expected a finite number"):
        objective.gauss_newton(theta, structural)
    one, other = objective.gauss_newton(theta), objective.gauss_newton(theta, 0.0)
    assert_array_equal(one(theta), other(theta))


@pytest.fixture
def saved(tmp_path):
    """A file with the parameters of SAVED, and these."""
    params = SAVED.init(np.random.default_rng(5))
    save(tmp_path / "run.npz", params)
    return tmp_path / "run.npz", params


SAVED = Network((lstm, rnn, linear), (2, 3, 4, 1))


@pytest.mark.parametrize("network", STACKS, ids=lambda n: f"{len(n.cells)}-{n.sizes}")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["run.npz", "run", "run.1"])
def test_what_was_saved_is_loaded(network, dtype, name, tmp_path):
    params = network.init(np.random.default_rng(6), dtype)
    save(str(tmp_path / name), params)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    loaded = load(tmp_path / name, network)
    assert [type(p) for p in loaded] == [cell.Params for cell in network.cells]
    for a, b in zip(leaves(loaded), leaves(params), strict=True):
        assert a.dtype == dtype and a.flags.writeable
        assert_array_equal(a, b)


def test_a_file_names_layer_cell_and_array(saved):
    with np.load(saved[0]) as archive:
        assert archive.files == [
            *("0.lstm.W_x", "0.lstm.W_h", "0.lstm.b", "1.rnn.W_hx", "1.rnn.W_hh", "1.rnn.b_h"),
            *("2.linear.W_yh", "2.linear.b_y"),
        ]


class Doubled:
    """A cell that is a class with weights of its own: its name stands in the file."""

    class Params(linear.Params):
        """Another type than that of linear."""

    shapes, last = staticmethod(linear.shapes), staticmethod(linear.last)
    init, forward = staticmethod(linear.init), staticmethod(linear.forward)
    backward, r_forward = staticmethod(linear.backward), staticmethod(linear.r_forward)


@pytest.mark.parametrize(
    ("cells", "sizes", "differ"),
    [
        ((lstm, rnn, linear), (2, 3, 5, 1), "holds 1.rnn.W_hx of shape (4, 3) for (5, 3); holds "
         "1.rnn.W_hh of shape (4, 4) for (5, 5); holds 1.rnn.b_h of shape (4,) for (5,); holds "
         "2.linear.W_yh of shape (1, 4) for (1, 5)"),
        ((lstm, rnn), (2, 3, 4), "holds 2.linear.W_yh besides; holds 2.linear.b_y besides"),
        ((lstm, rnn, linear, linear), (2, 3, 4, 1, 1), "lacks 3.linear.W_yh; lacks 3.linear.b_y"),
        ((lstm, rnn, Doubled), (2, 3, 4, 1), "lacks 2.Doubled.W_yh; lacks 2.Doubled.b_y; holds "
         "2.linear.W_yh besides; holds 2.linear.b_y besides"),
    ],
)  # fmt: skip
def test_a_file_of_another_network_is_refused(saved, cells, sizes, differ):
    other = Network(cells, sizes)
    message = f"{saved[0]} {differ}; expected the arrays of {other}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        load(saved[0], other)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.astype(int), "0.lstm.b has dtype int64, expected float32 or float64"),
        (lambda a: a * 1j, "0.lstm.b has dtype complex128, expected float32 or float64"),
        (lambda a: a.astype("f4"), "0.lstm.b has dtype float32, expected float64: one precision"),
    ],
)
def test_a_file_of_other_numbers_is_refused(saved, change, message):
    path, _ = saved
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **(arrays | {"0.lstm.b": change(arrays["0.lstm.b"])}))
    with pytest.raises(ValueError, match=f"^{re.escape(f'{path}: {message}')}"):
        load(path, SAVED)


def test_a_link_stays_one_and_threads_save_side_by_side(saved):
    path, params = saved
    link = path.with_name("latest.npz")
    link.symlink_to(path.name)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: save(link, params), range(40)))
    assert link.is_symlink()
    assert_array_equal(ravel(load(path, SAVED)), ravel(params))
    assert sorted(p.name for p in path.parent.iterdir()) == sorted([path.name, link.name])


def test_what_is_no_file_of_arrays_is_refused_and_runs_nothing(saved):
    path, _ = saved
    whole = path.read_bytes()
    ran = path.with_name("ran")

    class Code:
        def __reduce__(self):
            return os.mkdir, (str(ran),)

    np.savez(path.with_name("objects"), **{"0.lstm.b": np.array([Code()])})
    np.save(path.with_name("one"), np.ones(3))
    objects = path.with_name("objects.npz").read_bytes()
    one = path.with_name("one.npy").read_bytes()
    damaged = whole.replace(b"float64", b"float99").replace(b"'<f8'", b"'<f9'")
    for content in (b"", b"some text", one, objects, whole[:-1], whole[: len(whole) // 2], damaged):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="run.npz is no whole .npz file of arrays of numbers"):
            load(path, SAVED)
    assert not ran.exists()
    with pytest.raises(FileNotFoundError):
        load(path.with_name("elsewhere"), SAVED)
    with pytest.raises(FileNotFoundError, match="run.npz cannot be written: there is no folder "):
        save(path.with_name("nowhere") / "run.npz", SAVED.init(np.random.default_rng(0)))


def test_a_save_that_is_interrupted_leaves_what_was_there(saved, monkeypatch):
    path, params = saved

    def interrupted(file, **arrays):
        file.write(b"PK half of")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(path, SAVED.zeros())
    assert list(path.parent.iterdir()) == [path]
    assert_array_equal(ravel(load(path, SAVED)), ravel(params))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (SAVED.zeros()[0], "params[0] is an ndarray, expected the Params of a cell"),
        ((), "params is empty, expected one Params for each cell"),
        (np.ones(3), "params is an ndarray, expected one Params for each cell"),
        ((linear.Params(np.ones((1, 2)), [0.0]),), "0.linear.b_y is a list, expected a NumPy arr"),
        ((linear.Params(np.ones((1, 2)), np.ones(1, "f4")),), "0.linear.b_y has dtype float32"),
    ],
)
def test_what_is_no_networks_parameters_is_not_saved(params, message, tmp_path):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        save(tmp_path / "run.npz", params)
    assert not list(tmp_path.iterdir())


def test_a_file_is_loaded_for_a_network(saved):
    with pytest.raises(ValueError, match="^network is a tuple, expected a Network$"):
        load(saved[0], saved[1])
