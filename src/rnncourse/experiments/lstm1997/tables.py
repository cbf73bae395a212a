"""The table of the 1997 memory cell: printed results beside recorded ones."""

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.lstm1997.printed import PRINTED
from rnncourse.experiments.lstm1997.published import published
from rnncourse.experiments.lstm1997.rows import REPRODUCING, ROWS, base, named


def recorded(path, seed):
    """Return the rows of the paper's tables, each with what is recorded of it; see `tables.table`.

    Args:
        path: of a file of results.
        seed: of the results that are shown; of all if None.

    Returns:
        A list with one dictionary a row: row, printed_row (the one that it is a reading of), task,
        weights (of our net), learning_rate, paper and ours. `paper` has the printed numbers of
        weights, trials and sequences (a mean), the success in percent, and what else is printed for
        the row. `ours` is None where nothing is recorded; else it has trials (how many ended),
        solved, capped (how many reached `cap` sequences unsolved), unfinished (how many were given
        up for want of time), success in percent of those that ended, and, over the solved ones,
        mean, std, least and most sequences, and the mean of `st1` and `wrong` (of 2560 test
        sequences) where the row has them; `wrong_capped` is the mean of `wrong` over the capped
        ones.
    """
    trials = records.trials_by_row(path, seed)
    return [
        {
            "row": key,
            "printed_row": base(key),
            "task": row.task,
            "weights": row.net.n_weights,
            "learning_rate": row.learning_rate,
            "paper": {"weights": row.weights, **row.paper},
            "ours": summary(trials[key], row) if key in trials else None,
        }
        for key, row in ROWS.items()
    ]


def summary(trials, row):
    """Return the numbers of `recorded` for a list of trials of a row."""
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


def cells(rows):
    """Return the rows of `recorded` as lists of texts, heads first, the recorded ones only.

    A reading stands below the printed row, named by its details. A mean is over the solved trials,
    and marked ">" where trials are missing from it, capped or unfinished: these took longer. Wrong
    is the mean number of test sequences, of 2560, that a solved trial gets wrong.
    """
    rows = [row for row in rows if row["ours"] is not None]
    head = "row,weights,paper: weights,mean,wrong,ours: mean,range,ratio,wrong,solved,capped"
    lines, above = [[*head.split(","), "unfinished"]], None
    for row in rows:
        paper, ours, name = row["paper"], row["ours"], row["row"]
        if name != row["printed_row"] == above:
            name = name.replace(above, " ", 1)
        above = row["printed_row"]
        found = ["-"] * 4
        if ours["solved"]:
            at_least = "> " * (ours["solved"] < ours["trials"] + ours["unfinished"])
            found = [
                f"{at_least}{ours['mean']:,.0f}",
                f"{ours['least']:,} - {ours['most']:,}" if ours["solved"] > 1 else "-",
                f"{at_least}{ours['mean'] / paper['sequences']:.2f}",
                f"{ours['wrong']:.1f}" if "wrong" in ours else "-",
            ]
        lines.append(
            [
                name,
                f"{row['weights']:,}",
                f"{paper['weights']:,}",
                f"{paper['sequences']:,}",
                f"{paper['wrong']:.1f}" if "wrong" in paper else "-",
                *found,
                f"{ours['solved']} of {ours['trials']}",
                f"at {ours['cap']:,}" if ours["capped"] else "-",
                str(ours["unfinished"]),
            ]
        )
    any_unfinished = any(row["ours"]["unfinished"] for row in rows)
    return lines if any_unfinished else [line[:-1] for line in lines]


def beside(path=None):
    """Return the printed rows as text: the paper's mean, ours as printed, and of another reading.

    Ours are solved trials, of how many, and their mean; an asterisk says that the row comes out.
    """
    found = _results(path)
    lines = [f"{'row':16s} {'paper':>11s}  {'as printed':20s} another reading (* comes out)"]
    for name, row in PRINTED.items():
        details = REPRODUCING.get(name)
        other = f"{found[named(name, details)]:20s} {', '.join(details)}" if details else ""
        paper = f"{'' if row.paper['success'] else '> '}{row.paper['sequences']:,}"
        lines.append(f"{name:16s} {paper:>11s}  {found[name]:20s} {other}".rstrip())
    return "\n".join(lines)


def readings(name, path=None):
    """Return what is recorded of all readings of a printed row, as text like that of `beside`."""
    found = _results(path)
    lines = [f"{name}, paper {PRINTED[name].paper['sequences']:,}"]
    for other in ROWS:
        if base(other) == name and found[other] != "not run":
            details = other.removeprefix(name).removeprefix(" + ")
            if len(REPRODUCING.get(name, ())) > 2:
                details = details.replace(" + ".join(REPRODUCING[name]), "these three")
            lines.append(f"    {details or 'as printed':42s} {found[other]}")
    return "\n".join(lines)


def _results(path):
    """Return what is recorded of each row as text."""
    out = {row.row for row in published(path) if row.comes_out}
    found = {}
    for row in recorded(path or records.RECORDED / "lstm1997.jsonl", None):
        name, ours = row["row"], row["ours"]
        mean = f" {ours['mean']:,.0f}" if ours and ours["solved"] else ""
        text = f"{ours['solved']} of {ours['trials']}{mean}" if ours else "not run"
        found[name] = text + " *" * (name in out)
    return found
