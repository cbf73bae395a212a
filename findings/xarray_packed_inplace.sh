#!/usr/bin/env bash
# Expected: t -= 273.15 and t = t - 273.15 store the same temperatures, or one of them refuses.
# Happens: of a variable that was read from packed integers (scale_factor and add_offset, as ERA5 comes), xarray keeps the packing
#   with all that changes it in place (-=, t[:] = ..., t.values[:] = ..., t.copy(data=...)), and drops it with t = t - 273.15. What lies
#   out of the range of the old packing wraps around, without a warning: 250 K in degrees is stored as 279.3, and every stored
#   value looks like kelvin again.
# Versions: xarray 2026.9.0, netCDF4 1.7.5.1, pandas 3.1.1, NumPy 2.4.6, Python 3.11.
# Read before: xarray's API pages of to_netcdf and open_dataset (mask_and_scale), and a search of its issues: 5739 tells of files
#   with different packings that are joined, none that was found of the two ways to subtract.
# Matters: in memory all is right, also in each plot before the file is read again. A net that is trained from the file learns from
#   temperatures that are off by a different multiple of the range each. Subtract out of place, or t.drop_encoding() first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    xarray==2026.9.0 pandas==3.1.1 netCDF4==1.7.5.1.post1 numpy==2.4.6
cd "$folder"
venv/bin/python -W error::UserWarning -W error::RuntimeWarning - <<'EOF'
import numpy as np
import xarray as xr

kelvin = np.linspace(250, 310, 5)
packing = {"dtype": "int16", "scale_factor": 60 / 65000, "add_offset": 280.0, "_FillValue": -32768}
xr.Dataset({"t2m": ("time", kelvin)}).to_netcdf("packed.nc", encoding={"t2m": packing})


def out_of_place(data):
    data["t2m"] = data.t2m - 273.15


def in_place(data):
    data["t2m"] -= 273.15


def by_index(data):
    data.t2m[:] = data.t2m - 273.15


def by_values(data):
    data.t2m.values[:] -= 273.15


def by_copy(data):
    data["t2m"] = data.t2m.copy(data=data.t2m.values - 273.15)


def dropped_first(data):
    data["t2m"] = data.t2m.drop_encoding()
    data["t2m"] -= 273.15


print(f"xarray {xr.__version__}: temperatures from {kelvin[0]} to {kelvin[-1]} K, packed; in degrees in memory, and from the file")
off = {}
for change in (out_of_place, in_place, by_index, by_values, by_copy, dropped_first):
    data = xr.load_dataset("packed.nc")
    change(data)
    data.to_netcdf("degrees.nc")
    read = xr.load_dataset("degrees.nc").t2m.values
    assert np.abs(data.t2m.values - (kelvin - 273.15)).max() < 1e-3
    off[change.__name__] = np.abs(read - data.t2m.values).max()
    print(f"{change.__name__:13s}: {data.t2m.values.round(1)} {read.round(1)}")
    if off[change.__name__] > 1:
        assert 240 < read.min() and read.max() < 320  # like kelvin
assert {name for name, largest in off.items() if largest > 1} == {"in_place", "by_index", "by_values", "by_copy"}
assert off["out_of_place"] < 1e-6 and off["dropped_first"] < 1e-6
EOF
