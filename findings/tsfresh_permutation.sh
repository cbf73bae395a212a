#!/usr/bin/env bash
# Expected: tau of tsfresh's permutation_entropy is the delay between the values that are ranked against each other, as in the paper that it
#   names (Bandt and Pompe) and in other packages.
# Happens: tau is the distance between the windows; what is ranked are always neighbours. A larger tau leaves samples out and changes
#   nothing else. Of Lorenz' x, sampled at 0.01, five values ranked, the entropy rises from 0.22 to 0.92 of its maximum between a delay
#   of 1 and of 50, by ordpy, by antropy and by hand to rounding; tsfresh says 0.22 and 0.18. With tau = 1 all agree.
# Versions: tsfresh 0.21.2, ordpy 1.2.3, antropy 0.2.3, SciPy 1.17.1, pandas 3.1.1, NumPy 2.3.5, Python 3.11.
# Read before: the docstring of permutation_entropy ("sub-windows of length D starting every tau", an example with tau = 1 only, and the paper
#   as its reference), and a search of the issues: pull request 691, which added it; of tau none was found.
# Matters: the usual picture of permutation entropy over the delay finds the time scale of a system, a laser's echo or a delay equation's
#   lag. By tsfresh it is flat, as if the record had no scale; and a net that gets it as a feature, with the settings of a paper, gets
#   another quantity from fewer samples. Use ordpy or antropy for a delay above 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    tsfresh==0.21.2 ordpy==1.2.3 antropy==0.2.3 scipy==1.17.1 pandas==3.1.1 numpy==2.3.5
cd "$folder"
OPENBLAS_NUM_THREADS=1 venv/bin/python 2>errors.txt - <<'EOF' || { cat errors.txt; exit 1; }
from importlib.metadata import version
from math import factorial

import antropy
import numpy as np
import ordpy
from scipy.integrate import solve_ivp
from tsfresh.feature_extraction.feature_calculators import permutation_entropy

D = 5


def by_hand(x, delay, step=1, order=D):
    """Returns the entropy of the ranks of order values, delay apart, from windows step apart, over its maximum."""
    starts = np.arange(0, x.size - (order - 1) * delay, step)
    ranks = np.argsort(x[starts[:, None] + delay * np.arange(order)], axis=1)
    _, counts = np.unique(ranks, axis=0, return_counts=True)
    p = counts / counts.sum()
    return -(p * np.log(p)).sum() / np.log(factorial(order))


def lorenz(t, u):
    x, y, z = u
    return [10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z]


x = solve_ivp(lorenz, (0, 121), [-8, 8, 27], rtol=1e-9, atol=1e-9, t_eval=20 + 0.01 * np.arange(10000)).y[0]
names = ", ".join(f"{name} {version(name)}" for name in ("tsfresh", "ordpy", "antropy"))
print(f"{names}: x of Lorenz, {D} values, entropy over its maximum")
curves = {"tsfresh": [], "ordpy": [], "antropy": [], "by hand": [], "by hand, windows tau apart": []}
delays = (1, 2, 5, 10, 20, 50)
for tau in delays:
    curves["tsfresh"].append(permutation_entropy(x, tau=tau, dimension=D) / np.log(factorial(D)))
    curves["ordpy"].append(ordpy.permutation_entropy(x, dx=D, taux=tau))
    curves["antropy"].append(antropy.perm_entropy(x, order=D, delay=tau, normalize=True))
    curves["by hand"].append(by_hand(x, tau))
    curves["by hand, windows tau apart"].append(by_hand(x, 1, step=tau))
print(f"  {'tau':27s}", *(f"{tau:5d}" for tau in delays))
for name, curve in curves.items():
    print(f"  {name:27s}", *(f"{value:5.2f}" for value in curve))
for name in ("ordpy", "antropy"):
    assert np.allclose(curves[name], curves["by hand"], atol=1e-9)
assert np.allclose(curves["tsfresh"], curves["by hand, windows tau apart"], atol=1e-9)
assert np.isclose(curves["tsfresh"][0], curves["by hand"][0])
assert curves["by hand"][-1] > 0.9 > 0.25 > max(curves["tsfresh"])
EOF
