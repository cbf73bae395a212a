"""The rows: the unit with all its choices, with each of them switched off, and the rivals."""

from dataclasses import dataclass, field

import numpy as np

from rnncourse import lru, lstm, mingru
from rnncourse.experiments import records
from rnncourse.experiments.lru_choices.cell import Plain

BLANKS = 1000  # between the word and the trigger
FEATURES, HIDDEN, READ = 16, 64, 32  # units below the cell, of the cell, above it
RATE, CAP, EVERY = 3e-3, 600, 50  # of Adam; updates; a look after every 50
RING = {"radius": (0.99, 0.9999), "phase": np.pi}


@dataclass(frozen=True, kw_only=True)
class Row(records.Row):
    """What is other than in the unit with all choices."""

    cell: object = lru
    hidden: int = HIDDEN
    options: dict = field(default_factory=lambda: RING)  # of the cell's `init`
    real: bool = False  # omega = 0, and stays
    fixed: tuple = ()  # names of parameters of the cell that are not learned
    no_gain: bool = False  # it is 1, and stays
    max_norm: float = 1.0  # longer gradients are clipped
    states: str = ""  # of a rival that learns a ridge regression alone
    trials: int = 3


_NO_GAIN = {"no_gain": True, "fixed": ("log_gain",)}
_DRAWN = {"fixed": ("log_omega", "log_rate")}
ROWS = {
    "all choices": Row(),
    "uniform disc": Row(options=RING | {"radius": (0.0, 0.9999)}),
    "tenth of the phase": Row(options=RING | {"phase": np.pi / 10}),
    "real eigenvalues": Row(real=True, fixed=("log_omega",)),
    "plain eigenvalues": Row(cell=Plain()),
    "plain, steps / 100": Row(cell=Plain(0.01)),
    "no gain": Row(**_NO_GAIN),
    "phase not learned": Row(fixed=("log_omega",)),
    "eigenvalues not learned": Row(**_DRAWN),
    "all choices, not clipped": Row(max_norm=np.inf),
    "no gain, not clipped": Row(**_NO_GAIN, max_norm=np.inf),
    "eigenvalues not learned, not clipped": Row(**_DRAWN, max_norm=np.inf),
    "minimal GRU": Row(cell=mingru, options={"update_bias": round(np.log(BLANKS), 2)}),
    "LSTM": Row(cell=lstm, hidden=32, options={"forget_bias": round(np.log(BLANKS), 2)}),
    "ridge on a drawn ring": Row(states="ring"),
    "ridge on a reservoir": Row(states="reservoir", hidden=500),
    "ridge on averages": Row(states="averages"),
}
