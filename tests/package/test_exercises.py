"""Every checker refuses the stub and plausible wrong answers, and accepts the solution.

Stubs come from the lectures (cells tagged `exercise`), solutions from the solution notebooks (cells
tagged `solution`), so that what is tested is what students get.
"""

import copy
from collections import Counter

import numpy as np
import pytest
from scipy.linalg import expm

from rnncourse import checks, esn, exercises, gru, linear, losses, lstm, physics, rnn, tasks
from rnncourse.exercises.verdict import Verdict, described
from rnncourse.params import ravel, unravel
from rnncourse.rnn import backward as backward_of_rnn
from rnncourse.rnn import forward as forward_of_rnn
from slips import SLIPS, SOLUTIONS, STUBS

CHECKERS = [name for name in exercises.__all__ if name != "Verdict"]
WEEKS = exercises.CHECKERS


def run(source, name):
    """Execute a cell as a notebook would, and return its function."""
    if "import torch" in source:
        pytest.importorskip("torch")
    scope = {"np": np, "rnn": rnn, "lstm": lstm, "ravel": ravel, "unravel": unravel}
    scope |= {"esn": esn, "gru": gru, "linear": linear, "physics": physics, "tasks": tasks}
    scope |= {"expm": expm, "checks": checks, "losses": losses}
    exec(source, scope)
    return scope[name]


def as_in(solution, wrong, right):
    """Return the solution's function with one expression replaced: a plausible slip."""
    source = SOLUTIONS[solution]
    assert source.count(right) >= 1, f"{right!r} is not in the solution of {solution}"
    return run(source.replace(right, wrong), solution)


def test_each_checker_has_an_exercise_and_a_solution():
    """No checker without its exercise, no exercise without its solution."""
    assert sorted(STUBS) == sorted(SOLUTIONS) == sorted(CHECKERS)


@pytest.mark.parametrize("name", CHECKERS)
def test_stub_is_not_done_yet(name):
    """The stub of the lecture gets the answer 'not done yet'."""
    verdict = getattr(exercises, name)(run(STUBS[name], name))
    assert not verdict.passed and verdict.message.startswith("Not done yet")


@pytest.mark.parametrize("name", CHECKERS)
def test_solution_is_right(name):
    """The solution of the solution notebook passes."""
    verdict = getattr(exercises, name)(run(SOLUTIONS[name], name))
    assert verdict == Verdict(True, "Right."), verdict.message


@pytest.mark.parametrize(
    "name, wrong, right", [slip for week in WEEKS for slip in SLIPS.get(week, [])]
)
def test_plausible_slip_is_refused(name, wrong, right):
    """A slip is refused as a wrong answer, not because it crashes."""
    verdict = getattr(exercises, name)(as_in(name, wrong, right))
    assert not verdict.passed
    assert verdict.message.startswith("Not right yet"), verdict.message


def keeps_the_whole_stack(params, x, e, k):
    """The gradient from the full stack, by functions that were imported before."""
    return backward_of_rnn(params, forward_of_rnn(params, x)[1], e)[0]


def keeps_every_tape(params, x, e, k):
    """The gradient from windows whose tapes are all kept."""
    tapes, h_0 = [], None
    for start in range(0, len(x), k):
        h, tape = rnn.forward(params, x[start : start + k], h_0)
        tapes.append(tape)
        h_0 = h[-1].copy()
    total, from_future = np.zeros(ravel(params).size), 0.0
    for i in reversed(range(len(tapes))):
        for t in reversed(range(len(tapes[i].h))):
            x_t, before, h_t = (array[t] for array in tapes[i])
            d_z = (e[i * k + t] + from_future) * (1 - h_t**2)
            from_future = d_z @ params.W_hh
            total += ravel((d_z.T @ x_t, d_z.T @ before, d_z.sum(axis=0)))
    return unravel(total, params)


def one_sequence_at_a_time(params, x, e, k):
    """The gradient from the full stack of each sequence: little memory where there are many."""
    alone = [keeps_the_whole_stack(params, x[:, [b]], e[:, [b]], k) for b in range(x.shape[1])]
    return unravel(sum(map(ravel, alone)), params)


@pytest.mark.parametrize(
    "attempt", [keeps_the_whole_stack, keeps_every_tape, one_sequence_at_a_time]
)
def test_a_right_gradient_that_saves_no_memory_is_refused(attempt):
    """Exercise 3.4 is about memory, so that is what its checker measures."""
    verdict = exercises.checkpointed_gradient(attempt)
    assert not verdict.passed and "times the memory of all the states" in verdict.message


