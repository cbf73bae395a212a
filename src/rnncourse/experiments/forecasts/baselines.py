"""What a forecast must beat: persistence, the mean, sinusoids, two fits by least squares, a net.

The fits are linear in the last samples or a polynomial of the last few; the net is dense, of a
window, and has no memory. Each baseline that has a setting is judged by the validation block, as
the nets are, but for the dense net, whose settings are fixed; ORDERS goes on until no system
chooses its end. The periods of the sinusoids are those of `systems`. All three systems share the
settings. Nothing of this is recorded: it takes seconds, and weeks 9 and 11 compute and print it.
"""

import itertools
from collections import deque
from math import comb

import numpy as np

from rnncourse import linear as readout
from rnncourse import losses, pointwise
from rnncourse.experiments.forecasts.scores import error, overall, step_errors
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.optimizers import adam
from rnncourse.params import ravel, unravel
from rnncourse.ridge import ridge_regression

ORDERS = (10, 20, 40, 80, 120, 160)  # samples that the linear model sees
DEGREES = (2, 3, 5, 7, 9)  # of the polynomial
MONOMIALS = 500  # at most; the polynomial sees as many samples as that allows
RIDGE = 1e-8  # of the polynomial, unless another is asked for; its monomials are scaled to size one
RIDGES = (1e-8, 1e-4, 1e-2, 0.1, 1.0)  # of that by steps
WINDOWS = (40, 60, 110, 160)  # samples to which the sinusoids are fitted


def linear_model(system, order):
    """Return the least-squares map from the last `order` samples to the scaled changes.

    Args:
        system: `systems.System`.
        order: number of samples.

    Returns:
        A model: a function from the past (T, N, D) to changes (N, H C) in units of `system.scale`.
    """
    return _fitted(system, order, lambda past: _last(past, order), ridge=0.0)


def polynomial_model(system, degree, ridge=RIDGE):
    """Return the same for all monomials, up to a degree, of the last few samples.

    Args:
        system: `systems.System`.
        degree: of the polynomial, which decides how many samples it sees (`MONOMIALS`).
        ridge: penalty on the weights; the larger, the less the model follows its training block.

    Source:
        Gauthier, Bollt, Griffith, Barbosa, Nature Communications 12 (2021) 5564: polynomials of
        the past in the place of a reservoir.
    """
    order, factors = monomials(system.inputs.shape[1], degree)

    def features(past):
        samples = _last(past, order)
        return np.insert(samples, 0, 1.0, axis=1)[:, factors].prod(axis=2)

    return _fitted(system, order, features, ridge)


def dense_net(system, seed, order=10, units=128, updates=4000, batch=100, learning_rate=0.01):
    """Return the same for a net of two layers that sees the last `order` samples side by side.

    Adam trains it on batches drawn from the training block, with a rate that falls to zero.

    Args:
        system: `systems.System`.
        seed: of its start and its batches.
        order: number of samples that it sees.
        units: in each of the two layers.
        updates: of Adam.
        batch: number of starts of a batch.
        learning_rate: of the first update.
    """
    rng, (starts, changes) = np.random.default_rng(seed), _training(system, order)

    def rows(past):  # one step of a batch
        return _last(past, order)[np.newaxis].astype(np.float32)

    x = rows(system.past(starts, order))
    y = changes[np.newaxis].astype(np.float32)
    network = Network((pointwise, pointwise, readout), (x.shape[2], units, units, y.shape[2]))
    drawn = (rng.integers(len(starts), size=batch) for _ in range(updates))
    batches = (Objective(network, losses.squared_error, x[:, n], y[:, n]) for n in drawn)
    theta = ravel(network.init(rng, np.float32))
    steps = adam(batches, theta, lambda n: learning_rate * (1 - n / updates))
    params = unravel(deque(steps, maxlen=1).pop().theta, network.zeros())
    return lambda past: network.forward(params, rows(past))[0][0]


