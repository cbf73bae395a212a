"""What a student's kernel needs: recorded for every lecture, with where the numbers come from."""

import json
import re

import course
import needs


def test_every_lecture_was_measured():
    recorded = json.loads(needs.RECORDED.read_text(encoding="utf-8"))
    measured = [text.stem for text in course.lectures() if course.week(text) < 10]
    assert set(measured) <= set(recorded["lectures"]) <= {t.stem for t in course.lectures()}
    assert {"command", "python", "numpy", "processor"} <= set(recorded)
    for need in recorded["lectures"].values():
        assert 50 < need["memory_mib"] < 4000 and 1 < need["cpu_s"] < 600


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
