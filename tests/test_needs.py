"""What a student's kernel needs: recorded for every lecture, with where the numbers come from."""

import json
import re
import sys

import course
import needs
import notebooks


def test_every_lecture_was_measured():
    recorded = json.loads(needs.RECORDED.read_text(encoding="utf-8"))
    every = course.lectures()
    for_all = {t.stem for t in every if not course.needs(notebooks.read_text(t).metadata)}
    assert for_all <= set(recorded["lectures"]) <= {text.stem for text in every}
    assert {"command", "python", "numpy", "processor"} <= set(recorded)
    for need in recorded["lectures"].values():
        assert 50 < need["memory_mib"] < 4000 and 1 < need["cpu_s"] < 600


def test_a_lecture_that_cannot_run_here_is_not_measured(tmp_path, monkeypatch, capsys):
    before = needs.RECORDED.read_text(encoding="utf-8")
    recorded = tmp_path / "needs.json"
    recorded.write_text(before, encoding="utf-8")
    (tmp_path / ".venv" / "lab").mkdir(parents=True)
    monkeypatch.setattr(needs, "RECORDED", recorded)
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "missing", lambda metadata: ["torch"])
    monkeypatch.setattr(sys, "argv", ["needs.py", "week01_basics"])
    assert needs.main() == 0
    assert capsys.readouterr().out == "week01_basics: not measured, needs torch\n"
    after = json.loads(recorded.read_text(encoding="utf-8"))
    assert after["lectures"] == json.loads(before)["lectures"]


def test_the_table_is_that_of_the_record():
    table = needs.table()
    recorded = json.loads(needs.RECORDED.read_text(encoding="utf-8"))["lectures"]
    for name, need in recorded.items():
        assert f"| {course.week(course.TEXT / name)} | {need['memory_mib']} | " in table
    largest = max(need["memory_mib"] for need in recorded.values())
    told = int(re.search(r"that would be (\d+) GiB", table)[1])
    assert abs(told - needs.STUDENTS * largest / 1024) <= 0.5


def test_size_counts_a_file_with_two_names_once(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 3 * 2**20)
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert needs.size_mib(tmp_path) == 3
