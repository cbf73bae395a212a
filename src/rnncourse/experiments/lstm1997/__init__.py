"""The memory cell of 1997 on the tasks of its paper, as they were printed; see `trials`."""

from rnncourse.experiments.lstm1997.rows import ROWS
from rnncourse.experiments.lstm1997.trials import run_group

__all__ = ["ROWS", "run_group"]
