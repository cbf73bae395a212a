"""The four ways and their rivals: what counts as right, and what a run under the clock records."""

import json
import sys
import threading
import time
import warnings
from types import SimpleNamespace

import joblib
import numpy as np
import pytest

from rnncourse import linear, lru, lstm, pointwise, rnn
from rnncourse.experiments import race, records, runner
from rnncourse.experiments.four_ways.methods import (
    CROSSED,
    HIDDEN,
    METHODS,
    Piece,
    predictors,
)
from rnncourse.experiments.four_ways.scored import Scored, span
from rnncourse.experiments.four_ways.tasks import TASKS, judge, share_wrong
from rnncourse.experiments.four_ways.train import LEARNERS, clock, next_look, train
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel
from rnncourse.tasks.batch import Batch

SETTINGS = {
    "lstm": {"learning_rate": 0.01, "forget_bias": 1.0},
    "hessian_free": {"structural": 0.0, "input_scale": 0.3},
    "esn": {"spectral_radius": 1.0, "input_scale": 1.0, "leak": 0.03, "bias_scale": 0.5},
    "momentum": {"learning_rate": 0.01, "input_scale": 0.3},
    "sgd": {"learning_rate": 0.03},
    "adam": {"learning_rate": 1e-3},
    "adam_sparse": {"learning_rate": 1e-3, "input_scale": 0.3},
    "hessian_free_orthogonal": {"structural": 0.0},
}
FAST = {"spectral_radius": 0.99, "input_scale": 0.01, "leak": 1.0, "bias_scale": 0.0}
TINY = "memorization_5", "esn", 20, FAST  # solved in less than a second


@pytest.fixture(autouse=True)
def no_bars(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")


class Ticks(threading.local):
    """A clock for each thread on which a piece of work takes 0.05 s."""

    now = 0.0

    def __call__(self):
        self.now += 0.05
        return self.now


@pytest.fixture
def steady(monkeypatch):
    """What a run does hangs on the clock, by when it is looked at; here the clock repeats, too."""
    clock = SimpleNamespace(thread_time=Ticks(), time=time.time)
    monkeypatch.setattr(sys.modules[train.__module__], "time", clock)


def test_the_clock_runs_where_no_thread_has_one(monkeypatch):
    """As in a browser, whose `time` has no `thread_time`."""
    for times in (SimpleNamespace(thread_time=Ticks()), SimpleNamespace(perf_counter=Ticks())):
        monkeypatch.setattr(sys.modules[train.__module__], "time", times)
        first, second = clock(), clock()
        assert second - first == pytest.approx(0.05)


def targets(task, y):
    """The output of a net that is right about everything."""
    if y.ndim == 2:
        return np.eye(task.n_out, dtype=np.float32)[y]
    return y if task.loss.value.__name__.startswith("_squared") else 2 * y - 1


@pytest.mark.parametrize("name", TASKS)
def test_right_answers_are_right_and_others_wrong(name):
    task = TASKS[name]
    x, y, mask = task.batch(np.random.default_rng(0), 20, 40)
    assert x.dtype == np.float32 and y.dtype in (np.int64, np.float32)
    right = targets(task, y)
    assert right.shape == (*mask.shape, task.n_out) and x.shape[-1] == task.n_in
    assert not task.wrong(right, y, mask).any()
    assert task.wrong(-right if y.ndim == 2 else right + 5, y, mask).mean() > 0.4
    assert task.wrong(np.full_like(right, np.nan), y, mask).all()
    nonsense = right.copy()
    nonsense[~mask] = 7  # what is not scored does not count
    assert not task.wrong(nonsense, y, mask).any()


def test_a_number_may_be_off_by_four_hundredths():
    task = TASKS["adding"]
    x, y, mask = task.batch(np.random.default_rng(0), 20, 5)
    assert not task.wrong(y + np.float32(0.039), y, mask).any()
    assert task.wrong(y - np.float32(0.041), y, mask).all()


def test_one_wrong_symbol_makes_a_word_wrong():
    task = TASKS["memorization_20"]
    x, y, mask = task.batch(np.random.default_rng(0), 20, 5)
    y_hat = targets(task, y)
    y_hat[-3, 2] = np.roll(y_hat[-3, 2], 1)
    assert list(np.flatnonzero(task.wrong(y_hat, y, mask))) == [2]


def test_only_the_last_symbol_of_a_random_permutation_counts():
    task = TASKS["random_permutation"]
    x, y, mask = task.batch(np.random.default_rng(0), 20, 30)
    y_hat = np.roll(targets(task, y), 1, axis=-1)
    last = mask.sum(axis=0) - 1
    assert len(set(last)) == 3 and task.wrong(y_hat, y, mask).all()
    y_hat[last, np.arange(30)] = targets(task, y)[last, np.arange(30)]
    assert not task.wrong(y_hat, y, mask).any()


@pytest.mark.parametrize(("share", "solved"), [(0.0, True), (0.005, True), (0.02, False)])
def test_solved_is_less_than_one_in_a_hundred(share, solved):
    task, calls = TASKS["xor"], []
    truth, noise = np.random.default_rng(5), np.random.default_rng(1)

    def predict(x):  # knows the answer, and lies now and then
        marked = x[..., 1] == 1
        y = np.where(marked, x[..., 0], 0).sum(axis=0) == 1
        calls.append(x.shape[1])
        y = y ^ (noise.random(x.shape[1]) < share)
        y_hat = 2 * y[:, np.newaxis].astype(np.float32) - 1
        return np.broadcast_to(y_hat, (*x.shape[:2], 1))

    verdict = judge(task, predict, truth, 20)
    assert verdict.solved == solved and abs(verdict.wrong - share) < 0.01
    assert sum(calls) == 11_200 if solved else sum(calls) <= 1200
    assert (verdict.cost < 0.32) == solved  # log(1 + exp(-1)) where it is right
    assert share_wrong(task, lambda x: -predict(x), truth, 20, 600) > 0.9


@pytest.mark.parametrize("method", [*METHODS, *CROSSED])
def test_every_method_works_and_depends_on_the_seed_alone(method):
    settings = SETTINGS[method]
    task = TASKS["adding"]
    x, _, mask = task.batch(np.random.default_rng(9), 20, 7)
    found = []
    for seed in (0, 0, 1):
        learner = LEARNERS[method](task, 20, np.random.default_rng(seed), **settings)
        predict = next(predictors(learner))
        found.append(predict(x))
    assert found[0].shape == (*x.shape[:2], 1) and found[0].dtype == np.float32
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2])[mask].max() > 1e-3


