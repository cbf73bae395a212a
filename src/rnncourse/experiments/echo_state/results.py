"""What is recorded, beside what is printed."""

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.echo_state.rows import PRINTED, ROWS
from rnncourse.experiments.published import Published, seconds, spread


def results(path=None, seed=1997):
    """Return what is recorded, as {row: list of trials}.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: of the results that are wanted.
    """
    return records.trials_by_row(path or records.RECORDED / "echo_state.jsonl", seed, ROWS)


def published(path=None):
    """Return the printed numbers of 2001, and what our reservoirs come to; see `published`.

    An error comes out if the median over the reservoirs, those that run away counted, is at most
    1.5 times the printed one. GMD Report 152 proves a bound of the memory capacity.
    """
    found = results(path)
    lines = [
        _error(name, printed, found[name], reading)
        for row, printed in PRINTED.items()
        for name, reading in (
            (row, "as printed, but 50 test series, each by itself"),
            (f"{row}, fixed reservoir", "the same, one reservoir of ours, and ten series"),
        )
        if name in found and ROWS[row].n_hidden == 400
    ]
    return lines + [_memory(row, found[row]) for row in found if ROWS[row].task == "memory"]


def _error(name, printed, trials, reading):
    row, errors = ROWS[name], np.array([trial["nrmse84"] for trial in trials])
    runaway = f", {np.sum(errors > 1)} run away" if np.any(errors > 1) else ""
    near = np.sum(errors <= 1.5 * printed)
    return Published(
        paper="2001",
        result=f"Mackey-Glass, delay {row.delay}, {row.n_train:,} steps: NRMSE 84 steps ahead",
        reading=reading,
        printed=f"{printed:.2g}",
        ours=f"{spread(errors, median=True)}{runaway}",
        solved=f"{near} of {len(errors)}",
        cost=seconds(trials),
        row=name,
        comes_out=bool(np.median(errors) <= 1.5 * printed),
    )


def _memory(name, trials):
    n, found = ROWS[name].n_hidden, np.array([trial["memory_capacity"] for trial in trials])
    return Published(
        paper="2001",
        result=f"GMD Report 152, proposition 2: memory capacity of {n} units",
        reading="weights 0 and ±0.47, second-hand",
        printed=f"at most {n}",
        ours=spread(found),
        solved=f"{np.sum(found <= n)} of {len(found)}",
        cost=seconds(trials),
        row=name,
        comes_out=None,  # no run can miss a bound that is proved
    )
