"""The experiment on echo state networks: its scores, and that a trial repeats."""

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose

from rnncourse import esn, physics
from rnncourse.experiments import echo_state, records


@pytest.mark.equation("6.10", code="experiments.echo_state.memory_capacity")
def test_memory_of_a_delay_line_is_one_up_to_its_length():
    """A linear chain of eight units holds the last eight inputs, and nothing before."""
    chain = esn.Reservoir(
        np.eye(8)[:, :1], np.eye(8, k=-1), np.zeros((8, 0)), np.zeros(8), 1.0, np.positive
    )
    u = np.random.default_rng(0).normal(size=(4000, 1, 1))
    m = echo_state.memory_capacity(esn.run(chain, u), u, 12, n_train=2000)
    assert_allclose(m[:7], 1, rtol=1e-9)  # h[t] holds u[t], ..., u[t-7]
    assert np.all(m[7:] < 0.01)


def test_nrmse_of_the_mean_is_one():
    y = np.random.default_rng(1).normal(size=(50, 2))
    assert_allclose(echo_state.nrmse(np.full_like(y, y.mean()), y), 1)
    assert echo_state.nrmse(y, y) == 0


def test_valid_time_counts_the_steps_before_the_first_bad_one():
    y = np.random.default_rng(2).normal(size=(100, 4, 3))
    y_hat = y.copy()
    y_hat[10:, 0] += 5
    y_hat[0:1, 1] += 5  # bad at once, good later
    y_hat[:, 2] += 0.1  # never as far off as 0.4 standard deviations
    times = echo_state.valid_time(y_hat, y, dt=0.5, lyapunov=2.0)
    assert_allclose(times, [10, 0, 100, 100])


def test_the_bound_of_the_valid_time_and_that_no_number_is_good():
    y = np.random.default_rng(2).normal(size=(100, 3, 1))
    y_hat = y + np.array([0.39, 0.41, np.nan])[:, np.newaxis] * y.std()
    assert_allclose(echo_state.valid_time(y_hat, y, dt=1.0, lyapunov=1.0), [100, 0, 0])


def test_the_reservoir_of_2001_in_both_notations():
    """One step of the paper's update gives our state, in its units."""
    rng = np.random.default_rng(3)
    r = echo_state.jaeger_reservoir(rng, 400)
    W = 0.9 * r.W_hh.toarray()  # the paper's W
    assert_allclose(np.abs(np.linalg.eigvals(W)).max(), 0.79, rtol=1e-10)
    mixed = 0.44 * W + (1 - 0.44 * 0.9) * np.eye(400)
    assert abs(np.abs(np.linalg.eigvals(mixed)).max() - 0.95) < 0.01
    assert 0.009 < np.mean(W != 0) < 0.016
    x, y = rng.normal(size=400), rng.normal(size=1)
    paper = (1 - 0.44 * 0.9) * x + 0.44 * np.tanh(W @ x + r.W_hy @ y + r.b_h)
    ours = esn.run(r, y=np.zeros((1, 1, 1)), h_0=0.9 * x[None], y_0=y[None])
    assert_allclose(ours[0, 0], 0.9 * paper, rtol=1e-12)


def test_the_recorded_capacities_obey_the_bound():
    found = echo_state.results()["memory, N = 20"]
    assert len(found) == echo_state.ROWS["memory, N = 20"].trials == 20
    assert all(1 < trial["memory_capacity"] < 20 for trial in found)
    assert len({trial["memory_capacity"] for trial in found}) > 15


