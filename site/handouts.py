"""Prints each lecture of the built book as a PDF, through a browser: `make handouts`."""

import sys

import book
import course
from browser import BROWSER, chromium

PRINTED = course.ROOT / "dist" / "handouts"
MARGIN, SCALE = 15, 0.8  # mm, and of the size on a screen
WIDTH = round((210 - 2 * MARGIN) / 25.4 * 96 / SCALE)  # of A4 between its margins, in pixels
# Paper does not scroll: a formula that is too wide gets smaller letters.
NARROW = """() => document.querySelectorAll("div.math mjx-container").forEach(formula => {
  const room = formula.parentElement.clientWidth, wide = formula.parentElement.scrollWidth;
  if (wide > room) formula.style.fontSize = 99 * room / wide + "%";
})"""


def main() -> int:
    """Prints all lectures; without a Chromium says so."""
    if BROWSER is None:
        sys.exit("A PDF is printed by Chromium, and none was found on this machine.")
    PRINTED.mkdir(parents=True, exist_ok=True)
    margin = dict.fromkeys(("top", "bottom", "left", "right"), f"{MARGIN}mm")
    with chromium() as browser:
        for text in course.lectures():
            page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
            page.emulate_media(media="print")
            page.goto((book.BUILT / "notebooks" / f"{text.stem}.html").as_uri())
            page.evaluate("MathJax.startup.promise.then(() => true)")
            page.evaluate(NARROW)
            target = PRINTED / f"{text.stem}.pdf"
            page.pdf(path=target, format="A4", margin=margin, scale=SCALE)
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
