"""Whole networks in PyTorch, in ONNX, in Flax and Equinox: the same outputs, and clear refusals."""

import copy
import pickle
import warnings

import numpy as np
import pytest

from rnncourse import frameworks, gru, linear, lru, lstm, mingru, rnn, sequences
from rnncourse.checks import relative_error
from rnncourse.network import Network
from rnncourse.params import ravel

STACKS = {
    "one": Network((lstm,), (3, 5)),
    "readout": Network((gru, linear), (3, 5, 2)),
    "deep": Network((lstm, lstm, linear), (3, 4, 4, 1)),
    "all": Network((linear, rnn, gru, lstm, linear), (3, 4, 6, 5, 7, 2)),
}
stacks = pytest.mark.parametrize("network", STACKS.values(), ids=STACKS)
RECURRENT = {rnn: "RNN", lstm: "LSTM", gru: "GRU"}
# The cases of the recurrent operators that come with onnx, and why a cell of ours cannot be one.
# Reading backward is not in the contract of a network; here the sequence is turned around.
CASES = {
    "test_simple_rnn_defaults": None,
    "test_simple_rnn_with_initial_bias": None,
    "test_rnn_seq_length": None,
    "test_simple_rnn_batchwise": None,
    "test_simple_rnn_reverse": None,
    "test_simple_rnn_bidirectional": None,
    "test_gru_defaults": "reset before the product",
    "test_gru_with_initial_bias": "reset before the product",
    "test_gru_seq_length": "reset before the product",
    "test_gru_batchwise": "reset before the product",
    "test_gru_reverse": "reset before the product",
    "test_gru_bidirectional": "reset before the product",
    "test_lstm_defaults": None,
    "test_lstm_with_initial_bias": None,
    "test_lstm_with_peepholes": "peepholes",
    "test_lstm_batchwise": None,
    "test_lstm_reverse": None,
    "test_lstm_bidirectional": None,
}


def as_lru(layer):
    """The cell, and the weights from its states and from x, of an `S5` layer of s5-pytorch."""
    q, log_step, D, C = (getattr(layer.seq, n).detach() for n in ("Lambda", "log_step", "D", "C"))
    q, step, C = q.numpy().astype(complex), np.exp(log_step.numpy().astype(float)), C.numpy()
    B = layer.seq.B.detach().numpy() @ (1, 1j)
    w = (np.expm1(q * step) / q)[:, np.newaxis] * B  # (11.6)
    turned = q.imag < 0  # a mode that turns backward is the conjugate of one of ours
    w, C = np.where(turned[:, np.newaxis], w.conj(), w), np.where(turned, C.conj(), C)
    W_hx = np.stack([w.real, w.imag], axis=1).reshape(2 * len(q), -1)
    cell = lru.Params(np.log(-q.real * step), np.log(np.abs(q.imag) * step), 0 * step, W_hx)
    return cell, np.stack([C.real, -C.imag], axis=-1).reshape(len(C), -1), D.numpy()


@pytest.mark.parametrize("seed", range(3))
def test_a_state_space_layer_of_another_package_is_our_unit(seed):
    s5, torch = package("s5"), package("torch")
    torch.manual_seed(seed)
    layer, x = s5.S5(3, 8), np.random.default_rng(seed).normal(size=(200, 2, 3)).astype(np.float32)
    with torch.no_grad():
        theirs = layer(torch.from_numpy(x).transpose(0, 1)).transpose(0, 1).numpy()
    cell, W_yh, D = as_lru(layer)
    ours = lru.forward(cell, x.astype(float))[0] @ W_yh.T + D * x
    assert np.abs(ours - theirs).max() < 1e-6 * np.abs(ours).max()


