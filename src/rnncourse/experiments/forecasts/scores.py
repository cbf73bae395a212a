"""How forecasts are scored: the error at each horizon, and what a physicist asks of a free run.

error, by_parts    mean absolute error at each horizon, of a block and of its parts
model_error        the same of a model, in the test block
free_run           the forecast of one sample becomes the next input, again and again
step_errors        how far such runs are off, sample by sample
valid_times        until a free run leaves the truth, in Lyapunov times
spectrum_distance  between the power spectra of free runs and of the truth, in dB
energy_leak        energy that comes from nowhere, in units of the energy lost by friction
lines              amplitudes of the Chandler wobble and of the annual wobble
"""

import numpy as np
from scipy.integrate import simpson
from scipy.interpolate import CubicSpline

from rnncourse.experiments.echo_state import valid_time
from rnncourse.experiments.forecasts.systems import (
    CHANDLER,
    DAMPING,
    DAYS,
    DRIVE,
    DUFFING_DT,
    YEAR,
)

RUN_STEPS, RUNS = 300, 20  # of free runs
LINES_AT = 3  # the horizon, half a year, at which the lines of polar motion are looked at


def error(system, changes, starts):
    """Return the mean absolute error of changes (N, H, C) at each horizon, (H,)."""
    return np.abs(changes - system.changes(starts)).mean(axis=(0, 2))


def by_parts(system, changes, starts):
    """Return the same for consecutive parts of the block, (parts, H)."""
    cuts = np.array_split(np.arange(len(starts)), system.parts)
    return np.array([error(system, changes[cut], starts[cut]) for cut in cuts])


def model_error(system, model):
    """Return the mean error (H,) of a model in the test block; a model is that of `baselines`."""
    starts = system.starts("test")
    return by_parts(system, system.foretold(model, starts), starts).mean(axis=0)


def overall(errors):
    """Return one number for the errors at all horizons: the mean of their logarithms."""
    return float(np.log(errors).mean())


def mean_and_bar(parts):
    """Return the mean error (H,) and its standard error (H,) from errors (S, parts, H).

    The parts of the test block differ, and so do the seeds; both variances add. What differs by
    chance from part to part within a seed is in both, so that the bar is a little too long (of what
    is recorded up to a fifth). The parts count as independent, which neighbors are not quite.
    """
    S, P, _ = parts.shape
    variance = parts.mean(axis=0).var(axis=0, ddof=1) / P
    if S > 1:
        variance = variance + parts.mean(axis=1).var(axis=0, ddof=1) / S
    return parts.mean(axis=(0, 1)), np.sqrt(variance)


def run_starts(system):
    """Return the samples of the test block at which free runs start, (RUNS,)."""
    return np.linspace(system.test.start, system.test.stop - RUN_STEPS - 1, RUNS).astype(int)


def free_run(system, model, starts=None, n_steps=RUN_STEPS):
    """Let a model run freely, from `RUNS` starts in the test block or from others.

    The first input is the value itself, and is fed back; others, such as a force, are given.

    Args:
        system: `systems.System` with one component.
        model: function from the past (T, N, D) to scaled changes (N, H), the next sample first.
        starts: (N,) samples, or None for `run_starts`.
        n_steps: samples of a run.

    Returns:
        x (n_steps, N), beginning one sample after the start.
    """
    starts = run_starts(system) if starts is None else starts
    past = system.past(starts)
    x = np.empty((n_steps, len(starts)))
    for k in range(n_steps):
        new = system.inputs[starts + k + 1].copy()
        step = model(past)[:, 0] * system.scale[0, 0]
        x[k] = new[:, 0] = np.clip(past[-1, :, 0] + step, -100, 100)
        past = np.concatenate([past[1:], new[np.newaxis]])
    return x


def run_truth(system, starts=None, n_steps=RUN_STEPS):
    """Return what happened at the samples of the same free runs, (n_steps, N)."""
    starts = run_starts(system) if starts is None else starts
    return system.values[starts + np.arange(1, n_steps + 1)[:, np.newaxis], 0]


