#!/usr/bin/env bash
# Expected: a slope along time has one unit, and a dataset has the same slope before and after it was stored.
# Happens: Dataset.differentiate takes the unit of the stored time stamps: microseconds for those that pandas 3 makes,
#   nanoseconds for the same ones read from netCDF, a factor of 1000; integrate follows; polyfit counts nanoseconds always.
# Versions: xarray 2026.9.0, pandas 3.1.1, netCDF4 1.7.5.1, NumPy 2.4.6, Python 3.11.
# Read before: xarray's API pages of differentiate ("datetime_unit: unit to compute gradient", None by default), integrate
#   and polyfit. None says which unit None is.
# Matters: rates that are inputs or targets of a net change by 1000 between the first run and the run from the file, and a
#   scaler that is fitted anew hides it. Give datetime_unit always.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    xarray==2026.9.0 pandas==3.1.1 netCDF4==1.7.5.1.post1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
import numpy as np
import pandas as pd
import xarray as xr

hours = pd.date_range("2000-01-01", periods=4, freq="h")
made = xr.Dataset({"level": ("time", np.arange(4.0))}, coords={"time": hours})  # one meter an hour
made.to_netcdf("tide.nc")
read = xr.open_dataset("tide.nc")
assert made.equals(read)

print(f"xarray {xr.__version__}, pandas {pd.__version__}: a level that rises 1 m an hour")
per_second = {}
for name, tide in {"made": made, "read": read}.items():
    slope = tide.level.differentiate("time").values[1]
    area = tide.level.integrate("time").item()
    fit = tide.level.polyfit("time", 1).polyfit_coefficients.values[0]
    per_second[name] = tide.level.differentiate("time", datetime_unit="s").values[1]
    print(f"{name} ({tide.time.dtype}): differentiate {slope:.4g}, integrate {area:.4g}, polyfit {fit:.4g}")
    unit = {"made": 1e-6, "read": 1e-9}[name]
    assert np.isclose(slope, unit / 3600, rtol=1e-12)
    assert np.isclose(area, 4.5 * 3600 / unit, rtol=1e-12)
    assert np.isclose(fit, 1e-9 / 3600, rtol=1e-6)
print('datetime_unit="s":', {name: f"{slope:.4g}" for name, slope in per_second.items()})
assert np.allclose(list(per_second.values()), 1 / 3600, rtol=1e-12)
EOF
