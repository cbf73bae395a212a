"""Experiments run in parallel, survive being killed, and say where their results come from."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from types import SimpleNamespace

import joblib
import numpy as np
import pytest

import slow_experiment
from rnncourse import compiled, experiments, tasks
from rnncourse.experiments import (
    echo_state,
    forecasts,
    lags,
    lstm1997,
    names,
    race,
    records,
    runner,
)
from rnncourse.experiments.__main__ import main
from rnncourse.experiments.four_ways.methods import METHODS


@pytest.fixture(autouse=True)
def no_bars(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")


def trials_in(path):
    """All (row, trial) of a file, in the order in which they were finished."""
    return [(r["row"], t["trial"]) for r in records.read(path) for t in r["trials"]]


EVERYTHING = [("a", n) for n in range(6)] + [("b", n) for n in range(3)]


# ---- the runner ---------------------------------------------------------------------------------


def test_a_run_records_every_trial_with_its_origin(tmp_path):
    path = tmp_path / "results.jsonl"
    assert runner.run("slow", slow_experiment, path, seed=3) == 9
    assert sorted(trials_in(path)) == EVERYTHING
    for record in records.read(path):
        assert record["command"].startswith("python -m rnncourse.experiments slow --row")
        assert record["numpy"] == np.__version__ and record["seed"] == 3
        assert set(record) >= {"row", "date", "python", "rnncourse", "machine", "trials"}
        assert record["processor"]
    assert runner.run("slow", slow_experiment, path, seed=3) == 0  # all of it is there
    assert runner.run("slow", slow_experiment, path, rows=["b"], trials=1, seed=4) == 1


@pytest.mark.parametrize("forbidden", [False, True])
def test_a_record_says_which_loops_ran(forbidden, tmp_path, monkeypatch):
    if forbidden:
        monkeypatch.setattr(compiled, "SETTING", "0")
    expected = "compiled" if compiled.available() and not forbidden else "numpy"
    for jobs in (1,) if forbidden else (1, 2):  # a worker has a switch of its own
        path = tmp_path / f"{jobs}.jsonl"
        runner.run("slow", slow_experiment, path, rows=["b"], jobs=jobs)
        assert {record["loops"] for record in records.read(path)} == {expected}
    assert compiled.form() == "numpy"


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_the_backend_is_joblibs_choice(tmp_path, backend):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    runner.run("slow", slow_experiment, one, rows=["b"])
    with joblib.parallel_config(backend, n_jobs=2):
        runner.run("slow", slow_experiment, two, rows=["b"])
    values = [
        {t["trial"]: t["value"] for r in records.read(path) for t in r["trials"]}
        for path in (one, two)
    ]
    assert values[0] == values[1] and len(values[0]) == 3


def test_what_is_not_finished_in_time_is_not_recorded(tmp_path):
    path = tmp_path / "results.jsonl"
    with compiled.preferred():  # Numba is there now: its import is not part of the time
        pass
    runner.run("slow", slow_experiment, path, rows=["a"], minutes=0.4 / 60)
    found = trials_in(path)
    assert 1 <= len(found) <= 4
    runner.run("slow", slow_experiment, path, rows=["a"])
    assert sorted(trials_in(path)) == EVERYTHING[:6]


def test_a_row_is_skipped_by_what_is_finished_when_its_turn_comes(tmp_path):
    def skip(row, finished):
        return row == "b" and len(finished["a"]) == 6

    experiment = SimpleNamespace(
        ROWS=slow_experiment.ROWS, run_group=slow_experiment.run_group, skip=skip
    )
    path = tmp_path / "results.jsonl"
    assert runner.run("slow", experiment, path) == 6
    assert sorted(trials_in(path)) == EVERYTHING[:6]
    assert runner.run("slow", experiment, path) == 0


def test_rows_that_do_not_exist(tmp_path):
    with pytest.raises(ValueError, match=r"rows has \['c'\], expected some of \['a', 'b'\]"):
        runner.run("slow", slow_experiment, tmp_path / "x.jsonl", rows=["a", "c"])


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path, number):
    path = tmp_path / "results.jsonl"
    program = (  # a shell's command in the background ignores Ctrl-C, and so do its children
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import slow_experiment\nfrom rnncourse.experiments import runner\n"
        f"runner.run('slow', slow_experiment, {str(path)!r})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
    )
    end = time.time() + 60
    while len(trials_in(path)) < 2 and time.time() < end:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(timeout=60) != 0
    before = trials_in(path)
    assert 2 <= len(before) < len(EVERYTHING)
    assert runner.run("slow", slow_experiment, path) == len(EVERYTHING) - len(before)
    assert trials_in(path)[: len(before)] == before
    assert sorted(trials_in(path)) == EVERYTHING  # nothing twice, nothing missing


def test_half_a_line_is_passed_over_and_the_next_record_is_whole(tmp_path):
    path = tmp_path / "results.jsonl"
    records.append(path, {"row": "a", "seed": 1, "trials": [{"trial": 0}]})
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"row": "a", "seed": 1, "tri')
    assert records.trials_by_row(path, 1) == {"a": [{"trial": 0}]}
    records.append(path, {"row": "a", "seed": 1, "trials": [{"trial": 1}]})
    assert records.trials_by_row(path, 1) == {"a": [{"trial": 0}, {"trial": 1}]}
    assert records.trials_by_row(tmp_path / "none.jsonl", 1) == {}
    path.write_text("what is this\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1 of .* expected a record"):
        records.read(path)


# ---- the command line ----------------------------------------------------------------------------


def command(*arguments, cwd, **options):
    """Run the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "rnncourse.experiments", *arguments],
        **{"capture_output": True, "text": True, "cwd": cwd, **options},
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--row", "7z"], "rows has ['7z'], expected"),
        (["--trials", "0"], "trials is 0, expected an integer from 1"),
        (["--trials", "-3"], "trials is -3, expected"),
        (["--seed", "-1"], "seed is -1, expected an integer from 0"),
        (["--jobs", "0"], "jobs is 0, expected an integer from 1, or -1 for one a core"),
        (["--jobs", "-100"], "jobs is -100, expected an integer from 1, or -1 for one a core"),
        (["--minutes", "nan"], "minutes is nan, expected more than 0"),
        (["--minutes", "-1"], "minutes is -1.0, expected more than 0"),
        (["--out", "nodir/e.jsonl"], "nodir/e.jsonl cannot be written: No such file"),
        (["--out", "."], ". cannot be written: Is a directory"),
        (["--out", "other.txt"], "line 1 of other.txt is 'no record', expected a record"),
        (["--backend", "none_such"], "none_such"),
        (["--table", "--trials", "3"], "--table runs nothing, expected no --trials beside it"),
        (["--table", "--out", "none.jsonl"], "none.jsonl holds no trials of lstm1997"),
        (["--table", "--seed", "3"], "holds no trials of lstm1997 with seed 3"),
    ],
)
def test_bad_arguments_are_named_before_the_first_trial(
    arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lstm1997, "run_group", None)
    (tmp_path / "other.txt").write_text("no record\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["lstm1997", *arguments])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and message in said.splitlines()[-1]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_is_read_only_is_refused(tmp_path):
    path = tmp_path / "results.jsonl"
    path.touch(mode=0o444)
    with pytest.raises(ValueError, match="cannot be written: Permission denied, expected a file"):
        runner.run("slow", slow_experiment, path)


def test_a_row_that_is_named_twice_is_run_once(tmp_path):
    path = tmp_path / "results.jsonl"
    assert runner.run("slow", slow_experiment, path, rows=["b", "b"], trials=1) == 1


recorded_table = cache(experiments.table)  # that of the forecasts draws its systems, some seconds


@pytest.mark.parametrize("name", names.MODULES)
def test_every_experiment_shows_what_is_recorded(name, capsys, monkeypatch):
    """Its rows are those of the table, and plain data."""
    monkeypatch.setattr(experiments, "table", lambda name, path, seed: recorded_table(name))
    assert main([name, "--table"]) == 0
    shown = capsys.readouterr().out
    rows = recorded_table(name)
    json.dumps(rows)
    assert shown.isascii() and shown == experiments.format_table(rows)
    run = [row for row in rows if row.get("ours", "") is not None]  # 1997: printed, and not run
    assert len(shown.splitlines()) == len(run) + 1 > 3


@pytest.mark.parametrize("name", names.MODULES)
def test_every_experiment_shows_its_rows_of_a_file_that_holds_others_too(name, tmp_path):
    path = tmp_path / "joined.jsonl"
    shutil.copy(records.RECORDED / f"{name}.jsonl", path)
    records.append(path, {"row": "another", "seed": 1997, "trials": [{"trial": 0}]})
    if name == "four_ways_forecast":  # without its baselines, which take seconds
        found = [forecasts.results.trials(p) for p in (path, None)]
    else:
        found = experiments.table(name, path), recorded_table(name)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "trial, message",
    [
        ({"trial": 0}, "holds a trial of lags without 'outcome'"),
        ({"trial": "0", "outcome": "solved"}, "line 1 of .* trial is '0', expected an integer"),
    ],
)
def test_a_trial_that_is_not_whole_is_named(trial, message, tmp_path):
    records.append(path := tmp_path / "lags.jsonl", {"row": "adding rnn 20", "trials": [trial]})
    with pytest.raises(ValueError, match=message):
        experiments.table("lags", path)


