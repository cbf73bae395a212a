"""Optimizers: three steps by hand on a quadratic, what theory says of them, and who owns what."""

import collections
import itertools
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from rnncourse import linear, losses, optimizers, rnn
from rnncourse.network import Network
from rnncourse.objective import Objective, minibatches
from rnncourse.params import ravel

NAMES = ("sgd", "momentum", "nesterov", "adam")
CURVATURES = np.array([0.3, 1.0, 4.0])
START = np.array([1.0, -2.0, 0.5])
ETA, MU = 0.1, 0.8


class Quadratic:
    """C = 1/2 sum lambda theta^2 - b theta: the gradient is known by heart."""

    def __init__(self, curvatures=CURVATURES, b=0.0):
        self.curvatures, self.b = curvatures, b

    def value_and_gradient(self, theta):
        value = 0.5 * (self.curvatures * theta**2).sum() - (self.b * theta).sum()
        return value, (self.curvatures * theta - self.b).astype(theta.dtype)


def run(name, n_steps, theta=START, objective=None, **options):
    options = {"learning_rate": ETA} | options
    objectives = itertools.repeat(objective or Quadratic(), n_steps)
    return list(getattr(optimizers, name)(objectives, theta, **options))


def by_hand(name, theta, n_steps=3):
    """The formulas of the papers, one parameter vector after the other."""
    v = m = s = 0 * theta
    for n in range(1, n_steps + 1):
        if name == "sgd":
            theta = theta - ETA * CURVATURES * theta
        elif name == "momentum":
            v = MU * v - ETA * CURVATURES * theta
            theta = theta + v
        elif name == "nesterov":
            v = MU * v - ETA * CURVATURES * (theta + MU * v)
            theta = theta + v
        else:
            g = CURVATURES * theta
            m, s = 0.7 * m + 0.3 * g, 0.9 * s + 0.1 * g**2
            theta = theta - ETA * (m / (1 - 0.7**n)) / (np.sqrt(s / (1 - 0.9**n)) + 0.01)
        yield theta


OPTIONS = {
    "sgd": {},
    "momentum": {"mu": MU},
    "nesterov": {"mu": MU},
    "adam": {"beta_1": 0.7, "beta_2": 0.9, "epsilon": 0.01},
}


@pytest.mark.equation("3.7", code="optimizers.adam")
@pytest.mark.equation("7.4", code="optimizers.momentum")
@pytest.mark.equation("7.9", code="optimizers.nesterov")
@pytest.mark.parametrize("name", NAMES)
def test_three_steps_are_those_by_hand(name):
    found = [step.theta for step in run(name, 3, **OPTIONS[name])]
    assert_allclose(found, list(by_hand(name, START)), rtol=1e-14)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam"])
def test_a_step_reports_cost_and_gradient_where_it_was_taken(name):
    theta = START
    for step in run(name, 4, **OPTIONS[name]):
        value, gradient = Quadratic().value_and_gradient(theta)
        assert isinstance(step.value, float) and isinstance(step.gradient_norm, float)
        assert_allclose([step.value, step.gradient_norm], [value, np.linalg.norm(gradient)])
        theta = step.theta


@pytest.mark.equation("7.10", code="optimizers.nesterov")
def test_nesterov_is_momentum_with_less_of_it_in_steep_directions():
    # Sutskever et al., ICML 2013, theorem 2.1: mu (1 - lambda eta) for each eigendirection
    steps = run("nesterov", 20, mu=MU)
    for i, curvature in enumerate(CURVATURES):
        one = run(
            "momentum",
            20,
            START[i : i + 1],
            Quadratic(CURVATURES[i : i + 1]),
            mu=MU * (1 - curvature * ETA),
        )
        assert_allclose([s.theta[i] for s in steps], [s.theta[0] for s in one], rtol=1e-10)


SCHEDULE = [0.0, 0.9, 0.5, 0.8]


