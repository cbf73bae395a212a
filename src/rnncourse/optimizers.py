"""First-order optimizers on flat vectors: generators, so that the caller owns the loop.

    sgd        theta <- theta - eta g,                 g = dC/dtheta at theta
    momentum   v <- mu v - eta g,  theta <- theta + v,  g = dC/dtheta at theta
    nesterov   v <- mu v - eta g,  theta <- theta + v,  g = dC/dtheta at theta + mu v
    adam       theta <- theta - eta m / (sqrt(s) + epsilon), running means m of g and s of g^2

The rate is part of v: one that changes acts on later gradients alone, as in Keras; PyTorch and
Optax multiply all of v by it. epsilon stands beside the root of the corrected s, as in PyTorch
and Optax (Keras: of the uncorrected).

They know no model: an objective is anything with `value_and_gradient(theta)`, and `objectives` is
an iterable of those, one for each step (`itertools.repeat(objective)` for the full batch). Learning
rate and mu may follow a schedule: a function of the number n of the update, from 0.

Each step holds a theta of its own, and v, or m and s. So whoever wants the last of n steps keeps
only that one; a list of all, or `*_, last = ...`, would hold as many as 3 n vectors of P numbers:

    last = deque(islice(adam(repeat(objective), theta), n), maxlen=1).pop()

What an optimizer remembers, v or m and s, is in its steps too. A step in the place of theta goes on
from there, bit for bit as if there had been no stop, also by way of a file:

    np.savez("last.npz", **last._asdict())
    last = Step(**np.load("last.npz"))
    steps = adam(objectives, last)

The objectives are the caller's, who goes on with the next one; where they are drawn, the generator
goes into a file as json.dumps(rng.bit_generator.state) and comes back by setting that (those of
`minibatches`: at the end of an epoch, since the order of a running one is in no file). A call from
a vector theta starts with nothing remembered.
"""

from collections.abc import Sized
from operator import index
from typing import NamedTuple

import numpy as np

from rnncourse.arrays import norm, power_of_two
from rnncourse.inputs import (
    check_iterable,
    check_real,
    check_shape,
    check_vector,
    not_negative,
    number,
    positive,
)


class Step(NamedTuple):
    """What an optimizer reports after each update."""

    theta: np.ndarray  # (P,)  after the update; a new array each time
    value: float  # C where the gradient was taken, before the update
    gradient_norm: float  # norm of that gradient, before clipping
    updates: int  # how many there were up to now, also before a stop
    memory: tuple  # of vectors (P,): none for sgd, v for momentum and nesterov, m and s for adam


def clip(gradient, max_norm):
    """Return the gradient, scaled down to norm `max_norm` if it is longer; its direction stays.

    The norm is that of all parameters as one vector. A gradient exactly as long comes back bit for
    bit; one that is not finite is refused, where other packages return NaN.

    Raises:
        ValueError: if the gradient is not a vector of finite floats, or max_norm not positive.

    Source:
        Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1.
    """
    check_vector("gradient", gradient)
    return _clipped(gradient, _max_norm(max_norm))


def sgd(objectives, theta, learning_rate, max_norm=np.inf):
    """Descend along the gradient.

    Args:
        objectives: iterable of objectives, one a step.
        theta: (P,) starting point, not changed; or a `Step` of an earlier call, to go on from.
        learning_rate: eta, positive; a number, or a function of the number n of the update, from 0.
        max_norm: gradients longer than this are clipped.

    Returns:
        An iterator of `Step`; it ends when the objectives end.

    Raises:
        ValueError: if a number is out of range, if objectives is a single one, if theta is not a
            vector of finite floats, or if it is a step that remembers another number of vectors
            (`momentum` and `nesterov` take each other's); while iterating, if a schedule gives a
            number out of range, if the gradient is another kind of array than theta, or if the step
            before has made theta run away.
    """
    theta, done, _ = _start(objectives, theta)
    rate, max_norm = _rate(learning_rate), _max_norm(max_norm)

    def steps(theta):
        for n, objective in enumerate(objectives, done):
            eta = rate(n)
            value, g, norm = _evaluate(objective, theta, rate, n)
            theta = theta - eta * _clipped(g, max_norm)
            yield Step(theta, value, norm, n + 1, ())

    return steps(theta)


