"""The exponential function, tanh and sigmoid for Numba, so that a loop over them becomes vectors.

    x = n ln 2 + r,  |r| <= ln(2) / 2         range reduction, n an integer
    exp(x) = 2^n exp(r)                       exp(r) by its Taylor polynomial      -> exp
    tanh(x) = e / (e + 2),  e = exp(2x) - 1   = 2^n (exp(r) - 1) + (2^n - 1)       -> tanh
    sigmoid(x) = 1 / (1 + exp(-x))                                                 -> sigmoid

The functions of the C library, which Numba calls, take one number at a time. These are straight
lines of sums and products without a branch or a table, inlined, from which LLVM makes one loop over
vectors of 4 to 16 numbers.

Errors in units in the last place of the result (test_compiled.py measures them): exp at most
2 where its result is a normal number; below it is 0, and from 2^1023.5 (2^127.5) on infinite. tanh
at most 4, also near zero, where 1 - 2 / (1 + exp(2x)) would lose all digits; sigmoid at most 4
where exp(-x) is normal, and 0 where it is infinite. NaN stays NaN.
"""

from math import factorial, log

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

# Products and sums may be fused; nothing else is changed, and NaN and infinity keep their meaning.
OPTIONS = {"fastmath": {"contract"}, "error_model": "numpy", "no_cfunc_wrapper": True}
inlined = njit(**OPTIONS, no_cpython_wrapper=True)  # called by compiled code alone


def exp(x):
    """Return e^x; in compiled code only, where `overload` chooses by the precision of x."""
    raise NotImplementedError("exp is for compiled loops, expected numpy.exp elsewhere")


def tanh(x):
    """Return tanh x; in compiled code only."""
    raise NotImplementedError("tanh is for compiled loops, expected numpy.tanh elsewhere")


def sigmoid(x):
    """Return 1 / (1 + e^-x); in compiled code only."""
    raise NotImplementedError("sigmoid is for compiled loops, expected arrays.sigmoid elsewhere")


@intrinsic
def _power_of_2(typingctx, t):
    """Return 2^n of t = SHIFT + n, whose last bits are the integer n: they become the exponent."""
    bits, mantissa, bias = {types.float32: (32, 23, 127), types.float64: (64, 52, 1023)}[t]

    def generate(context, builder, signature, arguments):
        integer = ir.IntType(bits)
        n = builder.bitcast(arguments[0], integer)
        exponent = builder.shl(builder.add(n, integer(bias)), integer(mantissa))
        return builder.bitcast(exponent, context.get_value_type(t))

    return t(t), generate


def _functions(of, mantissa, ln2_high, ln2_low, degree):
    """Return exp, tanh and sigmoid for one precision.

    Args:
        of: np.float32 or np.float64.
        mantissa: its number of bits after the point.
        ln2_high: ln 2 with so few bits that n ln2_high is exact.
        ln2_low: ln 2 - ln2_high.
        degree: of the Taylor polynomial, whose error is a tenth of a unit in the last place.
    """
    ONE, TWO, bias = of(1), of(2), np.finfo(of).maxexp - 1
    LOWEST, HIGHEST = of(-bias * log(2)), of((bias + 1) * log(2))  # there 2^n is 0, infinite
    LOG2_E, HIGH, LOW = of(1 / log(2)), of(ln2_high), of(ln2_low)
    SHIFT = of(1.5 * 2**mantissa)  # x + SHIFT is rounded to an integer + SHIFT
    SATURATED = of(2 * (mantissa + 3) * log(2))  # 2x from where on tanh x is 1
    COEFFICIENTS = tuple(of(1 / factorial(k)) for k in range(degree, 0, -1))

    @inlined
    def reduced(x):
        """Return SHIFT + n and exp(r) - 1 of x = n ln 2 + r."""
        t = x * LOG2_E + SHIFT
        n = t - SHIFT
        r = (x - n * HIGH) - n * LOW
        p = COEFFICIENTS[0]
        for c in COEFFICIENTS[1:]:
            p = p * r + c
        return t, p * r

    def exp_of(x):
        x = HIGHEST if x > HIGHEST else LOWEST if x < LOWEST else x  # NaN passes
        t, p = reduced(x)
        return (ONE + p) * _power_of_2(t)

    def tanh_of(x):
        x = TWO * x
        x = SATURATED if x > SATURATED else -SATURATED if x < -SATURATED else x
        t, p = reduced(x)
        power = _power_of_2(t)
        e = power * p + (power - ONE)
        return e / (e + TWO)

    def sigmoid_of(x):
        return ONE / (ONE + exp(-x))

    return {exp: exp_of, tanh: tanh_of, sigmoid: sigmoid_of}


_FUNCTIONS = {
    types.float32: _functions(np.float32, 23, 0.693145751953125, 1.4286068203094173e-06, 7),
    types.float64: _functions(np.float64, 52, 0.6931471805592082, 7.371002565167799e-13, 13),
}


def _compile(function):
    """Let compiled code that calls `function` get the one for the precision of its argument."""
    overload(function, jit_options=OPTIONS)(lambda x: _FUNCTIONS[x][function])


for _function in (exp, tanh, sigmoid):
    _compile(_function)
