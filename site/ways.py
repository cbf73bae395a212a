"""The table of the four ways for the book, from what is recorded of the experiment."""

import math

from rnncourse.experiments import four_ways

NAMES = {
    "lstm": "LSTM",
    "hessian_free": "Hessian-free",
    "esn": "echo state network",
    "momentum": "initialization and momentum",
    "sgd": "plain, SGD",
    "adam": "plain, Adam",
}


def cell(found, skipped) -> str:
    """Returns what a cell of the table says of the runs of one row, None if there are none."""
    if found is None:
        return "not run" if skipped else ""
    seconds = f", {found.seconds:.2g} s" if math.isfinite(found.seconds) else ""
    return f"{found.solved} of {found.runs}{seconds}"


def table(path=None) -> str:
    """Returns all rows in Markdown: a line for each task and length, a column for each way.

    Args:
        path: file of results; the one that comes with the package if None.
    """
    results, skipped = four_ways.results(path), four_ways.skipped(path)
    lines = [f"| task | length | {' | '.join(NAMES.values())} |", "|---" * (2 + len(NAMES)) + "|"]
    for task in four_ways.TASKS:
        for n_steps in four_ways.LENGTHS:
            keys = [(task, method, n_steps) for method in NAMES]
            cells = [cell(results.get(key), key in skipped) for key in keys]
            lines.append(f"| {task.replace('_', ' ')} | {n_steps} | {' | '.join(cells)} |")
    return "\n".join(lines)
