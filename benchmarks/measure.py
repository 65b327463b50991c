"""Interleaved timing, and the lines that a benchmark prints: what was measured, its target, and whether it holds."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT = {"MALLOC_MMAP_THRESHOLD_": "2147483648", "MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_TOP_PAD_": "268435456"}
"""The environment in which malloc keeps what a step frees, for all alike: else page faults are timed, and whose depends
on where a few tensors happen to lie."""


@dataclass(frozen=True)
class Line:
    """One measured figure. `target`: the most it may be, None where it is only told; `peer`: what it is compared with;
    `spread`: the lowest and highest of the rounds, where there were rounds; `missing`: why nothing was measured, the
    value is None then."""

    name: str
    value: float | None
    unit: str
    target: float | None = None
    peer: str = ""
    spread: tuple[float, float] | None = None
    missing: str = ""

    @property
    def holds(self) -> bool | None:
        return None if self.target is None or self.value is None else self.value <= self.target

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name:<58} not measured: {self.missing}"
        spread = "" if self.spread is None else f" ({self.spread[0]:.3g} to {self.spread[1]:.3g})"
        target = "" if self.target is None else f"   target {self.target:g}: {'holds' if self.holds else 'MISSED'}"
        against = f" of {self.peer}" if self.peer else ""
        return f"{self.name:<58}{self.value:9.3g} {self.unit}{against}{spread}{target}"


def rounds(
    contestants: Mapping[str, Callable[[], object]], count: int = 15, warm: int = 2, settled: bool = False
) -> dict[str, list[float]]:
    """Seconds of each contestant in every round, all in turn, so that a noisy machine hits all alike.

    `settled`: each runs twice in its turn and the second is timed, as in a loop of its own: the memory that it takes is
    what it gave back before. Else large results are paid for in page faults, that another contestant caused.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(count + warm):
        for name, run in contestants.items():
            if settled:
                run()
            start = time.perf_counter()
            run()
            if number >= warm:
                times[name].append(time.perf_counter() - start)
    return times


def interleaved(contestants: Mapping[str, Callable[[], object]], count: int = 15, warm: int = 2) -> dict[str, float]:
    """Median seconds of each contestant; the first `warm` rounds are not counted."""
    return {name: statistics.median(values) for name, values in rounds(contestants, count, warm).items()}


def ratio(times: Mapping[str, list[float]], name: str, peer: str) -> tuple[float, tuple[float, float]]:
    """The median of the rounds' ratios, and their quartiles: what slows one round down slows both of its sides."""
    each = [a / b for a, b in zip(times[name], times[peer], strict=True)]
    quartiles = statistics.quantiles(each, n=4) if len(each) > 1 else [each[0]] * 3
    return statistics.median(each), (quartiles[0], quartiles[2])


def extra_memory(run: Callable[[], object]) -> float:
    """How many bytes more than before the process holds at most while this runs (Linux)."""
    with suppress(AttributeError, OSError):  # what was freed before goes back: else it would be taken again, uncounted
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before = _status("VmRSS")
    run()
    return 1024.0 * (_status("VmHWM") - before)


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def report(lines: Iterable[Line], path: str | None = None) -> None:
    """Print each line as it comes; with a path, write all of them there as JSON."""
    done = []
    for line in lines:
        print(line, flush=True)
        done.append({**asdict(line), "holds": line.holds})
    if path is not None:
        Path(path).write_text(json.dumps(done, indent=1))


def machine() -> str:
    """The machine and versions, in a line."""
    import torch

    threads = torch.get_num_threads()
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), torch {torch.__version__}, {threads} threads"
