"""What the lectures show of the recorded results, as plain rows: one function an experiment.

Each takes the path of a file of results and a seed, and returns a list of dictionaries whose keys
are the heads of the columns. A count such as 7/10 is of the solved trials; a row of which nothing
is recorded is left out.
"""

import numpy as np

from rnncourse.experiments import (
    echo_state,
    forecasts,
    hessian_free,
    lags,
    long_race,
    lru_choices,
    momentum2013,
    race,
    records,
)


def of_lags(path, seed):
    """Return the solved trials of each task and cell, lengths across; weeks 4 and 5."""
    trials, found = records.trials_by_row(path, seed), {}
    for name, row in lags.ROWS.items():
        line = found.setdefault((row.task, row.cell), {"task": row.task, "cell": row.cell})
        line[f"T = {row.length}"] = _count(trials.get(name, ()))
    lengths = [f"T = {n}" for n in lags.LENGTHS]
    rows = [{**dict.fromkeys(["task", "cell", *lengths], "-"), **line} for line in found.values()]
    return [row for row in rows if any(row[length] != "-" for length in lengths)]


def of_echo_state(path, seed):
    """Return errors and valid times over the reservoirs of each row; week 6."""
    found = []
    for name, trials in echo_state.results(path, seed).items():
        if "nrmse84" in trials[0]:
            what, values = "NRMSE 84 steps ahead", [trial["nrmse84"] for trial in trials]
        elif "memory_capacity" in trials[0]:
            what, values = "memory capacity", [trial["memory_capacity"] for trial in trials]
        else:
            what = "valid Lyapunov times, median"
            values = [float(np.median(trial["valid_times"])) for trial in trials]
        best, worst = sorted((min(values), max(values)), reverse="nrmse84" not in trials[0])
        found.append(
            {
                "row": name,
                "what": what,
                "published": _number(echo_state.PRINTED.get(name)),
                "reservoirs": len(values),
                "best": _number(best),
                "median": _number(np.median(values)),
                "worst": _number(worst),
            }
        )
    return found


def of_momentum2013(path, seed):
    """Return the share of wrong answers at the end of the trials of each row; week 7."""
    found = []
    for name, curves in momentum2013.curves(path, seed).items():
        row, ends = momentum2013.ROWS[name], curves[:, -1]
        same_length = name.startswith("80 echo state")
        found.append(
            {
                "row": name,
                "paper": _number(momentum2013.PAPER[row.column] if same_length else None),
                "trials": len(ends),
                "wrong, mean": f"{ends.mean():.3f}",
                "least": f"{ends.min():.3f}",
                "most": f"{ends.max():.3f}",
            }
        )
    return found


def of_hessian_free(path, seed):
    """Return the solved trials of each row, and the means over these; week 8.

    The work is in thousands of gradients of one sequence, see `hessian_free.work`.
    """
    found = []
    for name, trials in hessian_free.recorded(path, seed).items():
        solved = [trial for trial in trials if trial["outcome"] == "solved"]
        row, keys = hessian_free.ROWS[name], ("updates", "cg_steps", "seconds")
        columns = [*zip(*([trial[key] for key in keys] for trial in solved), strict=True)]
        columns += [[hessian_free.work(row, trial) / 1000 for trial in solved]]
        means = [f"{np.mean(column):.0f}" for column in columns] if solved else ["-"] * 4
        heads = ("steps", "products", "seconds", "work")
        found.append(
            {"row": name, "solved": _count(trials), **dict(zip(heads, means, strict=True))}
        )
    return found


def of_long_race(path, seed):
    """Return the solved runs of each task and length, methods across; week 11.

    Behind the count the median seconds of those that are solved.
    """
    trials = records.trials_by_row(path, seed)

    def shown(name):
        if name not in trials:
            return "skipped" if long_race.skip(name, trials) else "-"
        seconds = [t["seconds"] for t in trials[name] if t["outcome"] == "solved"]
        return _count(trials[name]) + (f" in {np.median(seconds):.2g} s" if seconds else "")

    return [
        {"task": task, "length": n}
        | {method: shown(f"{task} {method} {n}") for method in long_race.NAMES}
        for task in long_race.TASKS
        for n in long_race.LENGTHS
    ]


