"""The experiment on lags: what is taken away stays away, and its results are read as recorded."""

import json

import numpy as np
import pytest

from rnncourse import gru, linear, lstm
from rnncourse.experiments import lags
from rnncourse.network import Network
from rnncourse.params import unravel


@pytest.mark.parametrize("cell, gate", lags.TAKEN_AWAY.items())
def test_a_gate_that_is_taken_away_is_open_and_not_trained(cell, gate):
    """Its weights are zero, its bias opens it fully, and its gradient is zero."""
    network = Network((lstm, linear), (2, lags.HIDDEN, 1))
    theta, trained = lags._start(network, np.random.default_rng(0), cell)
    params, may_move = unravel(theta, network.zeros())[0], unravel(trained, network.zeros())[0]
    rows = slice(gate * lags.HIDDEN, (gate + 1) * lags.HIDDEN)
    assert not params.W_x[rows].any() and not params.W_h[rows].any()
    x = np.random.default_rng(1).normal(size=(5, 2, 2)).astype(np.float32)
    tape = lstm.forward(params, x)[1]
    assert np.all((tape.i, tape.f, tape.g, tape.o)[gate] == 1)
    for array in may_move:
        assert not array[rows].any() and np.delete(array, np.s_[rows], axis=0).all()


@pytest.mark.parametrize("cell, bias", lags.FORGET_BIAS.items())
def test_another_forget_bias_changes_nothing_else(cell, bias):
    """The same draw as the LSTM's, but for the bias of the forget gate."""
    network = Network((lstm, linear), (2, lags.HIDDEN, 1))
    start = lags._start(network, np.random.default_rng(0), "lstm")[0]
    other = lags._start(network, np.random.default_rng(0), cell)[0]
    changed = np.flatnonzero(start != other)
    assert len(changed) == lags.HIDDEN
    assert np.all(start[changed] == 1) and np.all(other[changed] == bias)


@pytest.mark.parametrize("cell, bias", lags.UPDATE_BIAS.items())
def test_another_update_bias_keeps_more_and_changes_nothing_else(cell, bias):
    """The same draw as the GRU's, but for the bias of the gate that multiplies the old state."""
    network = Network((gru, linear), (2, lags.HIDDEN, 1))
    start = lags._start(network, np.random.default_rng(0), "gru")[0]
    other = lags._start(network, np.random.default_rng(0), cell)[0]
    assert np.count_nonzero(start != other) == lags.HIDDEN
    tape = gru.forward(unravel(other, network.zeros())[0], np.zeros((1, 1, 2), np.float32))[1]
    np.testing.assert_allclose(tape.u, 1 / (1 + np.exp(-bias)), rtol=1e-6)


def test_a_leaky_plain_net_has_gates_that_stay_where_they_are():
    """Its state is (1 - u) tanh(z) + u h with one number u, before and after training."""
    network = Network((gru, linear), (2, lags.HIDDEN, 1))
    theta, trained = lags._start(network, np.random.default_rng(0), lags.LEAKY)
    moved = theta + trained * np.random.default_rng(1).normal(size=theta.size).astype(np.float32)
    params = unravel(moved, network.zeros())[0]
    x = np.random.default_rng(2).normal(size=(5, 2, 2)).astype(np.float32)
    tape = gru.forward(params, x)[1]
    np.testing.assert_allclose(tape.u, 1 / (1 + np.exp(-5.0)), rtol=1e-6)
    np.testing.assert_allclose(tape.r, 1, rtol=1e-6)


@pytest.mark.parametrize("name", ["adding rnn 20", "temporal_order lstm without forget gate 40"])
def test_a_trial_is_recorded_and_can_be_repeated(name, monkeypatch):
    """A trial says how it ended, and the same seed gives the same trial."""
    monkeypatch.setattr(lags, "CAP", 8)
    monkeypatch.setattr(lags, "EVERY", 4)
    first, second = (lags.run_group(name, 1, (3,))[0] for _ in range(2))
    assert first["trial"] == 3 and first["outcome"] == "capped" and first["updates"] == 8
    assert first["wrong"] == second["wrong"] > 0.05
    assert lags.run_group(name, 1, (3,), deadline=0.0) == []


def test_shares_are_those_of_the_complete_rows(tmp_path):
    """A share counts the solved trials; a row with trials missing has none."""
    path = tmp_path / "lags.jsonl"
    outcomes = ["solved"] * 7 + ["capped"] * 3
    lines = [
        {"row": "adding rnn 20", "trials": [{"outcome": o} for o in outcomes]},
        {"row": "adding lstm 20", "trials": [{"outcome": "solved"}]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert lags.solved_shares(path) == {("adding", "rnn", 20): 0.7}


def test_recorded_results_are_complete_up_to_length_60():
    """What weeks 4 and 5 show is there, with ten trials each."""
    shares = lags.solved_shares()
    for length in (20, 40, 60):
        assert all(
            (task, cell, length) in shares for task in lags.TASKS for cell in ("rnn", "lstm")
        )


def test_answers_off_by_more_than_a_tenth_are_wrong_and_so_are_no_numbers():
    y = np.zeros((4, 1))
    assert lags._wrong(np.array([[0.05], [0.09], [-0.15], [np.nan]]), y) == 0.5
    scores = np.array([[2.0, 1.0], [1.0, 2.0], [np.nan, 0.0]])
    assert lags._wrong(scores, np.array([0, 0, 0])) == pytest.approx(2 / 3)
