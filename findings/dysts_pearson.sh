#!/usr/bin/env bash
# Expected: pearson in dysts.metrics is Pearson's correlation for a series of one variable as for one of several.
# Happens: of one variable, of shape (T,) or (T, 1), it returns Spearman's correlation of ranks. A forecast that is bent but
#   rises with the truth gets 1 exactly; the same forecast in two equal columns gets 0.89. compute_metrics returns one number under
#   both names, "pearson" and "spearman".
# Versions: dysts 0.96, SciPy 1.17.1, NumPy 2.4.6, Python 3.11.
# Read before: the docstring of pearson ("Pearson Correlation. Returns dimensionwise mean for multivariate time series of shape
#   (T, D)"), a search of its issues.
# Matters: dysts is the collection with which forecasts of chaotic systems are compared, mostly of one variable. Correlations from
#   it and from SciPy stand side by side, and a forecast that saturates looks perfect.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check dysts==0.96 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python -W ignore - <<'EOF'
from importlib.metadata import version

import numpy as np
from dysts import metrics
from scipy.stats import pearsonr, spearmanr

truth = np.sin(0.1 * np.arange(400))
forecast = truth**5
by_hand = pearsonr(truth, forecast)[0]
ranks = spearmanr(truth, forecast)[0]
found = {
    "(T,)": metrics.pearson(truth, forecast),
    "(T, 1)": metrics.pearson(truth[:, None], forecast[:, None]),
    "(T, 2), twice the same": metrics.pearson(np.stack([truth] * 2, 1), np.stack([forecast] * 2, 1)),
}
print(f"dysts {version('dysts')}, a sine and its fifth power: SciPy's Pearson {by_hand:.4f}, SciPy's Spearman {ranks:.4f}")
for shape, value in found.items():
    print(f"dysts' pearson of shape {shape}: {value:.4f}")
both = metrics.compute_metrics(truth[:, None], forecast[:, None], include=["pearson", "spearman"])
print("compute_metrics:", {name: round(float(value), 4) for name, value in both.items()})
assert abs(by_hand - 0.893) < 0.001 and abs(ranks - 1) < 1e-12
assert np.allclose(list(found.values()), [ranks, ranks, by_hand], rtol=1e-12)
assert both["pearson"] == both["spearman"]
EOF
