"""The readout of a reservoir, learned by ridge regression."""

import numpy as np

from rnncourse import linear
from rnncourse.inputs import (
    check_finite,
    check_plain,
    check_real,
    check_shape,
    integer,
    not_negative,
)
from rnncourse.ridge import ridge_regression


def fit_readout(states, y, ridge=1e-8, washout=0, mask=None):
    """Learn the readout by ridge regression; b_y is not held back.

        min_W_yh,b_y  sum_t |W_yh h[t] + b_y - y[t]|^2 + nu |W_yh|^2

    Args:
        states: (T, B, H) states, or other features, float32 or float64; solved in float64.
        y: (T, B, K) targets of the same step: where the output is fed back, the y of `esn.run`.
        ridge: nu, 0 or more (many books write lambda), beside the sum over all steps; see
            `ridge.ridge_regression` for the solver.
        washout: steps at the beginning that are left out, because they remember h_0.
        mask: (T, B) of bool, further steps to be left out where False; none if None.

    Returns:
        `linear.Params` of the precision of the states.

    Raises:
        ValueError: if shapes or dtypes do not fit, if the mask holds weights or leaves no step, if
            states or y hold NaN or an infinity, or if ridge is negative.
    """
    check_shape("states", states, ("T", "B", "H"))
    check_real("states", states)
    T, B, H = states.shape
    check_shape("y", y, (T, B, "K"))
    check_real("y", y, like=states)
    not_negative("ridge", ridge)
    integer("washout", washout, 0, T - 1, ", less than the length of the states")
    used = np.broadcast_to(np.arange(T)[:, np.newaxis] >= washout, (T, B))
    if mask is None:
        X, Y = (a[washout:].reshape(-1, a.shape[-1]) for a in (states, y))
    else:
        check_plain("mask", mask)
        check_shape("mask", mask, (T, B))
        if not np.isin(mask, (0, 1)).all():  # every weight would count as 1
            raise ValueError("mask holds other numbers than 0 and 1, expected booleans")
        used = used & np.asarray(mask, bool)
        if not used.any():
            raise ValueError("mask leaves no step after the washout, expected at least one")
        X, Y = states[used], y[used]
    try:
        W, b_y = ridge_regression(X.astype(np.float64, copy=False), Y.astype(np.float64), ridge)
    except ValueError:
        for name, array in (("y", y), ("states", states)):  # by name and index that it has here
            check_finite(name, np.where(used[..., np.newaxis], array, 0))
        raise
    return linear.Params(W.T.astype(states.dtype), b_y.astype(states.dtype))
