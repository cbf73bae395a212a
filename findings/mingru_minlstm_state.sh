#!/usr/bin/env bash
# Expected: a recurrent layer that is given the state that it returned goes on as if the sequence had not been cut.
# Happens: minLSTM of minGRU-pytorch does so when it goes on by one step. Over two steps or more it lays the positive map g, which
#   makes candidates, over the state as well: it starts from h + 1/2 instead of h. Its sister minGRU goes on rightly both ways.
# Versions: minGRU-pytorch 0.2.1, PyTorch 2.13.0, NumPy 2.4.6, Python 3.11.
# Read before: the docstrings and the description at PyPI; the pull request that added minLSTM asks why minGRU takes the
#   logarithm alone, and the issue that it names says that a state has been through g before.
# Matters: a spin-up on measured data and then a forecast, or training by pieces of a long record, is off by half a unit in each
#   state at each cut. One step at a time, as a forecast is usually tested, shows nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check minGRU-pytorch==0.2.1 torch==2.13.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import torch
from minGRU_pytorch.minGRU import minGRU
from minGRU_pytorch.minLSTM import minLSTM

torch.manual_seed(0)
x = torch.randn(2, 30, 6)
print(f"minGRU-pytorch {version('minGRU-pytorch')}, PyTorch {torch.__version__}: largest difference to the sequence in one piece")
with torch.no_grad():
    for layer in (minGRU(6), minLSTM(6)):
        whole = layer(x)
        for pieces in ([15] + [1] * 15, [15, 15]):
            state, parts = None, []
            for piece in x.split(pieces, dim=1):
                y, state = layer(piece, state, return_next_prev_hidden=True)
                parts.append(y)
            off = (torch.cat(parts, 1) - whole).abs()
            name = type(layer).__name__
            first = off[:, 15].mean()
            print(f"{name}, 15 steps, then pieces of {pieces[-1]:2d}: {off.max():.1e}, first step {first:.1e}")
            assert off.max() > 0.1 if (name, pieces[-1]) == ("minLSTM", 15) else off.max() < 1e-4
    # From the state 1, the forget gate open and nothing put in: 1 is to be kept, 1.5 is.
    keep = minLSTM(1)
    keep.to_hidden_and_f_i_gate.weight.copy_(torch.tensor([[0.0], [30.0], [-30.0]]))
    kept = [keep(torch.ones(1, steps, 1), torch.ones(1, 1, 1)).flatten().tolist() for steps in (1, 2)]
    print("a unit that keeps its state, from 1: one step", kept[0], "two steps", [round(h, 4) for h in kept[1]])
    assert abs(kept[0][0] - 1) < 1e-4 and abs(kept[1][0] - 1.5) < 1e-4
EOF
