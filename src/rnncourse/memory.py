"""Free memory stays with the process of who asks for the compiled loops.

A training step asks for its arrays and gives them back. The C library of most Linux systems, glibc,
returns the free end of its memory to the system when it is more than twice as long as the largest
block that was ever freed, if that was below 32 MB. The next step then gets the same memory back, a
page of 4 kB at a time, each by an interrupt of the processor and filled with zeros: two thousand
for an LSTM with T = 100, B = 32 and H = 64, which is a third of the compiled step
(benchmarks/README.md). The lectures' nets are too small to gain.

Where the variables `MALLOC_TRIM_THRESHOLD_` and `MALLOC_MMAP_THRESHOLD_` set these limits, they
remain.

Source:
    Linux manual page mallopt(3), M_MMAP_THRESHOLD.
"""

import contextlib
import functools

import numpy as np

LARGEST = 2**25  # bytes of the largest block after which glibc still moves its limits


@functools.cache
def keep():
    """Let up to 64 MB of free memory stay with the process where glibc is; elsewhere nothing is.

    A block of almost LARGEST is asked for and freed, once a process. No page of it is touched.
    """
    with contextlib.suppress(MemoryError):
        np.empty(LARGEST - 2**16, np.uint8)
