"""The experiment of 2013: the task is as defined, trials repeat, results are read as recorded."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import linear, rnn
from rnncourse.experiments import momentum2013, records
from rnncourse.params import unravel


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


@pytest.mark.parametrize("column", momentum2013.COLUMNS)
def test_the_schedule_of_mu(column):
    """A tenth of the updates with 0.9 at most, then the mu of the column; eta = rate (1 - mu)."""
    mu = momentum2013.share(column)
    steps = momentum2013.train(column, 0.5, [Slope()] * 40, np.zeros(1), 40)
    v, expected = 0.0, []
    for n in range(40):
        v = (min(mu, 0.9) if n < 4 else mu) * v - 0.5 * (1 - mu)
        expected.append(v)
    found = np.diff([0.0] + [float(step.theta[0]) for step in steps])
    assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["20 echo state 0.995M", "tune gaussian 0.98 0.3"])
def test_a_trial_is_recorded_and_can_be_repeated(name, monkeypatch):
    """A trial says how it went, and the same seed gives the same trial."""
    monkeypatch.setattr(momentum2013, "SIZES", {20: (20, 10, 8), 30: (20, 10, 8)})
    monkeypatch.setattr(momentum2013, "EVERY", 4)
    first, second = (next(momentum2013.run_group(name, 1, (3,))) for _ in range(2))
    assert first["trial"] == 3 and first["outcome"] == "trained" and first["updates"] == 8
    assert first["wrong"] == second["wrong"] and len(first["wrong"]) == 2
    assert first["wrong"] != next(momentum2013.run_group(name, 2, (3,)))["wrong"]
    assert list(momentum2013.run_group(name, 1, (3,), deadline=0.0)) == []


def test_a_run_that_diverges_says_so(monkeypatch):
    """It ends there, without a warning."""
    monkeypatch.setattr(momentum2013, "SIZES", {30: (20, 10, 200)})
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
    """RATES has, for each start and column, the rate that was best in its first trial."""
    curves, tuning = momentum2013.curves(), momentum2013.tuning
    for (name, column), chosen in momentum2013.RATES.items():
        ends = {r: curves[tuning(name, column, r)][0, -1] for r in momentum2013.GRID}
        assert ends[chosen] == min(ends.values()), (name, column)
    for record in records.read(momentum2013.records.RECORDED / "momentum2013.jsonl"):
        row = momentum2013.ROWS[record["row"]]  # no result without its row
        if row.rate is None:
            chosen = momentum2013.RATES[row.start, row.column]
            assert all(trial["rate"] == chosen for trial in record["trials"])
