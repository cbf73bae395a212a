"""No formula of a handout is cut or loses its number: measured as the page is printed."""

import pytest

import build_handouts
import course
from browser import BROWSER, chromium

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_every_formula_is_on_the_paper(browser, text):
    page = build_handouts.prepared(browser, text)
    assert page.evaluate("document.querySelectorAll('div.math').length") > 0
    assert page.evaluate(build_handouts.CUT) == []
    page.close()


def test_a_formula_that_cannot_fit_is_found(browser):
    """The measure sees what sticks out, also where the column hides it and does not scroll."""
    page = build_handouts.prepared(browser, course.lectures()[1])
    page.evaluate("document.querySelectorAll('div.math').forEach(b => b.style.width = '90px')")
    assert len(page.evaluate(build_handouts.CUT)) > 3
    page.close()
