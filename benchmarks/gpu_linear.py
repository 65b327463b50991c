"""Cross-entropy through a projection on a GPU, beside the Triton kernels that only run there.

8,192 rows of 4,096 hidden units in bfloat16, against 128,256 and 256,000 classes: time beside the fastest other, extra
memory (without the gradients) beside the leanest, and the time as a multiple of what the three products of value and
gradients take at the rate of a matrix product of this size: 1.43 is 70 % of it. What is computed again is not counted.
cut-cross-entropy runs as it does unless told otherwise: it leaves out gradients that bfloat16 would round away. The
lines are part of linear_cross_entropy.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import gpu
import torch
import torch.nn.functional as F
from measure import Line, ratio

import losskit

Call = Callable[..., torch.Tensor]

PRODUCTS = "time of its three products at the matrix rate"
ROWS, WIDTH, CLASSES = 8192, 4096, (128_256, 256_000)
PEERS = {"Liger-Kernel": "liger_kernel", "cut-cross-entropy": "cut_cross_entropy"}


def contestants() -> dict[str, Call]:
    """Each takes hidden, weight and target."""
    calls: dict[str, Call] = {
        "losskit": losskit.torch.linear_cross_entropy,
        "torch plain": lambda hidden, weight, target: F.cross_entropy((hidden @ weight.T).float(), target),
    }
    calls["torch compiled"] = torch.compile(calls["torch plain"])
    if hasattr(F, "linear_cross_entropy"):
        options = torch.nn.LinearCrossEntropyOptions()
        calls["torch chunked"] = lambda *inputs: F.linear_cross_entropy(*inputs, options=options)
    if find_spec(PEERS["Liger-Kernel"]):
        from liger_kernel.transformers import LigerFusedLinearCrossEntropyLoss  # pyright: ignore[reportMissingImports]

        liger: Any = LigerFusedLinearCrossEntropyLoss()
        calls["Liger-Kernel"] = lambda hidden, weight, target: liger(weight, hidden, target)
    if find_spec(PEERS["cut-cross-entropy"]):
        from cut_cross_entropy import linear_cross_entropy  # pyright: ignore[reportMissingImports]

        calls["cut-cross-entropy"] = linear_cross_entropy
    return calls


def measured() -> Iterator[Line]:
    for classes in CLASSES:
        if torch.cuda.is_available():
            yield from compared(classes)
        else:
            for what, target in (("time", 0.95), ("extra memory", 1.1), (PRODUCTS, 1 / 0.7)):
                yield Line(f"losskit, {classes:,} classes: {what}", None, "", target, missing="no GPU")
    for name, package in PEERS.items():
        if torch.cuda.is_available() and not find_spec(package):
            yield Line(f"losskit against {name}", None, "", missing=f"{package} is not installed")


def compared(classes: int) -> Iterator[Line]:
    torch.manual_seed(0)
    hidden = torch.randn(ROWS, WIDTH, device="cuda", dtype=torch.bfloat16).requires_grad_()
    weight = (torch.randn(classes, WIDTH, device="cuda", dtype=torch.bfloat16) / WIDTH**0.5).requires_grad_()
    target = torch.randint(0, classes, (ROWS,), device="cuda")

    def step(call: Call) -> None:
        hidden.grad = weight.grad = None
        call(hidden, weight, target).backward()

    calls = contestants()
    runs = {name: lambda call=call: step(call) for name, call in calls.items()}
    extra = {}
    for name, run in runs.items():
        run()  # compiled, and its own workspaces there
        hidden.grad = weight.grad = None
        extra[name] = gpu.extra_memory(run) - hidden.nbytes - weight.nbytes
    times = gpu.seconds(runs)
    best = {name: min(values) for name, values in times.items()}
    fastest, leanest = (min((name for name in calls if name != "losskit"), key=of.get) for of in (best, extra))  # pyright: ignore
    value, spread = ratio(times, "losskit", fastest)
    yield Line(f"losskit, {classes:,} classes: time", value, "", 0.95, fastest, spread)
    yield Line(f"losskit, {classes:,} classes: extra memory", extra["losskit"] / extra[leanest], "", 1.1, leanest)
    rate = gpu.matrix_rate(ROWS, WIDTH, classes)
    for name in calls:
        times_over = best[name] * rate / (6.0 * ROWS * WIDTH * classes)
        target = 1 / 0.7 if name == "losskit" else None
        yield Line(f"{name}, {classes:,} classes: {PRODUCTS}", times_over, "times", target)
        yield Line(f"{name}, {classes:,} classes: extra memory", extra[name] / 2**20, "MiB")
