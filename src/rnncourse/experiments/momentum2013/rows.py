"""What is run: a row is one column of the paper's table at one length, and what differs from it."""

from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records

SIZES = {  # T: hidden units, sequences, updates
    20: (50, 50, 3000),
    30: (50, 50, 4000),
    50: (50, 50, 15_000),
    80: (100, 50, 15_000),
}
SHORT = (100, 50, 5000)  # T = 80
LONG = (100, 50, 50_000)
WHOLE = (100, 100, 50_000)  # of the paper, T = 80
COLUMNS = ("0", "0.9N", "0.98N", "0.995N", "0.9M", "0.98M", "0.995M")  # N: Nesterov, M: momentum
PAPER = dict(zip(COLUMNS, (0.39, 0.02, 0.21, 0.00025, 0.43, 0.62, 0.036), strict=True))
PAPER_BIASES = 0.82  # a net that learned no communication over time
GRID = (0.03, 0.1, 0.3, 1.0, 3.0)  # eta / (1 - mu)
# Of each start and column, eta / (1 - mu): the best of GRID at T = 20. Gradient descent from the
# Gaussian start has the best by its cost: at each rate it is about as wrong as a constant answer.
RATES = {
    ("echo state", "0"): 0.1,
    ("echo state", "0.9N"): 1.0,
    ("echo state", "0.98N"): 3.0,
    ("echo state", "0.995N"): 1.0,
    ("echo state", "0.9M"): 1.0,
    ("echo state", "0.98M"): 1.0,
    ("echo state", "0.995M"): 1.0,
    ("gaussian", "0"): 0.3,
    ("gaussian", "0.995N"): 1.0,
}


@dataclass(frozen=True)
class Row(records.Row):
    """One start and one momentum at one length; `rate` is eta / (1 - mu)."""

    length: int
    column: str
    start: str = "echo state"
    input_scale: float = 0.2
    spectral_radius: float = 1.1
    rate: float = 0.2
    size: tuple | None = None  # hidden units, sequences, updates; those of SIZES if None
    max_norm: float = np.inf  # longer gradients are clipped
    fixed: bool = False  # all sequences equally long
    marks: bool = False  # -1 at the first step and three before the last
    first_state: bool = False  # h_0 is learned
    early: int | None = None  # updates with mu = 0.9 at first, a tenth if None
    late: int = 0  # and at the end

    @property
    def dimensions(self):
        """Return the numbers of hidden units, of sequences of an update, and of updates."""
        return self.size or SIZES[self.length]


def share(column):
    """Return the mu of a column: 0.98 of "0.98N"."""
    return float(column.rstrip("NM"))


def tuning(name, column, rate):
    """Return the name of the row in which a rate was tried: "tune 20 gaussian 0.995N 0.3"."""
    return f"tune 20 {name.removeprefix('echo state')} {column} {rate}".replace("  ", " ")


def tuned(name, column):
    """Return the name of the row of a start and a column at T = 20, with the best of GRID."""
    return f"20 {name} {column}, rate {RATES[name, column]}"


ROWS = {
    tuning(name, column, rate): Row(20, column, name, rate=rate, trials=1)
    for name, column in RATES
    for rate in GRID
}
ROWS |= {
    tuned(name, column): Row(20, column, name, rate=rate, trials=5)
    for (name, column), rate in RATES.items()
}
ROWS |= {  # two starts each with a rate that was best at T = 30, of which one did not learn
    f"tune echo state 0.995 {rate}": Row(30, "0.995N", rate=rate, trials=2) for rate in (1.0, 3.0)
}
ROWS |= {  # with the better of these rates
    "20 echo state 0.995N": Row(20, "0.995N", rate=3.0, trials=5),
    "20 gaussian scale 1.0": Row(20, "0.995N", "gaussian", input_scale=1.0, rate=3.0, trials=2),
    **{
        f"20 scale {s}": Row(20, "0.995N", input_scale=s, rate=3.0, trials=2)
        for s in (0.001, 0.02, 1.0)
    },
    "20 radius 1.5": Row(20, "0.995N", spectral_radius=1.5, rate=3.0, trials=2),
    "20 radius 0.8": Row(20, "0.995N", spectral_radius=0.8, rate=3.0, trials=5),
    **{
        f"20 radius 0.8, rate {rate}": Row(20, "0.995N", spectral_radius=0.8, rate=rate, trials=5)
        for rate in (1.0, 0.3)
    },
    "20 gaussian 0, rate 0.1": Row(20, "0", "gaussian", rate=0.1, trials=5),
}
ROWS |= {  # a twentieth of the paper's sequences, with the rates that N had at T = 30
    f"80 echo state {c}": Row(80, c, input_scale=0.001, trials=1, rate=rate, size=SHORT)
    for c, rate in zip(COLUMNS, (0.1, 0.1, 1.0, 3.0, 0.1, 1.0, 3.0), strict=True)
}
ROWS |= {
    f"80 whole 0.995N {r}": Row(80, "0.995N", input_scale=0.001, rate=r, trials=1, size=WHOLE)
    for r in (0.3, 1.0, 3.0)
}

BASE = {"rate": 0.2, "max_norm": 0.05, "fixed": True, "early": 1000, "late": 1000}
CHANGES = {  # one at a time
    "base": {},
    "varying length": {"fixed": False},
    "varying length, end marks": {"fixed": False, "marks": True},
    "end marks": {"marks": True},
    "no clipping": {"max_norm": np.inf},
    "no clipping, end marks": {"max_norm": np.inf, "marks": True},
    "no clipping, varying length": {"max_norm": np.inf, "fixed": False},
    "no clipping, varying length, end marks": {"max_norm": np.inf, "fixed": False, "marks": True},
    "clipping at 0.2": {"max_norm": 0.2},
    "rate 1.0": {"rate": 1.0},
    "rate 1.0, clipping at 0.2": {"rate": 1.0, "max_norm": 0.2},
    "rate 0.05": {"rate": 0.05},
    "rate 0.02": {"rate": 0.02},
    "scale 0.02": {"input_scale": 0.02},
    "scale 0.001": {"input_scale": 0.001},
    "first state": {"first_state": True},
}
ROWS |= {
    f"{length} {name}": Row(length, "0.995N", trials=3, **(BASE | change))
    for length in (50, 80)
    for name, change in CHANGES.items()
}
ROWS |= {  # as many updates as the paper's
    f"80 long, {name}": Row(80, "0.995N", trials=4, size=LONG, **(BASE | change))
    for name, change in CHANGES.items()
}
MARKED = BASE | CHANGES["no clipping, end marks"]  # the best of them, with each other momentum:
ROWS |= {  # eta = 1e-3, the largest of the paper's list
    f"80 long, no clipping, end marks, {column}": Row(
        80, column, trials=2, size=LONG, **(MARKED | {"rate": 1e-3 / (1 - share(column))})
    )
    for column in COLUMNS
    if column != "0.995N"
}
ROWS |= {  # eta / (1 - mu) = 0.2, as there, and less: mostly rates above that list
    f"80 long, no clipping, end marks, {column}, rate {rate}": Row(
        80, column, trials=5, size=LONG, **(MARKED | {"rate": rate})
    )
    for rate in (0.2, 0.1, 0.05, 0.02)
    for column in COLUMNS
    if not np.isclose(rate * (1 - share(column)), 1e-3)  # these stand above
}
