"""Initialization and momentum: the adding problem, learned by a plain net from two starts.

Sutskever, Martens, Dahl and Hinton (ICML 2013) train plain recurrent nets by gradient descent with
momentum, from the start of an echo state network, and print the share of wrong answers (table 5).

    task        the adding problem, with one length or several, with end marks or without
    last_step   cost and gradient of a net that answers at the last step; kernels, compiled
    rows        what is run
    trials      the start, the schedule of mu, the training of one net
    results     what came out, and the printed row beside it

W_hh of the echo-state start has 15 connections a unit and spectral radius 1.1, W_hx is N(0, s^2)
with the input scale s, W_yh is N(0, 0.1^2), biases are zero. The Gaussian start has W_hh drawn from
N(0, 0.1^2), and the rest the same. Weights are float32. Trials of the same number have the same
test set, and with the same start and the same lengths the same first weights and batches.

At T = 20 the rate of each start and column is the best in GRID, by one trial with another seed
(rows "tune 20 ..."). At T = 30 (4000 updates), which came first, two rates of 0.995N had two trials
each, of which one stayed at a constant answer. At T = 50 one thing at a time differs from BASE, as
CHANGES says, or from BASE without clipping. The rows without it, with six trials, came last. At T =
80 the rows "80 long" do the same with 100 units and as many updates as the paper has, at last for
the other columns. Which of four rates these have was decided by one trial each with another seed,
which is not recorded; older ones have one or a few trials at the largest rate, or at that of the
paper's list. "80 echo state" and "80 whole" are older, with input scale 0.001, several lengths, no
clipping, mu = 0.9 for the first tenth, and rates that were the best at T = 30 with 50 units. The
input scale 0.2 came out of a few trial runs by hand at T = 20 and 30, in which 0.05 and less
learned more slowly.
"""

from rnncourse.experiments.momentum2013.results import curves, published
from rnncourse.experiments.momentum2013.rows import (
    BASE,
    CHANGES,
    COLUMNS,
    GRID,
    PAPER,
    PAPER_BIASES,
    RATES,
    ROWS,
    Row,
    share,
    tuned,
    tuning,
)
from rnncourse.experiments.momentum2013.task import TOLERANCE, adding
from rnncourse.experiments.momentum2013.trials import run_group, start, train, zero_one_loss

__all__ = [
    "BASE",
    "CHANGES",
    "COLUMNS",
    "GRID",
    "PAPER",
    "PAPER_BIASES",
    "RATES",
    "ROWS",
    "TOLERANCE",
    "Row",
    "adding",
    "curves",
    "published",
    "run_group",
    "share",
    "start",
    "train",
    "tuned",
    "tuning",
    "zero_one_loss",
]
