"""Elementwise functions, sums of outer products, and the checks of what comes in.

Everything here is analytic in its first argument, so that the complex-step check can pass through.

    sigmoid(z)      1 / (1 + exp(-z))
    softplus(z)     log(1 + exp(z))
    softmax(z)      exp(z_k) / sum_j exp(z_j)
    product(a, M)   a[t] M for all t at once
    sum_outer(a, b) sum over t and examples of a[t]^T b[t]
    dot(A, B)       A B, the product of two matrices
"""

import numpy as np

FLOATING = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.complex128))
# Before NumPy 2.3 its dot says nothing when a sum leaves the range of the numbers. Its matmul does,
# and is slower on small matrices.
dot = np.dot if np.lib.NumpyVersion(np.__version__) >= "2.3.0" else np.matmul


def sigmoid(z):
    """Return the logistic function 1 / (1 + exp(-z)), right to its last digits however small it is.

    The other side, 1 - sigmoid(z), is sigmoid(-z): the difference would lose them.
    """
    if np.iscomplexobj(z):  # where exp(-z) is infinite, its quotient would be NaN
        positive = z.real > 0
        e = np.exp(np.where(positive, -z, z))
        return np.where(positive, 1, e) / (1 + e)
    with np.errstate(over="ignore"):  # where exp(-z) is infinite, the function is 0
        return 1 / (1 + np.exp(-z))


def softplus(z):
    """Return log(1 + exp(z)) without overflow: max(z, 0) + log(1 + exp(-|z|))."""
    positive = z.real > 0
    return np.where(positive, z, 0) + np.log1p(np.exp(np.where(positive, -z, z)))


def log_softmax(z):
    """Return log softmax along the last axis, right to its last digits where p is near 1."""
    shifted, _, others = _exponentials(z)
    return shifted - np.log1p(others)


def softmax(z):
    """Return exp(z_k) / sum_j exp(z_j) along the last axis."""
    _, e, others = _exponentials(z)
    return e / (1 + others)


def _exponentials(z):
    """Return z less its largest entry, the exponentials, and their sum without that entry's 1."""
    largest = z.real.argmax(axis=-1)[..., np.newaxis]
    shifted = z - np.take_along_axis(z, largest, axis=-1)
    e = np.exp(shifted)
    others = np.where(np.arange(z.shape[-1]) == largest, 0, e)
    return shifted, e, others.sum(axis=-1, keepdims=True)


def product(a, matrix):
    """Return a[t] @ matrix for all t, as one matrix product instead of T small ones.

    Args:
        a: (T, B, M) array.
        matrix: (M, N) array.
    """
    rows = a.reshape(-1, a.shape[-1])
    return dot(rows, matrix).reshape(*a.shape[:-1], matrix.shape[1])


def sum_outer(a, b):
    """Return the (M, N) matrix sum_t a[t]^T b[t] as one matrix product; rows are examples.

    Args:
        a: (T, B, M) array.
        b: (T, B, N) array.
    """
    # as (b^T a)^T, which BLAS does up to twice as fast where N is small
    return dot(b.reshape(-1, b.shape[-1]).T, a.reshape(-1, a.shape[-1])).T


def check_shape(name, array, expected):
    """Raise ValueError unless the array has the expected shape and no axis of length 0.

    Args:
        name: name of the argument, for the message.
        array: the array that came.
        expected: one entry an axis: an int is required, a letter stands for any length from 1.
    """
    try:
        shape = np.shape(array)
    except ValueError:  # a list of sequences of different length
        shape = None
    fits = shape is not None and len(shape) == len(expected)
    for n, e in zip(shape or (), expected, strict=False):
        fits &= n >= 1 and (n == e or isinstance(e, str))
    if not fits:
        came = "rows of different shapes" if shape is None else f"shape {shape}"
        axes = ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "")
        free = [e for e in expected if isinstance(e, str)]
        at_least = f" with {', '.join(free)} at least 1" if free else ""
        raise ValueError(f"{name} has {came}, expected ({axes}){at_least}")


