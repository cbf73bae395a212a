#!/usr/bin/env bash
# Expected: an LSTM of ONNX whose gates see the cell (input P, peepholes), or whose input gate is one less the forget gate
#   (input_forget=1), gives in OpenVINO what it gives in onnxruntime, or is refused.
# Happens: both are read and left out: OpenVINO returns to rounding the states of the same LSTM without them. An activation that it
#   does not know is refused.
# Versions: OpenVINO 2026.4.1, onnx 1.23.2, onnxruntime 1.32.0, NumPy 2.4.6, Python 3.11.
# Read before: the page of LSTM in onnx' Operators.md, and a search of OpenVINO's pages and issues: 37820 tells of the attribute
#   layout, which is left out too; of these two none that was found.
# Matters: the cells of Gers and Schmidhuber (2000) and those with coupled gates are this operator; states that are off by a few
#   tenths look like a net that was trained badly. Compare one sequence with onnxruntime before trusting the file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    openvino==2026.4.1 onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import numpy as np
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper

T, B, D, H = 7, 3, 4, 5
x = np.random.default_rng(0).normal(size=(T, B, D)).astype("f4")


def model(peepholes=False, **attributes):
    """Returns a file with one LSTM, as bytes."""
    rng = np.random.default_rng(1)
    shapes = {"W": (1, 4 * H, D), "R": (1, 4 * H, H), "B": (1, 8 * H), "P": (1, 3 * H)}
    arrays = [numpy_helper.from_array(rng.normal(size=s).astype("f4"), k) for k, s in shapes.items()]
    inputs = ["X", "W", "R", "B", *(["", "", "", "P"] if peepholes else [])]
    node = helper.make_node("LSTM", inputs, ["Y"], hidden_size=H, **attributes)
    given = helper.make_tensor_value_info("X", TensorProto.FLOAT, x.shape)
    states = helper.make_tensor_value_info("Y", TensorProto.FLOAT, (T, 1, B, H))
    graph = helper.make_graph([node], "net", [given], [states], arrays if peepholes else arrays[:3])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()


def by_hand(peepholes=False, input_forget=0):
    """The equations of the operator: gates in the order input, output, forget, candidate."""
    rng = np.random.default_rng(1)
    W, R, b, P = (rng.normal(size=s) for s in ((4 * H, D), (4 * H, H), 8 * H, 3 * H))
    p_i, p_o, p_f = np.split(P * peepholes, 3)
    h = c = np.zeros((B, H))
    states = []
    for x_t in x:
        i, o, f, g = np.split(x_t @ W.T + h @ R.T + b[: 4 * H] + b[4 * H :], 4, axis=1)
        i, f = 1 / (1 + np.exp(-i - p_i * c)), 1 / (1 + np.exp(-f - p_f * c))
        if input_forget:
            f = 1 - i
        c = f * c + i * np.tanh(g)
        h = np.tanh(c) / (1 + np.exp(-o - p_o * c))
        states.append(h)
    return np.array(states)[:, np.newaxis]


def in_onnxruntime(file):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"X": x})[0]


def in_openvino(file):
    core = openvino.Core()
    net = core.compile_model(core.read_model(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return net({"X": x})["Y"]


plain = in_openvino(model())
assert np.abs(plain - in_onnxruntime(model())).max() < 1e-5
for options in ({"peepholes": True}, {"input_forget": 1}):
    file = model(**options)
    found, right = in_openvino(file), in_onnxruntime(file)
    hand = np.abs(right - by_hand(**options)).max()
    off, same = np.abs(found - right).max(), np.abs(found - plain).max()
    print(f"{next(iter(options)):12s} OpenVINO off by {off:.2f} from onnxruntime (by hand {hand:.0e}), {same:.0e} from the plain LSTM")
    assert same < 1e-5 < 0.05 < off and hand < 1e-5
try:
    in_openvino(model(activations=["HardSigmoid", "Tanh", "Tanh"]))
except RuntimeError as error:
    print("HardSigmoid as gate: refused,", type(error).__name__)
else:
    raise SystemExit("HardSigmoid was taken")
EOF
