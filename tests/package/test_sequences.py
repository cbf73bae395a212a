"""Padding and the four kinds of task: which steps a mask scores, and that nothing looks ahead."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import checks, linear, losses, lstm, rnn, sequences
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel, unravel

LENGTHS = [3, 1, 5, 4]
T = 6


def ragged(seed=0, dtype=np.float64, D=2):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, D)).astype(dtype) for n in LENGTHS]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pad_keeps_every_sequence_and_fills_with_zeros(dtype):
    items = ragged(dtype=dtype)
    x, lengths = sequences.pad(items)
    assert x.shape == (5, 4, 2) and x.dtype == dtype
    assert_array_equal(lengths, LENGTHS)
    for b, item in enumerate(items):
        assert_array_equal(x[: len(item), b], item)
        assert not x[len(item) :, b].any()


def test_pad_of_one_sequence_is_the_sequence():
    x, lengths = sequences.pad(ragged()[:1])
    assert_array_equal(x[:, 0], ragged()[0])
    assert_array_equal(lengths, [3])


def test_the_masks_as_pictures():
    # time runs to the right, one row a sequence
    def picture(mask):
        assert mask.shape == (T, len(LENGTHS)) and mask.dtype == bool
        return ["".join(".x"[int(m)] for m in row) for row in mask.T]

    assert picture(sequences.many_to_one(LENGTHS, T)) == ["..x...", "x.....", "....x.", "...x.."]
    assert picture(sequences.many_to_many(LENGTHS, T)) == ["xxx...", "x.....", "xxxxx.", "xxxx.."]
    delayed = sequences.delayed_many_to_many([1, 1, 3, 3], [3, 2, 5, 4], T)
    assert picture(delayed) == [".xx...", ".x....", "...xx.", "...x.."]


def test_lengths_may_be_a_list_or_any_integer_array():
    expected = sequences.many_to_many(LENGTHS, T)
    for dtype in (np.int8, np.uint8, np.int64):
        lengths = np.array(LENGTHS, dtype)
        assert_array_equal(sequences.many_to_many(lengths, T), expected)
        assert sequences.many_to_one(lengths, T).sum() == len(LENGTHS)
        assert sequences.delayed_many_to_many(lengths, lengths + dtype(1), T).sum() == len(LENGTHS)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_to_many_gives_input_at_the_first_step_only(dtype):
    x_1 = np.random.default_rng(1).normal(size=(4, 2)).astype(dtype)
    x = sequences.one_to_many(x_1, T)
    assert x.shape == (T, 4, 2) and x.dtype == dtype
    assert_array_equal(x[0], x_1)
    assert not x[1:].any()
    assert_array_equal(sequences.one_to_many(x_1, 1), x[:1])


def test_last_step_takes_each_sequences_own_end():
    x, lengths = sequences.pad(ragged())
    expected = [item[-1] for item in ragged()]
    assert_array_equal(sequences.last_step(x, lengths), expected)
    assert_array_equal(sequences.last_step(x[..., 0], LENGTHS), np.array(expected)[:, 0])
    assert_array_equal(sequences.last_step(x.tolist(), lengths), expected)
    mask = sequences.many_to_one(lengths, len(x))
    for b, n in enumerate(lengths):
        assert np.flatnonzero(mask[:, b]) == n - 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shape", [(4,), (4, 2)])
def test_one_value_for_each_sequence_stands_at_its_last_step_and_is_scored_there(dtype, shape):
    values = np.random.default_rng(3).integers(1, 9, size=shape).astype(dtype)
    for given in (values, values.tolist()):
        y, mask = sequences.at_last_step(given, LENGTHS, T)
        assert y.shape == (T, *shape)
        assert_array_equal(mask, sequences.many_to_one(LENGTHS, T))
        assert_array_equal(sequences.last_step(y, LENGTHS), values)
        assert not y[~mask].any()
    assert sequences.at_last_step(values, LENGTHS, T)[0].dtype == dtype


def test_each_sequence_is_reversed_by_itself():
    x, lengths = sequences.pad(ragged())
    turned = sequences.reverse(x, lengths)
    assert_array_equal(turned, sequences.pad([item[::-1] for item in ragged()])[0])
    noise = np.random.default_rng(4).normal(size=x.shape[:2])  # padding that is not zero stays
    turned = sequences.reverse(noise, np.array(LENGTHS, np.uint64))
    assert_array_equal(turned, sequences.reverse(noise, lengths))
    turned = sequences.reverse(noise, np.array(LENGTHS, np.uint8))
    padding = ~sequences.many_to_many(lengths, len(x))
    assert_array_equal(turned[padding], noise[padding])
    assert_array_equal(sequences.reverse(turned, lengths), noise)


def bidirectional(params, params_back, x, lengths):
    """As the header of `sequences` writes it."""
    h, tape = lstm.forward(params, x)
    h_back, tape_back = lstm.forward(params_back, sequences.reverse(x, lengths))
    both = np.concatenate([h, sequences.reverse(h_back, lengths)], axis=-1)
    return both, (tape, tape_back)


def test_a_bidirectional_layer_sees_each_sequence_as_if_it_were_alone():
    """The trap beside it: to turn the padded array around is to read the padding first."""
    rng = np.random.default_rng(5)
    params, params_back = (
        lstm.Params(*(rng.normal(size=shape) for shape in lstm.shapes(2, 3))) for _ in range(2)
    )
    x, lengths = sequences.pad(ragged())
    both, _ = bidirectional(params, params_back, x, lengths)
    trap = lstm.forward(params_back, x[::-1])[0][::-1]
    off = []
    for b, item in enumerate(ragged()):
        alone, n = item[:, np.newaxis], len(item)
        h, h_back = lstm.forward(params, alone)[0], lstm.forward(params_back, alone[::-1])[0][::-1]
        assert_allclose(both[:n, b], np.concatenate([h, h_back], axis=-1)[:, 0], rtol=1e-12)
        off.append(np.abs(trap[:n, b] - h_back[:, 0]).max())
    of_longest = np.argmax(lengths)
    assert off[of_longest] < 1e-12 and min(np.delete(off, of_longest)) > 0.1


def test_turning_around_is_its_own_transpose():
    rng = np.random.default_rng(6)
    x, lengths = sequences.pad(ragged())
    v, u = rng.normal(size=x.shape), rng.normal(size=x.shape)

    def turned(a):
        return sequences.reverse(a, lengths)

    assert checks.adjoint(turned, turned, v, u) < 1e-15


def test_the_gradient_of_a_bidirectional_layer_over_ragged_sequences():
    rng = np.random.default_rng(7)
    like = tuple(lstm.init(rng, 2, 3) for _ in range(2))
    x, lengths = sequences.pad(ragged())
    valid = sequences.many_to_many(lengths, len(x))[..., np.newaxis]
    u = rng.normal(size=(*x.shape[:2], 6)) * valid
    theta = ravel((*like, x)) + 0.1

    def cost(theta):
        return (u * bidirectional(*unravel(theta, (*like, x)), lengths)[0]).sum()

    params, params_back, x_moved = unravel(theta, (*like, x))
    _, (tape, tape_back) = bidirectional(params, params_back, x_moved, lengths)
    gradient, d_x, _ = lstm.backward(params, tape, u[..., :3])
    e_back = sequences.reverse(u[..., 3:], lengths)
    gradient_back, d_x_back, _ = lstm.backward(params_back, tape_back, e_back)
    found = ravel((gradient, gradient_back, d_x + sequences.reverse(d_x_back, lengths)))
    v = rng.normal(size=theta.shape)
    assert_allclose(found @ v, checks.complex_step(cost, theta, v), rtol=1e-12)


def test_a_padded_batch_has_the_cost_and_gradient_of_its_sequences_alone():
    # many-to-one on sequences of different length: the mean over sequences, each run by itself
    rng = np.random.default_rng(2)
    network = Network((rnn, rnn, linear), (2, 4, 3, 3))
    theta = ravel(network.init(rng)) + 0.1
    x, lengths = sequences.pad(ragged())
    classes = rng.integers(3, size=len(lengths))
    y = np.broadcast_to(classes, x.shape[:2])
    mask = sequences.many_to_one(lengths, len(x))
    loss = losses.softmax_cross_entropy
    value, gradient = Objective(network, loss, x, y, mask).value_and_gradient(theta)
    alone = []
    for item, c in zip(ragged(), classes, strict=True):
        last = np.arange(len(item))[:, np.newaxis] == len(item) - 1
        y_one = np.full((len(item), 1), c)
        one = Objective(network, loss, item[:, np.newaxis], y_one, last)
        alone.append(one.value_and_gradient(theta))
    assert_allclose(value, np.mean([v for v, _ in alone]), rtol=1e-12)
    assert_allclose(gradient, np.mean([g for _, g in alone], axis=0), rtol=1e-12, atol=1e-15)