@pytest.mark.parametrize("kind", [list, tuple, iter, np.array, np.float32])
@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_mu_may_be_a_schedule(name, kind):
    theta, v, expected = START, 0 * START, []
    for mu in SCHEDULE:
        v = mu * v - ETA * CURVATURES * (theta + mu * v * (name == "nesterov"))
        theta = theta + v
        expected.append(theta)
    steps = run(name, 4, mu=kind(SCHEDULE))
    assert_allclose([step.theta for step in steps], expected, rtol=1e-6, atol=1e-7)
    steps = run(name, 4, START.astype(np.float32), mu=kind(SCHEDULE))
    assert all(step.theta.dtype == np.float32 for step in steps)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_a_schedule_is_taken_as_the_steps_are(name):
    """A constant schedule is the constant; one without end is taken number by number."""
    constant = [step.theta for step in run(name, 5, mu=MU)]
    same = run(name, 5, mu=itertools.repeat(MU))
    assert_array_equal([step.theta for step in same], constant)
    taken = []
    numbers = (taken.append(n) or MU for n in itertools.count())
    steps = getattr(optimizers, name)(itertools.repeat(Quadratic()), START, ETA, mu=numbers)
    assert taken == []
    assert len(list(itertools.islice(steps, 3))) == 3 and taken == [0, 1, 2]


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
@pytest.mark.parametrize("kind", [list, iter, np.array])
def test_a_schedule_must_last_as_long_as_the_objectives(name, kind):
    """Its end is an error, not the quiet end of training; so is a number out of range."""
    steps = getattr(optimizers, name)([Quadratic()] * 4, START, ETA, mu=kind([0.5, 0.6]))
    assert len([next(steps), next(steps)]) == 2
    with pytest.raises(ValueError, match="mu has 2 numbers, expected one for each step"):
        next(steps)
    steps = getattr(optimizers, name)([Quadratic()] * 4, START, ETA, mu=iter([0.5, np.nan]))
    next(steps)
    with pytest.raises(ValueError, match=r"mu\[1\] is nan, expected a number from 0 to below 1"):
        next(steps)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_of_the_number_of_the_update_is_a_schedule(name):
    """Each step is the first of a run at that rate from where the one before ended."""
    rates = (0.1, 0.05, 0.2, 0.01)
    asked = []

    def rate(n):
        asked.append(n)
        return rates[n]

    options = OPTIONS[name] | ({"mu": lambda n: 0.5 + n / 10} if "mu" in OPTIONS[name] else {})
    steps = run(name, 4, **(options | {"learning_rate": rate}))
    assert asked == [0, 1, 2, 3] and [step.updates for step in steps] == [1, 2, 3, 4]
    before = START
    for n, step in enumerate(steps):
        mu = {"mu": 0.5 + n / 10} if "mu" in options else {}
        (alone,) = run(name, 1, before, **(options | {"learning_rate": rates[n]} | mu))
        assert_array_equal(alone.theta, step.theta)
        before = step


@pytest.mark.parametrize("name", NAMES)
def test_a_schedule_may_begin_at_zero(name):
    first, second = run(name, 2, **(OPTIONS[name] | {"learning_rate": lambda n: n * ETA}))
    assert_array_equal(first.theta, START)
    assert (second.theta != START).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_schedule_names_the_update_of_a_bad_number(name):
    arguments = ["learning_rate"] + ["mu"] * ("mu" in OPTIONS[name])
    for argument in arguments:
        for bad in (np.nan, -1.0, "0.1", None):
            steps = getattr(optimizers, name)(
                itertools.repeat(Quadratic()),
                START,
                **{"learning_rate": ETA, argument: lambda n, bad=bad: 0.1 if n < 2 else bad},
            )
            next(steps), next(steps)
            with pytest.raises(ValueError, match=rf"^{argument}\(2\) is {shown(bad)}, expected a "):
                next(steps)


def kept(step, tmp_path):
    return step


def through_a_file(step, tmp_path):
    np.savez(tmp_path / "step.npz", **step._asdict())
    with np.load(tmp_path / "step.npz", allow_pickle=False) as archive:
        return optimizers.Step(**archive)


