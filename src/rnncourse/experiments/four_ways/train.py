"""One run of one method on one task: it works, is looked at, and is stopped by the clock.

The clock is the processor time of the thread that works, so that a machine that does other things
too gives the same result as a quiet one; NumPy must run on one core (OPENBLAS_NUM_THREADS=1). The
time in which a net is tested is not counted. Test sequences come from a generator of their own.
"""

import time

import numpy as np

from rnncourse.experiments.four_ways.methods import METHODS
from rnncourse.experiments.four_ways.tasks import TASKS, is_solved, share_wrong


def train(task, method, n_steps, settings, key, budget, deadline=np.inf):
    """Let a method work until its task is solved or its time is over.

    Args:
        task: key of `TASKS`.
        method: key of `METHODS`.
        n_steps: length, an argument of the task.
        settings: dictionary, arguments of the method.
        key: integers that fix every random number.
        budget: seconds of processor time.
        deadline: `time.time()` after which the run is given up.

    Returns:
        A dictionary: outcome ("solved" or "unsolved"), seconds of processor time at the end, pieces
        of work done, and the share of the test sequences that is wrong at the end; None if the
        deadline came first.
    """
    rng, test_rng = np.random.default_rng(key), np.random.default_rng([*key, 1])
    learner = METHODS[method](TASKS[task], n_steps, rng, **settings)
    seconds, pieces, last = 0.0, 0, None
    while True:
        start = time.thread_time()
        with np.errstate(all="ignore"):  # a net that runs away is unsolved, not an error
            predict = next(learner, "ended")
        seconds += time.thread_time() - start
        if seconds > budget or predict == "ended":
            break
        pieces += 1
        if time.time() > deadline:
            return None
        if predict is not None:
            last = predict
            solved, wrong = is_solved(TASKS[task], predict, test_rng, n_steps)
            if solved:
                return _result("solved", seconds, pieces, wrong)
    wrong = 1.0 if last is None else share_wrong(TASKS[task], last, test_rng, n_steps, 1000)
    return _result("unsolved", budget, pieces, wrong)


def _result(outcome, seconds, pieces, wrong):
    return {
        "outcome": outcome,
        "seconds": round(seconds, 2),
        "pieces": pieces,
        "wrong": round(wrong, 4),
    }
