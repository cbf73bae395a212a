"""How to trust a gradient, and how to trust a cell.

    finite_difference   (f(theta + eps v) - f(theta - eps v)) / (2 eps)     error O(eps^2)
    complex_step        Im f(theta + i eps v) / eps                         exact to rounding
    adjoint             <u, J v> = <J^T u, v>                               exact to rounding

The first two compare with the derivative of C along one random direction v, which sees every entry
of the gradient at once, and know nothing but the forward pass. The third shows that two programs
are each other's transpose; it proves a backward pass right if J v comes from elsewhere, such as a
complex step. A tape that is wrong for both passes it. What is not finite passes nothing: an error
is infinite then, and a derivative is refused.

`check_gradient` compares an objective's gradient with complex steps; `cell` tries a cell of one's
own against the contract, and says in sentences what it lacks.
"""

from rnncourse.checks.contract import cell
from rnncourse.checks.derivatives import (
    adjoint,
    check_gradient,
    complex_step,
    complex_step_gradient,
    finite_difference,
    relative_error,
)

__all__ = [
    "adjoint",
    "cell",
    "check_gradient",
    "complex_step",
    "complex_step_gradient",
    "finite_difference",
    "relative_error",
]
