"""A network, a loss and a batch of data, as functions of one vector theta.

    value(theta)         C
    gradient(theta)      dC/dtheta
    gauss_newton(theta)  v -> J^T l'' J v, with J = dy_hat/dtheta and l'' = d^2C/dy_hat^2

Optimizers see nothing but these functions.
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.inputs import (
    check_finite,
    check_floating,
    check_real,
    check_rng,
    check_shape,
    integer,
    kind_of,
    not_negative,
)
from rnncourse.params import ravel, unravel


@dataclass(frozen=True, eq=False, repr=False)
class Objective:
    """The cost C of a network on one batch.

    It holds read-only copies of the data, so that no later change of x, y, mask or h_0 reaches it.
    Two objectives are equal only if they are one and the same.

    Args:
        network: a `network.Network`.
        loss: a `losses.Loss`.
        x: (T, B, D) inputs, float32 or float64.
        y: targets, as the loss wants them.
        mask: (T, B), which steps are scored; every step if None. Where all cells look only back
            (`network`), what comes after the last scored step of the whole batch can change
            nothing, and is neither kept nor computed: of x, of the mask, and of a y with axes
            (T, B) the steps up to there are left.
        h_0: one initial state for each cell, as the cell wants it; zero if None.

    Raises:
        ValueError: if network or loss is something else, if x or y has another shape or dtype than
            they expect, if x, y or h_0 holds NaN or an infinity, or if the mask scores nothing.
    """

    network: object
    loss: object
    x: np.ndarray
    y: np.ndarray
    mask: np.ndarray | None = None
    h_0: tuple | None = None

    def __post_init__(self):
        """Check the data once, so that the functions of theta need not."""
        if not hasattr(self.network, "zeros"):
            raise ValueError(f"network is {kind_of(self.network)}, expected a Network")
        if not hasattr(self.loss, "grad"):
            raise ValueError(
                f"loss is {kind_of(self.loss)}, expected a Loss, such as losses.squared_error"
            )
        check_shape("x", self.x, ("T", "B", self.network.sizes[0]))
        check_real("x", self.x)
        check_finite("x", self.x)
        y_hat = np.zeros((*self.x.shape[:2], self.network.sizes[-1]), self.x.dtype)
        self.loss.value(y_hat, self.y, self.mask)  # raises what the loss has to say
        check_finite("y", np.asarray(self.y))
        if not isinstance(self.h_0, tuple | list | None):
            raise ValueError(f"h_0 is {kind_of(self.h_0)}, expected a tuple of states")
        for layer, state in enumerate(self.h_0 or ()):
            for array in state if isinstance(state, tuple | list) else (state,):  # lstm: a pair
                if array is not None:
                    check_real(f"h_0[{layer}]", array)
                    check_finite(f"h_0[{layer}]", array)
        end = None
        if self.mask is not None and self.network.causal:
            end = int(np.flatnonzero(np.any(self.mask, axis=1))[-1]) + 1
        for name in ("x", "y", "mask"):
            array = getattr(self, name)
            if array is not None:
                array = np.asarray(array)
                timed = array.shape[:2] == y_hat.shape[:2]  # targets of an own loss need not be
                array = _frozen(array[:end] if timed else array)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "h_0", _frozen(self.h_0))

    def __repr__(self):
        """Return what it is of, and shapes in place of numbers."""
        mask = "" if self.mask is None else ", with a mask"
        return f"Objective({self.network}, x {self.x.shape} of {self.x.dtype}{mask})"

    def __reduce__(self):
        """Say how pickle and copy build it anew: checked and frozen, as at first."""
        return type(self), (self.network, self.loss, self.x, self.y, self.mask, self.h_0)

    def value(self, theta):
        """Return C at theta (P,)."""
        y_hat, _, _ = self._forward(theta)
        return self.loss.value(y_hat, self.y, self.mask)

    def gradient(self, theta):
        """Return dC/dtheta (P,)."""
        return self.value_and_gradient(theta)[1]

    def value_and_gradient(self, theta):
        """Return C and dC/dtheta from one forward and one backward pass."""
        y_hat, tapes, params = self._forward(theta)
        d_y_hat = self.loss.grad(y_hat, self.y, self.mask)
        gradient, _, _ = self.network.backward(params, tapes, d_y_hat)
        return self.loss.value(y_hat, self.y, self.mask), ravel(gradient)

    def gauss_newton(self, theta, structural=0.0):
        """Return the function v -> G v, with G = J^T l'' J; the forward pass is done once.

        Args:
            theta: (P,) point at which the network is linearized.
            structural: weight of the further term J_h^T J_h, with J_h = dh/dtheta for the hidden
                states up to the last scored step of each sequence, over the number of scored
                steps. It holds back steps that would change the hidden states much.

        Raises:
            ValueError: if structural is negative or not finite; from the function that is
                returned, if v does not have the shape and dtype of theta.

        Source:
            Schraudolph, Neural Computation 14 (2002) 1723; structural damping: Martens and
            Sutskever, ICML 2011.
        """
        structural = not_negative("structural", structural)
        y_hat, tapes, params = self._forward(theta)
        used = self._used_steps() * structural

        def product(v):
            check_shape("v", v, theta.shape)
            check_floating("v", v, like=theta)
            *R_hidden, R_y_hat = self.network.r_forward(params, tapes, unravel(v, params))
            d_y_hat = self.loss.hvp(y_hat, self.y, self.mask, R_y_hat)
            d_hidden = [used * R_h for R_h in R_hidden] if structural else None
            return ravel(self.network.backward(params, tapes, d_y_hat, d_hidden)[0])

        return product

    def _forward(self, theta):
        check_floating("theta", theta, like=self.x)
        check_finite("theta", theta)
        params = unravel(theta, self.network.zeros())
        y_hat, tapes = self.network.forward(params, self.x, self.h_0)
        return y_hat, tapes, params

    def _used_steps(self):
        """Return (T, B, 1): 1 / scored steps up to the last one of each sequence, then 0."""
        T, B, _ = self.x.shape
        mask = np.ones((T, B)) if self.mask is None else self.mask.astype(float)
        used = np.cumsum(mask[::-1], axis=0)[::-1] > 0
        return (used / np.count_nonzero(mask)).astype(self.x.dtype)[..., np.newaxis]


def _frozen(data):
    """Return a read-only copy of an array, or of all arrays in a tuple of states."""
    if isinstance(data, tuple | list):
        return tuple(_frozen(state) for state in data)
    if data is None:
        return None
    copy = data.copy(order="K")
    copy.flags.writeable = False
    return copy


def minibatches(network, loss, x, y, mask, batch_size, rng):
    """Yield objectives on random minibatches without end; every epoch sees each example once.

    Each objective is the mean over its own scored steps. Where examples differ in how many steps
    are scored, the mean of the batches' gradients is therefore not quite the gradient of the whole.
    The order of an epoch is drawn at its beginning, and in no file: a run that is to go on from a
    file bit for bit stops at the end of an epoch.

    Args:
        network: `Network`.
        loss: `Loss`.
        x: (T, N, D) inputs of all N examples.
        y: targets of all examples, examples along the second axis.
        mask: (T, N), or None.
        batch_size: examples in a batch; the last batch of an epoch may be smaller.
        rng: a `numpy.random.Generator` that shuffles.

    Raises:
        ValueError: if batch_size is not an integer from 1 to N, if the data do not fit, if rng is
            no generator, or if the mask scores no step of an example: a batch of such examples
            would have no cost.
    """
    check_rng(rng)
    whole = Objective(network, loss, x, y, mask)  # checks the data before the first batch
    N = whole.x.shape[1]
    integer("batch_size", batch_size, 1, N, ", the number of examples")
    if mask is not None and not np.any(mask, axis=0).all():
        b = int(np.argmin(np.any(mask, axis=0)))
        raise ValueError(
            f"mask scores no step of example {b}, expected at least one step of each example"
        )

    def endless():
        while True:
            order = rng.permutation(N)
            for start in range(0, N, batch_size):
                chosen = order[start : start + batch_size]
                take = (None if a is None else np.take(a, chosen, 1) for a in (x, y, mask))
                yield Objective(network, loss, *take)

    return endless()
