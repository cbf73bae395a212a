"""What pytest does with the lectures: no network, a student's kernel, and a budget of time.

pytest loads this file for `tests` as well as for `notebooks`. The last part is for nbval, which
runs each code cell of a notebook as one test and compares its text with what is stored. Pictures
are compared here, since nbval passes over them. After a notebook's last cell, the processor time of
its kernel and the attempts to reach the network are looked at, and too much of either is an error
there. The summary names the cells of which nothing is compared; more than one in twenty is a
failure. A notebook that needs what is not installed here is skipped, and the summary names it, too.

Notebooks may run beside each other, each in one worker of pytest-xdist (`-n 2 --dist loadfile`):
processor time is what a notebook takes whoever its neighbor is, and what the summary says comes
from the reports, which the workers send.

No variable limits the threads of a kernel: as a student's, it has one because the package takes
one, and its time counts as it is. NOTEBOOK_THREADS gives it another number.
"""

import functools
import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np  # before a run of lectures forgets the number of threads, for the kernels
import pytest

from rnncourse.threads import VARIABLES

ROOT = Path(__file__).parent
# Seconds of processor time for a whole notebook, kernel start included, on a machine that takes
# `STEP` seconds for a training step of `slowness`; a slower one has as much more time.
BUDGET, STEP, SLOWEST = 60.0, 0.0041, 2.0
GIVEN = os.environ.get("NOTEBOOK_SECONDS")  # then these, whatever the machine
THREADS = os.environ.get("NOTEBOOK_THREADS", "")  # of BLAS; "" is what the package takes
# What holds no example and cannot be imported without Numba.
collect_ignore_glob = [] if find_spec("numba") else ["src/rnncourse/compiled/*"]
BEGAN = pytest.StashKey[float]()
SCRATCH = pytest.StashKey[tempfile.TemporaryDirectory]()
UNCOMPARED = 0.05  # the largest share of cells of which nothing may be compared
# The properties of a report: of a notebook's last cell, of each cell, and of each cell left out.
SECONDS, REASON, LOOSE, NEEDS = "notebook seconds", "not compared", "compared loosely", "needs"


def pytest_configure(config):
    """Sets up what the kernels inherit: the network guard, no threads, no progress bars."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if int(THREADS or 1) > cores:  # OpenBLAS would quietly take fewer
        raise pytest.UsageError(f"NOTEBOOK_THREADS is {THREADS}, but {cores} cores are here")
    guard = str(ROOT / "tests" / "support" / "offline")
    inherited = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and p != guard]
    os.environ["PYTHONPATH"] = os.pathsep.join([guard, *inherited])
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
        config.option.nbval_cell_timeout = 5 * float(GIVEN or BUDGET)  # whoever its neighbor is


def pytest_sessionstart(session):
    """Makes the folder of the network guard's notes; each worker has its own."""
    session.stash[SCRATCH] = tempfile.TemporaryDirectory()
    os.environ["OFFLINE_ATTEMPTS"] = str(Path(session.stash[SCRATCH].name, "attempts"))


def is_cell(item):
    """Returns whether nbval made this test from a notebook's cell."""
    return item.path.suffix == ".ipynb"


def missing(cell):
    """Returns what a cell's notebook needs that is not installed here."""
    import course  # in tools/, which only the tests of this repository have on their path

    return course.missing(cell.parent.nb.metadata)


def pytest_collection_modifyitems(items):
    """Skips notebooks that need what is not here; tells the reports what the summary says."""
    for cell in filter(is_cell, items):
        if names := missing(cell):
            cell.add_marker(pytest.mark.skip(f"it needs {', '.join(names)}"))
            cell.user_properties.append((NEEDS, names))
        else:
            cell.user_properties += [(REASON, uncompared(cell)), (LOOSE, amplified(cell))]


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


