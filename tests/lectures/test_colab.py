"""A lecture as Colab opens it: the notebook alone, the package from its wheel, no checkout."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import course
from rnncourse.threads import VARIABLES

LECTURE = "week02_mathematics.ipynb"  # it trains nothing, which makes it the quickest


class Machine:
    """A Python elsewhere, with the tools of the test environment but not the package.

    It sees the tools through its PYTHONPATH. Folders there are not searched for `.pth` files, and
    such a file is how the checkout is installed in the test environment.
    """

    def __init__(self, folder):
        venv.create(folder / "machine", with_pip=False, symlinks=True)
        self.python = str(folder / "machine" / "bin" / "python")
        self.packages = folder / "packages"  # where something is installed
        guard = folder / "guard"
        self.packages.mkdir()
        guard.mkdir()
        shutil.copy(course.OFFLINE / "sitecustomize.py", guard)
        self.attempts = folder / "attempts"
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in VARIABLES},
            "PYTHONPATH": os.pathsep.join(
                [str(self.packages), str(guard), sysconfig.get_path("purelib")]
            ),
            "OFFLINE_ATTEMPTS": str(self.attempts),
        }

    def run(self, code):
        """Runs code in a new process of this machine."""
        return subprocess.run(
            [self.python, "-c", code],
            cwd=self.packages.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def kernels(self):
        """Returns a folder for Jupyter with a kernel `colab` that is this machine's Python."""
        folder = self.packages.parent / "jupyter"
        kernel = folder / "kernels" / "colab"
        kernel.mkdir(parents=True)
        command = [self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Colab", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec))
        return str(folder)


def ask_pip(machine):
    """Runs the install lines in IPython with a recorder for %pip; returns what it was asked."""
    done = machine.run(f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
asked = []
shell.register_magic_function(asked.append, "line", "pip")
done = shell.run_cell({course.install_lines()!r})
print(done.success, *asked, sep="|")
""")
    assert done.returncode == 0, done.stderr
    success, *asked = done.stdout.splitlines()[-1].split("|")
    assert success == "True", done.stdout
    return asked


@pytest.fixture
def machine(tmp_path):
    made = Machine(tmp_path)
    absent = made.run("import numpy, matplotlib, tqdm; import rnncourse")
    assert "No module named 'rnncourse'" in absent.stderr
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*command, str(folder)], cwd=course.ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = course.ROOT / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "rnncourse").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == files
    assert any(name.endswith(".npz") for name in names)


def test_the_data_come_with_the_wheel(machine, wheel):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(machine.packages)
    done = machine.run(
        "from rnncourse import datasets\n"
        "print(len(datasets.japanese_vowels().train), datasets.__file__)"
    )
    assert done.stdout == f"270 {machine.packages / 'rnncourse' / 'datasets' / '__init__.py'}\n", (
        done.stderr
    )


def kinds(cell):
    """The kinds of a cell's outputs; text that came in two pieces is one."""
    return [kind for kind, _ in itertools.groupby(output.output_type for output in cell.outputs)]


def test_a_lecture_runs_alone(machine, wheel, tmp_path, monkeypatch):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(machine.packages)
    lecture = course.NOTEBOOKS / LECTURE
    alone = tmp_path / "content"
    alone.mkdir()
    shutil.copy(lecture, alone)
    notebook = nbformat.read(alone / lecture.name, as_version=4)
    code = course.code_cells(notebook)
    stored = [kinds(cell) for cell in code]
    asked = (
        "import sys, rnncourse, threadpoolctl\n"
        "print(rnncourse.__file__, *sys.path, sep='\\n')\n"
        "print({library['num_threads'] for library in threadpoolctl.threadpool_info()})"
    )
    notebook.cells.append(nbformat.v4.new_code_cell(asked))

    monkeypatch.setenv("JUPYTER_PATH", machine.kernels())
    client = NotebookClient(
        notebook,
        kernel_name="colab",
        timeout=120,
        resources={"metadata": {"path": str(alone)}},
    )
    client.execute(env=machine.environment)

    found, *path, taken = "".join(o.text for o in notebook.cells[-1].outputs).splitlines()
    assert taken == "{1}"  # thread, though no variable says so
    assert Path(found).parent == machine.packages / "rnncourse"
    # The empty entry is the kernel's own folder.
    assert not [p for p in path if p and Path(p).resolve() in (course.ROOT, course.ROOT / "src")]
    assert [p.name for p in alone.iterdir()] == [lecture.name]
    assert not machine.attempts.exists()
    # Every cell gave what it gives in the checkout: no error, no figure missing.
    code = course.code_cells(notebook)
    assert [kinds(cell) for cell in code[:-1]] == stored


def test_the_install_line_asks_for_the_repository(machine):
    repository, branch = course.address()
    asked = [f"install --quiet git+https://github.com/{repository}@{branch}"]
    assert ask_pip(machine) == asked


def test_the_install_line_asks_for_nothing_where_the_package_is(machine):
    (machine.packages / "rnncourse.py").write_text("")
    assert ask_pip(machine) == []
