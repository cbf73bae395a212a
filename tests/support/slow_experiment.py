"""An experiment for the tests of the runner: each trial takes a moment; groups of two."""

import time
from types import SimpleNamespace

ROWS = {
    "a": SimpleNamespace(trials=6, group=2),
    "b": SimpleNamespace(trials=3, group=2),
}
MOMENT = 0.15  # s


def run_group(row, seed, trials, deadline):
    """Sleep, and return a number that only row, seed and trial decide."""
    results = []
    for trial in trials:
        if time.time() > deadline:
            break
        time.sleep(MOMENT)
        results.append({"trial": trial, "value": hash((len(row), seed, trial)) % 1000})
    return results
