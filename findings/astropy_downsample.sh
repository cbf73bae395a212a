#!/usr/bin/env bash
# Expected: aggregate_downsample of hourly samples into bins of 24 hours gives means of 24 samples each, from the first hour of each
#   bin to the last.
# Happens: it does or does not, by the date and the width. A sample on the edge of two bins goes to the later one only where start and
#   end of the bins agree to the last bit; rounding at one edge anywhere puts it, at nearly every edge, into the earlier one. From
#   midnight on 1 January 2020 the bins hold 25, 24, ..., 24, 23 samples and each mean is that of the hours 1 to 24; from noon on 1 March they
#   are right. Of 84 ordinary cases, seven steps and six widths from two starts, more than half are wrong. Bins that
#   start half a step before the first sample mend it.
# Versions: astropy 8.0.2, NumPy 2.4.6, Python 3.11.
# Read before: the docstring of aggregate_downsample (nothing of edges), its comment in the source ("let bin_start takes precedence"),
#   and its issues: 12246 asks where such a sample should go; in pull request 11266 it is told that a test of one second in bins of one
#   second compares floating-point numbers. None that was found says that regular series are binned wrongly.
# Matters: regular series with samples on the edges are the usual ones. Daily means that are late by a sample look plausible, the same
#   script is right for another station, and a net gets inputs and targets that are shifted against each other. Sums of the first and
#   last bin are off by a sample.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check astropy==8.0.2 numpy==2.4.6
cd "$folder"
HOME="$folder" venv/bin/python - <<'EOF'
import astropy
import astropy.units as u
import numpy as np
from astropy.time import Time
from astropy.timeseries import TimeSeries, aggregate_downsample


def binned(start, step, samples, bins, **options):
    """Returns the means, the numbers of samples and the edges of the bins, for the values 0, 1, 2, ... ."""
    series = TimeSeries(time=Time(start) + np.arange(bins * samples) * step)
    series["value"] = np.arange(bins * samples, dtype=float)
    means = aggregate_downsample(series, time_bin_size=samples * step, **options)
    series["value"] = 1.0
    counts = aggregate_downsample(series, time_bin_size=samples * step, aggregate_func=np.sum, **options)
    late = (means.time_bin_start - series.time[::samples][: len(means)]).to_value(u.s)
    return np.asarray(means["value"]), np.asarray(counts["value"]), np.abs(late).max()


print(f"astropy {astropy.__version__}: hourly values 0, 1, 2, ... in six bins of 24 hours")
right = np.arange(6 * 24.0).reshape(6, 24).mean(1)
print("  by hand:                       ", right)
for start in ("2020-01-01T00:00:00", "2020-03-01T12:00:00"):
    means, counts, late = binned(start, 1 * u.h, 24, 6)
    print(f"  from {start}: means {means}, samples {counts}, starts of bins off by {late:.0e} s")
    assert late < 1e-9
    if start == "2020-01-01T00:00:00":
        assert np.array_equal(counts, [25, 24, 24, 24, 24, 23])
        assert np.array_equal(means[1:5], right[1:5] + 1)
    else:
        assert np.array_equal(counts, [24] * 6) and np.array_equal(means, right)
early = Time("2020-01-01T00:00:00") - 0.5 * u.h
means, counts, _ = binned("2020-01-01T00:00:00", 1 * u.h, 24, 6, time_bin_start=early)
print(f"  bins from half an hour earlier: means {means}")
assert np.array_equal(means, right)

wrong, tried = [], 0
for start in ("2020-01-01T00:00:00", "2020-03-01T12:00:00"):
    for step in (1 * u.s, 10 * u.s, 1 * u.min, 10 * u.min, 1 * u.h, 6 * u.h, 1 * u.d):
        for samples in (2, 3, 4, 6, 10, 12):
            means, _, _ = binned(start, step, samples, 20)
            tried += 1
            if not np.array_equal(means, np.arange(20.0 * samples).reshape(20, samples).mean(1)):
                wrong.append((start[:10], f"{samples} x {step:g}"))
print(f"  steps of 1 s to 1 d, widths of 2 to 12 steps, both starts: {len(wrong)} of {tried} wrong, as", wrong[:4])
assert len(wrong) > tried / 2
EOF
