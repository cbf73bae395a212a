"""Recurrent neural networks in NumPy, the package behind the lectures of this course.

Each network cell is a module (`rnn`, `lstm`, `gru`, `lru`, `mingru`, `pointwise`, `linear`) with
the same four functions: `init`, `forward`, `backward` and `r_forward`. They are pure functions over
one `NamedTuple` of named arrays each, and their lines are the equations of the lectures. `network`
chains cells, `losses` and `objective` turn a network and data into a function of one parameter
vector, and `optimizers` and `hessian_free` minimize it.

Every call checks shapes and precision. That data are finite is checked once, where they come in: by
`Objective`, by `esn`, by the solvers. A pass through a cell hands on the NaN that it is given, as
NumPy does; of finite numbers it makes finite ones, or NumPy warns.

In the kernel of a notebook, importing the package sets the threads of linear algebra to one, unless
a variable such as OMP_NUM_THREADS says how many; `threads` says why, and how to take more.
"""

from rnncourse import threads

__version__ = "0.1.0"

threads.limit()
