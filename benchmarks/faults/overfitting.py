"""Rule LK501 on labelled loss curves: precision, recall and F1, beside the 0.91 that OverfitGuard reports.

    python benchmarks/faults/overfitting.py                              # curves made here
    python benchmarks/faults/overfitting.py --logs PATH/OverfitGuard     # those of a checkout of its repository

OverfitGuard (Li et al., IEEE Access 2024, arXiv 2401.10359) reports F1 on 40 real curves from papers,
after training on 419 curves of 12 small networks on the Proben1 problems, labelled by hand. Its repository has no
licence, so its curves are only read. The recipe is followed here on tasks whose expected loss is known: 12 networks, 12
problems, 3 splits each; the rule sees the loss on a small validation set, the label comes from 20,000 fresh samples: a
curve is of an overfitted model when the expected loss ends at least 5 % above its minimum and the training loss below
it. Nothing was tuned on either set.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from losskit.doctor.rules import rules
from losskit.recording.facts import Progress
from losskit.recording.recording import Recording

NETWORKS = ((2,), (4,), (8,), (16,), (24,), (32,), (64,), (2, 2), (4, 4), (8, 8), (16, 8), (32, 16))
PROBLEMS = tuple((n, noise, depth) for n in (40, 120, 400) for noise in (0.1, 1.0) for depth in (0, 1))
EPOCHS, FRESH, VALIDATION, FEATURES = 200, 20_000, 100, 10
RISE = 0.05

Curve = tuple[list[float], list[float], bool]  # training loss, validation loss, overfitted


def recorded(train: list[float], validation: list[float]) -> Recording:
    recording = Recording(progress=Progress(steps=len(train), epochs=len(train)))
    for epoch, value in enumerate(train, 1):
        recording.measure("loss", epoch, value)
    for epoch, value in enumerate(validation, 1):
        recording.measure("validation/loss", epoch, value)
    return recording


def network(sizes: tuple[int, ...]) -> nn.Module:
    layers: list[nn.Module] = []
    for inputs, outputs in zip((FEATURES, *sizes), sizes, strict=False):
        layers += [nn.Linear(inputs, outputs), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 1))


def made() -> Iterator[Curve]:
    for problem, (count, noise, depth) in enumerate(PROBLEMS):
        for index, sizes in enumerate(NETWORKS):
            for split in range(3):
                torch.manual_seed(10_000 * problem + 100 * index + split)
                teacher = nn.Sequential(nn.Linear(FEATURES, 1)) if depth == 0 else network((6,))
                x = torch.randn(count + VALIDATION + FRESH, FEATURES)
                with torch.no_grad():
                    y = teacher(x)
                    y = (y - y.mean()) / y.std()
                y = y + noise * torch.randn_like(y)
                parts = torch.tensor_split(torch.arange(len(x)), (count, count + VALIDATION))
                (xt, yt), (xv, yv), (xf, yf) = ((x[part], y[part]) for part in parts)
                student = network(sizes)
                optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)
                train, validation, expected = [], [], []
                for _ in range(EPOCHS):
                    losses = []
                    for batch in torch.randperm(count).split(32):
                        loss = nn.functional.mse_loss(student(xt[batch]), yt[batch])
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                        losses.append(loss.item())
                    train.append(float(np.mean(losses)))
                    with torch.no_grad():
                        validation.append(nn.functional.mse_loss(student(xv), yv).item())
                        expected.append(nn.functional.mse_loss(student(xf), yf).item())
                end = float(np.mean(expected[-3:]))
                yield train, validation, end > (1 + RISE) * min(expected) and train[-1] < min(expected)


def logged(folder: Path) -> Iterator[Curve]:
    for path in sorted(folder.rglob("*.json")):
        log = json.loads(path.read_text(encoding="utf-8"))
        yield log[log["train_metric"]], log[log["monitor_metric"]], "overfit" in path.parts


def tell(title: str, curves: Iterable[Curve]) -> None:
    rule = rules()["LK501"]
    counts = Counter()
    for train, validation, overfitted in curves:
        found = list(rule.check(rule, recorded(train, validation)))
        counts[overfitted, found[0].severity if found else None] += 1
    for name, severities in (("found at all", ("warning", "info")), ("as a warning", ("warning",))):
        told = {label: sum(counts[label, one] for one in severities) for label in (True, False)}
        missed = sum(n for (label, _), n in counts.items() if label) - told[True]
        healthy = sum(n for (label, _), n in counts.items() if not label)
        f1 = 2 * told[True] / max(2 * told[True] + told[False] + missed, 1)
        print(
            f"{title}, {name}: {told[True]} of {told[True] + missed} overfitted, {told[False]} of {healthy} others: "
            f"F1 {f1:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="LK501 on labelled loss curves.")
    parser.add_argument("--logs", type=Path, help="a checkout of asgaardlab/OverfitGuard")
    options = parser.parse_args()
    if options.logs is None:
        tell("made here", made())
    else:
        tell("real curves (40)", logged(options.logs / "data/testing/real_world_data"))
        tell("simulated curves (419)", logged(options.logs / "data/training/dataset_exp4"))


if __name__ == "__main__":
    main()
