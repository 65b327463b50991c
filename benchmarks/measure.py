"""Interleaved timing: every contestant in turn, many rounds, medians, so that a noisy machine hits all alike."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping


def interleaved(contestants: Mapping[str, Callable[[], object]], rounds: int = 15, warm: int = 2) -> dict[str, float]:
    """Median seconds of each contestant; the first `warm` rounds are not counted."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + warm):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            if number >= warm:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def machine() -> str:
    """The machine and versions, in a line."""
    import torch

    threads = torch.get_num_threads()
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), torch {torch.__version__}, {threads} threads"
