"""Bad input is refused: a ValueError names the argument, what came and what was expected."""

import itertools

import numpy as np
import pytest

import cells
from rnncourse import (
    checks,
    esn,
    gru,
    initializers,
    inputs,
    linear,
    losses,
    lstm,
    optimizers,
    rnn,
    sequences,
)
from rnncourse.hessian_free import hessian_free
from rnncourse.network import Network
from rnncourse.objective import Objective, minibatches
from rnncourse.params import ravel, unravel

T, B, D, H, K = 4, 3, 2, 5, 2
RNG = np.random.default_rng(0)
NETWORK = Network((rnn, linear), (D, H, K))
PARAMS = NETWORK.init(RNG)
THETA = ravel(PARAMS)
P = len(THETA)
X = RNG.normal(size=(T, B, D))
Y = RNG.normal(size=(T, B, K))
CLASSES = RNG.integers(K, size=(T, B))
MASK = np.ones((T, B), bool)
STATES = RNG.normal(size=(T, B, H))
H_TAPE = rnn.forward(PARAMS[0], X)[1]
Y_TAPE = linear.forward(PARAMS[1], STATES)[1]
TAPES = (H_TAPE, Y_TAPE)
ONE = Objective(NETWORK, losses.squared_error, X, Y, MASK)
GATED = {cell: cell.init(RNG, D, H) for cell in (lstm, gru)}
PAIR = (STATES[0], STATES[1])
UNSCORED = MASK & (np.arange(B) != 1)  # no step of example 1


def having(array, value):
    """The array with another value as its entry before the last."""
    array = np.array(array)
    array.flat[-2] = value
    return array


def run(x, params=PARAMS[0], h_0=None):
    return rnn.forward(params, x, h_0)


def run_gated(cell, x=X, h_0=None, **weights):
    return cell.forward(GATED[cell]._replace(**weights), x, h_0)


def back_gated(cell, e=STATES, R_x=X, e_last=None):
    """Both ways that start from the tape."""
    params, (_, tape) = GATED[cell], run_gated(cell)
    return cell.backward(params, tape, e, e_last), cell.r_forward(params, tape, params, R_x)


def train_gated(cell, h_0=None, **changes):
    network = Network((cell, linear), (D, H, K))
    data = {"x": X, "y": Y, "mask": MASK} | changes
    theta = ravel(network.init(RNG))
    objective = Objective(network, losses.squared_error, h_0=(h_0, None), **data)
    return objective.value_and_gradient(theta)


def train(x=X, y=Y, mask=MASK, theta=THETA, h_0=None, loss=losses.squared_error):
    return Objective(NETWORK, loss, x, y, mask, h_0).value_and_gradient(theta)


def classify(y):
    return train(y=y, loss=losses.softmax_cross_entropy)


def minibatch(batch_size=2, mask=MASK, rng=RNG):
    return minibatches(NETWORK, losses.squared_error, X, Y, mask, batch_size, rng)


def each(y_hat=Y, y=Y, mask=MASK, R=Y, name="squared_error"):
    """All three functions of a loss."""
    loss = getattr(losses, name)
    return loss.value(y_hat, y, mask), loss.grad(y_hat, y, mask), loss.hvp(y_hat, y, mask, R)


def optimize(name, **options):
    # never advanced: what is wrong must show at the call
    return getattr(optimizers, name)(itertools.repeat(ONE), THETA, **options)


def pad(*items):
    return sequences.pad(list(items))