def test_what_is_printed_stands_beside_the_median_of_all_reservoirs(tmp_path):
    rows = {
        "mackey-glass 30, N = 400, 21000 steps": [0.02, 0.04, 0.047, 0.05, 3.0],  # 1.5 * 0.032
        "mackey-glass 30, N = 400, 3000 steps": [0.1, 0.2, 0.3],
        "mackey-glass 30, N = 400, 3000 steps, fixed reservoir": [0.12],
        "mackey-glass 17, N = 1000, 3000 steps": [1e-5],  # not of 2001
    }
    path = tmp_path / "echo_state.jsonl"
    for row, errors in rows.items():
        trials = [{"trial": k, "nrmse84": e, "seconds": 2.0} for k, e in enumerate(errors)]
        records.append(path, {"row": row, "seed": 1997, "trials": trials})
    capacities = [{"trial": k, "memory_capacity": c, "seconds": 0} for k, c in enumerate((9, 11))]
    records.append(path, {"row": "memory, N = 20", "seed": 1997, "trials": capacities})
    found = {line.row: line for line in echo_state.published(path)}
    assert list(found) == [
        "mackey-glass 30, N = 400, 3000 steps",
        "mackey-glass 30, N = 400, 3000 steps, fixed reservoir",
        "mackey-glass 30, N = 400, 21000 steps",
        "memory, N = 20",
    ]
    short, one, long, memory = found.values()
    assert (long.printed, long.solved, long.comes_out) == ("0.032", "3 of 5", True)
    assert long.ours == "0.047 (median; 0.02 to 3), 1 run away" and long.cost == "2 s"
    assert (short.solved, short.comes_out) == ("1 of 3", False) and "away" not in short.ours
    assert one.printed == short.printed == "0.11" and one.comes_out and "one res" in one.reading
    assert (memory.printed, memory.ours, memory.solved) == (
        "at most 20",
        "10 ± 1.41 (9 to 11)",
        "2 of 2",
    )
    assert memory.comes_out is None  # a bound that no run can miss


TINY = {
    "mackey": echo_state.Row("mackey_glass", 400, 1300, 1e-9, 17, 1e-6),
    "lorenz": echo_state.Row("lorenz", 60, 1000, 1e-8),
    "memory": echo_state.Row("memory", 20, 1500, 1e-12),
}


@pytest.mark.parametrize("name", TINY)
def test_a_trial_repeats(name, monkeypatch):
    monkeypatch.setitem(echo_state.ROWS, name, TINY[name])
    for system in ("lorenz", "mackey_glass"):  # coarser, which is faster
        monkeypatch.setattr(physics, system, partial(getattr(physics, system), substeps=2))
    (first, other), (again,) = (list(echo_state.run_group(name, 1, t)) for t in ((2, 3), (2,)))
    drop = "seconds"
    assert {k: v for k, v in first.items() if k != drop} == {
        k: v for k, v in again.items() if k != drop
    }
    assert other["trial"] == 3
    if name == "lorenz":
        assert len(first["valid_times"]) == 30 and np.median(first["valid_times"]) > 1
    elif name == "memory":
        assert 3 < first["memory_capacity"] < 20
        assert other["memory_capacity"] != first["memory_capacity"]
    else:
        assert 0 < first["nrmse84"] < 0.5 and other["nrmse84"] != first["nrmse84"]
    assert list(echo_state.run_group(name, 1, (0,), deadline=0.0)) == []


def test_a_constant_forecast_is_as_bad_as_the_score_says():
    """A readout that says nothing forecasts the bias, whose error is one standard deviation."""
    y = physics.mackey_glass(np.random.default_rng(4), 100, 50)
    assert 0.9 < echo_state.nrmse(np.full(50, y.mean()), y[-1]) < 1.2


def test_the_forecast_is_scored_in_standard_deviations_of_the_whole_test_series():
    """So large a ridge leaves the mean of what was taught, which is known without a net."""
    reservoir = echo_state.jaeger_reservoir(np.random.default_rng(5), 100)
    rng, same = (np.random.default_rng(6) for _ in range(2))
    found = echo_state.trials.mackey_glass_error(rng, reservoir, 17, 1500, ridge=1e15, n_test=4)
    y = physics.mackey_glass(same, 1084, 4, 17)
    taught = np.tanh(physics.mackey_glass(same, 1500, 1, 17) - 1)
    forecast = 1 + np.arctanh(taught[1000:].mean())
    assert y[-1].var() < 0.9 * y.var()  # of the four last values alone it would be another score
    assert_allclose(found, np.sqrt(np.mean((forecast - y[-1]) ** 2) / y.var()), rtol=1e-6)
