"""Three physical systems whose future is to be forecast from their past.

    lorenz         x of the Lorenz system alone; chaos, and nothing from outside
    duffing        position in two wells, driven by a periodic force that is seen too; chaos
    polar motion   where the Earth's axis meets its crust; measured, nearly linear, and driven by
                   air and water that nobody shows us

Each has blocks in time: to learn from, to choose settings by (validation), for the test. A forecast
starts at a sample of its block, reads only samples up to this one, and its target lies within the
block too.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from rnncourse import datasets, physics
from rnncourse.inputs import check_finite, check_shape, integer

PAST = 240  # samples that a forecast may read
LORENZ_DT = 0.05
DAMPING, DRIVE, OMEGA = 0.25, 0.3, 1.0  # of the Duffing oscillator
DUFFING_DT = 2 * np.pi / OMEGA / 20  # twenty samples a period of the drive
DAYS = 10  # between two samples of polar motion
CHANDLER, YEAR = 433.0, 365.25  # days, the periods of polar motion


@dataclass(frozen=True)
class System:
    """A series and what is asked about it; D inputs, C components, H horizons."""

    name: str
    inputs: np.ndarray  # (T, D) what is seen, about of size one
    values: np.ndarray  # (T, C) what is forecast, in `unit`
    horizons: tuple  # in samples
    train: slice
    validation: slice
    test: slice
    unit: str
    dt: float  # between two samples
    periods: tuple = ()  # in samples, of lines that the spectrum is known to have
    stride: int = 1  # samples between two starts of a forecast
    lyapunov: float = np.nan  # largest exponent, per unit of time
    parts: int = 10  # into which the test block is cut for the error bars
    scale: np.ndarray = field(init=False)  # (H, C) of a change in the training block

    def __post_init__(self):
        """Check series and blocks, and compute the size of a change at each horizon."""
        for name in ("inputs", "values"):
            check_shape(name, getattr(self, name), (len(self.values), "C"))
            check_finite(name, getattr(self, name))
        end = 0
        for name in ("train", "validation", "test"):
            cut = getattr(self, name)
            integer(f"{name}.start", cut.start, end, besides=", after the block before")
            end = integer(f"{name}.stop", cut.stop, cut.start + 1, len(self.values))
        known = self.values[self.train]
        sizes = [(known[h:] - known[:-h]).std(axis=0) for h in self.horizons]
        object.__setattr__(self, "scale", np.array(sizes))

    def starts(self, block):
        """Return the samples at which the forecasts of a block start, (N,)."""
        cut = getattr(self, block)
        return np.arange(max(cut.start, PAST), cut.stop - max(self.horizons), self.stride)

    def past(self, starts, n_steps=PAST):
        """Return what is known at each start, (n_steps, N, D); the last is the present sample."""
        return self.inputs[np.asarray(starts) + np.arange(1 - n_steps, 1)[:, np.newaxis]]

    def changes(self, starts):
        """Return the true changes from each start to each horizon, (N, H, C), in `unit`."""
        starts = np.asarray(starts)
        return np.stack(
            [self.values[starts + h] - self.values[starts] for h in self.horizons], axis=-2
        )

    def foretold(self, model, starts):
        """Return the same, (N, H, C), as a model says: a function from the past to scaled ones."""
        changes = model(self.past(starts)) * self.scale.ravel()
        return changes.reshape(len(starts), *self.scale.shape)


@cache
def lorenz():
    """Return x of one trajectory, in standard deviations, every 0.05 units of time."""
    x = physics.lorenz(np.random.default_rng(1963), 6000, 1, dt=LORENZ_DT, substeps=5)[:, 0, :1]
    x = (x - x[:3000].mean()) / x[:3000].std()
    return System(
        "lorenz", x, x, (1, 5, 20, 40), *_blocks(), "std of x", LORENZ_DT, stride=4, lyapunov=0.906
    )


def driven_duffing_slope(t, y):
    """Return the slope of y = (x, v, c, s): x'' + 0.25 x' - x + x^3 = 0.3 c, where c = cos(t).

    The drive is a rotation that is solved along, c' = -s and s' = c: products and sums alone, which
    are the same bits on every processor, as a cosine is not. In chaos the last bit counts.

    Args:
        t: time; the equations do not depend on it.
        y: (4, ...) state.

    Source:
        Guckenheimer, Holmes, Nonlinear Oscillations, Dynamical Systems, and Bifurcations of Vector
        Fields (Springer, 1983), section 2.2: the equation.
    """
    x, v, c, s = y
    return np.stack((v, DRIVE * c - DAMPING * v + x - x * x * x, -OMEGA * s, OMEGA * c))


@cache
def duffing():
    """Return position and force of the driven Duffing oscillator, 20 samples a period."""
    times = DUFFING_DT * np.arange(6500)
    start = np.array([0.1, 0.0, 1.0, 0.0])
    inputs = physics.rk4(driven_duffing_slope, start, times, 5)[500:, ::2]  # x and c
    return System(
        "duffing",
        inputs,
        inputs[:, :1],
        (1, 5, 20, 40),
        *_blocks(),
        "units of x",
        DUFFING_DT,
        periods=(20, 20 / 3),
        stride=4,
        lyapunov=0.116,
    )


@cache
def polar_motion():
    """Return x and -y of the pole in milliarcseconds, every tenth day; what is seen is its steps.

    The mean pole wanders, so that no forecast should depend on where it is: the input is the change
    in ten days. Learned until 2004, validated 2005 to 2014, tested from 2015.
    """
    data = datasets.polar_motion()
    pole = np.stack([data.x, -data.y], axis=1)
    steps = np.diff(pole, axis=0, prepend=pole[:1])
    first, second = np.searchsorted(data.mjd, (53371, 57023))  # 1 January 2005 and 2015
    train, validation, test = (slice(0, first), slice(first, second), slice(second, len(pole)))
    return System(
        "polar motion",
        steps / steps[train].std(),
        pole,
        (1, 3, 9, 18, 36),
        train,
        validation,
        test,
        "mas",
        DAYS,
        periods=(CHANDLER / DAYS, YEAR / DAYS),
        parts=11,
    )


SYSTEMS = {"lorenz": lorenz, "duffing": duffing, "polar motion": polar_motion}


def _blocks():
    return slice(0, 3000), slice(3000, 4000), slice(4000, 6000)
