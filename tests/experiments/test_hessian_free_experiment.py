"""The experiment with Hessian-free: its tasks, its start, a tiny row, and what is recorded."""

import json
from math import comb

import numpy as np
import pytest

from rnncourse import compiled, linear, losses, rnn, tasks
from rnncourse.experiments import hessian_free as experiment
from rnncourse.experiments import runner
from rnncourse.experiments.hessian_free import few
from rnncourse.experiments.hessian_free.rows import RELEASED, TASKS
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel


def tiny(monkeypatch, name, **changes):
    """Make a row small enough for a test."""
    changes = {"length": 20, "gradient": 20, "curvature": 10, "cap": 2, "tested": 30} | changes
    row = experiment.ROWS[name]
    monkeypatch.setitem(experiment.ROWS, name, type(row)(**{**vars(row), **changes}))


@pytest.mark.parametrize("name", ["adding 30", "temporal_order 30", "memorization 50, structural"])
def test_a_tiny_row_runs_and_repeats(name, monkeypatch):
    tiny(monkeypatch, name)
    first, second = (list(experiment.run_group(name, 1, (3,)))[0] for _ in range(2))
    assert first.pop("seconds") >= 0 and second.pop("seconds") >= 0
    assert first == second
    assert (first["trial"], first["outcome"], first["updates"]) == (3, "capped", 2)
    assert first["cg_steps"] > 0 and 0.01 <= first["wrong"] <= 1
    other = list(experiment.run_group(name, 2, (3,)))[0]
    assert other["value"] != first["value"]


@pytest.mark.parametrize("form", ["numpy", "compiled"])
@pytest.mark.parametrize("structural", [0.0, 0.3])
@pytest.mark.parametrize("task", TASKS)
def test_the_curvature_is_that_of_the_objective(task, structural, form, monkeypatch):
    """Of sequences of several lengths, in two strips, the second not full."""
    if form == "compiled" and not compiled.available():
        pytest.skip("Numba is not there")
    monkeypatch.setattr(compiled, "SETTING", "1" if form == "compiled" else "0")
    monkeypatch.setattr(few, "STRIP", 20)
    _, loss, sizes = TASKS[task]
    row = experiment.Row(task, 20, dtype="float64", first_state=task == "adding")
    network = Network((rnn, linear), (sizes[0] + row.first_state, 7, sizes[2]))
    rng = np.random.default_rng(5)
    batch = experiment.draw(row, rng, 31)
    assert task == "memorization" or len(set(batch.mask.argmax(axis=0))) > 1
    theta, v = rng.normal(size=(2, ravel(network.zeros()).size)) / 2
    expected = Objective(network, loss, *batch).gauss_newton(theta, structural)(v)
    found = few.FewScored(network, loss, *batch).gauss_newton(theta, structural)(v)
    assert np.linalg.norm(found - expected) < 1e-12 * np.linalg.norm(expected)


def test_the_curvature_refuses_sequences_that_are_scored_unequally():
    mask = np.array([[1, 0], [1, 1]], bool)
    with pytest.raises(ValueError, match="mask scores 1 to 2 steps, expected as many each"):
        few.scored_steps(mask)
    assert few.scored_steps(mask[:, ::-1] & mask).tolist() == [[1, 1]]


def test_a_trial_takes_its_curvature_from_few_outputs():
    row = experiment.ROWS["adding 30"]
    network, loss = Network((rnn, linear), (2, 5, 1)), losses.squared_error
    batch = experiment.draw(row, np.random.default_rng(0), 12)
    whole, first = experiment.pair(network, loss, batch, 8)
    assert (whole.x.shape[1], first.x.shape[1]) == (12, 8) and type(first) is few.FewScored
    assert type(experiment.pair(network, loss, batch, 12)) is few.FewScored


def test_a_row_may_be_in_float64(monkeypatch):
    tiny(monkeypatch, "memorization 50, float64")
    row = experiment.ROWS["memorization 50, float64"]
    assert experiment.draw(row, np.random.default_rng(0), 10).x.dtype == np.float64
    (trial,) = experiment.run_group("memorization 50, float64", 1, (0,))
    assert trial["updates"] == 2


