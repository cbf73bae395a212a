"""The memory cell of 1997 on the tasks of its paper, as they were printed, and otherwise.

    cell       architecture, weights and starting values
    passes     forward, and the truncated gradient
    one_net    the same for one net, for the compiled loops of `kernels`
    plain      the nets without memory cells that the paper compares with
    draws      the tasks
    problems   when they are solved
    printed    the rows of the paper's tables
    rows       these, and other readings of them
    trials     the experiment
    tables     printed results beside recorded ones
    published  the same for the page "The classics, reproduced"

Source:
    Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735.
"""

from rnncourse.experiments.lstm1997.published import published
from rnncourse.experiments.lstm1997.rows import ROWS
from rnncourse.experiments.lstm1997.trials import run_group

__all__ = ["ROWS", "published", "run_group"]
