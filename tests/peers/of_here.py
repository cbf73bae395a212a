"""What this course means."""

import itertools
from types import SimpleNamespace

import numpy as np
from observe import (
    gates_and_sense,
    narma_indices,
    of,
    orthogonality,
    outcome,
    radius,
    reset_place,
    short,
)  # fmt: skip

from rnncourse import esn, gru, linear, losses, lstm, optimizers, physics, ridge, rnn, sequences
from rnncourse.experiments.echo_state import scores

rng = np.random.default_rng(0)
seen = of("here")


def zero(cell, D=1, H=1):
    return cell.Params(*(np.zeros(shape) for shape in cell.shapes(D, H)))


def lstm_step(biases, c=2.0):
    params = zero(lstm)._replace(b=np.array(biases))
    pair = np.zeros((1, 1)), np.full((1, 1), c)
    h, c = lstm.last(lstm.forward(params, np.zeros((1, 1, 1)), pair)[1])
    return h.item(), c.item()


def gru_step(biases):
    params = zero(gru)._replace(b_x=np.array(biases))
    return gru.forward(params, np.zeros((1, 1, 1)), np.full((1, 1), 2.0))[0].item()


def counted(x, lengths=None, backward=False):
    """States of the linear unit that adds up its inputs, (T,) of the last sequence."""
    x = np.repeat(np.array(x, float).reshape(-1, 1, 1), 2, axis=1)
    unit = esn.Reservoir(np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 0)), np.zeros(1),
                         activation=np.positive)  # fmt: skip
    turn = sequences.reverse if backward else lambda x, lengths: x
    lengths = np.full(2, len(x)) if lengths is None else np.array(lengths)
    return turn(esn.run(unit, turn(x, lengths)), lengths)[:, 1, 0]


gates_and_sense(seen, lstm_step, gru_step)


@seen
def gru_reset():
    params = zero(gru, 1, 2)
    params.W_h[4:] = [[0, 1], [1, 0]]
    params.b_x[:4] = -20, 20, -20, -20
    h = np.array([[1.0, 0.0]])
    return reset_place(lambda: gru.forward(params, np.zeros((1, 1, 1)), h)[0][0, 0])


@seen
def biases():
    fresh = (cell.init(rng, 3, 5) for cell in (rnn, lstm, gru))
    return short(*(sum(a.size for a in params if a.ndim == 1) for params in fresh))


@seen
def forget_in_forward():
    return short(lstm_step([0.0] * 4, 1.0)[1])


@seen
def forget_start():
    return f"{lstm.init(rng, 3, 400).b[400:800].mean():.1f}"


@seen
def recurrent_start():
    return orthogonality(lstm.init(rng, 3, 50).W_h, 4)


@seen
def plain_radius():
    return radius(rnn.init(rng, 3, 400).W_hh)


@seen
def candidate_radius():
    return radius(lstm.init(rng, 3, 400).W_h[800:1200])


@seen
def dense_start():
    return short(linear.init(rng, 400, 400).W_yh.std() * 20, digits=1)


@seen
def dense_bias_start():
    return "drawn" if linear.init(rng, 4, 4).b_y.any() else "zero"


@seen
def first_axis():
    x = np.zeros((3, 2, 1))
    x[0] = 1
    moved = rnn.forward(zero(rnn)._replace(W_hx=np.ones((1, 1)), W_hh=np.ones((1, 1))), x)[0]
    return "time" if (moved != 0).any((1, 2)).all() else "batch"


@seen
def returns():
    return "all steps" if len(rnn.forward(zero(rnn), np.zeros((5, 1, 1)))[0]) == 5 else "the last"


@seen
def behind_the_end():
    return short(counted([1, 1, 1, 1], [4, 2]))


@seen
def last_state():
    h = counted([1, 1, 1, 1])
    return short(sequences.last_step(h.reshape(4, 1, 1), np.array([2])))


@seen
def backward_lengths():
    return short(*counted([1, 10, 100, 1000], [4, 2], backward=True), digits=4)