HALF = np.float32
# what is called; then the name of the argument, what came, what was expected
TABLE = [
    # the shape and kind of the input
    (lambda: run(X[0]), "x has shape (3, 2)", "expected (T, B, 2)"),
    (lambda: run(X[..., np.newaxis]), "x has shape (4, 3, 2, 1)", "expected (T, B, 2)"),
    (lambda: run(np.float64(1)), "x has shape ()", "expected (T, B, 2)"),
    (lambda: run(X[..., :1]), "x has shape (4, 3, 1)", "expected (T, B, 2)"),
    (lambda: run(X[:0]), "x has shape (0, 3, 2)", "T, B at least 1"),
    (lambda: run(X[:, :0]), "x has shape (4, 0, 2)", "T, B at least 1"),
    (lambda: run(np.ones((T, B, D), int)), "x has dtype int64", "expected float32 or float64"),
    (lambda: run(np.ones((T, B, D), bool)), "x has dtype bool", "expected float32 or float64"),
    (lambda: run(X.astype("f2")), "x has dtype float16", "expected float32 or float64"),
    (lambda: run(X.astype(object)), "x has dtype object", "expected float32 or float64"),
    (lambda: run(X.tolist()), "x is a list", "expected a NumPy array"),
    (lambda: run([[[1.0]], [[1.0, 2.0]]]), "x has rows of different shapes", "expected (T, B, 2)"),
    (lambda: run(None), "x has shape ()", "expected (T, B, 2)"),
    (lambda: run(X.astype(HALF)), "x has dtype float32", "expected float64"),
    (lambda: linear.forward(PARAMS[1], X), "h has shape (4, 3, 2)", "expected (T, B, 5)"),
    (
        lambda: linear.forward(PARAMS[1], STATES.astype(HALF)),
        "h has dtype float32",
        "expected float64",
    ),
    (lambda: NETWORK.forward(PARAMS, X[0]), "x has shape (3, 2)", "expected (T, B, 2)"),
    # parameters and states
    (
        lambda: run(X, PARAMS[0]._replace(W_hh=STATES[0])),
        "W_hh has shape (3, 5)",
        "expected (5, 5)",
    ),
    (
        lambda: run(X, PARAMS[0]._replace(b_h=np.zeros((H, 1)))),
        "b_h has shape (5, 1)",
        "expected (5,)",
    ),
    (
        lambda: linear.forward(PARAMS[1]._replace(b_y=np.zeros(1)), STATES),
        "b_y has shape (1,)",
        "expected (2,)",
    ),
    (lambda: run(X, h_0=STATES[0, 0]), "h_0 has shape (5,)", "expected (3, 5)"),
    (lambda: run(X, h_0=STATES[0, :1]), "h_0 has shape (1, 5)", "expected (3, 5)"),
    (lambda: run(X, h_0=STATES[0].astype(HALF)), "h_0 has dtype float32", "expected float64"),
    (lambda: run(X, h_0=np.zeros((B, H), int)), "h_0 has dtype int64", "expected float32"),
    (
        lambda: linear.forward(PARAMS[1], STATES, STATES[0]),
        "h_0 is given, of shape (3, 5)",
        "expected None",
    ),
    (lambda: NETWORK.forward(PARAMS[:1], X), "params has 1 entries", "expected one for each of"),
    (lambda: NETWORK.forward(PARAMS[0], X), "params has 3 entries", "the 2 cells"),
    (lambda: NETWORK.forward(PARAMS, X, (None,)), "h_0 has 1 entries", "expected one for each of"),
    (lambda: NETWORK.backward(PARAMS[:1], TAPES, Y), "params has 1 entries", "the 2 cells"),
    (lambda: NETWORK.backward(PARAMS, TAPES[:1], Y), "tapes has 1 entries", "the 2 cells"),
    (lambda: NETWORK.backward(PARAMS, TAPES, Y, []), "d_hidden has 0 entries", "expected one for"),
    *(
        (lambda d=d: NETWORK.backward(PARAMS, TAPES, Y, [d]), f"d_hidden[0] {came}", expected)
        for d, came, expected in (
            (np.ones(H), "has shape (5,)", "expected (4, 3, 5)"),
            (np.ones((T, 1, 1)), "has shape (4, 1, 1)", "expected (4, 3, 5)"),
            (None, "has shape ()", "expected (4, 3, 5)"),
            (STATES.astype(HALF), "has dtype float32", "expected float64"),
            (STATES.astype(int), "has dtype int64", "expected float32 or float64"),
        )
    ),
    (lambda: NETWORK.r_forward(PARAMS, TAPES, PARAMS[:1]), "v has 1 entries", "the 2 cells"),
    (lambda: unravel(THETA[:-1], PARAMS), f"theta has shape ({P - 1},)", f"expected ({P},)"),
    (lambda: unravel(THETA[:, np.newaxis], PARAMS), f"theta has shape ({P}, 1)", "expected"),
    (lambda: ravel("abc"), "params holds a str", "expected arrays, in tuples"),
    (lambda: unravel(THETA, None), "params holds None", "expected arrays, in tuples"),
    (lambda: unravel(THETA.tolist(), PARAMS), "theta is a list", "expected a NumPy array"),
    # derivatives
    (lambda: rnn.backward(PARAMS[0], H_TAPE, Y), "e has shape (4, 3, 2)", "expected (4, 3, 5)"),
    (
        lambda: rnn.backward(PARAMS[0], H_TAPE, STATES, STATES[0, 0]),
        "e_last has shape (5,)",
        "expected (3, 5)",
    ),
    (
        lambda: rnn.r_forward(PARAMS[0], H_TAPE, PARAMS[0], R_h_0=STATES[0].astype(HALF)),
        "R_h_0 has dtype float32",
        "expected float64",
    ),
    (
        lambda: linear.backward(PARAMS[1], Y_TAPE, Y, STATES[0]),
        "e_last is given, of shape (3, 5)",
        "expected None: a linear layer has no state",
    ),
    (
        lambda: linear.r_forward(PARAMS[1], Y_TAPE, PARAMS[1], None, STATES[0]),
        "R_h_0 is given, of shape (3, 5)",
        "expected None: a linear layer has no state",
    ),
    (lambda: NETWORK.last(TAPES[:1]), "tapes has 1 entries", "expected one for each of the 2"),
    (
        lambda: NETWORK.backward(PARAMS, TAPES, Y, e_last=(STATES[0],)),
        "e_last has 1 entries",
        "expected one for each of the 2",
    ),
    (
        lambda: NETWORK.r_forward(PARAMS, TAPES, PARAMS, R_h_0=(None,)),
        "R_h_0 has 1 entries",
        "expected one for each of the 2",
    ),
    (
        lambda: rnn.backward(PARAMS[0], H_TAPE, STATES.astype(HALF)),
        "e has dtype float32",
        "expected float64",
    ),
    (lambda: rnn.r_forward(PARAMS[0], H_TAPE, PARAMS[0], Y[:1]), "R_x has shape (1,", "expected"),
    (lambda: linear.backward(PARAMS[1], Y_TAPE, STATES), "d_y_hat has shape (4, 3, 5)", "expected"),
    (
        lambda: linear.backward(PARAMS[1], Y_TAPE, Y.astype(HALF)),
        "d_y_hat has dtype float32",
        "expected float64",
    ),
    (lambda: linear.r_forward(PARAMS[1], Y_TAPE, PARAMS[1], Y), "R_h has shape", "expected"),
    # a pair of states
    (lambda: run_gated(lstm, h_0=STATES[0]), "h_0 is an ndarray, ", "expected a pair (h_0, c_0)"),
    (lambda: run_gated(lstm, h_0=STATES[:2]), "h_0 is an ndarray, ", "expected a pair (h_0, c_0)"),
    (lambda: run_gated(lstm, h_0=PAIR[:1]), "h_0 is a tuple of 1", "expected a pair (h_0, c_0)"),
    (lambda: run_gated(lstm, h_0=(*PAIR, X)), "h_0 is a tuple of 3", "expected a pair (h_0, c_0)"),
    (lambda: run_gated(lstm, h_0=(None, PAIR[1])), "h_0 has shape ()", "expected (3, 5)"),
    (
        lambda: back_gated(lstm, e_last=PAIR[0]),
        "e_last is an ndarray",
        "a pair (e_h_last, e_c_last)",
    ),
    (
        lambda: back_gated(lstm, e_last=(PAIR[0], X)),
        "e_c_last has shape (4, 3, 2)",
        "expected (3, 5)",
    ),
    (lambda: back_gated(gru, e_last=PAIR), "e_last has shape (2, 3, 5)", "expected (3, 5)"),
    (lambda: run_gated(lstm, h_0=(PAIR[0], None)), "c_0 has shape ()", "expected (3, 5)"),
    (lambda: run_gated(lstm, h_0=(PAIR[0][:1], PAIR[1])), "h_0 has shape (1, 5)", "(3, 5)"),
    (lambda: run_gated(lstm, h_0=(PAIR[0], PAIR[1].T)), "c_0 has shape (5, 3)", "(3, 5)"),
    (
        lambda: run_gated(lstm, h_0=(PAIR[0], PAIR[1].astype(HALF))),
        "c_0 has dtype float32",
        "expected float64",
    ),
    (
        lambda: run_gated(lstm, h_0=(PAIR[0], PAIR[1] > 0)),
        "c_0 has dtype bool",
        "expected float32 or float64",
    ),
    (
        lambda: train_gated(lstm, (PAIR[0], having(PAIR[1], np.nan))),
        "h_0[0] holds nan",
        "expected finite",
    ),
    (
        lambda: train_gated(lstm, (having(PAIR[0], np.inf), PAIR[1])),
        "h_0[0] holds inf",
        "expected finite",
    ),
    (lambda: train_gated(lstm, STATES[0]), "h_0 is an ndarray", "expected a pair (h_0, c_0)"),
    (lambda: train_gated(gru, PAIR), "h_0 has shape (2, 3, 5)", "expected (3, 5)"),
    # the network
    (lambda: Network((rnn, linear), (D, K)), "sizes has 2 entries for 2 cells", "expected"),
    (lambda: lstm.init(RNG, D, H, forget_bias=np.nan), "forget_bias is nan", "a finite number"),
    (lambda: Network(rnn, (D, H)), "cells is a module", "expected a tuple"),
    (lambda: Network((rnn,), 3), "sizes is an int", "expected a tuple"),
    (lambda: Network((), (D,)), "sizes has 1 entries for 0 cells", "expected at least one cell"),
    (lambda: Network((rnn,), (D, 0)), "sizes[1] is 0", "expected an integer from 1"),
    (lambda: Network((rnn,), (D, 2.0)), "sizes[1] is 2.0", "expected an integer from 1"),
    # training data
    (lambda: train(X[0]), "x has shape (3, 2)", "expected (T, B, 2)"),
    (lambda: train(X[..., :1]), "x has shape (4, 3, 1)", "expected (T, B, 2)"),
    (lambda: train(X[:0]), "x has shape (0, 3, 2)", "T, B at least 1"),
    (lambda: train(X[:, :0]), "x has shape (4, 0, 2)", "T, B at least 1"),
    (lambda: train(X.tolist()), "x is a list", "expected a NumPy array"),
    (lambda: train(np.ones((T, B, D), int)), "x has dtype int64", "expected float32 or float64"),
    (lambda: train(having(X, np.nan)), "x holds nan at index (3, 2, 0)", "expected finite"),
    (lambda: train(having(X, -np.inf)), "x holds -inf at index (3, 2, 0)", "expected finite"),
    (lambda: train(y=having(Y, np.nan)), "y holds nan at index (3, 2, 0)", "expected finite"),
    (lambda: train(y=having(Y, np.inf)), "y holds inf at index (3, 2, 0)", "expected finite"),
    (lambda: train(theta=having(THETA, np.nan)), f"theta holds nan at index ({P - 2},)", "finite"),
    (lambda: train(theta=having(THETA, np.inf)), f"theta holds inf at index ({P - 2},)", "finite"),
    (lambda: train(h_0=(having(STATES[0], np.nan), None)), "h_0[0] holds nan", "expected finite"),
    (lambda: train(theta=THETA[:-1]), f"theta has shape ({P - 1},)", f"expected ({P},)"),
    (lambda: train(theta=THETA.tolist()), "theta is a list", "expected a NumPy array"),
    (lambda: train(theta=np.ones(P, int)), "theta has dtype int64", "expected float32 or float64"),
    (lambda: train(theta=THETA.astype(HALF)), "theta has dtype float32", "expected float64"),
    (lambda: train(X.astype(HALF)), "y has dtype float64", "expected float32"),
    (lambda: ONE.gauss_newton(THETA)(THETA[1:]), f"v has shape ({P - 1},)", f"expected ({P},)"),
    (lambda: ONE.gauss_newton(THETA)(THETA.astype(HALF)), "v has dtype float32", "float64"),
    (lambda: ONE.gauss_newton(THETA, -1.0), "structural is -1.0", "expected a finite number from"),
    (lambda: ONE.gauss_newton(THETA, np.nan), "structural is nan", "expected a finite number from"),
    (lambda: ONE.gauss_newton(THETA, "1"), "structural is '1'", "expected a finite number from"),
    (lambda: train(h_0=3.0), "h_0 is a float", "expected a tuple of states"),
    (lambda: train(h_0=("abc", None)), "h_0[0] is a str", "expected a NumPy array"),
    # targets
    (lambda: train(y=None), "y has shape ()", "expected (4, 3, 2)"),
    (lambda: train(y="abc"), "y has shape ()", "expected (4, 3, 2)"),
    (lambda: train(y=Y.astype(object)), "y has dtype object", "expected float32 or float64"),
    (lambda: train(mask="abc"), "mask has shape ()", "expected (4, 3)"),
    (lambda: classify(None), "y has shape ()", "expected (4, 3)"),
    (lambda: each(y=having(Y, np.nan)), "y holds nan at index (3, 2, 0)", "expected finite"),
    (lambda: each(y=having(Y, -np.inf)), "y holds -inf at index (3, 2, 0)", "expected finite"),
    (lambda: each(y=Y + 0j), "y has dtype complex128", "expected float32 or float64"),
    (lambda: each(y=Y + 0j, name="sigmoid_cross_entropy"), "y has dtype complex128", "float64"),
    (lambda: train(y=Y[..., 0]), "y has shape (4, 3)", "expected (4, 3, 2)"),
    (lambda: train(y=Y[1:]), "y has shape (3, 3, 2)", "expected (4, 3, 2)"),
    (lambda: train(y=CLASSES), "y has shape (4, 3)", "expected (4, 3, 2)"),
    (lambda: train(y=np.ones((T, B, K), int)), "y has dtype int64", "expected float32 or float64"),
    (lambda: train(y=Y.tolist()), "y is a list", "expected a NumPy array"),
    (lambda: classify(Y), "y has shape (4, 3, 2)", "expected (4, 3)"),
    (lambda: classify(having(CLASSES, K)), "y runs from 0 to 2", "expected integers from 0 to 1"),
    (lambda: classify(having(CLASSES, -1)), "y runs from -1 to 1", "expected integers from 0 to 1"),
    (
        lambda: classify(having(CLASSES, -100)),
        "y runs from -100 to 1",
        "also at the steps",
    ),
    (lambda: train_gated(lstm, PAIR[0]), "h_0 is an ndarray", "one entry for each cell"),
    (
        lambda: esn.fit_readout(STATES, Y, mask=MASK / 2),
        "mask holds other numbers than 0 and 1",
        "expected booleans",
    ),
    (lambda: classify(CLASSES * 1.0), "y has dtype float64", "expected integers from 0 to 1"),
    (lambda: classify(CLASSES > 0), "y has dtype bool", "expected integers from 0 to 1"),
    (lambda: classify(CLASSES.tolist()), "y is a list", "expected a NumPy array of integer"),
    (lambda: each(y=abs(Y), name="sigmoid_cross_entropy"), "y holds values from", "expected 0 to"),
    (lambda: each(y=-abs(Y), name="sigmoid_cross_entropy"), "y holds values from", "expected 0 to"),
    (lambda: each(y=Y * np.nan, name="sigmoid_cross_entropy"), "y holds values from nan", "0 to 1"),
    (lambda: each(Y[0]), "y_hat has shape (3, 2)", "expected (T, B, K)"),
    (lambda: each(CLASSES[..., np.newaxis]), "y_hat has dtype int64", "expected float32 or"),
    (lambda: each(R=Y[:1]), "R has shape (1, 3, 2)", "expected (4, 3, 2)"),
    # masks
    (lambda: train(mask=~MASK), "mask sums to 0", "expected nonnegative weights that score"),
    (lambda: train(mask=having(MASK * 1.0, -1)), "smallest entry -1", "expected nonnegative"),
    (lambda: train(mask=having(MASK * 1.0, np.nan)), "mask holds nan at", "expected finite"),
    (lambda: train(mask=MASK.T), "mask has shape (3, 4)", "expected (4, 3)"),
    (lambda: train(mask=MASK[0]), "mask has shape (3,)", "expected (4, 3)"),
    (lambda: train(mask=MASK[1:]), "mask has shape (3, 3)", "expected (4, 3)"),
    (lambda: train(mask=MASK.astype(int)), "mask has dtype int64", "expected booleans or floats"),
    # minibatches, at the call
    (lambda: minibatch(0), "batch_size is 0", "expected an integer from 1 to 3"),
    (lambda: minibatch(-1), "batch_size is -1", "expected an integer from 1 to 3"),
    (lambda: minibatch(4), "batch_size is 4", "expected an integer from 1 to 3"),
    (lambda: minibatch(1.5), "batch_size is 1.5", "expected an integer from 1 to 3"),
    (lambda: minibatch(rng=None), "rng is None", "expected a numpy.random.Generator"),
    (lambda: minibatch(mask=~MASK), "mask sums to 0", "expected nonnegative weights that score"),
    (lambda: minibatch(mask=UNSCORED), "mask scores no step of example 1", "expected at least one"),
    # optimizers, at the call
    (lambda: optimize("sgd", learning_rate=-0.1), "learning_rate is -0.1", "expected a positive"),
    (lambda: optimize("momentum", learning_rate=0), "learning_rate is 0", "expected a positive"),
    (lambda: optimize("nesterov", learning_rate=np.nan), "learning_rate is nan", "expected a posi"),
    (lambda: optimize("adam", learning_rate=np.inf), "learning_rate is inf", "positive finite"),
    (lambda: optimize("adam", learning_rate=-1e-3), "learning_rate is -0.001", "expected a posit"),
    (lambda: optimize("sgd", learning_rate=1, max_norm=0), "max_norm is 0", "expected a positive"),
    (lambda: optimize("adam", max_norm=np.nan), "max_norm is nan", "expected a positive number"),
    (lambda: optimize("momentum", learning_rate=1, mu=1), "mu is 1", "from 0 to below 1"),
    (lambda: optimize("nesterov", learning_rate=1, mu=-0.1), "mu is -0.1", "from 0 to below 1"),
    (lambda: optimize("momentum", learning_rate=1, mu=np.nan), "mu is nan", "from 0 to below 1"),
    (lambda: optimize("momentum", learning_rate=1, mu=None), "mu is None", "from 0 to below 1"),
    (lambda: optimize("nesterov", learning_rate=1, mu=[0, 0.5, 1]), r"mu[2] is 1", "below 1"),
    (lambda: optimize("momentum", learning_rate=1, mu=["a"]), "mu[0] is 'a'", "below 1"),
    (lambda: optimizers.adam(ONE, THETA), "objectives is an Objective", "itertools.repeat(obj"),
    (lambda: hessian_free(ONE, THETA), "objectives is an Objective", "itertools.repeat(obj"),
    (lambda: optimizers.sgd([ONE], PARAMS, 0.1), "theta is a tuple", "params.ravel"),
    (
        lambda: hessian_free([ONE], optimizers.Step(THETA, 1.0, 1.0, 1, ())),
        "theta is a Step",
        "expected a vector",
    ),
    (lambda: checks.check_gradient(ONE, PARAMS, RNG), "theta is a tuple", "params.ravel"),
    (lambda: Objective(NETWORK, "mse", X, Y), "loss is a str", "losses.squared_error"),
    (lambda: Objective(losses.squared_error, NETWORK, X, Y), "network is a Loss", "a Network"),
    (
        lambda: NETWORK.init(RNG, options=({"init_hh": "orthogonal"}, None)),
        "options[0]['init_hh'] is a str",
        "a function of (rng, n_out, n_in)",
    ),
    (lambda: optimize("momentum", learning_rate=1, mu=np.eye(2)), r"mu[0] is [1. 0.]", "below 1"),
    (lambda: optimize("adam", beta_1=1), "beta_1 is 1", "expected a number from 0 to below 1"),
    (lambda: optimize("adam", beta_2=1.5), "beta_2 is 1.5", "expected a number from 0 to below 1"),
    (lambda: optimize("adam", epsilon=0), "epsilon is 0", "expected a positive finite number"),
    (lambda: optimizers.clip(THETA, -1), "max_norm is -1", "expected a positive number"),
    # sequences
    (lambda: pad(), "sequences is empty", "expected at least one (T, D) array"),
    (lambda: pad(X[0], X[0, 0]), "sequences[1] has shape (2,)", "expected (T, 2)"),
    (lambda: pad(X[0], X[0, :, :1]), "sequences[1] has shape (3, 1)", "expected (T, 2)"),
    (lambda: pad(X[0], X[0, :0]), "sequences[1] has shape (0, 2)", "T at least 1"),
    (lambda: pad(X[0, 0]), "sequences[0] has shape (2,)", "expected (T, D)"),
    (lambda: pad(1.0), "sequences[0] has shape ()", "expected (T, D)"),
    (lambda: pad(X[0], X[0].tolist()), "sequences[1] is a list", "expected a NumPy array"),
    (lambda: pad(X[0], X[0].astype(HALF)), "sequences[1] has dtype float32", "expected float64"),
    (lambda: pad(X[0].astype(int)), "sequences[0] has dtype int64", "expected float32 or float64"),
    (lambda: pad(X[0], having(X[0], np.nan)), "sequences[1] holds nan at index (2, 0)", "finite"),
    (lambda: sequences.pad(None), "sequences is None", "expected a list of arrays"),
    (
        lambda: sequences.many_to_many([2, 5], 4),
        "lengths runs from 2 to 5",
        "expected integers from 1 to 4",
    ),
    (
        lambda: sequences.many_to_one([2, 5], 4),
        "lengths runs from 2 to 5",
        "expected integers from 1 to 4",
    ),
    (
        lambda: sequences.many_to_one([0, 4], 4),
        "lengths runs from 0 to 4",
        "expected integers from 1 to 4",
    ),
    (lambda: sequences.many_to_one([1], 0), "n_steps is 0", "expected an integer from 1"),
    (lambda: sequences.many_to_one([2.0], 4), "lengths has dtype float64", "expected integers"),
    (lambda: sequences.many_to_many([], 4), "lengths has shape (0,)", "expected (B,)"),
    (lambda: sequences.many_to_many(3, 4), "lengths has shape ()", "expected (B,)"),
    (lambda: sequences.delayed_many_to_many([2], [2], 4), "input_lengths is [2]", "less than"),
    (lambda: sequences.delayed_many_to_many([2, 2], [3], 4), "input_lengths is [2 2]", "less than"),
    (lambda: sequences.delayed_many_to_many([0], [3], 4), "input_lengths runs from 0", "1 to 4"),
    (lambda: sequences.delayed_many_to_many([1], [5], 4), "lengths runs from 5 to 5", "1 to 4"),
    (lambda: sequences.one_to_many(X, 4), "x_1 has shape (4, 3, 2)", "expected (B, D)"),
    (lambda: sequences.one_to_many(CLASSES, 4), "x_1 has dtype int64", "expected float32 or"),
    (lambda: sequences.one_to_many(having(X[0], np.inf), 2), "x_1 holds inf at", "finite"),
    (lambda: sequences.one_to_many(X[0], 0), "n_steps is 0", "expected an integer from 1"),
    (
        lambda: sequences.last_step(X, [4, 4, 5]),
        "lengths runs from 4 to 5",
        "expected integers from 1 to 4",
    ),
    (lambda: sequences.last_step(X, [1, 1]), "lengths has shape (2,)", "expected (3,)"),
    (
        lambda: sequences.reverse(X, [4, 4, 5]),
        "lengths runs from 4 to 5",
        "expected integers from 1 to 4",
    ),
    (lambda: sequences.reverse(X, [1, 1]), "lengths has shape (2,)", "expected (3,)"),
    (lambda: sequences.at_last_step([1, 2], [4, 5], 4), "lengths runs from 4 to 5", "1 to 4"),
    (lambda: sequences.at_last_step([1, 2], [4, 4, 4], 4), "values has shape (2,)", "expected (3,"),
    (lambda: sequences.at_last_step(1, [4], 4), "values has shape ()", "expected (1,"),
    (lambda: sequences.last_step(X[0, 0], [1]), "values has shape (2,)", "expected (T, B, ...)"),
    # initializers
    (lambda: initializers.gaussian(RNG, 0, 3), "n_out is 0", "expected an integer from 1"),
    (lambda: initializers.orthogonal(RNG, 3, -1), "n_in is -1", "expected an integer from 1"),
    (lambda: initializers.sparse(RNG, 3.0, 3), "n_out is 3.0", "expected an integer from 1"),
    (lambda: initializers.identity(RNG, 3, 4), "n_in is 4", "expected n_out = 3"),
    (lambda: initializers.echo_state(RNG, 3, 4), "n_in is 4", "expected n_out = 3"),
    (
        lambda: initializers.sparse(RNG, 3, 3, connections=4),
        "connections is 4",
        "1 to 3, the number of inputs",
    ),
    (
        lambda: initializers.sparse(RNG, 3, 3, connections=0),
        "connections is 0",
        "1 to 3, the number of inputs",
    ),
    (
        lambda: initializers.sparse(RNG, 3, 3, connections=1.5),
        "connections is 1.5",
        "an integer from 1 to 3, the number of inputs",
    ),
    (lambda: initializers.echo_state(RNG, 3, 3, connections=0), "connections is 0", "expected an"),
    (
        lambda: initializers.echo_state(RNG, 3, 3, spectral_radius=0),
        "spectral_radius is 0",
        "expected a positive finite",
    ),
    (
        lambda: initializers.echo_state(RNG, 3, 3, spectral_radius=-1.1),
        "spectral_radius is -1.1",
        "expected a positive finite",
    ),
    (
        lambda: initializers.echo_state(RNG, 3, 3, spectral_radius=np.nan),
        "spectral_radius is nan",
        "expected a positive finite",
    ),
    # checks
    (lambda: checks.complex_step(np.linalg.norm, THETA, THETA), "f is real", "expected complex"),
    (
        lambda: checks.complex_step(np.sum, THETA + 1j, THETA),
        "theta has dtype complex128",
        "float64",
    ),
    (lambda: checks.complex_step(np.sum, THETA, 1j * THETA), "v has dtype complex128", "float64"),
    (lambda: checks.complex_step(np.sum, THETA, THETA[1:]), "v has shape", f"expected ({P},)"),
    (lambda: checks.finite_difference(np.sum, THETA, THETA, 0), "eps is 0", "expected a positive"),
    (
        lambda: checks.finite_difference(np.sum, THETA, THETA, 1e-300),
        "eps is 1e-300",
        "expected a longer one",
    ),
    (lambda: checks.complex_step_gradient(np.sum, 3.0), "v has shape (1,)", "expected ()"),
    (lambda: checks.complex_step(np.sum, THETA, THETA, "1"), "eps is '1'", "expected a positive"),
    (
        lambda: checks.adjoint(np.sin, lambda u: u[0], X, X),
        "transposed(u) has shape (3, 2)",
        "expected (4, 3, 2)",
    ),
    (
        lambda: checks.check_gradient(ONE, THETA, 0),
        "rng is an int",
        "expected a numpy.random.Generator",
    ),
    (lambda: checks.adjoint(np.sin, np.sin, X, Y[0]), "u has shape (3, 2)", "expected (4, 3, 2)"),
    (lambda: checks.relative_error(X, X[0]), "found has shape (4, 3, 2)", "expected (3, 2)"),
]


