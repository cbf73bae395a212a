"""The tables of the four ways in the book: each number in it is that of the records."""

import course
import table_four_ways
from rnncourse.experiments import race, records

PAGE = (course.ROOT / "docs" / "book" / "four_ways.md").read_text(encoding="utf-8")


def cells(path=None):
    """The tables as {(task, method, n_steps): text}."""
    names = {name: method for method, name in race.NAMES.items()}
    found = {}
    for part in table_four_ways.tables(path).split("## ")[1:]:
        task, header, _, *lines = part.strip().replace("\n\n", "\n").split("\n")
        for line in lines:
            n_steps, *texts = [text.strip(" ") for text in line[1:-1].split("|")]
            for name, text in zip(header.split("|")[2:-1], texts, strict=True):
                key = task.lower().replace(" ", "_"), names[name.strip()], int(n_steps)
                found[key] = text.replace("\N{NO-BREAK SPACE}", " ")
    return found


def test_every_row_of_a_task_that_was_run_has_its_cell():
    ran = {(task, method) for task, method, _ in race.runs()}
    ran |= {(task, method) for task, _ in ran for method in race.METHODS}
    assert set(cells()) == {row.key for row in race.ROWS.values() if (row.task, row.method) in ran}
    run = {key for key, text in cells().items() if " of " in text}
    assert run == set(race.runs())


def test_cells_say_what_was_run_what_was_solved_and_how_fast(tmp_path):
    path = tmp_path / "race.jsonl"
    for row, seconds in {
        "adding lstm 20": (1.0, 3.04, None),
        "adding lstm 50": (2.0, 1.0, None, 4.0),
        "adding sgd 20": (None,) * 5,
    }.items():
        runs = [
            {"trial": n, "outcome": "solved" if s else "unsolved", "seconds": s or 100.0}
            for n, s in enumerate(seconds)
        ]
        records.append(path, {"row": row, "seed": 1997, "trials": runs})
    found = cells(path)
    assert found.pop(("adding", "lstm", 20)) == "2 of 3<br>3.04 s"
    assert found.pop(("adding", "lstm", 50)) == "3 of 4<br>3 s"
    assert found.pop(("adding", "sgd", 20)) == "0 of 5"
    for n_steps in race.LENGTHS[1:]:
        assert found.pop(("adding", "sgd", n_steps)) == "not run"
    assert set(found.values()) == {"-"}


def test_the_page_has_a_place_for_the_tables():
    assert PAGE.count("\nWAYS\n") == 1
