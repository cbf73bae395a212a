"""The experiment of 2013: the task is as defined, trials repeat, results are read as recorded."""

import dataclasses
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import compiled, linear, losses, rnn, tasks
from rnncourse.experiments import momentum2013, records
from rnncourse.experiments.momentum2013 import last_step, rows, trials
from rnncourse.experiments.momentum2013.results import FACTOR
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import unravel

needs_numba = pytest.mark.skipif(not compiled.available(), reason="Numba is not there")


def test_the_task_is_the_centered_mean_of_two_marked_numbers():
    """Lengths, marks, target and centering are those of the docstring, for every length."""
    T, B = 30, 4000
    x, y, mask = momentum2013.adding(np.random.default_rng(0), T, B)
    assert x.dtype == y.dtype == np.float32 and x.shape == (33, B, 2) and y.shape == (33, B, 1)
    assert_array_equal(mask.sum(axis=0), 1)
    lengths = mask.argmax(axis=0) + 1
    assert set(lengths) == {30, 31, 32, 33}
    for b in range(B):
        n = lengths[b]
        marks = np.flatnonzero(x[:n, b, 1] > 0.5)
        assert len(marks) == 2 and marks[0] < n // 10 <= marks[1] < n // 2
        assert_allclose(x[:n, b, 1].sum(), 2 - 2 * n / T, atol=1e-5)
        assert_allclose(y[n - 1, b, 0], x[marks, b, 0].mean(), atol=1e-6)
        assert not x[n:, b].any()
    inside = np.arange(33)[:, np.newaxis] < lengths
    assert abs(x[..., 0][inside].mean()) < 0.005 and abs(y[mask].mean()) < 0.01
    assert abs(x[..., 1][inside].mean()) < 0.005
    assert_array_equal(np.unique(momentum2013.adding(np.random.default_rng(1), 10, 9)[2].sum(0)), 1)


def test_chance_is_as_printed():
    """The best constant answer is wrong with probability 0.92^2."""
    batch = momentum2013.adding(np.random.default_rng(2), 10, 100_000)
    wrong = np.mean(np.abs(batch.y[batch.mask]) > momentum2013.TOLERANCE)
    assert abs(wrong - 0.92**2) < 4 * 0.36 / np.sqrt(100_000)


@pytest.mark.parametrize(
    "call, match",
    [
        (lambda rng: momentum2013.adding(rng, 9, 5), "n_steps is 9, expected an integer from 10"),
        (lambda rng: momentum2013.adding(rng, 20, 0), "batch is 0, expected an integer from 1"),
        (lambda rng: momentum2013.start(rng, 20, "identity"), "name is 'identity', expected"),
    ],
)
def test_bad_input_is_refused(call, match):
    """The error names the argument, what came and what was expected."""
    with pytest.raises(ValueError, match=match):
        call(np.random.default_rng(0))


def test_starts_are_as_described():
    """Fifteen connections a unit and the spectral radius; or small Gaussian weights."""
    rng = np.random.default_rng(3)
    network, theta = momentum2013.start(rng, 60, input_scale=0.01, spectral_radius=1.3)
    assert theta.dtype == np.float32
    (W_hx, W_hh, b_h), (W_yh, b_y) = unravel(theta, network.zeros())
    assert_array_equal(np.count_nonzero(W_hh, axis=1), 15)
    assert_allclose(np.abs(np.linalg.eigvals(W_hh)).max(), 1.3, rtol=1e-5)
    assert 0.008 < W_hx.std() < 0.012 and 0.05 < W_yh.std() < 0.15
    assert not b_h.any() and not b_y.any()
    assert network.cells == (rnn, linear) and network.sizes == (2, 60, 1)
    network, theta = momentum2013.start(rng, 60, "gaussian")
    assert 0.095 < unravel(theta, network.zeros())[0].W_hh.std() < 0.105


class Slope:
    """A constant gradient: the steps tell the schedule."""

    def value_and_gradient(self, theta):
        return 0.0, np.ones_like(theta)


