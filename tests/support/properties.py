"""What the tests of properties share: how many examples are drawn, which numbers, and what holds.

A call passes if its result is right, if it raises a ValueError, or if NumPy warns (warnings are
errors here): nothing that is not finite may come without a word. `HYPOTHESIS_PROFILE=thorough`
draws many more examples, new ones each time.
"""

import os
import tempfile
import warnings

import numpy as np
from hypothesis import HealthCheck, configuration, settings
from hypothesis import strategies as st

# Nothing is left in the tree: the folder is in that of temporary files, and no example is kept.
configuration.set_hypothesis_home_dir(os.path.join(tempfile.gettempdir(), "rnncourse-hypothesis"))
SHARED = {
    "deadline": None,
    "database": None,
    "print_blob": False,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}
settings.register_profile("quick", derandomize=True, max_examples=30, **SHARED)
settings.register_profile("thorough", max_examples=1000, **SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

REFUSED = object()  # what `outcome` returns where a ValueError or a warning came
DTYPES = st.sampled_from((np.float64, np.float32))
SEEDS = st.integers(0, 2**32 - 1)
SMALL = st.integers(1, 4)
STEPS = st.sampled_from((1, 1, 2, 3, 8))
# denormals, the ends of the range, and what lies between
MAGNITUDES = st.one_of(
    st.sampled_from((0.0, 5e-324, 1e-310, 1e-300, 1e-200, 1e-38, 1.0, 40.0, 800.0, 1e155, 1e300)),
    st.floats(1e-300, 1e300),
    st.floats(0.3, 3),  # where nothing vanishes and nothing saturates
)
NO_NUMBERS = st.sampled_from((np.nan, np.inf, -np.inf))


def outcome(call):
    """Return what the call returns, or REFUSED if it raises a ValueError or NumPy warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call()
        except (ValueError, RuntimeWarning):
            return REFUSED


def finite(*arrays):
    return all(np.isfinite(array).all() for array in arrays)


def of_sizes(rng, shape, size, dtype=np.float64):
    """Random numbers, some zero, of up to the given size, which the dtype may cut."""
    array = rng.uniform(-1, 1, size=shape) * (rng.uniform(size=shape) < 0.8)
    size = min(size, float(np.finfo(dtype).max) / 4)
    return (array * size).astype(dtype)
