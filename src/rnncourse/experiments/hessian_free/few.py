"""The curvature of a plain net that is scored at few steps: the same products, with less work.

    G v = J^T (l'' (J v))        J (R, P): derivatives of the R scored outputs, written out once
    G_h v = J_h^T J_h v          of all hidden states; one pass forward and one back, compiled

`Objective.gauss_newton` goes through all steps forward and back for each product. A sequence of the
adding problem is scored once, so that J has 200 rows of 2701 numbers for 200 sequences: less than
the states of one pass. The hidden states are too many for that. Their product takes a strip of
sequences at a time, whose states are then in the cache.
"""

import numpy as np

from rnncourse import compiled, rnn
from rnncourse.objective import Objective

STRIP = 50  # sequences that go through all steps together


class FewScored(Objective):
    """An `Objective` of a network (rnn, linear) that scores each sequence as often as any other."""

    def gauss_newton(self, theta, structural=0.0):
        """Return the function v -> G v; see `Objective.gauss_newton`."""
        if structural and compiled.form() == "numpy":
            return super().gauss_newton(theta, structural)
        y_hat, (tape, _), params = self._forward(theta)
        scored, b = scored_steps(self.mask), np.arange(len(y_hat[0]))
        J = jacobian(params, tape, scored).reshape(-1, theta.size)
        y_hat, y = y_hat[scored, b], self.y[scored, b]

        def product(v):
            d_y_hat = self.loss.hvp(y_hat, y, None, (J @ v).reshape(y_hat.shape))
            return d_y_hat.ravel() @ J

        if not structural:
            return product
        hidden = HiddenStates(params[0], tape, scored[-1], structural / scored.size)
        return lambda v: product(v) + hidden.product(v)


def scored_steps(mask):
    """Return the scored steps (S, B) of each sequence, in order.

    Raises:
        ValueError: if a sequence has another number of them than the first.
    """
    count = mask.sum(axis=0)
    if (count != count[0]).any():
        raise ValueError(f"mask scores {count.min()} to {count.max()} steps, expected as many each")
    return np.argsort(~mask, axis=0, kind="stable")[: count[0]]


def jacobian(params, tape, scored):
    """Return J (S, B, K, P) = dy_hat/dtheta at the scored steps (S, B); theta as `ravel` has it."""
    (W_hx, W_hh, b_h), (W_yh, b_y) = params
    T, B, H = tape.h.shape
    S, K, b = len(scored), len(W_yh), np.arange(B)
    J, parts = _empty(S, B, K, (W_hx.shape, W_hh.shape, b_h.shape, W_yh.shape, b_y.shape), W_hh)
    rows = [np.ascontiguousarray(a.transpose(1, 0, 2)) for a in (tape.x, tape.h_prev)]
    d_z = np.empty((T, B, H), W_hh.dtype)
    for s in range(S):
        for k in range(K):
            e = np.zeros_like(d_z)
            e[scored[s], b] = W_yh[k]
            rnn.backward_steps(W_hh, tape.h, e, np.zeros_like(e[0]), d_z)
            parts[0][s, :, k] = d_z.transpose(1, 2, 0) @ rows[0]
            parts[1][s, :, k] = d_z.transpose(1, 2, 0) @ rows[1]
            parts[2][s, :, k] = d_z.sum(axis=0)
            parts[3][s, :, k, k] = tape.h[scored[s], b]
            parts[4][s, :, k, k] = 1
    return J


def _empty(S, B, K, shapes, like):
    """Return J of zeros, and views of its parts: of each parameter (S, B, K, *shape)."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    J = np.zeros((S, B, K, sum(sizes)), like.dtype)
    parts = np.split(J, np.cumsum(sizes)[:-1], axis=-1)
    return J, [part.reshape(S, B, K, *shape) for part, shape in zip(parts, shapes, strict=True)]


class HiddenStates:
    """The function v -> weight sum_t J_h[t]^T J_h[t] v, over the steps up to `last` (B,)."""

    def __init__(self, cell, tape, last, weight):
        """Lay the rows [x[t], 1, h[t-1]] out in strips (strips, T + 1, n, D + 1 + H)."""
        T, B, H = tape.h.shape
        D = tape.x.shape[2]
        strips = -(-B // STRIP)
        n = -(-B // strips)
        order = np.argsort(last, kind="stable")
        self.cell, self.D, self.weight = cell, D, cell.W_hh.dtype.type(weight)
        self.last = np.full(strips * n, -1)  # of the sequences that fill the last strip: no step
        self.last[:B] = last[order]
        rows = np.zeros((T + 1, strips * n, D + 1 + H), cell.W_hh.dtype)
        rows[:-1, :B, :D] = tape.x[:, order]
        rows[..., D] = 1
        rows[:-1, :B, D + 1 :], rows[-1, :B, D + 1 :] = tape.h_prev[:, order], tape.h[-1, order]
        by_strip = rows.reshape(T + 1, strips, n, -1).swapaxes(0, 1)
        self.rows = np.ascontiguousarray(by_strip)

    def product(self, v):
        """Return it as a vector like v (P,), zero where the readout stands."""
        from rnncourse.compiled.kernels import panels, weights
        from rnncourse.experiments.hessian_free.kernels import hidden_curvature

        H, D = self.cell.W_hx.shape
        V_hx, V_hh, v_b = np.split(v[: H * (D + H + 1)], [H * D, H * (D + H)])
        both = np.concatenate([V_hh.reshape(H, H), self.cell.W_hh], axis=1)
        W = weights(V_hx.reshape(H, D), v_b, both)
        d_W = np.zeros((D + 1 + H, H), v.dtype)
        W_hh = panels(self.cell.W_hh)
        hidden_curvature(self.rows, self.last, W, W_hh, self.weight, d_W)
        out = np.zeros_like(v)
        parts = d_W[:D].T, d_W[D + 1 :].T, d_W[D]
        out[: H * (D + H + 1)] = np.concatenate([part.ravel() for part in parts])
        return out
