#!/usr/bin/env bash
# Expected: a recurrent operator of ONNX with direction="reverse" reads its sequence from the end, as the standard says.
# Happens: alone, it reads from the beginning, without a word: GRU and RNN in tract, GRU in OpenCV, GRU and RNN in MNN return
#   to rounding what direction="forward" returns. As the second half of "bidirectional" it is right in tract and OpenCV.
# Versions: tract 0.23.9, opencv-python-headless 5.0.0.93, MNN 3.6.1, onnx 1.23.2, onnxruntime 1.32.0, NumPy 2.4.6, Python 3.11.
# Read before: the pages of GRU and RNN in onnx' Operators.md (direction: "Must be one of forward (default), reverse, or
#   bidirectional"), OpenCV's issue 19278 on recurrent layers, and a search of the issues of the three: it is in none that was found.
# Matters: a smoother that runs back from the last sample, such as an RTS smoother learned as a net, becomes a second filter, and
#   its answer is as smooth as the right one. Compare with onnxruntime, or reverse the sequence before and after.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check tract==0.23.9 opencv-python-headless==5.0.0.93 \
    MNN==3.6.1 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import subprocess

import cv2
import MNN.expr
import MNN.nn
import numpy as np
import onnx
import onnxruntime
import tract
from onnx import TensorProto, helper, numpy_helper

T, B, D, H = 7, 3, 4, 5
GATES = {"RNN": 1, "GRU": 3}
rng = np.random.default_rng(0)
x = rng.normal(size=(T, B, D)).astype("f4")


def save(name, direction):
    """Writes a file with one operator; the states are its first output."""
    weights = np.random.default_rng(1)
    n = 2 if direction == "bidirectional" else 1
    shapes = {"W": (n, GATES[name] * H, D), "R": (n, GATES[name] * H, H), "B": (n, 2 * GATES[name] * H)}
    arrays = [numpy_helper.from_array(weights.normal(size=s).astype("f4"), k) for k, s in shapes.items()]
    more = {"linear_before_reset": 1} if name == "GRU" else {}
    node = helper.make_node(name, ["X", *shapes], ["Y", "Y_h"], hidden_size=H, direction=direction, **more)
    sizes = {"X": x.shape, "Y": (T, n, B, H), "Y_h": (n, B, H)}
    given, *found = (helper.make_tensor_value_info(k, TensorProto.FLOAT, s) for k, s in sizes.items())
    graph = helper.make_graph([node], "net", [given], found, arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "net.onnx")


def in_onnxruntime():
    return onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"]).run(None, {"X": x})[0]


def in_tract():
    return tract.onnx().load("net.onnx").into_model().into_runnable().run([x])[0].to_numpy()


def in_opencv():
    net = cv2.dnn.readNetFromONNX("net.onnx")
    net.setInput(x, "X")
    return net.forward(["Y", "Y_h"])[0]


def in_mnn():
    command = ["venv/bin/mnnconvert", "-f", "ONNX", "--modelFile", "net.onnx", "--MNNModel", "net.mnn", "--bizCode", "x"]
    subprocess.run(command, check=True, capture_output=True)
    placeholder = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
    placeholder.write(x)
    return np.array(MNN.nn.load_module_from_file("net.mnn", ["X"], ["Y", "Y_h"]).forward([placeholder])[0].read())


CASES = [(in_tract, "RNN"), (in_tract, "GRU"), (in_opencv, "GRU"), (in_mnn, "RNN"), (in_mnn, "GRU")]
for run, name in CASES:
    right = {}
    for direction in ("forward", "reverse"):
        save(name, direction)
        right[direction] = in_onnxruntime()
    found = run().reshape(right["reverse"].shape)
    off = {direction: np.abs(found - states).max() for direction, states in right.items()}
    said = f"{name:4s} {run.__name__:10s} reverse is off by {off['reverse']:.2f}, from forward by {off['forward']:.0e}"
    if run is not in_mnn:
        save(name, "bidirectional")
        both = np.abs(run().reshape(T, 2, B, H) - in_onnxruntime()).max()
        assert both < 1e-5
        said += f"; bidirectional by {both:.0e}"
    print(said)
    assert off["forward"] < 1e-5 < 0.1 < off["reverse"]
EOF