def gated_rows(cell, N):
    """What lstm and gru refuse alike; N is their number of gates."""

    def run(x=X, h_0=None, **weights):
        return run_gated(cell, x, h_0, **weights)

    rows = [
        (lambda: run(X[0]), "x has shape (3, 2)", "expected (T, B, 2)"),
        (lambda: run(X[..., :1]), "x has shape (4, 3, 1)", "expected (T, B, 2)"),
        (lambda: run(X[:0]), "x has shape (0, 3, 2)", "T, B at least 1"),
        (lambda: run(X[:, :0]), "x has shape (4, 0, 2)", "T, B at least 1"),
        (lambda: run(np.ones((T, B, D), int)), "x has dtype int64", "expected float32 or float64"),
        (lambda: run(X.tolist()), "x is a list", "expected a NumPy array"),
        (lambda: run(None), "x has shape ()", "expected (T, B, 2)"),
        (lambda: run(X.astype(HALF)), "x has dtype float32", "expected float64"),
        (
            lambda: run(W_x=np.zeros((N * H - 1, D))),
            f"W_x has shape ({N * H - 1}, 2)",
            f"expected ({N * H}, 2)",
        ),
        (lambda: run(W_x=np.zeros(N * H)), f"W_x has shape ({N * H},)", f"expected ({N * H}, "),
        (lambda: run(W_h=np.zeros((H, H))), "W_h has shape (5, 5)", f"expected ({N * H}, 5)"),
        (lambda: back_gated(cell, Y), "e has shape (4, 3, 2)", "expected (4, 3, 5)"),
        (lambda: back_gated(cell, STATES[:1]), "e has shape (1, 3, 5)", "expected (4, 3, 5)"),
        (lambda: back_gated(cell, STATES.astype(HALF)), "e has dtype float32", "expected float64"),
        (lambda: back_gated(cell, R_x=X[:1]), "R_x has shape (1, 3, 2)", "expected (4, 3, 2)"),
        (lambda: train_gated(cell, x=having(X, np.nan)), "x holds nan", "expected finite"),
        (lambda: train_gated(cell, mask=~MASK), "mask sums to 0", "expected nonnegative"),
    ]
    for bias in cell.Params._fields[2:]:
        wrong = {bias: np.zeros((N * H, 1))}
        expected = f"expected ({N * H},)"
        rows += [(lambda wrong=wrong: run(**wrong), f"{bias} has shape ({N * H}, 1)", expected)]
    return rows


