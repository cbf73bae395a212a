"""The decks in a browser: `make check-site` measures every slide at 1280 x 720."""

import re

import nbformat
import pytest

import course
import slides
from browser import BROWSER, chromium

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
SMALLEST = 0.5  # of full size, 30 px for text: letters that a hall can still read
MEASURE = """() => [...document.querySelectorAll(".slides section section")].map((slide, n) => {
  const place = Reveal.getIndices(slide);
  Reveal.slide(place.h, place.v);
  const body = slide.querySelector(".body");
  const seen = body.querySelectorAll(":not(mjx-assistive-mml, mjx-assistive-mml *)");
  const inside = [...seen].map(e => e.getBoundingClientRect());
  const ends = inside.filter(r => r.width).concat(body.getBoundingClientRect());
  const sizes = [...body.querySelectorAll("[data-size]")].map(e => parseFloat(e.dataset.size));
  const size = parseFloat(body.style.fontSize) * Math.min(1, ...sizes);
  return {n, title: slide.querySelector("h2").innerText, size,
          bottom: Math.max(...ends.map(r => r.bottom)), right: Math.max(...ends.map(r => r.right)),
          pictures: [...body.querySelectorAll("img")].every(i => i.naturalWidth && i.alt)};
})"""


def test_printed_text_that_is_long_goes_on_under_its_head():
    rows = [f"row {n}" for n in range(2 * slides.CODE_LINES)]
    assert slides.pieces("\n".join(rows[:3])) == ["row 0\nrow 1\nrow 2"]
    found = [piece.split("\n") for piece in slides.pieces("\n".join(["   head", *rows]))]
    assert len(found) == 3 and max(map(len, found)) == slides.CODE_LINES
    assert all(piece[0] == "   head" for piece in found)
    assert [line for piece in found for line in piece[1:]] == rows
    part = ["name"] + ["  value"] * 12
    assert slides.pieces("\n".join(part * 2)) == ["\n".join(part)] * 2


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