def test_a_table_without_a_whole_line_says_so():
    assert "does not fill a line" in experiments.format_table([])


@pytest.mark.parametrize("name", names.MODULES)
def test_the_rows_of_an_experiment_are_listed(name, capsys):
    assert main([name, "--rows"]) == 0
    assert capsys.readouterr().out.splitlines() == list(names.module(name).ROWS)


@pytest.mark.parametrize("module", ["classics", "costs"])
def test_a_misspelled_option_is_refused(module):
    command = [sys.executable, "-m", f"rnncourse.experiments.{module}", "--chekc"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "unrecognized arguments: --chekc" in done.stderr


def test_tables_say_what_the_lectures_say():
    by = {row["task"] + row["cell"]: row for row in experiments.table("lags")}
    for (task, kind, length), share in lags.solved_shares().items():
        solved, trials = map(int, by[task + kind][f"T = {length}"].split("/"))
        assert solved / trials == share
    by = {(row["task"], row["method"], row["length"]): row for row in experiments.table("race")}
    for key, trials in race.runs().items():
        found = by[key]
        solved = sum(trial["outcome"] == "solved" for trial in trials)
        assert (found["100 s"], found["runs"]) == (solved, len(trials))
    rows = experiments.table("race_tuning")
    assert sum(row["won"] == "yes" for row in rows) == len(race.tuning.winners())
    rows = {row["row"]: row for row in experiments.table("echo_state")}
    errors = [t["nrmse84"] for t in echo_state.results()["mackey-glass 30, N = 400, 3000 steps"]]
    found = rows["mackey-glass 30, N = 400, 3000 steps"]
    assert float(found["best"]) == pytest.approx(min(errors), rel=0.05)
    assert float(found["worst"]) == pytest.approx(max(errors), rel=0.05)
    found = rows["lorenz, N = 100, 5000 steps"]
    assert float(found["best"]) > float(found["worst"])
    rows = {row["row"]: row for row in experiments.table("momentum2013")}
    found = rows["80 echo state 0.98N"]
    assert found["paper"] == "0.21" and found["trials"] == 1
    rows = {row["row"]: row for row in experiments.table("hessian_free")}
    assert rows["adding 30"]["solved"] == "5/5"
    assert rows["adding 30, input scale 1"]["steps"] == "-"
    rows = recorded_table("four_ways_forecast")
    assert {row["method"] for row in rows} >= {"linear", "persistence", *METHODS}
    (esn,) = [r for r in rows if r["method"] == "esn" and r["system"].startswith("lorenz")]
    test = [run["test"] for run in forecasts.results.results("lorenz")["esn"]]
    assert float(esn["error 1"].split()[0]) == pytest.approx(np.mean(test, axis=(0, 1))[0], rel=0.1)


@pytest.mark.parametrize("first", ["--table", "--row"])
def test_where_joblib_is_missing_one_line_says_so(tmp_path, first):
    (tmp_path / "joblib.py").write_text("raise ModuleNotFoundError(\"No module named 'joblib'\")")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    }
    done = command(
        "lags", *{"--table": ["--table"], "--row": []}[first], cwd=tmp_path, env=environment
    )
    if first == "--table":
        assert done.returncode == 0 and done.stdout.startswith("task")
    else:
        assert done.returncode == 2 and "Traceback" not in done.stderr
        assert "joblib" in done.stderr and "rnncourse[experiments]" in done.stderr