def test_a_first_order_row_runs_and_its_work_is_counted(monkeypatch):
    tiny(monkeypatch, "adding 30, Adam", every=1)
    (trial,) = experiment.run_group("adding 30, Adam", 1, (0,))
    assert (trial["updates"], trial["cg_steps"]) == (2, 0) and 0.01 <= trial["wrong"] <= 1
    assert experiment.work(experiment.ROWS["adding 30, Adam"], trial) == 2 * 20
    row = experiment.Row("adding", 30, gradient=10, curvature=6)
    assert experiment.work(row, {"updates": 3, "cg_steps": 5}) == 3 * 10 + 5 * 8  # 4/3 of 6
    row = experiment.ROWS["memorization 20"]  # all words, in the gradient and in the curvature
    batch = experiment.draw(row, np.random.default_rng(0), row.gradient)
    trial = {"updates": 2, "cg_steps": 3}
    assert experiment.work(row, trial) == batch.x.shape[1] * (2 + 3 * 4 / 3)


def test_a_trial_keeps_what_happened_on_the_way(monkeypatch):
    tiny(monkeypatch, "adding 30", cap=7, every=3)
    (trial,) = experiment.run_group("adding 30", 1, (0,))
    assert len(trial["products"]) == len(trial["dampings"]) == trial["updates"] == 7
    assert sum(trial["products"]) == trial["cg_steps"] and trial["dampings"][0] == 0.1
    assert len(trial["shares"]) == 3 and trial["shares"][-1] == trial["wrong"]  # 3, 6 and 7
    assert trial["dampings"][-1] == pytest.approx(trial["damping"], rel=0.05)


def test_a_row_may_take_all_its_products(monkeypatch):
    """Without the rule a step takes them all, if rounding leaves some; with it, fewer."""
    name, taken = "memorization 50, float64, structural", {}
    for rule in (True, False):
        tiny(monkeypatch, name, task="adding", products=60, rule=rule)
        (trial,) = experiment.run_group(name, 1, (0,))
        taken[rule] = trial["products"]
    assert taken[False] == [60, 60] and max(taken[True]) < 40


def test_a_trial_whose_curvature_leaves_the_range_of_the_numbers_is_not_solved(monkeypatch):
    name, calls = "adding 30", []
    tiny(monkeypatch, name, cap=5)

    def product_with(objective, theta, structural=0.0):
        calls.append(theta)
        first = iter([True])  # the product with the start of conjugate gradients
        return lambda v: v if next(first, len(calls) < 5) else np.full_like(v, np.inf)

    monkeypatch.setattr(few.FewScored, "gauss_newton", product_with)
    (found,) = experiment.run_group(name, 0, (0,))
    assert (found["outcome"], found["updates"]) == ("out of range", 2) and found["wrong"] > 0.5


def test_a_row_may_hold_its_damping(monkeypatch):
    """Else the first step moves it, which is the same in both."""
    found = []
    for held in (False, True):
        tiny(monkeypatch, "adding 30", damping=0.02, cap=4, held=held)
        found += experiment.run_group("adding 30", 1, (0,))
    free, held = found
    assert held["dampings"] == [0.02] * 4 and len(set(free["dampings"])) > 1
    assert held["products"][0] == free["products"][0]


def test_a_first_state_is_learned():
    """The step in front gives tanh of its weights, which have a gradient; nothing else is moved."""
    row = experiment.ROWS["adding 100, first state"]
    row = type(row)(**{**vars(row), "length": 20, "dtype": "float64"})
    plain = type(row)(**{**vars(row), "first_state": False})
    batch, bare = (experiment.draw(r, np.random.default_rng(2), 6) for r in (row, plain))
    network = Network((rnn, linear), (3, 50, 1))
    theta = experiment.start(np.random.default_rng(3), network.sizes, 0.01, True).astype(float)
    cell, readout = unravel(theta, network.zeros())
    assert 0.15 < cell.W_hx[:, -1].std() < 0.4 and cell.W_hx[:, :2].std() < 0.02
    y_hat, tapes = network.forward((cell, readout), batch.x)
    h_0 = np.tile(np.tanh(cell.W_hx[:, -1]), (6, 1))
    np.testing.assert_allclose(tapes[0].h[0], h_0)
    narrow = cell._replace(W_hx=cell.W_hx[:, :2])
    expected, _ = rnn.forward(narrow, bare.x, h_0)
    np.testing.assert_allclose(tapes[0].h[1:], expected)
    np.testing.assert_array_equal(batch.y[1:], bare.y)
    np.testing.assert_array_equal(batch.mask[1:], bare.mask)
    assert not batch.mask[0].any()
    objective = experiment.pair(network, losses.squared_error, batch, 6)
    gradient = unravel(objective.gradient(theta), network.zeros())
    assert np.abs(gradient[0].W_hx[:, -1]).min() > 0


