#!/usr/bin/env bash
# Expected: a recurrent layer of Keras with dtype="float64" computes in float64, all the more after set_floatx("float64").
# Happens: its weights and its output are float64, but the squashing functions give float32 in between, so the states are
#   good to 7 digits. With the jax backend (and jax_enable_x64) LSTM and GRU; with PyTorch SimpleRNN and GRU, while the
#   LSTM, which goes to PyTorch's own layer, is good to 16. With jax, SimpleRNN raises TypeError (carry of another type).
# Versions: Keras 3.15.1, JAX 0.10.2, PyTorch 2.13.0, NumPy 2.4.6, Python 3.11.
# Read before: Keras' API pages of set_floatx ("float64" is one of its values), of the dtype argument of layers, of LSTM.
# Matters: gradients checked by finite differences, and forecasts of a chaotic system, lose nine digits of which the dtype
#   of the result says nothing. Moving a net between backends moves the precision as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 torch==2.13.0 numpy==2.4.6
cd "$folder"
cat > precision.py <<'EOF_PYTHON'
import keras
import numpy as np

keras.config.set_floatx("float64")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def states(name, weights, x):
    """The last state by the equations of Keras' documentation, in float64."""
    W, U, b = weights
    h = c = np.zeros((x.shape[0], U.shape[0]))
    for x_t in x.swapaxes(0, 1):
        z = x_t @ W + b
        if name == "SimpleRNN":
            h = np.tanh(z + h @ U)
        elif name == "GRU":
            z_u, z_r, z_n = np.split(z, 3, axis=1)
            U_u, U_r, U_n = np.split(U, 3, axis=1)
            u, r = sigmoid(z_u + h @ U_u), sigmoid(z_r + h @ U_r)
            h = u * h + (1 - u) * np.tanh(z_n + (r * h) @ U_n)
        else:
            i, f, g, o = np.split(z + h @ U, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
    return h


x, found = np.random.default_rng(0).normal(size=(2, 20, 3)), {}
for name in ("SimpleRNN", "GRU", "LSTM"):
    options = {"reset_after": False} if name == "GRU" else {}
    layer = getattr(keras.layers, name)(4, dtype="float64", **options)
    try:
        y = layer(x)
    except TypeError:
        found[name] = "TypeError"
        continue
    weights = [keras.ops.convert_to_numpy(w) for w in layer.weights]
    y = keras.ops.convert_to_numpy(y)
    assert y.dtype == np.float64 and {w.dtype for w in weights} == {np.dtype(np.float64)}
    off = np.abs(y - states(name, weights, x)).max()
    found[name] = "good" if off < 1e-14 else "float32" if 1e-9 < off < 1e-5 else f"off by {off}"
    print(f"{keras.backend.backend():6s} {name:10s} weights and output float64, off by {off:.0e}")
print(keras.backend.backend(), found)
expected = {
    "jax": {"SimpleRNN": "TypeError", "GRU": "float32", "LSTM": "float32"},
    "torch": {"SimpleRNN": "float32", "GRU": "float32", "LSTM": "good"},
}
assert found == expected[keras.backend.backend()]
EOF_PYTHON
for backend in jax torch; do
    JAX_ENABLE_X64=1 KERAS_BACKEND=$backend TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python precision.py
done