def of_lru_choices(path, seed):
    """Return for each row the solved trials, and of each its updates and share wrong; week 11."""
    trials = records.trials_by_row(path, seed)
    return [
        {
            "row": name,
            "solved": _count(trials[name]),
            "updates": ", ".join(str(trial["updates"]) for trial in trials[name]),
            "words wrong": ", ".join(f"{trial['wrong']:.2f}" for trial in trials[name]),
        }
        for name in lru_choices.ROWS
        if name in trials
    ]


def of_race(path, seed):
    """Return the solved runs of each task, method and length, by budget; week 9."""
    found = []
    for (task, method, n_steps), trials in race.runs(path, seed).items():
        solved, n = race.share_solved(trials, race.BUDGETS)
        line = {"task": task, "method": method, "length": n_steps, "runs": n}
        line |= {f"{b:g} s": int(k) for b, k in zip(race.BUDGETS, solved, strict=True)}
        found.append(line | {"settings": _settings(trials[0]["arguments"])})
    return found


def of_race_tuning(path, seed):
    """Return what the settings of the last round came to, the winner marked; week 9.

    Beside the winner stand those of its settings that are at an end of their range.
    """
    found, ends = [], race.tuning.edges(path, seed)
    for name, (trial, *_) in records.trials_by_row(path, seed, race.tuning.ROWS).items():
        row = race.tuning.ROWS[name]
        tried = race.tuning.draws(row.method)
        for place, result in enumerate(trial["rounds"][-1]):
            unsolved, seconds, wrong, _ = race.tuning.rank(result)
            runs = len(result["runs"])
            at_ends = ", ".join(ends.get((row.task, row.method), ())) or "-"
            found.append(
                {
                    "task": row.task,
                    "method": row.method,
                    "settings": _settings(tried[result["number"]]),
                    "solved": f"{runs - unsolved} of {runs}",
                    "median seconds": f"{seconds:.2f}",
                    "median wrong": f"{wrong:.1f}",
                    "won": "-" if place else "yes",
                    "at an end": "-" if place else at_ends,
                }
            )
    return found


def _settings(settings):
    texts = (v if isinstance(v, str) else f"{v:g}" for v in settings.values())
    return ", ".join(f"{key} {text}" for key, text in zip(settings, texts, strict=True))


def of_four_ways_forecast(path, seed):
    """Return the test errors at each horizon, in units of the system, baselines first; week 9."""
    found = []
    for name, make in forecasts.SYSTEMS.items():
        trials = forecasts.results.results(name, path, seed)
        if not trials:
            continue
        system = make()
        starts = system.starts("test")
        parts = {
            baseline: forecasts.scores.by_parts(system, change, starts)[np.newaxis]
            for baseline, change in forecasts.baselines.forecasts(system, "test").items()
        } | {method: np.array([run["test"] for run in runs]) for method, runs in trials.items()}
        for method, errors in parts.items():
            line = {"system": f"{name} ({system.unit})", "method": method, "seeds": len(errors)}
            numbers = zip(*forecasts.scores.mean_and_bar(errors), strict=True)
            line["horizons"] = ", ".join(map(str, system.horizons))
            for n, (mean, bar) in enumerate(numbers, 1):
                line[f"error {n}"] = (
                    f"{mean:.2g} +- {bar:.1g}" if mean < 10 else f"{mean:.0f} +- {bar:.0f}"
                )
            found.append(line)
    most = max((len(line) for line in found), default=0)
    heads = next((list(line) for line in found if len(line) == most), [])
    return [{head: line.get(head, "-") for head in heads} for line in found]


def _count(trials):
    solved = sum(trial["outcome"] == "solved" for trial in trials)
    return f"{solved}/{len(trials)}" if trials else "-"


def _number(value):
    return "-" if value is None else f"{value:.2g}"
