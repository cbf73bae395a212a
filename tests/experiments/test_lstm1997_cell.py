"""The cell of 1997: printed weight counts, and its truncated gradient against two witnesses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse.experiments.lstm1997 import cell, passes

NETS = {
    "one_block": cell.Net(1, 1, 2, 1),
    "blocks_of_two": cell.Net(2, 2, 3, 2),
    "hidden_biases": cell.Net(3, 1, 1, 1, biased="hidden"),
    "gates_biased": cell.Net(3, 2, 7, 7, biased="gates"),
    "outputs_biased": cell.Net(3, 2, 7, 7, biased="gates, outputs", direct=True),
    "no_biases": cell.Net(2, 1, 5, 2, biased="none"),
    "input_only": cell.Net(2, 1, 5, 2, biased="none", recurrent="none"),
    "cells_fed_back": cell.Net(2, 2, 3, 2, recurrent="cells", g=(-1.0, 1.0), h=(-2.0, 2.0)),
    "linear_output": cell.Net(2, 2, 2, 1, output=None),
    "wide_output": cell.Net(2, 2, 2, 1, output=(-2.0, 2.0), out_gate=False),
    "two_a": cell.Net(1, 1, 6, 6, "none", False, "none", True, g=(0.0, 1.0), h=None),
}


def draw(net, seed=0, N=3, T=6):
    """Nets with weights of order 1, inputs, targets, and a mask with gaps."""
    rng = np.random.default_rng(seed)
    w = [cell.init(rng, net, 1.5, rng.normal(size=net.blocks)) for _ in range(N)]
    w = cell.Weights(*map(np.concatenate, zip(*w, strict=True)))
    w = cell.Weights(*(a * m for a, m in zip(w, cell.there(net), strict=True)))
    x = rng.normal(size=(T, N, net.n_in))
    return w, x, rng.random((T, N, net.n_out)), rng.random((T, N)) < 0.6


def logistic(z):
    return 1 / (1 + np.exp(-z))


def between(limits):
    """The squashing function with a range."""
    if limits is None:
        return lambda z: z
    return lambda z: limits[0] + (limits[1] - limits[0]) * logistic(z)


def one_net(net, w, x, seen=None):
    """Outputs of one net from the paper's formulas, and what the hidden units saw of themselves.

    Where `seen` is given, they see that instead: it freezes the paths that are truncated.
    """
    g, h, f_k = between(net.g), between(net.h), between(net.output)
    C, B, S = net.n_cells, net.blocks, net.size
    hidden, s = np.zeros(net.n_hidden), np.zeros(C)
    outputs, saw = [], []
    for t in range(len(x)):
        saw.append(hidden if seen is None else seen[t])
        z = w.W_x @ x[t] + w.W_h @ saw[-1] + w.b
        y_in = logistic(z[C : C + B])
        y_out = logistic(z[C + B :]) if net.out_gate else np.ones(B)
        s = s + np.repeat(y_in, S) * g(z[:C])
        y_c = np.repeat(y_out, S) * h(s)
        hidden = np.concatenate([y_c, y_in, y_out if net.out_gate else []])
        outputs.append(f_k(w.V_c @ y_c + w.V_x @ x[t] + w.c))
    return np.array(outputs), saw


def slope(y, limits):
    """The derivative of the squashing function, by its value."""
    return 1.0 if limits is None else (y - limits[0]) * (limits[1] - y) / (limits[1] - limits[0])


def net_of(w, n):
    return cell.Weights(*(a[n] for a in w))


@pytest.mark.equation("5.13", code="experiments.lstm1997.passes.forward")
@pytest.mark.parametrize("name", NETS)
def test_forward_is_the_formulas_of_the_paper(name):
    net = NETS[name]
    w, x, _, _ = draw(net)
    y_k = passes.forward(net, w, x).y_k
    for n in range(x.shape[1]):
        assert_allclose(y_k[:, n], one_net(net, net_of(w, n), x[:, n])[0], rtol=1e-12)


@pytest.mark.parametrize("full", [False, True], ids=["truncated", "full"])
@pytest.mark.parametrize("name", NETS)
def test_update_is_the_complex_step(name, full):
    """With the paths frozen that are truncated, or with none."""
    net = NETS[name]
    w, x, target, mask = draw(net)
    tape = passes.forward(net, w, x)
    change = passes.update(net, w, tape, target, mask, full=full)
    for n in range(x.shape[1]):
        w_n = net_of(w, n)
        seen = None if full else one_net(net, w_n, x[:, n])[1]
        for leaf, there in zip(cell.Weights._fields, cell.there(net), strict=True):
            for place in np.ndindex(there.shape):
                moved = getattr(w_n, leaf).astype(complex)
                moved[place] += 1e-30j
                y_k, _ = one_net(net, w_n._replace(**{leaf: moved}), x[:, n], seen)
                E = (((target[:, n] - y_k) ** 2) * mask[:, n, np.newaxis]).sum()
                expected = -0.5 * E.imag / 1e-30 if there[place] else 0.0
                found = getattr(change, leaf)[n][place]
                assert_allclose(found, expected, rtol=1e-8, atol=1e-12)


@pytest.mark.equation("5.14", code="experiments.lstm1997.passes.update")
@pytest.mark.parametrize("name", NETS)
def test_update_is_the_forward_recursion_of_the_paper(name):
    """Equations (19) to (28) one number at a time, ds/dw carried forward as the paper does."""
    net = NETS[name]
    w, x, target, mask = draw(net, seed=1, N=2)
    change = passes.update(net, w, passes.forward(net, w, x), target, mask)
    C, B, S = net.n_cells, net.blocks, net.size
    g, h = between(net.g), between(net.h)
    for n in range(x.shape[1]):
        w_n = net_of(w, n)
        y_k, seen = one_net(net, w_n, x[:, n])
        s, ds_in, ds_c = np.zeros(C), np.zeros((C, *w_n.W_h.shape[1:])), np.zeros((C, C + 2 * B))
        ds_in, ds_c = (np.zeros((C, net.n_hidden)) for _ in range(2))
        total = np.zeros_like(w_n.W_h)
        for t in range(len(x)):
            u = seen[t]
            z = w_n.W_x @ x[t, n] + w_n.W_h @ u + w_n.b
            y_in = logistic(z[C : C + B])
            y_out = logistic(z[C + B :]) if net.out_gate else np.ones(B)
            e_k = slope(y_k[t], net.output) * (target[t, n] - y_k[t]) * mask[t, n]
            for v in range(C):
                j = v // S
                low, high = net.g
                slope_g = (high - low) * logistic(z[v]) * (1 - logistic(z[v]))
                s[v] += y_in[j] * g(z[v])
                ds_in[v] += g(z[v]) * y_in[j] * (1 - y_in[j]) * u  # (25)
                ds_c[v] += slope_g * y_in[j] * u  # (27)
                back = w_n.V_c[:, v] @ e_k
                slope_h = slope(h(s[v]), net.h)
                e_s = y_out[j] * slope_h * back  # (23)
                total[C + j] += e_s * ds_in[v]  # (26)
                total[v] += e_s * ds_c[v]  # (28)
                if net.out_gate:
                    total[C + B + j] += y_out[j] * (1 - y_out[j]) * h(s[v]) * back * u  # (21), (22)
        total *= cell.there(net).W_h
        assert_allclose(change.W_h[n], total, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", NETS)
def test_changes_at_each_step_add_up_to_that_of_the_sequence_when_they_are_small(name):
    net = NETS[name]
    w, x, target, mask = draw(net)
    change = passes.update(net, w, passes.forward(net, w, x), target, mask)
    stepped, rate = cell.Weights(*(a.copy() for a in w)), 1e-7
    y_k = passes.each_step(net, stepped, x, target, mask, rate)
    assert_allclose(y_k, passes.forward(net, w, x).y_k, atol=1e-5)
    for after, before, expected in zip(stepped, w, change, strict=True):
        assert_allclose((after - before) / rate, expected, rtol=1e-4, atol=1e-5)


def test_changes_at_each_step_are_those_of_cut_sequences():
    """After the first step with an error, the weights are those of the sequence that ends there."""
    net = NETS["blocks_of_two"]
    w, x, target, mask = draw(net)
    mask = np.zeros_like(mask)
    mask[3] = True
    change = passes.update(net, w, passes.forward(net, w, x[:4]), target[:4], mask[:4])
    stepped = cell.Weights(*(a.copy() for a in w))
    passes.each_step(net, stepped, x, target, mask, 0.5)
    for after, before, expected in zip(stepped, w, change, strict=True):
        assert_allclose(after - before, 0.5 * expected, rtol=1e-9, atol=1e-13)


def test_symbols_are_one_hot_inputs():
    net = NETS["two_a"]
    w, _, target, mask = draw(net)
    symbols = np.random.default_rng(2).integers(6, size=(6, 3))
    tape = passes.forward(net, w, symbols)
    dense = passes.forward(net, w, np.eye(6)[symbols])
    assert_allclose(tape.y_k, dense.y_k, rtol=1e-13)
    for one, other in zip(
        passes.update(net, w, tape, target, mask),
        passes.update(net, w, dense, target, mask),
        strict=True,
    ):
        assert_allclose(one, other, rtol=1e-10, atol=1e-15)


def test_cells_that_have_not_been_added_change_nothing_and_learn_nothing():
    net = NETS["two_a"]
    w, x, target, mask = draw(net)
    on = np.array([[0.0], [1.0], [1.0]])
    tape = passes.forward(net, w, x, on)
    without = w._replace(V_c=w.V_c * on[..., np.newaxis])
    assert_array_equal(tape.y_k, passes.forward(net, without, x).y_k)
    change = passes.update(net, w, tape, target, mask, on)
    assert not change.W_x[0].any() and not change.V_c[0].any() and change.V_x[0].any()
    assert change.W_x[1].any() and change.V_c[1].any()


def test_each_net_is_independent_of_the_others():
    net = NETS["blocks_of_two"]
    w, x, target, mask = draw(net, N=4)
    together = passes.update(net, w, passes.forward(net, w, x), target, mask)
    few = cell.Weights(*(a[1:3] for a in w))
    alone = passes.update(
        net, few, passes.forward(net, few, x[:, 1:3]), target[:, 1:3], mask[:, 1:3]
    )
    for one, other in zip(together, alone, strict=True):
        assert_allclose(one[1:3], other, rtol=1e-13)


def test_initial_values():
    net = cell.Net(2, 2, 3, 1)
    w = cell.init(np.random.default_rng(0), net, 0.1, in_bias=(-3, -6))
    assert_array_equal(w.b[0, 4:6], [-3, -6])
    others = np.concatenate([w.b[0, :4], w.b[0, 6:], *(a.ravel() for a in (w.W_x, w.W_h, w.V_c))])
    assert np.abs(others).max() <= 0.1 and (others != 0).all() and others.std() > 0.05
