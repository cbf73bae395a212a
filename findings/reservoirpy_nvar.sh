#!/usr/bin/env bash
# Expected: the node NVAR with order=3 holds the monomials of the last inputs up to the third degree, as scikit-learn's
#   PolynomialFeatures does; and one of a larger order knows what one of a smaller order knows.
# Happens: beside the inputs it holds those of the third degree alone, no square and no product of two. order=1 holds each input
#   twice. There is no constant; the ridge that follows has one.
# Versions: reservoirpy 0.4.2, scikit-learn 1.9.1, NumPy 2.4.6, Python 3.11.
# Read before: the docstring of NVAR (it adds "monomials of order n"; that lower ones are left out is not said), its issues.
# Matters: the law of most textbook systems has squares or products of two. Here the map of Henon, x' = 1 - 1.4 x^2 + 0.3 (x before):
#   order=2 and a ridge forecast it to rounding, order=3 does not, and a search over orders takes that for a property of the map.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check reservoirpy==0.4.2 numpy==2.4.6 scikit-learn==1.9.1
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import numpy as np
from reservoirpy.nodes import NVAR
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PolynomialFeatures

x = np.array([[2.0], [3.0], [5.0]])
print(f"reservoirpy {version('reservoirpy')}: what NVAR holds of the inputs 3 and 5, delay=2, the last one first")
held = {}
for order in (1, 2, 3):
    held[order] = NVAR(delay=2, order=order, strides=1).run(x)[-1].tolist()
    print(f"  order={order}: {held[order]}")
assert held[1] == [5, 3, 5, 3]
assert held[2] == [5, 3, 25, 15, 9]
assert held[3] == [5, 3, 125, 75, 45, 27]
whole = PolynomialFeatures(3, include_bias=False).fit_transform([[5.0, 3.0]])[0].tolist()
print(f"  scikit-learn {version('scikit-learn')}, degree 3: {whole}")
assert whole == [5, 3, 25, 15, 9, 125, 75, 45, 27]

# What it costs: the next value of the map of Henon, learned from 1000 values, asked of 500 later ones.
x = np.zeros((1502, 1))
for t in range(1, 1501):
    x[t + 1] = 1 - 1.4 * x[t] ** 2 + 0.3 * x[t - 1]
now, following, learn, ask = x[:-1], x[1:], slice(1, 1001), slice(1001, 1501)


def error(features):
    """Returns the error of a least-squares readout over the spread of what it is to say."""
    said = LinearRegression().fit(features[learn], following[learn]).predict(features[ask])
    return float(np.sqrt(np.mean((said - following[ask]) ** 2)) / following[ask].std())


found = {f"NVAR, order={order}": error(NVAR(delay=2, order=order, strides=1).run(now)) for order in (1, 2, 3)}
pairs = np.concatenate([now, np.roll(now, 1)], axis=1)
found["PolynomialFeatures, degree 3"] = error(PolynomialFeatures(3, include_bias=False).fit_transform(pairs))
for name, e in found.items():
    print(f"  {name}: error over spread {e:.1e}")
assert max(found["NVAR, order=2"], found["PolynomialFeatures, degree 3"]) < 1e-10
assert min(found["NVAR, order=1"], found["NVAR, order=3"]) > 0.1
EOF
