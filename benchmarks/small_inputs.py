"""Small inputs: what a call costs, beside the framework's own function and, where it has none, in microseconds.

Forward and backward of `losskit.torch.module(loss)` against torch.nn.functional's function, with values checked (the
default) and with shapes only; for losses that PyTorch has not, what calling losskit adds to its formula's operations,
what looking at the values adds to that, and, where `fuse` writes a loop, what the fused loss takes in their place.

Run: python benchmarks/small_inputs.py [--json FILE]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from measure import Line, machine, ratio, report, rounds

import losskit
from losskit.arrays import namespace

REPEATS = 50  # calls in a round


def real(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(n), torch.randn(n)


def labels(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(n // 10, 10), torch.randint(0, 10, (n // 10,))


def native() -> dict[str, tuple[Any, Callable[..., torch.Tensor], Callable[[int], tuple[torch.Tensor, torch.Tensor]]]]:
    def binary(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.randn(n), torch.randint(0, 2, (n,)).float()

    return {
        "squared error": (losskit.SquaredError(), F.mse_loss, real),
        "Huber": (losskit.Huber(), F.huber_loss, real),
        "binary cross-entropy": (losskit.BinaryCrossEntropy(), F.binary_cross_entropy_with_logits, binary),
        "cross-entropy": (losskit.CrossEntropy(), F.cross_entropy, labels),
    }


def foreign() -> dict[str, tuple[Any, Callable[[int], tuple[torch.Tensor, torch.Tensor]]]]:
    """Losses that PyTorch has not, of every kind, and inputs with about n numbers."""

    def masks(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.randn(4, n // 4), torch.randint(0, 2, (4, n // 4)).float()

    def lists(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.randn(n // 10, 10), torch.randint(0, 5, (n // 10, 10)).float()

    return {
        "LogCosh": (losskit.LogCosh(), real),
        "Cauchy": (losskit.Cauchy(), real),
        "Welsch": (losskit.Welsch(), real),
        "Focal": (losskit.Focal(), labels),
        "Dice": (losskit.Dice(), masks),
        "ListNet": (losskit.ListNet(), lists),
    }


def repeated(
    criterion: Callable[..., torch.Tensor], prediction: torch.Tensor, target: torch.Tensor
) -> Callable[[], None]:
    leaf = prediction.clone().requires_grad_()

    def run() -> None:
        for _ in range(REPEATS):
            leaf.grad = None
            criterion(leaf, target).backward()

    return run


def calls(function: Callable[..., object], *data: torch.Tensor) -> Callable[[], None]:
    def run() -> None:
        for _ in range(REPEATS):
            function(*data)

    return run


def measured() -> Iterator[Line]:
    for name, (loss, peer, inputs) in native().items():
        module = losskit.torch.module(loss)
        for n in (100, 10_000):
            data = inputs(n)
            for level in ("values", "shapes", "off"):
                with losskit.checks(level):
                    times = rounds({"ours": repeated(module, *data), "peer": repeated(peer, *data)}, count=21)
                value, spread = ratio(times, "ours", "peer")
                target = 1.1 if level == "off" else None
                yield Line(f"{name}, n = {n:,}, checks {level!r}", value, "", target, f"F.{peer.__name__}", spread)
    for name, (loss, inputs) in foreign().items():
        module = losskit.torch.module(loss)
        for n in (100, 1000, 10_000):
            data = inputs(n)
            xp = namespace(*data)

            def formula(p: torch.Tensor, t: torch.Tensor, loss: Any = loss, xp: Any = xp) -> torch.Tensor:
                return loss.formula(xp, p, t).mean()

            contestants = {
                "bare": repeated(formula, *data),
                "shapes": at("shapes", repeated(module, *data)),
                "values": at("values", repeated(module, *data)),
            }
            if loss.kind == "elementwise":  # what fuse writes a loop for
                fused = losskit.torch.fuse(loss)
                contestants["fused"] = at("shapes", repeated(fused, *data))
                contestants["both"] = at("shapes", calls(fused.value_and_gradient, *data))
            times = rounds(contestants, count=21)
            if "fused" in times:
                value, spread = ratio(times, "fused", "bare")
                yield Line(f"{name}, n = {n:,}, fused", value, "", 1.0, "its operations", spread)
                whole = 1e6 * statistics.median(times["both"]) / REPEATS
                target = 30.0 if n == 100 else None  # of more numbers it is what they take
                yield Line(f"{name}, n = {n:,}, fused: value and gradient, all of it", whole, "µs", target)
            for level, less, target in (("shapes", "bare", 30.0), ("values", "shapes", None)):
                added = [1e6 * (a - b) / REPEATS for a, b in zip(times[level], times[less], strict=True)]
                what = "its operations" if less == "bare" else "that"
                line = f"{name}, n = {n:,}, checks {level!r}: added to {what}"
                yield Line(line, statistics.median(added), "µs", target)


def at(level: Any, run: Callable[[], None]) -> Callable[[], None]:
    """The same at a level of checks."""

    def checked() -> None:
        with losskit.checks(level):
            run()

    return checked


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    given = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    print(f"{machine()}; forward and backward")
    report(measured(), given.json)


if __name__ == "__main__":
    main()
