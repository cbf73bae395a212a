"""The same words in other packages: what each was seen to mean, and the table of it.

The register is `peers.toml`, of which the page of the book and the tests in tests/peers both come.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

REGISTER = Path(__file__).with_name("peers.toml")


class Row(NamedTuple):
    """One notion, and what was found of it."""

    name: str  # of the question in tests/peers
    notion: str
    asked: str  # what was run
    found: dict  # {package: what came}, only of packages that have it

    def answers(self):
        """Return {answer: the packages that gave it}, in the order of the register."""
        packages = {}
        for package, answer in self.found.items():
            packages.setdefault(answer, []).append(package)
        return packages


@cache
def rows():
    """Return all rows of the register, as a tuple of `Row`."""
    return tuple(Row(**row) for row in _register()["row"])


def versions():
    """Return {package: version} of what was asked."""
    return _register()["versions"]


def markdown():
    """Return the table: a piece for each notion, packages of one answer in one line."""
    lines = []
    for row in rows():
        lines += [f"**{row.notion}.** {row.asked}", ""]
        lines += [f"- `{answer}`: {'; '.join(names)}" for answer, names in row.answers().items()]
        lines.append("")
    asked = ", ".join(f"{name} {version}" for name, version in versions().items())
    return "\n".join([*lines, f"Observed with {asked}."])


@cache
def _register():
    return tomllib.loads(REGISTER.read_text(encoding="utf-8"))
