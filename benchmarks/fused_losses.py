"""Value and gradient of 12 losses at 4 million float32 elements: fused, unfused, and PyTorch's or torchvision's own.

The floor is the time to move the bytes that must be moved (prediction and target read, gradient written) at the
bandwidth of a large copy, measured in the same rounds. Run: python benchmarks/fused_losses.py [elements]
"""

from __future__ import annotations

import sys

import torch
import torch.nn.functional as F
from measure import interleaved, machine

import losskit


def focal(prediction, target):
    """torchvision's own where it is installed, else what it does, in the same eager operations."""
    try:
        from torchvision.ops import sigmoid_focal_loss

        return sigmoid_focal_loss(prediction, target, alpha=-1, gamma=2, reduction="mean")
    except (ImportError, RuntimeError):
        p = torch.sigmoid(prediction)
        ce = F.binary_cross_entropy_with_logits(prediction, target, reduction="none")
        return (ce * (1 - (p * target + (1 - p) * (1 - target))) ** 2).mean()


def main(elements: int) -> None:
    torch.manual_seed(0)
    real = torch.randn(elements), torch.randn(elements)
    unit = torch.randn(elements), torch.randint(0, 2, (elements,)).float()
    sign = torch.randn(elements), torch.randint(0, 2, (elements,)).float() * 2 - 1
    classes = 100
    labels = torch.randn(elements // classes, classes), torch.randint(0, classes, (elements // classes,))
    counts = torch.randn(elements), torch.poisson(torch.ones(elements))
    # Name, losskit's loss, data, the eager peer: the framework's own function where it has one, else its formula.
    rows = [
        ("squared error", losskit.SquaredError(), real, F.mse_loss),
        ("absolute error", losskit.AbsoluteError(), real, F.l1_loss),
        ("Huber", losskit.Huber(), real, F.huber_loss),
        ("smooth L1", losskit.SmoothL1(), real, F.smooth_l1_loss),
        ("log-cosh", losskit.LogCosh(), real, lambda p, t: torch.log(torch.cosh(p - t)).mean()),
        (
            "quantile",
            losskit.Quantile(level=0.9),
            real,
            lambda p, t: torch.maximum(0.9 * (t - p), 0.1 * (p - t)).mean(),
        ),
        ("binary cross-entropy", losskit.BinaryCrossEntropy(), unit, F.binary_cross_entropy_with_logits),
        ("sigmoid focal", losskit.BinaryFocal(), unit, focal),
        ("soft margin", losskit.SoftMargin(), sign, F.soft_margin_loss),
        ("hinge", losskit.Hinge(), sign, lambda p, t: F.relu(1 - p * t).mean()),
        ("Poisson", losskit.PoissonNegativeLogLikelihood(), counts, F.poisson_nll_loss),
        ("cross-entropy, 100 classes", losskit.CrossEntropy(), labels, F.cross_entropy),
    ]
    source, sink = torch.ones(2**26), torch.ones(2**26)  # 256 MB each: larger than any cache
    print(f"{machine()}; {elements:,} elements, float32, medians of interleaved rounds")
    print(f"{'loss':<27}{'fused':>9}{'unfused':>9}{'peer':>9}{'floor':>9}   fused/peer  fused/floor")
    ratios, floors = [], []
    for name, loss, (prediction, target), peer in rows:
        fused = losskit.torch.fuse(loss)
        leaf = prediction.clone().requires_grad_()

        def backward(function, leaf=leaf, target=target):
            leaf.grad = None
            function(leaf, target).backward()

        with losskit.checks("shapes"):
            times = interleaved(
                {
                    "fused": lambda: fused.value_and_gradient(prediction, target),  # noqa: B023 - called in this round
                    "unfused": lambda: backward(loss),  # noqa: B023
                    "peer": lambda: backward(peer),  # noqa: B023
                    "copy": lambda: sink.copy_(source),
                }
            )
        moved = 2 * prediction.nbytes + target.nbytes
        floor = times["copy"] * moved / (2 * source.nbytes)
        ratios.append(times["fused"] / times["peer"])
        floors.append(times["fused"] / floor)
        shown = "".join(f"{1e3 * times[key]:8.2f} " for key in ("fused", "unfused", "peer"))
        print(f"{name:<27}{shown}{1e3 * floor:8.2f} {ratios[-1]:11.2f}{floors[-1]:12.2f}")
    ratios.sort()
    floors.sort()
    middle = len(ratios) // 2
    print(f"median: {ratios[middle]:.2f} of the peer's time, {floors[middle]:.2f} times the floor (times in ms)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000)
