#!/usr/bin/env bash
# Expected: what a recurrent operator of ONNX returns does not hang on whether the number of steps, or of sequences, is written in the
#   file or left open: OpenVINO takes the lengths of the sequences (sequence_lens) either way.
# Happens: with both numbers fixed it is right. With one of them left open, the same operator, inputs and lengths give the states of the
#   padded batch, to rounding: the lengths are dropped without a word. So are they in LSTM, GRU and RNN; backward the layer then
#   begins in the padding. The lengths are still in the model that was read, and a reshape to fixed numbers before it is compiled mends
#   it. An LSTM of PyTorch 2.13.0 with pack_padded_sequence, by convert_model, does the same: open sizes are its default.
# Versions: OpenVINO 2026.4.1, onnx 1.23.2, NumPy 2.4.6, Python 3.11.
# Read before: OpenVINO's page on dynamic shapes (it costs time and memory; of other numbers nothing), onnx' Operators.md, and a search
#   of the issues: pull request 10710 leaves sequences with open sizes whole, as the lengths cannot be looked at there, and says that
#   they are supported; none that was found tells of states behind the end.
# Matters: lengths and an open time axis belong together; both are there because the records are of unequal length. A test on the
#   fixed shape passes. Reshape, or compare one batch of unequal lengths with onnxruntime.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openvino==2026.4.1 onnx==1.23.2 numpy==2.4.6
cd "$folder"
venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
from importlib.metadata import version

import numpy as np
import onnx
import openvino
from onnx import TensorProto, helper, numpy_helper

T, B, D, H = 8, 3, 2, 4
gates = {"RNN": 1, "GRU": 3, "LSTM": 4}
lengths = np.array([3, 8, 5], "i4")
x = np.random.default_rng(0).normal(size=(T, B, D)).astype("f4")


def weights(op):
    rng = np.random.default_rng(1)
    shapes = {"W": (1, gates[op] * H, D), "R": (1, gates[op] * H, H), "b": (1, 2 * gates[op] * H)}
    return {name: 0.7 * rng.normal(size=shape).astype("f4") for name, shape in shapes.items()}


def model(op, direction, steps, sequences):
    """Returns the file as bytes; steps and sequences are numbers, or names where they are left open."""
    arrays = [numpy_helper.from_array(array, name) for name, array in weights(op).items()]
    node = helper.make_node(op, ["x", "W", "R", "b", "lengths"], ["y", "h"], hidden_size=H, direction=direction)
    given = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [steps, sequences, D]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, [sequences]),
    ]
    returned = [
        helper.make_tensor_value_info("y", TensorProto.FLOAT, [steps, 1, sequences, H]),
        helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, sequences, H]),
    ]
    graph = helper.make_graph([node], "net", given, returned, arrays)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


def by_hand(op, direction, until):
    """The equations of the operator, each sequence up to its own end; zeros behind it."""
    W, R, b = (array[0].astype("f8") for array in weights(op).values())
    sigma = lambda z: 1 / (1 + np.exp(-z))
    states = np.zeros((T, B, H))
    for row, n in enumerate(until):
        h = c = np.zeros(H)
        for t in range(n) if direction == "forward" else range(n - 1, -1, -1):
            from_x, from_h = W @ x[t, row] + b[: gates[op] * H], R @ h + b[gates[op] * H :]
            sums = np.split(from_x + from_h, gates[op])
            if op == "RNN":
                h = np.tanh(sums[0])
            elif op == "GRU":
                z, r = sigma(sums[0]), sigma(sums[1])
                h = (1 - z) * np.tanh(from_x[2 * H :] + R[2 * H :] @ (r * h) + b[5 * H :]) + z * h
            else:
                c = sigma(sums[2]) * c + sigma(sums[0]) * np.tanh(sums[3])
                h = sigma(sums[1]) * np.tanh(c)
            states[t, row] = h
    return states


core = openvino.Core()


def run(file, reshaped=False):
    read = core.read_model(file)
    if reshaped:
        read.reshape({"x": [T, B, D], "lengths": [B]})
    return core.compile_model(read, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})({"x": x, "lengths": lengths})["y"][:, 0]


print(f"OpenVINO {version('openvino')}: lengths {lengths.tolist()} of {T} steps; the states are off by")
for op in gates:
    for direction in ("forward", "reverse"):
        truth, padded = (by_hand(op, direction, until) for until in (lengths, [T] * B))
        off = {}
        for name, sizes in {"fixed": (T, B), "steps open": ("T", B), "sequences open": (T, "B"), "both open": ("T", "B")}.items():
            found = run(model(op, direction, *sizes))
            off[name] = np.abs(found - truth).max()
            if name != "fixed":
                assert off[name] > 0.1 and np.abs(found - padded).max() < 1e-5
                within = np.arange(T)[:, None] < lengths
                wrong = np.abs(found - truth).max(2)[within].max()
                assert (wrong > 0.1) == (direction == "reverse")
        off["both open, reshaped"] = np.abs(run(model(op, direction, "T", "B"), reshaped=True) - truth).max()
        print(f"  {op} {direction}: " + ", ".join(f"{name} {value:.0e}" for name, value in off.items()))
        assert off["fixed"] < 1e-5 and off["both open, reshaped"] < 1e-5
EOF