@pytest.mark.parametrize("again", [kept, through_a_file])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_a_run_goes_on_from_a_step_bit_for_bit(name, dtype, again, tmp_path):
    c = Objective(
        Network((rnn, linear), (1, 3, 1)),
        losses.squared_error,
        *np.random.default_rng(1).normal(size=(2, 6, 4, 1)).astype(dtype),
    )
    theta = ravel(c.network.init(np.random.default_rng(0), dtype))
    options = OPTIONS[name] | {"learning_rate": lambda n: 0.1 / (1 + n), "max_norm": 0.3}
    whole = run(name, 7, theta, c, **options)
    first = run(name, 3, theta, c, **options)
    rest = run(name, 4, again(first[-1], tmp_path), c, **options)
    for a, b in zip(whole, [*first, *rest], strict=True):
        assert a.theta.tobytes() == b.theta.tobytes() and a.theta.dtype == b.theta.dtype == dtype
        assert a[1:4] == b[1:4]
        assert [m.tobytes() for m in a.memory] == [m.tobytes() for m in b.memory]
    if name != "sgd":  # from theta alone it is another run
        assert (
            np.abs(run(name, 1, first[-1].theta, c, **options)[0].theta - rest[0].theta).max() > 0
        )


def test_a_step_of_another_optimizer_is_refused():
    (of_adam,), (of_sgd,) = run("adam", 1), run("sgd", 1)
    for name, step, message in (
        ("momentum", of_adam, "theta is a step that remembers 2 vectors, expected 1: one of this"),
        ("adam", of_sgd, "theta is a step that remembers 0 vectors, expected 2: one of this"),
        ("adam", of_adam._replace(memory=np.ones((2, 4))), r"m has shape \(4,\), expected \(3,\)"),
        ("sgd", of_sgd._replace(theta=np.full(3, np.nan)), "theta holds nan at index"),
    ):
        with pytest.raises(ValueError, match="^" + message):
            getattr(optimizers, name)([], step, ETA)


def test_a_descent_that_ran_away_names_the_rate_it_ran_away_with():
    def rate(n):
        return 1e300 if n == 3 else 0.1

    with np.errstate(over="ignore"), pytest.raises(ValueError, match="learning_rate than 1e.300,"):
        run("sgd", 6, objective=Quadratic(1e10 * CURVATURES), learning_rate=rate)


@pytest.mark.equation("7.1", code="optimizers.sgd")
def test_without_momentum_all_three_are_gradient_descent():
    expected = [step.theta for step in run("sgd", 5)]
    for name in ("momentum", "nesterov"):
        assert_array_equal([step.theta for step in run(name, 5, mu=0)], expected)


def test_momentum_gains_the_factor_one_over_one_minus_mu_on_a_slope():
    # constant gradient -1: the velocity goes to eta / (1 - mu)
    slope = Quadratic(np.zeros(3), 1.0)
    for name in ("momentum", "nesterov"):
        steps = run(name, 200, objective=slope, mu=MU)
        assert_allclose(steps[-1].theta - steps[-2].theta, ETA / (1 - MU), rtol=1e-10)