@pytest.mark.parametrize("fixed", [False, True])
def test_end_marks_are_where_the_program_of_2011_has_them(fixed):
    """-1 at the first step and three before the last, which no other mark meets."""
    T, B = 30, 800
    x, y, mask = momentum2013.adding(np.random.default_rng(0), T, B, fixed, marks=True)
    last = mask.argmax(axis=0)
    for b in range(B):
        marker = x[: last[b] + 1, b, 1]
        assert_array_equal(np.flatnonzero(marker == -1), [0, last[b] - 3])
        marks = np.flatnonzero(marker == 1)
        assert len(marks) == 2 and 0 < marks[0] < (last[b] + 1) // 10 <= marks[1]
        assert marker.sum() == 0 and np.count_nonzero(marker) == 4
        assert_allclose(y[last[b], b, 0], x[marks, b, 0].mean(), atol=1e-6)
        assert not x[last[b] + 1 :, b].any()


def test_one_length_is_the_least():
    """All end together; marks and target are as with several lengths."""
    x, y, mask = momentum2013.adding(np.random.default_rng(0), 30, 500, fixed=True)
    assert x.shape == (30, 500, 2) and mask[-1].all() and mask.sum() == 500
    first, second = np.sort(np.argsort(x[..., 1], axis=0)[-2:], axis=0)
    assert set(first) == set(range(3)) and set(second) == set(range(3, 15))
    values = x[..., 0][first, np.arange(500)] + x[..., 0][second, np.arange(500)]
    assert_allclose(y[-1, :, 0], values / 2, atol=1e-6)
    assert_allclose(x[..., 1].sum(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize("B, fixed", [(1, True), (25, False), (57, False), (50, True)])
@pytest.mark.parametrize("state", [False, True])
def test_the_cost_at_the_last_step_is_that_of_an_objective(B, fixed, state):
    """Bit for bit from zero; a first state is one more row of weights, by finite differences."""
    rng = np.random.default_rng(5)
    batch = momentum2013.adding(rng, 20, B, fixed)
    network, theta = momentum2013.start(rng, 12)
    theta = theta + 0.1 * rng.normal(size=theta.size).astype(np.float32)
    if state:
        theta = np.concatenate([theta, rng.normal(size=12).astype(np.float32)])
    problem = last_step.LastStep(network, batch, last_step.memory(network, 22))
    value, g = problem.value_and_gradient(theta)
    if not state:
        same = Objective(network, losses.squared_error, *batch).value_and_gradient(theta)
        assert value == same[0]
        assert_array_equal(g, same[1])
    wide = problem.batch._replace(x=batch.x.astype(float), y=batch.y.astype(float))
    wide, theta_wide = last_step.LastStep(network, wide, None), theta.astype(float)
    v = rng.normal(size=theta.size)
    up, down = (wide.value_and_gradient(theta_wide + s * 1e-6 * v)[0] for s in (1, -1))
    assert_allclose(g @ v, (up - down) / 2e-6, rtol=1e-4, atol=1e-6)


@needs_numba
@pytest.mark.parametrize("B, fixed", [(1, True), (25, False), (57, False), (50, True)])
@pytest.mark.parametrize("state", [False, True])
def test_the_compiled_cost_is_the_same(B, fixed, state):
    """For strips that are full and not, and when the memory was used for longer sequences."""
    rng = np.random.default_rng(6)
    network, theta = momentum2013.start(rng, 12)
    theta = theta + 0.1 * rng.normal(size=theta.size + 12 * state)[: theta.size].astype(np.float32)
    if state:
        theta = np.concatenate([theta, rng.normal(size=12).astype(np.float32)])
    memory = last_step.memory(network, 44)
    for T in (40, 20):
        problem = last_step.LastStep(network, momentum2013.adding(rng, T, B, fixed), memory)
        value, g = problem.value_and_gradient(theta)
        with compiled.preferred():
            value_compiled, g_compiled = problem.value_and_gradient(theta)
        assert g_compiled.dtype == np.float32
        assert_allclose(value_compiled, value, rtol=1e-5)
        assert_allclose(g_compiled, g, atol=1e-5 * np.abs(g).max())


@pytest.mark.parametrize("early, late", [(None, 0), (3, 0), (3, 5), (0, 40)])
@pytest.mark.parametrize("column", momentum2013.COLUMNS)
def test_the_schedule_of_mu(column, early, late):
    """With 0.9 at most at first and at the end, between with that of the column."""
    mu, n_early = momentum2013.share(column), 4 if early is None else early
    steps = momentum2013.train(column, 0.5, [Slope()] * 40, np.zeros(1), 40, early, late)
    v, expected = 0.0, []
    for n in range(40):
        v = (min(mu, 0.9) if n < n_early or n >= 40 - late else mu) * v - 0.5 * (1 - mu)
        expected.append(v)
    found = np.diff([0.0] + [float(step.theta[0]) for step in steps])
    assert_allclose(found, expected, rtol=1e-9)


def test_gradients_are_clipped():
    """A slope of one is cut to the length that is given."""
    (step,) = momentum2013.train("0", 0.5, [Slope()], np.zeros(1), 1, max_norm=0.05)
    assert_allclose(step.theta, -0.5 * 0.05)


NAMES = ["20 echo state 0.995M, rate 1.0", "tune 20 gaussian 0.995N 0.3"]


@pytest.mark.parametrize("name", NAMES + [f"50 {change}" for change in momentum2013.CHANGES])
def test_a_trial_is_recorded_and_can_be_repeated(name, monkeypatch):
    """A trial says how it went, and the same seed gives the same trial."""
    small = (20, 10, 8)
    monkeypatch.setattr(rows, "SIZES", {20: small, 30: small, 50: small})
    monkeypatch.setattr(trials, "EVERY", 4)
    row = dataclasses.replace(momentum2013.ROWS[name], early=2, late=2)
    monkeypatch.setitem(momentum2013.ROWS, name, row)
    first, second = (next(momentum2013.run_group(name, 1, (3,))) for _ in range(2))
    assert first["trial"] == 3 and first["outcome"] == "trained" and first["updates"] == 8
    assert first["wrong"] == second["wrong"] and len(first["wrong"]) == len(first["cost"]) == 2
    assert first["cost"] == second["cost"]
    assert first["cost"] != next(momentum2013.run_group(name, 2, (3,)))["cost"]
    assert list(momentum2013.run_group(name, 1, (3,), deadline=0.0)) == []


def test_each_change_of_the_base_changes_the_training(monkeypatch):
    """No two rows of CHANGES end alike, ."""
    monkeypatch.setattr(rows, "SIZES", {50: (20, 10, 30)})
    monkeypatch.setattr(trials, "EVERY", 30)
    short = {"early": 10, "late": 10, "max_norm": 0.001}
    for name, change in momentum2013.CHANGES.items():
        row = rows.Row(50, "0.995N", **(momentum2013.BASE | short | change))
        monkeypatch.setitem(momentum2013.ROWS, f"50 {name}", row)
    costs = [
        next(momentum2013.run_group(f"50 {name}", 1, (0,)))["cost"][0]
        for name in momentum2013.CHANGES
    ]
    assert len(set(costs)) == len(costs)


def test_a_run_that_diverges_says_so(monkeypatch):
    """It ends there, without a warning."""
    monkeypatch.setattr(rows, "SIZES", {30: (20, 10, 200)})
    row = momentum2013.Row(30, "0", rate=1e6)
    monkeypatch.setitem(momentum2013.ROWS, "wild", row)
    (result,) = momentum2013.run_group("wild", 1, (0,))
    assert result["outcome"] == "diverged" and result["updates"] < 200


def test_curves_are_read_by_row_and_a_run_that_diverged_counts_as_wrong(tmp_path):
    """Rows of another seed are left out."""
    path = tmp_path / "results.jsonl"
    lines = [
        {"row": "20 scale 1.0", "seed": 1, "trials": [{"wrong": [0.5] * 6}]},
        {"row": "20 scale 1.0", "seed": 1, "trials": [{"wrong": [0.4] * 3}]},
        {"row": "20 scale 1.0", "seed": 2, "trials": [{"wrong": [0.1] * 6}]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    curves = momentum2013.curves(path, seed=1)
    assert_allclose(curves["20 scale 1.0"], [[0.5] * 6, [0.4] * 3 + [1.0] * 3])


def test_the_learning_rates_are_those_that_the_tuning_chose():
    """RATES has, for each start and column, the rate that was best in its first trial.

    By its cost where all rates are about as wrong as a constant answer.
    """
    wrong, cost = momentum2013.curves(), momentum2013.curves(what="cost")
    for (name, column), chosen in momentum2013.RATES.items():
        rows = {r: momentum2013.tuning(name, column, r) for r in momentum2013.GRID}
        judged = wrong if min(wrong[row][0, -1] for row in rows.values()) < 0.8 else cost
        ends = {r: judged[row][0, -1] for r, row in rows.items()}
        assert ends[chosen] == min(ends.values()), (name, column)
        assert (judged is cost) == ((name, column) == ("gaussian", "0"))


def test_no_result_is_without_its_row():
    """And it was run with the rate of that row."""
    for record in records.read(records.RECORDED / "momentum2013.jsonl"):
        row = momentum2013.ROWS[record["row"]]
        assert all(trial["rate"] == row.rate for trial in record["trials"])


def test_what_is_published_is_what_is_recorded(tmp_path):
    """Each printed number beside our rows of its column: a mean over nets, which chance is not."""
    path = tmp_path / "results.jsonl"
    ends = {
        "80 long, base": [0.0003] * 10,
        "80 long, end marks": [0.0003] * 9 + [0.9],
        "80 long, no clipping": [0.0003] * 4,
        "80 long, no clipping, end marks, 0.98N, rate 0.2": [0.84, 0, 0, 0, 0],
        "80 long, no clipping, end marks, 0.98M": [0.85, 0.82, 0.84, 0.86, 0.7],
        "80 echo state 0.98M": [0.85],
        "20 echo state 0.995N": [0.03],
    }
    with path.open("w") as file:
        for row, wrong in ends.items():
            results = [{"trial": n, "wrong": [w], "seconds": 2.0} for n, w in enumerate(wrong)]
            results = [t | {"wrong": t["wrong"] * _checks(row)} for t in results]
            file.write(json.dumps({"row": row, "seed": 1997, "trials": results}) + "\n")
    found = {p.row: p for p in momentum2013.published(path)}
    by_row = {r: (p.comes_out, p.solved, p.printed) for r, p in found.items()}
    assert by_row == {
        "80 long, base": (True, "10 of 10", "0.00025"),
        "80 long, end marks": (False, "9 of 10", "0.00025"),
        "80 long, no clipping": (None, "4 of 4", "0.00025"),  # too few to say so
        "80 long, no clipping, end marks, 0.98N, rate 0.2": (True, "4 of 5", "0.21"),
        "80 long, no clipping, end marks, 0.98M": (False, "1 of 5", "0.62"),
        "80 echo state 0.98M": (False, "0 of 1", "0.62"),
    }
    assert "end marks" in found["80 long, end marks"].reading
    assert FACTOR * 0.62 > 0.85  # by the factor alone it would have


def _checks(row):
    return momentum2013.ROWS[row].dimensions[2] // trials.EVERY


def test_all_columns_of_the_printed_row_are_published():
    """From the recorded file."""
    found = momentum2013.published()
    printed = {momentum2013.ROWS[p.row].column: float(p.printed) for p in found}
    assert printed == momentum2013.PAPER


def test_an_answer_is_wrong_beyond_the_tolerance_and_where_it_is_no_number():
    network, mask = Network((rnn, linear), (1, 1, 1)), np.zeros((2, 4), bool)
    mask[-1] = True
    x = np.array([0.0, 0.03, 0.05, -0.05], np.float32)[np.newaxis, :, np.newaxis].repeat(2, axis=0)
    test = tasks.Batch(x, np.zeros_like(x), mask)
    says_what_it_reads = np.array([1, 0, 0, 1, 0], np.float32)
    assert trials.zero_one_loss(network, says_what_it_reads, test) == 0.5
    assert trials.zero_one_loss(network, np.full(5, np.nan, np.float32), test) == 1
