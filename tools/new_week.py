"""Writes the text of a new week and of its solutions: `make new-week N=week12_topic`.

They begin as the files of tools/templates, and pass the tests of the notebooks as they are, once
`make notebooks` has run them.
"""

import re
import sys

import course

TEMPLATES = course.ROOT / "tools" / "templates"


def write(name: str) -> list:
    """Writes both texts and returns their paths.

    Args:
        name: of the week, as `week12_topic`.

    Raises:
        ValueError: if the name has another form, or there is a week of this number.
    """
    if not re.fullmatch(r"week\d\d_[a-z0-9_]+", name):
        raise ValueError(f"the name is {name!r}, expected one like week12_topic")
    paths = [course.TEXT / f"{name}.md", course.TEXT / "solutions" / f"{name}.md"]
    week = course.week(paths[0])
    taken = [t for t in course.lectures() + course.solutions() if course.week(t) == week]
    if taken:
        raise ValueError(f"week {week} is there: {course.relative(taken[0])}")
    first = next(t for t in course.lectures()).read_text(encoding="utf-8")
    reading = first.partition("## Further reading")[2].strip().splitlines()[0]
    words = {
        "WEEK": str(week),
        "TITLE": name[7:].replace("_", " ").capitalize(),
        "INSTALL": course.install_lines(),
        "READING": reading,
    }
    for path, template in zip(paths, ("lecture.md", "solutions.md"), strict=True):
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        filled = re.sub("|".join(words), lambda word: words[word[0]], text)
        path.write_text(filled, encoding="utf-8")
    return paths


def main() -> int:
    """Writes the texts and says what comes next; returns the exit status."""
    if len(sys.argv) != 2:
        sys.exit("Which week? For example: make new-week N=week12_topic")
    try:
        for path in write(sys.argv[1]):
            print(f"{course.relative(path)}: written")
    except ValueError as error:
        sys.exit(str(error))
    print("Next: edit them, then run: make notebooks links test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
