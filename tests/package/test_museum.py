"""The museum: each mistake is noticed, a right cell never, and which check is blind to what."""

import inspect
import math
import re
import types

import numpy as np
import pytest
from numpy.testing import assert_allclose

import naive_cells
from rnncourse import checks, gru, linear, losses, lstm, museum, rnn
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel

EVERY_EXHIBIT = pytest.mark.parametrize("exhibit", museum.EXHIBITS, ids=lambda e: e.name)
CELLS = [pytest.param(cell, id=cell.__name__.split(".")[1]) for cell in (rnn, lstm, gru)]
WORDS = ("passes", "caught")  # False, True

# What each of the six checks says, in the order of museum.CHECKS: the states of the forward pass;
# the gradient of one step from a fresh and from a random start; of a sequence, likewise; the
# adjoint test of backward against the cell's own r_forward.
VERDICTS = {
    "state gradient not passed back": "passes passes passes caught caught caught",
    "new state for the old one": "passes caught caught caught caught caught",
    "bias inside the product": "caught caught caught caught caught passes",
    "minus lost": "passes caught caught caught caught caught",
    "tanh upside down": "caught passes passes passes passes passes",
    "slope of a gate forgotten": "passes passes caught caught caught caught",
    "slope taken of the gate": "passes caught caught caught caught caught",
    "one bias for two gates": "caught passes caught caught caught passes",
    "cell gradient not carried": "passes passes passes caught caught caught",
    "list of states off by one": "passes caught caught caught caught passes",
}


def named(name):
    return next(exhibit for exhibit in museum.EXHIBITS if exhibit.name == name)


def test_there_are_ten_exhibits_from_all_three_cells():
    assert [exhibit.name for exhibit in museum.EXHIBITS] == list(VERDICTS)
    assert len(VERDICTS) == 10
    assert {exhibit.original for exhibit in museum.EXHIBITS} == {rnn, lstm, gru}


@EVERY_EXHIBIT
def test_each_says_where_it_was_found(exhibit):
    assert re.fullmatch(r"[\w.-]+/[\w.-]+, (issue \d+ \(20\d\d\)|[\w.-]+\.ipynb)", exhibit.where)


@EVERY_EXHIBIT
@pytest.mark.parametrize("seed", range(5))
def test_each_mistake_is_noticed_by_the_checks_that_can_see_it(exhibit, seed):
    found = museum.examine(exhibit.cell(), exhibit.original, seed)
    assert [WORDS[caught] for caught in found.values()] == VERDICTS[exhibit.name].split()
    assert list(found) == list(museum.CHECKS)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(20))
def test_no_check_finds_fault_with_a_right_cell(cell, seed):
    assert not any(museum.examine(cell, cell, seed).values())


def with_nan(cell, function):
    """The cell with a `forward` or `backward` that is right, but for one NaN."""
    broken = types.SimpleNamespace(**vars(cell))

    def spoiled(*args):
        first, *rest = getattr(cell, function)(*args)
        arrays = first if isinstance(first, tuple) else (first,)
        arrays[0].flat[0] = np.nan
        return first, *rest

    setattr(broken, function, spoiled)
    return broken


