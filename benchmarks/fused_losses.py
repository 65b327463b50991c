"""Value and gradient at 4 million float32 elements: fused, and what the frameworks have, against the floor.

The floor is the time to move the bytes that must be moved (each input read once, the gradient written once) at the
bandwidth of a large copy, measured in the same rounds. Every fused value and gradient is first compared with float64.
Peers are PyTorch's or torchvision's own function where there is one; of other losses, the unfused formula.

Run: python benchmarks/fused_losses.py [--elements 4000000] [--all] [--json FILE]
--all takes every elementwise loss of the catalogue instead of the twelve that most people use: ten minutes.
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
from losskit.core.domain import Counts, Interval, Signs

Peer = Callable[..., torch.Tensor]
CLASSES = 100


def focal(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """torchvision's own where it is installed, else what it does, in the same eager operations."""
    try:
        from torchvision.ops import sigmoid_focal_loss

        return sigmoid_focal_loss(prediction, target, alpha=-1, gamma=2, reduction="mean")
    except (ImportError, RuntimeError):
        p = torch.sigmoid(prediction)
        ce = F.binary_cross_entropy_with_logits(prediction, target, reduction="none")
        return (ce * (1 - (p * target + (1 - p) * (1 - target))) ** 2).mean()


def poisson(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """With log t!, as ours (PyTorch's is Stirling's approximation)."""
    return F.poisson_nll_loss(prediction, target, full=True)


MOST_USED: dict[str, tuple[Any, Peer]] = {
    "squared error": (losskit.SquaredError(), F.mse_loss),
    "absolute error": (losskit.AbsoluteError(), F.l1_loss),
    "Huber": (losskit.Huber(), F.huber_loss),
    "smooth L1": (losskit.SmoothL1(), F.smooth_l1_loss),
    "log-cosh": (losskit.LogCosh(), lambda p, t: torch.log(torch.cosh(p - t)).mean()),
    "quantile": (losskit.Quantile(level=0.9), lambda p, t: torch.maximum(0.9 * (t - p), 0.1 * (p - t)).mean()),
    "binary cross-entropy": (losskit.BinaryCrossEntropy(), F.binary_cross_entropy_with_logits),
    "sigmoid focal": (losskit.BinaryFocal(), focal),
    "soft margin": (losskit.SoftMargin(), F.soft_margin_loss),
    "hinge": (losskit.Hinge(), lambda p, t: F.relu(1 - p * t).mean()),
    "Poisson": (losskit.PoissonNegativeLogLikelihood(), poisson),
    f"cross-entropy, {CLASSES} classes": (losskit.CrossEntropy(), F.cross_entropy),
}


def drawn(domain: Any, count: int) -> torch.Tensor | None:
    """Numbers of the size that inputs usually have; None for a domain whose entries hang together."""
    if isinstance(domain, Signs):
        return torch.randint(0, 2, (count,)) * 2.0 - 1
    if isinstance(domain, Counts):
        return torch.poisson(torch.ones(count))
    if not isinstance(domain, Interval):
        return None
    low, high = domain.lower, domain.upper
    if low > -float("inf") and high < float("inf"):
        return low + (high - low) * torch.rand(count).clamp(0.01, 0.99)
    if low > -float("inf"):
        return low + torch.randn(count).abs() + 0.01
    return high - torch.randn(count).abs() - 0.01 if high < float("inf") else torch.randn(count)


def inputs(loss: Any, count: int) -> list[torch.Tensor] | None:
    if loss.kind == "classwise":
        return [torch.randn(count // CLASSES, CLASSES), torch.randint(0, CLASSES, (count // CLASSES,))]
    if type(loss) in (losskit.BinaryCrossEntropy, losskit.BinaryFocal):
        return [torch.randn(count), torch.randint(0, 2, (count,)).float()]
    arrays = [drawn(loss.domain(name), count) for name in loss.inputs if name not in loss.optional]
    return None if any(array is None for array in arrays) else arrays  # pyright: ignore[reportReturnType]


def catalogue() -> dict[str, tuple[Any, Peer]]:
    """Every elementwise loss that can be made without settings and given numbers drawn apart, in its default form."""
    known = {type(loss): (name, loss, peer) for name, (loss, peer) in MOST_USED.items()}
    classes = f"cross-entropy, {CLASSES} classes"
    losses: dict[str, tuple[Any, Peer]] = {classes: MOST_USED[classes]}
    for name, kind in losskit.catalogue.items():
        if kind.kind != "elementwise":
            continue
        try:
            loss = kind()
            arrays = inputs(loss, 10)
        except TypeError:
            continue
        if arrays is not None:
            losses[name] = known[kind][1:] if kind in known else (loss, loss)
    return losses


def error(loss: Any, fused: Any) -> float:
    """How far value and gradient are from the formula in float64, relative to the largest entry."""
    arrays = inputs(loss, 10_000)
    assert arrays is not None
    wide = [array.double() if array.is_floating_point() else array for array in arrays]
    results = []
    for value, gradients in (fused.value_and_gradient(*arrays), loss.value_and_gradient(*wide)):
        results.append([value, *(gradients if isinstance(gradients, tuple) else [gradients])])
    return max(float((a - b).abs().max() / b.abs().max().clamp(min=1e-30)) for a, b in zip(*results, strict=True))


def of_large_vocabularies() -> Iterator[Line]:
    """Softmax cross-entropy of 8,192 rows, the gradient written over the logits: each is read and written once."""
    loss = losskit.CrossEntropy()
    fused = losskit.torch.fuse(loss)
    source, sink = torch.ones(2**26), torch.ones(2**26)
    for classes, peer in ((32_000, True), (128_256, False)):  # PyTorch's takes three times the logits' memory
        target = torch.randint(0, classes, (8192,))
        logits = torch.empty(8192, classes).normal_()
        value = fused.value_and_gradient(logits[:64], target[:64])[0]
        assert torch.allclose(value.double(), loss(logits[:64].double(), target[:64]), rtol=1e-6, atol=0)
        contestants: dict[str, Callable[[], object]] = {
            "fused": lambda logits=logits, target=target: fused.value_and_gradient(logits, target, out=logits),
            "copy": lambda: sink.copy_(source),
        }
        if peer:
            leaf = torch.randn(8192, classes, requires_grad=True)

            def backward(leaf: torch.Tensor = leaf, target: torch.Tensor = target) -> None:
                leaf.grad = None
                F.cross_entropy(leaf, target).backward()

            contestants["peer"] = backward
        with losskit.checks("shapes"):
            times = rounds(contestants, count=5, warm=1)
        name = f"softmax cross-entropy, 8,192 x {classes:,}: time"
        against = statistics.median(times["fused"]) / statistics.median(times["copy"])
        yield Line(name, against * source.nbytes / logits.nbytes, "", 1.2, "the floor")
        if peer:
            found, spread = ratio(times, "fused", "peer")
            yield Line(name, found, "", 1.0, "cross_entropy", spread)
        del contestants, logits


def measured(losses: dict[str, tuple[Any, Peer]], elements: int, every: bool) -> Iterator[Line]:
    source, sink = torch.ones(2**26), torch.ones(2**26)  # 256 MB each: larger than any cache
    over_peer, over_floor, worst = [], [], 0.0
    for name, (loss, peer) in losses.items():
        fused = losskit.torch.fuse(loss)
        worst = max(worst, error(loss, fused))
        arrays = inputs(loss, elements)
        assert arrays is not None
        wrt = [loss.inputs.index(each) for each in loss.differentiable if loss.inputs.index(each) < len(arrays)]
        leaves = [array.clone().requires_grad_(k in wrt) for k, array in enumerate(arrays)]

        def backward(function: Peer, leaves: list[torch.Tensor] = leaves) -> None:
            for leaf in leaves:
                leaf.grad = None
            function(*leaves).backward()

        with losskit.checks("shapes"):
            times = rounds(
                {
                    "fused": lambda fused=fused, arrays=arrays: fused.value_and_gradient(*arrays),
                    "peer": lambda peer=peer: backward(peer),
                    "copy": lambda: sink.copy_(source),
                },
                count=7,
                settled=True,
            )
        moved = sum(array.nbytes for array in arrays) + sum(arrays[k].nbytes for k in wrt)
        against, spread = ratio(times, "fused", "peer")
        over_floor.append(
            statistics.median(times["fused"]) / statistics.median(times["copy"]) * 2 * source.nbytes / moved
        )
        over_peer.append(against)
        who = "its formula, unfused" if peer is loss else getattr(peer, "__name__", "peer").replace("<lambda>", "eager")
        yield Line(f"{name}: {over_floor[-1]:.2f} of the floor; time", against, "", 1.0, who, spread)
    yield Line("largest error against float64", worst, "", 1e-4)
    yield Line(f"median of {len(over_peer)}: time", statistics.median(over_peer), "", 0.5, "the peers")
    target = 1.25 if every else None  # of the twelve, half have an exponential
    yield Line(f"median of {len(over_floor)}: time", statistics.median(over_floor), "", target, "the floor")
    yield from of_large_vocabularies()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--elements", type=int, default=4_000_000)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--json")
    given = parser.parse_args()
    torch.manual_seed(0)
    torch._dynamo.config.recompile_limit = 64
    print(f"{machine()}; {given.elements:,} elements, float32, medians of interleaved rounds")
    report(measured(catalogue() if given.all else MOST_USED, given.elements, given.all), given.json)


if __name__ == "__main__":
    main()
