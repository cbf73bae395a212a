"""The settings of each method: the range of each, sixteen draws from it, and rules for the length.

All settings hold for every length, but two that are in units of the length: the half-life of an
LSTM's memory at the start, which sets its forget bias as in week 5, and the span of the memories
without recurrence.
"""

import math
import zlib
from typing import NamedTuple

import numpy as np

from rnncourse.experiments.four_ways import methods

DRAWS = 16  # settings of each method


class Log(NamedTuple):
    """A range of numbers, evenly covered on a log scale; outside its limits the nearest counts."""

    low: float
    high: float
    limits: tuple = (0.0, math.inf)

    def at(self, share):
        """Return the number at a share of the way, to two digits."""
        value = float(f"{self.low * (self.high / self.low) ** share:.2g}")
        return min(max(value, self.limits[0]), self.limits[1])


class Whole(NamedTuple):
    """A range of whole numbers, evenly covered on a log scale."""

    low: int
    high: int

    def at(self, share):
        """Return the number at a share of the way."""
        return round(self.low * (self.high / self.low) ** share)


class Either(NamedTuple):
    """A few choices."""

    choices: tuple

    def at(self, share):
        """Return the choice at a share of the way."""
        return self.choices[int(share * len(self.choices))]


BATCHES = Whole(8, 128)
RANGES = {
    "lstm": {
        "learning_rate": Log(1e-3, 0.1),
        "half_life": Log(0.1, 10),  # of what a cell holds at the start, in lengths
        "batch": BATCHES,
    },
    "hessian_free": {
        "structural": Either((0.0, 0.03, 0.3)),
        "input_scale": Log(0.1, 1.5),
        "damping": Log(1e-3, 1),
        "batch": Whole(200, 2000),
    },
    "esn": {
        "spectral_radius": Either((0.9, 0.95, 0.99, 1.0, 1.05)),
        "input_scale": Log(0.01, 3),
        "leak": Log(0.01, 3, (0, 1)),
        "bias_scale": Either((0.0, 0.2, 0.5)),
    },
    "momentum": {
        "learning_rate": Log(1e-4, 0.1),
        "input_scale": Log(0.003, 1),
        "mu": Either((0.9, 0.98, 0.995)),
        "batch": BATCHES,
    },
    "sgd": {"learning_rate": Log(1e-3, 1), "batch": BATCHES},
    "adam": {"learning_rate": Log(1e-4, 0.1), "batch": BATCHES},
    "adam_sparse": {
        "learning_rate": Log(1e-4, 0.1),
        "input_scale": Log(0.1, 1.5),
        "batch": BATCHES,
    },
    "hessian_free_orthogonal": {
        "structural": Either((0.0, 0.03, 0.3)),
        "damping": Log(1e-3, 1),
        "batch": Whole(200, 2000),
    },
    "without_recurrence": {
        "memory": Either(("averages", "window")),
        "readout": Either(("dense", "linear")),
        "span": Log(0.2, 10),  # in lengths
        "input_scale": Log(0.1, 3),
        "dense_scale": Log(0.05, 5),
    },
    "lru": {
        "learning_rate": Log(3e-4, 0.03),
        "shortest": Log(0.03, 1),  # time constant of the ring's inner edge, in lengths
        "longest": Log(1, 100),  # of its outer edge
        "phase": Log(0.3, 100),  # in units of 1 / length
        "batch": BATCHES,
    },
    "mingru": {
        "learning_rate": Log(3e-4, 0.03),
        "time": Log(0.1, 100),  # for which a gate keeps at the start, in lengths
        "batch": BATCHES,
    },
}
BLOCKS = ("lru", "mingru")  # raced by `long_race` alone, on its tasks
CROSSED = tuple(methods.CROSSED)  # raced on the tasks of `long_race`
METHODS = tuple(method for method in RANGES if method not in (*BLOCKS, *CROSSED))
NAMES = methods.NAMES | {"without_recurrence": "no recurrence"} | methods.CROSSED_NAMES


def draws(method):
    """Return `DRAWS` settings of a method, each range covered evenly.

    Source:
        McKay, Beckman and Conover, Technometrics 21 (1979) 239: a Latin hypercube.
    """
    rng = np.random.default_rng(zlib.crc32(method.encode()))
    places = [(rng.permutation(DRAWS) + 0.5) / DRAWS for _ in RANGES[method]]
    return [
        {
            name: of.at(share)
            for (name, of), share in zip(RANGES[method].items(), shares, strict=True)
        }
        for shares in zip(*places, strict=True)
    ]


def at_length(settings, n_steps):
    """Return the arguments of a method: settings, with those for this length.

    What an LSTM holds is multiplied at each step by sigmoid(b), so that half of it is left after
    log 2 / log(1 + exp(-b)) steps, and b = -log(2^(1 / half-life) - 1).
    """
    if "half_life" not in settings:
        return settings
    steps = settings["half_life"] * n_steps
    bias = round(-math.log(math.expm1(math.log(2) / steps)), 2)
    return {k: v for k, v in settings.items() if k != "half_life"} | {"forget_bias": bias}


def on_edge(method, settings):
    """Return the names of those settings that are the lowest or highest draw of a range."""
    tried = {
        name: sorted({d[name] for d in draws(method)})
        for name, of in RANGES[method].items()
        if not isinstance(of, Either)
    }
    return [name for name, of in tried.items() if settings[name] in (of[0], of[-1])]
