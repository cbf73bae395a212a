"""Marks of submitted notebooks: each gets what the notebook showed, and spoils no other one."""

import ast
import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

import course
import run_notebooks
from rnncourse import exercises
from rnncourse.exercises import __main__ as command
from rnncourse.exercises import marks, session, submission
from slips import SLIPS, SOLUTIONS, STUBS

# A week with five exercises: the first one that is there.
WEEK = next(week for week, checkers in exercises.CHECKERS.items() if len(checkers) >= 5)
SOLVED = next(t for t in course.solutions() if course.week(t) == WEEK)
NAMES = [check.__name__ for check in exercises.CHECKERS[WEEK]]
WRONG, FOR = next((wrong, right) for name, wrong, right in SLIPS[WEEK] if name == NAMES[0])
# What students wrote for the exercises of week 1, and what is said about it.
FAILURES = {
    NAMES[0]: (SOLUTIONS[NAMES[0]].replace(FOR, WRONG), "Not right yet"),
    NAMES[1]: (f"import os\ndef {NAMES[1]}(*args): os._exit(3)", "with status 3"),
    NAMES[2]: (f"def {NAMES[2]}(*args):\n    while True: pass", "stopped after 3 s"),
    NAMES[3]: (f"def {NAMES[3]}(:", "no valid Python"),
    NAMES[4]: (f"def {NAMES[4]}(*args): return 1 / 0", "ZeroDivisionError"),
}
BEGINNINGS = ("Right.", "Not right yet", "Not done yet", "It stops with")
IMPORTS = """import numpy as np
from rnncourse import esn, exercises, gru, linear, lstm, rnn, tasks
from rnncourse.params import ravel, unravel"""
RIGHT = f"{SOLUTIONS[NAMES[0]].strip()}\nexercises.{NAMES[0]}({NAMES[0]})"
# What a student may write for exercises.NAME(NAME), and for the cell around it.
SPELLINGS = [
    "{source}\nexercises.{name}({name})",
    "from rnncourse.exercises import {name} as check\n{source}\ncheck({name})",
    "import rnncourse.exercises as ex\n{source}\nv = ex.{name}({name}); v",
    "import rnncourse\n{source}\nrnncourse.exercises.{name}(attempt={name})",
    "{source}\nfor f in [{name}]:\n    print(exercises.{name}(f))",
    "{source}\nsolution = {name}\ndel {name}\nexercises.{name}(solution)",
    "{source}\ndef shown():\n    return exercises.{name}({name})\nshown()",
    "{source}\nwith np.errstate(all='ignore'):\n    v = exercises.{name}({name})\nv",
    "{source}\ngetattr(exercises, '{name}')(lambda *args: {name}(*args))",
    "{source}\nprint(f'{{exercises.{name}({name})}}')",
    "import functools\n{source}\nexercises.{name}(functools.partial({name}))",
    # the same helper and the same constant in each cell, with another meaning
    "FACTOR = {n}\n{source}\ndef attempt(*args):\n"
    "    return {name}(*args) if FACTOR == {n} else None\nexercises.{name}(attempt)",
    "%%time\n{source}\nexercises.{name}({name})",
    "%matplotlib inline\nfiles = !ls\n{source}\nnp.sum?\n!echo done\nexercises.{name}({name})",
    "import asyncio\nawait asyncio.sleep(0)\n{source}\nexercises.{name}({name})",
    "{source}\nrest = ({n}\n    % 7)\nexercises.{name}({name})",
]


def needs(*names):
    """Leave a test out where a week is left out whose exercises its students do."""
    lacking = sorted(set(names) - set(SOLUTIONS))
    return pytest.mark.skipif(bool(lacking), reason=f"no exercise {lacking} in this copy")


def submitted(folder, change=lambda name, source: source):
    """Write a lecture with the solutions in its exercises, each changed, and return its path."""
    lecture = run_notebooks.read_text(course.TEXT / SOLVED.name)
    for cell in course.code_cells(lecture):
        for name in marks.CALL.findall(cell.source):
            cell.source = change(name, f"{SOLUTIONS[name]}\nexercises.{name}({name})")
    path = folder / "submitted.ipynb"
    nbformat.write(lecture, path)
    return path


