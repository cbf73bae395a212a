"""A result in the prose of a lecture is printed or asserted by a cell, or is published."""

import pytest

import check_numbers
import course


@pytest.mark.parametrize("text", course.lectures() + course.solutions(), ids=course.relative)
def test_no_result_is_typed(text):
    assert check_numbers.complaints(text) == []


@pytest.mark.parametrize(
    "prose",
    [
        "The net is wrong in 37.25 % of the cases.",
        "Thirteen times faster it is.",
        "The LSTM is better by a factor of nine.",
        "This is eight orders of magnitude.",
        "It is **813** times faster.",
        r"It is $813\times$ faster.",
        "It takes 813\nseconds.",
        "It needs 813 MB.",
        "It is a factor of twelve thousand.",
        "It solves 87 of 100.",
        "The paper has another. Ours takes 813 s.",
    ],
)
def test_a_typed_result_is_found(prose):
    assert len(check_numbers.complaints_in(prose, {0.5, 100.0})) == 1


@pytest.mark.parametrize(
    "prose",
    [
        "The net is wrong in 37 % of the cases.",  # printed as 0.3725
        "It is 17 times faster, and takes 0.008 s.",  # printed as 16.6 and 0.0077
        "It takes 83 minutes according to Jaeger and Haas (2004).",
        "By (7.11) and exercise 7.3, all 400 units and 20 steps.",
    ],
)
def test_what_was_printed_may_be_said(prose):
    assert check_numbers.complaints_in(prose, {0.3725, 16.6, 0.0077}) == []


@pytest.mark.parametrize(("word", "number"), [("2,000", 2000), ("ten", 10), ("0.30", 0.3)])
def test_numbers_as_they_are_written(word, number):
    assert check_numbers.value(word)[0] == pytest.approx(number)


def test_a_percentage_that_was_printed_is_a_share():
    assert check_numbers.is_backed("37", True, check_numbers.numbers("wrong: 37.2 %"))
    assert not check_numbers.is_backed("37", True, check_numbers.numbers("37 sequences"))