def test_a_run_shows_its_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lags, "CAP", 2)
    monkeypatch.setattr(lags, "EVERY", 1)
    assert main(["lags", "--row", "adding rnn 20", "--trials", "2", "--seed", "5"]) == 0
    assert "0/2" in capsys.readouterr().out
    assert main(["lags", "--table", "--out", "lags.jsonl"]) == 0  # the one seed that it has
    assert "0/2" in capsys.readouterr().out
    assert main(["lags", "--row", "adding rnn 20", "--seed", "6", "--minutes", "1e-9"]) == 0
    assert capsys.readouterr().out == "no trial was finished in time\n"
    main(["lags", "--row", "adding rnn 20", "--trials", "1", "--seed", "6"])
    with pytest.raises(ValueError, match="lags.jsonl holds the seeds .5, 6., expected one named"):
        experiments.table("lags", "lags.jsonl")


# ---- files that were joined, or written by two runs ---------------------------------------------


def record(row, seed, *trials):
    return {"row": row, "seed": seed, "trials": [{"trial": n, "at": at} for n, at in trials]}


def test_a_trial_counts_once(tmp_path):
    path = tmp_path / "results.jsonl"
    for one in (
        record("a", 1, (0, "first"), (1, "first")),
        record("a", 1, (1, "again"), (2, "first")),
        record("a", 2, (0, "first")),
        record("b", 1, (0, "first")),
        record("a", 1, (0, "again")),
    ):
        records.append(path, one)
    found = records.trials_by_row(path, 1)
    assert [(t["trial"], t["at"]) for t in found["a"]] == [(n, "first") for n in range(3)]
    assert len(records.trials_by_row(path)["a"]) == 4 and len(found["b"]) == 1
    assert [len(one["trials"]) for one in records.once(path)] == [2, 1, 1, 1]


