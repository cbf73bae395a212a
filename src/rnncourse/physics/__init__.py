"""Physical systems that make the sequences of the course, and the solvers behind them.

Time is always the first axis, and a batch of series is the second: `x[t]` is every series at
sample t. All quantities are dimensionless: pick a unit of time and of length, and `omega`, `dt`
and `correlation_time` are in that unit of time.

    x'' + 2 zeta omega x' + omega^2 x = 0        damped_oscillator (closed form)
    x'' + 2 zeta omega x' + omega^2 x = F(t)     driven_oscillator
    x'' + damping x' + stiffness x + cubic x^3 = F(t)              duffing
    y' = f(t, y)                                 euler (order 1), rk4 (order 4)
    F' = -F / correlation_time + white noise     ornstein_uhlenbeck (exact update)
    (x, y, z)' = lorenz_slope                    lorenz
    y' = 0.2 y(t - delay) / (1 + y(t - delay)^10) - 0.1 y        mackey_glass
    y[t] from y[t-1] ... y[t-10] and u[t], u[t-9]                narma10 (a discrete system)
    log |distance of neighbors| per unit of time                 lyapunov_exponent

Between two samples a force is the straight line that joins them. So the motion at sample t depends
on `force[:t + 1]` and on nothing later.
"""

from rnncourse.physics.chaos import lorenz, lorenz_slope, mackey_glass, narma10
from rnncourse.physics.oscillators import Motion, damped_oscillator, driven_oscillator, duffing
from rnncourse.physics.series import autocorrelation, ornstein_uhlenbeck
from rnncourse.physics.solvers import euler, lyapunov_exponent, rk4

__all__ = [
    "Motion",
    "autocorrelation",
    "damped_oscillator",
    "driven_oscillator",
    "duffing",
    "euler",
    "lorenz",
    "lorenz_slope",
    "lyapunov_exponent",
    "mackey_glass",
    "narma10",
    "ornstein_uhlenbeck",
    "rk4",
]
