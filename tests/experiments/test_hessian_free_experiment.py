"""The experiment with Hessian-free: its tasks, its start, a tiny row, and what is recorded."""

import json

import numpy as np
import pytest

from rnncourse import linear, losses, rnn
from rnncourse.experiments import hessian_free as experiment
from rnncourse.experiments import runner
from rnncourse.network import Network
from rnncourse.params import unravel


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
    batch = experiment.tasks.Batch(x, y, mask)
    assert experiment.wrong(network, theta, batch) == 1 / 4
    mask[1, 2] = True
    assert experiment.wrong(network, theta, batch) == 2 / 4
    two = Network((linear,), (1, 2))
    batch = experiment.tasks.Batch(x, np.array([[0, 0, 0, 0]] * 3), mask)
    assert experiment.wrong(two, np.array([0, 0, 1, 0], np.float32), batch) == 0
    assert experiment.wrong(two, np.array([0, 0, 0, 1], np.float32), batch) == 1


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
