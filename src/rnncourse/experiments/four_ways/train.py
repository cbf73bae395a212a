"""One run of one method on one task: it works, is looked at now and then, is stopped by the clock.

The clock is the processor time of the thread that works, so that a machine that does other things
too gives nearly the same result as a quiet one; NumPy must run on one core
(OPENBLAS_NUM_THREADS=1), and freed memory is kept (`memory`). Neither a look at the net is counted
nor the first piece of work of each kind, in which loops are compiled. Test sequences come from a
generator of their own.
"""

import functools
import time

import numpy as np

from rnncourse import compiled, memory
from rnncourse.experiments.four_ways.blocks import learn_lru, learn_mingru
from rnncourse.experiments.four_ways.methods import CROSSED, METHODS, Piece
from rnncourse.experiments.four_ways.rivals import learn_without_recurrence
from rnncourse.experiments.four_ways.tasks import TASKS, judge

LEARNERS = {
    **METHODS,
    **CROSSED,
    "without_recurrence": learn_without_recurrence,
    "lru": learn_lru,
    "mingru": learn_mingru,
}
LOOKS_A_DECADE = 10
FIRST_LOOK = 0.1  # s


def clock():
    """Return the seconds of this thread; in a browser, where none is told, those on the wall."""
    return time.thread_time() if hasattr(time, "thread_time") else time.perf_counter()


def train(task, method, n_steps, settings, key, budget, deadline=np.inf):
    """Let a method work until its task is solved or its time is over.

    Args:
        task: key of `TASKS`.
        method: key of `LEARNERS`.
        n_steps: length, an argument of the task.
        settings: dictionary, arguments of the method.
        key: integers that fix every random number.
        budget: seconds of processor time.
        deadline: `time.time()` after which the run is given up.

    Returns:
        A dictionary, or None if the deadline came first:

            outcome    "solved" or "unsolved"
            seconds    of processor time at the end
            updates, products, sequences    of `methods.Piece`, at the end
            wrong      share of the test sequences at the end
            looks      a list of [seconds, updates, products, sequences, wrong, cost], the last one
                       at the end; the first after 0.1 s, then ten to each factor of ten
    """
    memory.keep()
    _warm_up(task, method, tuple(settings.items()), compiled.form())
    rng, test_rng = np.random.default_rng(key), np.random.default_rng([*key, 1])
    learner = LEARNERS[method](TASKS[task], n_steps, rng, **settings)
    looks, seconds, due = [], 0.0, FIRST_LOOK
    done, new = Piece(None, 0, 0, 0), None

    def look():
        at, piece = new
        with np.errstate(all="ignore"):
            verdict = judge(TASKS[task], piece.predict, test_rng, n_steps)
        numbers = round(verdict.wrong, 4), float(f"{verdict.cost:.4g}")
        looks.append([round(at, 3), *piece[1:], *numbers])
        return verdict.solved

    solved = False
    while not solved:
        start = clock()
        with np.errstate(all="ignore"):  # a net that runs away is unsolved, not an error
            piece = next(learner, None)
        spent = clock() - start
        if piece is None or seconds + spent > budget:
            break
        seconds, done = seconds + spent, piece
        if time.time() > deadline:
            return None
        if piece.predict is not None:
            new = seconds, piece
        if new and seconds >= due:
            solved, due, new = look(), next_look(seconds), None
    if new:
        solved = look()
    return {
        "outcome": "solved" if solved else "unsolved",
        "seconds": looks[-1][0] if solved else budget,
        **dict(zip(("updates", "products", "sequences"), done[1:], strict=True)),
        "wrong": looks[-1][-2] if looks else 1.0,
        "looks": looks,
    }


def next_look(seconds):
    """Return the time of the next look: the first one, or the next of ten a decade."""
    if seconds < FIRST_LOOK:
        return FIRST_LOOK
    n = np.floor(LOOKS_A_DECADE * np.log10(seconds / FIRST_LOOK) + 1e-9) + 1
    return float(FIRST_LOOK * 10 ** (n / LOOKS_A_DECADE))


@functools.cache
def _warm_up(task, method, settings, form):
    """Do the first piece of work and forget it, once in a process; `form` is that of the loops."""
    with np.errstate(all="ignore"):
        next(LEARNERS[method](TASKS[task], 20, np.random.default_rng(0), **dict(settings)), None)
