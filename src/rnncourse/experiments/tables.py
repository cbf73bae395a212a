"""Recorded results beside the printed ones, as plain data and as text."""

import importlib
from importlib import resources

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.lstm1997_rows import ROWS

OTHERS = (
    "echo_state",
    "four_ways",
    "four_ways_bias",
    "four_ways_forecast",
    "four_ways_tuning",
    "hessian_free",
    "lags",
    "momentum2013",
)


def table(name, path=None, seed=None):
    """Return the recorded results of an experiment as rows, plain data, for `format_table`.

    Args:
        name: of the experiment, such as "lstm1997".
        path: of a file of results; the one that comes with the course if None.
        seed: the seed of the results that are shown; if None that of each row, or 1997 where a row
            has several.

    Returns:
        A list with one dictionary a row. Those of "lstm1997" have row, task, weights,
        learning_rate, paper and ours. `paper` has the printed mean number of sequences, the success
        in percent, and what else is printed for the row. `ours` is None where nothing is recorded;
        else it has trials (how many ended), solved, capped (how many reached `cap` sequences
        unsolved), unfinished (how many were given up for want of time), success in percent of those
        that ended, and, over the solved ones, mean, std, least and most sequences, and the mean of
        `st1` and `wrong` (of 2560 test sequences) where the row has them; `wrong_capped` is the
        mean of `wrong` over the capped ones. The rows of the others are those of `summaries`, with
        numbers as text.

    Raises:
        ValueError: if there is no experiment of this name, or the file is not there, holds nothing
            of it, or a row of it has several seeds, none of them 1997.
    """
    if name not in ("lstm1997", *OTHERS):
        raise ValueError(f"name is {name!r}, expected one of {sorted(('lstm1997', *OTHERS))}")
    module = importlib.import_module(f"rnncourse.experiments.{name}")
    path = path or resources.files("rnncourse") / "data" / f"{name}.jsonl"
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
    if name in OTHERS:
        summaries = importlib.import_module("rnncourse.experiments.summaries")
        return getattr(summaries, f"of_{name}")(path, seed)
    trials = records.trials_by_row(path, seed)
    return [
        {
            "row": key,
            "task": row.task,
            "weights": row.weights,
            "learning_rate": row.learning_rate,
            "paper": {"trials": row.trials, **row.paper},
            "ours": summary(trials[key], row) if key in trials else None,
        }
        for key, row in ROWS.items()
    ]


def summary(trials, row):
    """Return the numbers of `table` for a list of trials of a row."""
    solved = [trial for trial in trials if trial["outcome"] == "solved"]
    ours = {
        "trials": len(trials),
        "solved": len(solved),
        "capped": len(trials) - len(solved),
        "unfinished": max(0, row.trials - len(trials)),
        "cap": row.cap,
        "success": 100 * len(solved) / len(trials),
    }
    if solved:
        sequences = np.array([trial["sequences"] for trial in solved])
        ours |= {
            "mean": float(sequences.mean()),
            "std": float(sequences.std(ddof=1)) if len(solved) > 1 else 0.0,
            "least": int(sequences.min()),
            "most": int(sequences.max()),
        }
        for key in ("st1", "wrong"):
            if key in solved[0]:
                ours[key] = float(np.mean([trial[key] for trial in solved]))
    wrong = [t["wrong"] for t in trials if t["outcome"] == "capped" and "wrong" in t]
    return ours | ({"wrong_capped": float(np.mean(wrong))} if wrong else {})


def format_table(rows):
    """Return the rows of `table` as lines of text, the recorded ones only.

    In that of lstm1997 a mean is over the solved trials, and marked ">" where trials are missing
    from it, capped or unfinished: these took longer. Wrong is the mean number of test sequences, of
    2560, that a solved trial gets wrong.
    """
    rows = list(rows)
    if rows and "ours" not in rows[0]:
        return _aligned([list(rows[0]), *([str(v) for v in row.values()] for row in rows)])
    rows = [row for row in rows if row["ours"] is not None]
    head = "row,weights,paper: mean,success,wrong,ours: mean,std,range,ratio,wrong,solved,capped"
    lines = [[*head.split(","), "unfinished"]]
    for row in rows:
        paper, ours = row["paper"], row["ours"]
        found, at_least = ["-"] * 5, "> " * (ours["solved"] < paper["trials"])
        if ours["solved"]:
            found = [
                f"{at_least}{ours['mean']:,.0f}",
                f"{ours['std']:,.0f}" if ours["solved"] > 1 else "-",
                f"{ours['least']:,} - {ours['most']:,}" if ours["solved"] > 1 else "-",
                f"{at_least}{ours['mean'] / paper['sequences']:.2f}",
                f"{ours['wrong']:.1f}" if "wrong" in ours else "-",
            ]
        lines.append(
            [
                row["row"],
                f"{row['weights']:,}",
                f"{paper['sequences']:,}",
                f"{paper['success']} %",
                f"{paper['wrong']:.1f}" if "wrong" in paper else "-",
                *found,
                f"{ours['solved']} of {paper['trials']}",
                f"{ours['capped']} at {ours['cap']:,}" if ours["capped"] else "-",
                str(ours["unfinished"]),
            ]
        )
    if not any(row["ours"]["unfinished"] for row in rows):
        lines = [line[:-1] for line in lines]
    return _aligned(lines)


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
