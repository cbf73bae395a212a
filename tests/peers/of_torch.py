"""What PyTorch means."""

import io

import numpy as np
import torch
from observe import (
    gates_and_sense,
    of,
    orthogonality,
    outcome,
    radius,
    reset_place,
    short,
)  # fmt: skip
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.manual_seed(0)
nn = torch.nn
seen = of("PyTorch")


def zero(layer):
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
    return layer


def counter(**options):
    """A layer that adds up its inputs."""
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False, **options)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.fill_(1.0)
    return layer


def lstm_step(biases):
    cell = zero(nn.LSTMCell(1, 1))
    cell.bias_ih.data = torch.tensor(biases)
    h, c = cell(torch.zeros(1, 1), (torch.zeros(1, 1), torch.full((1, 1), 2.0)))
    return h.item(), c.item()


def gru_step(biases):
    cell = zero(nn.GRUCell(1, 1))
    cell.bias_ih.data = torch.tensor(biases)
    return cell(torch.zeros(1, 1), torch.full((1, 1), 2.0)).item()


gates_and_sense(seen, lstm_step, gru_step)


@seen
def complex_gradient():
    z = torch.tensor(1 + 1j, requires_grad=True)
    (2 * z.real + 3 * z.imag).backward()
    return f"{z.grad.real.item():g}{z.grad.imag.item():+g}j"


@seen
def gru_reset():
    cell = zero(nn.GRUCell(1, 2))
    cell.weight_hh.data[4:] = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    cell.bias_ih.data[:4] = torch.tensor([-20.0, 20.0, -20.0, -20.0])
    return reset_place(lambda: cell(torch.zeros(1, 1), torch.tensor([[1.0, 0.0]]))[0])


@seen
def biases():
    layers = nn.RNN(3, 5), nn.LSTM(3, 5), nn.GRU(3, 5)
    return short(*(sum(w.numel() for w in la.parameters() if w.ndim == 1) for la in layers))


@seen
def forget_in_forward():
    cell = zero(nn.LSTMCell(1, 1))
    return short(cell(torch.zeros(1, 1), (torch.zeros(1, 1), torch.ones(1, 1)))[1])


@seen
def forget_start():
    layer = nn.LSTM(3, 400)
    b = layer.bias_ih_l0 + layer.bias_hh_l0
    return f"{abs(b[400:800].mean().item()):.1f}"


@seen
def recurrent_start():
    return orthogonality(nn.LSTM(3, 50).weight_hh_l0.detach().numpy(), 4)


@seen
def plain_radius():
    return radius(nn.RNN(3, 400).weight_hh_l0.detach())


@seen
def candidate_radius():
    return radius(nn.LSTM(3, 400).weight_hh_l0.detach()[800:1200])


@seen
def dense_start():
    return short(nn.Linear(400, 400).weight.std() * 20, digits=1)


@seen
def dense_bias_start():
    return "zero" if (nn.Linear(4, 4).bias == 0).all() else "drawn"


@seen
def first_axis():
    x = torch.zeros(3, 2, 1)
    x[0] = 1
    moved = (counter()(x)[0] != 0).flatten(1).any(1)
    return "time" if moved.all() else "batch"


@seen
def returns():
    return "all steps" if nn.LSTM(1, 1)(torch.zeros(5, 1, 1))[0].numel() == 5 else "the last step"


def packed(x, lengths, **options):
    x = torch.tensor(x, dtype=torch.float32).reshape(-1, 1, 1).repeat(1, 2, 1)
    out, h = counter(**options)(pack_padded_sequence(x, lengths))
    return pad_packed_sequence(out, total_length=len(x))[0][:, 1], h[:, 1]


@seen
def behind_the_end():
    return short(*packed([1, 1, 1, 1], [4, 2])[0][:, 0], digits=4)


@seen
def last_state():
    return short(packed([1, 1, 1, 1], [4, 2])[1])


@seen
def backward_lengths():
    return short(*packed([1, 10, 100, 1000], [4, 2], bidirectional=True)[0][:, 1], digits=4)


@seen
def backward_order():
    x = torch.tensor([1.0, 10, 100]).reshape(3, 1, 1)
    return short(*counter(bidirectional=True)(x)[0][:, 0, 1])


@seen
def empty_sequence():
    return outcome(packed, [1, 1, 1, 1], [4, 0])


@seen
def second_call():
    layer, x = counter(), torch.ones(3, 1, 1)
    layer(x)
    return short(*layer(x)[0])


def optimized(make, gradient, rates=(None,), start=1.0):
    """Where a weight is after steps with a gradient, a number or a function of the weight."""
    w = torch.tensor([start], dtype=torch.float64)
    optimizer = make([w])
    for rate in rates:
        if rate is not None:
            optimizer.param_groups[0]["lr"] = rate
        w.grad = torch.full_like(w, gradient(w.item()) if callable(gradient) else gradient)
        optimizer.step()
    return w.item()


@seen
def nesterov():
    return short(optimized(lambda w: torch.optim.SGD(w, 0.1, 0.9, nesterov=True), lambda w: w))


@seen
def rate_in_velocity():
    return short(optimized(lambda w: torch.optim.SGD(w, 0.1, 0.9), 1.0, (0.1, 0.0), 0.0))


def clipped(*gradient):
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    w.grad = torch.tensor(gradient, dtype=torch.float64)
    nn.utils.clip_grad_norm_([w], 5.0)
    return w.grad


