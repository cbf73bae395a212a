"""The bounds that choose how a cell computes and change no number, and what the checks say."""

import numpy as np
import pytest

from rnncourse import arrays


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("sizes", [(), (0.5,), (1.0, 4.0), (2.0, 0.25)])
def test_a_quarter_of_the_range_is_the_bound_of_a_sum(dtype, n, sizes):
    signals = [np.array([[0.0, -size]], dtype) for size in sizes]
    bound = float(np.finfo(dtype).max) / (4 * n) / max((1.0, *sizes))
    W = np.zeros((2, n), dtype)
    W[1, -1] = -bound
    assert arrays.can_overflow(W, *signals)
    W[1, -1] = -np.nextafter(dtype(bound), dtype(0))
    assert not arrays.can_overflow(W, *signals)


def test_what_is_no_number_can_overflow():
    assert arrays.can_overflow(np.array([[np.nan]]), np.ones(3))
    assert arrays.can_overflow(np.ones((1, 1)), np.array([1.0, np.inf]))


@pytest.mark.parametrize(
    ("H", "B", "steps"), [(1, 1, 16384), (64, 32, 8), (100, 50, 3), (500, 500, 1)]
)
def test_at_least_one_step_fits_the_cache(H, B, steps):
    assert arrays.steps_in_cache(H, B) == steps


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (("B", 4), "(B, 4) with B at least 1"),
        (("T", "B", 2), "(T, B, 2) with T, B at least 1"),
        ((4,), "(4,)"),
    ],
)
def test_a_shape_is_refused_in_words(expected, said):
    with pytest.raises(ValueError) as error:
        arrays.check_shape("x", np.zeros((2, 3)), expected)
    assert str(error.value) == f"x has shape (2, 3), expected {said}"