def test_rows_as_released_have_each_setting_of_its_own_row():
    together = vars(experiment.ROWS["adding 100, as released"])
    for name, options in RELEASED.items():
        row = vars(experiment.ROWS[f"adding 100, {name}"])
        assert {key: row[key] for key in options} == {key: together[key] for key in options}
    damped = experiment.ROWS["adding 100, as released, structural"]
    assert vars(damped) == {**together, "structural": 0.03}


def test_a_trial_past_its_deadline_is_not_recorded(monkeypatch):
    tiny(monkeypatch, "adding 30")
    assert list(experiment.run_group("adding 30", 1, (0,), deadline=0.0)) == []


def test_a_run_goes_on_where_it_was_stopped(monkeypatch, tmp_path):
    tiny(monkeypatch, "adding 30")
    path = tmp_path / "hessian_free.jsonl"
    options = {"rows": ["adding 30"], "seed": 5}
    assert runner.run("hessian_free", experiment, path, trials=1, **options) == 1
    assert runner.run("hessian_free", experiment, path, trials=2, **options) == 1
    assert sorted(experiment.recorded(path)) == ["adding 30"]
    assert [trial["trial"] for trial in experiment.recorded(path)["adding 30"]] == [0, 1]


def test_the_start_is_sparse_and_its_input_is_scaled():
    theta = experiment.start(np.random.default_rng(0), (2, 50, 1), 0.25)
    assert theta.dtype == np.float32
    cell, readout = unravel(theta, Network((rnn, linear), (2, 50, 1)).zeros())
    assert (np.count_nonzero(cell.W_hh, axis=1) == 15).all()
    assert np.count_nonzero(readout.W_yh) == 15
    assert 0.2 < cell.W_hx.std() < 0.3
    assert 0.9 < np.sqrt(15) * cell.W_hh[cell.W_hh != 0].std() < 1.1
    assert not cell.b_h.any() and not readout.b_y.any()


def test_memorization_holds_each_word_once():
    rng = np.random.default_rng(0)
    batch = experiment.draw(experiment.ROWS["memorization 20"], rng, 10)
    words = batch.y[-5:]
    assert words.shape == (5, 32) and len(np.unique(words, axis=1).T) == 32
    np.testing.assert_array_equal(batch.x[:5].argmax(axis=-1), words)


def test_curvature_is_that_of_the_first_sequences():
    network = Network((rnn, linear), (2, 50, 1))
    batch = experiment.draw(experiment.ROWS["adding 30"], np.random.default_rng(0), 20)
    whole, part = experiment.pair(network, losses.squared_error, batch, 5)
    assert whole.x.shape[1] == 20
    np.testing.assert_array_equal(part.x, batch.x[: len(part.x), :5])
    assert experiment.pair(network, losses.squared_error, batch, 20).x.shape[1] == 20


def test_a_sequence_is_wrong_if_one_scored_output_is():
    network = Network((linear,), (1, 1))
    theta = np.array([1.0, 0.0], np.float32)  # says what it reads
    x = np.zeros((3, 4, 1), np.float32)
    y = np.zeros((3, 4, 1), np.float32)
    y[2, 0], y[2, 1], y[1, 2] = 0.05, 0.03, 0.05
    mask = np.zeros((3, 4), bool)
    mask[2] = True
    batch = tasks.Batch(x, y, mask)
    assert experiment.wrong(network, theta, batch) == 1 / 4
    mask[1, 2] = True
    assert experiment.wrong(network, theta, batch) == 2 / 4
    two = Network((linear,), (1, 2))
    batch = tasks.Batch(x, np.array([[0, 0, 0, 0]] * 3), mask)
    assert experiment.wrong(two, np.array([0, 0, 1, 0], np.float32), batch) == 0
    assert experiment.wrong(two, np.array([0, 0, 0, 1], np.float32), batch) == 1
    for net, size in ((network, theta.size), (two, 4)):  # an answer that is no number is wrong
        assert experiment.wrong(net, np.full(size, np.nan, np.float32), batch) == 1


def test_recorded_results_are_those_that_week_8_shows():
    found = experiment.recorded()
    assert set(found) <= set(experiment.ROWS)
    first_order = (f"adding 30, {name}" for name in experiment.FIRST_ORDER)
    for name in ("adding 30", "memorization 50", "memorization 50, structural", *first_order):
        assert len(found[name]) == experiment.ROWS[name].trials
    for trials in found.values():
        for trial in trials:
            assert (trial["outcome"] == "solved") == (trial["wrong"] < 0.01)


