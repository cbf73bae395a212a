#!/usr/bin/env bash
# Expected: PyTorch's FlopCounterMode counts the products of a recurrent layer, as it counts those of a dense one.
# Happens: for nn.LSTM in float32 on the processor it counts nothing, neither forward nor backward: the layer runs as one
#   operator for which the counter has no formula. The same layer in float64, and nn.RNN and nn.GRU, are counted in full.
# Versions: PyTorch 2.13.0, NumPy 2.4.6, Python 3.11.
# Read before: the tutorial and the docstring of torch.utils.flop_counter ("counts the number of flops within its context").
# Matters: in a table of "floating-point operations a step" the LSTM with its readout seems to cost what the readout costs,
#   and a GRU of the same size many times more. Count in float64, or by hand: 2 T B 4 H (D + H).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF_PYTHON'
import torch
from torch.utils.flop_counter import FlopCounterMode

T, B, D, H = 10, 4, 3, 8
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
counted = {}
print(f"PyTorch {torch.__version__}; T, B, D, H = {T}, {B}, {D}, {H}")
for name, gates in GATES.items():
    by_hand = 2 * T * B * gates * H * (D + H)
    for dtype in (torch.float32, torch.float64):
        layer = getattr(torch.nn, name)(D, H, dtype=dtype)
        x = torch.ones(T, B, D, dtype=dtype)
        with FlopCounterMode(display=False) as forward:
            y, _ = layer(x)
        with FlopCounterMode(display=False) as backward:
            y.sum().backward()
        found = forward.get_total_flops(), backward.get_total_flops()
        counted[name, dtype] = found
        print(f"nn.{name:4s} {str(dtype):13s} forward {found[0]:5d}, by hand {by_hand:5d}; backward {found[1]:5d}")
        if (name, dtype) != ("LSTM", torch.float32):
            assert found[0] == by_hand and found[1] > by_hand
assert counted["LSTM", torch.float32] == (0, 0)
EOF_PYTHON
