"""`make check-claims` finds the assertions that cannot fail, and only these."""

import textwrap

import pytest

import check_claims

SETTING = """
    import numpy as np

    def double(x):
        return 2 * x

    a = np.array([1.0, 2.0, -3.0])
    small, mask, fixed, none = 0.1, a > 0, "text", []
    pair = {"big": 5.0, "small": 0.1}
"""


def examined(*cells):
    """Returns what is wrong with each claim of the last of these cells, "" if nothing."""
    scope = {"__name__": "__main__"}
    for cell in (SETTING, *cells):
        found = check_claims.examine(textwrap.dedent(cell), scope)
    return dict(found)


CAN_FAIL = [
    "a.max() == 2",
    "small < 0.15",
    "mask.sum() == 2",
    "np.all(a < 3)",
    "a[0] > a[2]",
    "pair['big'] > 40 * pair['small']",
    "len(none) == 0",
    "fixed == 'text'",
    "{fixed} == set(fixed.split())",
    "double(1e-17) < 1e-10",
    "np.isfinite(1 / (a + 4)).sum() == 3",
    "np.testing.assert_allclose(double(a), a + a)",
    "np.testing.assert_allclose(double(a + 3 * a), double(a) + 3 * double(a))",
]
CANNOT = [
    "np.testing.assert_array_equal(double(a), double(a))",
    "np.testing.assert_allclose(double(x=a), double(a))",
    "small < 100",
    "np.all(a < 100)",
    "(np.abs(a) < 100).all()",
    "fixed != 'another text'",
]


@pytest.mark.parametrize("claim", CAN_FAIL + CANNOT)
def test_a_claim_that_cannot_fail_is_found_and_another_is_left_alone(claim):
    statement = claim if claim.startswith("np.testing") else f"assert {claim}"
    assert examined(statement) == {claim: "never" if claim in CANNOT else ""}


def test_each_part_is_a_claim():
    assert examined("assert small < 0.15 and small < 100") == {
        "small < 0.15": "",
        "small < 100": "never",
    }


def test_a_wrong_constant_or_call_of_the_cell_is_a_mutant():
    cell = """
        def error_of(n):
            return abs(sum(1 / 2**k for k in range(1, n)) - 1)

        assert error_of(30) < 1e-6
    """
    assert examined(cell) == {"error_of(30) < 1e-06": ""}


def test_a_claim_that_is_not_reached_is_found():
    cell = """
        for value in []:
            assert value > 0
    """
    assert examined(cell) == {"value > 0": "not run"}


def test_what_a_cell_leaves_behind_is_not_that_of_a_mutant():
    scope = {"__name__": "__main__"}
    check_claims.examine("n = 1\nvalues = [n]\nassert len(values) == 1 and values[0] == 1", scope)
    assert scope["n"] == 1 and scope["values"] == [1]


def test_a_claim_that_fails_as_it_stands_stops():
    with pytest.raises(AssertionError, match="it fails as it stands: 1 == 2"):
        check_claims.examine("assert 1 == 2", {})
