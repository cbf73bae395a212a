"""What the refusals say, and that the same holds wherever an integer is asked for."""

import numpy as np
import pytest

from rnncourse import (
    checks,
    initializers,
    inputs,
    linear,
    losses,
    museum,
    physics,
    sequences,
    tasks,
)
from rnncourse.hessian_free import truncate
from rnncourse.network import Network
from rnncourse.objective import minibatches


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
        inputs.check_shape("x", np.zeros((2, 3)), expected)
    assert str(error.value) == f"x has shape (2, 3), expected {said}"


RNG, X = np.random.default_rng(0), np.ones((3, 2, 1))


@pytest.mark.parametrize("value", [True, 2.0, "2", None])
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("n_out", lambda n: initializers.gaussian(RNG, n, 3)),
        ("connections", lambda n: initializers.sparse(RNG, 3, 3, n)),
        ("directions", lambda n: checks.check_gradient(None, X[0, 0], RNG, n)),
        (r"sizes\[1\]", lambda n: Network((linear,), (1, n))),
        ("batch_size", lambda n: minibatches(
            Network((linear,), (1, 1)), losses.squared_error, X, X, None, n, RNG)),
        ("max_steps", lambda n: truncate((), n)),
        ("n_steps", lambda n: museum.learn_echo(linear, 0, n)),
        ("n_steps", lambda n: sequences.one_to_many(X[0], n)),
        ("n_steps", lambda n: sequences.many_to_many([1, 2], n)),
        ("n_steps", lambda n: tasks.xor(RNG, n, 2)),
        ("batch", lambda n: tasks.xor(RNG, 20, n)),
        ("n_series", lambda n: physics.lorenz(RNG, 5, n)),
        ("substeps", lambda n: physics.rk4(lambda t, y: -y, 1.0, [0, 1], n)),
        ("max_lag", lambda n: physics.autocorrelation([1, 2, 1], n)),
    ],
)  # fmt: skip
def test_what_is_no_integer_is_refused_in_one_way(name, call, value):
    with pytest.raises(ValueError, match=f"^{name} is {value!r}, expected an integer from [0-9]+"):
        call(value)
