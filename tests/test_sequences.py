"""Padding and the four kinds of task: which steps a mask scores, and that nothing looks ahead."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import linear, losses, rnn, sequences
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel

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