def written(folder, *cells, name="small"):
    """Write a notebook of the given code cells after one of imports, and return its path."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.ipynb"
    code = [nbformat.v4.new_code_cell(source) for source in (IMPORTS, *cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=code), path)
    return path


def rows(capsys, *arguments):
    status = command.main(list(map(str, arguments)))
    return status, list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def judged(path, seconds=60.0):
    """Return the messages about a notebook, without those about exercises that it lacks."""
    found = marks.verdicts(path, seconds)
    assert all(v.passed == (v.message == "Right.") for v in found.values())
    return {n: v.message for n, v in found.items() if not v.message.startswith("Missing")}


def test_solutions_get_all_marks(tmp_path, capsys):
    status, found = rows(capsys, submitted(tmp_path))
    assert status == 0
    assert [row["exercise"] for row in found] == NAMES
    assert {(row["passed"], row["message"]) for row in found} == {("1", "Right.")}


def test_each_kind_of_failure_is_named_and_stays_alone(tmp_path, capsys):
    """A wrong answer, an end of Python, an endless loop, no Python, and an exception."""

    def spoil(name, source):
        return f"{FAILURES[name][0]}\nexercises.{name}({name})"

    start = time.monotonic()
    _, found = rows(capsys, submitted(tmp_path, spoil), "--seconds", "3")
    assert time.monotonic() - start < 60
    assert [row["exercise"] for row in found] == NAMES
    for row in found:
        assert row["passed"] == "0"
        assert FAILURES[row["exercise"]][1] in row["message"], row


def test_a_deleted_exercise_is_missing(tmp_path):
    path = submitted(tmp_path, lambda name, source: "" if name == NAMES[1] else source)
    assert marks.expected(path) == NAMES
    assert marks.judge(path, NAMES[1]).message.startswith("Missing")
    nothing = submitted(tmp_path, lambda name, source: "")
    assert marks.expected(nothing) == NAMES, "the title says which week it is"


def drawn_cells(rng, entries, shift):
    """Return one student's cells: for each exercise one of its entries, in one of the spellings."""
    found = []
    for n, name in enumerate(entries):
        source = rng.choice(entries[name]).strip()
        spelling = SPELLINGS[(n + shift) % len(SPELLINGS)]
        found.append((name, spelling.format(source=source, name=name, n=n)))
    return found


def seen(path, names):
    """Return what a kernel shows below the cell of each exercise, the import cell left out."""
    notebook = nbformat.read(path, 4)
    client = NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}})
    client.allow_errors = True
    client.execute()
    texts = {}
    for name, cell in zip(names, notebook.cells[1:], strict=True):
        shown = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs]
        texts[name] = next(text for text in reversed(shown) if text.startswith(BEGINNINGS)).strip()
    return texts


def test_marks_are_what_each_student_saw(tmp_path):
    """Every exercise with its solution, its stub or a slip, in every spelling, in a real kernel."""
    entries = {name: 4 * [SOLUTIONS[name]] + [STUBS[name]] for name in SOLUTIONS}
    for name, wrong, right in (slip for week in exercises.CHECKERS for slip in SLIPS[week]):
        entries[name].append(SOLUTIONS[name].replace(right, wrong))
    names, cells = zip(*drawn_cells(random.Random(0), entries, 0), strict=True)
    path = written(tmp_path, *cells)
    shown, found = seen(path, names), judged(path)
    assert found == shown
    assert list(found) == marks.expected(path), "in the order of the lectures"
    n_right = sum(text == "Right." for text in shown.values())
    assert len(entries) // 4 < n_right < len(entries), "neither all right nor all wrong"