def momentum(objectives, theta, learning_rate, mu=0.9, max_norm=np.inf):
    """Descend with a velocity that remembers the gradients of the past.

    Args:
        objectives: iterable of objectives, one a step.
        theta: (P,) starting point, or a `Step`; see `sgd`.
        learning_rate: eta, positive; a number or a function, see `sgd`.
        mu: share of the velocity kept from step to step, from 0 to below 1; a number, a function of
            the number n of the update, or an iterable of numbers, one for each step of this call.
        max_norm: gradients longer than this are clipped.

    Returns:
        An iterator of `Step`; it ends when the objectives end.

    Raises:
        ValueError: as `sgd`; if mu is an iterable that ends before the objectives do, at the first
            step without its number.

    Source:
        Polyak, USSR Computational Mathematics and Mathematical Physics 4 (1964) 1.
    """
    theta, done, (v,) = _start(objectives, theta, "v")
    rate, share, max_norm = _rate(learning_rate), _share_at(mu), _max_norm(max_norm)

    def steps(theta, v):
        for n, objective in enumerate(objectives, done):
            eta, mu = rate(n), share(n)
            value, g, norm = _evaluate(objective, theta, rate, n)
            v = mu * v - eta * _clipped(g, max_norm)
            theta = theta + v
            yield Step(theta, value, norm, n + 1, (v,))

    return steps(theta, v)


def nesterov(objectives, theta, learning_rate, mu=0.9, max_norm=np.inf):
    """Descend with momentum, the gradient taken where the velocity is about to lead.

    Arguments, return value and errors are those of `momentum`. Its theta is the point before the
    look-ahead. PyTorch, Keras and optax call theta + mu v their parameters and keep that point:
    while mu is constant, theta + mu v here is theirs to rounding, and theta alone is not (1 to 3 %
    of the weights while they move). Where mu follows a schedule the two ways part (by 1e-3).

    Source:
        Sutskever, Martens, Dahl and Hinton, ICML 2013, equations 3 and 4.
    """
    theta, done, (v,) = _start(objectives, theta, "v")
    rate, share, max_norm = _rate(learning_rate), _share_at(mu), _max_norm(max_norm)

    def steps(theta, v):
        for n, objective in enumerate(objectives, done):
            eta, mu = rate(n), share(n)
            value, g, norm = _evaluate(objective, theta + mu * v, rate, n)
            v = mu * v - eta * _clipped(g, max_norm)
            theta = theta + v
            yield Step(theta, value, norm, n + 1, (v,))

    return steps(theta, v)


def adam(
    objectives,
    theta,
    learning_rate=1e-3,
    beta_1=0.9,
    beta_2=0.999,
    epsilon=1e-8,
    max_norm=np.inf,
):
    """Descend along the running mean of the gradient, over the root of the running mean square.

    Args:
        objectives: iterable of objectives, one a step.
        theta: (P,) starting point, or a `Step`; see `sgd`.
        learning_rate: eta, positive, a number or a function, see `sgd`: the step of a parameter
            whose gradient is steady. One that grows makes it longer: at most by (1 - beta_1) /
            sqrt((1 - beta_2) (1 - beta_1^2 / beta_2)) in long runs, 7.3 with the betas given here.
        beta_1: memory of the mean m, from 0 to below 1.
        beta_2: memory of the mean square s, from 0 to below 1.
        epsilon: keeps the division finite; at least the root of the smallest normal number.
        max_norm: gradients longer than this are clipped.

    Returns:
        An iterator of `Step`.

    Raises:
        ValueError: as `sgd`.

    Source:
        Kingma and Ba, ICLR 2015, algorithm 1.
    """
    theta, done, (m, s) = _start(objectives, theta, "m", "s")
    rate, max_norm = _rate(learning_rate), _max_norm(max_norm)
    beta_1 = _share("beta_1", beta_1)
    beta_2 = _share("beta_2", beta_2)
    epsilon = positive("epsilon", epsilon)
    least = float(np.finfo(theta.dtype).tiny) ** 0.5  # below, g * g vanishes beside epsilon^2
    number("epsilon", epsilon, lambda e: e >= least, f"at least {least:.1e} for {theta.dtype}")

    def steps(theta, m, s):
        for n, objective in enumerate(objectives, done):
            eta = rate(n)
            value, g, norm = _evaluate(objective, theta, rate, n)
            g = _clipped(g, max_norm)
            m = beta_1 * m + (1 - beta_1) * g
            s = beta_2 * s + (1 - beta_2) * g * g
            m_hat = m / (1 - beta_1 ** (n + 1))  # both means start at zero: undo that bias
            s_hat = s / (1 - beta_2 ** (n + 1))
            theta = theta - eta * m_hat / (np.sqrt(s_hat) + epsilon)
            yield Step(theta, value, norm, n + 1, (m, s))

    return steps(theta, m, s)


