"""The four ways on a forecast: x of the Lorenz system, 1, 5 and 20 samples ahead.

    python -m rnncourse.experiments four_ways_forecast

Of the Lorenz system only x is seen, every 0.05 time units. A net reads the past as it comes and
says at each step what x will be 1, 5 and 20 samples later. The series is cut into three blocks:
3000 samples to learn from, 1000 to choose settings by (validation), 2000 for the test. Learning is
on windows of 100 samples, of which the first 40 are read only.

The methods and the four settings of each are those of `four_ways_tuning`, the time is `BUDGET`
seconds of one core. The score is the root of the mean squared error over the standard deviation
of x (NRMSE).
"""

import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from rnncourse import losses, physics
from rnncourse.experiments import records
from rnncourse.experiments.four_ways_methods import METHODS
from rnncourse.experiments.four_ways_tuning import GRIDS
from rnncourse.ridge import ridge_regression

BUDGET, WINDOW, READ_ONLY = 5.0, 100, 40
HORIZONS = (1, 5, 20)
BLOCKS = {"train": slice(0, 3000), "validation": slice(3000, 4000), "test": slice(4000, 6000)}


@cache
def series():
    """Return x (6000,) of one trajectory, with mean 0 and variance 1 over the training block."""
    x = physics.lorenz(np.random.default_rng(1963), 6000, 1, dt=0.05, substeps=5)[:, 0, 0]
    known = x[BLOCKS["train"]]
    return (x - known.mean()) / known.std()


def block(name):
    """Return input (T, 1, 1) and targets (T, 1, 3) of a block, float32."""
    return _cut(series()[BLOCKS[name]], [0], None)


class Forecast:
    """What a method needs of a task: batches of windows from the training block."""

    loss, n_in, n_out = losses.squared_error, 1, len(HORIZONS)

    def __init__(self):
        """Compute the series once."""
        self.known = series()[BLOCKS["train"]]

    def batch(self, rng, n_steps, size):
        """Draw windows, and a mask that leaves out the first steps of each."""
        starts = rng.integers(len(self.known) - n_steps - max(HORIZONS) + 1, size=size)
        mask = np.arange(n_steps)[:, np.newaxis] >= READ_ONLY
        return *_cut(self.known, starts, n_steps), np.broadcast_to(mask, (n_steps, size))


def _cut(x, starts, n_steps):
    T = len(x) - max(HORIZONS) if n_steps is None else n_steps
    inputs = np.stack([x[s : s + T] for s in starts], axis=1)[..., np.newaxis]
    ahead = [np.stack([x[s + h : s + h + T] for s in starts], axis=1) for h in HORIZONS]
    return inputs.astype(np.float32), np.stack(ahead, axis=-1).astype(np.float32)


def nrmse(y_hat, y):
    """Return the score (3,) of forecasts (T, 1, 3), the first steps left out."""
    error = (y_hat - y)[READ_ONLY:]
    return np.sqrt((error**2).mean(axis=(0, 1)) / y[READ_ONLY:].var(axis=(0, 1)))


def baselines(name="test", order=READ_ONLY):
    """Return the scores of persistence and of a linear autoregression, as a dictionary.

    Args:
        name: of a block.
        order: number of past samples that the autoregression sees.
    """

    def past(x):  # (T, order): the present sample first; the first order - 1 steps are not used
        rows = [np.roll(x[:, 0, 0], k) for k in range(order)]
        return np.stack(rows, axis=-1).astype(np.float64)

    (x_train, y_train), (x, y) = block("train"), block(name)
    W, b = ridge_regression(past(x_train)[order:], y_train[order:, 0].astype(np.float64))
    return {
        "persistence": nrmse(np.repeat(x, len(HORIZONS), axis=-1), y),
        "linear": nrmse((past(x) @ W + b)[:, np.newaxis], y),
    }


@dataclass(frozen=True)
class Row:
    """One setting of one method."""

    method: str
    number: int  # in GRIDS[method]
    trials: int = 5
    group: int = 1  # trials run one by one


ROWS = {
    f"{method} {number}": Row(method, number)
    for method, grid in GRIDS.items()
    for number in range(len(grid))
}


def run_group(name, seed, trials, deadline=np.inf):
    """Learn with one setting; arguments as in `four_ways.run_group`.

    Returns:
        One dictionary a trial: trial, seconds, and the scores on validation and test block.
    """
    row, found = ROWS[name], []
    for trial in trials:
        rng = np.random.default_rng((seed, trial))
        learner = METHODS[row.method](Forecast(), WINDOW, rng, **GRIDS[row.method][row.number])
        seconds, last = 0.0, None
        while seconds < BUDGET and time.time() < deadline:
            start = time.thread_time()
            with np.errstate(all="ignore"):
                predict = next(learner, "ended")
            seconds += time.thread_time() - start
            if predict == "ended":
                break
            last = last if predict is None else predict
        if time.time() < deadline:
            found.append({"trial": trial, "seconds": round(seconds, 2), **_scores(last)})
    return found


def _scores(predict):
    scores = {}
    for name in ("validation", "test"):
        x, y = block(name)
        found = np.full(len(HORIZONS), np.inf) if predict is None else nrmse(predict(x), y)
        found = np.nan_to_num(found, nan=1e9, posinf=1e9)
        scores[name] = [float(f"{value:.4g}") for value in np.minimum(found, 1e9)]
    return scores


def results(path=None, seed=1997):
    """Return {method: scores (S, 3) on the test block} of the setting that is best in validation.

    The setting of a method is the one with the least mean logarithm of the score of its trial 0.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    runs = {}
    for record in records.read(path or files("rnncourse") / "data" / "four_ways_forecast.jsonl"):
        if record["seed"] == seed:
            for trial in record["trials"]:
                runs.setdefault(record["row"], {})[trial["trial"]] = trial
    found = {}
    for method in METHODS:
        tried = [
            name for name, row in ROWS.items() if row.method == method and 0 in runs.get(name, ())
        ]
        if tried:
            best = min(tried, key=lambda name: np.log(runs[name][0]["validation"]).mean())
            found[method] = np.array([runs[best][n]["test"] for n in sorted(runs[best])])
    return found
