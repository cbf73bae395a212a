#!/usr/bin/env bash
# Expected: scikit-learn's StandardScaler, which leaves NaN out, leaves the missing values of a masked array out as well.
# Happens: netCDF4 returns missing values as a masked array, and scikit-learn takes what lies under the mask, in silence:
#   the fill value 9.97e36, or, of packed data, the packed fill value beside unpacked numbers, here -999 hPa. xarray hands
#   over NaN, which is left out, but only where the file has the attribute _FillValue; else it gives 9.97e36, too.
# Versions: netCDF4 1.7.5.1, xarray 2026.9.0, scikit-learn 1.9.1, NumPy 2.4.6, Python 3.11.
# Read before: netCDF4's API page (Variable.set_auto_mask), StandardScaler's ("NaNs are treated as missing values").
# Matters: the scaler in front of a net is fitted to sea-level pressures of -999 hPa; nothing warns. NumPy's own functions of a
#   masked array leave them out, so a first look at mean and standard deviation shows no fault. Use m.filled(np.nan).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    netCDF4==1.7.5.1.post1 xarray==2026.9.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
import netCDF4
import numpy as np
import sklearn
import xarray as xr
from sklearn.preprocessing import StandardScaler

with netCDF4.Dataset("station.nc", "w") as file:
    file.createDimension("time", 5)
    packed = file.createVariable("packed", "i2", ("time",), fill_value=-999)
    packed.scale_factor, packed.add_offset = 0.1, 1000.0
    packed[[0, 1, 3, 4]] = [1010.0, 1012.0, 1014.0, 1016.0]  # hPa
    plain = file.createVariable("plain", "f8", ("time",))
    plain[[0, 1, 3, 4]] = [1010.0, 1012.0, 1014.0, 1016.0]


def fitted(values):
    """The mean that the scaler finds."""
    return StandardScaler().fit(values[:, None]).mean_[0]


print(f"netCDF4 {netCDF4.__version__}, xarray {xr.__version__}, scikit-learn {sklearn.__version__}")
means = {}
with netCDF4.Dataset("station.nc") as file, xr.open_dataset("station.nc") as same:
    for name in ("packed", "plain"):
        masked = file[name][:]
        assert masked.mask.tolist() == [False, False, True, False, False]
        assert np.isclose(masked.mean(), 1013)
        means[name] = fitted(masked), fitted(same[name].values)
        print(f"{name}: mean by NumPy {masked.mean():.6g}, by the scaler {means[name][0]:.6g}, "
              f"from xarray {means[name][1]:.6g}")
assert np.isclose(means["packed"][0], (4 * 1013 - 999) / 5) and np.isclose(means["packed"][1], 1013)
assert means["plain"][0] > 1e36 and means["plain"][1] > 1e36
assert np.isclose(fitted(masked.filled(np.nan)), 1013)
EOF
