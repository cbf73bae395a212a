"""The drawings of the course, in the order of the lectures: `python -m rnncourse.figures figures`.

Each function takes nothing and returns a figure and its alt text, so that a lecture shows one by
`plotting.show(*figures.unfolded_layers())`.

    networks       what a recurrent net is, unfolded in time, unit by unit
    tasks          the four kinds of sequence task
    matrices       the arrays of one step
    backward       error derivatives, the stack and the peel
    through_time   shared weights, truncation, real-time recurrent learning
    gradients      an error that vanishes or explodes on its way back
    gated          the analog memory with its valves, the gated recurrent unit
    lstm           the LSTM cell gate by gate and whole, lstm_errors its backward pass
    reservoir      the echo state network
    curvature      the product with the Gauss-Newton matrix
    momentum       one step of momentum and of Nesterov's form
    four_ways      what each of the four ways learns
    frameworks     the arrays of a layer here, in PyTorch and in Keras
"""

from pathlib import Path

from rnncourse import plotting
from rnncourse.figures.backward import (
    backward_arbitrary_node,
    backward_output_layer,
    stack_and_peel,
)
from rnncourse.figures.curvature import gauss_newton_product
from rnncourse.figures.four_ways import four_ways
from rnncourse.figures.frameworks import gru_layouts
from rnncourse.figures.gated import gru_cell, memory_cell
from rnncourse.figures.gradients import error_through_time
from rnncourse.figures.lstm import (
    lstm_cell,
    lstm_cell_update,
    lstm_forget_gate,
    lstm_input_and_candidate,
    lstm_output_gate,
)
from rnncourse.figures.lstm_errors import lstm_backward
from rnncourse.figures.matrices import (
    weight_matrices,
    weight_matrices_net_input,
    weight_matrices_output,
)
from rnncourse.figures.momentum import momentum_and_nesterov
from rnncourse.figures.networks import (
    feedforward_beside_recurrent,
    two_inputs_of_a_hidden_unit,
    unfolded_layers,
    unfolded_single_layer,
)
from rnncourse.figures.reservoir import echo_state_network
from rnncourse.figures.tasks import four_kinds_of_task
from rnncourse.figures.through_time import forward_sensitivities, shared_weights, truncation_windows

ALL = {
    function.__name__: function
    for function in (
        feedforward_beside_recurrent,
        unfolded_single_layer,
        unfolded_layers,
        two_inputs_of_a_hidden_unit,
        four_kinds_of_task,
        weight_matrices,
        weight_matrices_net_input,
        weight_matrices_output,
        backward_output_layer,
        backward_arbitrary_node,
        stack_and_peel,
        shared_weights,
        truncation_windows,
        forward_sensitivities,
        error_through_time,
        memory_cell,
        lstm_forget_gate,
        lstm_input_and_candidate,
        lstm_cell_update,
        lstm_output_gate,
        lstm_cell,
        lstm_backward,
        gru_cell,
        echo_state_network,
        gauss_newton_product,
        momentum_and_nesterov,
        four_ways,
        gru_layouts,
    )
}

__all__ = ["ALL", "write_all", *ALL]


def write_all(folder):
    """Write every drawing to folder/NAME.svg; returns the paths in lecture order."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, function in ALL.items():
        fig, alt = function()
        paths.append(folder / f"{name}.svg")
        plotting.save_svg(fig, paths[-1], alt)
        plotting.close(fig)
    return paths
