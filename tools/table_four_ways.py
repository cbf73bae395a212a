"""The tables of the four ways for the book, from what is recorded of the race."""

import numpy as np

from rnncourse.experiments import race


def cell(trials, skipped) -> str:
    """Returns what a cell of the table says of the runs of one row, a dash if there are none."""
    if trials is None:
        return "not\N{NO-BREAK SPACE}run" if skipped else "-"
    ends = race.ends(trials)
    middle = np.median(ends)
    seconds = f"<br>{middle:.3g} s" if np.isfinite(middle) else ""
    solved = int(np.isfinite(ends).sum())
    return f"{solved} of {len(ends)}{seconds}".replace(" ", "\N{NO-BREAK SPACE}")


def tables(path=None) -> str:
    """Returns a table of each task in Markdown: a line for each length, a column for each way.

    Args:
        path: file of results; the one that comes with the package if None.
    """
    found = race.runs(path)
    skipped, lines = race.skipped(found), []
    for task in dict.fromkeys(task for task, _, _ in found):
        shown = {*race.METHODS, *(method for of, method, _ in found if of == task)}
        names = {method: name for method, name in race.NAMES.items() if method in shown}
        lines += [f"## {task.replace('_', ' ').capitalize()}", ""]
        lines += [f"| length | {' | '.join(names.values())} |", "|---" * (1 + len(names)) + "|"]
        for n_steps in race.LENGTHS:
            keys = [(task, method, n_steps) for method in names]
            cells = [cell(found.get(key), key in skipped) for key in keys]
            lines.append(f"| {n_steps} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)