def test_a_difference_of_costs_is_no_derivative_by_the_start():
    def by_differences(network, params, start, x, y):
        def cost(start):
            h_0 = np.tile(start, (x.shape[1], 1))
            return losses.squared_error.value(network.forward(params, x, (h_0, None))[0], y)

        return cost(start), [checks.finite_difference(cost, start, v) for v in np.eye(start.size)]

    verdict = exercises.learned_start(by_differences)
    assert not verdict.passed and "derivative by the start is off" in verdict.message


@pytest.mark.parametrize("week", WEEKS)
def test_two_slips_or_more_for_each_checker(week):
    """The table above holds at least two slips for each checker of a week, and none for another."""
    counts = Counter(name for name, _, _ in SLIPS.get(week, []))
    assert set(counts) == {check.__name__ for check in WEEKS[week]}
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("name", CHECKERS)
def test_no_attempt_can_crash_a_checker(name):
    """None, a wrong signature and an exception all become a verdict that says so."""
    checker = getattr(exercises, name)

    def stops(*_):
        raise ZeroDivisionError("division by zero")

    assert "It stops with ZeroDivisionError" in checker(stops).message
    assert "It stops with TypeError" in checker(lambda a, b, c, d, e, f: None).message
    assert not checker(lambda *_: None).passed


def spoiled(found, which):
    """The same with NaN for its numbers, whatever they are nested in; `which` of each array."""
    if isinstance(found, dict):
        return {key: spoiled(value, which) for key, value in found.items()}
    if isinstance(found, tuple):
        parts = [spoiled(value, which) for value in found]
        return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)
    if callable(found) or isinstance(found, str):
        return found if callable(found) else "nan"
    array = np.array(np.multiply(found, 1.0))
    array.reshape(-1)[which] = np.nan
    return array


@pytest.mark.parametrize("which", [slice(None), slice(1), slice(-1, None)])
@pytest.mark.parametrize("name", CHECKERS)
def test_no_checker_calls_nan_right(name, which):
    """The solution's answer with NaN in place of its numbers is refused, in words."""
    if name == "leaky_layer":
        pytest.skip("it returns a layer, and no numbers")
    solution = run(SOLUTIONS[name], name)
    verdict = getattr(exercises, name)(lambda *args: spoiled(solution(*args), which))
    assert not verdict.passed
    in_words = ("Not right yet", "It stops with ValueError: leak is nan, expected")
    assert verdict.message.startswith(in_words), verdict.message


@pytest.mark.parametrize(("answer", "words"), [(3, "an int"), (np.ones(2), "an ndarray")])
def test_a_verdict_puts_the_right_article(answer, words):
    for name in {"counter_weights", "gru_from_keras"} & set(CHECKERS):
        verdict = getattr(exercises, name)(lambda *arguments: answer)
        assert f"it returns {words}, expected" in str(verdict)


# Exercises that ask for arguments that stay as they are.
CAREFUL = ["checkpointed_gradient", "clip_components", "shifted_nesterov"]


def scribble(args):
    """Double every number in the arguments in place, at any depth; a generator goes on."""
    for arg in args:
        if isinstance(arg, np.ndarray):
            arg[...] = 2 * arg
        elif isinstance(arg, np.random.Generator):
            arg.random(3)
        elif isinstance(arg, (tuple, list)):
            scribble(arg)


@pytest.mark.parametrize("name", CHECKERS)
def test_right_stays_right_when_the_arguments_are_scribbled_over(name):
    """Nothing is judged by arrays that the attempt has changed, but where this is asked for."""
    solution = run(SOLUTIONS[name], name)

    def untidy(*args):
        found = solution(*copy.deepcopy(args))
        scribble(args)
        return found

    verdict = getattr(exercises, name)(untidy)
    if name in CAREFUL:
        assert not verdict.passed and "changed" in verdict.message
    else:
        assert verdict == Verdict(True, "Right."), verdict.message


