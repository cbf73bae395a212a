"""The four ways on forecasts in physics: the Lorenz system, a driven oscillator, the Earth's pole.

    python -m rnncourse.experiments four_ways_forecast

A net reads the past of a system as it comes, and says at each step how much each component will
have changed at each horizon. Changes are in units of their own size in the training block, so that
every horizon counts the same, and "no change" is zero: `systems`. It learns on windows of
100 samples, of which the first 40 are read only, and forecasts after reading 100 samples.

The methods are those of `four_ways`, four settings of each are in `settings`, the time is `BUDGET`
seconds of one core; the piece of work that is under way then is finished. Every setting is run
once. That with the least mean logarithm of the error in the validation block is `CHOSEN`, and is
run four times more; a test compares `CHOSEN` with the recorded runs. Scored are the mean absolute
error at each horizon and what `scores.physics` computes.

On polar motion the chosen settings of the trained nets are also run once for `LONGER` times the
time, to see whether time is what they lack. What is recorded is read by `results`.
"""

import time
from dataclasses import dataclass

import numpy as np

from rnncourse import losses
from rnncourse.experiments.forecasts.scores import by_parts, error, physics
from rnncourse.experiments.forecasts.settings import GRIDS
from rnncourse.experiments.forecasts.systems import SYSTEMS
from rnncourse.experiments.four_ways.methods import METHODS
from rnncourse.experiments.four_ways.train import clock

BUDGET, WINDOW, READ_ONLY = 5.0, 100, 40
LONGER = 12
WORST = 1e6  # stands for the error of a net that ran away

CHOSEN = {
    ("lorenz", "lstm"): 0,
    ("lorenz", "hessian_free"): 1,
    ("lorenz", "esn"): 3,
    ("lorenz", "momentum"): 2,
    ("lorenz", "sgd"): 1,
    ("lorenz", "adam"): 2,
    ("duffing", "lstm"): 2,
    ("duffing", "hessian_free"): 1,
    ("duffing", "esn"): 3,
    ("duffing", "momentum"): 3,
    ("duffing", "sgd"): 2,
    ("duffing", "adam"): 2,
    ("polar motion", "lstm"): 2,
    ("polar motion", "hessian_free"): 0,
    ("polar motion", "esn"): 2,
    ("polar motion", "momentum"): 0,
    ("polar motion", "sgd"): 2,
    ("polar motion", "adam"): 1,
}


class Forecast:
    """What a method needs of a task: batches of windows from the training block of a system."""

    loss = losses.squared_error

    def __init__(self, system):
        """Take a `systems.System`."""
        self.system = system
        self.n_in, self.n_out = system.inputs.shape[1], system.scale.size

    def batch(self, rng, n_steps, size):
        """Draw windows, and a mask that leaves out the first steps of each."""
        system, block = self.system, self.system.train
        last = block.stop - max(system.horizons) - n_steps
        at = rng.integers(block.start, last + 1, size=size) + np.arange(n_steps)[:, np.newaxis]
        y = (system.changes(at) / system.scale).reshape(n_steps, size, -1)
        mask = np.broadcast_to(np.arange(n_steps)[:, np.newaxis] >= READ_ONLY, at.shape)
        return system.inputs[at].astype(np.float32), y.astype(np.float32), mask


@dataclass(frozen=True)
class Row:
    """One setting of one method on one system."""

    system: str
    method: str
    number: int  # in GRIDS[method]
    trials: int
    times: int = 1  # as long as BUDGET
    group: int = 1  # trials run one by one


ROWS = {
    f"{system} {method} {number}": Row(
        system, method, number, 5 if CHOSEN.get((system, method)) == number else 1
    )
    for system in SYSTEMS
    for method, grid in GRIDS.items()
    for number in range(len(grid))
} | {
    f"polar motion {method}, {LONGER} times as long": Row(
        "polar motion", method, CHOSEN["polar motion", method], 1, LONGER
    )
    for method in METHODS
    if method != "esn"
}


def run_group(name, seed, trials, deadline=np.inf):
    """Learn with one setting; see `runner`.

    Yields:
        One dictionary a trial: trial, seconds, the errors (H,) on the validation block and
        (parts, H) on the test block, and the scores of `scores.physics`.
    """
    row = ROWS[name]
    system = SYSTEMS[row.system]()
    for trial in trials:
        rng = np.random.default_rng((seed, trial))
        learner = METHODS[row.method](
            Forecast(system), WINDOW, rng, **GRIDS[row.method][row.number]
        )
        seconds, last = 0.0, None
        while seconds < row.times * BUDGET and time.time() < deadline:
            start = clock()
            with np.errstate(all="ignore"):
                piece = next(learner, None)
            seconds += clock() - start
            if piece is None:
                break
            last = piece.predict or last
        if time.time() > deadline:
            return
        yield {"trial": trial, "seconds": round(seconds, 2), **_scores(system, model(last))}


def model(predict):
    """Return the model of a net, a function from the past (T, N, D) to scaled changes (N, H C).

    Args:
        predict: function from x (T, N, D) to y_hat (T, N, H C), or None for a net that never was.
    """

    def changes(past):
        with np.errstate(all="ignore"):
            found = predict(past[-WINDOW:].astype(np.float32))[-1].astype(np.float64)
        return np.clip(np.nan_to_num(found, nan=WORST), -WORST, WORST)

    return changes if predict else lambda past: np.full((past.shape[1], 1), WORST)


def _scores(system, model):
    scores = {}
    for block, score in (
        ("validation", error),
        ("test", by_parts),
    ):
        starts = system.starts(block)
        scores[block] = score(system, system.foretold(model, starts), starts)
    scores |= physics(system, model)
    return {name: _rounded(value) for name, value in scores.items()}


def _rounded(value):
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return [_rounded(v) for v in np.asarray(value).tolist()]