@seen
def clip_at_the_limit():
    return f"{clipped(3, 4)[0].item() - 3:.0e}" if clipped(3, 4)[0] != 3 else "0"


@seen
def clip_infinite():
    return short(*clipped(np.inf, 1))


@seen
def adam_epsilon():
    return short(-optimized(lambda w: torch.optim.Adam(w, 1.0, eps=1e-8), 1e-8, start=0.0))


@seen
def adam_defaults():
    defaults = torch.optim.Adam([torch.zeros(1)]).defaults
    return f"{defaults['lr']:g}, {defaults['eps']:g}"


@seen
def adam_decay():
    return short(optimized(lambda w: torch.optim.Adam(w, 0.1, weight_decay=0.1), 0.0))


@seen
def rmsprop():
    return short(-optimized(lambda w: torch.optim.RMSprop(w, 1.0, eps=1e-8), 1e-8, start=0.0))


@seen
def l2():
    return short(1 - optimized(lambda w: torch.optim.SGD(w, 1.0, weight_decay=0.1), 0.0))


@seen
def two_backward_passes():
    w = torch.ones(1, requires_grad=True)
    for _ in range(2):
        (3 * w).sum().backward()
    return short(w.grad)


@seen
def squared_error():
    return short(nn.functional.mse_loss(torch.tensor([3.0]), torch.tensor([1.0])))


@seen
def weighted_mean():
    y_hat, y = torch.tensor([1.0, 0.0]), torch.zeros(2)
    weight = torch.tensor([1.0, 0.0])
    return outcome(lambda: short(nn.functional.mse_loss(y_hat, y, weight=weight)))


@seen
def cross_entropy():
    return short(nn.CrossEntropyLoss()(torch.tensor([[2.0, 0.0]]), torch.tensor([0])))


@seen
def layer_dropout():
    layer = counter(dropout=0.5).train()
    return "changes nothing" if (layer(torch.ones(1, 99, 1))[0] == 1).all() else "drops inputs"


@seen
def dropout_mask():
    """The second layer adds up 2 m h, for h = 1, 2, 3, 4 of the first: 0 or 20 if m is the same."""
    last = counter(num_layers=2, dropout=0.5).train()(torch.ones(4, 1000, 1))[0][-1]
    return "one for all steps" if len(last.unique()) == 2 else "one for each step"


@seen
def double_asked():
    out = nn.RNN(3, 5, dtype=torch.float64)(torch.zeros(2, 1, 3, dtype=torch.float64))[0]
    return str(out.dtype).removeprefix("torch.")


@seen
def double_scalar():
    return str((np.float64(2) * torch.ones(1)).dtype).removeprefix("torch.")


@seen
def export_length():
    import onnxruntime

    layer, free = nn.RNN(3, 5).eval(), ({0: torch.export.Dim.AUTO},)
    file, example = io.BytesIO(), (torch.randn(5, 2, 3),)
    torch.onnx.export(layer, example, dynamo=True, dynamic_shapes=free, verbose=False).save(file)
    session = onnxruntime.InferenceSession(file.getvalue())
    name = session.get_inputs()[0].name
    return f"{len(session.run(None, {name: np.zeros((9, 2, 3), np.float32)})[0])} states"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.below, self.lstm, self.readout = nn.Linear(3, 4), nn.LSTM(4, 5), nn.Linear(5, 1)

    def forward(self, x):
        return self.readout(self.lstm(self.below(x))[0])


@seen
def compile_graphs():
    return f"{torch._dynamo.explain(Net())(torch.zeros(6, 2, 3)).graph_count} graphs"


@seen
def gradient_of_each():
    layer = nn.RNN(3, 5)
    params = {name: w.detach() for name, w in layer.named_parameters()}

    def loss(p, x):
        return torch.func.functional_call(layer, p, (x.unsqueeze(1),))[0].square().sum()

    each = torch.vmap(torch.func.grad(loss), in_dims=(None, 1))
    return outcome(lambda: f"{len(each(params, torch.randn(6, 4, 3))['weight_hh_l0'])} gradients")


@seen
def forward_derivative():
    layer, x = nn.LSTM(3, 5), torch.randn(6, 2, 3)
    params = {name: w.detach() for name, w in layer.named_parameters()}

    def cost(p):
        return torch.func.functional_call(layer, p, (x,))[0].sum()

    return outcome(lambda: "runs" if torch.func.jvp(cost, (params,), (params,)) else "")


@seen
def standard_deviation():
    return short(torch.tensor([0.0, 2.0]).std())


@seen
def batch_norm():
    layer = nn.BatchNorm1d(1)
    layer(torch.ones(4, 1))
    return short(layer.running_mean)


@seen
def layer_norm():
    return f"{nn.LayerNorm(3).eps:g}"


@seen
def gelu():
    return short(nn.GELU()(torch.tensor(1.0)), digits=5)


@seen
def hard_sigmoid():
    return short(nn.Hardsigmoid()(torch.tensor(1.0)))


@seen
def norm_at_zero():
    x = torch.zeros(2, requires_grad=True)
    torch.linalg.norm(x).backward()
    return short(*x.grad)


@seen
def maximum_at_zero():
    x = torch.zeros(1, requires_grad=True)
    torch.maximum(x, torch.zeros(1)).backward()
    return short(x.grad)


@seen
def transposed_saved():
    file, a = io.BytesIO(), torch.arange(6.0).reshape(2, 3).T
    torch.save(a, file)
    file.seek(0)
    return "the same" if torch.equal(torch.load(file), a) else "another matrix"
