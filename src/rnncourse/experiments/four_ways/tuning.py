"""How each method of the four ways got its settings: the same search for each of them.

Four settings of each method were tried on one short problem of each family of tasks, for ten
seconds of one core's time, with a seed that is not reported. The winner is the one that solved its
problem first; where none did, the one with the fewest wrong sequences at the end.

    numbers    adding, length 20             for adding, multiplication, xor
    classes    temporal_order, length 30     for temporal_order, temporal_order_3,
                                             random_permutation
    words      memorization_5, 10 blanks     for memorization_5, memorization_20

The ranges come from trials by hand: for the LSTM and the plain nets those of the experiment `lags`,
a few for Hessian-free and momentum, and about fifty short runs for the reservoirs, which had no
earlier experiment to start from.

What was tried is `GRIDS`, what came out is in recorded/four_ways_tuning.jsonl, and `TUNED` holds
the place of each winner; a test compares the three.
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.train import train

PROBLEMS = {
    "numbers": ("adding", 20),
    "classes": ("temporal_order", 30),
    "words": ("memorization_5", 10),
}
FAMILIES = {
    "adding": "numbers",
    "multiplication": "numbers",
    "xor": "numbers",
    "temporal_order": "classes",
    "temporal_order_3": "classes",
    "random_permutation": "classes",
    "memorization_5": "words",
    "memorization_20": "words",
}
TUNING_SEED, TUNING_BUDGET = 2013, 10.0


def _esn(spectral_radius, input_scale, leak, bias_scale):
    return {
        "spectral_radius": spectral_radius,
        "input_scale": input_scale,
        "leak": leak,
        "bias_scale": bias_scale,
    }


GRIDS = {
    "lstm": [
        {"learning_rate": rate, "forget_bias": bias} for rate in (3e-3, 1e-2) for bias in (1, 3)
    ],
    "hessian_free": [
        {"structural": structural, "input_scale": scale}
        for structural in (0.0, 0.03)
        for scale in (0.3, 1.0)
    ],
    "esn": [
        _esn(1.0, 0.3, 0.1, 0.5),
        _esn(1.0, 1.0, 0.03, 0.5),
        _esn(0.99, 0.01, 1.0, 0.0),
        _esn(0.95, 0.3, 1.0, 0.2),
    ],
    "momentum": [
        {"learning_rate": rate, "input_scale": scale}
        for rate in (3e-3, 1e-2)
        for scale in (0.01, 0.3)
    ],
    "sgd": [{"learning_rate": rate} for rate in (0.01, 0.03, 0.1, 0.3)],
    "adam": [{"learning_rate": rate} for rate in (3e-4, 1e-3, 3e-3, 1e-2)],
}

TUNED = {
    ("numbers", "lstm"): 2,
    ("numbers", "hessian_free"): 0,
    ("numbers", "esn"): 1,
    ("numbers", "momentum"): 3,
    ("numbers", "sgd"): 1,
    ("numbers", "adam"): 1,
    ("classes", "lstm"): 2,
    ("classes", "hessian_free"): 2,
    ("classes", "esn"): 1,
    ("classes", "momentum"): 2,
    ("classes", "sgd"): 2,
    ("classes", "adam"): 1,
    ("words", "lstm"): 3,
    ("words", "hessian_free"): 2,
    ("words", "esn"): 2,
    ("words", "momentum"): 2,
    ("words", "sgd"): 2,
    ("words", "adam"): 2,
}


def settings_of(task, method):
    """Return the settings of a method for a task."""
    return GRIDS[method][TUNED[FAMILIES[task], method]]


@dataclass(frozen=True)
class Row:
    """One setting of one method on the problem of one family."""

    family: str
    method: str
    number: int  # in GRIDS[method]
    trials: int = 1
    group: int = 1  # trials run one by one


ROWS = {
    f"{family} {method} {number}": Row(family, method, number)
    for family in PROBLEMS
    for method, grid in GRIDS.items()
    for number in range(len(grid))
}


def run_group(name, seed, trials, deadline=np.inf):
    """Try one setting; the result is as in `race`."""
    row = ROWS[name]
    task, n_steps = PROBLEMS[row.family]
    settings = GRIDS[row.method][row.number]
    results = (
        train(task, row.method, n_steps, settings, (seed, trial), TUNING_BUDGET, deadline)
        for trial in trials
    )
    return [
        {"trial": trial, **result}
        for trial, result in zip(trials, results, strict=True)
        if result is not None
    ]


def winners(path=None, seed=TUNING_SEED):
    """Return {(family, method): number} of the settings that won in a file of results.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    found = {}
    path = path or records.RECORDED / "four_ways_tuning.jsonl"
    for name, trials in records.trials_by_row(path, seed).items():
        row = ROWS[name]
        for trial in trials:
            score = (trial["outcome"] != "solved", trial["seconds"], trial["wrong"], row.number)
            found.setdefault((row.family, row.method), []).append(score)
    return {key: min(scores)[-1] for key, scores in found.items()}
