"""Every checker refuses the stub and plausible wrong answers, and accepts the solution.

Stubs come from the lectures (cells tagged `exercise`), solutions from the solution notebooks (cells
tagged `solution`), so that what is tested is what students get.
"""

import copy
from collections import Counter
from pathlib import Path

import jupytext
import numpy as np
import pytest
from scipy.linalg import expm

from rnncourse import checks, esn, exercises, gru, linear, losses, lstm, physics, rnn, tasks
from rnncourse.exercises.verdict import Verdict, described
from rnncourse.params import ravel, unravel
from rnncourse.rnn import backward as backward_of_rnn
from rnncourse.rnn import forward as forward_of_rnn

TEXTS = Path(__file__).parents[1] / "notebooks" / "text"
CHECKERS = [name for name in exercises.__all__ if name != "Verdict"]
WEEKS = exercises.CHECKERS


def tagged_functions(folder, tag):
    """Return {name: source} of the cells with this tag; a cell ends with its checker's call."""
    found = {}
    for path in sorted(folder.glob("week*.md")):
        for cell in jupytext.read(path, fmt="md:myst").cells:
            if tag in cell.metadata.get("tags", ()):
                name = cell.source.split("def ")[1].split("(")[0]
                assert f"exercises.{name}({name})" in cell.source, f"{path.name}: {name}"
                found[name] = cell.source.rsplit("\n", 1)[0]
    return found


STUBS = tagged_functions(TEXTS, "exercise")
SOLUTIONS = tagged_functions(TEXTS / "solutions", "solution")


def run(source, name):
    """Execute a cell as a notebook would, and return its function."""
    if "import torch" in source:
        pytest.importorskip("torch")
    scope = {"np": np, "rnn": rnn, "lstm": lstm, "ravel": ravel, "unravel": unravel}
    scope |= {"esn": esn, "gru": gru, "linear": linear, "physics": physics, "tasks": tasks}
    scope |= {"expm": expm, "checks": checks, "losses": losses}
    exec(source, scope)
    return scope[name]


def as_in(solution, wrong, right):
    """Return the solution's function with one expression replaced: a plausible slip."""
    source = SOLUTIONS[solution]
    assert source.count(right) >= 1, f"{right!r} is not in the solution of {solution}"
    return run(source.replace(right, wrong), solution)


