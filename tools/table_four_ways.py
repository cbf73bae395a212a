"""The tables of the four ways for the book, from what is recorded of the experiment."""

import math

from rnncourse.experiments import four_ways


def cell(found, skipped) -> str:
    """Returns what a cell of the table says of the runs of one row, None if there are none."""
    if found is None:
        return "not\N{NO-BREAK SPACE}run" if skipped else ""
    seconds = f"<br>{found.seconds:.2g} s" if math.isfinite(found.seconds) else ""
    return f"{found.solved} of {found.runs}{seconds}".replace(" ", "\N{NO-BREAK SPACE}")


def tables(path=None) -> str:
    """Returns a table of each task in Markdown: a line for each length, a column for each way.

    Args:
        path: file of results; the one that comes with the package if None.
    """
    results, skipped = four_ways.results(path), four_ways.skipped(path)
    lines = []
    for task in four_ways.TASKS:
        lines += [f"## {task.replace('_', ' ').capitalize()}", ""]
        lines += [
            f"| length | {' | '.join(four_ways.NAMES.values())} |",
            "|---" * (1 + len(four_ways.NAMES)) + "|",
        ]
        for n_steps in four_ways.LENGTHS:
            keys = [(task, method, n_steps) for method in four_ways.NAMES]
            cells = [cell(results.get(key), key in skipped) for key in keys]
            lines.append(f"| {n_steps} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)
