"""The exercises of the lectures, their solutions, and the slips that no checker may take."""

from pathlib import Path

import jupytext

TEXTS = Path(__file__).parents[2] / "notebooks" / "text"


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
    ("lyapunov_spectrum", "return np.sort(total)[::-1]", "return total"),
    ("lyapunov_spectrum", "W_hh.T * (1 - h_t**2)", "(1 - h_t**2)[:, np.newaxis] * W_hh"),
    ("lyapunov_spectrum", "in h[::-1]", "in h"),
]
SLIPS[5] = [
    ("counter_weights", "[-20.0, 0.0, 20.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),
    ("counter_weights", "[0.0, 20.0, 20.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),
    ("counter_weights", "[-20.0, 20.0, 1.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),
    ("counter_weights", "[-20.0, 16.5, 20.0, 0.0]", "[-20.0, 20.0, 20.0, 0.0]"),  # 200 ones
    ("chrono_biases", "np.log(tau)", "np.log(tau - 1)"),
    ("chrono_biases", "-np.log(tau - 1)", "np.log(tau - 1)"),
    ("chrono_biases", "np.log(tau / (tau + 1))", "np.log(tau - 1)"),
    ("chrono_biases", "np.log(np.linspace(1, tau.max() - 1, len(tau)))", "np.log(tau - 1)"),
    ("reset_gate_delta", "d_n @ W_hn.T", "d_n @ W_hn"),
    ("reset_gate_delta", "d_n * (h_prev @ W_hn.T)", "(d_n @ W_hn) * h_prev"),
    ("reset_gate_delta", "(d_n @ W_hn) * r", "(d_n @ W_hn) * h_prev * r"),
    ("peephole_forward", "(z_i + p * c, z_f, z_o)", "(z_i, z_f + p * c, z_o)"),
    ("peephole_forward", "z_f + p * h", "z_f + p * c"),
    ("wrong_gates", "1e-2 * np.abs(right).max()", "1e-12 * np.abs(right).max()"),
    ("wrong_gates", '"ifog"', '"ifgo"'),
    ("wrong_gates", "zip(gradient[2:], exact[2:])", "zip(gradient, exact)"),
    ("wrong_gates", "> 0 * np", "> 1e-12 * np"),
    (
        "wrong_gates",
        "lstm.backward(params, lstm.forward(params, x)[1], e)[0]",
        "unravel(checks.complex_step_gradient(cost, ravel(params)), params)",
    ),
]
SLIPS[6] = [
    ("leaky_modes", "eigenvalues[eigenvalues.imag > 1e-9]", "moved[eigenvalues.imag > 1e-9]"),
    ("leaky_modes", "1 - a * (1 - np.abs(eigenvalues).max()), 2", "np.abs(moved).max(), 2"),
    ("perfect_memory", "k=1", "k=-1"),
    ("perfect_memory", "2 * np.eye(H, k=-1)", "Q @ np.eye(H, k=-1) @ Q.T"),  # the lecture's chain
    ("perfect_memory", "np.eye(H, k=1)", "Q @ np.eye(H, k=-1) @ Q.T"),
    ("perfect_memory", "0.98 * Q", "Q @ np.eye(H, k=-1) @ Q.T"),
    ("ridge_path", "s / (s**2 + nu**2)", "s / (s**2 + nu)"),
    ("ridge_path", "s / (s + nu)", "s / (s**2 + nu)"),
    ("ridge_path", "1 / (s**2 + nu)", "s / (s**2 + nu)"),
    (
        "ridge_path",
        "np.linalg.solve(X.T @ X + nu * np.eye(X.shape[1]), X.T @ Y)",
        "Vt.T @ ((s / (s**2 + nu))[:, None] * projected)",
    ),
    (  # (6.9), solved for each ridge
        "ridge_path",
        "np.linalg.lstsq(np.vstack([X, nu**0.5 * np.eye(6)]), np.vstack([Y, np.zeros((6, 2))]))[0]",
        "Vt.T @ ((s / (s**2 + nu))[:, None] * projected)",
    ),
    (  # the decomposition, taken for each ridge
        "ridge_path",
        "(lambda U, s, Vt: (Vt.T * (s / (s**2 + nu))) @ U.T @ Y)(*np.linalg.svd(X, False))",
        "Vt.T @ ((s / (s**2 + nu))[:, None] * projected)",
    ),
    ("free_run", "activation(z)", "(1 - a) * h + a * activation(z)"),
    ("free_run", "a * h + (1 - a)", "(1 - a) * h + a"),
    ("free_run", "h @ W_hh.T + b_h", "h @ W_hh.T + y @ W_hy.T + b_h"),
    ("free_run", "y = outputs[-1]\n", "y = outputs[-1].copy()\n"),
    ("free_run", "y = 1 * outputs[-1] + 0 * seen_t[:, None]", "y[:, 0] = seen_t"),
    ("free_run", "y[:, 1] = seen_t", "y[:, 0] = seen_t"),
    ("free_run", "y[:, 0] = seen_t; y[:, 2:] = 0", "y[:, 0] = seen_t"),
    ("free_run", "np.tanh(z)", "activation(z)"),
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
SLIPS[11] = [
    (
        "held",
        "np.where(np.abs(z) < 1e-3, 1 + z / 2, (np.exp(nonzero) - 1) / nonzero)",
        "np.where(z == 0, 1, np.expm1(nonzero) / nonzero)",
    ),
    (
        "held",
        "np.where(np.abs(z) < 1e-9, 1 + z / 2, (np.exp(nonzero) - 1) / nonzero)",
        "np.where(z == 0, 1, np.expm1(nonzero) / nonzero)",
    ),
    ("composed", "A_1 @ A_2, A_1 @ b_2 + b_1", "A_2 @ A_1, A_2 @ b_1 + b_2"),
    ("composed", "A_2 @ A_1, b_1 + b_2", "A_2 @ A_1, A_2 @ b_1 + b_2"),
    ("log_derivatives", "turned = d_p *", "turned = np.conj(d_p) *"),
    ("log_derivatives", "-turned.real", "-rate * turned.real"),
    ("held", "np.exp(nonzero) - 1", "np.expm1(nonzero)"),
    ("held", "np.exp(z), np.where(z == 0", "np.exp(z), step * np.where(z == 0"),
    ("parity_step", "-bit, 0", "1 - 2 * bit, 0"),
    ("parity_step", "1 - bit, 0", "1 - 2 * bit, 0"),
]
