#!/usr/bin/env bash
# Expected: h of reservoirpy.datasets.mackey_glass is the time step; a smaller one samples the same curve more finely.
# Happens: the delayed term is added once a step whatever h is. Solved is x' = (a/h) x(t-tau) / (1 + x(t-tau)^n) - b x, which
#   is the Mackey-Glass equation for h = 1 only. With h = 0.1 the mean is 3.5; that of the equation is 0.93.
# Versions: reservoirpy 0.4.2, NumPy 2.4.6, Python 3.11.
# Read before: its API page of mackey_glass ("h: Time delta between two discrete timesteps", beside the equation).
# Matters: the benchmark of reservoir computing is often quoted with a step of 0.1. Its errors and horizons, taken from this
#   series, belong to another equation, and a check against a solver of delay equations fails for no fault of the solver.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check reservoirpy==0.4.2 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import numpy as np
from reservoirpy.datasets import mackey_glass

a, n, tau, x0 = 0.2, 10, 17, 1.2
rate = a * x0 / (1 + x0**n)  # without decay and with a constant past, x is a straight line until t = tau
print(f"reservoirpy {version('reservoirpy')}: slope without decay, exactly {rate:.5f}; mean over 100 < t < 1000")
for h in (1.0, 0.5, 0.1):
    past = np.full(round(tau / h), x0)
    line = mackey_glass(round(10 / h) + 1, tau=tau, a=a, b=0.0, n=n, x0=x0, h=h, history=past).ravel()
    slope = (line[-1] - line[0]) / 10
    series = mackey_glass(round(1000 / h), tau=tau, a=a, b=0.1, n=n, x0=x0, h=h, history=past).ravel()
    mean = series[round(100 / h) :].mean()
    print(f"h = {h}: slope {slope:.5f} = {slope / rate:.3f} of it, mean {mean:.2f}")
    assert np.isclose(slope, rate / h, rtol=1e-9)
    assert abs(mean - {1.0: 0.92, 0.5: 1.06, 0.1: 3.46}[h]) < 0.05
EOF
