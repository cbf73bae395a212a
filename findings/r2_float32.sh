#!/usr/bin/env bash
# Expected: R^2 of a forecast is at most 1 and does not change when the same constant is added to forecast and truth; Keras,
#   torchmetrics and scikit-learn return the same number.
# Happens: R2Score of Keras and of torchmetrics takes the variance of the truth as the sum of squares less the square of the sum, in
#   float32. Of a sea temperature of 288.15 K with a deviation of 0.1 K, 10,000 samples in batches of 32, both return the same
#   number above 1 (1.01; the order of the sums decides); scikit-learn gets 0.91 from the same float32. A forecast that knows only the
#   mean (R^2 = 0) gets 1.16. With a deviation of 1 K the second digit is wrong; in degrees Celsius less 15 all agree.
#   RelativeSquaredError of torchmetrics returns 7e7 instead of 0.09. set_dtype(torch.float64) mends it there; dtype="float64" of
#   Keras does not, its sums stay in float32, only set_floatx("float64") makes them so.
# Versions: Keras 3.15.1, torchmetrics 1.9.0, PyTorch 2.13.0, scikit-learn 1.9.1, NumPy 2.4.6, Python 3.11.
# Read before: Keras' docstring of R2Score ("The highest score possible is 1.0"), the one of torchmetrics ("bounded between -inf and
#   1.0"), and their issues: 3077 of torchmetrics, open, has values above 1; of Keras none was found.
# Matters: temperatures in kelvin and pressures in pascal are such numbers, and float32 is what a net returns. Two packages that agree
#   to four digits look like a proof. Score anomalies, or with scikit-learn.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    keras==3.15.1 torchmetrics==1.9.0 torch==2.13.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$folder"
KERAS_BACKEND=torch KERAS_HOME="$folder" venv/bin/python -W ignore - <<'EOF'
from importlib.metadata import version

import keras
import numpy as np
import torch
import torchmetrics
from sklearn.metrics import r2_score

torch.set_num_threads(1)
N, batch = 10_000, 32
rng = np.random.default_rng(0)
wave, error = rng.normal(size=N), 0.3 * rng.normal(size=N)


def scores(truth, forecast, dtype="float32"):
    """Returns R^2 from scikit-learn, Keras and torchmetrics, and torchmetrics' relative squared error."""
    truth, forecast = truth.astype("f4"), forecast.astype("f4")
    found = keras.metrics.R2Score(dtype=dtype), torchmetrics.R2Score(), torchmetrics.RelativeSquaredError()
    for metric in found[1:]:
        metric.set_dtype(getattr(torch, dtype))
    for start in range(0, N, batch):
        y, x = (torch.from_numpy(array[start : start + batch].astype(dtype)) for array in (truth, forecast))
        found[0].update_state(y[:, None], x[:, None])
        for metric in found[1:]:
            metric.update(x, y)
    return [r2_score(truth, forecast), float(found[0].result()), *(metric.compute().item() for metric in found[1:])]


print(f"Keras {keras.__version__}, torchmetrics {version('torchmetrics')}, scikit-learn {version('scikit-learn')}:")
print("R^2 of scikit-learn, Keras, torchmetrics, and torchmetrics' relative squared error (1 - R^2), float32 data")
rows = {}
for mean, deviation in ((0.15, 0.1), (288.15, 0.1), (288.15, 0.3), (288.15, 1.0)):
    truth = mean + deviation * wave
    for name, forecast in (("with an error of 0.3 deviations", truth + deviation * error), ("by the mean", np.full(N, truth.mean()))):
        rows[mean, deviation, name] = scores(truth, forecast)
        shown = ", ".join(f"{value:.4g}" for value in rows[mean, deviation, name])
        print(f"  {mean} K +- {deviation} K, forecast {name}: {shown}")
        true, *others, relative = rows[mean, deviation, name]
        assert abs(true - (0 if name == "by the mean" else 0.91)) < 0.01
        if mean < 1:
            assert max(abs(value - true) for value in others) < 1e-3 and abs(relative - 1 + true) < 1e-3
        elif deviation < 0.2:
            assert min(abs(value - true) for value in others) > 0.05
in64 = scores(288.15 + 0.1 * wave, 288.15 + 0.1 * (wave + error), "float64")
print("  288.15 K +- 0.1 K, forecast with an error, dtype float64:", ", ".join(f"{value:.4g}" for value in in64))
keras.config.set_floatx("float64")
floatx = scores(288.15 + 0.1 * wave, 288.15 + 0.1 * (wave + error), "float64")
print("  the same after set_floatx:", ", ".join(f"{value:.4g}" for value in floatx))
assert abs(in64[1] - in64[0]) > 0.05 and max(abs(value - in64[0]) for value in (in64[2], floatx[1])) < 1e-3
EOF
