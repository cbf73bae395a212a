"""The race: what is tried for each method, who goes on, what is run, and what the records say."""

import itertools
import math

import numpy as np
import pytest
from scipy.stats import norm

from rnncourse.experiments import four_ways, race, records
from rnncourse.experiments.four_ways import rivals
from rnncourse.experiments.four_ways.methods import predictor
from rnncourse.experiments.four_ways.tasks import TASKS, share_wrong
from rnncourse.experiments.race import rows, settings, tuning

SOLVED = {"outcome": "solved", "seconds": 1.0, "looks": []}
FAILED = {"outcome": "unsolved", "seconds": 100.0, "looks": []}


@pytest.fixture(autouse=True)
def no_bars(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")


def test_every_method_gets_as_many_settings_evenly_over_its_ranges():
    assert set(settings.METHODS) == set(four_ways.METHODS) | {"without_recurrence"}
    assert set(race.NAMES) == {*settings.METHODS, *settings.CROSSED}
    assert set(settings.RANGES) == {*race.NAMES, *settings.BLOCKS}
    for method, ranges in settings.RANGES.items():
        drawn = settings.draws(method)
        assert len(drawn) == settings.DRAWS and all(list(d) == list(ranges) for d in drawn)
        assert drawn == settings.draws(method)
        for name, of in ranges.items():
            values = [d[name] for d in drawn]
            if isinstance(of, settings.Either):
                counts = [values.count(choice) for choice in of.choices]
                assert sum(counts) == settings.DRAWS and max(counts) - min(counts) <= 1
            else:
                inside = [v for v in values if of.low <= v <= of.high]
                assert len(inside) == len(values) and max(values) > 5 * min(values)


def test_ranges():
    assert settings.Log(1, 100).at(0.5) == 10 and settings.Log(0.01, 100, (0, 1)).at(0.9) == 1
    assert settings.Whole(8, 128).at(0.5) == 32
    assert [settings.Either("ab").at(s) for s in (0.1, 0.49, 0.51, 0.97)] == list("aabb")
    low = min(settings.draws("sgd"), key=lambda d: d["learning_rate"])
    assert "learning_rate" in settings.on_edge("sgd", low)
    middle = {"learning_rate": 0.5, "batch": 30}  # no draw at all
    assert settings.on_edge("sgd", middle) == []


@pytest.mark.parametrize("half_life", [0.5, 1.0, 4.0])
def test_the_forget_bias_follows_the_length(half_life):
    """After the half-life a cell that is only forgotten from holds a half."""
    for n_steps in (20, 200):
        found = settings.at_length({"half_life": half_life, "batch": 3}, n_steps)
        assert set(found) == {"forget_bias", "batch"}
        gate = 1 / (1 + math.exp(-found["forget_bias"]))
        assert gate ** (half_life * n_steps) == pytest.approx(0.5, abs=0.01)
    assert found["forget_bias"] == pytest.approx(math.log(half_life * 200 / math.log(2)), abs=0.02)
    assert settings.at_length({"leak": 0.1}, 50) == {"leak": 0.1}


def test_the_best_settings_go_on_and_the_first_to_solve_wins(monkeypatch):
    """Runs whose results are known: setting k of a method solves after |k - 6| + 1 seconds."""
    calls = []

    def train(task, method, n_steps, arguments, key, seconds, deadline):
        k = tuning.draws(method).index(arguments)
        calls.append((k, key, seconds))
        end = abs(k - 6) + 1.0
        found = {
            "outcome": "solved" if end <= seconds else "unsolved",
            "seconds": min(end, seconds),
        }
        return found | {"wrong": end / 20, "looks": [[end, 1, 0, 9, end / 20, end]]}

    monkeypatch.setattr(tuning, "train", train)
    (found,) = tuning.run_group("adding adam", 5, (0,))
    first, second, third = ([k for k, _, s in calls if s == of.seconds] for of in tuning.ROUNDS)
    assert first == list(range(16)) and set(second) <= {5, 6, 7, 4, 8} and len(second) == 4
    assert found["settings"] == tuning.draws("adam")[6]
    assert [r["number"] for r in found["rounds"][1]][0] == 6
    assert third == [*[6] * 3, *[third[3]] * 3] and third[3] in (5, 7)
    assert [r["number"] for r in found["rounds"][2]] == third[::3]
    assert found["seconds"] <= tuning.BUDGET == 160
    keys = [{key for _, key, s in calls if s == of.seconds} for of in tuning.ROUNDS]
    assert [len(k) for k in keys] == [1, 1, 3] and len(set.union(*keys)) == 5
    monkeypatch.setattr(tuning, "train", lambda *arguments: None)
    assert list(tuning.run_group("adding adam", 5, (0,))) == []


def test_times_before_the_first_look_are_not_told_apart():
    def result(outcome, seconds, wrong, cost):
        return {"outcome": outcome, "seconds": seconds, "wrong": wrong, "cost": cost}

    best_first = [
        result("solved", 0.09, 0.0, 1e-7),
        result("solved", 0.03, 0.004, 1e-4),
        result("solved", 0.2, 0.0, 1e-9),
        result("unsolved", 8.0, 0.51, 0.2),
        result("unsolved", 8.0, 0.48, 0.3),  # the same tenth
        result("unsolved", 8.0, 0.7, 0.1),
        result("unsolved", 8.0, 1.0, None),
    ]
    best_first = [{"number": 0, "runs": [run]} for run in best_first]
    assert sorted(best_first[::-1], key=tuning.rank) == best_first


def test_settings_that_solve_more_often_are_better_than_faster_ones():
    def runs(*ends):
        solved, failed = SOLVED | {"wrong": 0.0, "cost": 0.0}, FAILED | {"wrong": 0.5, "cost": 0.1}
        return {"runs": [solved | {"seconds": end} if end else failed for end in ends]}

    best_first = [runs(9, 9, 1), runs(8, 12, 12), runs(0, 1, 1), runs(0, 0, 1), runs(0, 0, 0)]
    assert sorted(best_first[::-1], key=tuning.rank) == best_first


def test_a_short_search_through_the_runner_gives_settings_to_the_race(tmp_path, monkeypatch):
    monkeypatch.setattr(
        tuning, "ROUNDS", (tuning.Round(3, 1, 0.2, 20), tuning.Round(1, 2, 0.2, 20))
    )
    (found,) = tuning.run_group("memorization_5 without_recurrence", 7, (0,))
    path = tmp_path / "race_tuning.jsonl"
    name = "memorization_5 without_recurrence"
    records.append(path, {"row": name, "seed": 1997, "trials": [found]})
    assert tuning.winners(path) == {("memorization_5", "without_recurrence"): found["settings"]}
    assert set(tuning.edges(path)) <= {("memorization_5", "without_recurrence")}
    monkeypatch.setattr(rows, "winners", lambda: tuning.winners(path))
    monkeypatch.setattr(rows, "BUDGET", 0.2)
    (run,) = race.run_group(f"{name} 20", 7, (4,))
    assert run["trial"] == 4 and run["arguments"] == found["settings"] and run["looks"]
    assert list(race.run_group(f"{name} 20", 7, (4,), deadline=0.0)) == []
    with pytest.raises(ValueError, match="run race_tuning first"):
        list(race.run_group("xor lstm 20", 7, (0,)))


def test_rows_are_all_of_the_grid_the_wanted_first():
    assert len(race.ROWS) == (8 * 7 + 2 * 2) * 4 and set(rows.TASKS) == set(TASKS)
    names = list(race.ROWS)
    assert names[0] == "adding without_recurrence 20" and names[11] == "adding lstm 200"
    assert names[9 * 4] == "temporal_order without_recurrence 20"
    assert {row.trials for row in race.ROWS.values()} == {10}


@pytest.mark.parametrize(
    ("outcomes", "decided"),
    [([SOLVED] * 5, True), ([FAILED] * 5, True), ([SOLVED] * 4, False), ([FAILED] * 4, False),
     ([SOLVED] * 4 + [FAILED], False), ([SOLVED] * 4 + [FAILED] * 5, False)],
)  # fmt: skip
def test_ten_runs_where_five_are_not_of_one_kind(outcomes, decided):
    assert race.skip("xor adam 50", {"xor adam 50": outcomes}) == decided


def test_a_row_is_skipped_where_all_runs_failed_at_a_shorter_length():
    name = "adding sgd 100"
    assert not race.skip(name, {})
    assert race.skip(name, {"adding sgd 20": [FAILED] * 5, "adding sgd 50": [SOLVED]})
    assert not race.skip(name, {"adding sgd 50": [FAILED] * 4})
    assert not race.skip(name, {"adding sgd 50": [FAILED] * 5 + [SOLVED]})
    for other in ("adding sgd 200", "adding adam 20", "xor sgd 20"):
        assert not race.skip(name, {other: [FAILED] * 5})
    found = {("adding", "sgd", 50): [FAILED] * 5, ("adding", "adam", 20): [SOLVED] * 5}
    assert race.skipped(found) == {("adding", "sgd", 100), ("adding", "sgd", 200)}


def test_the_share_solved_climbs_where_runs_end(tmp_path):
    ends = [(3.0, SOLVED), (0.5, SOLVED), (100.0, FAILED), (3.0, SOLVED)]
    trials = [{"trial": n, **of, "seconds": s} for n, (s, of) in enumerate(ends)]
    path = tmp_path / "race.jsonl"
    records.append(path, {"row": "xor lstm 20", "seed": 1997, "trials": trials})
    records.append(path, {"row": "xor lstm 20", "seed": 5, "trials": trials})
    records.append(path, {"row": "adding lstm 20", "seed": 1997, "trials": trials[:1]})
    found = race.runs(path)
    assert list(found) == [("adding", "lstm", 20), ("xor", "lstm", 20)]
    assert found["xor", "lstm", 20] == trials
    solved, n = race.share_solved(trials, [0.4, 0.5, 2.9, 3, 99])
    assert solved.tolist() == [0, 1, 1, 3, 3] and n == 4
    times, share, low, high = race.curve(trials)
    assert times.tolist() == [0.03, 0.5, 3, 100] and share.tolist() == [0, 0.25, 0.75, 0.75]
    assert (low <= share).all() and (share <= high).all()
    times, share, *_ = race.curve(trials, 1, 50, amount=lambda trial: 10 * trial["seconds"])
    assert times.tolist() == [1, 5, 30, 50] and share.tolist() == [0, 0.25, 0.75, 0.75]


def test_a_row_stands_by_its_solved_runs_and_then_by_their_median():
    quick, slow = (
        [SOLVED | {"seconds": s} for s in times] for times in ((0.02, 0.05), (2.0, 26.0))
    )
    assert race.standing(slow) == ("2 of 2 solved, median 10 s", (-1.0, 14.0))
    assert race.standing(quick) == ("2 of 2 solved, median 0.04 s", (-1.0, 0.1))
    half, none = race.standing([SOLVED, FAILED]), race.standing([FAILED, FAILED])
    assert half == ("1 of 2 solved", (-0.5, np.inf)) and none[0] == "0 of 2 solved"
    ranks = [race.standing(trials)[1] for trials in (quick, slow, [SOLVED, FAILED], [FAILED])]
    assert ranks == sorted(ranks)


def test_multiplications_are_three_a_gradient_and_four_a_product_with_the_curvature():
    """Exercise 9.2 asks for the same, in gradients of one sequence."""
    trial = {"sequences": 7, "products": 0, "arguments": {"batch": 7}}
    gradient = 3 * 50**2
    assert race.multiplications(trial, "adam") == 7 * gradient
    assert race.multiplications(trial, "lstm") == 4 * 7 * gradient
    trial = {"sequences": 2000, "products": 10, "arguments": {"batch": 1000}}
    price = 2000 + 10 * 250 * 4 / 3
    assert race.multiplications(trial, "hessian_free") == pytest.approx(price * gradient)


@pytest.mark.parametrize(("k", "n"), [(0, 5), (3, 5), (5, 5), (7, 10)])
def test_wilson_holds_the_shares_from_which_the_count_is_not_far(k, n):
    """At its ends k/n is 1.96 standard deviations away, unless the end is 0 or 1."""
    ends = race.wilson(np.array([k]), n)[:, 0]
    for p in ends:
        if 0 < p < 1:
            assert abs(k / n - p) == pytest.approx(norm.ppf(0.975) * math.sqrt(p * (1 - p) / n))
    assert ends[0] <= k / n <= ends[1] and (ends[0] == 0) == (k == 0)


def rival(task, n_steps, **options):
    options = {"input_scale": 1.0, "dense_scale": 0.5, "span": 5, **options}
    learner = rivals.learn_without_recurrence(
        TASKS[task], n_steps, np.random.default_rng(0), **options
    )
    return share_wrong(TASKS[task], predictor(learner, 3), np.random.default_rng(1), n_steps, 300)


@pytest.mark.parametrize(
    ("task", "memory", "readout", "solves"),
    [
        ("adding", "averages", "linear", True),
        ("adding", "window", "linear", False),  # which two are marked is not linear
        ("temporal_order", "averages", "dense", True),
        ("xor", "averages", "linear", False),
        ("memorization_5", "window", "linear", True),
    ],
)
def test_what_needs_no_recurrence(task, memory, readout, solves):
    wrong = rival(task, 20, memory=memory, readout=readout)
    assert wrong < 0.02 if solves else wrong > 0.1


@pytest.mark.parametrize("task", ["memorization_5", "memorization_20"])
def test_a_window_of_one_length_reaches_back_to_the_word_at_every_length(task):
    for n_steps in (3, 20, 50):
        x = TASKS[task].batch(np.random.default_rng(0), n_steps, 2).x
        assert len(x) == n_steps + TASKS[task].beside
    assert rival(task, 3, memory="window", readout="linear", span=1) == 0


def test_averages_are_those_of_each_input_alone():
    """The recursion in one line, for one time; and nothing is mixed."""
    remember = rivals.averages(np.random.default_rng(0), 2, 0, 9, 1.0)
    x = np.random.default_rng(1).standard_normal((12, 3, 2)).astype(np.float32)
    s = remember(x, np.s_[:]).reshape(12, 3, 2, rivals.TIMES)
    np.testing.assert_allclose(s[..., 0], x, atol=1e-6)  # the shortest time is 1
    before = np.zeros((3, 2))
    for x_t, s_t in zip(x, s[..., -1], strict=True):
        before = before + (x_t - before) / 9
        np.testing.assert_allclose(s_t, before, atol=1e-5)
    mask = np.zeros((12, 3), bool)
    mask[7, 1] = mask[11, 2] = True
    picked = remember(x, mask)
    np.testing.assert_array_equal(picked, [s[7, 1].ravel(), s[11, 2].ravel()])


def test_the_window_holds_the_last_inputs():
    remember = rivals.window(2, 3)
    x = np.arange(16, dtype=np.float32).reshape(4, 2, 2)
    h = remember(x, np.s_[:]).reshape(4, 2, 2, 3)
    np.testing.assert_array_equal(h[3, 1], [x[1:, 1, 0], x[1:, 1, 1]])
    np.testing.assert_array_equal(h[0, 0, 0], [0, 0, x[0, 0, 0]])
    many = rivals.window(100, 50)(np.zeros((60, 1, 100), np.float32), np.s_[-1:])
    assert many.shape == (1, 1, rivals.MOST_IN_WINDOW)


def test_recorded_runs_are_those_of_the_recorded_settings():
    """What the records hold is what the code says, and each machine is named."""
    tuned = tuning.winners()
    for name, trials in records.trials_by_row(records.RECORDED / "race.jsonl").items():
        row = race.ROWS[name]
        arguments = settings.at_length(tuned[row.task, row.method], row.n_steps)
        assert all(trial["arguments"] == arguments for trial in trials)
        for trial in trials:
            times = [look[0] for look in trial["looks"]]
            assert times == sorted(times) and (trial["outcome"] == "solved") <= (
                trial["seconds"] == times[-1] <= race.BUDGET and trial["wrong"] < 0.01
            )
    files = [records.RECORDED / f"{name}_tuning.jsonl" for name in ("race", "long_race")]
    searched = [records.trials_by_row(path) for path in files]
    assert not set(searched[0]) & set(searched[1])
    for name, (trial,) in itertools.chain(*(found.items() for found in searched)):
        row, rounds = tuning.ROWS[name], trial["rounds"]
        assert sorted(r["number"] for r in rounds[0]) == list(range(settings.DRAWS))
        for of, earlier, later in zip(tuning.ROUNDS[1:], rounds[:-1], rounds[1:], strict=True):
            assert {r["number"] for r in later} == {r["number"] for r in earlier[: of.settings]}
            assert all(len(r["runs"]) == of.runs for r in later)
        assert all(sorted(found, key=tuning.rank) == found for found in rounds)
        assert trial["settings"] == settings.draws(row.method)[rounds[-1][0]["number"]]
        assert trial["seconds"] <= tuning.BUDGET
    for record in records.read(records.RECORDED / "race.jsonl"):
        assert record["processor"] and record["loops"] == "compiled"
