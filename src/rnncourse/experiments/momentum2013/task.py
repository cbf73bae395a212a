"""The adding problem of 2013, and the share of answers that are wrong."""

import numpy as np

from rnncourse.inputs import integer
from rnncourse.sequences import at_last_step
from rnncourse.tasks.batch import Batch

TOLERANCE = 0.04


def adding(rng, n_steps, batch, fixed=False, marks=False):
    """Draw the adding problem of 2013, centered: x[t] is a pair (value, marker).

        y = (u_I + u_J) / 2 - 1/2

    A sequence has T' pairs, T' uniform from n_steps to n_steps + n_steps // 10. Values u are
    uniform in [0, 1]; the markers are 1 at two steps, I in the first tenth and J between there and
    the half, and 0 elsewhere. Inputs and target are centered: u - 1/2, and 2 / n_steps is taken off
    the marker. An answer off by more than 0.04 is wrong; the best constant answer, 0, is wrong with
    probability 0.92^2 = 0.846. The task of 1997 is `tasks.adding`.

    Args:
        rng: a `numpy.random.Generator`.
        n_steps: the least length T, at least 10, with end marks 20.
        batch: number of sequences B.
        fixed: whether all sequences have n_steps pairs.
        marks: whether the marker is also -1 at the first step and three steps before the last, as
            in the program of 2011. I is then not the first step, and the marker, whose sum is 0,
            stays as it is.

    Returns:
        Batch with D = 2 and K = 1, float32, scored at the last step.

    Raises:
        ValueError: if n_steps is too small, or batch below 1.

    Source:
        Martens and Sutskever, ICML 2011, and their released program for the end marks; Sutskever et
        al., ICML 2013, section 4.
    """
    integer("n_steps", n_steps, 20 if marks else 10)
    integer("batch", batch, 1)
    b = np.arange(batch)
    longest = n_steps if fixed else n_steps + n_steps // 10
    lengths = rng.integers(n_steps, longest + 1, size=batch)
    T = int(lengths.max())
    first = rng.integers(int(marks), lengths // 10)
    second = rng.integers(lengths // 10, lengths // 2)
    u = rng.uniform(size=(T, batch))
    x = np.zeros((T, batch, 2), np.float32)
    x[..., 0] = u - 0.5
    x[first, b, 1] = x[second, b, 1] = 1
    if marks:
        x[0, b, 1] = x[lengths - 4, b, 1] = -1
    else:
        x[..., 1] -= 2 / n_steps
    if not fixed:
        x[np.arange(T)[:, np.newaxis] >= lengths] = 0
    y = ((u[first, b] + u[second, b]) / 2 - 0.5).astype(np.float32)
    return Batch(x, *at_last_step(y[:, np.newaxis], lengths, T))
