"""What pytest does with the lectures: no network, a student's kernel, and a budget of time.

pytest loads this file for `tests` as well as for `notebooks`. The last part is for nbval, which
runs each code cell of a notebook as one test and compares its text with what is stored. Pictures
are compared here, since nbval passes over them. After a notebook's last cell, the time of all its
cells and the attempts to reach the network are looked at, and too much of either is an error there.
The summary names the cells of which nothing is compared; more than one in twenty is a failure. A
notebook that needs what is not installed here is left out, and the summary names it, too.

No variable limits the threads of a kernel: as a student's, it has one because the package takes
one, and its time counts as it is. NOTEBOOK_THREADS gives it another number.
"""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from rnncourse.threads import VARIABLES

ROOT = Path(__file__).parent
BUDGET = float(
    os.environ.get("NOTEBOOK_SECONDS", 60)
)  # seconds for a whole notebook, kernel start included
THREADS = os.environ.get("NOTEBOOK_THREADS", "")  # of BLAS; "" is what the package takes
# What holds no example and cannot be imported without Numba.
collect_ignore_glob = [] if find_spec("numba") else ["src/rnncourse/compiled/*"]
SECONDS = pytest.StashKey[float]()
CELLS = pytest.StashKey[list]()  # every cell that is run
LEFT_OUT = pytest.StashKey[dict]()  # notebook that is not run: what it needs
UNCOMPARED = 0.05  # the largest share of cells of which nothing may be compared
TIMES = "notebook_seconds"  # name of the report property that carries the time to the summary


def pytest_configure(config):
    """Sets up what the kernels inherit: the network guard, no threads, no progress bars."""
    config.scratch = tempfile.TemporaryDirectory()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if int(THREADS or 1) > cores:  # OpenBLAS would quietly take fewer
        raise pytest.UsageError(f"NOTEBOOK_THREADS is {THREADS}, but {cores} cores are here")
    guard = str(ROOT / "tests" / "support" / "offline")
    inherited = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and p != guard]
    os.environ["PYTHONPATH"] = os.pathsep.join([guard, *inherited])
    os.environ["OFFLINE_ATTEMPTS"] = str(Path(config.scratch.name, "attempts"))
    os.environ["TQDM_DISABLE"] = "1"
    os.environ["MPLBACKEND"] = "agg"
    lectures = config.getoption("nbval", default=False)
    for variable in VARIABLES:
        os.environ[variable] = THREADS or "1"
        if lectures and not THREADS:
            del os.environ[variable]
    if lectures:
        del os.environ["MPLBACKEND"]  # the kernel chooses the one that shows figures in a notebook
        # The Python that runs pytest, not the one that a kernel of this name belongs to elsewhere.
        config.option.nbval_current_env = True
        config.option.nbval_cell_timeout = 2 * BUDGET


def pytest_unconfigure(config):
    """Removes the folder of the network guard's notes."""
    config.scratch.cleanup()


def is_cell(item):
    """Returns whether nbval made this test from a notebook's cell."""
    return item.path.suffix == ".ipynb"


def missing(cell):
    """Returns what a cell's notebook needs that is not installed here."""
    import course  # in tools/, which only the tests of this repository have on their path

    return course.missing(cell.parent.nb.metadata)


def pytest_collection_modifyitems(config, items):
    """Leaves out notebooks that need what is not here; remembers them and all other cells."""
    left_out = {item: names for item in items if is_cell(item) and (names := missing(item))}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    config.stash[LEFT_OUT] = {cell.parent.nodeid: names for cell, names in left_out.items()}
    config.stash[CELLS] = [item for item in items if is_cell(item)]


def reason_in(cell):
    """Returns the reason that a cell's tag `reason:...` gives for not comparing its output."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("reason:")]
    return "".join(tags[:1]).removeprefix("reason:").strip() or "no reason given"


def uncompared(cell):
    """Returns why a cell's outputs are not compared, "" if they are."""
    return reason_in(cell.cell) if cell.options["skip"] or not cell.options["check"] else ""


def amplified(cell):
    """Returns why a cell's pictures are compared loosely, "" if they are compared closely."""
    import pictures  # in tests/support/; here, since it needs what only the tests of notebooks need

    return pictures.amplified(cell.path.stem, cell.cell.source)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Compares the pictures of a cell once nbval has compared its text."""
    result = yield
    if is_cell(item) and not uncompared(item):
        import pictures

        far = pictures.farthest(item.path.stem, item.cell.source)
        if found := pictures.complaints(item.test_outputs, item.cell.outputs, far):
            pytest.fail(f"{item.path.name}, {item.name}: " + "; ".join(found), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds up the seconds of a notebook's cells; the first one's set-up starts the kernel."""
    if is_cell(item) and call.when != "teardown":
        item.parent.stash[SECONDS] = item.parent.stash.get(SECONDS, 0.0) + call.duration
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """Looks at a whole notebook after its last cell; `trylast` is after its kernel has ended."""
    if not is_cell(item) or (nextitem is not None and nextitem.parent is item.parent):
        return
    seconds = item.parent.stash.get(SECONDS, 0.0)
    item.user_properties.append((TIMES, seconds))
    attempts = Path(os.environ["OFFLINE_ATTEMPTS"])
    problems = []
    if attempts.exists():
        problems.append("it tried to reach the network:\n" + attempts.read_text())
        attempts.unlink()
    if seconds > BUDGET:
        problems.append(f"it took {seconds:.1f} s, over its budget of {BUDGET:.0f} s")
    if problems:
        pytest.fail(f"{item.path.name}: " + "; ".join(problems), pytrace=False)


def too_many_uncompared(config):
    """Returns whether too many cells are not compared, or one of them without a reason."""
    cells = config.stash.get(CELLS, [])
    reasons = [reason for reason in map(uncompared, cells) if reason]
    return len(reasons) > UNCOMPARED * len(cells) or "no reason given" in reasons


def pytest_sessionfinish(session, exitstatus):
    """Fails a run of which too little was compared."""
    if exitstatus == pytest.ExitCode.OK and too_many_uncompared(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    """Prints what each notebook took, and of which cells nothing was compared."""
    times = {
        report.nodeid.split("::")[0]: dict(report.user_properties)[TIMES]
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "teardown" and TIMES in dict(report.user_properties)
    }
    if times:
        terminalreporter.section(f"run time of each notebook, budget {BUDGET:.0f} s")
        for notebook, seconds in sorted(times.items()):
            remark = "  OVER" if seconds > BUDGET else ""
            terminalreporter.write_line(f"{seconds:6.1f} s  {notebook}{remark}")
    if cells := config.stash.get(CELLS, []):
        found = [(cell.nodeid, why) for cell in cells if (why := uncompared(cell))]
        terminalreporter.write_line(
            f"{len(found)} of {len(cells)} cells not compared with their stored outputs, at most "
            f"{UNCOMPARED:.0%} allowed; threads of BLAS: {THREADS or 'as in a student kernel'}"
        )
        for name, reason in found:
            terminalreporter.write_line(f"  {name}: {reason}")
        if loose := [(cell.nodeid, why) for cell in cells if (why := amplified(cell))]:
            terminalreporter.write_line(f"{len(loose)} whose pictures are compared loosely")
        for name, reason in loose:
            terminalreporter.write_line(f"  {name}: {reason}")
    if left_out := config.stash.get(LEFT_OUT, {}):
        names = ", ".join(dict.fromkeys(name for names in left_out.values() for name in names))
        terminalreporter.write_line(
            f"LEFT OUT: {', '.join(left_out)}; {names} not installed here (make test-frameworks)"
        )
