"""Prints each lecture of the built book as a PDF, through a browser: `make handouts`."""

import sys

import book
import course
from browser import BROWSER, chromium

PRINTED = course.ROOT / "dist" / "handouts"


def main() -> int:
    """Prints all lectures; without a Chromium says so."""
    if BROWSER is None:
        sys.exit("A PDF is printed by Chromium, and none was found on this machine.")
    PRINTED.mkdir(parents=True, exist_ok=True)
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
    with chromium() as browser:
        for text in course.lectures():
            page = browser.new_page()
            page.goto((book.BUILT / "notebooks" / f"{text.stem}.html").as_uri())
            page.evaluate("MathJax.startup.promise.then(() => true)")
            target = PRINTED / f"{text.stem}.pdf"
            page.pdf(path=target, format="A4", margin=margin, scale=0.8)
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