@pytest.mark.parametrize("seed", range(3))
def test_a_minimal_gru_of_another_package_is_ours_where_its_candidate_is_positive(seed):
    """Theirs bends the candidate: v + 1/2 above zero. Ours does not, and gets 1/2 as a bias."""
    their, torch = package("minGRU_pytorch"), package("torch")
    torch.manual_seed(seed)
    layer, x = their.minGRU(4).double(), np.random.default_rng(seed).uniform(size=(200, 2, 4))
    with torch.no_grad():
        candidate, gate = (w.numpy() for w in layer.to_hidden_and_gate.weight.chunk(2))
        np.abs(candidate, out=candidate)  # in their layer, too
        theirs = layer(torch.from_numpy(x).transpose(0, 1)).transpose(0, 1).numpy()
    cell = mingru.Params(np.concatenate([-gate, candidate]), np.repeat([0.0, 0.5], 4))
    ours, _ = mingru.forward(cell, x)
    assert np.abs(ours - theirs).max() < 1e-6 * np.abs(ours).max()


def package(name):
    return pytest.importorskip(name, reason=f"{name} is not installed")


def drawn(network, dtype, T=7, B=4):
    """Weights with biases, inputs, and initial states."""
    rng = np.random.default_rng(6)
    params = tuple(
        type(p)(*(0.5 * rng.normal(size=a.shape).astype(dtype) for a in p)) for p in network.zeros()
    )
    x = rng.normal(size=(T, B, network.sizes[0])).astype(dtype)
    h_0 = []
    for cell, width in zip(network.cells, network.sizes[1:], strict=True):
        h, c = rng.normal(size=(2, B, width)).astype(dtype)
        h_0.append({linear: None, lstm: (h, c)}.get(cell, h))
    return params, x, tuple(h_0)


def flat(states):
    """The states of all layers as one list of (B, H) arrays."""
    pairs = [s if isinstance(s, tuple | list) else (s,) for s in states if s is not None]
    return [np.asarray(a).reshape(np.shape(a)[-2:]) for pair in pairs for a in pair]