def test_adam_begins_with_steps_of_the_learning_rate_whatever_the_scale():
    for scale in (1e-3, 1.0, 1e3):
        (step,) = run("adam", 1, objective=Quadratic(scale * CURVATURES))
        assert_allclose(step.theta, START - ETA * np.sign(START), rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_quadratic_is_minimized(name):
    b = np.array([1.0, 2.0, -3.0])
    steps = run(name, 800, objective=Quadratic(b=b), **(OPTIONS[name] if name != "adam" else {}))
    assert_allclose(steps[-1].theta, b / CURVATURES, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_neither_the_callers_theta_nor_an_earlier_one_is_changed(name):
    start = START.copy()
    start.flags.writeable = False
    steps, copies = [], []
    for step in getattr(optimizers, name)(itertools.repeat(Quadratic(), 4), start, ETA):
        steps.append(step.theta)
        copies.append(step.theta.copy())
    assert_array_equal(start, START)
    assert_array_equal(steps, copies)
    assert len({id(theta) for theta in [start, *steps]}) == 5


@pytest.mark.parametrize("name", NAMES)
def test_the_caller_owns_the_loop(name):
    # one objective a step, taken when the step is asked for; the end of the objectives is the end
    taken = []

    def objectives():
        for i in range(3):
            taken.append(i)
            yield Quadratic()

    steps = getattr(optimizers, name)(objectives(), START, ETA)
    assert taken == []
    next(steps)
    assert taken == [0]
    assert len(list(steps)) == 2
    assert list(getattr(optimizers, name)([], START, ETA)) == []


@pytest.mark.parametrize("name", NAMES)
def test_clipping_holds_for_the_step_and_the_report_is_of_the_true_gradient(name):
    (step,) = run(name, 1, max_norm=0.01)
    true_norm = np.linalg.norm(CURVATURES * START)
    assert_allclose(step.gradient_norm, true_norm)
    if name != "adam":  # whose step does not depend on the gradient's length
        moved = step.theta - START
        assert_allclose(np.linalg.norm(moved), ETA * 0.01)
        assert_allclose(moved / np.linalg.norm(moved), -CURVATURES * START / true_norm)
    free, same = run(name, 3), run(name, 3, max_norm=1e6)
    assert_array_equal([s.theta for s in free], [s.theta for s in same])


class Growing:
    """A gradient that does not depend on theta and grows by a factor at each call."""

    def __init__(self, factor):
        self.g, self.factor = 1.0, factor

    def value_and_gradient(self, theta):
        self.g *= self.factor
        return 0.0, np.full_like(theta, self.g)


def test_the_longest_step_of_adam_is_the_one_its_docstring_gives():
    """A step is eta where the gradient is steady, longer where it grows, never above the bound."""
    bound = (1 - 0.9) / np.sqrt((1 - 0.999) * (1 - 0.9**2 / 0.999))
    assert f"{bound:.1f} with the betas given here" in optimizers.adam.__doc__

    def longest(factor):
        steps = run("adam", 2000, np.zeros(1), Growing(factor))
        return np.abs(np.diff([step.theta[0] for step in steps])).max() / ETA

    assert longest(1.0) < 1 + 1e-6
    assert 6 < longest(1.11) < bound


def test_clipping_reaches_adams_running_means():
    # the second gradient is a thousand times the first; clipped, it counts no more than the first
    objectives = [Quadratic(), Quadratic(1000 * CURVATURES)]
    steps = list(optimizers.adam(objectives, START, ETA, beta_1=0.5, beta_2=0.5, max_norm=1e-3))
    m = s = 0 * START
    theta = START
    for n, scale in enumerate((1, 1000), start=1):
        g = scale * CURVATURES * theta
        g = g * 1e-3 / np.linalg.norm(g)
        m, s = (m + g) / 2, (s + g * g) / 2
        theta = theta - ETA * (m / (1 - 0.5**n)) / (np.sqrt(s / (1 - 0.5**n)) + 1e-8)
    assert_allclose(steps[-1].theta, theta, rtol=1e-12)


def test_clip_keeps_the_direction_and_leaves_short_gradients_alone():
    g = np.array([3.0, -4.0])
    assert_allclose(optimizers.clip(g, 1), [0.6, -0.8], rtol=1e-15)
    assert_array_equal(optimizers.clip(g, 5), g)
    assert_array_equal(optimizers.clip(g, np.inf), g)
    assert_array_equal(optimizers.clip(0 * g, 1), 0 * g)
    assert_array_equal(g, [3.0, -4.0])


@pytest.mark.parametrize("largest", [np.float32(3e38), np.float64(1.7e308)])
@pytest.mark.filterwarnings("ignore:overflow")
def test_clip_holds_where_the_norm_is_beyond_all_numbers(largest):
    clipped = optimizers.clip(np.full(4, largest), 1.0)
    assert clipped.dtype == largest.dtype
    assert_allclose(clipped, 0.5, rtol=1e-6)


@pytest.mark.parametrize("rate", [ETA, np.float64(ETA), np.float32(ETA)])
@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32(name, rate):
    options = {"max_norm": np.float64(0.5)} | {k: np.float64(v) for k, v in OPTIONS[name].items()}
    steps = run(name, 3, START.astype(np.float32), learning_rate=rate, **options)
    assert all(step.theta.dtype == np.float32 for step in steps)
    expected = run(name, 3, max_norm=0.5, **OPTIONS[name])
    assert_allclose(steps[-1].theta, expected[-1].theta, rtol=1e-5)


NETWORK = Network((rnn, linear), (1, 4, 1))


def numbered(N, T=3):
    """Data in which an example's number can be read from its input, target and mask."""
    x = np.broadcast_to(np.arange(N, dtype=float)[:, np.newaxis], (T, N, 1))
    return x, 10 * x, np.broadcast_to(1.0 + np.arange(N), (T, N))


def batches_of(N, batch_size, seed, n_batches):
    stream = minibatches(
        NETWORK, losses.squared_error, *numbered(N), batch_size, np.random.default_rng(seed)
    )
    return list(itertools.islice(stream, n_batches))


@pytest.mark.parametrize(("N", "batch_size"), [(6, 2), (7, 3), (5, 5), (4, 1)])
def test_every_epoch_sees_each_example_once(N, batch_size):
    a_epoch = -(-N // batch_size)
    batches = batches_of(N, batch_size, 0, 4 * a_epoch)
    for start in range(0, len(batches), a_epoch):
        epoch = batches[start : start + a_epoch]
        seen = np.concatenate([batch.x[0, :, 0] for batch in epoch])
        assert_array_equal(np.sort(seen), np.arange(N))
        assert [b.x.shape[1] for b in epoch[:-1]] == [batch_size] * (a_epoch - 1)
    for batch in batches:  # input, target and mask stay together
        assert_array_equal(batch.y, 10 * batch.x)
        assert_array_equal(batch.mask, 1 + batch.x[..., 0])


def test_minibatches_are_shuffled_anew_and_reproducible():
    def order(seed):
        return [tuple(batch.x[0, :, 0]) for batch in batches_of(8, 4, seed, 6)]

    assert order(1) == order(1) != order(2)
    assert len(set(order(1))) > 2


def test_a_minibatch_of_everything_has_the_cost_of_everything():
    x, y, mask = numbered(5)
    theta = ravel(NETWORK.init(np.random.default_rng(2)))
    (batch,) = batches_of(5, 5, 3, 1)
    whole = Objective(NETWORK, losses.squared_error, x, y, mask)
    assert_allclose(batch.value(theta), whole.value(theta), rtol=1e-12)
    assert_allclose(batch.gradient(theta), whole.gradient(theta), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_a_network_learns_and_its_precision_holds(name, dtype):
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, size=(5, 12, 1)).astype(dtype)
    y = np.cumsum(x, axis=0) / 3
    stream = minibatches(NETWORK, losses.squared_error, x, y, None, 6, rng)
    theta = ravel(NETWORK.init(rng, dtype))
    rate = np.float64(0.02 if name == "adam" else 0.1)
    steps = list(getattr(optimizers, name)(itertools.islice(stream, 150), theta, rate))
    assert steps[-1].theta.dtype == dtype
    whole = Objective(NETWORK, losses.squared_error, x, y)
    assert whole.value(steps[-1].theta) < 0.2 * whole.value(theta)


POSITIVE, SHARE = "expected a positive finite number$", "expected a number from 0 to below 1$"
RATE = "expected a positive finite number, or a function of the number of the update$"


@pytest.mark.parametrize(
    ("name", "bad", "expected"),
    [
        *(("sgd", {"learning_rate": value}, RATE) for value in (0, -0.1, np.inf, np.nan)),
        *((name, {"max_norm": value}, "expected a positive number$")
          for name in NAMES for value in (0, np.nan)),
        *(("adam", {"epsilon": value}, POSITIVE) for value in (0, np.inf)),
        *(("adam", {beta: value}, SHARE)
          for beta in ("beta_1", "beta_2") for value in (-0.1, 1, 1.5, 1j, np.array([0.5]), "0.5")),
        *((name, {"mu": value}, SHARE) for name in ("momentum", "nesterov") for value in (1, 1.5)),
    ],
)  # fmt: skip
def test_a_number_out_of_range_is_named(name, bad, expected):
    ((argument, value),) = bad.items()
    with pytest.raises(ValueError, match=f"^{argument} is {shown(value)}, {expected}"):
        run(name, 1, **bad)


def shown(value):
    """What a message says came, as a pattern; of a text the quotes, too."""
    return re.escape(repr(value) if isinstance(value, str) else str(value))


@pytest.mark.parametrize("bad", ["0.1", None, [0.1], True])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_number_is_named(name, bad):
    for argument, expected in (("learning_rate", RATE), ("max_norm", "expected a positive nu")):
        with pytest.raises(ValueError, match=f"^{argument} is {shown(bad)}, {expected}"):
            run(name, 1, **{argument: bad})


@pytest.mark.parametrize("name", NAMES)
def test_a_start_that_is_no_vector_of_floats_is_refused_at_the_call(name):
    def start(theta):
        getattr(optimizers, name)([], theta, ETA)

    for theta, message in (
        ([1.0], "is a list, expected a NumPy array of floats"),
        (1.0, "has shape (), expected (P,)"),
        (None, "has shape (), expected (P,)"),
        (np.ones((3, 1)), "has shape (3, 1), expected (P,)"),
        (np.ones(3, int), "has dtype int64, expected float32 or float64"),
        (np.ones(3, bool), "has dtype bool, expected float32 or float64"),
        (np.ones(3) * 1j, "has dtype complex128, expected float32 or float64"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "is a masked array, expected a plain one"),
        (np.array([1.0, np.nan]), "holds nan at index (1,), expected finite numbers"),
    ):
        with pytest.raises(ValueError, match="^theta " + re.escape(message)):
            start(theta)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_clip_refuses_what_is_not_finite_and_an_optimizer_reports_it(bad):
    g = np.array([bad, 1.0])
    with pytest.raises(
        ValueError, match=f"gradient holds {bad} at index .0,., expected finite num"
    ):
        optimizers.clip(g, 1.0)
    with pytest.raises(ValueError, match="gradient is a list, expected a NumPy array"):
        optimizers.clip(list(g), 1.0)
    with pytest.raises(ValueError, match="max_norm is None, expected a positive number"):
        optimizers.clip(np.ones(2), None)
    (step,) = run("sgd", 1, np.ones(2), Quadratic(g))
    assert_array_equal(step.gradient_norm, bad)


def test_a_schedule_names_its_step():
    for kind in (list, iter):
        with pytest.raises(ValueError, match=r"^mu\[1\] is 2.0, " + SHARE):
            run("momentum", 3, mu=kind((0.5, 2.0)))
    with pytest.raises(ValueError, match="^mu has 0 numbers, expected one for each step$"):
        run("momentum", 1, mu=iter(()))


def test_the_least_epsilon_is_allowed_and_a_smaller_one_is_named():
    least = float(np.finfo(float).tiny) ** 0.5
    run("adam", 1, epsilon=least)
    with pytest.raises(ValueError, match="^epsilon is .*, expected at least 1.5e-154 for float64$"):
        run("adam", 1, epsilon=least / 2)


def test_a_gradient_at_the_limit_is_not_clipped():
    g = np.array([3.0, 4.0])
    assert_array_equal(optimizers.clip(g, 5.0), g)
    with pytest.raises(ValueError, match="^max_norm is 0, expected a positive number$"):
        optimizers.clip(g, 0)


def test_adam_comes_with_its_papers_rate():
    step = next(optimizers.adam([Quadratic()], START))
    assert_array_equal(step.theta, run("adam", 1, learning_rate=1e-3)[0].theta)


def test_an_infinite_gradient_has_an_infinite_norm():
    (step,) = run("sgd", 1, objective=Quadratic(np.array([np.inf, 1.0, 1.0])))
    assert step.gradient_norm == np.inf


def test_the_idiom_of_the_readme_keeps_one_theta():
    n, P = 50, 20_000
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    idiom = re.search(r"steps = .*\n>>> last = (.*?)  #", readme)[1]
    tracemalloc.start()
    steps = optimizers.sgd(itertools.repeat(Quadratic(np.ones(P)), n), np.ones(P), 0.1)
    last = eval(idiom, {"steps": steps, "deque": collections.deque})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert_allclose(last.theta, 0.9**n)
    assert peak < 10 * last.theta.nbytes  # theta before and after, the gradient, and their parts


def frameworks_nesterov(objective, theta, n_steps, mu):
    """The update as PyTorch writes it, v in the units of the gradient; mu(n) of step n."""
    v = 0 * theta
    for n in range(n_steps):
        g = objective.value_and_gradient(theta)[1]
        v = mu(n) * v + g
        theta = theta - ETA * (g + mu(n) * v)
        yield theta


def test_the_nesterov_of_the_frameworks_keeps_the_point_ahead():
    steps, theirs = (
        run("nesterov", 30, mu=MU),
        frameworks_nesterov(Quadratic(), START, 30, lambda n: MU),
    )
    before = START
    for step, their in zip(steps, theirs, strict=True):
        v = step.theta - before
        assert_allclose(step.theta + MU * v, their, rtol=1e-12, atol=1e-14)
        assert np.linalg.norm(step.theta - their) > 1e-3 * np.linalg.norm(v)
        before = step.theta


def test_under_a_schedule_the_two_ways_part():
    def mu(n):
        return 0.5 if n < 5 else 0.9

    steps = run("nesterov", 30, mu=[mu(n) for n in range(30)])
    theirs = list(frameworks_nesterov(Quadratic(), START, 30, mu))
    ahead = [
        a.theta + mu(n) * (a.theta - b.theta)
        for n, (b, a) in enumerate(zip(steps, steps[1:], strict=False), 1)
    ]
    apart = [np.linalg.norm(a - b) for a, b in zip(ahead, theirs[1:], strict=True)]
    assert max(apart[:4]) < 1e-14 < 1e-4 < max(apart[4:])


@pytest.mark.parametrize("name", NAMES)
def test_a_descent_that_ran_away_names_the_learning_rate(name):
    """The step that ran away is still handed out; the next one says what happened."""

    class Cliff(Quadratic):
        def value_and_gradient(self, theta):
            return 0.0, np.full_like(theta, np.inf)

    with np.errstate(invalid="ignore"):
        steps = getattr(optimizers, name)(itertools.repeat(Cliff()), START, 7.5)
        assert not np.isfinite(next(steps).theta).all()
    message = (
        "^theta holds NaN or an infinity: the descent ran away, expected a smaller learning_rate"
    )
    with pytest.raises(ValueError, match=message + " than 7.5, or a max_norm$"):
        next(steps)


@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_of_another_shape_or_precision_is_named(name):
    class Other:
        def __init__(self, gradient):
            self.gradient = gradient

        def value_and_gradient(self, theta):
            return 0.0, self.gradient

    for gradient, theta, message in (
        (np.ones((3, 1)), START, r"the gradient has shape \(3, 1\), expected \(3,\)"),
        (np.ones(1), START, r"the gradient has shape \(1,\), expected \(3,\)"),
        (np.ones(3), START.astype(np.float32), "the gradient has dtype float64, expected float32"),
    ):
        with pytest.raises(ValueError, match="^" + message):
            run(name, 1, theta, Other(gradient))