@pytest.mark.parametrize("cell", CELLS)
def test_nan_is_noticed(cell):
    found = museum.examine(with_nan(cell, "backward"), cell)
    assert found.pop("forward/pass") is False and set(found.values()) == {True}
    assert museum.examine(with_nan(cell, "forward"), cell)["forward/pass"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("error, noticed", [(1e-14, False), (1e-10, True)])
def test_states_and_products_that_are_off_by_more_than_rounding_are_noticed(cell, error, noticed):
    """Both right cells scaled: the states of one, the product J v of the other."""
    for check, function in (("forward/pass", "forward"), ("its own/adjoint", "r_forward")):
        assert museum.examine(scaled(cell, function, 1 + error), cell)[check] == noticed


def scaled(cell, function, factor):
    """The cell with a `forward` whose states, or an `r_forward` that, is off by a factor."""
    off, right = types.SimpleNamespace(**vars(cell)), getattr(cell, function)

    def scaled_forward(*args):
        h, tape = right(*args)
        return factor * h, tape

    def scaled_r_forward(*args):
        return factor * right(*args)

    setattr(off, function, {"forward": scaled_forward}.get(function, scaled_r_forward))
    return off


@pytest.mark.parametrize("n_steps", [None, 0, 1.5])
def test_a_training_without_end_is_refused(n_steps):
    with pytest.raises(ValueError, match=f"n_steps is {n_steps}, expected an integer from 1"):
        museum.learn_echo(rnn, 0, n_steps)


def test_what_a_single_step_cannot_see():
    """Two mistakes pass every check of single steps; two more pass from a fresh start."""
    verdicts = {name: dict(zip(museum.CHECKS, v.split(), strict=True)) for name, v in
                VERDICTS.items()}  # fmt: skip
    passes = {
        check: {name for name, v in verdicts.items() if v[check] == "passes"}
        for check in museum.CHECKS
    }
    blind = {"tanh upside down"}  # to this every check of a gradient is
    no_future = {"state gradient not passed back", "cell gradient not carried"}
    zero_state = {"slope of a gate forgotten", "one bias for two gates"}
    assert passes["one step/random"] == blind | no_future
    assert passes["one step/fresh"] == blind | no_future | zero_state
    assert passes["sequence/fresh"] == passes["sequence/random"] == blind
    assert not set.intersection(*passes.values())


@EVERY_EXHIBIT
def test_finite_differences_and_single_complex_steps_agree_with_the_verdict(exhibit):
    """The other two functions of `checks`, on a sequence, with a wrong and with the right cell."""
    rng = np.random.default_rng(4)
    for cell, wrong in ((exhibit.cell(), exhibit.name != "tanh upside down"),
                        (exhibit.original, False)):  # fmt: skip
        network = Network((cell, linear), (2, 4, 1))
        x, y = rng.normal(size=(6, 3, 2)), rng.normal(size=(6, 3, 1))
        theta = ravel(network.init(rng))
        theta = theta + 0.5 * rng.normal(size=theta.size)
        objective = Objective(network, losses.squared_error, x, y)
        v = rng.normal(size=theta.size)
        slope = objective.gradient(theta) @ v
        for numerical, tolerance in ((checks.complex_step, 1e-9), (checks.finite_difference, 1e-5)):
            error = checks.relative_error(slope, numerical(objective.value, theta, v))
            assert (error > 100 * tolerance) if wrong else (error < tolerance), numerical


def test_a_tanh_upside_down_has_the_right_gradient_of_another_function():
    """(1 / tanh)' = 1 - (1 / tanh)^2, the same formula; but no state is within [-1, 1]."""
    z = np.linspace(0.3, 3, 20)
    slope = np.imag(1 / np.tanh(z + 1e-30j)) / 1e-30
    assert_allclose(slope, 1 - (1 / np.tanh(z)) ** 2, rtol=1e-12)
    rng = np.random.default_rng(0)
    params, x = rnn.init(rng, 2, 4), rng.normal(size=(6, 3, 2))
    h, _ = named("tanh upside down").cell().forward(params, x)
    assert np.all(np.abs(h) >= 1) and np.all(np.abs(rnn.forward(params, x)[0]) < 1)


@EVERY_EXHIBIT
def test_wrong_states_differ_from_a_calculation_that_shares_no_code(exhibit):
    """The naive cells, one number at a time, notice the three wrong forward passes."""
    rng = np.random.default_rng(1)
    cell, name = exhibit.cell(), exhibit.original.__name__.split(".")[1]
    params = cell.init(rng, 2, 3)
    params = params._replace(**{
        field: rng.normal(size=value.shape) for field, value in params._asdict().items()
        if field.startswith("b")
    })  # fmt: skip
    x = rng.normal(size=(5, 1, 2))
    h, _ = cell.forward(params, x)
    start = [[0.0] * 3] * (2 if name == "lstm" else 1)
    weights = [array.tolist() for array in params]
    naive, _ = naive_cells.forward(name, weights, x[:, 0].tolist(), start)
    equal = math.isclose(np.abs(h[:, 0] - np.array(naive)).max(), 0, abs_tol=1e-12)
    assert equal == (VERDICTS[exhibit.name].split()[0] == "passes")


@EVERY_EXHIBIT
def test_an_exhibit_differs_from_our_source_in_one_line(exhibit):
    ours = inspect.getsource(exhibit.original).splitlines()
    theirs = exhibit.source().splitlines()
    changed = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    ((right, wrong),) = changed
    assert exhibit.right in right and exhibit.wrong in wrong
    assert wrong.strip() == exhibit.line()
    assert right.strip() not in theirs


@EVERY_EXHIBIT
def test_its_source_can_be_read_and_our_own_cell_stays_as_it_is(exhibit):
    before = inspect.getsource(exhibit.original)
    cell = exhibit.cell()
    functions = [f for f in vars(cell).values() if isinstance(f, types.FunctionType)]
    own = [f for f in functions if f.__module__ == exhibit.name]
    assert {f.__name__ for f in own} >= {"shapes", "init", "forward", "backward", "r_forward"}
    assert sum(exhibit.line() in inspect.getsource(f) for f in own) == 1
    assert inspect.getsource(exhibit.original) == before
    assert cell is not exhibit.original and cell.backward is not exhibit.original.backward


def test_an_exhibit_whose_line_has_moved_raises():
    moved = museum.EXHIBITS[0]._replace(right="dot(d_z[t + 2], W_hh, out=d_h)")
    with pytest.raises(ValueError, match="occurs 0 times in rnncourse.rnn, expected exactly once"):
        moved.cell()
    twice = museum.EXHIBITS[0]._replace(right="check_shape")
    with pytest.raises(ValueError, match=r"occurs \d+ times in rnncourse.rnn"):
        twice.line()
    two_lines = museum.EXHIBITS[0]._replace(wrong="pass\n        pass")
    with pytest.raises(ValueError, match="within one line"):
        two_lines.source()


@pytest.mark.parametrize("cell", CELLS)
def test_suspects_are_the_exhibits_without_their_names(cell):
    suspects, lines = museum.suspects(cell), museum.wrong_lines(cell)
    assert list(suspects) == list(lines)
    assert sorted(lines.values()) == sorted(
        exhibit.line() for exhibit in museum.EXHIBITS if exhibit.original is cell
    )
    for label, suspect in suspects.items():
        sources = "".join(
            inspect.getsource(f)
            for f in vars(suspect).values()
            if isinstance(f, types.FunctionType) and f.__module__ == suspect.__name__
        )
        assert lines[label] in sources
        assert not any(exhibit.name in suspect.__name__ + sources for exhibit in museum.EXHIBITS)


def test_suspects_of_something_else_are_refused():
    with pytest.raises(ValueError, match="expected a cell in the museum: rnn, lstm or gru"):
        museum.suspects(linear)


def test_the_table_has_a_row_for_each_exhibit():
    lines = museum.examined(museum.EXHIBITS).splitlines()
    assert len(lines) == 2 + 10 and len({len(line) for line in lines}) == 1
    for line, (name, verdict) in zip(lines[2:], VERDICTS.items(), strict=True):
        assert line.startswith(name) and line.removeprefix(name).split() == verdict.split()


# Of the cost of answering zero, what is left: the least that a wrong cell reaches on the way, and
# at the end of the training.
@pytest.mark.parametrize("seed", range(2))
def test_right_cells_learn_and_so_do_most_wrong_ones(seed):
    for cell in (rnn, lstm, gru):
        assert museum.learn_echo(cell, seed)[1] < 0.02
    for exhibit in museum.EXHIBITS:
        lowest, last = museum.learn_echo(exhibit.cell(), seed)
        if exhibit.name == "tanh upside down":
            assert lowest > 10
        elif exhibit.name in {"new state for the old one", "minus lost"}:
            assert 0.3 < lowest < 1 and last > 0.8
        elif exhibit.name == "slope taken of the gate":
            assert lowest < 0.2 and last > 5 * lowest  # it learns, then forgets
        else:
            assert lowest < 0.5