@stacks
def test_torch_gives_the_outputs_and_the_last_states(network):
    torch = package("torch")
    params, x, h_0 = drawn(network, np.float64)
    net = frameworks.to_torch(network, params)
    expected, tapes = network.forward(params, x, h_0)

    def given(state):
        if isinstance(state, tuple):
            return tuple(map(given, state))
        return None if state is None else torch.tensor(state)[np.newaxis]

    for again in (net, copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        with torch.no_grad():
            y_hat, last = again(torch.tensor(x), [given(state) for state in h_0])
        assert relative_error(y_hat.numpy(), expected) < 1e-14
        found = flat([tuple(s) if isinstance(s, tuple) else s for s in last])
        for theirs, ours in zip(found, flat(network.last(tapes)), strict=True):
            assert relative_error(theirs, ours) < 1e-14
    with torch.no_grad():
        from_zero = net(torch.tensor(x))[0].numpy()
    assert relative_error(from_zero, network.forward(params, x)[0]) < 1e-14
    assert relative_error(from_zero, expected) > 1e-3
    back, same = frameworks.network_from_torch(net)
    assert back == network and np.array_equal(ravel(same), ravel(params))


def test_layers_of_torch_with_several_layers_become_as_many_cells():
    torch = package("torch")
    torch.manual_seed(7)
    float64 = {"dtype": torch.float64}
    stack = torch.nn.LSTM(3, 4, num_layers=3, dropout=0.5, **float64).eval()
    readout = torch.nn.Linear(4, 2, **float64)
    network, params = frameworks.network_from_torch([stack, readout])
    assert network == Network((lstm, lstm, lstm, linear), (3, 4, 4, 4, 2))
    x = np.random.default_rng(8).normal(size=(6, 5, 3))
    with torch.no_grad():
        expected = readout(stack(torch.tensor(x))[0]).numpy()
    assert relative_error(network.forward(params, x)[0], expected) < 1e-14
    assert frameworks.network_from_torch(readout)[0] == Network((linear,), (4, 2))


def test_layers_of_torch_that_are_no_network_are_refused():
    torch = package("torch")
    nn = torch.nn
    for modules, message in {
        (nn.LSTM(3, 4, 2), nn.Linear(3, 1)): r"layers\[1\] \(linear\): W_yh takes 3 inputs, "
        r"expected 4, as many as layers\[0\] layer 1 has outputs",
        (nn.Linear(2, 3), nn.GRU(3, 4, 2, dropout=0.5)): r"layers\[1\] has dropout = 0.5 in "
        "training, expected",
        (nn.GRU(3, 4, bidirectional=True),): r"layers\[0\]: layer has bidirectional = True, exp",
        (nn.GRU(3, 4, 2, batch_first=True),): r"layers\[0\] layer 0: layer has batch_first = True",
        (nn.Linear(3, 4), nn.Tanh()): r"layers\[1\]: layer is a torch.*Tanh, expected RNN, LSTM",
        (nn.Linear(3, 4), nn.Linear(4, 1).double()): r"1.linear.W_yh has dtype float64, exp",
        (): "modules holds no layer, expected",
    }.items():
        with pytest.raises(ValueError, match=message):
            frameworks.network_from_torch(list(modules))
    with pytest.raises(ValueError, match=r"layers\[0\]: layer is a builtins.int, expected RNN"):
        frameworks.network_from_torch(3)


TO = {
    "torch": (frameworks.to_torch, "torch"),
    "onnx": (frameworks.to_onnx, "onnx"),
    "flax": (frameworks.to_flax, "flax"),
    "equinox": (frameworks.to_equinox, "equinox"),
}


@pytest.mark.parametrize("to", TO)
def test_a_network_that_does_not_fit_gets_one_error(to):
    move, needs = TO[to]
    package(needs)
    network = STACKS["readout"]
    params = network.zeros(np.float32)
    cell, readout = params
    wrong = cell._replace(W_h=np.zeros((15, 4), np.float32))
    double = linear.Params(*(a.astype(np.float64) for a in readout))

    class Own:
        Params, CAUSAL = gru.Params, True
        shapes, init, forward, last = gru.shapes, gru.init, gru.forward, gru.last
        backward, r_forward = gru.backward, gru.r_forward

    for given, message in (
        ((network, (wrong, readout)), r"0.gru.W_h has shape \(15, 4\), expected \(15, 5\)"),
        ((network, (cell, double)), "1.linear.W_yh has dtype float64, expected float32"),
        ((network, (cell,)), "params is a tuple of 1, expected one Params for each of the 2 cells"),
        ((network, 3), "params is an int, expected one Params for each"),
        ((network, None), "params is None, expected one Params for each"),
        ((network, (cell, cell)), r"params\[1\] is gru.Params, expected linear.Params"),
        ((network, (cell, 3)), r"params\[1\] is an int, expected linear.Params"),
        ((cell, params), "network is a Params, expected a Network"),
        ((Network((Own,), (3, 5)), (cell,)), r"cells\[0\] is <class.*Own'>, expected rnn, lstm"),
    ):
        with pytest.raises(ValueError, match=message):
            move(*given)


def rows(states, which):
    """The states of some sequences of the batch."""
    if isinstance(states, tuple):
        return tuple(rows(state, which) for state in states)
    return None if states is None else states[which]


def session(model):
    onnxruntime = package("onnxruntime")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def evaluator(model):
    return package("onnx.reference").ReferenceEvaluator(model)


def fed(network, x, h_0):
    """The inputs of a graph by their names."""
    feeds = {"x": x}
    for layer, (cell, state) in enumerate(zip(network.cells, h_0, strict=True)):
        name = f"{layer}.{cell.__name__.split('.')[-1]}"
        pair = state if isinstance(state, tuple) else (state,)
        feeds |= {f"{name}.{s}_0": a for s, a in zip("hc", pair, strict=False) if a is not None}
    return feeds


@stacks
@pytest.mark.parametrize("runner", [session, evaluator])
def test_onnx_gives_the_outputs_and_the_last_states(network, runner):
    onnx = package("onnx")
    params, x, h_0 = drawn(network, np.float32)
    model = frameworks.to_onnx(network, params, states=True)
    opset = frameworks.onnx_graph.OPSET
    assert [(o.domain, o.version) for o in model.opset_import] == [("", opset)]
    run = runner(onnx.load_model_from_string(model.SerializeToString())).run
    for T, B in ((7, 4), (1, 1), (3, 2)):
        start = rows(h_0, slice(0, B))
        expected, tapes = network.forward(params, x[:T, :B], start)
        y_hat, *last = run(None, fed(network, x[:T, :B], start))
        assert y_hat.dtype == np.float32 and relative_error(y_hat, expected) < 1e-6
        for theirs, ours in zip(last, flat(network.last(tapes)), strict=True):
            assert relative_error(theirs, ours) < 1e-6
    (y_hat,) = runner(frameworks.to_onnx(network, params)).run(None, {"x": x})
    assert relative_error(y_hat, network.forward(params, x)[0]) < 1e-6


@stacks
def test_onnx_with_lengths_is_ours_with_a_mask(network):
    """Valid outputs and the last state of each; a sequence of length zero keeps none."""
    package("onnx")
    params, x, _ = drawn(network, np.float32)
    lengths = np.array([7, 3, 5, 1], np.int32)
    run = session(frameworks.to_onnx(network, params, lengths=True, states=True)).run
    _, x, h_0 = drawn(network, np.float32)
    y_hat, *last = run(None, {**fed(network, x, h_0), "sequence_lens": lengths})
    expected = network.forward(params, x, h_0)[0]
    valid = sequences.many_to_many(lengths, len(x))
    assert relative_error(y_hat[valid], expected[valid]) < 1e-6
    assert np.abs(y_hat - expected)[~valid].max() > 1e-3  # behind the end it is another thing
    ends = []
    for b, n in enumerate(lengths):
        own = rows(h_0, slice(b, b + 1))
        tapes = network.forward(params, x[:n, b : b + 1], own)[1]
        ends.append(flat(network.last(tapes)))
    for theirs, *ours in zip(last, *ends, strict=True):
        assert relative_error(theirs, np.concatenate(ours)) < 1e-6


@pytest.mark.parametrize("cell", RECURRENT)
def test_onnx_is_what_torch_exports(cell):
    """The exporter of torch, from the same net, in the same runtime."""
    torch = package("torch")
    package("onnx"), package("onnxscript")
    network = Network((cell, linear), (3, 5, 2))
    params, x, _ = drawn(network, np.float32)
    net = frameworks.to_torch(network, params)

    class Outputs(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            return self.net(x)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            Outputs().eval(), (torch.tensor(x),), dynamo=True, verbose=False
        )
    theirs = session(program.model_proto)
    (name,) = [entry.name for entry in theirs.get_inputs()]
    (expected,) = theirs.run(None, {name: x})
    (y_hat,) = session(frameworks.to_onnx(network, params)).run(None, {"x": x})
    assert relative_error(y_hat, expected) < 1e-6


def test_weights_that_float32_does_not_hold_are_refused():
    package("onnx")
    network = Network((rnn,), (1, 1))
    params = (rnn.Params(np.array([[1e39]]), np.eye(1), np.zeros(1)),)
    with pytest.raises(ValueError, match="0.rnn.W, in float32, holds inf at index"):
        frameworks.to_onnx(network, params)
    close = (rnn.Params(np.array([[0.1]]), np.eye(1), np.zeros(1)),)
    (y_hat,) = session(frameworks.to_onnx(network, close)).run(
        None, {"x": np.ones((1, 1, 1), np.float32)}
    )
    assert y_hat.dtype == np.float32 and y_hat.item() == pytest.approx(np.tanh(0.1), rel=1e-6)


def ours_of(node, W, R, B):
    """The `Params` of one direction of a node of ONNX, written out: its rows in our order."""
    H = R.shape[-1]
    b = B[: len(W)] + B[len(W) :]
    if node.op_type == "RNN":
        return rnn.Params(W, R, b)
    i, o, f, g = (slice(n * H, (n + 1) * H) for n in range(4))
    order = np.r_[i, f, g, o]
    return lstm.Params(W[order], R[order], b[order])


def test_the_cases_that_come_with_onnx():
    """Each case that one of our cells can be, through our cell and through our graph."""
    onnx = package("onnx")
    package("onnxruntime")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        node_cases = package("onnx.backend.test.case.node").collect_testcases()
    found = {
        case.name: (case, case.model.graph.node[0])
        for case in node_cases
        if case.model.graph.node[0].op_type in RECURRENT.values()
    }
    assert sorted(found) == sorted(CASES)
    for name, (case, node) in found.items():
        options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        (arrays, expected), *_ = case.data_sets
        given = dict(zip([n for n in node.input if n], arrays, strict=True))
        wanted = dict(zip([n for n in node.output if n], expected, strict=True))
        if CASES[name] is not None:
            its = {
                "reset before the product": not options.get("linear_before_reset", 0),
                "peepholes": "P" in given,
            }
            assert its[CASES[name]], name
            continue
        x = given["X"].swapaxes(0, 1) if options.get("layout") else given["X"]
        assert set(given) <= {"X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c"}
        assert set(options) <= {"hidden_size", "layout", "direction"}, name
        for start in ("initial_h", "initial_c"):
            assert not np.any(given.get(start, 0.0))
        lengths = given.get("sequence_lens", np.full(x.shape[1], len(x)))
        assert (lengths == len(x)).all()
        turned = {b"reverse": [True], b"bidirectional": [False, True]}
        last = []
        for d, backward in enumerate(turned.get(options.get("direction"), [False])):
            W, R = given["W"][d], given["R"][d]
            B = given["B"][d] if "B" in given else np.zeros(2 * len(W), np.float32)
            p = ours_of(node, W, R, B)
            network = Network((rnn if node.op_type == "RNN" else lstm,), (x.shape[2], R.shape[1]))
            read = np.ascontiguousarray(x[::-1] if backward else x)
            h = network.forward((p,), read)[0]
            (graph,) = session(frameworks.to_onnx(network, (p,))).run(None, {"x": read})
            np.testing.assert_allclose(graph, h, atol=1e-6)
            last.append(h[-1])
        last = np.stack(last, axis=1 if options.get("layout") else 0)
        np.testing.assert_allclose(last, wanted["Y_h"], atol=1e-6, err_msg=name)


@pytest.fixture
def double():
    """JAX in double precision, as it was before afterwards."""
    jax = package("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


@stacks
def test_flax_gives_the_same(network, double):
    package("flax")
    params, x, _ = drawn(network, np.float64)
    expected = network.forward(params, x)[0]
    y_hat = np.asarray(frameworks.to_flax(network, params)(double.numpy.asarray(x)))
    assert y_hat.dtype == np.float64 and relative_error(y_hat, expected) < 1e-12
    for cell, p, tape in zip(network.cells, params, network.forward(params, x)[1], strict=True):
        h = np.asarray(frameworks.to_flax(p)(tape[0]))
        assert relative_error(h, cell.forward(p, tape[0])[0]) < 1e-12


def test_equinox_gives_the_same(double):
    package("equinox")
    network = Network((linear, gru, lstm, linear), (3, 4, 6, 5, 2))
    params, x, (_, h_gru, h_lstm, _) = drawn(network, np.float64)
    expected = network.forward(params, x, (None, h_gru, h_lstm, None))[0]
    below, of_gru, of_lstm, readout = frameworks.to_equinox(network, params)

    def step(states, x_t):
        h, pair = states
        h = of_gru(below(x_t), h)
        pair = of_lstm(h, pair)
        return (h, pair), readout(pair[0])

    def run(x, *states):  # of one sequence
        return double.lax.scan(step, (states[0], states[1:]), x)[1]

    y_hat = np.asarray(double.vmap(run, in_axes=(1, 0, 0, 0), out_axes=1)(x, h_gru, *h_lstm))
    assert y_hat.dtype == np.float64 and relative_error(y_hat, expected) < 1e-12


def test_what_jax_cannot_take_is_refused():
    package("jax"), package("flax"), package("equinox")
    network = STACKS["one"]
    for move in (frameworks.to_flax, frameworks.to_equinox):
        with pytest.raises(ValueError, match="float64, of which JAX makes float32 here, expected"):
            move(network, network.zeros())
    plain = Network((lstm, rnn), (2, 3, 3))
    with pytest.raises(ValueError, match="1.rnn has no cell in Equinox, expected lstm, gru or"):
        frameworks.to_equinox(plain, plain.zeros(np.float32))
    with pytest.raises(ValueError, match="rnn has no cell in Equinox"):
        frameworks.to_equinox(plain.zeros(np.float32)[1])
    with pytest.raises(ValueError, match="params is an int, expected Params of"):
        frameworks.to_flax(3)
