#!/usr/bin/env bash
# Expected: reservoirpy.datasets.narma solves the equation beside it, y[t+1] = a1 y[t] + a2 y[t] sum_{i=0}^{n-1} y[t-i]
#   + b u[t-(n-1)] u[t] + c, that of Atiya and Parlos.
# Happens: its sum leaves y[t] out and takes y[t-n] in, and its product reaches back to u[t-n], one step further. With order=9 the
#   product is that of NARMA10, but the sum has nine terms and not the last value: no order gives the published series.
# Versions: reservoirpy 0.4.2, NumPy 2.4.6, Python 3.11.
# Read before: the docstring of narma (the equation, which it gives as that of the paper), its issues.
# Matters: NARMA10 is the benchmark of memory with a product. A net that holds nine past inputs can do the published task and not
#   this one, and errors from the two stand in one table.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check reservoirpy==0.4.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import numpy as np
from reservoirpy.datasets import narma

N, STEPS, A1, A2, B, C = 10, 2000, 0.3, 0.05, 1.5, 0.1
u, y = (a[:, 0] for a in narma(STEPS, order=N, a1=A1, a2=A2, b=B, c=C, seed=1))
u = u[N:]  # now u[t] and y[t] belong to one step
t = np.arange(2 * N, STEPS - 1)


def off(first, last, reach):
    """Returns how far y[t+1] is from the equation with the sum from y[t-first] to y[t-last] and the product u[t-reach] u[t]."""
    total = sum(y[t - i] for i in range(first, last + 1))
    return np.abs(y[t + 1] - (A1 * y[t] + A2 * y[t] * total + B * u[t - reach] * u[t] + C)).max()


found = {
    "as documented, sum from 0 to n-1, product with u[t-(n-1)]": off(0, N - 1, N - 1),
    "the sum from 1 to n": off(1, N, N - 1),
    "the product with u[t-n]": off(0, N - 1, N),
    "both": off(1, N, N),
}
print(f"reservoirpy {version('reservoirpy')}: largest distance of y, of a standard deviation of {y.std():.2f}, to")
for name, distance in found.items():
    print(f"  {name}: {distance:.1e}")
assert found.pop("both") < 1e-12
assert min(found.values()) > 0.01

# What it costs: all products of the inputs that the published task needs, u[t] ... u[t-9], as features of a regression.
published = np.zeros(STEPS)
for now in range(N, STEPS - 1):
    window = published[now - N + 1 : now + 1].sum()
    published[now + 1] = A1 * published[now] + A2 * published[now] * window + B * u[now - N + 1] * u[now] + C
X = np.stack([np.ones(len(t)), *(u[t - i] for i in range(N)), *(u[t - i - 9] * u[t - i] for i in range(N))], axis=1)
error = {}
for name, series in {"published": published, "reservoirpy": y}.items():
    target = series[t + 1]
    rest = target - X @ np.linalg.lstsq(X, target, rcond=None)[0]
    error[name] = rest.std() / target.std()
    print(f"{name}: NRMSE of a regression on inputs and products nine steps apart {error[name]:.2f}")
assert error["published"] < 0.25 and error["reservoirpy"] > 0.4
EOF
