"""What the tables cost, from records whose sums are known; and the page about it."""

import ast
import math
import re
from types import SimpleNamespace

import pytest

import course
from rnncourse.experiments import costs, lags, lstm1997, names, records

PAGE = (course.ROOT / "docs" / "book" / "compute.md").read_text(encoding="utf-8")


def trials(*seconds):
    return [{"trial": n, "seconds": s} for n, s in enumerate(seconds)]


def test_hours_are_those_of_all_trials(tmp_path, monkeypatch):
    rows = {name: SimpleNamespace(trials=4, group=1) for name in "abc"}
    monkeypatch.setattr(lags, "ROWS", rows)
    for row, group in (("a", trials(900, 1800)), ("b", trials(900)), ("gone", trials(9e9))):
        records.append(tmp_path / "lags.jsonl", {"row": row, "trials": group})
    records.append(tmp_path / "costs.jsonl", {"row": "lags", "trials": [{"megabytes": 80}]})
    records.append(tmp_path / "costs.jsonl", {"row": "lags", "trials": [{"megabytes": 90}]})
    assert costs.cost("lags", tmp_path) == {
        **{"trials": 3, "of": 12, "hours": 1.0, "megabytes": 90},
        "full": pytest.approx(4 * (1350 + 900 + 1200) / 3600),  # nothing of c: the mean of all
    }
    monkeypatch.setattr(lstm1997, "ROWS", {"a": SimpleNamespace(trials=4, group=1)})
    records.append(tmp_path / "lstm1997.jsonl", {"row": "a", "trials": trials(1800, 900)})
    found = costs.cost("lstm1997", tmp_path)
    assert (found["hours"], found["full"], found["megabytes"]) == (0.75, 1.5, None)
    assert math.isnan(costs.cost("hessian_free", tmp_path)["full"])
    with pytest.raises(ValueError, match="name is 'lstm1998', expected one of"):
        costs.cost("lstm1998")


def test_the_table_has_every_recorded_experiment():
    recorded = {path.stem for path in records.RECORDED.iterdir() if path.suffix == ".jsonl"}
    others = {"compiled_loops", "graphics_card", "costs", "long_race_tuning"}
    assert recorded - others == set(costs.WEEKS) == set(names.MODULES)
    table = costs.markdown()
    assert all(f"`{name}`" in table for name in costs.WEEKS)
    assert "| 5 | `lstm1997` |" in table


def test_memory_is_that_of_a_process_with_numpy():
    assert 30 < costs.peak("echo_state", moment=0.0) < 5000


def test_the_page_has_a_place_for_the_table_and_code_that_is_right():
    assert PAGE.count("\nCOSTS\n") == 1
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        calls = [n for n in ast.walk(ast.parse(block)) if isinstance(n, ast.Call)]
        (run,) = [call for call in calls if ast.unparse(call.func) == "runner.run"]
        assert ast.unparse(run.args[1]) == ast.literal_eval(run.args[0]) in costs.WEEKS
