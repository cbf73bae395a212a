"""The memory cell of 1997 on the tasks of its paper, as they were printed.

    cell       architecture, weights and starting values
    passes     forward, and the truncated gradient
    problems   the tasks: what is drawn, and when it is solved
    rows       the rows of the paper's tables
    trials     the experiment
    tables     printed results beside recorded ones

Source:
    Hochreiter and Schmidhuber, Neural Computation 9 (1997) 1735.
"""

from rnncourse.experiments.lstm1997.rows import ROWS
from rnncourse.experiments.lstm1997.trials import run_group

__all__ = ["ROWS", "run_group"]
