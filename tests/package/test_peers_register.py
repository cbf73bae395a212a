"""The register of what other packages mean: whole, and all of it on the page."""

import re
from pathlib import Path

from rnncourse.frameworks import peers

OBSERVERS = Path(__file__).parents[1] / "peers"


def test_it_has_at_least_forty_rows_of_its_own():
    rows = peers.rows()
    assert len({row.name for row in rows}) == len({row.notion for row in rows}) == len(rows) >= 40
    assert all(row.found and row.asked.endswith(".") for row in rows)


def test_each_row_has_a_program_that_asks():
    asked = set()
    for path in (OBSERVERS / "observe.py", *OBSERVERS.glob("of_*.py")):
        source = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"^ *@.+\n *def ([a-z0-9]+(?:_[a-z0-9]+)*)", source, re.MULTILINE))
    assert asked == {row.name for row in peers.rows()}


def test_each_row_is_on_the_page_with_every_answer():
    page = peers.markdown()
    for row in peers.rows():
        (piece,) = re.findall(
            rf"\*\*{re.escape(row.notion)}\.\*\*.*?\n\n(.*?)\n\n", page, re.DOTALL
        )
        found = {}
        for line in piece.splitlines():
            answer, names = re.fullmatch(r"- `(.*)`: (.*)", line).groups()
            found |= dict.fromkeys(names.split("; "), answer)
        assert found == row.found
    assert all(f"{name} {version}" in page for name, version in peers.versions().items())
