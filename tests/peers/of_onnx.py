"""What the operators of ONNX mean, in what RUNNER names: onnxruntime, or onnx' own evaluator."""

import os

import numpy as np
from observe import gates_and_sense, of, outcome, reset_place, short
from onnx import TensorProto, helper

seen = of("ONNX Runtime", "onnx, evaluator")


def run(operator, outputs, inputs, **attributes):
    """Run one operator; inputs None are left out."""
    names = [f"in {n}" if a is not None else "" for n, a in enumerate(inputs)]
    given = {n: np.asarray(a) for n, a in zip(names, inputs, strict=True) if n}
    given = {n: a if a.dtype == np.int32 else a.astype(np.float32) for n, a in given.items()}
    kinds = {np.dtype("int32"): TensorProto.INT32, np.dtype("float32"): TensorProto.FLOAT}
    node = helper.make_node(operator, names, outputs, **attributes)
    ins = [helper.make_tensor_value_info(n, kinds[a.dtype], a.shape) for n, a in given.items()]
    outs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs]
    graph = helper.make_graph([node], "g", ins, outs)
    opset = [helper.make_opsetid("", 14)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    if os.environ["RUNNER"] == "runtime":
        import onnxruntime

        bytes_, here = model.SerializeToString(), ["CPUExecutionProvider"]
        return onnxruntime.InferenceSession(bytes_, providers=here).run(None, given)
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, given)


X = np.zeros((1, 1, 1))


def lstm_step(biases, c=2.0):
    B = np.array([[*biases, 0, 0, 0, 0]])
    weights = np.zeros((1, 4, 1))
    start = np.zeros((1, 1, 1)), np.full((1, 1, 1), c)
    outputs = run("LSTM", ["y", "h", "c"], [X, weights, weights, B, None, *start], hidden_size=1)
    h, c = outputs[-2:]
    return h.item(), c.item()


def gru_step(biases):
    B, weights, h = np.array([[*biases, 0, 0, 0]]), np.zeros((1, 3, 1)), np.full((1, 1, 1), 2)
    return run("GRU", ["y", "h"], [X, weights, weights, B, None, h], hidden_size=1)[-1].item()


def counter(x, lengths=None, h_0=None, **options):
    """States (T,) and last state of the second of two equal sequences."""
    x = np.repeat(np.array(x, float).reshape(-1, 1, 1), 2, axis=1)
    one = np.ones((1, 1, 1))
    lengths = None if lengths is None else np.array(lengths, np.int32)
    start = None if h_0 is None else np.full((1, 2, 1), h_0)
    options |= {"activations": ["Affine"], "activation_alpha": [1.0], "activation_beta": [0.0]}
    given = [x, one, one, np.zeros((1, 2)), lengths, start]
    states, last = run("RNN", ["Y", "Y_h"], given, hidden_size=1, **options)
    return states[:, 0, 1, 0], last[0, 1, 0]


gates_and_sense(seen, lstm_step, gru_step)


@seen
def gru_reset():
    R = np.zeros((1, 6, 2))  # u, r, n
    R[0, 4:] = [[0, 1], [1, 0]]
    B = np.array([[-20, -20, -20, 20, 0, 0, *[0] * 6]])
    given = [X, np.zeros((1, 6, 1)), R, B, None, [[[1.0, 0.0]]]]
    return reset_place(lambda: run("GRU", ["y", "h"], given, hidden_size=2)[-1][0, 0])


@seen
def forget_in_forward():
    return short(lstm_step([0] * 4, 1.0)[1])


@seen
def returns():
    return "all steps" if len(counter([1, 1, 1])[0]) == 3 else "the last step"


@seen
def behind_the_end():
    return short(*counter([1, 1, 1, 1], [4, 2])[0])


@seen
def last_state():
    return short(counter([1, 1, 1, 1], [4, 2])[1])


@seen
def backward_lengths():
    return short(*counter([1, 10, 100, 1000], [4, 2], direction="reverse")[0], digits=4)


@seen
def backward_order():
    return short(*counter([1, 10, 100], direction="reverse")[0])


@seen
def empty_sequence():
    return outcome(lambda: short(counter([1, 1, 1, 1], [4, 0], 7.0)[1]))


@seen
def first_axis():
    x, one = np.zeros((3, 2, 1)), np.ones((1, 1, 1))
    x[0] = 1
    states = run("RNN", ["Y"], [x, one, one], hidden_size=1)[0]
    return "time" if (states != 0).any((1, 2, 3)).all() else "batch"


@seen
def second_call():
    counter([1, 1, 1])
    return short(*counter([1, 1, 1])[0])


@seen
def hard_sigmoid():
    return short(run("HardSigmoid", ["y"], [[1.0]])[0])


@seen
def clipped_cell():
    B = np.array([[3.0] * 4 + [0] * 4])
    weights = np.zeros((1, 4, 1))
    given = [np.zeros((4, 1, 1)), weights, weights, B]
    return short(run("LSTM", ["y", "h"], given, hidden_size=1, clip=1.0)[-1])
