"""When an answer is right: one rule for all experiments."""

import numpy as np


def right(y_hat, y, within=None):
    """Return which answers are right (...); one that is not finite is none of them.

    Args:
        y_hat: (..., K) outputs.
        y: classes (...), of which the output must be the largest, or numbers (..., K).
        within: how far outputs may be from the numbers.
    """
    if y.dtype.kind == "i":
        fits = y_hat.argmax(axis=-1) == y
    else:
        fits = (np.abs(y_hat - y) <= within).all(axis=-1)
    return fits & np.isfinite(y_hat).all(axis=-1)
