"""The race at long lengths: its nets learn, its settings fit, its records say what they may."""

import numpy as np
import pytest

from rnncourse import lru, mingru
from rnncourse.experiments import long_race, records, summaries
from rnncourse.experiments.four_ways import blocks
from rnncourse.experiments.four_ways.tasks import TASKS, share_wrong
from rnncourse.experiments.race.settings import at_length

NETS = {"lru": blocks.learn_lru, "mingru": blocks.learn_mingru}


@pytest.mark.parametrize("method", NETS)
def test_a_block_learns_temporal_order(method):
    settings = long_race.tuned()["temporal_order", method]
    task, rng = TASKS["temporal_order"], np.random.default_rng(0)
    for piece in NETS[method](task, 20, rng, **settings):
        if piece.updates == 150:
            break
    assert (piece.sequences, piece.products) == (150 * settings["batch"], 0)
    assert share_wrong(task, piece.predict, np.random.default_rng(1), 20, 500) < 0.1


@pytest.mark.parametrize("n_steps", [50, 400])
def test_times_grow_with_the_length(n_steps, monkeypatch):
    drawn = {}

    def kept(cell):
        def init(*args, **options):
            drawn[cell.__name__] = options
            return start(*args, **options)

        start = cell.init
        monkeypatch.setattr(cell, "init", init)

    kept(lru), kept(mingru)
    task, rng = TASKS["adding"], np.random.default_rng(0)
    next(blocks.learn_lru(task, n_steps, rng, 1e-3, shortest=0.5, longest=2, phase=8))
    next(blocks.learn_mingru(task, n_steps, rng, 1e-3, time=3))
    ring = drawn["rnncourse.lru"]
    assert -1 / np.log(ring["radius"]) == pytest.approx([n_steps / 2, 2 * n_steps])
    assert ring["phase"] == pytest.approx(8 / n_steps)
    assert np.exp(drawn["rnncourse.mingru"]["update_bias"]) == pytest.approx(3 * n_steps)


def test_a_method_that_failed_is_not_run_on_longer_sequences():
    failed, solved = ([{"outcome": outcome}] * 3 for outcome in ("unsolved", "solved"))
    assert long_race.skip("adding esn 1000", {"adding esn 100": solved, "adding esn 300": failed})
    assert not long_race.skip("adding esn 1000", {"adding esn 300": failed[:2]})
    assert not long_race.skip("adding esn 1000", {"adding lru 300": failed})
    assert not long_race.skip("adding esn 300", {"adding esn 300": failed})


def test_a_row_is_run_with_its_settings(monkeypatch):
    monkeypatch.setattr(long_race, "BUDGET", 0.2)
    name = "temporal_order mingru 100"
    (result,) = long_race.run_group(name, 1, (2,))
    assert result["trial"] == 2 and result["seconds"] <= 0.2
    assert result["arguments"] == long_race.tuned()["temporal_order", "mingru"]
    assert list(long_race.run_group(name, 1, (2,), deadline=0.0)) == []


def test_the_recorded_runs_say_what_they_may():
    path = records.RECORDED / "long_race.jsonl"
    found = records.trials_by_row(path, 1997)
    assert found and set(found) <= set(long_race.ROWS)
    for name, trials in found.items():
        row = long_race.ROWS[name]
        arguments = at_length(long_race.tuned()[row.task, row.method], row.n_steps)
        assert not long_race.skip(name, found) and all(t["arguments"] == arguments for t in trials)
        assert all(t["seconds"] <= long_race.BUDGET for t in trials)
        assert all(t["wrong"] < 0.01 for t in trials if t["outcome"] == "solved")
    (line,) = [
        row
        for row in summaries.of_long_race(path, 1997)
        if (row["task"], row["length"]) == ("temporal_order", 100)
    ]
    runs = found["temporal_order lru 100"]
    solved = sorted(t["seconds"] for t in runs if t["outcome"] == "solved")
    assert line["lru"] == f"{len(solved)}/{len(runs)} in {np.median(solved):.2g} s"
