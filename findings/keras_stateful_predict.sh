#!/usr/bin/env bash
# Expected: a layer with stateful=True goes on, in the next batch, from the state that the last one left, in predict as well.
# Happens: with the jax backend, predict starts each batch, for ever, from the state that the layer had at the first predict,
#   also after reset_state, and stores none. Calling the model itself carries the state, and so does predict on PyTorch 2.13.0.
# Versions: Keras 3.15.1, JAX 0.10.2, NumPy 2.4.6, Python 3.11.
# Read before: Keras' API pages of SimpleRNN ("the last state for each sample at index i in a batch will be used as initial
#   state for the sample of index i in the following batch") and Model.predict.
# Matters: a free-running forecast made of calls of predict stands still: each step is again the first one. Nothing warns.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=jax KERAS_HOME="$folder" venv/bin/python - <<'EOF'
import jax
import keras
import numpy as np

x = np.ones((1, 3, 1), "float32")  # one series, three steps
layer = keras.layers.SimpleRNN(1, activation="linear", use_bias=False, stateful=True)
inputs = keras.Input(batch_shape=x.shape)
model = keras.Model(inputs, layer(inputs))
layer.set_weights([np.ones((1, 1)), np.ones((1, 1))])  # the state counts the steps

called = [model(x).item() for _ in range(3)]
predicted = [model.predict(x, verbose=0).item() for _ in range(3)]
layer.reset_state()
batches = model.predict(np.concatenate([x] * 3), batch_size=1, verbose=0).ravel().tolist()

print(f"Keras {keras.__version__} on JAX {jax.__version__}: a net that counts steps, three at a time")
print("three calls of the model   ", called)
print("then three calls of predict", predicted)
print("reset_state, then one predict of three batches", batches)
assert called == [3, 6, 9]
assert predicted == [12, 12, 12]  # not 12, 15, 18
assert batches == [12, 12, 12]  # not 3, 6, 9
EOF
