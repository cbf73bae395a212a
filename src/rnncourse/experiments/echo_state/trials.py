"""One trial: a reservoir is drawn, taught and tested."""

import time

import numpy as np
from scipy import sparse

from rnncourse import esn, linear, physics
from rnncourse.experiments import records
from rnncourse.experiments.echo_state.rows import KEYED_BY_PLACE, ROWS
from rnncourse.experiments.echo_state.scores import DT, memory_capacity, valid_time


def run_group(name, seed, trials, deadline=np.inf):
    """Draw, train and test the reservoirs of one row; see `runner`.

    Yields:
        One dictionary a trial: trial, nrmse84 or valid_times (a list, in Lyapunov times) or
        memory_capacity, and seconds of processor time.
    """
    row = ROWS[name]
    for trial in trials:
        if time.time() > deadline:
            return
        key = records.key(name, KEYED_BY_PLACE)
        rng = np.random.default_rng([seed, key, trial])
        start = time.process_time()
        if row.task == "lorenz":
            times = lorenz_valid_times(rng, row.n_hidden, row.n_train, row.ridge)
            result = {"valid_times": [round(float(v), 2) for v in times]}
        elif row.task == "memory":
            capacity = memory_of(rng, row.n_hidden, row.n_train, row.ridge)
            result = {"memory_capacity": round(capacity, 2)}
        else:
            make = jaeger_reservoir if row.n_hidden == 400 else larger_reservoir
            same = np.random.default_rng([seed, key, row.trials])  # no trial's
            reservoir = make(same if row.fixed == "reservoir" else rng, row.n_hidden)
            series = same if row.fixed == "series" else rng
            settings = (row.delay, row.n_train, row.ridge, row.noise, row.regressions)
            error = mackey_glass_error(series, reservoir, *settings)
            result = {"nrmse84": float(f"{error:.3g}")}
        yield {"trial": trial, **result, "seconds": round(time.process_time() - start, 1)}


def memory_of(rng, n_hidden, n_train, ridge, n_test=4000):
    """Return the memory capacity, over 60 delays, of a reservoir as in Jaeger's example.

    Weights 0, 0.47 and -0.47 with probabilities 0.8, 0.1 and 0.1, input weights of 0.1 and -0.1,
    no bias, and inputs from [-0.5, 0.5]: as the package `echoes` gives the settings of GMD Report
    152 (2002), which was not read.
    """
    reservoir = esn.Reservoir(
        W_hx=rng.choice([0.1, -0.1], size=(n_hidden, 1)),
        W_hh=rng.choice([0, 0.47, -0.47], p=[0.8, 0.1, 0.1], size=(n_hidden, n_hidden)),
        W_hy=np.zeros((n_hidden, 0)),
        b_h=np.zeros(n_hidden),
        leak=1.0,
    )
    u = rng.uniform(-0.5, 0.5, size=(n_train + n_test, 1, 1))
    return float(memory_capacity(esn.run(reservoir, u), u, 60, n_train, ridge).sum())


def jaeger_reservoir(rng, n_hidden=400):
    """Draw the reservoir of Jaeger (2001) for the Mackey-Glass series, in our notation.

    His update is x(n+1) = (1 - d C a) x(n) + d C f(...), with C = 0.44, a = 0.9, d = 1 and a
    spectral radius of 0.79. In units of h = a x this is a leak of C a = 0.396 and W_hh = W / a.
    His constant input 0.2 is a bias.

    Source:
        Jaeger, GMD Report 148 (2001), section 4.
    """
    W = rng.choice([0, 0.4, -0.4], p=[0.9875, 0.00625, 0.00625], size=(n_hidden, n_hidden))
    W = sparse.csr_array(W)
    return esn.Reservoir(
        W_hx=np.zeros((n_hidden, 0)),
        W_hh=W * (0.79 / 0.9 / esn.radius_of(W)),
        W_hy=rng.uniform(-0.56, 0.56, size=(n_hidden, 1)),
        b_h=0.2 * rng.choice([0, 0.14, -0.14], p=[0.5, 0.25, 0.25], size=n_hidden),
        leak=0.44 * 0.9,
    )


def larger_reservoir(rng, n_hidden=1000):
    """Draw a reservoir for the Mackey-Glass series with ten weights into each unit."""
    return esn.init(
        rng,
        0,
        n_hidden,
        1,
        connections=10,
        spectral_radius=0.9,
        feedback_scale=0.56,
        bias_scale=0.1,
        leak=0.5,
    )


def mackey_glass_error(
    rng, reservoir, delay, n_train, ridge=0.0, noise=0.0, regressions=1, n_test=50
):
    """Learn one Mackey-Glass series; return the NRMSE of forecasts of others, 84 steps ahead.

    The net sees tanh(y - 1). Forecasts are put back into units of y before they are scored, and
    the error is in units of the standard deviation of the test series. With several regressions
    the series falls into as many pieces, each with its washout of 1000 steps, and the readout is
    the mean of theirs.
    """
    y = physics.mackey_glass(rng, 1084, n_test, delay)
    taught = np.tanh(physics.mackey_glass(rng, n_train, 1, delay) - 1)[..., np.newaxis]
    length, readouts = (n_train - 1000) // regressions, []
    for start in range(0, length * regressions, length):
        piece = taught[start : start + length + 1000]
        h = esn.run(reservoir, y=piece, noise=noise, rng=rng)
        readouts.append(esn.fit_readout(h, piece, ridge, washout=1000))
    readout = linear.Params(*(np.mean(part, axis=0) for part in zip(*readouts, strict=True)))
    d = np.tanh(y - 1)[..., np.newaxis]
    h = esn.run(reservoir, y=d[:1000].copy())
    d_hat, _ = esn.generate(reservoir, readout, 84, h_0=h[-1], y_0=d[999])
    y_hat = 1 + np.arctanh(np.clip(d_hat[-1, :, 0], -0.9999, 0.9999))
    return float(np.sqrt(np.mean((y_hat - y[-1]) ** 2) / y.var()))


def lorenz_reservoir(rng, n_hidden):
    """Draw a reservoir for the Lorenz system; the bias breaks the symmetry of tanh."""
    return esn.init(
        rng,
        0,
        n_hidden,
        3,
        spectral_radius=0.5,
        feedback_scale=0.2,
        bias_scale=1.0,
        leak=1.0,
    )


def lorenz_valid_times(rng, n_hidden, n_train, ridge, n_test=30, n_steps=1000):
    """Learn one trajectory; return the valid times of free runs from n_test other points."""
    train = physics.lorenz(rng, n_train, 1, DT)
    mean, std = train.mean(axis=(0, 1)), train.std(axis=(0, 1))
    test = (physics.lorenz(rng, 200 + n_steps, n_test, DT) - mean) / std
    train = (train - mean) / std
    reservoir = lorenz_reservoir(rng, n_hidden)
    readout = esn.fit_readout(esn.run(reservoir, y=train), train, ridge, washout=200)
    h = esn.run(reservoir, y=test[:200].copy())
    y_hat, _ = esn.generate(reservoir, readout, n_steps, h_0=h[-1], y_0=test[199])
    return valid_time(y_hat, test[200:])
