#!/usr/bin/env bash
# Expected: what safetensors.numpy stores comes back as the same array, or storing refuses.
# Happens: of a transposed array (a view, or any array in Fortran order) it writes the bytes in the order of memory under the
#   transposed shape. Another matrix comes back, without a word. The PyTorch side refuses a tensor that is not contiguous.
# Versions: safetensors 0.8.0, NumPy 2.4.6, Python 3.11 (releases up to 0.7.0 stored it rightly).
# Read before: the pages "Numpy API" (save_file: a dictionary of name and array) and "Torch API" of safetensors.
# Matters: Keras and flax hold kernels as (inputs, units), PyTorch as (units, inputs); who moves weights from one to the other
#   writes kernel.T. The shape is right, so the net loads and runs, with scrambled weights. np.ascontiguousarray mends it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

kernel = np.arange(6.0).reshape(2, 3)  # 2 inputs, 3 units
save_file({"view": kernel.T, "copied": np.ascontiguousarray(kernel.T)}, "net.safetensors")
back = load_file("net.safetensors")

print(f"safetensors {safetensors.__version__}, NumPy {np.__version__}")
print("stored", kernel.T.tolist())
print("loaded", back["view"].tolist(), "and, copied first,", back["copied"].tolist())
assert np.array_equal(back["copied"], kernel.T)
assert back["view"].shape == kernel.T.shape and back["view"].dtype == kernel.dtype
assert np.array_equal(back["view"], kernel.reshape(3, 2))  # the order of memory, not that of the array
assert not np.array_equal(back["view"], kernel.T)
EOF