@needs("symmetric_gradient", "rate_of_two_biases", "chrono_biases", "hessian_product")
@needs("new_damping")
def test_names_are_those_at_the_call_and_the_last_call_counts(tmp_path):
    path = written(
        tmp_path,
        "def half(a, b): return (a + b) / 2",
        "def symmetric_gradient(dW): return half(dW, dW.T)\n"
        "exercises.symmetric_gradient(symmetric_gradient)",
        "def half(a, b, c): return 0\nhalves = []",
        "for k in range(2):\n    halves.append(0.5)",
        "def solution(eta): return halves[1] * eta\nexercises.rate_of_two_biases(solution)",
        "halves.clear()\ndel solution",
        "exercises.chrono_biases(lambda b: 0 * b)",
        SOLUTIONS["chrono_biases"] + "\nexercises.chrono_biases(chrono_biases)",
        f"exercises.hessian_product(lambda g, theta, v: v)\n1 / 0\n{SOLUTIONS['hessian_product']}",
        "exercises.new_damping(lambda *args: 0.0)",
    )
    found = judged(path)
    assert {name for name, text in found.items() if text == "Right."} == {
        "symmetric_gradient",
        "rate_of_two_biases",
        "chrono_biases",
    }
    assert found["hessian_product"].startswith("Not right yet")
    assert found["new_damping"].startswith("Not right yet")


@needs("symmetric_gradient", "rate_of_two_biases", "chrono_biases")
def test_the_folder_is_on_the_path_and_the_first_error_is_named(tmp_path):
    (tmp_path / "my_tools.py").write_text("def mean2(a, b): return (a + b) / 2")
    (tmp_path / "numbers.csv").write_text("0.5")
    path = written(
        tmp_path,
        "from my_tools import mean2",
        "exercises.symmetric_gradient(lambda dW: mean2(dW, dW.T))",
        "half = float(np.loadtxt('numbers.csv'))\nfrom tools_of_mine import log",
        "exercises.rate_of_two_biases(lambda eta: half * eta)",
        "exercises.chrono_biases(lambda b: log(b))",
        "undefined",
    )
    found = judged(path)
    assert found["symmetric_gradient"] == found["rate_of_two_biases"] == "Right."
    assert "NameError: name 'log' is not defined" in found["chrono_biases"]
    assert "ModuleNotFoundError: No module named 'tools_of_mine'" in found["chrono_biases"]


@needs("chrono_biases", "warm_variance", "new_damping", "reset_before", "packed", "adder")
def test_a_checker_of_the_student_is_not_asked(tmp_path):
    path = written(
        tmp_path,
        "class exercises:\n    chrono_biases = warm_variance = print",
        "exercises.chrono_biases(lambda b: b)",
        SOLUTIONS["warm_variance"] + "\nexercises.warm_variance(warm_variance)",
        "from rnncourse import exercises\nexercises.new_damping = print",
        "exercises.new_damping(lambda *args: 1.0)",
        "exercises.reset_before = exercises.packed = print",
        "from rnncourse.exercises import packed as check\ncheck(lambda x, lengths: (x, lengths))",
        "exercises = []\nexercises.adder(1)",
    )
    found = judged(path)
    assert {name for name, text in found.items() if text == "Right."} == {"warm_variance"}
    assert found["chrono_biases"][:13] == found["new_damping"][:13] == found["packed"][:13]
    assert found["chrono_biases"].startswith("Not right yet")
    assert "AttributeError" in found["adder"]


@needs("symmetric_gradient", "rate_of_two_biases")
def test_a_run_takes_its_children_with_it(tmp_path):
    """Those of a stopped run and of a finished one, in its group and out of it; nobody waits."""
    started = (
        "import subprocess, threading, time\n"
        "subprocess.Popen(['sleep', '4711'])\n"
        "subprocess.Popen(['sleep', '4711'], start_new_session=True)\n"
        "threading.Thread(target=time.sleep, args=[4711]).start()\n"
    )
    path = written(
        tmp_path,
        started + RIGHT,
        "def f(eta):\n    while True: pass\nhalf = 0.5\nexercises.rate_of_two_biases(f)",
        "answer = input()",
        "exercises.symmetric_gradient(lambda dW: half * (dW + dW.T))",
    )
    found = judged(path, seconds=3)
    assert found[NAMES[0]] == found["symmetric_gradient"] == "Right."
    assert found["rate_of_two_biases"] == "It was stopped after 3 s."
    assert not [p for p in psutil.process_iter(["cmdline"]) if "4711" in (p.info["cmdline"] or ())]


