#!/usr/bin/env bash
# Expected: steps that a Masking layer marks as padding count neither in the loss nor in the metrics, in fit as in evaluate, and a
#   model that is trained on any backend reports the same numbers.
# Happens: with the jax backend the metrics of training count the padding; the loss, and all numbers of validation and of
#   evaluate, leave it out. Of a net that stays as it is (rate 0), on one data set, half of it padding: mse 2 beside loss 4,
#   val_loss 4 and val_mse 4; accuracy 0.5 beside val_accuracy 0. weighted_metrics are the same, without compilation also. On
#   PyTorch 2.13.0 all of them are 4, and 0.
# Versions: Keras 3.15.1, JAX 0.10.2, NumPy 2.4.6, Python 3.11.
# Read before: Keras' API page of Masking ("the timestep will be masked (skipped) in all downstream layers"), the docstring of compile,
#   and a search of the issues: older ones say that all metrics, or the loss, count the padding; none found names JAX and training.
# Matters: of sequences of different length the training curve lies off the one of validation by the share of padding, and that
#   looks like overfitting, or hides it. Compare the losses, or evaluate on the training data.
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

T, lengths = 10, [10, 5, 3, 2]  # 20 of 40 steps are padding
x = np.zeros((4, T, 1), "float32")
for row, length in enumerate(lengths):
    x[row, :length] = 1


def report(readout, y, loss, metric):
    """Returns all numbers of one epoch that changes nothing, with the training data as validation data."""
    inputs = keras.Input((T, 1))
    states = keras.layers.LSTM(3, return_sequences=True)(keras.layers.Masking(0.0)(inputs))
    model = keras.Model(inputs, readout(states))
    weighted = [keras.metrics.get(metric)] if metric == "mse" else None
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=[metric], weighted_metrics=weighted)
    history = model.fit(x, y, batch_size=4, verbose=0, validation_data=(x, y)).history
    found = {name: round(values[0], 4) for name, values in history.items()}
    found["evaluate"] = round(model.evaluate(x, y, batch_size=4, verbose=0)[1], 4)
    return found


print(f"Keras {keras.__version__} on JAX {jax.__version__}: one epoch at rate 0, the same data for training and validation")
# Says 0 everywhere; the truth is 2 where there are data, and 0, as is usual, in the padding.
zero = keras.layers.Dense(1, kernel_initializer="zeros")
regression = report(zero, 2 * x, "mse", "mse")
print("says 0 where 2 is right:", regression)
never = keras.layers.Dense(2, "softmax", kernel_initializer="zeros", bias_initializer=keras.initializers.Constant([1.0, 0.0]))
classes = report(never, x[..., 0].astype("int32"), "sparse_categorical_crossentropy", "accuracy")
print("says class 0 where 1 is right:", classes)
assert regression["loss"] == regression["val_loss"] == regression["val_mse"] == regression["evaluate"] == 4
assert regression["mse"] == 2  # not 4
assert classes["loss"] == classes["val_loss"] and classes["val_accuracy"] == classes["evaluate"] == 0
assert classes["accuracy"] == 0.5  # not 0
EOF
