"""What the tools and the tests of this repository know about it: where it lives and what it holds.

The repository's address stands in pyproject.toml under `[tool.rnncourse]` and nowhere else; every
link is derived from it here. A lecture is the text notebooks/text/weekNN_topic.md and the executed
notebook of the same name in notebooks/; its solutions are the same pair in the folders
notebooks/text/solutions/ and notebooks/solutions/. A notebook that needs more than the others names
it in its metadata, and so in the header of its text: `rnncourse: {needs: [torch]}`.
"""

import base64
import mimetypes
import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
TEXT = NOTEBOOKS / "text"
OFFLINE = ROOT / "tests" / "support" / "offline"  # on every kernel's PYTHONPATH: no network

SLIDE_TAGS = ("skip", "notes", "subslide")
LOCAL_PICTURE = re.compile(r"!\[([^\]]*)\]\((?!https?:|data:|attachment:)([^)\s]+)[^)]*\)")


def pyproject() -> dict:
    """Returns the parsed pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_of_the_course() -> str:
    """Returns the name of the course, the heading of the README."""
    return (ROOT / "README.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def address() -> tuple[str, str]:
    """Returns the repository as `owner/name`, and its branch."""
    settings = pyproject()["tool"]["rnncourse"]
    return settings["repository"], settings["branch"]


def path_of_test(test: str) -> str:
    """Returns "tests/package/test_esn.py::name" of "test_esn.py::name": no name is given twice.

    Raises:
        FileNotFoundError: if no file of tests/ has this name.
    """
    file, colons, name = test.partition("::")
    for path in (ROOT / "tests").rglob(file):
        return relative(path) + colons + name
    raise FileNotFoundError(f"{file} is nowhere in tests/")


def lectures() -> list[Path]:
    """Returns the texts of the lectures, in the order of the weeks."""
    return sorted(TEXT.glob("week*.md"))


def solutions() -> list[Path]:
    """Returns the texts of the solutions, in the order of the weeks."""
    return sorted((TEXT / "solutions").glob("week*.md"))


def notebook_of(text: Path) -> Path:
    """Returns the notebook that belongs to a text: notebooks/text/a.md -> notebooks/a.ipynb."""
    return (NOTEBOOKS / text.relative_to(TEXT)).with_suffix(".ipynb")


def relative(path: Path) -> str:
    """Returns a path as it is written inside the repository, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def needs(metadata: dict) -> list[str]:
    """Returns what a notebook must import that not all of them do, from its metadata."""
    return list(metadata.get("rnncourse", {}).get("needs", []))


def missing(metadata: dict) -> list[str]:
    """Returns those of what a notebook needs that are not installed here."""
    return [name for name in needs(metadata) if find_spec(name) is None]


def week(text: Path) -> int:
    """Returns the number of the week of a text: notebooks/text/week05_lstm.md -> 5."""
    return int(text.stem[4:6])


def runs_in_browser(text: Path) -> bool:
    """Returns whether a text is in the edition for the browser alone: it `needs` nothing else."""
    import yaml  # here, since `make new-week` runs without the packages of an environment

    lecture = TEXT / text.name  # a solution is where its lecture is
    return not needs(yaml.safe_load(lecture.read_text(encoding="utf-8").split("---")[1]))


def title(text: Path) -> str:
    """Returns the title of a lecture: its first heading."""
    lines = text.read_text(encoding="utf-8").splitlines()
    return next(line[2:].strip() for line in lines if line.startswith("# "))


def install_lines() -> str:
    """Returns the lines that open the first code cell of every lecture."""
    repository, branch = address()
    return (
        "try:\n"
        "    import rnncourse\n"
        "except ImportError:  # in Colab: fetch the package of this course\n"
        f"    %pip install --quiet git+https://github.com/{repository}@{branch}"
    )


def published(repository: str = "") -> str:
    """Returns where GitHub publishes the built forms of a repository, ours by default.

    The address ends with a slash.
    """
    owner, name = (repository or address()[0]).split("/")
    host = f"{owner}.github.io"
    return f"https://{host}/" if name == host else f"https://{host}/{name}/"


def in_browser(text: Path) -> str:
    """Returns where a lecture or its solutions open in the published edition for the browser."""
    path = quote(notebook_of(text).relative_to(NOTEBOOKS).as_posix(), safe="")
    return f"{published()}lite/notebooks/index.html?path={path}"


def launch_links(text: Path) -> dict[str, str]:
    """Returns where a lecture opens: Binder, Colab, the browser alone, and its text on GitHub."""
    repository, branch = address()
    notebook = relative(notebook_of(text))
    return {
        "Binder": (
            f"https://mybinder.org/v2/gh/{repository}/{branch}"
            f"?urlpath={quote('lab/tree/' + notebook, safe='')}"
        ),
        "Colab": f"https://colab.research.google.com/github/{repository}/blob/{branch}/{notebook}",
        **({"browser": in_browser(text)} if runs_in_browser(text) else {}),
        "text": relative(text),
    }


def picture(folder: Path, name: str) -> Path:
    """Returns the file of a picture that a text in `folder` shows.

    Raises:
        ValueError: it is not there, or lies outside of the repository.
    """
    found = (folder / name).resolve()
    if not found.is_file() or not found.is_relative_to(ROOT):
        raise ValueError(f"the picture {name} of a text in {relative(folder)}/ is not there")
    return found


def with_pictures(notebook, folder: Path):
    """Returns a notebook whose text holds its local pictures itself, as data.

    Args:
        notebook: of the folder `folder`; a copy, which is changed.
        folder: where the notebook lies.

    Raises:
        ValueError: a picture is not there.
    """

    def held(match):
        kind = mimetypes.guess_type(match[2])[0]
        data = base64.b64encode(picture(folder, match[2]).read_bytes()).decode()
        return f"![{match[1]}](data:{kind};base64,{data})"

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LOCAL_PICTURE.sub(held, cell.source)
    return notebook


def code_cells(notebook) -> list:
    """Returns the cells of a notebook that hold code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def slide_type(cell) -> str:
    """Returns the slide type of a cell, by rule and not by hand.

    A markdown cell that opens with `# ` or `## ` begins a slide, one that opens with `### ` a
    subslide; every other cell continues the slide it stands on ("-"). A tag `skip`, `notes` or
    `subslide` overrides this. JupyterLab and nbconvert read the type from the notebook, `make
    slides` the tags.
    """
    for tag in cell.metadata.get("tags", []):
        if tag in SLIDE_TAGS:
            return tag
    if cell.cell_type == "markdown":
        if cell.source.startswith(("# ", "## ")):
            return "slide"
        if cell.source.startswith("### "):
            return "subslide"
    return "-"
