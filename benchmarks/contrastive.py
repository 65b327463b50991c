"""Contrastive losses of large batches in tiles: memory and time, and equal to the dense form.

8,192 embeddings of 512 numbers on a CPU: value and gradients in less than 600 MB beside the embeddings and their
gradients. Against the dense form (the loss itself, with all pairs in memory) at 2,048, and pytorch-metric-learning's
NTXentLoss at 256, where it is installed: it needs memory in N³ there, and is not run with more.

Run: python benchmarks/contrastive.py [--json FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import gpu
import torch
from measure import Line, extra_memory, machine, ratio, report, rounds

import losskit

WIDTH, HUGE, LARGE, DENSE = 512, 65_536, 8192, 2048
LOSSES = {
    "InfoNCE": losskit.InfoNCE(temperature=0.07),
    "CLIP": losskit.SymmetricInfoNCE(temperature=0.07),
    "SigLIP": losskit.SigmoidContrastive(),
    "NT-Xent": losskit.NormalizedTemperatureScaledCrossEntropy(temperature=0.1),
    "SupCon": losskit.SupervisedContrastive(temperature=0.1),
}


def inputs(loss: Any, count: int, dtype: torch.dtype) -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [
        torch.randint(0, count // 4, (count,))
        if loss.domain(name).integer
        else torch.randn(count, WIDTH, dtype=dtype, requires_grad=True)
        for name in loss.inputs
    ]


def step(criterion: Any, arrays: list[torch.Tensor]) -> None:
    for array in arrays:
        array.grad = None
    criterion(*arrays).backward()


def apart(loss: Any, dtype: torch.dtype) -> float:
    """The largest difference of value and gradients between tiles and dense form, relative to the largest entry."""
    arrays = inputs(loss, 300, dtype)
    moving = [array for array in arrays if array.requires_grad]
    results = [
        [value.detach(), *torch.autograd.grad(value, moving)]
        for value in (losskit.torch.tiled(loss, rows=64)(*arrays), loss(*arrays))
    ]
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(*results, strict=True))


def measured() -> Iterator[Line]:
    for name, loss in LOSSES.items():
        yield Line(f"{name}: tiles against dense, float32", apart(loss, torch.float32), "", 1e-6)
        yield Line(f"{name}: tiles against dense, float64", apart(loss, torch.float64), "", 1e-12)
    for name, loss in LOSSES.items():
        arrays = inputs(loss, LARGE, torch.float32)
        tiled = losskit.torch.tiled(loss)
        used = extra_memory(lambda tiled=tiled, arrays=arrays: step(tiled, arrays))
        used -= sum(array.nbytes for array in arrays if array.requires_grad)  # the gradients themselves
        yield Line(f"{name}: memory at {LARGE:,}", used / 1e6, "MB", 600)
        arrays = inputs(loss, DENSE, torch.float32)
        tiled = losskit.torch.tiled(loss, rows=256)
        times = rounds(
            {"tiled": lambda t=tiled, a=arrays: step(t, a), "dense": lambda t=loss, a=arrays: step(t, a)}, 5, warm=1
        )
        value, spread = ratio(times, "tiled", "dense")
        yield Line(f"{name}: time at {DENSE:,}", value, "", None, "the dense form", spread)
    yield from on_a_gpu()
    try:
        from pytorch_metric_learning.losses import NTXentLoss
    except ImportError:
        return
    loss, peer = LOSSES["SupCon"], NTXentLoss(temperature=0.1)
    arrays = inputs(loss, 256, torch.float32)
    times = rounds({"ours": lambda: step(loss, arrays), "peer": lambda: step(peer, arrays)}, 5, warm=1)
    value, spread = ratio(times, "ours", "peer")
    yield Line("SupCon: time at 256", value, "", 1.0, "pytorch-metric-learning's NTXentLoss", spread)


def on_a_gpu() -> Iterator[Line]:
    """Of 65,536 embeddings: the memory, and the time as a multiple of the three matrix products of value and gradients
    at the rate that such a product reaches (with rivals on both sides of a pair there are more)."""
    for name, loss in LOSSES.items():
        memory, products = (f"{name}: at {HUGE:,} on a GPU, {what}" for what in ("memory", "time of its products"))
        if not torch.cuda.is_available():
            yield Line(memory, None, "GB", 4.0, missing="no GPU")
            yield Line(products, None, "times", 1.3, missing="no GPU")
            continue
        arrays = [array.detach().cuda() for array in inputs(loss, HUGE, torch.float32)]
        arrays = [array.requires_grad_(array.is_floating_point()) for array in arrays]
        tiled = losskit.torch.tiled(loss)
        run = lambda tiled=tiled, arrays=arrays: step(tiled, arrays)  # noqa: E731
        run()
        for array in arrays:
            array.grad = None
        used = gpu.extra_memory(run) - sum(array.nbytes for array in arrays if array.requires_grad)
        yield Line(memory, used / 1e9, "GB", 4.0)
        rate = gpu.matrix_rate(HUGE // 32, WIDTH, HUGE, torch.float32)
        fastest = min(gpu.seconds({"tiled": run}, count=3, warm=1)["tiled"])
        yield Line(products, fastest * rate / (6.0 * HUGE**2 * WIDTH), "times", 1.3)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    given = parser.parse_args()
    print(f"{machine()}; embeddings of {WIDTH} numbers, float32")
    report(measured(), given.json)


if __name__ == "__main__":
    main()
