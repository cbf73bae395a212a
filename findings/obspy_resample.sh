#!/usr/bin/env bash
# Expected: a record that is resampled to twice its rate keeps its waves: all of them lie below both Nyquist frequencies.
# Happens: Trace.resample multiplies the spectrum by a Hann window up to the old Nyquist frequency, also where the rate rises, and
#   also where it stays: a wave at a fifth of it loses 10 %, at two fifths 35 %, at four fifths 90 %, and again at each call.
#   With window=None, and by interpolate(method="lanczos"), nothing is lost.
# Versions: ObsPy 1.5.1, SciPy 1.17.1, NumPy 2.4.6, Python 3.11.
# Read before: the docstring of Trace.resample ("Specifies the window applied to the signal in the Fourier domain. Defaults to
#   'hann'", beside no_filter=True: "Deactivates automatic filtering"), and its issues. None says what it does to a wave.
# Matters: stations of 50 and 100 Hz are brought to one rate before a net sees them. Their amplitude ratios by frequency, that is
#   magnitude, distance and the picked onset, then tell the net which station it looks at.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check obspy==1.5.1 scipy==1.17.1 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'EOF'
import warnings

warnings.simplefilter("ignore")
import numpy as np
import obspy

RATE, SECONDS = 100.0, 40


def amplitude(trace, frequency):
    """Returns that of the wave in the middle half of a trace, a whole number of periods."""
    t = trace.times()
    inside = (t >= SECONDS / 4) & (t < 3 * SECONDS / 4)
    return 2 * abs((trace.data * np.exp(-2j * np.pi * frequency * t))[inside].mean())


print(f"ObsPy {obspy.__version__}: amplitude of a wave of 1, recorded at 100 Hz")
for frequency in (5.0, 10.0, 20.0, 40.0):
    t = np.arange(RATE * SECONDS) / RATE
    wave = obspy.Trace(np.sin(2 * np.pi * frequency * t), header={"sampling_rate": RATE})
    ways = {
        "resample(200)": wave.copy().resample(200.0),
        "resample(100)": wave.copy().resample(100.0),
        "twice": wave.copy().resample(200.0).resample(400.0).resample(100.0),
        "window=None": wave.copy().resample(200.0, window=None),
        "lanczos": wave.copy().interpolate(200.0, method="lanczos", a=20),
    }
    found = {name: amplitude(trace, frequency) for name, trace in ways.items()}
    print(f"{frequency:4.0f} Hz:", ", ".join(f"{name} {a:.3f}" for name, a in found.items()))
    hann = np.cos(np.pi * frequency / RATE) ** 2
    assert np.allclose([found["resample(200)"], found["resample(100)"]], hann, atol=2e-3)
    assert np.allclose([found["window=None"], found["lanczos"]], 1, atol=2e-3)
EOF
