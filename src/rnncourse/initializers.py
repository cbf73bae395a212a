"""Starting values of weight matrices.

Each function takes `(rng, n_out, n_in)` and returns an (n_out, n_in) float64 matrix W, used as W x.
"""

import numpy as np

from rnncourse.inputs import check_rng, finite, integer, positive


def _check(rng, n_out, n_in):
    check_rng(rng)
    integer("n_out", n_out, 1)
    integer("n_in", n_in, 1)


def _check_square(name, n_out, n_in):
    if n_out != n_in:
        raise ValueError(f"n_in is {n_in}, expected n_out = {n_out}: {name} is square")


def gaussian(rng, n_out, n_in, scale=None):
    """Draw independent normal entries of standard deviation `scale`, 1 / sqrt(n_in) if None.

    With that default, an entry of W x has the root mean square of the entries of x.
    """
    _check(rng, n_out, n_in)
    scale = n_in**-0.5 if scale is None else finite("scale", scale)
    return rng.normal(size=(n_out, n_in)) * scale


def orthogonal(rng, n_out, n_in, gain=1.0):
    """Draw a uniformly distributed orthogonal matrix, times `gain`: all singular values equal.

    A matrix that is not square gets orthonormal rows or columns, whichever are fewer.

    Source:
        Saxe, McClelland and Ganguli, ICLR 2014; uniform by the sign correction of Mezzadri,
        Notices of the AMS 54 (2007) 592.
    """
    _check(rng, n_out, n_in)
    gain = finite("gain", gain)
    tall = rng.normal(size=(max(n_out, n_in), min(n_out, n_in)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))
    return gain * (q if n_out >= n_in else q.T)


def identity(rng, n_out, n_in, scale=1.0):
    """Return `scale` times the identity, so that a state is first kept as it is.

    Source:
        Le, Jaitly and Hinton, arXiv:1504.00941 (2015).
    """
    _check(rng, n_out, n_in)
    _check_square("the identity", n_out, n_in)
    scale = finite("scale", scale)
    return scale * np.eye(n_out)


def sparse(rng, n_out, n_in, connections=15, scale=1.0):
    """Draw `connections` normal weights of standard deviation `scale` into each row, zeros else.

    Each unit then listens to a few others, however wide the net is, and units stay different.

    Source:
        Martens, ICML 2010, section 5.
    """
    _check(rng, n_out, n_in)
    integer("connections", connections, 1, n_in, ", the number of inputs")
    scale = finite("scale", scale)
    W = np.zeros((n_out, n_in))
    for row in W:
        row[rng.choice(n_in, connections, replace=False)] = scale * rng.normal(size=connections)
    return W


def echo_state(rng, n_out, n_in, connections=15, spectral_radius=1.1):
    """Draw a sparse square matrix and rescale it to the given spectral radius.

    Source:
        Sutskever, Martens, Dahl and Hinton, ICML 2013, section 4.
    """
    _check_square("a recurrent matrix", n_out, n_in)
    spectral_radius = positive("spectral_radius", spectral_radius)
    W = sparse(rng, n_out, n_in, min(connections, n_in))
    radius = np.abs(np.linalg.eigvals(W)).max()
    if radius < 1e-6:  # of a nilpotent matrix rounding leaves a little
        raise ValueError("the drawn matrix is nilpotent: no scale gives it a spectral radius")
    return W * (spectral_radius / radius)