def monomials(D, degree):
    """Return the number of samples of D numbers, and the factors of each monomial, (M, degree).

    A factor is a number of a sample, counted from 1, or 0, which stands for the number one.
    """
    counts = itertools.takewhile(
        lambda n: comb(n * D + degree, degree) <= MONOMIALS + 1, itertools.count(1)
    )
    order = max(counts)
    factors = itertools.combinations_with_replacement(range(order * D + 1), degree)
    return order, np.array(list(factors))[1:]  # all but the product of ones


def _last(past, order):
    return np.moveaxis(past[-order:], 1, 0).reshape(past.shape[1], -1)


def _training(system, order):
    """Return all starts of the training block (N,), and their scaled changes (N, H C)."""
    starts = np.arange(order, system.train.stop - max(system.horizons))
    return starts, (system.changes(starts) / system.scale).reshape(len(starts), -1)


def _fitted(system, order, features, ridge):
    starts, changes = _training(system, order)
    X = features(system.past(starts, order))
    size = X.std(axis=0) if ridge else 1.0
    W, b = ridge_regression(X / size, changes, ridge)
    return lambda past: features(past) / size @ W + b


def sinusoids(system, window, starts):
    """Return the changes that sinusoids of the known periods foretell, (N, H, C).

    A constant and a sine and cosine of each period are fitted to the last `window` samples. Of the
    fit only the change is used: the forecast goes on from the last sample, not from the curve.
    """
    ahead = np.arange(1 - window, max(system.horizons) + 1)[:, np.newaxis]
    angles = 2 * np.pi * ahead / np.array(system.periods)
    curves = np.concatenate([np.ones_like(ahead), np.cos(angles), np.sin(angles)], axis=1)
    seen = system.values[starts + ahead[:window]]  # (window, N, C)
    weights = np.einsum("kw,wnc->knc", np.linalg.pinv(curves[:window]), seen)
    moves = curves[window - 1 + np.array(system.horizons)] - curves[window - 1]
    return np.einsum("hk,knc->nhc", moves, weights)


def forecasts(system, block):
    """Return {name: changes (N, H, C)} of the baselines, their settings chosen by validation.

    Sinusoids, the last, are there only for a system that has lines.
    """
    starts = system.starts(block)
    now = system.values[starts][:, np.newaxis]
    found = {
        "mean": system.values[system.train].mean(axis=0) - np.repeat(now, len(system.horizons), 1),
        "persistence": np.zeros(system.changes(starts).shape),
    }
    for name, (_, model) in fits(system).items():
        found[name] = system.foretold(model, starts)
    if system.periods:
        window = best(system, WINDOWS, lambda n, s: sinusoids(system, n, s))
        found["sinusoids"] = sinusoids(system, window, starts)
    return found


def fits(system):
    """Return {name: (setting, model)} of the fits by least squares that validation chooses."""
    return {"linear": linear(system), "polynomial": polynomial(system)}


def linear(system):
    """Return order and model of the linear model that is best in the validation block."""
    return _best_model(system, ORDERS, linear_model)


def polynomial(system):
    """Return degree and model of the polynomial that is best in the validation block."""
    return _best_model(system, DEGREES, polynomial_model)


def polynomial_by_steps(system, n_steps=20):
    """Return (degree, ridge) and model of the polynomial that is best by steps in validation.

    Judged is the mean error after n_steps forecasts of one sample, each the input of the next, from
    every fourth start of the validation block.

    Args:
        system: `systems.System` with one component.
        n_steps: how many samples ahead.
    """
    starts = system.starts("validation")[::4]
    models = {s: polynomial_model(system, *s) for s in itertools.product(DEGREES, RIDGES)}
    setting = min(models, key=lambda s: step_errors(system, models[s], starts, n_steps)[-1].mean())
    return setting, models[setting]


def _best_model(system, settings, fit):
    models = {setting: fit(system, setting) for setting in settings}
    setting = best(system, settings, lambda n, starts: system.foretold(models[n], starts))
    return setting, models[setting]


def best(system, settings, forecast):
    """Return the setting whose `forecast(setting, starts)` is best in the validation block."""
    starts = system.starts("validation")
    return min(settings, key=lambda n: overall(error(system, forecast(n, starts), starts)))