@pytest.mark.parametrize(
    ("method", "settings", "products", "sequences"),
    [
        ("lstm", {"learning_rate": 0.01, "forget_bias": 1.0, "batch": 7}, 0, 7),
        ("momentum", {"learning_rate": 0.01, "input_scale": 0.1, "mu": 0.9, "batch": 9}, 0, 9),
        ("hessian_free", {"structural": 0.0, "input_scale": 0.3, "batch": 80}, 1, 80),
    ],
)
def test_work_is_counted(method, settings, products, sequences):
    learner = METHODS[method](TASKS["adding"], 20, np.random.default_rng(0), **settings)
    first, second = next(learner), next(learner)
    assert (first.updates, second.updates) == (1, 2)
    assert (first.sequences, second.sequences) == (sequences, 2 * sequences)
    assert (first.products >= products) and (second.products > first.products) == (products > 0)


def test_readouts_grow_and_count_their_sequences():
    learner = METHODS["esn"](TASKS["adding"], 20, np.random.default_rng(0), **SETTINGS["esn"])
    fitted = [p for p, _ in zip(learner, range(10), strict=False) if p.predict is not None]
    assert [(p.updates, p.sequences) for p in fitted] == [(1, 500), (2, 1500), (3, 3500)]
    task = TASKS["adding"]
    costs = [judge(task, p.predict, np.random.default_rng(1), 20).cost for p in fitted[::2]]
    assert costs[0] > 2 * costs[1]
    x, _, mask = task.batch(np.random.default_rng(2), 20, 50)
    y_hat = fitted[0].predict(x)
    assert np.isnan(y_hat[: span(mask).start]).all() and np.isfinite(y_hat[mask]).all()


