"""Prints each lecture of the built book as a PDF, through a browser: `make handouts`."""

import sys

import build_book
import course
from browser import BROWSER, chromium

PRINTED = course.ROOT / "dist" / "handouts"
MARGIN, SCALE = 15, 0.8  # mm, and of the size on a screen
WIDTH = round((210 - 2 * MARGIN) / 25.4 * 96 / SCALE)  # of A4 between its margins, in pixels
# How far a formula reaches beyond its column, in pixels. What it draws is measured: in print the
# column does not scroll, and then its scrollWidth is no measure.
BEYOND = """const beyond = box => {
  const column = box.getBoundingClientRect();
  const parts = [...box.querySelectorAll("mjx-container > svg, mjx-container > svg g")]
    .map(part => part.getBoundingClientRect()).filter(part => part.width);
  return Math.max(box.scrollWidth - box.clientWidth, ...parts.map(
    part => Math.max(part.right - column.right, column.left - part.left)));
};"""
# Paper does not scroll: a formula that is too wide gets smaller letters. Its number stays as far
# away as it was, so that it does not shrink in proportion, and this is repeated until it fits.
NARROW = f"""() => {{ {BEYOND}
  for (const box of document.querySelectorAll("div.math"))
    for (let size = 100; beyond(box) > 0.5 && size > 50; size -= 2)
      box.querySelector("mjx-container").style.fontSize = size + "%";
}}"""
CUT = f"""() => {{ {BEYOND}
  return [...document.querySelectorAll("div.math")].filter(box => beyond(box) > 1)
    .map(box => box.querySelector("math").textContent);
}}"""


def prepared(browser, text):
    """Returns the page of a lecture in a browser, as it is printed."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
    page.emulate_media(media="print")
    page.goto((build_book.BUILT / "notebooks" / f"{text.stem}.html").as_uri())
    page.evaluate("MathJax.startup.promise.then(() => true)")
    page.evaluate(NARROW)
    return page


def main() -> int:
    """Prints all lectures; without a Chromium says so."""
    if BROWSER is None:
        sys.exit("A PDF is printed by Chromium, and none was found on this machine.")
    PRINTED.mkdir(parents=True, exist_ok=True)
    margin = dict.fromkeys(("top", "bottom", "left", "right"), f"{MARGIN}mm")
    with chromium() as browser:
        for text in course.lectures():
            page = prepared(browser, text)
            cut = page.evaluate(CUT)
            if cut:
                sys.exit(f"{text.stem}: a formula does not fit on paper: {cut[0]}")
            target = PRINTED / f"{text.stem}.pdf"
            page.pdf(path=target, format="A4", margin=margin, scale=SCALE)
            page.close()
    print(f"{len(course.lectures())} handouts: {course.relative(PRINTED)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