@pytest.mark.parametrize("name", CHECKERS)
def test_an_attempt_wins_nothing_by_changing_its_arguments(name):
    """It gets the verdict of the same attempt on copies, which has another problem solved."""
    checker, solution = getattr(exercises, name), run(SOLUTIONS[name], name)
    seen = []

    def on_copies(*args):
        seen.append(copy.deepcopy(args))
        scribble(args := copy.deepcopy(args))
        return solution(*args)

    def in_place(*args):
        scribble(args)
        return solution(*args)

    expected, found = checker(on_copies), checker(in_place)
    assert found == expected or (name in CAREFUL and "changed" in found.message)
    has_arrays = any(isinstance(a, (np.ndarray, tuple)) for args in seen for a in args)
    insensitive = {"stretching_matrix", "last_seen", "perfect_memory"}
    assert expected.passed != has_arrays or name in insensitive, expected


@pytest.mark.parametrize(
    "name, first_shape, right",
    [
        ("leaky_forward", "np.zeros((3, 4))", "np.zeros((x.shape[1], len(b_h)))"),
        ("symmetric_gradient", "dW_hh + np.resize(dW_hh.T, (4, 4))", "dW_hh + dW_hh.T"),
        ("lyapunov_spectrum", "np.eye(4)", "np.eye(len(W_hh))"),
        ("lyapunov_spectrum", "total / 50", "total / len(h)"),
        ("clip_components", "np.clip(gradient, -c, c)[:6]", "np.clip(gradient, -c, c)"),
        ("reset_gate_delta", "np.reshape(d_n, (3, 4)) @ W_hn", "d_n @ W_hn"),
        ("peephole_forward", "np.zeros((2, 3))", "np.zeros((x.shape[1], W_h.shape[1]))"),
        ("wrong_gates", "np.split(ours, range(3, 12, 3))", "np.split(ours, 4)"),
        ("shifted_nesterov", "np.zeros(4)", "np.zeros_like(phi)"),
        ("leaky_r_forward", "np.zeros((2, 3))", "np.zeros((x.shape[1], len(b_h)))"),
        ("preconditioned_gradient", "np.zeros(8)", "np.zeros_like(b)"),
        ("reset_before", "H = 4", "H = W_h.shape[1]"),
        ("leaky_layer", "x.new_zeros(x.shape[1], 3)", "x.new_zeros(x.shape[1], len(self.b_h))"),
    ],
)
def test_what_works_for_the_first_shape_alone_is_refused(name, first_shape, right):
    assert not getattr(exercises, name)(as_in(name, first_shape, right)).passed


@pytest.mark.parametrize(
    "name, attempt",
    [
        ("symmetric_gradient", "def f(dW):\n    dW += dW.T\n    return dW"),
        ("hessian_product", "def f(g, theta, v):\n    v /= np.linalg.norm(v)\n"
         "    return g(theta + 1e-30j * v).imag / 1e-30"),
        ("hessian_product", "def f(g, theta, v):\n    v *= 0\n    return v"),
        ("last_seen", "kept = tasks.Batch(np.zeros((30, 400, 2)), np.zeros((30, 400), int),\n"
         "                   np.zeros((30, 400), bool))\nfree = np.random.default_rng()\n"
         "def f(rng, n_steps, batch):\n    new = last_seen(free, n_steps, batch)\n"
         "    for a, b in zip(kept, new): a[...] = b\n    return kept"),
    ],
)  # fmt: skip
def test_wrong_in_place_is_refused(name, attempt):
    """Each of these was called right once."""
    source = SOLUTIONS[name] + "\n" + attempt
    assert getattr(exercises, name)(run(source, "f")).message.startswith("Not right yet")


def test_a_function_that_is_handed_gives_copies():
    """Results of `gradient` and of `product` belong to the attempt."""
    solve = run(SOLUTIONS["preconditioned_gradient"], "preconditioned_gradient")

    def untidy(product, b, diagonal, n_steps):
        product(b)[:] = 0.0
        return solve(product, b, diagonal, n_steps)

    assert exercises.preconditioned_gradient(untidy).passed


@pytest.mark.parametrize("stop", [SystemExit(3), type("Mute", (Exception,), {"__str__": None})()])
def test_an_attempt_that_stops_in_an_odd_way_is_described(stop):
    def attempt(*_):
        raise stop

    message = exercises.chrono_biases(attempt).message
    assert message.startswith(f"It stops with {type(stop).__name__}")


def test_what_is_described_is_one_short_line():
    assert described(ValueError("a\n b\x00\ud800" + 700 * "x")).startswith(
        r"ValueError: a b \ud800xxx"
    )
    assert len(described(700_000 * "x ")) == 300
