"""The bounds that choose how a cell computes and change no number, and what the checks say."""

import numpy as np
import pytest

from rnncourse import arrays


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
