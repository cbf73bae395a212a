"""The decks in a browser: `make check-site` measures every slide at 1280 x 720."""

import re

import nbformat
import pytest

import course
import slides
from browser import BROWSER, chromium

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
SMALLEST = 0.5  # of 30 px: letters that a hall can still read
MEASURE = """() => [...document.querySelectorAll(".slides section section")].map((slide, n) => {
  const place = Reveal.getIndices(slide);
  Reveal.slide(place.h, place.v);
  const body = slide.querySelector(".body");
  const inside = [...body.querySelectorAll("*")].map(e => e.getBoundingClientRect());
  const ends = inside.filter(r => r.width).concat(body.getBoundingClientRect());
  return {n, title: slide.querySelector("h2").innerText, size: parseFloat(body.style.fontSize),
          bottom: Math.max(...ends.map(r => r.bottom)), right: Math.max(...ends.map(r => r.right)),
          pictures: [...body.querySelectorAll("img")].every(i => i.naturalWidth && i.alt)};
})"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_every_slide_fits_and_is_whole(browser, text):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    requested, complaints = [], []
    page.on("request", lambda r: requested.append(r.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto((slides.BUILT / f"{text.stem}.html").as_uri())
    page.wait_for_selector("body[data-fitted]", timeout=120_000)
    assert [u for u in requested if not u.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert page.evaluate("document.querySelectorAll('[data-mjx-error]').length") == 0
    for slide in page.evaluate(MEASURE):
        assert slide["bottom"] <= 720 and slide["right"] <= 1280, slide
        assert slide["size"] >= SMALLEST, slide
        assert slide["pictures"], slide
    page.close()


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_nothing_of_the_lecture_is_lost(text):
    """Each figure is on a slide, and each paragraph is on one or in the notes of one."""
    deck = (slides.BUILT / f"{text.stem}.html").read_text(encoding="utf-8")
    notebook = nbformat.read(course.notebook_of(text), as_version=4)
    words = "".join(re.findall(r"[a-z]+", re.sub(r"<[^>]+>", "", deck).lower()))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png", "").strip()
            assert picture in deck
        if cell.cell_type == "markdown":
            for block in re.split(r"\n\s*\n", cell.source):
                plain = re.sub(r"\$[^$]*\$|\]\([^)]*\)|&\w+;|\|[-|]+\|", " ", block).lower()
                for part in re.findall(r"[a-z]{4,}(?: [a-z]{2,})*", plain):
                    assert part.replace(" ", "") in words, part
