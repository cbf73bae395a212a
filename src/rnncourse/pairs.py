"""Rows of real numbers read as complex ones, two of them for each: (Re, Im, Re, Im, ...).

    numbers(array)     the N complex numbers of a row of 2N; what is written to them is in the row
    Pairs              the same for rows that are complex already, as a complex step makes them

A derivative by complex step gives real numbers a tiny imaginary part. Where they are the real and
imaginary parts of complex numbers, the two imaginary units must be kept apart: i of the oscillation
turns a pair, and that of the step stays within each of its parts.
"""

import numpy as np


def numbers(array):
    """Return the complex numbers (..., N) of real rows (..., 2N), or `Pairs` of complex rows.

    Args:
        array: (..., 2N) array that lies in memory row by row, or it is copied.
    """
    if array.dtype.kind == "c":
        return Pairs(array[..., ::2], array[..., 1::2])
    return np.ascontiguousarray(array).view(np.result_type(array, np.complex64))


class Pairs:
    """Complex numbers as two arrays, of the real and of the imaginary parts, of any kind."""

    __array_ufunc__ = None  # NumPy leaves a product or a sum with its arrays to this class

    def __init__(self, real, imag):
        """Hold both parts, without a copy."""
        self.real, self.imag = real, imag

    def __len__(self):
        """Return the length of the first axis."""
        return len(self.real)

    def __getitem__(self, index):
        """Return some of the numbers."""
        return Pairs(self.real[index], self.imag[index])

    def __setitem__(self, index, value):
        """Write into both parts."""
        self.real[index], self.imag[index] = value.real, value.imag

    def __add__(self, other):
        """Return the sum."""
        return Pairs(self.real + other.real, self.imag + other.imag)

    def __mul__(self, other):
        """Return the product, both parts of it written out."""
        return Pairs(
            self.real * other.real - self.imag * other.imag,
            self.real * other.imag + self.imag * other.real,
        )

    __radd__, __rmul__ = __add__, __mul__

    def conj(self):
        """Return the complex conjugates."""
        return Pairs(self.real, -self.imag)

    def sum(self, axis):
        """Return the sum over axes."""
        return Pairs(self.real.sum(axis), self.imag.sum(axis))
