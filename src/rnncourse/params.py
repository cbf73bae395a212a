"""Parameters as named arrays for the equations, and as one vector for the optimizers.

A cell's parameters are a NamedTuple of arrays; a network's are a tuple of those, one for each
layer. Gradients and directions have the same type. Beware: `params + v` on tuples *concatenates*,
so all arithmetic is done on the vector theta of shape (P,).

In a file each array has the number of its layer, its cell and its own name, such as "0.lstm.W_x".
"""

import os
import threading
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from rnncourse.inputs import check_plain, check_real, check_shape, kind_of


def leaves(params):
    """Return the arrays of a (nested) tuple of parameters, in the order of the fields.

    Raises:
        ValueError: if it holds anything but tuples, lists and plain arrays.
    """
    return _leaves("params", params)


def _leaves(name, part):
    if isinstance(part, tuple | list):
        return [a for i, inner in enumerate(part) for a in _leaves(f"{name}[{i}]", inner)]
    check_plain(name, part)
    if not isinstance(part, np.ndarray):
        raise ValueError(f"params holds {kind_of(part)}, expected arrays, in tuples")
    return [part]


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


def save(path, params):
    """Write a network's parameters to one file, an archive of arrays with names (.npz).

    The file is written beside its place and then moved there: if that is interrupted, what was at
    the path before is still whole.

    Args:
        path: where to; nothing is appended to the name.
        params: one `Params` for each cell, float32 or float64.

    Raises:
        ValueError: if params is anything else.
        OSError: if the file cannot be written.
    """
    arrays = _named(params)
    first = next(iter(arrays.values()))
    for name, array in arrays.items():
        check_real(name, array, like=first)
    path = Path(path).resolve()  # a link stays one
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} cannot be written: there is no folder {path.parent}")
    beside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, **arrays)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load(path, network):
    """Read the parameters that `save` has written, in the precision they were written in.

    A cell is known by the name of the module, or of the class, in which its `Params` is defined;
    one that borrows another's `Params` goes by that name. Nothing but arrays of numbers is read, so
    that a file from elsewhere cannot run anything.

    Args:
        path: of the file.
        network: the `network.Network` that they are for.

    Returns:
        One `Params` for each cell.

    Raises:
        ValueError: if the file is none of `save`, or of a network of other cells or sizes; the
            message names the arrays and says how they differ.
        OSError: if there is no file, or it cannot be read.
    """
    if not hasattr(network, "zeros"):
        raise ValueError(f"network is {kind_of(network)}, expected a Network")
    expected, found = _named(network.zeros()), _read(path)
    differ = [f"lacks {name}" for name in expected if name not in found]
    differ += [f"holds {name} besides" for name in found if name not in expected]
    differ += [
        f"holds {name} of shape {np.shape(found[name])} for {array.shape}"
        for name, array in expected.items()
        if name in found and np.shape(found[name]) != array.shape
    ]
    if differ:
        raise ValueError(f"{path} {'; '.join(differ)}; expected the arrays of {network}")
    first = next(iter(found.values()))
    for name, array in found.items():
        check_real(f"{path}: {name}", array, like=first)
    return tuple(
        type(p)(*(found[name] for name in _named((p,), layer)))
        for layer, p in enumerate(network.zeros())
    )


def _named(params, first=0):
    """Return the arrays of the layers from `first` on by their names in a file: "0.lstm.W_x"."""
    if not isinstance(params, tuple | list) or not params:
        came = "empty" if isinstance(params, tuple | list) else kind_of(params)
        raise ValueError(f"params is {came}, expected one Params for each cell")
    for layer, p in enumerate(params):
        if not hasattr(p, "_fields"):
            raise ValueError(
                f"params[{layer}] is {kind_of(p)}, expected the Params of a cell: those of a "
                "network are a tuple with one for each cell"
            )
    return {
        f"{layer}.{_cell_name(type(p))}.{field}": array
        for layer, p in enumerate(params, first)
        for field, array in zip(p._fields, p, strict=True)
    }


def _cell_name(kind):
    """Return the last part of the name of what a type `Params` is defined in."""
    return f"{kind.__module__}.{kind.__qualname__}".split(".")[-2]


def _read(path):
    """Return the arrays of an .npz file by name."""
    content = BytesIO(Path(path).read_bytes())
    try:
        archive = np.load(content, allow_pickle=False)
        return {name: archive[name] for name in archive.files}
    except (ValueError, AttributeError, EOFError, RuntimeError, BadZipFile, zlib.error) as fault:
        raise ValueError(
            f"{path} is no whole .npz file of arrays of numbers, expected one of `save`"
        ) from fault
