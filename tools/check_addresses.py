"""Asks every address that the texts name whether it is still there: `make check-links`.

Sphinx asks those of the book, of its docstrings and bibliography, and of the pages beside it. Gone
is what answers 404 or 410, whose host has no name any more, or what is no address. Publishers that
turn programs away (403, 429), servers that fail and hosts that do not answer in time are listed and
not counted: they say nothing about the page.
"""

import json
import re
import subprocess
import sys

import build_book
import course

FOUND = course.ROOT / "dist" / "links"
BESIDE = ("*.md", "LICENSE-TEXT", "CITATION.cff", "benchmarks/*.md", "src/**/*.md")
BARE = re.compile(r"(?<![<(\"])https?://[^\s)>\"`]*[\w/]")
GONE = re.compile(r"\b(404|410) Client Error|NameResolutionError|No host supplied|Failed to parse")
OPTIONS = ("-q", "-b", "linkcheck", "-D", "linkcheck_timeout=30", "-D", "linkcheck_anchors=0")


def main() -> int:
    """Asks all of them, prints those that did not answer well, and returns 1 if one is gone."""
    build_book.stage()
    for path in [path for pattern in BESIDE for path in course.ROOT.glob(pattern)]:
        page = build_book.STAGED / "beside" / f"{course.relative(path)}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(BARE.sub(r"<\g<0>>", path.read_text(encoding="utf-8")), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", *OPTIONS, build_book.STAGED, FOUND]
    subprocess.run(command, capture_output=True)
    lines = (FOUND / "output.json").read_text(encoding="utf-8").splitlines()
    asked = [link for link in map(json.loads, lines) if link["uri"].startswith("http")]
    bad = [link for link in asked if link["status"] not in ("working", "redirected")]
    gone = [link for link in bad if GONE.search(link["info"])]
    for link in bad:
        said = "GONE" if link in gone else "unclear"
        print(f"{said}: {link['uri']} ({link['info']}) {link['filename']}:{link['lineno']}")
    print(f"{len(asked)} addresses asked, {len(gone)} gone")
    return int(bool(gone) or not asked)


if __name__ == "__main__":
    sys.exit(main())