TABLE += gated_rows(lstm, 4) + gated_rows(gru, 3)
TABLE += [
    (lambda: run_gated(gru, h_0=STATES[0, 0]), "h_0 has shape (5,)", "expected (3, 5)"),
    (lambda: run_gated(gru, h_0=STATES[0, :1]), "h_0 has shape (1, 5)", "expected (3, 5)"),
    (lambda: run_gated(gru, h_0=STATES[0].astype(HALF)), "h_0 has dtype float32", "float64"),
    (lambda: run_gated(gru, h_0=PAIR), "h_0 has shape (2, 3, 5)", "expected (3, 5)"),
]


@pytest.mark.parametrize(
    ("call", "came", "expected"), [pytest.param(*row, id=f"{row[1]}-{row[2]}") for row in TABLE]
)
def test_bad_input_is_refused_and_named(call, came, expected):
    with pytest.raises(ValueError) as error:
        call()
    message = str(error.value)
    assert came in message and expected in message


def test_good_input_passes_so_that_the_table_tests_the_fault_alone():
    run(X, h_0=STATES[0])
    train(h_0=(STATES[0], None))
    for cell, state in ((lstm, PAIR), (lstm, list(PAIR)), (gru, STATES[0])):
        run_gated(cell, h_0=state)
        back_gated(cell)
        train_gated(cell, state)
    classify(CLASSES)
    each()
    each(y=np.full_like(Y, 0.5), name="sigmoid_cross_entropy")
    next(minibatch(3))
    for name in ("sgd", "momentum", "nesterov", "adam"):
        next(optimize(name, learning_rate=0.1, max_norm=1))
    pad(X[0], X[0, :1])


