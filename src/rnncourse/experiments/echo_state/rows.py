"""The rows of the experiment, and the numbers that are printed beside them."""

from dataclasses import dataclass

from rnncourse.experiments import records


@dataclass(frozen=True)
class Row(records.Row):
    """One task, for a number of units and of training steps."""

    task: str
    n_hidden: int
    n_train: int
    ridge: float
    delay: int = 0
    noise: float = 0.0
    regressions: int = 1  # on pieces of the series; the readout is their mean
    fixed: str = ""  # "reservoir" or "series": the same in all trials


ROWS = {
    "mackey-glass 17, N = 400, 3000 steps": Row("mackey_glass", 400, 3000, 0.0, 17),
    "mackey-glass 30, N = 400, 3000 steps": Row("mackey_glass", 400, 3000, 0.0, 30, 1e-5),
    "mackey-glass 17, N = 400, 21000 steps": Row("mackey_glass", 400, 21_000, 0.0, 17),
    "mackey-glass 30, N = 400, 21000 steps": Row(
        "mackey_glass", 400, 21_000, 0.0, 30, 1e-8, regressions=4, trials=20
    ),
    "mackey-glass 17, N = 1000, 3000 steps": Row("mackey_glass", 1000, 3000, 1e-14, 17),
    "lorenz, N = 100, 5000 steps": Row("lorenz", 100, 5000, 1e-12),
    "lorenz, N = 300, 5000 steps": Row("lorenz", 300, 5000, 1e-12),
    "lorenz, N = 1000, 5000 steps": Row("lorenz", 1000, 5000, 1e-12),
}
ROWS["memory, N = 20"] = Row("memory", 20, 4000, 1e-12, trials=20)
ROWS |= {
    f"mackey-glass {delay}, N = 400, 3000 steps, fixed {fixed}": Row(
        "mackey_glass", 400, 3000, 0.0, delay, noise, fixed=fixed
    )
    for delay, noise in ((17, 0.0), (30, 1e-5))
    for fixed in ("reservoir", "series")
}
# Their place is part of their seed, in the order in which they were first run. A new row has its
# name for that, and is not added here.
KEYED_BY_PLACE = (
    "mackey-glass 17, N = 400, 3000 steps",
    "mackey-glass 30, N = 400, 3000 steps",
    "mackey-glass 17, N = 400, 21000 steps",
    "mackey-glass 30, N = 400, 21000 steps",
    "mackey-glass 17, N = 1000, 3000 steps",
    "lorenz, N = 100, 5000 steps",
    "lorenz, N = 300, 5000 steps",
    "lorenz, N = 1000, 5000 steps",
    "mackey-glass 17, N = 400, 3000 steps, fixed reservoir",
    "mackey-glass 17, N = 400, 3000 steps, fixed series",
    "mackey-glass 30, N = 400, 3000 steps, fixed reservoir",
    "mackey-glass 30, N = 400, 3000 steps, fixed series",
)
# NRMSE 84 steps ahead: Jaeger (2001), one network each; the last is the 10^-4.2 of Jaeger and Haas
# (2004), second-hand.
PRINTED = {
    "mackey-glass 17, N = 400, 3000 steps": 0.00028,
    "mackey-glass 17, N = 400, 21000 steps": 0.00012,
    "mackey-glass 30, N = 400, 3000 steps": 0.11,
    "mackey-glass 30, N = 400, 21000 steps": 0.032,
    "mackey-glass 17, N = 1000, 3000 steps": 10**-4.2,
}
