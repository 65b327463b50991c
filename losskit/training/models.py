"""Small models that `losskit fit` trains: linear, mlp, cnn."""

from __future__ import annotations

import math

import torch
from torch import nn

MODELS = ("linear", "mlp", "cnn")


def model(name: str, input_shape: tuple[int, ...], outputs: int) -> nn.Module:
    """A model from samples of `input_shape` to `outputs` numbers (outputs 1: shape (N,), else (N, outputs)).

    linear: one layer. mlp: two hidden layers of 64. cnn: 3 × 3 convolutions of 32, 64, 64 channels and a layer of 64,
    for images (height, width) or (channels, height, width).
    """
    features = math.prod(input_shape)
    last: list[nn.Module] = [nn.Flatten(0)] if outputs == 1 else []
    if name == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(features, outputs), *last)
    if name == "mlp":
        hidden = [nn.Linear(features, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()]
        return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(64, outputs), *last)
    if name == "cnn":
        return _cnn(input_shape, outputs, last)
    raise ValueError(f"model: expected one of {', '.join(MODELS)}, got {name!r}")


def _cnn(shape: tuple[int, ...], outputs: int, last: list[nn.Module]) -> nn.Module:
    if len(shape) not in (2, 3):
        raise ValueError(
            f"model: a cnn needs images of shape (height, width) or (channels, height, width), got samples of {shape}; "
            "fix: --model mlp"
        )
    channels, height, width = (1, *shape) if len(shape) == 2 else shape
    if min(height, width) < 8:
        raise ValueError(f"model: a cnn needs images of at least 8 x 8, got {height} x {width}; fix: --model mlp")
    front: list[nn.Module] = [nn.Unflatten(1, (1, height))] if len(shape) == 2 else []
    body = nn.Sequential(
        *front,
        nn.Conv2d(channels, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
    )
    with torch.no_grad():
        width_after = body(torch.zeros(1, *shape)).shape[1]
    return nn.Sequential(body, nn.Linear(width_after, 64), nn.ReLU(), nn.Linear(64, outputs), *last)
