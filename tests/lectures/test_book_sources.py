"""The pages of the book as sources: what they list is what there is."""

import re

import pytest

import check_notation
import course
import cross_links

PAGES = course.ROOT / "docs" / "book"
PACKAGE = course.ROOT / "src" / "rnncourse"


def test_every_module_of_the_package_is_documented():
    pages = "".join(p.read_text(encoding="utf-8") for p in (PAGES / "package").glob("*.md"))
    documented = set(re.findall(r"automodule:: rnncourse\.(\w+)", pages))
    modules = {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in PACKAGE.rglob("*.py")}
    assert modules - documented == {"__init__", "arrays", "inputs"}
    assert documented <= modules


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_further_reading_is_in_the_bibliography(text):
    bibliography = (PAGES / "references.bib").read_text(encoding="utf-8").lower()
    bibliography = re.sub(r"[{}]", "", bibliography)
    reading = text.read_text(encoding="utf-8").partition("## Further reading")[2]
    reading = reading.partition("\n## ")[0]
    lines = [line for line in reading.splitlines() if line.startswith("- ")]
    assert lines
    for line in lines:
        title = re.search(r'"(.+?),?"|\*([^*]+)\*', line)
        assert (title[1] or title[2]).lower() in bibliography, line


@pytest.mark.skipif(course.week(course.lectures()[0]) != 1, reason="week 1 is left out")
def test_letters_of_week_1_are_those_of_the_notation():
    rows = [
        f"| {row.text} | {row.code} | {re.split(' or |;', row.shape)[0]} | {row.meaning} |"
        for row in check_notation.table()
        if row.onwards and row.weeks == [1] and row.code
    ]
    rows = [row.replace("|  |", "| |") for row in rows]
    first = course.lectures()[0].read_text(encoding="utf-8").splitlines()
    start = first.index("|---|---|---|---|") + 1
    assert first[start : start + len(rows) + 1] == [*rows, ""]


KNOWN = {"5.4", "5.5", "12.1", 2, 3, 4}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("By (5.4) and (5.5), not (0.95).", [("(5.4)", "5.4"), ("(5.5)", "5.5")]),
        ("As in week 4, or Week\n2.", [("week 4", 4), ("Week\n2", 2)]),
        ("Weeks 2 to 4, weeks 3 and 9.", [("Weeks 2", 2), ("4", 4), ("weeks 3", 3)]),
        ("weeks 2, 3 and 4", [("weeks 2", 2), ("3", 3), ("4", 4)]),
        ("in week 4.5 or two weeks", []),
        ("The forget gates, the forget gate.", [("forget gates", "forget gate")]),
        ("In the next cell. An LSTM cell.", [("cell", "cell")]),
        ("a truncation error", []),
        ("(12.1)", [("(12.1)", "12.1")]),
    ],
)
def test_what_becomes_a_link(text, links):
    words = {"forget gate", "cell", "truncation"}
    pieces = list(cross_links.pieces(text, KNOWN, words))
    assert "".join(shown for shown, _ in pieces) == text
    assert [(shown, label) for shown, label in pieces if label is not None] == links


def test_every_equation_and_every_week_is_a_target():
    found = cross_links.targets()
    assert {course.week(text) for text in course.lectures()} < set(found)
    first = course.lectures()[0]
    week = course.week(first)
    assert found[f"{week}.1"] == (f"notebooks/{first.stem}", f"equation-{week}-1")
    assert len(cross_links.glossary()) > 20 and "forget gate" in cross_links.glossary()
