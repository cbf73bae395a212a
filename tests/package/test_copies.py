"""A network and an objective copy, pickle, compare and print as other objects do."""

import copy
import multiprocessing
import pickle
import subprocess
import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import cells
from rnncourse import gru, linear, losses, lstm, rnn
from rnncourse.network import CONTRACT, Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel

RNG = np.random.default_rng(0)
NETWORK = Network((lstm, rnn, linear), (2, 4, 3, 1))
THETA = ravel(NETWORK.init(RNG))
X, Y = RNG.normal(size=(5, 3, 2)), RNG.normal(size=(5, 3, 1))
MASK = np.arange(5)[:, np.newaxis] < [4, 2, 3]
PAIR = tuple(RNG.normal(size=(2, 3, 4)))


def objective(**changes):
    data = {"x": X, "y": Y, "mask": MASK, "h_0": (PAIR, None, None)} | changes
    return Objective(NETWORK, losses.squared_error, **data)


class Cell:
    """A cell that is no module: rnn with a number of its own."""

    Params, shapes, init = rnn.Params, staticmethod(rnn.shapes), staticmethod(rnn.init)
    forward, backward = staticmethod(rnn.forward), staticmethod(rnn.backward)
    r_forward, last = staticmethod(rnn.r_forward), staticmethod(rnn.last)

    def __init__(self):
        self.calls = [0]


def unpickled(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, unpickled])
def test_what_is_copied_computes_the_same(again):
    network = again(NETWORK)
    assert network == NETWORK and hash(network) == hash(NETWORK)
    assert network.cells[0] is lstm
    first, second = objective(), again(objective())
    for a, b in zip(*(c.value_and_gradient(THETA) for c in (first, second)), strict=True):
        assert_array_equal(a, b)
    assert second.network == NETWORK and not second.x.flags.writeable
    assert_array_equal(second.mask, first.mask)


def test_another_process_computes_the_same():
    """Started anew, so that everything is sent to it by pickle."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        value, gradient = pool.apply(objective().value_and_gradient, (THETA,))
    expected = objective().value_and_gradient(THETA)
    assert value == expected[0]
    assert_array_equal(gradient, expected[1])


SCRIPT = """
import multiprocessing, sys
import numpy as np
from rnncourse import linear, losses, rnn
from rnncourse.network import CONTRACT, Network
from rnncourse.objective import Objective
from rnncourse.params import ravel
from rnncourse.rnn import Params, shapes, init, forward, last, backward, r_forward

class Cell:
    Params, shapes, init = Params, staticmethod(shapes), staticmethod(init)
    forward, backward = staticmethod(forward), staticmethod(backward)
    r_forward, last = staticmethod(r_forward), staticmethod(last)

if __name__ == "__main__":
    x = np.linspace(-1, 1, 6).reshape(3, 2, 1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for cell in (sys.modules["__main__"], Cell, Cell()):
            network = Network((cell, linear), (1, 2, 1))
            theta = ravel(network.init(np.random.default_rng(0)))
            objective = Objective(network, losses.squared_error, x, x)
            print(pool.apply(objective.value, (theta,)) == objective.value(theta))
"""


def test_cells_that_a_script_defines_reach_another_process(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["True"] * 3, done.stderr


def test_a_cell_that_is_an_object_is_copied_and_a_module_is_not():
    network = Network((Cell(), linear), (2, 3, 1))
    for again in (copy.deepcopy, unpickled):
        twin = again(network)
        twin.cells[0].calls[0] += 1
        assert network.cells[0].calls == [0] and twin.cells[1] is linear
    assert copy.copy(network) is network


def test_a_module_that_no_name_leads_to_is_copied_but_not_pickled():
    module = types.ModuleType("mine")
    vars(module).update({name: getattr(rnn, name) for name in CONTRACT})
    network = Network((module, linear), (2, 3, 1))
    assert copy.deepcopy(network) == network == copy.copy(network)
    with pytest.raises(TypeError, match=r"cells\[0\] is <module 'mine'>, .* a module from a file"):
        pickle.dumps(network)


def test_networks_are_equal_by_value_and_objectives_by_identity():
    assert Network([rnn, linear], [2, 3, 1]) == Network((rnn, linear), (2, 3, np.int64(1)))
    assert len({Network([rnn, linear], [2, 3, 1]), Network((rnn, linear), (2, 3, 1))}) == 1
    for other in (Network((lstm, linear), (2, 3, 1)), Network((rnn, linear), (2, 4, 1)), rnn, None):
        assert Network((rnn, linear), (2, 3, 1)) != other
    first, second = objective(), objective()
    assert first == first and first != second and first != 3
    assert {first: "a", second: "b"}[first] == "a"


def test_they_print_as_what_they_are_made_of():
    assert repr(NETWORK) == "Network((lstm, rnn, linear), (2, 4, 3, 1))"
    assert repr(Network((rnn,), (2, 3))) == "Network((rnn,), (2, 3))"
    of = "Objective(Network((lstm, rnn, linear), (2, 4, 3, 1)), x (5, 3, 2) of float64"
    assert repr(objective(mask=None)) == of + ")"
    assert repr(objective()) == of.replace("x (5", "x (4") + ", with a mask)"


@pytest.mark.parametrize("cell", ["lstm", None, SimpleNamespace(forward=rnn.forward), lstm.forward])
def test_what_is_no_cell_is_refused_by_name(cell):
    with pytest.raises(ValueError, match=r"cells\[1\] is .* and lacks Params.*; expected a cell"):
        Network((rnn, cell), (2, 3, 1))


def test_data_that_change_later_do_not_reach_an_objective():
    data = {"x": X.copy(), "y": Y.copy(), "mask": MASK.copy()}
    states = [[a.copy() for a in PAIR], None, None]
    cost = objective(**data, h_0=states)
    before = cost.value_and_gradient(THETA)
    for array in (*data.values(), *states[0]):
        array[...] = 0
    states[0] = None
    for a, b in zip(cost.value_and_gradient(THETA), before, strict=True):
        assert_array_equal(a, b)
    for array in (cost.x, cost.y, cost.mask, *cost.h_0[0]):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


class Backward(Cell):
    """rnn from the last step to the first: its output at a step depends on what comes later."""

    @staticmethod
    def forward(weights, x, h_0=None):
        h, tape = rnn.forward(weights, x[::-1], h_0)
        return h[::-1], tape


def test_a_cell_that_may_look_ahead_sees_what_comes_after_the_last_scored_step():
    mask = np.arange(5)[:, np.newaxis] < [2, 3, 3]
    for cell, kept in ((rnn, 3), (Cell(), 5), (Backward(), 5)):
        network = Network((cell, linear), (2, 4, 1))
        theta = ravel(network.init(np.random.default_rng(1)))
        cost = Objective(network, losses.squared_error, X, Y, mask)
        assert len(cost.x) == len(cost.y) == len(cost.mask) == kept
        y_hat = network.forward(unravel(theta, network.zeros()), X)[0]
        assert_allclose(cost.value(theta), losses.squared_error.value(y_hat, Y, mask), rtol=1e-14)
    assert all(cell.CAUSAL is True for cell in cells.CELLS)
    assert not Network((rnn, Cell(), linear), (2, 3, 3, 1)).causal
