"""The page on updates, walked through as it is printed: the new version comes, the answers stay."""

import os
import re
import shutil
import subprocess

import nbformat
import pytest

import course
import run_notebooks

PAGE = (course.ROOT / "docs" / "book" / "updates.md").read_text(encoding="utf-8")
BY_GIT, COMMITTED, BY_FOLDER = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LECTURE = "notebooks/week03_bptt.ipynb"
TEXT = "notebooks/text/week03_bptt.md"
ANSWER, NEW = "answer = 'solved'", "A sentence of the new version."


def run(command, folder):
    """Runs a command of a shell as somebody whom git does not know."""
    settings = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    return subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )


def sure(command, folder):
    """Runs a command that must succeed."""
    done = run(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def change(path, change_cell):
    notebook = nbformat.read(path, as_version=4)
    change_cell(notebook)
    nbformat.write(notebook, path)


def solve(path):
    """What a student does: an answer, and an output of it."""

    def answer(notebook):
        cell = run_notebooks.code_cells(notebook)[-1]
        cell.source, cell.outputs = ANSWER, [nbformat.v4.new_output("stream", text="done\n")]

    change(path, answer)


def renew(folder):
    """What the authors do meanwhile: a sentence, all outputs, and the text."""

    def edit(notebook):
        notebook.cells[0].source += f"\n\n{NEW}"
        for cell in run_notebooks.code_cells(notebook):
            cell.outputs = [nbformat.v4.new_output("stream", text="of another machine\n")]

    change(folder / LECTURE, edit)
    with (folder / TEXT).open("a") as text:
        text.write(NEW)


@pytest.fixture
def upstream(tmp_path):
    folder = tmp_path / "rnncourse-main"
    for name in (LECTURE, TEXT):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(course.ROOT / name, folder / name)
    return folder


IDENTITY = "git -c user.name=A -c user.email=a@example.org"


@pytest.fixture
def clone(upstream, tmp_path):
    """A student's clone with an answer in it, and a newer version upstream."""
    branch = course.address()[1]
    sure(f"git init -q -b {branch} && git add . && {IDENTITY} commit -qm one", upstream)
    sure("git clone -q rnncourse-main mine", tmp_path)
    solve(tmp_path / "mine" / LECTURE)
    renew(upstream)
    sure(f"{IDENTITY} commit -qam two", upstream)
    return tmp_path / "mine"


def holds(path):
    text = path.read_text(encoding="utf-8")
    assert nbformat.reads(text, as_version=4)  # it opens
    return ANSWER in text, NEW in text


def test_answers_survive_a_pull(clone):
    sure(BY_GIT, clone)
    (copy,) = clone.glob("my-answers-*")
    assert holds(copy / "week03_bptt.ipynb") == (True, False)
    assert holds(clone / LECTURE) == (False, True)
    assert ANSWER in sure("git stash show --patch", clone)
    sure(BY_GIT, clone)  # once more on the same day: nothing is overwritten
    assert holds(copy / "week03_bptt.ipynb") == (True, False)


def test_a_pull_alone_is_refused_and_changes_nothing(clone):
    before = (clone / LECTURE).read_bytes()
    done = run("git pull", clone)
    assert done.returncode != 0
    assert "Your local changes to the following files would be overwritten by merge" in done.stderr
    assert (clone / LECTURE).read_bytes() == before
    sure(BY_GIT, clone)
    assert holds(clone / LECTURE) == (False, True)


def test_answers_that_were_committed_survive(clone):
    sure(f"{IDENTITY} commit -qam 'My answers'", clone)
    sure(COMMITTED, clone)
    (copy,) = clone.glob("my-answers-*")
    assert holds(copy / "week03_bptt.ipynb") == (True, False)
    assert holds(clone / LECTURE) == (False, True)
    assert ANSWER in sure(f"git show {course.address()[1]}:{LECTURE}", clone)


def test_answers_survive_a_new_download(upstream, tmp_path):
    new = tmp_path / "new" / "rnncourse-main"
    shutil.copytree(upstream, new)
    renew(new)
    shutil.make_archive(tmp_path / "rnncourse-main", "zip", new.parent, new.name)
    solve(upstream / LECTURE)
    sure(BY_FOLDER, tmp_path)
    for kept in ("rnncourse-main/my-answers", "rnncourse-old/notebooks"):
        assert holds(tmp_path / kept / "week03_bptt.ipynb") == (True, False)
    assert holds(tmp_path / "rnncourse-main" / LECTURE) == (False, True)


def test_the_page_names_the_branch_and_the_folder_of_the_repository():
    repository, branch = course.address()
    assert f"origin/{branch}" in COMMITTED
    assert f"{repository.split('/')[1]}-{branch}.zip" in BY_FOLDER
