"""Checkers of week 9: error bar, price of a step, adder, a new task, a forecast that can turn."""

import copy

import numpy as np

from rnncourse import linear, rnn, tasks
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.inputs import kind_of


@checker
def error_bar(attempt):
    """Check `attempt(solved, runs)`: lower and upper end of Wilson's interval, one sigma."""
    for solved, runs in ((10, 10), (0, 10), (7, 10), (1, 3), (450, 1000)):
        found = attempt(solved, runs)
        expect_shape(f"for {solved} of {runs} it", found, (2,))
        p = solved / runs
        half = np.sqrt(p * (1 - p) / runs + 1 / (4 * runs**2))
        expected = (p + 1 / (2 * runs) + np.array([-1, 1]) * half) / (1 + 1 / runs)
        hint = "Solve (p - p_0)^2 = p_0 (1 - p_0) / n for p_0: both ends are its roots."
        expect_close(f"for {solved} of {runs} it", np.asarray(found), expected, hint, 1e-8)


@checker
def price_of_a_step(attempt):
    """Check `attempt(n_gradient, n_curvature, cg_steps)`: cost in gradients of one sequence."""
    for n_gradient, n_curvature, cg_steps in ((1000, 1000, 1), (1000, 250, 50), (50, 10, 0)):
        expected = n_gradient + cg_steps * n_curvature * 4 / 3
        hint = "What does a product with G cost beside a gradient, and on how many sequences?"
        what = f"for {n_gradient}, {n_curvature} and {cg_steps} it"
        expect_close(what, attempt(n_gradient, n_curvature, cg_steps), expected, hint)


@checker
def adder(attempt):
    """Check `attempt()`: weights of a tanh net and a readout that solve the adding problem."""
    given = attempt()
    if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[0], rnn.Params):
        raise Wrong("it does not return a pair of rnn.Params and linear.Params.")
    cell, readout = given
    if not isinstance(readout, linear.Params):
        raise Wrong(f"the second is {kind_of(readout)}, expected linear.Params.")
    expect_shape("W_hx", cell.W_hx, (len(cell.b_h), 2))
    expect_shape("W_yh", readout.W_yh, (1, len(cell.b_h)))
    for n_steps in (20, 100):
        x, y, mask = tasks.adding(np.random.default_rng(16), n_steps, 500)
        y_hat = linear.forward(readout, rnn.forward(cell, x)[0])[0]
        share = np.mean(~(np.abs(y_hat - y)[mask] <= 0.04))
        if not share < 0.01:
            raise Wrong(
                f"at length {n_steps}, {share:.0%} of the sequences are off by more than 0.04. "
                "Look at a unit at the marked steps, at the others, and at the first one; then at "
                "what a unit that adds loses over the whole length."
            )


@checker
def last_seen(attempt):
    """Check `attempt(rng, n_steps, batch)`, a task: the last bit that was marked, as a Batch."""
    for n_steps, B in ((30, 400), (41, 300)):
        _check_last_seen(attempt, n_steps, B)


def _check_last_seen(attempt, n_steps, B):
    got = attempt(np.random.default_rng(17), n_steps, B)
    if not isinstance(got, tasks.Batch):
        raise Wrong(f"it returns {kind_of(got)}, expected tasks.Batch.")
    x, y, mask = got = copy.deepcopy(got)  # it may be written into again
    expect_shape("x", x, (n_steps, B, 2))
    expect_shape("y", y, (n_steps, B))
    expect_shape("mask", mask, (n_steps, B))
    if np.asarray(y).dtype.kind not in "iu" or np.asarray(mask).dtype != bool:
        raise Wrong(f"y is of {np.asarray(y).dtype} and mask of {np.asarray(mask).dtype}.")
    if not mask[-1].all() or mask[:-1].any():
        raise Wrong("the mask does not score the last step of each sequence, and only it.")
    bits, markers = x[..., 0], x[..., 1]
    if not np.isin(x, (0, 1)).all() or markers.sum(axis=0).min() < 1 or not markers[0].all():
        raise Wrong("x holds something else than zeros and ones, or no marker at the first step.")
    share = markers[1:].mean()
    if not 0.05 < share < 0.15:
        raise Wrong(f"after the first step {share:.0%} of the markers are 1, expected a tenth.")
    if not abs(bits.mean() - 0.5) <= 0.03:
        raise Wrong(f"the mean of the bits is {bits.mean():.2f}, expected a half.")
    for name, drawn, p in (("bits", bits, 0.5), ("markers", markers[1:], 0.1)):
        for axis, whose in ((0, "steps"), (1, "sequences")):
            differ, expected = np.mean(np.diff(drawn, axis=axis) != 0), 2 * p * (1 - p)
            if not abs(differ - expected) <= 0.03:
                raise Wrong(
                    f"the {name} of neighboring {whose} differ in {differ:.0%}, expected "
                    f"{expected:.0%}: draw each for itself."
                )
    last = n_steps - 1 - markers[::-1].argmax(axis=0)
    if not np.array_equal(y[-1], bits[last, np.arange(B)]):
        raise Wrong("the target of some sequence is not the bit at its last marked step.")
    again = attempt(np.random.default_rng(17), n_steps, B)
    if not all(np.array_equal(a, b) for a, b in zip(got, again, strict=True)):
        raise Wrong("the same generator gives another batch: use rng, and nothing else.")


@checker
def rotating_forecast(attempt):
    """Check `attempt(m, order, horizon)`: forecast of a complex series from its last steps."""
    rng = np.random.default_rng(18)
    noise = rng.normal(size=(60, 2)) @ np.array([1, 1j])
    for order, horizon in ((2, 7), (5, 1), (5, 12)):
        t = np.arange(60 + horizon)
        m = 80 * np.exp(0.9j + 0.12j * t) + 30 * np.exp(0.17j * t) + 5 - 2j
        what = f"for two circles, order {order} and horizon {horizon}, it"
        hint = "Two circles obey such a rule without any error, wherever their center is."
        expect_close(what, attempt(m[:60], order, horizon), m[-1], hint, 1e-6)
        m = m[:60] + noise
        steps = np.diff(m)
        past = np.array([steps[end - order : end][::-1] for end in range(order, 60)])
        moved = m[order + horizon :] - m[order : 60 - horizon]
        expected = m[-1] + past[-1] @ np.linalg.lstsq(past[: len(moved)], moved, rcond=None)[0]
        hint = (
            "Are all samples used from which the target can be seen, and does the forecast start "
            "from the last one?"
        )
        what = f"for two circles with noise, order {order} and horizon {horizon}, it"
        expect_close(what, attempt(m, order, horizon), expected, hint, 1e-6)
