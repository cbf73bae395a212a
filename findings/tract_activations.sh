#!/usr/bin/env bash
# Expected: a GRU or a plain recurrent net of ONNX with other activations than the default ones, or with its sums clipped, runs so in
#   tract, or is refused.
# Happens: activations and clip of RNN and GRU are read over: a net of rectified units (activations=["Relu"]) returns to rounding the
#   states of the one with tanh, and clip=0.3 changes nothing.
# Versions: tract 0.23.9, onnx 1.23.2, onnxruntime 1.32.0, NumPy 2.4.6, Python 3.11.
# Read before: the pages of GRU and RNN in onnx' Operators.md (activations, clip), and a search of the issues of tract.
# Matters: a plain net of rectified units with an identity start, which learns long lags by adding up, is this operator with Relu:
#   in tract it saturates at 1 and forgets. Compare with onnxruntime.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    tract==0.23.9 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import numpy as np
import onnx
import onnxruntime
import tract
from onnx import TensorProto, helper, numpy_helper

T, B, D, H = 7, 3, 4, 5
x = np.random.default_rng(0).normal(size=(T, B, D)).astype("f4")


def save(name, gates, **attributes):
    rng = np.random.default_rng(1)
    shapes = {"W": (1, gates * H, D), "R": (1, gates * H, H), "B": (1, 2 * gates * H)}
    arrays = [numpy_helper.from_array((0.5 * rng.normal(size=s)).astype("f4"), k) for k, s in shapes.items()]
    node = helper.make_node(name, ["X", *shapes], ["Y"], hidden_size=H, **attributes)
    given = helper.make_tensor_value_info("X", TensorProto.FLOAT, x.shape)
    states = helper.make_tensor_value_info("Y", TensorProto.FLOAT, (T, 1, B, H))
    graph = helper.make_graph([node], "net", [given], [states], arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "net.onnx")


def in_onnxruntime():
    return onnxruntime.InferenceSession("net.onnx", providers=["CPUExecutionProvider"]).run(None, {"X": x})[0]


def in_tract():
    return tract.onnx().load("net.onnx").into_model().into_runnable().run([x])[0].to_numpy()


CASES = [
    ("RNN", 1, {"activations": ["Relu"]}),
    ("RNN", 1, {"clip": 0.3}),
    ("GRU", 3, {"activations": ["HardSigmoid", "Softsign"]}),
    ("GRU", 3, {"clip": 0.3}),
]
for name, gates, attributes in CASES:
    save(name, gates)
    plain = in_onnxruntime()
    save(name, gates, **attributes)
    right, found = in_onnxruntime(), in_tract()
    off, same = np.abs(found - right).max(), np.abs(found - plain).max()
    print(f"{name} {attributes}: tract off by {off:.2f}, {same:.0e} from the default ones")
    assert same < 1e-5 < 0.05 < off
    if attributes == {"activations": ["Relu"]}:
        h, (W, R, b) = np.zeros((B, H)), (numpy_helper.to_array(a) for a in onnx.load("net.onnx").graph.initializer)
        for x_t in x:
            h = np.maximum(0, x_t @ W[0].T + h @ R[0].T + b[0, :H] + b[0, H:])
        assert np.abs(right[-1, 0] - h).max() < 1e-4  # onnxruntime is right, by hand
EOF
