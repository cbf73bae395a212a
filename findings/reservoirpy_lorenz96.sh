#!/usr/bin/env bash
# Expected: h of reservoirpy.datasets.lorenz96 is the time between two rows, as in its lorenz: 1000 rows with the default h = 0.01
#   span 10 units of time, some 17 Lyapunov times.
# Happens: the end of the series is multiplied by h once more. The rows are h^2 apart, for h = 0.01 a hundredth of what was asked
#   for: the default series spans 0.1 units and has not left the state of rest from which it starts. A warmup widens the
#   step, by (n + warmup) / n, instead of lengthening the series.
# Versions: reservoirpy 0.4.2, SciPy 1.17.1, NumPy 2.4.6, Python 3.11.
# Read before: the docstring of lorenz96 ("h: Time delta between two discrete timesteps", "warmup: Number of timesteps to discard at
#   the beginning of the signal"), its issues.
# Matters: Lorenz96 is the usual step up from Lorenz63 in forecasts by reservoirs. With h = 0.05 every horizon that is counted in
#   steps of h is twenty times too long, and a net that returns its input is hard to beat. Give x0 on the attractor and the root
#   of the step that is meant, or integrate it with SciPy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    reservoirpy==0.4.2 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
from importlib.metadata import version

import numpy as np
from reservoirpy.datasets import lorenz, lorenz96
from scipy.integrate import solve_ivp

F, EXACT = 8.0, {"method": "DOP853", "rtol": 1e-11, "atol": 1e-11}


def slope96(_, x):
    return (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + F


def slope63(_, x):
    return [10 * (x[1] - x[0]), x[0] * (28 - x[2]) - x[1], x[0] * x[1] - 8 / 3 * x[2]]


def time_between(slope, first, second, longest):
    """Returns the time after which the equation leads from one row to the next."""
    path = solve_ivp(slope, (0, longest), first, dense_output=True, **EXACT).sol
    times = np.linspace(0, longest, 100001)
    return times[np.linalg.norm(path(times).T - second, axis=1).argmin()]


print(f"reservoirpy {version('reservoirpy')}: time between two rows, asked for and found")
start = solve_ivp(slope96, (0, 20), F + 0.1 * np.sin(np.arange(36)), **EXACT).y[:, -1]  # on the attractor
for h in (0.01, 0.05, 0.1):
    rows = lorenz96(101, h=h, x0=start, rtol=1e-10, atol=1e-10)
    found = time_between(slope96, rows[0], rows[1], 2 * h)
    expected = h * h * 101 / 100  # 101 / 100: the last row stands at the end of the interval
    print(f"lorenz96, h = {h}: {found:.5f}, h^2 = {h * h:.5f}")
    assert abs(found - expected) < 4e-5 * h + 1e-7
    other = lorenz(101, h=h, rtol=1e-10, atol=1e-10)
    found = time_between(slope63, other[0], other[1], 2 * h)
    print(f"lorenz,   h = {h}: {found:.5f}")
    assert abs(found - h * 101 / 100) < 4e-5 * h + 1e-7

rows = lorenz96(101, warmup=50, h=0.1, x0=start, rtol=1e-10, atol=1e-10)
found = time_between(slope96, rows[0], rows[1], 0.2)
print(f"lorenz96, h = 0.1, warmup of 50 of 101 rows: {found:.5f}, {len(rows)} rows")
assert len(rows) == 51 and abs(found - 0.1**2 * 151 / 100) < 1e-5

rest, moved = lorenz96(1000), solve_ivp(slope96, (0, 10), lorenz96(2)[0], **EXACT).y[:, -1]
print(f"largest distance from rest, x = {F}: of the default series {np.abs(rest - F).max():.3f}", end=", ")
print(f"of the equation after 1000 steps of 0.01 {np.abs(moved - F).max():.1f}")
assert np.abs(rest - F).max() < 0.02 < 2 < np.abs(moved - F).max()
EOF
