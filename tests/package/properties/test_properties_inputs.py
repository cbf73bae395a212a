"""The refusals find every fault, wherever it is, and hand on what is right."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties import SEEDS
from rnncourse import inputs, rnn


@given(SEEDS, st.sampled_from((np.nan, np.inf, -np.inf)), st.integers(0, 11))
def test_the_checks_of_what_comes_in_find_every_fault(seed, bad, place):
    a = np.random.default_rng(seed).normal(size=(2, 3, 2))
    inputs.check_shape("a", a, ("T", 3, "D"))
    inputs.check_floating("a", a, like=a)
    inputs.check_signal("a", a, ("T", 3, "D"), a)
    assert inputs.state("a", a, a.shape, a) is a and not inputs.state("a", None, (2, 3), a).any()
    inputs.check_finite("a", a)
    inputs.check_dtype(a.dtype)
    inputs.check_rng(np.random.default_rng(seed))
    with pytest.raises(ValueError, match="rng is an int, expected a numpy.random.Generator"):
        inputs.check_rng(seed)
    with pytest.raises(ValueError, match="dtype is int64, expected float32 or float64"):
        inputs.check_dtype(a.astype(np.int64).dtype)
    a.flat[place] = bad
    where = tuple(int(i) for i in np.unravel_index(place, a.shape))
    with pytest.raises(ValueError, match=f"a holds {bad} at index") as error:
        inputs.check_finite("a", a)
    assert str(where) in str(error.value)
    for wrong in ((2, 3), (2, 3, 1), ("T", 4, "D")):
        with pytest.raises(ValueError, match="expected"):
            inputs.check_shape("a", a, wrong)
    with pytest.raises(ValueError, match="one precision"):
        inputs.check_floating("a", a, like=a.astype(np.float32))


@given(SEEDS, st.integers(0, 11), st.integers(0, 3))
def test_the_checks_of_kinds_find_every_fault(seed, place, depth):
    """A mask anywhere, in lists of any depth; a dtype or a shape of any one weight."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2, 3, 2))
    masked = np.ma.masked_array(a, mask=np.arange(12).reshape(a.shape) == place)
    nested, name = masked, "a"
    for _ in range(depth):
        nested, name = [1.0, nested], name + "[1]"
    with pytest.raises(ValueError) as error:
        inputs.check_plain("a", nested)
    assert str(error.value).startswith(f"{name} is {inputs.kind_of([])[0]} masked array, ")
    inputs.check_real("a", a, like=a)
    with pytest.raises(ValueError, match="^a has dtype complex128, expected float32 or float64"):
        inputs.check_real("a", a + 0j)
    v = rng.normal(size=12)
    inputs.check_vector("v", v, like=v)
    v[place] = np.nan
    with pytest.raises(ValueError, match=rf"^v holds nan at index \({place},\)"):
        inputs.check_vector("v", v)
    with pytest.raises(ValueError, match=r"^v has shape \(11,\), expected \(12,\)"):
        inputs.check_vector("v", v[1:], like=v)
    shapes = rnn.shapes(3, 2)
    weights = rnn.Params(*(np.ones(shape) for shape in shapes))
    inputs.check_weights(weights, shapes)
    field = rnn.Params._fields[place % 3]
    for wrong in (np.ones((5, 5)), getattr(weights, field).astype(int)):
        with pytest.raises(ValueError, match=f"^v.{field} has "):
            inputs.check_weights(weights._replace(**{field: wrong}), shapes, "v.")


@given(st.one_of(st.integers(-9, 9), st.floats(0.5, 9)))
def test_a_number_is_pythons_or_refused(value):
    for given_value in (value, np.asarray(value), np.float32(value)):
        if value > 0:
            found = inputs.number("a", given_value, lambda a: a > 0, "a positive number")
            assert type(found) is float and math.isclose(found, value, rel_tol=1e-6)
        else:
            with pytest.raises(ValueError, match="^a is .*, expected a positive number$"):
                inputs.number("a", given_value, lambda a: a > 0, "a positive number")