def test_a_checker_taken_from_the_dictionary_of_weeks_counts(tmp_path):
    call = f"exercises.CHECKERS[{WEEK}][0]({NAMES[0]})"
    assert judged(written(tmp_path, SOLUTIONS[NAMES[0]] + "\n" + call)) == {NAMES[0]: "Right."}


def test_a_cell_that_is_interrupted_keeps_what_it_had(tmp_path, monkeypatch):
    """As the student did; one that cannot be interrupted ends alone, by a second run."""
    monkeypatch.setattr(marks, "TO_STOP", 1.0, raising=False)
    path = written(
        tmp_path,
        f"{SOLUTIONS[NAMES[0]]}\nwhile True:\n    pass\nlater = 1",
        "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: later = 0",
        f"exercises.{NAMES[0]}({NAMES[0]})",
        f"exercises.{NAMES[1]}(lambda *args: later)",
    )
    found = judged(path, seconds=2)
    assert found[NAMES[0]] == "Right."
    assert "NameError: name 'later'" in found[NAMES[1]]
    assert 'begins "def ' in found[NAMES[1]] and "stopped after 2 s" in found[NAMES[1]]


def test_exit_in_a_cell_costs_no_other_exercise(tmp_path):
    """`exit()` of a notebook ends no cell, `sys.exit()` its own, `os._exit` the run: all three."""
    other = f"{SOLUTIONS[NAMES[1]]}\nexercises.{NAMES[1]}({NAMES[1]})"
    path = written(
        tmp_path, "exit()\n" + RIGHT, "import sys, os\nsys.exit(1)", "os._exit(3)", other
    )
    assert judged(path) == dict.fromkeys(NAMES[:2], "Right.")


def test_ctrl_c_gives_up_at_once(tmp_path):
    """The notebook that runs is ended with its children, those above are in the table."""
    long = f"4712.{os.getpid()}"  # another run of this test has another one
    path = written(tmp_path, f"import subprocess\nsubprocess.run(['sleep', '{long}'])")
    done = subprocess.Popen(
        [sys.executable, "-m", "rnncourse.exercises", str(tmp_path / "none.ipynb"), str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )

    def sleeps():
        return [p for p in psutil.process_iter(["cmdline"]) if long in (p.info["cmdline"] or ())]

    while not sleeps():
        assert done.poll() is None
        time.sleep(0.1)
    done.send_signal(signal.SIGINT)
    out, err = done.communicate(timeout=20)
    assert (done.returncode, len(out.splitlines())) == (130, 2)
    assert err.startswith("interrupted:") and "Traceback" not in err
    assert not sleeps()


def test_memory_is_limited(tmp_path):
    path = written(tmp_path, f"exercises.{NAMES[1]}(lambda *args: np.ones(2**30))", RIGHT)
    found = marks.verdicts(path, memory_gib=2)
    assert "MemoryError" in found[NAMES[1]].message
    assert found[NAMES[0]].passed


def as_written_by(program, notebook):
    """Return the bytes of a notebook as some program writes them."""
    notebook = json.loads(json.dumps(notebook))
    if program != "VS Code":
        notebook["nbformat_minor"] = 4
        for cell in notebook["cells"]:
            del cell["id"]
    text = json.dumps(notebook, indent=1)
    if program == "Colab":
        notebook["metadata"]["colab"] = {"provenance": []}
        for n, cell in enumerate(notebook["cells"]):
            cell["metadata"] |= {"id": f"Ab{n}", "colab": {"base_uri": "https://localhost:8080/"}}
            cell["source"] = cell["source"].splitlines(keepends=True)
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["wrong"]}]
        text = json.dumps(notebook)
    elif program == "VS Code":
        for cell in notebook["cells"]:
            cell["metadata"]["vscode"] = {"languageId": "python"}
            cell["source"] = cell["source"].replace("\n", "\r\n").splitlines(keepends=True)
        text = json.dumps(notebook, indent=2)
    elif program == "CRLF":
        text = text.replace("\n", "\r\n")
    elif program == "BOM":
        text = "\ufeff" + text
    elif program == "format 3":
        old = nbformat.convert(nbformat.from_dict(notebook), 3)
        text = json.dumps(old)
    return text.encode()


