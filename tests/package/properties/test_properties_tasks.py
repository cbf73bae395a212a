"""Tasks and masks of sequences: what they promise holds for all lengths, or they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from properties import DTYPES, MAGNITUDES, REFUSED, SEEDS, SMALL, finite, of_sizes, outcome
from rnncourse import sequences, tasks

COUNTS = st.one_of(st.integers(-1, 60), st.sampled_from((2.0, None)))
BY_LENGTH = ("adding", "multiplication", "xor", "noise_and_signal", "temporal_order")
BY_LENGTH += ("temporal_order_3", "two_sequences", "random_permutation", "memorization")
# task: least length
LEAST = dict(zip(BY_LENGTH, (20, 20, 10, 4, 10, 10, 2, 3, 1), strict=True))


def lengths(batch, T):
    return st.lists(st.integers(1, T), min_size=batch, max_size=batch).map(np.array)


def check(batch, T, B):
    x, y, mask = batch
    assert x.shape[:2] == y.shape[:2] == mask.shape and x.shape[1] == B and len(x) >= T
    assert finite(x, y) and mask.dtype == bool and np.all(mask.any(axis=0))
    assert not y[~mask].any()  # zero where not scored


@pytest.mark.parametrize("name", BY_LENGTH)
@given(SEEDS, COUNTS, st.integers(-1, 4))
def test_a_task_is_a_batch_or_is_refused(name, seed, n_steps, B):
    batch = outcome(lambda: getattr(tasks, name)(np.random.default_rng(seed), n_steps, B))
    good = isinstance(n_steps, int) and n_steps >= LEAST[name] and B >= 1
    assert (batch is not REFUSED) == good
    if good:
        check(batch, n_steps - (name == "random_permutation"), B)


@pytest.mark.parametrize("name", BY_LENGTH)
def test_a_task_of_ten_thousand_steps(name):
    few = {"n_symbols": 4} if name == "random_permutation" else {}
    if name == "two_sequences":
        symbols = tasks.two_sequences_symbols(np.random.default_rng(0), 10_000, 2)
        assert symbols.shape == (10_001, 2) and np.all(symbols[0] == symbols[-1])
    else:
        check(getattr(tasks, name)(np.random.default_rng(0), 10_000, 2, **few), 9_999, 2)


@given(SEEDS, st.integers(0, 30), st.integers(0, 5), st.integers(0, 3))
def test_long_lag_asks_for_the_second_symbol_at_the_trigger(seed, q, p, B):
    batch = outcome(lambda: tasks.long_lag(np.random.default_rng(seed), q, p, B))
    assert (batch is not REFUSED) == (min(q, p, B) >= 1)
    if batch is not REFUSED:
        check(batch, q + 3, B)
        symbols, n, classes = tasks.long_lag_symbols(np.random.default_rng(seed), q, p, B)
        assert_array_equal(symbols[1] - p - 2, classes)
        assert np.all(symbols[n - 1, np.arange(B)] == p) and n.min() >= q + 3


@given(SEEDS, st.integers(0, 30), st.integers(0, 3), st.booleans())
def test_two_sequences_end_as_they_begin_and_ask_for_what_comes_next(seed, p, B, random_middle):
    def draw(task):
        return outcome(lambda: task(np.random.default_rng(seed), p, B, random_middle))

    symbols, batch = draw(tasks.two_sequences_symbols), draw(tasks.two_sequences)
    assert (symbols is REFUSED) == (batch is REFUSED) == (p < 2 or B < 1)
    if symbols is not REFUSED:
        check(batch, p, B)
        assert_array_equal(batch.x.argmax(axis=-1), symbols[:-1])
        assert_array_equal(batch.y, symbols[1:])
        assert_array_equal(symbols[-1], symbols[0])
        assert set(symbols[0]) <= {p - 1, p}
        middle = symbols[1:-1]
        in_order = np.all(middle == np.arange(p - 1)[:, np.newaxis])
        assert middle.min() >= 0 and middle.max() < p - 1 and (random_middle or in_order)


@given(SEEDS, st.integers(10, 80), SMALL)
def test_temporal_order_is_read_off_its_symbols(seed, n_steps, B):
    symbols, n, classes = tasks.temporal_order_symbols(np.random.default_rng(seed), n_steps, B)
    for b in range(B):
        marked = symbols[: n[b], b][symbols[: n[b], b] >= 6] - 6
        assert_array_equal(2 * marked[0] + marked[1], classes[b])


@given(SEEDS, SMALL)
def test_reber_strings_are_of_the_grammar_and_their_batch_says_them(seed, B):
    strings = tasks.embedded_reber_strings(np.random.default_rng(seed), B)
    x, y, mask = tasks.embedded_reber(np.random.default_rng(seed), B)
    check((x, y, mask), 8, B)
    assert_array_equal(x, tasks.reber_batch(strings).x)
    for b, string in enumerate(strings):
        said = "".join(tasks.REBER_SYMBOLS[k] for k in y[mask[:, b], b])
        assert said == string[1:]
        for symbol, possible in zip(said, tasks.reber_possible(string), strict=True):
            assert symbol in possible


@given(st.text("BTPSXVE", max_size=12))
def test_reber_possible_refuses_all_else(string):
    possible = outcome(lambda: tasks.reber_possible(string))
    assert possible is REFUSED or len(possible) == len(string) - 1


@given(st.integers(20, 10**9))
def test_the_errors_of_a_guess_are_between_that_of_a_pair_and_of_one_value(n_steps):
    assert 1 / 24 * 0.89 < tasks.adding_chance(n_steps) < 1 / 24
    assert 7 / 144 < tasks.multiplication_chance(n_steps) < 1 / 12


@given(st.data(), SMALL, st.integers(1, 9))
def test_masks_score_what_they_name(data, B, T):
    n = data.draw(lengths(B, T))
    every, last = sequences.many_to_many(n, T), sequences.many_to_one(n, T)
    assert_array_equal(every.sum(axis=0), n)
    assert_array_equal(last.argmax(axis=0), n - 1)
    assert np.all(last.sum(axis=0) == 1)
    before = data.draw(lengths(B, T))
    delayed = outcome(lambda: sequences.delayed_many_to_many(before, n, T))
    assert (delayed is not REFUSED) == bool((before < n).all())
    if delayed is not REFUSED:
        assert_array_equal(delayed, every & ~sequences.many_to_many(before, T))
    values = np.arange(T * B).reshape(T, B)
    ends = sequences.last_step(values, n)
    assert_array_equal(ends, values[last.T.nonzero()[1], np.arange(B)])
    y, mask = sequences.at_last_step(ends, n, T)
    assert_array_equal(mask, last)
    assert_array_equal(y, np.where(last, values, 0))
    turned = sequences.reverse(values, n)
    assert_array_equal(sequences.reverse(turned, n), values)
    for b in range(B):
        assert_array_equal(turned[: n[b], b], values[: n[b], b][::-1])


@given(st.data(), SEEDS, SMALL, SMALL, DTYPES, MAGNITUDES)
def test_padding_keeps_every_number(data, seed, B, D, dtype, size):
    rng = np.random.default_rng(seed)
    given_ones = [of_sizes(rng, (n, D), size, dtype) for n in data.draw(lengths(B, 6))]
    x, n = sequences.pad(given_ones)
    for b, sequence in enumerate(given_ones):
        assert_array_equal(x[: n[b], b], sequence)
        assert not x[n[b] :, b].any()
    first = sequences.one_to_many(x[0], 3)
    assert_array_equal(first[0], x[0])
    assert not first[1:].any() and first.dtype == dtype


@pytest.mark.parametrize("n_steps", [2.5, np.nan, None])
def test_a_number_of_steps_that_is_no_integer_is_refused(n_steps):
    for call in (sequences.many_to_many, sequences.many_to_one):
        with pytest.raises(ValueError, match=f"n_steps is {n_steps}, expected an integer"):
            call([1], n_steps)
    with pytest.raises(ValueError, match="n_steps is"):
        sequences.one_to_many(np.ones((1, 1)), n_steps)


@given(st.integers(-2, 6), COUNTS, SMALL, st.lists(st.integers(-1, 4), min_size=1, max_size=4))
def test_one_hot_has_one_for_each_symbol_or_refuses(symbol, n_symbols, T, n):
    symbols = np.full((T, 2), symbol)
    x = outcome(lambda: tasks.one_hot(symbols, np.array(n), n_symbols))
    counts = isinstance(n_symbols, int) and 0 <= symbol < n_symbols
    assert (x is not REFUSED) == (counts and len(n) == 2 and all(1 <= k <= T for k in n))
    if x is not REFUSED:
        assert x.sum() == sum(n)
        assert_array_equal(x[0, :, symbol], 1)
