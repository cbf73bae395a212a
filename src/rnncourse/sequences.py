"""Sequences of different length in one array, and the four kinds of task as four masks.

A task is a network and a mask m[t, b] that says which outputs are scored:

    many-to-one            the last valid step
    many-to-many           every valid step
    delayed many-to-many   the valid steps after the input has ended
    one-to-many            every valid step; the input is there at the first step only

Sequences are padded on the right. A recurrent net looks only back, so nothing that is scored ever
sees the padding. A cell is given no lengths: one that reads backward would read the padding of the
shorter sequences first. So the backward half of a bidirectional layer stands outside of a network,
between two calls of `reverse`, which turns each sequence around by itself:

    h, tape = lstm.forward(params, x)
    h_back, tape_back = lstm.forward(params_back, reverse(x, lengths))
    both = np.concatenate([h, reverse(h_back, lengths)], axis=-1)          (T, B, 2 H)

Data with gaps. `pad`, losses and `Objective` refuse NaN, also where nothing is scored. In a target
a gap gets any number, 0 say, and False in the mask; in an input a number, too, and a further column
that is 1 where something was measured; a long gap ends one sequence and begins the next.

Turning around is its own transpose: derivatives of C with respect to both[..., H:] go through
`reverse` into `backward`, and d_x through `reverse` out of it.
"""

from collections.abc import Sized

import numpy as np

from rnncourse.inputs import (
    check_finite,
    check_integers,
    check_plain,
    check_real,
    check_shape,
    integer,
    kind_of,
)


def pad(sequences):
    """Put sequences of different length into one array, zeros on the right.

    Args:
        sequences: list of (T_i, D) arrays with the same D and dtype.

    Returns:
        x (T, B, D) with T the greatest length, and lengths (B,), integers.

    Raises:
        ValueError: if the list is empty, if a sequence has another shape or dtype than the first,
            or if it holds NaN or an infinity.
    """
    if not isinstance(sequences, Sized):
        raise ValueError(f"sequences is {kind_of(sequences)}, expected a list of arrays")
    sequences = list(sequences)
    if not sequences:
        raise ValueError("sequences is empty, expected at least one (T, D) array")
    check_shape("sequences[0]", sequences[0], ("T", "D"))
    D = np.shape(sequences[0])[1]
    for i, sequence in enumerate(sequences):
        check_shape(f"sequences[{i}]", sequence, ("T", D))
        check_real(f"sequences[{i}]", sequence, like=sequences[0])
        check_finite(f"sequences[{i}]", sequence)
    lengths = np.array([len(sequence) for sequence in sequences])
    x = np.zeros((lengths.max(), len(sequences), D), sequences[0].dtype)
    for b, sequence in enumerate(sequences):
        x[: len(sequence), b] = sequence
    return x, lengths


def many_to_many(lengths, n_steps):
    """Return the mask (T, B) that scores every valid step.

    Args:
        lengths: (B,) integers, number of valid steps of each sequence.
        n_steps: T, the length of the padded array.

    Raises:
        ValueError: if a length is not an integer from 1 to T, or T is none.
    """
    lengths = _check_lengths("lengths", lengths, n_steps)
    return np.arange(n_steps)[:, np.newaxis] < lengths


def many_to_one(lengths, n_steps):
    """Return the mask (T, B) that scores the last valid step of each sequence.

    Arguments and errors are those of `many_to_many`.
    """
    lengths = _check_lengths("lengths", lengths, n_steps)
    return np.arange(n_steps)[:, np.newaxis] == lengths - 1


def delayed_many_to_many(input_lengths, lengths, n_steps):
    """Return the mask (T, B) that scores the valid steps after the input has ended.

    Args:
        input_lengths: (B,) integers, number of steps with input, less than `lengths`.
        lengths: (B,) integers, number of steps in all.
        n_steps: T, the length of the padded array.

    Raises:
        ValueError: if a length is out of range, or leaves no step to score.
    """
    input_lengths = _check_lengths("input_lengths", input_lengths, n_steps)
    valid = many_to_many(lengths, n_steps)
    if input_lengths.shape != np.shape(lengths) or (input_lengths >= lengths).any():
        raise ValueError(
            f"input_lengths is {input_lengths}, expected less than lengths, {lengths}, "
            "for each sequence"
        )
    return valid & (np.arange(n_steps)[:, np.newaxis] >= input_lengths)


def one_to_many(x_1, n_steps):
    """Return the input (T, B, D) that is x_1 (B, D) at the first step and zero afterwards.

    The mask of this task is that of `many_to_many`: every valid step is scored.

    Raises:
        ValueError: if x_1 has another shape or dtype or is not finite, or if n_steps is not an
            integer from 1.
    """
    check_shape("x_1", x_1, ("B", "D"))
    check_real("x_1", x_1)
    check_finite("x_1", x_1)
    integer("n_steps", n_steps, 1)
    x = np.zeros((n_steps, *x_1.shape), x_1.dtype)
    x[0] = x_1
    return x


def last_step(values, lengths):
    """Return values[lengths - 1], the value (B, ...) at each sequence's last valid step.

    Args:
        values: (T, B, ...) array.
        lengths: (B,) integers from 1 to T.

    Raises:
        ValueError: if a length is out of range, or there is not one for each sequence.
    """
    values, lengths = _check_padded(values, lengths)
    return values[lengths - 1, np.arange(len(lengths))]


def at_last_step(values, lengths, n_steps):
    """Return targets and mask of many-to-one, from one value or one class for each sequence.

    Args:
        values: (B, K) numbers, or (B,) integer classes.
        lengths: (B,) integers from 1 to T.
        n_steps: T, the length of the padded array.

    Returns:
        y (T, B, ...) that holds a sequence's value at its last valid step and zeros elsewhere, and
        the mask (T, B) that scores this step.

    Raises:
        ValueError: if a length is out of range, or there is not one for each sequence.
    """
    check_plain("values", values)
    values = np.asarray(values)
    mask = many_to_one(lengths, n_steps)
    check_shape("values", values, (mask.shape[1], *values.shape[1:]))
    y = np.zeros((n_steps, *values.shape), values.dtype)
    y[np.asarray(lengths) - 1, np.arange(len(values))] = values
    return y, mask


def reverse(values, lengths):
    """Return the sequences read from their last valid step to their first; padding stays.

        reverse(values)[t] = values[lengths - 1 - t]   for t < lengths

    Arguments and errors are those of `last_step`. Twice is once: it is its own inverse.
    """
    values, lengths = _check_padded(values, lengths)
    t = np.arange(len(values))[:, np.newaxis]
    return values[np.where(t < lengths, lengths - 1 - t, t), np.arange(len(lengths))]


def _check_padded(values, lengths):
    """Return both as arrays, or say what is wrong with them."""
    check_plain("values", values)
    values = np.asarray(values)
    if values.ndim < 2:
        raise ValueError(f"values has shape {values.shape}, expected (T, B, ...)")
    T, B = values.shape[:2]
    lengths = _check_lengths("lengths", lengths, T)
    check_shape("lengths", lengths, (B,))
    return values, lengths


def _check_lengths(name, lengths, n_steps):
    integer("n_steps", n_steps, 1)
    check_plain(name, lengths)
    lengths = np.asarray(lengths)
    check_shape(name, lengths, ("B",))
    check_integers(name, lengths, 1, n_steps)
    return lengths.astype(np.intp)
