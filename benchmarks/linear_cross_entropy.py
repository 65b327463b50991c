"""Cross-entropy through a projection to a large vocabulary: time and memory beside PyTorch's.

Each contestant's value and gradients are first compared with float64 on fresh inputs. The targets are those of the
CPU: at most 1.05 of plain PyTorch's time (its own chunked path takes more than plain), and 15 % of its extra memory,
which is what the process holds more while value and gradients are made, without the gradients. Liger-Kernel and
cut-cross-entropy run on a GPU only: gpu_linear.py.

Run: python benchmarks/linear_cross_entropy.py [--rows 4096] [--hidden 512] [--classes 32000] [--json FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import gpu_linear
import torch
import torch.nn.functional as F
from measure import Line, extra_memory, machine, ratio, report, rounds

import losskit

Call = Callable[..., torch.Tensor]


def contestants() -> dict[str, Call]:
    """Each takes hidden, weight and target."""
    calls: dict[str, Call] = {
        "losskit": losskit.torch.linear_cross_entropy,
        "torch plain": lambda hidden, weight, target: F.cross_entropy(hidden @ weight.T, target),
    }
    if hasattr(F, "linear_cross_entropy"):
        options = torch.nn.LinearCrossEntropyOptions()
        calls["torch chunked"] = lambda *inputs: F.linear_cross_entropy(*inputs, options=options)
    calls["losskit, label smoothing and z-loss"] = lambda *inputs: losskit.torch.linear_cross_entropy(
        *inputs, label_smoothing=0.1, z_loss=1e-4
    )
    calls['losskit, reduction="none"'] = lambda *inputs: losskit.torch.linear_cross_entropy(
        *inputs, reduction="none"
    ).mean()
    return calls


def distillation() -> dict[str, Call]:
    """A student against a teacher with a projection of its own; what is compared needs all logits of both."""
    loss = losskit.KnowledgeDistillation()
    lean = losskit.torch.linear(loss)
    return {
        "losskit, distillation": lambda hidden, weight, _: lean(
            hidden, weight, losskit.torch.Projection(hidden.detach().flip(0), weight.detach())
        ),
        "all logits, distillation": lambda hidden, weight, _: loss(
            hidden @ weight.T, hidden.detach().flip(0) @ weight.detach().T
        ),
    }


def inputs(rows: int, width: int, classes: int, dtype: torch.dtype = torch.float32) -> tuple[Any, Any, Any]:
    hidden = torch.randn(rows, width, dtype=dtype).requires_grad_()
    weight = (torch.randn(classes, width, dtype=dtype) / width**0.5).requires_grad_()
    return hidden, weight, torch.randint(0, classes, (rows,))


def error(call: Call) -> float:
    """The largest difference of value and gradients from float64, relative to the largest entry."""
    hidden, weight, target = inputs(700, 64, 5_003, torch.float64)
    narrow = [each.detach().float().requires_grad_() for each in (hidden, weight)]
    wide = [each.detach().double().requires_grad_() for each in narrow]
    exact, found = call(*wide, target), call(*narrow, target)
    pairs = [(found, exact), *zip(torch.autograd.grad(found, narrow), torch.autograd.grad(exact, wide), strict=True)]
    return max(float((a - b).detach().abs().max() / b.detach().abs().max().clamp(min=1e-30)) for a, b in pairs)


def compared(calls: dict[str, Call], plain: str, rows: int, width: int, classes: int) -> Iterator[Line]:
    """Error, time and memory of each, the last two beside the plain one's."""
    hidden, weight, target = inputs(rows, width, classes)

    def step(call: Call) -> None:
        hidden.grad = weight.grad = None
        call(hidden, weight, target).backward()

    for name, call in calls.items():
        yield Line(f"{name}: error against float64", error(call), "", 1e-5 if name.startswith("losskit") else None)
    extra = {}
    gradients = hidden.nbytes + weight.nbytes
    for name, call in calls.items():
        hidden.grad = weight.grad = None
        extra[name] = extra_memory(lambda call=call: step(call)) - gradients
    times = rounds({name: lambda call=call: step(call) for name, call in calls.items()}, count=3, warm=1)
    others = [name for name in calls if name != plain]
    for name in others:
        value, spread = ratio(times, name, plain)
        yield Line(f"{name}: time", value, "", 1.05 if name == "losskit" else None, plain, spread)
    for name in others:
        yield Line(f"{name}: extra memory", extra[name] / extra[plain], "", 0.15 if name == "losskit" else None, plain)
    yield Line(f"{plain}: extra memory", extra[plain] / 2**20, "MiB")


def measured(rows: int, width: int, classes: int) -> Iterator[Line]:
    yield from compared(contestants(), "torch plain", rows, width, classes)
    yield from compared(distillation(), "all logits, distillation", rows // 8, width, classes)
    yield from gpu_linear.measured()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("rows", 4096), ("hidden", 512), ("classes", 32_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json")
    given = parser.parse_args()
    torch.manual_seed(0)
    print(f"{machine()}; {given.rows} rows, {given.hidden} hidden units, {given.classes} classes, float32")
    report(measured(given.rows, given.hidden, given.classes), given.json)


if __name__ == "__main__":
    main()
