"""Ridge regression by a solver that does not lose half of the digits.

    min_W,b  sum_m |W^T x_m + b - y_m|^2 + nu |W|^2                          -> ridge_regression

The textbook's normal equations, (X^T X + nu 1) W = X^T Y, hold the square of the condition number
of (X; sqrt(nu) 1). Here their Cholesky factor only corrects, again and again, a solution whose
residual is computed from X itself: one correction shrinks the error by the square of the condition
number times 1e-16, and what is left in the end is the error of a stable solver. Where that does not
shrink fast, the problem is solved by singular values, without X^T X, in several times the time.
"""

import numpy as np
import scipy

from rnncourse.inputs import check_finite, check_plain, check_shape, not_negative


def ridge_regression(X, Y, ridge=0.0):
    """Return the weights and the bias of ridge regression; the bias is not held back.

        min_W,b  sum_m |W^T x_m + b - y_m|^2 + nu |W|^2

    Args:
        X: (M, N) float64, one row an example.
        Y: (M, K) float64.
        ridge: nu, 0 or more (many books write lambda), beside the sum over the examples as in
            scikit-learn, not beside their mean. With 0 the solution may not be unique; then
            this is the one with the smallest W.

    Returns:
        W (N, K), and the bias b of shape (K,).

    Raises:
        ValueError: if shapes or dtypes do not fit, if ridge is negative or not finite, or if X is
            so small that W is too large for a number to hold.

    Source:
        Bjorck, Numerical Methods for Least Squares Problems (SIAM, 1996), sections 2.5 and 6.6.
    """
    check_shape("X", X, ("M", "N"))
    check_shape("Y", Y, (len(X), "K"))
    for name, array in (("X", X), ("Y", Y)):
        if not isinstance(array, np.ndarray) or array.dtype != np.float64:
            kind = getattr(array, "dtype", type(array).__name__)
            raise ValueError(f"{name} is of {kind}, expected a float64 array")
        check_plain(name, array)
    ridge = not_negative("ridge", ridge)
    mean_x, mean_y = X.mean(axis=0), Y.mean(axis=0)
    if not (np.isfinite(mean_x).all() and np.isfinite(mean_y).all()):
        check_finite("X", X)
        check_finite("Y", Y)
    with np.errstate(over="ignore", invalid="ignore"):  # reported below
        W = _by_corrections(X, Y - mean_y, mean_x, ridge)
        if W is None:
            W = _by_singular_values(X - mean_x, Y - mean_y, ridge)
        b = mean_y - mean_x @ W
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        raise ValueError(
            f"X holds numbers of up to {np.abs(X).max():g}, Y of up to {np.abs(Y).max():g}, and "
            f"with ridge {ridge:g} W leaves the range of the numbers: scale X, or take more ridge"
        )
    return W, b


def _by_corrections(X, Y, mean_x, ridge):
    """Solve with X - mean_x; None where the first correction is above a hundredth.

    None, too, where the squares of X are too small to be known to all digits, or their smallest
    eigenvalue is lost in rounding.
    """
    gram = X.T @ X - len(X) * np.outer(mean_x, mean_x)
    if np.any(len(X) * mean_x**2 > 1e6 * gram.diagonal()):  # digits are lost beside the mean
        return _by_corrections(X - mean_x, Y, np.zeros_like(mean_x), ridge)
    gram.flat[:: len(gram) + 1] += ridge
    largest = gram.max()
    if largest < np.finfo(float).tiny / np.finfo(float).eps:
        return None
    try:
        factor = scipy.linalg.cho_factor(gram, overwrite_a=True, check_finite=False)
    except scipy.linalg.LinAlgError:
        return None
    if not _is_factor_of(factor, largest, X, mean_x, ridge):
        return None
    W, last = np.zeros((X.shape[1], Y.shape[1])), np.inf
    for k in range(8):
        step = scipy.linalg.cho_solve(factor, _slope(X, Y, mean_x, W, ridge), check_finite=False)
        size = np.linalg.norm(step, axis=0)
        if k == 1 and not np.all(size <= 0.01 * last):
            return None
        if k > 1 and np.all(size >= 0.5 * last):  # nothing but rounding is left to correct
            break
        W += step
        length = np.linalg.norm(W, axis=0)
        if k > 0 and np.all(size**2 <= 1e-15 * last * length):  # as the next step would be
            break
        last = size
    return W


def _is_factor_of(factor, largest, X, mean_x, ridge):
    """Say whether the factor holds the smallest eigenvalue, and not what rounding made of it.

    Along the direction of an eigenvalue that is far too large every correction is small, as one is
    that has nothing left to correct. Two steps of inverse iteration find the direction; a vector
    along it must come back from a product with X itself.
    """
    weak = np.cos(np.arange(X.shape[1]) ** 2.0)[:, np.newaxis]  # along no direction in particular
    for _ in range(2):
        weak = scipy.linalg.cho_solve(factor, weak * largest, check_finite=False)
        length = np.linalg.norm(weak)  # largest over smallest eigenvalue, in the end
        weak /= length
    if length < 1e9:  # far above rounding
        return True
    image = -_slope(X, np.zeros((len(X), 1)), mean_x, weak, ridge)
    again = scipy.linalg.cho_solve(factor, image, check_finite=False)
    return np.linalg.norm(again - weak) <= 0.01


def _slope(X, Y, mean_x, W, ridge):
    """Return X^T (Y - X W) - ridge W for X less its mean, in one pass through the memory of X."""
    slope, total, offset, begun = -ridge * W, 0.0, mean_x @ W, W.any()
    rows = max(1, 2**17 // X.shape[1])  # 1 MiB of X at a time
    for start in range(0, len(X), rows):
        block = X[start : start + rows]
        residual = Y[start : start + rows]
        if begun:
            residual = residual - (block @ W - offset)
        slope += block.T @ residual
        total = total + residual.sum(axis=0)
    return slope - np.outer(mean_x, total)


def _by_singular_values(X, Y, ridge):
    rows = np.concatenate([X, np.sqrt(ridge) * np.eye(X.shape[1])])
    targets = np.concatenate([Y, np.zeros((X.shape[1], Y.shape[1]))])
    return np.linalg.lstsq(rows, targets, rcond=None)[0]
