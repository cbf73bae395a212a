"""The decks in a browser: `make check-site` measures every slide at 1280 x 720."""

import re

import nbformat
import pytest

import build_slides
import course
import slide_blocks
from browser import BROWSER, chromium

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
# px on a slide of 720: letters that a hall can still read.
SMALLEST = {"title": 24, "text": 20, "formula": 17, "small": 15, "code": 13}
MEASURE = """() => [...document.querySelectorAll(".slides section section")].map((slide, n) => {
  const place = Reveal.getIndices(slide);
  Reveal.slide(place.h, place.v);
  const body = slide.querySelector(".body");
  const seen = body.querySelectorAll(":not(mjx-assistive-mml, mjx-assistive-mml *)");
  const boxes = parts => parts.map(e => e.getBoundingClientRect()).filter(r => r.width);
  const inside = boxes([...seen]), drawn = boxes([...seen].filter(e => e.tagName != "DIV"));
  const around = [...slide.querySelectorAll(":scope > h2, :scope > .from")].map(e => {
    const letters = document.createRange();  // what is seen of the title and of the foot
    letters.selectNodeContents(e);
    return letters.getBoundingClientRect();
  });
  const meet = (a, b) => Math.max(a.left, b.left) < Math.min(a.right, b.right)
    && Math.max(a.top, b.top) < Math.min(a.bottom, b.bottom);
  const ends = [...inside, ...around];
  const letters = chosen => Math.min(99, ...[...slide.querySelectorAll(chosen)].map(
    e => parseFloat(getComputedStyle(e).fontSize)));
  const columns = [...body.querySelectorAll(".columns > div")].map(e => e.getBoundingClientRect());
  const overlaps = [...body.querySelectorAll(".columns > div:first-child *")].some(
    e => e.getBoundingClientRect().right > (columns[1] ? columns[1].left : 1280));
  const covered = around.some((a, n) => [...drawn, ...around.slice(n + 1)].some(b => meet(a, b)));
  return {n, heading: slide.querySelector("h2").innerText, overlaps: overlaps || covered,
          bottom: Math.max(...ends.map(r => r.bottom)), right: Math.max(...ends.map(r => r.right)),
          title: letters("h2"), small: letters("h2 small, .from"),
          text: letters(".body :is(h3, p, li)"),
          formula: letters("mjx-container[display]"), code: letters("pre"),
          pictures: [...body.querySelectorAll("img")].every(i => i.naturalWidth && i.alt)};
})"""
DECKS = sorted(path.name for path in build_slides.BUILT.glob("*.html") if path.name != "index.html")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def test_every_lecture_has_a_deck_and_the_index_lists_them():
    assert set(DECKS) >= {f"{text.stem}.html" for text in course.lectures()}
    listed = re.findall(r'href="([^"]+)"', (build_slides.BUILT / "index.html").read_text("utf-8"))
    assert sorted(listed) == DECKS


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_and_is_whole(browser, name):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    requested, complaints = [], []
    page.on("request", lambda r: requested.append(r.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto((build_slides.BUILT / name).as_uri())
    page.wait_for_selector("body[data-fitted]", timeout=120_000)
    assert [u for u in requested if not u.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert page.evaluate("document.querySelectorAll('[data-mjx-error]').length") == 0
    for slide in page.evaluate(MEASURE):
        assert slide["bottom"] <= 720 and slide["right"] <= 1280, slide
        assert not slide["overlaps"], slide
        assert all(slide[kind] >= least for kind, least in SMALLEST.items()), slide
        assert slide["pictures"], slide
    page.close()


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_nothing_of_the_lecture_is_lost(text):
    """Each figure is on a slide; each paragraph and line of code is on one or in its notes."""
    deck = (build_slides.BUILT / f"{text.stem}.html").read_text(encoding="utf-8")
    notebook = nbformat.read(course.notebook_of(text), as_version=4)
    words = "".join(re.findall(r"[a-z]+", re.sub(r"<[^>]+>", "", deck).lower()))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png", "").replace("\n", "")
            assert picture in deck
        if cell.cell_type == "markdown":
            prose = re.sub(r"\$\$.*?\$\$", " ", cell.source, flags=re.DOTALL)
            for block in re.split(r"\n\s*\n", prose):
                plain = re.sub(r"\$[^$]*\$|\]\([^)]*\)|&\w+;|\|[-|]+\|", " ", block).lower()
                for part in re.findall(r"[a-z]{4,}(?: [a-z]{2,})*", plain):
                    assert part.replace(" ", "") in words, part
        elif "skip" not in cell.metadata.get("tags", []):
            for line in cell.source.splitlines():
                for part in re.findall(r"[a-z]{4,}", line):
                    assert part in words, line


def test_the_sizes_of_the_builder_are_those_of_the_style_sheet():
    css = (build_slides.DECK / "deck.css").read_text(encoding="utf-8")
    assert f"font: {slide_blocks.TEXT}px/1.3 " in css
    assert f"font: {slide_blocks.CODE / slide_blocks.TEXT:.3f}em/1.29 " in css
