"""A number that a paper prints, and ours beside it: a row of "The classics, reproduced"."""

from dataclasses import dataclass

import numpy as np

NOT_RUN = "not run"  # stands for ours where nothing was run
FEWEST = 5  # trials of which one can say that a result comes out


@dataclass(frozen=True)
class Published:
    """One printed number, and what our runs of one reading of it came to, all as text.

    An experiment that reruns a paper has `published(path=None)`, which returns a list of these from
    a file of results, the recorded one if None. A number has several when there are several
    readings of it: as printed, and one under which it comes out.
    """

    paper: str  # "1997", "2001", "2011" or "2013"
    result: str  # what is printed, and where: "table 1, 3 blocks of 2, rate 0.5: sequences"
    reading: str  # "as printed", or what differs from it
    printed: str  # the number of the paper, "-" where there is none that we could read
    ours: str  # the same of our runs, with the deviation over them: "8,828 ± 5,300", or NOT_RUN
    solved: str  # trials that reached it, of how many: "29 of 30"
    cost: str  # of a trial: "12 s", processor time of one core
    row: str  # of the experiment, as --row takes it
    comes_out: bool | None  # by the rule that the page states; None where nothing can be said


def verdict(comes_out, n_trials):
    """Return whether a result comes out; None where it does in fewer than `FEWEST` trials."""
    return None if comes_out and n_trials < FEWEST else bool(comes_out)


def number(value):
    """Return a number as text: three digits that count, and all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.3g}"


def spread(values, median=False):
    """Return numbers as text: "28.5 ± 10.6 (20 to 40)", of one only itself.

    That is the mean, the standard deviation, the least and the greatest; or the median and the last
    two, where the mean says little: "0.079 (median; 0.02 to 3)".
    """
    low, high = number(np.min(values)), number(np.max(values))
    if median:
        return f"{number(np.median(values))} (median; {low} to {high})"
    if len(values) == 1:
        return number(values[0])
    return f"{number(np.mean(values))} ± {number(np.std(values, ddof=1))} ({low} to {high})"


def seconds(trials):
    """Return the mean time of the trials, as text."""
    return f"{number(np.mean([trial['seconds'] for trial in trials]))} s"
