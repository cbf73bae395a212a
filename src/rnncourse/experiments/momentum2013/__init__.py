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
"""

from rnncourse.experiments.momentum2013.results import curves, published
from rnncourse.experiments.momentum2013.rows import (
    BASE,
    CHANGES,
    COLUMNS,
    GRID,
    PAPER,
    PAPER_BIASES,
    PAPER_ETAS,
    RATES,
    ROWS,
    Row,
    tuning,
)
from rnncourse.experiments.momentum2013.task import TOLERANCE, adding
from rnncourse.experiments.momentum2013.trials import run_group, share, start, train, zero_one_loss

__all__ = [
    "BASE",
    "CHANGES",
    "COLUMNS",
    "GRID",
    "PAPER",
    "PAPER_BIASES",
    "PAPER_ETAS",
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
    "tuning",
    "zero_one_loss",
]