def test_two_files_that_are_joined_count_a_trial_once(tmp_path):
    """The first may end within a line, or with a line that has no end."""
    whole = json.dumps(record("a", 1, (0, "first")))
    other = json.dumps(record("a", 1, (1, "first")))
    for first in ("", whole[:30], whole, whole + "\n", whole + "\n" + whole[:-1], "\0\0" + whole):
        path = tmp_path / "joined.jsonl"
        path.write_text(first + other + "\n" + whole + "\n", encoding="utf-8")
        assert sorted(t["trial"] for t in records.trials_by_row(path, 1)["a"]) == [0, 1]
    path.write_text("\ufeff" + whole + "\r\n" + other, encoding="utf-8")
    assert [t["trial"] for t in records.trials_by_row(path)["a"]] == [0, 1]
    for wrong in ('{"a": 1}', '{"row": "a", "trials": 3}', '{"row": "a", "trials": [3]}', "[1]"):
        path.write_text(wrong + "\n", encoding="utf-8")
        with pytest.raises(ValueError, match="line 1 of .*expected a record"):
            records.read(path)
    path.write_bytes(b"\xff\xfe{\x00")
    with pytest.raises(ValueError, match="line 1 of .*expected a record"):
        records.read(path)


# ---- the seed of a row --------------------------------------------------------------------------


def test_recorded_rows_keep_their_seeds():
    """Those with which the results that come with the course were drawn."""
    places = {"adding rnn 20": 0, "temporal_order lstm 20": 3, "adding lstm 100": 18}
    places |= {
        "temporal_order lstm, forget bias 0 40": 21,
        "adding lstm without output gate 40": 24,
    }
    places |= {"adding lstm, forget bias 5 20": 26, "temporal_order lstm, forget bias 5 100": 35}
    places |= {"temporal_order gru 100": 45, "adding lstm, forget bias 9 100": 49}
    assert {name: records.key(name, lags.KEYED_BY_PLACE) for name in places} == places
    places = {"mackey-glass 30, N = 400, 3000 steps": 1, "lorenz, N = 1000, 5000 steps": 7}
    places |= {"mackey-glass 30, N = 400, 3000 steps, fixed series": 11}
    assert {name: records.key(name, echo_state.KEYED_BY_PLACE) for name in places} == places
    for experiment, name in ((lags, "lags"), (echo_state, "echo_state")):
        rows = {record["row"] for record in records.read(records.RECORDED / f"{name}.jsonl")}
        assert set(experiment.KEYED_BY_PLACE) <= rows <= set(experiment.ROWS)


def test_a_row_hangs_on_its_name_not_on_its_place(monkeypatch):
    monkeypatch.setattr(lags, "_train", lambda row, rng, deadline: {"wrong": rng.random()})
    row = lags.ROWS["adding rnn 20"]

    def wrong(rows, *names):
        monkeypatch.setattr(lags, "ROWS", rows)
        return [lags.run_group(name, 1, (0,))[0]["wrong"] for name in names]

    before = wrong(lags.ROWS | {"new": row, "newer": row}, "adding rnn 20", "new", "newer")
    after = {"newer": row, **dict(reversed(lags.ROWS.items()))}
    assert wrong(after, "adding rnn 20", "new", "newer") == before and len(set(before)) == 3


@pytest.mark.skipif(os.name == "nt", reason="the sums of another library differ in the last digit")
def test_a_recorded_trial_comes_out_again():
    name = "lorenz, N = 100, 5000 steps"
    (trial,) = echo_state.run_group(name, 1997, (0,))
    recorded = echo_state.results()[name][0]
    times = np.array([trial["valid_times"], recorded["valid_times"]])
    assert recorded["trial"] == 0 and np.corrcoef(times)[0, 1] > 0.9
