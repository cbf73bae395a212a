"""One thread for the linear algebra of a notebook: what `import rnncourse` does in its kernel.

The matrices of the lectures are so small that a second thread of BLAS gains next to nothing, and on
a machine with other work it costs dearly, since the threads wait for each other: a product of
(32, 200) by (200, 200) took 0.2 ms on one thread and 56 ms on two, with OpenBLAS on two busy cores.
The tests of the course run on one thread, and so should whoever reads it.

The import is the one line that every kernel runs, however it was started: by JupyterLab, conda,
Binder, Colab or an IDE. It acts in a kernel of Jupyter and nowhere else: scripts, tests and a
prompt keep their threads. Where one of VARIABLES is set, it does nothing:
`OMP_NUM_THREADS=4 jupyter lab` gives four threads. In a running notebook, after the import, one
line does it for what is loaded:

    import threadpoolctl; threadpoolctl.threadpool_limits(4)
"""

import contextlib
import os
import sys
import warnings

# What OpenMP (PyTorch), OpenBLAS, MKL, BLIS and Apple's Accelerate read when they are loaded.
VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def in_kernel():
    """Return whether this process is a kernel of Jupyter; the browser's has one thread anyway."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return sys.platform != "emscripten" and getattr(shell, "kernel", None) is not None


def limit():
    """Take one thread in a kernel, for what is loaded and will be, unless a variable says more."""
    if not in_kernel() or any(os.environ.get(name) for name in VARIABLES):
        return
    os.environ.update(dict.fromkeys(VARIABLES, "1"))
    # A matter of speed: whatever library this finds, it stops no lecture.
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)
