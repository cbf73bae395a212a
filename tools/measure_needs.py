"""Measures what a student's kernel needs in each lecture: `make needs [N=week01_basics]`.

The result is registers/needs.json. A stored notebook is executed in a fresh kernel, its outputs are
thrown away. The kernel is asked, when its last cell is done, for the largest memory that it ever
held and for the seconds of processor time that it took. Beside the numbers stands where they come
from. A lecture that needs what is not installed here keeps what is recorded of it, if anything is.
"""

import json
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import numpy as np

import course

RECORDED = course.ROOT / "registers" / "needs.json"
STUDENTS = 200
ASK = (
    "import resource as _r\n"
    "_u = _r.getrusage(_r.RUSAGE_SELF)\n"
    "print(_u.ru_maxrss, _u.ru_utime + _u.ru_stime)"
)


def processor() -> str:
    """Returns the name of the processor, as Linux gives it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


def measure(text: Path) -> dict:
    """Returns the peak memory in MiB and the processor time in s of one lecture's kernel."""
    import run_notebooks  # the book, which shows the table, has not what runs a notebook

    notebook = nbformat.read(course.notebook_of(text), as_version=4)
    for cell in run_notebooks.code_cells(notebook):
        # That every claim holds on this machine is the business of `make test`.
        cell.metadata["tags"] = ["raises-exception"]
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    run_notebooks.execute(notebook, course.notebook_of(text).parent)
    kibibytes, seconds = notebook.cells[-1].outputs[0].text.split()
    return {
        "memory_mib": round(int(kibibytes) / 1024),
        "cpu_s": round(float(seconds), 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


def size_mib(folder: Path) -> int:
    """Returns the size of a folder in MiB; a file with two names counts once."""
    found = {s.st_ino: s.st_blocks * 512 for s in map(Path.lstat, folder.rglob("*"))}
    return round(sum(found.values()) / 2**20)


def table() -> str:
    """Returns the recorded needs as a table, with where they come from above it.

    A row for each lecture that is here, measured or not, and for no other one.
    """
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    here = {text: recorded["lectures"].get(text.stem) for text in course.lectures()}
    origin = ", ".join(
        [f"Python {recorded['python']}", f"NumPy {recorded['numpy']}"]
        + [recorded["processor"], "one thread"]
    )
    rows = ["| week | memory at its peak, MiB | processor time, s | date |", "|---|---|---|---|"]
    for text, need in here.items():
        cells = (
            [need["memory_mib"], need["cpu_s"], need["date"]] if need else ["not measured", "", ""]
        )
        rows.append(f"| {course.week(text)} | {' | '.join(map(str, cells))} |")
    needs = [need for need in here.values() if need]
    rows.append(
        f"| all | {max(n['memory_mib'] for n in needs)} at most "
        f"| {sum(n['cpu_s'] for n in needs):.0f} in sum | |"
    )
    memory = STUDENTS * max(n["memory_mib"] for n in needs) / 1024
    cores = STUDENTS * max(n["cpu_s"] for n in needs) / 3600
    return "\n\n".join(
        [
            f"Measured by `{recorded['command']}` ({origin}):",
            "\n".join(rows),
            f"The environment of `make lab` takes {recorded['environment_mib']} MiB of disk, once "
            f"for all. If {STUDENTS} students held the largest kernel at its peak at the same "
            f"moment, that would be {memory:.0f} GiB of memory; if each ran the longest lecture "
            f"once within an hour, {cores:.1f} cores would be busy on average.",
        ]
    )


def main() -> int:
    """Measures the named lectures, or all, and records them beside those measured before."""
    lab = course.ROOT / ".venv" / "lab"
    if not lab.exists():
        sys.exit("The size is that of the environment of `make lab`, which is not there.")
    before = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    lectures = before.get("lectures", {})
    for text in course.lectures():
        if len(sys.argv) > 1 and text.stem not in sys.argv[1:]:
            continue
        stored = nbformat.read(course.notebook_of(text), as_version=4)
        if missing := course.missing(stored.metadata):
            print(f"{text.stem}: not measured, needs {', '.join(missing)}")
        else:
            lectures[text.stem] = measure(text)
    recorded = {
        "command": "make needs",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "processor": processor(),
        "environment_mib": size_mib(lab),
        "lectures": dict(sorted(lectures.items())),
    }
    RECORDED.write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
