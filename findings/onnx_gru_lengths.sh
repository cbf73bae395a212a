#!/usr/bin/env bash
# Expected: a GRU of ONNX that is given the lengths of its sequences (sequence_lens) stops each at its end, or refuses the input.
# Happens: OpenCV takes them and runs on: the states behind an end are those of the padding, and the last state is that after the
#   padding, equal to what it returns without lengths. Its LSTM refuses the same input. MNN runs on as well.
# Versions: opencv-python-headless 5.0.0.93, MNN 3.6.1, onnx 1.23.2, onnxruntime 1.32.0, NumPy 2.4.6, Python 3.11.
# Read before: the page of GRU in onnx' Operators.md (sequence_lens: "If not specified - assumed all sequences in the batch to have
#   length seq_length"), and a search of the issues of both: of onnx-mlir, TVM and Glow it is told there, of these two it was not found.
# Matters: events of different length are padded to one batch; the short ones then end in a state of the padding, and a class is read
#   from it. Run each length by itself there, or use onnxruntime.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    opencv-python-headless==5.0.0.93 MNN==3.6.1 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import subprocess

import cv2
import MNN.expr
import MNN.nn
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

T, D, H, LENGTHS = 7, 4, 5, (7, 3, 5)
B = len(LENGTHS)
x = np.random.default_rng(0).normal(size=(T, B, D)).astype("f4")


def save(name, gates, lengths):
    rng = np.random.default_rng(1)
    shapes = {"W": (1, gates * H, D), "R": (1, gates * H, H), "B": (1, 2 * gates * H)}
    arrays = [numpy_helper.from_array(rng.normal(size=s).astype("f4"), k) for k, s in shapes.items()]
    if lengths:
        arrays.append(numpy_helper.from_array(np.array(LENGTHS, "i4"), "lengths"))
    more = {"linear_before_reset": 1} if name == "GRU" else {}
    inputs = ["X", *shapes, *(["lengths"] if lengths else [])]
    node = helper.make_node(name, inputs, ["Y", "Y_h"], hidden_size=H, **more)
    sizes = {"X": x.shape, "Y": (T, 1, B, H), "Y_h": (1, B, H)}
    given, *found = (helper.make_tensor_value_info(k, TensorProto.FLOAT, s) for k, s in sizes.items())
    graph = helper.make_graph([node], "net", [given], found, arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "net.onnx")


def in_onnxruntime():
    return onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"]).run(["Y", "Y_h"], {"X": x})


def in_opencv():
    net = cv2.dnn.readNetFromONNX("net.onnx")
    net.setInput(x, "X")
    return net.forward(["Y", "Y_h"])


def in_mnn():
    command = ["venv/bin/mnnconvert", "-f", "ONNX", "--modelFile", "net.onnx", "--MNNModel", "net.mnn", "--bizCode", "x"]
    subprocess.run(command, check=True, capture_output=True)
    placeholder = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
    placeholder.write(x)
    outputs = MNN.nn.load_module_from_file("net.mnn", ["X"], ["Y", "Y_h"]).forward([placeholder])
    return [np.array(a.read()) for a in outputs]


save("GRU", 3, lengths=False)
whole = in_onnxruntime()
save("GRU", 3, lengths=True)
states, last = in_onnxruntime()
assert all((states[n:, 0, b] == 0).all() for b, n in enumerate(LENGTHS))
assert all(np.array_equal(last[0, b], states[n - 1, 0, b]) for b, n in enumerate(LENGTHS))
for run in (in_opencv, in_mnn):
    found = [a.reshape(b.shape) for a, b in zip(run(), whole)]
    off = [np.abs(a - b).max() for a, b in zip(found, (states, last))]
    same = max(np.abs(a - b).max() for a, b in zip(found, whole))
    print(f"GRU {run.__name__}: states off by {off[0]:.2f}, last states by {off[1]:.2f}; {same:.0e} from a run without lengths")
    assert same < 1e-5 and min(off) > 0.1
save("LSTM", 4, lengths=True)
try:
    in_opencv()
except cv2.error as error:
    print("LSTM in_opencv: refused,", type(error).__name__)
else:
    raise SystemExit("the LSTM took the lengths")
EOF
