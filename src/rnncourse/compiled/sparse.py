"""The product of a sparse matrix and a vector, W x, four weights at a time.

Of each weight W[i, j] three things are loaded: itself, its column j, and x[j]. Here weights come by
fours, as one vector, and their columns by twos, as one number of 64 bits; rows are filled up with
zeros to whole fours. LLVM makes no vectors of the loop that says this, so they are written out.
"""

import numpy as np
from llvmlite import ir
from numba import intp, njit
from numba.core import cgutils
from numba.extending import intrinsic

from rnncourse.compiled.elementary import OPTIONS

_WORD, _HALF = ir.IntType(64), ir.IntType(32)


def fours(W):
    """Return the weights of a `csr_array`, their columns and the starts of the rows.

    Those of row i begin at starts[i] and end before starts[i + 1], with zeros for whole fours.
    columns[n] is j + 2^32 l where weights 2 n and 2 n + 1 stand in the columns j and l.
    """
    lengths = np.diff(W.indptr)
    starts = np.concatenate([[0], np.cumsum(-(-lengths // 4) * 4)])
    place = np.arange(len(W.data)) + np.repeat(starts[:-1] - W.indptr[:-1], lengths)
    weights, j = np.zeros(starts[-1], W.dtype), np.zeros(starts[-1], np.uint64)
    weights[place], j[place] = W.data, W.indices
    return weights, j[::2] + (j[1::2] << np.uint64(32)), starts


@njit(**OPTIONS)
def times(weights, columns, starts, x, out):
    """Write W x into out (H,), for W of `fours`."""
    for i in range(len(out)):
        out[i] = _row(weights, columns, starts[i], starts[i + 1], x)


@intrinsic
def _row(typingctx, weights, columns, start, stop, x):
    """Return the sum of weights[n] x[j] from start to stop, where j is the column of weights[n]."""
    number = weights.dtype

    def generate(context, builder, signature, values):
        given = (*signature.args[:2], signature.args[4]), (*values[:2], values[4])
        W, J, X = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(*given, strict=True)
        )
        vector = ir.VectorType(context.get_value_type(number), 4)
        total = cgutils.alloca_once_value(builder, ir.Constant(vector, None))
        with cgutils.for_range_slice(builder, *values[2:4], _WORD(4), _WORD) as (n, _):
            w = builder.bitcast(builder.gep(W, [n]), vector.as_pointer())
            w, x_j = builder.load(w, align=number.bitwidth // 8), ir.Constant(vector, ir.Undefined)
            for two in range(2):
                pair = builder.gep(J, [builder.add(builder.lshr(n, _WORD(1)), _WORD(two))])
                pair = builder.load(pair)
                halves = builder.and_(pair, _WORD(2**32 - 1)), builder.lshr(pair, _WORD(32))
                for k, j in enumerate(halves):
                    entry = builder.load(builder.gep(X, [j]))
                    x_j = builder.insert_element(x_j, entry, _HALF(2 * two + k))
            term = builder.fmul(w, x_j, flags=["contract"])
            more = builder.fadd(builder.load(total), term, flags=["contract"])
            builder.store(more, total)
        p, q, r, s = (builder.extract_element(builder.load(total), _HALF(k)) for k in range(4))
        return builder.fadd(builder.fadd(p, q), builder.fadd(r, s))

    return number(weights, columns, intp, intp, x), generate
