"""The product of one row and a matrix, a W: what a step of one sequence mostly is.

Sums of some columns stay in the registers of the processor while the rows of W go by, each read
once. LLVM finds that form in few of the loops that say it, so its vectors are written out here.
"""

from llvmlite import ir
from numba import intp, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from rnncourse.compiled.elementary import OPTIONS

PAGE = 4096  # bytes: of rows of whole pages, a block of columns meets in few lines of the cache


def _blocks(size):
    """Return the function that writes as many blocks of columns, of so many bytes, as there are."""

    @intrinsic
    def block(typingctx, a, W, out, n):
        """Write the columns of one block from n on: for each j, sums += a[j] W[j, n:]."""
        number = W.dtype
        width = size * 8 // number.bitwidth

        def generate(context, builder, signature, values):
            arrays = [
                context.make_array(kind)(context, builder, value)
                for kind, value in zip((a, W, out), values[:3], strict=True)
            ]
            M, N = cgutils.unpack_tuple(builder, arrays[1].shape)
            vector = ir.VectorType(context.get_value_type(number), width)
            align = number.bitwidth // 8

            def at(array, index):
                return builder.bitcast(builder.gep(array.data, [index]), vector.as_pointer())

            sums = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
            with cgutils.for_range(builder, M) as loop:
                a_j = builder.load(builder.gep(arrays[0].data, [loop.index]))
                row = at(arrays[1], builder.add(builder.mul(loop.index, N), values[3]))
                row = builder.load(row, align=align)
                term = builder.fmul(_repeated(builder, a_j, vector), row, flags=["contract"])
                builder.store(builder.fadd(builder.load(sums), term, flags=["contract"]), sums)
            builder.store(builder.load(sums), at(arrays[2], values[3]), align=align)
            return context.get_dummy_value()

        return types.void(a, W, out, intp), generate

    @njit(**OPTIONS)
    def blocks(a, W, out, n):
        while n + size // W.itemsize <= W.shape[1]:
            block(a, W, out, n)
            n += size // W.itemsize
        return n

    return blocks


def _repeated(builder, value, vector):
    """Return the vector whose entries are all the value."""
    empty, index = ir.Constant(vector, ir.Undefined), ir.IntType(32)
    first = builder.insert_element(empty, value, ir.Constant(index, 0))
    zeros = ir.Constant(ir.VectorType(index, vector.count), None)
    return builder.shuffle_vector(first, empty, zeros)


_blocks_256, _blocks_128 = _blocks(256), _blocks(128)  # eight and four registers of AVX2


@njit(**OPTIONS)
def row_times(a, W, out):
    """Write a W into out; a (1, M), W (M, N) and out (1, N) are in rows."""
    N = W.shape[1]
    if N * W.itemsize % PAGE:
        n = _blocks_256(a, W, out, 0)
        n = _blocks_128(a, W, out, n)
        _loops(a, W, out, n)
    else:  # only with a constant 0 does LLVM make vectors of these loops: 6 instead of 16 us
        _loops(a, W, out, 0)


@njit(**OPTIONS)
def _loops(a, W, out, n):
    """Write the columns from n on, four rows of W at a time."""
    M, N = W.shape
    for k in range(n, N):
        out[0, k] = 0
    for j in range(0, M - 3, 4):
        p, q, r, s = a[0, j], a[0, j + 1], a[0, j + 2], a[0, j + 3]
        for k in range(n, N):
            out[0, k] += (p * W[j, k] + q * W[j + 1, k]) + (r * W[j + 2, k] + s * W[j + 3, k])
    for j in range(M - M % 4, M):
        for k in range(n, N):
            out[0, k] += a[0, j] * W[j, k]
