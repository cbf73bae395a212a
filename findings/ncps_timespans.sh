#!/usr/bin/env bash
# Expected: a liquid net of ncps, given the times between the samples of each sequence, (batch, time), treats each sequence as
#   it would alone: the sequences of a batch do not know of each other.
# Happens: the times of a step lose their axis and meet the state along its units. Where the batch is as large as the layer, unit
#   number k gets the time of sequence number k, in CfC and in LTC; any other batch but one raises. Times of shape (batch, time, 1)
#   do the same, times repeated for each unit are right.
# Versions: ncps 1.0.1, PyTorch 2.13.0, NumPy 2.4.6, Python 3.11.
# Read before: the docstrings of CfC.forward and LTC.forward (timespans has an empty description).
# Matters: records with gaps are what these nets are for. With 32 units and batches of 32 the training runs, and each gap acts on
#   other sequences than its own; the last, smaller batch is the only one that complains. Repeat the times along the units.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ncps==1.0.1 torch==2.13.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import torch
from ncps.torch import CfC, LTC

B, T, H = 4, 6, 4
torch.manual_seed(0)
x = torch.randn(B, T, 2)
gaps = 0.1 + 3 * torch.rand(B, T)
shapes = {"(B, T)": gaps, "(B, T, 1)": gaps[:, :, None], "(B, T, H)": gaps[:, :, None].repeat(1, 1, H)}
print(f"ncps {version('ncps')}, PyTorch {torch.__version__}; batch {B}, units {H}: largest difference to each sequence alone")
for make in (CfC, LTC):
    net = make(2, H)
    with torch.no_grad():
        alone = torch.cat([net(x[b : b + 1], timespans=gaps[b : b + 1])[0] for b in range(B)])
        for name, timespans in shapes.items():
            off = (net(x, timespans=timespans)[0] - alone).abs().max().item()
            print(f"{make.__name__}, times of shape {name}: {off:.1e}, of states up to {alone.abs().max():.1f}")
            assert off < 1e-5 if name == "(B, T, H)" else off > 0.05
        try:
            net(x[:3], timespans=gaps[:3])
        except RuntimeError as error:
            print(f"{make.__name__}, batch 3: {str(error)[:60]} ...")
        else:
            raise AssertionError("a batch of three runs")
EOF
