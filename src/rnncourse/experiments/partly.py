"""An objective of which some parameters are not trained."""

from typing import Any, NamedTuple

import numpy as np


class Partly(NamedTuple):
    """The objective, with a gradient that vanishes for the parameters that are not trained."""

    objective: Any  # has value_and_gradient(theta)
    trained: np.ndarray  # (P,)  1 where a parameter is trained, 0 where not

    def value_and_gradient(self, theta):
        """Return C, and the gradient with zeros for what is not trained."""
        value, gradient = self.objective.value_and_gradient(theta)
        return value, gradient * self.trained
