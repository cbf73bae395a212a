"""Writes the newest versions that pyproject.toml allows into constraints.txt: `make pin`.

They are those for every Python and every system, with the hashes of their files and without the
address that they came from. `make test` then says whether the course is right with them, and a
commit makes them the versions of every student. PyTorch is left to pyproject.toml: it has a build
for each kind of accelerator, each with other hashes, and brings the libraries of its maker.
"""

import os
import re
import subprocess

import course
import set_up

HEADER = """\
# What the course was tested with: names, versions, hashes. Written by `make pin`; the bounds are in
# pyproject.toml. `make test-newest` runs the newest instead.
"""
# Of every file of every version that is named, wherever it is fetched from.
COMPILE = ["pip", "compile", "--quiet", "--universal", "--all-extras", "--generate-hashes"]
COMPILE += ["--no-header", "--no-annotate", "--no-emit-find-links", "--no-emit-index-url"]
BUILDS = re.compile(r"^(torch|triton|nvidia|cuda)\b.*\n(    .*\n)*", re.MULTILINE)


def newest() -> str:
    """Returns the newest versions, as uv writes them."""
    oldest = course.pyproject()["project"]["requires-python"].removeprefix(">=")
    command = [set_up.get_uv(), *COMPILE, "--python-version", oldest, "pyproject.toml"]
    environment = {**set_up.places(), **os.environ}
    return subprocess.run(
        command, cwd=course.ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    text = HEADER + BUILDS.sub("", newest())
    (course.ROOT / "constraints.txt").write_text(text, encoding="utf-8")
    print(f"constraints.txt: {text.count('==')} versions; `make test` tests them")
