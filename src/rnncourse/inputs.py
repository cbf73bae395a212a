"""The refusals of bad input: each says what came and what was expected.

    check_shape, check_dtype, check_finite ...        raise ValueError, or return nothing
    state, number, integer, floats ...                return what came, in the form that is wanted

Arrays of cells, losses and optimizers must come as they are wanted: NumPy, floating, one precision.
What describes a physical system may be any numbers, and becomes float64.
"""

import numpy as np

FLOATING = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.complex128))


def kind_of(value):
    """Return the type of a value in words, with its article: an int, an ndarray; or None."""
    if value is None:
        return "None"
    kind = type(value).__name__
    return f"an {kind}" if kind.lower().startswith((*"aeio", "nd")) else f"a {kind}"


def check_shape(name, array, expected):
    """Raise ValueError unless the array has the expected shape and no axis of length 0.

    Args:
        name: name of the argument, for the message.
        array: the array that came.
        expected: one entry an axis: an int is required, a letter stands for any length from 1.
    """
    exact = type(array) is np.ndarray  # its shape is at hand
    if exact and array.shape == expected and array.size:
        return
    try:
        shape = array.shape if exact else np.shape(array)
    except ValueError:  # a list of sequences of different length
        shape = None
    fits = shape is not None and len(shape) == len(expected) and 0 not in shape
    if fits:
        pairs = zip(shape, expected, strict=True)
        fits = not [n for n, e in pairs if n != e and not isinstance(e, str)]
    if not fits:
        came = "rows of different shapes" if shape is None else f"shape {shape}"
        axes = ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "")
        free = [e for e in expected if isinstance(e, str)]
        at_least = f" with {', '.join(free)} at least 1" if free else ""
        raise ValueError(f"{name} has {came}, expected ({axes}){at_least}")


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


def check_finite(name, array):
    """Raise ValueError if the array holds NaN or an infinity; the message says where first."""
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(
            f"{name} holds {array[where]} at index {where}, expected finite numbers "
            f"({int((~finite).sum())} of {finite.size} are not)"
        )


def check_signal(name, array, expected, like):
    """Raise ValueError as `check_shape`, and unless the precision is that of `like`, a weight.

    The other arguments are those of `check_shape`.
    """
    check_shape(name, array, expected)
    check_floating(name, array, like)


def state(name, given, shape, like):
    """Return the state that came in, once it is checked; zeros of the kind of `like` if None."""
    if given is None:
        return np.zeros(shape, like.dtype)
    check_signal(name, given, shape, like)
    return given


def check_stateless(name, given, kind):
    """Raise ValueError if a state comes in for a layer that has none.

    Args:
        name: name of the argument, for the message.
        given: what came.
        kind: of the layer, with its article.
    """
    if given is not None:
        came = f"{name} is given, of shape {np.shape(given)}"
        raise ValueError(f"{came}, expected None: {kind} layer has no state")


def weights(params, kind, name="params"):
    """Return the arrays of a cell, once there are as many as its `Params` has.

    Args:
        params: what came.
        kind: the type `Params` of the cell.
        name: of the argument, for the message.
    """
    if len(params) != len(kind._fields):
        came = f"{name} has {len(params)} arrays"
        raise ValueError(f"{came}, expected {', '.join(kind._fields)}")
    return params


def check_weights(params, shapes, of="", like=None):
    """Raise ValueError unless all arrays of a cell have their shapes, and one precision.

    Args:
        params: `Params` of a cell, or a direction.
        shapes: `Params` of shapes, with the names.
        of: what stands before a name, for the message.
        like: array whose precision must agree; the first of params if None.
    """
    weights(params, type(shapes), of.rstrip(".") or "params")
    like = params[0] if like is None else like
    for name, array, shape in zip(shapes._fields, params, shapes, strict=True):
        check_shape(of + name, array, shape)
        check_floating(of + name, array, like)


def check_tape(tape, like, **widths):
    """Raise ValueError unless a tape is of a layer with these weights, and of as many steps as h.

    Args:
        tape: `Tape` of the layer.
        like: one of its weights, whose precision must agree.
        widths: of some arrays of the tape, by name, the length of their last axis.
    """
    for name, width in widths.items():
        array, expected = getattr(tape, name), (*tape.h.shape[:2], width)
        if array.shape != expected or array.dtype != like.dtype:
            check_signal(f"tape.{name}", array, expected, like)


