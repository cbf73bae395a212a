"""Writes the repository's address into every link, from pyproject.toml: `make links`.

The address and the branch stand in `[tool.rnncourse]`. This rewrites links to this repository on
GitHub and to what GitHub publishes of it, and the line that installs the package in Colab; and it
writes the README's table of weeks, with the launch links, from the lectures that are there. What
the links pointed to before is read from `Homepage` in pyproject.toml and from a lecture.
"""

import re

import course

BEGIN, END = "<!-- weeks: written by make links -->", "<!-- end of weeks -->"
README = course.ROOT / "README.md"
PAGES = ("*.md", "CITATION.cff", "docs/book/*.md", "notebooks/**/*.md", "notebooks/**/*.ipynb")
PAGES += ("src/**/*.py", "pyproject.toml")


def rewrite(text: str, old: tuple[str, str], new: tuple[str, str]) -> str:
    """Returns a text with every link to the old address pointing to the new one.

    Args:
        text: of any file.
        old: repository, `owner/name`, and branch that the links have now.
        new: repository and branch that they shall have.
    """
    text = text.replace("@".join(old), "@".join(new))
    text = text.replace(course.published(old[0]), course.published(new[0]))
    return re.sub(rf"github\.com/{re.escape(old[0])}(?![\w.-])", f"github.com/{new[0]}", text)


def table() -> str:
    """Returns the table of weeks, from the lectures that are there."""
    rows = ["| week | lecture | open it |", "|---|---|---|"]
    solved = {text.name: text for text in course.solutions()}
    for text in course.lectures():
        links = course.launch_links(text)
        opened = [f"[{name}]({address})" for name, address in links.items()]
        opened.insert(0, f"[notebook]({course.relative(course.notebook_of(text))})")
        if text.name in solved:
            solution = course.relative(course.notebook_of(solved[text.name]))
            opened.append(f"[solutions]({solution})")
        week = course.week(text)
        name = re.sub(rf"^Week {week}\W+", "", course.title(text))
        rows.append(f"| {week} | {name[:1].upper() + name[1:]} | {' · '.join(opened)} |")
    return "\n".join(rows)


def with_table(readme: str) -> str:
    """Returns the text of the README with the table of the lectures that are there."""
    head, rest = readme.split(BEGIN)
    return f"{head}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"


def main():
    """Rewrites the files that hold links, and names them."""
    homepage = course.pyproject()["project"]["urls"]["Homepage"]
    repository = homepage.removeprefix("https://github.com/")
    first = course.lectures()[0].read_text(encoding="utf-8")
    old = (repository, re.search(rf"{re.escape(repository)}@(\S+)", first)[1])
    for path in [path for pattern in PAGES for path in sorted(course.ROOT.glob(pattern))]:
        before = path.read_text(encoding="utf-8")
        after = rewrite(before, old, course.address())
        after = with_table(after) if path == README else after
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{course.relative(path)}: rewritten")


if __name__ == "__main__":
    main()