def test_no_fault_of_the_data_waits_for_the_first_step():
    # built, but not called with a theta
    with pytest.raises(ValueError, match="x holds nan"):
        Objective(NETWORK, losses.squared_error, having(X, np.nan), Y)
    with pytest.raises(ValueError, match="classes"):
        Objective(NETWORK, losses.softmax_cross_entropy, X, CLASSES + K)


@pytest.mark.parametrize(
    "name", ["squared_error", "softmax_cross_entropy", "sigmoid_cross_entropy"]
)
def test_every_function_of_a_loss_refuses_a_mask_that_scores_nothing(name):
    loss = getattr(losses, name)
    y = CLASSES if name == "softmax_cross_entropy" else np.full_like(Y, 0.5)
    for call in (loss.value, loss.grad, lambda *a: loss.hvp(*a, Y)):
        with pytest.raises(ValueError, match="mask sums to 0"):
            call(Y, y, ~MASK)


@pytest.mark.parametrize("name", ["squared_error", "sigmoid_cross_entropy"])
def test_every_function_of_a_loss_refuses_a_target_of_nan_that_is_not_scored(name):
    loss, y = getattr(losses, name), np.full_like(Y, 0.5)
    y[0, 1, 0] = np.nan
    for call in (loss.value, loss.grad, lambda *a: loss.hvp(*a, Y)):
        with pytest.raises(ValueError, match="y holds"):
            call(Y, y, UNSCORED)


