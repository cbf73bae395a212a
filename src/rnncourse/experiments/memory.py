"""Memory that is freed stays with the process, so that the next arrays need no new pages.

A training step makes arrays of megabytes and frees them. The C library of Linux gives such memory
back to the system at once, and gets it again, page by page, in the next step. Of the time of a
plain net at 100 steps that can be a third or more.
"""

import ctypes
import functools

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of mallopt, malloc.h
LARGEST = 32 * 2**20  # bytes; what mallopt takes at most


@functools.cache
def keep_freed():
    """Ask the C library, once, to keep freed memory; return whether it has such a setting."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc
        return False
    return bool(mallopt(TRIM_THRESHOLD, 2**30) and mallopt(MMAP_THRESHOLD, LARGEST))
