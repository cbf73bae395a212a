"""Checkers of the exercises: they say what is wrong, never the answer.

Each takes the reader's function and returns a `Verdict`.
"""

from rnncourse.exercises.verdict import Verdict
from rnncourse.exercises.week01 import (
    count_parameters,
    effective_samples,
    forecast_mask,
    leaky_forward,
    oscillator_weights,
)
from rnncourse.exercises.week02 import (
    initial_state_gradient,
    logistic_slope,
    output_feedback_backward,
    poisson_grad,
    shortcut_gradient,
)
from rnncourse.exercises.week03 import (
    best_step,
    checkpointed_gradient,
    repaired_backward,
    symmetric_gradient,
)
from rnncourse.exercises.week04 import (
    clip_components,
    guaranteed_vanishing,
    lyapunov_spectrum,
    stretching_matrix,
)
from rnncourse.exercises.week05 import (
    counter_weights,
    half_life,
    peephole_forward,
    update_gate_delta,
)

__all__ = [
    "Verdict",
    "best_step",
    "checkpointed_gradient",
    "clip_components",
    "count_parameters",
    "counter_weights",
    "effective_samples",
    "forecast_mask",
    "guaranteed_vanishing",
    "half_life",
    "initial_state_gradient",
    "leaky_forward",
    "logistic_slope",
    "lyapunov_spectrum",
    "oscillator_weights",
    "output_feedback_backward",
    "peephole_forward",
    "poisson_grad",
    "repaired_backward",
    "shortcut_gradient",
    "stretching_matrix",
    "symmetric_gradient",
    "update_gate_delta",
]
