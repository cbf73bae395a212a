"""Makes the exercises of a lecture an assignment of nbgrader: `make assignment N=week03_bptt`.

In dist/nbgrader, a course of nbgrader. `source/` has the lecturer's notebook: each exercise is a
cell with the solution between nbgrader's marks, and below it a locked one of one point in which the
exercise's checker judges. nbgrader validates it, and makes the students' notebook of it in
`release/`, with the stubs of the lecture. Its settings are tools/templates/nbgrader_config.py.
"""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

import course
import run_notebooks
from rnncourse.exercises import submission

BUILT = course.ROOT / "dist" / "nbgrader"
CONFIG = course.ROOT / "tools" / "templates" / "nbgrader_config.py"
WORDS = """\
# {title}: exercises

Replace each `raise NotImplementedError` by your answer, and run the locked cell below it: it stops,
and says what is wrong, until your answer is right. A number such as (3.4) is that of an equation of
the lecture."""
JUDGE = """\
from rnncourse import exercises

verdict = exercises.{name}({name})
assert verdict.passed, verdict.message"""
BEGIN, END = "    ### BEGIN SOLUTION", "    ### END SOLUTION"


def marked(cell, name: str, **what):
    """Returns a cell with what nbgrader is to know of it; `what` is not as in a plain answer."""
    kinds = {"grade": False, "locked": False, "solution": False, "task": False}
    about = {"schema_version": 3, "grade_id": name, "cell_type": "code", **kinds, **what}
    cell.metadata = nbformat.from_dict({"nbgrader": about})
    return cell


def imports_and_solutions(text: Path) -> tuple[list[ast.stmt], dict[str, str]]:
    """Returns what the solutions of a lecture import, and each by the name of its checker."""
    cells = course.code_cells(run_notebooks.read_text(text.parent / "solutions" / text.name))
    first = ast.parse(cells[0].source.removeprefix(course.install_lines()))
    found = {}
    for cell in cells:
        if "solution" in cell.metadata.get("tags", []):
            (name,) = submission.CALL.findall(cell.source)
            found[name] = cell.source.rpartition("\n")[0].rstrip()
    return [node for node in first.body if isinstance(node, (ast.Import, ast.ImportFrom))], found


def answer(solution: str, imports: list[ast.stmt], given: set[str]) -> str:
    """Returns an answer cell: the stub's first line, and the rest between nbgrader's marks.

    Args:
        solution: the source of one function.
        imports: what the notebook of the solutions imports.
        given: the names that the cells above set; the others are imported inside of the function.
    """
    tree = ast.parse(solution)
    wanted = submission.names(tree).used - given
    needed = [n for n in imports if wanted & submission.names(ast.Module([n], [])).given]
    lines, head = solution.splitlines(), tree.body[0].body[0].lineno - 1
    inside = [*(f"    {ast.unparse(node)}" for node in needed), *lines[head:]]
    return "\n".join([*lines[:head], BEGIN, *inside, END])


def assignment(text: Path) -> nbformat.NotebookNode:
    """Returns the lecturer's notebook of a lecture's exercises."""
    lecture = run_notebooks.read_text(text)
    notebook = nbformat.v4.new_notebook(metadata=lecture.metadata)
    words = nbformat.v4.new_markdown_cell(WORDS.format(title=course.title(text)))
    notebook.cells = [words, nbformat.v4.new_code_cell(course.install_lines())]
    imports, solutions = imports_and_solutions(text)
    begin = next(n for n, c in enumerate(lecture.cells) if submission.HEADING.search(c.source))
    given = set()
    for cell in lecture.cells[begin + 1 :]:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            break
        if "exercise" in cell.metadata.get("tags", []):
            (name,) = submission.CALL.findall(cell.source)
            cell.source = answer(solutions[name], imports, given)
            judge = nbformat.v4.new_code_cell(JUDGE.format(name=name))
            notebook.cells.append(marked(cell, name, solution=True))
            notebook.cells.append(marked(judge, f"{name}_test", grade=True, locked=True, points=1))
            continue
        if cell.cell_type == "code":
            given |= submission.names(ast.parse(cell.source)).given
        notebook.cells.append(cell)
    return course.with_pictures(notebook, course.notebook_of(text).parent)


def nbgrader(folder: Path, *arguments: str) -> str:
    """Runs nbgrader in the folder of a course, and returns what it says."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for alembic
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"nbgrader {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def make(text: Path, folder: Path) -> tuple[Path, Path]:
    """Makes the assignment of one lecture, in the folder of a course of nbgrader.

    Returns:
        The students' notebook, and the one with the solutions.
    """
    source = folder / "source" / text.stem / f"{text.stem}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CONFIG, folder)
    notebook = assignment(text)
    nbformat.write(notebook, source)
    if missing := course.missing(notebook.metadata):
        print(f"not validated: {', '.join(missing)} are not installed here")
    elif "Success" not in (said := nbgrader(folder, "validate", str(source))):
        sys.exit(f"{source}:\n{said}")
    nbgrader(folder, "generate_assignment", text.stem, "--create", "--force")
    return folder / "release" / source.relative_to(folder / "source"), source


def main(names: list[str]) -> int:
    """Makes the assignment of the lecture that is named, and returns the exit status."""
    for text in course.lectures():
        if [text.stem] == names:
            students, ours = map(course.relative, make(text, BUILT))
            print(f"for students: {students}; with the solutions: {ours}")
            return 0
    if names:
        sys.exit(f"no text notebooks/text/{' '.join(names)}.md")
    sys.exit("Which lecture? For example: make assignment N=week03_bptt")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
