"""What the compiled loops share: how they are compiled, their products, and what may come in.

A product is that of `tiles`, since it has the same weights at all steps. What follows it is written
as one statement in each loop over a row: only then LLVM can prove that the arrays lie apart, and
makes vectors.
"""

import functools
import math
from hashlib import sha256
from pathlib import Path

import numpy as np
from llvmlite import ir
from llvmlite.binding import add_symbol
from numba import boolean, carray, cfunc, from_dtype, intp, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from rnncourse.compiled.elementary import OPTIONS, inlined
from rnncourse.compiled.tiles import PANEL, times

_names = ("elementary.py", "kernels.py", "tiles.py")
_files = [Path(__file__).with_name(name).read_bytes() for name in _names]
CALLED = sha256(b"".join(_files)).hexdigest()[:12]  # of what the kernels call


def alone(function):
    """Compile a function that calls neither `product` nor `write`, at its first call."""
    return _kept(njit, function)


def kernel(function):
    """Compile a function at its first call; the first array that comes says in which precision."""
    compiled = alone(function)

    @functools.wraps(function)
    def call(*arguments):
        _link(arguments[0].dtype)
        return compiled(*arguments)

    call.stats = compiled.stats
    return call


def _kept(compiler, function):
    """Compile a function and keep the code on disk.

    Numba looks whether the file of the function has changed; that the files of what it calls have
    not is said by the name. The code is kept in `__pycache__` beside the module, or else in a
    folder of the user. Where there is no folder to write to, every process compiles anew.
    """
    function.__qualname__ += f"-{CALLED}"
    try:
        return compiler(cache=True, **OPTIONS)(function)
    except RuntimeError:
        return compiler(**OPTIONS)(function)


# ---- what the kernels call, compiled once a precision and not, as Numba does, in each kernel ----

LINE = 64  # bytes of a line of the cache


def _product(A, W, out, B, n, P, M, width):
    A, W, out = carray(A, (B, n)), carray(W, (P, M, width)), carray(out, (B, P * width))
    times(A, W, out)
    finite, flat = True, out.reshape(out.size)
    for k in range(out.size):
        twice = flat[k] + flat[k]
        finite &= twice - twice == 0  # infinity less itself is NaN
    return finite


def _write(a, rows, start, B, n, _, N):
    a, rows = carray(a, (B, n)), carray(rows, (B, N))
    for b in range(B):
        for k in range(n):
            rows[b, start + k] = a[b, k]
    return True


def _name(function, number):
    return f"rnncourse{function.__name__}_{number}"


@functools.cache
def _link(dtype):
    """Compile what the kernels call in one precision, and tell LLVM its names."""
    number = from_dtype(dtype)
    pointer = types.CPointer(number)
    for function, third, n_sizes in ((_product, pointer, 5), (_write, intp, 4)):
        signature = boolean(pointer, pointer, third, *n_sizes * [intp])
        compiler = functools.partial(cfunc, signature)
        add_symbol(_name(function, number), _kept(compiler, function).address)


def _call(function, first, second, third):
    """Return the signature of a call by name, and what writes its code; None for other arrays.

    The sizes of the first two arrays are its last arguments.
    """
    matrix, panels = first.dtype[:, ::1], first.dtype[:, :, ::1]
    given = (matrix, matrix, intp) if function is _write else (matrix, panels, matrix)
    if given != (first, second, types.unliteral(third)):
        return None

    def generate(context, builder, signature, values):
        arguments, sizes = list(values), []
        for k, kind in enumerate(given):
            if kind is not intp:
                array = context.make_array(kind)(context, builder, values[k])
                arguments[k] = array.data  # by itself: Numba counts the references to an array
                sizes.append(cgutils.unpack_tuple(builder, array.shape))
        if function is _product:
            _check_fit(context, builder, *sizes)
        arguments += sizes[0] + sizes[1]
        kind = ir.FunctionType(context.get_value_type(boolean), [a.type for a in arguments])
        name = _name(function, first.dtype)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return boolean(*given), generate


