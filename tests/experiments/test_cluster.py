"""Experiments on a cluster of two processes: the same results, and none is lost with a worker."""

import os
import signal
import sys
import threading
import time

import joblib
import pytest

import slow_experiment
from rnncourse.experiments import records, runner

distributed = pytest.importorskip("distributed")
ALL = {"a": list(range(6)), "b": list(range(3))}


@pytest.fixture
def client(monkeypatch):
    """A scheduler here and two workers, each a process of its own with one thread."""
    # The processes of the workers import what these tests import.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("TQDM_DISABLE", "1")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster) as found:
        found.wait_for_workers(2, timeout=60)
        yield found


def values(path):
    """The trials of each row, in their order."""
    return {
        row: sorted((t["trial"], t["value"]) for t in trials)
        for row, trials in records.trials_by_row(path).items()
    }


def test_a_cluster_gives_what_one_process_gives(tmp_path, client):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    runner.run("slow", slow_experiment, one)
    with joblib.parallel_config("dask"):
        assert runner.run("slow", slow_experiment, two) == 9
        assert runner.run("slow", slow_experiment, two) == 0
    assert values(one) == values(two)
    assert {row: [n for n, _ in found] for row, found in values(two).items()} == ALL


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_death_of_a_worker_loses_nothing_and_doubles_nothing(tmp_path, client):
    path = tmp_path / "results.jsonl"
    first = client.run(os.getpid)  # {address: process}
    killed = []

    def kill_one():
        end = time.time() + 60
        while not path.exists() and time.time() < end:
            time.sleep(0.01)
        killed.append(next(iter(first.values())))
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    with joblib.parallel_config("dask"):
        n_run = runner.run("slow", slow_experiment, path)
    killer.join()
    assert killed and killed[0] not in client.run(os.getpid).values()
    assert n_run == 9
    found = values(path)
    assert {row: [n for n, _ in trials] for row, trials in found.items()} == ALL
    alone = tmp_path / "alone.jsonl"
    runner.run("slow", slow_experiment, alone)
    assert found == values(alone)
