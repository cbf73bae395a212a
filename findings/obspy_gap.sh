#!/usr/bin/env bash
# Expected: a record with a gap, merged to one trace, is either processed without the gap or refused: Trace.filter, detrend, interpolate
#   and decimate raise NotImplementedError ("Trace with masked values found").
# Happens: integrate, resample, simulate and trigger take it and drop the mask. Of counts (int32, as miniSEED holds them) the gap then
#   counts as -2147483648, and a plain array of finite numbers comes back. STA/LTA fires at the gap, and is deaf after it: the recursive
#   one, with a window of 30 s, misses an event two minutes later whose ratio is above 40 in the same record without the gap. The
#   integral is off by 4e7 ever after, a resampled record is off by millions of counts a second after it. Of floats
#   all that follows is NaN, which is seen.
# Versions: ObsPy 1.5.1, SciPy 1.17.1, NumPy 2.4.6, Python 3.11.
# Read before: the docstrings of integrate, resample, simulate and trigger (nothing of masks) and of Stream.merge (gaps become masked
#   arrays), and a search of the issues: pull requests 498 and 1363 made detrend and filter refuse, the latter put NaN or
#   the smallest integer under the mask; of these four none was found.
# Matters: read, merge, trigger is the usual way to a catalogue of events that a net is trained on. Each dropped packet may cost it minutes of
#   events, and adds a false one, at stations with bad links first of all. Split at the gaps before, merge afterwards.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check obspy==1.5.1 scipy==1.17.1 numpy==2.4.6 setuptools==80.9.0
cd "$folder"
OPENBLAS_NUM_THREADS=1 venv/bin/python -W error::RuntimeWarning - <<'EOF'
import io

import numpy as np
import obspy
from obspy import Stream, Trace, UTCDateTime, read
from obspy.signal.trigger import trigger_onset

RATE, SECONDS = 50, 600
START = UTCDateTime(2020, 1, 1)
GAP = slice(200 * RATE, 205 * RATE)
EVENTS = (120, 330)  # seconds
rng = np.random.default_rng(0)
t = np.arange(SECONDS * RATE) / RATE
counts = rng.normal(scale=50, size=t.size)
for s in EVENTS:
    late = np.clip(t - s, 0, None)
    counts += (t >= s) * 2000 * np.exp(-late / 3) * np.sin(2 * np.pi * 5 * late)
counts = np.rint(counts).astype("i4")


def record(dtype="i4"):
    """Returns the record with its gap, written to miniSEED, read and merged."""
    header = {"sampling_rate": RATE, "starttime": START}
    pieces = [Trace(counts[: GAP.start].astype(dtype), header)]
    pieces.append(Trace(counts[GAP.stop :].astype(dtype), header | {"starttime": START + GAP.stop / RATE}))
    file = io.BytesIO()
    Stream(pieces).write(file, format="MSEED")
    file.seek(0)
    (trace,) = read(file).merge()
    assert isinstance(trace.data, np.ma.MaskedArray) and trace.data.dtype == dtype
    assert trace.data.mask.sum() == GAP.stop - GAP.start and np.array_equal(trace.data.data[GAP.stop :], counts[GAP.stop :])
    return trace


def filled():
    """Returns the same record without a gap."""
    return Trace(counts.copy(), {"sampling_rate": RATE, "starttime": START})


def onsets(trace, name):
    """Returns the seconds at which STA/LTA begins to be above 5."""
    found = trace.copy().trigger(name, sta=0.5, lta=30).data
    assert type(found) is np.ndarray
    return [round(int(a) / RATE, 1) for a, _ in trigger_onset(found, 5, 2)], found


print(f"ObsPy {obspy.__version__}: events at {EVENTS} s, gap from {GAP.start / RATE:.0f} to {GAP.stop / RATE:.0f} s")
for name, do in {
    "filter": lambda trace: trace.filter("highpass", freq=1),
    "detrend": lambda trace: trace.detrend("demean"),
    "interpolate": lambda trace: trace.interpolate(25.0),
    "decimate": lambda trace: trace.decimate(2),
}.items():
    try:
        do(record())
        raise SystemExit(f"{name} takes the record")
    except NotImplementedError as error:
        print(f"  {name:12s}: {str(error).split('.')[0]}")
for name in ("recstalta", "classicstalta"):
    (right, ratio), (found, gapped) = onsets(filled(), name), onsets(record(), name)
    late = slice(EVENTS[1] * RATE, (EVENTS[1] + 5) * RATE)
    print(f"  {name:13s}: without a gap at {right} s, with it at {found} s; largest ratio at {EVENTS[1]} s:"
          f" {ratio[late].max():.1f} and {gapped[late].max():.0e}")
    assert len(right) == 2 and all(abs(a - b) < 1 for a, b in zip(right, EVENTS)) and np.isfinite(gapped).all()
    if name == "recstalta":
        assert len(found) == 2 and abs(found[0] - EVENTS[0]) < 1 and abs(found[1] - GAP.start / RATE) < 1
        assert ratio[late].max() > 40 and gapped[late].max() < 1e-3
    else:
        assert len(found) == 3 and abs(found[1] - GAP.start / RATE) < 1
in_pieces = [at for trace in record().split() for at in np.add(onsets(trace, "recstalta")[0], trace.stats.starttime - START)]
print(f"  recstalta    : split at the gap first, at {np.round(in_pieces, 1).tolist()} s")
assert len(in_pieces) == 2 and all(abs(a - b) < 1 for a, b in zip(in_pieces, EVENTS))

right, found = (trace.integrate().data for trace in (filled(), record()))
print(f"  integrate    : {type(found).__name__}, last value {found[-1]:.3g} instead of {right[-1]:.3g}")
assert type(found) is np.ndarray and np.isfinite(found).all() and abs(found[-1] - right[-1]) > 1e7
right, found = (trace.resample(100.0, window=None).data for trace in (filled(), record()))
beside = slice(2 * GAP.stop + 100, 2 * GAP.stop + 1000)
print(f"  resample     : {type(found).__name__}, off by {np.abs(found - right)[beside].max():.0f} counts from 1 s after the gap on")
assert type(found) is np.ndarray and np.isfinite(found).all() and np.abs(found - right)[beside].max() > 1000
paz = {"poles": [-4.44 + 4.44j, -4.44 - 4.44j], "zeros": [0j, 0j], "gain": 1.0, "sensitivity": 1.0}
found = record().simulate(paz_remove=paz).data
print(f"  simulate     : {type(found).__name__}, largest value {np.abs(found).max():.0e}")
assert type(found) is np.ndarray and np.isfinite(found).all() and np.abs(found).max() > 1e9
found = record("f8").integrate().data
print(f"  floats       : integral after the gap {found[-1]}")
assert np.isnan(found[GAP.stop :]).all()
EOF