@given(st.floats() | st.integers(-9, 9) | st.sampled_from((True, "1", None, 1j, np.ones(1))))
def test_each_range_of_numbers_is_kept(value):
    real = type(value) in (int, float)
    for function, holds in (
        (inputs.finite, lambda: math.isfinite(value)),
        (inputs.positive, lambda: 0 < value < math.inf),
        (inputs.not_negative, lambda: 0 <= value < math.inf),
    ):
        if real and holds():
            found = function("a", value)
            assert found == value and type(found) is float
        else:
            with pytest.raises(ValueError, match="^a is .*, expected a (positive )?finite number"):
                function("a", value)


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 9) | st.none())
def test_an_integer_is_pythons_or_refused(value, least, room):
    most = None if room is None else least + room
    to_most = "" if room is None else f" to {most}"
    for given_value in (value, np.int32(value)):
        if least <= value and (most is None or value <= most):
            found = inputs.integer("a", given_value, least, most)
            assert found == value and type(found) is int
        else:
            with pytest.raises(ValueError, match=f"expected an integer from {least}{to_most}, so$"):
                inputs.integer("a", given_value, least, most, ", so")
    for wrong in (True, float(value), str(value), None, [value], np.array([value])):
        with pytest.raises(
            ValueError, match=f"^a is .*, expected an integer from {least}{to_most}$"
        ):
            inputs.integer("a", wrong, least, most)


@given(SEEDS, st.integers(1, 4), st.integers(1, 3), st.sampled_from((np.nan, np.inf)))
def test_numbers_of_a_system_become_float64_or_are_refused(seed, T, B, bad):
    a = np.random.default_rng(seed).normal(size=(T, B))
    for kind in (a.tolist(), a.astype(np.float32), a.astype(object), np.rint(a).astype(int)):
        found = inputs.floats("a", kind)
        assert found.dtype == float and np.array_equal(found, np.asarray(kind, float))
        assert np.array_equal(inputs.samples("a", kind), found)
    assert inputs.floats("a", a + 1j, complex_too=True).dtype == complex
    assert np.array_equal(inputs.positive_floats("a", np.exp(a)), np.exp(a))
    times = np.cumsum(np.exp(a[:, 0]))
    assert np.array_equal(inputs.instants(times), times)
    x, y = inputs.of_one_shape(x=np.array(2.0), y=a[0])
    assert x.shape == y.shape == (B,) and (x == 2).all()
    a[-1, -1] = bad
    for refused, message in (
        (lambda: inputs.floats("a", a), f"a holds {bad} at index .{T - 1}, {B - 1}"),
        (lambda: inputs.floats("a", a + 1j), "a holds complex numbers, expected real ones"),
        (lambda: inputs.floats("a", ["1"]), "expected numbers"),
        (
            lambda: inputs.samples("a", np.ones((T, B, 1))),
            "a has shape .*, expected .T, B. or .T,.",
        ),
        (lambda: inputs.samples("a", 1.0), "a has shape .*, expected .T, B. or .T,."),
        (lambda: inputs.positive_floats("a", [1.0, 0.0]), "expected positive finite numbers"),
        (lambda: inputs.instants([*times, times[-1]]), "times is not ordered"),
        (lambda: inputs.instants([times]), "times has shape .*, expected .T,."),
        (lambda: inputs.of_one_shape(x=np.ones(2), y=np.ones(3)), "expected numbers or .B,."),
        (lambda: inputs.of_one_shape(x=np.ones((B, 1))), "the parameters have shapes"),
    ):
        with pytest.raises(ValueError, match=message):
            refused()


@given(SEEDS, st.integers(-5, 5), st.integers(0, 9), st.integers(0, 11), st.integers(1, 100))
def test_the_check_of_integers_finds_one_that_is_out_of_range(seed, least, span, place, beyond):
    most = least + span
    a = np.random.default_rng(seed).integers(least, most, size=(3, 4), endpoint=True)
    inputs.check_integers("a", a, least, most)
    with pytest.raises(ValueError, match=f"expected integers from {least} to {most}, so"):
        inputs.check_integers("a", a.astype(float), least, most, ", so")
    for wrong in (least - beyond, most + beyond):
        a.flat[place] = wrong
        with pytest.raises(ValueError, match=f"a runs from .*{wrong}.*, expected integers"):
            inputs.check_integers("a", a, least, most)
