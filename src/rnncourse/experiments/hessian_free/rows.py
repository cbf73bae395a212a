"""The rows of the experiment: a task at a length, and how it is learned."""

from dataclasses import dataclass

from rnncourse import losses, tasks
from rnncourse.experiments import records
from rnncourse.optimizers import adam, nesterov

HIDDEN, CONNECTIONS, WORDS = 50, 15, 32
TASKS = {
    "adding": (tasks.adding, losses.squared_error, (2, HIDDEN, 1)),
    "temporal_order": (tasks.temporal_order, losses.softmax_cross_entropy, (8, HIDDEN, 4)),
    "memorization": (tasks.memorization, losses.softmax_cross_entropy, (4, HIDDEN, 2)),
}
FIRST_ORDER = {
    "Nesterov, 0.995": (nesterov, {"learning_rate": 0.003, "mu": 0.995}),
    "Nesterov, 0.99": (nesterov, {"learning_rate": 0.003, "mu": 0.99}),
    "Adam": (adam, {"learning_rate": 0.001}),
}


@dataclass(frozen=True)
class Row(records.Row):
    """One task at one length, and how it is learned."""

    task: str
    length: int
    structural: float = 0.0  # weight of structural damping over that of the damping
    damping: float = 0.1  # of the first step
    scale_in: float = 0.25  # standard deviation of the input weights
    gradient: int = 1000  # sequences for cost and gradient
    curvature: int = 200  # sequences for the curvature
    cap: int = 100  # steps of the optimizer
    every: int = 5  # steps from one test to the next
    optimizer: str = "Hessian-free"  # or one of FIRST_ORDER
    tested: int = 10_000
    dtype: str = "float32"  # of weights and data; the start is drawn in float32
    products: int = 100  # with the curvature, at most, in a step
    rule: bool = True  # of 2010, by which a step stops before that; else it takes them all
    held: bool = False  # the damping of the first step is that of all
    first_state: bool = False  # is learned, too: see `draw`


STRUCTURAL = 0.03
SMALLER = 0.25 * CONNECTIONS**-0.5  # input weights: the 0.065 of the names
ROWS = {
    "memorization 20": Row("memorization", 20, trials=5),
    "memorization 20, structural": Row("memorization", 20, STRUCTURAL, trials=5),
    "adding 30": Row("adding", 30, trials=5),
    "adding 30, input scale 1": Row("adding", 30, trials=3, scale_in=1.0, cap=60),
    "adding 30, input scale 1, cap 400": Row("adding", 30, trials=3, scale_in=1.0, cap=400),
    "adding 30, input scale 1, curvature 1000": Row(
        "adding", 30, scale_in=1.0, curvature=1000, cap=60
    ),
    "adding 30, input scale 1, damping 0.001 held": Row(
        "adding", 30, trials=3, scale_in=1.0, damping=0.001, held=True
    ),
    "adding 30, input scale 1, damping 0.001 held, curvature 1000": Row(
        "adding", 30, scale_in=1.0, damping=0.001, held=True, curvature=1000
    ),
    **{
        f"adding 30, {name}": Row(
            "adding", 30, trials=5, gradient=50, cap=8000, every=500, optimizer=name
        )
        for name in FIRST_ORDER
    },
    "temporal_order 30": Row("temporal_order", 30, trials=3),
    "memorization 50": Row("memorization", 50),
    "memorization 50, structural": Row("memorization", 50, STRUCTURAL),
    "memorization 50, float64": Row("memorization", 50, trials=5, dtype="float64"),
    "memorization 50, float64, structural": Row(
        "memorization", 50, STRUCTURAL, trials=5, dtype="float64"
    ),
    "adding 50": Row("adding", 50, trials=5),
    "adding 50, structural": Row("adding", 50, STRUCTURAL, trials=5),
    "temporal_order 50": Row("temporal_order", 50, trials=2),
    "memorization 100": Row("memorization", 100),
    "memorization 100, structural": Row("memorization", 100, STRUCTURAL),
    "memorization 100, float64": Row("memorization", 100, dtype="float64"),
    "memorization 100, float64, structural": Row("memorization", 100, STRUCTURAL, dtype="float64"),
    "adding 100": Row("adding", 100, trials=5),
    "adding 100, structural": Row("adding", 100, STRUCTURAL, trials=5),
    "adding 100, cap 150": Row("adding", 100, cap=150),
    "adding 100, cap 150, structural": Row("adding", 100, STRUCTURAL, cap=150),
    "adding 100, curvature 1000": Row("adding", 100, curvature=1000, cap=150),
    "adding 100, input scale 0.065, curvature 1000": Row(
        "adding", 100, scale_in=SMALLER, curvature=1000, cap=150
    ),
    "adding 100, damping 0.001 held, curvature 1000": Row(
        "adding", 100, trials=3, damping=0.001, held=True, curvature=1000, cap=150
    ),
    "adding 100, cap 600": Row("adding", 100, trials=4, cap=600),  # as much work as with it
    "temporal_order 100": Row("temporal_order", 100),
    "temporal_order 100, structural": Row("temporal_order", 100, STRUCTURAL),
    "adding 200": Row("adding", 200, trials=5, cap=150),
    "adding 200, structural": Row("adding", 200, STRUCTURAL, trials=5, cap=150),
    "adding 200, input scale 0.065": Row("adding", 200, scale_in=SMALLER, cap=150),
    "adding 200, input scale 0.065, cap 450": Row(  # still less work than with it
        "adding", 200, trials=3, scale_in=SMALLER, cap=450
    ),
    "adding 200, input scale 0.065, structural": Row(  # the best at 100
        "adding", 200, STRUCTURAL, scale_in=SMALLER, cap=150
    ),
}
RELEASED = {  # what is other in the program of Martens and Sutskever
    "input scale 0.065": {"scale_in": SMALLER},
    "300 products": {"products": 300, "rule": False},
    "first damping 0.01": {"damping": 0.01},
    "first state": {"first_state": True},
}
TOGETHER = {key: value for options in RELEASED.values() for key, value in options.items()}
ROWS |= {
    f"adding 100, {name}{end}": Row("adding", 100, structural, **({"cap": 150} | options))
    for name, options in {**RELEASED, "as released": TOGETHER}.items()
    for end, structural in (("", 0.0), (", structural", STRUCTURAL))
}
