"""The pages of the book as sources: what they list is what there is."""

import re
import tomllib

import pytest

import course

PAGES = course.ROOT / "site" / "book"
PACKAGE = course.ROOT / "src" / "rnncourse"


def test_every_module_of_the_package_is_documented():
    pages = "".join(p.read_text(encoding="utf-8") for p in (PAGES / "package").glob("*.md"))
    documented = set(re.findall(r"automodule:: rnncourse\.(\w+)", pages))
    modules = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in PACKAGE.rglob("*.py")}
    assert modules - documented == {"__init__", "arrays", "data"}
    assert documented <= modules


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_further_reading_is_in_the_bibliography(text):
    bibliography = (PAGES / "references.bib").read_text(encoding="utf-8").lower()
    bibliography = re.sub(r"[{}]", "", bibliography)
    reading = text.read_text(encoding="utf-8").partition("## Further reading")[2]
    lines = [line for line in reading.splitlines() if line.startswith("- ")]
    assert lines
    for line in lines:
        title = re.search(r'"(.+?),?"|\*([^*]+)\*', line)
        assert (title[1] or title[2]).lower() in bibliography, line


def test_letters_of_week_1_are_those_of_the_notation():
    symbols = tomllib.loads((course.ROOT / "site" / "notation.toml").read_text(encoding="utf-8"))
    rows = [
        f"| {s['text']} | `{s['code']}` | {s['shape']} | {s['meaning']} |".replace("|  |", "| |")
        for s in symbols["symbol"]
        if s.get("week") == 1
    ]
    first = course.lectures()[0].read_text(encoding="utf-8").splitlines()
    start = first.index("|---|---|---|---|") + 1
    assert first[start : start + len(rows) + 1] == [*rows, ""]