@pytest.mark.parametrize("name", ["adding", "memorization_5", "random_permutation"])
@pytest.mark.parametrize(
    "cells", [(rnn, linear), (lstm, linear), (pointwise, lru, pointwise, linear)]
)
def test_outputs_where_some_are_scored_give_the_same_gradient(name, cells):
    task = TASKS[name]
    network = Network(cells, (task.n_in, *(HIDDEN,) * (len(cells) - 1), task.n_out))
    batch = Batch(*task.batch(np.random.default_rng(0), 20, 6))
    theta = ravel(network.init(np.random.default_rng(1), np.float32))
    scored = Scored(network, network.zeros(np.float32), task.loss, batch)
    value, gradient = scored.value_and_gradient(theta)
    reference = Objective(network, task.loss, *batch).value_and_gradient(theta)
    assert value == pytest.approx(reference[0], rel=1e-6) and gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, reference[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "method"), [("xor", "esn"), ("random_permutation", "lstm")])
def test_other_targets_are_learned_from_too(name, method):
    result = train(name, method, 20, SETTINGS[method], (1, 0), 0.2)
    assert 0 <= result["wrong"] <= 1


def test_a_run_repeats(steady):
    first, second, other = (train(*TINY, (seed,), 5.0) for seed in (3, 3, 4))
    assert first["outcome"] == "solved" and first["wrong"] < 0.01 and 0 < first["seconds"] < 5
    assert first == second and other["looks"] != first["looks"]
    assert train(*TINY, (3,), 5.0, deadline=0.0) is None


def test_the_clock_ends_a_run():
    result = train("adding", "sgd", 20, SETTINGS["sgd"], (0, 0), budget=0.3)
    assert result["outcome"] == "unsolved" and result["seconds"] == 0.3 and result["wrong"] > 0.01
    times = [look[0] for look in result["looks"]]
    assert len(times) > 2 and times == sorted(times) and times[-1] <= 0.3
    updates = [look[1] for look in result["looks"]]
    assert updates == sorted(updates) and updates[-1] == result["updates"]
    assert result["sequences"] == 50 * result["updates"] and result["products"] == 0
    assert result["wrong"] == result["looks"][-1][4]


def test_looks_are_ten_a_decade():
    times = [0.0]
    while times[-1] < 99:
        times.append(next_look(times[-1]))
    np.testing.assert_allclose(times[1:], np.geomspace(0.1, 100, 31))
    assert next_look(0.11) == pytest.approx(0.1 * 10**0.1) and next_look(1.3) > 1.3


def test_what_was_done_before_the_first_look_counts(monkeypatch):
    """A run that ends before it was looked at is looked at in the end, at the time of its work."""

    def learner(scale):
        def predict(x):
            marked = np.where(x[..., 1] == 1, x[..., 0], 0).sum(axis=0)
            y_hat = np.full((*x.shape[:2], 1), 0.5, np.float32)
            y_hat[..., 0] += scale * marked
            return y_hat

        return lambda task, n_steps, rng: iter([Piece(predict, 1, 0, 10)])

    for scale, outcome in ((0.25, "solved"), (0.3, "unsolved")):  # y is 0.5 + the sum / 4
        monkeypatch.setitem(LEARNERS, "at once", learner(scale))
        result = train("adding", "at once", 20, {}, (0, 0), budget=0.3)
        assert result["outcome"] == outcome and result["updates"] == 1
        ((seconds, *_),) = result["looks"]
        assert seconds < 0.1 and result["seconds"] == (seconds if outcome == "solved" else 0.3)


def test_a_net_that_runs_away_is_unsolved(monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = train("adding", "sgd", 20, {"learning_rate": 1e30}, (0, 0), 0.3)
    assert result["outcome"] == "unsolved" and result["wrong"] > 0.5


# It asks which address this machine has toward the network, which the tests refuse.
@pytest.mark.filterwarnings("ignore:Couldn't detect a suitable IP address:RuntimeWarning")
def test_the_race_on_a_dask_cluster(tmp_path, steady, monkeypatch):
    """The runner on a cluster gives what one process gives."""
    distributed = pytest.importorskip("distributed")
    task, method, n_steps, settings = TINY
    row = f"{task} {method} {n_steps}"
    monkeypatch.setattr(race.rows, "winners", lambda: {(task, method): settings})
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    runner.run("race", race, one, rows=[row], trials=2)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        assert joblib.effective_n_jobs() == 2
        assert runner.run("race", race, two, rows=[row], trials=2) == 2
        assert runner.run("race", race, two, rows=[row], trials=2) == 0
    values = [
        {t["trial"]: (t["outcome"], t["updates"], t["wrong"]) for r in lines for t in r["trials"]}
        for lines in (records.read(one), records.read(two))
    ]
    assert values[0] == values[1] and sorted(values[0]) == [0, 1]
    json.dumps(values[0][0])