def check_vector(name, array, like=None):
    """Raise ValueError unless the array is a vector (P,) of finite real floats.

    Args:
        name: name of the argument, for the message.
        array: the array that came.
        like: vector whose shape and precision must agree.
    """
    check_flat(name, array)
    check_shape(name, array, ("P",) if like is None else like.shape)
    check_real(name, array, like)
    check_finite(name, array)


def check_flat(name, value):
    """Raise ValueError for the tuples in which a network's parameters come."""
    if isinstance(value, tuple):
        raise ValueError(
            f"{name} is {kind_of(value)}, expected a vector (P,), as `params.ravel` makes one of "
            "parameters"
        )


def check_iterable(name, objectives):
    """Raise ValueError unless something gives objectives, one a step."""
    if not np.iterable(objectives):
        raise ValueError(
            f"{name} is {kind_of(objectives)}, expected an iterable with one for each step, "
            "such as itertools.repeat(objective)"
        )


def check_dtype(dtype):
    """Raise ValueError unless weights may have this dtype.

    Args:
        dtype: what NumPy takes for one.
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype is {np.dtype(dtype)}, expected float32 or float64")


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
    check_plain(name, value)
    is_number = np.ndim(value) == 0 and np.asarray(value).dtype.kind in "iuf"
    if not (is_number and holds(value)):
        came = repr(value) if isinstance(value, str) else value
        raise ValueError(f"{name} is {came}, expected {expected}")
    return float(value)


def finite(name, value):
    """Return a finite number as Python's."""
    return number(name, value, np.isfinite, "a finite number")


def positive(name, value):
    """Return a positive finite number as Python's."""
    return number(name, value, lambda value: 0 < value < np.inf, "a positive finite number")


def not_negative(name, value):
    """Return a finite number from 0 as Python's."""
    return number(name, value, lambda value: 0 <= value < np.inf, "a finite number from 0")


def integer(name, value, least, most=None, besides=""):
    """Return an integer as Python's.

    Args:
        name: name of the argument, for the message.
        value: what came; True and False are no integers.
        least: the smallest that may come.
        most: the largest; no limit if None.
        besides: what else there is to say of what was expected.
    """
    fits = isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least
    if not fits or (most is not None and value > most):
        to_most = "" if most is None else f" to {most}"
        raise ValueError(f"{name} is {value!r}, expected an integer from {least}{to_most}{besides}")
    return int(value)


def check_integers(name, array, least, most, besides=""):
    """Raise ValueError unless an array holds integers from `least` to `most`."""
    expected = f"expected integers from {least} to {most}{besides}"
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} has dtype {array.dtype}, {expected}")
    if array.min() < least or array.max() > most:
        raise ValueError(f"{name} runs from {array.min()} to {array.max()}, {expected}")


def floats(name, value, complex_too=False):
    """Return what came, a number or an array of any kind of numbers, as a new array of float64.

    Args:
        name: name of the argument, for the message.
        value: what came.
        complex_too: complex numbers may come, and become complex128.
    """
    check_plain(name, value)
    try:
        value = np.asarray(value)
        strings = value.dtype.kind == "O" and any(isinstance(v, str) for v in value.flat)
        if value.dtype.kind not in "biufcO" or strings:
            raise TypeError("astype would make numbers of dates and strings")
        value = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is {value!r}, expected numbers") from error
    if value.dtype.kind == "c" and not complex_too:
        raise ValueError(f"{name} holds complex numbers, expected real ones")
    check_finite(name, value)
    return value


def positive_floats(name, value):
    """Return `floats`, all of them above 0."""
    value = floats(name, value)
    if np.any(value <= 0):
        raise ValueError(f"{name} is {value}, expected positive finite numbers")
    return value


def instants(times):
    """Return the times (T,) as `floats`, each later than the one before."""
    times = floats("times", times)
    check_shape("times", times, ("T",))
    if np.any(np.diff(times) <= 0):
        raise ValueError("times is not ordered, expected instants that increase strictly")
    return times


def samples(name, value):
    """Return one series (T,), or a batch of them (T, B), as `floats`."""
    value = floats(name, value)
    if value.ndim not in (1, 2) or value.size == 0:
        raise ValueError(f"{name} has shape {value.shape}, expected (T, B) or (T,), not empty")
    return value


def of_one_shape(**parameters):
    """Return arrays, each of shape () or (B,), as arrays of one of these two shapes."""
    shapes = {name: value.shape for name, value in parameters.items()}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        shape = None
    if shape is None or len(shape) > 1:
        raise ValueError(f"the parameters have shapes {shapes}, expected numbers or (B,)")
    return np.broadcast_arrays(*parameters.values())
