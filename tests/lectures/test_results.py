"""A result in the prose of a lecture was printed by a cell, or has a publication behind it."""

import pytest

import check_numbers
import course

PAGES = [
    course.ROOT / "README.md",
    course.ROOT / "benchmarks" / "README.md",
    *sorted((course.ROOT / "docs" / "book").rglob("*.md")),
]
TEXTS = course.lectures() + course.solutions() + PAGES


@pytest.mark.parametrize("text", TEXTS, ids=course.relative)
def test_no_result_is_typed(text):
    assert check_numbers.complaints(text) == []


@pytest.mark.parametrize("text", TEXTS, ids=course.relative)
def test_what_holds_an_exception_holds_it(text):
    entries = check_numbers.entries(text)
    assert all(check_numbers.is_held(entry) for entry in entries)
    typed = check_numbers.typed_on_page(text) if text in PAGES else check_numbers.typed(text)
    assert {entry["number"] for entry in entries} <= {number for number, _ in typed}


def test_exceptions_without_a_source_or_a_calculation_are_few():
    entries = [entry for text in TEXTS for entry in check_numbers.entries(text)]
    assert sum("reason" in entry for entry in entries) <= 10


@pytest.mark.parametrize(
    "prose",
    [
        "The net is wrong in 37.25 % of the cases.",
        "Thirteen times faster it is.",
        "It is 17 times faster.",
        "It takes 83 minutes.",
        "The LSTM is better by a factor of ninety-one or a factor of 91.",
        "The error is below 0.0077 for all of them.",
        "With fewer than 613 sequences it fails.",
        "It falls to 0.77, and stays.",
        r"The difference is $3 \cdot 10^{-7}$.",
        "This is eight orders of magnitude.",
        "It is **813** times faster.",
        "It is 813x faster.",
        r"It is $813\times$ faster.",
        "It takes $813$ s.",
        "It takes `813 s`.",
        "It takes 813\nseconds.",
        "It needs 813 MB.",
        "It is thirteen times faster, in eleven percent of the cases.",
        "It is a factor of fourteen thousand.",
        "It is twice as fast.",
        "It solves 87 of 100.",
        "Its accuracy reaches 97.3.",
        "The RMS is 813.",
        "| LSTM | 0.7777 |",
        "### Wrong in 0.7777 of all",
        "The paper has another. Ours takes 813 s.",
    ],
)
def test_a_typed_result_is_found(prose):
    ((_, part),) = check_numbers.paragraphs(prose)
    assert check_numbers.complaints_in(part, {0.5, 100.0}, {3.0})


@pytest.mark.parametrize(
    "prose",
    [
        "The net is wrong in 37 % of the cases.",  # printed as 0.3725
        "It is 17 times faster, with an error of 0.008.",  # printed as 16.6 and 0.0077
        "It takes 83 minutes according to Jaeger and Haas (2004).",
        "With fewer than 3 sequences it fails.",  # a setting
        r"On $8 \times 3$ sequences, with `813` in code, it is 17 times faster.",
        "By (7.11) and exercise 7.3, all 400 units and 20 steps.",
    ],
)
def test_what_was_printed_may_be_said(prose):
    assert check_numbers.complaints_in(prose, {0.3725, 16.6, 0.0077}, {3.0}) == []


@pytest.mark.parametrize(
    "entry",
    [
        {"number": "0.06", "calculation": "0.9**28"},
        {"number": "1.7", "source": "src/rnncourse/hessian_free.py"},
        {"number": "1", "reason": ""},
    ],
)
def test_an_exception_that_nothing_holds_is_found(entry):
    assert not check_numbers.is_held(entry)


@pytest.mark.parametrize(
    ("written", "number"),
    [("2,000", 2000), ("ten", 10), (r"10^{-6}", 1e-6), (r"2\cdot10^{-9}", 2e-9), ("0.30", 0.3)],
)
def test_numbers_as_they_are_written(written, number):
    assert check_numbers.value(written)[0] == pytest.approx(number)


def test_a_percentage_that_was_printed_is_a_share():
    assert check_numbers.is_backed("37", True, check_numbers.numbers("wrong: 37.2 %"))
    assert not check_numbers.is_backed("37", True, check_numbers.numbers("37 sequences"))


def test_a_result_that_is_in_no_table_of_its_page_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    page = tmp_path / "README.md"
    page.write_text("| time |\n|---|\n| 3.34 ms |\n\nIt takes 3.34 ms.\n\nIt takes 3.35 ms.\n")
    assert {written for written, _ in check_numbers.typed_on_page(page)} == {"3.35"}
    assert check_numbers.typed_on_page(page)[0][1].startswith("README.md:7: '3.35 ms'")