@pytest.mark.parametrize(
    "name", ["squared_error", "softmax_cross_entropy", "sigmoid_cross_entropy"]
)
def test_the_curvature_of_a_loss_refuses_what_its_gradient_refuses_and_other_directions(name):
    hvp = getattr(losses, name).hvp
    y = CLASSES if name == "softmax_cross_entropy" else np.full_like(Y, 0.5)
    for bad, message in (
        (Y[0], "R has shape .*, expected "),
        (Y.astype(int), "R has dtype int64, expected float32 or float64"),
        (Y.astype(np.float32), "R has dtype float32, expected float64: one precision"),
        (Y.tolist(), "R is a list, expected a NumPy array"),
    ):
        with pytest.raises(ValueError, match=message):
            hvp(Y, y, MASK, bad)
    with pytest.raises(ValueError, match="y has shape .*, expected "):
        hvp(Y, y[0], MASK, Y)


@pytest.mark.parametrize("rng", [0, None, np.random, np.random.RandomState(0)])
def test_what_draws_takes_a_generator(rng):
    calls = [cell.init for cell in (*cells.CELLS, esn)]
    drawn = "gaussian", "orthogonal", "identity", "sparse", "echo_state"
    calls += [getattr(initializers, name) for name in drawn]
    for call in calls:
        with pytest.raises(ValueError, match="^rng is .*, expected a numpy.random.Generator, as"):
            call(rng, 20, 20)
    with pytest.raises(ValueError, match="^rng is .*, expected a numpy.random.Generator, as"):
        NETWORK.init(rng)
    reservoir = esn.init(np.random.default_rng(0), 1, 20)
    with pytest.raises(ValueError, match="^rng is .*, expected a numpy.random.Generator, as"):
        esn.run(reservoir, np.ones((3, 1, 1)), noise=0.1, rng=rng)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "an int"),
        (np.ones(1), "an ndarray"),
        ([], "a list"),
        (None, "None"),
        ({}, "a dict"),
    ],
)
def test_a_kind_has_its_article(value, words):
    assert inputs.kind_of(value) == words