def processor_seconds():
    """Returns the processor time of all programs that this one started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def pytest_runtest_setup(item):
    """Looks at the clock before a notebook's first cell, whose set-up starts the kernel."""
    if is_cell(item):
        item.parent.stash.setdefault(BEGAN, processor_seconds())


@functools.cache
def budget():
    """Returns the seconds of processor time that a notebook may take on this machine."""
    return float(GIVEN) if GIVEN else BUDGET * min(max(1.0, slowness()), SLOWEST)


def slowness():
    """Returns the median time of a training step of an LSTM in NumPy here, in units of `STEP`."""
    from rnncourse import linear, lstm  # here: a run without notebooks needs neither
    from rnncourse.network import Network

    network = Network((lstm, linear), (1, 64, 1))
    params = network.init(np.random.default_rng(0), np.float32)
    x, times = np.ones((100, 1, 1), np.float32), []
    for _ in range(50):
        start = time.thread_time()
        y_hat, tapes = network.forward(params, x)
        network.backward(params, tapes, y_hat)
        times.append(time.thread_time() - start)
    return float(np.median(times)) / STEP  # as `STEP` is one


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """Looks at a whole notebook after its last cell; `trylast` is after its kernel has ended."""
    if BEGAN not in item.parent.stash or (nextitem and nextitem.parent is item.parent):
        return
    seconds, most = processor_seconds() - item.parent.stash[BEGAN], budget()
    item.user_properties.append((SECONDS, (seconds, most)))
    attempts = Path(os.environ["OFFLINE_ATTEMPTS"])
    problems = []
    if attempts.exists():
        problems.append("it tried to reach the network:\n" + attempts.read_text())
        attempts.unlink()
    if seconds > most:
        problems.append(f"it took {seconds:.1f} s, over its budget of {most:.0f} s")
    if problems:
        pytest.fail(f"{item.path.name}: " + "; ".join(problems), pytrace=False)


def said(config, name):
    """Returns what the reports say under a name, as a list of pairs: cell, and what is said."""
    stats = config.pluginmanager.get_plugin("terminalreporter").stats
    reports = [r for kind in stats.values() for r in kind if hasattr(r, "user_properties")]
    found = [(report.nodeid, dict(report.user_properties)) for report in reports]
    return sorted({cell: has[name] for cell, has in found if name in has}.items())


def pytest_sessionfinish(session, exitstatus):
    """Fails a run in which too many cells are not compared, or one without a reason."""
    session.stash[SCRATCH].cleanup()
    if exitstatus != pytest.ExitCode.OK or hasattr(session.config, "workerinput"):
        return
    cells = said(session.config, REASON)
    reasons = [reason for _, reason in cells if reason]
    if len(reasons) > UNCOMPARED * len(cells) or "no reason given" in reasons:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    """Prints what each notebook took, and of which cells nothing was compared."""
    line = terminalreporter.write_line
    if times := said(config, SECONDS):
        terminalreporter.section("processor time of each notebook, and its budget on this machine")
        for cell, (seconds, most) in times:
            remark = "  OVER" if seconds > most else ""
            line(f"{seconds:6.1f} s of {most:.0f}  {cell.split('::')[0]}{remark}")
    if cells := said(config, REASON):
        found = [(cell, why) for cell, why in cells if why]
        line(
            f"{len(found)} of {len(cells)} cells not compared with their stored outputs, at most "
            f"{UNCOMPARED:.0%} allowed; threads of BLAS: {THREADS or 'as in a student kernel'}"
        )
        for cell, why in found:
            line(f"  {cell}: {why}")
        if loose := [(cell, why) for cell, why in said(config, LOOSE) if why]:
            line(f"{len(loose)} whose pictures are compared loosely")
        for cell, why in loose:
            line(f"  {cell}: {why}")
    if left_out := {cell.split("::")[0]: names for cell, names in said(config, NEEDS)}:
        names = ", ".join(dict.fromkeys(name for names in left_out.values() for name in names))
        line(f"LEFT OUT: {', '.join(left_out)}; {names} not installed here (make test-frameworks)")
