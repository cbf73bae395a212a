"""PyTorch's weights fit unchanged: outputs, states and gradients of nn.RNN, nn.LSTM and nn.GRU."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from rnncourse import gru, lstm, rnn
from rnncourse.params import leaves

torch = pytest.importorskip("torch", reason="PyTorch is not installed (it is in the extra `bench`)")

CELLS = {"RNN": rnn, "LSTM": lstm, "GRU": gru}
TOLERANCE = {"rtol": 1e-12, "atol": 1e-12}


def weights_of(name, layer):
    """The weights of a one-layer module of torch as our `Params`, and the same of its gradients."""
    W_x, W_h, b_x, b_h = layer.parameters()  # torch's own order

    def named(W_x, W_h, b_x, b_h):
        biases = (b_x, b_h) if name == "GRU" else (b_x + b_h,)
        return CELLS[name].Params(*(a.detach().numpy() for a in (W_x, W_h, *biases)))

    return named(W_x, W_h, b_x, b_h), lambda: named(W_x.grad, W_h.grad, b_x.grad, b_h.grad)


@pytest.mark.parametrize("with_state", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_torch_weights_fit_unchanged(name, with_state):
    T, B, D, H = 9, 4, 3, 5
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    layer = getattr(torch.nn, name)(D, H, dtype=torch.float64)  # draws its biases, too
    params, gradients = weights_of(name, layer)
    assert [a.shape for a in params] == list(CELLS[name].shapes(D, H))
    x, e = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H))
    h_0 = (rng.normal(size=(B, H)), rng.normal(size=(B, H))) if with_state else None

    x_torch = torch.tensor(x, requires_grad=True)
    states = [torch.tensor(h)[None].requires_grad_() for h in h_0] if with_state else None
    start = None if h_0 is None else h_0[0]
    if name == "LSTM":
        start = h_0
        expected, (h_T, c_T) = layer(x_torch, states and tuple(states))
    else:
        expected, h_T = layer(x_torch, states and states[0])
    ends = (h_T, c_T) if name == "LSTM" else (h_T,)
    e_last = tuple(rng.normal(size=(B, H)) for _ in ends)
    cost = (expected * torch.tensor(e)).sum()
    for end, e_end in zip(ends, e_last, strict=True):
        cost = cost + (end[0] * torch.tensor(e_end)).sum()
    cost.backward()

    h, tape = CELLS[name].forward(params, x, start)
    assert_allclose(h, expected.detach(), **TOLERANCE)
    for last, end in zip(leaves(CELLS[name].last(tape)), ends, strict=True):
        assert_allclose(last, end[0].detach(), **TOLERANCE)
    e_last = e_last if name == "LSTM" else e_last[0]
    gradient, d_x, d_h_0 = CELLS[name].backward(params, tape, e, e_last)
    assert_allclose(d_x, x_torch.grad, **TOLERANCE)
    for ours, state in zip(leaves(d_h_0), states or (), strict=False):
        assert_allclose(ours, state.grad[0], **TOLERANCE)
    theirs = gradients()
    for field in ("W_x", "W_h", "b_x", "b_h") if name == "GRU" else gradient._fields[:2]:
        assert_allclose(getattr(gradient, field), getattr(theirs, field), **TOLERANCE)
    if name != "GRU":  # both of torch's biases get the whole derivative of their sum
        assert_allclose(gradient[2], layer.bias_ih_l0.grad, **TOLERANCE)
        assert_allclose(gradient[2], layer.bias_hh_l0.grad, **TOLERANCE)
