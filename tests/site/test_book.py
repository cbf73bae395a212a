"""The built book in a browser: `make check-site` opens every page at desktop and phone width.

Without a Chromium these tests are skipped and say so.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

import build_book
import course
from browser import BROWSER, chromium

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")

PAGES = sorted(
    path.relative_to(build_book.BUILT).as_posix()
    for path in build_book.BUILT.rglob("*.html")
    if "_static" not in path.parts
)
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
# Pages that Sphinx makes of nothing but links.
GENERATED = {"genindex.html", "py-modindex.html", "search.html"}

CUT_OFF = """[...document.querySelectorAll("div.math")].filter(box => {
  const inside = box.querySelector("mjx-container").getBoundingClientRect();
  const scrolls = getComputedStyle(box).overflowX == "auto" && box.tabIndex == 0;
  return inside.left < box.getBoundingClientRect().left - 1
    || box.scrollWidth > box.clientWidth + 1 && !scrolls;
}).map(box => box.querySelector("math").textContent)"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(params=WIDTHS)
def page(browser, request):
    width, height = WIDTHS[request.param]
    found = browser.new_page(viewport={"width": width, "height": height})
    found.requested, found.complaints = [], []
    found.on("request", lambda r: found.requested.append(r.url))
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.on("console", lambda m: found.complaints.append(m.text) if m.type == "error" else None)
    yield found
    found.close()


def open_page(page, name):
    page.goto((build_book.BUILT / name).as_uri())
    page.wait_for_load_state("load")
    page.evaluate("window.MathJax ? MathJax.startup.promise.then(() => true) : true")


def test_the_book_is_built():
    assert len(PAGES) > len(course.lectures()) + len(course.solutions())


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole(page, name):
    open_page(page, name)
    elsewhere = [u for u in page.requested if not u.startswith(("file:", "data:", "blob:"))]
    assert elsewhere == []
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "page overflows"
    formulas = page.evaluate("document.querySelectorAll('.math').length")
    set_formulas = page.evaluate("document.querySelectorAll('.math mjx-container').length")
    assert set_formulas >= formulas
    assert page.evaluate("document.querySelectorAll('[data-mjx-error]').length") == 0
    assert page.evaluate(CUT_OFF) == [], "formulas whose ends cannot be reached"
    broken = page.evaluate(
        "[...document.images].filter(i => !i.complete || !i.naturalWidth || !i.alt).map(i => i.src)"
    )
    assert broken == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in GENERATED])
def test_page_is_accessible(browser, name):
    page = browser.new_page()
    open_page(page, name)
    found = Axe().run(page).response["violations"]
    page.close()
    serious = [
        f"{v['id']}: {v['nodes'][0]['html'][:120]} and {len(v['nodes']) - 1} more"
        for v in found
        if v["impact"] in {"serious", "critical"}
    ]
    assert serious == []
