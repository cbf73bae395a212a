"""Writes the repository's address into every link, from pyproject.toml: `make links`.

The address and the branch stand in `[tool.rnncourse]`. This rewrites, wherever they stand, links
to this repository on GitHub and to what GitHub publishes of it, the launch links for Binder and
Colab, and the line that installs the package in Colab; and it writes the README's table of weeks
from the lectures that are there. What the links pointed to before is read from `Homepage` in
pyproject.toml, which is rewritten last.
"""

import re
import sys

import course
import run_notebooks

BEGIN, END = "<!-- weeks: written by make links -->", "<!-- end of weeks -->"
HOSTS = (
    r"(?:github\.com|raw\.githubusercontent\.com|mybinder\.org/v2/gh"
    r"|colab\.research\.google\.com/github)/"
)
ELSEWHERE = re.compile(rf"https://(?:{HOSTS}|[\w-]+\.github\.io/)[^\s)\"'>\\`\]]*[\w/]")


def links(repository: str, branch: str) -> re.Pattern:
    """Returns the pattern of a link to a repository: its host, and what stands before the branch.

    Args:
        repository: `owner/name`.
        branch: name of the branch.
    """
    name, branch = re.escape(repository), re.escape(branch)
    return re.compile(rf"({HOSTS}){name}(?![\w-]|\.\w)(?:((?:/blob|/tree)?/|@){branch}(?![\w.-]))?")


def rewrite(text: str, old: tuple[str, str], new: tuple[str, str]) -> str:
    """Returns a text with every link to the old address pointing to the new one.

    Args:
        text: of any file.
        old: repository and branch that the links have now.
        new: repository and branch that they shall have.
    """

    def moved(link):
        return link[1] + new[0] + (link[2] + new[1] if link[2] else "")

    pages = course.published(old[0]), course.published(new[0])
    return links(*old).sub(moved, text).replace(*pages)


def strange(text: str, address: tuple[str, str] | None = None) -> list[str]:
    """Returns the links to GitHub, its pages, Binder and Colab that are not to this repository.

    Links to the repositories named under `cited` in `[tool.rnncourse]` are references to the work
    of others and are left out.

    Args:
        text: of any file.
        address: repository and branch; those of pyproject.toml if not given.
    """
    repository, branch = address or course.address()
    cited = course.pyproject()["tool"]["rnncourse"].get("cited", [])
    ours = [links(name, branch) for name in (repository, *cited)]
    return [
        link
        for link in ELSEWHERE.findall(text)
        if not link.startswith(course.published(repository))
        and not any(pattern.search(link) for pattern in ours)
    ]


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


def table_in(readme: str) -> str:
    """Returns the table of weeks that the README holds."""
    return readme.split(BEGIN)[1].split(END)[0].strip()


def pages() -> list:
    """Returns the files that hold links to this repository, pyproject.toml last."""
    files = [course.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CITATION.cff")]
    texts = course.lectures() + course.solutions()
    stored = [course.notebook_of(text) for text in texts]
    package = sorted((course.ROOT / "src").rglob("*.py"))
    book = sorted((course.ROOT / "docs" / "book").glob("*.md"))
    return [
        path
        for path in [*files, *texts, *stored, *package, *book, course.ROOT / "pyproject.toml"]
        if path.exists()
    ]


def main() -> int:
    """Rewrites the files that hold links, names them, and returns the exit status."""
    new = course.address()
    urls = course.pyproject()["project"]["urls"]
    # The branch that the links have now stands in the README's links to Colab.
    readme = course.ROOT / "README.md"
    branch = re.search(
        r"colab\.research\.google\.com/github/[^/]+/[^/]+/blob/(.+?)/notebooks/",
        readme.read_text(encoding="utf-8"),
    )
    old = (urls["Homepage"].removeprefix("https://github.com/"), branch[1] if branch else new[1])
    for path in pages():
        before = path.read_text(encoding="utf-8")
        after = rewrite(before, old, new)
        if path == readme:
            head, rest = after.split(BEGIN)
            after = f"{head}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{course.relative(path)}: rewritten")
    # The code of the notebooks is in step already, so that nothing is executed here.
    failed = False
    for text in course.lectures() + course.solutions():
        try:
            if course.notebook_of(text).exists():
                run_notebooks.make(text)
        except run_notebooks.NotInstalledError as error:
            print(f"{course.relative(course.notebook_of(text))}: {error}", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