def _check_fit(context, builder, of_A, of_W, of_out):
    """Write code that raises where a product would read or write beyond an array."""
    (B, n), (P, M, width), (B_out, N) = of_A, of_W, of_out
    misfits = (
        builder.icmp_signed("!=", B, B_out),
        builder.icmp_signed("<", n, M),
        builder.icmp_signed("!=", N, builder.mul(P, width)),
    )
    with builder.if_then(functools.reduce(builder.or_, misfits), likely=False):
        message = "A W: expected A as wide as W is high, out as wide as the panels of W together"
        context.call_conv.return_user_exc(builder, ValueError, (message,))


@intrinsic
def product(typingctx, A, W, out):
    """Write A W into out; return whether twice each sum is finite.

    W comes from `panels`, and out is as wide as its panels together. A may be wider than W is high.
    """
    return _call(_product, A, W, out)


@intrinsic
def write(typingctx, a, rows, start):
    """Write a (B, n) into n columns of the rows."""
    return _call(_write, a, rows, start)


# ---- what goes into a kernel --------------------------------------------------------------------


def plain(a):
    """Return an array that may be compiled for: its own memory in rows, or a copy."""
    return a if a.flags.carray else a.copy()


def finite(*arrays):
    """Return whether all numbers of all arrays are finite."""
    return all(np.isfinite(a).all() for a in arrays)


def lines(shape, dtype):
    """Return an array that begins with a line of the cache, so that a vector fills one."""
    size = math.prod(shape)
    room = np.empty(size + LINE // dtype.itemsize, dtype)
    first = -room.ctypes.data % LINE // dtype.itemsize
    return room[first : first + size].reshape(shape)


def panels(*parts):
    """Return W = [part_1, part_2, ...]^T (M, N), of parts (N, m), in panels (P, M, n).

    The n columns of a panel, 64 bytes wide, lie together; the last ones are filled up with zeros.
    """
    N, dtype = len(parts[0]), parts[0].dtype
    n = PANEL // dtype.itemsize
    to, first = lines((-(-N // n), sum(part.shape[1] for part in parts), n), dtype), 0
    to[-1:] = 0
    for part in parts:
        _lay(part if part.flags.carray or part.flags.farray else part.copy(), first, to)
        first += part.shape[1]
    return to


@alone
def _lay(part, first, to):
    """Write the columns of a part into the rows of the panels, from one on."""
    N, M = part.shape
    n = to.shape[2]
    for p in range(len(to)):
        for j in range(M):
            for k in range(min(n, N - p * n)):
                to[p, first + j, k] = part[p * n + k, j]


def weights(W_x, b, *of_h):
    """Return panels of W, so that z = [x, 1, h] W is one product a step; of_h is W_h or nothing."""
    return panels(W_x, b[:, np.newaxis], *of_h)


def directions(W_x, V_x, v_b, x, R_x, *of_h):
    """Return `weights` and inputs of R_z = [x, 1, ...] W; where R_x is not None, it joins x."""
    if R_x is not None:
        x, V_x = np.concatenate([x, R_x], axis=2), np.concatenate([V_x, W_x], axis=1)
    return weights(V_x, v_b, *of_h), plain(x)


@inlined
def columns(W):
    """Return how many columns the panels W have together, as `product` needs them in out."""
    return len(W) * W.shape[2]


def room(B, N, dtype):
    """Return zeros for a product (B, N), with further columns so that panels fill it."""
    n = PANEL // dtype.itemsize
    return np.zeros((B, -(-N // n) * n), dtype)


def wide(rows):
    """Return a copy of rows (B, N) that has `room` for a product."""
    to = room(*rows.shape, rows.dtype)
    to[:, : rows.shape[1]] = rows
    return to


def sums(W, B):
    """Return W of `weights` with room for rows (B, D + 1 + H), their ones there, and for z."""
    return W, np.ones((B, W.shape[1]), W.dtype), room(B, len(W) * W.shape[2], W.dtype)
