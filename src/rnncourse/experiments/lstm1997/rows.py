"""The rows of `printed` and other readings of them: what the paper leaves open, detail by detail.

A reading is named by the row and by the details in which it differs from what is printed:
"1 3x2 0.5 + shortcuts + output biases + soft targets". All readings of a row have the same starting
weights and data, trial by trial.
"""

import itertools
from dataclasses import replace

from rnncourse.experiments.lstm1997 import draws
from rnncourse.experiments.lstm1997.printed import PRINTED
from rnncourse.experiments.lstm1997.problems import Reber


def _net(**changes):
    return lambda row: replace(row, net=row.net._replace(**changes))


def _row(**changes):
    return lambda row: replace(row, **changes)


def _output_biases(row):
    more = {"none": "outputs", "gates": "gates, outputs", "hidden": "all"}
    return _net(biased=more[row.net.biased])(row)


def _problem(change):
    def detail(row):
        def problem(rng):
            problem = row.problem(rng)
            change(problem, row)
            return problem

        return replace(row, problem=problem)

    return detail


def _drawn(change):
    def drawn(problem, row):
        draw = problem.draw
        problem.draw = lambda rng, n: change(draw(rng, n))

    return _problem(drawn)


def _summed_error(problem, row):
    problem.mean_bound /= row.net.n_out


def _judged(**changes):
    return _problem(lambda problem, row: vars(problem).update(changes))


DETAILS = {
    "shortcuts": _net(direct=True),  # output units see the input
    "output biases": _output_biases,
    "soft targets": _row(targets=(0.1, 0.9)),  # in place of 0 and 1
    "linear output": _net(output=None),
    "wide output": _net(output=(-2.0, 2.0)),
    "no recurrence": _net(recurrent="none"),  # cells and gates see the input only
    "gates feed nothing": _net(recurrent="cells"),
    "ranges of the caption": _net(g=(-1.0, 1.0), h=(-2.0, 2.0)),  # of table 10
    "usual ranges": _net(g=(-2.0, 2.0), h=(-1.0, 1.0)),  # in 2a and 2b, which have others
    "errors at the end": _drawn(draws.at_end),  # only
    "cell from the start": _row(added_later=False),
    "summed error": _problem(_summed_error),  # of the output units is bounded, not their mean
    "fresh test sets": _judged(redrawn=True),  # of 256 sequences, at every look
    "none wrong": _judged(wrong=0),  # of them, in 3b, too, where five may be
    "mean error of 3a": _judged(mean_bound=0.01),  # below 0.01, in 3b, where the bound is 0.04
    "each step": _row(each_step=True),
    "full gradient": _row(full=True),
    "no output gates": lambda row: replace(row, net=row.net._replace(out_gate=False), out_bias=()),
    "random gate biases": _row(in_bias=None, out_bias=None),
    "gate biases of 4": _row(in_bias=(-3, -6)),  # in 5, which has random ones
}
REBER = ("shortcuts", "output biases", "soft targets")
# The readings under which the printed numbers come out, or come nearest; the others have none.
# That of 6b was chosen when three of its ten trials were known, those of 3a, 3b and 5 by other
# starts.
REPRODUCING = {
    **{name: REBER for name, row in PRINTED.items() if row.problem is Reber and row.out_bias},
    "2a": ("usual ranges", "soft targets"),
    "2b": ("usual ranges", "errors at the end", "output biases"),
    **{name: ("no recurrence",) for name in PRINTED if name.startswith("2c")},
    "3a N=3": ("fresh test sets",),
    "3a T=1000": ("fresh test sets",),
    "3b N=3": ("fresh test sets", "none wrong", "mean error of 3a"),
    "3b N=1": ("fresh test sets", "none wrong"),
    "4 T=100": ("linear output",),
    "4 T=500": ("linear output",),
    "4 T=1000": ("linear output",),
    "5": ("linear output", "gate biases of 4"),
    "5 13 wrong": ("linear output", "gate biases of 4"),
    "6b": ("soft targets",),
}
# One detail, or one without the others: what matters?
ABLATIONS = {
    "1 3x2 0.5": [
        *(some for n in (1, 2) for some in itertools.combinations(REBER, n)),
        ("full gradient",),
        ("each step",),
        ("ranges of the caption",),
        (*REBER, "full gradient"),
        (*REBER, "each step"),
        (*REBER, "ranges of the caption"),
        (*REBER, "no output gates"),
        (*REBER, "random gate biases"),
    ],
    "2a": [("usual ranges",), ("soft targets",)],
    "2b": [
        ("errors at the end",),
        ("usual ranges", "errors at the end"),
        ("errors at the end", "output biases"),
        ("usual ranges", "errors at the end", "output biases", "cell from the start"),
    ],
    "2c q=50": [("gates feed nothing",)],
    "3a N=3": [("output biases",), ("no recurrence",)],
    "3a N=1": [("fresh test sets",)],
    "3b N=3": [
        ("fresh test sets",),
        ("output biases",),
        ("soft targets",),
        ("fresh test sets", "none wrong"),
    ],
    "3b N=1": [
        ("fresh test sets",),
        ("output biases",),
        ("soft targets",),
        ("fresh test sets", "none wrong", "mean error of 3a"),
    ],
    "3c N=1": [("fresh test sets",), ("output biases",), ("wide output",)],
    "5": [
        ("soft targets",),
        ("linear output",),
        ("gate biases of 4",),
        ("soft targets", "gate biases of 4"),
        ("linear output", "no recurrence"),
    ],
    "5 13 wrong": [("linear output", "no recurrence")],
    "6a": [("no recurrence",)],
    "6b": [("summed error",), ("shortcuts",)],
    "4 T=100": [
        ("wide output",),
        ("soft targets",),
        ("no recurrence",),
        ("linear output", "no recurrence"),
    ],
}
# Trials that we run where it is not the printed number, because few slow ones make much of a mean.
# The 28 of the first thirty of "1 3x2 0.5" that learned had a mean of 5,168 sequences, 0.61 of the
# printed one and outside the rule by which a row came out then; sixty more were run after that was
# seen, in both rows of this rate. The first ten of "3a N=1" had 38,810, 0.60 of the printed one;
# likewise. Both rows of 3b had thirty at once. All count.
OURS = {
    ("1 3x2 0.5", REBER): 90,
    ("1 4x1 0.5", REBER): 90,
    ("3a N=3", ()): 30,
    ("3a N=3", ("fresh test sets",)): 30,
    ("3a N=1", ()): 30,
    ("3b N=3", ("fresh test sets", "none wrong", "mean error of 3a")): 30,
    ("3b N=1", ("fresh test sets", "none wrong")): 30,
}


def named(name, details):
    """Return the name of a reading of a row."""
    return " + ".join((name, *details))


def base(name):
    """Return the name of the printed row that a row is a reading of."""
    return name.split(" + ")[0]


def reading(name, details):
    """Return a row of `PRINTED`, changed in some `DETAILS`."""
    row = PRINTED[name]
    for detail in details:
        row = DETAILS[detail](row)
    return replace(row, trials=OURS.get((name, details), row.trials))


_READINGS = {
    name: [(), *([REPRODUCING[name]] if name in REPRODUCING else []), *ABLATIONS.get(name, [])]
    for name in PRINTED
}
ROWS = {
    named(name, details): reading(name, details)
    for name, readings in _READINGS.items()
    for details in readings
}
