"""Checkers of week 7: a border of stability, a running mean, a temperature, a shifted Nesterov."""

import numpy as np

from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape


@checker
def nesterov_limit(attempt):
    """Check `attempt(mu, kappa)`, the learning rate at which Nesterov's form becomes unstable."""
    for mu, kappa in ((0.0, 1.0), (0.5, 3.0), (0.9, 0.2), (0.99, 50.0)):
        eta = attempt(mu, kappa)
        expect_shape("the learning rate", eta, ())
        if not eta > 0:
            raise Wrong(f"for mu = {mu} and kappa = {kappa} it is {eta:.3g}, expected above 0.")
        factors = []
        for x in ((1 - 1e-6) * eta * kappa, (1 + 1e-6) * eta * kappa):
            M = np.array([[1 - x, mu * (1 - x)], [-x, mu * (1 - x)]])
            factors.append(np.abs(np.linalg.eigvals(M)).max())
        at = f"for mu = {mu} and kappa = {kappa} your limit is eta = {eta:.3g}, but"
        if not factors[1] > 1:
            raise Wrong(f"{at} a step a little longer still converges.")
        if not factors[0] < 1:
            raise Wrong(f"{at} a step a little shorter diverges: which mu_j belongs into (7.7)?")


@checker
def running_mean_rate(attempt):
    """Check `attempt(eta, mu)`, the rate alpha with which a running mean takes the same path."""
    rng = np.random.default_rng(16)
    for eta, mu in ((0.1, 0.0), (0.02, 0.9), (0.3, 0.5)):
        alpha = attempt(eta, mu)
        expect_shape("alpha", alpha, ())
        theta, v, mean = 0.0, 0.0, 0.0
        path = 0.0
        for g in rng.normal(size=20):
            v = mu * v - eta * g
            mean = mu * mean + (1 - mu) * g
            theta, path = theta + v, path - alpha * mean
            if not abs(theta - path) <= 1e-9:
                raise Wrong(
                    f"for eta = {eta} and mu = {mu} the paths differ by {abs(theta - path):.2g}. "
                    "Write down the first step of both."
                )


@checker
def warm_variance(attempt):
    """Check `attempt(eta, mu, kappa, sigma)`, the variance that gradient noise leads to."""
    for eta, mu, kappa, sigma in ((0.1, 0.0, 2.0, 1.0), (0.5, 0.9, 3.0, 0.3), (2.0, 0.7, 1.0, 2.0)):
        x = eta * kappa
        M = np.array([[1 - x, mu], [-x, mu]])
        kick = np.full(4, (eta * sigma) ** 2)  # moves theta and v by the same amount
        expected = np.linalg.solve(np.eye(4) - np.kron(M, M), kick)[0]
        found = attempt(eta, mu, kappa, sigma)
        expect_shape("the variance", found, ())
        if x < 0.3 and not 0.5 < found / expected < 2:
            raise Wrong(f"for small eta kappa it is {found / expected:.2g} times what (7.11) says.")
        hint = "For small eta kappa (7.11) must come out; here eta kappa is not small."
        expect_close("the variance", found, expected, hint)


@checker
def shifted_nesterov(attempt):
    """Check `attempt(gradient, phi, eta, mu, n_steps)`, Nesterov's form shifted."""
    rng = np.random.default_rng(17)
    for P, eta, mu, n_steps in ((4, 0.02, 0.8, 12), (1, 0.05, 0.0, 3), (2, 0.01, 0.95, 7)):
        A = rng.normal(size=(P, P))
        A, start = A @ A.T, rng.normal(size=P)
        called = []

        def gradient(point, A=A, called=called):
            called.append(np.array(point))
            return A @ point + np.sin(point)

        found = attempt(gradient, start, eta, mu, n_steps)
        if not np.array_equal(attempt.handed[1], start):
            raise Wrong("the starting point that came in was changed: work on a copy.")
        n_asked = len(called)
        theta, v, expected = start, np.zeros(P), []
        for _ in range(n_steps):
            v = mu * v - eta * gradient(theta + mu * v)
            theta = theta + v
            expected.append(theta + mu * v)
        expect_shape("the path", found, (n_steps, P))
        if n_asked != n_steps:
            raise Wrong(f"the gradient was asked for {n_asked} times in {n_steps} steps.")
        error = np.abs(np.array(found) - expected).max(axis=1)
        if not error.max() <= 1e-9:
            n = int(np.argmax(~(error <= 1e-9)))
            raise Wrong(
                f"for mu = {mu} step {n + 1} is off by {error[n]:.2g}. Write theta = phi - mu v "
                "before and after the step, and do not mix up the old v and the new one."
            )
