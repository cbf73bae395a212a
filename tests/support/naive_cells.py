"""The cells once more, one number at a time, for one sequence: lists and `math`, no arrays.

`forward(name, weights, signal, start)` returns the hidden states and a record of every step;
`backward(name, weights, record, d_signal)` goes back through it by the chain rule and returns the
gradient of the weights and the derivatives with respect to the signal.

A step returns its states, the first of which is h, and its memory, which begins with x and h[t-1].
A step back returns products (number of the weights, derivative of the sum, what they multiplied):
what the weights send back goes to x or to h[t-1] where they multiplied that very list. Then biases
(number, derivative), and what goes to the states otherwise, a list for each of them. Weights number
1 multiply a state. Nothing here is shared with the package: the gates are the textbook's.
"""

import math


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def sums(W, values):
    """W times a list."""
    return [sum(w * a for w, a in zip(row, values, strict=True)) for row in W]


def added(*lists):
    return [sum(terms) for terms in zip(*lists, strict=True)]


def rnn_step(weights, x, state):
    W_hx, W_hh, b_h = weights
    (h_prev,) = state
    h = [math.tanh(z) for z in added(sums(W_hx, x), sums(W_hh, h_prev), b_h)]
    return (h,), (x, h_prev, h)


def rnn_step_back(weights, memory, d_state):
    x, h_prev, h = memory
    d_z = [d * (1 - a * a) for d, a in zip(d_state[0], h, strict=True)]
    return [(0, d_z, x), (1, d_z, h_prev)], [(2, d_z)], ([0.0] * len(h),)


def lstm_step(weights, x, state):
    W_x, W_h, b = weights
    h_prev, c_prev = state
    H = len(h_prev)
    z = added(sums(W_x, x), sums(W_h, h_prev), b)
    i = [sigmoid(a) for a in z[:H]]
    f = [sigmoid(a) for a in z[H : 2 * H]]
    g = [math.tanh(a) for a in z[2 * H : 3 * H]]
    o = [sigmoid(a) for a in z[3 * H :]]
    c = [f[j] * c_prev[j] + i[j] * g[j] for j in range(H)]
    h = [o[j] * math.tanh(c[j]) for j in range(H)]
    return (h, c), (x, h_prev, c_prev, i, f, g, o, c)


def lstm_step_back(weights, memory, d_state):
    x, h_prev, c_prev, i, f, g, o, c = memory
    d_h, d_c = d_state
    H = len(h_prev)
    d_c = [d_c[j] + d_h[j] * o[j] / math.cosh(c[j]) ** 2 for j in range(H)]
    d_z = [d_c[j] * g[j] * i[j] * (1 - i[j]) for j in range(H)]
    d_z += [d_c[j] * c_prev[j] * f[j] * (1 - f[j]) for j in range(H)]
    d_z += [d_c[j] * i[j] * (1 - g[j] ** 2) for j in range(H)]
    d_z += [d_h[j] * math.tanh(c[j]) * o[j] * (1 - o[j]) for j in range(H)]
    kept = [d_c[j] * f[j] for j in range(H)]
    return [(0, d_z, x), (1, d_z, h_prev)], [(2, d_z)], ([0.0] * H, kept)


def gru_step(weights, x, state):
    W_x, W_h, b_x, b_h = weights
    (h_prev,) = state
    H = len(h_prev)
    from_x, from_h = added(sums(W_x, x), b_x), added(sums(W_h, h_prev), b_h)
    r = [sigmoid(from_x[j] + from_h[j]) for j in range(H)]
    u = [sigmoid(from_x[H + j] + from_h[H + j]) for j in range(H)]
    n = [math.tanh(from_x[2 * H + j] + r[j] * from_h[2 * H + j]) for j in range(H)]
    h = [(1 - u[j]) * n[j] + u[j] * h_prev[j] for j in range(H)]
    return (h,), (x, h_prev, r, u, n, from_h[2 * H :])


def gru_step_back(weights, memory, d_state):
    x, h_prev, r, u, n, m = memory
    (d_h,) = d_state
    H = len(h_prev)
    d_n = [d_h[j] * (1 - u[j]) * (1 - n[j] ** 2) for j in range(H)]
    d_r = [d_n[j] * m[j] * r[j] * (1 - r[j]) for j in range(H)]
    d_u = [d_h[j] * (h_prev[j] - n[j]) * u[j] * (1 - u[j]) for j in range(H)]
    d_x, d_hidden = d_r + d_u + d_n, d_r + d_u + [d_n[j] * r[j] for j in range(H)]
    kept = [d_h[j] * u[j] for j in range(H)]
    return [(0, d_x, x), (1, d_hidden, h_prev)], [(2, d_x), (3, d_hidden)], (kept,)


# a step, its way back, the number of states
CELLS = {
    "rnn": (rnn_step, rnn_step_back, 1),
    "lstm": (lstm_step, lstm_step_back, 2),
    "gru": (gru_step, gru_step_back, 1),
}


def forward(name, weights, signal, start):
    """Hidden states of all steps, and what each step leaves behind for the way back."""
    step, _, n_states = CELLS[name]
    H = len(weights[1][0])
    state = tuple([0.0] * H for _ in range(n_states)) if start is None else start
    hidden, record = [], []
    for x in signal:
        state, memory = step(weights, x, state)
        hidden.append(state[0])
        record.append(memory)
    return hidden, record


def backward(name, weights, record, d_signal):
    """Gradients as nested lists like the weights, and the derivatives of the signal."""
    _, step_back, n_states = CELLS[name]
    H = len(weights[1][0])
    gradient = [
        [[0.0] * len(row) if isinstance(row, list) else 0.0 for row in array] for array in weights
    ]
    later = [[0.0] * H for _ in range(n_states)]  # what reaches the states from step t+1
    d_below = [[0.0] * len(memory[0]) for memory in record]
    for t in reversed(range(len(record))):
        d_state = (added(d_signal[t], later[0]), *later[1:])
        products, biases, direct = step_back(weights, record[t], d_state)
        later = [list(d) for d in direct]
        x, h_prev, *_ = record[t]
        for k, d_z, values in products:
            sent = sums(zip(*weights[k], strict=True), d_z)
            if values is x:
                d_below[t] = added(d_below[t], sent)
            elif values is h_prev:
                later[0] = added(later[0], sent)
            for j, d in enumerate(d_z):
                gradient[k][j] = [g + d * a for g, a in zip(gradient[k][j], values, strict=True)]
        for k, d_z in biases:
            for j, d in enumerate(d_z):
                gradient[k][j] += d
    return gradient, d_below
