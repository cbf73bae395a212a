#!/usr/bin/env bash
# Expected: a plain recurrent layer, exported to ONNX with a dynamic time axis, runs on a sequence of any length.
# Happens: with Dim.AUTO the exporter unrolls nn.RNN to the length of its example, and still declares a free length in the file.
#   onnxruntime then takes 9 steps, computes 5, and returns 5 states and the state after the fifth as the last, without a word.
# Versions: PyTorch 2.13.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.32.0, NumPy 2.4.6, Python 3.11.
# Read before: PyTorch's pages torch.onnx.export (dynamic_shapes) and torch.export (Dim.AUTO: "left for the compiler to decide").
# Matters: the exported net is tested on the length of its example and then runs on records of other lengths: the forecast
#   starts from the wrong moment. Compare the lengths of output and input.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    torch==2.13.0 onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.32.0 numpy==2.4.6
cd "$folder"
venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
import numpy as np
import onnxruntime
import torch

torch.manual_seed(0)
layer = torch.nn.RNN(3, 5).eval()
free = ({0: torch.export.Dim.AUTO},)
example = torch.randn(5, 2, 3)  # 5 steps, 2 series, 3 inputs
program = torch.onnx.export(layer, (example,), dynamo=True, dynamic_shapes=free, verbose=False)
program.save("rnn.onnx")
session = onnxruntime.InferenceSession("rnn.onnx", providers=["CPUExecutionProvider"])
(entry,) = session.get_inputs()

longer = torch.randn(9, 2, 3)
states, last = session.run(None, {entry.name: longer.numpy()})
with torch.no_grad():
    truth = layer(longer)[0].numpy()
print(f"PyTorch {torch.__version__}, onnxruntime {onnxruntime.__version__}: input declared as {entry.shape}")
print(f"given {len(longer)} steps: PyTorch returns {len(truth)} states, onnxruntime {len(states)};")
print(f"its last state is off by {abs(last[0] - truth[8]).max():.2f}, from the fifth by {abs(last[0] - truth[4]).max():.0e}")
assert isinstance(entry.shape[0], str)
assert truth.shape == (9, 2, 5) and states.shape == (5, 2, 5)
assert np.allclose(states, truth[:5], atol=1e-6) and np.allclose(last[0], truth[4], atol=1e-6)
assert abs(last[0] - truth[8]).max() > 0.1
EOF
