"""The page of the reproduced papers: what it counts and shows, and that its check can fail."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from rnncourse.experiments import classics, names, records
from rnncourse.experiments.published import NOT_RUN, Published, number, seconds, spread

ROW = Published(
    *("1997", "table 1: sequences", "as printed", "100", "9 ± 1", "1 of 2", "3 s", "a", False)
)
PART = ("echo_state", "mackey-glass 17, N = 400, 3000 steps", 1, "nrmse84")


def test_a_result_counts_once_for_all_its_readings(monkeypatch):
    rows = [
        ROW,
        Published(**{**vars(ROW), "reading": "linear output", "comes_out": True}),
        Published(**{**vars(ROW), "reading": "full gradient", "ours": NOT_RUN}),
        Published(**{**vars(ROW), "result": "table 2: errors"}),
        Published(**{**vars(ROW), "result": "table 4: errors", "comes_out": None}),
        Published(**{**vars(ROW), "result": "table 3: errors", "ours": NOT_RUN}),
    ]
    module = SimpleNamespace(published=lambda: rows)
    monkeypatch.setattr(names, "module", lambda name: module)
    provenance = {"date": "2026-11-28", "machine": "M", "numpy": "2"}
    monkeypatch.setattr(records, "read", lambda path: [{"row": "a", **provenance}])
    text = classics.markdown()
    assert "Of 2 results 1 come out under at least one reading." in text
    assert "Not run, with the printed number: table 3: errors (100)." in text
    assert "Run 2026-11-28 on M with NumPy 2." in text
    assert "| table 1: sequences | as printed | 100 | 9 ± 1 | 1 of 2 | 3 s | `a` | no |" in text
    assert "|  | linear output |  | 9 ± 1 | 1 of 2 | 3 s | `a` | yes |" in text
    assert "|  | full gradient |  | not run | 1 of 2 | 3 s | `a` | - |" in text
    assert "| table 4: errors | as printed | 100 | 9 ± 1 | 1 of 2 | 3 s | `a` | - |" in text


def test_numbers_are_told_alike():
    """Three digits that count, all before the point; the deviation is that of a sample."""
    told = {0.00025: "0.00025", 0.07864: "0.0786", 11.94: "11.9", 999.6: "1,000", 14603: "14,603"}
    assert [number(value) for value in told] == list(told.values())
    assert spread([0.5]) == "0.5" and spread([20, 40]) == "30 ± 14.1 (20 to 40)"
    assert spread([0.02, 3.0, 0.047], median=True) == "0.047 (median; 0.02 to 3)"
    assert seconds([{"seconds": 1.0}, {"seconds": 2.0}]) == "1.5 s"


def test_the_check_agrees_with_what_is_recorded_and_says_so_where_it_does_not(monkeypatch, capsys):
    assert classics.check([PART])
    assert ": agrees" in capsys.readouterr().out
    for planted in ({"trial": 0, "nrmse84": 1e-9}, {"trial": 1, "nrmse84": 1e9}):
        monkeypatch.setattr(records, "trials_by_row", lambda path, p=planted: {PART[1]: [p]})
        assert not classics.check([PART])
        assert ": DIFFERS" in capsys.readouterr().out


def test_a_moderate_loss_is_noticed_and_a_fresh_draw_is_not():
    rng = np.random.default_rng(0)
    recorded = 8000 * np.exp(0.5 * rng.normal(size=90))
    inside = []
    for _ in range(200):
        factor, bound = classics.compared(8000 * np.exp(0.5 * rng.normal(size=10)), recorded)
        inside.append(1 / bound <= factor <= bound)
    assert np.mean(inside) > 0.97 and bound < 1.8
    factor, bound = classics.compared(2 * recorded[:10], recorded)
    assert factor > bound  # twice as many sequences
    assert classics.compared(recorded, recorded)[0] == pytest.approx(1)
    few = recorded[:10]  # then they are no better known than what is run
    sd = np.sqrt(np.sum((np.log(few) - np.log(few).mean()) ** 2) / 9)
    assert classics.compared(recorded[10:20], few)[1] == pytest.approx(np.exp(3 * sd / np.sqrt(5)))


def test_the_check_differs_where_all_trials_are_moderately_slower(monkeypatch, capsys):
    (part,) = [part for part in classics.PARTS if part[1].startswith("2b")]
    name, row, _, key = part
    before = records.trials_by_row(records.RECORDED / f"{name}.jsonl")[row]

    def run_group(row, seed, trials, slower=1.0):
        return [t | {key: slower * t[key]} for t in before if t["trial"] in trials]

    for slower, agree in ((1, True), (1.2, False)):
        fake = SimpleNamespace(run_group=partial(run_group, slower=slower))
        monkeypatch.setattr(names, "module", lambda name, fake=fake: fake)
        assert classics.check([part]) is agree
        *trials, mean = capsys.readouterr().out.splitlines()
        assert ("DIFFERS" in mean) is not agree
        assert all(line.endswith(": agrees") for line in trials)


@pytest.mark.parametrize("name", classics.PAPERS)
def test_each_published_row_is_one_of_its_experiment(name):
    rows = names.module(name).published()
    assert rows and {row.row for row in rows} <= set(names.module(name).ROWS)
    assert len({(row.result, row.reading) for row in rows}) == len(rows)
    for row in rows:
        assert all(
            isinstance(text, str) and "|" not in text
            for text in vars(row).values()
            if text is not row.comes_out
        )
        assert row.ours != NOT_RUN or not row.comes_out
