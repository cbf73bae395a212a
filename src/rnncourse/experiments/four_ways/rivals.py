"""The simplest thing that may solve a task: a memory without recurrence, and a readout.

    averages   of each input and of random tanh units of it, over several times: s[t] = s[t-1]
               + (u[t] - s[t-1]) / tau, tau from 1 to the longest; no unit sees another
    window     the last n inputs side by side

    linear     the readout is a ridge regression of the memory
    dense      it is one of the memory and of random tanh units of it

What grows from fit to fit is the number of random units: those of the inputs, or those of the
memory. The window with the linear readout has none; only its sequences become more.
"""

import numpy as np

from rnncourse.experiments.four_ways.methods import Piece
from rnncourse.experiments.four_ways.readouts import fit_larger_and_larger

TIMES = 8  # of averages, evenly spaced on a log scale
FEATURES = 16  # random units of an input where the readout is dense
MOST_IN_WINDOW = 1000  # numbers; a window with more is shorter than asked for
MEASURED = 200  # sequences, for the spread of what a dense readout reads


def learn_without_recurrence(task, n_steps, rng, memory, readout, span, input_scale, dense_scale):
    """Fit readouts of a memory without recurrence, each with twice as many units as the last.

    Args:
        task: `tasks.Task`.
        n_steps: length, an argument of the task.
        rng: a `numpy.random.Generator`.
        memory: "averages" or "window".
        readout: "linear" or "dense".
        span: the longest time of an average, or the length of the window, in units of n_steps;
            the steps that every sequence has beside these are added.
        input_scale: standard deviation of the weights of an input, in averages.
        dense_scale: typical size of the sum that a dense unit bends.
    """
    longest = max(1, round(span * n_steps)) + task.beside

    def drawn(units):
        few = units // TIMES if readout == "linear" else FEATURES
        keep = {
            "averages": lambda: averages(rng, task.n_in, few, longest, input_scale),
            "window": lambda: window(task.n_in, longest),
        }[memory]()
        if readout == "linear":
            return keep
        x, _, mask = task.batch(rng, n_steps, MEASURED)
        return dense(rng, keep, keep(x, mask), units, dense_scale)

    for fitted in fit_larger_and_larger(task, n_steps, rng, drawn):
        yield Piece(fitted.predict, fitted.readouts, 0, fitted.sequences)


def averages(rng, n_in, features, longest, scale):
    """Return a memory of leaky averages of the inputs and of random units of them."""
    W = scale * rng.standard_normal((n_in, features), np.float32)
    b = rng.uniform(-scale, scale, features).astype(np.float32)
    rate = 1 / np.geomspace(1, longest, TIMES, dtype=np.float32)

    def remember(x, scored):
        u = np.concatenate([x, np.tanh(x @ W + b)], axis=-1)
        s = np.zeros((*u.shape, TIMES), np.float32)
        before = np.zeros(s.shape[1:], np.float32)
        for s_t, u_t in zip(s, u, strict=True):
            np.multiply(u_t[..., np.newaxis] - before, rate, out=s_t)
            s_t += before
            before = s_t
        return s[scored].reshape(*s[scored].shape[:-2], -1)

    return remember


def window(n_in, n):
    """Return a memory of the last n inputs, zeros before the first."""
    n = max(1, min(n, MOST_IN_WINDOW // n_in))

    def remember(x, scored):
        padded = np.concatenate([np.zeros((n - 1, *x.shape[1:]), x.dtype), x])
        last = np.lib.stride_tricks.sliding_window_view(padded, n, axis=0)[scored]
        return last.reshape(*last.shape[:-2], -1)

    return remember


def dense(rng, memory, states, units, scale):
    """Return a memory with random tanh units beside it, scaled by the spread of some states."""
    mean, spread = states.mean(axis=0), states.std(axis=0) + np.float32(1e-6)
    V = rng.standard_normal((len(mean), units), np.float32) * np.float32(scale / len(mean) ** 0.5)
    c = scale * rng.standard_normal(units, np.float32)

    def remember(x, scored):
        s = (memory(x, scored) - mean) / spread
        return np.concatenate([s, np.tanh(s @ V + c)], axis=-1)

    return remember
