"""Recorded results as plain data and as text."""

import importlib

from rnncourse.experiments import names, records
from rnncourse.experiments.lstm1997 import tables as lstm1997


def table(name, path=None, seed=None):
    """Return the recorded results of an experiment as rows, plain data, for `format_table`.

    Args:
        name: of the experiment, such as "lstm1997".
        path: of a file of results; the one that comes with the course if None.
        seed: the seed of the results that are shown; if None that of each row, or 1997 where a row
            has several.

    Returns:
        A list with one dictionary a row. Those of "lstm1997" are those of `lstm1997.tables`, with
        the printed results beside ours; the others are those of `summaries`, with numbers as text.

    Raises:
        ValueError: if there is no experiment of this name, or the file is not there, holds nothing
            of it, or trials that lack something, or a row of it has several seeds, none of them
            1997.
    """
    module = names.module(name)
    path = path or records.RECORDED / f"{name}.jsonl"
    found = [record for record in records.once(path, seed) if record["row"] in module.ROWS]
    if not found:
        of_seed = "" if seed is None else f" with seed {seed}"
        raise ValueError(f"{path} holds no trials of {name}{of_seed}, expected some")
    seeds = {record.get("seed") for record in found}
    if len({(record["row"], record.get("seed")) for record in found}) > len(
        {record["row"] for record in found}
    ):  # one row, several seeds
        if 1997 not in seeds:
            raise ValueError(f"{path} holds the seeds {sorted(seeds, key=str)}, expected one named")
        seed = 1997
    try:
        if name == "lstm1997":
            return lstm1997.recorded(path, seed)
        summaries = importlib.import_module("rnncourse.experiments.summaries")
        return getattr(summaries, f"of_{name}")(path, seed)
    except KeyError as missing:
        raise ValueError(
            f"{path} holds a trial of {name} without {missing}, expected those that it wrote"
        ) from missing


def format_table(rows):
    """Return the rows of `table` as lines of text, the recorded ones only."""
    rows = list(rows)
    if not rows:
        return "what is recorded does not fill a line of the table yet\n"
    if "ours" not in rows[0]:
        return _aligned([list(rows[0]), *([str(v) for v in row.values()] for row in rows)])
    return _aligned(lstm1997.cells(rows))


def _aligned(lines):
    """Return cells as lines of text, the columns aligned, words to the left of theirs."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.ljust(width) if k == 0 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )
