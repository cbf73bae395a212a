"""What a forecast must beat: persistence, the mean, a linear autoregression, sinusoids.

The autoregression and the sinusoids get what every method gets: four settings, and the one that is
best in the validation block. The periods of the sinusoids are those of `systems`. Nothing of this
is recorded: it takes a second, and week 9 computes and prints it.
"""

import numpy as np

from rnncourse.experiments.forecasts.scores import error, overall
from rnncourse.ridge import ridge_regression

ORDERS = (10, 20, 40, 80)  # samples that the autoregression sees
WINDOWS = (40, 60, 110, 160)  # samples to which the sinusoids are fitted


def linear_model(system, order):
    """Return the least-squares map from the last `order` samples to the scaled changes.

    Args:
        system: `systems.System`.
        order: number of samples.

    Returns:
        A model: a function from the past (T, N, D) to changes (N, H C) in units of `system.scale`.
    """

    def features(past):
        return np.moveaxis(past[-order:], 1, 0).reshape(past.shape[1], -1)

    starts = np.arange(order, system.train.stop - max(system.horizons))
    changes = (system.changes(starts) / system.scale).reshape(len(starts), -1)
    W, b = ridge_regression(features(system.past(starts, order)), changes)
    return lambda past: features(past) @ W + b


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

    Sinusoids are there only for a system that has lines.
    """
    starts = system.starts(block)
    now = system.values[starts][:, np.newaxis]
    found = {
        "mean": system.values[system.train].mean(axis=0) - np.repeat(now, len(system.horizons), 1),
        "persistence": np.zeros(system.changes(starts).shape),
    }
    if system.periods:
        window = best(system, WINDOWS, lambda n, s: sinusoids(system, n, s))
        found["sinusoids"] = sinusoids(system, window, starts)
    found["linear"] = linear(system)[1](system.past(starts)).reshape(found["persistence"].shape)
    found["linear"] *= system.scale
    return found


def linear(system):
    """Return order and model of the autoregression that is best in the validation block."""
    models = {order: linear_model(system, order) for order in ORDERS}
    shape = (-1, *system.scale.shape)
    order = best(
        system, ORDERS, lambda n, s: models[n](system.past(s)).reshape(shape) * system.scale
    )
    return order, models[order]


def best(system, settings, forecast):
    """Return the setting whose `forecast(setting, starts)` is best in the validation block."""
    starts = system.starts("validation")
    return min(settings, key=lambda n: overall(error(system, forecast(n, starts), starts)))
