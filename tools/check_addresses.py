"""Asks every address that the texts name whether it is still there: `make check-links`.

An address is asked once, however often it is named. Gone is what answers 404 or 410, or whose host
has no name any more. Publishers that turn programs away (401, 403, 429), servers that fail and
hosts that do not answer in time are listed and not counted: they say nothing about the page.
"""

import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import course

ADDRESS = re.compile(r"https?://[^\s<>\"'`\\{}|^\[\]]+")
PAGES = (
    "*.md",
    "*.cff",
    "LICENSE-TEXT",
    "notebooks/text/**/*.md",
    "docs/book/**/*.md",
    "docs/book/*.bib",
    "benchmarks/*.md",
    "src/**/*.md",
    "src/**/*.py",
)
GONE = (404, 410)
SECONDS = 30  # for one answer


def addresses(text: str) -> list[str]:
    """Returns the addresses in a text, without the punctuation that follows them.

    A closing bracket belongs to an address only if it was opened in it.
    """
    found = []
    for address in ADDRESS.findall(text):
        address = address.rstrip(".,;:!?*")
        while address.endswith(")") and address.count(")") > address.count("("):
            address = address[:-1].rstrip(".,;:!?*")
        if address.count(")") > address.count("("):
            address = address[: address.index(")")]
        found.append(address)
    return found


def pages() -> list[Path]:
    """Returns the files whose addresses are looked at."""
    return [path for pattern in PAGES for path in sorted(course.ROOT.glob(pattern))]


def named() -> dict[str, list[str]]:
    """Returns every address of the pages, and the lines that name it."""
    found: dict[str, list[str]] = {}
    for path in pages():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for address in addresses(line):
                found.setdefault(address, []).append(f"{course.relative(path)}:{number}")
    return found


def answer(address: str) -> tuple[bool, str]:
    """Returns whether an address is gone, and what it answered."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:
            return False, str(reply.status)
    except urllib.error.HTTPError as error:
        return error.code in GONE, str(error.code)
    except (OSError, ValueError) as error:
        return "Name or service not known" in str(error), str(error)


def main() -> int:
    """Asks all of them, prints those that did not answer well, and returns 1 if one is gone."""
    places = named()
    status = 0
    with ThreadPoolExecutor(8) as pool:
        for address, (gone, said) in zip(places, pool.map(answer, places), strict=True):
            if gone or said != "200":
                print(f"{'GONE' if gone else 'unclear'}: {address} ({said})", *set(places[address]))
            status |= gone
    print(f"{len(places)} addresses asked")
    return status


if __name__ == "__main__":
    sys.exit(main())
