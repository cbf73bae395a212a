#!/usr/bin/env bash
# Expected: the initial state given to a recurrent layer is that of every sequence of the batch.
# Happens: the LRU of lru-pytorch begins the first sequence of the batch with it and all others at zero: it sets its state to zero
#   at the end of each sequence, the one that was given too. The order of the batch decides which sequence has a past.
# Versions: lru-pytorch 0.1.3, PyTorch 2.13.0, NumPy 2.4.6, Python 3.11.
# Read before: the description on its page at PyPI and its source; neither says that the state is for one sequence.
# Matters: a forecast that goes on from a known state is right for a batch of one, and wrong for all but one of an ensemble; the
#   error dies away only as fast as the memory of the net, which is made to be long. Use batches of one where a state is given.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check lru-pytorch==0.1.3 torch==2.13.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import torch
from LRU_pytorch import LRU

torch.manual_seed(0)
B, T, N = 3, 10, 4
layer = LRU(in_features=2, out_features=2, state_features=N)
x = torch.randn(B, T, 2)
state = torch.complex(torch.ones(N), torch.zeros(N))
print(f"lru-pytorch {version('lru-pytorch')}, PyTorch {torch.__version__}")
with torch.no_grad():
    batch, from_zero = layer(x, state=state), layer(x)
    alone = torch.cat([layer(x[b : b + 1], state=state) for b in range(B)])
for name, other in {"each sequence alone, with the state": alone, "the batch without a state": from_zero}.items():
    off = (batch - other).abs().amax((1, 2))
    print(f"with a state, against {name}:", [f"{d:.1e}" for d in off])
    right = off[:1] if other is alone else off[1:]
    wrong = off[1:] if other is alone else off[:1]
    assert (right < 1e-5).all() and (wrong > 0.1).all()
EOF