def check_dtype(dtype):
    """Raise ValueError unless weights may have this dtype.

    Args:
        dtype: what NumPy takes for one.
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype is {np.dtype(dtype)}, expected float32 or float64")


def kind_of(value):
    """Return the type of a value in words, with its article: an int, a list, an ndarray."""
    kind = type(value).__name__
    return f"an {kind}" if kind.lower().startswith((*"aeio", "nd")) else f"a {kind}"


def check_plain(name, value):
    """Raise ValueError for an array with a meaning that NumPy would drop without a word.

    That is a masked array (what lies beneath the mask would count), also inside lists and tuples,
    and any other kind of array with rules of its own, such as np.matrix or an array with units.
    """
    if type(value) is np.ndarray:
        return
    if isinstance(value, np.ma.MaskedArray):
        raise ValueError(
            f"{name} is a masked array, expected a plain one: what lies beneath its mask would "
            "count. Fill it, and let the argument `mask`, where there is one, say what counts"
        )
    if isinstance(value, np.ndarray) and type(value) not in (np.ndarray, np.memmap):
        raise ValueError(f"{name} is {kind_of(value)}, expected a plain NumPy array")
    if isinstance(value, list | tuple):
        for i, part in enumerate(value):
            if not isinstance(part, float | int):
                check_plain(f"{name}[{i}]", part)


def check_floating(name, array, like=None):
    """Raise ValueError unless the array is a plain floating NumPy array of the same precision.

    Args:
        name: name of the argument, for the message.
        array: the array that came. complex128 passes: it is what the complex-step check sends.
        like: array whose precision must agree, usually a weight matrix.
    """
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name} is {kind_of(array)}, expected a NumPy array of floats")
    check_plain(name, array)
    if array.dtype not in FLOATING:
        swapped = array.dtype.newbyteorder() in FLOATING
        wanted = ", in the byte order of this machine" if swapped else ""
        raise ValueError(f"{name} has dtype {array.dtype}, expected float32 or float64{wanted}")
    if like is not None and array.dtype != like.dtype and np.float32 in (array.dtype, like.dtype):
        step = ": a complex step needs float64" if array.dtype.kind == "c" else ": one precision"
        raise ValueError(f"{name} has dtype {array.dtype}, expected {like.dtype}{step} throughout")


def check_real(name, array, like=None):
    """Raise ValueError as `check_floating`, and for complex numbers."""
    check_floating(name, array, like)
    if array.dtype.kind == "c":
        raise ValueError(f"{name} has dtype {array.dtype}, expected float32 or float64")


def check_weights(params, shapes, of=""):
    """Raise ValueError unless all arrays of a cell have their shapes, and one precision.

    Args:
        params: `Params` of a cell, or a direction.
        shapes: `Params` of shapes, with the names.
        of: what stands before a name, for the message.
    """
    if len(params) != len(shapes):
        came = f"{of.rstrip('.') or 'params'} has {len(params)} arrays"
        raise ValueError(f"{came}, expected {', '.join(shapes._fields)}")
    for name, array, shape in zip(shapes._fields, params, shapes, strict=True):
        check_shape(of + name, array, shape)
        check_floating(of + name, array, like=params[0])


def check_signal(name, array, expected, like):
    """Raise ValueError unless the array has the expected shape, and the precision of `like`.

    Args:
        name: name of the argument, for the message.
        array: the array that came.
        expected: one entry an axis: an int is required, a letter stands for any length from 1.
        like: a weight matrix.
    """
    check_shape(name, array, expected)
    check_floating(name, array, like)


def state(name, given, shape, like):
    """Return the state that came in, once it is checked; zeros of the kind of `like` if None."""
    if given is None:
        return np.zeros(shape, like.dtype)
    check_signal(name, given, shape, like)
    return given


def check_vector(name, array, like=None):
    """Raise ValueError unless the array is a vector (P,) of finite real floats.

    Args:
        name: name of the argument, for the message.
        array: the array that came.
        like: vector whose shape and precision must agree.
    """
    check_shape(name, array, ("P",) if like is None else like.shape)
    check_real(name, array, like)
    check_finite(name, array)


def check_finite(name, array):
    """Raise ValueError if the array holds NaN or an infinity; the message says where first."""
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name} holds {array[where]} at index {where}, expected finite numbers "
            f"({int(bad.sum())} of {bad.size} are not)"
        )


def check_rng(rng):
    """Raise ValueError unless rng is a `numpy.random.Generator`."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng is {kind_of(rng)}, expected a numpy.random.Generator, as "
            "numpy.random.default_rng(0) makes one"
        )


def number(name, value, holds, expected):
    """Return a real number as Python's: a float64 of NumPy's would make float32 data float64.

    Args:
        name: name of the argument, for the message.
        value: what came.
        holds: function of the number, whether it is in range.
        expected: what was expected, in words.
    """
    is_number = np.ndim(value) == 0 and np.asarray(value).dtype.kind in "iuf"
    if not (is_number and holds(value)):
        raise ValueError(f"{name} is {value}, expected {expected}")
    return float(value)
