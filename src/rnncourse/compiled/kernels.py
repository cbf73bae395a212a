"""What the compiled loops share: how they are compiled, their products, and what may come in.

A product is that of `tiles`, since it has the same weights at all steps. What follows it is written
as one statement in each loop over a row: only then LLVM can prove that the arrays lie apart, and
makes vectors.
"""

import functools
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

_names = ("elementary.py", "kernels.py", "sparse.py", "tiles.py")
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
    if not function.__qualname__.endswith(CALLED):  # two threads may come here at once
        function.__qualname__ += f"-{CALLED}"
    try:
        return compiler(cache=True, **OPTIONS)(function)
    except RuntimeError:
        return compiler(**OPTIONS)(function)


# ---- what the kernels call, compiled once a precision and not, as Numba does, in each kernel ----


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
        _check_fit(context, builder, function, sizes, values[2])
        arguments += sizes[0] + sizes[1]
        kind = ir.FunctionType(context.get_value_type(boolean), [a.type for a in arguments])
        name = _name(function, first.dtype)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return boolean(*given), generate


def _check_fit(context, builder, function, sizes, start):
    """Write code that raises where a call would read or write beyond an array."""
    if function is _product:
        (B, n), (P, M, width), (B_out, N) = sizes
        message = "A W: expected A as wide as W is high, out as wide as the panels of W together"
        misfits = [
            builder.icmp_signed("<", n, M),
            builder.icmp_signed("!=", N, builder.mul(P, width)),
        ]
    else:
        (B, n), (B_out, N) = sizes
        message = "rows: expected columns for all of what is written into them"
        misfits = [builder.icmp_signed(">", builder.add(start, n), N)]
    misfits.append(builder.icmp_signed("!=", B, B_out))
    with builder.if_then(functools.reduce(builder.or_, misfits), likely=False):
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


def panels(W):
    """Return W (M, N) in panels (P, M, n), for a product A W.

    The n columns of a panel, PANEL bytes wide, lie together; the last ones are filled up with
    zeros. The first begins a line of the cache, so that a vector is never on two.
    """
    return _laid(_lay, *W.shape, W if W.flags.farray else plain(W))


def weights(W_x, b, W_h=None):
    """Return panels so that [x, 1, h] times them is W_x x + b + W_h h; [x, 1] without W_h."""
    W_h = W_x[:, :0] if W_h is None else W_h
    (N, D), H = W_x.shape, W_h.shape[1]
    return _laid(_lay_columns, D + 1 + H, N, plain(W_x), plain(b), plain(W_h))


def directions(V_x, W_x, x, R_x):
    """Return a matrix and rows whose product is V_x x + W_x R_x, or V_x x where R_x is None."""
    if R_x is not None:
        x, V_x = np.concatenate([x, R_x], axis=2), np.concatenate([V_x, W_x], axis=1)
    return V_x, plain(x)


def _laid(lay, M, N, *parts):
    """Return panels (P, M, n) into which `lay` has written the parts."""
    dtype = parts[0].dtype
    n = PANEL // dtype.itemsize
    P = -(-N // n)
    memory = np.empty((P * M + 1) * n, dtype)
    first = lay(*parts, P, memory)
    return memory[first : first + P * M * n].reshape(P, M, n)


@inlined
def _first_line(memory, P, M):
    """Return where the first line of the cache begins, and the panels (P, M, n) from there on."""
    n = PANEL // memory.itemsize
    first = -memory.ctypes.data % PANEL // memory.itemsize
    return first, memory[first : first + P * M * n].reshape(P, M, n)


@alone
def _lay(W, P, memory):
    """Write W into panels in the memory, from its first line on; return the index of that.

    Of a full panel the number of columns is known to the compiler, which then copies vectors.
    """
    M, N = W.shape
    first, to = _first_line(memory, P, M)
    n = PANEL // memory.itemsize
    for p in range(P):
        columns = min(n, N - p * n)
        for j in range(M):
            if columns == n:
                for k in range(n):
                    to[p, j, k] = W[j, p * n + k]
            else:
                for k in range(columns):
                    to[p, j, k] = W[j, p * n + k]
                for k in range(columns, n):
                    to[p, j, k] = 0
    return first


@alone
def _lay_columns(W_x, b, W_h, P, memory):
    """Write [W_x, b, W_h]^T into panels in the memory; return the index at which they begin."""
    (N, D), H = W_x.shape, W_h.shape[1]
    first, to = _first_line(memory, P, D + 1 + H)
    n = PANEL // memory.itemsize
    if N < P * n:
        to[P - 1] = 0
    for p in range(P):
        for k in range(min(n, N - p * n)):
            for j in range(D):
                to[p, j, k] = W_x[p * n + k, j]
            to[p, D, k] = b[p * n + k]
            for j in range(H):
                to[p, D + 1 + j, k] = W_h[p * n + k, j]
    return first


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
    return W, np.ones((B, W.shape[1]), W.dtype), np.empty((B, len(W) * W.shape[2]), W.dtype)
