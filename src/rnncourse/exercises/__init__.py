"""Checkers of the exercises: they say what is wrong, never the answer.

Each takes the reader's function and returns a `Verdict`.
"""

from rnncourse.exercises.verdict import Verdict
from rnncourse.exercises.week01 import (
    count_parameters,
    error_of_mean,
    forecast_mask,
    leaky_forward,
    oscillator_weights,
)
from rnncourse.exercises.week02 import (
    initial_state_gradient,
    output_feedback_backward,
    poisson_grad,
    shortcut_backward,
    softsign_backward,
)
from rnncourse.exercises.week03 import (
    best_step,
    checkpointed_gradient,
    plain_suspects,
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
    gated_suspects,
    half_life,
    peephole_forward,
    update_gate_delta,
)
from rnncourse.exercises.week06 import free_run, leaky_modes, perfect_memory, ridge_path
from rnncourse.exercises.week07 import (
    nesterov_limit,
    running_mean_rate,
    shifted_nesterov,
    warm_variance,
)
from rnncourse.exercises.week08 import (
    hessian_product,
    leaky_r_forward,
    new_damping,
    preconditioned_gradient,
)
from rnncourse.exercises.week09 import (
    adder,
    error_bar,
    last_seen,
    price_of_a_step,
    rotating_forecast,
)
from rnncourse.exercises.week10 import (
    gru_from_keras,
    packed,
    rate_of_two_biases,
    reset_before,
)

__all__ = [
    "Verdict",
    "adder",
    "best_step",
    "checkpointed_gradient",
    "clip_components",
    "count_parameters",
    "counter_weights",
    "error_bar",
    "error_of_mean",
    "forecast_mask",
    "free_run",
    "gated_suspects",
    "gru_from_keras",
    "guaranteed_vanishing",
    "half_life",
    "hessian_product",
    "initial_state_gradient",
    "last_seen",
    "leaky_forward",
    "leaky_modes",
    "leaky_r_forward",
    "lyapunov_spectrum",
    "nesterov_limit",
    "new_damping",
    "oscillator_weights",
    "output_feedback_backward",
    "packed",
    "peephole_forward",
    "perfect_memory",
    "plain_suspects",
    "poisson_grad",
    "preconditioned_gradient",
    "price_of_a_step",
    "rate_of_two_biases",
    "repaired_backward",
    "reset_before",
    "ridge_path",
    "rotating_forecast",
    "running_mean_rate",
    "shifted_nesterov",
    "shortcut_backward",
    "softsign_backward",
    "stretching_matrix",
    "symmetric_gradient",
    "update_gate_delta",
    "warm_variance",
]
