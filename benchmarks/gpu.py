"""Time, memory and arithmetic rate on a GPU, whose clock and memory are its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch


def seconds(contestants: Mapping[str, Callable[[], object]], count: int = 7, warm: int = 3) -> dict[str, list[float]]:
    """Of each contestant in every round, all in turn, by the GPU's events."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(count + warm):
        for name, run in contestants.items():
            start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            torch.cuda.synchronize()
            start.record()
            run()
            end.record()
            torch.cuda.synchronize()
            if number >= warm:
                times[name].append(start.elapsed_time(end) / 1e3)
    return times


def extra_memory(run: Callable[[], object]) -> float:
    """How many bytes more than before are allocated at most while this runs."""
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    run()
    torch.cuda.synchronize()
    return float(torch.cuda.max_memory_allocated() - before)


def matrix_rate(rows: int, inner: int, columns: int, dtype: torch.dtype = torch.bfloat16) -> float:
    """Operations a second of a matrix product of this size, as PyTorch does it."""
    left = torch.randn(rows, inner, device="cuda", dtype=dtype)
    right = torch.randn(inner, columns, device="cuda", dtype=dtype)
    best = min(seconds({"product": lambda: left @ right})["product"])
    return 2.0 * rows * inner * columns / best
