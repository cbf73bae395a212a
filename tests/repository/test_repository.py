"""The repository as a stranger meets it: addresses, links, environments, imports, pairs."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

import course
import rewrite_address

PROJECT = course.pyproject()["project"]
PACKAGE = course.ROOT / "src" / "rnncourse"
ADDRESS = REPOSITORY, BRANCH = course.address()


def tracked():
    """The files of the repository; outside a git checkout, all but what make makes."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=course.ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        files = [course.ROOT / name for name in listed.stdout.split("\0") if name]
        return [path for path in files if path.is_file()]
    made = {".venv", ".git", ".pytest_cache", ".ruff_cache", ".hypothesis", "dist", "__pycache__"}
    return [
        path
        for path in course.ROOT.rglob("*")
        if path.is_file() and not made & set(path.relative_to(course.ROOT).parts)
    ]


FILES = tracked()
# Not the tools and tests, whose code holds patterns of addresses.
PUBLISHED = [
    path
    for path in FILES
    if path.suffix in {".md", ".ipynb", ".cff", ".toml", ".yml", ".yaml", ".svg"}
    or (path.suffix == ".py" and PACKAGE in path.parents)
]


# ---- addresses and links ------------------------------------------------------------------------


def test_address_is_well_formed():
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", REPOSITORY)
    assert re.fullmatch(r"[\w./-]+", BRANCH)


def test_a_fork_changes_one_place():
    """Every address of every file moves to the fork's, and back again; the table is made anew."""
    fork = ("physics-101/rnn.notes", "trunk")
    ours = re.compile(rf"{REPOSITORY}[@/]{BRANCH}|github\.com/{REPOSITORY}|{course.published()}")
    table, installs = rewrite_address.table(), 0
    for path in PUBLISHED:
        before = path.read_text(encoding="utf-8").replace(table, "")
        moved = rewrite_address.rewrite(before, ADDRESS, fork)
        assert rewrite_address.rewrite(moved, fork, ADDRESS) == before
        assert not ours.search(moved), course.relative(path)
        installs += moved.count("git+https://github.com/physics-101/rnn.notes@trunk")
    assert installs >= 2 * len(course.lectures())  # text and notebook


