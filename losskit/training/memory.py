"""Memory that a process keeps between steps."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def keep_memory() -> bool:
    """Tell glibc's malloc to keep what a step frees for the next; False where there is no glibc.

    Left alone it gives large blocks back to the system and takes them again, page by page, in every step: 40 % of the
    time of a small convolutional network on a CPU. The process then holds its largest step's memory to its end, and the
    setting is the whole process's: for a program of its own (`losskit fit`), not for a library inside another.
    """
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    largest = 2**31 - 1
    return all([mallopt(TRIM_THRESHOLD, largest), mallopt(MMAP_THRESHOLD, largest)])