def _evaluate(objective, theta, rate, n):
    """Return C, its gradient and the norm of that; say so if the descent has run away."""
    if not np.isfinite(theta).all():
        raise ValueError(
            "theta holds NaN or an infinity: the descent ran away, expected a smaller "
            f"learning_rate than {rate(n - 1):g}, or a max_norm"
        )
    value, g = objective.value_and_gradient(theta)
    check_shape("the gradient", g, theta.shape)
    check_real("the gradient", g, like=theta)
    return float(value), g, float(norm(g))


def _clipped(g, max_norm):
    length = norm(g)
    if not length > max_norm:
        return g
    if length == np.inf:  # no number holds it
        g = g / power_of_two(g)
        length = norm(g)
    return g * (max_norm / length)


def _start(objectives, start, *names):
    """Return theta, the number of updates done, and what is remembered, of a vector or a `Step`."""
    check_iterable("objectives", objectives)
    if not isinstance(start, Step):
        check_vector("theta", start)
        return start, 0, [np.zeros_like(start) for _ in names]
    check_vector("theta", start.theta)
    if len(start.memory) != len(names):
        raise ValueError(
            f"theta is a step that remembers {len(start.memory)} vectors, expected {len(names)}: "
            "one of this optimizer"
        )
    for name, vector in zip(names, start.memory, strict=True):
        check_vector(name, vector, like=start.theta)
    return start.theta, index(start.updates), start.memory


def _rate(learning_rate):
    """Return eta as a function of n; a schedule may begin or end at 0, a constant is positive."""
    checked = not_negative if callable(learning_rate) else _constant_rate
    return _function_of_n("learning_rate", learning_rate, checked)


def _constant_rate(name, rate):
    expected = "a positive finite number, or a function of the number of the update"
    return number(name, rate, lambda rate: 0 < rate < np.inf, expected)


def _max_norm(max_norm):
    return number("max_norm", max_norm, lambda norm: 0 < norm, "a positive number")


def _share(name, share):
    return number(name, share, lambda share: 0 <= share < 1, "a number from 0 to below 1")


def _share_at(mu):
    """Return mu as a function of n; what has a length is checked before the first step."""
    if callable(mu) or not np.iterable(mu):
        return _function_of_n("mu", mu, _share)
    if isinstance(mu, Sized):
        mu = [_share(f"mu[{n}]", share) for n, share in enumerate(mu)]

    def one_a_step():
        n = -1
        for n, share in enumerate(mu):
            yield _share(f"mu[{n}]", share)
        raise ValueError(f"mu has {n + 1} numbers, expected one for each step")

    shares = one_a_step()
    return lambda n: next(shares)


def _function_of_n(name, given, checked):
    """Return the function of n that a function or a number stands for, with its values checked."""
    if callable(given):
        return lambda n: checked(f"{name}({n})", given(n))
    value = checked(name, given)
    return lambda n: value
