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


@seen
def nrmse():
    import torch
    from skimage.metrics import normalized_root_mse
    from torchmetrics.regression import NormalizedRootMeanSquaredError

    y = np.arange(-1.0, 4)
    by_torch = NormalizedRootMeanSquaredError()(torch.tensor(y + 1), torch.tensor(y))
    return f"scikit-image {short(normalized_root_mse(y, y + 1))}; torchmetrics {short(by_torch)}"


@seen
def nrmse_below_zero():
    import torch
    from torchmetrics.regression import NormalizedRootMeanSquaredError

    y = torch.tensor([-2.0, -1.0, 0.0])
    return "torchmetrics " + short(NormalizedRootMeanSquaredError()(y + 1, y))


@seen
def lyapunov():
    import neurokit2

    x = [0.4]
    while len(x) < 2000:
        x.append(4 * x[-1] * (1 - x[-1]))
    return "neurokit2 " + short(neurokit2.complexity_lyapunov(np.array(x))[0], digits=2)


@seen
def between_steps():
    """How the error at times between the steps falls when the step is halved."""
    import torch
    import torchdiffeq

    t = torch.tensor([0.0, 0.333, 0.777, 1.234], dtype=torch.float64)
    found = {}
    for name, more in {"torchdiffeq": {}, "with interp='cubic'": {"interp": "cubic"}}.items():
        errors = []
        for step in (0.1, 0.05):
            options = {"step_size": step, **more}
            start = torch.ones(1, dtype=torch.float64)
            y = torchdiffeq.odeint(lambda t, y: -y, start, t, method="rk4", options=options)
            errors.append(abs(y[:, 0] - torch.exp(-t)).max().item())
        found[name] = f"order {np.log2(errors[0] / errors[1]):.0f}"
    return "; ".join(f"{name} {order}" for name, order in found.items())


@seen
def time_first():
    import skorch
    import torch

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.RNN(2, 1)

        def forward(self, x):
            return self.layer(x.transpose(0, 1))[0]

    net = skorch.NeuralNetRegressor(Net, batch_size=3, verbose=0).initialize()
    return f"skorch {net.predict(np.zeros((6, 5, 2), np.float32)).shape}"