def test_notebooks_of_every_program_are_read(tmp_path, capsys):
    notebook = nbformat.read(written(tmp_path, "%%time\n" + RIGHT), 4)
    paths = []
    for program in ("Colab", "VS Code", "4.4", "CRLF", "BOM", "format 3"):
        paths.append(tmp_path / f"{program}.ipynb")
        paths[-1].write_bytes(as_written_by(program, notebook))
    status, found = rows(capsys, *paths, "--jobs", "2")
    assert status == 0
    right = [row["notebook"] for row in found if row["passed"] == "1"]
    assert right == list(map(str, paths)), found
    assert len(found) == len(NAMES) * len(paths)


def test_every_notebook_has_a_row(tmp_path, capsys):
    """Also one that cannot be read; its row says why in a few words, and the others are marked."""
    whole = written(tmp_path, RIGHT).read_bytes()
    files = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "conflict": b"<<<<<<< HEAD\n" + whole,
        "utf16": whole.decode().encode("utf-16"),
        "binary": bytes(range(256)),
        "list": b"[]",
        "number": b"3",
        "no_cells": b'{"nbformat": 4}',
        "null": b'{"nbformat": null, "cells": []}',
        "deep": 100_000 * b"[",
        "other": json.dumps(nbformat.v4.new_notebook()).encode(),
    }
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / f"{name}.ipynb")
        paths[-1].write_bytes(content)
    paths += [tmp_path / "not_there.ipynb", tmp_path]
    status, found = rows(capsys, *paths, written(tmp_path, RIGHT, name="last"))
    assert status == 1
    assert [row["notebook"] for row in found[: len(paths)]] == list(map(str, paths))
    for row in found[: len(paths)]:
        assert (row["exercise"], row["passed"]) == ("", "0")
        assert row["message"].startswith(("It is no notebook", "It cannot be read", "It holds no"))
        assert len(row["message"]) < 100, row
    assert [row["exercise"] for row in found if row["passed"] == "1"] == NAMES[:1]
    with pytest.raises(ValueError, match="no exercise 'Verdict'"):
        marks.judge(tmp_path, "Verdict")
    with pytest.raises(ValueError, match="seconds is 0"):
        marks.judge(tmp_path, NAMES[0], 0)


@pytest.mark.parametrize(
    "arguments", [["--jobs", "0"], ["--seconds", "nan"], ["--memory", "0"], []]
)
def test_arguments_out_of_range_are_named(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main([*arguments, *(["a.ipynb"] if arguments else [])])
    assert "usage:" in capsys.readouterr().err


def test_no_message_spoils_the_table(tmp_path):
    """Any letters, line breaks, 600 kB, and what a spreadsheet takes for a formula."""
    path = written(
        tmp_path / "Zoë",
        f"def f(*a): raise ValueError('ρ must be < 1')\nexercises.{NAMES[0]}(f)",
        r"def f(*a): raise ValueError('\ud800\n,\"')" + f"\nexercises.{NAMES[1]}(f)",
        f"def f(*a): raise ValueError('x\\r\\n' * 200_000)\nexercises.{NAMES[2]}(f)",
        name="=1+1",
    )
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "rnncourse.exercises", path.name],
        env=environment,
        capture_output=True,
        cwd=path.parent,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\r\r" not in done.stdout
    table = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    messages = {row["exercise"]: row["message"] for row in table}
    assert messages[NAMES[0]] == "It stops with ValueError: ρ must be < 1"
    assert messages[NAMES[1]].startswith(r'It stops with ValueError: \ud800 ,"')
    assert len(messages[NAMES[2]]) <= 300
    for row in table:
        assert None not in row and "\n" not in row["message"]
        assert not row["notebook"].startswith(("=", "+", "-", "@"))


