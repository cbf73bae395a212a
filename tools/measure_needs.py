"""Measures what a student's kernel needs in each lecture: `make needs [N=week01_basics]`.

Prints rows for the table of docs/book/instructors.md. A stored notebook is executed in a fresh
kernel, its outputs are thrown away. The kernel is asked, when its last cell is done, for the
largest memory that it ever held and for the seconds of processor time that it took.
"""

import platform
import sys

import nbformat
import numpy as np

import course
import run_notebooks

ASK = """import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)"""


def measure(text):
    """Returns the peak memory in MiB and the processor time in s of one lecture's kernel."""
    notebook = nbformat.read(course.notebook_of(text), as_version=4)
    for cell in course.code_cells(notebook):
        # That every claim holds on this machine is the business of `make test`.
        cell.metadata["tags"] = ["raises-exception"]
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    run_notebooks.execute(notebook, course.notebook_of(text).parent)
    kibibytes, seconds = notebook.cells[-1].outputs[0].text.split()
    return int(kibibytes) / 1024, float(seconds)


def main(names):
    """Measures the named lectures, or all; one that needs what is not installed here has no row."""
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, one thread")
    for text in course.lectures():
        metadata = nbformat.read(course.notebook_of(text), as_version=4).metadata
        if (not names or text.stem in names) and not course.missing(metadata):
            memory, seconds = measure(text)
            print(f"| {course.week(text)} | {memory:.0f} | {seconds:.0f} |", flush=True)
    print("these are rows for the table of docs/book/instructors.md")


if __name__ == "__main__":
    main(sys.argv[1:])
