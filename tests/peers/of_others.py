"""What solvers, statistics and files of others mean; each answer names whose it is."""

import numpy as np
from observe import of, short

seen = of("others")
ALTERNATING = np.tile([1.0, -1.0], 50)[:, np.newaxis]


@seen
def tolerance():
    """The error of y' = -y at t = 5, by the settings that one gets."""
    import diffrax
    import jax.numpy as jnp
    import scipy.integrate
    import torch
    import torchdiffeq

    exact = np.exp(-5)
    by_scipy = scipy.integrate.solve_ivp(lambda t, y: -y, (0, 5), [1.0]).y[0, -1]
    start = torch.ones(1, dtype=torch.float64)
    by_torch = torchdiffeq.odeint(lambda t, y: -y, start, torch.tensor([0.0, 5.0]))[-1].item()
    term, solver = diffrax.ODETerm(lambda t, y, args: -y), diffrax.Tsit5()
    by_jax = diffrax.diffeqsolve(term, solver, 0.0, 5.0, 0.5, jnp.ones(1)).ys[-1].item()
    found = {"SciPy": by_scipy, "torchdiffeq": by_torch, "diffrax, steps of 0.5": by_jax}
    return "; ".join(f"{k} {_power(abs(v / exact - 1))}" for k, v in found.items())


def _power(error):
    return f"1e{np.floor(np.log10(error)):.0f}"


@seen
def delay():
    """y' = -y(t - 1) from y = 1: the error at t = 3 with 31 and with 301 points of output."""
    from ddeint import ddeint

    errors = []
    for n in (31, 301):
        y = ddeint(lambda Y, t: -Y(t - 1), lambda t: 1.0, np.linspace(0, 3, n))
        errors.append(_power(abs(np.ravel(y)[-1] + 1 / 6)))
    return "ddeint " + ", ".join(errors)


@seen
def ridge_intercept():
    from sklearn.linear_model import Ridge

    return "scikit-learn " + short(Ridge(100.0).fit(ALTERNATING, np.full(100, 5.0)).intercept_)


@seen
def ridge_scale():
    from sklearn.linear_model import Ridge

    return "scikit-learn " + short(Ridge(100.0).fit(ALTERNATING, ALTERNATING[:, 0]).coef_)


@seen
def squared_error():
    from sklearn.metrics import mean_squared_error

    return "scikit-learn " + short(mean_squared_error([1.0], [3.0]))


@seen
def standard_deviation():
    import pandas

    numbers = [0.0, 2.0]
    return f"NumPy {short(np.std(numbers))}; pandas {short(pandas.Series(numbers).std())}"


@seen
def double_scalar():
    return "NumPy " + str((np.float64(2) * np.ones(1, np.float32)).dtype)


@seen
def transposed_saved():
    import safetensors.numpy

    a = np.arange(6.0).reshape(2, 3).T
    back = safetensors.numpy.load(safetensors.numpy.save({"a": a}))["a"]
    return "safetensors: " + ("the same" if np.array_equal(a, back) else "another matrix")