@pytest.mark.parametrize("cell", (*cells.CELLS, esn), ids=cells.name)
@pytest.mark.parametrize("dtype", [int, bool, np.float16, complex])
def test_no_weights_are_drawn_of_a_dtype_that_cannot_hold_them(cell, dtype):
    sizes = (2, 20) if cell is not linear else (20, 2)
    with pytest.raises(ValueError, match=f"dtype is {np.dtype(dtype)}, expected float32 or"):
        cell.init(np.random.default_rng(0), *sizes, dtype=dtype)


@pytest.mark.parametrize("cell", (*cells.CELLS, *cells.OF_WEEK_11), ids=cells.name)
@pytest.mark.parametrize("call", ["forward", "backward", "r_forward"])
def test_the_params_of_another_cell_are_refused_by_name(cell, call):
    params = cell.init(RNG, 2, 4)
    h, tape = cell.forward(params, X)
    other = (*params, params[-1])
    rest = {"forward": (X,), "backward": (tape, h), "r_forward": (tape, params)}[call]
    message = f"params has {len(other)} arrays, expected {', '.join(params._fields)}"
    with pytest.raises(ValueError, match=message):
        getattr(cell, call)(other, *rest)


@pytest.mark.parametrize("cell", (*cells.CELLS, *cells.OF_WEEK_11), ids=cells.name)
def test_a_tape_and_a_direction_are_of_the_cell_and_of_one_precision(cell):
    params = cell.init(RNG, 2, 4)
    h, tape = cell.forward(params, X)
    half = type(params)(*(a.astype(HALF) for a in params))
    with pytest.raises(ValueError, match=rf"v.{params._fields[0]} has dtype float32, expected fl"):
        cell.r_forward(params, tape, half)
    wider = cell.init(RNG, 3, 4)  # of another width where the input stands on the tape
    of_wider = cell.forward(wider, np.ones((T, B, 3)))[1]
    refused = [(of_wider, r"tape.[xh] has shape \(4, 3, 3\), expected \(4, 3, 2\)")]
    if "x" in tape._fields:
        shorter = tape._replace(x=tape.x[:-1])
        refused += [(shorter, r"tape.x has shape \(3, 3, 2\), expected \(4, 3, 2\)")]
    for other, message in refused:
        with pytest.raises(ValueError, match=message):
            cell.backward(params, other, h)
        with pytest.raises(ValueError, match=message):
            cell.r_forward(params, other, params)
