"""The product of a few rows and a matrix, A W, where W is the same at all steps of a sequence.

W is laid out once, in panels of as many columns as two registers hold. Sums of a tile, up to six
rows and one panel of A W, stay in the registers of the processor while the rows of the panel go by:
each is read once for all rows of the tile, and a panel fits in the first cache. One row meets four
panels at a time instead, or two. So twelve sums are under way, or eight: a processor begins two in
a cycle and has them four cycles later. LLVM finds that form in few of the loops that say it, so the
vectors are written out here.

Source:
    Goto and van de Geijn, ACM Transactions on Mathematical Software 34 (2008),
    doi:10.1145/1356052.1356053: panels and packing, which they do in each product.
"""

from llvmlite import ir
from numba import intp, njit, types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from rnncourse.compiled.elementary import OPTIONS

_, _, _features = cpu_target.target_context.codegen().magic_tuple()  # of what Numba compiles for
REGISTER = 64 if "+avx512f" in _features else 32  # bytes
PANEL = 2 * REGISTER  # bytes of a row of a panel


def _tile(n_rows, n_panels=1):
    """Return the function that writes so many rows and panels of the product."""

    @intrinsic
    def tile(typingctx, A, W, out, b, p):
        """Write rows b... and panels p... of A W: for each j, sums += A[b, j] W[p, j]."""
        number = W.dtype

        def generate(context, builder, signature, values):
            arrays = [
                context.make_array(kind)(context, builder, value)
                for kind, value in zip((A, W, out), values[:3], strict=True)
            ]
            b, p = values[3:]
            A_width, out_width = (cgutils.unpack_tuple(builder, arrays[k].shape)[1] for k in (0, 2))
            _, M, width = cgutils.unpack_tuple(builder, arrays[1].shape)
            vector = ir.VectorType(context.get_value_type(number), PANEL * 8 // number.bitwidth)

            def at(start, index):
                return builder.bitcast(builder.gep(start, [index]), vector.as_pointer())

            def start(array, row, row_width, column):
                index = builder.add(builder.mul(row, row_width), column)
                return builder.gep(array.data, [index])

            zero = _index(0)
            rows = [builder.add(b, _index(k)) for k in range(n_rows)]
            panels = [builder.add(p, _index(k)) for k in range(n_panels)]
            from_A = [start(arrays[0], row, A_width, zero) for row in rows]
            from_W = [start(arrays[1], q, builder.mul(M, width), zero) for q in panels]
            sums = [
                [cgutils.alloca_once_value(builder, ir.Constant(vector, None)) for _ in panels]
                for _ in rows
            ]
            with cgutils.for_range(builder, M) as loop:
                place = builder.mul(loop.index, width)
                W_j = [builder.load(at(q, place), align=number.bitwidth // 8) for q in from_W]
                for row, of_row in zip(from_A, sums, strict=True):
                    a = builder.load(builder.gep(row, [loop.index]))
                    a = _repeated(builder, a, vector)
                    for w, total in zip(W_j, of_row, strict=True):
                        term = builder.fmul(a, w, flags=["contract"])
                        more = builder.fadd(builder.load(total), term, flags=["contract"])
                        builder.store(more, total)
            for row, of_row in zip(rows, sums, strict=True):
                for q, total in zip(panels, of_row, strict=True):
                    to = start(arrays[2], row, out_width, builder.mul(q, width))
                    builder.store(builder.load(total), at(to, zero), align=number.bitwidth // 8)
            return context.get_dummy_value()

        return types.void(A, W, out, intp, intp), generate

    return tile


def _index(number):
    return ir.Constant(ir.IntType(types.intp.bitwidth), number)


def _repeated(builder, value, vector):
    """Return the vector whose entries are all the value."""
    empty, index = ir.Constant(vector, ir.Undefined), ir.IntType(32)
    first = builder.insert_element(empty, value, ir.Constant(index, 0))
    zeros = ir.Constant(ir.VectorType(index, vector.count), None)
    return builder.shuffle_vector(first, empty, zeros)


_one, _two, _three, _four, _five, _six = (_tile(n) for n in range(1, 7))
_one_of_two, _one_of_four = _tile(1, 2), _tile(1, 4)


@njit(**OPTIONS)
def times(A, W, out):
    """Write A W into out.

    A (B, at least M), W (P, M, n) in panels of n = PANEL / itemsize columns, out (B, P n).
    """
    B, P = len(A), len(W)
    if B == 1:
        for p in range(0, P - 3, 4):
            _one_of_four(A, W, out, 0, p)
        if P & 2:
            _one_of_two(A, W, out, 0, P - P % 4)
        if P & 1:
            _one(A, W, out, 0, P - 1)
        return
    n_tiles = -(-B // 6)
    for p in range(P):
        for k in range(n_tiles):  # of five or six rows, if there are many
            b = B * k // n_tiles
            n_rows = B * (k + 1) // n_tiles - b
            if n_rows == 6:
                _six(A, W, out, b, p)
            elif n_rows == 5:
                _five(A, W, out, b, p)
            elif n_rows == 4:
                _four(A, W, out, b, p)
            elif n_rows == 3:
                _three(A, W, out, b, p)
            else:
                _two(A, W, out, b, p)
