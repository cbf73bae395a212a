"""What JupyterLab opens and saves, asked of a real server: a student's, and an author's.

Both run with jupytext installed, as a student may have it, with the command of `make lab` and of
`make author`, over a folder of notebooks elsewhere.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
import yaml
from jupyter_client import BlockingKernelClient

import course
import new_week
import run_notebooks
from rnncourse.threads import VARIABLES

NAME = "week03_bptt"
LECTURE, TEXT = f"notebooks/{NAME}.ipynb", f"notebooks/text/{NAME}.md"
ANSWER = "answer = 'solved on Monday'"
PAIRING = json.loads((course.ROOT / "tools" / "lab" / "pairing.json").read_text(encoding="utf-8"))


class Server:
    """A JupyterLab over a copy of the notebooks."""

    def __init__(self, target, folder):
        self.root = folder / "course"
        for name in ("pyproject.toml", "environment.yml", LECTURE, TEXT):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(course.ROOT / name, self.root / name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        options = [
            "--no-browser --allow-root --IdentityProvider.token=t",
            f"--ServerApp.root_dir='{self.root}' --ServerApp.port={self.address.partition(':')[2]}",
        ]
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", "exec env " + command(target, " ".join(options))],
                cwd=course.ROOT,
                env=as_a_student(folder),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ask(self, method, path, body=None):
        """Returns what the server answers to a request, as its status and its parsed body."""
        request = urllib.request.Request(
            f"http://{self.address}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "token t"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait(self):
        """Waits until the server answers."""
        for _ in range(600):
            assert self.process.poll() is None, self.log.read_text()
            try:
                return self.ask("GET", "status")
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log.read_text())

    def reset(self):
        """Puts the notebook and its text back, both as old as now."""
        for name in (LECTURE, TEXT):
            shutil.copy(course.ROOT / name, self.root / name)

    def open(self):
        """Returns the notebook as JupyterLab is given it."""
        status, model = self.ask("GET", f"contents/{LECTURE}")
        assert status == 200, model
        for cell in model["content"]["cells"]:
            cell["metadata"].pop("trusted", None)  # a word of the server to its front end
        return nbformat.from_dict(model["content"])

    def save(self, notebook):
        """Saves a notebook as JupyterLab does."""
        body = {"type": "notebook", "format": "json", "content": notebook}
        status, answer = self.ask("PUT", f"contents/{LECTURE}", body)
        assert status == 200, answer

    def stored(self):
        """Returns the notebook that lies there."""
        return nbformat.read(self.root / LECTURE, as_version=4)

    def end(self):
        """Ends the server and its kernels."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def command(target, options):
    """Returns how a target of the Makefile opens JupyterLab, from the environment with jupytext."""
    ours = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
    line = subprocess.run(
        ["make", "-n", target, f"LAB_OPTIONS={options}"],
        cwd=course.ROOT,
        env={k: v for k, v in os.environ.items() if k not in ours},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[-1]
    assert f"/.venv/{target}/bin" in line and "-m jupyterlab" in line
    return line.replace(f"/.venv/{target}", "/.venv/author")


def as_a_student(home):
    """Returns the environment of a student: a home of its own, and none of what tests are given."""
    ours = {"PYTHONPATH", "MPLBACKEND", "TQDM_DISABLE", "OFFLINE_ATTEMPTS", *VARIABLES}
    kept = {k: v for k, v in os.environ.items() if k not in ours}
    return {**kept, "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    made = [sys.executable, str(course.ROOT / "tools" / "set_up.py"), "author"]
    subprocess.run(made, env=as_a_student(tmp_path_factory.mktemp("home")), check=True)
    both = {t: Server(t, tmp_path_factory.mktemp(t)) for t in ("lab", "author")}
    try:
        for server in both.values():
            server.wait()
        yield both
    finally:
        for server in both.values():
            server.end()


@pytest.fixture
def student(servers):
    servers["lab"].reset()
    return servers["lab"]


@pytest.fixture
def author(servers):
    servers["author"].reset()
    return servers["author"]


def solve(server, seconds):
    """Writes an answer into the stored notebook, `seconds` younger than its text."""
    notebook = server.stored()
    code = course.code_cells(notebook)[-1]
    code.source, code.outputs = ANSWER, [nbformat.v4.new_output("stream", text="said so\n")]
    nbformat.write(notebook, server.root / LECTURE)
    date(server, seconds)
    return notebook


def date(server, seconds):
    """Makes the notebook `seconds` younger than its text."""
    then = (server.root / TEXT).stat().st_mtime + seconds
    os.utime(server.root / LECTURE, (then, then))


def files(server):
    """Returns every file below the folder of a server, its checkpoints left out."""
    found = server.root.rglob("*")
    return {p for p in found if p.is_file() and ".ipynb_checkpoints" not in p.parts}


# ---- a student ----------------------------------------------------------------------------------


# A commit that renews outputs, or an author who ran `make notebooks`: the notebook is younger. A
# notebook of Monday in a clone of Tuesday: it is older.
@pytest.mark.parametrize("seconds", [-2 * 86400, -3, 0, 3, 2 * 86400])
def test_a_student_opens_the_notebook_that_lies_there(seconds, student):
    solved = solve(student, seconds)
    before, text = files(student), (student.root / TEXT).read_bytes()
    opened = student.open()
    assert opened.cells == solved.cells
    student.save(opened)
    assert student.stored().cells == solved.cells
    assert (student.root / TEXT).read_bytes() == text and files(student) == before


def test_a_student_who_opens_a_text_as_a_notebook_changes_no_notebook(student):
    solved = solve(student, -3)
    status, model = student.ask("GET", f"contents/{TEXT}?type=notebook")
    assert status == 200 and len(model["content"]["cells"]) == len(solved.cells)
    body = {"type": "notebook", "format": "json", "content": model["content"]}
    assert student.ask("PUT", f"contents/{TEXT}", body)[0] == 200
    assert student.stored().cells == solved.cells


def test_nothing_that_a_stranger_has_pairs_the_notebooks():
    extras = course.pyproject()["project"]["optional-dependencies"]
    assert not [entry for entry in extras["lab"] if "jupytext" in entry]
    assert "jupytext" not in course.pyproject()["tool"]
    names = subprocess.run(["git", "ls-files"], cwd=course.ROOT, capture_output=True, text=True)
    assert not re.findall(r"^(?:.*/)?\.?jupytext\b.*$", names.stdout, re.MULTILINE)
    for text in course.lectures() + course.solutions():
        header = yaml.safe_load(text.read_text(encoding="utf-8").split("---")[1])
        assert "formats" not in header["jupytext"]
        assert "jupytext" not in nbformat.read(course.notebook_of(text), 4).metadata


def shell_answer(server, line):
    """Returns what a line prints that is typed in a terminal of JupyterLab."""
    from tornado.ioloop import IOLoop
    from tornado.websocket import websocket_connect

    async def typed():
        name = server.ask("POST", "terminals", {})[1]["name"]
        socket = await websocket_connect(
            f"ws://{server.address}/terminals/websocket/{name}?token=t"
        )
        await socket.write_message(json.dumps(["stdin", f"{line}; echo 'do''ne'\r"]))
        said = ""
        while "done" not in said:
            kind, *rest = json.loads(await socket.read_message())
            said += rest[0] if kind == "stdout" else ""
        socket.close()
        return said

    return IOLoop(make_current=False).run_sync(typed, timeout=60)


def kernel_answer(server, code):
    """Returns what code prints in a kernel of JupyterLab, and how it ended."""
    made = server.ask("POST", "kernels", {"name": "python3", "path": "notebooks"})[1]
    runtime = server.log.parent / "runtime"
    client = BlockingKernelClient(connection_file=str(runtime / f"kernel-{made['id']}.json"))
    client.load_connection_file()
    client.start_channels()
    said = []
    answer = client.execute_interactive(
        code, timeout=60, output_hook=lambda message: said.append(message["content"].get("text"))
    )
    client.stop_channels()
    return answer["content"]["status"], "".join(filter(None, said))


def test_python_in_a_terminal_and_in_a_notebook_is_that_of_the_course(student):
    ours = str(course.ROOT / ".venv" / "author")
    assert ours in shell_answer(student, "python -c 'import sys, rnncourse; print(sys.prefix)'")
    code = """
import os, sys
assert not [name for name in os.environ if name.endswith("_NUM_THREADS")]
import numpy, rnncourse, scipy.linalg, threadpoolctl
print({library["num_threads"] for library in threadpoolctl.threadpool_info()}, sys.prefix)
!python -c 'import sys, rnncourse; print(sys.prefix)'
!python -m pip --version
!pip --version
%pip --version
"""
    status, said = kernel_answer(student, code)
    assert status == "ok" and said.startswith("{1} ") and said.count(ours) == 5, said


# ---- an author ----------------------------------------------------------------------------------


def test_pairs_are_described_alike_everywhere():
    said = {k: v for k, v in PAIRING["JupytextConfiguration"].items() if k != "formats"}
    texts = [text.read_text(encoding="utf-8") for text in course.lectures() + course.solutions()]
    template = (new_week.TEMPLATES / "lecture.md").read_text(encoding="utf-8")
    for text in [*texts, template]:
        header = yaml.safe_load(text.split("---")[1])["jupytext"]
        assert {k: v for k, v in header.items() if k != "text_representation"} == said


def make(server, monkeypatch):
    """Runs what `make notebooks` runs, over the folder of a server."""
    monkeypatch.setattr(course, "NOTEBOOKS", server.root / "notebooks")
    monkeypatch.setattr(course, "TEXT", server.root / "notebooks" / "text")
    return run_notebooks.make(server.root / TEXT)


@pytest.mark.parametrize("seconds", [-3, 3, 86400])
def test_an_author_opens_what_make_notebooks_left(seconds, author, monkeypatch):
    """Also where git wrote the notebook later than its text."""
    text = author.root / TEXT
    text.write_text(text.read_text().replace("# Week 3.", "# Week three."))
    date(author, seconds)
    assert make(author, monkeypatch) == "new text, outputs kept"
    assert text.stat().st_mtime_ns >= (author.root / LECTURE).stat().st_mtime_ns
    opened = author.open()
    assert opened.cells[0].source.startswith("# Week three.")
    assert [c.get("outputs") for c in opened.cells] == [
        c.get("outputs") for c in author.stored().cells
    ]


def test_an_author_opens_outputs_that_came_later_than_the_text(author):
    date(author, 3600)
    assert author.open().cells == author.stored().cells


def test_an_author_is_told_of_code_that_came_later_than_the_text(author):
    solve(author, 3600)
    status, answer = author.ask("GET", f"contents/{LECTURE}")
    assert (
        status == 400
        and "is more recent than" in answer
        and ANSWER in json.loads(answer)["message"]
    )


def test_what_an_author_saves_is_in_both_files_and_keeps_its_metadata(author, monkeypatch):
    before, text = author.stored(), (author.root / TEXT).read_text()
    opened = author.open()
    graded = {"grade_id": "bptt", "points": 2, "grade": True, "locked": False}
    cell = next(cell for cell in opened.cells if "exercise" in cell.metadata.get("tags", []))
    cell.metadata["nbgrader"] = graded
    opened.cells[0].source += "\n\nA word more."
    opened.metadata["language_info"]["version"] = "3.11.7"  # as JupyterLab does
    author.save(opened)
    stored = author.stored()
    for old, new in zip(before.cells, stored.cells, strict=True):
        new.metadata.pop("nbgrader", None)
        assert new.metadata == old.metadata and new.get("outputs") == old.get("outputs")
    written = (author.root / TEXT).read_text()
    gone = [line for line in text.splitlines() if line not in written.splitlines()]
    assert "A word more." in written and "grade_id: bptt" in written and not gone
    # `make notebooks` hands on what the text says, and runs what JupyterLab has saved.
    monkeypatch.setattr(run_notebooks, "execute", lambda notebook, folder: None)
    assert make(author, monkeypatch).startswith("executed")
    assert [c.metadata["nbgrader"] for c in author.stored().cells if "nbgrader" in c.metadata] == [
        graded
    ]
    assert author.stored().metadata == before.metadata
