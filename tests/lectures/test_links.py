"""Links that no reader and no browser can follow, in Markdown and docstrings.

`test_repository.py` looks whether relative links and their headings exist. Whether an address is
alive is asked by `make check-links`.
"""

import re

import pytest

import course

PAGES = [
    path
    for pattern in ("*.md", "notebooks/text/**/*.md", "docs/book/**/*.md", "src/**/*.py")
    for path in sorted(course.ROOT.glob(pattern))
]
SCHEME = re.compile(r"\b(?!https?://)[a-z+]+:/+[\w.]+")
BROKEN = re.compile(r"\]\([^)\s]*\s(?!\")[^)]*$|\]\(\s*\)|\]\s\(https?:|" + SCHEME.pattern, re.M)
NAMED = re.compile(r"\[[^\]\n]+\]\[([^\]\n]+)\]")


def broken(text):
    """Lines and links of a Markdown text that no reader or no browser can follow."""
    prose = re.sub(
        r"```.*?```|`[^`]*`|\$[^$]*\$", lambda m: "\n" * m[0].count("\n"), text, flags=re.S
    )
    defined = re.findall(r"^\[([^\]\n]+)\]: ", prose, re.M)
    nowhere = [link for link in NAMED.finditer(prose) if link[1] not in defined]
    return [
        f"line {prose.count(chr(10), 0, link.start()) + 1}: {link[0]}"
        for link in [*BROKEN.finditer(prose), *nowhere]
    ]


@pytest.mark.parametrize("path", PAGES, ids=course.relative)
def test_no_link_is_broken(path):
    text = path.read_text(encoding="utf-8")
    assert (broken(text) if path.suffix == ".md" else SCHEME.findall(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[a](htps://example.org/a)",
        "[a](https:/example.org/a)",
        "see http:/example.org",
        "[a][nowhere]",
        "[a]( )",
        "[a] (https://example.org/a)",
    ],
)
def test_a_broken_link_is_noticed(text):
    (found,) = broken(f"```\n[a]( )\n```\n{text}\n")
    assert found.startswith("line 4: ")
    assert not broken(f"`{text}`, [a](https://example.org/a), [a][b]\n\n[b]: https://example.org")