def test_records_of_another_seed_are_left_out(tmp_path):
    path = tmp_path / "hessian_free.jsonl"
    lines = [{"row": "adding 30", "seed": s, "trials": [{"trial": 0}]} for s in (1997, 3)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert experiment.recorded(path, seed=1997) == {"adding 30": [{"trial": 0}]}


def write(path, counts):
    """Write a file in which so many trials of so many are solved, {row: (solved, trials)}."""
    lines = []
    for row, (solved, n) in counts.items():
        outcomes = ["solved"] * solved + ["capped"] * (n - solved)
        trials = [
            {"trial": k, "outcome": outcome, "updates": 40 + 10 * k, "seconds": 6, "wrong": 0.5}
            for k, outcome in enumerate(outcomes)
        ]
        lines.append(json.dumps({"row": row, "seed": 1997, "trials": trials}) + "\n")
    path.write_text("".join(lines))
    return path


def test_a_comparison_counts_who_is_solved_in_time():
    """Of both rows of a task; Fisher's p against the sum over all tables, written out."""
    late = {"outcome": "solved", "updates": 105}
    soon, never = late | {"updates": 100}, {"outcome": "capped", "updates": 100}
    found = {
        "adding 100": [soon, never, never],
        "adding 100, cap 150": [late, never],
        "adding 100, structural": [soon, soon, never],
        "adding 100, cap 150, structural": [soon],
    }
    *counts, p = experiment.comparison(found, "adding 100")
    assert counts == [(1, 5), (3, 4)]
    ways = [comb(5, k) * comb(4, 4 - k) for k in range(5)]  # k of the four solved are without it
    assert p == pytest.approx(sum(w for w in ways if w <= ways[1]) / sum(ways))
    assert experiment.comparison(found, "adding 100", within=105)[0] == (2, 5)


def test_at_equal_work_counts_who_is_solved_before_the_last_one_is_stopped():
    """With structural damping a step costs more, so that fewer steps are as much work."""

    def trial(outcome, updates, products):
        return {"outcome": outcome, "updates": updates, "cg_steps": products}

    found = {
        "adding 50": [
            *(trial("solved", 50, 600), trial("capped", 100, 600), trial("capped", 100, 900)),
            trial("solved", 100, 1200),
        ],
        "adding 50, structural": [trial("solved", 40, 1100), trial("solved", 60, 1200)],
    }
    most = 1000 * 100 + 4 / 3 * 200 * 900
    assert experiment.at_equal_work(found, "adding 50") == (pytest.approx(most), 1, 1)


def test_what_is_said_of_2011_stands_beside_our_runs(tmp_path):
    counts = {
        "adding 100, cap 150": (0, 10),
        "adding 100, cap 150, structural": (9, 10),
        "memorization 100": (1, 10),
        "memorization 100, structural": (7, 10),
        "memorization 50": (10, 10),
        "memorization 50, structural": (3, 10),
    }
    lags = [
        line
        for line in experiment.published(write(tmp_path / "a", counts))
        if "needs" not in line.result
    ]
    found = {line.row: line for line in lags}
    assert set(found) == set(counts)
    line = found["adding 100, cap 150, structural"]
    assert (line.paper, line.printed, line.solved, line.comes_out) == ("2011", "-", "9 of 10", True)
    assert line.ours == "80 ± 27.4 (40 to 120) steps" and line.cost == "6 s"  # 40, 50 ... 120
    line = found["adding 100, cap 150"]
    assert (line.ours, line.comes_out) == ("0.5 wrong", False)
    needs = [
        line
        for line in experiment.published(write(tmp_path / "a", counts))
        if "needs" in line.result
    ]
    fifty, hundred = needs
    # of the C(20, 8) = 125970 ways to solve 8 trials of 20, C(10, 1) C(10, 7) + C(10, 8) are as
    # uneven to this side, and as many to the other
    p = 2 * (10 * 120 + 45) / 125970
    assert hundred.ours == f"1 of 10 without it, p = {p:.2g}" and hundred.solved == "7 of 10"
    assert hundred.comes_out and hundred.reading == "50 units, 100 blanks"
    assert not fifty.comes_out  # uneven, to the wrong side
    three = {
        "adding 50": (3, 3),
        "memorization 50": (3, 20),
        "memorization 50, structural": (7, 10),
    }
    *_, few, helped = experiment.published(write(tmp_path / "b", three))
    assert few.row == "adding 50" and few.comes_out is None and few.solved == "3 of 3"
    assert helped.comes_out is False and "p = 0.0048" in helped.ours  # it helps: not needed
    experiment.published()  # of the recorded ones
