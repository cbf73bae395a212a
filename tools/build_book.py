"""Builds the book from the stored notebooks: `make site`.

The sources are staged first, in dist/book-source: the pages of docs/book, and the notebooks with
what a book wants to know about a cell. Nothing is executed. Sphinx then builds dist/site, and any
warning is an error.
"""

import html
import re
import shutil
import subprocess
import sys

import nbformat

import build_one_week
import course
import table_four_ways
from rnncourse.experiments import classics, costs
from rnncourse.frameworks import peers

PAGES = course.ROOT / "docs" / "book"
STAGED = course.ROOT / "dist" / "book-source"
FORMULA = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
BUILT = course.ROOT / "dist" / "site"
COVER = "unfolded_single_layer.svg"  # the picture of the start page


def as_environment(formula):
    r"""Returns a displayed formula of several lines as an environment; others as they are.

    Sphinx wraps `$$ a \\\\ b $$` in `split`, in which MathJax refuses a `\\tag`. The star keeps
    Sphinx from giving it a second number.
    """
    inside = formula[1]
    return f"\\begin{{equation*}}{inside}\\end{{equation*}}" if r"\\" in inside else formula[0]


def for_the_book(notebook):
    """Returns a notebook with what MyST-NB wants to know about its cells.

    The alt text of a picture stands in the metadata of its output; MyST-NB reads that of the cell.
    The cell that fetches the package in Colab and the solutions are folded.
    """
    code = course.code_cells(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(as_environment, cell.source)
    for cell in code:
        tags = cell.metadata.setdefault("tags", [])
        for output in cell.outputs:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt")
            if alt:
                cell.metadata["mystnb"] = {"image": {"alt": alt}}
        if cell is code[0]:
            tags.append("hide-input")
        if "solution" in tags:
            tags.append("hide-cell")
    return notebook


def offers(text):
    """Returns a line of links for the page of a lecture: every other form of it."""
    links = {"Notebook (.ipynb)": f"{text.stem}.ipynb"}
    if text in course.lectures():
        links["Slides"] = f"{course.published()}slides/{text.stem}.html"
        links["Handout (PDF)"] = f"{course.published()}handouts/{text.stem}.pdf"
        solution = next((s for s in course.solutions() if s.name == text.name), None)
        if solution:
            links["Solutions"] = f"solutions/{text.stem}.html"
    else:
        links["Lecture"] = f"../{text.stem}.html"
    if course.runs_in_browser(text):
        links["Run it in the browser"] = course.in_browser(text)
    saved = ' download="" type="application/x-ipynb+json"'
    shown = [
        f'<a href="{html.escape(address)}"{saved if name.startswith("Notebook") else ""}>{name}</a>'
        for name, address in links.items()
    ]
    return f'<p class="forms">{" · ".join(shown)}</p>'


def with_offers(notebook, text):
    """Returns a notebook with the line of links below its title."""
    first = notebook.cells[0]
    title, _, rest = first.source.partition("\n")
    first.source = f"{title}\n\n{offers(text)}\n{rest}"
    return notebook


def copy_pictures(notebook, folder):
    """Copy the pictures of a notebook's text to the same place in the staged sources.

    Args:
        notebook: of the folder `folder` of the repository.
        folder: where the notebook lies.

    Raises:
        ValueError: a picture is not there, or lies outside of the repository.
    """
    for cell in notebook.cells:
        found = course.LOCAL_PICTURE.findall(cell.source) if cell.cell_type == "markdown" else []
        for _, name in found:
            picture = course.picture(folder, name)
            target = STAGED / picture.relative_to(course.ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(picture, target)


def forms():
    """Returns the table of where the published forms of each lecture are."""
    rows = ["| lecture | published as |", "|---|---|"]
    for text in course.lectures():
        links = {
            "slides": f"{course.published()}slides/{text.stem}.html",
            "handout": f"{course.published()}handouts/{text.stem}.pdf",
        }
        if course.runs_in_browser(text):
            links["in the browser"] = course.in_browser(text)
        shown = ", ".join(f"[{name}]({address})" for name, address in links.items())
        rows.append(f"| {course.title(text)} | {shown} |")
    return "\n".join(rows)


def stage():
    """Writes the sources of the book anew."""
    shutil.rmtree(STAGED, ignore_errors=True)
    shutil.copytree(PAGES, STAGED)
    (STAGED / "figures").mkdir()
    shutil.copy(course.ROOT / "figures" / COVER, STAGED / "figures")
    made = {
        "index.md": ("../../figures/", "figures/"),
        "instructors.md": ("FORMS", forms()),
        "compute.md": ("COSTS", costs.markdown()),
        "classics.md": ("CLASSICS", classics.markdown()),
        "four_ways.md": ("WAYS", table_four_ways.tables()),
        "same_word.md": ("PEERS", peers.markdown()),
    }
    for name, (mark, text) in made.items():
        page = STAGED / name
        page.write_text(page.read_text(encoding="utf-8").replace(mark, text), "utf-8")
    whole = FORMULA.sub(as_environment, build_one_week.page(STAGED))
    (STAGED / f"{build_one_week.NAME}.md").write_text(whole, encoding="utf-8")
    for text in course.lectures() + course.solutions():
        stored = course.notebook_of(text)
        target = STAGED / stored.relative_to(course.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook = for_the_book(nbformat.read(stored, as_version=4))
        copy_pictures(notebook, stored.parent)
        nbformat.write(with_offers(notebook, text), target)


def main() -> int:
    """Stages, builds, and returns the exit status of Sphinx."""
    stage()
    shutil.rmtree(BUILT, ignore_errors=True)
    cache = STAGED.parent / "book-cache"
    options = ["-q", "-n", "-W", "--keep-going", "-d", str(cache)]
    command = [sys.executable, "-m", "sphinx", *options, str(STAGED), str(BUILT)]
    status = subprocess.run(command).returncode
    if status:  # a page that is kept is not read again, and its faults are not told again
        shutil.rmtree(cache, ignore_errors=True)
    for text in course.lectures() + course.solutions():
        stored = course.notebook_of(text)
        shutil.copy(stored, BUILT / stored.relative_to(course.ROOT))
    print(f"the book: {course.relative(BUILT)}/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main())
