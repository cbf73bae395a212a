"""The page on updates, walked through as it is printed: the new version comes, the answers stay."""

import os
import re
import shutil
import subprocess

import nbformat
import pytest

import course

PAGE = (course.ROOT / "docs" / "book" / "updates.md").read_text(encoding="utf-8")
BY_GIT, COMMITTED, BY_FOLDER = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
LECTURE = "notebooks/week03_bptt.ipynb"
TEXT = "notebooks/text/week03_bptt.md"
ANSWER, NEW = "answer = 'solved'", "A sentence of the new version."


def run(command, folder, fails=False):
    """Runs a command of a shell as somebody whom git does not know; returns what it prints."""
    settings = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    done = subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert bool(done.returncode) == fails, done.stdout
    return done.stdout


def solve(path):
    """What a student does: an answer, and an output of it."""
    notebook = nbformat.read(path, as_version=4)
    cell = course.code_cells(notebook)[-1]
    cell.source, cell.outputs = ANSWER, [nbformat.v4.new_output("stream", text="done\n")]
    nbformat.write(notebook, path)


def renew(folder):
    """What the authors do meanwhile: a sentence, all outputs, and the text."""
    notebook = nbformat.read(folder / LECTURE, as_version=4)
    notebook.cells[0].source += f"\n\n{NEW}"
    for cell in course.code_cells(notebook):
        cell.outputs = [nbformat.v4.new_output("stream", text="of another machine\n")]
    nbformat.write(notebook, folder / LECTURE)
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
    run(f"git init -q -b {branch} && git add . && {IDENTITY} commit -qm one", upstream)
    run("git clone -q rnncourse-main mine", tmp_path)
    solve(tmp_path / "mine" / LECTURE)
    renew(upstream)
    run(f"{IDENTITY} commit -qam two", upstream)
    return tmp_path / "mine"


def holds(path):
    text = path.read_text(encoding="utf-8")
    assert nbformat.reads(text, as_version=4)  # it opens
    return ANSWER in text, NEW in text


def test_answers_survive_a_pull(clone):
    run(BY_GIT, clone)
    (copy,) = clone.glob("my-answers-*")
    assert holds(copy / "week03_bptt.ipynb") == (True, False)
    assert holds(clone / LECTURE) == (False, True)
    assert ANSWER in run("git stash show --patch", clone)
    run(BY_GIT, clone)  # once more on the same day: nothing is overwritten
    assert holds(copy / "week03_bptt.ipynb") == (True, False)


def test_a_pull_alone_is_refused_and_changes_nothing(clone):
    before = (clone / LECTURE).read_bytes()
    said = run("git pull", clone, fails=True)
    assert "Your local changes to the following files would be overwritten by merge" in said
    assert (clone / LECTURE).read_bytes() == before
    run(BY_GIT, clone)
    assert holds(clone / LECTURE) == (False, True)


def test_answers_that_were_committed_survive(clone):
    run(f"{IDENTITY} commit -qam 'My answers'", clone)
    run(COMMITTED, clone)
    (copy,) = clone.glob("my-answers-*")
    assert holds(copy / "week03_bptt.ipynb") == (True, False)
    assert holds(clone / LECTURE) == (False, True)
    assert ANSWER in run(f"git show {course.address()[1]}:{LECTURE}", clone)


@pytest.mark.parametrize("commands", [BY_GIT, COMMITTED])
def test_the_version_after_that_comes_too(clone, upstream, commands):
    run(f"{IDENTITY} commit -qam 'My answers'", clone)
    with (clone / LECTURE).open("a") as file:  # JupyterLab has written it once more since
        file.write("\n")
    run(COMMITTED, clone)
    run("git branch --move yesterday", clone)  # and the copies are named by the day, too
    solve(clone / LECTURE)
    if commands == COMMITTED:
        run(f"{IDENTITY} commit -qam 'More answers'", clone)
    with (upstream / TEXT).open("a") as text:
        text.write("Three.")
    run(f"{IDENTITY} commit -qam three", upstream)
    run(commands, clone)
    assert (clone / TEXT).read_text().endswith("Three.")
    assert holds(clone / LECTURE) == (False, True)


def test_answers_survive_a_new_download(upstream, tmp_path):
    new = tmp_path / "new" / "rnncourse-main"
    shutil.copytree(upstream, new)
    renew(new)
    shutil.make_archive(tmp_path / "rnncourse-main", "zip", new.parent, new.name)
    solve(upstream / LECTURE)
    run(BY_FOLDER, tmp_path)
    for kept in ("rnncourse-main/my-answers", "rnncourse-old/notebooks"):
        assert holds(tmp_path / kept / "week03_bptt.ipynb") == (True, False)
    assert holds(tmp_path / "rnncourse-main" / LECTURE) == (False, True)


def test_the_page_names_the_branch_and_the_folder_of_the_repository():
    repository, branch = course.address()
    assert f"origin/{branch}" in COMMITTED
    assert f"{repository.split('/')[1]}-{branch}.zip" in BY_FOLDER
