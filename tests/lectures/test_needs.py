"""What a student's kernel needs: recorded for every lecture, with where the numbers come from."""

import json
import re
import sys

import course
import measure_needs


def test_the_record_says_where_its_numbers_come_from():
    recorded = json.loads(measure_needs.RECORDED.read_text(encoding="utf-8"))
    assert {"command", "python", "numpy", "processor"} <= set(recorded)
    for need in recorded["lectures"].values():
        assert 50 < need["memory_mib"] < 4000 and 0 < need["cpu_s"] < 600


def test_a_lecture_that_cannot_run_here_is_not_measured(tmp_path, monkeypatch, capsys):
    name = course.lectures()[0].stem
    before = measure_needs.RECORDED.read_text(encoding="utf-8")
    recorded = tmp_path / "needs.json"
    recorded.write_text(before, encoding="utf-8")
    (tmp_path / ".venv" / "lab").mkdir(parents=True)
    monkeypatch.setattr(measure_needs, "RECORDED", recorded)
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "missing", lambda metadata: ["torch"])
    monkeypatch.setattr(sys, "argv", ["needs.py", name])
    assert measure_needs.main() == 0
    assert capsys.readouterr().out == f"{name}: not measured, needs torch\n"
    after = json.loads(recorded.read_text(encoding="utf-8"))
    assert after["lectures"] == json.loads(before)["lectures"]


def test_the_table_has_each_lecture_that_is_here_and_no_other(monkeypatch):
    recorded = json.loads(measure_needs.RECORDED.read_text(encoding="utf-8"))["lectures"]
    small, *_, large = sorted(recorded, key=lambda name: recorded[name]["memory_mib"])
    here = [course.TEXT / f"{name}.md" for name in (small, "week77_new")]
    monkeypatch.setattr(course, "lectures", lambda: here)
    table = measure_needs.table()
    assert f"| {course.week(here[0])} | {recorded[small]['memory_mib']} | " in table
    assert "| 77 | not measured |" in table
    assert f"| {recorded[large]['memory_mib']} | " not in table
    told = int(re.search(r"that would be (\d+) GiB", table)[1])
    assert abs(told - measure_needs.STUDENTS * recorded[small]["memory_mib"] / 1024) <= 0.5


def test_size_counts_a_file_with_two_names_once(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 3 * 2**20)
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert measure_needs.size_mib(tmp_path) == 3