def step_errors(system, model, starts, n_steps):
    """Return how far forecasts are off that are made sample by sample, (n_steps, N)."""
    return np.abs(free_run(system, model, starts, n_steps) - run_truth(system, starts, n_steps))


def valid_times(system, x):
    """Return the valid times (RUNS,) of free runs (RUN_STEPS, RUNS) in Lyapunov times."""
    pair = (x[..., np.newaxis], run_truth(system)[..., np.newaxis])
    return valid_time(*pair, dt=system.dt, lyapunov=system.lyapunov)


def spectrum(x):
    """Return the power of series (T, N) at each frequency, the mean over the series."""
    window = np.hanning(len(x))[:, np.newaxis]
    return np.mean(np.abs(np.fft.rfft(window * (x - x.mean()), axis=0)) ** 2, axis=1)


def spectrum_distance(x, truth):
    """Return the mean distance in dB of two spectra, where the true one is above -40 dB."""
    power, true_power = spectrum(x)[1:], spectrum(truth)[1:]
    strong = true_power > 1e-4 * true_power.max()
    ratio = np.maximum(power, 1e-8 * true_power.max())[strong] / true_power[strong]
    return float(np.abs(10 * np.log10(ratio)).mean())


def energy_leak(x, force, truth):
    """Return the energy of Duffing runs that no force explains, over that lost by true friction.

        E = v^2 / 2 - x^2 / 2 + x^4 / 4,    dE/dt = F v - damping v^2

    Args:
        x: (T, N) positions.
        force: (T, N) at the same samples, in units of the amplitude of the drive.
        truth: (T, N) true positions.

    Returns:
        The mean over the runs of |E(end) - E(start) - integral of dE/dt|, over the mean loss.
    """
    times = DUFFING_DT * np.arange(len(x))

    def total(power):
        return simpson(power, dx=DUFFING_DT, axis=0)

    v = CubicSpline(times, x).derivative()(times)
    true_v = CubicSpline(times, truth).derivative()(times)
    energy = v**2 / 2 - x**2 / 2 + x**4 / 4
    leak = energy[-1] - energy[0] - total(DRIVE * force * v - DAMPING * v**2)
    return float(np.abs(leak).mean() / total(DAMPING * true_v**2).mean())


def lines(days, pole):
    """Return the amplitudes of the Chandler and of the annual wobble in mas, by least squares.

    z = x - i y is fitted by a constant, a trend, and rotations of 433 d, 365.25 d and -365.25 d.

    Args:
        days: (T,) instants.
        pole: (T, 2), x and -y in mas.
    """
    t = days - days.mean()
    turns = [np.exp(2j * np.pi * t / period) for period in (CHANDLER, YEAR, -YEAR)]
    columns = np.stack([np.ones_like(t), t / YEAR, *turns], axis=1)
    weights = np.linalg.lstsq(columns, pole[:, 0] + 1j * pole[:, 1], rcond=None)[0]
    return np.abs(weights[2:4])


def physics(system, model):
    """Return the scores of a model that fit its system, as a dictionary of numbers.

    Args:
        system: `systems.System`.
        model: function from the past (T, N, D) to scaled changes (N, H C).
    """
    if system.name == "polar motion":
        starts = system.starts("test")
        missed = system.foretold(model, starts) - system.changes(starts)
        missed = missed[:, LINES_AT]
        chandler, annual = lines(DAYS * starts, missed)
        return {"chandler_missed": float(chandler), "annual_missed": float(annual)}
    x, truth = free_run(system, model), run_truth(system)
    times = valid_times(system, x)
    found = {
        "valid_time": float(np.median(times)),
        "valid_times": [float(v) for v in times],
        "spectrum": spectrum_distance(x, truth),
    }
    if system.name == "duffing":
        at = run_starts(system) + np.arange(1, RUN_STEPS + 1)[:, np.newaxis]
        found["energy_leak"] = energy_leak(x, system.inputs[at, 1], truth)
    return found
