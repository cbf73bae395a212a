"""A whole network as an ONNX graph, which runs without Python: in onnxruntime, in a web page.

    RNN     W = W_hx, R = W_hh, B = [b_h, 0]
    LSTM    W, R, B = [b, 0], rows in the order i, o, f, g     (here i, f, g, o; ONNX calls g c)
    GRU     W, R, B = [b_x, b_h], rows in the order u, r, n    (here r, u, n; ONNX calls u z, n h),
            linear_before_reset = 1: the reset gate acts after the product
    linear  MatMul by W_yh^T, then Add

The operators of ONNX give states (T, 1, B, H), one axis for directions, which is taken away between
two layers. `onnx` is imported when it is needed.
"""

import numpy as np

from rnncourse import gru, linear, lstm, rnn
from rnncourse.frameworks.ours import imported, named_layers
from rnncourse.inputs import check_finite

OPSET = 14  # the recurrent operators as they are here came with it
IR_VERSION = 7  # what readers of that time read
OPERATORS = {rnn: "RNN", lstm: "LSTM", gru: "GRU"}
# Which of our blocks of rows stands first, second ... in ONNX.
ROWS = {rnn: (0,), lstm: (0, 3, 1, 2), gru: (1, 0, 2)}


def to_onnx(network, params, lengths=False, states=False):
    """Return a network as an ONNX model, of opset 14, in float32, for any T and any B.

    Weights in float64 are rounded: onnxruntime has no recurrent layer in double precision. In the
    graph those of layer 0, an lstm, are called "0.lstm.W", "0.lstm.R" and "0.lstm.B".

    | input or output                       | shape     |                                         |
    |---|---|---|
    | in  `x`                               | (T, B, D) | inputs                                  |
    | in  `sequence_lens`                   | (B,)      | with `lengths`; int32, from 0 to T      |
    | in  `0.lstm.h_0`, `0.lstm.c_0`        | (B, H)    | with `states`; `0.rnn.h_0`, `1.gru.h_0` |
    | out `y_hat`                           | (T, B, K) | outputs                                 |
    | out `0.lstm.h_last`, `0.lstm.c_last`  | (B, H)    | with `states`; of the last valid step   |

    Without `states` all layers start from zero. What stands in y_hat behind the end of a sequence
    is not ours: in onnxruntime the operators put zeros there, and a readout its bias. OpenVINO
    heeds `sequence_lens` too, as seen with 2026.4.1; the reference evaluator of onnx does not, nor
    do MNN and the GRU of OpenCV (findings/onnx_gru_lengths.sh).

    Args:
        network: a `Network` of rnn, lstm, gru and linear.
        params: one `Params` for each cell.
        lengths: whether the graph takes the lengths of the sequences.
        states: whether it takes the initial states, and gives the last ones.

    Raises:
        ValueError: if there is another cell, the arrays do not fit, or one does not hold finite
            numbers in float32.
        ImportError: if onnx is not installed.
    """
    onnx = imported("onnx")
    helper, FLOAT = onnx.helper, onnx.TensorProto.FLOAT
    found = named_layers(network, params)
    widths = dict(zip(found, network.sizes[1:], strict=True))
    inputs = [helper.make_tensor_value_info("x", FLOAT, ["T", "B", network.sizes[0]])]
    if lengths:
        kind = onnx.TensorProto.INT32
        inputs.append(helper.make_tensor_value_info("sequence_lens", kind, ["B"]))
    outputs = [helper.make_tensor_value_info("y_hat", FLOAT, ["T", "B", network.sizes[-1]])]
    if states:
        for name, (cell, _) in found.items():
            for s in _states(cell):
                for values, end in ((inputs, "0"), (outputs, "last")):
                    what = f"{name}.{s}_{end}"
                    values.append(helper.make_tensor_value_info(what, FLOAT, ["B", widths[name]]))
    nodes, h = [], "x"
    arrays = {"axis 0": np.array([0]), "axis 1": np.array([1])}
    for name, (cell, p) in found.items():
        out = "y_hat" if name == list(found)[-1] else f"{name}.h"
        arrays |= _arrays(name, cell, p)
        make = _linear if cell is linear else _recurrent
        nodes += make(helper, name, cell, h, out, widths[name], lengths, states)
        h = out
    used = {name for node in nodes for name in node.input}
    weights = [onnx.numpy_helper.from_array(a, name) for name, a in arrays.items() if name in used]
    graph = helper.make_graph(nodes, "rnncourse", inputs, outputs, weights)
    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return model


def _states(cell):
    """Return the letters of the states of a cell."""
    return {linear: "", lstm: "hc"}.get(cell, "h")


def _arrays(name, cell, p):
    """Return the weights as ONNX has them, {name: float32 array}."""
    if cell is linear:
        arrays = {"W": p.W_yh.T, "B": p.b_y}
    else:
        W, R, *biases = (_rows(cell, a) for a in p)
        b_x, b_h = biases if cell is gru else (*biases, np.zeros_like(biases[0]))
        arrays = {"W": W, "R": R, "B": np.concatenate([b_x, b_h])}
        arrays = {key: a[np.newaxis] for key, a in arrays.items()}  # of one direction
    with np.errstate(over="ignore"):
        arrays = {f"{name}.{key}": a.astype(np.float32) for key, a in arrays.items()}
    for key, array in arrays.items():
        check_finite(f"{key}, in float32,", array)
    return arrays


def _rows(cell, array):
    blocks = np.split(array, len(ROWS[cell]))
    return np.concatenate([blocks[n] for n in ROWS[cell]])


def _linear(helper, name, cell, h, out, width, lengths, states):
    W, B, product = f"{name}.W", f"{name}.B", f"{name}.product"
    return [
        helper.make_node("MatMul", [h, W], [product]),
        helper.make_node("Add", [product, B], [out]),
    ]


def _recurrent(helper, name, cell, h, out, width, lengths, states):
    """Return the nodes of a recurrent layer; states get the axis of directions, and lose it."""
    letters = _states(cell) if states else ""
    starts = [f"{name}.{s}_0 in 3 axes" for s in letters]
    ends = [f"{name}.{s}_last in 3 axes" for s in letters]
    given = [h, *(f"{name}.{key}" for key in "WRB"), "sequence_lens" if lengths else "", *starts]
    options = {"linear_before_reset": 1} if cell is gru else {}
    every = f"{name}.h in 4 axes"
    nodes = [
        helper.make_node("Unsqueeze", [f"{name}.{s}_0", "axis 0"], [start])
        for s, start in zip(letters, starts, strict=True)
    ]
    nodes.append(
        helper.make_node(OPERATORS[cell], given, [every, *ends], name, hidden_size=width, **options)
    )
    nodes.append(helper.make_node("Squeeze", [every, "axis 1"], [out]))
    for s, end in zip(letters, ends, strict=True):
        nodes.append(helper.make_node("Squeeze", [end, "axis 0"], [f"{name}.{s}_last"]))
    return nodes
