"""What each choice of the linear recurrent unit is worth at a lag of a thousand steps.

    cell      the unit with plain eigenvalues
    rows      all choices, each switched off, and the rivals
    trials    one trial

The task is `tasks.memorization`: five bits, a thousand blanks, a trigger, and then the five bits,
each 1006 steps after it was shown. There are 32 words, and all are in each batch, so that what is
learned from is what is judged, for all rows: can the lag be bridged, and in how many updates?

A net is `pointwise` with 16 units, the cell with 32 modes, `pointwise` with 32, and a readout; it
is trained by Adam, gradients clipped to norm 1 where the row does not say otherwise, for up to 600
updates of float32 weights. It is looked at after every 50, and solved when no word is wrong. All
rows have the same rate, 0.003, the only one tried. The LSTM has 32 units, no layer below, and a
forget bias of log(1000), as in week 5; the minimal GRU has it as its update bias. The ridge
regressions learn a readout alone, of 32 modes drawn from the ring, of a tanh reservoir of 500
units, or of leaky averages; their few settings were not searched.
"""

from rnncourse.experiments.lru_choices.rows import ROWS, Row
from rnncourse.experiments.lru_choices.trials import fitted, run_group, start, words

__all__ = ["ROWS", "Row", "fitted", "run_group", "start", "words"]