def test_metadata_follows_from_the_address():
    assert PROJECT["urls"]["Homepage"] == f"https://github.com/{REPOSITORY}"
    citation = yaml.safe_load((course.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["repository-code"] == f"https://github.com/{REPOSITORY}"


def test_readme_lists_exactly_the_lectures():
    readme = (course.ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == rewrite_address.with_table(readme), "run: make links"


def anchors(path):
    """The anchors that GitHub gives to the headings of a Markdown file."""
    headings = re.findall(r"^#+ +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


MARKDOWN = [path for path in FILES if path.suffix == ".md"]


def folder_of_links(path):
    """Where a relative link starts: a lecture's text is read as the notebook made from it."""
    return course.notebook_of(path).parent if course.TEXT in path.parents else path.parent


@pytest.mark.parametrize("path", MARKDOWN, ids=course.relative)
def test_relative_links_exist(path):
    text = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", "", path.read_text(encoding="utf-8"), flags=re.S)
    targets = re.findall(r"\]\(([^)\s]+)[^)]*\)|(?:src|href)=\"([^\"]+)\"", text)
    for target in map("".join, targets):
        if re.match("https?://", target):  # test_links.py looks at these
            continue
        name, _, anchor = target.partition("#")
        found = (folder_of_links(path) / name).resolve() if name else path
        assert found.exists(), f"{target} leads nowhere"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{target}: no such heading"


FOLDERS = {name.split("/")[0] for name in map(course.relative, FILES) if "/" in name}
NAMED_FILE = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]+\.\w+")


@pytest.mark.parametrize("path", PUBLISHED, ids=course.relative)
def test_files_that_a_text_names_are_there(path):
    """In words and in code; a week's `_topic` stands for any."""
    named = set(NAMED_FILE.findall(path.read_text(encoding="utf-8")))
    assert not [n for n in named if not (course.ROOT / n).exists() and "_topic" not in n]


@pytest.mark.parametrize("path", MARKDOWN, ids=course.relative)
def test_images_of_the_pages_have_alt_text(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"!\[\s*\]\(", text)
    assert all(re.search(r'alt="[^"]+"', image) for image in re.findall(r"<img\b[^>]*>", text))


# ---- environments -------------------------------------------------------------------------------


def test_conda_environment_is_that_of_pyproject():
    environment = yaml.safe_load((course.ROOT / "environment.yml").read_text(encoding="utf-8"))
    names = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    by_pip = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert environment["channels"] == ["conda-forge"]
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]
    wanted = [entry.partition(";")[0] for entry in wanted]
    assert sorted(names) == sorted([*wanted, "python" + PROJECT["requires-python"], "pip"])
    assert by_pip == [["-e ."]]


def test_an_upper_bound_has_its_reason_beside_it():
    lines = (course.ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if re.match(r'\s*"[\w-]+[^"]*(<|==|~=)[^"]*",?$', line):
            assert lines[number - 1].strip().startswith("#"), line


def test_bounds_are_the_promised_ones():
    assert PROJECT["requires-python"] == ">=3.11"
    assert PROJECT["dependencies"][:2] == ["numpy>=2.0", "matplotlib>=3.8"]
    # With JupyterLab installed, every import of nbformat takes seconds longer.
    assert not [
        d for d in PROJECT["optional-dependencies"]["test"] if "lab" in d or "notebook" in d
    ]


def test_make_help_lists_every_target():
    makefile = (course.ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    targets = {name for name in phony if not name.startswith("env-")}
    described = set(re.findall(r"^([a-z-]+):.*## .+$", makefile, re.MULTILINE))
    assert targets == described
    for page in ("README.md", "CONTRIBUTING.md"):
        named = re.findall(r"\bmake ([a-z-]+)\b", (course.ROOT / page).read_text(encoding="utf-8"))
        assert named and set(named) <= targets


def test_where_is_what_names_what_is_there():
    text = (course.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Where is what")[2].partition("\n## ")[0]
    paths = re.findall(r"`([\w./]+/[\w./]*|Makefile)`", table)
    folders = {path.split("/")[0] for path in paths}
    assert folders >= {"src", "tests", "tools", "docs", "notebooks", "benchmarks", "findings"}
    assert [path for path in paths if not (course.ROOT / path).exists()] == []


def test_every_target_ends_with_a_line_that_says_where_the_result_is():
    """The line is the Makefile's, or of the tool that ends the recipe; JupyterLab says its own."""
    makefile = (course.ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^([a-z-]+):.* ## .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert len(recipes) == makefile.count(" ## ")
    for target, recipe in recipes:
        last = recipe.splitlines()[-1].strip()
        tool = re.search(r"tools/\w+\.py", last)
        if tool:
            assert "print(" in (course.ROOT / tool[0]).read_text(encoding="utf-8")
        else:
            assert re.match(r"\$\((SAY|call RUN_ALL|OPEN_LAB)\b|@awk", last), target


# ---- what is in the repository, and what is not -------------------------------------------------


def test_every_exercise_has_its_solution():
    with_exercises = {
        text.name
        for text in course.lectures()
        if re.search(r"^## Exercises", text.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert with_exercises == {text.name for text in course.lectures()}
    assert {text.name for text in course.solutions()} == with_exercises


# Spelled in pieces, so that this file does not hold what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        [
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "npm" + r"js\.(org|com)",
            "index" + r"[-_]url\W{1,4}\w+://(?!\w\.example/)",
            r"(?<![\w.])/(?:" + "root|home|Users|work" + r")/\w",
            r"(?<![\w.])/" + "tmp/",
        ]
    )
)


def test_no_file_names_a_registry_or_a_folder_of_some_machine():
    found = []
    for path in FILES:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.suffix == ".ipynb":
            text = re.sub(r"[A-Za-z0-9+/=]{200,}", "", text)  # pictures
        found += [f"{course.relative(path)}: {match[0]}" for match in FORBIDDEN.finditer(text)]
    assert not found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=course.relative)
def test_no_word_of_a_docstring_is_a_link_by_accident(path):
    """In the book's pages of the package a word that ends in _ points to a place of that name."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        text = isinstance(node, kinds) and ast.get_docstring(node) or ""
        outside = re.sub(r"`[^`]*`", "", text)
        assert re.findall(r"(?<!\w)\w+_(?=[]\s'\")}>/:.,;!?-]|$)", outside) == []


def test_what_is_made_is_not_stored():
    made = re.compile(
        r"(^|/)(\.venv|__pycache__|\.ipynb_checkpoints|\.pytest_cache|dist)/|\.pyc$|uv\.lock$"
    )
    assert not [course.relative(p) for p in FILES if made.search(course.relative(p))]


def test_licenses_of_code_and_text_are_named_apart():
    assert PROJECT["license"] == "MIT"
    code = (course.ROOT / "LICENSE").read_text(encoding="utf-8")
    text = (course.ROOT / "LICENSE-TEXT").read_text(encoding="utf-8")
    assert code.startswith("MIT License") and "The rnncourse authors" in code
    assert "CC-BY-4.0" in text and "https://creativecommons.org/licenses/by/4.0/" in text
    readme = (course.ROOT / "README.md").read_text(encoding="utf-8")
    assert "(LICENSE)" in readme and "(LICENSE-TEXT)" in readme


def test_citation_has_the_version_of_the_package_and_the_name_of_the_course():
    citation = yaml.safe_load((course.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    version = re.search(r'__version__ = "(.*)"', (PACKAGE / "__init__.py").read_text())[1]
    book = (course.ROOT / "docs" / "book" / "index.md").read_text(encoding="utf-8")
    assert citation["version"] == version and citation["title"] == course.name_of_the_course()
    assert book.startswith(f"# {course.name_of_the_course()}\n")
    assert citation["cff-version"] == "1.2.0"


def test_readme_example_runs():
    """The Python blocks of the README are doctests."""
    import doctest

    readme = Path(course.ROOT, "README.md")
    result = doctest.testfile(str(readme), module_relative=False)
    assert result.attempted >= 3 and result.failed == 0
