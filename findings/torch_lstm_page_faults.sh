#!/usr/bin/env bash
# Expected: the training steps of an nn.LSTM on the processor, all of one size, use the memory of the step before, whatever
#   the size; twice the batch takes twice the time.
# Happens: with T = 100, H = 128 and a batch of 32 so it is. With a batch of 64 each step gets some 7300 pages anew (28 MB), by
#   an interrupt and filled with zeros: one array of the step, 40 to 64 MB long and half of it used, is beyond the 32 MB up
#   to which the C library keeps what is freed. Two variables of the environment end it.
# Versions: PyTorch 2.13.0 (pip, Linux x86_64), NumPy 2.4.6, Python 3.11; glibc 2.36.
# Read before: PyTorch's performance tuning guide (it recommends other allocators, for large batches on many cores), and
#   the manual page mallopt(3), which has the 32 MB and no hint of what they cost.
# Matters: a fifth of the step and more, from one batch size on; in a comparison of batch sizes it looks like the cache's doing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
cd "$folder"
cat > steps.py <<'EOF_PYTHON'
import platform
import resource
import sys

import torch

torch.set_num_threads(1)
T, B, D, H = 100, int(sys.argv[1]), 2, 128
layer, readout = torch.nn.LSTM(D, H), torch.nn.Linear(H, 1)
x, y = torch.zeros(T, B, D), torch.zeros(T, B, 1)


def step():
    for weights in (*layer.parameters(), *readout.parameters()):
        weights.grad = None
    (readout(layer(x)[0]) - y).square().mean().backward()


for _ in range(5):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
pages = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10
print(f"PyTorch {torch.__version__}, {' '.join(platform.libc_ver())}: {pages} pages a step, batch of {B} {sys.argv[2]}")
assert pages > 5000 if sys.argv[2] == "as installed" and B == 64 else pages < 500
EOF_PYTHON
unset MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_ GLIBC_TUNABLES LD_PRELOAD
venv/bin/python steps.py 32 "as installed"
venv/bin/python steps.py 64 "as installed"
MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_MMAP_THRESHOLD_=1000000000 venv/bin/python steps.py 64 "with variables"
