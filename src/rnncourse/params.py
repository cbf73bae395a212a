"""Parameters as named arrays for the equations, and as one vector for the optimizers.

A cell's parameters are a NamedTuple of arrays; a network's are a tuple of those, one for each
layer. Gradients and directions have the same type. Beware: `params + v` on tuples *concatenates*,
so all arithmetic is done on the vector theta of shape (P,).
"""

import numpy as np

from rnncourse.arrays import check_plain, check_shape, kind_of


def leaves(params):
    """Return the arrays of a (nested) tuple of parameters, in the order of the fields.

    Raises:
        ValueError: if it holds anything but tuples, lists and plain arrays.
    """
    check_plain("params", params)
    if isinstance(params, np.ndarray):
        return [params]
    if not isinstance(params, tuple | list):
        raise ValueError(f"params holds {kind_of(params)}, expected arrays, in tuples")
    return [array for part in params for array in leaves(part)]


def ravel(params):
    """Return all parameters as one new vector theta of shape (P,)."""
    return np.concatenate([array.ravel() for array in leaves(params)])


def unravel(theta, like):
    """Return named views into theta: writing to a view writes to theta.

    Args:
        theta: (P,) vector.
        like: parameters whose names, shapes and order the views get.

    Raises:
        ValueError: if theta is no array, or does not have as many entries as `like`.
    """
    check_shape("theta", theta, (sum(array.size for array in leaves(like)),))
    if not isinstance(theta, np.ndarray):
        raise ValueError(f"theta is {kind_of(theta)}, expected a NumPy array")
    check_plain("theta", theta)
    offset = 0

    def take(part):
        nonlocal offset
        if isinstance(part, np.ndarray):
            view = theta[offset : offset + part.size].reshape(part.shape)
            offset += part.size
            return view
        taken = [take(p) for p in part]
        return type(part)(*taken) if hasattr(part, "_fields") else tuple(taken)

    return take(like)