def lecture_of_week(week):
    """Return the code cells of a lecture, and the numbers of those above the exercises."""
    path = course.notebook_of(next(t for t in course.lectures() if course.week(t) == week))
    sources = submission.code_cells(path)
    lecture = [i for i, source in enumerate(sources) if source in submission.lecture_cells()]
    assert 20 < len(lecture) == lecture[-1] + 1 < len(sources)
    return sources, set(lecture)


def run_of_lecture(sources, lecture):
    """Return the sources of the cells of the lecture that are run."""
    chosen = submission.to_run(sources, session.Plain().parse)
    assert chosen >= set(range(len(sources))) - lecture
    return [sources[i] for i in sorted(chosen & lecture)]


@pytest.mark.skipif(3 not in exercises.CHECKERS, reason="no week 3 in this copy")
def test_of_a_lecture_only_what_the_students_cells_lean_on_is_run():
    sources, lecture = lecture_of_week(3)
    imports = run_of_lecture(sources, lecture)
    assert len(imports) == 1 and "import numpy as np" in imports[0]
    trained = [i for i in lecture if "optimizers." in sources[i] and i != 1]
    assert trained, "week 3 trains a net"
    needed = run_of_lecture([*sources, "print(np.mean(theta))\nrng = 0"], lecture)
    setting = [s for i, s in enumerate(sources) if i in lecture and "theta" in names_set(s)]
    assert setting and set(setting) <= set(needed), "what sets a variable that is used is run"
    by_name = run_of_lecture([*sources, "np.mean(eval('theta'))"], lecture)
    assert set(setting) <= set(by_name), "also where only a string holds the name"
    own = run_of_lecture([*sources, "theta = np.zeros(3)\ntheta.sum()"], lecture)
    assert own == imports, "a student's own variable needs no lecture"
    changed = [*sources[:5], sources[5] + "\n# mine", *sources[6:]]
    assert 5 in submission.to_run(changed, session.Plain().parse), "a changed cell is the student's"


def names_set(source):
    try:
        return submission.names(session.Plain().parse(source)).given
    except SyntaxError:
        return set()


def test_what_a_cell_uses_is_found():
    """Names from outside, as Python scopes them; what is set before it is used is not needed."""
    source = "a = b\ndef f(c, d=e):\n    return a + c + g\nfor i in range(h):\n    i + j\nk[0] += 1"
    found = submission.names(ast.parse(source))
    assert found.used - {"range"} == {"b", "e", "g", "h", "j", "k"}
    assert found.given == {"a", "f", "i"} and found.variables == {"a", "i"}


@needs("symmetric_gradient", "rate_of_two_biases")
def test_without_ipython_plain_python_runs(tmp_path):
    """Its commands are left out; what is no Python then says so, and costs only its exercise."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "IPython.py").write_text("raise ImportError('not here')")
    path = written(
        tmp_path,
        "%matplotlib inline\n" + RIGHT,
        "%%time\nC = (3\n    % 2) / 2\nexercises.rate_of_two_biases(lambda eta: C * eta)",
        "x = !ls\nexercises.symmetric_gradient(lambda dW: dW)",
    )
    environment = os.environ | {"PYTHONPATH": str(blocked)}
    done = subprocess.run(
        [sys.executable, "-m", "rnncourse.exercises", str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {row["exercise"]: row["message"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert found[NAMES[0]] == "Right."
    assert found["rate_of_two_biases"].startswith("It is no valid Python")
    assert found["symmetric_gradient"].startswith("It is no valid Python")


def test_lectures_are_found_beside_the_package():
    assert Path(submission.LECTURES) == course.NOTEBOOKS
    assert len(submission.lecture_cells()) > 30 * len(exercises.CHECKERS)