@seen
def backward_order():
    return short(*counted([1, 10, 100], backward=True))


@seen
def empty_sequence():
    return outcome(counted, [1, 1, 1, 1], [4, 0], backward=True)


@seen
def second_call():
    counted([1, 1, 1])
    return short(*counted([1, 1, 1]))


def optimized(optimizer, gradient, n=1, start=1.0, **options):
    def at(theta):
        return 0.0, np.array([gradient(theta[0]) if callable(gradient) else gradient])

    objectives = itertools.repeat(SimpleNamespace(value_and_gradient=at), n)
    *_, last = optimizer(objectives, np.array([start]), **options)
    return last.theta[0]


@seen
def nesterov():
    return short(optimized(optimizers.nesterov, lambda w: w, learning_rate=0.1))


@seen
def rate_in_velocity():
    rate = {"learning_rate": lambda n: 0.1 * (n == 0)}
    return short(optimized(optimizers.momentum, 1.0, 2, 0.0, **rate))


@seen
def clip_at_the_limit():
    off = optimizers.clip(np.array([3.0, 4.0]), 5.0)[0] - 3
    return f"{off:.0e}" if off else "0"


@seen
def clip_infinite():
    return outcome(optimizers.clip, np.array([np.inf, 1.0]), 5.0)


@seen
def adam_epsilon():
    return short(-optimized(optimizers.adam, 1e-8, start=0.0, learning_rate=1.0, epsilon=1e-8))


@seen
def adam_defaults():
    import inspect

    defaults = inspect.signature(optimizers.adam).parameters
    return f"{defaults['learning_rate'].default:g}, {defaults['epsilon'].default:g}"


@seen
def squared_error():
    return short(losses.squared_error.value(np.full((1, 1, 1), 3.0), np.ones((1, 1, 1))))


@seen
def weighted_mean():
    y_hat = np.array([1.0, 0.0]).reshape(2, 1, 1)
    mask = np.array([[1.0], [0.0]])
    return short(2 * losses.squared_error.value(y_hat, np.zeros((2, 1, 1)), mask))


@seen
def cross_entropy():
    return short(losses.softmax_cross_entropy.value(np.array([[[2.0, 0.0]]]), np.array([[0]])))


@seen
def double_asked():
    return str(rnn.forward(zero(rnn), np.zeros((2, 1, 1)))[0].dtype)


@seen
def radius_asked():
    return short(np.abs(np.linalg.eigvals(_dense(esn.init(rng, 1, 500).W_hh))).max())


def _dense(W):
    return W.toarray() if hasattr(W, "toarray") else W


@seen
def input_start():
    return "uniform" if len(np.unique(np.abs(esn.init(rng, 1, 100).W_hx))) > 50 else "two values"


@seen
def leak():
    unit = esn.Reservoir(np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 0)), np.zeros(1), leak=0.25)
    return short(esn.run(unit, np.ones((1, 1, 1))))


@seen
def ridge_intercept():
    X = np.tile([1.0, -1.0], 50)[:, np.newaxis]
    return short(ridge.ridge_regression(X, np.full((100, 1), 5.0), 100.0)[1])


@seen
def ridge_scale():
    X = np.tile([1.0, -1.0], 50)[:, np.newaxis]
    return short(ridge.ridge_regression(X, X.copy(), 100.0)[0])


@seen
def narma():
    u, y = (a[:, 0] for a in physics.narma10(rng, 500, 1))
    return narma_indices(u, y, behind=0)


@seen
def narma_order():
    return "order 10"


@seen
def nrmse():
    y = np.arange(-1.0, 4)
    return short(scores.nrmse(y + 1, y))


@seen
def mackey_glass():
    """The integrator: its error falls like this power of the step."""
    last = [
        physics.mackey_glass(np.random.default_rng(1), 40, 1, substeps=n, discard=0)[-1, 0]
        for n in (20, 40, 80)
    ]
    return f"order {np.log2((last[0] - last[1]) / (last[1] - last[2])):.0f}"
