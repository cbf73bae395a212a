"""What the compiled loops share: how they are compiled, their products, and what may come in.

A product goes to the BLAS of SciPy, which Numba calls. What follows it is written as one statement
in each loop over a row: only then LLVM can prove that the arrays lie apart, and makes vectors.
"""

import functools
from hashlib import sha256
from pathlib import Path

import numpy as np
from llvmlite import ir
from llvmlite.binding import add_symbol, get_host_cpu_features
from numba import boolean, carray, cfunc, from_dtype, intp, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from rnncourse.compiled.elementary import OPTIONS
from rnncourse.compiled.row_product import row_times

_names = ("elementary.py", "kernels.py", "row_product.py")
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
# OpenBLAS multiplies A W without a copy of W in its own order while A.size * N is at most 10^6, if
# the processor has AVX-512. W is the same at all steps, and the copy took a third of the time.
SMALL = 10**6
STRIP = 8 if get_host_cpu_features().get("avx512f") else 2**30


def _product(A, W, out, B, M, N):
    A, W, out = carray(A, (B, M)), carray(W, (M, N)), carray(out, (B, N))
    if B == 1:
        row_times(A, W, out)
    else:
        n = STRIP if STRIP * W.size <= SMALL < B * W.size else B
        for b in range(0, B, n):
            np.dot(A[b : b + n], W, out[b : b + n])
    finite, flat = True, out.reshape(B * N)
    for k in range(B * N):
        twice = flat[k] + flat[k]
        finite &= twice - twice == 0  # infinity less itself is NaN
    return finite


def _write(a, rows, start, B, n, N):
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
    for function, third in ((_product, pointer), (_write, intp)):
        compiler = functools.partial(cfunc, boolean(pointer, pointer, third, intp, intp, intp))
        add_symbol(_name(function, number), _kept(compiler, function).address)


def _call(function, first, second, third):
    """Return the signature of a call by name, and what writes its code; None for other arrays."""
    matrix = first.dtype[:, ::1]
    given = (matrix, matrix, intp if function is _write else matrix)
    if given != (first, second, types.unliteral(third)):
        return None

    def generate(context, builder, signature, values):
        arguments, sizes = list(values), []
        for k, kind in enumerate(given):
            if kind is matrix:
                array = context.make_array(matrix)(context, builder, values[k])
                arguments[k] = array.data  # by itself: Numba counts the references to an array
                sizes.append(cgutils.unpack_tuple(builder, array.shape))
        arguments += [*sizes[0], sizes[-1][1]]
        kind = ir.FunctionType(context.get_value_type(boolean), [a.type for a in arguments])
        name = _name(function, first.dtype)
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return boolean(*given), generate


@intrinsic
def product(typingctx, A, W, out):
    """Write A W into out (B, N); return whether twice each sum is finite.

    It goes in strips of A that BLAS multiplies without packing W anew.
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


def lines(M, N, dtype):
    """Return an array (M, N) that begins with a line of the cache, so that a vector fills one."""
    room = np.empty(M * N + LINE // dtype.itemsize, dtype)
    first = -room.ctypes.data % LINE // dtype.itemsize
    return room[first : first + M * N].reshape(M, N)


def aligned(W):
    """Return a copy of W in an array of `lines`."""
    to = lines(*W.shape, W.dtype)
    to[...] = W
    return to


def weights(W_x, b, W_h):
    """Return one matrix (D + 1 + H, n), so that z = [x, 1, h] W is one product a step."""
    D, H = W_x.shape[1], W_h.shape[1]
    W = lines(D + 1 + H, len(b), b.dtype)
    W[:D], W[D], W[D + 1 :] = W_x.T, b, W_h.T
    return W


def directions(W_x, W_h, V_x, V_h, v_b, x, R_x):
    """Return `weights` and inputs: R_z = [x, 1, h[t-1], R_h[t-1]] W, R_x beside x unless None."""
    if R_x is not None:
        x, V_x = np.concatenate([x, R_x], axis=2), np.concatenate([V_x, W_x], axis=1)
    return weights(V_x, v_b, np.concatenate([V_h, W_h], axis=1)), plain(x)


def sums(W, B):
    """Return W of `weights` with room for rows (B, D + 1 + H), their ones there, and for z."""
    return W, np.ones((B, len(W)), W.dtype), np.empty((B, W.shape[1]), W.dtype)