# Week: (checker, what the student writes, what the solution has in its place). Those of a week that
# was left out are passed over.
SLIPS = {}
SLIPS[1] = [
    ("count_parameters", "H * D + H * H + K * H", "H * D + H * H + H + K * H + K"),
    ("count_parameters", "2 * H + K * H + K", "H + K * H + K"),
    ("forecast_mask", "- n_measured\n", "- n_measured + 1  # (T, B), hours ahead\n"),
    ("forecast_mask", "(ahead <= n_steps)", "(ahead <= n_forecast)"),
    ("forecast_mask", "(ahead > -n_steps)", "(ahead > 0)"),
    ("forecast_mask", "(ahead % 3 >= 0)", "(ahead % 3 == 0)"),
    ("forecast_mask", "(ahead % 3 == 1)", "(ahead % 3 == 0)"),
    ("forecast_mask", "(ahead % 3 == 0) * 1", "(ahead % 3 == 0)"),
    ("leaky_forward", "a * h + (1 - a) * new", "(1 - a) * h + a * new"),
    ("leaky_forward", "h + a * new", "(1 - a) * h + a * new"),
    ("leaky_forward", "a = dt / tau", "a = dt / (n * tau)"),
    ("leaky_forward", "dt / (n * np.mean(tau))", "dt / (n * tau)"),
    ("leaky_forward", "for _ in range(1)", "for _ in range(n)"),
    ("oscillator_weights", "np.eye(2) + dt * A", "expm(A * dt)"),
    ("oscillator_weights", "[-(omega**2), 2 * zeta * omega]", "[-(omega**2), -2 * zeta * omega]"),
    ("oscillator_weights", "expm(A * dt).T", "expm(A * dt)"),
    ("oscillator_weights", "dt * np.eye(2) @", "(W_hh - np.eye(2)) @"),
    ("oscillator_weights", "[[1.0], [0.0]]", "[[0.0], [1.0]]"),
    ("oscillator_weights", "expm(A * dt) * (zeta > 0)", "expm(A * dt)"),
    ("error_of_mean", "np.sum(rho)", "np.sum(rho[1:])"),
    ("error_of_mean", "(1 + np.sum(rho[1:]))", "(1 + 2 * np.sum(rho[1:]))"),
    ("error_of_mean", "np.sum(np.abs(rho[1:]))", "np.sum(rho[1:])"),
    ("error_of_mean", "np.mean(series**2)", "np.var(series)"),
    ("error_of_mean", "max_lag, mean=0.0)", "max_lag)"),
    ("error_of_mean", "np.newaxis], 12)", "np.newaxis], max_lag)"),
    ("error_of_mean", "np.var(series) / 400", "np.var(series) / len(series)"),
]
SLIPS[2] = [
    ("softsign_backward", "(1 - h[t] ** 2)", "(1 - np.abs(h[t])) ** 2"),
    ("softsign_backward", "(1 - h[t]) ** 2", "(1 - np.abs(h[t])) ** 2"),
    ("softsign_backward", "d_z[t + 1] @ W_hh.T", "d_z[t + 1] @ W_hh"),
    ("softsign_backward", "d_h = e[t] + 0 *", "d_h = d_h +"),
    ("poisson_grad", "/ (T * B * K)", "/ (T * B)"),
    ("poisson_grad", "/ 12", "/ (T * B)"),
    ("poisson_grad", "(y_hat - y)", "(np.exp(y_hat) - y)"),
    ("shortcut_backward", "d_z[t + 2] @ W_far.T", "d_z[t + 2] @ W_far"),
    ("shortcut_backward", "d_z[t + 1] @ W_far", "d_z[t + 2] @ W_far"),
    ("shortcut_backward", "h[t - 1] for t in range(1, T)", "h[t - 2] for t in range(2, T)"),
    ("shortcut_backward", " + 0 * d_z[t + 2]", " + d_z[t + 2]"),
    ("learned_start", "d_h_0.mean(axis=0)", "d_h_0.sum(axis=0)"),
    ("learned_start", "d_h_0[0]", "d_h_0.sum(axis=0)"),
    ("learned_start", "y), d_h_0", "y), d_h_0.sum(axis=0)"),
    ("learned_start", "params, x, (0 * h_0, None)", "params, x, (h_0, None)"),
    ("learned_start", "tapes[0].h.sum(axis=(0, 1))", "d_h_0.sum(axis=0)"),
    ("output_feedback_backward", "(d_y_hat[t] @ W_yh)", "(total @ W_yh)"),
    ("output_feedback_backward", "total + d_z[t] @ W_hy", "total + d_z[t + 1] @ W_hy"),
]
SLIPS[3] = [
    ("repaired_backward", "d_z[t] @ W_hh.T", "d_z[t] @ W_hh"),
    ("repaired_backward", "d_z[t] @ W_hh\n", "d_z[t] @ W_hh + (1 - a) * d_h\n"),
    ("repaired_backward", "slope = 1 - h**2", "slope = 1 - ((h - (1 - a) * h_prev) / a) ** 2"),
    ("repaired_backward", "(1 - a) * d_z[t]", "(1 - a) * d_h"),
    ("repaired_backward", "np.zeros_like(h[:1]), h[1:]", "np.zeros_like(h[:1]), h[:-1]"),
    ("symmetric_gradient", "dW_hh + dW_hh.T", "(dW_hh + dW_hh.T) / 2"),
    ("symmetric_gradient", "dW_hh", "(dW_hh + dW_hh.T) / 2"),
    ("best_step", "np.sqrt(r)", "2 * np.sqrt(r * abs(C) / abs(C_second))"),
    ("best_step", "return step, np.sqrt", "return step, 2 * np.sqrt"),
    (
        "best_step",
        "np.sqrt(2 * r * abs(C) / abs(C_second))",
        "2 * np.sqrt(r * abs(C) / abs(C_second))",
    ),
    ("checkpointed_gradient", "_, _ = rnn.backward", "_, e_last = rnn.backward"),
    ("checkpointed_gradient", "e[:k], e_last", "e[start : start + k], e_last"),
    ("checkpointed_gradient", "k = len(x); starts, states = range", "starts, states = range"),
    ("checkpointed_gradient", "rnn.last(tape))", "rnn.last(tape).copy())"),  # a view
    ("checkpointed_gradient", "total += ravel(gradient); e[start] = 0", "total += ravel(gradient)"),
    ("plain_suspects", "d_h += e[t]", "d_h[...] = 0"),  # of C, but right
    ("plain_suspects", "h[t + 1] = np.tanh(z_t)", "h[t + 1] = 1 / np.tanh(z_t)"),  # not of E
    ("plain_suspects", "W_hx, W_hh, _ = params", "d_z[t] = d_h * (1 + h[t] ** 2)"),
    ("plain_suspects", '"F": "W_hx', '"A": "W_hx'),
]
SLIPS[4] = [
    ("stretching_matrix", "[[0.9, 1.0]", "[[0.9, 10.0]"),
    ("stretching_matrix", "[[0.0, 10.0], [0.0, 0.0]]", "[[0.9, 10.0], [0.0, 0.9]]"),
    ("stretching_matrix", "[[0.4, 10.0], [0.0, 0.4]]", "[[0.9, 10.0], [0.0, 0.9]]"),
    ("stretching_matrix", "[[1.0, 10.0]", "[[0.9, 10.0]"),
    ("guaranteed_vanishing", "1 / np.linalg.norm(W, 2)", "4 / np.linalg.norm(W, 2)"),
    ("guaranteed_vanishing", "np.linalg.norm(W)", "np.linalg.norm(W, 2)"),
    ("guaranteed_vanishing", "abs(np.linalg.eigvals(W)).max()", "np.linalg.norm(W, 2)"),
    ("clip_components", "np.minimum(gradient, c)", "np.clip(gradient, -c, c)"),
    (
        "clip_components",
        "gradient * min(1, c / np.linalg.norm(gradient))",
        "np.clip(gradient, -c, c)",
    ),
    (
        "clip_components",
        "/ np.linalg.norm(gradient) ** 2",
        "/ (np.linalg.norm(gradient) * np.linalg.norm(clipped))",
    ),
    ("lyapunov_spectrum", "_, R = np.linalg.qr(J @ Q)", "Q, R = np.linalg.qr(J @ Q)"),
    ("lyapunov_spectrum", "W_hh * (1 - h_t**2)", "(1 - h_t**2)[:, np.newaxis] * W_hh"),
    ("lyapunov_spectrum", "return total", "return total / len(h)"),
]
SLIPS[5] = [
    ("counter_weights", "[-20.0, 0.0, 20.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),
    ("counter_weights", "[0.0, 20.0, 20.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),
    ("counter_weights", "[-20.0, 20.0, 1.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),
    ("chrono_biases", "np.log(tau)", "np.log(tau - 1)"),
    ("chrono_biases", "-np.log(tau - 1)", "np.log(tau - 1)"),
    ("chrono_biases", "np.log(tau / (tau + 1))", "np.log(tau - 1)"),
    ("reset_gate_delta", "d_n @ W_hn.T", "d_n @ W_hn"),
    ("reset_gate_delta", "d_n * (h_prev @ W_hn.T)", "(d_n @ W_hn) * h_prev"),
    ("reset_gate_delta", "(d_n @ W_hn) * r", "(d_n @ W_hn) * h_prev * r"),
    ("peephole_forward", "(z_i + p * c, z_f, z_o)", "(z_i, z_f + p * c, z_o)"),
    ("peephole_forward", "z_f + p * h", "z_f + p * c"),
    ("wrong_gates", "1e-2 * np.abs(right).max()", "1e-12 * np.abs(right).max()"),
    ("wrong_gates", '"ifog"', '"ifgo"'),
    ("wrong_gates", "zip(gradient[2:], exact[2:])", "zip(gradient, exact)"),
    ("wrong_gates", "> 0 * np", "> 1e-12 * np"),
]
SLIPS[6] = [
    ("leaky_modes", "eigenvalues[eigenvalues.imag > 1e-9]", "moved[eigenvalues.imag > 1e-9]"),
    ("leaky_modes", "1 - a * (1 - np.abs(eigenvalues).max()), 2", "np.abs(moved).max(), 2"),
    ("perfect_memory", "k=1", "k=-1"),
    ("perfect_memory", "0.5 * np.eye(H)", "np.eye(H, k=-1)"),
    ("perfect_memory", "activation=np.tanh", "activation=np.positive"),
    ("ridge_path", "s / (s**2 + nu**2)", "s / (s**2 + nu)"),
    ("ridge_path", "s / (s + nu)", "s / (s**2 + nu)"),
    ("ridge_path", "1 / (s**2 + nu)", "s / (s**2 + nu)"),
    (
        "ridge_path",
        "np.linalg.solve(X.T @ X + nu * np.eye(X.shape[1]), X.T @ Y)",
        "Vt.T @ ((s / (s**2 + nu))[:, None] * projected)",
    ),
    ("free_run", "activation(z)", "(1 - a) * h + a * activation(z)"),
    ("free_run", "a * h + (1 - a)", "(1 - a) * h + a"),
    ("free_run", "h @ W_hh.T + b_h", "h @ W_hh.T + y @ W_hy.T + b_h"),
    ("free_run", "y = outputs[-1]\n", "y = outputs[-1].copy()\n"),
    ("free_run", "y = 1 * outputs[-1] + 0 * seen_t[:, None]", "y[:, 0] = seen_t"),
    ("free_run", "y[:, 1] = seen_t", "y[:, 0] = seen_t"),
]
SLIPS[7] = [
    ("nesterov_limit", "(2 + 2 * mu) / kappa", "(2 + 2 * mu) / ((1 + 2 * mu) * kappa)"),
    ("nesterov_limit", "1 / kappa", "(2 + 2 * mu) / ((1 + 2 * mu) * kappa)"),
    ("nesterov_limit", "2 / kappa", "(2 + 2 * mu) / ((1 + 2 * mu) * kappa)"),
    ("nesterov_limit", "(2 + 2.001 * mu)", "(2 + 2 * mu)"),
    ("running_mean_rate", "eta * (1 - mu)", "eta / (1 - mu)"),
    ("running_mean_rate", "return eta / 1", "return eta / (1 - mu)"),
    ("running_mean_rate", "-eta / (1 - mu)", "eta / (1 - mu)"),
    (
        "warm_variance",
        "eta * sigma**2 / (2 * kappa * (1 - mu))",
        "(1 + mu) * (eta * sigma) ** 2 / ((1 - mu) * q * (2 * (1 + mu) - q))",
    ),
    ("warm_variance", "(1 + mu) * eta**2 * sigma", "(1 + mu) * (eta * sigma) ** 2"),
    (
        "warm_variance",
        "(eta * sigma) ** 2 / ((1 - mu)",
        "(1 + mu) * (eta * sigma) ** 2 / ((1 - mu)",
    ),
    ("shifted_nesterov", "phi - mu * v + (1 + mu) * v", "phi - mu * v_old + (1 + mu) * v"),
    ("shifted_nesterov", "phi + v", "phi - mu * v_old + (1 + mu) * v"),
    ("shifted_nesterov", "gradient(phi + mu * v)", "gradient(phi)"),
]
SLIPS[8] = [
    (
        "hessian_product",
        "np.imag(gradient(theta + 1e-30j * v))",
        "np.imag(gradient(theta + 1e-30j * v)) / 1e-30",
    ),
    (
        "hessian_product",
        "(gradient(theta + 1e-4 * v) - gradient(theta)) / 1e-4",
        "np.imag(gradient(theta + 1e-30j * v)) / 1e-30",
    ),
    (
        "hessian_product",
        "sum(np.imag(gradient(theta + 1e-30j * a * e)) for a, e in zip(v, np.eye(len(v))))",
        "np.imag(gradient(theta + 1e-30j * v))",
    ),
    ("leaky_r_forward", "leak * (1 - new**2)", "(1 - leak) * R_h + leak * (1 - new**2)"),
    ("leaky_r_forward", "(1 - h**2)", "(1 - new**2)"),
    (
        "preconditioned_gradient",
        "np.stack([product(e) for e in np.eye(len(b))], axis=1) @ p",
        "product(p)",
    ),
    ("preconditioned_gradient", "r @ r, r_s", "r @ s, r_s"),
    ("preconditioned_gradient", "p = r + r_s", "p = s + r_s"),
    ("new_damping", "-(d @ G_d) / 2)", "-(d @ G_d) / 2 - nu * (d @ d))"),
    ("new_damping", "(d @ G_d) - nu", "(d @ G_d) / 2 - nu"),
    ("new_damping", "ratio > 3 / 4:\n        return 3 / 2", "ratio > 3 / 4:\n        return 2 / 3"),
]
SLIPS[9] = [
    ("error_bar", "0 / (2 * runs)", "1 / (2 * runs)"),
    ("error_bar", "runs + 0 /", "runs + 1 /"),
    ("price_of_a_step", "cg_steps * n_gradient * 4 / 3", "cg_steps * n_curvature * 4 / 3"),
    ("price_of_a_step", "n_curvature * 2", "n_curvature * 4 / 3"),
    ("adder", "g, s, small = 0.1, 20.0, 3.0", "g, s, small = 0.1, 20.0, 1e-3"),
    ("adder", "g, s, small = 0.1, 1.0, 1e-3", "g, s, small = 0.1, 20.0, 1e-3"),
    ("adder", "[small, 0.0, 1.0]", "[small, -small, 1.0]"),
    ("rotating_forecast", "X[-1] @ w", "m[-1] + X[-1] @ w"),
    ("rotating_forecast", "steps[ends - 2 - k]", "steps[ends - 1 - k]"),
    ("rotating_forecast", "ends < len(m) - horizon - 1", "ends < len(m) - horizon"),
    ("rotating_forecast", "np.abs(X[-1]) @ w", "X[-1] @ w"),
    ("last_seen", "markers.argmax(axis=0)", "n_steps - 1 - markers[::-1].argmax(axis=0)"),
    ("last_seen", "mask[:] = True", "mask[-1] = True"),
    (
        "last_seen",
        "np.tile(rng.integers(2, size=batch), (n_steps, 1))",
        "rng.integers(2, size=(n_steps, batch))",
    ),
    (
        "last_seen",
        "rng.random((n_steps, 1)).repeat(batch, axis=1) < 0.1",
        "rng.random((n_steps, batch)) < 0.1",
    ),
    ("last_seen", "np.zeros((30, 400), bool)", "np.zeros((n_steps, batch), bool)"),
    ("last_seen", "rng.random((n_steps, batch)) < 0.5", "rng.random((n_steps, batch)) < 0.1"),
]
SLIPS[10] = [
    ("gru_from_keras", "np.concatenate([u, r, n])", "np.concatenate([r, u, n])"),
    ("gru_from_keras", "b_h, b_x = bias", "b_x, b_h = bias"),
    ("rate_of_two_biases", "return eta\n", "return eta / 2\n"),
    ("rate_of_two_biases", "return 2 * eta", "return eta / 2"),
    (
        "reset_before",
        "r * (h @ W_h[2 * H:].T + b_h[2 * H:])",
        "(r * h) @ W_h[2 * H:].T + b_h[2 * H:]",
    ),
    ("reset_before", "(1 - u) * h + u * n", "(1 - u) * n + u * h"),
    ("reset_before", "r * b_h[2 * H:]", "b_h[2 * H:]"),
    ("packed", "<= lengths", "< lengths"),
    ("packed", "x.swapaxes(0, 1)[valid.T]", "x[valid]"),
    ("packed", "valid.sum(axis=0)", "valid.sum(axis=1)"),
    ("leaky_layer", "a, h, states = self.logit,", "a, h, states = torch.sigmoid(self.logit),"),
    ("leaky_layer", "x_t @ self.W_hx.T + h.detach()", "x_t @ self.W_hx.T + h"),
    ("leaky_layer", "a * h + (1 - a)", "(1 - a) * h + a"),
    ("gru_from_keras", "np.split(stacked, (4, 8))", "np.split(stacked, 3)"),
]


def test_each_checker_has_an_exercise_and_a_solution():
    """No checker without its exercise, no exercise without its solution."""
    assert sorted(STUBS) == sorted(SOLUTIONS) == sorted(CHECKERS)


@pytest.mark.parametrize("name", CHECKERS)
def test_stub_is_not_done_yet(name):
    """The stub of the lecture gets the answer 'not done yet'."""
    verdict = getattr(exercises, name)(run(STUBS[name], name))
    assert not verdict.passed and verdict.message.startswith("Not done yet")


@pytest.mark.parametrize("name", CHECKERS)
def test_solution_is_right(name):
    """The solution of the solution notebook passes."""
    verdict = getattr(exercises, name)(run(SOLUTIONS[name], name))
    assert verdict == Verdict(True, "Right."), verdict.message


@pytest.mark.parametrize(
    "name, wrong, right", [slip for week in WEEKS for slip in SLIPS.get(week, [])]
)
def test_plausible_slip_is_refused(name, wrong, right):
    """A slip is refused as a wrong answer, not because it crashes."""
    verdict = getattr(exercises, name)(as_in(name, wrong, right))
    assert not verdict.passed
    assert verdict.message.startswith("Not right yet"), verdict.message


def keeps_the_whole_stack(params, x, e, k):
    """The gradient from the full stack, by functions that were imported before."""
    return backward_of_rnn(params, forward_of_rnn(params, x)[1], e)[0]


def keeps_every_tape(params, x, e, k):
    """The gradient from windows whose tapes are all kept."""
    tapes, h_0 = [], None
    for start in range(0, len(x), k):
        h, tape = rnn.forward(params, x[start : start + k], h_0)
        tapes.append(tape)
        h_0 = h[-1].copy()
    total, from_future = np.zeros(ravel(params).size), 0.0
    for i in reversed(range(len(tapes))):
        for t in reversed(range(len(tapes[i].h))):
            x_t, before, h_t = (array[t] for array in tapes[i])
            d_z = (e[i * k + t] + from_future) * (1 - h_t**2)
            from_future = d_z @ params.W_hh
            total += ravel((d_z.T @ x_t, d_z.T @ before, d_z.sum(axis=0)))
    return unravel(total, params)


def one_sequence_at_a_time(params, x, e, k):
    """The gradient from the full stack of each sequence: little memory where there are many."""
    alone = [keeps_the_whole_stack(params, x[:, [b]], e[:, [b]], k) for b in range(x.shape[1])]
    return unravel(sum(map(ravel, alone)), params)


@pytest.mark.parametrize(
    "attempt", [keeps_the_whole_stack, keeps_every_tape, one_sequence_at_a_time]
)
def test_a_right_gradient_that_saves_no_memory_is_refused(attempt):
    """Exercise 3.4 is about memory, so that is what its checker measures."""
    verdict = exercises.checkpointed_gradient(attempt)
    assert not verdict.passed and "times the memory of all the states" in verdict.message


def test_a_difference_of_costs_is_no_derivative_by_the_start():
    def by_differences(network, params, start, x, y):
        def cost(start):
            h_0 = np.tile(start, (x.shape[1], 1))
            return losses.squared_error.value(network.forward(params, x, (h_0, None))[0], y)

        return cost(start), [checks.finite_difference(cost, start, v) for v in np.eye(start.size)]

    verdict = exercises.learned_start(by_differences)
    assert not verdict.passed and "derivative by the start is off" in verdict.message


@pytest.mark.parametrize("week", WEEKS)
def test_two_slips_or_more_for_each_checker(week):
    """The table above holds at least two slips for each checker of a week, and none for another."""
    counts = Counter(name for name, _, _ in SLIPS.get(week, []))
    assert set(counts) == {check.__name__ for check in WEEKS[week]}
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("name", CHECKERS)
def test_no_attempt_can_crash_a_checker(name):
    """None, a wrong signature and an exception all become a verdict that says so."""
    checker = getattr(exercises, name)

    def stops(*_):
        raise ZeroDivisionError("division by zero")

    assert "It stops with ZeroDivisionError" in checker(stops).message
    assert "It stops with TypeError" in checker(lambda a, b, c, d, e, f: None).message
    assert not checker(lambda *_: None).passed


def spoiled(found, which):
    """The same with NaN for its numbers, whatever they are nested in; `which` of each array."""
    if isinstance(found, dict):
        return {key: spoiled(value, which) for key, value in found.items()}
    if isinstance(found, tuple):
        parts = [spoiled(value, which) for value in found]
        return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)
    if callable(found) or isinstance(found, str):
        return found if callable(found) else "nan"
    array = np.array(np.multiply(found, 1.0))
    array.reshape(-1)[which] = np.nan
    return array


@pytest.mark.parametrize("which", [slice(None), slice(1), slice(-1, None)])
@pytest.mark.parametrize("name", CHECKERS)
def test_no_checker_calls_nan_right(name, which):
    """The solution's answer with NaN in place of its numbers is refused, in words."""
    if name == "leaky_layer":
        pytest.skip("it returns a layer, and no numbers")
    solution = run(SOLUTIONS[name], name)
    verdict = getattr(exercises, name)(lambda *args: spoiled(solution(*args), which))
    assert not verdict.passed
    in_words = ("Not right yet", "It stops with ValueError: leak is nan, expected")
    assert verdict.message.startswith(in_words), verdict.message


@pytest.mark.parametrize(("answer", "words"), [(3, "an int"), (np.ones(2), "an ndarray")])
def test_a_verdict_puts_the_right_article(answer, words):
    for name in {"counter_weights", "gru_from_keras"} & set(CHECKERS):
        verdict = getattr(exercises, name)(lambda *arguments: answer)
        assert f"it returns {words}, expected" in str(verdict)


# Exercises that ask for arguments that stay as they are.
CAREFUL = ["checkpointed_gradient", "clip_components", "shifted_nesterov"]


def scribble(args):
    """Double every number in the arguments in place, at any depth; a generator goes on."""
    for arg in args:
        if isinstance(arg, np.ndarray):
            arg[...] = 2 * arg
        elif isinstance(arg, np.random.Generator):
            arg.random(3)
        elif isinstance(arg, (tuple, list)):
            scribble(arg)


@pytest.mark.parametrize("name", CHECKERS)
def test_right_stays_right_when_the_arguments_are_scribbled_over(name):
    """Nothing is judged by arrays that the attempt has changed, but where this is asked for."""
    solution = run(SOLUTIONS[name], name)

    def untidy(*args):
        found = solution(*copy.deepcopy(args))
        scribble(args)
        return found

    verdict = getattr(exercises, name)(untidy)
    if name in CAREFUL:
        assert not verdict.passed and "changed" in verdict.message
    else:
        assert verdict == Verdict(True, "Right."), verdict.message


@pytest.mark.parametrize("name", CHECKERS)
def test_an_attempt_wins_nothing_by_changing_its_arguments(name):
    """It gets the verdict of the same attempt on copies, which has another problem solved."""
    checker, solution = getattr(exercises, name), run(SOLUTIONS[name], name)
    seen = []

    def on_copies(*args):
        seen.append(copy.deepcopy(args))
        scribble(args := copy.deepcopy(args))
        return solution(*args)

    def in_place(*args):
        scribble(args)
        return solution(*args)

    expected, found = checker(on_copies), checker(in_place)
    assert found == expected or (name in CAREFUL and "changed" in found.message)
    has_arrays = any(isinstance(a, (np.ndarray, tuple)) for args in seen for a in args)
    insensitive = {"stretching_matrix", "last_seen"}
    assert expected.passed != has_arrays or name in insensitive, expected


@pytest.mark.parametrize(
    "name, first_shape, right",
    [
        ("shifted_nesterov", "np.zeros(4)", "np.zeros_like(phi)"),
        ("leaky_r_forward", "np.zeros((2, 3))", "np.zeros((x.shape[1], len(b_h)))"),
        ("preconditioned_gradient", "np.zeros(8)", "np.zeros_like(b)"),
        ("reset_before", "H = 4", "H = W_h.shape[1]"),
        ("leaky_layer", "x.new_zeros(x.shape[1], 3)", "x.new_zeros(x.shape[1], len(self.b_h))"),
    ],
)
def test_what_works_for_the_first_shape_alone_is_refused(name, first_shape, right):
    assert not getattr(exercises, name)(as_in(name, first_shape, right)).passed


@pytest.mark.parametrize(
    "name, attempt",
    [
        ("symmetric_gradient", "def f(dW):\n    dW += dW.T\n    return dW"),
        ("hessian_product", "def f(g, theta, v):\n    v /= np.linalg.norm(v)\n"
         "    return g(theta + 1e-30j * v).imag / 1e-30"),
        ("hessian_product", "def f(g, theta, v):\n    v *= 0\n    return v"),
        ("last_seen", "kept = tasks.Batch(np.zeros((30, 400, 2)), np.zeros((30, 400), int),\n"
         "                   np.zeros((30, 400), bool))\nfree = np.random.default_rng()\n"
         "def f(rng, n_steps, batch):\n    new = last_seen(free, n_steps, batch)\n"
         "    for a, b in zip(kept, new): a[...] = b\n    return kept"),
    ],
)  # fmt: skip
def test_wrong_in_place_is_refused(name, attempt):
    """Each of these was called right once."""
    source = SOLUTIONS[name] + "\n" + attempt
    assert getattr(exercises, name)(run(source, "f")).message.startswith("Not right yet")


def test_a_function_that_is_handed_gives_copies():
    """Results of `gradient` and of `product` belong to the attempt."""
    solve = run(SOLUTIONS["preconditioned_gradient"], "preconditioned_gradient")

    def untidy(product, b, diagonal, n_steps):
        product(b)[:] = 0.0
        return solve(product, b, diagonal, n_steps)

    assert exercises.preconditioned_gradient(untidy).passed


@pytest.mark.parametrize("stop", [SystemExit(3), type("Mute", (Exception,), {"__str__": None})()])
def test_an_attempt_that_stops_in_an_odd_way_is_described(stop):
    def attempt(*_):
        raise stop

    message = exercises.chrono_biases(attempt).message
    assert message.startswith(f"It stops with {type(stop).__name__}")


def test_what_is_described_is_one_short_line():
    assert described(ValueError("a\n b\x00\ud800" + 700 * "x")).startswith(
        r"ValueError: a b \ud800xxx"
    )
    assert len(described(700_000 * "x ")) == 300
