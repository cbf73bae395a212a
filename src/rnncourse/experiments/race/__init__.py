"""The race: six methods and a rival without recurrence, the share solved against time.

    python -m rnncourse.experiments race

    settings   the range of each setting, and what hangs on the length
    tuning     how each method gets its settings for each task; the experiment `race_tuning`
    rows       the experiment: a task, a method, a length
    results    what is recorded, as shares with their intervals

Tasks, methods and the clock are those of `four_ways`; on two tasks start and optimizer are
exchanged too (`settings.CROSSED`). A run ends when its task is solved or after `BUDGET` seconds of
one core, and was looked at all along, so that it tells what any shorter time would have given. The
settings of a row are those that won in the recorded tuning.
"""

from rnncourse.experiments.race import tuning
from rnncourse.experiments.race.results import (
    BUDGETS,
    curve,
    ends,
    multiplications,
    runs,
    share_solved,
    skipped,
    standing,
    wilson,
)
from rnncourse.experiments.race.rows import BUDGET, LENGTHS, ROWS, Row, run_group, skip
from rnncourse.experiments.race.settings import METHODS, NAMES

__all__ = [
    "BUDGET",
    "BUDGETS",
    "LENGTHS",
    "METHODS",
    "NAMES",
    "ROWS",
    "Row",
    "curve",
    "ends",
    "multiplications",
    "run_group",
    "runs",
    "share_solved",
    "skip",
    "skipped",
    "standing",
    "tuning",
    "wilson",
]
