#!/usr/bin/env bash
# Expected: R^2 is zero for a forecast that only knows the mean of each variable, as in scikit-learn's r2_score.
# Happens: reservoirpy's rsquare subtracts one mean over all variables together. On Lorenz' system, where z lies around 23 and
#   x and y around 0, the constant forecast by the means gets 0.6, and a far worse one (-1.1 by scikit-learn) still gets 0.2.
# Versions: reservoirpy 0.4.2, scikit-learn 1.9.1, NumPy 2.4.6, Python 3.11.
# Read before: reservoirpy's API page of rsquare (arrays of shape (N, features), "y bar is the mean value of ground truth") and
#   scikit-learn's user guide on the R^2 score. With dimensionwise=True the two agree.
# Matters: two tables of "R^2 on Lorenz" cannot be compared, and a net that learned nothing but the means looks half trained.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    reservoirpy==0.4.2 scikit-learn==1.9.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import numpy as np
import sklearn
from reservoirpy.datasets import lorenz
from reservoirpy.observables import rsquare
from sklearn.metrics import r2_score

truth = lorenz(5000, h=0.02)[1000:]
means = np.tile(truth.mean(axis=0), (len(truth), 1))
late = np.roll(truth, 200, axis=0)  # right climate, wrong moment
print(f"reservoirpy {version('reservoirpy')}, scikit-learn {sklearn.__version__}; means of x, y, z:", means[0].round(1))
scores = {}
for name, forecast in {"the means": means, "200 steps late": late}.items():
    scores[name] = rsquare(truth, forecast), r2_score(truth, forecast)
    print(f"forecast {name}: rsquare {scores[name][0]:.2f}, r2_score {scores[name][1]:.2g}")
    each = rsquare(truth, forecast, dimensionwise=True)
    assert np.allclose(each, r2_score(truth, forecast, multioutput="raw_values"))
assert abs(scores["the means"][1]) < 1e-12 and scores["the means"][0] > 0.5
assert scores["200 steps late"][1] < -0.5 and scores["200 steps late"][0] > 0.1
EOF
