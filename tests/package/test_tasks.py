"""Each task is what its definition says: lengths, windows, targets, and what a guess gets."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import linear, losses, rnn, tasks
from rnncourse.inputs import kind_of
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.params import ravel


def ends(batch):
    """The lengths, from masks that score the last step only."""
    assert_array_equal(batch.mask.sum(axis=0), 1)
    return batch.mask.argmax(axis=0) + 1


def assert_zero_after_the_end(batch, lengths):
    after = np.arange(len(batch.x))[:, np.newaxis] >= lengths
    assert not batch.x[after].any() and not batch.y[after].any()


def sum_of(values):
    return 0.5 + values.sum() / 4


@pytest.mark.parametrize("n_steps", [20, 37, 100])
@pytest.mark.parametrize(
    ("task", "least", "neutral", "answer"),
    [(tasks.adding, -1, 0, sum_of), (tasks.multiplication, 0, 1, np.prod)],
    ids=["adding", "multiplication"],
)
def test_two_marked_numbers_and_their_answer(task, least, neutral, answer, n_steps):
    """A first number that would stand at the first step, beside its own marker, is `neutral`."""
    B = 4000
    batch = task(np.random.default_rng(n_steps), n_steps, B)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (lengths.max(), B, 2) and batch.y.shape == (lengths.max(), B, 1)
    assert_zero_after_the_end(batch, lengths)
    firsts, seconds, n_marked = set(), set(), []
    for b, length in enumerate(lengths):
        value, marker = batch.x[:length, b].T
        assert marker[0] == marker[-1] == -1 and (value >= least).all() and (value <= 1).all()
        assert set(marker[1:-1]) <= {0, 1}
        marked = np.flatnonzero(marker == 1)
        n_marked.append(len(marked))
        assert marked[0] < 10 or value[0] == neutral and len(marked) == 1
        assert marked[-1] <= n_steps // 2 - 1  # the farther mark is at least n_steps / 2 back
        assert (len(marked) == 2) == (value[0] != neutral)
        assert_allclose(batch.y[length - 1, b, 0], answer(value[marked]))
        firsts.add(marked[0])
        seconds.add(marked[-1])
    assert set(range(1, 10)) <= firsts and max(seconds) == n_steps // 2 - 1
    alone = 0.1 + 0.9 / (n_steps // 2 - 1)
    assert_allclose(np.mean(np.array(n_marked) == 1), alone, atol=4 * np.sqrt(alone / B))


@pytest.mark.parametrize("n_steps", [20, 100])
def test_the_best_constant_for_adding(n_steps):
    batch = tasks.adding(np.random.default_rng(1), n_steps, 200_000 * 20 // n_steps)
    y = batch.y[batch.mask]
    assert_allclose(y.mean(), 0.5, atol=0.005)
    assert_allclose(np.mean((y - 0.5) ** 2), tasks.adding_chance(n_steps), rtol=0.03)
    half = losses.squared_error.value(np.full(batch.y.shape, 0.5), batch.y, batch.mask)
    assert_allclose(half, np.mean((y - 0.5) ** 2) / 2)


@pytest.mark.parametrize("n_steps", [20, 100])
def test_the_best_constant_for_multiplication(n_steps):
    batch = tasks.multiplication(np.random.default_rng(1), n_steps, 200_000 * 20 // n_steps)
    y = batch.y[batch.mask]
    assert_allclose(np.mean((y - y.mean()) ** 2), tasks.multiplication_chance(n_steps), rtol=0.03)
    assert 1.2 * 7 / 144 < tasks.multiplication_chance(n_steps) < 1.35 * 7 / 144


@pytest.mark.parametrize("n_steps", [10, 33, 100])
def test_xor(n_steps):
    B = 3000
    batch = tasks.xor(np.random.default_rng(n_steps), n_steps, B)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (lengths.max(), B, 2) and batch.y.shape == (lengths.max(), B, 1)
    assert_zero_after_the_end(batch, lengths)
    bits, y = [], batch.y[lengths - 1, np.arange(B), 0]
    first_of_window, last_of_window = set(), set()
    for b, length in enumerate(lengths):
        bit, marker = batch.x[:length, b].T
        assert set(bit) <= {0, 1} and set(marker) == {0, 1}
        first, second = np.flatnonzero(marker)
        assert 0 <= first < length // 10 <= second < length // 2
        first_of_window.add(int(second - length // 10))
        last_of_window.add(int(length // 2 - 1 - second))
        assert y[b] == (bit[first] != bit[second])
        bits.append((bit[first], bit[second]))
    assert 0 in first_of_window and 0 in last_of_window
    for known in (0, 1):  # one bit alone says nothing: a guess is right half the time
        for which in (0, 1):
            assert_allclose(np.mean(y[np.array(bits)[:, which] == known]), 0.5, atol=0.06)
    cost = losses.sigmoid_cross_entropy.value(np.zeros(batch.y.shape), batch.y, batch.mask)
    assert_allclose(cost, np.log(2))


@pytest.mark.parametrize("n_steps", [10, 33, 100])
def test_temporal_order_3(n_steps):
    B = 4000
    batch = tasks.temporal_order_3(np.random.default_rng(n_steps), n_steps, B)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (lengths.max(), B, 8)
    assert_zero_after_the_end(batch, lengths)
    seen = [set(), set(), set()]
    for b, length in enumerate(lengths):
        x = batch.x[:length, b]
        assert_array_equal(np.sort(x, axis=1), np.eye(8)[[7] * length])  # one-hot
        word = "".join(tasks.TEMPORAL_ORDER_SYMBOLS[k] for k in x.argmax(axis=1))
        assert word[0] == "E" and word[-1] == "B" and set(word[1:-1]) <= set("abcdXY")
        places = [t for t, symbol in enumerate(word) if symbol in "XY"]
        names = ["XXX", "XXY", "XYX", "XYY", "YXX", "YXY", "YYX", "YYY"]
        assert names.index("".join(word[t] for t in places)) == batch.y[length - 1, b]
        for window, t in zip(seen, places, strict=True):
            window.add(t)
    if n_steps == 100:  # as printed
        assert seen == [set(range(10, 21)), set(range(33, 44)), set(range(66, 77))]
    assert max(seen[0]) < min(seen[1]) and max(seen[1]) < min(seen[2])
    counts = np.bincount(batch.y[batch.mask], minlength=8)
    assert_allclose(counts / B, 1 / 8, atol=0.03)
    y_hat = np.zeros((*batch.y.shape, 8))
    cost = losses.softmax_cross_entropy.value(y_hat, batch.y, batch.mask)
    assert_allclose(cost, np.log(8))


@pytest.mark.parametrize(("n_steps", "n_symbols"), [(3, 3), (30, 100), (57, 10)])
def test_random_permutation(n_steps, n_symbols):
    B = 3000
    batch = tasks.random_permutation(np.random.default_rng(n_steps), n_steps, B, n_symbols)
    lengths = batch.mask.sum(axis=0) + 1  # of whole sequences, the last symbol too
    T = lengths.max() - 1
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (T, B, n_symbols) and batch.y.shape == (T, B)
    assert_array_equal(batch.mask, np.arange(T)[:, np.newaxis] < lengths - 1)
    assert_zero_after_the_end(batch, lengths - 1)
    first = batch.x[0].argmax(axis=1)
    assert set(first) == {0, 1}
    assert_allclose(first.mean(), 0.5, atol=0.05)  # without memory: right in one case of two
    assert_array_equal(batch.y[lengths - 2, np.arange(B)], first)
    for b in range(200):
        n = lengths[b] - 1
        symbols = batch.x[:n, b].argmax(axis=1)
        assert_array_equal(np.sort(batch.x[:n, b], axis=1), np.eye(n_symbols)[[-1] * n])
        assert_array_equal(batch.y[: n - 1, b], symbols[1:])
        assert (symbols[1:] >= 2).all()
    middle = batch.mask & (np.arange(T)[:, np.newaxis] < lengths - 2)
    counts = np.bincount(batch.y[middle], minlength=n_symbols)
    assert not counts[:2].any()
    expected = 1 / (n_symbols - 2)
    assert_allclose(counts[2:] / counts.sum(), expected, atol=5 * np.sqrt(expected / counts.sum()))


@pytest.mark.parametrize(("n_symbols", "n_values"), [(5, 2), (10, 5), (1, 3)])
def test_memorization(n_symbols, n_values):
    assert tasks.memorization(np.random.default_rng(0), 1, 2).x.shape == (12, 2, 4)
    n_steps, B = 12, 4000
    batch = tasks.memorization(np.random.default_rng(0), n_steps, B, n_symbols, n_values)
    T = n_steps + 2 * n_symbols + 1
    assert batch.x.shape == (T, B, n_values + 2) and batch.y.shape == (T, B)
    assert_array_equal(batch.x.sum(axis=2), 1)
    symbols = batch.x.argmax(axis=2)
    word = symbols[:n_symbols]
    assert_array_equal(np.unique(word), np.arange(n_values))
    blank, trigger = n_values, n_values + 1
    rest = np.full(T - n_symbols, blank)
    rest[n_steps] = trigger
    assert_array_equal(symbols[n_symbols:], np.tile(rest[:, np.newaxis], (1, B)))
    assert_array_equal(batch.mask, np.tile(np.arange(T)[:, np.newaxis] >= T - n_symbols, (1, B)))
    assert_array_equal(batch.y[-n_symbols:], word)
    assert not batch.y[:-n_symbols].any()
    guess = np.zeros((n_symbols, B), int)
    right = guess == word
    assert_allclose(right.mean(), 1 / n_values, atol=0.03)
    assert_allclose(right.all(axis=0).mean(), n_values**-n_symbols, atol=0.02)
    y_hat = np.zeros((*batch.y.shape, n_values))
    cost = losses.softmax_cross_entropy.value(y_hat, batch.y, batch.mask)
    assert_allclose(cost, np.log(n_values))


@pytest.mark.parametrize("n_steps", [10, 33, 100])
def test_temporal_order(n_steps):
    B = 3000
    batch = tasks.temporal_order(np.random.default_rng(n_steps), n_steps, B)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert batch.x.shape == (lengths.max(), B, 8) and batch.y.dtype.kind == "i"
    assert_zero_after_the_end(batch, lengths)
    t_1, t_2 = set(), set()
    for b, length in enumerate(lengths):
        x = batch.x[:length, b]
        assert_array_equal(np.sort(x, axis=1), np.eye(8)[[7] * length])  # one-hot
        word = "".join(tasks.TEMPORAL_ORDER_SYMBOLS[k] for k in x.argmax(axis=1))
        assert word[0] == "E" and word[-1] == "B" and set(word[1:-1]) <= set("abcdXY")
        first, second = (t for t, symbol in enumerate(word) if symbol in "XY")
        assert ["XX", "XY", "YX", "YY"].index(word[first] + word[second]) == batch.y[length - 1, b]
        t_1.add(first)
        t_2.add(second)
    assert t_1 == set(range(n_steps // 10, n_steps // 5 + 1))
    assert t_2 == set(range(n_steps // 2, 3 * n_steps // 5 + 1))
    counts = np.bincount(batch.y[batch.mask], minlength=4)
    assert_allclose(counts / B, 0.25, atol=0.04)  # five standard deviations


@pytest.mark.parametrize(("n_steps", "n_signal"), [(20, 1), (100, 3)])
def test_noise_and_signal(n_steps, n_signal):
    B = 2000
    rng = np.random.default_rng(n_steps)
    batch = tasks.noise_and_signal(rng, n_steps, B, n_signal)
    lengths = ends(batch)
    assert set(lengths) == set(range(n_steps, n_steps + n_steps // 10 + 1))
    assert_zero_after_the_end(batch, lengths)
    y = batch.y[batch.mask][:, 0]
    assert set(y) == {0.0, 1.0}
    assert_allclose(y.mean(), 0.5, atol=0.06)
    # the mask lists the steps in order of time, so the classes are read off again per sequence
    classes = batch.y[lengths - 1, np.arange(B), 0]
    assert_array_equal(batch.x[:n_signal, :, 0], np.tile(2 * classes - 1, (n_signal, 1)))
    noise = batch.x[n_signal:n_steps]
    assert abs(noise.mean()) < 0.01
    assert_allclose(noise.var(), 0.2, rtol=0.03)  # the paper prints the variance


def test_two_sequences():
    batch = tasks.two_sequences(np.random.default_rng(0), 5, 400)
    assert batch.x.shape == (5, 400, 6) and batch.mask.all()
    words = {
        "".join("abcdxy"[k] for k in [*batch.x[:, b].argmax(axis=1), batch.y[-1, b]])
        for b in range(400)
    }
    assert words == {"xabcdx", "yabcdy"}
    assert_array_equal(batch.y[:-1], batch.x[1:].argmax(axis=2))
    assert_allclose(np.mean(batch.y[-1] == 4), 0.5, atol=0.13)


def test_two_sequences_with_a_random_middle():
    batch = tasks.two_sequences(np.random.default_rng(0), 10, 3000, random_middle=True)
    symbols = batch.x.argmax(axis=2)
    assert batch.x.shape == (10, 3000, 11)
    assert set(symbols[0]) == {9, 10}
    assert_array_equal(symbols[0], batch.y[-1])
    counts = np.bincount(symbols[1:].ravel(), minlength=11)
    assert_allclose(counts[:9] / counts.sum(), 1 / 9, atol=0.01)
    assert not counts[9:].any()


def test_long_lag():
    q, p, B = 20, 7, 20_000
    batch = tasks.long_lag(np.random.default_rng(0), q, p, B)
    lengths = ends(batch)
    assert batch.x.shape[2] == p + 4
    assert_zero_after_the_end(batch, lengths)
    assert lengths.min() == q + 3  # and the answer, which is no input: q + 4 symbols
    assert_allclose(lengths.mean() + 1, q + 13, atol=0.35)  # 4 + q + 9: not the printed q + 14
    assert_allclose(np.mean(lengths == q + 3), 0.1, atol=0.011)
    symbols = batch.x.argmax(axis=2)
    e, b, x = p, p + 1, p + 2
    assert (symbols[0] == b).all()
    assert_array_equal(symbols[lengths - 1, np.arange(B)], e)
    assert_array_equal(symbols[1] - x, batch.y[lengths - 1, np.arange(B)])
    for n in range(50):
        assert (symbols[2 : lengths[n] - 1, n] < p).all()
    assert_allclose(np.mean(symbols[1] == x), 0.5, atol=0.02)
    counts = np.bincount(symbols[2 : q + 2].ravel(), minlength=p + 4)
    assert_allclose(counts[:p] / counts.sum(), 1 / p, atol=0.005)


def test_reber_strings():
    strings = tasks.embedded_reber_strings(np.random.default_rng(0), 3000)
    # the grammar as a regular expression: after TS*X or PT*V, loops through X and P, then S or V
    grammar = re.compile(r"B([TP])B(?:TS*X(?:XT*VP)*(?:S|XT*VV)|PT*V(?:PXT*V)*(?:V|PS))E\1E")
    for string in strings:
        assert grammar.fullmatch(string) and len(string) >= 9
    shares = [np.mean([s[2:-2] == word for s in strings]) for word in ("BTXSE", "BPVVE", "BTSXSE")]
    assert_allclose(shares, [1 / 8, 1 / 8, 1 / 16], atol=0.03)


def test_what_is_possible_next_in_a_reber_string():
    possible = tasks.reber_possible("BPBTSXXTVPSEPE")
    assert [set(p) for p in possible] == [
        set(p) for p in ("TP B TP SX SX XS TV TV PV XS E P E").split()
    ]
    for string in tasks.embedded_reber_strings(np.random.default_rng(1), 200):
        after = tasks.reber_possible(string)
        assert len(after) == len(string) - 1
        assert all(symbol in p for symbol, p in zip(string[1:], after, strict=True))
        assert after[-2] == string[1]  # the remembered symbol, and only it


@pytest.mark.parametrize(
    "string",
    ["", "B", "BTBTXSETX", "BTBTXSEPE", "BSBTXSESE", "BTBTXSTE", "BTBTVSETE", "BTBTXSEETE"],
)
def test_a_string_that_is_not_of_the_grammar(string):
    with pytest.raises(ValueError, match="expected one of the embedded Reber grammar"):
        tasks.reber_possible(string)


def test_a_batch_of_reber_strings():
    strings = ["BTBTXSETE", "BPBPTVVEPE"]
    batch = tasks.reber_batch(strings)
    assert batch.x.shape == (9, 2, 7)
    assert_array_equal(batch.mask.sum(axis=0), [8, 9])
    for b, string in enumerate(strings):
        read = "".join(tasks.REBER_SYMBOLS[k] for k in batch.x[: len(string) - 1, b].argmax(axis=1))
        told = "".join(tasks.REBER_SYMBOLS[k] for k in batch.y[: len(string) - 1, b])
        assert read == string[:-1] and told == string[1:]
    assert not batch.x[8, 0].any() and batch.y[8, 0] == 0


def test_a_uniform_guess_at_temporal_order_costs_log_4():
    batch = tasks.temporal_order(np.random.default_rng(0), 20, 50)
    y_hat = np.zeros((*batch.y.shape, 4))
    cost = losses.softmax_cross_entropy.value(y_hat, batch.y, batch.mask)
    assert_allclose(cost, np.log(4))


TASKS = {
    "adding": (lambda rng: tasks.adding(rng, 30, 4), losses.squared_error, 2, 1),
    "noise_and_signal": (lambda rng: tasks.noise_and_signal(rng, 9, 4), losses.squared_error, 1, 1),
    "temporal_order": (
        lambda rng: tasks.temporal_order(rng, 30, 4),
        losses.softmax_cross_entropy,
        8,
        4,
    ),
    "multiplication": (
        lambda rng: tasks.multiplication(rng, 30, 4),
        losses.squared_error,
        2,
        1,
    ),
    "xor": (lambda rng: tasks.xor(rng, 30, 4), losses.sigmoid_cross_entropy, 2, 1),
    "temporal_order_3": (
        lambda rng: tasks.temporal_order_3(rng, 30, 4),
        losses.softmax_cross_entropy,
        8,
        8,
    ),
    "random_permutation": (
        lambda rng: tasks.random_permutation(rng, 12, 4, n_symbols=6),
        losses.softmax_cross_entropy,
        6,
        6,
    ),
    "memorization": (
        lambda rng: tasks.memorization(rng, 9, 4),
        losses.softmax_cross_entropy,
        4,
        2,
    ),
    "two_sequences": (
        lambda rng: tasks.two_sequences(rng, 8, 4),
        losses.softmax_cross_entropy,
        9,
        9,
    ),
    "long_lag": (lambda rng: tasks.long_lag(rng, 6, 3, 4), losses.softmax_cross_entropy, 7, 2),
    "embedded_reber": (
        lambda rng: tasks.embedded_reber(rng, 4),
        losses.softmax_cross_entropy,
        7,
        7,
    ),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_batch_goes_straight_into_an_objective(name):
    draw, loss, D, K = TASKS[name]
    network = Network((rnn, linear), (D, 5, K))
    theta = ravel(network.init(np.random.default_rng(0)))
    objective = Objective(network, loss, *draw(np.random.default_rng(1)))
    value, gradient = objective.value_and_gradient(theta)
    assert np.isfinite(value) and np.linalg.norm(gradient) > 0


@pytest.mark.parametrize("name", TASKS)
def test_the_same_generator_gives_the_same_batch(name):
    draw = TASKS[name][0]
    for one, other in zip(*(draw(np.random.default_rng(5)) for _ in range(2)), strict=True):
        assert_array_equal(one, other)


@pytest.mark.parametrize("rng", [None, 5])
@pytest.mark.parametrize("name", TASKS)
def test_a_task_names_what_is_no_generator(name, rng):
    with pytest.raises(ValueError, match=f"rng is {kind_of(rng)}, expected a numpy.ran"):
        TASKS[name][0](rng)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"symbols": np.zeros(3, int)}, r"symbols has shape \(3,\), expected \(T, B\)"),
        ({"symbols": np.zeros((2, 3))}, "symbols has dtype float64, expected integers from 0 to 3"),
        ({"symbols": np.full((2, 3), 4)}, "symbols runs from 4 to 4, expected"),
        ({"symbols": np.full((2, 3), -1)}, "symbols runs from -1 to -1, expected"),
        ({"lengths": [2]}, r"lengths has shape \(1,\), expected \(3,\)"),
        ({"lengths": [2, 1, 3]}, "lengths runs from 1 to 3, expected integers from 1 to 2"),
        ({"lengths": [2, -1, 1]}, "lengths runs from -1 to 2, expected integers from 1 to 2"),
        ({"lengths": [2.0, 1.0, 1.0]}, "lengths has dtype float64, expected integers"),
        ({"n_symbols": 4.0}, "n_symbols is 4.0, expected an integer from 1"),
        ({"n_symbols": 0}, "n_symbols is 0, expected an integer from 1"),
    ],
)
def test_one_hot_names_what_does_not_fit(change, message):
    good = {"symbols": np.zeros((2, 3), int), "lengths": [2, 1, 1], "n_symbols": 4}
    assert tasks.one_hot(**good).sum() == 4
    with pytest.raises(ValueError, match=message):
        tasks.one_hot(**good | change)


@pytest.mark.parametrize(
    ("strings", "message"),
    [
        ([], "strings is empty, expected at least one string"),
        ("BT", "strings.0. is 'B', expected two or more of the symbols BTPSXVE"),
        (["BTBTXSETE", "BA"], "strings.1. is 'BA', expected two"),
        ([5], "strings.0. is 5, expected two"),
    ],
)
def test_what_are_no_strings_of_the_symbols_is_named(strings, message):
    with pytest.raises(ValueError, match=message):
        tasks.reber_batch(strings)
    with pytest.raises(ValueError, match="string is 5, expected one of the embedded Reber grammar"):
        tasks.reber_possible(5)
    assert tasks.reber_batch(["BT"]).x.sum() == 1  # the T is the answer


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda rng: tasks.adding(rng, 19, 3), "n_steps is 19, expected an integer from 20"),
        (lambda rng: tasks.adding(rng, 40, 0), "batch is 0"),
        (lambda rng: tasks.adding(rng, 40, True), "batch is True, expected an integer from 1"),
        (lambda rng: tasks.temporal_order(rng, 40.0, 3), "n_steps is 40.0"),
        (lambda rng: tasks.temporal_order(rng, 9, 3), "n_steps is 9"),
        (
            lambda rng: tasks.multiplication(rng, 19, 3),
            "n_steps is 19, expected an integer from 20",
        ),
        (lambda rng: tasks.multiplication_chance(19), "n_steps is 19"),
        (lambda rng: tasks.multiplication(rng, np.nan, 3), "n_steps is nan"),
        (lambda rng: tasks.xor(rng, 9, 3), "n_steps is 9, expected an integer from 10"),
        (lambda rng: tasks.xor(rng, 20, 2.0), "batch is 2.0"),
        (lambda rng: tasks.temporal_order_3(rng, 9, 3), "n_steps is 9"),
        (lambda rng: tasks.temporal_order_3(rng, 30, -1), "batch is -1"),
        (lambda rng: tasks.random_permutation(rng, 2, 3), "n_steps is 2"),
        (lambda rng: tasks.random_permutation(rng, 9, 3, n_symbols=2), "n_symbols is 2"),
        (lambda rng: tasks.memorization(rng, 0, 3), "n_steps is 0"),
        (lambda rng: tasks.memorization(rng, 9, 3, n_symbols=0), "n_symbols is 0"),
        (lambda rng: tasks.memorization(rng, 9, 3, n_values=1), "n_values is 1"),
        (lambda rng: tasks.memorization(rng, np.inf, 3), "n_steps is inf"),
        (lambda rng: tasks.noise_and_signal(rng, 5, 3, n_signal=5), "n_steps is 5"),
        (lambda rng: tasks.noise_and_signal(rng, 5, 3, n_signal=0), "n_signal is 0"),
        (lambda rng: tasks.two_sequences(rng, 1, 3), "p is 1"),
        (lambda rng: tasks.two_sequences(rng, 5, 0), "batch is 0"),
        (lambda rng: tasks.long_lag(rng, 0, 3, 3), "q is 0"),
        (lambda rng: tasks.long_lag(rng, 3, 0, 3), "p is 0"),
        (lambda rng: tasks.long_lag(rng, 3, 3, 0), "batch is 0"),
        (lambda rng: tasks.memorization(rng, 9, 0), "batch is 0"),
        (lambda rng: tasks.embedded_reber(rng, 0), "batch is 0"),
    ],
)
def test_sizes_that_make_no_sense(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(np.random.default_rng(0))


@pytest.mark.parametrize("n_steps", [20, 37])
def test_chance_counts_how_often_the_draw_marks_the_first_pair(n_steps):
    draws = [(i, j + (j >= i)) for i in range(10) for j in range(n_steps // 2 - 1)]
    share = np.mean([0 in draw for draw in draws])
    assert_allclose(tasks.adding_chance(n_steps), (2 - share) / 48)
    mean, mean_square = (share / k + (1 - share) / k**2 for k in (2, 3))
    assert_allclose(tasks.multiplication_chance(n_steps), mean_square - mean**2)


@pytest.mark.parametrize("task", [tasks.temporal_order, tasks.temporal_order_3])
def test_every_distractor_is_drawn(task):
    batch = task(np.random.default_rng(2), 30, 100)
    symbols = {tasks.TEMPORAL_ORDER_SYMBOLS[k] for k in batch.x.argmax(axis=2)[1:25].ravel()}
    assert symbols == set("abcdXY")


def test_the_least_sizes_are_allowed():
    rng = np.random.default_rng(3)
    assert tasks.temporal_order_3(rng, 10, 1).x.shape[1] == 1
    assert tasks.noise_and_signal(rng, 4, 1, n_signal=3).x.shape == (4, 1, 1)


def test_a_random_middle_is_random_and_not_there_by_default():
    rng = np.random.default_rng(4)
    middle = tasks.two_sequences(rng, 10, 50, random_middle=True).x.argmax(axis=2)[1:]
    assert len({tuple(column) for column in middle.T}) > 40
    symbols = tasks.two_sequences_symbols(rng, 10, 50)
    assert len({tuple(column) for column in symbols[1:-1].T}) == 1


@pytest.mark.parametrize(
    ("task", "defaults"),
    [
        (tasks.random_permutation, {"n_symbols": 100}),
        (tasks.memorization, {"n_symbols": 5, "n_values": 2}),
        (tasks.noise_and_signal, {"n_signal": 3}),
    ],
)
def test_the_sizes_of_the_papers_are_the_defaults(task, defaults):
    by_default, told = (task(np.random.default_rng(5), 20, 4, **sizes) for sizes in ({}, defaults))
    for one, other in zip(by_default, told, strict=True):
        assert_array_equal(one, other)
